//! Bitácora: who did what, when and from where.

use askama::Template;

use super::form::Choice;
use super::shell::{Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// The frame.
    pub shell: Shell,
    /// Filter by act.
    pub action: Choice,
    /// The patient the list is limited to: id, or empty.
    pub patient: String,
    /// The act the list is limited to: code, or empty.
    pub current: String,
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
    /// Id of the patient, or empty.
    pub patient: String,
    /// From where.
    pub origin: String,
    /// Why, or empty.
    pub reason: String,
}
