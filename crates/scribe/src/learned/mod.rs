//! What was learned from examples instead of written by hand. [`speakers`] is a log-linear model whose table is in
//! `catalogs/lexicon`, made by `cargo xtask eval train` from `testdata/anotadas/ajuste` alone; [`facts`], [`signs`] and
//! [`medicines`] are sparse [`linear`] models in `catalogs/scribe-model`, made by `cargo xtask eval train facts`. The features
//! are here, so that training and use see the same.

pub mod facts;
pub mod linear;
pub mod medicines;
pub mod signs;
pub mod speakers;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::facts::ClinicalFact;
use crate::scene::Scene;
use linear::Model;

/// The models that complete what the rules found.
#[derive(Debug)]
pub struct Models {
    /// Of stretches of words.
    pub facts: Model,
    /// Of numbers.
    pub signs: Model,
    /// Of medicines.
    pub medicines: Model,
}

/// The weights that ship.
fn shipped() -> &'static Models {
    static MODELS: OnceLock<Models> = OnceLock::new();
    MODELS.get_or_init(|| Models {
        facts: Model::parse(include_str!("../../../../catalogs/scribe-model/facts.txt"), &facts::CODES),
        signs: Model::parse(include_str!("../../../../catalogs/scribe-model/signs.txt"), &signs::SIGNS),
        medicines: Model::parse(
            include_str!("../../../../catalogs/scribe-model/medicines.txt"),
            &medicines::CODES,
        ),
    })
}

/// The turns of a consultation, to tell its beginning from its end; a few turns are a beginning.
fn length(scene: &Scene<'_>) -> usize {
    scene.doc.turns.len().max(8)
}

/// The facts of a consultation: those of the rules that the models believe and those only the models see, in the order of
/// the note.
#[must_use]
pub fn complete(scene: &Scene<'_>, rules: Vec<ClinicalFact>) -> Vec<ClinicalFact> {
    complete_with(scene, rules, shipped())
}

/// The same with other weights.
#[must_use]
pub fn complete_with(scene: &Scene<'_>, rules: Vec<ClinicalFact>, models: &Models) -> Vec<ClinicalFact> {
    let all = facts::complete(scene, rules, &models.facts);
    let all = signs::complete(scene, all, &models.signs);
    let mut all = medicines::complete(scene, all, &models.medicines);
    crate::extract::goes_on(&mut all);
    all.sort_by_key(|fact| (fact.kind, fact.evidence.first().copied()));
    all
}

/// A log-linear model of a yes-or-no question.
#[derive(Debug, Default)]
pub struct Weights {
    bias: f32,
    of: HashMap<String, f32>,
}

impl Weights {
    /// Reads a table of features and weights; the one of the bias has no name.
    #[must_use]
    pub fn read(tsv: &str) -> Self {
        let mut weights = Self::default();
        for line in tsv.lines() {
            let Some((feature, weight)) = line.split_once('\t') else { continue };
            let Ok(weight) = weight.trim().parse() else { continue };
            if feature.is_empty() {
                weights.bias = weight;
            } else {
                weights.of.insert(feature.to_owned(), weight);
            }
        }
        weights
    }

    /// The logarithm of the odds for "yes".
    #[must_use]
    pub fn log_odds(&self, features: &[String]) -> f32 {
        self.bias + features.iter().filter_map(|feature| self.of.get(feature)).sum::<f32>()
    }
}
