//! A note that is due during a stay and late.

use askama::Template;
use askama::filters::HtmlSafe;

/// One late note.
pub struct OverdueView {
    /// The record.
    pub patient: String,
    /// Whose.
    pub name: String,
    /// Code of the note.
    pub code: String,
    /// "Nota de evolución en urgencias".
    pub title: &'static str,
    /// "cada 8 horas; NOM-027-SSA3-2013, numeral 6.2.2".
    pub rule: String,
    /// "hoy 08:00".
    pub due: String,
    /// "urgencias".
    pub place: String,
}

/// On the page of a record: what is late, and what to do about it.
#[derive(Template)]
#[template(path = "_overdue.html")]
pub struct OverdueNotes {
    /// The late notes of the record.
    pub notes: Vec<OverdueView>,
    /// Whether the person may write.
    pub writes: bool,
    /// Secret that forms send back.
    pub token: String,
}

impl HtmlSafe for OverdueNotes {}
