//! What the check says: alerts with their tier, and what could not be checked.

use serde::{Deserialize, Serialize};

/// How much an alert weighs and what it does at signing (reference, section 1). Ordered worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Must not be given outside a documented exception: interrupts, needs a coded reason and words.
    Contraindicada,
    /// Can cause death, hospital stay or lasting harm: interrupts, needs a coded reason.
    Mayor,
    /// Needs a change of dose, watching or separation in time: a quiet line.
    Moderada,
    /// Small or theoretical: folded away.
    Menor,
    /// Corrects a common false alarm: only in the details.
    Informativa,
}

impl Severity {
    /// All tiers, worst first.
    pub const ALL: [Self; 5] =
        [Self::Contraindicada, Self::Mayor, Self::Moderada, Self::Menor, Self::Informativa];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Contraindicada => "contraindicada",
            Self::Mayor => "mayor",
            Self::Moderada => "moderada",
            Self::Menor => "menor",
            Self::Informativa => "informativa",
        }
    }

    /// Reads [`Severity::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Contraindicada => "Contraindicada",
            Self::Mayor => "Mayor",
            Self::Moderada => "Moderada",
            Self::Menor => "Menor",
            Self::Informativa => "Informativa",
        }
    }

    /// Whether signing waits for a reason.
    #[must_use]
    pub fn interrupts(self) -> bool {
        matches!(self, Self::Contraindicada | Self::Mayor)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $label:literal;)*) => {
        /// What kind of risk an alert is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum AlertKind { $($(#[$doc])* #[serde(rename = $code)] $variant,)* }

        impl AlertKind {
            /// All kinds, in the order alerts of one tier are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Stored word; part of [`Alert::key`].
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The words on screens.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }
        }
    };
}

kinds! {
    /// The recorded allergy is to this very ingredient.
    AllergyExact = "allergy_exact", "Alergia";
    /// The recorded allergy is to a related medicine.
    AllergyFamily = "allergy_family", "Alergia a un medicamento emparentado";
    /// The same ingredient twice.
    DuplicateIngredient = "duplicate_ingredient", "Medicamento repetido";
    /// Two medicines of one class.
    DuplicateClass = "duplicate_class", "Misma clase repetida";
    /// An explicit rule about two medicines or classes.
    Interaction = "interaction", "Interacción";
    /// Derived from enzymes and transporters, with no explicit rule.
    Mechanism = "mechanism", "Interacción por mecanismo";
    /// Effects that add up over all medicines.
    Additive = "additive", "Efecto sumado";
    /// Pregnancy, or a woman who may be pregnant.
    Pregnancy = "pregnancy", "Embarazo";
    /// Breast feeding.
    Lactation = "lactation", "Lactancia";
    /// Kidney function.
    Kidney = "kidney", "Función renal";
    /// Older adult.
    OlderAdult = "older_adult", "Adulto mayor";
    /// Child.
    Child = "child", "Edad pediátrica";
    /// Total daily dose above the ceiling.
    MaximumDose = "maximum_dose", "Dosis máxima diaria";
    /// A medicine stopped too short a time ago.
    Washout = "washout", "Periodo de lavado";
    /// A state of the patient, such as asthma or liver disease.
    Condition = "condition", "Condición del paciente";
    /// Kind of prescription the law asks for; about paper, not about safety.
    LegalClass = "legal_class", "Tipo de receta";
    /// A name that is easily taken for another; about names, not about safety.
    LookAlike = "look_alike", "Nombre parecido";
    /// A name that is not in the catalogue: not checked.
    UnknownDrug = "unknown_drug", "No verificado";
}

/// One risk, said in one sentence, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What kind of risk.
    pub kind: AlertKind,
    /// Tier.
    pub severity: Severity,
    /// The medicines concerned, generic names in Spanish.
    pub drugs: Vec<String>,
    /// Why it happens, for the detail panel.
    pub mechanism: String,
    /// The risk in one sentence.
    pub message: String,
    /// What to do: an action.
    pub recommendation: String,
    /// Where the fact is known from.
    pub sources: Vec<String>,
    /// Sentences of labels that say it, in their own language, for the detail panel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<String>,
    /// International names of the medicines, sorted: what [`Alert::key`] is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inns: Vec<String>,
}

impl Alert {
    /// Stable name of the alert, for decisions about it: the kind and the sorted international names.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind.code(), self.inns.join("+"))
    }
}

/// The whole answer of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Worst first; at most one per risk and medicines.
    pub alerts: Vec<Alert>,
    /// What is no risk and belongs on the same screen: kind of prescription, names that are easily confused.
    pub notices: Vec<Alert>,
    /// Names that are not in the catalogue and were not checked.
    pub unknown: Vec<String>,
    /// What was not known about the patient, in Spanish ("TFG no disponible").
    pub missing_inputs: Vec<String>,
}
