//! Words with their times, who said them, and the seam where an engine that writes down words stands.

use std::error::Error;
use std::fmt;
use std::num::NonZeroU8;

use serde::{Deserialize, Serialize};

use crate::audio::Samples;

/// A stretch of a recording in milliseconds from its beginning; it ends after it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct SpeechSpan {
    start: u32,
    end: u32,
}

impl SpeechSpan {
    /// From `start_ms` to just before `end_ms`; nothing when it would have no length.
    #[must_use]
    pub fn new(start_ms: u32, end_ms: u32) -> Option<Self> {
        (start_ms < end_ms).then_some(Self { start: start_ms, end: end_ms })
    }

    /// Where it begins, in milliseconds.
    #[must_use]
    pub fn start_ms(self) -> u32 {
        self.start
    }

    /// Where it ends, in milliseconds.
    #[must_use]
    pub fn end_ms(self) -> u32 {
        self.end
    }

    /// How long it is, in milliseconds.
    #[must_use]
    pub fn duration_ms(self) -> u32 {
        self.end - self.start
    }

    /// How much of it another one covers, in milliseconds.
    #[must_use]
    pub fn shared_ms(self, other: Self) -> u32 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }
}

impl TryFrom<(u32, u32)> for SpeechSpan {
    type Error = &'static str;

    fn try_from((start, end): (u32, u32)) -> Result<Self, Self::Error> {
        Self::new(start, end).ok_or("un tramo termina después de empezar")
    }
}

impl From<SpeechSpan> for (u32, u32) {
    fn from(span: SpeechSpan) -> Self {
        (span.start, span.end)
    }
}

/// A word as an engine heard it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// What was heard, with its punctuation and without spaces around it.
    pub text: String,
    /// When.
    pub span: SpeechSpan,
    /// How sure the engine is, from 0 to 1.
    pub confidence: f32,
}

/// Who speaks, as far as the voice tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaker {
    /// The physician, known by the voice they enrolled with.
    Physician,
    /// A voice of this recording, numbered from 1 in the order in which they are first heard.
    Numbered(NonZeroU8),
    /// It cannot be told: nobody is guessed.
    Unknown,
}

/// The name of the contract of `medicus listen`: `medico`, `hablante1`.., `desconocido`.
impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Physician => f.write_str("medico"),
            Self::Numbered(number) => write!(f, "hablante{number}"),
            Self::Unknown => f.write_str("desconocido"),
        }
    }
}

/// One stretch in which one person speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct DiarizedTurn {
    /// Who.
    pub speaker: Speaker,
    /// When.
    pub span: SpeechSpan,
    /// Whether somebody else speaks at the same time.
    pub overlapped: bool,
    /// What they said; empty when no engine wrote it down.
    pub words: Vec<Word>,
}

impl DiarizedTurn {
    /// What they said, as text.
    #[must_use]
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }
}

/// Who said what, when.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DiarizedTranscript {
    /// The turns in the order in which they begin.
    pub turns: Vec<DiarizedTurn>,
}

/// Writes down the words of a recording. Implemented by the engines; the same audio gives the same words.
pub trait Transcriber {
    /// The words said in `spans` of `audio`, in the order of time, none before the end of the one before it. `prompt` has
    /// words that may be expected: names of medicines of the patient, of the specialty. `goes_on` is told now and then
    /// which share is done, from 0 to 1, and answers whether anybody wants the rest.
    ///
    /// # Errors
    /// When the engine fails or nobody wants the rest; there are no words then, never a part of them.
    fn transcribe(
        &self,
        audio: &Samples,
        spans: &[SpeechSpan],
        prompt: &str,
        goes_on: &dyn Fn(f32) -> bool,
    ) -> Result<Vec<Word>, TranscribeError>;
}

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub enum TranscribeError {
    /// The engine failed.
    #[error("no se pudieron escribir las palabras de la grabación")]
    Engine(#[from] Box<dyn Error + Send + Sync>),
    /// Nobody wanted the rest.
    #[error("se dejó de escribir las palabras porque ya no se piden")]
    Unwanted,
}
