//! Whose voice it is: 256 numbers for each stretch of 1.6 s, alike for one person and unlike for two. The network is the
//! GE2E encoder of Resemblyzer (`catalogs/speech`).

use rten::{Model, NodeId};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use crate::mel::{BANDS, Mel};
use crate::model::{self, ModelError};

static NETWORK: &[u8] = include_bytes!("../../../catalogs/speech/ge2e.onnx");

/// Numbers of a voice.
pub const WIDTH: usize = 256;

/// Frames the network hears at once: 1.6 s.
pub(crate) const FRAMES: usize = 160;

/// Windows that go through the network at once.
const BATCH: usize = 64;

/// A voice: a direction in 256 dimensions, of length 1. It identifies a person: it is kept and shown as health data is.
#[derive(Clone, PartialEq)]
pub struct Voiceprint(Box<[f32; WIDTH]>);

impl Voiceprint {
    /// The direction of the sum of several; nothing when they have none.
    pub(crate) fn mean<'a>(voices: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut sum = [0.0; WIDTH];
        for voice in voices {
            for (sum, value) in sum.iter_mut().zip(voice.0.iter()) {
                *sum += value;
            }
        }
        Self::new(sum)
    }

    /// A direction; nothing when the numbers have none.
    #[must_use]
    pub fn new(mut values: [f32; WIDTH]) -> Option<Self> {
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        if !length.is_finite() || length < 1e-6 {
            return None;
        }
        for value in &mut values {
            *value /= length;
        }
        Some(Self(Box::new(values)))
    }

    /// Its numbers, to be kept.
    #[must_use]
    pub fn values(&self) -> &[f32; WIDTH] {
        &self.0
    }

    /// How alike two voices are: the cosine, from 0 (nothing in common) to 1 (the same).
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f32 {
        self.0.iter().zip(other.0.iter()).map(|(a, b)| a * b).sum()
    }
}

/// Not its numbers: they identify a person.
impl std::fmt::Debug for Voiceprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Voiceprint(..)")
    }
}

/// The encoder, loaded.
pub struct VoiceEncoder {
    model: Model,
    input: NodeId,
    output: NodeId,
    mel: Mel,
}

impl VoiceEncoder {
    /// Loads the network out of the program.
    ///
    /// # Errors
    /// When it does not run on this machine.
    pub fn new() -> Result<Self, ModelError> {
        let model = model::load(NETWORK)?;
        let (input, output) = (model::node(&model, "mels")?, model::node(&model, "embeddings")?);
        Ok(Self { model, input, output, mel: Mel::new() })
    }

    /// The voice of the 1.6 s that begin at each of these frames of 10 ms; nothing where there is only silence.
    ///
    /// # Errors
    /// When the network does not run.
    pub fn voices(&self, samples: &[f32], starts: &[usize]) -> Result<Vec<Option<Voiceprint>>, ModelError> {
        let mut voices = Vec::with_capacity(starts.len());
        for starts in starts.chunks(BATCH) {
            let windows = self.windows(samples, starts);
            let windows = NdTensor::from_data([starts.len(), FRAMES, BANDS], windows);
            let [made] = self
                .model
                .run_n(vec![(self.input, windows.into())], [self.output], None)
                .map_err(ModelError::new)?;
            let made: NdTensor<f32, 2> = made.try_into().map_err(ModelError::new)?;
            voices.extend(made.to_vec().as_chunks::<WIDTH>().0.iter().map(|values| Voiceprint::new(*values)));
        }
        Ok(voices)
    }

    /// The frames of several windows, one window after the other. Windows that overlap share the work.
    fn windows(&self, samples: &[f32], starts: &[usize]) -> Vec<f32> {
        let mut windows = Vec::with_capacity(starts.len() * FRAMES * BANDS);
        // The frames computed last, and the first of them.
        let (mut from, mut known): (usize, Vec<f32>) = (0, Vec::new());
        for start in starts {
            let end = from + known.len() / BANDS;
            if *start < from || *start >= end {
                (from, known) = (*start, self.mel.frames(samples, *start, FRAMES));
            } else if start + FRAMES > end {
                known.extend(self.mel.frames(samples, end, start + FRAMES - end));
            }
            let at = (start - from) * BANDS;
            windows.extend(known.get(at..at + FRAMES * BANDS).unwrap_or_default());
        }
        windows
    }
}
