//! What an engine heard in a recording: who said what and when, before anybody has read it.

use serde::{Deserialize, Serialize};

use crate::transcript::{Speaker, Transcript, Turn};

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

    /// The conversation it is, for the draft of the note.
    #[must_use]
    pub fn transcript(&self) -> Transcript {
        let turn = |own: &HeardTurn| Turn { speaker: own.speaker, text: own.text.clone() };
        Transcript { turns: self.turns.iter().map(turn).collect() }
    }
}
