//! Has a consultation written by the model, portion by portion.

use std::path::PathBuf;
use std::time::Duration;

use clinical::digest::Digest;
use clinical::transcript::Transcript;
use engine_process::models::Model;
use engine_process::protocol::Refusal;
use engine_process::{Worker, WorkerError};

use crate::prompt;
use crate::protocol::Task;

/// A sentence of the model. Nothing of it is known to be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// The turns it cites, counted from 0, ascending.
    pub turns: Vec<usize>,
}

/// What the model wrote about a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its sentences in the order of the consultation, each once.
    pub sentences: Vec<Sentence>,
    /// In how many portions it read the consultation.
    pub portions: usize,
    /// Of how many of them nothing can be used: the answer was cut, or one turn alone did not fit.
    pub unread: usize,
    /// The model that wrote.
    pub model: String,
    /// SHA-256 of its file.
    pub model_digest: Digest,
    /// SHA-256 of the instructions it was given.
    pub prompt_digest: Digest,
}

/// A language model that can be asked. Its process starts with the first question and stays.
#[derive(Debug)]
pub struct Writer(Worker<Task>);

impl Writer {
    /// A writer that has not started anything yet. `patience` is how long its process may say nothing; see [`Worker::new`].
    #[must_use]
    pub fn new(program: PathBuf, model: Model, patience: Duration) -> Self {
        Self(Worker::new(program, model, patience))
    }

    /// The name of its model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.0.model().name
    }

    /// Has a consultation written, portion by portion.
    ///
    /// # Errors
    /// [`WorkerError`]; the writer can be asked again.
    pub fn write(&self, transcript: &Transcript) -> Result<Written, WorkerError> {
        let model = self.0.model();
        let mut written = Written {
            sentences: Vec::new(),
            portions: 0,
            unread: 0,
            model: model.name.clone(),
            model_digest: model.digest,
            prompt_digest: prompt::digest(),
        };
        let mut open = prompt::windows(transcript);
        open.reverse();
        while let Some(window) = open.pop() {
            match self.0.ask(&prompt::task(transcript, &window))? {
                Err(Refusal::TooLong) if window.len() > 1 => {
                    open.extend(prompt::halves(&window).into_iter().flatten().rev());
                }
                answer => {
                    written.portions += 1;
                    let answer = answer.ok().filter(|answer| answer.complete);
                    match answer.and_then(|answer| prompt::read(&answer.text, &window)) {
                        Some(proposals) => written.add(proposals),
                        None => written.unread += 1,
                    }
                }
            }
        }
        Ok(written)
    }
}

impl Written {
    /// Adds what is new: portions overlap.
    fn add(&mut self, proposals: Vec<prompt::Proposed>) {
        for proposal in proposals {
            let sentence = Sentence { text: proposal.text.trim().to_owned(), turns: proposal.turns };
            if !self.sentences.contains(&sentence) {
                self.sentences.push(sentence);
            }
        }
    }
}
