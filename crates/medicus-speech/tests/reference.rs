//! The same numbers as OpenAI's own program from the same weights and the same sound: what the encoder heard, what the decoder
//! makes of it, and the likeliest token each time. whisper.cpp hands out no state of the encoder, so a decoder that hands on
//! what it was given reads it. The values to compare with come from `reference/openai_whisper.py`, which says how it is run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{ANCHOR, ASK, ENLARGED, Size, random, reading};
use serde::Deserialize;
use whisper_rs::{WhisperContext, WhisperContextParameters};

/// Start, Spanish, transcribe.
const PROMPT: [i32; 3] = [50_258, 50_262, 50_359];
const SEED: u64 = 11;
/// Of every how many tokens the logit is compared.
const CHECKED: usize = 173;
/// whisper.cpp keeps what it remembers of a sound in 16 bits.
const NEAR: f32 = 1e-3;

#[derive(Deserialize)]
struct Reference {
    moments: Vec<Moment>,
    tokens: Vec<i32>,
    logits: [Vec<f32>; 3],
}

/// What the encoder says at one moment of the sound, and what an attention over all of them answers with that one alone.
#[derive(Deserialize)]
struct Moment {
    at: usize,
    heard: Vec<f32>,
    query: Vec<f32>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/openai_whisper.json")).unwrap()
}

/// Eight seconds of tones that come and go.
fn sound() -> Vec<f32> {
    let tone = |at: usize| {
        let time = at as f64 / 16_000.0;
        let voice: f64 =
            (1..6).map(|n| (time * 900.0 * f64::from(n) + f64::from(n)).sin() / f64::from(n)).sum();
        (0.2 * voice * (time * 9.0).sin().abs() * (1.0 + (time * 1.3).cos())) as f32
    };
    (0..8 * 16_000).map(tone).collect()
}

fn likeliest(logits: &[f32]) -> i32 {
    let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    i32::try_from(best.unwrap().0).unwrap()
}

#[test]
fn the_numbers_are_those_of_the_program_of_openai() {
    let folder = std::env::temp_dir().join(format!("medicus-speech-reference-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let model = folder.join("modelo.bin");
    std::fs::write(&model, random(SEED, Size::SMALLEST)).unwrap();
    if std::env::var_os("MEDICUS_REFERENCE").is_some() {
        let bytes: Vec<u8> = sound().iter().flat_map(|sample| sample.to_le_bytes()).collect();
        std::fs::write(folder.join("sonido.f32"), bytes).unwrap();
        println!("{}", folder.display());
        return;
    }
    let reference = reference();
    whisper_rs::install_logging_hooks();
    let context =
        WhisperContext::new_with_params(model.to_str().unwrap(), WhisperContextParameters::default())
            .unwrap();
    let mut state = context.create_state().unwrap();
    state.pcm_to_mel(&sound(), 1).unwrap();
    state.encode(0, 1).unwrap();
    let mut tokens = PROMPT.to_vec();
    let mut seen = Vec::new();
    for at in 0..PROMPT.len() + reference.tokens.len() - 1 {
        // One at a time: the binding hands out the logits of the first token of a call only.
        state.decode(&tokens[at..=at], at, 1).unwrap();
        if at + 1 >= PROMPT.len() {
            let logits = state.get_logits().unwrap();
            seen.push(logits.iter().step_by(CHECKED).copied().collect::<Vec<f32>>());
            tokens.push(likeliest(logits));
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let far = |at: usize, expected: &[f32]| {
        let difference = seen[at].iter().zip(expected).map(|(a, b)| (a - b).abs());
        difference.fold(0.0_f32, f32::max)
    };
    let last = seen.len() - 1;
    let farthest =
        [far(0, &reference.logits[0]), far(1, &reference.logits[1]), far(last, &reference.logits[2])];
    println!("greatest difference of a logit: {farthest:?}");
    assert_eq!(&tokens[PROMPT.len()..], reference.tokens, "the likeliest token each time");
    assert!(farthest.iter().all(|difference| *difference <= NEAR), "{farthest:?}");
}

/// How far what whisper.cpp's encoder says at a moment is from `expected`; nothing where the model keeps its own numbers.
fn heard_less(expected: &[f32], query: &[f32], kept: usize) -> Vec<f32> {
    let model = reading(SEED, Size::SMALLEST, query, expected, kept);
    let context =
        WhisperContext::new_from_buffer_with_params(&model, WhisperContextParameters::default()).unwrap();
    let mut state = context.create_state().unwrap();
    state.pcm_to_mel(&sound(), 1).unwrap();
    state.encode(0, 1).unwrap();
    state.decode(&[i32::try_from(ASK).unwrap()], 0, 1).unwrap();
    let logits = state.get_logits().unwrap();
    // Mean and spread as they were before the last norm of the decoder.
    let (above, below) = (logits[kept], logits[kept + 1]);
    let spread = 2.0 * ANCHOR / (above - below);
    let mean = -spread * (above + below) / 2.0;
    let mut differences: Vec<f32> =
        logits[..expected.len()].iter().map(|logit| (logit * spread + mean) / ENLARGED).collect();
    differences[kept..kept + 2].fill(0.0);
    differences
}

#[test]
fn the_encoder_says_what_that_of_openai_says() {
    whisper_rs::install_logging_hooks();
    let reference = reference();
    for (number, moment) in reference.moments.iter().enumerate() {
        let differences = heard_less(&moment.heard, &moment.query, 2 * number);
        let farthest = differences.iter().fold(0.0_f32, |far, difference| far.max(difference.abs()));
        println!("moment {}: greatest difference {farthest:.1e}", moment.at);
        assert!(farthest <= NEAR, "moment {}: {differences:?}", moment.at);
    }
    // A difference that is there is read.
    let moment = &reference.moments[0];
    let mut wrong = moment.heard.clone();
    wrong[40] -= 0.01;
    let differences = heard_less(&wrong, &moment.query, 0);
    assert!((differences[40] - 0.01).abs() <= NEAR, "{differences:?}");
}
