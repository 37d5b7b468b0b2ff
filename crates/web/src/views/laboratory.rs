//! Resultados of a record: the reports, the form to type one, the preview of a file, one result to correct.

use askama::Template;
use results::catalog;

use super::form::{Check, ErrorSummary, Field};
use super::shell::{PatientBar, Place, Shell};

/// How a result stands out: class, icon and word; never colour alone.
pub type MarkView = (&'static str, &'static str, &'static str);

/// One result, one version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    /// Where it is corrected; empty when it cannot be.
    pub href: String,
    /// The analyte.
    pub analyte: String,
    /// The answer.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// The range that came with it.
    pub range: String,
    /// Out of range, or marked by the laboratory.
    pub mark: Option<MarkView>,
    /// The laboratory's remark.
    pub comment: String,
    /// What happened to this version: "Sustituido", "Corregido por…".
    pub note: String,
    /// No longer counts.
    pub struck: bool,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportView {
    /// Its id on the page.
    pub id: String,
    /// "Química sanguínea".
    pub title: String,
    /// "9 de marzo de 2026, 07:40".
    pub taken: String,
    /// Laboratory, how it came, who brought it.
    pub about: String,
    /// The results.
    pub rows: Vec<ResultRow>,
}

/// The reports of a record.
#[derive(Template)]
#[template(path = "results.html")]
pub struct ResultsPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// The reports of this page.
    pub reports: Vec<ReportView>,
    /// Reports in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// Whether the person may add and correct.
    pub writes: bool,
}

/// A row of the form.
pub struct RowInput {
    /// From 1.
    pub number: usize,
    /// Id of the row, which errors link to.
    pub id: &'static str,
    /// What was typed.
    pub analyte: String,
    /// What was typed.
    pub value: String,
    /// What was typed.
    pub unit: String,
    /// What was typed.
    pub range: String,
    /// What is wrong.
    pub error: Option<String>,
}

/// The form to type a report.
#[derive(Template)]
#[template(path = "results_new.html")]
pub struct NewResultsPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Day, hour, laboratory, panel.
    pub fields: Vec<Field>,
    /// The rows.
    pub rows: Vec<RowInput>,
}

impl NewResultsPage {
    /// Names to choose from, with the usual unit.
    fn analytes(&self) -> &'static [catalog::Analyte] {
        catalog::analytes()
    }
}

/// The form to bring a file.
#[derive(Template)]
#[template(path = "results_upload.html")]
pub struct UploadResultsPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// What is wrong with the file, line by line.
    pub errors: ErrorSummary,
    /// Most bytes, for the browser to say so before it sends.
    pub most_bytes: usize,
}

/// What a file would bring.
#[derive(Template)]
#[template(path = "results_preview.html")]
pub struct PreviewPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Reports with their results; the note says what saving does.
    pub reports: Vec<ReportView>,
    /// What the file leaves out.
    pub notes: Vec<String>,
    /// What does not agree: what, in the file, in the record.
    pub mismatches: Vec<(&'static str, String, String)>,
    /// The box to tick when something does not agree.
    pub confirm: Check,
    /// Results that would be saved.
    pub to_save: usize,
    /// The file, sent back when it is confirmed.
    pub text: String,
}

/// One result to correct or withdraw.
#[derive(Template)]
#[template(path = "result.html")]
pub struct ResultPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// Its id in addresses.
    pub id: String,
    /// Analyte and when.
    pub title: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Analyte, value, unit, range, reason.
    pub fields: Vec<Field>,
    /// The reason to withdraw it.
    pub withdraw: Field,
}
