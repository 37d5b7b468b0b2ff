//! How a physician likes a document laid out: which sections it shows, in which order, and sections of their own.
//!
//! An outline never takes away what the norm asks for: `nom004` puts that back wherever the outline leaves it out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::draft::SectionId;
use crate::ids::{PractitionerId, TemplateId};

/// A section as an outline names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineSection {
    /// Which; one of the document, or one of the physician's own.
    pub id: SectionId,
    /// The heading of a section of the physician's own; absent for one of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_label: Option<String>,
}

/// The layout of a document, kept with every draft that follows it, so that a later change of the template changes no draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// What its physician calls it.
    pub name: String,
    /// The sections that are shown, in order.
    pub sections: Vec<OutlineSection>,
}

/// A physician's own template of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteTemplate {
    /// Identifies it.
    pub id: TemplateId,
    /// Whose.
    pub practitioner_id: PractitionerId,
    /// Of which document.
    pub kind: DocumentKind,
    /// Code of the specialty template it began with, if any.
    pub base: Option<String>,
    /// Its name and layout.
    pub outline: Outline,
    /// Whether new drafts of this document begin with it; one of a document at most.
    pub is_default: bool,
    /// When it was made or last changed.
    pub changed_at: Timestamp,
}
