//! Bitácora: who did what, when and from where; and who saw a record, for its patient.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// The frame.
    pub shell: Shell,
    /// Filters that are typed.
    pub fields: Vec<Field>,
    /// Filters that are chosen.
    pub choices: Vec<Choice>,
    /// What is wrong with the filters.
    pub errors: ErrorSummary,
    /// The filters as the query of an address; empty without any.
    pub query: String,
    /// Id of the patient the list is limited to.
    pub patient: Option<String>,
    /// Openings of private records that wait for their review.
    pub to_review: usize,
    /// The events.
    pub rows: Vec<AuditRow>,
    /// Events in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
}

/// One event.
pub struct AuditRow {
    /// Position in the chain.
    pub sequence: i64,
    /// When.
    pub when: String,
    /// Who.
    pub who: String,
    /// What.
    pub action: &'static str,
    /// To what.
    pub entity: String,
    /// Number of the expediente, or empty.
    pub record: String,
    /// From where.
    pub origin: String,
    /// Why, or empty.
    pub reason: String,
}

/// Who saw a record, to be printed for its patient.
#[derive(Template)]
#[template(path = "access_list.html")]
pub struct AccessPage {
    /// The frame.
    pub shell: Shell,
    /// Name and address of the establishment.
    pub letterhead: Vec<String>,
    /// Name of the patient.
    pub patient: String,
    /// Number of the expediente.
    pub record: String,
    /// When the list was made.
    pub made: String,
    /// The days it is limited to, in words, or empty.
    pub between: String,
    /// The events, newest first.
    pub rows: Vec<AccessRow>,
    /// Older events that did not fit.
    pub left_out: usize,
}

/// One event as the patient reads it.
pub struct AccessRow {
    /// When.
    pub when: String,
    /// Who.
    pub who: String,
    /// What was done.
    pub what: String,
    /// Why, or empty.
    pub reason: String,
}
