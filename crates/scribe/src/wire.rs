//! The JSON that leaves the scribe: the facts of one consultation, as `medicus scribe --batch` and `--format facts` write them.

use serde::Serialize;
use terminology::icd::IcdIndex;

use crate::facts::{ClinicalFact, FactKind};

/// The facts of one consultation.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct FactsFile {
    /// Identifier of the consultation, from the input or its file name.
    pub id: String,
    /// The facts.
    pub facts: Vec<WireFact>,
}

/// One fact; what was not said is left out.
#[derive(Debug, Clone, Serialize, PartialEq, Default)]
pub struct WireFact {
    /// Kind, see [`FactKind::code`].
    pub kind: &'static str,
    /// Clinical name in Spanish.
    pub name: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset: Option<String>,
    /// How bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Section of an antecedent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<&'static str>,
    /// Kinship of a relative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative: Option<String>,
    /// Reaction of an allergy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaction: Option<String>,
    /// Dose in words, of what is being taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dose: Option<String>,
    /// Frequency in words, of what is being taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<String>,
    /// Value: a number, or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<WireValue>,
    /// Unit of a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Outcome of an examination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// Certainty of a diagnosis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty: Option<&'static str>,
    /// ICD-11 codes, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icd11: Vec<String>,
    /// CIE-10 codes, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icd10: Vec<String>,
    /// Amount of one administration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dose_value: Option<f64>,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dose_unit: Option<String>,
    /// Pharmaceutical form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Hours between administrations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_hours: Option<f64>,
    /// Scheme in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Days of treatment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_days: Option<f64>,
    /// Only if needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prn: Option<bool>,
    /// What happens to the medicine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'static str>,
    /// Days to the next visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// Turns it rests on, from 0.
    pub evidence_turns: Vec<usize>,
    /// How direct the words are, 0 to 1.
    pub confidence: f32,
}

/// A value as a number or in words.
#[derive(Debug, Clone, Serialize, PartialEq)]
#[serde(untagged)]
pub enum WireValue {
    /// A number.
    Number(f64),
    /// Words.
    Text(String),
}

/// Ranked codes of a diagnosis: ICD-11 and CIE-10, at most five each.
#[must_use]
pub fn codes(name: &str, context: Option<&str>) -> (Vec<String>, Vec<String>) {
    let mut icd11 = Vec::new();
    let mut icd10 = Vec::new();
    for candidate in IcdIndex::core().code(name, context).into_iter().take(5) {
        icd11.push(candidate.entry.code.to_string());
        for code in &candidate.entry.icd10 {
            let code = code.to_string();
            if !icd10.contains(&code) && icd10.len() < 5 {
                icd10.push(code);
            }
        }
    }
    (icd11, icd10)
}

impl FactsFile {
    /// The wire form of the facts of a consultation.
    #[must_use]
    pub fn new(id: &str, facts: &[ClinicalFact]) -> Self {
        Self { id: id.to_owned(), facts: facts.iter().map(WireFact::from).collect() }
    }
}

impl From<&ClinicalFact> for WireFact {
    fn from(fact: &ClinicalFact) -> Self {
        let a = &fact.attributes;
        let prescription = fact.kind == FactKind::Prescription;
        let medication = fact.kind == FactKind::CurrentMedication;
        let (icd11, icd10) = if fact.kind == FactKind::Diagnosis { codes(&fact.name, None) } else { (Vec::new(), Vec::new()) };
        Self {
            kind: fact.kind.code(),
            name: fact.name.clone(),
            onset: a.onset.clone(),
            severity: a.severity.clone(),
            section: a.section.map(crate::facts::Section::code),
            relative: fact.relative().map(str::to_owned),
            reaction: a.reaction.clone(),
            dose: medication.then(|| crate::extract::dose_text(a)).flatten(),
            frequency: medication.then(|| crate::extract::frequency_text(a)).flatten(),
            value: a.value.map(WireValue::Number).or_else(|| a.text_value.clone().map(WireValue::Text)),
            unit: a.unit.clone(),
            status: a.status.map(crate::facts::Status::code),
            certainty: a.certainty.map(crate::facts::Certainty::code),
            icd11,
            icd10,
            dose_value: a.dose_value.filter(|_| prescription),
            dose_unit: a.dose_unit.clone().filter(|_| prescription),
            form: a.form.clone().filter(|_| prescription),
            route: a.route.clone().filter(|_| prescription || medication),
            frequency_hours: a.frequency_hours.filter(|_| prescription),
            schedule: a.schedule.clone().filter(|_| prescription),
            duration_days: a.duration_days.filter(|_| prescription),
            prn: prescription.then_some(a.prn),
            action: a.action.map(crate::facts::Action::code),
            days: a.days,
            evidence_turns: fact.turns(),
            confidence: fact.confidence,
        }
    }
}
