//! The amount of a day against the usual range of the age and weight, and against the ceiling.

use super::taken::{Taken, alert, capital};
use crate::facts::{DoseRange, DoseRule, Facts};
use crate::{Alert, AlertKind, Patient, Severity};

/// Whether the amount of a day of this medicine is looked at.
#[must_use]
pub fn has_limit(inn: &str) -> bool {
    let facts = Facts::core();
    facts.maximum_dose.iter().any(|rule| rule.inn == inn)
        || facts.dose_ranges.iter().any(|range| range.inn == inn)
}

pub(super) fn check(all: &[Taken<'_>], patient: &Patient) -> Vec<Alert> {
    let proposed: Vec<&Taken<'_>> = all.iter().filter(|taken| taken.proposed && taken.systemic).collect();
    proposed.iter().filter_map(|taken| one(taken, &proposed, patient)).collect()
}

fn one(taken: &Taken<'_>, proposed: &[&Taken<'_>], patient: &Patient) -> Option<Alert> {
    // Of a combination the amount per ingredient is not known.
    let same = proposed.iter().filter(|other| other.at == taken.at && other.drug.ingredients.len() == 1);
    let total: f64 = same.filter_map(|other| other.drug.daily_dose_mg).sum();
    if total <= 0.0 {
        return None;
    }
    let age = patient.age_years.unwrap_or(40.0);
    let ceiling = (age >= 18.0).then(|| ceiling(taken, age, patient.liver_disease == Some(true))).flatten();
    if let Some(rule) = ceiling.filter(|rule| total > rule.mg_per_day) {
        return Some(above(taken, total, rule.mg_per_day, rule.severity, rule.source));
    }
    let ranges = Facts::core().dose_ranges.iter();
    let range = ranges.filter(|range| range.inn == taken.medicine.inn).find(|range| range.holds(age))?;
    let (high, severity) = highest(range, patient.weight_kg, total)?;
    Some(above(taken, total, high, severity, range.source))
}

/// The lowest ceiling that holds for an adult of this age; with liver disease that of an older one.
fn ceiling(taken: &Taken<'_>, age: f64, liver: bool) -> Option<&'static DoseRule> {
    let age = if liver && taken.medicine.inn == "paracetamol" { age.max(65.0) } else { age };
    let rules = Facts::core().maximum_dose.iter();
    rules
        .filter(|rule| rule.inn == taken.medicine.inn && rule.from_age <= age)
        .min_by(|a, b| a.mg_per_day.total_cmp(&b.mg_per_day))
}

/// The amount that was passed and how much that weighs: over the ceiling, or over the usual dose by more than a tenth.
fn highest(range: &DoseRange, weight_kg: Option<f64>, total: f64) -> Option<(f64, Severity)> {
    let usual = if range.per_kg { weight_kg.map(|weight| range.high * weight) } else { Some(range.high) };
    if total > range.ceiling_mg {
        let least = usual.map_or(range.ceiling_mg, |usual| usual.min(range.ceiling_mg));
        return Some((least, Severity::Mayor));
    }
    let usual = usual?;
    // Twice what a child takes at most is an error of ten, not a high dose.
    let severity = if range.per_kg && total > usual * 2.0 { Severity::Mayor } else { Severity::Moderada };
    (total > usual * 1.1).then_some((usual, severity))
}

fn above(taken: &Taken<'_>, total: f64, most: f64, severity: Severity, source: &str) -> Alert {
    let message =
        format!("{}: {total:.0} mg al día, más del máximo de {most:.0} mg.", capital(taken.medicine.name_es));
    let advice = format!("Reducir a {most:.0} mg al día o menos.");
    alert(AlertKind::MaximumDose, severity, &[taken], "", message, &advice, source)
}
