//! The process of the model, apart from the model: reads questions, answers them, ends when the program that asks is gone.

use std::io::{self, BufRead, Write};

use crate::probe::probe;
use crate::protocol::{Answer, Refusal, Reply, Request, Task, receive, send};

/// What answers.
pub trait Engine {
    /// Writes an answer; the same task gives the same answer.
    ///
    /// # Errors
    /// Why it was not written.
    fn write(&mut self, task: &Task) -> Result<Answer, Refusal>;
}

/// Answers until the questions end.
///
/// # Errors
/// When the other side is gone before its answer could be written.
pub fn serve(engine: &mut impl Engine, input: &mut impl BufRead, out: &mut impl Write) -> io::Result<()> {
    loop {
        let reply = match receive(input) {
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
    use super::*;

    struct Counts(u32);

    impl Engine for Counts {
        fn write(&mut self, task: &Task) -> Result<Answer, Refusal> {
            self.0 += 1;
            if task.max_tokens == 0 {
                Err(Refusal::TooLong)
            } else {
                Ok(Answer { written_tokens: self.0, ..Answer::default() })
            }
        }
    }

    #[test]
    fn every_question_is_answered_in_turn_whatever_the_others_were() {
        let task = |max_tokens| {
            Request::Write(Task {
                system: String::new(),
                user: String::new(),
                schema: serde_json::json!({}),
                max_tokens,
            })
        };
        let mut lines = Vec::new();
        send(&mut lines, &task(5)).unwrap();
        lines.extend(b"nada\n");
        send(&mut lines, &task(0)).unwrap();
        send(&mut lines, &task(5)).unwrap();
        let mut out = Vec::new();
        serve(&mut Counts(0), &mut lines.as_slice(), &mut out).unwrap();
        let mut out = out.as_slice();
        let mut next = || receive::<Reply>(&mut out).unwrap().unwrap();
        assert!(matches!(next(), Reply::Written(Answer { written_tokens: 1, .. })));
        assert_eq!(next(), Reply::Refused { reason: Refusal::Question });
        assert_eq!(next(), Reply::Refused { reason: Refusal::TooLong });
        assert!(matches!(next(), Reply::Written(Answer { written_tokens: 3, .. })));
    }
}
