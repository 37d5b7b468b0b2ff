//! What was understood: clinical facts, each with the words it rests on.

use clinical::transcript::{Evidence, Speaker};

/// The kind of a fact; the names are those of the batch output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// Why the patient came.
    ChiefComplaint,
    /// A symptom of the present problem.
    Symptom,
    /// A symptom that was asked about or volunteered, and denied.
    DeniedSymptom,
    /// An antecedent, of the patient or (section family) of a relative.
    History,
    /// An antecedent that was denied.
    DeniedHistory,
    /// An allergy, or "negadas".
    Allergy,
    /// A medicine the patient takes.
    CurrentMedication,
    /// A medicine the clinician stops in this visit.
    StoppedMedication,
    /// A vital sign measured in the visit.
    Vital,
    /// A finding of the physical examination.
    Finding,
    /// A result of a study.
    Result,
    /// A diagnosis the clinician names.
    Diagnosis,
    /// A medicine the patient is told to take or to go on taking.
    Prescription,
    /// A study, procedure, vaccine or certificate that is ordered.
    Order,
    /// A referral to another service.
    Referral,
    /// When the patient comes back.
    FollowUp,
    /// Advice and warning signs.
    Education,
}

impl FactKind {
    /// The name in the batch output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ChiefComplaint => "chief_complaint",
            Self::Symptom => "symptom",
            Self::DeniedSymptom => "denied_symptom",
            Self::History => "history",
            Self::DeniedHistory => "denied_history",
            Self::Allergy => "allergy",
            Self::CurrentMedication => "current_medication",
            Self::StoppedMedication => "stopped_medication",
            Self::Vital => "vital",
            Self::Finding => "finding",
            Self::Result => "result",
            Self::Diagnosis => "diagnosis",
            Self::Prescription => "prescription",
            Self::Order => "order",
            Self::Referral => "referral",
            Self::FollowUp => "follow_up",
            Self::Education => "education",
        }
    }
}

/// Section of an antecedent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Personales patológicos.
    Pathological,
    /// Quirúrgicos.
    Surgical,
    /// Heredofamiliares.
    Family,
    /// Hábitos.
    Habits,
    /// Ginecoobstétricos.
    ObGyn,
    /// Medicines (only denied).
    Medication,
}

impl Section {
    /// The name in the batch output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Pathological => "pathological",
            Self::Surgical => "surgical",
            Self::Family => "family",
            Self::Habits => "habits",
            Self::ObGyn => "ob_gyn",
            Self::Medication => "medication",
        }
    }
}

/// Whether the fact is affirmed or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// Said to be so.
    Affirmed,
    /// Said not to be so.
    Denied,
}

/// How sure the clinician is of a diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Stated as a fact.
    Confirmed,
    /// Called probable or possible.
    Suspected,
    /// Named and excluded.
    RuledOut,
}

impl Certainty {
    /// The name in the batch output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Suspected => "suspected",
            Self::RuledOut => "ruled_out",
        }
    }
}

/// Outcome of an examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The sign is there.
    Present,
    /// The sign is not there.
    Absent,
    /// What was examined is normal.
    Normal,
}

impl Status {
    /// The name in the batch output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Normal => "normal",
        }
    }
}

/// Whose fact it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Experiencer {
    /// The patient's.
    Patient,
    /// A relative's, with the kinship in Spanish ("madre").
    Relative(String),
}

/// When it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Now.
    Present,
    /// No longer, or before this problem.
    Past,
    /// To be done.
    Planned,
}

/// What happens to a prescribed medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// New.
    Start,
    /// As before.
    Continue,
    /// More or less of it than before.
    Change,
}

impl Action {
    /// The name in the batch output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Continue => "continue",
            Self::Change => "change",
        }
    }
}

/// Attributes that only some kinds have. What was not said is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributes {
    /// Since when, in words.
    pub onset: Option<String>,
    /// How bad or how often, in words.
    pub severity: Option<String>,
    /// Section of an antecedent.
    pub section: Option<Section>,
    /// Reaction of an allergy, in words.
    pub reaction: Option<String>,
    /// Outcome of an examination.
    pub status: Option<Status>,
    /// Numeric value.
    pub value: Option<f64>,
    /// Value in words, where it is no number.
    pub text_value: Option<String>,
    /// Unit of a result.
    pub unit: Option<String>,
    /// Certainty of a diagnosis.
    pub certainty: Option<Certainty>,
    /// Amount of one administration.
    pub dose_value: Option<f64>,
    /// Its unit, as in the wire format.
    pub dose_unit: Option<String>,
    /// Pharmaceutical form, if said.
    pub form: Option<String>,
    /// Form with how much each piece has, as it was said: "tableta de 500 mg".
    pub presentation: Option<String>,
    /// Route, said or given by the form.
    pub route: Option<String>,
    /// Hours between administrations.
    pub frequency_hours: Option<f64>,
    /// Scheme in words.
    pub schedule: Option<String>,
    /// Days of treatment.
    pub duration_days: Option<f64>,
    /// Only when needed.
    pub prn: bool,
    /// What happens to the medicine.
    pub action: Option<Action>,
    /// Days to the next visit.
    pub days: Option<f64>,
    /// Why a medicine is stopped, or other detail, in words.
    pub detail: Option<String>,
}

/// One thing understood from the consultation.
#[derive(Debug, Clone, PartialEq)]
pub struct ClinicalFact {
    /// What kind of fact.
    pub kind: FactKind,
    /// Clinical name in Spanish; a drug by its generic name.
    pub name: String,
    /// Further details.
    pub attributes: Attributes,
    /// Affirmed or denied.
    pub polarity: Polarity,
    /// Whose fact.
    pub experiencer: Experiencer,
    /// When.
    pub time: Time,
    /// Who said it.
    pub said_by: Speaker,
    /// The words it rests on; never empty.
    pub evidence: Vec<Evidence>,
    /// From 0 to 1: how direct the words are (said outright 0.9, by answer 0.8, inferred from form 0.6).
    pub confidence: f32,
}

impl ClinicalFact {
    /// A fact of the patient, affirmed, present.
    #[must_use]
    pub fn new(kind: FactKind, name: impl Into<String>, said_by: Speaker, evidence: Evidence) -> Self {
        Self {
            kind,
            name: name.into(),
            attributes: Attributes::default(),
            polarity: Polarity::Affirmed,
            experiencer: Experiencer::Patient,
            time: Time::Present,
            said_by,
            evidence: vec![evidence],
            confidence: 0.9,
        }
    }

    /// Adds words it rests on, once.
    pub fn cite(&mut self, evidence: Evidence) {
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
            self.evidence.sort_unstable();
        }
    }

    /// The turns it rests on, in order, each once.
    #[must_use]
    pub fn turns(&self) -> Vec<usize> {
        let mut turns: Vec<usize> = self.evidence.iter().map(|evidence| evidence.turn).collect();
        turns.sort_unstable();
        turns.dedup();
        turns
    }

    /// The kinship when the fact is a relative's.
    #[must_use]
    pub fn relative(&self) -> Option<&str> {
        match &self.experiencer {
            Experiencer::Patient => None,
            Experiencer::Relative(kinship) => Some(kinship),
        }
    }
}
