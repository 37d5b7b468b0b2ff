//! Treatment and orders (NOM-004 6.2.6): medicines as structured lines, the rest as sentences.

use clinical::draft::ItemContent;
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::Amount;
use clinical::transcript::Evidence;
use nom004::Topic;
use terminology::medicines::MedicineCatalog;

use crate::facts::{Action, ClinicalFact, FactKind};
use crate::text::quantity::plain;

use super::Proposal;
use super::sentences::{Series, capital, quoted, together};

pub(super) fn compose(facts: &[ClinicalFact]) -> Vec<Proposal> {
    let mut out: Vec<Proposal> = medicines(facts)
        .into_iter()
        .map(|(request, evidence)| {
            Proposal::new(Topic::Treatment, ItemContent::MedicationRequest(request), evidence)
        })
        .collect();
    for (kind, topic, opening) in [
        (FactKind::Order, Topic::Orders, "Se solicita"),
        (FactKind::Referral, Topic::Referrals, "Se envía a"),
    ] {
        for group in by_turn(facts, kind) {
            out.push(together(topic, &group, |group| {
                let names: Vec<String> = group.iter().map(|fact| fact.name.clone()).collect();
                Series::new(opening, names, "y")
            }));
        }
    }
    for same_turn in by_turn(facts, FactKind::Education) {
        for group in same_turn.chunks(3) {
            out.push(together(Topic::Advice, group, |group| {
                let quotes: Vec<String> =
                    group.iter().map(|fact| format!("«{}»", capital(quoted(&fact.name)))).collect();
                Series::new("Se indica:", quotes, ";")
            }));
        }
    }
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::FollowUp) {
        let text = format!("{}.", capital(&follow_up(fact)));
        out.push(Proposal::statement(Topic::FollowUp, text, fact.evidence.clone()));
    }
    out
}

/// The facts of a kind, those of one turn together.
fn by_turn(facts: &[ClinicalFact], kind: FactKind) -> Vec<Vec<&ClinicalFact>> {
    let turn = |fact: &ClinicalFact| fact.evidence.first().map(|evidence| evidence.turn);
    let all: Vec<&ClinicalFact> = facts.iter().filter(|fact| fact.kind == kind).collect();
    all.chunk_by(|a, b| turn(a) == turn(b)).map(<[_]>::to_vec).collect()
}

/// A visit that depends on how things go is written with its condition, in the words of the clinician.
fn follow_up(fact: &ClinicalFact) -> String {
    match &fact.attributes.detail {
        Some(condition) => format!("Cita condicionada: «{}»", quoted(condition)),
        None => fact.name.clone(),
    }
}

/// What was heard of a medicine and is not in its line, with the reason: the physician decides, nothing goes away unseen.
pub(super) fn set_aside(facts: &[ClinicalFact]) -> Vec<(Proposal, &'static str)> {
    let doubt = |(request, evidence, reason)| {
        let content = ItemContent::MedicationRequest(request);
        (Proposal::new(Topic::Treatment, content, evidence), reason)
    };
    lines(facts).1.into_iter().map(doubt).collect()
}

/// The lines of treatment: what is stopped first.
fn medicines(facts: &[ClinicalFact]) -> Vec<(MedicationRequest, Vec<Evidence>)> {
    let mut out = lines(facts).0;
    out.sort_by_key(|(request, _)| request.action != RequestAction::Stop);
    out
}

/// A line that another takes the place of, with the reason it is not one of its own.
type Aside = (MedicationRequest, Vec<Evidence>, &'static str);

/// One line per medicine, in the order in which they were last spoken of: a change or a stop says more than a
/// continuation, and what is said later more than what was said before. Beside them what none of them says.
fn lines(facts: &[ClinicalFact]) -> (Vec<(MedicationRequest, Vec<Evidence>)>, Vec<Aside>) {
    let mut lines: Vec<(MedicationRequest, Vec<Evidence>)> = facts
        .iter()
        .filter_map(|fact| match fact.kind {
            FactKind::Prescription => Some((prescription(fact), fact.evidence.clone())),
            FactKind::StoppedMedication => Some((
                with_ingredients(MedicationRequest::named(&fact.name, RequestAction::Stop)),
                fact.evidence.clone(),
            )),
            _ => None,
        })
        .collect();
    lines.sort_by_key(|(_, evidence)| evidence.last().copied());
    let mut out: Vec<(MedicationRequest, Vec<Evidence>)> = Vec::new();
    let mut aside = Vec::new();
    for (request, evidence) in lines {
        match out.iter_mut().find(|(known, _)| same_medicine(known, &request)) {
            Some((known, _)) if begun(known) && request.action == RequestAction::Stop => {
                aside.push((
                    request,
                    evidence,
                    "antes se indicó cómo tomarlo: decida si se toma o se suspende",
                ));
            }
            Some((known, cited)) => {
                if begun(known) && begun(&request) && is_another(known, &request) {
                    let before = (known.clone(), cited.clone());
                    aside.push((before.0, before.1, "después se indicó de otra manera: decida cuál va"));
                }
                *known = merged(known, request);
                cited.extend(evidence);
                cited.sort_unstable();
                cited.dedup();
            }
            None => out.push((request, evidence)),
        }
    }
    (out, aside)
}

/// Whether a line says that a medicine is begun, how much of it and how often.
fn begun(line: &MedicationRequest) -> bool {
    line.action == RequestAction::Start && line.dose.is_some() && line.frequency.is_some()
}

/// Whether two lines of a medicine are two ways of taking it: an injection now and tablets at home.
fn is_another(one: &MedicationRequest, other: &MedicationRequest) -> bool {
    (one.dose, &one.frequency, one.route) != (other.dose, &other.frequency, other.route)
}

fn same_medicine(a: &MedicationRequest, b: &MedicationRequest) -> bool {
    let sorted = |request: &MedicationRequest| {
        let mut ingredients = request.ingredients.clone();
        ingredients.sort_unstable();
        ingredients
    };
    let fold = terminology::fold::fold;
    fold(&a.medicine) == fold(&b.medicine) || !a.ingredients.is_empty() && sorted(a) == sorted(b)
}

/// Two lines of a medicine in one; what only one of them says is kept unless it belongs to the dose that was changed.
fn merged(earlier: &MedicationRequest, later: MedicationRequest) -> MedicationRequest {
    let keeps = |request: &MedicationRequest| request.action == RequestAction::Continue;
    let complete = |request: &MedicationRequest| request.dose.is_some() || request.frequency.is_some();
    if keeps(&later) && !keeps(earlier) || later.action == RequestAction::Start && !complete(&later) {
        return earlier.clone();
    }
    if later.action == RequestAction::Stop || earlier.action == RequestAction::Stop {
        return later;
    }
    let same_dose = later.dose.is_none() || earlier.dose.is_none() || later.dose == earlier.dose;
    let changed = later.action == RequestAction::Change && keeps(earlier);
    let mut line = later;
    if same_dose && !changed {
        line.dose = line.dose.or(earlier.dose);
        line.frequency = line.frequency.or_else(|| earlier.frequency.clone());
        line.duration_days = line.duration_days.or(earlier.duration_days);
        line.presentation = line.presentation.or_else(|| earlier.presentation.clone());
        line.instructions = line.instructions.or_else(|| earlier.instructions.clone());
        line.as_needed |= earlier.as_needed;
    }
    line.route = line.route.or(earlier.route);
    line
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
    request.presentation.clone_from(&a.presentation);
    let scheme = a.schedule.clone().filter(|_| matches!(request.frequency, Some(Frequency::EveryHours(_))));
    // A form no dose is counted in ("un aplicador") is said in words.
    let counted = a.dose_value.zip(a.dose_unit.as_deref()).filter(|_| request.dose.is_none());
    let counted = counted.map(|(value, unit)| format!("{} {unit}", plain(value)));
    // So is a way the receta has no word for ("infiltración").
    let way = a.route.as_deref().filter(|_| request.route.is_none()).map(|way| format!("vía {way}"));
    let told: Vec<String> = [counted, way, scheme].into_iter().flatten().collect();
    request.instructions = (!told.is_empty()).then(|| told.join(", "));
    request
}

fn whole(value: f64) -> Option<u16> {
    (0..=9999_u16).find(|n| (f64::from(*n) - value.round()).abs() < 0.5).filter(|n| *n > 0)
}

fn dose(value: Option<f64>, unit: Option<&str>) -> Option<Dose> {
    if unit == Some("litros") {
        return dose(value.map(|litres| litres * 1000.0), Some("ml"));
    }
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
        "frasco" => DoseUnit::Vial,
        "mEq" => DoseUnit::Milliequivalent,
        _ => return None,
    };
    Dose::new(Amount::from_f64(value?)?, unit).ok()
}

fn frequency(hours: Option<f64>, schedule: Option<&str>) -> Option<Frequency> {
    if schedule == Some("dosis única") {
        return Some(Frequency::Once);
    }
    let words = schedule.map(|words| Frequency::Schedule(words.to_owned()));
    let Some(hours) = hours else { return words };
    // "dos veces por semana" is no "cada 84 horas", and five times a day no whole number of hours.
    let odd = hours > 24.0 && hours % 12.0 != 0.0 || hours > 72.0 && hours % 24.0 != 0.0;
    match whole(hours).filter(|_| hours.fract() == 0.0) {
        Some(_) if odd && words.is_some() => words,
        Some(hours) => Some(Frequency::EveryHours(hours)),
        None => words.or_else(|| Some(Frequency::Schedule(format!("{} veces al día", plain(24.0 / hours))))),
    }
}
