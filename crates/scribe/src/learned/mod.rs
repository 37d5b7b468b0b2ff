//! What was learned from examples instead of written by hand: weights of a log-linear model, in tables of `catalogs/lexicon`,
//! and those of [`facts`] in `catalogs/scribe-model`.
//!
//! The tables are made by `cargo xtask eval train` from `testdata/anotadas/ajuste` alone; the features are here, so that
//! training and use see the same.

pub mod facts;
pub mod speakers;

use std::collections::HashMap;

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
