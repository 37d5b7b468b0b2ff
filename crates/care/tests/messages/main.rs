//! From the patient's message to the chair, through the services and a fake WhatsApp: booked, reminded, moved by text,
//! confirmed; another cancels and the waiting list fills the time. Beside it: the other ways to a patient, and `kill -9`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cancelled;
mod killed;
mod practice;
mod ways;

use care::booking::Booker;
use care::waiting_list::Wish;
use clinical::encounter::AppointmentState;
use clinical::schedule::waiting::DayPart;
use jiff::civil::date;
use messaging::words::telling;
use test_support::whatsapp::Treatment;
use test_support::{Engine, engines};

use practice::{JACINTA, Practice, ROSA, payload, row, said, template};

#[tokio::test]
async fn a_patient_asks_books_is_reminded_moves_the_visit_by_text_and_confirms() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let offered = practice.writes(JACINTA, "Buenos días, quiero una cita para el viernes").await;
        let (token, title) = row(&offered, 0);
        assert_eq!(title, "vie 13 mar, 09:00");
        let booked = practice.touches(JACINTA, &token).await;
        assert!(said(&booked).starts_with("Hola, Jacinta. Le escribimos de Consultorio Ceiba. Su cita quedó agendada para el viernes 13 de marzo a las 09:00 h, en Av. Juárez 10, con la Dra. Prueba."), "{}", said(&booked));
        assert!(practice.turn().await.is_empty(), "it is not told twice");

        // The next day, with the window closed: the reminder is a template.
        practice.set("12T09:30");
        let reminder = practice.turn().await;
        assert_eq!(reminder.iter().map(template).collect::<Vec<_>>(), ["cita_recordatorio"]);
        assert_eq!(reminder[0]["to"], "525512345678");
        practice.told(practice.fake.notifications()).await;
        assert!(practice.turn().await.is_empty());

        let list = practice.writes(JACINTA, "¿La puede cambiar al lunes 23 a las 10?").await;
        let titles: Vec<String> = (0..3).map(|at| row(&list, at).1).collect();
        assert!(titles.contains(&"lun 23 mar, 10:00".to_owned()), "{titles:?}");
        let wanted =
            (0..9).map(|at| row(&list, at)).find(|(_, title)| title == "lun 23 mar, 10:00").unwrap().0;
        let moved = practice.touches(JACINTA, &wanted).await;
        assert!(said(&moved).contains("ahora es el lunes 23 de marzo a las 10:00 h"), "{}", said(&moved));
        let again = practice.touches(JACINTA, &wanted).await;
        assert!(
            said(&again).starts_with("Su cita es el lunes 23 de marzo"),
            "a choice is good once: {}",
            said(&again)
        );
        let stale = practice.touches(JACINTA, &payload(&reminder[0], 2)).await;
        assert!(
            said(&stale).starts_with("Su cita es el lunes 23 de marzo"),
            "an old button cancels nothing: {}",
            said(&stale)
        );

        let confirmed = practice.writes(JACINTA, "Sí, ahí estaré, gracias").await;
        assert!(said(&confirmed).contains("está confirmada"), "{}", said(&confirmed));
        practice.set("23T08:30");
        assert!(practice.turn().await.is_empty(), "who confirmed is not asked again on the day");
        let visits = practice.care.today(&practice.clinic.reception).await.unwrap().agenda;
        assert_eq!(visits.len(), 1);
        assert_eq!(visits[0].appointment.state, AppointmentState::Confirmed);
        assert_eq!(visits[0].appointment.patient_id, jacinta);
        for body in practice.fake.taken() {
            assert_eq!(telling(&body.to_string()), None, "{body}");
            assert!(!body.to_string().contains("Olmo"), "never the whole name: {body}");
        }
    }
}

#[tokio::test]
async fn a_visit_given_up_by_button_goes_to_the_first_of_the_waiting_list_who_takes_it() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let rosa = practice.patient("Rosa", "222 123 4567", true).await;
        let visit = practice.book(jacinta, "12T10:00").await;
        let wish = Wish {
            patient_id: rosa,
            practitioner_id: None,
            service: practice.service,
            from: date(2026, 3, 10),
            until: date(2026, 3, 20),
            part: DayPart::Any,
        };
        practice.care.join_waiting_list(Booker::Staff(&practice.clinic.reception), &wish).await.unwrap();
        let told = practice.turn().await;
        assert_eq!(told.iter().map(template).collect::<Vec<_>>(), ["cita_agendada"]);

        let body =
            practice.fake.touches("5215512345678", &payload(&told[0], 2), practice.care.now().as_second());
        practice.told(vec![body]).await;
        let sent = practice.turn().await;
        let cancelled = sent.iter().find(|body| body["to"] == "525512345678").unwrap();
        assert!(said(cancelled).contains("quedó cancelada"), "{}", said(cancelled));
        let offer = sent.iter().find(|body| body["to"] == "522221234567").unwrap();
        assert_eq!(template(offer), "cita_lugar_disponible");
        assert_eq!(practice.state(&visit).await.state, AppointmentState::Cancelled);

        let taken = practice.touches(ROSA, &payload(offer, 0)).await;
        assert!(said(&taken).contains("jueves 12 de marzo a las 10:00 h"), "{}", said(&taken));
        practice.set("12T08:30");
        let day = practice.care.today(&practice.clinic.reception).await.unwrap().agenda;
        let standing: Vec<_> =
            day.iter().filter(|line| line.appointment.state == AppointmentState::Confirmed).collect();
        assert_eq!(standing.len(), 1);
        assert_eq!(standing[0].appointment.patient_id, rosa);
    }
}

#[tokio::test]
async fn nothing_is_sent_to_who_did_not_agree_nor_at_night_nor_after_a_no() {
    let practice = Practice::on(Engine::Embedded).await;
    let jacinta = practice.patient("Jacinta", "55 1234 5678", false).await;
    practice.book(jacinta, "13T10:00").await;
    assert!(practice.turn().await.is_empty(), "nobody asked her");
    practice.answer_consent(jacinta, true).await;
    practice.set("10T21:30");
    assert!(practice.turn().await.is_empty(), "at night nobody is written to");
    practice.set("11T08:00");
    // Planned while she agreed; she withdraws before it is sent.
    practice.care.plan_messages().await.unwrap();
    practice.answer_consent(jacinta, false).await;
    assert!(practice.turn().await.is_empty(), "the last step refuses");

    practice.answer_consent(jacinta, true).await;
    let stopped = practice.writes(JACINTA, "BAJA").await;
    assert!(said(&stopped).contains("ya no le enviaremos avisos"), "{}", said(&stopped));
    practice.set("12T09:00");
    practice.book(jacinta, "13T11:00").await;
    assert!(practice.turn().await.is_empty(), "silence after BAJA");
    let again = practice.writes(JACINTA, "alta").await;
    assert!(said(&again).contains("volverá a recibir"), "{}", said(&again));
}

#[tokio::test]
async fn what_is_not_understood_is_for_a_person_and_what_was_not_sent_is_told_by_telephone() {
    let practice = Practice::on(Engine::Embedded).await;
    let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
    let answer = practice.writes(JACINTA, "Sí, pero desde ayer tengo fiebre").await;
    assert!(
        said(&answer).contains("Una persona de Consultorio Ceiba") && said(&answer).contains("911"),
        "{}",
        said(&answer)
    );
    let body = practice.fake.writes("5215512345678", "¿siguen ahí?", practice.care.now().as_second());
    practice.told(vec![body]).await;
    assert!(practice.turn().await.is_empty(), "it is said once");
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert_eq!(desk.waiting.len(), 1);
    assert_eq!(desk.waiting[0].patients.iter().map(|patient| patient.id).collect::<Vec<_>>(), [jacinta]);
    assert_eq!(desk.waiting[0].texts.len(), 2);
    practice.care.conversation_done(&practice.clinic.reception, desk.waiting[0].who.id).await.unwrap();

    practice.fake.treat(|_, _| Treatment::Refuse(131_026, 400));
    practice.set("12T11:00");
    practice.book(jacinta, "13T10:00").await;
    assert!(practice.turn().await.is_empty());
    assert!(practice.turn().await.is_empty(), "the other form of the number is tried once");
    assert!(practice.turn().await.is_empty());
    assert_eq!(practice.fake.came(), 3, "the answer to her text, and two forms of the number");
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert!(desk.waiting.is_empty());
    assert_eq!(desk.unsent.len(), 1);
    assert!(desk.unsent[0].why.contains("llame por teléfono"), "{}", desk.unsent[0].why);
    practice.care.said_by_telephone(&practice.clinic.reception, desk.unsent[0].id).await.unwrap();

    // A bad token stops everything until the owner mended it; nothing is lost.
    practice.fake.treat(|_, _| Treatment::Refuse(190, 401));
    let rosa = practice.patient("Rosa", "222 123 4567", true).await;
    practice.book(rosa, "17T10:00").await;
    assert!(practice.turn().await.is_empty());
    practice.fake.treat(|_, _| Treatment::Accept);
    assert!(practice.turn().await.is_empty(), "nothing is tried while the alarm stands");
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert_eq!(desk.alarms.iter().map(|alarm| alarm.name.as_str()).collect::<Vec<_>>(), ["token"]);
    practice.care.alarm_mended(&practice.clinic.physician, "token").await.unwrap();
    assert_eq!(practice.turn().await.iter().map(template).collect::<Vec<_>>(), ["cita_agendada"]);
}
