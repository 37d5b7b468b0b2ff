//! Records joined into one, and taken apart again.
//!
//! Nothing signed is rewritten: rows keep the id they were written with. `patient.root` names the record each one
//! belongs to, and what is read of a record is read of all ids with its root ([`of_record`]). The joins that hold are
//! the rows of `patient_merge` that were not undone; `root` is always where they lead. So taking a record out again
//! gives exactly what it had, and what was written after the join stays where it was written.

use std::collections::BTreeSet;

use clinical::ids::{MergeId, PatientId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// The condition for the rows of record `$1`, whichever of its ids is given.
macro_rules! of_record {
    ($column:literal) => {
        concat!($column, " IN (SELECT id FROM patient WHERE root = (SELECT root FROM patient WHERE id = $1))")
    };
}
pub(crate) use of_record;

/// Two records joined, and perhaps taken apart again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Identifies the join.
    pub id: MergeId,
    /// The record that took the other in.
    pub kept: PatientId,
    /// Its number.
    pub kept_number: String,
    /// The record that was taken in.
    pub merged: PatientId,
    /// Its number.
    pub merged_number: String,
    /// Why.
    pub reason: String,
    /// Name on screens of who joined them.
    pub merged_by: String,
    /// When.
    pub merged_at: Timestamp,
    /// Who took them apart, when and why.
    pub undone: Option<(String, Timestamp, String)>,
}

fn merge(row: &Row) -> Result<Merge> {
    let undone = row.maybe_text("undone_by")?.zip(row.maybe_time("undone_at")?);
    let reason = row.maybe_text("undone_reason")?.unwrap_or_default();
    Ok(Merge {
        id: row.parsed("id")?,
        kept: row.parsed("kept")?,
        kept_number: row.text("kept_number")?,
        merged: row.parsed("merged")?,
        merged_number: row.text("merged_number")?,
        reason: row.text("reason")?,
        merged_by: row.text("merged_by")?,
        merged_at: row.time("merged_at")?,
        undone: undone.map(|(by, at)| (by, at, reason)),
    })
}

/// Who does something to records, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The account.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Why, in the person's words.
    pub reason: &'a str,
}

impl Tx {
    /// The record an id belongs to now: itself, or the one it was joined to. None that may not be seen.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn record(&mut self, id: PatientId) -> Result<Option<Patient>> {
        match self.patient(id).await? {
            Some(patient) if patient.is_merged() => self.patient(patient.root).await,
            own => Ok(own),
        }
    }

    /// A record by its number; the one it was joined to, if it was.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn record_by_number(&mut self, number: &str) -> Result<Option<Patient>> {
        let sql = "SELECT root FROM patient WHERE record_number = $1";
        match self.one("patient", sql, values![number], |row| row.parsed("root")).await? {
            Some(root) => self.patient(root).await,
            None => Ok(None),
        }
    }

    /// Joins a record to another. A CURP that only the joined one has goes over to the kept one.
    ///
    /// # Errors
    /// [`StorageError::NotMergeable`] when both are one record already or one of them belongs to a third;
    /// [`StorageError::OpenEncounter`] while a consultation of the joined record is being written.
    pub async fn merge_records(
        &mut self,
        id: MergeId,
        kept: PatientId,
        merged: PatientId,
        act: Act<'_>,
    ) -> Result<()> {
        for id in [kept, merged] {
            if self.patient(id).await?.is_none() {
                return Err(StorageError::Missing { what: "patient".to_owned() });
            }
        }
        let held = self
            .locked(
                "patient",
                "SELECT id, root, curp FROM patient WHERE id IN ($1, $2) ORDER BY id",
                values![kept, merged],
                |row| Ok((row.parsed("id")?, row.parsed("root")?, row.maybe_text("curp")?)),
            )
            .await?;
        let find =
            |wanted: PatientId| held.iter().find(|(id, ..): &&(PatientId, PatientId, _)| *id == wanted);
        let (Some((_, kept_root, kept_curp)), Some((_, merged_root, merged_curp))) =
            (find(kept), find(merged))
        else {
            return Err(StorageError::Missing { what: "patient".to_owned() });
        };
        if kept == merged || *kept_root != kept || *merged_root != merged {
            return Err(StorageError::NotMergeable);
        }
        let open = "SELECT COUNT(*) AS n FROM encounter WHERE patient_id = $1 AND state = 'in_progress'";
        if self.number(open, values![merged]).await? > 0 {
            return Err(StorageError::OpenEncounter);
        }
        let moved_curp = merged_curp.as_deref().filter(|_| kept_curp.is_none());
        self.execute("UPDATE patient SET root = $1 WHERE root = $2", values![kept, merged]).await?;
        self.mark_record(kept, Timestamp::UNIX_EPOCH).await?;
        self.forget_gaps(merged).await?;
        if let Some(curp) = moved_curp {
            self.move_curp(merged, kept, curp).await?;
        }
        self.execute(
            "INSERT INTO patient_merge (id, kept, merged, moved_curp, reason, merged_by, merged_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![id, kept, merged, moved_curp, act.reason, act.by, act.at],
        )
        .await
        .map(drop)
    }

    /// The CURP is unique, so that it leaves one record before it comes to the other.
    async fn move_curp(&mut self, from: PatientId, to: PatientId, curp: &str) -> Result<()> {
        self.execute(
            "UPDATE patient SET curp = NULL, version = version + 1 WHERE id = $1 AND curp = $2",
            values![from, curp],
        )
        .await?;
        self.execute("UPDATE patient SET curp = $2, version = version + 1 WHERE id = $1", values![to, curp])
            .await
            .map(drop)
    }

    /// Takes a record out again with everything that had been joined to it before. Returns both ids: kept, merged.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it was undone already; [`StorageError::CurpInUse`] when the CURP that had gone
    /// over is in a third record now.
    pub async fn undo_merge(&mut self, id: MergeId, act: Act<'_>) -> Result<(PatientId, PatientId)> {
        let found = self
            .locked(
                "patient_merge",
                "SELECT kept, merged, moved_curp, undone_at FROM patient_merge WHERE id = $1",
                values![id],
                |row| {
                    let ids: (PatientId, PatientId) = (row.parsed("kept")?, row.parsed("merged")?);
                    Ok((ids, row.maybe_text("moved_curp")?, row.maybe_time("undone_at")?))
                },
            )
            .await?
            .pop();
        let Some(((kept, merged), moved_curp, None)) = found else {
            return Err(StorageError::Conflict { current: None });
        };
        if self.patient(kept).await?.is_none() {
            return Err(StorageError::Conflict { current: None });
        }
        self.locked(
            "patient",
            "SELECT id FROM patient WHERE id IN ($1, $2) ORDER BY id",
            values![kept, merged],
            |_| Ok(()),
        )
        .await?;
        if let Some(curp) = &moved_curp {
            self.give_back_curp(kept, merged, curp).await?;
        }
        self.execute(
            "UPDATE patient_merge SET undone_by = $2, undone_at = $3, undone_reason = $4 WHERE id = $1",
            values![id, act.by, act.at, act.reason],
        )
        .await?;
        self.execute(
            "WITH RECURSIVE part (id) AS (
               SELECT id FROM patient WHERE id = $1
               UNION
               SELECT m.merged FROM patient_merge m JOIN part ON m.kept = part.id WHERE m.undone_at IS NULL
             )
             UPDATE patient SET root = $1 WHERE id IN (SELECT id FROM part)",
            values![merged],
        )
        .await?;
        for record in [kept, merged] {
            self.mark_record(record, Timestamp::UNIX_EPOCH).await?;
        }
        self.look_again(BTreeSet::from([kept, merged])).await?;
        Ok((kept, merged))
    }

    async fn give_back_curp(&mut self, kept: PatientId, merged: PatientId, curp: &str) -> Result<()> {
        let holder = self
            .one("patient", "SELECT id, record_number FROM patient WHERE curp = $1", values![curp], |row| {
                Ok((row.parsed::<PatientId>("id")?, row.text("record_number")?))
            })
            .await?;
        match holder {
            Some((patient_id, record_number)) if patient_id != kept => {
                Err(StorageError::CurpInUse { patient_id, record_number })
            }
            _ => self.move_curp(kept, merged, curp).await,
        }
    }

    /// The numbers of the records that belong to this one now.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn joined_numbers(&mut self, record: PatientId) -> Result<Vec<String>> {
        let sql = "SELECT record_number FROM patient WHERE root = $1 AND id <> $1 ORDER BY record_number";
        self.list("patient", sql, values![record], |row| row.text("record_number")).await
    }

    /// The joins a record had part in, newest first, those undone too.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn merges(&mut self, patient: PatientId) -> Result<Vec<Merge>> {
        self.list(
            "patient_merge",
            concat!(
                "SELECT m.id, m.kept, k.record_number AS kept_number, m.merged, o.record_number AS merged_number,
                        m.reason, b.display_name AS merged_by, m.merged_at, u.display_name AS undone_by, m.undone_at,
                        m.undone_reason
                   FROM patient_merge m
                   JOIN patient k ON k.id = m.kept
                   JOIN patient o ON o.id = m.merged
                   JOIN account b ON b.id = m.merged_by
                   LEFT JOIN account u ON u.id = m.undone_by
                  WHERE ",
                of_record!("m.kept"),
                " OR ",
                of_record!("m.merged"),
                " ORDER BY m.merged_at DESC, m.id DESC"
            ),
            values![patient],
            merge,
        )
        .await
    }
}
