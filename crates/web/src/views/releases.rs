//! The releases of ICD-11, for administration.

use askama::Template;

use super::form::ErrorSummary;
use super::shell::{Place, Shell};

/// A release that is there.
pub struct ReleaseRow {
    /// "Edición 2024-01", "Catálogo incluido".
    pub title: String,
    /// Posted to use it; empty for the built-in core.
    pub name: String,
    /// Codes, files, when and by whom.
    pub facts: Vec<String>,
    /// Whether codes are searched in it.
    pub in_use: bool,
}

/// "Catálogo CIE-11".
#[derive(Template)]
#[template(path = "releases.html")]
pub struct ReleasesPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// What is wrong with the files.
    pub file_error: Option<String>,
    /// What is there, the built-in core last.
    pub rows: Vec<ReleaseRow>,
    /// Most bytes of a file, in words.
    pub most: String,
    /// What has to be said wherever titles are shown.
    pub attribution: &'static str,
}
