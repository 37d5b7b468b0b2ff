//! The checks in order, and the merge of what they find.

mod additive;
mod allergy;
mod condition;
pub(crate) mod dose;
mod duplicates;
pub(crate) mod kidney;
pub(crate) mod notices;
mod pairs;
pub(crate) mod patient;
pub(crate) mod taken;

use std::collections::HashMap;

use crate::labels::{self, Labels};
use crate::{Alert, AlertKind, CheckInput, Report};

/// Runs every check.
pub(crate) fn check(input: &CheckInput, labels: &Labels) -> Report {
    let all = taken::expand(input);
    let mut missing = Vec::new();
    let function = kidney::Function::of(&input.patient, &all);
    let mut alerts = allergy::check(&all, &input.allergies);
    alerts.extend(pairs::check(&all));
    alerts.extend(pairs::washout(&all, &input.stopped));
    alerts.extend(duplicates::check(&all));
    alerts.extend(additive::check(&all, &input.patient, &function));
    alerts.extend(patient::check(&all, &input.patient, &function, &mut missing));
    alerts.extend(condition::check(&all, &input.patient));
    alerts.extend(dose::check(&all, &input.patient));
    labels::add(labels, &all, &input.patient, &mut alerts);
    let notices = merge(notices::check(&all));
    Report {
        alerts: one_per_pair(merge(alerts)),
        notices,
        unknown: taken::unknown(input),
        missing_inputs: missing,
    }
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

/// Two medicines are one alert, whatever kinds of check found them: the worst leads, an explicit rule before the others,
/// with the sources and sentences of all; what the others say stays in the detail (reference, section 1, rule 3).
fn one_per_pair(alerts: Vec<Alert>) -> Vec<Alert> {
    const OF_PAIRS: [AlertKind; 4] =
        [AlertKind::Interaction, AlertKind::Mechanism, AlertKind::DuplicateClass, AlertKind::Additive];
    let is_pair = |alert: &Alert| alert.inns.len() == 2 && OF_PAIRS.contains(&alert.kind);
    let rank = |alert: &Alert| (alert.severity, alert.kind != AlertKind::Interaction, alert.kind);
    let mut kept: Vec<Alert> = Vec::with_capacity(alerts.len());
    for alert in alerts {
        let same =
            kept.iter_mut().find(|known| is_pair(known) && is_pair(&alert) && known.inns == alert.inns);
        let Some(known) = same else {
            kept.push(alert);
            continue;
        };
        let other = if rank(&alert) < rank(known) { std::mem::replace(known, alert) } else { alert };
        known.mechanism = format!("{} También: {}", known.mechanism, other.message).trim_start().to_owned();
        let new = |list: &[String], more: Vec<String>| -> Vec<String> {
            more.into_iter().filter(|one| !list.contains(one)).collect()
        };
        known.sources.extend(new(&known.sources, other.sources));
        known.quotes.extend(new(&known.quotes, other.quotes));
    }
    kept
}
