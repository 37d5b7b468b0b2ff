//! Where the files of an exported record lie beside its bundle.

use clinical::attachment::FileKind;
use clinical::digest::Digest;
use clinical::ids::{AttachmentId, DocumentId};
use uuid::Uuid;

use crate::writer::derived;

/// The bundle.
pub const BUNDLE: &str = "expediente.fhir.json";
/// The book.
pub const BOOK: &str = "expediente.pdf";
/// What all the other files are, with the SHA-256 of each.
pub const MANIFEST: &str = "manifiesto.json";

/// The PDF of a signed document, byte for byte.
#[must_use]
pub fn pdf(id: DocumentId) -> String {
    format!("documentos/{id}.pdf")
}

/// The PDF of a signed document with the e.firma of who signed it.
#[must_use]
pub fn efirma(id: DocumentId) -> String {
    format!("documentos/{id}.efirma.pdf")
}

/// The content of a signed document as it was digested.
#[must_use]
pub fn content(id: DocumentId) -> String {
    format!("documentos/{id}.json")
}

/// A file of the record.
#[must_use]
pub fn file(id: AttachmentId, kind: FileKind) -> String {
    format!("archivos/{id}.{}", kind.extension())
}

/// A transcript, by its digest.
#[must_use]
pub fn transcript(digest: Digest) -> String {
    format!("transcripciones/{digest}.json")
}

/// Id of the Binary with the bytes of a PDF or file.
#[must_use]
pub fn binary(id: &Uuid) -> Uuid {
    derived("binary", id)
}

/// What the Binary of the PDF with an e.firma is named after: [`binary`] has its id.
#[must_use]
pub fn efirma_file(id: DocumentId) -> Uuid {
    derived("efirma", id)
}
