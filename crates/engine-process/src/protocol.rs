//! What the program and the process of a model say to each other: one JSON object a line, one answer to each question, and
//! before it any number of signs that the work goes on.
//!
//! The process speaks first: [`Reply::Ready`] once the model is loaded, [`Reply::Refused`] if it cannot be.

use std::fmt::Debug;
use std::io::{self, BufRead, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::probe::Reached;
use crate::sandbox::Sandbox;

/// The longest line either side reads, in bytes: many times a window of a consultation, or half a minute of sound.
const LONGEST_LINE: u64 = 4 << 20;

/// What a kind of process is asked to write.
pub trait Task: Serialize + DeserializeOwned {
    /// What comes back.
    type Answer: Debug + Serialize + DeserializeOwned + Send + 'static;
}

/// A question to the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request<T> {
    /// Write an answer.
    Write(T),
    /// Try to get out: see [`Reached`].
    Probe,
}

/// An answer of the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Reply<A> {
    /// The model is loaded; sent once, first.
    Ready {
        /// Its name, as its file says.
        model: String,
        /// What was taken away from the process before the model was read.
        sandbox: Sandbox,
        /// A graphics card computes it. A program from before it could does not say so.
        #[serde(default)]
        card: bool,
    },
    /// The work goes on; the answer comes later.
    Working,
    /// What the model wrote.
    Written(A),
    /// The question cannot be answered.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// What could be reached.
    Probed(Reached),
}

/// Why a question was not answered. No words of the consultation in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The sandbox cannot be closed: nothing was read.
    Sandbox,
    /// The file is no model this program can run.
    Model,
    /// The model is one this program could run if it had been built with the engine for it.
    Family,
    /// Question and answer do not fit in the model.
    TooLong,
    /// The line cannot be read, or asks for what there is not.
    Question,
    /// The model failed while it wrote.
    Engine,
}

/// Writes one line.
///
/// # Errors
/// When the other side is gone.
pub fn send<T: Serialize>(out: &mut impl Write, message: &T) -> io::Result<()> {
    out.write_all(&line(message)?)?;
    out.flush()
}

/// A message as it is sent.
pub(crate) fn line<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
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

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Asked {
        text: String,
        most: u32,
    }

    #[test]
    fn a_message_comes_back_as_it_went() {
        let text = "[0] Médico: ¿Fiebre?\n[1] Paciente: \"No\".".to_owned();
        let request = Request::Write(Asked { text, most: 7 });
        let mut line = Vec::new();
        send(&mut line, &request).unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1, "one line, whatever the words");
        assert_eq!(receive(&mut line.as_slice()).unwrap(), Some(request));
        assert_eq!(receive::<Request<Asked>>(&mut [].as_slice()).unwrap(), None);
    }

    #[test]
    fn what_is_no_message_is_refused_without_being_quoted() {
        for line in ["Me duele la cabeza\n", "{\"ask\":\"dance\"}\n", "{\"ask\":\"probe\"}"] {
            let error = receive::<Request<()>>(&mut line.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert!(!error.to_string().contains("duele"), "{error}");
        }
    }
}
