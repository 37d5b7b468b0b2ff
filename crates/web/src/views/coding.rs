//! Codes to choose from: proposals beside the note, what a search found, one's own and the hierarchy.

use askama::Template;
use askama::filters::HtmlSafe;

use super::consultation::Desk;
use super::shell::{Place, Shell};

/// A code with the CIE-10 codes that may stand beside it.
pub struct CodeRow {
    /// ICD-11 code.
    pub code: String,
    /// WHO's title.
    pub title: String,
    /// CIE-10 codes, the one that fits best first, with WHO's English title where it is known.
    pub icd10: Vec<(String, String)>,
    /// Whether the person keeps it at hand.
    pub favourite: bool,
    /// Why it is proposed, in words; empty where it is not.
    pub reason: String,
}

/// Codes of which one is chosen, and of its CIE-10 codes one.
#[derive(Template)]
#[template(path = "_code_choices.html")]
pub struct CodeChoices {
    /// What they are.
    pub legend: String,
    /// Mark for ids.
    pub mark: String,
    /// Whether the keys 1 to 9 choose one.
    pub keys: bool,
    /// Where a code is put among those at hand; empty where that is not offered.
    pub keep: String,
    /// The codes.
    pub rows: Vec<CodeRow>,
}

impl HtmlSafe for CodeChoices {}

/// Codes found for a search.
#[derive(Template)]
#[template(path = "_code_results.html")]
pub struct CodeResults {
    /// Addresses and version.
    pub desk: Desk,
    /// The diagnosis.
    pub item: String,
    /// What was searched.
    pub query: String,
    /// What was found.
    pub found: CodeChoices,
    /// What is wrong with codes that were typed to stand together.
    pub problem: Option<String>,
}

impl HtmlSafe for CodeResults {}

/// A chapter, block or category as a link.
pub struct BranchView {
    /// Where it leads.
    pub href: String,
    /// Code or identifier; empty where it says nothing to a person.
    pub code: String,
    /// WHO's title.
    pub title: String,
}

/// The page on which a code is looked for.
#[derive(Template)]
#[template(path = "code_search.html")]
pub struct CodeSearchPage {
    /// The frame.
    pub shell: Shell,
    /// The diagnosis in the physician's words.
    pub text: String,
    /// The results.
    pub results: CodeResults,
    /// Codes kept at hand.
    pub favourites: CodeChoices,
    /// Codes confirmed last.
    pub recent: CodeChoices,
    /// From the chapter to the open place.
    pub path: Vec<BranchView>,
    /// What is below it.
    pub below: Vec<BranchView>,
    /// The open place as a code.
    pub here: Option<CodeChoices>,
    /// The release of ICD-11.
    pub edition: String,
    /// Whether it has a hierarchy.
    pub imported: bool,
}
