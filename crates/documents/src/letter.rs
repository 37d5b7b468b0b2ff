//! A letter of the establishment: an answer, an acknowledgement or a list that is handed to somebody, not a document of the record.

use clinical::calendar::long_date;
use clinical::practitioner::Establishment;
use jiff::Timestamp;
use serde::Serialize;

use crate::dates::{local, minute_in_words, time_zone};
use crate::error::Error;
use crate::view::{EstablishmentView, establishment};

/// A letter: every text is already in the words that are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is, for example "Respuesta a una solicitud de derechos ARCO".
    pub title: String,
    /// What tells it apart in the properties of the file, without personal data.
    pub reference: String,
    /// Whose letter it is. The time zone of its dates too.
    pub establishment: Establishment,
    /// When it is printed.
    pub issued_at: Timestamp,
    /// Label and value of what it is about.
    pub facts: Vec<(String, String)>,
    /// What it says.
    pub paragraphs: Vec<String>,
    /// A list: heading and lines of each entry.
    pub entries: Vec<(String, Vec<String>)>,
    /// What stands after the list.
    pub closing: Vec<String>,
    /// Who signs by hand: name and capacity. A name may be empty.
    pub signers: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
pub(crate) struct LetterView {
    letter: bool,
    title: String,
    file_title: String,
    author: Named,
    establishment: EstablishmentView,
    date: String,
    facts: Vec<Fact>,
    paragraphs: Vec<String>,
    entries: Vec<Entry>,
    closing: Vec<String>,
    signers: Vec<Signer>,
}

#[derive(Debug, Serialize)]
struct Named {
    name: String,
}

#[derive(Debug, Serialize)]
struct Fact {
    label: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct Entry {
    heading: String,
    lines: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Signer {
    name: String,
    capacity: String,
}

pub(crate) fn view(letter: &Letter) -> Result<LetterView, Error> {
    let at = local(letter.issued_at, &time_zone(&letter.establishment.time_zone)?);
    let fact = |(label, value): &(String, String)| Fact { label: label.clone(), value: value.clone() };
    let entry =
        |(heading, lines): &(String, Vec<String>)| Entry { heading: heading.clone(), lines: lines.clone() };
    let signer =
        |(name, capacity): &(String, String)| Signer { name: name.clone(), capacity: capacity.clone() };
    Ok(LetterView {
        letter: true,
        title: letter.title.clone(),
        file_title: format!("{}, {}, {}", letter.title, letter.reference, long_date(at.date())),
        author: Named { name: letter.establishment.name.clone() },
        establishment: establishment(&letter.establishment),
        date: minute_in_words(&at),
        facts: letter.facts.iter().map(fact).collect(),
        paragraphs: letter.paragraphs.clone(),
        entries: letter.entries.iter().map(entry).collect(),
        closing: letter.closing.clone(),
        signers: letter.signers.iter().map(signer).collect(),
    })
}
