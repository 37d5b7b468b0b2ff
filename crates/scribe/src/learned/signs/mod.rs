//! Vital signs by their numbers: every number of the consultation is asked which sign it measures now, if any.
//!
//! "Noventa y cuatro kilos, uno ochenta y uno. Ciento treinta con ochenta y dos.": what is measured is often not named. The
//! value, its neighbours, the other signs of the breath and who says it when tell it; what the rules of
//! `extract::vitals` make of the number is one of the features. Weights are `catalogs/scribe-model/signs.txt`, made by
//! `cargo xtask eval train facts`.

mod features;
mod numbers;

pub use numbers::{Measured, SIGNS, Spoken, spoken};

use crate::facts::{ClinicalFact, FactKind};
use crate::learned::linear::Model;
use crate::scene::Scene;

/// The facts with the vital signs as the model reads them.
#[must_use]
pub fn complete(scene: &Scene<'_>, facts: Vec<ClinicalFact>, model: &Model) -> Vec<ClinicalFact> {
    let numbers = spoken(scene, &facts);
    let mut all: Vec<ClinicalFact> = facts
        .into_iter()
        .filter(|fact| fact.kind != FactKind::Vital || !numbers.iter().any(|number| number.is(scene, fact)))
        .collect();
    let picks = picks(&numbers, model);
    for sign in 0..SIGNS.len() {
        // Of a repeated measure the last value holds.
        let Some(number) =
            picks.iter().filter(|(_, of)| *of == sign).map(|(at, _)| &numbers[*at]).next_back()
        else {
            continue;
        };
        all.extend(number.facts(scene, sign));
    }
    all
}

/// The numbers that are believed to measure a sign, in the order of the consultation, without overlap.
fn picks(numbers: &[Spoken], model: &Model) -> Vec<(usize, usize)> {
    let mut all: Vec<(f32, usize, usize)> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let scores = model.score(&number.features);
        let best = (0..SIGNS.len())
            .filter(|sign| number.readings[*sign].is_some())
            .max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        if let Some(sign) = best.filter(|sign| scores[*sign] >= model.believed(*sign)) {
            all.push((scores[sign], at, sign));
        }
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let end = |at: usize, sign: usize| numbers[at].readings[sign].map_or(0, |reading: Measured| reading.end);
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for (_, at, sign) in all {
        let number = &numbers[at];
        let taken = kept.iter().any(|&(other, of)| {
            numbers[other].turn == number.turn
                && numbers[other].start < end(at, sign)
                && number.start < end(other, of)
        });
        if !taken {
            kept.push((at, sign));
        }
    }
    kept.sort_unstable();
    kept
}
