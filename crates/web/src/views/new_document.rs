//! Choosing which document of the record to write, and when the act happened.

use askama::Template;

use super::form::{ErrorSummary, Field};
use super::shell::{PatientBar, Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "new_document.html")]
pub struct NewDocumentPage {
    /// The frame.
    pub shell: Shell,
    /// Whose record.
    pub patient: PatientBar,
    /// The documents by service: heading and its documents.
    pub services: Vec<(&'static str, Vec<Offered>)>,
    /// When the act happened: date and time, empty for now.
    pub when: [Field; 2],
    /// Whether the part about another time is open.
    pub late: bool,
    /// What is wrong.
    pub errors: ErrorSummary,
}

/// One document that can be written.
pub struct Offered {
    /// Its code, posted.
    pub code: String,
    /// Its title.
    pub title: &'static str,
    /// When it is written.
    pub when: &'static str,
    /// Numeral that asks for it, where confirmed.
    pub numeral: Option<&'static str>,
}
