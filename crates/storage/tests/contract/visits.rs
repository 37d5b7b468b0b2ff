//! The agenda and the consultations.

use clinical::document::DocumentKind;
use clinical::encounter::{Appointment, AppointmentState, Encounter, EncounterState};
use clinical::ids::{AppointmentId, EncounterId, PractitionerId};
use clinical::transcript::Transcript;
use storage::{PageRequest, StorageError};
use uuid::Uuid;

use crate::place::{Place, at, practitioner};

on_both_engines!(
    the_agenda_shows_the_visits_of_a_day_in_order_with_whose_they_are,
    a_visit_moves_only_from_the_state_it_is_in,
    the_consultations_of_a_patient_come_newest_first,
    consultations_in_progress_wait_in_a_list,
    a_consultation_nobody_began_is_in_no_list_and_takes_no_text,
);

fn appointment(place: &Place, seconds: i64) -> Appointment {
    Appointment {
        id: AppointmentId(Uuid::now_v7()),
        patient_id: place.patient,
        practitioner_id: place.practitioner,
        starts_at: at(seconds),
        minutes: 20,
        buffer: 0,
        lane: Some(0),
        room_id: None,
        service: "Control".to_owned(),
        state: AppointmentState::Booked,
    }
}

async fn the_agenda_shows_the_visits_of_a_day_in_order_with_whose_they_are(place: Place) {
    let (late, early, tomorrow) =
        (appointment(&place, 7200), appointment(&place, 3600), appointment(&place, 10_800));
    let other = PractitionerId(Uuid::now_v7());
    let mut tx = place.begin().await;
    tx.insert_practitioner(&practitioner(other)).await.unwrap();
    for visit in [&late, &early, &tomorrow] {
        tx.insert_appointment(visit).await.unwrap();
    }
    let encounter = Encounter {
        id: EncounterId(Uuid::now_v7()),
        patient_id: place.patient,
        practitioner_id: place.practitioner,
        appointment_id: Some(early.id),
        started_at: at(3601),
        reason: String::new(),
        state: EncounterState::InProgress,
        document: clinical::document::DocumentKind::PROGRESS_NOTE,
    };
    tx.insert_encounter(&encounter).await.unwrap();
    let agenda = tx.agenda(at(3600), at(10_800), None).await.unwrap();
    assert_eq!(agenda.iter().map(|entry| &entry.appointment).collect::<Vec<_>>(), [&early, &late]);
    assert_eq!(agenda[0].encounter_id, Some(encounter.id));
    assert_eq!(agenda[1].encounter_id, None);
    assert!(agenda.iter().all(|entry| entry.patient.id == place.patient));
    assert_eq!(tx.agenda(at(0), at(99_999), Some(place.practitioner)).await.unwrap().len(), 3);
    assert!(tx.agenda(at(0), at(99_999), Some(other)).await.unwrap().is_empty());
    let visits = tx.appointments_of_patient(place.patient, PageRequest::first(2)).await.unwrap();
    assert_eq!(visits, [tomorrow, late]);
}

async fn a_visit_moves_only_from_the_state_it_is_in(place: Place) {
    let visit = appointment(&place, 100);
    let mut tx = place.begin().await;
    tx.insert_appointment(&visit).await.unwrap();
    let (booked, arrived) = (AppointmentState::Booked, AppointmentState::Arrived);
    tx.set_appointment_state(visit.id, booked, arrived).await.unwrap();
    let again = tx.set_appointment_state(visit.id, booked, arrived).await;
    assert!(matches!(again, Err(StorageError::Conflict { .. })));
    assert_eq!(tx.appointment(visit.id).await.unwrap().unwrap().state, arrived);
}

async fn the_consultations_of_a_patient_come_newest_first(place: Place) {
    let mut encounters = Vec::new();
    for seconds in [10, 30, 20] {
        encounters.push(place.new_encounter(seconds).await);
    }
    let mut tx = place.begin().await;
    let page = tx.encounters_of_patient(place.patient, PageRequest { limit: 2, offset: 1 }).await.unwrap();
    assert_eq!((page.items, page.total), (vec![encounters[2].clone(), encounters[0].clone()], 3));
    assert_eq!(tx.encounter(encounters[1].id).await.unwrap().as_ref(), Some(&encounters[1]));
}

async fn consultations_in_progress_wait_in_a_list(place: Place) {
    let (first, second) = (place.new_encounter(10).await, place.new_encounter(20).await);
    let mut tx = place.begin().await;
    tx.save_transcript(first.id, &Transcript::default(), place.user, at(11)).await.unwrap();
    tx.save_draft(second.id, DocumentKind::PROGRESS_NOTE, 0, "{}", place.user, at(21)).await.unwrap();
    let open = tx.open_encounters(Some(place.practitioner)).await.unwrap();
    let shown: Vec<_> = open.iter().map(|e| (e.encounter.id, e.has_transcript, e.has_draft)).collect();
    assert_eq!(shown, [(first.id, true, false), (second.id, false, true)]);
    let (progress, finished) = (EncounterState::InProgress, EncounterState::Finished);
    tx.set_encounter_state(first.id, progress, finished).await.unwrap();
    let again = tx.set_encounter_state(first.id, progress, finished).await;
    assert!(matches!(again, Err(StorageError::Conflict { .. })));
    assert_eq!(tx.open_encounters(None).await.unwrap().len(), 1);
}

async fn a_consultation_nobody_began_is_in_no_list_and_takes_no_text(place: Place) {
    let visit = appointment(&place, 100);
    let waiting = |seconds| Encounter {
        id: EncounterId(Uuid::now_v7()),
        patient_id: place.patient,
        practitioner_id: place.practitioner,
        appointment_id: Some(visit.id),
        started_at: at(seconds),
        reason: String::new(),
        state: EncounterState::Arrived,
        document: DocumentKind::PROGRESS_NOTE,
    };
    let own = waiting(90);
    let mut tx = place.begin().await;
    tx.insert_appointment(&visit).await.unwrap();
    tx.insert_encounter(&own).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let second = tx.insert_encounter(&waiting(95)).await;
    assert!(matches!(second, Err(StorageError::NotUnique { .. })), "{second:?}");
    drop(tx);
    let mut tx = place.begin().await;
    assert!(tx.open_encounters(None).await.unwrap().is_empty());
    let line = tx.agenda(at(100), at(101), None).await.unwrap().pop().unwrap();
    assert_eq!((line.encounter_id, line.waiting_since), (None, Some(at(90))));
    let written = tx.save_draft(own.id, DocumentKind::PROGRESS_NOTE, 0, "{}", place.user, at(96)).await;
    assert!(matches!(written, Err(StorageError::EncounterClosed)), "{written:?}");
    assert_eq!(tx.waiting_encounter(visit.id).await.unwrap(), Some(own.id));
    let begun = Encounter { started_at: at(110), state: EncounterState::InProgress, ..own };
    tx.begin_encounter(&begun).await.unwrap();
    assert!(matches!(tx.begin_encounter(&begun).await, Err(StorageError::Conflict { .. })));
    let line = tx.agenda(at(100), at(101), None).await.unwrap().pop().unwrap();
    assert_eq!((line.encounter_id, line.waiting_since), (Some(begun.id), None));
}
