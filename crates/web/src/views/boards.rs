//! Tableros: the practice in numbers, and the records behind a number.

use askama::Template;
use askama::filters::HtmlSafe;

use super::bars::{Columns, Ranks};
use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// Which days, of whom, for whom.
#[derive(Debug, Clone)]
pub struct ScopeView {
    /// "Del 1 al 31 de marzo de 2026".
    pub days: String,
    /// ", por día", where the pictures of a board are.
    pub grain: &'static str,
    /// The same as the query of an address, with its question mark.
    pub query: String,
    /// Whether the records behind a number may be opened.
    pub lists: bool,
    /// Whether something is not counted yet.
    pub waits: bool,
}

/// The form that chooses days and professional.
#[derive(Template)]
#[template(path = "_board_filter.html")]
pub struct BoardFilter {
    /// Where it goes.
    pub action: &'static str,
    /// What else it carries.
    pub hidden: Vec<(&'static str, String)>,
    /// Desde, hasta.
    pub fields: Vec<Field>,
    /// The professional.
    pub people: Choice,
    /// Periods that are one click away: query and words.
    pub presets: Vec<(String, &'static str)>,
}

impl HtmlSafe for BoardFilter {}

/// The practice.
#[derive(Template)]
#[template(path = "boards.html")]
pub struct BoardsPage {
    /// The frame.
    pub shell: Shell,
    /// Which board is open.
    pub tab: &'static str,
    /// Which days, of whom.
    pub scope: ScopeView,
    /// What to correct in the form.
    pub errors: ErrorSummary,
    /// The form.
    pub filter: BoardFilter,
    /// Nothing happened in these days.
    pub empty: bool,
    /// Consultations in a sentence.
    pub visits_lead: String,
    /// Its numbers with their lists: address and words; empty for who sees no lists. So in the other parts.
    pub visits_links: Vec<(String, String)>,
    /// Consultations by step.
    pub visits: Columns,
    /// First visits by step.
    pub patients: Columns,
    /// Consultations by professional, when there are several.
    pub by_person: Option<Ranks>,
    /// Consultations by service.
    pub by_service: Ranks,
    /// Times in a sentence.
    pub times_lead: String,
    /// Lists of planned visits.
    pub times_links: Vec<(String, String)>,
    /// Times that cannot be right.
    pub oddities: usize,
    /// Waits by length.
    pub waits: Ranks,
    /// Consultations by length.
    pub lengths: Ranks,
    /// Missed visits with and without a reminder.
    pub attendance: Ranks,
    /// Diagnoses in a sentence.
    pub diagnoses_lead: String,
    /// Lists of diagnoses.
    pub diagnoses_links: Vec<(String, String)>,
    /// Diagnoses by chapter.
    pub chapters: Ranks,
    /// Recetas in a sentence.
    pub recetas_lead: String,
    /// Lists of recetas and alerts.
    pub recetas_links: Vec<(String, String)>,
    /// Recetas by step.
    pub recetas: Columns,
    /// Medicines.
    pub medicines: Ranks,
    /// Alerts shown by tier.
    pub shown: Ranks,
    /// Alerts signed in spite of, by reason.
    pub overridden: Ranks,
    /// Words in a sentence.
    pub words_lead: String,
    /// From the beginning to the signature.
    pub to_sign: Ranks,
    /// From the end to the signature.
    pub after_end: Ranks,
    /// Words by where they came from.
    pub words: Ranks,
    /// The norm in a sentence.
    pub norm_lead: String,
    /// The list of documents that lack something.
    pub norm_links: Vec<(String, String)>,
    /// The norm by step, in a hundred.
    pub norm: Columns,
}

/// The codes of a chapter.
#[derive(Template)]
#[template(path = "board_codes.html")]
pub struct CodesPage {
    /// The frame.
    pub shell: Shell,
    /// Which days, of whom.
    pub scope: ScopeView,
    /// "05 Endocrinas, nutricionales y metabólicas".
    pub chapter: String,
    /// Its codes.
    pub codes: Ranks,
}

/// A record behind a number.
#[derive(Debug, Clone)]
pub struct BehindRow {
    /// Its id in addresses.
    pub id: String,
    /// Name of the patient.
    pub name: String,
    /// Age and sex.
    pub who: String,
    /// Number of the record.
    pub number: String,
    /// When it was stated last.
    pub when: String,
}

/// The records behind a code.
#[derive(Template)]
#[template(path = "board_patients.html")]
pub struct BehindPage {
    /// The frame.
    pub shell: Shell,
    /// Which days, of whom.
    pub scope: ScopeView,
    /// The code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Where the codes of its chapter are.
    pub back: String,
    /// This list without its page.
    pub link: String,
    /// That these are not all, and what to do; empty where they are.
    pub latest: String,
    /// The records.
    pub rows: Vec<BehindRow>,
    /// How many there are.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
}

/// What a number of the practice counts, one by one.
#[derive(Template)]
#[template(path = "board_list.html")]
pub struct NumberPage {
    /// The frame.
    pub shell: Shell,
    /// Which days, of whom.
    pub scope: ScopeView,
    /// Which number.
    pub title: String,
    /// How many, in a sentence.
    pub lead: String,
    /// Heading of what is said of each; empty when nothing is.
    pub head: &'static str,
    /// The records, with what is said of each.
    pub rows: Vec<(BehindRow, String)>,
    /// This list without its page.
    pub link: String,
    /// How many rows.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
}

/// Times that cannot be right.
#[derive(Template)]
#[template(path = "board_oddities.html")]
pub struct OdditiesPage {
    /// The frame.
    pub shell: Shell,
    /// Which days.
    pub scope: ScopeView,
    /// Id, name, day, which time, minutes.
    pub rows: Vec<(String, String, String, &'static str, String)>,
}
