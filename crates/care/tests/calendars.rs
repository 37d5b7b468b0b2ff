//! Calendars beside the agenda, on both engines: what an address shows and to whom, and how another calendar blocks times.

use care::CareError;
use care::agenda_setup::ShiftForm;
use care::booking::{Booker, Fit, NewBooking, SlotsWanted};
use clinical::encounter::{AppointmentStep, CancelReason};
use clinical::ids::{PatientId, ServiceId};
use clinical::schedule::shown::Shown;
use jiff::{SignedDuration, Timestamp};
use test_support::{Clinic, engines};

/// March 2026, in central Mexico.
fn at(day_and_time: &str) -> Timestamp {
    format!("2026-03-{day_and_time}:00-06:00").parse().unwrap()
}

async fn clinic_with_hours(engine: test_support::Engine) -> (Clinic, ServiceId) {
    let clinic = Clinic::on(engine).await;
    let setup = clinic.care.agenda_setup(&clinic.reception).await.unwrap();
    let form = ShiftForm {
        practitioner: clinic.physician.practitioner_id.unwrap().to_string(),
        room: setup.rooms[0].id.to_string(),
        from: "09:00".to_owned(),
        until: "11:00".to_owned(),
        days: ["1", "2", "3", "4", "5"].map(str::to_owned).to_vec(),
        step: "30".to_owned(),
        ..ShiftForm::default()
    };
    clinic.care.add_shift(&clinic.reception, &form).await.unwrap();
    let service = setup.services.iter().find(|service| service.name == "Subsecuente").unwrap().id;
    (clinic, service)
}

async fn book(
    clinic: &Clinic,
    patient_id: PatientId,
    service: ServiceId,
    when: &str,
) -> clinical::encounter::Appointment {
    let new = NewBooking {
        patient_id,
        practitioner_id: clinic.physician.practitioner_id.unwrap(),
        service,
        minutes: None,
        starts_at: at(when),
        fit: Fit::Free,
    };
    clinic.care.book(Booker::Staff(&clinic.reception), &new).await.unwrap()
}

async fn free(clinic: &Clinic, service: ServiceId, day: &str) -> Vec<Timestamp> {
    let from = at(&format!("{day}T00:00"));
    let until = from + SignedDuration::from_hours(24);
    let wanted = SlotsWanted { practitioner: None, service, from, until, limit: 200 };
    let slots = clinic.care.free_slots(Booker::Program, &wanted).await.unwrap();
    slots.into_iter().map(|slot| slot.starts_at).collect()
}

#[tokio::test]
async fn a_calendar_shows_what_its_owner_chose_at_an_address_that_can_be_ended() {
    for engine in engines() {
        let (clinic, service) = clinic_with_hours(engine).await;
        let care = &clinic.care;
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let visit = book(&clinic, patient, service, "11T09:00").await;
        let gone = book(&clinic, patient, service, "11T10:00").await;
        care.cancel(Booker::Staff(&clinic.reception), gone.id, CancelReason::PatientAsked).await.unwrap();
        let first = care.share_calendar(&clinic.physician, Shown::Busy).await.unwrap();
        let text = care.shared_calendar(first.expose()).await.unwrap();
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
        assert!(text.contains("SUMMARY:Ocupado") && text.contains("DTSTART:20260311T150000Z"), "{text}");
        assert!(text.contains("STATUS:TENTATIVE"), "{text}");
        let told = |text: &str, words: &[&str]| words.iter().filter(|word| text.contains(**word)).count();
        assert_eq!(told(&text, &["Subsecuente", "Consultorio", "Jacinta", "Ahuehuete", "J.A."]), 0, "{text}");
        care.step_visit(Booker::Staff(&clinic.reception), visit.id, AppointmentStep::Confirm).await.unwrap();
        care.show_in_calendar(&clinic.physician, Shown::Initials).await.unwrap();
        let text = care.shared_calendar(first.expose()).await.unwrap();
        assert!(text.contains("J.A.") && text.contains("LOCATION:Consultorio 1"), "{text}");
        assert!(text.contains("STATUS:CONFIRMED"), "{text}");
        assert_eq!(told(&text, &["Jacinta", "Ahuehuete"]), 0, "{text}");
        // Another address ends the first; leaving off ends that one, too.
        let second = care.share_calendar(&clinic.physician, Shown::Busy).await.unwrap();
        let missing = |found: Result<String, CareError>| matches!(found, Err(CareError::NotFound { .. }));
        assert!(missing(care.shared_calendar(first.expose()).await));
        care.shared_calendar(second.expose()).await.unwrap();
        assert!(care.own_calendar(&clinic.physician).await.unwrap().feed.unwrap().read_at.is_some());
        care.stop_sharing_calendar(&clinic.physician).await.unwrap();
        assert!(missing(care.shared_calendar(second.expose()).await));
        assert!(missing(care.shared_calendar("").await));
        let reception = care.share_calendar(&clinic.reception, Shown::Busy).await;
        assert!(matches!(reception, Err(CareError::Denied { .. })), "{engine:?}");
    }
}

#[tokio::test]
async fn times_of_another_calendar_are_offered_to_nobody_until_it_is_replaced() {
    for engine in engines() {
        let (clinic, service) = clinic_with_hours(engine).await;
        let care = &clinic.care;
        let physician = clinic.physician.practitioner_id.unwrap();
        book(&clinic, clinic.patient("Jacinta", "Olmo").await, service, "11T09:00").await;
        let file = |hours: &str| {
            format!(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Cirugía de la señora Olmo\r\n{hours}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            )
            .into_bytes()
        };
        let weekly = file("DTSTART:20260304T150000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=3");
        let done = care.import_calendar(&clinic.reception, physician, weekly).await.unwrap();
        assert_eq!((done.times, done.unread, done.booked), (2, 0, 1));
        assert_eq!(free(&clinic, service, "18").await, [at("18T10:00"), at("18T10:30")]);
        // They are no absences a person wrote, and can be more.
        assert!(care.agenda_setup(&clinic.reception).await.unwrap().closures.is_empty());
        let other = file("DTSTART:20260318T160000Z\r\nDURATION:PT1H");
        assert_eq!(care.import_calendar(&clinic.physician, physician, other).await.unwrap().times, 1);
        assert_eq!(free(&clinic, service, "18").await, [at("18T09:00"), at("18T09:30")]);
        let refused = care.import_calendar(&clinic.reception, physician, b"%PDF-1.7".to_vec()).await;
        assert!(matches!(refused, Err(CareError::Invalid(_))));
        assert_eq!(free(&clinic, service, "18").await.len(), 2, "what was there stays");
        care.forget_imported(&clinic.reception, physician).await.unwrap();
        assert_eq!(free(&clinic, service, "18").await.len(), 4);
        let auditor = care.import_calendar(&clinic.auditor, physician, Vec::new()).await;
        assert!(matches!(auditor, Err(CareError::Denied { .. })), "{engine:?}");
    }
}
