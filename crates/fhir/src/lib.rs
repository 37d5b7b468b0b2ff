//! A record in FHIR R4 (4.0.1) and back: one Bundle of type `collection` with the patient, the summary, consultations,
//! results, consents, and every signed document as Composition with its PDF and what binds it.
//!
//! In: a [`Record`] of clinical types. Out: the text of the bundle; and from such a text the same record, or a
//! [`FhirError`] that names the resource and the element. It does no I/O, knows no clock and makes no ids: what needs one
//! of its own gets one that follows from what it names, so the same record gives the same bundle.
//!
//! The structs carry the elements we write, no more. An element, extension of ours or type of resource that is not known
//! is refused when read: what is not understood must not be dropped in silence.

mod audit;
mod bundle;
mod datatypes;
mod documents;
mod error;
mod files;
mod laboratory;
mod narrative;
pub mod paths;
mod patient;
mod people;
mod prescription;
mod record;
mod resources;
mod sections;
mod strict;
mod summary;
mod systems;
mod visits;
mod writer;

pub use audit::{audit_event, event_id};
pub use bundle::{END, begin, binary, entry, read};
pub use error::{FhirError, Problem};
pub use record::{
    ConsentFacts, DocumentFacts, FileFacts, Kept, Measurement, PatientFacts, Record, Report, ResultVersion,
    Seal, Section,
};
pub use sections::of as sections;

/// Where the bytes of PDFs and files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// Beside the bundle, at [`paths`].
    Beside,
    /// In the bundle itself, as Binary resources ([`binary`]) that follow what [`begin`] writes.
    Inside,
}
