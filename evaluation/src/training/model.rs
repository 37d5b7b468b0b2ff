//! Logistic regression, small enough to read: stochastic gradient with a step per feature that shrinks (AdaGrad).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// One case to learn from.
pub(super) struct Example {
    /// The consultation it is from: what occurs in few of them is not learned.
    pub(super) document: usize,
    pub(super) features: Vec<String>,
    pub(super) yes: bool,
}

const DOCUMENTS: usize = 4;
const ROUNDS: usize = 12;
const STEP: f64 = 0.15;
const SHRINK: f64 = 0.004;
/// Weights nearer to nothing are not kept.
const SMALLEST: f64 = 0.05;

/// The table of features and weights; the bias comes first, without a name.
pub(super) fn trained(examples: &[Example]) -> String {
    let mut documents: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for example in examples {
        for feature in &example.features {
            documents.entry(feature).or_default().insert(example.document);
        }
    }
    let kept: Vec<&str> = documents
        .into_iter()
        .filter(|(_, seen)| seen.len() >= DOCUMENTS)
        .map(|(feature, _)| feature)
        .collect();
    let place: BTreeMap<&str, usize> = kept.iter().enumerate().map(|(at, feature)| (*feature, at)).collect();
    let cases: Vec<(Vec<usize>, f64)> = examples
        .iter()
        .map(|example| {
            let at = example.features.iter().filter_map(|feature| place.get(feature.as_str()).copied());
            (at.collect(), f64::from(u8::from(example.yes)))
        })
        .collect();
    let (bias, weights) = fitted(&cases, kept.len());
    let mut table = format!("\t{bias:.2}\n");
    for (feature, weight) in kept.iter().zip(weights).filter(|(_, weight)| weight.abs() >= SMALLEST) {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{feature}\t{weight:.2}");
    }
    table
}

fn fitted(cases: &[(Vec<usize>, f64)], features: usize) -> (f64, Vec<f64>) {
    let mut bias = 0.0;
    let mut weights = vec![0.0; features];
    let mut squares = vec![1e-6; features];
    for _ in 0..ROUNDS {
        for (at, yes) in cases {
            let odds: f64 = bias + at.iter().map(|&feature| weights[feature]).sum::<f64>();
            let missed = yes - 1.0 / (1.0 + (-odds.clamp(-30.0, 30.0)).exp());
            bias += 0.01 * missed;
            for &feature in at {
                let slope = missed - SHRINK * weights[feature];
                squares[feature] += slope * slope;
                weights[feature] += STEP * slope / f64::sqrt(squares[feature]);
            }
        }
    }
    (bias, weights)
}

#[cfg(test)]
mod tests {
    use super::{Example, trained};

    #[test]
    fn what_tells_the_sides_apart_gets_a_weight_and_what_is_rare_gets_none() {
        let example = |document, feature: &str, yes| Example {
            document,
            features: vec![feature.to_owned(), "both".to_owned()],
            yes,
        };
        let mut examples: Vec<Example> = (0..6).map(|at| example(at, "receta", true)).collect();
        examples.extend((0..6).map(|at| example(at, "duele", false)));
        examples.push(example(0, "rare", true));
        let table = trained(&examples);
        let weight = |name: &str| {
            table.lines().find_map(|line| line.strip_prefix(&format!("{name}\t"))?.parse::<f64>().ok())
        };
        assert!(weight("receta").unwrap() > 0.5);
        assert!(weight("duele").unwrap() < -0.5);
        assert_eq!(weight("rare"), None);
        assert_eq!(table, trained(&examples), "training is not the same every time");
    }
}
