//! The checks in order, and the merge of what they find.

mod additive;
mod allergy;
mod condition;
mod dose;
mod duplicates;
mod notices;
mod pairs;
mod patient;
pub(crate) mod taken;

use std::collections::HashMap;

use crate::labels::{self, Labels};
use crate::{Alert, CheckInput, Report};

/// Runs every check.
pub(crate) fn check(input: &CheckInput, labels: &Labels) -> Report {
    let all = taken::expand(input);
    let mut missing = Vec::new();
    let mut alerts = allergy::check(&all, &input.allergies);
    alerts.extend(pairs::check(&all));
    alerts.extend(pairs::washout(&all, &input.stopped));
    alerts.extend(duplicates::check(&all));
    alerts.extend(additive::check(&all, &input.patient));
    alerts.extend(patient::check(&all, &input.patient, &mut missing));
    alerts.extend(condition::check(&all, &input.patient));
    alerts.extend(dose::check(&all, &input.patient));
    labels::add(labels, &all, &input.patient, &mut alerts);
    let notices = merge(notices::check(&all));
    Report { alerts: merge(alerts), notices, unknown: taken::unknown(input), missing_inputs: missing }
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
                let mut quotes = known.quotes.clone();
                quotes.extend(alert.quotes.iter().filter(|quote| !known.quotes.contains(quote)).cloned());
                if alert.severity < known.severity {
                    *known = alert;
                }
                known.sources = sources;
                known.quotes = quotes;
            }
        }
    }
    merged.sort_by(|a, b| (a.severity, a.kind, &a.drugs).cmp(&(b.severity, b.kind, &b.drugs)));
    merged
}
