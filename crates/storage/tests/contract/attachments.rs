//! Files of a record.

use clinical::attachment::{Attachment, AttachmentCategory, FileKind};
use clinical::ids::{AttachmentId, BlobId, PatientId};
use jiff::civil::date;
use storage::{PageRequest, StorageError, sha256};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    a_file_is_listed_with_what_is_known_of_it,
    a_withdrawn_file_stays_and_says_why,
    a_file_needs_its_content_and_its_patient,
    the_content_of_a_file_cannot_be_destroyed,
);

pub(crate) const CONTENT: &[u8] = b"%PDF-1.7 estudio";

/// A file of the patient with its content, added `seconds` after the start.
pub(crate) async fn attached(place: &Place, seconds: i64) -> Attachment {
    let attachment = Attachment {
        id: AttachmentId(Uuid::now_v7()),
        patient_id: place.patient,
        category: AttachmentCategory::Imaging,
        kind: FileKind::Pdf,
        title: "Ultrasonido renal; señal «ñ»".to_owned(),
        file_name: "ñ".repeat(300),
        size: Some((4000, 3000)),
        studied_on: Some(date(2026, 3, 9)),
        recorded_by: place.user,
        recorded_at: at(seconds),
    };
    let mut tx = place.begin().await;
    let blob = BlobId(attachment.id.0);
    place.blobs.put(&mut tx, blob, "application/pdf", CONTENT.to_vec(), at(seconds)).await.unwrap();
    tx.insert_attachment(&attachment).await.unwrap();
    tx.commit().await.unwrap();
    attachment
}

async fn a_file_is_listed_with_what_is_known_of_it(place: Place) {
    let (old, new) = (attached(&place, 1).await, attached(&place, 2).await);
    let mut tx = place.begin().await;
    let page = tx.attachments_of_patient(place.patient, PageRequest::first(10)).await.unwrap();
    let listed: Vec<&Attachment> = page.items.iter().map(|entry| &entry.attachment).collect();
    assert_eq!(listed, [&new, &old]);
    assert_eq!(page.total, 2);
    let entry = tx.attachment(old.id).await.unwrap().unwrap();
    assert_eq!((entry.size_bytes, entry.digest), (16, sha256(CONTENT)));
    assert_eq!(entry.recorded_by_name, "Dra. Inés Prueba");
    assert_eq!(entry.withdrawn, None);
    let other = tx.attachments_of_patient(PatientId(Uuid::now_v7()), PageRequest::first(10)).await.unwrap();
    assert_eq!(other.total, 0);
}

async fn a_withdrawn_file_stays_and_says_why(place: Place) {
    let file = attached(&place, 1).await;
    let mut tx = place.begin().await;
    tx.withdraw_attachment(file.id, "era de otra persona", place.user, at(5)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let entry = tx.attachment(file.id).await.unwrap().unwrap();
    let withdrawn = entry.withdrawn.unwrap();
    assert_eq!((withdrawn.reason.as_str(), withdrawn.at), ("era de otra persona", at(5)));
    assert_eq!(place.blobs.get(&mut tx, BlobId(file.id.0)).await.unwrap(), CONTENT);
    let again = tx.withdraw_attachment(file.id, "otra vez", place.user, at(6)).await;
    assert!(matches!(again, Err(StorageError::Immutable | StorageError::NotUnique { .. })), "{again:?}");
}

async fn a_file_needs_its_content_and_its_patient(place: Place) {
    let file = attached(&place, 1).await;
    for wrong in [
        Attachment { id: AttachmentId(Uuid::now_v7()), ..file.clone() },
        Attachment { patient_id: PatientId(Uuid::now_v7()), ..file.clone() },
    ] {
        let mut tx = place.begin().await;
        assert!(tx.insert_attachment(&wrong).await.is_err());
    }
}

async fn the_content_of_a_file_cannot_be_destroyed(place: Place) {
    let file = attached(&place, 1).await;
    let mut tx = place.begin().await;
    let refused = place.blobs.destroy_key(&mut tx, BlobId(file.id.0), at(9)).await;
    assert!(matches!(refused, Err(StorageError::Immutable)), "{refused:?}");
}
