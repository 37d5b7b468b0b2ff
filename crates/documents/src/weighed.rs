//! What a receta tells the pharmacy of the safety alerts that its prescriber weighed and went on in spite of.
//!
//! It names medicines of this very receta, the kind of risk and the coded reason, and nothing else: neither what else the
//! patient takes, nor their diagnoses, nor the words the prescriber wrote for the record.

use clinical::draft::AlertDecision;
use clinical::medication::MedicationRequest;
use drug_safety::{AlertKind, OverrideReason, Severity};

use crate::medicines::capitalised;

/// A line for each decision about an alert that interrupts and that concerns a medicine of the receta.
pub(crate) fn lines(decisions: &[AlertDecision], requests: &[MedicationRequest]) -> Vec<String> {
    decisions.iter().filter_map(|decision| line(decision, requests)).collect()
}

/// "Warfarina y naproxeno: interacción, nivel «contraindicada». El beneficio supera el riesgo."
fn line(decision: &AlertDecision, requests: &[MedicationRequest]) -> Option<String> {
    let severity = Severity::from_code(&decision.severity).filter(|severity| severity.interrupts())?;
    let (kind, inns) = decision.alert_key.split_once(':')?;
    let kind = AlertKind::ALL.iter().find(|one| one.code() == kind)?;
    let inns: Vec<&str> = inns.split('+').collect();
    let concerned = |request: &&MedicationRequest| {
        request.is_prescribed() && request.ingredients.iter().any(|own| inns.contains(&own.as_str()))
    };
    let mut names: Vec<&str> = Vec::new();
    let mut elsewhere = inns.clone();
    for request in requests.iter().filter(concerned) {
        elsewhere.retain(|inn| !request.ingredients.iter().any(|own| own == inn));
        if !names.contains(&request.medicine.as_str()) {
            names.push(&request.medicine);
        }
    }
    let with = match (elsewhere.len(), risk(*kind)) {
        (0, Risk::Medicines(said)) => said.to_owned(),
        (1, Risk::Medicines(said)) => format!("{said} con otro medicamento del paciente"),
        (_, Risk::Medicines(said)) => format!("{said} con otros medicamentos del paciente"),
        (_, Risk::Patient(said)) => said.to_owned(),
    };
    let reason = OverrideReason::from_code(&decision.reason_code)?;
    Some(format!(
        "{}: {with}, nivel «{}». {}.",
        capitalised(&in_words(&names)?),
        severity.label().to_lowercase(),
        reason.label()
    ))
}

/// What the words of a risk are about.
enum Risk {
    /// Medicines, of which some may be none of this receta.
    Medicines(&'static str),
    /// The patient.
    Patient(&'static str),
}

/// A risk in words that tell the pharmacy no diagnosis: age and allergies stand on every receta, no other state does.
fn risk(kind: AlertKind) -> Risk {
    match kind {
        AlertKind::Interaction | AlertKind::Mechanism => Risk::Medicines("interacción"),
        AlertKind::Additive => Risk::Medicines("efecto sumado"),
        AlertKind::DuplicateIngredient => Risk::Medicines("medicamento repetido"),
        AlertKind::DuplicateClass => Risk::Medicines("misma clase repetida"),
        AlertKind::Washout => Risk::Medicines("periodo de lavado"),
        AlertKind::AllergyExact | AlertKind::AllergyFamily => Risk::Patient("alergia registrada"),
        AlertKind::MaximumDose => Risk::Patient("dosis mayor que la máxima diaria"),
        AlertKind::OlderAdult | AlertKind::Child => Risk::Patient("precaución por la edad"),
        AlertKind::Pregnancy
        | AlertKind::Lactation
        | AlertKind::Kidney
        | AlertKind::Condition
        | AlertKind::LegalClass
        | AlertKind::LookAlike
        | AlertKind::UnknownDrug => Risk::Patient("precaución por el estado del paciente"),
    }
}

/// "a", "a y b", "a, b y c".
fn in_words(names: &[&str]) -> Option<String> {
    let (last, before) = names.split_last()?;
    Some(if before.is_empty() { (*last).to_owned() } else { format!("{} y {last}", before.join(", ")) })
}
