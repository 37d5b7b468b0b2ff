//! Learns which stretches of words are facts.

use std::collections::HashSet;
use std::io::Write as _;

use anyhow::Result;
use scribe::facts::{FactKind, Section};
use scribe::learned::facts::{CLASSES, CODES, Pick, Reading, class_of, reading};
use scribe::learned::linear::Model;

use super::{Example, FOLDS, learner};

/// Learns and says what cross-validation says: a model per fold, which saw nothing of it, and one of all.
pub(crate) fn train(examples: &[Example]) -> Result<(Vec<Model>, Model)> {
    let samples = |keep: &dyn Fn(usize) -> bool| {
        let kept: Vec<&Example> =
            examples.iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, example)| example).collect();
        kept.into_iter().flat_map(|example| {
            example.spots.iter().zip(&example.labels.classes).filter_map(|(spot, classes)| {
                classes.map(|classes| (spot.features.as_slice(), u32::from(classes)))
            })
        })
    };
    let mut models: Vec<Model> = Vec::new();
    for fold in 0..FOLDS {
        models.push(learner::train(&CODES, samples(&|at| at % FOLDS != fold)));
    }
    let readings: Vec<Reading> = examples
        .iter()
        .enumerate()
        .map(|(at, example)| {
            reading(&example.spots, &example.rules, |features| models[at % FOLDS].score(features))
        })
        .collect();
    let mut whole = learner::train(&CODES, samples(&|_| true));
    for (class, (believed, kept)) in thresholds(examples, &readings)?.into_iter().enumerate() {
        for model in models.iter_mut().chain([&mut whole]) {
            model.set_thresholds(class, believed, kept);
        }
    }
    Ok((models, whole))
}

/// What a pick is worth: right, wrong, or a second wording of what is known.
fn worth(example: &Example, pick: &Pick, got: &mut HashSet<usize>) -> Option<bool> {
    let mut known = example.labels.repeats[pick.spot] >> pick.class & 1 == 1;
    for &(class, fact, as_written) in &example.labels.matches[pick.spot] {
        if class == pick.class {
            if as_written && !example.labels.found[fact] && got.insert(fact) {
                return Some(true);
            }
            known = true;
        }
    }
    (!known).then_some(false)
}

/// Per class the score from which it is believed, and from which what the rules found of it stands.
fn thresholds(examples: &[Example], readings: &[Reading]) -> Result<Vec<(f32, f32)>> {
    let mut out = std::io::stdout().lock();
    let mut total = [0; 4];
    let thresholds = (0..CLASSES.len())
        .map(|class| {
            let (kept, bad, good) = kept(examples, readings, class);
            let (believed, right, wrong) = learner::cut(&mut added(examples, readings, class, kept), 1.0);
            writeln!(
                out,
                "{:22} believed from {believed:.3}: {right} right, {wrong} wrong; kept from {kept:.3}: without {good} right, {bad} wrong",
                CLASSES[class].code,
            )?;
            for (sum, count) in total.iter_mut().zip([right, wrong, good, bad]) {
                *sum += count;
            }
            Ok((believed, kept))
        })
        .collect::<Result<Vec<_>>>()?;
    writeln!(out, "in cross-validation: {total:?} added right, wrong, dropped right, wrong")?;
    Ok(thresholds)
}

/// What a right fact of the rules that is dropped costs in wrong ones: who told of an antecedent is not asked again, and a
/// diagnosis that was said is missed in the note.
fn lost(class: usize) -> f64 {
    match (CLASSES[class].kind, CLASSES[class].section) {
        (FactKind::History, Some(Section::Habits)) | (FactKind::DeniedHistory, _) => 4.0,
        (FactKind::Diagnosis, _) => 3.0,
        (FactKind::History, _) => 2.0,
        _ => 1.0,
    }
}

/// The score below which the facts of the rules are so much more often wrong than right that they are dropped, and the
/// wrong and right ones below it.
fn kept(examples: &[Example], readings: &[Reading], class: usize) -> (f32, usize, usize) {
    let mut doubted: Vec<(f32, bool)> = Vec::new();
    for (example, reading) in examples.iter().zip(readings) {
        for ((rule, score), right) in example.rules.iter().zip(&reading.rules).zip(&example.labels.right) {
            if let Some(score) = score.filter(|_| class_of(rule) == Some(class)) {
                doubted.push((1.0 - score, !right));
            }
        }
    }
    let (doubt, bad, good) = learner::cut(&mut doubted, lost(class));
    (learner::above(doubt), bad, good)
}

/// What the model would add, with its score and whether that is right.
fn added(examples: &[Example], readings: &[Reading], class: usize, kept: f32) -> Vec<(f32, bool)> {
    let mut scored: Vec<(f32, bool)> = Vec::new();
    for (example, reading) in examples.iter().zip(readings) {
        let mut got = HashSet::new();
        let stands = |rule: &usize| {
            reading.rules[*rule]
                .is_none_or(|score| class_of(&example.rules[*rule]) != Some(class) || score >= kept)
        };
        for pick in reading.picks.iter().filter(|pick| pick.class == class) {
            if !example.spots[pick.spot].rules.iter().any(stands) {
                scored.extend(worth(example, pick, &mut got).map(|right| (pick.score, right)));
            }
        }
    }
    scored
}
