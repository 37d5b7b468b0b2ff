//! Stays in which notes are due: the acts of a record by kind, and that a stay is over where no document says so.

use clinical::document::DocumentKind;
use clinical::ids::{EntryId, PatientId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, values};

/// Somebody noted that a stay is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayEnd {
    /// Identifies it.
    pub id: EntryId,
    /// Whose.
    pub patient_id: PatientId,
    /// The note that is no longer due.
    pub kind: DocumentKind,
    /// How it is known.
    pub reason: String,
    /// Who noted it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

fn moment(row: &Row) -> Result<(DocumentKind, Timestamp)> {
    Ok((row.coded("kind", DocumentKind::from_code)?, row.time("at")?))
}

impl Tx {
    /// The kinds and times of the acts of a record's signed documents since a time.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn acts_of_patient(
        &mut self,
        patient: PatientId,
        since: Timestamp,
    ) -> Result<Vec<(DocumentKind, Timestamp)>> {
        let sql = concat!(
            "SELECT kind, act_at AS at FROM signed_document WHERE ",
            of_record!("patient_id"),
            " AND act_at >= $2 ORDER BY act_at, sequence"
        );
        self.list("signed_document", sql, values![patient, since], moment).await
    }

    /// The records with a signed document of a kind since a time.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn patients_with(&mut self, kind: DocumentKind, since: Timestamp) -> Result<Vec<Patient>> {
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            " FROM patient p WHERE p.id IN
               (SELECT own.root FROM signed_document d JOIN patient own ON own.id = d.patient_id
                 WHERE d.kind = $1 AND d.act_at >= $2)
                AND ",
            visible!("p.root", "$3", "$4"),
            " ORDER BY p.id"
        );
        let values = values![kind.code(), since, self.eyes(), self.moment()];
        self.list("patient", sql, values, patient).await
    }

    /// Notes that a stay is over.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_stay_end(&mut self, end: &StayEnd) -> Result<()> {
        self.execute(
            "INSERT INTO stay_end (id, patient_id, kind, reason, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![end.id, end.patient_id, end.kind.code(), &end.reason, end.by, end.at],
        )
        .await
        .map(drop)
    }

    /// Which notes of a record are no longer due, and since when.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn stay_ends(&mut self, patient: PatientId) -> Result<Vec<(DocumentKind, Timestamp)>> {
        let sql = concat!(
            "SELECT kind, recorded_at AS at FROM stay_end WHERE ",
            of_record!("patient_id"),
            " ORDER BY recorded_at"
        );
        self.list("stay_end", sql, values![patient], moment).await
    }
}
