//! The same ingredient twice, and two of one class (reference, section 4).

use super::pairs::best_rules;
use super::taken::{Taken, alert, capital, pairs};
use crate::facts::Facts;
use crate::{Alert, AlertKind, Severity};

const SOURCE: &str = "Referencia de seguridad del proyecto, duplicidad terapéutica";

/// Pairs of different classes that count as one class.
const ACROSS: [(&str, &str, Severity); 3] = [
    ("ieca", "ara2", Severity::Mayor),
    ("sulfonilurea", "glinida", Severity::Moderada),
    ("dpp4", "glp1", Severity::Moderada),
];

pub(super) fn check(all: &[Taken<'_>]) -> Vec<Alert> {
    pairs(all)
        .filter(|(one, other)| one.systemic && other.systemic)
        .filter_map(|(one, other)| pair(one, other))
        .collect()
}

fn pair(one: &Taken<'_>, other: &Taken<'_>) -> Option<Alert> {
    if one.medicine.inn == other.medicine.inn {
        let name = capital(one.medicine.name_es);
        let both_new = one.proposed && other.proposed;
        let message = match (one.drug.name == other.drug.name, both_new) {
            (true, true) => format!("{name} está en dos renglones."),
            (true, false) => format!("{name} ya lo toma el paciente."),
            (false, _) => format!("{name} está dos veces: en {} y en {}.", one.drug.name, other.drug.name),
        };
        let advice = "Dejar un solo renglón con la dosis que corresponde.";
        let (kind, severity) = (AlertKind::DuplicateIngredient, Severity::Mayor);
        return Some(alert(kind, severity, &[one, other], "", message, advice, SOURCE));
    }
    // A rule about these two medicines by name says it better (reference, section 1, rule 4).
    if best_rules(one, other).iter().any(|rule| rule.decides(one.at, other.at)) {
        return None;
    }
    let (class, severity) = same_class(one, other)?;
    let message =
        format!("{} y {} son de la misma clase.", capital(one.medicine.name_es), other.medicine.name_es);
    let mechanism = format!("Clase: {}.", class.replace('_', " "));
    let advice = "Elegir uno de los dos; si es un cambio, suspender el anterior.";
    Some(alert(AlertKind::DuplicateClass, severity, &[one, other], &mechanism, message, advice, SOURCE))
}

fn same_class(one: &Taken<'_>, other: &Taken<'_>) -> Option<(&'static str, Severity)> {
    let both = |class: &str| one.has_class(class) && other.has_class(class);
    let across =
        |a: &str, b: &str| one.has_class(a) && other.has_class(b) || one.has_class(b) && other.has_class(a);
    let same = Facts::core().duplicates.iter().copied().filter(|(class, _)| both(class));
    let crossed = ACROSS.iter().filter(|(a, b, _)| across(a, b)).map(|(a, _, severity)| (*a, *severity));
    same.chain(crossed).min_by_key(|(_, severity)| *severity)
}
