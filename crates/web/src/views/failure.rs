//! The page of an outcome that is not the one wished for: what happened and what to do now.

use askama::Template;

/// The page. It needs no session and no database.
#[derive(Template)]
#[template(path = "failure.html")]
pub struct FailurePage {
    /// Heading.
    pub title: String,
    /// What happened and what to do.
    pub text: String,
    /// What the person had written, so that it can be copied.
    pub typed: Vec<String>,
    /// Where to go: address and words; the first one is the main way.
    pub links: Vec<(String, String)>,
    /// A form that sends the same again: address, fields.
    pub again: Option<(String, Vec<(String, String)>)>,
    /// Number to tell support, for our faults.
    pub event: Option<String>,
}
