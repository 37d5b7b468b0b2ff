//! Buscar: words and filters above, results in their context below.

use askama::Template;
use askama::filters::HtmlSafe;
use care::search::Piece;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed.
    pub query: String,
    /// Whose record it is limited to: id and name.
    pub patient: Option<(String, String)>,
    /// Desde, hasta, code.
    pub fields: Vec<Field>,
    /// Kind of document, author.
    pub choices: Vec<Choice>,
    /// Whether a filter is set, so that they are shown.
    pub filtered: bool,
    /// What to correct.
    pub errors: ErrorSummary,
    /// What was found.
    pub results: SearchResults,
}

/// The results, swapped in while someone types.
#[derive(Template)]
#[template(path = "_search_results.html")]
pub struct SearchResults {
    /// Whether anything was asked for.
    pub asked: bool,
    /// Whether the patient's name is shown with each result.
    pub with_patient: bool,
    /// The results of this page.
    pub rows: Vec<FoundRow>,
    /// What the form posted, to ask for the next page; without it there is none.
    pub next: Option<Vec<(String, String)>>,
    /// Whether this page is not the first.
    pub later: bool,
    /// What to correct, for who types without leaving the page.
    pub wrong: Vec<String>,
}

impl HtmlSafe for SearchResults {}

/// A result.
pub struct FoundRow {
    /// Where it leads.
    pub href: String,
    /// Its icon.
    pub icon: &'static str,
    /// "Nota de evolución".
    pub title: String,
    /// "9 mar 2026".
    pub date: String,
    /// "10:24".
    pub time: String,
    /// Whose record.
    pub patient: String,
    /// Who signed.
    pub author: String,
    /// The words around what was found.
    pub snippet: Vec<Piece>,
}
