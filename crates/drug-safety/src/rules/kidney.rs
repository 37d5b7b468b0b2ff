//! Kidney function: what is known of it, how old that may be, and the thresholds of the medicines (reference, section 7).

use clinical::person::Sex;

use super::taken::{Taken, alert, capital};
use crate::facts::Facts;
use crate::{Alert, AlertKind, Patient};

/// Days for which a creatinine counts.
const VALID_DAYS: u32 = 366;
/// Days for which it counts with a medicine that harms the kidney, or when the filtration is low already.
const VALID_DAYS_AT_RISK: u32 = 92;

/// Creatinine clearance by Cockcroft-Gault, mL/min (Nephron 1976): what label thresholds use. `None` without age, weight
/// and creatinine, and for children.
#[must_use]
pub fn cockcroft_gault(patient: &Patient) -> Option<f64> {
    let (age, weight, creatinine) = (patient.age_years?, patient.weight_kg?, patient.creatinine_mg_dl?);
    if creatinine <= 0.0 || age < 18.0 {
        return None;
    }
    let factor = if patient.sex == Some(Sex::Female) { 0.85 } else { 1.0 };
    Some((140.0 - age) * weight * factor / (72.0 * creatinine))
}

/// Estimated filtration by CKD-EPI 2021 without race, mL/min/1.73 m² (NEJM 2021;385:1737). `None` without age and
/// creatinine, and for children.
#[must_use]
pub fn ckd_epi_2021(patient: &Patient) -> Option<f64> {
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

/// What a check goes by.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Function {
    /// mL/min/1.73 m².
    pub(super) egfr: Option<f64>,
    /// mL/min.
    clearance: Option<f64>,
    /// Where the figures are from: "creatinina de 1.6 mg/dL, de hace 12 días".
    basis: String,
    /// Why there is none, in Spanish.
    missing: Option<String>,
}

impl Function {
    /// Of a patient who takes all this.
    pub(super) fn of(patient: &Patient, all: &[Taken<'_>]) -> Self {
        let stated = patient.egfr.map(|egfr| (egfr, patient.egfr_days_ago));
        let computed = ckd_epi_2021(patient).map(|egfr| (egfr, patient.creatinine_days_ago));
        let newest = match (stated, computed) {
            (Some(stated), Some(computed)) if computed.1 < stated.1 => Some((computed, false)),
            (Some(stated), _) => Some((stated, true)),
            (None, computed) => computed.map(|computed| (computed, false)),
        };
        let by_diagnosis = |missing: &str| match patient.egfr_at_most {
            Some(most) => Self {
                egfr: Some(most),
                clearance: Some(most),
                basis: "por el estadio anotado; sin creatinina reciente".to_owned(),
                missing: None,
            },
            None => Self { missing: Some(missing.to_owned()), ..Self::default() },
        };
        let Some(((egfr, days), is_stated)) = newest else { return by_diagnosis("TFG no disponible") };
        let harms = |taken: &Taken<'_>| Facts::core().groups.has("nefrotoxico", taken.medicine.inn);
        let at_risk = egfr < 60.0 || all.iter().any(|taken| taken.systemic && harms(taken));
        let valid = if at_risk { VALID_DAYS_AT_RISK } else { VALID_DAYS };
        if let Some(days) = days.filter(|days| *days > valid) {
            let since = ago(days);
            return by_diagnosis(&format!("TFG desconocida: el último resultado es de {since}"));
        }
        let when = days.map(|days| format!(", de {}", ago(days))).unwrap_or_default();
        let basis = match patient.creatinine_mg_dl.filter(|_| !is_stated) {
            Some(creatinine) => format!("creatinina de {creatinine} mg/dL{when}"),
            None => format!("TFG informada{when}"),
        };
        let clearance = cockcroft_gault(patient).filter(|_| !is_stated).or(Some(egfr));
        Self { egfr: Some(egfr), clearance, basis, missing: None }
    }
}

/// "hace 12 días", "hace 14 meses".
pub(super) fn ago(days: u32) -> String {
    match days {
        0 => "hoy".to_owned(),
        1 => "ayer".to_owned(),
        2..=60 => format!("hace {days} días"),
        _ => format!("hace {} meses", days / 30),
    }
}

/// Medicines whose thresholds are stated as eGFR, not as clearance (reference, section 7).
fn uses_egfr(taken: &Taken<'_>) -> bool {
    matches!(taken.medicine.inn, "metformin" | "finerenone") || taken.has_class("sglt2")
}

/// The thresholds of what is proposed.
pub(super) fn check(proposed: &[&Taken<'_>], function: &Function, missing: &mut Vec<String>) -> Vec<Alert> {
    let mut found = Vec::new();
    for taken in proposed {
        let rules = Facts::core().kidney.iter().filter(|rule| rule.subject.covers(taken.medicine));
        for rule in rules {
            let (value, unit) = match uses_egfr(taken) {
                true => (function.egfr, "mL/min/1.73 m²"),
                false => (function.clearance, "mL/min"),
            };
            let Some(value) = value else {
                let line = function.missing.clone().unwrap_or_else(|| "TFG no disponible".to_owned());
                if !missing.contains(&line) {
                    missing.push(line);
                }
                continue;
            };
            if value < rule.below {
                let message = format!(
                    "{} con función renal de {value:.0} {unit}, menor de {} ({}).",
                    capital(taken.medicine.name_es),
                    rule.below,
                    function.basis
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
