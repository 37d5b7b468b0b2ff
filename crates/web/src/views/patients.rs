//! Pacientes: search and list.

use askama::Template;
use askama::filters::HtmlSafe;

use super::shell::{Place, Shell};

/// Patients found, with their page.
#[derive(Template)]
#[template(path = "_patient_results.html")]
pub struct PatientResults {
    /// What was searched; empty for all.
    pub query: String,
    /// The patients of this page.
    pub rows: Vec<PatientRow>,
    /// How many there are in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// Whether names lead to the expediente; otherwise to the data.
    pub clinical: bool,
}

/// One patient in the list.
pub struct PatientRow {
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// "64 años, mujer".
    pub about: String,
    /// Number of the expediente.
    pub record: String,
    /// CURP, or nothing.
    pub curp: String,
    /// Telephone, or nothing.
    pub phone: String,
}

impl HtmlSafe for PatientResults {}

impl PatientResults {
    fn encoded(&self) -> String {
        crate::pages::encode(&self.query)
    }

    fn found(&self) -> String {
        crate::ui::count(self.total, "paciente", "pacientes")
    }
}

/// The page.
#[derive(Template)]
#[template(path = "patients.html")]
pub struct PatientsPage {
    /// The frame.
    pub shell: Shell,
    /// The list.
    pub results: PatientResults,
    /// Whether the person may look for private records.
    pub opens_private: bool,
    /// Whether this person may bring a record in.
    pub imports: bool,
}
