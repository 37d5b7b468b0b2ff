//! Records joined into one and taken apart: what is read, what stays, and who wins when two do it at once.

use std::sync::Arc;

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::consent::{Consent, ConsentMeans, ConsentPurpose};
use clinical::encounter::{Appointment, AppointmentState, Encounter, EncounterState};
use clinical::identifiers::Curp;
use clinical::ids::{AppointmentId, ConsentId, EncounterId, MergeId, PatientId};
use clinical::observation::{Amount, VitalKind, VitalSign};
use clinical::patient::{Identity, Patient};
use storage::{Act, Observation, PageRequest, StorageError, verify};
use uuid::Uuid;

use crate::place::{Place, at, entry_id, named};

on_both_engines!(
    a_joined_record_shows_what_both_have,
    taking_apart_gives_back_exactly_what_each_had,
    joins_in_a_row_are_one_record_and_come_apart_one_by_one,
    a_record_cannot_be_joined_to_itself_or_in_a_circle,
    of_many_joins_at_once_one_wins,
    a_record_with_an_open_consultation_is_not_joined,
    the_curp_goes_over_and_comes_back,
);

async fn merge(place: &Place, kept: PatientId, merged: PatientId) -> Result<MergeId, StorageError> {
    let id = MergeId(Uuid::now_v7());
    let mut tx = place.begin().await;
    let act = Act { by: place.user, at: at(50), reason: "se registró dos veces" };
    tx.merge_records(id, kept, merged, act).await?;
    tx.commit().await?;
    Ok(id)
}

async fn undo(place: &Place, id: MergeId) -> Result<(), StorageError> {
    let mut tx = place.begin().await;
    let act = Act { by: place.user, at: at(60), reason: "eran dos personas" };
    tx.undo_merge(id, act).await?;
    tx.commit().await
}

/// A second record with something of everything: a signed document, a visit, a consultation, an allergy, a measurement,
/// a consent.
async fn furnished(place: &Place) -> Patient {
    let patient = place.new_patient(&named("Anna", "Ficticia", "Luna"), 1).await;
    let encounter = Encounter {
        id: EncounterId(Uuid::now_v7()),
        patient_id: patient.id,
        practitioner_id: place.practitioner,
        appointment_id: None,
        started_at: at(10),
        reason: "tos".to_owned(),
        state: EncounterState::Finished,
        document: clinical::document::DocumentKind::PROGRESS_NOTE,
    };
    let allergy = AllergyIntolerance {
        substance: "penicilina".to_owned(),
        reaction_kind: ReactionKind::Unknown,
        reaction: None,
    };
    let sign = VitalSign::new(VitalKind::Weight, Amount::whole(70)).unwrap();
    let mut tx = place.begin().await;
    tx.insert_encounter(&encounter).await.unwrap();
    tx.insert_allergy(entry_id(), patient.id, &allergy, place.recorded(11)).await.unwrap();
    let observation = Observation { id: entry_id(), sign, taken_at: at(12), recorded: place.recorded(12) };
    tx.insert_observation(patient.id, &observation).await.unwrap();
    tx.insert_appointment(&Appointment {
        id: AppointmentId(Uuid::now_v7()),
        patient_id: patient.id,
        practitioner_id: place.practitioner,
        starts_at: at(1000),
        minutes: 20,
        service: "Control".to_owned(),
        buffer: 0,
        lane: Some(0),
        room_id: None,
        state: AppointmentState::Booked,
    })
    .await
    .unwrap();
    tx.insert_consent(&Consent {
        id: ConsentId(Uuid::now_v7()),
        patient_id: patient.id,
        purpose: ConsentPurpose::PrivacyNotice,
        text_version: "1".to_owned(),
        given: true,
        means: ConsentMeans::Paper,
        answered_by: None,
        recorded_by: place.user,
        recorded_at: at(13),
        asked: None,
        until: None,
    })
    .await
    .unwrap();
    place.sign_for(&mut tx, patient.id, Some(encounter.id), None, "nota de la otra", 14).await;
    tx.commit().await.unwrap();
    patient
}

/// Everything a record shows, in words that can be compared.
async fn shown(place: &Place, id: PatientId) -> Vec<String> {
    let mut tx = place.begin().await;
    let all = PageRequest::first(50);
    let summary = tx.summary(id).await.unwrap();
    let mut found = vec![
        format!("{:?}", tx.documents_of_patient(id, all).await.unwrap().items),
        format!("{:?}", tx.encounters_of_patient(id, all).await.unwrap().items),
        format!("{:?}", tx.appointments_of_patient(id, all).await.unwrap()),
        format!("{:?}", tx.consents(id).await.unwrap()),
        format!("{:?}", tx.observations(id, at(0)).await.unwrap()),
    ];
    found.push(format!("{summary:?}"));
    found
}

async fn identity(place: &Place, id: PatientId) -> (Identity, PatientId) {
    let patient = place.begin().await.patient(id).await.unwrap().unwrap();
    (patient.data.identity, patient.root)
}

async fn a_joined_record_shows_what_both_have(place: Place) {
    let other = furnished(&place).await;
    place.sign(None, None, "nota propia", 5).await;
    merge(&place, place.patient, other.id).await.unwrap();
    let mut tx = place.begin().await;
    let all = PageRequest::first(50);
    // Whichever id is asked for, the record is one.
    for id in [place.patient, other.id] {
        let documents = tx.documents_of_patient(id, all).await.unwrap();
        assert_eq!((documents.total, documents.items.len()), (2, 2));
        assert_eq!(tx.encounters_of_patient(id, all).await.unwrap().total, 1);
        assert_eq!(tx.appointments_of_patient(id, all).await.unwrap().len(), 1);
        assert_eq!(tx.consents(id).await.unwrap().len(), 1);
        assert!(tx.current_consent(id, ConsentPurpose::PrivacyNotice).await.unwrap().is_some());
        let summary = tx.summary(id).await.unwrap();
        assert_eq!((summary.allergies.len(), summary.latest_observations.len()), (1, 1));
        assert_eq!(tx.record(id).await.unwrap().unwrap().id, place.patient);
    }
    // The document still says whose it was when it was signed.
    let documents = tx.documents_of_patient(place.patient, all).await.unwrap().items;
    assert!(documents.iter().any(|document| document.patient_id == other.id));
    // Lists show one patient, and what was known of the other still finds it.
    assert_eq!(tx.recent_patients(all).await.unwrap().total, 1);
    for query in ["anna", &other.record_number] {
        let found = tx.find_patients(query, all).await.unwrap();
        assert_eq!(found.items.iter().map(|p| p.id).collect::<Vec<_>>(), [place.patient], "{query}");
    }
    assert_eq!(tx.record_by_number(&other.record_number).await.unwrap().unwrap().id, place.patient);
    let agenda = tx.agenda(at(900), at(1100), None).await.unwrap();
    assert_eq!(agenda[0].patient.id, place.patient);
    assert_eq!(tx.joined_numbers(place.patient).await.unwrap(), [other.record_number]);
    drop(tx);
    assert!(verify::verify(&place.database, &place.blobs).await.unwrap().is_sound());
}

async fn taking_apart_gives_back_exactly_what_each_had(place: Place) {
    let other = furnished(&place).await;
    place.sign(None, None, "nota propia", 5).await;
    let before = (shown(&place, place.patient).await, shown(&place, other.id).await);
    let id = merge(&place, place.patient, other.id).await.unwrap();
    assert_ne!(shown(&place, place.patient).await, before.0);
    undo(&place, id).await.unwrap();
    assert_eq!((shown(&place, place.patient).await, shown(&place, other.id).await), before);
    assert_eq!(identity(&place, other.id).await, (other.data.identity, other.id));
    let again = undo(&place, id).await;
    assert!(matches!(again, Err(StorageError::Conflict { .. })), "{again:?}");
    // The trail names both steps.
    let trail = place.begin().await.merges(other.id).await.unwrap();
    let undone = trail[0].undone.as_ref().unwrap();
    assert_eq!((trail[0].reason.as_str(), undone.2.as_str()), ("se registró dos veces", "eran dos personas"));
    // And the same two can be joined again.
    merge(&place, other.id, place.patient).await.unwrap();
}

async fn joins_in_a_row_are_one_record_and_come_apart_one_by_one(place: Place) {
    let [a, b, c] = [
        place.patient,
        place.new_patient(&named("B", "Dos", ""), 1).await.id,
        place.new_patient(&named("C", "Tres", ""), 1).await.id,
    ];
    let first = merge(&place, b, a).await.unwrap();
    let second = merge(&place, c, b).await.unwrap();
    let roots = async |expected: [PatientId; 3]| {
        let mut found = Vec::new();
        for id in [a, b, c] {
            found.push(identity(&place, id).await.1);
        }
        assert_eq!(found, expected);
    };
    roots([c, c, c]).await;
    // The older join comes apart while the newer one holds, and the other way round.
    undo(&place, first).await.unwrap();
    roots([a, c, c]).await;
    let third = merge(&place, c, a).await.unwrap();
    undo(&place, second).await.unwrap();
    roots([c, b, c]).await;
    undo(&place, third).await.unwrap();
    roots([a, b, c]).await;
    let first = merge(&place, b, a).await.unwrap();
    let second = merge(&place, c, b).await.unwrap();
    undo(&place, second).await.unwrap();
    roots([b, b, c]).await;
    undo(&place, first).await.unwrap();
    roots([a, b, c]).await;
}

async fn a_record_cannot_be_joined_to_itself_or_in_a_circle(place: Place) {
    let other = place.new_patient(&named("B", "Dos", ""), 1).await.id;
    let third = place.new_patient(&named("C", "Tres", ""), 1).await.id;
    merge(&place, place.patient, other).await.unwrap();
    for (kept, merged) in
        [(third, third), (place.patient, other), (other, place.patient), (other, third), (third, other)]
    {
        let refused = merge(&place, kept, merged).await;
        assert!(matches!(refused, Err(StorageError::NotMergeable)), "{kept} {merged} {refused:?}");
    }
    let refused = merge(&place, place.patient, PatientId(Uuid::now_v7())).await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })), "{refused:?}");
}

async fn of_many_joins_at_once_one_wins(place: Place) {
    let place = Arc::new(place);
    for _ in 0..5 {
        let a = place.new_patient(&named("A", "Uno", ""), 1).await.id;
        let b = place.new_patient(&named("B", "Dos", ""), 1).await.id;
        let tries: Vec<_> = [(a, b), (b, a), (a, b), (b, a)]
            .map(|(kept, merged)| {
                let place = Arc::clone(&place);
                tokio::spawn(async move { merge(&place, kept, merged).await })
            })
            .into();
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(StorageError::NotMergeable) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
        let roots = [identity(&place, a).await.1, identity(&place, b).await.1];
        assert_eq!(roots[0], roots[1]);
        assert_eq!(place.begin().await.merges(a).await.unwrap().len(), 1);
    }
}

async fn a_record_with_an_open_consultation_is_not_joined(place: Place) {
    let other = place.new_patient(&named("B", "Dos", ""), 1).await.id;
    place.new_encounter(5).await;
    let refused = merge(&place, other, place.patient).await;
    assert!(matches!(refused, Err(StorageError::OpenEncounter)), "{refused:?}");
    // The one that stays may have one.
    merge(&place, place.patient, other).await.unwrap();
}

async fn the_curp_goes_over_and_comes_back(place: Place) {
    let curp = |patient: &Patient| patient.curp().map(|curp| curp.as_str().to_owned());
    let mut with_curp = named("Gloria", "Hernández", "");
    if let Identity::Identified { curp, .. } = &mut with_curp.identity {
        *curp = Some(Curp::parse("HEGG560427MVZRRL04").unwrap());
    }
    let other = place.new_patient(&with_curp, 1).await;
    let id = merge(&place, place.patient, other.id).await.unwrap();
    let mut tx = place.begin().await;
    let kept = tx.patient(place.patient).await.unwrap().unwrap();
    assert_eq!(curp(&kept), curp(&other));
    drop(tx);
    undo(&place, id).await.unwrap();
    let mut tx = place.begin().await;
    assert_eq!(tx.patient(place.patient).await.unwrap().unwrap().curp(), None);
    assert_eq!(tx.patient(other.id).await.unwrap().unwrap().data, other.data);
    drop(tx);
    // A CURP that went to a third record meanwhile is not taken from there in silence.
    let id = merge(&place, place.patient, other.id).await.unwrap();
    let mut tx = place.begin().await;
    let kept = tx.patient(place.patient).await.unwrap().unwrap();
    tx.update_patient(kept.id, kept.version, &named("Ana", "Ficticia", ""), at(70)).await.unwrap();
    let third = tx.insert_patient(PatientId(Uuid::now_v7()), &with_curp, at(71)).await.unwrap();
    tx.commit().await.unwrap();
    let refused = undo(&place, id).await;
    assert!(
        matches!(&refused, Err(StorageError::CurpInUse { patient_id, .. }) if *patient_id == third.id),
        "{refused:?}"
    );
}
