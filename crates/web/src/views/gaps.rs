//! Pendientes de atención: counts by control, and the list of one.

use askama::Template;

use super::shell::{Place, Shell};

/// The counts of the practice.
#[derive(Template)]
#[template(path = "gaps.html")]
pub struct GapBoardPage {
    /// The frame.
    pub shell: Shell,
    /// The tab of the boards it is.
    pub tab: &'static str,
    /// Each area with its controls.
    pub areas: Vec<GapArea>,
    /// Records that are not counted again yet.
    pub waiting: usize,
    /// Whether the person may see who they are.
    pub lists: bool,
}

/// An area of controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapArea {
    /// "Diabetes".
    pub title: &'static str,
    /// Its controls.
    pub rows: Vec<GapRow>,
}

/// A control with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRow {
    /// What.
    pub label: &'static str,
    /// Address of the list; empty for who may not see it, or when nobody is in it.
    pub href: String,
    /// Who lacks it.
    pub due: String,
    /// To whom it applies.
    pub all: String,
    /// Where it is from.
    pub source: &'static str,
}

/// The patients who lack a control.
#[derive(Template)]
#[template(path = "gap_list.html")]
pub struct GapListPage {
    /// The frame.
    pub shell: Shell,
    /// What.
    pub title: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// Its code in addresses.
    pub control: &'static str,
    /// Who.
    pub lines: Vec<GapLineView>,
    /// How many in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
}

/// A patient of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapLineView {
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// "64 años".
    pub age: String,
    /// Telephone, or empty.
    pub phone: String,
    /// What exactly.
    pub what: String,
    /// Since when.
    pub since: String,
    /// When it was last done.
    pub last: Option<String>,
    /// The next visit, when one is booked.
    pub next: Option<String>,
}
