//! Medicines with medicines, allergies and the patient: one list of alerts, worst first. Pure and deterministic.
//!
//! In: a [`CheckInput`]. Out: a [`Report`]. The facts are the tables of `catalogs/drug-safety` (embedded), the classes of
//! `terminology::medicines` and the [`labels`] that were imported. It knows no record, no user and no screen, and an empty
//! list never means "safe": it means [`EMPTY_RESULT_TEXT`].
//!
//! ```
//! use drug_safety::{CheckInput, Drug, Severity, check};
//! let input = CheckInput {
//!     proposed: vec![Drug::named("naproxeno")],
//!     active: vec![Drug::named("warfarina")],
//!     ..CheckInput::default()
//! };
//! assert_eq!(check(&input).alerts[0].severity, Severity::Mayor);
//! ```

mod alert;
mod facts;
mod groups;
mod input;
pub mod labels;
mod names;
mod reason;
mod rules;
mod states;
pub mod wire;

pub use alert::{Alert, AlertKind, Report, Severity};
pub use input::{CheckInput, Drug, Patient, Pregnancy};
pub use reason::OverrideReason;
pub use rules::dose::has_limit;
pub use rules::kidney::{ckd_epi_2021, cockcroft_gault};
pub use rules::notices::look_alikes;
pub use rules::patient::PREGNANCY_NOT_ASKED;
pub use states::{lactation_told, pregnancy_told};

/// What a screen says when nothing was found: the absence of alerts in these sources, never safety (reference, head).
pub const EMPTY_RESULT_TEXT: &str = "Sin alertas en las fuentes cargadas";

/// Edition of the facts: kept with every alert that a physician overrides.
pub const DATA_DATE: &str = "2026-11-27";

/// Checks what is proposed against itself, what is taken, allergies and the patient, with the facts that ship.
///
/// Alerts concern at least one proposed medicine: what the patient already takes together is not raised again.
#[must_use]
pub fn check(input: &CheckInput) -> Report {
    rules::check(input, &labels::Labels::default())
}

/// As [`check`], with the labels that were imported besides.
#[must_use]
pub fn check_with(input: &CheckInput, labels: &labels::Labels) -> Report {
    rules::check(input, labels)
}
