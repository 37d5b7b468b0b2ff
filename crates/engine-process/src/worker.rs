//! An installed model that can be asked: its process is started when it is needed and stays, and its death is survived.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::models::{self, Model, State};
use crate::protocol::{Refusal, Task};
use crate::session::{Failure, Session};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
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

/// A model that can be asked for `T`. Its process starts with the first question and stays.
#[derive(Debug)]
pub struct Worker<T: Task> {
    program: PathBuf,
    model: Model,
    patience: Duration,
    session: Mutex<Option<Session<T>>>,
}

impl<T: Task> Worker<T> {
    /// A worker that has not started anything yet. `patience` is for one answer, and for loading the model.
    #[must_use]
    pub fn new(program: PathBuf, model: Model, patience: Duration) -> Self {
        Self { program, model, patience, session: Mutex::new(None) }
    }

    /// Its model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Asks; once more in a new process when the first one fails. One question at a time: others wait.
    ///
    /// What the process itself refused about this one question is no error: it can be asked another.
    ///
    /// # Errors
    /// [`WorkerError`]; the worker can be asked again.
    pub fn ask(&self, task: &T) -> Result<Result<T::Answer, Refusal>, WorkerError> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first = None;
        loop {
            let asked = self.running(&mut session)?.and_then(|running| running.write(task, self.patience));
            match asked {
                Ok(answer) => return Ok(Ok(answer)),
                Err(Failure::Refused(reason @ (Refusal::TooLong | Refusal::Engine | Refusal::Question))) => {
                    return Ok(Err(reason));
                }
                Err(failure) => {
                    *session = None;
                    match (failure, first.take()) {
                        (failure, _) if !failure.ends_the_process() => {
                            return Err(WorkerError::Unusable(failure));
                        }
                        (failure, None) => first = Some(failure),
                        (again, Some(first)) => return Err(WorkerError::Twice { first, again }),
                    }
                }
            }
        }
    }

    /// The running process, started if need be, after the file was found to be the one installed.
    fn running<'a>(
        &self,
        session: &'a mut Option<Session<T>>,
    ) -> Result<Result<&'a mut Session<T>, Failure>, WorkerError> {
        let running = match session.take() {
            Some(running) => running,
            None if models::check(&self.model) != State::Good => {
                return Err(WorkerError::Changed(self.model.name.clone()));
            }
            None => match Session::start(&self.program, &self.model.path, self.patience) {
                Ok(started) => started,
                Err(failure) => return Ok(Err(failure)),
            },
        };
        Ok(Ok(session.insert(running)))
    }
}
