//! The command's lines: one JSON question in, one JSON answer out (design, section 8).

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::condition::{Certainty, ConditionEntry};
use clinical::medication::Route;
use clinical::person::Sex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::labels::Labels;
use crate::{Alert, CheckInput, Drug, Patient, Pregnancy};

/// Why a line was refused.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Not JSON of the agreed shape.
    #[error("la línea no es una consulta válida: {0}")]
    Malformed(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    id: Value,
    drugs: Vec<DrugWord>,
    #[serde(default)]
    active: Vec<DrugWord>,
    #[serde(default)]
    stopped: Vec<StoppedWord>,
    #[serde(default)]
    allergies: Vec<AllergyWord>,
    #[serde(default)]
    patient: Option<PatientWord>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DrugWord {
    Name(String),
    Object {
        name: String,
        #[serde(default)]
        daily_dose_mg: Option<f64>,
        /// As the note writes it: "oral", "tópica".
        #[serde(default)]
        route: Option<String>,
    },
}

impl DrugWord {
    fn drug(&self) -> Drug {
        match self {
            Self::Name(name) => Drug::named(name),
            Self::Object { name, daily_dose_mg, route } => Drug {
                daily_dose_mg: *daily_dose_mg,
                route: route.as_deref().and_then(Route::from_code),
                ..Drug::named(name)
            },
        }
    }
}

/// What was stopped, and how many days ago.
#[derive(Deserialize)]
struct StoppedWord {
    name: String,
    days: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AllergyWord {
    Name(String),
    Object {
        #[serde(alias = "name")]
        substance: String,
        #[serde(default, alias = "reaction_kind")]
        kind: Option<String>,
    },
}

impl AllergyWord {
    fn allergy(&self) -> AllergyIntolerance {
        let (substance, kind) = match self {
            Self::Name(name) => (name, None),
            Self::Object { substance, kind } => (substance, kind.as_deref()),
        };
        let reaction_kind = kind.and_then(ReactionKind::from_code).unwrap_or(ReactionKind::Unknown);
        AllergyIntolerance { substance: substance.clone(), reaction_kind, reaction: None }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PatientWord {
    #[serde(alias = "age_years")]
    age: Option<f64>,
    sex: Option<String>,
    #[serde(alias = "weight")]
    weight_kg: Option<f64>,
    #[serde(alias = "creatinine")]
    creatinine_mg_dl: Option<f64>,
    creatinine_days_ago: Option<u32>,
    egfr: Option<f64>,
    #[serde(alias = "potassium")]
    potassium_mmol_l: Option<f64>,
    qtc_ms: Option<f64>,
    #[serde(alias = "magnesium")]
    magnesium_mg_dl: Option<f64>,
    heart_rate: Option<f64>,
    liver_disease: Option<bool>,
    heart_failure: Option<bool>,
    asthma: Option<bool>,
    dementia: Option<bool>,
    #[serde(alias = "g6pd")]
    g6pd_deficiency: Option<bool>,
    pregnant: Option<bool>,
    trimester: Option<u8>,
    weeks: Option<u8>,
    #[serde(alias = "lactation", alias = "breastfeeding")]
    lactating: Option<bool>,
    /// Diagnoses in words.
    #[serde(alias = "diagnoses")]
    conditions: Vec<String>,
}

impl PatientWord {
    fn patient(&self) -> Patient {
        let dated = self.weeks.or(self.trimester.map(|trimester| match trimester {
            0 | 1 => 8,
            2 => 20,
            _ => 34,
        }));
        let mut patient = Patient {
            age_years: self.age,
            sex: self.sex.as_deref().and_then(sex),
            weight_kg: self.weight_kg,
            creatinine_mg_dl: self.creatinine_mg_dl,
            creatinine_days_ago: self.creatinine_days_ago,
            egfr: self.egfr,
            potassium_mmol_l: self.potassium_mmol_l,
            qtc_ms: self.qtc_ms,
            pregnancy: match self.pregnant {
                Some(true) => Pregnancy::Yes { weeks: dated },
                Some(false) => Pregnancy::No,
                None if dated.is_some() => Pregnancy::Yes { weeks: dated },
                None => Pregnancy::Unknown,
            },
            lactating: self.lactating,
            magnesium_mg_dl: self.magnesium_mg_dl,
            heart_rate: self.heart_rate,
            liver_disease: self.liver_disease,
            heart_failure: self.heart_failure,
            asthma: self.asthma,
            dementia: self.dementia,
            g6pd_deficiency: self.g6pd_deficiency,
            ..Patient::default()
        };
        for text in &self.conditions {
            let certainty = Certainty::Confirmed;
            patient.learn(&ConditionEntry { text: text.clone(), certainty, code: None });
        }
        patient
    }
}

fn sex(word: &str) -> Option<Sex> {
    match word.to_lowercase().as_str() {
        "f" | "mujer" | "femenino" => Some(Sex::Female),
        "m" | "h" | "hombre" | "masculino" => Some(Sex::Male),
        other => Sex::from_code(other),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    id: Value,
    alerts: Vec<&'a Alert>,
    unknown: &'a [String],
    missing_inputs: &'a [String],
}

/// Answers one line: `drugs` count as proposed, `active` as taken already. Drugs and allergies may be words or objects.
/// An answer without alerts is no promise of safety: [`crate::EMPTY_RESULT_TEXT`].
///
/// # Errors
/// [`WireError::Malformed`] for a line that is not a question.
pub fn answer(line: &str) -> Result<String, WireError> {
    answer_with(line, &Labels::default())
}

/// As [`answer`], with the labels that were imported besides.
///
/// # Errors
/// [`WireError::Malformed`] for a line that is not a question.
pub fn answer_with(line: &str, labels: &Labels) -> Result<String, WireError> {
    let question: Question = serde_json::from_str(line)?;
    let input = CheckInput {
        proposed: question.drugs.iter().map(DrugWord::drug).collect(),
        active: question.active.iter().map(DrugWord::drug).collect(),
        stopped: question.stopped.iter().map(|word| (Drug::named(&word.name), word.days)).collect(),
        allergies: question.allergies.iter().map(AllergyWord::allergy).collect(),
        patient: question.patient.unwrap_or_default().patient(),
    };
    let report = crate::check_with(&input, labels);
    let answer = Answer {
        id: question.id,
        alerts: report.alerts.iter().chain(&report.notices).collect(),
        unknown: &report.unknown,
        missing_inputs: &report.missing_inputs,
    };
    Ok(serde_json::to_string(&answer)?)
}
