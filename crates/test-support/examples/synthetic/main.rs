//! Writes many invented notes over many invented patients into a practice, for measuring.
//!
//! `cargo run -p test-support --example synthetic -- DIRECTORY NOTES PATIENTS HOURS [postgres://...]`, where DIRECTORY is
//! that of a demonstration clinic that was stopped, and the notes lie in so many hours before now. Each note is a
//! consultation with what was measured, a signed document in its chain, an entry of the search and an event of the bitácora,
//! as the program writes them; only the PDF is one tiny file that all share.
//! Prints JSON: the record with most notes, some others, and the seconds it took. The same arguments write the same
//! words.

#![expect(clippy::print_stdout, reason = "the answer of a tool")]

mod measured;
mod words;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use care::search::entry;
use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::digest::Digest;
use clinical::document::{DocumentBody, DocumentContent, DocumentKind, PatientHeader, SignedItem};
use clinical::draft::Origin;
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{BlobId, DocumentId, EncounterId, PatientId, PractitionerId, UserId};
use clinical::patient::{Identity, NewPatient};
use clinical::person::{BirthDate, PersonName, Sex};
use jiff::{SignedDuration, Timestamp};
use measured::Measured;
use storage::keys::{KeyFile, KeyInputs};
use storage::{BlobStore, Database, DatabaseUrl, NewSignedDocument, PageRequest, SearchEntry, sha256};
use terminology::icd::IcdIndex;
use uuid::Uuid;
use words::Dice;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Notes written in one transaction.
const BATCH: usize = 500;
/// One in so many notes is of the patient who comes most often.
const REGULAR: u64 = 1_000;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("falta la carpeta")?);
    let notes: usize = arguments.next().ok_or("falta cuántas notas")?.parse()?;
    let patients: usize = arguments.next().ok_or("falta cuántos pacientes")?.parse()?;
    let hours: i64 = arguments.next().ok_or("falta en cuántas horas")?.parse()?;
    let url = match arguments.next() {
        Some(url) => DatabaseUrl::parse(&url)?,
        None => DatabaseUrl::Embedded(directory.join("medicus.db")),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("{}", runtime.block_on(fill(&directory, &url, (notes, patients), hours))?);
    Ok(())
}

async fn fill(
    directory: &std::path::Path,
    url: &DatabaseUrl,
    (notes, patients): (usize, usize),
    hours: i64,
) -> Result<String> {
    let begun = Instant::now();
    let inputs = KeyInputs::from_environment(|name| std::env::var(name).ok())?;
    let (key, _) = KeyFile::at(&directory.join("medicus.key")).open(&inputs, true)?;
    let now = Timestamp::now();
    let database = Database::open(url, &key, now).await?;
    let blobs = BlobStore::open(&directory.join("archivos"), &key)?;
    // What the clinic had is indexed now, so that its first start does not go through everything written here again.
    let renderer = Arc::new(documents::Renderer::new()?);
    care::Care::new(database.clone(), blobs.clone(), renderer, Arc::new(care::SystemClock))
        .bring_search_up_to_date()
        .await?;
    let model = model(&database, &blobs, now).await?;
    let headers = open_records(&database, patients, now - SignedDuration::from_hours(hours)).await?;
    let shown: Vec<String> =
        headers.iter().step_by(patients.div_ceil(200)).map(|p| p.id.to_string()).collect();
    let busiest = headers.first().map(|patient| patient.id.to_string()).ok_or("faltan pacientes")?;
    let (give, mut take) = tokio::sync::mpsc::channel(4);
    let author = model.author;
    let writer = std::thread::spawn(move || {
        let mut author = Author { model, headers, dice: Dice::new(7), now, notes, hours };
        let mut number = 0;
        while number < notes {
            let batch: Vec<Note> = (number..notes.min(number + BATCH)).map(|n| author.note(n)).collect();
            number += batch.len();
            if give.blocking_send(batch).is_err() {
                break;
            }
        }
    });
    let mut written = 0;
    while let Some(batch) = take.recv().await {
        written += batch.len();
        write(&database, batch, author).await?;
        if written % 50_000 == 0 {
            eprintln_progress(written, begun);
        }
    }
    writer.join().map_err(|_| "la escritura de palabras falló")?;
    database.close().await;
    Ok(serde_json::json!({ "busiest": busiest, "patients": shown, "seconds": begun.elapsed().as_secs_f64() })
        .to_string())
}

#[expect(clippy::print_stderr, reason = "tells whoever waits")]
fn eprintln_progress(written: usize, begun: Instant) {
    eprintln!("{written} notas en {:.0} s", begun.elapsed().as_secs_f64());
}

/// What all notes share.
struct Model {
    content: DocumentContent,
    author: UserId,
    practitioner: PractitionerId,
    pdf: BlobId,
    pdf_digest: Digest,
}

/// The latest note of the practice, and one tiny file in place of all PDFs.
async fn model(database: &Database, blobs: &BlobStore, now: Timestamp) -> Result<Model> {
    let mut tx = database.begin().await?;
    let latest = tx.recent_documents(PageRequest::first(50)).await?.items;
    let latest = latest.into_iter().find(|(head, _)| head.kind == DocumentKind::PROGRESS_NOTE);
    let document = tx.document(latest.ok_or("no hay notas")?.0.id).await?.ok_or("no hay nota")?;
    let practitioner = tx.practitioners().await?.into_iter().next().ok_or("no hay médico")?;
    let (pdf, bytes) = (BlobId(Uuid::now_v7()), b"%PDF-1.7".to_vec());
    let pdf_digest = sha256(&bytes);
    blobs.put(&mut tx, pdf, "application/pdf", bytes, now).await?;
    tx.commit().await?;
    let content = serde_json::from_str(&document.content)?;
    Ok(Model { content, author: document.signed_by, practitioner: practitioner.id, pdf, pdf_digest })
}

async fn open_records(database: &Database, count: usize, opened: Timestamp) -> Result<Vec<PatientHeader>> {
    let mut dice = Dice::new(3);
    let mut headers = Vec::with_capacity(count);
    while headers.len() < count {
        let mut tx = database.begin().await?;
        for _ in headers.len()..count.min(headers.len() + BATCH) {
            let patient = invented(&mut dice)?;
            let id = PatientId(Uuid::now_v7());
            let patient = tx.insert_patient(id, &patient, opened).await?;
            headers.push(PatientHeader {
                id,
                name: patient.full_name(),
                sex: patient.data.sex.label().to_owned(),
                age: "40 años".to_owned(),
                birth_date: patient.birth_date().map(|birth| birth.date().to_string()),
                curp: None,
                address: patient.data.address.clone(),
                record_number: patient.record_number.clone(),
                allergies: "negadas".to_owned(),
            });
        }
        tx.commit().await?;
    }
    Ok(headers)
}

fn invented(dice: &mut Dice) -> Result<NewPatient> {
    let name =
        PersonName::parse(dice.of(&words::GIVEN), dice.of(&words::SURNAMES), dice.of(&words::SURNAMES))?;
    let birth = format!("{:02}/{:02}/{}", 1 + dice.below(28), 1 + dice.below(12), 1935 + dice.below(85));
    let birth_date = BirthDate::parse(&birth, jiff::civil::date(2026, 1, 1))?;
    Ok(NewPatient {
        identity: Identity::Identified { name, birth_date, curp: None },
        sex: if dice.below(2) == 0 { Sex::Female } else { Sex::Male },
        phone: None,
        address: Some(format!("Calle {} {}, Puebla", dice.of(&words::SURNAMES), dice.below(900))),
        occupation: None,
        details: clinical::demographics::Demographics::default(),
    })
}

/// One note, ready to be written.
struct Note {
    encounter: Encounter,
    document: NewSignedDocument,
    entry: SearchEntry,
    measured: Measured,
}

/// Writes the notes one after the other in the order of time.
struct Author {
    model: Model,
    headers: Vec<PatientHeader>,
    dice: Dice,
    now: Timestamp,
    notes: usize,
    hours: i64,
}

impl Author {
    fn note(&mut self, number: usize) -> Note {
        let Self { model, headers, dice, now, notes, hours } = self;
        let back = (3600 * *hours) * (*notes - number) as i64 / *notes as i64;
        let at = *now - SignedDuration::from_secs(back + dice.below(60) as i64);
        let regular = dice.below(REGULAR) == 0;
        let patient = if regular { &headers[0] } else { &headers[dice.below(headers.len() as u64) as usize] };
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: patient.id,
            practitioner_id: model.practitioner,
            appointment_id: None,
            started_at: at,
            reason: "Control".to_owned(),
            state: EncounterState::Finished,
            document: DocumentKind::PROGRESS_NOTE,
        };
        let mut content = DocumentContent {
            id: DocumentId(Uuid::now_v7()),
            patient: patient.clone(),
            act_at: at,
            signed_at: at,
            ..model.content.clone()
        };
        say(&mut content.body, dice);
        let document = NewSignedDocument {
            id: content.id,
            kind: content.kind,
            patient_id: patient.id,
            encounter_id: Some(encounter.id),
            amends: None,
            signed_by: model.author,
            signed_at: at,
            act_at: at,
            content: serde_json::to_string(&content).unwrap_or_default(),
            pdf: model.pdf,
            pdf_digest: model.pdf_digest,
        };
        let measured = Measured::new(dice);
        Note { entry: entry(&content, model.author), encounter, document, measured }
    }
}

/// Fills the sections with sentences about one diagnosis: few are seen every day, most of the catalogue hardly ever.
fn say(body: &mut DocumentBody, dice: &mut Dice) {
    let DocumentBody::Note { sections, conditions, transcript, .. } = body else { return };
    let catalogue = IcdIndex::core().entries();
    let diagnosis = &catalogue[dice.skewed(catalogue.len())];
    *transcript = None;
    *conditions = vec![ConditionEntry {
        text: diagnosis.title.to_string(),
        certainty: Certainty::Confirmed,
        code: Some(ConditionCode {
            icd11: diagnosis.code.to_string(),
            title: diagnosis.title.to_string(),
            icd10: None,
            release: None,
        }),
    }];
    for section in sections.iter_mut() {
        let count = 1 + dice.below(4);
        section.items = (0..count).map(|_| item(words::sentence(dice))).collect();
    }
    if let Some(section) = sections.last_mut() {
        section.items.push(item(format!("{}.", diagnosis.title)));
    }
}

fn item(text: String) -> SignedItem {
    SignedItem { text, origin: Origin::Written, evidence: Vec::new(), source: None, cells: Vec::new() }
}

async fn write(database: &Database, batch: Vec<Note>, author: UserId) -> Result<()> {
    let mut tx = database.begin().await?;
    let mut documents = Vec::with_capacity(batch.len());
    for Note { encounter, document, entry, measured } in batch {
        tx.insert_encounter(&encounter).await?;
        measured.write(&mut tx, encounter.patient_id, encounter.id, (author, encounter.started_at)).await?;
        tx.index(&entry).await?;
        tx.append_audit(NewAuditEvent {
            at: document.signed_at,
            actor: Some(author),
            action: AuditAction::Sign,
            entity: "document",
            entity_id: document.id.to_string(),
            patient_id: Some(document.patient_id),
            origin: "127.0.0.1".to_owned(),
            reason: None,
        })
        .await?;
        documents.push(document);
    }
    tx.insert_documents(documents).await?;
    Ok(tx.commit().await?)
}
