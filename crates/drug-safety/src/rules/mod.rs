//! The checks in order, and the merge of what they find.

use crate::{CheckInput, Report};

/// Runs every check.
pub(crate) fn check(input: &CheckInput) -> Report {
    let unknown = input
        .proposed
        .iter()
        .chain(&input.active)
        .filter(|drug| drug.ingredients.is_empty())
        .map(|drug| drug.name.clone())
        .collect();
    Report { unknown, ..Report::default() }
}
