//! What a record holds, apart from any format: what is exported and what comes back when it is imported.

use clinical::allergy::AllergyIntolerance;
use clinical::attachment::{AttachmentCategory, FileKind};
use clinical::care_act::CareAct;
use clinical::condition::ConditionEntry;
use clinical::consent::{ConsentMeans, ConsentPurpose};
use clinical::digest::Digest;
use clinical::document::{Cancelled, DocumentBody, DocumentContent, DocumentKind, SignedDocument};
use clinical::encounter::Encounter;
use clinical::ids::{
    AttachmentId, ConsentId, DocumentId, EncounterId, EntryId, LabReportId, LabResultId, PatientId,
};
use clinical::laboratory::{LabResult, ResultSource, ResultState, TakenAt};
use clinical::medication::{MedicationRequest, MedicationStatement};
use clinical::observation::VitalSign;
use clinical::patient::NewPatient;
use clinical::practitioner::{Establishment, Practitioner};
use clinical::representative::Representative;
use jiff::Timestamp;
use jiff::civil::Date;

/// A whole record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it was exported.
    pub exported_at: Timestamp,
    /// Who exports it.
    pub establishment: Establishment,
    /// Whose record.
    pub patient: PatientFacts,
    /// Who may decide for the patient, closed entries too.
    pub representatives: Vec<Kept<Representative>>,
    /// Allergies, closed entries too.
    pub allergies: Vec<Kept<AllergyIntolerance>>,
    /// When allergies were asked for and denied, while it stands.
    pub allergies_denied: Option<Timestamp>,
    /// Problems, closed entries too.
    pub conditions: Vec<Kept<ConditionEntry>>,
    /// Medicines taken, closed entries too.
    pub medications: Vec<Kept<MedicationStatement>>,
    /// What was noted as done for the patient, here or elsewhere; closed: noted by mistake.
    pub acts: Vec<Kept<CareAct>>,
    /// Measurements, in the order of their ids.
    pub observations: Vec<Measurement>,
    /// Consultations, each with who attended.
    pub encounters: Vec<(Encounter, Practitioner)>,
    /// Laboratory reports.
    pub reports: Vec<Report>,
    /// Answers to what the patient was asked to agree to.
    pub consents: Vec<ConsentFacts>,
    /// Signed documents in the order of their acts.
    pub documents: Vec<DocumentFacts>,
    /// Files brought into the record.
    pub files: Vec<FileFacts>,
}

/// Who the patient is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientFacts {
    /// The record in the installation that exports.
    pub id: PatientId,
    /// Its number there.
    pub record_number: String,
    /// Numbers of the records that were joined to it.
    pub joined: Vec<String>,
    /// Identity and contact. The mother's record does not go along: it is another patient's.
    pub data: NewPatient,
}

/// An entry that is recorded and may be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// Identifies the entry.
    pub id: EntryId,
    /// What it says.
    pub value: T,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// From which day on it is no longer true.
    pub closed_on: Option<Date>,
}

/// A measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measurement {
    /// Identifies it.
    pub id: EntryId,
    /// What and how much.
    pub sign: VitalSign,
    /// When it was measured.
    pub taken_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// In which consultation.
    pub encounter_id: Option<EncounterId>,
}

/// A laboratory report with every version of its results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Identifies it.
    pub id: LabReportId,
    /// "Química sanguínea".
    pub panel: Option<String>,
    /// Who measured.
    pub laboratory: Option<String>,
    /// When the sample was taken.
    pub taken: TakenAt,
    /// How it came in.
    pub source: ResultSource,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Every version of every result.
    pub results: Vec<ResultVersion>,
}

/// One version of one result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultVersion {
    /// Identifies it.
    pub id: LabResultId,
    /// The place in its report.
    pub place: i64,
    /// First version, correction or withdrawal.
    pub state: ResultState,
    /// The version it takes the place of.
    pub supersedes: Option<LabResultId>,
    /// Why.
    pub reason: Option<String>,
    /// What it says.
    pub result: LabResult,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// An answer to something the patient was asked to agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentFacts {
    /// Identifies it.
    pub id: ConsentId,
    /// For what.
    pub purpose: ConsentPurpose,
    /// Version of the text that was shown.
    pub text_version: String,
    /// Given or refused.
    pub given: bool,
    /// How.
    pub means: ConsentMeans,
    /// Who answered when it was not the patient.
    pub answered_by: Option<String>,
    /// When.
    pub recorded_at: Timestamp,
    /// From when on it no longer counts; `None` until it is withdrawn.
    pub until: Option<Timestamp>,
}

/// A section of a document as it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// LOINC code of such a section, where one fits.
    pub loinc: Option<String>,
    /// What it says, a sentence a line.
    pub lines: Vec<String>,
}

/// Where a document stands in the chain of the installation where it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// SHA-256 of the content.
    pub content_digest: Digest,
    /// SHA-256 of the PDF.
    pub pdf_digest: Digest,
    /// Position in the chain.
    pub sequence: i64,
    /// Digest of the link before.
    pub previous: Digest,
    /// Digest of its link.
    pub digest: Digest,
}

/// A signed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFacts {
    /// Identifies it, also in other installations.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its title.
    pub title: String,
    /// Where it was signed.
    pub establishment: Establishment,
    /// Who signed it.
    pub author: Practitioner,
    /// When care happened.
    pub act_at: Timestamp,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Of which consultation.
    pub encounter_id: Option<EncounterId>,
    /// The document it corrects.
    pub amends: Option<DocumentId>,
    /// What it says.
    pub sections: Vec<Section>,
    /// Its diagnoses.
    pub conditions: Vec<ConditionEntry>,
    /// Its medicines.
    pub medication_requests: Vec<MedicationRequest>,
    /// SHA-256 of the transcript its evidence points into.
    pub transcript: Option<Digest>,
    /// Its place in the chain and its digests.
    pub seal: Seal,
    /// Whether it was signed in another installation than the one that exports.
    pub external: bool,
    /// SHA-256 of its PDF with the e.firma of who signed it, where there is one.
    pub efirma: Option<Digest>,
    /// That it holds no more, for a receta that was cancelled.
    pub cancelled: Option<Cancelled>,
}

/// A file of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Identifies it.
    pub id: AttachmentId,
    /// What for.
    pub category: AttachmentCategory,
    /// What it is.
    pub kind: FileKind,
    /// What it is called.
    pub title: String,
    /// The name it came with.
    pub file_name: String,
    /// Day of the study or paper.
    pub studied_on: Option<Date>,
    /// When it was brought.
    pub recorded_at: Timestamp,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// That it no longer counts: when, who said so (as named there) and why.
    pub withdrawn: Option<(Timestamp, String, String)>,
}

impl DocumentFacts {
    /// What a document signed in this installation says.
    #[must_use]
    pub fn of(document: &SignedDocument, content: &DocumentContent) -> Self {
        let seal = Seal {
            content_digest: document.content_digest,
            pdf_digest: document.pdf_digest,
            sequence: document.sequence,
            previous: document.previous,
            digest: document.digest,
        };
        Self { external: false, ..Self::read(content, seal, document.encounter_id) }
    }

    /// What a document signed elsewhere says.
    #[must_use]
    pub fn external(content: &DocumentContent, seal: Seal) -> Self {
        Self { external: true, ..Self::read(content, seal, None) }
    }

    fn read(content: &DocumentContent, seal: Seal, encounter_id: Option<EncounterId>) -> Self {
        let (conditions, medication_requests, transcript, amends) = match &content.body {
            DocumentBody::Note { conditions, medication_requests, transcript, .. } => {
                (conditions.clone(), medication_requests.clone(), *transcript, None)
            }
            DocumentBody::Prescription { medication_requests, .. } => {
                (Vec::new(), medication_requests.clone(), None, None)
            }
            DocumentBody::Addendum { amends, .. } => (Vec::new(), Vec::new(), None, Some(*amends)),
        };
        Self {
            id: content.id,
            kind: content.kind,
            title: content.title.clone(),
            establishment: content.establishment.clone(),
            author: content.author.clone(),
            act_at: content.act_at,
            signed_at: content.signed_at,
            encounter_id,
            amends,
            sections: crate::sections::of(&content.body),
            conditions,
            medication_requests,
            transcript,
            seal,
            external: false,
            efirma: None,
            cancelled: None,
        }
    }
}
