//! The speech model, seen from the program that uses it: words with their times, written by Whisper.
//!
//! In: a recording and its stretches of speech. Out: its words in order, each with its time and how sure the model is; where
//! something was said that cannot be believed, [`INAUDIBLE`]. The model runs in a process of its own (`medicus-speech`), in
//! the way of `engine_process`; what is said to it is in [`protocol`]. Silence never reaches it, no portion is longer than
//! it hears at once (`portions`), and what it writes is judged (`belief`) before it counts as a word. This crate links no
//! model code.

mod belief;
mod portions;
pub mod protocol;
mod transcriber;

pub use transcriber::{INAUDIBLE, Whisper};

/// A running process of a speech model.
pub type Session = engine_process::Session<protocol::Task>;
