//! Signatures with an e.firma: kept once, found by their file, bound by the bitácora; what waits for a key is taken once.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::efirma::{AccountEfirma, DocumentEfirma, EfirmaProof, RevocationCheck, SignatureLevel};
use clinical::ids::{BlobId, DocumentId, UserId};
use storage::{EfirmaWaiting, StorageError, WaitsFor, sha256, verify};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    a_document_has_one_signature_which_its_file_finds,
    the_e_firma_of_an_account_stays_as_it_was_confirmed,
    what_waits_is_taken_once_by_its_person_and_in_time,
    a_touched_signature_is_found,
    an_answer_that_came_later_is_added_once_and_its_file_is_the_one_that_counts,
);

/// A signature of a document, with its event.
pub(crate) async fn signed(place: &Place, document: DocumentId, pdf: &[u8], seconds: i64) -> DocumentEfirma {
    let new = DocumentEfirma {
        document_id: document,
        pdf: BlobId(Uuid::now_v7()),
        pdf_digest: sha256(pdf),
        name: "JUANA PÉREZ NÚÑEZ".to_owned(),
        rfc: "PENJ8001019A0".to_owned(),
        curp: "PENJ800101MDFRXN07".to_owned(),
        serial: "30001000000599990001".to_owned(),
        level: SignatureLevel::Timestamp,
        revocation: RevocationCheck::NoAnswer,
        claimed_at: at(seconds),
        proven_at: Some(at(seconds + 1)),
        code: Some("MEDICUS1:ABC".to_owned()),
        signed_by: place.user,
    };
    let mut tx = place.begin().await;
    place.blobs.put(&mut tx, new.pdf, "application/pdf", pdf.to_vec(), at(seconds)).await.unwrap();
    tx.insert_document_efirma(&new).await.unwrap();
    tx.append_audit(NewAuditEvent {
        at: at(seconds),
        actor: Some(place.user),
        action: AuditAction::Sign,
        entity: "document_efirma",
        entity_id: document.to_string(),
        patient_id: Some(place.patient),
        origin: "prueba".to_owned(),
        reason: Some(format!("{}; requerimiento", verify::trace(new.pdf_digest))),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    new
}

async fn a_document_has_one_signature_which_its_file_finds(place: Place) {
    let document = place.sign(None, None, "primero", 1).await.id;
    let mut tx = place.begin().await;
    assert_eq!(tx.document_efirma(document).await.unwrap(), None);
    drop(tx);
    let kept = signed(&place, document, b"firmado", 2).await;
    let mut tx = place.begin().await;
    assert_eq!(tx.document_efirma(document).await.unwrap().as_ref(), Some(&kept));
    assert_eq!(tx.efirma_by_digest(sha256(b"firmado")).await.unwrap().as_ref(), Some(&kept));
    assert_eq!(tx.efirma_by_digest(sha256(b"otro")).await.unwrap(), None);
    let again = tx.insert_document_efirma(&kept).await;
    assert!(matches!(again, Err(StorageError::NotUnique { .. } | StorageError::Immutable)), "{again:?}");
}

/// What was proven of a signature later, with its event.
pub(crate) async fn proven(place: &Place, document: DocumentId, pdf: &[u8], seconds: i64) -> EfirmaProof {
    let new = EfirmaProof {
        document_id: document,
        pdf: BlobId(Uuid::now_v7()),
        pdf_digest: sha256(pdf),
        level: SignatureLevel::LongTerm,
        revocation: RevocationCheck::Good,
        added_at: at(seconds),
    };
    let mut tx = place.begin().await;
    place.blobs.put(&mut tx, new.pdf, "application/pdf", pdf.to_vec(), at(seconds)).await.unwrap();
    tx.insert_efirma_proof(&new).await.unwrap();
    tx.append_audit(NewAuditEvent {
        at: at(seconds),
        actor: None,
        action: AuditAction::Update,
        entity: "efirma_proof",
        entity_id: document.to_string(),
        patient_id: Some(place.patient),
        origin: "program".to_owned(),
        reason: Some(verify::trace(new.pdf_digest)),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    new
}

async fn an_answer_that_came_later_is_added_once_and_its_file_is_the_one_that_counts(place: Place) {
    let document = place.sign(None, None, "primero", 1).await.id;
    let kept = signed(&place, document, b"firmado", 2).await;
    let mut tx = place.begin().await;
    assert_eq!(tx.efirmas_without_answer(at(2), 5).await.unwrap(), std::slice::from_ref(&kept));
    assert!(tx.efirmas_without_answer(at(3), 5).await.unwrap().is_empty());
    drop(tx);
    let proof = proven(&place, document, b"firmado y probado", 4).await;
    let mut tx = place.begin().await;
    let now = tx.document_efirma(document).await.unwrap().unwrap();
    let with_proof = DocumentEfirma {
        pdf: proof.pdf,
        pdf_digest: proof.pdf_digest,
        level: proof.level,
        revocation: proof.revocation,
        ..kept
    };
    assert_eq!(now, with_proof);
    for file in [b"firmado".as_slice(), b"firmado y probado"] {
        assert_eq!(tx.efirma_by_digest(sha256(file)).await.unwrap().as_ref(), Some(&with_proof));
    }
    assert!(tx.efirmas_without_answer(at(0), 5).await.unwrap().is_empty());
    let again = tx.insert_efirma_proof(&proof).await;
    assert!(matches!(again, Err(StorageError::NotUnique { .. } | StorageError::Immutable)), "{again:?}");
    drop(tx);
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "{report}");
}

async fn the_e_firma_of_an_account_stays_as_it_was_confirmed(place: Place) {
    let first = AccountEfirma { rfc: "PENJ8001019A0".into(), curp: "PENJ800101MDFRXN07".into() };
    let other = AccountEfirma { rfc: "RELM750505AB0".into(), curp: "RELM750505HDFVPR04".into() };
    let mut tx = place.begin().await;
    assert_eq!(tx.account_efirma(place.user).await.unwrap(), None);
    assert_eq!(tx.account_efirma_end(place.user).await.unwrap(), None);
    tx.confirm_account_efirma(place.user, &first, at(100), at(1)).await.unwrap();
    tx.confirm_account_efirma(place.user, &other, at(300), at(2)).await.unwrap();
    assert_eq!(tx.account_efirma_end(place.user).await.unwrap(), Some(at(100)), "not that of somebody else");
    tx.confirm_account_efirma(place.user, &first, at(200), at(2)).await.unwrap();
    assert_eq!(tx.account_efirma_end(place.user).await.unwrap(), Some(at(200)), "a renewed certificate");
    assert_eq!(tx.efirmas_that_end(at(200)).await.unwrap(), [], "ends later");
    let ending: Vec<_> =
        tx.efirmas_that_end(at(201)).await.unwrap().into_iter().map(|(_, end)| end).collect();
    assert_eq!(ending, [at(200)]);
    assert_eq!(tx.account_efirma(place.user).await.unwrap(), Some(first));
    // Forgotten on purpose, another one can be confirmed.
    tx.forget_account_efirma(place.user).await.unwrap();
    let again = tx.forget_account_efirma(place.user).await;
    assert!(matches!(again, Err(StorageError::Missing { .. })), "{again:?}");
    tx.confirm_account_efirma(place.user, &other, at(300), at(3)).await.unwrap();
    assert_eq!(tx.account_efirma(place.user).await.unwrap(), Some(other));
}

async fn what_waits_is_taken_once_by_its_person_and_in_time(place: Place) {
    let document = place.sign(None, None, "primero", 1).await.id;
    let waiting = |token: &[u8], waits_for| EfirmaWaiting {
        token_digest: sha256(token),
        user_id: place.user,
        document_id: document,
        base_digest: sha256(b"pdf"),
        certificate: vec![0x30, 0x00],
        claimed_at: at(2),
        waits_for,
        expires_at: at(100),
    };
    let pdf = waiting(b"uno", WaitsFor::Pdf { code: Some("MEDICUS1:ABC".to_owned()) });
    let late = waiting(b"dos", WaitsFor::Code);
    let mut tx = place.begin().await;
    tx.insert_efirma_waiting(&pdf, at(2)).await.unwrap();
    tx.insert_efirma_waiting(&late, at(2)).await.unwrap();
    let other = UserId(Uuid::now_v7());
    assert_eq!(tx.take_efirma_waiting(pdf.token_digest, other, at(3)).await.unwrap(), None);
    assert_eq!(tx.take_efirma_waiting(pdf.token_digest, place.user, at(3)).await.unwrap(), Some(pdf.clone()));
    assert_eq!(tx.take_efirma_waiting(pdf.token_digest, place.user, at(3)).await.unwrap(), None);
    assert_eq!(tx.take_efirma_waiting(late.token_digest, place.user, at(100)).await.unwrap(), None);
}

async fn a_touched_signature_is_found(place: Place) {
    let document = place.sign(None, None, "primero", 1).await.id;
    signed(&place, document, b"firmado", 2).await;
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "{report}");
    let drop_guards = if place.is_embedded() {
        ["update", "delete", "replace"]
            .map(|event| format!("DROP TRIGGER document_efirma_no_{event};"))
            .join("")
    } else {
        "DROP TRIGGER document_efirma_no_change ON document_efirma;
         DROP TRIGGER document_efirma_no_truncate ON document_efirma;"
            .to_owned()
    };
    place.raw(&drop_guards).await.unwrap();
    let new = sha256(b"otra cosa");
    for (sql, expected) in [
        (format!("UPDATE document_efirma SET pdf_digest = '{new}'"), vec!["blob_altered", "edited"]),
        ("DELETE FROM document_efirma".to_owned(), vec!["removed"]),
    ] {
        place.raw(&sql).await.unwrap();
        let findings = verify::verify(&place.database, &place.blobs).await.unwrap().findings;
        let own = findings.iter().filter(|finding| finding.detail.starts_with("e.firma"));
        let mut codes: Vec<&str> = own.map(|finding| finding.kind.code()).collect();
        codes.sort_unstable();
        assert_eq!(codes, expected, "{sql}");
    }
}
