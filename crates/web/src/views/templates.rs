//! Plantillas: how this person lays out their documents.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// The list of one's templates.
#[derive(Template)]
#[template(path = "note_templates.html")]
pub struct TemplatesPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// The templates, by document and name.
    pub rows: Vec<TemplateRow>,
    /// The name of a new one.
    pub name: Field,
    /// Its document.
    pub document: Choice,
    /// The specialty it begins with.
    pub base: Choice,
}

/// A template in the list.
pub struct TemplateRow {
    /// Id in addresses.
    pub id: String,
    /// Its name.
    pub name: String,
    /// "Nota de evolución. Pediatría".
    pub about: String,
    /// Whether new drafts begin with it.
    pub is_default: bool,
}

/// One template.
#[derive(Template)]
#[template(path = "note_template.html")]
pub struct TemplatePage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// The template.
    pub row: TemplateRow,
    /// Another name for it.
    pub name: Field,
    /// The sections that are shown, in order.
    pub sections: Vec<SectionRow>,
    /// The sections of the document that are not: id and heading.
    pub hidden: Vec<(String, String)>,
    /// The heading of another section of one's own.
    pub heading: Field,
    /// An invented document in this layout: heading and sentences of each section.
    pub example: Vec<(String, Vec<String>)>,
}

/// A section of a template.
pub struct SectionRow {
    /// Id in forms.
    pub id: String,
    /// Anchor on the page.
    pub anchor: String,
    /// Heading.
    pub label: String,
    /// Where it is from, when that is worth saying.
    pub from: &'static str,
    /// Whether it cannot be taken away.
    pub fixed: bool,
}
