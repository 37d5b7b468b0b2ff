//! Learns the weights of the ranker: the log-likelihood of the right codes, by stochastic gradient (AdaGrad).

use std::fmt::Write as _;

use terminology::icd::{Considered, FEATURES, IcdIndex, NONE_FEATURES, Ranker};

use super::corpus::{Document, Marked};

const ROUNDS: usize = 20;
const STEP: f32 = 0.15;
const SHRINK: f32 = 1e-4;
/// What is shown as sure is right this often where it is learned; 0.90 is promised.
const SURE: f32 = 0.925;
/// Share of the mentions whose right code may be lost by showing none.
const LOST: f32 = 0.004;

/// A mention with what is known of the codes that may be meant.
pub(crate) struct Case {
    /// Values of the proposals, one after the other.
    values: Vec<f32>,
    none: Vec<f32>,
    /// Which proposals are right, by ICD-11 and by CIE-10.
    right: [Vec<bool>; 2],
    /// Index of the entry of each proposal, renumbered.
    entries: Vec<usize>,
}

impl Case {
    fn new(considered: &Considered<'_>, marked: &Marked) -> Self {
        let mut codes: Vec<&str> = Vec::new();
        let mut entries = Vec::new();
        let mut right = [Vec::new(), Vec::new()];
        let mut values = Vec::new();
        for proposal in &considered.proposals {
            let code = proposal.code.as_str();
            entries.push(codes.iter().position(|known| *known == code).unwrap_or_else(|| {
                codes.push(code);
                codes.len() - 1
            }));
            right[0].push(marked.icd11_category() == Some(proposal.code.category()));
            right[1].push(proposal.icd10.as_ref().is_some_and(|c| c.category() == marked.icd10_category));
            values.extend(&proposal.features);
        }
        Self { values, none: considered.none.clone(), right, entries }
    }

    fn probabilities(&self, weights: &[f32], none: &[f32]) -> (Vec<f32>, f32) {
        let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let mut parts: Vec<f32> =
            self.values.chunks_exact(FEATURES.len()).map(|values| product(weights, values)).collect();
        let nothing = product(none, &self.none);
        let highest = parts.iter().copied().fold(nothing, f32::max);
        let mut nothing = (nothing - highest).exp();
        parts.iter_mut().for_each(|part| *part = (*part - highest).exp());
        let whole = nothing + parts.iter().sum::<f32>();
        parts.iter_mut().for_each(|part| *part /= whole);
        nothing /= whole;
        (parts, nothing)
    }

    /// The score of the best entry, whether its category is right and whether it is among five.
    fn first(&self, ranker: &Ranker) -> Option<(f32, bool, bool)> {
        let (shares, _) = self.probabilities(&ranker.weights, &ranker.none);
        let mut entries: Vec<(f32, bool)> = Vec::new();
        for ((share, right), entry) in shares.iter().zip(&self.right[0]).zip(&self.entries) {
            if *entry == entries.len() {
                entries.push((0.0, *right));
            }
            entries[*entry].0 += share;
        }
        entries.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (score, right) = *entries.first()?;
        Some((score, right, entries.iter().take(5).any(|(_, right)| *right)))
    }
}

/// The cases of some documents, seen with an index that was not taught with them; with and without their sentence.
pub(crate) fn cases<'a>(index: &IcdIndex, documents: impl Iterator<Item = &'a Document>) -> Vec<Case> {
    let marked = documents.flat_map(|document| &document.marked);
    marked
        .zip(0u32..)
        .map(|(marked, n)| {
            let context = (n % 3 == 0).then_some(marked.sentence.as_str());
            Case::new(&index.considered(&marked.text, context), marked)
        })
        .collect()
}

/// Weights, and the thresholds that follow from them.
pub(crate) fn ranker(cases: &[Case]) -> Ranker {
    let mut ranker = fitted(cases);
    let mut firsts: Vec<(f32, bool, bool)> = cases.iter().filter_map(|case| case.first(&ranker)).collect();
    firsts.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranker.sure = 1.0;
    let (mut right, mut all) = (0.0f32, 0.0f32);
    for (score, first, _) in &firsts {
        all += 1.0;
        right += f32::from(u8::from(*first));
        if right / all >= SURE {
            ranker.sure = *score;
        }
    }
    let may_lose = LOST * cases.len() as f32;
    let mut lost = 0.0;
    for (score, _, five) in firsts.iter().rev() {
        lost += f32::from(u8::from(*five));
        if lost > may_lose {
            break;
        }
        ranker.least = *score;
    }
    ranker
}

fn fitted(cases: &[Case]) -> Ranker {
    let (n, all) = (FEATURES.len(), FEATURES.len() + NONE_FEATURES.len());
    let mut weights = vec![0.0f32; all];
    let mut squares = vec![1e-3f32; all];
    let mut slopes = vec![0.0f32; all];
    for _ in 0..ROUNDS {
        for case in cases {
            slopes.iter_mut().for_each(|slope| *slope = 0.0);
            let (shares, nothing) = case.probabilities(&weights[..n], &weights[n..]);
            for right in &case.right {
                let mass: f32 = shares.iter().zip(right).filter(|(_, right)| **right).map(|(s, _)| s).sum();
                // With no right proposal "none of these" is right.
                let held = right.contains(&true);
                let values = case.values.chunks_exact(n);
                for ((share, right), values) in shares.iter().zip(right).zip(values) {
                    let wanted = if held && *right { share / mass.max(1e-9) } else { 0.0 };
                    let missed = wanted - share;
                    if missed.abs() > 1e-5 {
                        slopes[..n].iter_mut().zip(values).for_each(|(slope, value)| *slope += missed * value);
                    }
                }
                let missed = if held { -nothing } else { 1.0 - nothing };
                slopes[n..].iter_mut().zip(&case.none).for_each(|(slope, value)| *slope += missed * value);
            }
            for ((weight, square), slope) in weights.iter_mut().zip(&mut squares).zip(&slopes) {
                let slope = slope - SHRINK * *weight;
                *square += slope * slope;
                *weight += STEP * slope / square.sqrt();
            }
        }
    }
    let none = weights.split_off(n);
    Ranker { weights, none, least: 0.0, sure: 1.0 }
}

/// The table the program reads.
pub(crate) fn table(ranker: &Ranker) -> String {
    let mut table = "feature\tweight\n".to_owned();
    let named = FEATURES.iter().zip(&ranker.weights).chain(NONE_FEATURES.iter().zip(&ranker.none));
    let thresholds = [("least", ranker.least), ("sure", ranker.sure)];
    for (name, value) in named.map(|(name, value)| (*name, *value)).chain(thresholds) {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{name}\t{value:.4}");
    }
    table
}
