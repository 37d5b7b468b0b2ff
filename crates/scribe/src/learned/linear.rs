//! A sparse linear model: a table from feature and class to a number, as text.
//!
//! A line `= class believed kept` begins a class. Its entries follow, in ascending order of the feature: how far it is from
//! the one before, then a letter for the weight, `a` to `z` above zero and `A` to `Z` below, each a quarter larger than the
//! last.

use std::fmt::Write as _;

/// Features are hashed to this many places.
pub const BUCKETS: usize = 1 << 20;

/// Weight of the letters `a` and `A`.
const UNIT: f32 = 0.02;
/// From one letter to the next.
const STEP: f32 = 1.25;

/// Collects features: a number for the kind of feature and its values make one place in the table.
#[derive(Debug, Default)]
pub(super) struct Sink(Vec<u32>);

impl Sink {
    /// An empty one with room for the features of one example.
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(160))
    }

    /// Adds a feature.
    pub(super) fn add(&mut self, kind: u64, values: &[u64]) {
        let mixed = values.iter().fold(kind.wrapping_mul(0x9e37_79b9_7f4a_7c15), |hash, value| {
            let hash = (hash ^ value).wrapping_mul(0xff51_afd7_ed55_8ccd);
            hash ^ (hash >> 32)
        });
        // The remainder is below the number of buckets, which fits.
        self.0.push(u32::try_from(mixed % BUCKETS as u64).unwrap_or_default());
    }

    /// The features, each once.
    pub(super) fn finish(mut self) -> Vec<u32> {
        self.0.sort_unstable();
        self.0.dedup();
        self.0
    }
}

/// FNV-1a of a word.
pub(super) fn word_hash(word: &str) -> u64 {
    word.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A table of weights with two thresholds per class.
#[derive(Debug, Clone)]
pub struct Model {
    codes: Vec<&'static str>,
    /// Row of each feature, 0 for a feature without weights.
    rows: Vec<u32>,
    /// A weight per row and class.
    weights: Vec<f32>,
    believed: Vec<f32>,
    kept: Vec<f32>,
}

impl Model {
    /// A model of classes without weights, which believes nothing and keeps all.
    #[must_use]
    pub fn empty(codes: &[&'static str]) -> Self {
        Self {
            codes: codes.to_vec(),
            rows: vec![0; BUCKETS],
            weights: vec![0.0; codes.len()],
            believed: vec![f32::INFINITY; codes.len()],
            kept: vec![0.0; codes.len()],
        }
    }

    /// Reads the text; what it does not understand it leaves out.
    #[must_use]
    pub fn parse(text: &str, codes: &[&'static str]) -> Self {
        let mut model = Self::empty(codes);
        let mut class = None;
        let mut bucket = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(head) = line.strip_prefix("= ") {
                let mut words = head.split(' ');
                class = words.next().and_then(|code| codes.iter().position(|known| *known == code));
                bucket = 0;
                let mut number = || words.next().and_then(|number| number.parse().ok());
                if let (Some(class), Some(believed), Some(kept)) = (class, number(), number()) {
                    model.set_thresholds(class, believed, kept);
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
        let classes = self.codes.len();
        let Some(row) = self.rows.get_mut(bucket) else { return };
        if *row == 0 {
            *row = u32::try_from(self.weights.len() / classes).unwrap_or_default();
            self.weights.resize(self.weights.len() + classes, 0.0);
        }
        self.weights[*row as usize * classes + class] = weight;
    }

    /// Sets the probability from which a class is believed, and from which what the rules found of it stands.
    pub fn set_thresholds(&mut self, class: usize, believed: f32, kept: f32) {
        self.believed[class] = believed;
        self.kept[class] = kept;
    }

    /// The probability from which a class is believed.
    #[must_use]
    pub fn believed(&self, class: usize) -> f32 {
        self.believed[class]
    }

    /// The probability from which what the rules found of a class stands.
    #[must_use]
    pub fn kept(&self, class: usize) -> f32 {
        self.kept[class]
    }

    /// The probability of each class.
    #[must_use]
    pub fn score(&self, features: &[u32]) -> Vec<f32> {
        let classes = self.codes.len();
        let mut sums = vec![0.0; classes];
        for &feature in features {
            let row = self.rows[feature as usize % BUCKETS] as usize;
            if row > 0 {
                for (sum, weight) in sums.iter_mut().zip(&self.weights[row * classes..][..classes]) {
                    *sum += weight;
                }
            }
        }
        for sum in &mut sums {
            *sum = 1.0 / (1.0 + (-*sum).exp());
        }
        sums
    }

    /// The text [`Model::parse`] reads; weights are rounded to the nearest letter.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::new();
        for (class, code) in self.codes.iter().enumerate() {
            let _ = writeln!(out, "= {code} {:.3} {:.3}", self.believed[class], self.kept[class]);
            let (mut last, mut width) = (0, 0);
            for (bucket, &row) in self.rows.iter().enumerate().filter(|(_, row)| **row > 0) {
                let Some(letter) = letter(self.weights[row as usize * self.codes.len() + class]) else {
                    continue;
                };
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
        let codes = ["one", "other"];
        let mut model = Model::empty(&codes);
        model.set(7, 0, 0.5);
        model.set(7, 1, -1.9);
        model.set(BUCKETS - 1, 1, 0.021);
        model.set_thresholds(1, 0.25, 0.125);
        let text = model.write();
        let read = Model::parse(&text, &codes);
        assert_eq!(read.write(), text);
        let near = |features: &[u32], class: usize, sum: f32| {
            let odds = read.score(features)[class];
            let sum_read = (odds / (1.0 - odds)).ln();
            assert!((sum_read - sum).abs() <= sum.abs() * 0.13, "{sum_read} for {sum}");
        };
        near(&[7], 0, 0.5);
        near(&[7], 1, -1.9);
        near(&[7, u32::try_from(BUCKETS - 1).unwrap()], 1, -1.879);
        assert!((read.believed(1) - 0.25).abs() < 1e-6);
        assert!((read.kept(1) - 0.125).abs() < 1e-6);
        assert!(read.believed(0).is_infinite(), "a class without a threshold is never believed");
    }
}
