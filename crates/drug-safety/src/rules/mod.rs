//! The checks in order, and the merge of what they find.

mod additive;
mod allergy;
mod duplicates;
mod pairs;
mod patient;
mod taken;

use std::collections::HashMap;

use crate::{Alert, CheckInput, Report};

/// Runs every check.
pub(crate) fn check(input: &CheckInput) -> Report {
    let all = taken::expand(input);
    let mut missing = Vec::new();
    let mut alerts = allergy::check(&all, &input.allergies);
    alerts.extend(pairs::check(&all));
    alerts.extend(pairs::washout(&all, &input.stopped));
    alerts.extend(duplicates::check(&all));
    alerts.extend(additive::check(&all, &input.patient));
    alerts.extend(patient::check(&all, &input.patient, &mut missing));
    Report { alerts: merge(alerts), unknown: taken::unknown(input), missing_inputs: missing }
}

/// One alert per risk: of several about the same kind and medicines the worst stays, with the sources of all
/// (reference, section 1, rule 3). Worst first.
fn merge(alerts: Vec<Alert>) -> Vec<Alert> {
    let mut merged: Vec<Alert> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for mut alert in alerts {
        alert.inns.sort_unstable();
        alert.inns.dedup();
        match places.get(&alert.key()) {
            None => {
                places.insert(alert.key(), merged.len());
                merged.push(alert);
            }
            Some(&place) => {
                let known = &mut merged[place];
                let mut sources = known.sources.clone();
                sources
                    .extend(alert.sources.iter().filter(|source| !known.sources.contains(source)).cloned());
                if alert.severity < known.severity {
                    *known = alert;
                }
                known.sources = sources;
            }
        }
    }
    merged.sort_by(|a, b| (a.severity, a.kind, &a.drugs).cmp(&(b.severity, b.kind, &b.drugs)));
    merged
}
