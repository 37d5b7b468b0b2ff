//! Around recetas: lines kept by a professional, recetas that were cancelled, and the picture in the letterhead.

use clinical::document::{Cancellation, DocumentKind, SignedDocument};
use clinical::ids::{BlobId, DocumentId, KeptLinesId, PatientId, PractitionerId};
use clinical::kept_lines::KeptLines;

use crate::documents::{document, document_columns};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, values};

fn kept(row: &Row) -> Result<KeptLines> {
    Ok(KeptLines {
        id: row.parsed("id")?,
        practitioner_id: row.parsed("practitioner_id")?,
        name: row.text("name")?,
        lines: row.json("lines")?,
        changed_at: row.time("changed_at")?,
    })
}

fn cancellation(row: &Row) -> Result<Cancellation> {
    Ok(Cancellation {
        document_id: row.parsed("document_id")?,
        reason: row.text("reason")?,
        by: row.parsed("cancelled_by")?,
        by_name: row.text("by_name")?,
        at: row.time("cancelled_at")?,
    })
}

/// The latest recetas of a record, of which something more holds.
macro_rules! latest_prescriptions {
    ($and:literal) => {
        concat!(
            "SELECT ",
            document_columns!(),
            " WHERE ",
            of_record!("patient_id"),
            " AND kind = $2",
            $and,
            " ORDER BY signed_at DESC, sequence DESC LIMIT $3"
        )
    };
}

impl Tx {
    /// The lines a professional keeps, by name. Every read and write names whose they are.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn kept_lines(&mut self, of: PractitionerId) -> Result<Vec<KeptLines>> {
        self.list(
            "kept_lines",
            "SELECT id, practitioner_id, name, lines, changed_at FROM kept_lines
              WHERE practitioner_id = $1 ORDER BY name, id",
            values![of],
            kept,
        )
        .await
    }

    /// Keeps lines under a name; what they kept under it before is replaced.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional.
    pub async fn save_kept_lines(&mut self, one: &KeptLines) -> Result<()> {
        let lines =
            serde_json::to_string(&one.lines).map_err(|error| StorageError::Database(error.into()))?;
        self.execute(
            "INSERT INTO kept_lines (id, practitioner_id, name, lines, changed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (practitioner_id, name) DO UPDATE
               SET lines = excluded.lines, changed_at = excluded.changed_at",
            values![one.id, one.practitioner_id, &one.name, lines, one.changed_at],
        )
        .await
        .map(drop)
    }

    /// Forgets lines that were kept.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when they keep no such lines.
    pub async fn remove_kept_lines(&mut self, of: PractitionerId, id: KeptLinesId) -> Result<()> {
        let sql = "DELETE FROM kept_lines WHERE practitioner_id = $1 AND id = $2";
        match self.execute(sql, values![of, id]).await? {
            0 => Err(StorageError::Missing { what: "kept_lines".to_owned() }),
            _ => Ok(()),
        }
    }

    /// Writes that a receta holds no more.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] or [`StorageError::Immutable`] when it was cancelled before,
    /// [`StorageError::Missing`] for an unknown document.
    pub async fn cancel_prescription(&mut self, new: &Cancellation) -> Result<()> {
        self.execute(
            "INSERT INTO prescription_cancellation (document_id, reason, cancelled_by, cancelled_at)
             VALUES ($1, $2, $3, $4)",
            values![new.document_id, &new.reason, new.by, new.at],
        )
        .await
        .map(drop)
    }

    /// Whether, when, by whom and why a receta was cancelled. Who may not see its record does not get to the document, and
    /// so not further than this row.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn prescription_cancellation(&mut self, document: DocumentId) -> Result<Option<Cancellation>> {
        self.one(
            "prescription_cancellation",
            "SELECT c.document_id, c.reason, c.cancelled_by, c.cancelled_at, u.display_name AS by_name
               FROM prescription_cancellation c JOIN account u ON u.id = c.cancelled_by WHERE c.document_id = $1",
            values![document],
            cancellation,
        )
        .await
    }

    /// The latest signed recetas of a record, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn prescriptions_of_patient(
        &mut self,
        patient: PatientId,
        limit: u32,
    ) -> Result<Vec<SignedDocument>> {
        self.latest_prescriptions(latest_prescriptions!(""), patient, limit).await
    }

    /// The latest signed recetas of a record that were not cancelled, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn prescriptions_in_force(
        &mut self,
        patient: PatientId,
        limit: u32,
    ) -> Result<Vec<SignedDocument>> {
        let sql = latest_prescriptions!(
            " AND NOT EXISTS (SELECT 1 FROM prescription_cancellation c WHERE c.document_id = signed_document.id)"
        );
        self.latest_prescriptions(sql, patient, limit).await
    }

    async fn latest_prescriptions(
        &mut self,
        sql: &'static str,
        patient: PatientId,
        limit: u32,
    ) -> Result<Vec<SignedDocument>> {
        let values = values![patient, DocumentKind::PRESCRIPTION.code(), i64::from(limit)];
        self.list("signed_document", sql, values, document).await
    }

    /// The latest signed documents of a record that are no recetas, of acts since a time, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn notes_since(
        &mut self,
        patient: PatientId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<SignedDocument>> {
        let sql = concat!(
            "SELECT ",
            document_columns!(),
            " WHERE ",
            of_record!("patient_id"),
            " AND act_at >= $2 AND kind <> $3 ORDER BY act_at DESC, sequence DESC LIMIT $4"
        );
        let values = values![patient, since, DocumentKind::PRESCRIPTION.code(), i64::from(limit)];
        self.list("signed_document", sql, values, document).await
    }

    /// The picture in the letterhead.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn logo(&mut self) -> Result<Option<BlobId>> {
        self.one("letterhead", "SELECT logo FROM letterhead", &[], |row| row.parsed("logo")).await
    }

    /// Puts another picture in the letterhead, or none.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown blob.
    pub async fn set_logo(&mut self, logo: Option<BlobId>) -> Result<()> {
        let Some(logo) = logo else {
            return self.execute("DELETE FROM letterhead", &[]).await.map(drop);
        };
        let sql = "INSERT INTO letterhead (id, logo) VALUES (1, $1)
                   ON CONFLICT (id) DO UPDATE SET logo = excluded.logo";
        self.execute(sql, values![logo]).await.map(drop)
    }
}
