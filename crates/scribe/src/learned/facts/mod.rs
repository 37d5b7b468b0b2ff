//! What the rules miss: a sparse linear model reads every short stretch of words and says what kind of fact it is.
//!
//! The rules are precise where they know the words; on consultations nobody wrote them for they miss two facts of five. The
//! model knows frames, neighbours and endings instead of whole phrases. It only adds: what the rules extracted stands, and
//! what their context rules are certain of (yes or no, whose it is, which words are a medicine) it cannot contradict.
//! Nothing here is random or reads anything: weights and thresholds are `catalogs/scribe-model/weights.txt`, made by
//! `cargo xtask eval train facts` with the same features.

mod class;

mod features;
mod model;
mod spots;
mod verdict;
mod view;
mod vocabulary;
mod write;

use std::sync::OnceLock;

pub use class::{CLASSES, Class};
pub use model::{BUCKETS, Model, Scores};
pub use spots::{Pick, Spot, pick, spots};
pub use write::name;

use crate::facts::ClinicalFact;
use crate::scene::Scene;

/// The weights that ship.
fn shipped() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| Model::parse(include_str!("../../../../../catalogs/scribe-model/weights.txt")))
}

/// The facts of the rules and, where they found nothing, those the model is sure of, in the order of the note.
#[must_use]
pub fn complete(scene: &Scene<'_>, rules: Vec<ClinicalFact>) -> Vec<ClinicalFact> {
    complete_with(scene, rules, shipped())
}

/// The same with other weights.
#[must_use]
pub fn complete_with(scene: &Scene<'_>, rules: Vec<ClinicalFact>, model: &Model) -> Vec<ClinicalFact> {
    let spots = spots(scene, &rules);
    let picks = pick(&spots, |features| model.score(features));
    let mut all = rules;
    for Pick { spot, class, score } in picks {
        if score >= model.threshold(class) {
            write::add(scene, &spots[spot], class, score, &mut all);
        }
    }
    all.sort_by_key(|fact| (fact.kind, fact.evidence.first().copied()));
    all
}
