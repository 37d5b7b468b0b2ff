//! The language model, seen from the program that uses it: it writes proposals and nothing more.
//!
//! In: a transcript. Out: sentences that cite turns, each still to be judged by the guard of the scribe, with the digests
//! of the model and of the instructions that made them. The model itself runs in a process of its own (`medicus-llm`),
//! which has neither network nor files ([`sandbox`]) and is spoken to in lines of JSON over two pipes ([`protocol`]).
//! When that process dies it is started once more, then given up ([`Writer`]). This crate links no model code.

pub mod models;
pub mod probe;
pub mod prompt;
pub mod protocol;
pub mod sandbox;
pub mod serve;
mod session;
mod writer;

pub use session::{Failure, Session};
pub use writer::{Sentence, Writer, WriterError, Written};
