//! What is asked of the process of the speech model, and what it answers, in the lines of `engine_process::protocol`.

use serde::{Deserialize, Serialize};

/// Samples a second of what the model hears.
pub const SAMPLE_RATE: usize = 16_000;

/// The most samples of one question: what the model hears at once.
pub const MOST_SAMPLES: usize = 30 * SAMPLE_RATE;

/// The longest hint, in bytes; of more the model takes the end only.
pub const LONGEST_PROMPT: usize = 800;

/// A portion of sound to be written down.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// One channel at [`SAMPLE_RATE`], from -1 to 1, at most [`MOST_SAMPLES`].
    #[serde(with = "as_base64")]
    pub samples: Vec<f32>,
    /// Words that may be expected.
    pub prompt: String,
}

/// Without the sound: it is the consultation.
impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("samples", &self.samples.len()).finish_non_exhaustive()
    }
}

impl engine_process::protocol::Task for Task {
    type Answer = Answer;
}

/// What was heard in a portion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// In the order of time.
    pub segments: Vec<Segment>,
}

/// What the model takes for one sentence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its words, in the order of time.
    pub words: Vec<Heard>,
    /// The mean logarithm of the likelihood of its tokens: 0 is certain. (How likely the model thinks it that nobody spoke is
    /// not here: whisper.cpp 1.8.3 reads it from a place of memory it has not filled.)
    pub mean_log: f32,
}

/// A word of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// What was heard, with its punctuation.
    pub text: String,
    /// When it begins, in milliseconds of the portion.
    pub start_ms: u32,
    /// When it ends.
    pub end_ms: u32,
    /// How likely its least likely token is, from 0 to 1.
    pub confidence: f32,
}

/// Samples as the bytes of their numbers, the smallest first: a tenth of their digits.
mod as_base64 {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(samples: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        BASE64_STANDARD.encode(bytes).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| D::Error::custom("no base64"))?;
        let (samples, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(D::Error::custom("half a sample"));
        }
        Ok(samples.iter().map(|sample| f32::from_le_bytes(*sample)).collect())
    }
}

#[cfg(test)]
mod tests {
    use engine_process::protocol::{Request, receive, send};

    use super::*;

    #[test]
    fn half_a_minute_of_sound_goes_through_the_line_bit_by_bit_and_is_not_shown() {
        let samples: Vec<f32> = (0..MOST_SAMPLES).map(|at| (at as f32 * 0.37).sin()).collect();
        let task = Task { samples, prompt: "metformina".into() };
        assert!(!format!("{task:?}").contains("metformina"));
        let mut line = Vec::new();
        send(&mut line, &Request::Write(&task)).unwrap();
        assert_eq!(receive(&mut line.as_slice()).unwrap(), Some(Request::Write(task)));
    }
}
