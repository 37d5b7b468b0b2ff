//! What a consultation is understood as and written as: one program, since each takes longer to link than to run.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, one that is skipped says so"
)]

mod antecedents;
mod bad_input;
mod common;
mod complaints;
mod completed;
mod consultations;
mod dictated;
mod drafts;
mod exchanges;
mod guard;
mod lines;
mod medicines;
mod prescriptions;
mod styles;
mod taken_and_not_borne;
mod told;
mod told_histories;
mod written;
