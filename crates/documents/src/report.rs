//! A report of the practice: sections of tables of counts, each row with a bar as long as its number. It names no patient.

use clinical::practitioner::Establishment;
use jiff::Timestamp;
use serde::Serialize;

use crate::dates::{local, minute_in_words, time_zone};
use crate::error::Error;
use crate::medicines::capitalised;
use crate::view::{EstablishmentView, establishment};

/// A report: every text is already in the words that are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it is, for example "Informe semanal del consultorio".
    pub title: String,
    /// Of which days, "del 8 al 14 de marzo de 2026"; it tells the file apart too.
    pub days: String,
    /// Whose report. The time zone of its dates too.
    pub establishment: Establishment,
    /// When it is made.
    pub issued_at: Timestamp,
    /// Its parts.
    pub sections: Vec<ReportSection>,
    /// What stands at the end.
    pub closing: Vec<String>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportSection {
    /// Its heading.
    pub heading: String,
    /// What it says before its tables.
    pub paragraphs: Vec<String>,
    /// Its tables.
    pub tables: Vec<ReportTable>,
}

/// A table of counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportTable {
    /// What it counts.
    pub title: String,
    /// Heads of its columns; every row has as many cells.
    pub heads: Vec<String>,
    /// Its rows.
    pub rows: Vec<ReportRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportRow {
    /// Its cells, in words.
    pub cells: Vec<String>,
    /// How long the bar behind the last cell is, in hundredths; `None` without one.
    pub bar: Option<u8>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ReportView<'a> {
    report: bool,
    title: &'a str,
    days: String,
    file_title: String,
    author: Named<'a>,
    establishment: EstablishmentView,
    date: String,
    sections: &'a [ReportSection],
    closing: &'a [String],
}

#[derive(Debug, Serialize)]
struct Named<'a> {
    name: &'a str,
}

pub(crate) fn view(report: &Report) -> Result<ReportView<'_>, Error> {
    let at = local(report.issued_at, &time_zone(&report.establishment.time_zone)?);
    Ok(ReportView {
        report: true,
        title: &report.title,
        days: capitalised(&report.days),
        file_title: format!("{}, {}", report.title, report.days),
        author: Named { name: &report.establishment.name },
        establishment: establishment(&report.establishment),
        date: minute_in_words(&at),
        sections: &report.sections,
        closing: &report.closing,
    })
}
