//! Labels as openFDA publishes them in bulk: read record by record, one kept for each set of ingredients, and the
//! medicines and families that their sentences name.
//!
//! It opens no file: the program gives it streams. What a sentence names is read by machine, so it raises a quiet line at
//! most, unless the section of contraindications says it (reference, section 13).

mod alerts;
mod mentions;
mod record;
mod records;
mod words;

pub use record::{Label, LabelProblem};
pub use records::{Piece, Records};

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

pub(crate) use alerts::add;
use mentions::Mention;

/// The shape of what [`Labels::write`] writes.
const FORMAT: u32 = 1;

/// The labels that were imported; none at first.
#[derive(Default)]
pub struct Labels {
    published: String,
    kept: BTreeMap<String, Kept>,
}

struct Kept {
    label: Label,
    /// Read from the sentences when first asked for.
    mentions: OnceLock<Vec<Mention>>,
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

#[derive(Serialize, Deserialize)]
struct Heading {
    format: u32,
    published: String,
}

/// Why kept labels could not be read back.
#[derive(Debug, thiserror::Error)]
pub enum LabelsError {
    /// The file cannot be read or written.
    #[error("no se pudo leer el archivo de fichas")]
    Io(#[from] std::io::Error),
    /// Not what [`Labels::write`] writes.
    #[error("el archivo de fichas está dañado")]
    Damaged(#[from] serde_json::Error),
    /// Written by another version of the program.
    #[error("el archivo de fichas es de otra versión: vuelva a importarlo")]
    Format,
}

impl Labels {
    /// Date of the publisher's data, as the last imported file says it; empty when unknown.
    #[must_use]
    pub fn published(&self) -> &str {
        &self.published
    }

    /// Notes the date of the publisher's data; the newest stays.
    pub fn note_published(&mut self, date: &str) {
        if date > self.published.as_str() {
            date.clone_into(&mut self.published);
        }
    }

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

    /// Takes a label if it is better than the one kept for its ingredients: idempotent, in any order.
    pub fn offer(&mut self, label: Label) -> Offered {
        let key = label.ingredients.join("+");
        let offered = match self.kept.get(&key) {
            None => Offered::New,
            Some(kept) if label.is_better_than(&kept.label) => Offered::Replaced,
            Some(_) => return Offered::Known,
        };
        self.kept.insert(key, Kept { label, mentions: OnceLock::new() });
        offered
    }

    /// Writes what is kept, one label a line.
    ///
    /// # Errors
    /// [`LabelsError::Io`] when it cannot be written.
    pub fn write(&self, out: &mut impl Write) -> Result<(), LabelsError> {
        let heading = Heading { format: FORMAT, published: self.published.clone() };
        writeln!(out, "{}", serde_json::to_string(&heading)?)?;
        for kept in self.kept.values() {
            writeln!(out, "{}", serde_json::to_string(&kept.label)?)?;
        }
        Ok(out.flush()?)
    }

    /// Reads back what [`Labels::write`] wrote.
    ///
    /// # Errors
    /// [`LabelsError`] when it cannot be read or is of another shape.
    pub fn read(input: impl BufRead) -> Result<Self, LabelsError> {
        let mut lines = input.lines();
        let heading: Heading = match lines.next() {
            Some(line) => serde_json::from_str(&line?)?,
            None => return Err(LabelsError::Format),
        };
        if heading.format != FORMAT {
            return Err(LabelsError::Format);
        }
        let mut labels = Self { published: heading.published, kept: BTreeMap::new() };
        for line in lines {
            labels.offer(serde_json::from_str(&line?)?);
        }
        Ok(labels)
    }

    /// The label of one ingredient alone, with what it names.
    fn of(&self, inn: &str) -> Option<(&Label, &[Mention])> {
        let kept = self.kept.get(inn)?;
        Some((&kept.label, kept.mentions.get_or_init(|| mentions::of(&kept.label))))
    }
}

#[cfg(test)]
mod tests;
