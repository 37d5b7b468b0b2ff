//! The JSON that leaves the scribe: the facts of one consultation, as `medicus scribe --batch` and `--format facts` write them.

use clinical::document::DocumentKind;
use clinical::draft::DraftNote;
use clinical::transcript::Evidence;
use nom004::Obligation;
use serde::Serialize;
use terminology::icd::IcdIndex;

use crate::compose::Draft;
use crate::facts::{ClinicalFact, FactKind, Time};

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
        // The one that fits the words goes before those of the whole entry.
        for code in candidate.icd10.iter().chain(&candidate.entry.icd10) {
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

/// The name a fact is known by outside: of a habit given up, the one that says so.
fn name(fact: &ClinicalFact) -> String {
    let given_up = fact.kind == FactKind::History && fact.time == Time::Past;
    if given_up && fact.name == "tabaquismo" { "extabaquismo".to_owned() } else { fact.name.clone() }
}

impl From<&ClinicalFact> for WireFact {
    fn from(fact: &ClinicalFact) -> Self {
        let a = &fact.attributes;
        let prescription = fact.kind == FactKind::Prescription;
        let medication = fact.kind == FactKind::CurrentMedication;
        let (icd11, icd10) =
            if fact.kind == FactKind::Diagnosis { codes(&fact.name, None) } else { (Vec::new(), Vec::new()) };
        Self {
            kind: fact.kind.code(),
            name: name(fact),
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
            dose_unit: a
                .dose_unit
                .as_deref()
                .filter(|_| prescription)
                .map(|unit| counted(unit, a.dose_value)),
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

/// The facts of a draft as `--batch` and `--format facts` write them.
#[must_use]
pub fn facts(id: &str, draft: &Draft) -> FactsFile {
    FactsFile::new(id, &draft.facts)
}

/// A draft as `--format json` writes it.
#[derive(Debug, Clone, Serialize)]
pub struct DraftFile {
    /// Identifier of the consultation.
    pub id: String,
    /// The items of the note.
    pub items: Vec<WireItem>,
    /// What was heard and not put into the note.
    pub doubts: Vec<WireDoubt>,
    /// What of the conversation was not used, and why.
    pub notices: Vec<String>,
    /// The facts.
    pub facts: Vec<WireFact>,
}

/// One item of a note.
#[derive(Debug, Clone, Serialize)]
pub struct WireItem {
    /// Section, for example `ev.evolucion`.
    pub section: String,
    /// The sentence.
    pub text: String,
    /// Turns it rests on.
    pub evidence_turns: Vec<usize>,
}

/// One doubt.
#[derive(Debug, Clone, Serialize)]
pub struct WireDoubt {
    /// What was understood.
    pub text: String,
    /// Why it is doubtful.
    pub reason: String,
    /// Turns it rests on.
    pub evidence_turns: Vec<usize>,
}

fn turns(evidence: &[Evidence]) -> Vec<usize> {
    let mut turns: Vec<usize> = evidence.iter().map(|evidence| evidence.turn).collect();
    turns.sort_unstable();
    turns.dedup();
    turns
}

/// The wire form of a consultation and its nota de evolución.
#[must_use]
pub fn draft(id: &str, draft: &Draft) -> DraftFile {
    let note = draft.note(nom004::definition(DocumentKind::PROGRESS_NOTE));
    DraftFile {
        id: id.to_owned(),
        items: note
            .items
            .iter()
            .map(|item| WireItem {
                section: item.section.to_string(),
                text: item.content.text(),
                evidence_turns: turns(&item.evidence),
            })
            .collect(),
        doubts: note
            .doubts
            .iter()
            .map(|doubt| WireDoubt {
                text: doubt.text.clone(),
                reason: doubt.reason.clone(),
                evidence_turns: turns(&doubt.evidence),
            })
            .collect(),
        notices: draft.notices.iter().map(|notice| notice.text.clone()).collect(),
        facts: FactsFile::new(id, &draft.facts).facts,
    }
}

/// A draft as text: its sections in the order of the norm, every line with the turns it rests on, counted from 1, and what
/// the norm asks for and nobody said.
#[must_use]
pub fn note_text(note: &DraftNote) -> String {
    let document = nom004::definition_of(note);
    let mut out = format!(
        "{} (borrador sin validez: requiere revisión y firma del médico)\n",
        document.title.to_uppercase()
    );
    let cite = |evidence: &[Evidence]| {
        turns(evidence).iter().map(|turn| (turn + 1).to_string()).collect::<Vec<_>>().join(", ")
    };
    let mut gaps = String::new();
    for section in &document.sections {
        let lines: String = note
            .items
            .iter()
            .filter(|item| item.section.0 == section.id)
            .map(|item| format!("- {} [{}]\n", item.content.text(), cite(&item.evidence)))
            .collect();
        if !lines.is_empty() {
            out.push_str(&format!("\n{}\n{lines}", section.label));
        } else if section.obligation == Obligation::Required && !section.filled_by.is_in_head() {
            gaps.push_str(&format!("- {}\n", section.missing));
        }
    }
    if !gaps.is_empty() {
        out.push_str(&format!("\nFalta por completar\n{gaps}"));
    }
    if !note.notices.is_empty() {
        out.push_str("\nAvisos para el médico (no forman parte de la nota)\n");
        for notice in &note.notices {
            out.push_str(&format!("- {}\n", notice.text));
        }
    }
    if !note.doubts.is_empty() {
        out.push_str("\nDudas para el médico (no forman parte de la nota)\n");
        for doubt in &note.doubts {
            out.push_str(&format!("- {} ({}) [{}]\n", doubt.text, doubt.reason, cite(&doubt.evidence)));
        }
    }
    out
}
/// "3 frascos", "2 cucharadas": the unit as it is said of a number.
fn counted(unit: &str, value: Option<f64>) -> String {
    let several = value.is_some_and(|value| value > 1.0);
    if several
        && matches!(
            unit,
            "frasco" | "cartucho" | "cucharada" | "cucharadita" | "vaso" | "supositorio" | "parche"
        )
    {
        format!("{unit}s")
    } else {
        unit.to_owned()
    }
}
