//! Everything a record holds, read in one transaction.

use clinical::audit::{AuditAction, AuditEvent};
use clinical::digest::Digest;
use clinical::document::{Cancelled, DocumentContent};
use clinical::ids::{BlobId, DocumentId, PatientId};
use clinical::patient::Patient;
use clinical::practitioner::Establishment;
use fhir::{
    ConsentFacts, DocumentFacts, FileFacts, Kept, Measurement, PatientFacts, Record, Report, ResultVersion,
    Seal,
};
use jiff::Timestamp;
use storage::{AuditFilter, LabReportEntry, PageRequest, SummaryEntry, Tx};

use crate::content::sha256;
use crate::error::CareError;

/// Rows read at a time.
const BATCH: u32 = 200;
/// Most movements of the bitácora that go along: the newest.
const MOST_EVENTS: usize = 2_000;

/// A signed document on its way out.
#[derive(Debug, Clone)]
pub(super) struct Carried {
    pub(super) id: DocumentId,
    pub(super) title: String,
    pub(super) author: String,
    pub(super) act_at: Timestamp,
    /// The establishment, when it was signed in another one.
    pub(super) origin: Option<String>,
    /// The content as it was digested.
    pub(super) content: String,
    pub(super) pdf: BlobId,
    pub(super) pdf_digest: Digest,
    /// The file with the e.firma of who signed it.
    pub(super) efirma: Option<(BlobId, Digest)>,
}

/// A whole record with where its files lie.
pub(super) struct Gathered {
    pub(super) patient: Patient,
    pub(super) establishment: Establishment,
    pub(super) record: Record,
    /// In the order of the acts.
    pub(super) documents: Vec<Carried>,
    /// Transcripts that documents name, by their digest.
    pub(super) transcripts: Vec<(Digest, String)>,
    /// What was signed, printed and handed out, oldest first, with who did it.
    pub(super) events: Vec<(AuditEvent, String)>,
    /// How many older ones there are.
    pub(super) events_left_out: usize,
}

pub(super) async fn gather(tx: &mut Tx, patient: PatientId, now: Timestamp) -> Result<Gathered, CareError> {
    let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
    let id = patient.id;
    let establishment =
        tx.establishment().await?.ok_or(CareError::NotFound { what: "el establecimiento" })?;
    let summary = tx.summary(id).await?;
    let mut facts = patient.data.clone();
    // Another patient's record: it does not go along.
    facts.details.mother = None;
    let mut record = Record {
        exported_at: now,
        establishment: establishment.clone(),
        patient: PatientFacts {
            id,
            record_number: patient.record_number.clone(),
            joined: tx.joined_numbers(id).await?,
            data: facts,
        },
        representatives: representatives(tx, id).await?,
        allergies: kept(&summary.allergies),
        allergies_denied: summary.allergies_denied.map(|denied| denied.at),
        conditions: kept(&summary.conditions),
        medications: kept(&summary.medications),
        acts: kept(&summary.acts),
        observations: measurements(tx, id).await?,
        encounters: encounters(tx, id).await?,
        reports: reports(tx, id).await?,
        consents: consents(tx, id).await?,
        documents: Vec::new(),
        files: files(tx, id).await?,
    };
    let mut transcripts = Vec::new();
    let mut signed = own_documents(tx, id, &mut transcripts).await?;
    signed.extend(external_documents(tx, id, &mut transcripts).await?);
    signed.sort_by_key(|(facts, _)| (facts.act_at, facts.signed_at, facts.id));
    let (facts, documents) = signed.into_iter().unzip();
    record.documents = facts;
    let (events, events_left_out) = events(tx, id).await?;
    Ok(Gathered { patient, establishment, record, documents, transcripts, events, events_left_out })
}

fn kept<T: Clone>(entries: &[SummaryEntry<T>]) -> Vec<Kept<T>> {
    let one = |entry: &SummaryEntry<T>| Kept {
        id: entry.id,
        value: entry.value.clone(),
        recorded_at: entry.recorded.at,
        closed_on: entry.closed.map(|closed| closed.on),
    };
    entries.iter().map(one).collect()
}

async fn representatives(
    tx: &mut Tx,
    id: PatientId,
) -> Result<Vec<Kept<clinical::representative::Representative>>, CareError> {
    let all = tx.representatives(id).await?;
    let one = |own: storage::StoredRepresentative| Kept {
        id: own.id,
        value: own.value,
        recorded_at: own.recorded_at,
        closed_on: own.closed_on,
    };
    Ok(all.into_iter().map(one).collect())
}

async fn measurements(tx: &mut Tx, id: PatientId) -> Result<Vec<Measurement>, CareError> {
    let all = tx.observations(id, Timestamp::MIN).await?;
    let mut all: Vec<Measurement> = all
        .into_iter()
        .map(|own| Measurement {
            id: own.id,
            sign: own.sign,
            taken_at: own.taken_at,
            recorded_at: own.recorded.at,
            encounter_id: own.recorded.encounter_id,
        })
        .collect();
    all.sort_by_key(|own| own.id);
    Ok(all)
}

/// Pages of a list until there are no more.
macro_rules! all_pages {
    ($tx:ident.$method:ident($id:expr)) => {{
        let mut all = Vec::new();
        loop {
            let offset = u32::try_from(all.len()).unwrap_or(u32::MAX);
            let page = $tx.$method($id, PageRequest { limit: BATCH, offset }).await?.items;
            let last = page.len() < BATCH as usize;
            all.extend(page);
            if last {
                break all;
            }
        }
    }};
}

async fn encounters(
    tx: &mut Tx,
    id: PatientId,
) -> Result<Vec<(clinical::encounter::Encounter, clinical::practitioner::Practitioner)>, CareError> {
    let mut all = Vec::new();
    for mut encounter in all_pages!(tx.encounters_of_patient(id)) {
        let missing = || CareError::NotFound { what: "el profesional de una consulta" };
        let by = tx.practitioner(encounter.practitioner_id).await?.ok_or_else(missing)?;
        encounter.appointment_id = None;
        encounter.patient_id = id;
        all.push((encounter, by));
    }
    Ok(all)
}

async fn reports(tx: &mut Tx, id: PatientId) -> Result<Vec<Report>, CareError> {
    let one = |entry: LabReportEntry| Report {
        id: entry.report.id,
        panel: entry.report.panel,
        laboratory: entry.report.laboratory,
        taken: entry.report.taken,
        source: entry.report.source,
        recorded_at: entry.report.recorded_at,
        results: entry
            .results
            .into_iter()
            .map(|own| ResultVersion {
                id: own.id,
                place: own.place,
                state: own.state,
                supersedes: own.supersedes,
                reason: own.reason,
                result: own.result,
                recorded_at: own.recorded_at,
            })
            .collect(),
    };
    Ok(all_pages!(tx.lab_reports_of_patient(id)).into_iter().map(one).collect())
}

async fn consents(tx: &mut Tx, id: PatientId) -> Result<Vec<ConsentFacts>, CareError> {
    let one = |own: clinical::consent::Consent| ConsentFacts {
        id: own.id,
        purpose: own.purpose,
        text_version: own.text_version,
        given: own.given,
        means: own.means,
        answered_by: own.answered_by,
        recorded_at: own.recorded_at,
        until: own.until,
    };
    Ok(tx.consents(id).await?.into_iter().map(one).collect())
}

async fn files(tx: &mut Tx, id: PatientId) -> Result<Vec<FileFacts>, CareError> {
    let one = |entry: storage::AttachmentEntry| FileFacts {
        id: entry.attachment.id,
        category: entry.attachment.category,
        kind: entry.attachment.kind,
        title: entry.attachment.title,
        file_name: entry.attachment.file_name,
        studied_on: entry.attachment.studied_on,
        recorded_at: entry.attachment.recorded_at,
        size_bytes: entry.size_bytes,
        digest: entry.digest,
        withdrawn: entry.withdrawn.map(|own| (own.at, own.by_name, own.reason)),
    };
    Ok(all_pages!(tx.attachments_of_patient(id)).into_iter().map(one).collect())
}

type Transcripts = Vec<(Digest, String)>;

async fn own_documents(
    tx: &mut Tx,
    id: PatientId,
    transcripts: &mut Transcripts,
) -> Result<Vec<(DocumentFacts, Carried)>, CareError> {
    let mut all = Vec::new();
    for head in all_pages!(tx.documents_of_patient(id)) {
        let document = tx.document(head.id).await?.ok_or(CareError::NotFound { what: "un documento" })?;
        let content: DocumentContent =
            serde_json::from_str(&document.content).map_err(CareError::internal)?;
        let efirma = tx.document_efirma(head.id).await?.map(|own| (own.pdf, own.pdf_digest));
        let facts = DocumentFacts {
            efirma: efirma.map(|(_, digest)| digest),
            cancelled: tx.prescription_cancellation(head.id).await?.map(Cancelled::from),
            ..DocumentFacts::of(&document, &content)
        };
        if let Some((digest, encounter)) = facts.transcript.zip(document.encounter_id)
            && let Some(stored) = tx.transcript(encounter).await?
        {
            let text = serde_json::to_string(&stored.transcript).map_err(CareError::internal)?;
            keep_transcript(transcripts, digest, text);
        }
        let carried = carried(&content, None, document.content, (document.pdf, document.pdf_digest));
        all.push((facts, Carried { efirma, ..carried }));
    }
    Ok(all)
}

async fn external_documents(
    tx: &mut Tx,
    id: PatientId,
    transcripts: &mut Transcripts,
) -> Result<Vec<(DocumentFacts, Carried)>, CareError> {
    let mut all = Vec::new();
    let mut offset = 0;
    loop {
        let heads = tx.external_of_patient(id, PageRequest { limit: BATCH, offset }).await?;
        for head in &heads {
            let missing = CareError::NotFound { what: "un documento de otro establecimiento" };
            let document = tx.external_document(head.id).await?.ok_or(missing)?;
            let content: DocumentContent =
                serde_json::from_str(&document.content).map_err(CareError::internal)?;
            let (sequence, previous, digest) = head.origin_link;
            let seal = Seal {
                content_digest: head.content_digest,
                pdf_digest: head.pdf_digest,
                sequence,
                previous,
                digest,
            };
            let efirma = tx.external_efirmas(head.id).await?.first().map(|own| (own.pdf, own.pdf_digest));
            let facts = DocumentFacts {
                efirma: efirma.map(|(_, digest)| digest),
                cancelled: head.cancelled.clone(),
                ..DocumentFacts::external(&content, seal)
            };
            if let Some((digest, text)) = facts.transcript.zip(document.transcript) {
                keep_transcript(transcripts, digest, text);
            }
            let origin = Some(head.establishment.clone());
            let carried = carried(&content, origin, document.content, (head.pdf, head.pdf_digest));
            all.push((facts, Carried { efirma, ..carried }));
        }
        if heads.len() < BATCH as usize {
            return Ok(all);
        }
        offset += BATCH;
    }
}

/// Only the very transcript a document names, once.
fn keep_transcript(transcripts: &mut Transcripts, digest: Digest, text: String) {
    if sha256(text.as_bytes()) == digest && transcripts.iter().all(|(known, _)| *known != digest) {
        transcripts.push((digest, text));
    }
}

fn carried(
    own: &DocumentContent,
    origin: Option<String>,
    content: String,
    (pdf, pdf_digest): (BlobId, Digest),
) -> Carried {
    Carried {
        id: own.id,
        title: own.title.clone(),
        author: own.author.full_name(),
        act_at: own.act_at,
        origin,
        content,
        pdf,
        pdf_digest,
        efirma: None,
    }
}

/// What was signed, printed and handed out.
async fn events(tx: &mut Tx, id: PatientId) -> Result<(Vec<(AuditEvent, String)>, usize), CareError> {
    let people = tx.users().await?;
    let mut kept = std::collections::VecDeque::new();
    let (mut after, mut left_out) = (0, 0);
    let filter = AuditFilter { patient_id: Some(id), ..AuditFilter::default() };
    loop {
        let found = tx.audit_events_after(&filter, after, BATCH).await?;
        let last = found.len() < BATCH as usize;
        after = found.last().map_or(after, |event| event.sequence);
        for event in found {
            if !matches!(event.action, AuditAction::Sign | AuditAction::Print) {
                continue;
            }
            let who = match event.actor {
                None => "El programa".to_owned(),
                Some(actor) => {
                    let own = people.iter().find(|user| user.id == actor);
                    own.map(|user| user.display_name.clone()).unwrap_or_default()
                }
            };
            kept.push_back((event, who));
            if kept.len() > MOST_EVENTS {
                kept.pop_front();
                left_out += 1;
            }
        }
        if last {
            return Ok((kept.into(), left_out));
        }
    }
}
