//! Who takes it: pregnancy, lactation, older age.

use super::kidney::{self, Function};
use super::taken::{Taken, alert, capital};
use crate::facts::{Facts, PregnancyRule};
use crate::{Alert, AlertKind, Patient, Pregnancy, Severity};

/// What is said when nobody asked a woman whether she is pregnant and the medicine is contraindicated then.
pub const PREGNANCY_NOT_ASKED: &str = "Embarazo no interrogado";

pub(super) fn check(
    all: &[Taken<'_>],
    patient: &Patient,
    function: &Function,
    missing: &mut Vec<String>,
) -> Vec<Alert> {
    let proposed: Vec<&Taken<'_>> = all.iter().filter(|taken| taken.proposed && taken.systemic).collect();
    let mut found = pregnancy(&proposed, patient, missing);
    found.extend(lactation(&proposed, patient));
    found.extend(kidney::check(&proposed, function, missing));
    found.extend(older_adult(&proposed, patient, function));
    found
}

fn pregnancy(proposed: &[&Taken<'_>], patient: &Patient, missing: &mut Vec<String>) -> Vec<Alert> {
    let rules = || {
        proposed.iter().flat_map(|taken| {
            Facts::core()
                .pregnancy
                .iter()
                .filter(|rule| rule.subject.covers(taken.medicine))
                .map(move |rule| (*taken, rule))
        })
    };
    match patient.pregnancy {
        Pregnancy::Yes { weeks } => rules()
            .filter_map(|(taken, rule)| Some((taken, rule, severity_at(rule, weeks)?)))
            .map(|(taken, rule, severity)| {
                let message =
                    format!("{} en el embarazo: {}.", capital(taken.medicine.name_es), lower(rule.reason));
                let mechanism = format!("Periodo: {}.", rule.when);
                alert(
                    AlertKind::Pregnancy,
                    severity,
                    &[taken],
                    &mechanism,
                    message,
                    rule.alternative,
                    rule.source,
                )
            })
            .collect(),
        Pregnancy::Unknown => {
            if patient.may_be_pregnant() && rules().any(|(_, rule)| rule.severity == Severity::Contraindicada)
            {
                missing.push(PREGNANCY_NOT_ASKED.to_owned());
            }
            Vec::new()
        }
        Pregnancy::No => Vec::new(),
    }
}

/// The tier in a week of pregnancy; without a date the rule holds.
fn severity_at(rule: &PregnancyRule, weeks: Option<u8>) -> Option<Severity> {
    let Some(weeks) = weeks else { return Some(rule.severity) };
    // NSAIDs: caution from week 20, contraindicated from week 30 (reference, section 6).
    if rule.when.starts_with("desde semana 20") {
        return match weeks {
            30.. => Some(Severity::Contraindicada),
            20.. => Some(rule.severity),
            _ => None,
        };
    }
    let trimester = match weeks {
        0..=13 => '1',
        14..=27 => '2',
        _ => '3',
    };
    let named = rule.when.split('(').next().unwrap_or_default();
    let late = weeks >= 36 && (named.contains("término") || named.contains("parto"));
    let always = named.contains("todos") || named.contains("periconcepción") && trimester == '1';
    (always || late || named.contains(trimester)).then_some(rule.severity)
}

fn lactation(proposed: &[&Taken<'_>], patient: &Patient) -> Vec<Alert> {
    if patient.lactating != Some(true) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for taken in proposed {
        for rule in Facts::core().pregnancy.iter().filter(|rule| rule.subject.covers(taken.medicine)) {
            let severity = match rule.lactation {
                "contraindicada" => Severity::Contraindicada,
                words if words.starts_with("evitar") => Severity::Mayor,
                words if words.contains("vigilancia") || words.contains("uso corto") => Severity::Moderada,
                _ => continue,
            };
            let message = format!("{} en la lactancia: {}.", capital(taken.medicine.name_es), rule.lactation);
            found.push(alert(
                AlertKind::Lactation,
                severity,
                &[taken],
                "",
                message,
                rule.alternative,
                rule.source,
            ));
        }
    }
    found
}

fn older_adult(proposed: &[&Taken<'_>], patient: &Patient, function: &Function) -> Vec<Alert> {
    let Some(age) = patient.age_years else { return Vec::new() };
    let mut found = Vec::new();
    for taken in proposed {
        for rule in Facts::core().older_adult.iter().filter(|rule| rule.subject.covers(taken.medicine)) {
            if age < rule.from_age {
                continue;
            }
            let low = function.egfr.is_some_and(|egfr| egfr < 60.0);
            // Not interruptive, with the exception the reference names (section 9).
            let interrupts = taken.medicine.inn == "glibenclamide" && low;
            let severity = if interrupts { rule.severity } else { rule.severity.max(Severity::Moderada) };
            let message = format!(
                "{} en mayor de {} años: {}.",
                capital(taken.medicine.name_es),
                rule.from_age,
                lower(rule.reason)
            );
            let advice = format!("Valorar: {}.", lower(rule.alternative));
            found.push(alert(AlertKind::OlderAdult, severity, &[taken], "", message, &advice, rule.source));
        }
    }
    found
}

pub(super) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    let rest = letters.as_str();
    // Names of classes in capitals (ISRS, IBP) stay as they are.
    if rest.starts_with(|c: char| c.is_uppercase()) { text.to_owned() } else { first + rest }
}
