//! Documents of the record: their kinds, what is frozen at signing, and the signed document.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::condition::ConditionEntry;
use crate::digest::Digest;
use crate::draft::{AlertDecision, Origin};
use crate::ids::{BlobId, DocumentId, EncounterId, PatientId, UserId};
use crate::medication::MedicationRequest;
use crate::observation::VitalSign;
use crate::practitioner::{Establishment, Practitioner};
use crate::transcript::Evidence;

/// Version of the shape of [`DocumentContent`]. Readers keep understanding every older number.
pub const CONTENT_SCHEMA: u32 = 1;

/// Kinds of document. The catalogue of NOM-004 has more; each is one variant here and one definition in `nom004`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DocumentKind {
    /// Historia clínica (NOM-004 6.1).
    #[serde(rename = "HC")]
    ClinicalHistory,
    /// Nota de evolución (NOM-004 6.2).
    #[serde(rename = "NEV")]
    ProgressNote,
    /// Receta médica (RIS 28-30, LGS 225-226).
    #[serde(rename = "RX")]
    Prescription,
    /// Nota aclaratoria (adenda): the only way to correct a signed document.
    #[serde(rename = "ADE")]
    Addendum,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 4] =
        [Self::ClinicalHistory, Self::ProgressNote, Self::Prescription, Self::Addendum];

    /// Stored code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ClinicalHistory => "HC",
            Self::ProgressNote => "NEV",
            Self::Prescription => "RX",
            Self::Addendum => "ADE",
        }
    }

    /// Reads [`DocumentKind::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The name on screens and documents.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ClinicalHistory => "Historia clínica",
            Self::ProgressNote => "Nota de evolución",
            Self::Prescription => "Receta médica",
            Self::Addendum => "Nota aclaratoria (adenda)",
        }
    }
}

/// The patient as documents name them, frozen at signing (NOM-004 5.2.3, 5.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientHeader {
    /// The record.
    pub id: PatientId,
    /// Full name.
    pub name: String,
    /// Sex in words.
    pub sex: String,
    /// Age at the date of the act, in words.
    pub age: String,
    /// Date of birth as ISO date, when known.
    pub birth_date: Option<String>,
    /// CURP, when known.
    pub curp: Option<String>,
    /// Address, when known.
    pub address: Option<String>,
    /// Number of the expediente.
    pub record_number: String,
    /// Allergies in one line, always printed.
    pub allergies: String,
}

/// One sentence or entry of a signed section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedItem {
    /// What it says.
    pub text: String,
    /// Where it came from.
    pub origin: Origin,
    /// The words it rests on, in the transcript of the consultation.
    pub evidence: Vec<Evidence>,
}

/// One section as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedSection {
    /// Identifier of the section.
    pub id: String,
    /// Heading.
    pub label: String,
    /// Numeral, only when confirmed (grades T or S of the reference).
    pub numeral: Option<String>,
    /// What it says.
    pub items: Vec<SignedItem>,
}

/// What differs between kinds of document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "body", rename_all = "snake_case")]
pub enum DocumentBody {
    /// Historia clínica or nota de evolución.
    Note {
        /// The sections in the order of the norm.
        sections: Vec<SignedSection>,
        /// The measurements of the visit.
        vital_signs: Vec<VitalSign>,
        /// The diagnoses with their codes.
        conditions: Vec<ConditionEntry>,
        /// The medicines indicated, continued and stopped.
        medication_requests: Vec<MedicationRequest>,
        /// Digest of the transcript the evidence points into; absent for a note without one.
        transcript: Option<Digest>,
    },
    /// Receta médica.
    Prescription {
        /// Folio of the establishment.
        folio: String,
        /// The medicines, none of them stopped.
        medication_requests: Vec<MedicationRequest>,
        /// Diagnosis, when the physician wants it printed.
        diagnosis: Option<String>,
        /// Indications that are not medicines.
        instructions: Vec<String>,
        /// Decisions taken on alerts.
        alert_decisions: Vec<AlertDecision>,
    },
    /// Nota aclaratoria (adenda).
    Addendum {
        /// The document it corrects.
        amends: DocumentId,
        /// Name and time of that document, for the reader.
        amends_title: String,
        /// Digest of that document's content.
        amends_digest: Digest,
        /// Why it is needed.
        reason: String,
        /// What it says.
        text: String,
    },
}

/// Everything a signed document says, frozen: it can be read without looking anything up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentContent {
    /// [`CONTENT_SCHEMA`] when it was written.
    pub schema: u32,
    /// The document.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Where it was made.
    pub establishment: Establishment,
    /// About whom.
    pub patient: PatientHeader,
    /// Who made and signed it.
    pub author: Practitioner,
    /// When care happened (fecha y hora del acto).
    pub act_at: Timestamp,
    /// When it was signed (fecha y hora del registro).
    pub signed_at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub body: DocumentBody,
}

/// A signed document as stored. There is no way to change one: only to read it and to add an addendum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDocument {
    /// Identifies it.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Whose record.
    pub patient_id: PatientId,
    /// Of which consultation; an addendum belongs to that of its original.
    pub encounter_id: Option<EncounterId>,
    /// The document it corrects, for an addendum.
    pub amends: Option<DocumentId>,
    /// Who signed.
    pub signed_by: UserId,
    /// When.
    pub signed_at: Timestamp,
    /// When care happened.
    pub act_at: Timestamp,
    /// The frozen content as stored: canonical JSON of [`DocumentContent`].
    pub content: String,
    /// SHA-256 of `content`.
    pub content_digest: Digest,
    /// The PDF in the blob store.
    pub pdf: BlobId,
    /// SHA-256 of the PDF.
    pub pdf_digest: Digest,
    /// Position in the chain of documents, from 1, without gaps.
    pub sequence: i64,
    /// Digest of the link before.
    pub previous: Digest,
    /// Digest of this link.
    pub digest: Digest,
}
