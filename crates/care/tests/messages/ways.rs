//! The other ways to a patient: e-mail over TLS, a list to call from, another number of the practice, a hidden number.

use std::collections::BTreeSet;
use std::sync::Arc;

use care::booking::{Booker, Fit, NewTime};
use care::messages::{Channels, TOKEN_ENDS};
use care::waiting_list::Wish;
use clinical::encounter::{AppointmentStep, CancelReason};
use clinical::ids::PatientId;
use clinical::schedule::waiting::DayPart;
use jiff::SignedDuration;
use jiff::civil::date;
use messaging::mail::Mailer;
use messaging::wording::TEMPLATES;
use messaging::words::telling;
use test_support::smtp::FakeSmtp;
use test_support::whatsapp::{NUMBER_ID, OTHER_NUMBER_ID, Treatment};
use test_support::{Engine, engines};

use crate::practice::{JACINTA, Practice, at, channels, form, said, template};

fn mail(server: &FakeSmtp, password: Option<&str>) -> Channels {
    Channels::default().with_mail(Arc::new(Mailer::new(&server.server(password)).unwrap()))
}

/// Somebody with an address, who agrees to e-mail and to nothing else.
async fn reader(practice: &Practice, given: &str, address: &str) -> PatientId {
    let form = care::patients::PatientForm { email: address.to_owned(), ..form(given, "55 1234 5678") };
    let id = practice.care.register_patient(&practice.clinic.physician, &form).await.unwrap().id;
    practice.answer(id, "email", true).await;
    id
}

#[tokio::test]
async fn who_agreed_to_e_mail_is_written_to_over_tls_and_nothing_clinical_is_in_it() {
    for engine in engines() {
        let server = FakeSmtp::start();
        let practice = Practice::with(engine, |_| mail(&server, None)).await;
        let jacinta = reader(&practice, "Jacinta", "jacinta@ejemplo.mx").await;
        practice.book(jacinta, "13T10:00").await;
        practice.turn().await;
        practice.set("12T10:30");
        practice.turn().await;
        let taken = server.taken();
        assert_eq!(taken.len(), 2, "booked, and the day before");
        assert!(taken[0].contains("To: jacinta@ejemplo.mx"), "{}", taken[0]);
        assert!(taken[0].contains("Su cita quedó agendada para el viernes 13 de marzo a las 10:00 h, en Av. Juárez 10, con la Dra. Prueba."), "{}", taken[0]);
        assert!(taken[1].contains("Le recordamos que mañana, viernes 13 de marzo"), "{}", taken[1]);
        for mail in &taken {
            assert_eq!(telling(mail), None, "{mail}");
            assert!(!mail.contains("Olmo"), "never the whole name: {mail}");
            let subject = mail.lines().find(|line| line.starts_with("Subject: ")).unwrap();
            assert_eq!(subject, "Subject: Consultorio Ceiba: aviso de su cita");
        }
        // Withdrawn after it was planned: the last step refuses.
        practice.set("16T10:30");
        practice.book(jacinta, "17T11:00").await;
        practice.care.plan_messages().await.unwrap();
        practice.answer(jacinta, "email", false).await;
        practice.turn().await;
        assert_eq!(server.taken().len(), 2);
    }
}

#[tokio::test]
async fn an_address_that_takes_nothing_is_for_a_person_and_a_server_that_lets_nobody_in_loses_nothing() {
    let server = FakeSmtp::start();
    let practice = Practice::with(Engine::Embedded, |_| mail(&server, None)).await;
    let nobody = reader(&practice, "Jacinta", "nadie@ejemplo.mx").await;
    practice.book(nobody, "13T10:00").await;
    practice.turn().await;
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert_eq!(desk.unsent.len(), 1);
    assert!(desk.unsent[0].why.contains("revise la dirección"), "{}", desk.unsent[0].why);

    let shut = practice.care.clone().with_channels(mail(&server, Some("otra")));
    let rosa = reader(&practice, "Rosa", "rosa@ejemplo.mx").await;
    practice.book(rosa, "13T11:00").await;
    shut.plan_messages().await.unwrap();
    shut.send_messages().await.unwrap();
    shut.send_messages().await.unwrap();
    let desk = practice.care.message_desk(&practice.clinic.reception).await.unwrap();
    assert_eq!(desk.alarms.iter().map(|alarm| alarm.name.as_str()).collect::<Vec<_>>(), ["mail"]);
    assert_eq!(desk.queued, 1, "it waits");
    practice.care.alarm_mended(&practice.clinic.physician, "mail").await.unwrap();
    practice.care.send_messages().await.unwrap();
    assert!(server.taken()[0].contains("To: rosa@ejemplo.mx"));
}

#[tokio::test]
async fn whom_whatsapp_does_not_reach_is_written_to_by_e_mail_where_they_agreed() {
    let server = FakeSmtp::start();
    let mailer: Arc<Mailer> = Arc::new(Mailer::new(&server.server(None)).unwrap());
    let practice = Practice::with(Engine::Embedded, |base| channels(base).with_mail(mailer)).await;
    let jacinta = reader(&practice, "Jacinta", "jacinta@ejemplo.mx").await;
    practice.answer_consent(jacinta, true).await;
    practice.fake.treat(|_, _| Treatment::Refuse(131_026, 400));
    practice.book(jacinta, "13T10:00").await;
    for _ in 0..3 {
        practice.turn().await;
    }
    assert_eq!(practice.fake.came(), 2, "both forms of the number were tried");
    assert_eq!(server.taken().len(), 1);
    practice.set("12T10:30");
    practice.turn().await;
    assert_eq!(practice.fake.came(), 2, "and not tried again the next day");
    assert_eq!(server.taken().len(), 2);
    assert!(practice.care.message_desk(&practice.clinic.reception).await.unwrap().unsent.is_empty());
}

#[tokio::test]
async fn a_practice_without_whatsapp_calls_from_a_list() {
    for engine in engines() {
        let practice = Practice::with(engine, |_| Channels::default()).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let silent = practice.patient("Rosa", "222 123 4567", false).await;
        practice.book(jacinta, "13T10:00").await;
        practice.book(silent, "13T11:00").await;
        practice.turn().await;
        let list = async || practice.care.message_desk(&practice.clinic.reception).await.unwrap().unsent;
        assert!(list().await.is_empty(), "nobody is called to be told what they just said");
        practice.set("12T10:30");
        practice.turn().await;
        let due = list().await;
        assert_eq!(due.len(), 1, "who did not agree is not called");
        assert_eq!(due[0].patient.as_ref().map(|patient| patient.id), Some(jacinta));
        assert!(due[0].text.contains("mañana, viernes 13 de marzo, a las 10:00 h"), "{}", due[0].text);
        practice.care.said_by_telephone(&practice.clinic.reception, due[0].id).await.unwrap();
        assert!(list().await.is_empty());
        // Not confirmed in the morning: they are called again; once the visit is over nobody is.
        practice.set("13T08:30");
        practice.turn().await;
        assert_eq!(list().await.len(), 1);
        practice.set("13T10:30");
        assert!(list().await.is_empty());
    }
}

#[tokio::test]
async fn who_writes_to_another_number_of_the_practice_is_answered_from_it() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        practice.patient("Jacinta", "55 1234 5678", true).await;
        let at = practice.care.now().as_second();
        practice.told(vec![practice.fake.writes_to("999", "5215512345678", "hola", at)]).await;
        assert!(practice.turn().await.is_empty(), "a number that is not ours");
        practice
            .told(vec![practice.fake.writes_to(OTHER_NUMBER_ID, "5215512345678", "¿quién eres?", at)])
            .await;
        practice.one().await;
        practice.writes(JACINTA, "¿quién eres?").await;
        assert_eq!(practice.fake.senders(), [OTHER_NUMBER_ID, NUMBER_ID]);
    }
}

#[tokio::test]
async fn who_hides_their_number_is_answered_by_the_id_of_the_business() {
    let practice = Practice::on(Engine::Embedded).await;
    let at = practice.care.now().as_second();
    practice.told(vec![practice.fake.hidden_writes("MX.13491208655302741918", "¿quién eres?", at)]).await;
    let answer = practice.one().await;
    assert_eq!(answer["to"], "MX.13491208655302741918");
    assert!(said(&answer).starts_with("Le escribimos de Consultorio Ceiba"), "{}", said(&answer));
    practice.told(vec![practice.fake.hidden_writes("MX.13491208655302741918", "quiero una cita", at)]).await;
    let answer = practice.one().await;
    assert!(said(&answer).contains("Una persona de"), "nobody knows whose visit: {}", said(&answer));
}

#[tokio::test]
async fn the_owner_is_told_of_a_token_that_ends_in_two_weeks_and_messages_go_on() {
    let practice = Practice::on(Engine::Embedded).await;
    let ends = practice.care.now() + SignedDuration::from_hours(24 * 20);
    practice.care.token_ends(Some(ends)).await.unwrap();
    let alarms = async || practice.care.message_office(&practice.clinic.physician).await.unwrap().alarms;
    assert!(alarms().await.is_empty());
    practice.set("18T10:00");
    practice.care.token_ends(Some(ends)).await.unwrap();
    let raised = alarms().await;
    assert_eq!(raised.iter().map(|alarm| alarm.name.as_str()).collect::<Vec<_>>(), [TOKEN_ENDS]);
    assert_eq!(raised[0].detail, "lunes 30 de marzo");
    let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
    practice.book(jacinta, "20T10:00").await;
    assert_eq!(practice.turn().await.iter().map(template).collect::<Vec<_>>(), ["cita_agendada"]);
    practice.care.token_ends(None).await.unwrap();
    assert!(alarms().await.is_empty(), "the new one does not end");
}

/// A word no message has, for every field of a record; only the first name may leave.
fn marked(given: &str) -> care::patients::PatientForm {
    let word = |field: &str| format!("Marca{field}");
    care::patients::PatientForm {
        first_surname: word("primero"),
        second_surname: word("segundo"),
        birth_date: "12/01/1962".to_owned(),
        address: word("domicilio"),
        occupation: word("ocupacion"),
        nationality: word("nacion"),
        municipality: word("municipio"),
        locality: word("localidad"),
        language: word("lengua"),
        email: "jacinta@ejemplo.mx".to_owned(),
        ..form(given, "55 1234 5678")
    }
}

/// Everything that was sent in the life of a visit: booked, reminded three times, moved, cancelled, offered, asked about.
async fn whole_life(practice: &Practice, purpose: &str) -> PatientId {
    let (care, reception) = (&practice.care, &practice.clinic.reception);
    let id =
        care.register_patient(&practice.clinic.physician, &marked("Jacinta Nombredos")).await.unwrap().id;
    practice.answer(id, purpose, true).await;
    let visit = practice.book(id, "20T10:00").await;
    for when in ["10T10:05", "17T10:30", "19T10:30", "20T08:30"] {
        practice.set(when);
        practice.turn().await;
    }
    let time = NewTime { practitioner_id: visit.practitioner_id, starts_at: at("23T10:00"), fit: Fit::Free };
    care.reschedule(Booker::Staff(reception), visit.id, &time).await.unwrap();
    practice.turn().await;
    let wish = Wish {
        patient_id: id,
        practitioner_id: None,
        service: practice.service,
        from: date(2026, 3, 23),
        until: date(2026, 3, 27),
        part: DayPart::Any,
    };
    care.join_waiting_list(Booker::Staff(reception), &wish).await.unwrap();
    let other = practice.patient("Rosa", "222 123 4567", false).await;
    let taken = practice.book(other, "24T11:00").await;
    let asked = practice.book(id, "24T12:00").await;
    let mistake = practice.book(id, "24T13:00").await;
    practice.turn().await;
    for (left, why) in [
        (taken.id, CancelReason::PatientAsked),
        (visit.id, CancelReason::ProfessionalAway),
        (asked.id, CancelReason::PatientAsked),
        (mistake.id, CancelReason::Mistake),
    ] {
        care.cancel(Booker::Staff(reception), left, why).await.unwrap();
        practice.turn().await;
        practice.pass_the_undoing();
        practice.turn().await;
    }
    practice.set("20T13:00");
    care.expire_offers().await.unwrap();
    practice.turn().await;
    care.step_visit(Booker::Staff(reception), mistake.id, AppointmentStep::Undo).await.unwrap();
    practice.turn().await;
    id
}

fn keeps_to_itself(said: &str) {
    for word in ["Marca", "Nombredos", "Subsecuente", "1962", "estará"] {
        assert!(!said.contains(word), "«{word}» in: {said}");
    }
    assert_eq!(telling(said), None, "{said}");
}

#[tokio::test]
async fn of_a_record_only_the_first_name_leaves_whatever_is_said_and_whichever_way() {
    let practice = Practice::on(Engine::Embedded).await;
    whole_life(&practice, "messaging").await;
    for text in [
        "¿a qué hora es mi cita?",
        "quiero una cita",
        "quiero hablar con la doctora",
        "gracias",
        "BAJA",
        "ALTA",
    ] {
        let at = practice.care.now().as_second();
        practice.told(vec![practice.fake.writes("5215512345678", text, at)]).await;
        practice.turn().await;
    }
    let taken = practice.fake.taken();
    let templates: BTreeSet<&str> = taken.iter().map(template).filter(|name| !name.is_empty()).collect();
    for name in TEMPLATES.iter().filter_map(|wording| wording.template) {
        assert!(templates.contains(name), "{name} was not among {templates:?}");
    }
    assert!(taken.len() >= templates.len() + 4, "{} messages", taken.len());
    taken.iter().for_each(|body| keeps_to_itself(&body.to_string()));

    let server = FakeSmtp::start();
    let practice = Practice::with(Engine::Embedded, |_| mail(&server, None)).await;
    whole_life(&practice, "email").await;
    let mails = server.taken();
    assert!(mails.len() >= 6, "{} e-mails", mails.len());
    mails.iter().for_each(|mail| keeps_to_itself(mail));
}
