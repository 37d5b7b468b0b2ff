//! ICD-11 (CIE-11 MMS) with CIE-10 beside it: the built-in core or an imported release, its search, and the coding of diagnosis mentions.
//!
//! In: the words of a physician. Out: ranked entries with the words that justify them.
//! Titles are WHO's, unaltered; the synonyms are this project's own and kept in a separate table.

#[cfg(test)]
mod accuracy;
mod axes;
mod catalog;
mod cluster;
mod code;
mod features;
mod index;
mod mentions;
mod opposites;
mod query;
mod rank;
pub mod release;
mod retrieve;
mod similar;
mod specific;
mod standing;
#[cfg(test)]
mod tests;
pub(crate) mod words;

pub use axes::{Axis, AxisValue, Companion, axes, company};
pub use catalog::{CatalogError, EntryKind, IcdEntry};
pub use cluster::{Cluster, ClusterError};
pub use code::{Icd10Code, Icd11Code, InvalidIcdCode};
pub use features::{FEATURES, NONE_FEATURES};
pub use index::{Candidate, IcdIndex};
pub use mentions::Mention;
pub use rank::{Confidence, Considered, Proposal, Ranker};
pub use standing::Standing;

/// The edition of the ICD-11 titles in the built-in core.
pub const RELEASE: &str = "2024-01";

/// The attribution that must be shown wherever ICD-11 codes or titles are shown (licence CC BY-ND 3.0 IGO).
pub const ATTRIBUTION: &str = "International Classification of Diseases, Eleventh Revision (ICD-11), World Health \
     Organization (WHO) 2019/2021, https://icd.who.int/browse11. Licensed under Creative Commons \
     Attribution-NoDerivatives 3.0 IGO (CC BY-ND 3.0 IGO).";
