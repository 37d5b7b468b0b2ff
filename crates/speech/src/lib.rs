//! Listening: any recording in, 16 kHz samples, stretches of speech, and who spoke when out.
//!
//! [`decode()`] reads a recording within bounds, [`Transcriber`] is the seam where an engine that writes down words stands,
//! and [`DiarizedTranscript`] joins its words with the people who said them. This crate knows neither storage nor the web,
//! opens no file and asks for no time; what it needs of the outside are bytes.

pub mod activity;
pub mod audio;
mod decode;
mod diarize;
mod mel;
mod model;
mod spoken;
mod transcript;
pub mod voiceprint;

pub use audio::{AudioError, Samples};
pub use decode::{Recording, decode, decode_to};
pub use diarize::{Diarizer, EnrolError, Expected, ListenError, Writing};
pub use model::ModelError;
pub use transcript::{
    DiarizedTranscript, DiarizedTurn, Speaker, SpeechSpan, TranscribeError, Transcriber, Word,
};
