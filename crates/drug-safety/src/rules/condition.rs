//! States of the patient that speak against a medicine: age of a child, and those of `states.tsv`.

use super::patient::lower;
use super::taken::{Taken, alert, capital};
use crate::facts::Facts;
use crate::states::states;
use crate::{Alert, AlertKind, Patient};

pub(super) fn check(all: &[Taken<'_>], patient: &Patient) -> Vec<Alert> {
    let proposed = || all.iter().filter(|taken| taken.proposed && taken.systemic);
    let rules =
        Facts::core().conditions.iter().filter_map(|rule| Some((rule, holds(rule.condition, patient)?)));
    rules
        .flat_map(|(rule, state)| {
            let concerned = proposed().filter(|taken| rule.subject.covers(taken.medicine));
            concerned.map(move |taken| {
                let kind = if rule.condition.starts_with("menor:") {
                    AlertKind::Child
                } else {
                    AlertKind::Condition
                };
                let message = format!("{} {state}: {}.", capital(taken.medicine.name_es), lower(rule.reason));
                let advice = format!("Alternativa: {}.", lower(rule.alternative));
                alert(kind, rule.severity, &[taken], "", message, &advice, rule.source)
            })
        })
        .collect()
}

/// The state in words, when the patient is in it.
fn holds(condition: &str, patient: &Patient) -> Option<String> {
    if let Some(below) = condition.strip_prefix("menor:") {
        let below: f64 = below.parse().ok()?;
        let age = patient.age_years.filter(|age| *age < below)?;
        return Some(if age < 2.0 {
            format!("a los {:.0} meses de edad", age * 12.0)
        } else {
            format!("a los {age:.0} años")
        });
    }
    let is_in = match condition {
        "higado" => patient.liver_disease == Some(true),
        "asma" => patient.asthma == Some(true),
        "falla_cardiaca" => patient.heart_failure == Some(true),
        "g6pd" => patient.g6pd_deficiency == Some(true),
        "demencia" => patient.dementia == Some(true),
        other => patient.states.contains(&other),
    };
    let state = states().iter().find(|state| state.code == condition)?;
    is_in.then(|| state.phrase.to_owned())
}
