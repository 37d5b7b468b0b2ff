//! Logistic regression per class, by stochastic gradient descent with a step of its own for each weight.

use scribe::learned::facts::{BUCKETS, CLASSES, Model};

use super::Example;

const EPOCHS: usize = 5;
const RATE: f32 = 0.1;
const DECAY: f32 = 1e-5;
/// A feature seen less often says nothing.
const SEEN: u32 = 3;
/// Errors below this are none.
const SMALL: f32 = 0.002;
const K: usize = CLASSES.len();

/// Leaves out the features that are too rare to learn from.
pub(crate) fn keep_frequent(examples: &mut [Example]) {
    let mut counts = vec![0_u32; BUCKETS];
    for spot in examples.iter().flat_map(|example| &example.spots) {
        for &feature in &spot.features {
            counts[feature as usize] += 1;
        }
    }
    for spot in examples.iter_mut().flat_map(|example| &mut example.spots) {
        spot.features.retain(|feature| counts[*feature as usize] >= SEEN);
    }
}

/// Weights learned from examples, averaged over the passes.
pub(crate) fn train<'a>(examples: impl Iterator<Item = &'a Example>) -> Model {
    let mut data: Vec<(&[u32], u16)> = examples
        .flat_map(|example| example.spots.iter().zip(&example.labels.classes))
        .filter_map(|(spot, classes)| classes.map(|classes| (spot.features.as_slice(), classes)))
        .collect();
    let mut weights = vec![[0.0_f32; K]; BUCKETS];
    let mut steps = vec![[1e-3_f32; K]; BUCKETS];
    let mut sum = vec![[0.0_f32; K]; BUCKETS];
    let mut seed = 12_345_u64;
    for _ in 0..EPOCHS {
        shuffle(&mut data, &mut seed);
        for &(features, classes) in &data {
            learn(&mut weights, &mut steps, features, classes);
        }
        for (sum, weights) in sum.iter_mut().zip(&weights) {
            for (sum, weight) in sum.iter_mut().zip(weights) {
                *sum += weight / EPOCHS as f32;
            }
        }
    }
    let mut model = Model::empty();
    for (bucket, weights) in sum.iter().enumerate() {
        for (class, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            model.set(bucket, class, *weight);
        }
    }
    model
}

fn learn(weights: &mut [[f32; K]], steps: &mut [[f32; K]], features: &[u32], classes: u16) {
    let mut sums = [0.0_f32; K];
    for &feature in features {
        for (sum, weight) in sums.iter_mut().zip(&weights[feature as usize]) {
            *sum += weight;
        }
    }
    for (class, sum) in sums.iter().enumerate() {
        let wanted = f32::from(classes >> class & 1);
        let error = 1.0 / (1.0 + (-sum).exp()) - wanted;
        if error.abs() < SMALL {
            continue;
        }
        for &feature in features {
            let (weight, step) = (&mut weights[feature as usize][class], &mut steps[feature as usize][class]);
            let slope = error + DECAY * *weight;
            *step += slope * slope;
            *weight -= RATE * slope / step.sqrt();
        }
    }
}

/// Fisher and Yates, with a generator of its own so that every run is the same.
fn shuffle<T>(data: &mut [T], seed: &mut u64) {
    for last in (1..data.len()).rev() {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(*seed >> 33).unwrap_or_default() % (last + 1);
        data.swap(last, other);
    }
}
