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
    let named = named(scene, &numbers, &facts);
    let picks = picks(&numbers, &named, model);
    let mut all: Vec<ClinicalFact> = facts
        .into_iter()
        .filter(|fact| {
            let covered = fact.kind == FactKind::Vital && numbers.iter().any(|number| number.is(scene, fact));
            // What the rules reckon from the words ("doce ocho", "dos mil ochocientos gramos") is no reading of the number.
            !covered
                || reckoned(scene, &numbers, fact)
                    && !picks.iter().any(|(_, sign)| Some(*sign) == sign_of(fact))
        })
        .collect();
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

/// How much of the usual belief is enough where the rules found the sign by its own name.
const NAMED: f32 = 0.3;

/// The sign a vital sign is a value of.
fn sign_of(fact: &ClinicalFact) -> Option<usize> {
    let name = if fact.name.starts_with("bp_") { "bp" } else { fact.name.as_str() };
    SIGNS.iter().position(|sign| *sign == name)
}

/// Whether a number read as a sign has the value of a fact.
fn reads(number: &Spoken, sign: usize, fact: &ClinicalFact) -> bool {
    number.readings[sign].is_some_and(|reading| {
        fact.attributes.value == Some(reading.value) || fact.attributes.value == reading.lower
    })
}

/// The numbers the rules read as a sign, with the sign.
fn named(scene: &Scene<'_>, numbers: &[Spoken], facts: &[ClinicalFact]) -> Vec<(usize, usize)> {
    let vitals = facts.iter().filter(|fact| fact.kind == FactKind::Vital);
    let pairs = vitals.filter_map(|fact| sign_of(fact).map(|sign| (fact, sign)));
    pairs
        .filter_map(|(fact, sign)| {
            let at = numbers.iter().position(|number| number.is(scene, fact) && reads(number, sign, fact))?;
            Some((at, sign))
        })
        .collect()
}

/// Whether a vital sign has a value that none of its numbers has as it stands.
fn reckoned(scene: &Scene<'_>, numbers: &[Spoken], fact: &ClinicalFact) -> bool {
    let Some(sign) = sign_of(fact) else { return false };
    !numbers.iter().any(|number| number.is(scene, fact) && reads(number, sign, fact))
}

/// The numbers that are believed to measure a sign, in the order of the consultation, without overlap.
fn picks(numbers: &[Spoken], named: &[(usize, usize)], model: &Model) -> Vec<(usize, usize)> {
    let mut all: Vec<(f32, usize, usize)> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let scores = model.score(&number.features);
        let best = (0..SIGNS.len())
            .filter(|sign| number.readings[*sign].is_some())
            .max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        let best = best.filter(|sign| scores[*sign] >= model.believed(*sign));
        let told = named
            .iter()
            .find(|(number, sign)| *number == at && scores[*sign] >= NAMED * model.believed(*sign))
            .map(|(_, sign)| *sign);
        if let Some(sign) = best.or(told) {
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
