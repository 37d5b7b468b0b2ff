//! Drafts that were given up: set aside with their reason, and taken up again.

use clinical::document::DocumentKind;
use clinical::ids::{EncounterId, EntryId, PatientId, UserId};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, values};

/// A draft that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelledDraft {
    /// Identifies it.
    pub id: EntryId,
    /// Of which consultation.
    pub encounter_id: EncounterId,
    /// Of which document.
    pub kind: DocumentKind,
    /// Why.
    pub reason: String,
    /// Who gave it up.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

fn cancelled(row: &Row) -> Result<CancelledDraft> {
    Ok(CancelledDraft {
        id: row.parsed("id")?,
        encounter_id: row.parsed("encounter_id")?,
        kind: row.coded("kind", DocumentKind::from_code)?,
        reason: row.text("reason")?,
        by: row.parsed("cancelled_by")?,
        at: row.time("cancelled_at")?,
    })
}

macro_rules! cancelled_columns {
    () => {
        "x.id, x.encounter_id, x.kind, x.reason, x.cancelled_by, x.cancelled_at FROM cancelled_draft x"
    };
}

impl Tx {
    /// Sets the draft at `version` aside.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it is at another version or there is none.
    pub async fn cancel_draft(&mut self, new: &CancelledDraft, version: i64) -> Result<()> {
        let moved = self
            .execute(
                "INSERT INTO cancelled_draft (id, encounter_id, kind, version, updated_by, updated_at, content,
                                              reason, cancelled_by, cancelled_at)
                 SELECT $1, encounter_id, kind, version, updated_by, updated_at, content, $4, $5, $6
                   FROM draft WHERE encounter_id = $2 AND kind = $3 AND version = $7",
                values![new.id, new.encounter_id, new.kind.code(), &new.reason, new.by, new.at, version],
            )
            .await?;
        if moved == 0 {
            return Err(StorageError::Conflict { current: None });
        }
        self.delete_draft(new.encounter_id, new.kind).await.map(drop)
    }

    /// A draft that was given up.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn cancelled_draft(&mut self, id: EntryId) -> Result<Option<CancelledDraft>> {
        // Who may not see the record does not get to its consultation, and so not further than this row.
        let sql = concat!("SELECT ", cancelled_columns!(), " WHERE x.id = $1");
        self.one("cancelled_draft", sql, values![id], cancelled).await
    }

    /// The drafts of a record given up since a time, the newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn cancelled_drafts(
        &mut self,
        patient: PatientId,
        since: Timestamp,
    ) -> Result<Vec<CancelledDraft>> {
        let sql = concat!(
            "SELECT ",
            cancelled_columns!(),
            " JOIN encounter e ON e.id = x.encounter_id WHERE ",
            of_record!("e.patient_id"),
            " AND x.cancelled_at >= $2 ORDER BY x.cancelled_at DESC, x.id DESC"
        );
        self.list("cancelled_draft", sql, values![patient, since], cancelled).await
    }

    /// Takes a draft up again, as it was.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when another draft of the document was begun since, or it was taken up already.
    pub async fn restore_draft(&mut self, id: EntryId) -> Result<()> {
        let moved = self
            .execute(
                "INSERT INTO draft (encounter_id, kind, version, updated_by, updated_at, content)
                 SELECT encounter_id, kind, version, updated_by, updated_at, content
                   FROM cancelled_draft WHERE id = $1
                 ON CONFLICT DO NOTHING",
                values![id],
            )
            .await?;
        if moved == 0 {
            return Err(StorageError::Conflict { current: None });
        }
        self.execute("DELETE FROM cancelled_draft WHERE id = $1", values![id]).await.map(drop)
    }
}
