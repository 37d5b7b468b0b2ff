//! What NOM-004-SSA3-2012 and the prescription rules ask of each document: definitions as data, and what is missing.
//!
//! In: a draft and the facts of its header. Out: the required elements that are absent, each with its citation.
//! It knows no database, no page and no clock, and it never fills anything in. Numerals are given only where the
//! project's reference grades them as read or confirmed (grades T and S); the others stay `None`.

mod abbreviations;
mod answers;
mod catalogue;
mod citation;
mod compliance;
mod deadlines;
mod definitions;
mod dispensing;
mod header;
mod medicine;
mod missing;
mod outline;
mod sale_group;
mod topic;

pub use abbreviations::{AbbreviationWarning, abbreviations};
pub use answers::{Answer, answer};
pub use catalogue::{
    Template, definition, definition_of, definitions, extended, known, section, templates, title,
};
pub use citation::{Citation, Norm};
pub use compliance::{Compliance, DomainScore};
pub use deadlines::{Interval, intervals};
pub use definitions::{
    Author, DocumentDefinition, Due, FilledBy, Group, Obligation, OneOf, SectionDefinition, Service, Signers,
    Takes,
};
pub use dispensing::{
    DispensingClass, DispensingRule, Validity, is_antibiotic, packs_asked, pharmacy_note, valid_until,
};
pub use header::{HEADER, HeaderElement, HeaderField};
pub use medicine::{absent, goes_on_prescription};
pub use missing::{Field, Finding, HeaderFacts, Place, Severity, missing};
pub use outline::{always_shown, outlined};
pub use sale_group::{SaleGroup, sale_group};
pub use topic::Topic;
