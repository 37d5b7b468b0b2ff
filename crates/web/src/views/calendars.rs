//! The page of a professional's calendar: what others may read of it, and what is brought in.

use askama::Template;

use super::form::{Choice, ErrorSummary};
use super::shell::{Place, Shell};

/// `GET /agenda/calendario`.
#[derive(Template)]
#[template(path = "calendars.html")]
pub struct CalendarPage {
    /// The frame.
    pub shell: Shell,
    /// What is to be corrected.
    pub errors: ErrorSummary,
    /// Whether the person attends patients and so has a calendar.
    pub attends: bool,
    /// What is shared now: since when, and when it was last read.
    pub shared: Option<String>,
    /// An address that was just made; it is shown once.
    pub address: Option<String>,
    /// What of a visit is shown: code, words, whether it is chosen.
    pub shown: Vec<(&'static str, &'static str, bool)>,
    /// Whether the person brings calendars in.
    pub manages: bool,
    /// Whose calendar is brought in.
    pub whose: Choice,
    /// What was brought in: id of the professional, and words.
    pub imported: Vec<(String, String)>,
    /// Most bytes of a file.
    pub most_bytes: usize,
}
