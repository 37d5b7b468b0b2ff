//! What laboratories and scales say: results out of HL7 v2 messages and CSV tables, analytes with their LOINC code, growth
//! percentiles.
//!
//! In: bytes of a file, numbers. Out: results as `clinical` knows them with all that must be corrected first, percentiles.
//! It does no I/O, keeps nothing and decides nothing: what a range means is in `clinical`, who may save in `care`.

pub mod catalog;
pub mod comparable;
mod csv;
pub mod growth;
mod hl7;
mod text;

use clinical::identifiers::Curp;
use clinical::laboratory::{LabResult, ResultSource, TakenAt};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Most bytes of a file with results: several hundred analytes. Larger ones are divided.
pub const MAX_BYTES: usize = 64 * 1024;

/// Most results of a file: more than any sample has, few enough to look through before saving.
pub const MAX_RESULTS: usize = 200;

/// What a file says, complete and without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Where it came from.
    pub source: ResultSource,
    /// Whose results they are, as the laboratory says. A table does not say.
    pub subject: Option<Subject>,
    /// The reports, in the order of the file.
    pub reports: Vec<IncomingReport>,
    /// What was left out and why, for the person to know.
    pub notes: Vec<String>,
}

/// Whose results a message says they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Given names and surnames in one line.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// CURP, if one of the identifiers is one.
    pub curp: Option<Curp>,
}

/// Results of one sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingReport {
    /// "Biometría hemática", if it says so.
    pub panel: Option<String>,
    /// The laboratory.
    pub laboratory: Option<String>,
    /// When the sample was taken.
    pub taken: TakenAt,
    /// The results.
    pub results: Vec<IncomingResult>,
}

/// One result of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingResult {
    /// Where it stands: "renglón 4", "OBX 3".
    pub place: String,
    /// The result.
    pub result: LabResult,
    /// The laboratory says that it corrects an earlier one.
    pub corrects: bool,
}

/// One thing to correct in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Fault {
    /// Line, segment and field.
    pub place: String,
    /// What to do, in Spanish.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(place: impl ToString, message: impl ToString) -> Self {
        Self { place: place.to_string(), message: message.to_string() }
    }
}

/// The text of a file, in whatever of the two usual encodings it came.
///
/// # Errors
/// A fault when it is too large or not text.
pub fn decode(bytes: &[u8]) -> Result<String, Fault> {
    if bytes.len() > MAX_BYTES {
        let most = MAX_BYTES / 1024;
        return Err(Fault::new("Archivo", format!("pesa más de {most} kB; divídalo en varios")));
    }
    text::decode(bytes)
}

/// Reads a file: an HL7 v2 message when it begins as one, else a table. Everything wrong is told at once.
///
/// # Errors
/// Every fault found; nothing of a faulty file may be kept.
pub fn read(text: &str, zone: &TimeZone, today: Date) -> Result<Incoming, Vec<Fault>> {
    let text = text.trim_start_matches(['\u{feff}', '\u{b}', ' ', '\r', '\n']);
    let begins = |word: &str| text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let incoming = if begins("MSH|") || ["FHS|", "BHS|"].into_iter().any(begins) || text.starts_with("MSH") {
        hl7::read(text, zone)?
    } else {
        csv::read(text)?
    };
    let mut faults = Vec::new();
    for report in &incoming.reports {
        let place = report.results.first().map_or("Archivo", |first| first.place.as_str());
        if report.taken.day > today {
            faults.push(Fault::new(
                place,
                "la fecha de la toma todavía no llega; revise el día, el mes y el año",
            ));
        } else if report.taken.day.year() < 1900 {
            faults.push(Fault::new(place, "la fecha de la toma es anterior a 1900; revise el año"));
        }
    }
    if faults.is_empty() { Ok(incoming) } else { Err(faults) }
}
