//! Writes a Whisper model that nobody trained: `whisper_model saying FILE` one that says the same sentence every three seconds;
//! `whisper_model base|small|large FILE` one of that size that says as much in 28 seconds as people do, to measure speed
//! (`evaluation/bench/speech.py`).

#![expect(clippy::expect_used, reason = "a tool of the workshop")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Size, saying, saying_of};

/// Words, each a token, of 28 seconds.
const WORDS: [&str; 90] = ["tos"; 90];
const END_MS: usize = 28_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [size, file] = arguments.as_slice() else { return };
    let bytes = match size.as_str() {
        "base" => saying_of(Size::BASE, &WORDS, END_MS),
        "large" => saying_of(Size::LARGE, &WORDS, END_MS),
        "small" => saying_of(Size::SMALL, &WORDS, END_MS),
        _ => saying(&["Me", "duele", "la", "garganta", "desde", "ayer."], 3_000),
    };
    std::fs::write(file, bytes).expect("the file is written");
}
