//! Alerts that were signed in spite of, and what was promised with them.

use clinical::ids::{DocumentId, EntryId};
use storage::{AlertOverride, FollowUp, StorageError};

use crate::place::{Place, at, entry_id};

on_both_engines!(
    what_was_signed_in_spite_of_is_read_by_record_from_a_time_on,
    a_promise_is_open_until_somebody_notes_what_was_found,
);

/// An alert signed in spite of, with a promise that was kept.
pub(crate) async fn kept(place: &Place, document: DocumentId) {
    let mut tx = place.begin().await;
    tx.insert_alert_override(&overridden(place, document, "interaction:a+b", 3)).await.unwrap();
    let promise = promise(place, document, "2026-03-17");
    tx.insert_follow_up(&promise).await.unwrap();
    tx.end_follow_up(promise.id, "INR 2.4", place.user, at(4)).await.unwrap();
    tx.commit().await.unwrap();
}

fn overridden(place: &Place, document: DocumentId, key: &str, second: i64) -> AlertOverride {
    AlertOverride {
        id: entry_id(),
        document_id: document,
        alert_key: key.to_owned(),
        patient_id: place.patient,
        severity: "mayor".to_owned(),
        reason_code: "ya_tolerado".to_owned(),
        data_version: "reglas del 2026-11-26".to_owned(),
        by: place.user,
        at: at(second),
    }
}

fn promise(place: &Place, document: DocumentId, due: &str) -> FollowUp {
    FollowUp {
        id: entry_id(),
        patient_id: place.patient,
        document_id: document,
        what: "Medir INR «ñ»".to_owned(),
        due: due.parse().unwrap(),
        by: place.user,
        at: at(3),
    }
}

async fn what_was_signed_in_spite_of_is_read_by_record_from_a_time_on(place: Place) {
    let document = place.sign(None, None, "uno", 1).await.id;
    let mut tx = place.begin().await;
    let (old, new) = (overridden(&place, document, "a", 2), overridden(&place, document, "b", 5));
    tx.insert_alert_override(&old).await.unwrap();
    tx.insert_alert_override(&new).await.unwrap();
    assert_eq!(tx.alert_overrides(place.patient, at(0)).await.unwrap(), [new.clone(), old]);
    assert_eq!(tx.alert_overrides(place.patient, at(3)).await.unwrap(), [new]);
}

async fn a_promise_is_open_until_somebody_notes_what_was_found(place: Place) {
    let document = place.sign(None, None, "uno", 1).await.id;
    let mut tx = place.begin().await;
    let (later, soon) = (promise(&place, document, "2026-04-01"), promise(&place, document, "2026-03-17"));
    tx.insert_follow_up(&later).await.unwrap();
    tx.insert_follow_up(&soon).await.unwrap();
    assert_eq!(tx.follow_ups_of_patient(place.patient).await.unwrap(), [soon.clone(), later.clone()]);
    let due = tx.follow_ups_due(place.user, "2026-03-17".parse().unwrap()).await.unwrap();
    assert_eq!(
        due.iter().map(|(one, patient)| (one.id, patient.id)).collect::<Vec<_>>(),
        [(soon.id, place.patient)]
    );
    assert_eq!(tx.open_follow_up(place.patient, soon.id).await.unwrap(), Some(soon.clone()));
    tx.end_follow_up(soon.id, "INR 2.4", place.user, at(9)).await.unwrap();
    assert_eq!(tx.open_follow_up(place.patient, soon.id).await.unwrap(), None);
    assert_eq!(tx.follow_ups_of_patient(place.patient).await.unwrap(), [later]);
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let again = tx.end_follow_up(soon.id, "otra", place.user, at(10)).await;
    assert!(matches!(again, Err(StorageError::NotUnique { .. } | StorageError::Immutable)), "{again:?}");
    drop(tx);
    let mut tx = place.begin().await;
    let nobody: EntryId = entry_id();
    assert!(tx.end_follow_up(nobody, "x", place.user, at(10)).await.is_err());
}
