//! Signed documents and consents.

use clinical::consent::{Consent, ConsentMeans, ConsentPurpose};
use clinical::digest::Digest;
use clinical::document::DocumentKind;
use clinical::ids::{BlobId, ConsentId, DocumentId};
use storage::{NewSignedDocument, PageRequest, StorageError, sha256, to_stored_precision};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    signed_documents_form_a_chain,
    a_signed_document_is_read_back_as_signed,
    lists_show_documents_newest_first_with_their_addenda,
    a_document_is_found_by_the_digest_printed_on_it,
    a_document_without_its_pdf_cannot_be_signed,
    the_newest_consent_for_a_purpose_counts,
);

async fn signed_documents_form_a_chain(place: Place) {
    let first = place.sign(None, None, "uno", 1).await;
    let second = place.sign(None, None, "dos", 2).await;
    assert_eq!((first.sequence, first.previous), (1, Digest::ORIGIN));
    assert_eq!((second.sequence, second.previous), (2, first.digest));
    assert_ne!(first.digest, second.digest);
    assert_eq!(first.content_digest, sha256(b"uno"));
}

async fn a_signed_document_is_read_back_as_signed(place: Place) {
    let encounter = place.new_encounter(1).await;
    let signed = place.sign(Some(encounter.id), None, "{\"texto\":\"acentuación — 'ñ'\"}", 2).await;
    assert_eq!(signed.signed_at, to_stored_precision(signed.signed_at));
    let mut tx = place.begin().await;
    assert_eq!(tx.document(signed.id).await.unwrap().as_ref(), Some(&signed));
    assert_eq!(tx.document(DocumentId(Uuid::now_v7())).await.unwrap(), None);
    let pdf = place.blobs.get(&mut tx, signed.pdf).await.unwrap();
    assert_eq!(sha256(&pdf), signed.pdf_digest);
}

async fn lists_show_documents_newest_first_with_their_addenda(place: Place) {
    let encounter = place.new_encounter(1).await.id;
    let note = place.sign(Some(encounter), None, "nota", 10).await;
    let later = place.sign(None, None, "otra", 20).await;
    let addendum = place.sign(Some(encounter), Some(note.id), "adenda", 30).await;
    let mut tx = place.begin().await;
    let page = tx.documents_of_patient(place.patient, PageRequest::first(2)).await.unwrap();
    assert_eq!(page.items.iter().map(|d| d.id).collect::<Vec<_>>(), [addendum.id, later.id]);
    assert_eq!(page.total, 3);
    assert_eq!(tx.contents_of_patient(place.patient, 2).await.unwrap(), ["adenda", "otra"]);
    let of_encounter = tx.documents_of_encounter(encounter).await.unwrap();
    let shown: Vec<_> = of_encounter.iter().map(|d| (d.id, d.amends, d.addenda)).collect();
    assert_eq!(shown, [(note.id, None, 1), (addendum.id, Some(note.id), 0)]);
    assert_eq!(of_encounter[0].signed_by_name, "Dra. Inés Prueba");
    assert_eq!(tx.addenda(note.id).await.unwrap(), [addendum]);
}

async fn a_document_is_found_by_the_digest_printed_on_it(place: Place) {
    let signed = place.sign(None, None, "uno", 1).await;
    let mut tx = place.begin().await;
    for digest in [signed.content_digest, signed.pdf_digest, signed.digest] {
        assert_eq!(tx.document_by_digest(digest).await.unwrap().map(|d| d.id), Some(signed.id));
    }
    assert_eq!(tx.document_by_digest(sha256(b"otro")).await.unwrap(), None);
}

async fn a_document_without_its_pdf_cannot_be_signed(place: Place) {
    let mut tx = place.begin().await;
    let refused = tx
        .insert_document(NewSignedDocument {
            id: DocumentId(Uuid::now_v7()),
            kind: DocumentKind::PROGRESS_NOTE,
            patient_id: place.patient,
            encounter_id: None,
            amends: None,
            signed_by: place.user,
            signed_at: at(1),
            act_at: at(1),
            content: "{}".to_owned(),
            pdf: BlobId(Uuid::now_v7()),
            pdf_digest: sha256(b""),
        })
        .await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })), "{refused:?}");
}

async fn the_newest_consent_for_a_purpose_counts(place: Place) {
    let consent = |given, seconds| Consent {
        id: ConsentId(Uuid::now_v7()),
        patient_id: place.patient,
        purpose: ConsentPurpose::RecordConversation,
        text_version: "1".to_owned(),
        given,
        means: ConsentMeans::Paper,
        answered_by: Some("Ana Ficticia, madre".to_owned()),
        recorded_by: place.user,
        recorded_at: at(seconds),
        asked: None,
        until: None,
    };
    let mut tx = place.begin().await;
    let purpose = ConsentPurpose::RecordConversation;
    assert_eq!(tx.current_consent(place.patient, purpose).await.unwrap(), None);
    let (yes, no) = (consent(true, 1), consent(false, 2));
    tx.insert_consent(&yes).await.unwrap();
    tx.insert_consent(&no).await.unwrap();
    assert_eq!(tx.current_consent(place.patient, purpose).await.unwrap().as_ref(), Some(&no));
    let other = tx.current_consent(place.patient, ConsentPurpose::PrivacyNotice).await.unwrap();
    assert_eq!(other, None);
    assert_eq!(tx.consents(place.patient).await.unwrap(), [no, yes]);
}
