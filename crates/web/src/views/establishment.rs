//! The establishment: its data and the picture in its letterhead.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// `GET /establecimiento`.
#[derive(Template)]
#[template(path = "establishment.html")]
pub struct EstablishmentPage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Its data.
    pub fields: Vec<Field>,
    /// Its time zone.
    pub zone: Choice,
    /// What becomes of recordings at the signature.
    pub sound: Choice,
    /// Whether there is a picture.
    pub has_logo: bool,
    /// What is wrong with the picture just brought.
    pub file_error: Option<String>,
}
