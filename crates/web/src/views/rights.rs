//! Derechos ARCO: the list with its terms, a new request, one request, and the calendar of business days.

use askama::Template;

use super::form::{Check, Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// `GET /derechos`.
#[derive(Template)]
#[template(path = "arco_list.html")]
pub struct ArcoListPage {
    /// The frame.
    pub shell: Shell,
    /// Whether Conservación is shown.
    pub keeps: bool,
    /// The requests, the nearest term first.
    pub rows: Vec<ArcoRow>,
    /// How many are over their term.
    pub late: usize,
    /// How many are near it.
    pub near: usize,
}

/// One request.
pub struct ArcoRow {
    /// Its id.
    pub id: String,
    /// Folio and titular.
    pub holder: String,
    /// Which right.
    pub right: &'static str,
    /// When it was received.
    pub received: String,
    /// Where it stands.
    pub state: &'static str,
    /// The term that runs, or nothing.
    pub due: String,
    /// It is over.
    pub late: bool,
    /// It is near.
    pub near: bool,
}

/// `GET /derechos/nueva`.
#[derive(Template)]
#[template(path = "arco_new.html")]
pub struct ArcoNewPage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Which right.
    pub right: Choice,
    /// Titular and expediente.
    pub who: Vec<Field>,
    /// Whether somebody asks for the titular.
    pub represented: Check,
    /// Who, and the paper that proves it.
    pub representative: Vec<Field>,
    /// Identification, means for the answer, what is asked, when it was received.
    pub rest: Vec<Field>,
}

/// `GET /derechos/{id}`.
#[derive(Template)]
#[template(path = "arco.html")]
pub struct ArcoPage {
    /// The frame.
    pub shell: Shell,
    /// Id in addresses.
    pub id: String,
    /// Folio.
    pub number: i64,
    /// Which right.
    pub right: &'static str,
    /// Name of the titular.
    pub holder: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Where it stands.
    pub state: &'static str,
    /// Whether a term runs.
    pub running: bool,
    /// The term in words.
    pub due: String,
    /// It is over.
    pub late: bool,
    /// It is near.
    pub near: bool,
    /// Label and value of what is known.
    pub facts: Vec<(&'static str, String)>,
    /// What is asked.
    pub description: String,
    /// The record: address and words.
    pub record: Option<(String, String)>,
    /// What was done, oldest first.
    pub steps: Vec<StepRow>,
    /// How many steps there are.
    pub seen: usize,
    /// Whether the person decides.
    pub decides: bool,
    /// Whether there is an answer.
    pub answered: bool,
    /// It waits for an answer.
    pub waits: bool,
    /// Until when the record must be kept, or empty.
    pub kept: String,
    /// How it is decided.
    pub outcome: Choice,
    /// Why not.
    pub ground: Choice,
    /// The answer.
    pub answer: Field,
    /// It waits to be carried out.
    pub executes: bool,
    /// What has to be done first.
    pub how: &'static str,
    /// What carried it out.
    pub done: Option<Choice>,
    /// Purposes that can be withdrawn: code, words, whether given now.
    pub purposes: Vec<(&'static str, &'static str, bool)>,
    /// What else may be done.
    pub other_steps: Vec<OtherStep>,
}

/// A step that was taken.
pub struct StepRow {
    /// What.
    pub title: &'static str,
    /// When and by whom.
    pub about: String,
    /// Its words.
    pub lines: Vec<String>,
}

/// A step that may be taken.
pub struct OtherStep {
    /// Word of the form.
    pub code: &'static str,
    /// The words of its button.
    pub title: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Why, or what.
    pub field: Option<Field>,
    /// Unfolded, with something to correct.
    pub open: bool,
}

/// `GET /derechos/calendario`.
#[derive(Template)]
#[template(path = "calendar.html")]
pub struct CalendarPage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Whether the person may change it.
    pub edits: bool,
    /// Days that do not count, by year.
    pub years: Vec<(i16, Vec<DayRow>)>,
    /// The day and what it is.
    pub fields: Vec<Field>,
    /// Whether it is worked.
    pub works: Check,
}

/// One day of the calendar.
pub struct DayRow {
    /// "2026-11-16".
    pub code: String,
    /// "lunes 16 de noviembre".
    pub date: String,
    /// What it is.
    pub name: String,
    /// The practice marked it.
    pub own: bool,
    /// It is worked.
    pub works: bool,
}
