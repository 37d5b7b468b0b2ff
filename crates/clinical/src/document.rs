//! Documents of the record: their kinds, what is frozen at signing, and the signed document.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::condition::ConditionEntry;
use crate::digest::Digest;
use crate::draft::{AlertDecision, Cell, Origin, RecordSource};
use crate::ids::{BlobId, DocumentId, EncounterId, PatientId, UserId};
use crate::medication::MedicationRequest;
use crate::observation::VitalSign;
use crate::practitioner::{Establishment, Practitioner};
use crate::transcript::Evidence;

/// Version of the shape of [`DocumentContent`]. Readers keep understanding every older number.
pub const CONTENT_SCHEMA: u32 = 3;

/// A kind of document, by the code of its definition.
///
/// Which kinds exist, what they are called and what they must say are data (crate `nom004`): a new document is a new
/// definition. A stored document keeps its code even where a program no longer has its definition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentKind([u8; 4]);

impl DocumentKind {
    /// Historia clínica (NOM-004 6.1).
    pub const CLINICAL_HISTORY: Self = Self(*b"HC\0\0");
    /// Nota de evolución (NOM-004 6.2).
    pub const PROGRESS_NOTE: Self = Self(*b"NEV\0");
    /// Receta médica (RIS 28-30, LGS 225-226).
    pub const PRESCRIPTION: Self = Self(*b"RX\0\0");
    /// Nota aclaratoria (adenda): the only way to correct a signed document.
    pub const ADDENDUM: Self = Self(*b"ADE\0");

    /// Stored code, two to four capital letters.
    #[must_use]
    pub fn code(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        self.0.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Reads [`DocumentKind::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let bytes = code.as_bytes();
        if !(2..=4).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_uppercase) {
            return None;
        }
        let mut kind = [0; 4];
        kind.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self(kind))
    }
}

impl fmt::Debug for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for DocumentKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for DocumentKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code)
            .ok_or_else(|| serde::de::Error::custom(format!("`{code}` is not the code of a document")))
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
    /// What of the record it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<RecordSource>,
    /// The labelled values of a row or of a person who signs; empty for a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Cell>,
}

/// How a section is laid out on paper. Kept with the document, so that it reads the same when definitions change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Sentences.
    #[default]
    Text,
    /// Sentences one below the other, for who has to follow them.
    List,
    /// What the head of the document already says: identity, establishment, author, time of the act.
    Head,
    /// All measurements of the document.
    Measurements,
    /// One measurement among several sections.
    OneMeasurement,
    /// A region of the exploration: a short labelled line.
    Region,
    /// The diagnoses with their codes.
    Diagnoses,
    /// The medicines and indications.
    Treatment,
    /// Rows of a table.
    Rows,
    /// Persons who sign by hand on the printed document.
    Signers,
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
    /// How it is laid out.
    pub layout: Layout,
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

/// A signed document named in another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentReference {
    /// Which.
    pub id: DocumentId,
    /// Its name and date, for the reader.
    pub title: String,
    /// Digest of its content.
    pub digest: Digest,
}

/// The supervision a trainee's document was written under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    /// Who supervises, answers for the document and signs it.
    pub physician: Practitioner,
    /// When the author sent it to be signed.
    pub sent_at: Timestamp,
    /// Headings of the sections in which the supervisor changed, added or took away something before signing.
    pub changed: Vec<String>,
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
    /// Its title, for example "Nota de evolución".
    pub title: String,
    /// Where it was made.
    pub establishment: Establishment,
    /// About whom.
    pub patient: PatientHeader,
    /// Who made it, and signed it unless it was made under supervision.
    pub author: Practitioner,
    /// Under whose supervision a trainee made it; who supervises has signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervision: Option<Supervision>,
    /// The request it answers, for a nota de interconsulta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<DocumentReference>,
    /// When care happened (fecha y hora del acto).
    pub act_at: Timestamp,
    /// When it was signed (fecha y hora del registro).
    pub signed_at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub body: DocumentBody,
}

impl DocumentContent {
    /// Who signed it and answers for it.
    #[must_use]
    pub fn signer(&self) -> &Practitioner {
        self.supervision.as_ref().map_or(&self.author, |supervision| &supervision.physician)
    }
}

/// That a receta holds no more, as paper and other establishments are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// When.
    pub at: Timestamp,
    /// Name of who cancelled it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl From<Cancellation> for Cancelled {
    fn from(own: Cancellation) -> Self {
        Self { at: own.at, by: own.by_name, reason: own.reason }
    }
}

/// A receta that holds no more. The signed document stays as it is: this is a record of its own that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// The receta.
    pub document_id: DocumentId,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: UserId,
    /// Name on screens of who.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_back_from_its_code_and_nothing_else_is_a_code() {
        for code in ["HC", "NEV", "RX", "ADE", "ABCD"] {
            assert_eq!(DocumentKind::from_code(code).as_ref().map(DocumentKind::code), Some(code));
        }
        assert_eq!(DocumentKind::from_code("NEV"), Some(DocumentKind::PROGRESS_NOTE));
        for code in ["", "A", "ABCDE", "nev", "N V", "Ñ", "RX\0", "R2"] {
            assert_eq!(DocumentKind::from_code(code), None, "{code:?}");
        }
    }
}
