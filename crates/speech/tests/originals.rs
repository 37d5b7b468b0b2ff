//! The networks say here what they say in their Python originals. The expected numbers were made by `models/golden.py`.
#![expect(clippy::unwrap_used, reason = "tests")]

use speech::Samples;
use speech::activity::VoiceActivity;
use speech::voiceprint::VoiceEncoder;

const RECORDING: &[u8] = include_bytes!("audio/dictado.wav");
const GOLDEN: &str = include_str!("golden.json");

/// How far a number may be from the original's.
const CLOSE: f64 = 1e-4;

/// The recording as it is, not brought to one loudness: what follows the word `data` and its length.
fn recording() -> Samples {
    let data = RECORDING.windows(4).position(|word| word == b"data").unwrap() + 8;
    let samples = RECORDING[data..]
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0);
    Samples::new(samples.collect()).unwrap()
}

fn check(name: &str, found: impl IntoIterator<Item = f32>, expected: &serde_json::Value) {
    let expected: Vec<f64> = serde_json::from_value(expected.clone()).unwrap();
    let found: Vec<f32> = found.into_iter().collect();
    assert_eq!(found.len(), expected.len(), "{name}");
    for (at, (found, expected)) in found.into_iter().zip(expected).enumerate() {
        assert!((f64::from(found) - expected).abs() < CLOSE, "{name} {at}: {found} and not {expected}");
    }
}

#[test]
fn the_probability_of_speech_is_that_of_the_original() {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let found = VoiceActivity::new().unwrap().probabilities(&recording()).unwrap();
    assert!(found.iter().copied().fold(0.0, f32::max) > 0.5, "somebody speaks in it");
    check("speech", found, &golden["speech"]);
}

#[test]
fn a_voiceprint_is_that_of_the_original() {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let starts: Vec<usize> = serde_json::from_value(golden["starts"].clone()).unwrap();
    let found = VoiceEncoder::new().unwrap().voices(recording().as_slice(), &starts).unwrap();
    for (at, voice) in found.into_iter().enumerate() {
        check("voice", *voice.unwrap().values(), &golden["voices"][at]);
    }
}
