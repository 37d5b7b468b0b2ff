//! Around recetas: lines kept by a professional, a cancellation that stays, the picture in the letterhead.

use clinical::document::Cancellation;
use clinical::ids::{BlobId, KeptLinesId, PractitionerId};
use clinical::kept_lines::KeptLines;
use clinical::medication::{MedicationRequest, RequestAction};
use storage::StorageError;
use uuid::Uuid;

use crate::place::{Place, at, practitioner};

on_both_engines!(
    kept_lines_are_read_back_replaced_by_name_and_nobody_elses,
    a_cancellation_is_written_once_and_shown_with_the_document,
    another_logo_takes_the_place_of_the_one_before,
);

fn kept(of: PractitionerId, name: &str, medicines: &[&str]) -> KeptLines {
    KeptLines {
        id: KeptLinesId(Uuid::now_v7()),
        practitioner_id: of,
        name: name.to_owned(),
        lines: medicines.iter().map(|one| MedicationRequest::named(one, RequestAction::Start)).collect(),
        changed_at: at(1),
    }
}

async fn kept_lines_are_read_back_replaced_by_name_and_nobody_elses(place: Place) {
    let other = PractitionerId(Uuid::now_v7());
    let mut tx = place.begin().await;
    tx.insert_practitioner(&practitioner(other)).await.unwrap();
    let first = kept(place.practitioner, "Faringitis", &["paracetamol"]);
    tx.save_kept_lines(&first).await.unwrap();
    tx.save_kept_lines(&kept(other, "Faringitis", &["ibuprofeno"])).await.unwrap();
    assert_eq!(tx.kept_lines(place.practitioner).await.unwrap(), std::slice::from_ref(&first));
    let again = kept(place.practitioner, "Faringitis", &["paracetamol", "loratadina"]);
    tx.save_kept_lines(&again).await.unwrap();
    let all = tx.kept_lines(place.practitioner).await.unwrap();
    assert_eq!((all.len(), all[0].lines.len()), (1, 2));
    assert!(matches!(tx.remove_kept_lines(other, first.id).await, Err(StorageError::Missing { .. })));
    tx.remove_kept_lines(place.practitioner, first.id).await.unwrap();
    assert!(tx.kept_lines(place.practitioner).await.unwrap().is_empty());
    assert_eq!(tx.kept_lines(other).await.unwrap().len(), 1);
}

async fn a_cancellation_is_written_once_and_shown_with_the_document(place: Place) {
    let document = place.sign(None, None, "receta", 1).await.id;
    let mut tx = place.begin().await;
    assert_eq!(tx.prescription_cancellation(document).await.unwrap(), None);
    let new = Cancellation {
        document_id: document,
        reason: "dosis equivocada".to_owned(),
        by: place.user,
        by_name: String::new(),
        at: at(2),
    };
    tx.cancel_prescription(&new).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let found = tx.prescription_cancellation(document).await.unwrap().unwrap();
    assert_eq!((found.reason.as_str(), found.at), ("dosis equivocada", at(2)));
    assert!(!found.by_name.is_empty());
    let twice = tx.cancel_prescription(&Cancellation { reason: "otro".to_owned(), ..new }).await;
    assert!(matches!(twice, Err(StorageError::Immutable | StorageError::NotUnique { .. })), "{twice:?}");
}

async fn another_logo_takes_the_place_of_the_one_before(place: Place) {
    let mut tx = place.begin().await;
    assert_eq!(tx.logo().await.unwrap(), None);
    let mut put = Vec::new();
    for content in [b"uno".to_vec(), b"dos".to_vec()] {
        let id = BlobId(Uuid::now_v7());
        place.blobs.put(&mut tx, id, "image/png", content, at(1)).await.unwrap();
        tx.set_logo(Some(id)).await.unwrap();
        put.push(id);
    }
    assert_eq!(tx.logo().await.unwrap(), put.last().copied());
    tx.set_logo(None).await.unwrap();
    assert_eq!(tx.logo().await.unwrap(), None);
}
