//! Diagnoses and clinical problems, with how sure they are and their confirmed code.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How sure the physician is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Stated as a fact.
    Confirmed,
    /// Probable, under study.
    Suspected,
    /// Considered and excluded.
    RuledOut,
}

impl Certainty {
    /// All values in the order of the form.
    pub const ALL: [Self; 3] = [Self::Confirmed, Self::Suspected, Self::RuledOut];

    /// Stored and posted word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Suspected => "suspected",
            Self::RuledOut => "ruled_out",
        }
    }

    /// Reads [`Certainty::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|certainty| certainty.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Confirmed => "Confirmado",
            Self::Suspected => "Probable",
            Self::RuledOut => "Descartado",
        }
    }
}

/// A code the physician confirmed. The title is WHO's own, unaltered (CC BY-ND 3.0 IGO).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionCode {
    /// ICD-11 MMS code; a cluster joins several with `&` and `/`.
    pub icd11: String,
    /// WHO's Spanish title of that code; of a cluster those of all its codes, extension codes in brackets.
    pub title: String,
    /// CIE-10 code beside it, where the map has one.
    pub icd10: Option<String>,
    /// The release of ICD-11 it was confirmed from; absent in what was coded before releases could be imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

impl ConditionCode {
    /// The code as it is shown beside the words of the diagnosis: a cluster with its titles, which nobody knows by heart.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.icd11.contains(['&', '/']) {
            format!("{}: {}", self.icd11, self.title)
        } else {
            self.icd11.clone()
        }
    }
}

/// A diagnosis or clinical problem in a draft or document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionEntry {
    /// The diagnosis in the physician's words.
    pub text: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// The confirmed code; absent while nobody confirmed one. NOM-004 asks for a diagnosis, not for a code.
    pub code: Option<ConditionCode>,
}

impl fmt::Display for ConditionEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.trim_end_matches('.');
        match self.certainty {
            Certainty::Confirmed => write!(f, "{text}."),
            Certainty::Suspected => write!(f, "{text}, probable."),
            Certainty::RuledOut => write!(f, "Se descarta: {text}."),
        }
    }
}
