//! Documents of other establishments: kept as they came, read only by who may, and what `verify` finds when they were
//! touched.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::document::{Cancelled, DocumentKind};
use clinical::ids::{BlobId, DocumentId, ImportId};
use storage::verify::{self, trace_of_document};
use storage::{
    ExternalDocument, ExternalEfirma, ExternalSummary, PageRequest, RecordImport, StorageError, sha256,
};
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    a_package_is_brought_in_once_and_its_documents_are_read_as_they_came,
    a_touched_document_of_another_establishment_is_found,
    what_comes_beside_a_document_is_kept_and_the_latest_file_counts,
);

const PDF: &[u8] = b"%PDF-1.7 de otro lado";
const CONTENT: &str = "{\"nota\":\"como se firmó\"}";

/// A package with one document, in the record of the place.
pub(crate) async fn brought(place: &Place, seconds: i64) -> ExternalDocument {
    let import = RecordImport {
        id: ImportId(Uuid::now_v7()),
        patient_id: place.patient,
        package_digest: sha256(b"manifiesto"),
        origin: "Clínica Inventada".to_owned(),
        origin_number: "000412".to_owned(),
        exported_at: at(1),
        recorded_by: place.user,
        recorded_at: at(seconds),
    };
    let pdf = BlobId(Uuid::now_v7());
    let document = ExternalDocument {
        head: ExternalSummary {
            id: DocumentId(Uuid::now_v7()),
            import_id: import.id,
            patient_id: place.patient,
            kind: DocumentKind::PROGRESS_NOTE,
            title: "Nota de evolución".to_owned(),
            establishment: "Clínica Inventada".to_owned(),
            signed_by: "Dr. Elías Fresno".to_owned(),
            signed_at: at(0),
            act_at: at(0),
            amends: None,
            pdf,
            pdf_digest: sha256(PDF),
            content_digest: sha256(CONTENT.as_bytes()),
            origin_link: (7, sha256(b"antes"), sha256(b"este")),
            cancelled: None,
        },
        content: CONTENT.to_owned(),
        transcript: None,
    };
    let mut tx = place.begin().await;
    tx.insert_record_import(&import).await.unwrap();
    place.blobs.put(&mut tx, pdf, "application/pdf", PDF.to_vec(), at(seconds)).await.unwrap();
    tx.insert_external_document(&document).await.unwrap();
    tx.commit().await.unwrap();
    document
}

async fn a_package_is_brought_in_once_and_its_documents_are_read_as_they_came(place: Place) {
    let document = brought(&place, 2).await;
    let mut tx = place.begin().await;
    let import = tx.record_import(sha256(b"manifiesto")).await.unwrap().unwrap();
    assert_eq!(tx.record_imports(place.patient).await.unwrap(), std::slice::from_ref(&import));
    assert_eq!(tx.external_document(document.head.id).await.unwrap().as_ref(), Some(&document));
    let page = PageRequest { limit: 5, offset: 0 };
    assert_eq!(
        tx.external_of_patient(place.patient, page).await.unwrap(),
        std::slice::from_ref(&document.head)
    );
    assert_eq!(tx.count_external(place.patient).await.unwrap(), 1);
    let owner = tx.owner_of("external_document", &document.head.id.to_string()).await.unwrap();
    assert_eq!(owner, Some(place.patient));
    assert!(tx.document(document.head.id).await.unwrap().is_none(), "it is no document signed here");
    let again = tx.insert_record_import(&RecordImport { id: ImportId(Uuid::now_v7()), ..import }).await;
    let refused = matches!(again, Err(StorageError::NotUnique { .. } | StorageError::Immutable));
    assert!(refused, "{again:?}");
}

async fn a_touched_document_of_another_establishment_is_found(place: Place) {
    let document = brought(&place, 2).await;
    let head = &document.head;
    let mut tx = place.begin().await;
    tx.append_audit(NewAuditEvent {
        at: at(3),
        actor: Some(place.user),
        action: AuditAction::Create,
        entity: "external_document",
        entity_id: head.id.to_string(),
        patient_id: Some(place.patient),
        origin: "prueba".to_owned(),
        reason: Some(trace_of_document(head.content_digest, head.pdf_digest)),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let report = verify::verify(&place.database, &place.blobs).await.unwrap();
    assert!(report.is_sound(), "{report}");
    let drop_guards = if place.is_embedded() {
        ["update", "delete", "replace"]
            .map(|event| format!("DROP TRIGGER external_document_no_{event};"))
            .join("")
    } else {
        "DROP TRIGGER external_document_no_change ON external_document;
         DROP TRIGGER external_document_no_truncate ON external_document;"
            .to_owned()
    };
    place.raw(&drop_guards).await.unwrap();
    let found = async || {
        let findings = verify::verify(&place.database, &place.blobs).await.unwrap().findings;
        let own = findings.iter().filter(|finding| finding.detail.starts_with("documento de otro"));
        let mut codes: Vec<&str> = own.map(|finding| finding.kind.code()).collect();
        codes.sort_unstable();
        codes
    };
    let new = sha256(b"otra cosa");
    for (sql, expected) in [
        ("UPDATE external_document SET content = 'otra cosa'".to_owned(), vec!["content_altered"]),
        // With a digest that fits: the bitácora still tells of the other one.
        (format!("UPDATE external_document SET content_digest = '{new}'"), vec!["edited"]),
        (format!("UPDATE external_document SET pdf_digest = '{new}'"), vec!["blob_altered", "edited"]),
        ("DELETE FROM external_document".to_owned(), vec!["removed"]),
    ] {
        place.raw(&sql).await.unwrap();
        assert_eq!(found().await, expected, "{sql}");
    }
}

/// A file with an e.firma of such a document, with its event.
async fn with_efirma(place: &Place, id: DocumentId, file: &[u8], exported_at: i64) {
    let new = ExternalEfirma {
        document_id: id,
        pdf: BlobId(Uuid::now_v7()),
        pdf_digest: sha256(file),
        exported_at: at(exported_at),
    };
    let mut tx = place.begin().await;
    place.blobs.put(&mut tx, new.pdf, "application/pdf", file.to_vec(), at(6)).await.unwrap();
    tx.insert_external_efirma(&new).await.unwrap();
    tx.append_audit(NewAuditEvent {
        at: at(6),
        actor: Some(place.user),
        action: AuditAction::Create,
        entity: "external_efirma",
        entity_id: id.to_string(),
        patient_id: Some(place.patient),
        origin: "prueba".to_owned(),
        reason: Some(verify::trace(new.pdf_digest)),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// A receta of another establishment that was signed with an e.firma and cancelled there.
pub(crate) async fn cancelled(place: &Place, id: DocumentId) -> Cancelled {
    let cancelled =
        Cancelled { at: at(5), by: "Dr. Elías Fresno".to_owned(), reason: "dosis equivocada".to_owned() };
    with_efirma(place, id, b"%PDF firmado", 9).await;
    let mut tx = place.begin().await;
    tx.insert_external_cancellation(id, &cancelled).await.unwrap();
    tx.commit().await.unwrap();
    cancelled
}

async fn what_comes_beside_a_document_is_kept_and_the_latest_file_counts(place: Place) {
    let id = brought(&place, 2).await.head.id;
    let cancelled = cancelled(&place, id).await;
    with_efirma(&place, id, b"%PDF de un paquete anterior", 8).await;
    let mut tx = place.begin().await;
    assert_eq!(tx.external_document(id).await.unwrap().unwrap().head.cancelled, Some(cancelled.clone()));
    let kept = tx.external_efirmas(id).await.unwrap();
    assert_eq!((kept.len(), kept[0].pdf_digest), (2, sha256(b"%PDF firmado")));
    let again = tx.insert_external_cancellation(id, &cancelled).await;
    assert!(matches!(again, Err(StorageError::NotUnique { .. } | StorageError::Immutable)), "{again:?}");
    drop(tx);
    let mut tx = place.begin().await;
    let told = sha256(b"otro archivo");
    tx.append_audit(NewAuditEvent {
        at: at(7),
        actor: Some(place.user),
        action: AuditAction::Create,
        entity: "external_efirma",
        entity_id: id.to_string(),
        patient_id: Some(place.patient),
        origin: "prueba".to_owned(),
        reason: Some(verify::trace(told)),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let findings = verify::verify(&place.database, &place.blobs).await.unwrap().findings;
    let codes: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.detail.starts_with("e.firma"))
        .map(|finding| finding.kind.code())
        .collect();
    assert_eq!(codes, ["edited"], "an event tells of a file that is not there");
}
