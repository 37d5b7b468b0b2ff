//! Favourites and protocols: lines of treatment a physician keeps under a name, to be put into a note by one step.

use jiff::Timestamp;

use crate::ids::{KeptLinesId, PractitionerId};
use crate::medication::MedicationRequest;

/// One line (a favourite) or several (a protocol). They hold no fact of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLines {
    /// Identifies them.
    pub id: KeptLinesId,
    /// Whose.
    pub practitioner_id: PractitionerId,
    /// What the physician calls them.
    pub name: String,
    /// The lines, at least one.
    pub lines: Vec<MedicationRequest>,
    /// When they were kept.
    pub changed_at: Timestamp,
}

impl KeptLines {
    /// "Favorito" for one line, "Protocolo" for several.
    #[must_use]
    pub fn label(&self) -> &'static str {
        if self.lines.len() == 1 { "Favorito" } else { "Protocolo" }
    }
}
