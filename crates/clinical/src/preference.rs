//! How a physician likes a note to be written, as it was learnt from what they changed or told by themselves.
//!
//! A preference is about words and their order; it never holds a fact of a patient.

use jiff::Timestamp;

use crate::draft::SectionId;
use crate::ids::{PractitionerId, PreferenceId};

/// Signed notes in which a habit must be seen before it is followed.
pub const NOTES_TO_FOLLOW: i64 = 3;

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
