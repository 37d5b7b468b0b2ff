//! The voice a person enrolled of their own.

use askama::Template;

use super::form::ErrorSummary;
use super::shell::{Place, Shell};

/// `GET /cuenta/voz`.
#[derive(Template)]
#[template(path = "voice.html")]
pub struct VoicePage {
    /// The frame.
    pub shell: Shell,
    /// What was wrong with the sample just sent.
    pub errors: ErrorSummary,
    /// The same, at the field.
    pub error: Option<String>,
    /// Since when one is kept: "12 de marzo de 2026".
    pub since: Option<String>,
    /// The most bytes of a sample.
    pub most_bytes: usize,
}
