//! The summary of a record: allergies, problems, medicines, measurements.

use clinical::allergy::{AllergyIntolerance, AllergyStatus, ReactionKind};
use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::ids::PatientId;
use clinical::medication::MedicationStatement;
use clinical::observation::{Amount, VitalKind, VitalSign};
use jiff::civil::date;
use storage::{Closed, Observation, StorageError};
use uuid::Uuid;

use crate::place::{Place, at, entry_id};

on_both_engines!(
    never_asked_denied_and_known_allergies_are_three_things,
    problems_and_medicines_are_closed_with_a_date_and_stay,
    the_newest_measurement_of_each_kind_is_in_the_summary,
    an_entry_needs_a_patient_that_exists,
);

fn penicillin() -> AllergyIntolerance {
    AllergyIntolerance {
        substance: "penicilina".to_owned(),
        reaction_kind: ReactionKind::Anaphylaxis,
        reaction: Some("hinchazón de la cara".to_owned()),
    }
}

async fn never_asked_denied_and_known_allergies_are_three_things(place: Place) {
    let mut tx = place.begin().await;
    let status = async |tx: &mut storage::Tx| tx.summary(place.patient).await.unwrap().allergy_status();
    assert_eq!(status(&mut tx).await, AllergyStatus::NotAsked);
    tx.insert_allergy_denial(entry_id(), place.patient, place.recorded(1)).await.unwrap();
    assert_eq!(status(&mut tx).await, AllergyStatus::Denied);
    let id = entry_id();
    tx.insert_allergy(id, place.patient, &penicillin(), place.recorded(2)).await.unwrap();
    assert_eq!(status(&mut tx).await, AllergyStatus::Known(vec![penicillin()]));
    let closed = Closed { on: date(2026, 11, 25), by: place.user };
    tx.close_entry(id, place.patient, closed).await.unwrap();
    // The old denial came before the allergy: it does not count any more.
    assert_eq!(status(&mut tx).await, AllergyStatus::NotAsked);
    let summary = tx.summary(place.patient).await.unwrap();
    assert_eq!(summary.allergies[0].closed, Some(closed));
}

async fn problems_and_medicines_are_closed_with_a_date_and_stay(place: Place) {
    let condition = ConditionEntry {
        text: "diabetes mellitus tipo 2".to_owned(),
        certainty: Certainty::Confirmed,
        code: Some(ConditionCode {
            icd11: "5A11".to_owned(),
            title: "Diabetes mellitus de tipo 2".to_owned(),
            icd10: Some("E11".to_owned()),
            release: None,
        }),
    };
    let medication = MedicationStatement {
        medicine: "metformina".to_owned(),
        ingredients: vec!["metformin".to_owned()],
        taken: Some("850 mg cada 12 horas".to_owned()),
    };
    let (problem, medicine) = (entry_id(), entry_id());
    let mut tx = place.begin().await;
    tx.insert_condition(problem, place.patient, &condition, place.recorded(1)).await.unwrap();
    tx.insert_medication(medicine, place.patient, &medication, place.recorded(2)).await.unwrap();
    let summary = tx.summary(place.patient).await.unwrap();
    assert_eq!(summary.open_conditions().collect::<Vec<_>>(), [&condition]);
    assert_eq!(summary.open_medications().collect::<Vec<_>>(), [&medication]);
    assert_eq!(summary.medications[0].recorded, place.recorded(2));
    let closed = Closed { on: date(2026, 11, 25), by: place.user };
    tx.close_entry(medicine, place.patient, closed).await.unwrap();
    let again = tx.close_entry(medicine, place.patient, closed).await;
    assert!(matches!(again, Err(StorageError::Conflict { .. })));
    let other = tx.close_entry(problem, PatientId(Uuid::now_v7()), closed).await;
    assert!(matches!(other, Err(StorageError::Conflict { .. })), "of another patient");
    let summary = tx.summary(place.patient).await.unwrap();
    assert_eq!((summary.open_medications().count(), summary.medications.len()), (0, 1));
    assert_eq!(summary.open_conditions().count(), 1);
}

async fn the_newest_measurement_of_each_kind_is_in_the_summary(place: Place) {
    let mut tx = place.begin().await;
    let mut add = async |kind, amount: &str, seconds| {
        let observation = Observation {
            id: entry_id(),
            sign: VitalSign::new(kind, amount.parse::<Amount>().unwrap()).unwrap(),
            taken_at: at(seconds),
            recorded: place.recorded(seconds),
        };
        tx.insert_observation(place.patient, &observation).await.unwrap();
        observation
    };
    let old = add(VitalKind::Weight, "70.5", 1).await;
    let heart = add(VitalKind::HeartRate, "76", 2).await;
    let new = add(VitalKind::Weight, "69.25", 3).await;
    let summary = tx.summary(place.patient).await.unwrap();
    assert_eq!(summary.latest_observations, [heart, new]);
    assert_eq!(tx.observations(place.patient, at(0)).await.unwrap(), [old, heart, new]);
    assert_eq!(tx.observations(place.patient, at(3)).await.unwrap(), [new]);
}

async fn an_entry_needs_a_patient_that_exists(place: Place) {
    let mut tx = place.begin().await;
    let nobody = PatientId(Uuid::now_v7());
    let refused = tx.insert_allergy(entry_id(), nobody, &penicillin(), place.recorded(1)).await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })), "{refused:?}");
}
