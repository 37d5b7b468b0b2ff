//! From the scene to facts, one file per family of facts.

mod allergies;
mod book;
mod diagnoses;
mod findings;
mod history;
mod medication;
mod plan;
mod posology;
mod results;
mod symptoms;
mod vitals;

use clinical::transcript::Transcript;

pub use book::Book;
pub(crate) use diagnoses::certainty_of;
pub(crate) use medication::{as_kind as medicine_as, goes_on};
pub use posology::{dose_text, frequency_text};
pub(crate) use results::named::value as result_value;
pub(crate) use symptoms::onset;
pub(crate) use vitals::plausible;

use crate::facts::ClinicalFact;
use crate::scene::Scene;

/// All facts of a transcript, in the order of the note's kinds and then of the turns.
#[must_use]
pub fn facts(transcript: &Transcript) -> Vec<ClinicalFact> {
    from_scene(&Scene::new(transcript))
}

/// The facts of a scene already read.
#[must_use]
pub fn from_scene(scene: &Scene<'_>) -> Vec<ClinicalFact> {
    let mut book = Book::default();
    symptoms::read(scene, &mut book);
    history::read(scene, &mut book);
    allergies::read(scene, &mut book);
    medication::read(scene, &mut book);
    vitals::read(scene, &mut book);
    results::read(scene, &mut book);
    findings::read(scene, &mut book);
    diagnoses::read(scene, &mut book);
    plan::read(scene, &mut book);
    book.finish(scene)
}

/// Only the facts whose polarity, person and certainty the guard compares: symptoms, antecedents, findings, diagnoses.
#[must_use]
pub(crate) fn claims(scene: &Scene<'_>) -> Vec<ClinicalFact> {
    let mut book = Book::default();
    symptoms::read(scene, &mut book);
    history::read(scene, &mut book);
    findings::read(scene, &mut book);
    diagnoses::read(scene, &mut book);
    book.finish(scene)
}
