//! Allergies and intolerances, and the two ways of having none: denied, and never asked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of reaction it was: severe skin reactions and anaphylaxis weigh more, intolerance is not allergy
/// (drug-safety reference, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReactionKind {
    /// Anafilaxia.
    Anaphylaxis,
    /// Reacción cutánea grave.
    SevereSkin,
    /// Urticaria, exantema o reacción leve.
    Mild,
    /// Intolerancia: a side effect.
    Intolerance,
    /// No se sabe.
    Unknown,
}

impl ReactionKind {
    /// All kinds in the order of the form.
    pub const ALL: [Self; 5] =
        [Self::Anaphylaxis, Self::SevereSkin, Self::Mild, Self::Intolerance, Self::Unknown];

    /// Stored and posted word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Anaphylaxis => "anaphylaxis",
            Self::SevereSkin => "severe_skin",
            Self::Mild => "mild",
            Self::Intolerance => "intolerance",
            Self::Unknown => "unknown",
        }
    }

    /// Reads [`ReactionKind::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Anaphylaxis => "Anafilaxia",
            Self::SevereSkin => "Reacción cutánea grave",
            Self::Mild => "Ronchas, comezón o reacción leve",
            Self::Intolerance => "Intolerancia (no es alergia)",
            Self::Unknown => "No se sabe",
        }
    }
}

/// An allergy or intolerance in the patient's summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllergyIntolerance {
    /// Substance as the record names it, for example "penicilina".
    pub substance: String,
    /// What kind of reaction.
    pub reaction_kind: ReactionKind,
    /// What happened, in words.
    pub reaction: Option<String>,
}

impl fmt::Display for AllergyIntolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.reaction_kind == ReactionKind::Intolerance { "Intolerancia" } else { "Alergia" };
        write!(f, "{kind} a {}", self.substance)?;
        match (&self.reaction, self.reaction_kind) {
            (Some(reaction), _) => write!(f, " ({reaction})")?,
            (None, ReactionKind::Anaphylaxis | ReactionKind::SevereSkin) => {
                write!(f, " ({})", self.reaction_kind.label().to_lowercase())?;
            }
            _ => {}
        }
        f.write_str(".")
    }
}

/// What is known about a patient's allergies. "Never asked" must not look like "none".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllergyStatus {
    /// Nobody asked yet: shown dashed.
    NotAsked,
    /// Asked and denied.
    Denied,
    /// At least one.
    Known(Vec<AllergyIntolerance>),
}
