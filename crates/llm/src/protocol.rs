//! What the program and the process of the model say to each other: one JSON object a line, one answer to each question.
//!
//! The process speaks first: [`Reply::Ready`] once the model is loaded, [`Reply::Refused`] if it cannot be.

use std::io::{self, BufRead, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::probe::Reached;
use crate::sandbox::Sandbox;

/// The longest line either side reads, in bytes: many times a window of a consultation.
const LONGEST_LINE: u64 = 4 << 20;

/// A question to the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Write an answer.
    Write(Task),
    /// Try to get out: see [`Reached`].
    Probe,
}

/// Something to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What the model is told to do.
    pub system: String,
    /// What it is given to do it with.
    pub user: String,
    /// The JSON schema the answer is kept inside.
    pub schema: serde_json::Value,
    /// The longest answer, in tokens of the model.
    pub max_tokens: u32,
}

/// An answer of the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Reply {
    /// The model is loaded; sent once, first.
    Ready {
        /// Its name, as its file says.
        model: String,
        /// How many tokens a question and its answer may have together.
        context: u32,
        /// What was taken away from the process before the model was read.
        sandbox: Sandbox,
    },
    /// What the model wrote.
    Written(Answer),
    /// The question cannot be answered.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// What could be reached.
    Probed(Reached),
}

/// An answer of the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// JSON inside the schema, if `complete`.
    pub text: String,
    /// The model ended by itself; otherwise the answer was cut and is no whole JSON.
    pub complete: bool,
    /// Tokens of the question.
    pub asked_tokens: u32,
    /// Tokens of the answer.
    pub written_tokens: u32,
}

/// Why a question was not answered. No words of the consultation in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The sandbox cannot be closed: nothing was read.
    Sandbox,
    /// The file is no model this program can run.
    Model,
    /// Question and answer do not fit in the context of the model.
    TooLong,
    /// The line or its schema cannot be read.
    Question,
    /// The model failed while it wrote.
    Engine,
}

/// Writes one line.
///
/// # Errors
/// When the other side is gone.
pub fn send<T: Serialize>(out: &mut impl Write, message: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// Reads one line; nothing at the end of the stream.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a line that is too long or no message.
pub fn receive<T: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line without end"));
    }
    // Not the parser's own message: it may quote the line.
    serde_json::from_slice(&line)
        .map(Some)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a line that is no message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_as_it_went() {
        let request = Request::Write(Task {
            system: "Escriba.".into(),
            user: "[0] Médico: ¿Fiebre?\n[1] Paciente: \"No\".".into(),
            schema: serde_json::json!({"type": "object"}),
            max_tokens: 7,
        });
        let mut line = Vec::new();
        send(&mut line, &request).unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "one line, whatever the words");
        assert_eq!(receive(&mut line.as_slice()).unwrap(), Some(request));
        assert_eq!(receive::<Request>(&mut [].as_slice()).unwrap(), None);
    }

    #[test]
    fn what_is_no_message_is_refused_without_being_quoted() {
        for line in ["Me duele la cabeza\n", "{\"ask\":\"dance\"}\n", "{\"ask\":\"probe\"}"] {
            let error = receive::<Request>(&mut line.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert!(!error.to_string().contains("duele"), "{error}");
        }
    }
}
