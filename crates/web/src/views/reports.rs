//! Informes: what administration chose, and the reports that were made.

use askama::Template;

use super::form::{Check, Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// A report that was made.
#[derive(Debug, Clone)]
pub struct ReportRow {
    /// Its id.
    pub id: String,
    /// "Del 8 al 14 de marzo de 2026".
    pub days: String,
    /// How often its kind is made, and when and by whom it was.
    pub made: String,
    /// Each way it goes: where, how far, and whether something is wrong.
    pub ways: Vec<(String, String, bool)>,
    /// Whether a way failed for good.
    pub failed: bool,
}

/// What administration may change.
pub struct PlanView {
    /// What to correct.
    pub errors: ErrorSummary,
    /// How often.
    pub cadence: Choice,
    /// Which boards.
    pub boards: Vec<Check>,
    /// What is wrong with the boards.
    pub boards_error: Option<String>,
    /// To whom; `None` where this installation sends no e-mail.
    pub addresses: Option<Field>,
    /// Into the folder too; `None` where there is none.
    pub folder: Option<Check>,
    /// Whether a plan is kept, so that a report can be looked at and made.
    pub kept: bool,
    /// The id of a report that is asked for now.
    pub fresh: String,
}

/// The page.
#[derive(Template)]
#[template(path = "reports.html")]
pub struct ReportsPage {
    /// The frame.
    pub shell: Shell,
    /// Which board is open.
    pub tab: &'static str,
    /// What is made next and when, in a sentence.
    pub next: String,
    /// Why one could not be made.
    pub trouble: String,
    /// What may be changed; `None` for who does not administer.
    pub plan: Option<PlanView>,
    /// Whether a report can be looked at.
    pub preview: bool,
    /// What was made, latest first.
    pub rows: Vec<ReportRow>,
}
