//! Stretches of frames of 10 ms: where somebody speaks, cleaned of clicks and of breaths between words.

use crate::activity;
use crate::mel::HOP;

/// The frames from `start` to just before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// From where on somebody speaks, and from where on nobody does any more.
const SPEAKS: f32 = 0.5;
const SILENT: f32 = 0.35;

/// A sound shorter than this is no speech.
const SHORTEST: usize = 12;

/// The network is late by a little, and words fade: so much is added on both sides.
const MARGIN: usize = 4;

/// A pause shorter than this is part of what is said.
const BREATH: usize = 25;

/// For each frame whether somebody speaks.
pub(super) fn speech(probabilities: &[f32], frames: usize) -> Vec<bool> {
    let mut on = false;
    let steps: Vec<bool> = probabilities
        .iter()
        .map(|probability| {
            on = *probability > if on { SILENT } else { SPEAKS };
            on
        })
        .collect();
    let middle = |frame: usize| (frame * HOP + HOP / 2) / activity::STEP;
    let mut mask: Vec<bool> =
        (0..frames).map(|frame| steps.get(middle(frame)).copied().unwrap_or_default()).collect();
    for run in runs(&mask, true) {
        if run.end - run.start < SHORTEST {
            fill(&mut mask, run, false);
        }
    }
    for run in runs(&mask, true) {
        fill(&mut mask, Run { start: run.start.saturating_sub(MARGIN), end: run.end + MARGIN }, true);
    }
    close(&mut mask, BREATH);
    mask
}

/// Fills the pauses shorter than `shortest` between two stretches.
pub(super) fn close(mask: &mut [bool], shortest: usize) {
    let frames = mask.len();
    for run in runs(mask, false) {
        if run.start > 0 && run.end < frames && run.end - run.start < shortest {
            fill(mask, run, true);
        }
    }
}

/// Sets the frames of a stretch, as far as there are any.
pub(super) fn fill(mask: &mut [bool], run: Run, value: bool) {
    let end = run.end.min(mask.len());
    if let Some(frames) = mask.get_mut(run.start..end) {
        frames.fill(value);
    }
}

/// The stretches of frames with this value.
pub(super) fn runs(mask: &[bool], value: bool) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    for (frame, _) in mask.iter().enumerate().filter(|(_, is)| **is == value) {
        match found.last_mut() {
            Some(run) if run.end == frame => run.end += 1,
            _ => found.push(Run { start: frame, end: frame + 1 }),
        }
    }
    found
}
