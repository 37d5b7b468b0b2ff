//! Preguntas: the form that puts a question together, its answer, and the questions that are kept.

use askama::Template;

use super::form::{Check, Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "questions.html")]
pub struct QuestionsPage {
    /// The frame.
    pub shell: Shell,
    /// Which board is open.
    pub tab: &'static str,
    /// What to correct.
    pub errors: ErrorSummary,
    /// The question in Spanish; empty when it cannot be said.
    pub sentence: String,
    /// Sexo, profesional, consultas, periodo.
    pub who: Vec<Choice>,
    /// Edad de, a; desde, hasta.
    pub ends: Vec<Field>,
    /// Each condition with its words.
    pub clauses: Vec<(String, String)>,
    /// Whether one more fits.
    pub more: bool,
    /// The forms that add one.
    pub diagnosis: AddDiagnosis,
    /// Medicamento.
    pub medicine: (Choice, Field, Choice),
    /// Valor.
    pub value: (Choice, Choice, Choice, Choice, Field),
    /// Pendiente.
    pub lacking: (Choice, Choice),
    /// The answer, when it was asked for.
    pub answer: Option<AnswerView>,
    /// The question as hidden fields; empty for one that cannot be kept.
    pub hidden: Option<Vec<(&'static str, String)>>,
    /// Under which name to keep it.
    pub name: Field,
    /// Whether everybody may ask it.
    pub share: Check,
    /// The questions that are kept.
    pub kept: Vec<KeptRow>,
}

/// What adds a diagnosis.
pub struct AddDiagnosis {
    /// Tienen, no tienen.
    pub denied: Choice,
    /// Words or a code.
    pub typed: Field,
    /// A whole chapter instead.
    pub chapter: Choice,
    /// When.
    pub when: Choice,
    /// Codes to choose from, with their titles.
    pub choices: Vec<(String, String)>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct AnswerView {
    /// "12 pacientes", "Menos de 5 pacientes".
    pub count: String,
    /// Whether who they are may be seen.
    pub lists: bool,
    /// The records of this page.
    pub rows: Vec<AnswerRow>,
    /// This answer without its page, as the query of an address.
    pub query: String,
    /// Whether it may be taken out as a file.
    pub exports: bool,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// Whether something is not counted yet.
    pub waits: bool,
}

/// A record of an answer.
#[derive(Debug, Clone)]
pub struct AnswerRow {
    /// Its id in addresses.
    pub id: String,
    /// Name of the patient.
    pub name: String,
    /// Age and sex.
    pub who: String,
    /// Number of the record.
    pub number: String,
    /// Telephone; may be empty.
    pub phone: String,
}

/// A question that is kept.
pub struct KeptRow {
    /// Its id in addresses.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where it is asked; empty when it cannot be any more.
    pub link: String,
    /// The question in Spanish, and whose it is.
    pub about: String,
    /// For who keeps it: its name and whether it is shared.
    pub own: Option<(Field, bool)>,
}
