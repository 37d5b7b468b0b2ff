//! The book of a record: cover, index, every signed document with its pages as they were signed, and the trail of what
//! was signed, printed and handed out. The parts are joined into one PDF with bookmarks.

use clinical::calendar::long_date;
use clinical::document::Cancelled;
use clinical::practitioner::Establishment;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::dates::{local, minute_in_words, time_zone};
use crate::error::Error;
use crate::join::{Bookmark, Joined, Part, join};
use crate::renderer::{Renderer, pdf_timestamp};
use crate::view::cancelled;

/// What a book is made of.
#[derive(Debug, Clone)]
pub struct Book {
    /// Who makes it.
    pub establishment: Establishment,
    /// Full name of the patient.
    pub patient: String,
    /// Number of the expediente.
    pub record_number: String,
    /// More about the patient: label and value.
    pub facts: Vec<(&'static str, String)>,
    /// When it is made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// Why, in that person's words.
    pub reason: String,
    /// The signed documents in the order of their acts.
    pub documents: Vec<BookDocument>,
    /// What was noted as done (vaccines, studies made elsewhere), a line each: no document says it.
    pub acts: Vec<String>,
    /// Files that are not in it, a line each.
    pub files: Vec<String>,
    /// What was signed, printed and handed out, oldest first.
    pub trail: Vec<TrailRow>,
    /// Rows that were left out because there are too many.
    pub trail_left_out: usize,
}

/// A signed document in the book.
#[derive(Debug, Clone)]
pub struct BookDocument {
    /// Its title.
    pub title: String,
    /// Who signed it.
    pub author: String,
    /// When care happened.
    pub act_at: Timestamp,
    /// The establishment, when it was signed in another one.
    pub origin: Option<String>,
    /// Whether its pages are those of the file with an e.firma.
    pub efirma: bool,
    /// That it holds no more, for a receta that was cancelled.
    pub cancelled: Option<Cancelled>,
    /// The PDF as signed; of a cancelled receta a copy that says so on every page.
    pub pdf: Vec<u8>,
}

/// A movement of the bitácora.
#[derive(Debug, Clone)]
pub struct TrailRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// A book as one PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookPdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
    /// Titles of documents whose PDF could not be joined; the index says so.
    pub left_out: Vec<String>,
}

#[derive(Serialize)]
struct IndexRow {
    at: String,
    title: String,
    about: String,
    remarks: Vec<String>,
    page: String,
}

/// A signature holds for a file as a whole, and the book is another one.
const EFIRMA: &str = "Con e.firma, que se comprueba en el archivo del documento y no en este libro";

impl Renderer {
    /// Makes the book.
    ///
    /// # Errors
    /// [`Error::TimeZone`], [`Error::Typesetting`], or [`Error::Joining`] when the parts cannot be written as one file.
    pub fn book(&self, book: Book) -> Result<BookPdf, Error> {
        let zone = time_zone(&book.establishment.time_zone)?;
        let say = |at: Timestamp| minute_in_words(&local(at, &zone));
        let mut lines = Vec::with_capacity(book.documents.len());
        let mut parts = Vec::with_capacity(book.documents.len());
        let mut left_out = Vec::new();
        for document in book.documents {
            let date = local(document.act_at, &zone).date();
            let part = Part::read(document.pdf);
            if part.is_none() {
                left_out.push(document.title.clone());
            }
            let name = format!("{}, {}", long_date(date), document.title);
            parts.push((part, Bookmark { group: date.year().to_string(), title: name }));
            let mut remarks = Vec::new();
            if let Some(own) = &document.cancelled {
                remarks.push(format!("CANCELADA, no se surte: {}", cancelled(own, &zone)));
            }
            remarks
                .extend(document.origin.map(|origin| format!("Documento de otro establecimiento: {origin}")));
            if document.efirma {
                remarks.push(EFIRMA.to_owned());
            }
            lines.push(IndexRow {
                at: say(document.act_at),
                title: document.title,
                about: document.author,
                remarks,
                page: String::new(),
            });
        }
        let trail_rows =
            book.trail.iter().map(|row| [say(row.at), row.who.clone(), row.what.clone(), row.reason.clone()]);
        let trail_note = match book.trail_left_out {
            0 => String::new(),
            n => format!("Faltan los {n} más antiguos: pídalos de la bitácora."),
        };
        let number = &book.record_number;
        let facts = |rows: &[(&str, String)]| {
            rows.iter().map(|(label, text)| json!({ "label": label, "text": text })).collect::<Vec<_>>()
        };
        let data = json!({
            "file_title": format!("Expediente {number}"),
            "footer": format!("Expediente {number}"),
            "establishment": { "name": book.establishment.name, "lines": letterhead(&book.establishment) },
            "patient": book.patient,
            "facts": facts(&book.facts),
            "made": facts(&[
                ("Libro hecho el", say(book.made_at)),
                ("Por", book.made_by.clone()),
                ("Motivo", book.reason.clone()),
                ("Documentos firmados", lines.len().to_string()),
            ]),
            "acts": book.acts,
            "files": book.files,
            "trail": trail_rows.collect::<Vec<_>>(),
            "trail_note": trail_note,
            "index": [],
            "part": "trail",
        });
        let trail = self.book_part(&data, book.made_at, &book.establishment.time_zone)?;
        let front = self.front(data, &mut lines, &parts, book.made_at, &book.establishment.time_zone)?;
        let mut all = vec![(Some(front), Bookmark::alone("Portada e índice"))];
        all.extend(parts);
        all.push((Some(trail), Bookmark::alone("Firmas, impresiones y entregas")));
        let Joined { bytes, pages } = join(all, &format!("Expediente {number}"), &book.establishment.name)?;
        Ok(BookPdf { bytes, pages, left_out })
    }

    /// Cover and index. Their own length decides where the documents begin, so they are set until it no longer changes.
    fn front(
        &self,
        mut data: serde_json::Value,
        lines: &mut [IndexRow],
        parts: &[(Option<Part>, Bookmark)],
        made_at: Timestamp,
        zone: &str,
    ) -> Result<Part, Error> {
        data["part"] = json!("front");
        let mut pages = 2;
        for _ in 0..4 {
            let mut page = pages + 1;
            for (line, (part, _)) in lines.iter_mut().zip(parts) {
                line.page = match part {
                    Some(_) => page.to_string(),
                    None => "no incluido".to_owned(),
                };
                page += part.as_ref().map_or(0, Part::pages);
            }
            data["index"] = serde_json::to_value(&*lines)?;
            let front = self.book_part(&data, made_at, zone)?;
            if front.pages() == pages {
                return Ok(front);
            }
            pages = front.pages();
        }
        Err(Error::Joining("the index does not come to rest".to_owned()))
    }

    fn book_part(&self, data: &serde_json::Value, made_at: Timestamp, zone: &str) -> Result<Part, Error> {
        let options = self.options(format!("book/{made_at}"), pdf_timestamp(made_at, zone)?);
        let bytes =
            self.typeset("book.typ", data.clone(), None, |document| typst_pdf::pdf(document, &options))?;
        Part::read(bytes).ok_or_else(|| Error::Joining("a part of the book cannot be read".to_owned()))
    }
}

fn letterhead(place: &Establishment) -> Vec<String> {
    let mut lines = vec![place.kind.clone(), place.address.clone()];
    lines.extend(place.institution.clone());
    if !place.owner.is_empty() {
        lines.push(format!("Propietario: {}", place.owner));
    }
    lines.extend(place.phone.as_ref().map(|phone| format!("Teléfono {phone}")));
    lines.extend(place.clues.as_ref().map(|clues| format!("CLUES {clues}")));
    lines.retain(|line| !line.trim().is_empty());
    lines
}
