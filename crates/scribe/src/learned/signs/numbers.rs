//! The numbers of a consultation and what each could measure.

use crate::extract::plausible;
use crate::facts::{ClinicalFact, FactKind};
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::{number_at, spoken_measure};

use super::features::features;

/// The signs: pressure is one, with two values.
pub const SIGNS: [&str; 8] = ["bp", "hr", "rr", "temp_c", "spo2", "weight_kg", "height_m", "glucose_mg_dl"];

/// A value as a sign would read it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The value, the higher one of a pressure.
    pub value: f64,
    /// The lower value of a pressure.
    pub lower: Option<f64>,
    /// One past its last token.
    pub end: usize,
}

/// A number as it was spoken.
#[derive(Debug, Clone)]
pub struct Spoken {
    /// The turn.
    pub turn: usize,
    /// First token.
    pub start: usize,
    /// What it would be as each sign; `None` where it cannot be.
    pub readings: [Option<Measured>; SIGNS.len()],
    /// Its features, as places in the table of weights.
    pub features: Vec<u32>,
}

impl Spoken {
    /// Whether a vital sign is this number.
    pub(super) fn is(&self, scene: &Scene<'_>, fact: &ClinicalFact) -> bool {
        let first = &scene.turn(self.turn).tokens[self.start];
        fact.evidence.iter().any(|evidence| {
            evidence.turn == self.turn && evidence.start <= first.start && first.end <= evidence.end
        })
    }

    /// The facts it says as a sign.
    pub(super) fn facts(&self, scene: &Scene<'_>, sign: usize) -> Vec<ClinicalFact> {
        let Some(reading) = self.readings[sign] else { return Vec::new() };
        let fact = |name: &str, value: f64| {
            let evidence = scene.doc.evidence(self.turn, self.start, reading.end);
            let mut fact = ClinicalFact::new(FactKind::Vital, name, scene.turn(self.turn).speaker, evidence);
            fact.attributes.value = Some(value);
            fact
        };
        match reading.lower {
            Some(lower) => vec![fact("bp_systolic", reading.value), fact("bp_diastolic", lower)],
            None => vec![fact(SIGNS[sign], reading.value)],
        }
    }
}

/// All numbers that could measure something, in order.
#[must_use]
pub fn spoken(scene: &Scene<'_>, facts: &[ClinicalFact]) -> Vec<Spoken> {
    let mut all: Vec<Spoken> = Vec::new();
    for (turn, doc) in scene.doc.turns.iter().enumerate() {
        let mut at = 0;
        while at < doc.tokens.len() {
            let Some(number) = number_at(&doc.tokens, at) else {
                at += 1;
                continue;
            };
            let readings = readings(doc, at);
            if readings.iter().any(Option::is_some) {
                all.push(Spoken { turn, start: at, readings, features: Vec::new() });
            }
            at = number.end;
        }
    }
    let made: Vec<Vec<u32>> = (0..all.len()).map(|at| features(scene, &all, at, facts)).collect();
    for (number, features) in all.iter_mut().zip(made) {
        number.features = features;
    }
    all
}

fn readings(turn: &TurnDoc, at: usize) -> [Option<Measured>; SIGNS.len()] {
    let tokens = &turn.tokens;
    std::array::from_fn(|sign| {
        let name = SIGNS[sign];
        if name == "bp" {
            return pressure(turn, at);
        }
        let decimal = matches!(name, "temp_c" | "weight_kg" | "height_m");
        let mut number = if decimal { spoken_measure(tokens, at) } else { number_at(tokens, at) }?;
        if name == "height_m" && number.value > 3.0 {
            number.value /= 100.0;
        }
        let (low, high) = plausible(name)?;
        (low <= number.value && number.value <= high).then_some(Measured {
            value: number.value,
            lower: None,
            end: number.end,
        })
    })
}

/// "ciento treinta sobre ochenta", "con", "y", or one after the other.
fn pressure(turn: &TurnDoc, at: usize) -> Option<Measured> {
    let high = number_at(&turn.tokens, at)?;
    let joined = matches!(turn.word(high.end), "sobre" | "con" | "/" | "entre" | "y" | "," | "por" | "a");
    let low = number_at(&turn.tokens, high.end + usize::from(joined))?;
    let whole = high.value.fract() == 0.0 && low.value.fract() == 0.0;
    let plausible = (60.0..=270.0).contains(&high.value)
        && (25.0..=160.0).contains(&low.value)
        && high.value >= low.value + 8.0;
    (whole && plausible).then_some(Measured { value: high.value, lower: Some(low.value), end: low.end })
}
