//! Where somebody speaks: Silero VAD (`catalogs/speech`), which tells speech from music, noise and silence.

use rten::{Model, NodeId};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use crate::audio::Samples;
use crate::model::{self, ModelError};

static NETWORK: &[u8] = include_bytes!("../../../catalogs/speech/silero.onnx");

/// Samples that get one probability: 32 ms.
pub const STEP: usize = 512;

/// Samples before them that the network hears too.
const CONTEXT: usize = 64;

/// Steps that go through the network at once: some 16 s. Its memory goes from one block to the next.
const BLOCK: usize = 512;

/// Width of the network's memory.
const MEMORY: usize = 128;

/// The detector of speech, loaded.
pub struct VoiceActivity {
    model: Model,
    input: [NodeId; 3],
    output: [NodeId; 3],
}

impl VoiceActivity {
    /// Loads the network out of the program.
    ///
    /// # Errors
    /// When it does not run on this machine.
    pub fn new() -> Result<Self, ModelError> {
        let model = model::load(NETWORK)?;
        let node = |name| model::node(&model, name);
        let input = [node("input")?, node("h")?, node("c")?];
        let output = [node("speech_probs")?, node("hn")?, node("cn")?];
        Ok(Self { model, input, output })
    }

    /// The probability of speech of each [`STEP`] samples, from 0 to 1; the last step is filled up with silence.
    ///
    /// # Errors
    /// When the network does not run.
    pub fn probabilities(&self, samples: &Samples) -> Result<Vec<f32>, ModelError> {
        let samples = samples.as_slice();
        let steps = samples.len().div_ceil(STEP);
        let mut found = Vec::with_capacity(steps);
        let zeros = || NdTensor::<f32, 3>::zeros([1, 1, MEMORY]);
        let (mut hidden, mut cell) = (zeros(), zeros());
        for first in (0..steps).step_by(BLOCK) {
            let count = BLOCK.min(steps - first);
            let rows: Vec<f32> = (first..first + count)
                .flat_map(|step| {
                    let from = step * STEP;
                    (from..from + CONTEXT + STEP).map(|at| {
                        at.checked_sub(CONTEXT).and_then(|at| samples.get(at)).copied().unwrap_or_default()
                    })
                })
                .collect();
            let rows = NdTensor::from_data([count, CONTEXT + STEP], rows);
            let [input, h, c] = self.input;
            let given = vec![(input, rows.into()), (h, hidden.view().into()), (c, cell.view().into())];
            let [speech, next_hidden, next_cell] =
                self.model.run_n(given, self.output, None).map_err(ModelError::new)?;
            let speech: rten_tensor::Tensor<f32> = speech.try_into().map_err(ModelError::new)?;
            found.extend(speech.iter().copied());
            hidden = next_hidden.try_into().map_err(ModelError::new)?;
            cell = next_cell.try_into().map_err(ModelError::new)?;
        }
        Ok(found)
    }
}
