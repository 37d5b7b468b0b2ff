//! Has a recording written down, portion by portion, and takes of what is written only what can be believed.

use std::path::PathBuf;
use std::time::Duration;

use engine_process::models::Model;
use engine_process::{Failure, Worker, WorkerError};
use speech::{Samples, SpeechSpan, TranscribeError, Transcriber, Word};

use crate::belief::{Belief, belief};
use crate::portions::{Portion, portions};
use crate::protocol::{Answer, LONGEST_PROMPT, Segment, Task};

/// Stands where something was said that the model did not understand; a word of confidence 0.
pub const INAUDIBLE: &str = "[inaudible]";

/// How often a portion in which the model went round in circles is halved before it is given up.
const HALVED: u32 = 2;

/// A speech model that can be asked. Its process starts with the first portion and stays.
#[derive(Debug)]
pub struct Whisper(Worker<Task>);

impl Whisper {
    /// A transcriber that has not started anything yet. `patience` is how long its process may say nothing; see [`Worker::new`].
    #[must_use]
    pub fn new(program: PathBuf, model: Model, patience: Duration) -> Self {
        Self(Worker::new(program, model, patience))
    }

    /// Its model.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.0.model()
    }

    /// Adds the words of a portion; of one in which the model lost itself, those of its halves.
    fn listen(
        &self,
        audio: &Samples,
        portion: &Portion,
        prompt: &str,
        halved: u32,
        words: &mut Vec<Word>,
    ) -> Result<(), WorkerError> {
        let task = Task { samples: portion.samples(audio), prompt: prompt.to_owned() };
        let answer = self.0.ask(&task)?.map_err(|reason| WorkerError::Unusable(Failure::Refused(reason)))?;
        let lost = answer.segments.iter().any(|segment| belief(segment, prompt) == Belief::Looped);
        if let Some(halves) = portion.halves(audio).filter(|_| lost && halved > 0) {
            for half in halves {
                self.listen(audio, &half, prompt, halved - 1, words)?;
            }
        } else {
            take(&answer, portion, prompt, words);
        }
        Ok(())
    }
}

impl Transcriber for Whisper {
    /// An error of the engine is a [`WorkerError`]; the transcriber can be asked again.
    fn transcribe(
        &self,
        audio: &Samples,
        spans: &[SpeechSpan],
        prompt: &str,
        goes_on: &dyn Fn(f32) -> bool,
    ) -> Result<Vec<Word>, TranscribeError> {
        let prompt = hint(prompt);
        let portions = portions(audio, spans);
        let whole: u32 = portions.iter().map(Portion::length_ms).sum();
        let mut done = 0;
        let mut words = Vec::new();
        for portion in &portions {
            self.listen(audio, portion, &prompt, HALVED, &mut words)
                .map_err(Box::<dyn std::error::Error + Send + Sync>::from)?;
            done += portion.length_ms();
            if !goes_on(done as f32 / whole as f32) {
                return Err(TranscribeError::Unwanted);
            }
        }
        Ok(words)
    }
}

/// What the model is told beforehand, on one line and no longer than it takes.
fn hint(prompt: &str) -> String {
    let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain: String = line.chars().filter(|c| !c.is_control()).collect();
    plain[..plain.floor_char_boundary(LONGEST_PROMPT)].to_owned()
}

/// Adds what can be believed of an answer, each word with its time in the recording.
fn take(answer: &Answer, portion: &Portion, prompt: &str, words: &mut Vec<Word>) {
    for segment in &answer.segments {
        match belief(segment, prompt) {
            Belief::Said => {
                for heard in &segment.words {
                    let span = portion.in_recording(heard.start_ms, heard.end_ms);
                    let text = heard.text.trim().to_owned();
                    push(words, text, span, heard.confidence.clamp(0.0, 1.0));
                }
            }
            Belief::Nothing => {}
            Belief::Looped | Belief::Phantom => {
                push(words, INAUDIBLE.to_owned(), whole(segment, portion), 0.0);
            }
        }
    }
}

/// The time of a segment; in the recording it may reach over several stretches of speech.
fn whole(segment: &Segment, portion: &Portion) -> Option<SpeechSpan> {
    let (first, last) = (segment.words.first()?, segment.words.last()?);
    let first = portion.in_recording(first.start_ms, first.end_ms)?;
    let last = portion.in_recording(last.start_ms, last.end_ms)?;
    SpeechSpan::new(first.start_ms(), last.end_ms().max(first.end_ms()))
}

/// Adds a word behind the others: none begins before the one before it ended, and two marks in a row are one.
fn push(words: &mut Vec<Word>, text: String, span: Option<SpeechSpan>, confidence: f32) {
    let Some(span) = span.filter(|_| !text.is_empty()) else { return };
    let from = words.last().map_or(0, |last| last.span.end_ms());
    let start = span.start_ms().max(from);
    let Some(span) = SpeechSpan::new(start, span.end_ms().max(start + 1)) else { return };
    match words.last_mut() {
        Some(last) if text == INAUDIBLE && last.text == INAUDIBLE => {
            last.span = SpeechSpan::new(last.span.start_ms(), span.end_ms()).unwrap_or(last.span);
        }
        _ => words.push(Word { text, span, confidence }),
    }
}
