//! Representatives of a patient: added and closed, never rewritten.

use clinical::ids::{EntryId, PatientId};
use clinical::representative::Representative;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::{Result, StorageError};
use crate::records::of_record;
use crate::summary::{Closed, Recorded};
use crate::tx::Tx;
use crate::value::values;

/// A representative as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRepresentative {
    /// Identifies the entry.
    pub id: EntryId,
    /// Who represents, and how.
    pub value: Representative,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// From which day on it no longer holds, when it was closed.
    pub closed_on: Option<Date>,
}

impl StoredRepresentative {
    /// Whether it was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed_on.is_some()
    }
}

impl Tx {
    /// Adds a representative.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_representative(
        &mut self,
        id: EntryId,
        patient: PatientId,
        value: &Representative,
        recorded: Recorded,
    ) -> Result<()> {
        let content = serde_json::to_string(value).map_err(|error| StorageError::Database(error.into()))?;
        self.execute(
            "INSERT INTO representative (id, patient_id, content, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5)",
            values![id, patient, content, recorded.by, recorded.at],
        )
        .await
        .map(drop)
    }

    /// Closes a representative of this patient: replaced, revoked, or entered by mistake.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is no such open entry.
    pub async fn close_representative(
        &mut self,
        id: EntryId,
        patient: PatientId,
        closed: Closed,
    ) -> Result<()> {
        let changed = self
            .execute(
                concat!(
                    "UPDATE representative SET closed_on = $3, closed_by = $4 WHERE id = $2 AND ",
                    of_record!("patient_id"),
                    " AND closed_on IS NULL"
                ),
                values![patient, id, closed.on, closed.by],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    /// The representatives of a patient in the order they were recorded, those closed too.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn representatives(&mut self, patient: PatientId) -> Result<Vec<StoredRepresentative>> {
        self.list(
            "representative",
            concat!(
                "SELECT id, content, recorded_at, closed_on FROM representative WHERE ",
                of_record!("patient_id"),
                " ORDER BY recorded_at, id"
            ),
            values![patient],
            |row| {
                Ok(StoredRepresentative {
                    id: row.parsed("id")?,
                    value: serde_json::from_str(&row.text("content")?).map_err(|_| row.corrupt("content"))?,
                    recorded_at: row.time("recorded_at")?,
                    closed_on: row.maybe_parsed("closed_on")?,
                })
            },
        )
        .await
    }
}
