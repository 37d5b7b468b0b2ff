//! A chart with a thousand consultations is read in a handful of statements.

use std::time::{Duration, Instant};

use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::EncounterId;
use clinical::observation::{Amount, VitalKind, VitalSign};
use storage::{Observation, PageRequest};
use uuid::Uuid;

use crate::place::{Place, at, entry_id};

on_both_engines!(a_chart_with_a_thousand_consultations_opens_quickly);

async fn a_chart_with_a_thousand_consultations_opens_quickly(place: Place) {
    let mut tx = place.begin().await;
    for n in 0..1000 {
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: place.patient,
            practitioner_id: place.practitioner,
            appointment_id: None,
            started_at: at(n),
            reason: "control".to_owned(),
            state: EncounterState::Finished,
            document: clinical::document::DocumentKind::PROGRESS_NOTE,
        };
        tx.insert_encounter(&encounter).await.unwrap();
        let sign = VitalSign::new(VitalKind::Weight, Amount::whole(70)).unwrap();
        let observation = Observation { id: entry_id(), sign, taken_at: at(n), recorded: place.recorded(n) };
        tx.insert_observation(place.patient, &observation).await.unwrap();
        if n % 10 == 0 {
            place.sign_in(&mut tx, Some(encounter.id), None, &"x".repeat(5000), n).await;
        }
    }
    tx.commit().await.unwrap();
    let mut slowest = Duration::ZERO;
    for n in 0..20 {
        let begun = Instant::now();
        let mut tx = place.begin().await;
        tx.patient(place.patient).await.unwrap();
        tx.summary(place.patient).await.unwrap();
        let page = tx.encounters_of_patient(place.patient, PageRequest::first(50)).await.unwrap();
        assert_eq!(page.total, 1000);
        let documents = tx.documents_of_patient(place.patient, PageRequest::first(50)).await.unwrap();
        assert_eq!(documents.total, 100);
        tx.append_audit(place.event(n, "x")).await.unwrap();
        tx.commit().await.unwrap();
        slowest = slowest.max(begun.elapsed());
    }
    println!("slowest of 20 charts: {slowest:?}");
    // Ten times the target of the whole page: only a missing index or a query per row is that slow here.
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
}
