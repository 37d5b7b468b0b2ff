//! Learns the weights of the ranker: the log-likelihood of the right codes, by stochastic gradient (AdaGrad).

use std::fmt::Write as _;

use terminology::icd::{Considered, FEATURES, Icd10Code, Icd11Code, IcdIndex, NONE_FEATURES, Ranker};

use super::corpus::{Document, Marked};

/// Of the synonyms one in so many is learned from.
const EVERY: usize = 2;
/// What counts for a code at least so much: what is common in a hospital of the corpus is not what is common in a
/// consulting room, and where WHO's title or a synonym reads the same, it goes before what was seen there.
const AT_LEAST: [(&str, f32); 4] =
    [("daily", 0.1), ("usual", 0.05), ("exact_own", 3.5), ("exact_title", 3.0)];
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
    /// A mention of the corpus: a code is right if its category is.
    fn marked(considered: &Considered<'_>, marked: &Marked) -> Self {
        Self::new(
            considered,
            |code| marked.icd11_category() == Some(code.category()),
            |icd10| icd10.category() == marked.icd10_category,
        )
    }

    fn new(
        considered: &Considered<'_>,
        right_11: impl Fn(&Icd11Code) -> bool,
        right_10: impl Fn(&Icd10Code) -> bool,
    ) -> Self {
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
            right[0].push(right_11(proposal.code));
            right[1].push(proposal.icd10.as_ref().is_some_and(&right_10));
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
            Case::marked(&index.considered(&marked.text, context), marked)
        })
        .collect()
}

/// The synonyms of this project as people type them: some as they are, some with their words turned round, some with a
/// slip of the finger. The corpus is from hospitals in Spain; these teach how a physician in Mexico words a diagnosis.
pub(crate) fn worded(index: &IcdIndex, synonyms: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for (n, line) in synonyms.lines().skip(1).enumerate().step_by(EVERY) {
        let mut fields = line.split('\t');
        let (Some(code), Some(text), Some(icd10)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let typed = match (n / EVERY) % 3 {
            0 => text.to_owned(),
            1 => text.split(' ').rev().collect::<Vec<_>>().join(" "),
            _ => slipped(text),
        };
        let of_entry = || index.lookup(code)?.icd10.first().copied();
        let Some(icd10) = Icd10Code::parse(icd10).ok().or_else(of_entry) else { continue };
        let right_10 = |other: &Icd10Code| other.category() == icd10.category();
        cases.push(Case::new(&index.considered(&typed, None), |other| other.as_str() == code, right_10));
    }
    cases
}

/// The text with two neighbours changed in the middle of its longest word, if that is long enough.
fn slipped(text: &str) -> String {
    let longest = text.split(' ').max_by_key(|word| word.chars().count()).unwrap_or_default();
    let mut letters: Vec<char> = longest.chars().collect();
    let middle = letters.len() / 2;
    if letters.len() > 6 {
        letters.swap(middle, middle + 1);
    }
    text.replacen(longest, &letters.into_iter().collect::<String>(), 1)
}

/// Weights, and the thresholds that follow from them.
pub(crate) fn ranker(cases: &[Case], worded: &[Case]) -> Ranker {
    let mut ranker = fitted(cases, worded);
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

/// All cases, those of the synonyms spread evenly between the others.
fn mixed<'a>(cases: &'a [Case], worded: &'a [Case]) -> impl Iterator<Item = &'a Case> {
    let (n, m) = (cases.len(), worded.len());
    cases.iter().enumerate().flat_map(move |(at, case)| {
        let some = worded.iter().skip(at * m / n).take((at + 1) * m / n - at * m / n);
        std::iter::once(case).chain(some)
    })
}

fn fitted(cases: &[Case], worded: &[Case]) -> Ranker {
    let place = |name: &str| FEATURES.iter().position(|other| *other == name);
    let bounded: Vec<(usize, f32)> =
        AT_LEAST.iter().filter_map(|(name, least)| Some((place(name)?, *least))).collect();
    let (n, all) = (FEATURES.len(), FEATURES.len() + NONE_FEATURES.len());
    let mut weights = vec![0.0f32; all];
    let mut squares = vec![1e-3f32; all];
    let mut slopes = vec![0.0f32; all];
    for _ in 0..ROUNDS {
        for case in mixed(cases, worded) {
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
                        slopes[..n]
                            .iter_mut()
                            .zip(values)
                            .for_each(|(slope, value)| *slope += missed * value);
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
            for &(at, least) in &bounded {
                weights[at] = weights[at].max(least);
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
