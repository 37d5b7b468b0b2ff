//! Has a consultation written by the model, portion by portion, and survives the death of its process.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clinical::digest::Digest;
use clinical::transcript::Transcript;

use crate::models::{self, Model, State};
use crate::prompt::{self, Window};
use crate::protocol::{Answer, Refusal};
use crate::session::{Failure, Session};

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

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    /// The file is not what was installed; it was not loaded.
    #[error(
        "el archivo del modelo {0} falta o cambió desde que se instaló; revíselo con: medicus models verify"
    )]
    Changed(String),
    /// The model cannot be used.
    #[error("{0}")]
    Unusable(#[source] Failure),
    /// It failed, was started anew, and failed again.
    #[error("{first}; se intentó otra vez y {again}")]
    Twice {
        /// The first time.
        first: Failure,
        /// The second.
        #[source]
        again: Failure,
    },
}

/// A model that can be asked. Its process starts with the first question and stays.
#[derive(Debug)]
pub struct Writer {
    program: PathBuf,
    model: Model,
    patience: Duration,
    session: Mutex<Option<Session>>,
}

impl Writer {
    /// A writer that has not started anything yet. `patience` is for one answer, and for loading the model.
    #[must_use]
    pub fn new(program: PathBuf, model: Model, patience: Duration) -> Self {
        Self { program, model, patience, session: Mutex::new(None) }
    }

    /// The name of its model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model.name
    }

    /// Has a consultation written. One at a time: others wait.
    ///
    /// # Errors
    /// [`WriterError`]; the writer can be asked again.
    pub fn write(&self, transcript: &Transcript) -> Result<Written, WriterError> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = Written {
            sentences: Vec::new(),
            portions: 0,
            unread: 0,
            model: self.model.name.clone(),
            model_digest: self.model.digest,
            prompt_digest: prompt::digest(),
        };
        let mut open = prompt::windows(transcript);
        open.reverse();
        while let Some(window) = open.pop() {
            match self.ask(&mut session, transcript, &window)? {
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

    /// Asks about a portion; once more in a new process when the first one fails.
    fn ask(
        &self,
        session: &mut MutexGuard<'_, Option<Session>>,
        transcript: &Transcript,
        window: &Window,
    ) -> Result<Result<Answer, Refusal>, WriterError> {
        let mut first = None;
        loop {
            let asked = self
                .running(session)?
                .and_then(|running| running.write(prompt::task(transcript, window), self.patience));
            match asked {
                Ok(answer) => return Ok(Ok(answer)),
                Err(Failure::Refused(reason @ (Refusal::TooLong | Refusal::Engine | Refusal::Question))) => {
                    return Ok(Err(reason));
                }
                Err(failure) => {
                    **session = None;
                    match (failure, first.take()) {
                        (failure, _) if !failure.ends_the_process() => {
                            return Err(WriterError::Unusable(failure));
                        }
                        (failure, None) => first = Some(failure),
                        (again, Some(first)) => return Err(WriterError::Twice { first, again }),
                    }
                }
            }
        }
    }

    /// The running process, started if need be, after the file was found to be the one installed.
    fn running<'a>(
        &self,
        session: &'a mut MutexGuard<'_, Option<Session>>,
    ) -> Result<Result<&'a mut Session, Failure>, WriterError> {
        let running = match session.take() {
            Some(running) => running,
            None if models::check(&self.model) != State::Good => {
                return Err(WriterError::Changed(self.model.name.clone()));
            }
            None => match Session::start(&self.program, &self.model.path, self.patience) {
                Ok(started) => started,
                Err(failure) => return Ok(Err(failure)),
            },
        };
        Ok(Ok(session.insert(running)))
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
