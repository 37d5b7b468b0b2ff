//! What a definition of a document says: its sections in the order of the norm, and what fills each of them.
//!
//! The definitions themselves are data, in `catalogs/documents`; [`crate::catalogue`] reads them.

use clinical::document::{DocumentKind, Layout};
use clinical::draft::SectionId;
use clinical::observation::VitalKind;
use serde::Deserialize;

use crate::citation::Citation;
use crate::topic::Topic;

/// When a section must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obligation {
    /// Always: signing waits for it.
    #[default]
    Required,
    /// When the physician judges it necessary, or when its condition holds; its absence is not reported.
    #[serde(rename = "when_needed")]
    WhenClinicallyNeeded,
    /// Free.
    Optional,
}

/// The part of a note a section belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Facts about the document itself: who, where, when.
    Record,
    /// Interrogatorio.
    Subjective,
    /// Exploración, mediciones y estudios.
    Objective,
    /// Diagnósticos y pronóstico.
    Assessment,
    /// Tratamiento e indicaciones.
    Plan,
}

impl Group {
    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Record => "Datos del documento",
            Self::Subjective => "Interrogatorio",
            Self::Objective => "Exploración y estudios",
            Self::Assessment => "Diagnósticos y pronóstico",
            Self::Plan => "Tratamiento e indicaciones",
        }
    }
}

/// What satisfies a required section, and so which form writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilledBy {
    /// Anything said in the section.
    Items,
    /// The same, for a region of the exploration.
    Region,
    /// Medicines and indications.
    Treatment,
    /// A diagnosis that is not ruled out, or anything said in the section.
    Diagnoses,
    /// All of these measurements anywhere in the document (any one when none are named), or anything said in the section.
    Measurements(Vec<VitalKind>),
    /// The patient's identity in the header; its gaps are reported there.
    Identity,
    /// The establishment in the header.
    Establishment,
    /// Whoever signs the document.
    Author,
    /// The date and time of the act in the header.
    ActTime,
    /// A date, written dd/mm/aaaa.
    Date,
    /// A date and time, written dd/mm/aaaa hh:mm.
    DateTime,
    /// One of these, word for word.
    Choice(Vec<String>),
    /// Rows of a table, or a sentence that says there were none.
    Rows(Vec<String>),
    /// Persons who sign by hand on the printed copy.
    Signers(Signers),
}

/// What is written about each person who signs by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signers {
    /// What is written about each; the first is the full name.
    pub columns: Vec<String>,
    /// Columns that may stay empty.
    #[serde(default)]
    pub optional: Vec<String>,
    /// How many persons at least.
    #[serde(default = "one")]
    pub at_least: usize,
}

fn one() -> usize {
    1
}

impl FilledBy {
    /// The columns of the rows that fill it; none for what is not filled by rows.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match self {
            Self::Rows(columns) => columns,
            Self::Signers(signers) => &signers.columns,
            _ => &[],
        }
    }

    /// Whether the head of the document already says it, so that nobody writes it.
    #[must_use]
    pub fn is_in_head(&self) -> bool {
        matches!(self, Self::Identity | Self::Establishment | Self::Author | Self::ActTime)
    }

    /// How a section filled by this is laid out on paper.
    #[must_use]
    pub fn layout(&self) -> Layout {
        match self {
            Self::Items | Self::Date | Self::DateTime | Self::Choice(_) => Layout::Text,
            Self::Region => Layout::Region,
            Self::Treatment => Layout::Treatment,
            Self::Diagnoses => Layout::Diagnoses,
            Self::Measurements(kinds) if kinds.is_empty() => Layout::Measurements,
            Self::Measurements(_) => Layout::OneMeasurement,
            Self::Identity | Self::Establishment | Self::Author | Self::ActTime => Layout::Head,
            Self::Rows(_) => Layout::Rows,
            Self::Signers(_) => Layout::Signers,
        }
    }
}

/// One section of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionDefinition {
    /// Identifier, equal to [`clinical::draft::SectionId`].
    pub id: String,
    /// Heading.
    pub label: String,
    /// Place in NOM-004 as far as it is known; not to be shown: see [`SectionDefinition::numeral`].
    pub place: Option<String>,
    /// Who asks for it, where that is confirmed (grades T and S of the reference).
    pub citation: Option<Citation>,
    /// When it must be there.
    pub obligation: Obligation,
    /// What to write, for the empty section on screen.
    pub hint: String,
    /// The part of the note.
    pub group: Group,
    /// What satisfies it.
    pub filled_by: FilledBy,
    /// Whether allergies are asked about here.
    pub asks_allergies: bool,
    /// The message when it is required and empty.
    pub missing: String,
    /// What of the signed record it begins with.
    pub takes: Option<Takes>,
    /// What of a consultation belongs here.
    pub hears: Vec<Topic>,
    /// Whether its sentences stand one below the other on paper.
    pub listed: bool,
}

/// What a section takes from the signed record when its document is begun: a proposal, to be reviewed like any other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Takes {
    /// The sections whose sentences it takes.
    pub sections: Vec<String>,
    /// Of how many documents that have them, the newest ones.
    pub documents: usize,
    /// Every diagnosis, as it was written last.
    pub conditions: bool,
    /// Every medicine, as it was indicated last.
    pub medicines: bool,
    /// The results of the newest laboratory reports.
    pub results: bool,
    /// The addenda of the documents that were taken from.
    pub addenda: bool,
    /// In words for the patient, and without the name of the document each comes from.
    pub plain: bool,
}

impl SectionDefinition {
    /// How it is laid out on paper.
    #[must_use]
    pub fn layout(&self) -> Layout {
        if self.listed { Layout::List } else { self.filled_by.layout() }
    }

    /// The confirmed numeral of NOM-004, for the margin of a form.
    #[must_use]
    pub fn numeral(&self) -> Option<&'static str> {
        self.citation.filter(|citation| citation.norm == crate::Norm::Nom004).map(|citation| citation.place)
    }
}

/// Who may write and sign a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// Médicos, odontólogos and other professionals who treat.
    Physician,
    /// Enfermería.
    Nurse,
}

/// Where in the practice a document is written, for the list one chooses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Consulta externa.
    Consulta,
    /// Urgencias.
    Urgencias,
    /// Hospitalización.
    Hospital,
    /// Cirugía y anestesia.
    Surgery,
    /// Enfermería y servicios auxiliares.
    Nursing,
    /// Consentimientos y avisos.
    Legal,
    /// Not chosen from a list: made by another document.
    None,
}

impl Service {
    /// Services one chooses from, in order.
    pub const CHOSEN: [Self; 6] =
        [Self::Consulta, Self::Urgencias, Self::Hospital, Self::Surgery, Self::Nursing, Self::Legal];

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Consulta => "Consulta",
            Self::Urgencias => "Urgencias",
            Self::Hospital => "Hospitalización",
            Self::Surgery => "Cirugía, anestesia y transfusión",
            Self::Nursing => "Enfermería y servicios auxiliares",
            Self::Legal => "Consentimientos y avisos",
            Self::None => "Otros",
        }
    }
}

/// Sections of which at least one must be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOf {
    /// The sections.
    pub sections: Vec<String>,
    /// The message when all are empty.
    pub message: String,
    /// Who asks for it.
    pub citation: Option<Citation>,
}

/// When the next note of a stay is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The longest time after one of `since`, in hours.
    pub hours: u32,
    /// The documents after which it is due.
    pub since: Vec<DocumentKind>,
    /// The documents with which the patient leaves.
    pub until: Vec<DocumentKind>,
    /// The documents that show that the patient is seen elsewhere again, though not since when.
    pub elsewhere: Vec<DocumentKind>,
    /// Who asks for it, where that is confirmed.
    pub citation: Option<Citation>,
}

/// A document as the norm describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentDefinition {
    /// Which document.
    pub kind: DocumentKind,
    /// Its title on screens and paper.
    pub title: String,
    /// LOINC code of this type of document, where one fits.
    pub loinc: Option<String>,
    /// Numeral of NOM-004 that asks for it, where that is confirmed.
    pub numeral: Option<String>,
    /// Domain of the norm's evaluation model it counts for.
    pub domain: Option<u8>,
    /// Where it is written.
    pub service: Service,
    /// Who may write and sign it.
    pub authors: Vec<Author>,
    /// When it is written, in one line.
    pub when: String,
    /// When it is due during a stay.
    pub due: Option<Due>,
    /// The request it answers.
    pub answers: Option<DocumentKind>,
    /// Its sections, in order.
    pub sections: Vec<SectionDefinition>,
    /// What must be filled in one of several sections.
    pub one_of: Vec<OneOf>,
}

impl DocumentDefinition {
    /// The section of this document with that identifier.
    #[must_use]
    pub fn section(&self, id: &SectionId) -> Option<&SectionDefinition> {
        self.sections.iter().find(|section| section.id == id.0)
    }
}
