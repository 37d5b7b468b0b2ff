//! From the medicines of a draft to the safety check, and the decisions that answer its alerts.

use clinical::allergy::AllergyStatus;
use clinical::draft::{AlertDecision, DraftNote};
use clinical::medication::{DoseUnit, Frequency, MedicationRequest, MedicationStatement};
use clinical::observation::VitalKind;
use clinical::patient::Patient;
use drug_safety::{Alert, CheckInput, Drug, Report};
use jiff::civil::Date;
use storage::Summary;
use terminology::medicines::MedicineCatalog;

/// An alert with its key and the decision taken about it, if one was.
#[derive(Debug, Clone)]
pub struct DecidedAlert {
    /// Stable name of the alert, for the decision.
    pub key: String,
    /// What the check says.
    pub alert: Alert,
    /// What the physician decided.
    pub decision: Option<AlertDecision>,
}

impl DecidedAlert {
    /// Whether signing waits for a decision.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.alert.severity.interrupts() && self.decision.is_none()
    }
}

/// The result of the check for a draft.
#[derive(Debug, Clone)]
pub struct Safety {
    /// The alerts, worst first.
    pub alerts: Vec<DecidedAlert>,
    /// Medicines that are not in the catalogue: never silent.
    pub unknown: Vec<String>,
    /// What the check could not take into account, in Spanish.
    pub missing_inputs: Vec<String>,
}

impl Safety {
    /// Alerts that keep the draft from being signed.
    pub fn undecided(&self) -> impl Iterator<Item = &DecidedAlert> {
        self.alerts.iter().filter(|alert| alert.blocks())
    }
}

/// Names the ingredients of a line, so that it can be checked. A brand keeps its place beside the generic name
/// (LGS 225-226: the generic name is what is prescribed).
pub fn identify(request: &mut MedicationRequest) {
    let Some(found) = MedicineCatalog::core().find(&request.medicine) else {
        request.ingredients.clear();
        return;
    };
    request.ingredients = found.medicines.iter().map(|medicine| medicine.inn.to_owned()).collect();
    if found.kind == terminology::medicines::NameKind::Brand {
        if request.brand.is_none() {
            request.brand = Some(request.medicine.clone());
        }
        request.medicine = found.generic_name();
    }
}

/// Whether two lines would print the same on a receta, but for capitals, accents and punctuation: another one of them
/// would only be dispensed twice.
#[must_use]
pub fn prints_the_same(one: &MedicationRequest, other: &MedicationRequest) -> bool {
    let words = |text: &str| -> Vec<String> {
        let folded = terminology::fold::fold(text);
        folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let said = |text: &Option<String>| text.as_deref().map(words).filter(|words| !words.is_empty());
    let often = |request: &MedicationRequest| match &request.frequency {
        Some(Frequency::Schedule(text)) => Some(words(text)),
        other => other.as_ref().map(|frequency| words(&frequency.to_string())),
    };
    words(&one.medicine) == words(&other.medicine)
        && (one.dose, one.route, one.duration_days) == (other.dose, other.route, other.duration_days)
        && one.as_needed == other.as_needed
        && often(one) == often(other)
        && said(&one.presentation) == said(&other.presentation)
        && said(&one.quantity) == said(&other.quantity)
        && said(&one.instructions) == said(&other.instructions)
}

/// A medicine the patient takes, by whatever name it was written.
#[must_use]
pub fn statement(medicine: &str, taken: Option<String>) -> MedicationStatement {
    let mut request = MedicationRequest::named(medicine, clinical::medication::RequestAction::Continue);
    identify(&mut request);
    MedicationStatement { medicine: request.medicine, ingredients: request.ingredients, taken }
}

/// What a signed line means for the list of medicines the patient takes.
#[must_use]
pub fn statement_of(request: &MedicationRequest) -> MedicationStatement {
    let dose = request.dose.map(|dose| dose.to_string());
    let frequency = request.frequency.as_ref().map(ToString::to_string);
    let parts: Vec<String> = [dose, frequency].into_iter().flatten().collect();
    MedicationStatement {
        medicine: request.medicine.clone(),
        ingredients: request.ingredients.clone(),
        taken: (!parts.is_empty()).then(|| parts.join(" ")),
    }
}

fn drug(name: &str, ingredients: &[String]) -> Drug {
    if ingredients.is_empty() {
        return Drug::named(name);
    }
    Drug { ingredients: ingredients.to_vec(), ..Drug::named(name) }
}

/// Milligrams a day, when dose and frequency tell.
fn daily_dose_mg(request: &MedicationRequest) -> Option<f64> {
    let dose = request.dose?;
    let factor = match dose.unit {
        DoseUnit::Milligram => 1.0,
        DoseUnit::Gram => 1_000.0,
        DoseUnit::Microgram => 0.001,
        _ => return None,
    };
    let times = match request.frequency.as_ref()? {
        Frequency::EveryHours(hours) if *hours > 0 => 24.0 / f64::from(*hours),
        Frequency::Once => 1.0,
        _ => return None,
    };
    Some(dose.amount.as_f64() * factor * times)
}

fn patient_facts(
    patient: &Patient,
    summary: &Summary,
    draft: &DraftNote,
    today: Date,
) -> drug_safety::Patient {
    let measured = |kind: VitalKind| {
        let in_draft = draft.kept().find_map(|item| match &item.content {
            clinical::draft::ItemContent::VitalSign(sign) if sign.kind == kind => Some(sign.value.as_f64()),
            _ => None,
        });
        in_draft.or_else(|| {
            summary.latest_observations.iter().find(|o| o.sign.kind == kind).map(|o| o.sign.value.as_f64())
        })
    };
    let age = patient.birth_date().map(|birth| birth.age_on(today));
    drug_safety::Patient {
        age_years: age.map(|age| f64::from(age.years) + f64::from(age.months) / 12.0),
        sex: Some(patient.data.sex),
        weight_kg: measured(VitalKind::Weight),
        ..drug_safety::Patient::default()
    }
}

/// Checks the medicines of a draft against each other, what the patient takes, allergies and who the patient is.
#[must_use]
pub fn safety(
    patient: &Patient,
    summary: &Summary,
    allergies: &AllergyStatus,
    draft: &DraftNote,
    today: Date,
) -> Safety {
    let requests: Vec<&MedicationRequest> = draft.medication_requests().collect();
    let proposed = requests.iter().filter(|request| request.is_prescribed()).map(|request| Drug {
        daily_dose_mg: daily_dose_mg(request),
        route: request.route,
        ..drug(&request.medicine, &request.ingredients)
    });
    // What the draft itself names, prescribed or stopped, is not counted a second time as taken.
    let named = |statement: &MedicationStatement| {
        requests.iter().any(|request| {
            terminology::fold::fold(&request.medicine) == terminology::fold::fold(&statement.medicine)
                || !request.ingredients.is_empty() && request.ingredients == statement.ingredients
        })
    };
    let active = summary.open_medications().filter(|statement| !named(statement));
    let stopped = requests.iter().filter(|request| !request.is_prescribed());
    let input = CheckInput {
        proposed: proposed.collect(),
        active: active.map(|statement| drug(&statement.medicine, &statement.ingredients)).collect(),
        stopped: stopped.map(|request| (drug(&request.medicine, &request.ingredients), 0)).collect(),
        allergies: match allergies {
            AllergyStatus::Known(list) => list.clone(),
            AllergyStatus::NotAsked | AllergyStatus::Denied => Vec::new(),
        },
        patient: patient_facts(patient, summary, draft, today),
    };
    let Report { alerts, unknown, mut missing_inputs, .. } = drug_safety::check(&input);
    if *allergies == AllergyStatus::NotAsked && !requests.is_empty() {
        missing_inputs.insert(0, "No se han interrogado las alergias".to_owned());
    }
    let decided = |alert: Alert| {
        let key = alert.key();
        // A decision answers the alert as it was: a higher tier asks again.
        let decision = draft
            .alert_decisions
            .iter()
            .find(|decision| decision.alert_key == key && decision.severity == alert.severity.code())
            .cloned();
        DecidedAlert { key, alert, decision }
    };
    Safety { alerts: alerts.into_iter().map(decided).collect(), unknown, missing_inputs }
}
