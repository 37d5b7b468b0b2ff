//! What the rules miss: a sparse linear model reads every short stretch of words and says what kind of fact it is.
//!
//! The rules are precise where they know the words; on consultations nobody wrote them for they miss two facts of five. The
//! model knows frames, neighbours, endings and what single words speak of instead of whole phrases. It adds facts and says
//! whether what the rules extracted stands (their extraction is one of its features); what their context rules are certain of
//! (yes or no, whose it is, which words are a medicine) it cannot contradict.
//! Nothing here is random or reads anything: weights and thresholds are `catalogs/scribe-model/facts.txt`, made by
//! `cargo xtask eval train facts` with the same features.

mod class;

mod features;
mod spots;
mod verdict;
mod view;
mod vocabulary;
mod write;

pub use class::{CLASSES, CODES, Class, class_of};
pub use spots::{Pick, Reading, Spot, reading, spots};
pub use write::name;

use crate::facts::{ClinicalFact, FactKind};
use crate::learned::linear::Model;
use crate::scene::Scene;

/// The facts of the rules that the model believes and, where they found nothing, those it is sure of.
#[must_use]
pub fn complete(scene: &Scene<'_>, rules: Vec<ClinicalFact>, model: &Model) -> Vec<ClinicalFact> {
    let spots = spots(scene, &rules);
    let reading = reading(&spots, &rules, |features| model.score(features));
    let stands: Vec<bool> = rules
        .iter()
        .zip(&reading.rules)
        .map(|(fact, score)| stated(scene, fact) || stands(model, fact, *score))
        .collect();
    let mut all: Vec<ClinicalFact> =
        rules.into_iter().zip(&stands).filter_map(|(fact, stands)| stands.then_some(fact)).collect();
    for Pick { spot, class, score } in reading.picks {
        let free = spots[spot].rules.iter().all(|rule| !stands[*rule]);
        if free && score >= model.believed(class) {
            write::add(scene, &spots[spot], class, score, &mut all);
        }
    }
    all
}

/// Whether the clinician states a diagnosis outright, "Tiene hipertensión arterial.": no score takes that out of the note.
fn stated(scene: &Scene<'_>, fact: &ClinicalFact) -> bool {
    fact.kind == FactKind::Diagnosis
        && fact.evidence.iter().any(|cited| {
            let turn = scene.turn(cited.turn);
            let Some(token) = turn.tokens.iter().position(|token| token.end > cited.start) else {
                return false;
            };
            let sentence = turn.sentence_of(token);
            let opening = [turn.word(sentence.start), turn.word(sentence.start + 1)];
            turn.is_doctor()
                && !sentence.question
                && matches!(opening, ["tiene" | "padece", _] | ["usted", "tiene" | "padece"])
        })
}

/// Whether a fact of the rules is believed.
fn stands(model: &Model, fact: &ClinicalFact, score: Option<f32>) -> bool {
    let (Some(class), Some(score)) = (class_of(fact), score) else { return true };
    score >= model.kept(class)
}
