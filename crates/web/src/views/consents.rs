//! Consentimientos of a patient, and the aviso de privacidad with its versions.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// The page of a patient.
#[derive(Template)]
#[template(path = "consents.html")]
pub struct ConsentsPage {
    /// The frame.
    pub shell: Shell,
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// The line under it.
    pub about: String,
    /// Where the record opens.
    pub back: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Version of the aviso in force; 0 when there is none.
    pub version: i64,
    /// Whether the person may record answers.
    pub edits: bool,
    /// Where a request about the patient's data begins, for who receives them.
    pub requests: Option<String>,
    /// Requests that wait for an answer or to be carried out.
    pub open_requests: usize,
    /// One block for each purpose.
    pub purposes: Vec<PurposeBlock>,
}

/// What is asked for one purpose and what was answered.
pub struct PurposeBlock {
    /// Word of the form.
    pub code: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// Class, icon and words of the state.
    pub state: (&'static str, &'static str, &'static str),
    /// Whether it is given now.
    pub given: bool,
    /// The newest answer and those before, in one line each.
    pub answers: Vec<String>,
    /// The accepted version is not the one in force.
    pub outdated: bool,
    /// How it was given.
    pub means: Choice,
    /// Who answered.
    pub by: Field,
    /// Unfolded, with something to correct.
    pub open: bool,
}

/// The aviso de privacidad.
#[derive(Template)]
#[template(path = "privacy_notice.html")]
pub struct NoticePage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The version in force: heading and paragraphs.
    pub current: Option<(String, Vec<String>)>,
    /// Earlier ones.
    pub earlier: Vec<(String, Vec<String>)>,
    /// Whether the person may publish.
    pub publishes: bool,
    /// The text of the next version.
    pub text: Field,
}
