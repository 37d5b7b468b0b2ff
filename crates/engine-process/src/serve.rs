//! The process of a model, apart from the model: reads questions, answers them, ends when the program that asks is gone.

use std::io::{self, BufRead, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::probe::probe;
use crate::protocol::{Refusal, Reply, Request, Task, receive, send};

/// Between one sign of life and the next, at least.
const BETWEEN_SIGNS: Duration = Duration::from_secs(1);

/// Says to who asked, on the standard output, that the work goes on. An engine calls it after each step of an answer, as often
/// as it likes: who asks ends a process that says nothing for long.
pub fn still_working() {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let Ok(mut last) = LAST.try_lock() else { return };
    if last.is_none_or(|last| last.elapsed() >= BETWEEN_SIGNS) {
        *last = Some(Instant::now());
        // Whether who asked is gone shows when the answer is written.
        let _ = send(&mut io::stdout(), &Reply::<()>::Working);
    }
}

/// What answers.
pub trait Engine {
    /// What it is asked.
    type Task: Task;

    /// Writes an answer; the same task gives the same answer. Calls [`still_working`] on the way.
    ///
    /// # Errors
    /// Why it was not written.
    fn write(&mut self, task: &Self::Task) -> Result<<Self::Task as Task>::Answer, Refusal>;
}

/// Answers until the questions end.
///
/// # Errors
/// When the other side is gone before its answer could be written.
pub fn serve<E: Engine>(engine: &mut E, input: &mut impl BufRead, out: &mut impl Write) -> io::Result<()> {
    loop {
        let reply = match receive::<Request<E::Task>>(input) {
            Ok(None) => return Ok(()),
            Ok(Some(Request::Probe)) => Reply::Probed(probe()),
            Ok(Some(Request::Write(task))) => match engine.write(&task) {
                Ok(answer) => Reply::Written(answer),
                Err(reason) => Reply::Refused { reason },
            },
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Reply::Refused { reason: Refusal::Question }
            }
            Err(error) => return Err(error),
        };
        send(out, &reply)?;
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Asked {
        most: u32,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Count {
        times: u32,
    }

    impl Task for Asked {
        type Answer = Count;
    }

    struct Counts(u32);

    impl Engine for Counts {
        type Task = Asked;

        fn write(&mut self, task: &Asked) -> Result<Count, Refusal> {
            self.0 += 1;
            if task.most == 0 { Err(Refusal::TooLong) } else { Ok(Count { times: self.0 }) }
        }
    }

    #[test]
    fn every_question_is_answered_in_turn_whatever_the_others_were() {
        let mut lines = Vec::new();
        send(&mut lines, &Request::Write(Asked { most: 5 })).unwrap();
        lines.extend(b"nada\n");
        send(&mut lines, &Request::Write(Asked { most: 0 })).unwrap();
        send(&mut lines, &Request::Write(Asked { most: 5 })).unwrap();
        let mut out = Vec::new();
        serve(&mut Counts(0), &mut lines.as_slice(), &mut out).unwrap();
        let mut out = out.as_slice();
        let mut next = || receive::<Reply<Count>>(&mut out).unwrap().unwrap();
        assert_eq!(next(), Reply::Written(Count { times: 1 }));
        assert_eq!(next(), Reply::Refused { reason: Refusal::Question });
        assert_eq!(next(), Reply::Refused { reason: Refusal::TooLong });
        assert_eq!(next(), Reply::Written(Count { times: 3 }));
    }
}
