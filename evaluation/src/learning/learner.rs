//! Logistic regression per class, by stochastic gradient descent with a step of its own for each weight.

use scribe::learned::linear::{BUCKETS, Model};

const EPOCHS: usize = 5;
const RATE: f32 = 0.1;
const DECAY: f32 = 1e-3;
/// A feature seen less often says nothing.
const SEEN: u32 = 2;
/// Errors below this are none.
const SMALL: f32 = 0.004;

/// Features and the classes they have, one bit each.
pub(crate) type Sample<'a> = (&'a [u32], u32);

/// Weights of the classes learned from samples, averaged over the passes.
pub(crate) fn train<'a>(codes: &[&'static str], samples: impl Iterator<Item = Sample<'a>>) -> Model {
    let mut data: Vec<Sample<'_>> = samples.collect();
    let (rows, count) = rows(&data);
    let mut table = Table::new(count, codes.len());
    let mut sum = vec![0.0_f32; table.weights.len()];
    let mut seed = 12_345_u64;
    let mut places: Vec<usize> = Vec::new();
    for _ in 0..EPOCHS {
        shuffle(&mut data, &mut seed);
        for &(features, classes) in &data {
            places.clear();
            let known =
                features.iter().map(|feature| rows[*feature as usize] as usize).filter(|row| *row > 0);
            places.extend(known.map(|row| (row - 1) * codes.len()));
            table.learn(&places, classes);
        }
        for (sum, weight) in sum.iter_mut().zip(&table.weights) {
            *sum += weight / EPOCHS as f32;
        }
    }
    let mut model = Model::empty(codes);
    for (feature, row) in rows.iter().enumerate().filter(|(_, row)| **row > 0) {
        let weights = &sum[(*row as usize - 1) * codes.len()..][..codes.len()];
        for (class, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            model.set(feature, class, *weight);
        }
    }
    model
}

/// A row from 1 for each feature that is seen often enough to learn from, and how many there are.
fn rows(data: &[Sample<'_>]) -> (Vec<u32>, usize) {
    let mut counts = vec![0_u32; BUCKETS];
    for feature in data.iter().flat_map(|(features, _)| *features) {
        counts[*feature as usize] += 1;
    }
    let mut count = 0_usize;
    let rows = counts
        .into_iter()
        .map(|seen| {
            count += usize::from(seen >= SEEN);
            if seen >= SEEN { u32::try_from(count).unwrap_or_default() } else { 0 }
        })
        .collect();
    (rows, count)
}

/// Weights, a row per feature, with the sum of the squared slopes of each.
struct Table {
    weights: Vec<f32>,
    steps: Vec<f32>,
    errors: Vec<f32>,
}

impl Table {
    fn new(rows: usize, columns: usize) -> Self {
        Self {
            weights: vec![0.0; rows * columns],
            steps: vec![1e-3; rows * columns],
            errors: vec![0.0; columns],
        }
    }

    /// One step towards the classes of a sample whose features have these rows.
    fn learn(&mut self, places: &[usize], classes: u32) {
        let columns = self.errors.len();
        self.errors.fill(0.0);
        for place in places {
            for (sum, weight) in self.errors.iter_mut().zip(&self.weights[*place..][..columns]) {
                *sum += weight;
            }
        }
        let mut wrong = false;
        for (class, error) in self.errors.iter_mut().enumerate() {
            let wanted = if classes >> class & 1 == 1 { 1.0 } else { 0.0 };
            *error = 1.0 / (1.0 + (-*error).exp()) - wanted;
            if error.abs() < SMALL {
                *error = 0.0;
            }
            wrong |= *error != 0.0;
        }
        if !wrong {
            return;
        }
        for place in places {
            let weights = &mut self.weights[*place..][..columns];
            let steps = &mut self.steps[*place..][..columns];
            for ((weight, step), error) in weights.iter_mut().zip(steps).zip(&self.errors) {
                if *error != 0.0 {
                    let slope = error + DECAY * *weight;
                    *step += slope * slope;
                    *weight -= RATE * slope / step.sqrt();
                }
            }
        }
    }
}

/// Fisher and Yates, with a generator of its own so that every run is the same.
fn shuffle<T>(data: &mut [T], seed: &mut u64) {
    for last in (1..data.len()).rev() {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let with = usize::try_from(*seed >> 33).unwrap_or_default() % (last + 1);
        data.swap(last, with);
    }
}

/// The cut in a list of scored examples, best first, that gains most when a wrong one above it costs so many right ones: the
/// score of the last one above it and how many are right and wrong there; infinite when none should be.
pub(crate) fn cut(scored: &mut [(f32, bool)], cost: f64) -> (f32, usize, usize) {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut wrong) = (0_usize, 0_usize);
    let gain = |right: usize, wrong: usize| right as f64 - cost * wrong as f64;
    let mut best = (f32::INFINITY, 0, 0);
    for &(score, good) in scored.iter() {
        if good {
            right += 1;
        } else {
            wrong += 1;
        }
        if gain(right, wrong) > gain(best.1, best.2) {
            best = (score, right, wrong);
        }
    }
    best
}

/// The score just above those that are doubted as much as this or more.
pub(crate) fn above(doubt: f32) -> f32 {
    if doubt.is_finite() { 1.0 - doubt + 0.0005 } else { 0.0 }
}
