//! Talk that is no consultation: a recipe, a song, a chat. What sounded like a fact in it is at most a doubt.

use clinical::transcript::{Speaker, Transcript};

use crate::facts::{ClinicalFact, FactKind};

/// Less talk than this is judged by nobody: a note dictated in two sentences is one.
const WORDS: usize = 40;
/// A consultation holds more than two facts in a hundred words, of five kinds or more.
const FACTS_IN_A_HUNDRED: usize = 1;
const KINDS: usize = 2;
/// So much talk is of one kind of fact only when it is of something else.
const LONG: usize = 120;

/// What talk is when it is no consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Hardly anything in it is about health.
    OfSomethingElse,
    /// One voice, which neither asks nor orders.
    OneVoice,
}

impl Talk {
    /// What the physician is told.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::OfSomethingElse => {
                "Esto no parece una consulta: casi nada de lo que se dice es de salud. No se propone ninguna nota."
            }
            Self::OneVoice => {
                "Solo se oye a una persona, y nadie pregunta ni indica nada: puede no ser una consulta. Lo que se \
                 entendió queda como duda."
            }
        }
    }
}

/// Whether this is no consultation.
pub(crate) fn is_no_consultation(transcript: &Transcript, facts: &[ClinicalFact]) -> Option<Talk> {
    let words = transcript.word_count();
    if words < WORDS {
        return None;
    }
    let mut kinds: Vec<FactKind> = facts.iter().map(|fact| fact.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if facts.len() * 100 <= words * FACTS_IN_A_HUNDRED || words >= LONG && kinds.len() < KINDS {
        return Some(Talk::OfSomethingElse);
    }
    let spoken = || transcript.turns.iter().filter(|turn| !turn.text.trim().is_empty());
    let only_patient = spoken().all(|turn| turn.speaker == Speaker::Patient)
        && !spoken().any(|turn| turn.text.contains('?'));
    only_patient.then_some(Talk::OneVoice)
}
