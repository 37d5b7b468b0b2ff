//! Treatment and orders (NOM-004 6.2.6): medicines as structured lines, the rest as sentences.

use clinical::draft::{ItemContent, SectionId};
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::Amount;
use clinical::transcript::Transcript;
use terminology::medicines::MedicineCatalog;

use crate::facts::{Action, ClinicalFact, FactKind};

use super::Proposal;
use super::sentences::list;

pub(super) fn compose(_transcript: &Transcript, facts: &[ClinicalFact]) -> Vec<Proposal> {
    let mut out = Vec::new();
    for fact in facts {
        let request = match fact.kind {
            FactKind::Prescription => prescription(fact),
            FactKind::StoppedMedication => {
                with_ingredients(MedicationRequest::named(&fact.name, RequestAction::Stop))
            }
            _ => continue,
        };
        out.push(Proposal {
            section: SectionId::TREATMENT,
            content: ItemContent::MedicationRequest(request),
            evidence: fact.evidence.clone(),
        });
    }
    for (kind, opening) in [(FactKind::Order, "Se solicita"), (FactKind::Referral, "Se envía a")] {
        let ordered: Vec<&ClinicalFact> = facts.iter().filter(|fact| fact.kind == kind).collect();
        for group in
            ordered.chunk_by(|a, b| a.evidence.first().map(|e| e.turn) == b.evidence.first().map(|e| e.turn))
        {
            let names: Vec<String> = group.iter().map(|fact| fact.name.clone()).collect();
            let mut evidence: Vec<_> = group.iter().flat_map(|fact| fact.evidence.iter().copied()).collect();
            evidence.sort_unstable();
            evidence.dedup();
            out.push(Proposal::statement(
                SectionId::TREATMENT,
                format!("{opening} {}.", list(&names, "y")),
                evidence,
            ));
        }
    }
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Education) {
        out.push(Proposal::statement(
            SectionId::TREATMENT,
            format!("Se indica: «{}».", fact.name.trim()),
            fact.evidence.clone(),
        ));
    }
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::FollowUp) {
        out.push(Proposal::statement(
            SectionId::TREATMENT,
            format!("{}.", super::sentences::capital(&fact.name)),
            fact.evidence.clone(),
        ));
    }
    out
}

fn with_ingredients(mut request: MedicationRequest) -> MedicationRequest {
    if let Some(found) = MedicineCatalog::core()
        .find(&request.medicine.replace(" con ", " / "))
        .or_else(|| MedicineCatalog::core().find(&request.medicine))
    {
        request.ingredients = found.medicines.iter().map(|medicine| medicine.inn.to_owned()).collect();
    }
    if request.ingredients.is_empty() {
        request.ingredients = request
            .medicine
            .split(" con ")
            .filter_map(|part| MedicineCatalog::core().find(part))
            .flat_map(|found| found.medicines.iter().map(|m| m.inn.to_owned()).collect::<Vec<_>>())
            .collect();
    }
    request
}

/// A line with what was said; what was not said stays absent.
fn prescription(fact: &ClinicalFact) -> MedicationRequest {
    let a = &fact.attributes;
    let action = match a.action {
        Some(Action::Continue) => RequestAction::Continue,
        Some(Action::Change) => RequestAction::Change,
        _ => RequestAction::Start,
    };
    let mut request = with_ingredients(MedicationRequest::named(&fact.name, action));
    request.dose = dose(a.dose_value, a.dose_unit.as_deref());
    request.route = a.route.as_deref().and_then(Route::from_code);
    request.frequency = frequency(a.frequency_hours, a.schedule.as_deref());
    request.duration_days = a.duration_days.and_then(whole);
    request.as_needed = a.prn;
    request.presentation = None;
    let scheme = a.schedule.as_deref().filter(|_| a.frequency_hours.is_some());
    request.instructions = scheme.map(str::to_owned);
    request
}

fn whole(value: f64) -> Option<u16> {
    (0..=9999_u16).find(|n| (f64::from(*n) - value.round()).abs() < 0.5).filter(|n| *n > 0)
}

fn dose(value: Option<f64>, unit: Option<&str>) -> Option<Dose> {
    let unit = match unit? {
        "mg" => DoseUnit::Milligram,
        "g" => DoseUnit::Gram,
        "mcg" => DoseUnit::Microgram,
        "ml" => DoseUnit::Milliliter,
        "unidades" => DoseUnit::InternationalUnit,
        "tableta" | "gragea" => DoseUnit::Tablet,
        "cápsula" => DoseUnit::Capsule,
        "gotas" => DoseUnit::Drop,
        "disparos" | "atomizaciones" => DoseUnit::Spray,
        "inhalaciones" => DoseUnit::Puff,
        "sobre" => DoseUnit::Sachet,
        "ampolleta" => DoseUnit::Ampoule,
        "óvulo" => DoseUnit::Ovule,
        "supositorio" => DoseUnit::Suppository,
        "parche" => DoseUnit::Patch,
        "cucharada" => DoseUnit::Tablespoon,
        "cucharadita" => DoseUnit::Teaspoon,
        "nebulización" => DoseUnit::Nebulization,
        "aplicación" => DoseUnit::Application,
        "vaso" => DoseUnit::Glass,
        "mEq" => DoseUnit::Milliequivalent,
        _ => return None,
    };
    Dose::new(Amount::from_f64(value?)?, unit).ok()
}

fn frequency(hours: Option<f64>, schedule: Option<&str>) -> Option<Frequency> {
    if schedule == Some("dosis única") {
        return Some(Frequency::Once);
    }
    if let Some(hours) = hours.filter(|hours| hours.fract() == 0.0).and_then(whole) {
        return Some(Frequency::EveryHours(hours));
    }
    schedule.map(|words| Frequency::Schedule(words.to_owned()))
}
