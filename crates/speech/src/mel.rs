//! Sound as the speaker encoder hears it: the power in 40 bands, every 10 ms, as librosa computes it (Slaney's mel scale
//! and areas, Hann window of 25 ms centred on its moment, silence outside the recording).

use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};

/// Bands of a frame.
pub(crate) const BANDS: usize = 40;

/// Samples from one frame to the next: 10 ms.
pub(crate) const HOP: usize = 160;

/// Samples of the window: 25 ms.
const WINDOW: usize = 400;

/// Frequencies of a spectrum.
const BINS: usize = WINDOW / 2 + 1;

/// Computes frames.
pub(crate) struct Mel {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// For each band its first frequency and the weights from there on.
    bands: Vec<(usize, Vec<f32>)>,
}

impl Mel {
    pub(crate) fn new() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let turn = std::f64::consts::TAU / WINDOW as f64;
        let window = (0..WINDOW).map(|n| (0.5 - 0.5 * (turn * n as f64).cos()) as f32).collect();
        Self { fft, window, bands: bands() }
    }

    /// The frames from `first` on, `count` of them, one after the other; frame `n` is centred on sample `n * HOP`.
    pub(crate) fn frames(&self, samples: &[f32], first: usize, count: usize) -> Vec<f32> {
        let mut frames = Vec::with_capacity(count * BANDS);
        let mut input = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        for frame in first..first + count {
            let begin = frame * HOP;
            for (n, (value, weight)) in input.iter_mut().zip(&self.window).enumerate() {
                let at = (begin + n).checked_sub(WINDOW / 2);
                *value = at.and_then(|at| samples.get(at)).copied().unwrap_or_default() * weight;
            }
            // The buffers are the plan's own, so their lengths are right.
            let done = self.fft.process_with_scratch(&mut input, &mut spectrum, &mut scratch);
            debug_assert!(done.is_ok());
            frames.extend(self.bands.iter().map(|(from, weights)| power(&spectrum, *from, weights)));
        }
        frames
    }
}

fn power(spectrum: &[Complex32], from: usize, weights: &[f32]) -> f32 {
    spectrum.iter().skip(from).zip(weights).map(|(value, weight)| value.norm_sqr() * weight).sum()
}

/// Triangles between 0 and 8,000 Hz, each of the same area.
fn bands() -> Vec<(usize, Vec<f32>)> {
    let top = mel(8_000.0);
    let edges: Vec<f64> = (0..BANDS + 2).map(|n| hertz(top * n as f64 / (BANDS + 1) as f64)).collect();
    edges
        .windows(3)
        .map(|edge| {
            let [low, middle, high] = [edge[0], edge[1], edge[2]];
            let weight = |bin: usize| {
                let frequency = bin as f64 * 8_000.0 / (BINS - 1) as f64;
                let rising = (frequency - low) / (middle - low);
                let falling = (high - frequency) / (high - middle);
                rising.min(falling).max(0.0) * 2.0 / (high - low)
            };
            let from = (0..BINS).find(|bin| weight(*bin) > 0.0).unwrap_or_default();
            let weights =
                (from..BINS).map(weight).take_while(|weight| *weight > 0.0).map(|weight| weight as f32);
            (from, weights.collect())
        })
        .collect()
}

/// Slaney's scale: linear up to 1,000 Hz, logarithmic above.
fn mel(hertz: f64) -> f64 {
    if hertz < 1_000.0 { hertz * 3.0 / 200.0 } else { 15.0 + (hertz / 1_000.0).ln() * 27.0 / 6.4_f64.ln() }
}

fn hertz(mel: f64) -> f64 {
    if mel < 15.0 { mel * 200.0 / 3.0 } else { 1_000.0 * ((mel - 15.0) * 6.4_f64.ln() / 27.0).exp() }
}
