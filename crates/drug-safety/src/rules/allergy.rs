//! Recorded allergies: the very medicine first, then its family (reference, section 5).

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use terminology::medicines::Medicine;

use super::taken::{Taken, alert, capital};
use crate::facts::{Facts, medicines};
use crate::{Alert, AlertKind, Severity};

pub(super) fn check(all: &[Taken<'_>], allergies: &[AllergyIntolerance]) -> Vec<Alert> {
    let proposed = || all.iter().filter(|taken| taken.proposed);
    allergies.iter().flat_map(|allergy| proposed().filter_map(|taken| one(allergy, taken))).collect()
}

fn one(allergy: &AllergyIntolerance, taken: &Taken<'_>) -> Option<Alert> {
    let recorded = Recorded::of(&allergy.substance);
    if recorded.medicines.iter().any(|medicine| medicine.inn == taken.medicine.inn) {
        let message =
            format!("{}: hay alergia registrada a {}.", capital(taken.medicine.name_es), allergy.substance);
        let severity = weighed(Severity::Contraindicada, allergy.reaction_kind);
        let advice = "Elegir un medicamento de otra familia, o corregir el registro si no es alergia.";
        return Some(alert(
            AlertKind::AllergyExact,
            severity,
            &[taken],
            "",
            message,
            advice,
            "Expediente del paciente",
        ));
    }
    let rules = Facts::core()
        .cross_allergies
        .iter()
        .filter(|rule| recorded.is(rule.recorded) && is(taken.medicine, rule.prescribed));
    let rule = rules.min_by_key(|rule| rule.severity);
    let direct = recorded.families.iter().any(|family| is(taken.medicine, family));
    let (severity, explanation, source) = match (rule, direct) {
        (Some(rule), _) => (rule.severity, rule.explanation, rule.source),
        (None, true) => (Severity::Contraindicada, "Misma familia", "Expediente del paciente"),
        (None, false) => return None,
    };
    let message = match severity {
        Severity::Informativa => {
            format!("{} no cruza con la alergia a {}.", capital(taken.medicine.name_es), allergy.substance)
        }
        _ => format!(
            "{} es de una familia emparentada con {}, a la que hay alergia.",
            capital(taken.medicine.name_es),
            allergy.substance
        ),
    };
    let advice = match severity {
        Severity::Contraindicada | Severity::Mayor => "Elegir un medicamento de otra familia.",
        Severity::Moderada => "Preguntar por la reacción; si fue grave, elegir otra familia.",
        _ => "Puede usarse.",
    };
    let severity =
        if severity == Severity::Informativa { severity } else { weighed(severity, allergy.reaction_kind) };
    Some(alert(AlertKind::AllergyFamily, severity, &[taken], explanation, message, advice, source))
}

/// Severe skin reactions make the family contraindicated; an intolerance is at most a quiet line.
fn weighed(severity: Severity, reaction: ReactionKind) -> Severity {
    match reaction {
        ReactionKind::Intolerance => severity.max(Severity::Moderada),
        ReactionKind::SevereSkin if severity <= Severity::Moderada => Severity::Contraindicada,
        _ => severity,
    }
}

/// What a recorded substance stands for.
struct Recorded {
    medicines: Vec<&'static Medicine>,
    families: Vec<&'static str>,
    text: String,
}

impl Recorded {
    fn of(substance: &str) -> Self {
        let text = terminology::fold::fold(substance);
        let catalog = medicines();
        if let Some(family) = catalog.find_class(substance) {
            return Self { medicines: Vec::new(), families: family_names(family), text };
        }
        let medicines = catalog.find(substance).map(|found| found.medicines).unwrap_or_default();
        let families =
            medicines.iter().flat_map(|medicine| medicine.allergy_families.iter().copied()).collect();
        Self { medicines, families, text }
    }

    fn is(&self, key: &str) -> bool {
        self.families.contains(&key) || self.text == terminology::fold::fold(key)
    }
}

/// The allergy families behind a family as it is said: "sulfas" are the antibiotics.
fn family_names(class: &'static str) -> Vec<&'static str> {
    match class {
        "sulfonamida" => vec!["sulfonamida", "sulfonamida_antibiotica"],
        other => vec![other],
    }
}

fn is(medicine: &Medicine, key: &str) -> bool {
    medicine.allergy_families.contains(&key)
        || medicine.has_class(key)
        || medicine.inn == key
        || medicine.name_es == key
}
