//! Alerts of medicines that a physician signed in spite of, and what they promised to look at.

use clinical::ids::{DocumentId, EntryId, PatientId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::{Result, StorageError};
use crate::private::visible_of;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, values};

/// An alert somebody signed in spite of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertOverride {
    /// Identifies it.
    pub id: EntryId,
    /// The document it was signed with.
    pub document_id: DocumentId,
    /// Stable name of the alert.
    pub alert_key: String,
    /// Whose.
    pub patient_id: PatientId,
    /// Tier of the alert then.
    pub severity: String,
    /// Coded reason.
    pub reason_code: String,
    /// Editions of the facts the alert came from.
    pub data_version: String,
    /// Who signed.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What somebody promised to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Identifies it.
    pub id: EntryId,
    /// Whose.
    pub patient_id: PatientId,
    /// The document it was promised with.
    pub document_id: DocumentId,
    /// What is to be looked at.
    pub what: String,
    /// On which day.
    pub due: Date,
    /// Who promised it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

fn follow_up(row: &Row) -> Result<FollowUp> {
    Ok(FollowUp {
        id: row.parsed("id")?,
        patient_id: row.parsed("patient_id")?,
        document_id: row.parsed("document_id")?,
        what: row.text("what")?,
        due: row.parsed("due")?,
        by: row.parsed("recorded_by")?,
        at: row.time("recorded_at")?,
    })
}

macro_rules! open_follow_ups {
    () => {
        "SELECT f.id, f.patient_id, f.document_id, f.what, f.due, f.recorded_by, f.recorded_at FROM follow_up f
          WHERE NOT EXISTS (SELECT 1 FROM follow_up_end e WHERE e.follow_up_id = f.id) AND "
    };
}

impl Tx {
    /// Keeps that an alert was signed in spite of.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown document, patient or user.
    pub async fn insert_alert_override(&mut self, new: &AlertOverride) -> Result<()> {
        self.execute(
            "INSERT INTO alert_override (id, document_id, alert_key, patient_id, severity, reason_code, data_version,
                                         recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                new.id,
                new.document_id,
                &new.alert_key,
                new.patient_id,
                &new.severity,
                &new.reason_code,
                &new.data_version,
                new.by,
                new.at,
            ],
        )
        .await?;
        self.mark_figures(new.at).await
    }

    /// The alerts of a record that were signed in spite of since a time, the newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn alert_overrides(
        &mut self,
        patient: PatientId,
        since: Timestamp,
    ) -> Result<Vec<AlertOverride>> {
        let sql = concat!(
            "SELECT id, document_id, alert_key, patient_id, severity, reason_code, data_version, recorded_by, recorded_at
               FROM alert_override WHERE ",
            of_record!("patient_id"),
            " AND recorded_at >= $2 ORDER BY recorded_at DESC, alert_key"
        );
        self.list("alert_override", sql, values![patient, since], |row| {
            Ok(AlertOverride {
                id: row.parsed("id")?,
                document_id: row.parsed("document_id")?,
                alert_key: row.text("alert_key")?,
                patient_id: row.parsed("patient_id")?,
                severity: row.text("severity")?,
                reason_code: row.text("reason_code")?,
                data_version: row.text("data_version")?,
                by: row.parsed("recorded_by")?,
                at: row.time("recorded_at")?,
            })
        })
        .await
    }

    /// Keeps a promise.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown document, patient or user.
    pub async fn insert_follow_up(&mut self, new: &FollowUp) -> Result<()> {
        self.execute(
            "INSERT INTO follow_up (id, patient_id, document_id, what, due, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![new.id, new.patient_id, new.document_id, &new.what, new.due.to_string(), new.by, new.at],
        )
        .await
        .map(drop)
    }

    /// What is still to be looked at in a record, the soonest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn follow_ups_of_patient(&mut self, patient: PatientId) -> Result<Vec<FollowUp>> {
        let sql = concat!(open_follow_ups!(), of_record!("f.patient_id"), " ORDER BY f.due, f.id");
        self.list("follow_up", sql, values![patient], follow_up).await
    }

    /// What somebody promised to look at up to a day and has not, the soonest first, with whose it is.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn follow_ups_due(&mut self, by: UserId, until: Date) -> Result<Vec<(FollowUp, Patient)>> {
        let sql = concat!(
            open_follow_ups!(),
            "f.recorded_by = $1 AND f.due <= $2 AND ",
            visible_of!("f.patient_id", "$3", "$4"),
            " ORDER BY f.due, f.id"
        );
        let values = values![by, until.to_string(), self.eyes(), self.moment()];
        let due = self.list("follow_up", sql, values, follow_up).await?;
        let mut found = Vec::with_capacity(due.len());
        for one in due {
            let missing = || StorageError::Missing { what: "patient".to_owned() };
            let patient = self.record(one.patient_id).await?.ok_or_else(missing)?;
            found.push((one, patient));
        }
        Ok(found)
    }

    /// One promise of a record that is still open.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn open_follow_up(&mut self, patient: PatientId, id: EntryId) -> Result<Option<FollowUp>> {
        let sql = concat!(open_follow_ups!(), of_record!("f.patient_id"), " AND f.id = $2");
        self.one("follow_up", sql, values![patient, id], follow_up).await
    }

    /// Keeps that a promise was kept, and what was found.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] or [`StorageError::Immutable`] when somebody else noted it first.
    pub async fn end_follow_up(
        &mut self,
        id: EntryId,
        outcome: &str,
        by: UserId,
        at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO follow_up_end (follow_up_id, outcome, recorded_by, recorded_at) VALUES ($1, $2, $3, $4)",
            values![id, outcome, by, at],
        )
        .await
        .map(drop)
    }
}
