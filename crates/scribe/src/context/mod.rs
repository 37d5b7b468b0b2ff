//! What the words around a mention do to it: negation, question and answer, whose it is, whether it is only a condition.

pub mod answer;
mod clause_words;
mod kin;
pub mod own;
pub mod person;
pub mod polarity;
pub(crate) mod unmarked;

pub use polarity::Said;
