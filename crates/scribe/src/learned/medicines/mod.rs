//! What is said of a medicine each time it is named: taken, stopped, prescribed, not borne, or nothing of these.
//!
//! The rules know turns of phrase; the words around a name, who says them when, the question before and the answer after tell
//! it for the phrases they do not know. What the rules make of the mention is one of the features. Dose, interval and days
//! are always read by the rules. Weights are `catalogs/scribe-model/medicines.txt`, made by `cargo xtask eval train facts`.

mod features;

pub use features::{Mention, mentions};

use crate::extract;
use crate::facts::{ClinicalFact, FactKind};
use crate::learned::linear::Model;
use crate::scene::Scene;

/// The kinds of fact a mention may be, by their names in the file of weights.
pub const KINDS: [FactKind; 4] =
    [FactKind::CurrentMedication, FactKind::StoppedMedication, FactKind::Prescription, FactKind::Allergy];

const STOPPED: usize = 1;
const PRESCRIBED: usize = 2;

/// Their names.
pub const CODES: [&str; 4] = ["current_medication", "stopped_medication", "prescription", "allergy"];

/// The best score of a medicine's mentions for a kind, and the mention.
fn best<'a>(
    mentions: &'a [Mention],
    scores: &[Vec<f32>],
    name: &str,
    kind: usize,
) -> Option<(f32, &'a Mention)> {
    mentions
        .iter()
        .zip(scores)
        .filter(|(mention, _)| mention.name == name)
        .map(|(mention, scores)| (scores[kind], mention))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.turn.cmp(&a.1.turn)))
}

/// The facts with the medicines as the model reads them.
#[must_use]
pub fn complete(scene: &Scene<'_>, facts: Vec<ClinicalFact>, model: &Model) -> Vec<ClinicalFact> {
    let mentions = mentions(scene, &facts);
    let scores: Vec<Vec<f32>> = mentions.iter().map(|mention| model.score(&mention.features)).collect();
    let mut all: Vec<ClinicalFact> = facts
        .into_iter()
        .filter(|fact| {
            let Some(kind) = KINDS.iter().position(|kind| *kind == fact.kind) else { return true };
            best(&mentions, &scores, &fact.name, kind).is_none_or(|(score, _)| score >= model.kept(kind))
        })
        .collect();
    let mut names: Vec<&str> = mentions.iter().map(|mention| mention.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for (kind, of) in KINDS.iter().enumerate() {
        for name in &names {
            let Some((score, mention)) = best(&mentions, &scores, name, kind) else { continue };
            let known = all.iter().any(|fact| fact.kind == *of && fact.name == *name);
            if known || score < model.believed(kind) || contradicts(&all, *of, name) {
                continue;
            }
            if let Some(mut fact) = extract::medicine_as(scene, mention.turn, mention.number, *of) {
                fact.confidence = score;
                all.push(fact);
            }
        }
    }
    let score =
        |name: &str, kind: usize| best(&mentions, &scores, name, kind).map_or(0.0, |(score, _)| score);
    for name in names {
        let has = |kind: FactKind| all.iter().any(|fact| fact.kind == kind && fact.name == name);
        if has(FactKind::StoppedMedication) && has(FactKind::Prescription) {
            // "La suspendemos" outweighs the words that sound like a prescription, unless they are surer.
            let stops = score(name, STOPPED) >= score(name, PRESCRIBED);
            all.retain(|fact| !(stops && fact.kind == FactKind::Prescription && fact.name == name));
        }
    }
    all
}

/// A medicine that is stopped is not prescribed, and the other way round: whichever stands first stays.
fn contradicts(facts: &[ClinicalFact], kind: FactKind, name: &str) -> bool {
    let other = match kind {
        FactKind::StoppedMedication => FactKind::Prescription,
        FactKind::Prescription => FactKind::StoppedMedication,
        _ => return false,
    };
    facts.iter().any(|fact| fact.kind == other && fact.name == name)
}
