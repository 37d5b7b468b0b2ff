//! What templates receive: plain words and flags, already formatted. Handlers convert the types of `care` into these.

pub mod access;
pub mod accounts;
pub mod agenda;
pub mod attachments;
pub mod audit;
pub mod bars;
pub mod boards;
pub mod chart;
pub mod checking;
pub mod coding;
pub mod compliance;
pub mod consents;
pub mod consultation;
pub mod documents;
pub mod edit;
pub mod efirma;
pub mod establishment;
pub mod failure;
pub mod form;
pub mod heard;
pub mod identity;
pub mod keeping;
pub mod laboratory;
mod medicine_form;
pub mod messages;
pub mod new_document;
pub mod overdue;
pub mod patient_form;
pub mod patients;
pub mod precise;
pub mod preferences;
pub mod prescriptions;
pub mod private;
pub mod recording;
pub mod releases;
pub mod rights;
pub mod search;
pub mod shell;
pub mod signing;
pub mod surveillance;
pub mod templates;
pub mod today;
pub mod transfer;
pub mod trends;

#[cfg(test)]
mod samples;
