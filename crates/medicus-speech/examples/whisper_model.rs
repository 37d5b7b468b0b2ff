//! Writes a Whisper model that nobody trained: `whisper_model smallest|base|small FILE` of random numbers, to measure speed
//! (`evaluation/bench/whisper.py`); `whisper_model saying FILE` one that says the same sentence every three seconds.

#![expect(clippy::expect_used, reason = "a tool of the workshop")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Size, random, saying};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [size, file] = arguments.as_slice() else { return };
    let bytes = match size.as_str() {
        "saying" => saying(&["Me", "duele", "la", "garganta", "desde", "ayer."], 3_000),
        "base" => random(1, Size::BASE),
        "small" => random(1, Size::SMALL),
        _ => random(1, Size::SMALLEST),
    };
    std::fs::write(file, bytes).expect("the file is written");
}
