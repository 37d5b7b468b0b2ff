//! Copies of a signed document that left the system: each one is counted, with who took it out, when and why.

use jiff::Timestamp;

use crate::ids::{DocumentId, UserId};

/// What was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintedAs {
    /// The first copy: the signed file itself.
    Original,
    /// A later copy, from 1: it says on every page that it is one.
    Reprint(i64),
    /// The signed file as a file, byte for byte, to be checked against its digest; it counts as no copy.
    SignedFile,
}

impl PrintedAs {
    /// The copy that follows so many.
    #[must_use]
    pub fn after(copies: i64) -> Self {
        if copies == 0 { Self::Original } else { Self::Reprint(copies) }
    }

    /// "Original", "Reimpresión 2", "Archivo firmado".
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Original => "Original".to_owned(),
            Self::Reprint(number) => format!("Reimpresión {number}"),
            Self::SignedFile => "Archivo firmado".to_owned(),
        }
    }
}

/// One time a document was printed or downloaded. Never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPrint {
    /// The document.
    pub document_id: DocumentId,
    /// Place among all prints of the document, from 1, without gaps.
    pub number: i64,
    /// What was handed out.
    pub printed_as: PrintedAs,
    /// Why, when the person said so.
    pub reason: Option<String>,
    /// Who.
    pub printed_by: UserId,
    /// Name on screens of who.
    pub printed_by_name: String,
    /// When.
    pub printed_at: Timestamp,
}
