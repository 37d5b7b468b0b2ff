//! States of the patient that speak against a medicine: age of a child, liver, asthma, heart, G6PD, dementia.

use super::patient::lower;
use super::taken::{Taken, alert, capital};
use crate::facts::Facts;
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
    let known = |state: Option<bool>, words: &str| (state == Some(true)).then(|| words.to_owned());
    if let Some(below) = condition.strip_prefix("menor:") {
        let below: f64 = below.parse().ok()?;
        let age = patient.age_years.filter(|age| *age < below)?;
        return Some(if age < 2.0 {
            format!("a los {:.0} meses de edad", age * 12.0)
        } else {
            format!("a los {age:.0} años")
        });
    }
    match condition {
        "higado" => known(patient.liver_disease, "en enfermedad del hígado"),
        "asma" => known(patient.asthma, "en asma"),
        "falla_cardiaca" => known(patient.heart_failure, "en falla cardiaca"),
        "g6pd" => known(patient.g6pd_deficiency, "en deficiencia de G6PD"),
        "demencia" => known(patient.dementia, "en demencia"),
        _ => None,
    }
}
