//! The words of a consultation as tokens and sentences, each of which knows where it stands in the turn.
//!
//! Nothing here knows medicine; the rest of the crate reads only these types.

pub mod amount;
pub mod correction;
pub mod duration;
pub mod numbers;
pub mod quantity;
pub mod stem;
pub mod token;

pub use token::{Doc, Sentence, Token, TurnDoc};
