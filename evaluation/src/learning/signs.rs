//! Learns which numbers are vital signs.

use std::io::Write as _;

use anyhow::Result;
use scribe::learned::linear::Model;
use scribe::learned::signs::{SIGNS, Spoken, spoken};
use serde_json::Value;

use super::{Example, FOLDS, learner};

/// The numbers of a consultation, each with the sign it measures; `None` for one that is neither example nor counterexample.
pub(crate) struct Numbers {
    /// See `Example`.
    pub(super) fold: usize,
    spoken: Vec<Spoken>,
    signs: Vec<Option<u32>>,
}

impl Numbers {
    /// Finds the annotated vital signs among the numbers.
    pub(crate) fn new(example: &Example, file: &Value) -> Self {
        let scene = scribe::scene::Scene::new(&example.transcript);
        let spoken = spoken(&scene, &example.rules);
        let signs = spoken.iter().map(|number| label(number, &file["gold"]["vitals"])).collect();
        Self { fold: example.fold, spoken, signs }
    }
}

fn label(number: &Spoken, vitals: &Value) -> Option<u32> {
    let same =
        |value: &Value, said: f64| value["value"].as_f64().is_some_and(|value| (value - said).abs() < 1e-6);
    let here = |value: &Value| {
        value["evidence_turns"].as_array().is_some_and(|turns| turns.iter().any(|turn| turn == number.turn))
    };
    let mut elsewhere = false;
    let mut bits = 0;
    for (sign, reading) in number.readings.iter().enumerate() {
        let Some(reading) = reading else { continue };
        let wanted = &vitals[if sign == 0 { "bp_systolic" } else { SIGNS[sign] }];
        let lower = reading.lower.is_none_or(|lower| same(&vitals["bp_diastolic"], lower));
        if same(wanted, reading.value) && lower {
            if here(wanted) { bits |= 1 << sign } else { elsewhere = true }
        }
    }
    (bits > 0 || !elsewhere).then_some(bits)
}

/// Learns and says what cross-validation says.
pub(crate) fn train(all: &[Numbers]) -> Result<(Vec<Model>, Model)> {
    let samples = |keep: &dyn Fn(usize) -> bool| {
        let kept: Vec<&Numbers> = all.iter().filter(|numbers| keep(numbers.fold)).collect();
        kept.into_iter().flat_map(|numbers| {
            numbers
                .spoken
                .iter()
                .zip(&numbers.signs)
                .filter_map(|(number, sign)| sign.map(|sign| (number.features.as_slice(), sign)))
        })
    };
    let mut models: Vec<Model> = Vec::new();
    let mut scored: Vec<Vec<(f32, bool)>> = vec![Vec::new(); SIGNS.len()];
    for fold in 0..FOLDS {
        let model = learner::train(&SIGNS, samples(&|of| of != fold));
        for numbers in all.iter().filter(|numbers| numbers.fold == fold) {
            for (number, bits) in numbers.spoken.iter().zip(&numbers.signs) {
                let scores = model.score(&number.features);
                let best = (0..SIGNS.len())
                    .filter(|sign| number.readings[*sign].is_some())
                    .max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
                if let (Some(sign), Some(bits)) = (best, bits) {
                    scored[sign].push((scores[sign], bits >> sign & 1 == 1));
                }
            }
        }
        models.push(model);
    }
    let mut whole = learner::train(&SIGNS, samples(&|_| true));
    let mut out = std::io::stdout().lock();
    for (sign, scored) in scored.iter_mut().enumerate() {
        let facts: usize = all
            .iter()
            .flat_map(|n| &n.signs)
            .filter(|bits| bits.is_some_and(|bits| bits >> sign & 1 == 1))
            .count();
        let (from, right, wrong) = learner::cut(scored, 1.0);
        writeln!(out, "{:22} believed from {from:.3}: {right} right of {facts}, {wrong} wrong", SIGNS[sign])?;
        for model in models.iter_mut().chain([&mut whole]) {
            model.set_thresholds(sign, from, 0.0);
        }
    }
    Ok((models, whole))
}
