//! Check-in: it opens the consultation, which waits for the physician and says so to nobody who counts consultations.

use care::audit::AuditFilter;
use care::figures::practice::BoardForm;
use clinical::document::DocumentKind;
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::EncounterId;

use super::*;

/// Every consultation of a patient, newest first.
async fn encounters(clinic: &Clinic, patient: PatientId) -> Vec<Encounter> {
    let mut tx = clinic.care.database().begin().await.unwrap();
    tx.encounters_of_patient(patient, storage::PageRequest::first(20)).await.unwrap().items
}

async fn arrive(clinic: &Clinic, visit: &Appointment) {
    let who = Booker::Staff(&clinic.reception);
    clinic.care.step_visit(who, visit.id, AppointmentStep::Arrive).await.unwrap();
}

/// What the bitácora says of a consultation, oldest first.
async fn told(clinic: &Clinic, id: EncounterId) -> Vec<(String, String)> {
    let page = clinic.care.audit_events(&clinic.auditor, &AuditFilter::default(), 0).await.unwrap();
    let own = page.events.into_iter().rev().filter(|(event, _)| event.entity_id == id.to_string());
    own.filter_map(|(event, _)| Some((event.action.code().to_owned(), event.reason?))).collect()
}

#[tokio::test]
async fn a_check_in_opens_the_consultation_that_the_physician_begins() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = &clinic.care;
        let service = hours(&clinic, "").await;
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let visit = book(&clinic, patient, service, "10T11:00").await;
        arrive(&clinic, &visit).await;
        let arrival = care.now();
        let opened = encounters(&clinic, patient).await;
        let [waiting] = opened.as_slice() else { panic!("{opened:?}") };
        assert_eq!((waiting.state, waiting.appointment_id), (EncounterState::Arrived, Some(visit.id)));
        assert_eq!(waiting.reason, "Subsecuente", "reception writes nothing clinical");
        pass(&clinic, SignedDuration::from_mins(12));

        // It is nobody's consultation in course.
        let day = care.today(&clinic.physician).await.unwrap();
        assert!(day.open.is_empty());
        assert_eq!((day.agenda[0].waiting_since, day.agenda[0].encounter_id), (Some(arrival), None));
        // Who takes the signs sees who came for the physicians.
        let nursing = care.today(&clinic.nurse).await.unwrap();
        assert_eq!(nursing.agenda[0].waiting_since, Some(arrival));
        let chart = care.chart(&clinic.physician, patient, 0).await.unwrap();
        assert!(chart.open.is_empty());
        assert_eq!(chart.waiting, Some((arrival, "Dra. Inés Prueba Ceiba".to_owned())));
        let kind = DocumentKind::PROGRESS_NOTE;
        let read = care.consultation(&clinic.physician, waiting.id, kind).await;
        let heard = care.recording_desk(&clinic.physician, waiting.id).await;
        let told_it = care.attach_transcript(&clinic.physician, waiting.id, kind, b"D: Hola".to_vec()).await;
        for refused in [read.map(drop), heard.map(drop), told_it] {
            assert!(matches!(refused, Err(CareError::Conflict { .. })), "{refused:?}");
        }
        let denied = care.start_appointment(&clinic.reception, visit.id, "").await;
        assert!(matches!(denied, Err(CareError::Denied { .. })));

        let begun = care.start_appointment(&clinic.physician, visit.id, "Dolor de garganta").await.unwrap();
        assert_eq!(begun, waiting.id);
        let after = encounters(&clinic, patient).await;
        let [own] = after.as_slice() else { panic!("{after:?}") };
        assert_eq!((own.state, own.started_at), (EncounterState::InProgress, care.now()));
        assert_eq!(own.reason, "Dolor de garganta");
        let day = care.today(&clinic.physician).await.unwrap();
        assert_eq!((day.agenda[0].waiting_since, day.agenda[0].encounter_id), (None, Some(begun)));
        assert_eq!(care.chart(&clinic.physician, patient, 0).await.unwrap().waiting, None);
        let expected = [("create", "llegada del paciente"), ("update", "inicio de la consulta")];
        let told = told(&clinic, begun).await;
        let told: Vec<_> = told.iter().map(|(action, why)| (action.as_str(), why.as_str())).collect();
        assert_eq!(told, expected, "{engine:?}");
    }
}

#[tokio::test]
async fn who_is_not_seen_after_all_leaves_a_consultation_that_never_was() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let service = hours(&clinic, "").await;
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let who = Booker::Staff(&clinic.reception);
        let visit = book(&clinic, patient, service, "10T11:00").await;
        arrive(&clinic, &visit).await;
        pass(&clinic, SignedDuration::from_mins(40));
        clinic.care.step_visit(who, visit.id, AppointmentStep::Undo).await.unwrap();
        arrive(&clinic, &visit).await;
        clinic.care.cancel(who, visit.id, CancelReason::PatientAsked).await.unwrap();
        let mut all = encounters(&clinic, patient).await;
        all.sort_by_key(|own| own.id);
        assert!(all.iter().all(|own| own.state == EncounterState::Cancelled), "{all:?}");
        let ends = ["se deshizo la llegada", "se canceló la cita"];
        for (own, why) in all.iter().zip(ends) {
            let told = told(&clinic, own.id).await;
            assert_eq!(told.last().map(|(_, why)| why.as_str()), Some(why));
        }
        assert_eq!(all.len(), 2);
        assert_eq!(clinic.care.chart(&clinic.physician, patient, 0).await.unwrap().waiting, None);

        // Only what was begun is counted, and waited for only since the arrival that was no mistake.
        let undone = book(&clinic, patient, service, "10T12:00").await;
        arrive(&clinic, &undone).await;
        clinic.care.step_visit(who, undone.id, AppointmentStep::Undo).await.unwrap();
        pass(&clinic, SignedDuration::from_mins(50));
        arrive(&clinic, &undone).await;
        let waits = clinic.care.practice(&clinic.physician, &BoardForm::default()).await.unwrap();
        assert!(waits.visits.is_empty());
        pass(&clinic, SignedDuration::from_mins(10));
        clinic.care.start_appointment(&clinic.physician, undone.id, "").await.unwrap();
        let board = clinic.care.practice(&clinic.physician, &BoardForm::default()).await.unwrap();
        assert_eq!(board.visits.iter().map(|row| row.n).sum::<i64>(), 1);
        assert_eq!((board.waits.counts, board.waits.minutes), ([1, 0, 0, 0], 10), "{engine:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_who_note_an_arrival_or_begin_at_once_one_consultation_comes() {
    for engine in engines() {
        let clinic = Arc::new(Clinic::on(engine).await);
        let service = hours(&clinic, "").await;
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let visit = book(&clinic, patient, service, "10T11:00").await.id;
        let arrivals: Vec<_> = (0..8)
            .map(|_| {
                let clinic = Arc::clone(&clinic);
                tokio::spawn(async move {
                    let who = Booker::Staff(&clinic.reception);
                    let arrive = || clinic.care.step_visit(who, visit, AppointmentStep::Arrive);
                    insistently(arrive).await.unwrap().state
                })
            })
            .collect();
        for arrival in arrivals {
            assert_eq!(arrival.await.unwrap(), AppointmentState::Arrived);
        }
        let opened = encounters(&clinic, patient).await;
        assert_eq!(opened.iter().map(|own| own.state).collect::<Vec<_>>(), [EncounterState::Arrived]);
        let begun: Vec<_> = (0..8)
            .map(|_| {
                let clinic = Arc::clone(&clinic);
                tokio::spawn(async move {
                    let begin = || clinic.care.start_appointment(&clinic.physician, visit, "");
                    insistently(begin).await.unwrap()
                })
            })
            .collect();
        for begun in begun {
            assert_eq!(begun.await.unwrap(), opened[0].id, "{engine:?}");
        }
        assert_eq!(encounters(&clinic, patient).await.len(), 1);
    }
}

#[tokio::test]
async fn what_was_open_before_stays_and_who_was_here_before_the_program_opened_anything_is_seen() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let care = &clinic.care;
        let service = hours(&clinic, "").await;
        let patient = clinic.patient("Jacinta", "Olmo").await;
        let practitioner = clinic.physician.practitioner_id.unwrap();
        // A note that is still to be written, from before.
        let before = care.start_visit(&clinic.physician, patient, "").await.unwrap();
        pass(&clinic, SignedDuration::from_hours(1));
        let walk_in = care.walk_in(&clinic.reception, patient, practitioner, service).await.unwrap();
        let states = |all: Vec<Encounter>| all.into_iter().map(|own| own.state).collect::<Vec<_>>();
        use EncounterState as State;
        assert_eq!(states(encounters(&clinic, patient).await), [State::Arrived, State::InProgress]);
        let chart = care.chart(&clinic.physician, patient, 0).await.unwrap();
        assert_eq!(chart.open.iter().map(|own| own.id).collect::<Vec<_>>(), [before]);
        let begun = care.start_appointment(&clinic.physician, walk_in.id, "").await.unwrap();
        assert_ne!(begun, before);
        assert_eq!(states(encounters(&clinic, patient).await), [State::InProgress, State::InProgress]);

        // Opened by mistake: they still wait, since they came.
        care.cancel_encounter(&clinic.physician, begun).await.unwrap();
        let day = care.today(&clinic.physician).await.unwrap();
        let line = day.agenda.iter().find(|line| line.appointment.id == walk_in.id).unwrap();
        assert_eq!(line.waiting_since, Some(walk_in.starts_at));
        let other = care.start_visit(&clinic.physician, patient, "").await.unwrap();
        assert_eq!(care.start_appointment(&clinic.physician, walk_in.id, "").await.unwrap(), other);

        // An arrival noted by the program as it was has no consultation; it is begun as without a check-in.
        let old = Appointment { id: clinical::ids::AppointmentId(uuid::Uuid::now_v7()), ..walk_in };
        let mut tx = care.database().begin().await.unwrap();
        tx.insert_appointment(&old).await.unwrap();
        tx.commit().await.unwrap();
        let day = care.today(&clinic.physician).await.unwrap();
        let line = day.agenda.iter().find(|line| line.appointment.id == old.id).unwrap();
        assert_eq!((line.appointment.state, line.waiting_since), (AppointmentState::Arrived, None));
        care.start_appointment(&clinic.physician, old.id, "").await.unwrap();
        assert_eq!(state(&clinic, &old).await, AppointmentState::InConsultation, "{engine:?}");
    }
}
