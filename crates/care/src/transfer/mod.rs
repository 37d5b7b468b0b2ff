//! A record on its way to another installation and from one: the whole of it as one Bundle, one book or one package, and
//! a package brought in again.
//!
//! A package is a zip with the book, the bundle, every signed PDF and file byte for byte, and a manifest with the SHA-256
//! of each; it may be sealed with a passphrase (age). Nothing of it is ever written to disk in clear by the program.

mod apply;
mod book;
mod export;
mod gather;
mod import;
mod package;
mod register;
mod stage;
mod write;

pub use export::{ExportForm, ExportFormat, RecordExport};
pub use import::{Counts, Decision, ImportPlan, Imported, Target};
pub use package::{MAX_PACKAGE_BYTES, Package, PackageError, Source};
pub use register::ExportLine;
pub(crate) use register::exports;

use clinical::digest::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a manifest says it is. Since 2 a document may have a second PDF, with an e.firma, and a receta may be cancelled.
const FORMAT: &str = "medicus-record-2";
/// What earlier programs wrote, which is read like the present one.
const FORMER: &str = "medicus-record-1";

/// What a package holds. Its own SHA-256 names the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// [`FORMAT`].
    format: String,
    /// When it was made.
    exported_at: Timestamp,
    /// Who made it: name of the establishment.
    establishment: String,
    /// Number of the expediente there.
    record_number: String,
    /// Every other file of the package.
    files: Vec<ManifestFile>,
    /// The signed documents with their place in the chain of where each was signed.
    documents: Vec<ManifestDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestFile {
    path: String,
    size_bytes: u64,
    sha256: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestDocument {
    id: String,
    sequence: i64,
    previous: Digest,
    digest: Digest,
    content_sha256: Digest,
    pdf_sha256: Digest,
}
