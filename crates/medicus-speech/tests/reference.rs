//! The same numbers as OpenAI's own program from the same weights and the same sound: what the decoder makes of what the
//! encoder heard, and the likeliest token each time. whisper.cpp hands out no state of the encoder, so it is compared through
//! the logits it leads to. The values to compare with come from `reference/openai_whisper.py`, which says how it is run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Size, random};
use serde::Deserialize;
use whisper_rs::{WhisperContext, WhisperContextParameters};

/// Start, Spanish, transcribe.
const PROMPT: [i32; 3] = [50_258, 50_262, 50_359];
/// Of every how many tokens the logit is compared.
const CHECKED: usize = 173;
/// whisper.cpp keeps what it remembers of a sound in 16 bits.
const NEAR: f32 = 1e-3;

#[derive(Deserialize)]
struct Reference {
    tokens: Vec<i32>,
    logits: [Vec<f32>; 3],
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
    std::fs::write(&model, random(11, Size::SMALLEST)).unwrap();
    if std::env::var_os("MEDICUS_REFERENCE").is_some() {
        let bytes: Vec<u8> = sound().iter().flat_map(|sample| sample.to_le_bytes()).collect();
        std::fs::write(folder.join("sonido.f32"), bytes).unwrap();
        println!("{}", folder.display());
        return;
    }
    let reference: Reference = serde_json::from_str(include_str!("reference/openai_whisper.json")).unwrap();
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
