//! Vigilancia epidemiológica: a week of new cases, and those that are told at once.

use askama::Template;

use super::form::{ErrorSummary, Field};
use super::shell::{Place, Shell};

/// A case as a list shows it.
#[derive(Debug, Clone, Default)]
pub struct CaseView {
    /// Id of the record.
    pub patient: String,
    /// Name of the patient.
    pub name: String,
    /// Age and sex.
    pub who: String,
    /// Id of the document.
    pub document: String,
    /// Key of the disease.
    pub epi: i64,
    /// Its name.
    pub disease: &'static str,
    /// The CIE-10 code.
    pub code: String,
    /// "probable" or "confirmado".
    pub certainty: &'static str,
    /// Who stated it and when.
    pub stated: String,
    /// Until when it is to be told.
    pub due: String,
    /// Whether that moment has passed.
    pub late: bool,
    /// Whether it counts in the week, or that it was told.
    pub counts: String,
    /// Whether a case study is asked for.
    pub case_study: bool,
    /// Whether an outbreak asks for a study of its own.
    pub outbreak_study: bool,
}

/// Cases that are told at once and were not, each with the form that notes it.
#[derive(Debug, Clone, Default)]
pub struct UntoldView {
    /// The cases, oldest first.
    pub cases: Vec<CaseView>,
    /// Ways of telling.
    pub channels: &'static [(&'static str, &'static str)],
    /// Whether this person notes that one was told.
    pub notes: bool,
    /// Today, as forms take it.
    pub day: String,
    /// The hour.
    pub time: String,
    /// Where the form leads back to: "hoy" or nothing.
    pub back: &'static str,
}

/// A disease with its new cases.
#[derive(Debug, Clone)]
pub struct DiseaseRow {
    /// Its key.
    pub epi: u16,
    /// Its name.
    pub name: &'static str,
    /// By age group.
    pub cells: Vec<String>,
    /// All of them.
    pub total: String,
}

/// The page.
#[derive(Template)]
#[template(path = "surveillance.html")]
pub struct SurveillancePage {
    /// The frame.
    pub shell: Shell,
    /// Which board is open.
    pub tab: &'static str,
    /// "Semana 10 de 2026, del 8 al 14 de marzo".
    pub days: String,
    /// What to correct.
    pub errors: ErrorSummary,
    /// Whether something is not counted yet.
    pub waits: bool,
    /// Cases to be told at once.
    pub untold: UntoldView,
    /// Whether this person exports.
    pub reports: bool,
    /// The day.
    pub day: Field,
    /// A day of the week before, of the week after, of this one.
    pub before: String,
    /// See `before`.
    pub after: String,
    /// See `before`.
    pub own: String,
    /// The week in a sentence.
    pub lead: String,
    /// The age groups.
    pub ages: &'static [&'static str],
    /// The diseases with cases.
    pub rows: Vec<DiseaseRow>,
    /// Whether a case has neither sex of the form.
    pub others: bool,
    /// Whether whose they are may be seen.
    pub lists: bool,
    /// Whose they are.
    pub cases: Vec<CaseView>,
}

impl SurveillancePage {
    /// No disease has a case of this age: a phone leaves the column out.
    fn vacant(&self, age: &usize) -> bool {
        self.rows.iter().all(|row| row.cells.get(*age).is_none_or(String::is_empty))
    }
}
