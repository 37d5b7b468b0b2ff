//! Which label is kept for a set of ingredients: of many that say the same, one.

use std::collections::{BTreeMap, HashMap};

use super::record::Label;

/// What decides between two labels of the same ingredients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// The publisher's identifier.
    pub set_id: String,
    /// Version of the label.
    pub version: u64,
    /// Date of the label, YYYYMMDD.
    pub effective: u64,
    /// Whether the company that made it published it.
    pub original_packager: bool,
    /// Length of what it says about interactions, in bytes.
    pub interactions: usize,
}

impl Rank {
    /// Whether this label is kept rather than another of the same ingredients: a newer version of the same label, else
    /// the original packager's, the newest, the one that says most about interactions. A total order, so that the
    /// result does not depend on the order of the file nor on reading it twice.
    fn is_better_than(&self, other: &Self) -> bool {
        if self.set_id == other.set_id {
            return (self.version, self.effective) > (other.version, other.effective);
        }
        let weight =
            |rank: &Self| (rank.original_packager, rank.interactions > 0, rank.effective, rank.interactions);
        (weight(self), &self.set_id) > (weight(other), &other.set_id)
    }
}

/// What became of a label that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// The first one of these ingredients.
    New,
    /// It takes the place of the one that was kept.
    Replaced,
    /// The one that is kept stays.
    Known,
}

/// The labels of a file that are better than what was kept before. Of that only the rank is in memory.
#[derive(Debug, Default)]
pub struct Selection {
    known: HashMap<String, Rank>,
    chosen: BTreeMap<String, Label>,
}

impl Selection {
    /// Notes what is kept already for a set of ingredients, by [`Label::key`].
    pub fn know(&mut self, key: String, rank: Rank) {
        self.known.insert(key, rank);
    }

    /// Takes a label if it is better than the one known for its ingredients: idempotent, in any order.
    pub fn offer(&mut self, label: Label) -> Offered {
        let (key, rank) = (label.key(), label.rank());
        let offered = match self.known.get(&key) {
            None => Offered::New,
            Some(known) if rank.is_better_than(known) => Offered::Replaced,
            Some(_) => return Offered::Known,
        };
        self.known.insert(key.clone(), rank);
        self.chosen.insert(key, label);
        offered
    }

    /// Sets of ingredients that have a label.
    #[must_use]
    pub fn known(&self) -> usize {
        self.known.len()
    }

    /// The labels that were chosen, by their ingredients.
    #[must_use]
    pub fn into_chosen(self) -> Vec<Label> {
        self.chosen.into_values().collect()
    }
}
