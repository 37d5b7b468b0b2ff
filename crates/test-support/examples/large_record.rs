//! Fills the first record of an embedded practice with many signed consultations, for measuring.
//!
//! `cargo run -p test-support --example large_record -- DIRECTORY COUNT` prints the id of the patient. The documents say
//! what the patient's latest document says; their PDF is a few bytes, since a list of documents never reads it.

#![expect(clippy::print_stdout, reason = "the answer of a tool")]

use std::error::Error;
use std::path::PathBuf;

use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{BlobId, DocumentId, EncounterId};
use jiff::{SignedDuration, Timestamp};
use storage::keys::{KeyFile, KeyInputs};
use storage::{BlobStore, Database, DatabaseUrl, NewSignedDocument, PageRequest, sha256};
use uuid::Uuid;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("falta la carpeta")?);
    let count: i64 = arguments.next().ok_or("falta cuántas")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("{}", runtime.block_on(fill(&directory, count))?);
    Ok(())
}

async fn fill(directory: &std::path::Path, count: i64) -> Result<String> {
    let inputs = KeyInputs::from_environment(|name| std::env::var(name).ok())?;
    let (key, _) = KeyFile::at(&directory.join("medicus.key")).open(&inputs, true)?;
    let now = Timestamp::now();
    let database = Database::open(&DatabaseUrl::Embedded(directory.join("medicus.db")), &key, now).await?;
    let blobs = BlobStore::open(&directory.join("archivos"), &key)?;
    let mut tx = database.begin().await?;
    let latest = tx.recent_documents(PageRequest::first(1)).await?.items.pop().ok_or("no hay documentos")?.0;
    let model = tx.document(latest.id).await?.ok_or("no hay documento")?;
    let practitioner = tx.practitioners().await?.into_iter().next().ok_or("no hay médico")?;
    for number in 0..count {
        let at = now - SignedDuration::from_hours(24 * (number + 1));
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: model.patient_id,
            practitioner_id: practitioner.id,
            appointment_id: None,
            started_at: at,
            reason: "Control".to_owned(),
            state: EncounterState::Finished,
            document: clinical::document::DocumentKind::PROGRESS_NOTE,
        };
        tx.insert_encounter(&encounter).await?;
        let (pdf, bytes) = (BlobId(Uuid::now_v7()), b"%PDF-1.7".to_vec());
        let pdf_digest = sha256(&bytes);
        blobs.put(&mut tx, pdf, "application/pdf", bytes, at).await?;
        tx.insert_document(NewSignedDocument {
            id: DocumentId(Uuid::now_v7()),
            kind: model.kind,
            patient_id: model.patient_id,
            encounter_id: Some(encounter.id),
            amends: None,
            signed_by: model.signed_by,
            signed_at: at,
            act_at: at,
            content: model.content.clone(),
            pdf,
            pdf_digest,
        })
        .await?;
    }
    tx.commit().await?;
    database.close().await;
    Ok(model.patient_id.to_string())
}
