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

/// A step of the work may take so many times as long as the longest one before it: other programs want the machine too.
const SLOWER: u32 = 10;
/// No step is taken for the last one sooner: a machine that is short of memory stands still for a while.
const SHORTEST: Duration = Duration::from_mins(1);

/// A model that can be asked for `T`. Its process starts with the first question and stays.
#[derive(Debug)]
pub struct Worker<T: Task> {
    program: PathBuf,
    model: Model,
    patience: Duration,
    running: Mutex<Running<T>>,
}

/// The process, and what is known of the machine it runs on.
#[derive(Debug)]
struct Running<T: Task> {
    session: Option<Session<T>>,
    /// The longest step of the answers so far; nothing before the first.
    slowest: Option<Duration>,
}

impl<T: Task> Worker<T> {
    /// A worker that has not started anything yet. `patience` is how long the process may say nothing: while it loads the model,
    /// and at each step of its first answer. Later the steps before say how long one takes here.
    #[must_use]
    pub fn new(program: PathBuf, model: Model, patience: Duration) -> Self {
        Self { program, model, patience, running: Mutex::new(Running { session: None, slowest: None }) }
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
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Running { session, slowest } = &mut *running;
        let patience = patience(self.patience, *slowest);
        let mut first = None;
        loop {
            let asked = self.running(session)?.and_then(|running| {
                let answer = running.write(task, patience)?;
                *slowest = (*slowest).max(Some(running.slowest));
                Ok(answer)
            });
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

/// How long a step may take, where the first could take so long and the longest took so long.
fn patience(first: Duration, slowest: Option<Duration>) -> Duration {
    slowest.map_or(first, |slowest| first.min(SHORTEST.max(slowest * SLOWER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_known_to_be_quick_is_waited_for_less_and_never_longer_than_an_unknown_one() {
        let seconds = Duration::from_secs;
        assert_eq!(patience(seconds(200), None), seconds(200), "nothing is known yet");
        assert_eq!(patience(seconds(200), Some(seconds(1))), seconds(60), "quick here");
        assert_eq!(patience(seconds(200), Some(seconds(12))), seconds(120), "ten times as long as ever");
        assert_eq!(patience(seconds(200), Some(seconds(90))), seconds(200), "slow here");
    }
}
