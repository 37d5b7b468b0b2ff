//! What was said, by whom, and how a statement points to the words it came from.

use serde::{Deserialize, Serialize};

/// Who spoke a turn, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The physician (or the nurse who reads aloud).
    Doctor,
    /// The patient.
    Patient,
    /// A relative or companion, who may speak for the patient.
    Companion,
    /// Not identified.
    Unknown,
}

/// One uninterrupted contribution of one speaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who spoke.
    pub speaker: Speaker,
    /// What was said, as transcribed.
    pub text: String,
}

/// A consultation as a list of turns. Indexes into it are stable: evidence points at them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Transcript {
    /// The turns in the order they were spoken.
    pub turns: Vec<Turn>,
}

impl Transcript {
    /// The cited words, or `None` when the evidence does not lie inside this transcript.
    #[must_use]
    pub fn quote(&self, evidence: Evidence) -> Option<&str> {
        self.turns.get(evidence.turn)?.text.get(evidence.start..evidence.end)
    }

    /// Number of words in all turns.
    #[must_use]
    pub fn word_count(&self) -> usize {
        self.turns.iter().map(|turn| turn.text.split_whitespace().count()).sum()
    }
}

/// The place in a transcript that supports a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// Index of the turn, from 0.
    pub turn: usize,
    /// First byte of the cited words in the turn's text, on a character boundary.
    pub start: usize,
    /// One past the last byte of the cited words.
    pub end: usize,
}
