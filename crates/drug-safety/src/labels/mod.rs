//! Labels as openFDA publishes them in bulk: read record by record, one kept for each set of ingredients, and the
//! medicines and families that their sentences name.
//!
//! It opens no file: the program gives it streams. What a sentence names is read by machine, so it raises a quiet line at
//! most, unless the section of contraindications says it (reference, section 13).

mod alerts;
mod mentions;
mod record;
mod records;
mod selection;
mod words;

pub use record::{Label, LabelProblem};
pub use records::{Piece, Records};
pub use selection::{Offered, Rank, Selection};

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

pub(crate) use alerts::add;
use mentions::Mention;

/// Which sections are read, and how labels are chosen: a file read by an earlier reader is worth reading again.
pub const READER: u32 = 1;

/// A label and what its sentences name.
pub struct KeptLabel {
    label: Label,
    /// Read from the sentences when first asked for.
    mentions: OnceLock<Vec<Mention>>,
}

impl KeptLabel {
    /// Keeps a label; its sentences are read when a check first asks for them.
    #[must_use]
    pub fn new(label: Label) -> Self {
        Self { label, mentions: OnceLock::new() }
    }

    fn mentions(&self) -> &[Mention] {
        self.mentions.get_or_init(|| mentions::of(&self.label))
    }
}

/// The labels that were imported; none at first.
#[derive(Default)]
pub struct Labels {
    /// By their ingredients joined with a plus sign.
    kept: HashMap<String, Arc<KeptLabel>>,
    /// The key of the label that speaks most narrowly of an ingredient.
    of_ingredient: HashMap<String, String>,
}

impl Labels {
    /// How many labels are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether none was imported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Takes a label in the place of what is kept for its ingredients.
    pub fn put(&mut self, kept: Arc<KeptLabel>) {
        let key = kept.label.key();
        for inn in &kept.label.ingredients {
            let width = |key: &str| (key.matches('+').count(), key.to_owned());
            let narrower = self.of_ingredient.get(inn).is_none_or(|known| width(&key) < width(known));
            if narrower {
                self.of_ingredient.insert(inn.clone(), key.clone());
            }
        }
        self.kept.insert(key, kept);
    }

    /// The label of an ingredient alone, or of the smallest combination there is of it, with what it names.
    fn of(&self, inn: &str) -> Option<(&Label, &[Mention])> {
        let kept = self.kept.get(self.of_ingredient.get(inn)?)?;
        Some((&kept.label, kept.mentions()))
    }
}

#[cfg(test)]
mod tests;
