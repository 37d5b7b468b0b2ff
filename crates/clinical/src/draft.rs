//! A draft: what the system proposes and what the physician has made of it so far. Never a note by itself.
//!
//! A draft becomes a signed document only through `care::signing`; there is no conversion here on purpose.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::allergy::AllergyIntolerance;
use crate::condition::ConditionEntry;
use crate::digest::Digest;
use crate::document::DocumentKind;
use crate::ids::{DocumentId, ItemId, UserId};
use crate::medication::MedicationRequest;
use crate::observation::VitalSign;
use crate::outline::Outline;
use crate::preference::Manner;
use crate::transcript::Evidence;

/// Names a section of a document, for example `ev.pronostico`. The definitions are data in crate `nom004`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SectionId(pub Cow<'static, str>);

impl SectionId {
    /// Evolución y actualización del cuadro clínico, with the interrogation and antecedents (NOM-004 6.2.1).
    pub const EVOLUTION: Self = Self(Cow::Borrowed("ev.evolucion"));
    /// Signos vitales (NOM-004 6.2.2).
    pub const VITAL_SIGNS: Self = Self(Cow::Borrowed("ev.signos"));
    /// Exploración física: not a numeral of its own in the nota de evolución; part of the clinical picture.
    pub const EXAMINATION: Self = Self(Cow::Borrowed("ev.exploracion"));
    /// Resultados relevantes de los estudios (NOM-004 6.2.3).
    pub const RESULTS: Self = Self(Cow::Borrowed("ev.resultados"));
    /// Diagnósticos o problemas clínicos (NOM-004 6.2.4).
    pub const DIAGNOSES: Self = Self(Cow::Borrowed("ev.diagnosticos"));
    /// Pronóstico (NOM-004 6.2.5).
    pub const PROGNOSIS: Self = Self(Cow::Borrowed("ev.pronostico"));
    /// Tratamiento e indicaciones médicas (NOM-004 6.2.6).
    pub const TREATMENT: Self = Self(Cow::Borrowed("ev.tratamiento"));

    /// Names a section by its identifier.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(Cow::Owned(id.to_owned()))
    }
}

impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an item says. Structured where the record keeps structure, plain words elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemContent {
    /// A sentence.
    Statement {
        /// The sentence, with its full stop.
        text: String,
    },
    /// A measurement taken in the visit.
    VitalSign(VitalSign),
    /// A diagnosis or clinical problem, with its code once confirmed.
    Condition(ConditionEntry),
    /// A medicine that is prescribed, continued or stopped.
    MedicationRequest(MedicationRequest),
    /// An allergy told in this visit; it goes to the patient's summary when signed, and is checked against at once.
    Allergy(AllergyIntolerance),
    /// Allergies asked about and denied altogether.
    AllergiesDenied,
    /// A row of a table, or a person who signs: labelled values in the order of the definition's columns.
    Row {
        /// The values; a cell nobody filled is absent.
        cells: Vec<Cell>,
    },
}

/// One labelled value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The column, as its definition names it.
    pub label: String,
    /// What it says.
    pub text: String,
}

impl ItemContent {
    /// The item as one Spanish sentence or line.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Statement { text } => text.clone(),
            Self::VitalSign(sign) => sign.to_string(),
            Self::Condition(condition) => condition.to_string(),
            Self::MedicationRequest(request) => request.to_string(),
            Self::Allergy(allergy) => allergy.to_string(),
            Self::AllergiesDenied => "Niega alergias.".to_owned(),
            Self::Row { cells } => {
                let values: Vec<String> =
                    cells.iter().map(|cell| format!("{}: {}", cell.label, cell.text)).collect();
                format!("{}.", values.join("; "))
            }
        }
    }
}

/// Where an item came from. Kept in the signed document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Origin {
    /// Proposed by the system, unchanged.
    Proposed,
    /// Proposed by the system, then changed by the physician.
    Edited {
        /// The words of the proposal.
        original: String,
    },
    /// Written by the physician.
    Written,
}

/// What the physician decided about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// Not looked at yet: shown dashed, cannot be signed.
    Pending,
    /// Accepted: part of what will be signed.
    Accepted,
    /// Struck out of the draft: gone at signing (NOM-004 5.11 knows no crossings-out).
    Discarded,
}

/// Where in the record a sentence was taken from: the evidence of what nobody said in a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSource {
    /// The signed document; absent for laboratory results, which are not one.
    pub document: Option<DocumentId>,
    /// Its name and date, as the sentence says them.
    pub words: String,
}

/// One sentence or structured entry of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftItem {
    /// Identifies the item while the draft lives.
    pub id: ItemId,
    /// The section it belongs to.
    pub section: SectionId,
    /// What it says.
    pub content: ItemContent,
    /// The words it rests on; empty only for what the physician wrote and for what was taken from the record.
    pub evidence: Vec<Evidence>,
    /// What of the record it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<RecordSource>,
    /// The sentence as it was composed, where it is proposed in words the physician prefers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// What the physician decided.
    pub review: Review,
}

impl DraftItem {
    /// Whether the item must be accepted by itself: medicines, measurements, diagnoses and denials are never
    /// accepted in bulk (design language, section 10).
    #[must_use]
    pub fn needs_own_acceptance(&self) -> bool {
        match &self.content {
            ItemContent::Statement { text } => {
                let lower = text.to_lowercase();
                let denies = lower.split(|c: char| !c.is_alphabetic()).any(|word| {
                    matches!(word, "no" | "sin" | "niega" | "ni" | "nunca" | "ningún" | "ninguna")
                });
                denies
                    || lower.contains("alergi")
                    || lower.contains("alérgi")
                    || text.chars().any(|c| c.is_ascii_digit())
            }
            _ => true,
        }
    }
}

/// Something heard that could not be supported well enough to stand in the draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What was understood, as a sentence.
    pub text: String,
    /// Why it is doubtful, in Spanish, for the physician.
    pub reason: String,
    /// The section the sentence would go to.
    pub section: SectionId,
    /// The words heard.
    pub evidence: Vec<Evidence>,
}

/// Something of the conversation that was not used, told to the physician. It never goes into a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What was not used and why, in Spanish.
    pub text: String,
    /// The words, where they are few.
    pub evidence: Vec<Evidence>,
}

/// A decision to go on in spite of an alert; kept in the signed prescription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertDecision {
    /// The alert's stable key: kind and drugs.
    pub alert_key: String,
    /// Severity word at the time of the decision.
    pub severity: String,
    /// The alert's message at the time of the decision.
    pub message: String,
    /// Coded reason, for example `beneficio_supera_riesgo`.
    pub reason_code: String,
    /// The physician's own words; required for `contraindicada`.
    pub reason_text: String,
    /// The day on which what was promised is looked at; only of `se_vigilara`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<Date>,
    /// Editions of the facts the alert came from; absent in what was decided before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_version: Option<String>,
    /// Who decided.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What a language model did for a draft, beside the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelShare {
    /// The model.
    pub name: String,
    /// SHA-256 of its file.
    pub model_digest: Digest,
    /// SHA-256 of the instructions it was given.
    pub prompt_digest: Digest,
    /// Sentences of its that what was said supports and nobody had written.
    pub added: usize,
    /// Sentences of its that nothing supports.
    pub refused: usize,
    /// When.
    pub at: Timestamp,
}

/// A draft of a document with its unresolved doubts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftNote {
    /// Which document it will be.
    pub kind: DocumentKind,
    /// Code of the specialty template that adds sections to it, if one was chosen.
    #[serde(default)]
    pub template: Option<String>,
    /// Which sections it shows and in which order, when its physician laid it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outline: Option<Outline>,
    /// The items in the order they are read.
    pub items: Vec<DraftItem>,
    /// What was heard but not put into the draft.
    pub doubts: Vec<Doubt>,
    /// What of the conversation was not used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// Decisions about safety alerts.
    #[serde(default)]
    pub alert_decisions: Vec<AlertDecision>,
    /// How it is written as a whole.
    #[serde(default, skip_serializing_if = "Manner::is_complete")]
    pub manner: Manner,
    /// What a language model proposed of it, when one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelShare>,
    /// Sections whose items the physician put in another order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arranged: Vec<SectionId>,
}

impl DraftNote {
    /// An empty draft of a document.
    #[must_use]
    pub fn new(kind: DocumentKind) -> Self {
        Self {
            kind,
            template: None,
            outline: None,
            items: Vec::new(),
            doubts: Vec::new(),
            notices: Vec::new(),
            alert_decisions: Vec::new(),
            manner: Manner::default(),
            model: None,
            arranged: Vec::new(),
        }
    }

    /// The items that would be signed, in order.
    pub fn kept(&self) -> impl Iterator<Item = &DraftItem> {
        self.items.iter().filter(|item| item.review != Review::Discarded)
    }

    /// The kept items of one section, in order.
    pub fn section<'a>(&'a self, section: &'a SectionId) -> impl Iterator<Item = &'a DraftItem> {
        self.kept().filter(move |item| &item.section == section)
    }

    /// The item with this id.
    #[must_use]
    pub fn item(&self, id: ItemId) -> Option<&DraftItem> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The medicines that would be prescribed or continued.
    pub fn medication_requests(&self) -> impl Iterator<Item = &MedicationRequest> {
        self.kept().filter_map(|item| match &item.content {
            ItemContent::MedicationRequest(request) => Some(request),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::medication::RequestAction;

    fn item(section: SectionId, content: ItemContent, review: Review) -> DraftItem {
        DraftItem {
            id: ItemId(Uuid::now_v7()),
            section,
            content,
            evidence: Vec::new(),
            source: None,
            plain: None,
            origin: Origin::Written,
            review,
        }
    }

    #[test]
    fn what_the_physician_discarded_is_neither_read_nor_prescribed() {
        let line =
            |name: &str| ItemContent::MedicationRequest(MedicationRequest::named(name, RequestAction::Start));
        let words = ItemContent::Statement { text: "Reposo.".to_owned() };
        let mut note = DraftNote::new(DocumentKind::PROGRESS_NOTE);
        note.items = vec![
            item(SectionId::EVOLUTION, line("losartán"), Review::Accepted),
            item(SectionId::EVOLUTION, line("ibuprofeno"), Review::Discarded),
            item(SectionId::EVOLUTION, words, Review::Accepted),
            item(SectionId::RESULTS, line("paracetamol"), Review::Pending),
        ];
        let prescribed: Vec<_> = note.medication_requests().map(|line| line.medicine.as_str()).collect();
        assert_eq!(prescribed, ["losartán", "paracetamol"]);
        assert_eq!(note.section(&SectionId::EVOLUTION).count(), 2);
    }
}
