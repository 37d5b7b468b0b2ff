//! What the services do, on both engines: one program, since each takes as long to link as many tests take to run.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, one that is skipped says so"
)]

mod access;
mod agenda;
mod asked;
mod calendars;
mod cosign;
mod drafts;
mod efirma_signing;
mod every_document;
mod figures;
mod filled;
mod gaps;
mod icd;
mod identity;
mod main_job;
mod model;
mod overdue;
mod phone;
mod preferences;
mod prescriptions;
mod private;
mod questions;
mod recordings;
mod recount;
mod reports;
mod requests;
mod rights;
mod safety;
mod search;
mod templates;
mod two_documents;
mod upkeep;
