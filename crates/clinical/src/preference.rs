//! How a physician likes a note to be written, as it was learnt from what they changed or told by themselves.
//!
//! A preference is about words and their order; it never holds a fact of a patient.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::draft::SectionId;
use crate::ids::{PractitionerId, PreferenceId};

/// Signed notes in which a habit must be seen before it is followed.
pub const NOTES_TO_FOLLOW: i64 = 3;

/// How a note is written as a whole. Facts, evidence and the sections of the norm are the same in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// Every sentence by itself.
    #[default]
    Complete,
    /// What belongs together in one sentence; what was examined and is normal in one.
    Brief,
    /// Complete, and with each diagnosis what was said to be done about it.
    ByProblem,
}

impl Manner {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Complete, Self::Brief, Self::ByProblem];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Brief => "brief",
            Self::ByProblem => "by_problem",
        }
    }

    /// Reads [`Manner::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|manner| manner.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Complete => "Completa",
            Self::Brief => "Breve",
            Self::ByProblem => "Por problema",
        }
    }

    /// Whether it is what everybody begins with.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }
}

/// What is preferred.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Habit {
    /// These words in place of those. Lower case, words between single spaces; `#` stands for a number, which stays.
    Wording {
        /// What the composer writes.
        before: String,
        /// What the physician writes.
        after: String,
    },
    /// A sentence written often, to be put into a section by hand.
    Phrase {
        /// The section it belongs to.
        section: SectionId,
        /// The sentence.
        text: String,
    },
    /// In a section, sentences of one topic before those of another. Topics are named by `scribe`.
    Order {
        /// The section.
        section: SectionId,
        /// What comes first.
        first: String,
        /// What the composer would have written before it.
        then: String,
    },
    /// How notes are written as a whole; a physician has one at most.
    Manner(Manner),
}

/// A preference of a physician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// Identifies it.
    pub id: PreferenceId,
    /// Whose.
    pub practitioner_id: PractitionerId,
    /// What.
    pub habit: Habit,
    /// Told by themselves, not learnt.
    pub by_hand: bool,
    /// Whether they let it be followed.
    pub enabled: bool,
    /// Signed notes in which it was seen.
    pub notes: i64,
    /// When it was first seen or told.
    pub since: Timestamp,
    /// When it was last seen or changed.
    pub last_seen: Timestamp,
}

impl Preference {
    /// Whether drafts follow it.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.enabled && (self.by_hand || self.notes >= NOTES_TO_FOLLOW)
    }
}
