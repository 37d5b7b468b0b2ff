//! The weights: a table from feature and class to a number, as text.
//!
//! A line `= class threshold` begins a class. Its entries follow, in ascending order of the feature: how far it is from the
//! one before, then a letter for the weight, `a` to `z` above zero and `A` to `Z` below, each a quarter larger than the last.

use std::fmt::Write as _;

use super::class::CLASSES;

/// Features are hashed to this many places.
pub const BUCKETS: usize = 1 << 20;

/// A probability per class.
pub type Scores = [f32; CLASSES.len()];

/// Weight of the letters `a` and `A`.
const UNIT: f32 = 0.02;
/// From one letter to the next.
const STEP: f32 = 1.25;

/// A table of weights with a threshold per class.
#[derive(Debug, Clone)]
pub struct Model {
    /// Row of each feature, 0 for a feature without weights.
    rows: Vec<u32>,
    weights: Vec<[f32; CLASSES.len()]>,
    thresholds: [f32; CLASSES.len()],
}

impl Model {
    /// A model without weights, which picks nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            rows: vec![0; BUCKETS],
            weights: vec![[0.0; CLASSES.len()]],
            thresholds: [f32::INFINITY; CLASSES.len()],
        }
    }

    /// Reads the text; what it does not understand it leaves out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut model = Self::empty();
        let mut class = None;
        let mut bucket = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(head) = line.strip_prefix("= ") {
                let mut words = head.split(' ');
                class = words.next().and_then(|code| CLASSES.iter().position(|class| class.code == code));
                bucket = 0;
                if let (Some(class), Some(threshold)) = (class, words.next().and_then(|t| t.parse().ok())) {
                    model.thresholds[class] = threshold;
                }
                continue;
            }
            let Some(class) = class else { continue };
            let mut gap = 0;
            for letter in line.bytes() {
                if letter.is_ascii_digit() {
                    gap = gap * 10 + usize::from(letter - b'0');
                } else {
                    bucket += gap;
                    gap = 0;
                    model.set(bucket, class, weight(letter));
                }
            }
        }
        model
    }

    /// Sets one weight.
    pub fn set(&mut self, bucket: usize, class: usize, weight: f32) {
        let Some(row) = self.rows.get_mut(bucket) else { return };
        if *row == 0 {
            *row = u32::try_from(self.weights.len()).unwrap_or_default();
            self.weights.push([0.0; CLASSES.len()]);
        }
        self.weights[*row as usize][class] = weight;
    }

    /// Sets the probability from which a class is believed.
    pub fn set_threshold(&mut self, class: usize, threshold: f32) {
        self.thresholds[class] = threshold;
    }

    /// The probability from which a class is believed.
    #[must_use]
    pub fn threshold(&self, class: usize) -> f32 {
        self.thresholds[class]
    }

    /// The probability of each class.
    #[must_use]
    pub fn score(&self, features: &[u32]) -> Scores {
        let mut sums = [0.0; CLASSES.len()];
        for &feature in features {
            let row = self.rows[feature as usize % BUCKETS] as usize;
            if row > 0 {
                for (sum, weight) in sums.iter_mut().zip(&self.weights[row]) {
                    *sum += weight;
                }
            }
        }
        sums.map(|sum| 1.0 / (1.0 + (-sum).exp()))
    }

    /// The text [`Model::parse`] reads; weights are rounded to the nearest letter.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::new();
        for (class, named) in CLASSES.iter().enumerate() {
            let _ = writeln!(out, "= {} {:.3}", named.code, self.thresholds[class]);
            let (mut last, mut width) = (0, 0);
            for (bucket, &row) in self.rows.iter().enumerate().filter(|(_, row)| **row > 0) {
                let Some(letter) = letter(self.weights[row as usize][class]) else { continue };
                let entry = format!("{}{}", bucket - last, char::from(letter));
                last = bucket;
                width += entry.len();
                out.push_str(&entry);
                if width >= 110 {
                    out.push('\n');
                    width = 0;
                }
            }
            if width > 0 {
                out.push('\n');
            }
        }
        out
    }
}

fn weight(letter: u8) -> f32 {
    match letter {
        b'a'..=b'z' => UNIT * STEP.powi(i32::from(letter - b'a')),
        b'A'..=b'Z' => -UNIT * STEP.powi(i32::from(letter - b'A')),
        _ => 0.0,
    }
}

/// The letter nearest to a weight; `None` for one too small to matter.
fn letter(weight: f32) -> Option<u8> {
    let first = if weight > 0.0 { b'a' } else { b'A' };
    (first..first + 26)
        .map(|letter| (letter, (self::weight(letter) - weight).abs()))
        .filter(|(_, distance)| *distance < weight.abs())
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(letter, _)| letter)
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Model};

    #[test]
    fn what_is_written_is_read_again() {
        let mut model = Model::empty();
        model.set(7, 0, 0.5);
        model.set(7, 3, -1.9);
        model.set(BUCKETS - 1, 3, 0.021);
        model.set_threshold(3, 0.25);
        let text = model.write();
        let read = Model::parse(&text);
        assert_eq!(read.write(), text);
        let near = |features: &[u32], class: usize, sum: f32| {
            let odds = read.score(features)[class];
            let sum_read = (odds / (1.0 - odds)).ln();
            assert!((sum_read - sum).abs() <= sum.abs() * 0.13, "{sum_read} for {sum}");
        };
        near(&[7], 0, 0.5);
        near(&[7], 3, -1.9);
        near(&[7, u32::try_from(BUCKETS - 1).unwrap()], 3, -1.879);
        assert!((read.threshold(3) - 0.25).abs() < 1e-6);
        assert!(read.threshold(0).is_infinite(), "a class without a threshold is never believed");
    }

    #[test]
    fn the_weights_that_ship_are_read_to_the_last_letter() {
        let shipped = include_str!("../../../../../catalogs/scribe-model/weights.txt");
        assert_eq!(Model::parse(shipped).write(), shipped);
    }
}
