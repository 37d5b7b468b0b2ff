//! The words of the consulting room: people, acts, findings, drafts and signed documents, with their states and units.
//!
//! In: strings from forms and values from the engines. Out: values that are valid once they exist.
//! It does no I/O and never asks for the time or for randomness; both are handed in. It knows no database, page or model.
//! Value types derive `Serialize` because the content of a signed document is these types, written once and read for years:
//! their shape is covered by the golden files of `documents` and named by [`document::CONTENT_SCHEMA`].

pub mod allergy;
pub mod arco;
pub mod attachment;
pub mod audit;
pub mod business_days;
pub mod calendar;
pub mod care_act;
pub mod condition;
pub mod consent;
pub mod delivery;
pub mod demographics;
pub mod digest;
pub mod document;
pub mod draft;
pub mod efirma;
pub mod encounter;
pub mod form;
pub mod heard;
pub mod identifiers;
pub mod ids;
pub mod kept_lines;
pub mod laboratory;
pub mod likeness;
pub mod medication;
pub mod observation;
pub mod outline;
pub mod patient;
pub mod person;
pub mod posology;
pub mod practitioner;
pub mod preference;
pub mod presentation;
pub mod print;
pub mod recording;
pub mod representative;
pub mod retention;
pub mod schedule;
pub mod supply;
pub mod transcript;
