//! What an engine heard in a recording: who said what and when, before anybody has read it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::transcript::{Evidence, Speaker, Transcript, Turn};

/// What is played before and after cited words, as their time within a turn is only estimated.
const MOMENT_MS: u32 = 1_500;
/// The same before and after a whole turn.
const EDGE_MS: u32 = 300;

/// One stretch in which one voice speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardTurn {
    /// Which voice of the recording, numbered from 1; `None` where voices cannot be told apart.
    pub voice: Option<u8>,
    /// Who that is, as far as it is known: nobody is guessed.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// Milliseconds from the start of the sound.
    pub start_ms: u32,
    /// The same, of its end.
    pub end_ms: u32,
}

/// What was heard, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Heard {
    /// The turns.
    pub turns: Vec<HeardTurn>,
}

/// What is heard of a recording while people still speak: not yet who says it, and heard again as a whole at the end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LiveWords {
    /// The last stretches between pauses, which do not change any more.
    pub settled: Vec<String>,
    /// Up to where they go, in milliseconds of sound.
    pub settled_ms: u32,
    /// What was said since; the next words may still change it.
    pub tentative: String,
}

impl Heard {
    /// Says who spoke one turn; `false` when there is no such turn.
    pub fn name_turn(&mut self, turn: usize, speaker: Speaker) -> bool {
        self.turns.get_mut(turn).map(|turn| turn.speaker = speaker).is_some()
    }

    /// Says whose a voice is, in all its turns; `false` when nobody has it.
    pub fn name_voice(&mut self, voice: u8, speaker: Speaker) -> bool {
        let own = self.turns.iter_mut().filter(|turn| turn.voice == Some(voice));
        own.map(|turn| turn.speaker = speaker).count() > 0
    }

    /// When cited words were said, in milliseconds: as far into the time of their turn as they stand in its text, with a moment
    /// before and after, so that they are heard whole.
    #[must_use]
    pub fn when(&self, evidence: Evidence) -> Option<Range<u32>> {
        let turn = self.turns.get(evidence.turn)?;
        let all = u64::try_from(turn.text.len()).ok().filter(|all| *all > 0)?;
        let lasts = u64::from(turn.end_ms.saturating_sub(turn.start_ms));
        let at = |byte: usize| {
            let within = lasts * (byte as u64).min(all) / all;
            turn.start_ms.saturating_add(u32::try_from(within).unwrap_or(u32::MAX))
        };
        let from = at(evidence.start).saturating_sub(MOMENT_MS).max(turn.start_ms.saturating_sub(EDGE_MS));
        let to = at(evidence.end).saturating_add(MOMENT_MS).min(turn.end_ms.saturating_add(EDGE_MS));
        (from < to).then_some(from..to)
    }

    /// The conversation it is, for the draft of the note.
    #[must_use]
    pub fn transcript(&self) -> Transcript {
        let turn = |own: &HeardTurn| Turn { speaker: own.speaker, text: own.text.clone() };
        Transcript { turns: self.turns.iter().map(turn).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cited_words_are_found_in_the_time_of_their_turn() {
        let text = "x".repeat(100);
        let turn =
            HeardTurn { voice: None, speaker: Speaker::Unknown, text, start_ms: 10_000, end_ms: 20_000 };
        let heard = Heard { turns: vec![turn] };
        let when = |turn, start, end| heard.when(Evidence { turn, start, end });
        assert_eq!(when(0, 40, 60), Some(12_500..17_500));
        assert_eq!(when(0, 0, 100), Some(9_700..20_300), "not far beyond the turn");
        assert_eq!(when(0, 0, 5), Some(9_700..12_000));
        assert_eq!(when(1, 0, 5), None);
    }

    #[test]
    fn a_voice_is_named_in_all_its_turns_and_a_turn_by_itself() {
        let turn = |voice| HeardTurn {
            voice: Some(voice),
            speaker: Speaker::Unknown,
            text: String::new(),
            start_ms: 0,
            end_ms: 1,
        };
        let mut heard = Heard { turns: [1, 2, 1].map(turn).to_vec() };
        let who = |heard: &Heard| heard.turns.iter().map(|turn| turn.speaker).collect::<Vec<_>>();
        assert!(heard.name_voice(1, Speaker::Doctor));
        assert_eq!(who(&heard), [Speaker::Doctor, Speaker::Unknown, Speaker::Doctor]);
        assert!(!heard.name_voice(3, Speaker::Patient), "nobody has it");
        assert!(heard.name_turn(2, Speaker::Patient));
        assert!(!heard.name_turn(3, Speaker::Patient), "there is none");
        assert_eq!(who(&heard), [Speaker::Doctor, Speaker::Unknown, Speaker::Patient]);
    }
}
