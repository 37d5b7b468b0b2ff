//! Any sampling rate -> 16 kHz, a block at a time.

use std::io;

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters};

use crate::audio::{AudioError, LONGEST_MS, SAMPLE_RATE, SAMPLES_PER_MS};

/// What recorders make; a telephone has 8,000, the best sound card 384,000.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// Samples that are resampled at once.
const BLOCK: usize = 4_096;

/// Takes samples at the rate of the recording and hands over those at 16 kHz.
pub(super) struct Resampler {
    rate: u32,
    /// Nothing when the rate is already the right one.
    engine: Option<Async<f32>>,
    waiting: Vec<f32>,
    /// Samples the engine holds back at the beginning, still to be left out.
    delay: usize,
    taken: u64,
    block: Vec<f32>,
    /// Made and not handed over yet.
    made: Vec<f32>,
    /// Samples that were handed over.
    given: usize,
}

impl Resampler {
    /// # Errors
    /// When no recorder makes this rate.
    pub(super) fn new(rate: u32) -> Result<Self, AudioError> {
        if !RATES.contains(&rate) {
            return Err(AudioError::Shape { rate, channels: 1 });
        }
        let engine = if rate == SAMPLE_RATE {
            None
        } else {
            let ratio = f64::from(SAMPLE_RATE) / f64::from(rate);
            let parameters = SincInterpolationParameters::default();
            let engine = Async::new_sinc(ratio, 1.0, &parameters, BLOCK, 1, FixedAsync::Input);
            Some(engine.map_err(damaged)?)
        };
        let delay = engine.as_ref().map_or(0, rubato::Resampler::output_delay);
        let block = vec![0.0; engine.as_ref().map_or(0, rubato::Resampler::output_frames_max)];
        Ok(Self {
            rate,
            engine,
            waiting: Vec::with_capacity(2 * BLOCK),
            delay,
            taken: 0,
            block,
            made: Vec::new(),
            given: 0,
        })
    }

    /// Takes the next samples. One recording has one rate.
    pub(super) fn push(&mut self, rate: u32, samples: &[f32]) -> Result<(), AudioError> {
        if rate != self.rate {
            return Err(AudioError::Shape { rate, channels: 1 });
        }
        self.taken += samples.len() as u64;
        if self.taken > u64::from(LONGEST_MS) * u64::from(self.rate) / 1000 {
            return Err(AudioError::TooLong);
        }
        if self.engine.is_none() {
            self.made.extend_from_slice(samples);
            return Ok(());
        }
        // What is no number would spread over all its neighbours.
        self.waiting.extend(samples.iter().map(|sample| if sample.is_finite() { *sample } else { 0.0 }));
        let mut from = 0;
        while let Some(block) = self.waiting.get(from..from + BLOCK).map(<[f32]>::to_vec) {
            self.run(&block, None)?;
            from += BLOCK;
        }
        self.waiting.drain(..from);
        Ok(())
    }

    /// Hands over what was made.
    pub(super) fn give(&mut self, take: &mut impl FnMut(&[f32]) -> io::Result<()>) -> Result<(), AudioError> {
        if !self.made.is_empty() {
            take(&self.made)?;
            self.given += self.made.len();
            self.made.clear();
        }
        Ok(())
    }

    /// Hands over the rest, so that there are as many as the recording lasts; how many those are.
    pub(super) fn finish(
        mut self,
        take: &mut impl FnMut(&[f32]) -> io::Result<()>,
    ) -> Result<usize, AudioError> {
        if self.engine.is_some() {
            let wanted = usize::try_from(self.taken * u64::from(SAMPLE_RATE) / u64::from(self.rate))
                .unwrap_or(LONGEST_MS as usize * SAMPLES_PER_MS);
            let rest = std::mem::take(&mut self.waiting);
            self.run(&rest, Some(rest.len()))?;
            // What the engine still holds back comes out behind silence.
            for _ in 0..8 {
                if self.given + self.made.len() >= wanted {
                    break;
                }
                self.run(&[], Some(0))?;
            }
            self.made.truncate(wanted.saturating_sub(self.given));
        }
        self.give(take)?;
        Ok(self.given)
    }

    fn run(&mut self, input: &[f32], partial: Option<usize>) -> Result<(), AudioError> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let mut indexing = Indexing::new();
        indexing.partial_len = partial;
        let source = InterleavedSlice::new(input, 1, input.len()).map_err(damaged)?;
        let frames = self.block.len();
        let mut target = InterleavedSlice::new_mut(&mut self.block, 1, frames).map_err(damaged)?;
        let (_, count) =
            engine.process_into_buffer(&source, &mut target, Some(&indexing)).map_err(damaged)?;
        let skipped = self.delay.min(count);
        self.delay -= skipped;
        self.made.extend_from_slice(self.block.get(skipped..count).unwrap_or_default());
        Ok(())
    }
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> AudioError {
    AudioError::Damaged { source: Box::new(error) }
}
