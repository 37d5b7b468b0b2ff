//! The language model, seen from the program that uses it: it writes proposals and nothing more.
//!
//! In: a transcript. Out: sentences that cite turns, each still to be judged by the guard of the scribe, with the digests
//! of the model and of the instructions that made them. The model itself runs in a process of its own (`medicus-llm`), in
//! the way of `engine_process`; what is said to it is in [`protocol`]. This crate links no model code.

pub mod prompt;
pub mod protocol;
mod writer;

pub use writer::{Sentence, Writer, Written};

/// A running process of a language model.
pub type Session = engine_process::Session<protocol::Task>;
