//! A visit that will not take place, as its patient is told: with thanks or with an apology, by who gave it up.

use care::booking::Booker;
use care::waiting_list::Wish;
use clinical::encounter::{AppointmentStep, CancelReason};
use clinical::ids::PatientId;
use clinical::schedule::waiting::DayPart;
use jiff::civil::date;
use serde_json::Value;
use test_support::engines;

use crate::practice::{JACINTA, Practice, payload, said, template};

async fn waits(practice: &Practice, patient_id: PatientId) {
    let wish = Wish {
        patient_id,
        practitioner_id: None,
        service: practice.service,
        from: date(2026, 3, 10),
        until: date(2026, 3, 20),
        part: DayPart::Any,
    };
    practice.care.join_waiting_list(Booker::Staff(&practice.clinic.reception), &wish).await.unwrap();
}

fn templates(sent: &[Value]) -> Vec<&str> {
    sent.iter().map(template).collect()
}

#[tokio::test]
async fn who_gave_a_visit_up_decides_how_its_patient_is_told() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let who = Booker::Staff(&practice.clinic.reception);
        for (reason, hour, name) in [
            (CancelReason::PatientAsked, "12T09:00", "cita_cancelada"),
            (CancelReason::ProfessionalAway, "12T10:00", "cita_suspendida"),
            (CancelReason::Mistake, "12T11:00", "cita_por_error"),
        ] {
            let visit = practice.book(jacinta, hour).await;
            practice.turn().await;
            practice.care.cancel(who, visit.id, reason).await.unwrap();
            assert_eq!(templates(&practice.turn().await), [name], "{engine:?}, {reason:?}");
            assert!(practice.turn().await.is_empty(), "it is told once");
        }
    }
}

#[tokio::test]
async fn an_offered_time_that_is_not_taken_is_no_cancelled_visit_and_its_patient_goes_on_waiting() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let rosa = practice.patient("Rosa", "222 123 4567", false).await;
        let who = Booker::Staff(&practice.clinic.reception);
        waits(&practice, jacinta).await;
        let freed = async |hour: &str| {
            let visit = practice.book(rosa, hour).await;
            practice.care.cancel(who, visit.id, CancelReason::PatientAsked).await.unwrap();
            assert!(practice.turn().await.is_empty(), "it can still be undone");
            practice.pass_the_undoing();
            practice.one().await
        };

        let offer = freed("12T09:00").await;
        assert_eq!(template(&offer), "cita_lugar_disponible");
        practice.set("10T13:30");
        assert_eq!(practice.care.expire_offers().await.unwrap(), 1);
        assert_eq!(templates(&practice.turn().await), ["cita_lugar_vencido"]);
        let late = practice.touches(JACINTA, &payload(&offer, 0)).await;
        assert!(said(&late).starts_with("Una disculpa: ese horario se acaba de ocupar"), "{}", said(&late));

        let offer = freed("12T10:00").await;
        let declined = practice.touches(JACINTA, &offered(&offer, 1)).await;
        let text = said(&declined);
        assert!(
            text.starts_with("Gracias por responder. Ya no le guardamos el lugar del jueves 12"),
            "{text}"
        );
        assert!(practice.turn().await.is_empty(), "it is told once");
        let list = practice.care.waiting_list(&practice.clinic.reception).await.unwrap();
        assert_eq!(list.iter().map(|one| one.patient.id).collect::<Vec<_>>(), [jacinta], "{engine:?}");
    }
}

#[tokio::test]
async fn who_was_told_of_a_cancellation_that_is_taken_back_is_told_that_the_visit_stands() {
    for engine in engines() {
        let practice = Practice::on(engine).await;
        let jacinta = practice.patient("Jacinta", "55 1234 5678", true).await;
        let who = Booker::Staff(&practice.clinic.reception);
        let visit = practice.book(jacinta, "20T10:00").await;
        practice.turn().await;
        let undo = async || practice.care.step_visit(who, visit.id, AppointmentStep::Undo).await.unwrap();
        let cancel =
            async || practice.care.cancel(who, visit.id, CancelReason::ProfessionalAway).await.unwrap();
        cancel().await;
        undo().await;
        assert!(practice.turn().await.is_empty(), "nothing was said of it");
        for hour in 11..=12 {
            practice.set(&format!("10T{hour}:00"));
            cancel().await;
            assert_eq!(templates(&practice.turn().await), ["cita_suspendida"], "{engine:?}");
            practice.set(&format!("10T{hour}:30"));
            undo().await;
            assert_eq!(templates(&practice.turn().await), ["cita_vigente"], "{engine:?}");
            assert!(practice.turn().await.is_empty(), "it is told once");
        }
        practice.set("19T10:30");
        assert_eq!(templates(&practice.turn().await), ["cita_recordatorio"], "it is a visit as any other");
    }
}

/// What comes back from a button inside the window of a conversation.
fn offered(body: &Value, button: usize) -> String {
    let at = format!("/interactive/action/buttons/{button}/reply/id");
    body.pointer(&at).unwrap().as_str().unwrap().to_owned()
}
