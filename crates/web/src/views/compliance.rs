//! How complete what was signed is, as a report that can be printed.

use askama::Template;
use nom004::DomainScore;

use super::shell::{PatientBar, Place, Shell};

/// The page of a record.
#[derive(Template)]
#[template(path = "compliance_record.html")]
pub struct RecordPage {
    /// The frame.
    pub shell: Shell,
    /// Whose record.
    pub patient: PatientBar,
    /// Its score.
    pub score: Score,
    /// When it was counted.
    pub at: String,
}

/// The page about professionals.
#[derive(Template)]
#[template(path = "compliance.html")]
pub struct ProfessionalsPage {
    /// The frame.
    pub shell: Shell,
    /// Each with their score.
    pub professionals: Vec<(String, Score)>,
    /// How many days back.
    pub days: i64,
}

/// What was counted.
pub struct Score {
    /// Documents counted.
    pub documents: usize,
    /// Elements there and elements that apply.
    pub total: (usize, usize),
    /// By domain.
    pub domains: Vec<DomainScore>,
}

impl Score {
    fn percent(&self) -> usize {
        (self.total.0 * 100).checked_div(self.total.1).unwrap_or(100)
    }

    /// "Pronóstico; Peso (2 veces)".
    fn absent(&self, domain: &DomainScore) -> String {
        let words = domain.absent.iter().map(|(what, times)| match times {
            1 => what.clone(),
            n => format!("{what} ({n} veces)"),
        });
        words.collect::<Vec<_>>().join("; ")
    }
}
