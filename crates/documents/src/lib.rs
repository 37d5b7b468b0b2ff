//! Signed documents on paper: the frozen content of a note, a receta or an addendum becomes a PDF.
//!
//! In: a [`clinical::document::DocumentContent`] and how it is being printed. Out: a PDF/A-2a and PDF/UA-1 file, the same
//! bytes each time, since every date in it is handed in. Templates and fonts are inside the program; the typesetter is
//! given no file system, no packages, no network and no clock. What a document says is handed to it as data, never as source.
//! A [`Letter`] of the establishment (an answer, an acknowledgement) and a [`Report`] of its counts are printed the same way.
//! It knows no storage and no page.

mod book;
mod dates;
mod error;
mod join;
mod letter;
mod logo;
mod medicines;
mod note;
mod printable;
mod qr;
mod renderer;
mod report;
mod sheet;
mod view;
mod weighed;
mod words;
mod world;

pub use book::{Book, BookDocument, BookPdf, TrailRow};
pub use error::Error;
pub use letter::Letter;
pub use logo::{Logo, LogoKind, LogoRefused};
pub use renderer::{Copy, RenderContext, Renderer};
pub use report::{Report, ReportRow, ReportSection, ReportTable};
pub use words::{Form, dose_in_words, number_in_words, quantity_with_words};
