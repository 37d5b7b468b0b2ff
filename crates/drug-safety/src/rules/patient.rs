//! Who takes it: pregnancy, lactation, kidney, older age.

use clinical::person::Sex;

use super::taken::{Taken, alert, capital};
use crate::facts::{Facts, PregnancyRule};
use crate::{Alert, AlertKind, Patient, Pregnancy, Severity};

pub(super) fn check(all: &[Taken<'_>], patient: &Patient, missing: &mut Vec<String>) -> Vec<Alert> {
    let proposed: Vec<&Taken<'_>> = all.iter().filter(|taken| taken.proposed && taken.systemic).collect();
    let mut found = pregnancy(&proposed, patient, missing);
    found.extend(lactation(&proposed, patient));
    found.extend(kidney(&proposed, patient, missing));
    found.extend(older_adult(&proposed, patient));
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
            let may_be = patient.sex == Some(Sex::Female)
                && patient.age_years.is_some_and(|age| (12.0..=50.0).contains(&age));
            if may_be && rules().any(|(_, rule)| rule.severity == Severity::Contraindicada) {
                missing.push("Embarazo no interrogado".to_owned());
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

/// Creatinine clearance by Cockcroft-Gault, mL/min (Nephron 1976): what label thresholds use.
fn cockcroft_gault(patient: &Patient) -> Option<f64> {
    let (age, weight, creatinine) = (patient.age_years?, patient.weight_kg?, patient.creatinine_mg_dl?);
    if creatinine <= 0.0 || age < 18.0 {
        return None;
    }
    let factor = if patient.sex == Some(Sex::Female) { 0.85 } else { 1.0 };
    Some((140.0 - age) * weight * factor / (72.0 * creatinine))
}

/// Estimated filtration by CKD-EPI 2021 without race, mL/min/1.73 m² (NEJM 2021;385:1737).
fn ckd_epi_2021(patient: &Patient) -> Option<f64> {
    let (age, creatinine) = (patient.age_years?, patient.creatinine_mg_dl?);
    if creatinine <= 0.0 || age < 18.0 {
        return None;
    }
    let female = patient.sex == Some(Sex::Female);
    let (kappa, alpha) = if female { (0.7, -0.241) } else { (0.9, -0.302) };
    let ratio: f64 = creatinine / kappa;
    let factor = if female { 1.012 } else { 1.0 };
    Some(142.0 * ratio.min(1.0).powf(alpha) * ratio.max(1.0).powf(-1.2) * 0.9938_f64.powf(age) * factor)
}

/// Medicines whose thresholds are stated as eGFR, not as clearance (reference, section 7).
fn uses_egfr(taken: &Taken<'_>) -> bool {
    matches!(taken.medicine.inn, "metformin" | "finerenone") || taken.has_class("sglt2")
}

fn kidney(proposed: &[&Taken<'_>], patient: &Patient, missing: &mut Vec<String>) -> Vec<Alert> {
    let egfr = patient.egfr.or_else(|| ckd_epi_2021(patient));
    let clearance = cockcroft_gault(patient).or(egfr);
    let mut found = Vec::new();
    for taken in proposed {
        let rules = Facts::core().kidney.iter().filter(|rule| rule.subject.covers(taken.medicine));
        for rule in rules {
            let (value, unit) =
                if uses_egfr(taken) { (egfr, "mL/min/1.73 m²") } else { (clearance, "mL/min") };
            let Some(value) = value else {
                let line = "TFG no disponible".to_owned();
                if !missing.contains(&line) {
                    missing.push(line);
                }
                continue;
            };
            if value < rule.below {
                let message = format!(
                    "{} con función renal de {value:.0} {unit}, menor de {}.",
                    capital(taken.medicine.name_es),
                    rule.below
                );
                found.push(alert(
                    AlertKind::Kidney,
                    rule.severity,
                    &[taken],
                    "",
                    message,
                    rule.recommendation,
                    rule.source,
                ));
            }
        }
    }
    found
}

fn older_adult(proposed: &[&Taken<'_>], patient: &Patient) -> Vec<Alert> {
    let Some(age) = patient.age_years else { return Vec::new() };
    let mut found = Vec::new();
    for taken in proposed {
        for rule in Facts::core().older_adult.iter().filter(|rule| rule.subject.covers(taken.medicine)) {
            if age < rule.from_age {
                continue;
            }
            let low = patient.egfr.or_else(|| ckd_epi_2021(patient)).is_some_and(|egfr| egfr < 60.0);
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
