//! How long records are kept: the last medical act of each, holds, and the archive.

use clinical::ids::{EntryId, HoldId, PatientId};
use clinical::patient::Patient;
use clinical::retention::{ArchiveMove, Hold};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::{visible, visible_of};
use crate::records::{Act, of_record};
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, Value, values};

macro_rules! hold_columns {
    () => {
        "SELECT rh.id, rh.patient_id, rh.reason, rh.until_day, rh.recorded_at, u.display_name AS by_name,
                l.reason AS lift_reason, l.recorded_at AS lift_at, x.display_name AS lift_by
           FROM retention_hold rh
           JOIN account u ON u.id = rh.recorded_by
           LEFT JOIN hold_lift l ON l.hold_id = rh.id
           LEFT JOIN account x ON x.id = l.recorded_by "
    };
}

fn hold(row: &Row) -> Result<Hold> {
    let lifted = row.maybe_text("lift_by")?.zip(row.maybe_time("lift_at")?);
    let reason = row.maybe_text("lift_reason")?.unwrap_or_default();
    Ok(Hold {
        id: row.parsed("id")?,
        patient_id: row.parsed("patient_id")?,
        reason: row.text("reason")?,
        until: row.maybe_parsed("until_day")?,
        by_name: row.text("by_name")?,
        at: row.time("recorded_at")?,
        lifted: lifted.map(|(by, at)| (by, at, reason)),
    })
}

/// A record whose date has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRecord {
    /// Whose.
    pub patient: Patient,
    /// When its last medical act was.
    pub last_act: Timestamp,
    /// Whether it is out of the daily lists.
    pub archived: bool,
}

/// The clock.
impl Tx {
    /// When the last medical act of a record was: the latest act of its signed documents and of those that were signed
    /// elsewhere, those of records joined to it too. `None` while there is none.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn last_act(&mut self, record: PatientId) -> Result<Option<Timestamp>> {
        let sql = concat!(
            "SELECT MAX(a.act_at) AS last_act FROM (SELECT act_at FROM signed_document WHERE ",
            of_record!("patient_id"),
            " UNION ALL SELECT act_at FROM external_document WHERE ",
            of_record!("patient_id"),
            ") a"
        );
        let read = |row: &Row| row.maybe_time("last_act");
        Ok(self.one("signed_document", sql, values![record], read).await?.flatten())
    }

    /// Records whose last medical act was before an instant, the longest past first; those on hold on `today` are
    /// left out.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn records_past(
        &mut self,
        before: Timestamp,
        today: Date,
        page: PageRequest,
    ) -> Result<Page<PastRecord>> {
        macro_rules! past {
            () => {
                concat!(
                    "FROM (SELECT o.root AS record, MAX(d.act_at) AS last_act
                         FROM (SELECT patient_id, act_at FROM signed_document
                               UNION ALL SELECT patient_id, act_at FROM external_document) d
                         JOIN patient o ON o.id = d.patient_id
                        GROUP BY o.root HAVING MAX(d.act_at) < $1) a
                 JOIN patient p ON p.id = a.record
                WHERE NOT EXISTS (
                  SELECT 1 FROM retention_hold h JOIN patient q ON q.id = h.patient_id
                   WHERE q.root = p.id AND (h.until_day IS NULL OR h.until_day >= $2)
                     AND NOT EXISTS (SELECT 1 FROM hold_lift l WHERE l.hold_id = h.id)) AND ",
                    visible!("p.id", "$3", "$4")
                )
            };
        }
        let (eyes, moment) = (self.eyes(), self.moment());
        let seen = &[Value::from(before), today.into(), eyes.into(), moment.into()];
        let total = self.number(concat!("SELECT COUNT(*) AS n ", past!()), seen).await?;
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            ", a.last_act, p.archived_at ",
            past!(),
            " ORDER BY a.last_act, p.id LIMIT $5 OFFSET $6"
        );
        let read = |row: &Row| {
            Ok(PastRecord {
                patient: patient(row)?,
                last_act: row.time("last_act")?,
                archived: row.maybe_time("archived_at")?.is_some(),
            })
        };
        let items = self
            .list("patient", sql, values![before, today, eyes, moment, page.limit(), page.offset()], read)
            .await?;
        Ok(Page { items, total })
    }
}

/// Holds.
impl Tx {
    /// Puts a record on hold.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_hold(
        &mut self,
        id: HoldId,
        record: PatientId,
        until: Option<Date>,
        act: Act<'_>,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO retention_hold (id, patient_id, reason, until_day, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![id, record, act.reason, until, act.by, act.at],
        )
        .await
        .map(drop)
    }

    /// Lifts a hold. It stays readable.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown hold; [`crate::StorageError::NotUnique`] or
    /// [`crate::StorageError::Immutable`] when it was lifted before.
    pub async fn lift_hold(&mut self, id: HoldId, act: Act<'_>) -> Result<()> {
        self.execute(
            "INSERT INTO hold_lift (hold_id, reason, recorded_by, recorded_at) VALUES ($1, $2, $3, $4)",
            values![id, act.reason, act.by, act.at],
        )
        .await
        .map(drop)
    }

    /// A hold.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold(&mut self, id: HoldId) -> Result<Option<Hold>> {
        let sql = concat!(hold_columns!(), "WHERE rh.id = $1 AND ", visible_of!("rh.patient_id", "$2", "$3"));
        self.one("retention_hold", sql, values![id, self.eyes(), self.moment()], hold).await
    }

    /// The holds of a record, newest first, lifted ones among them.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn holds(&mut self, record: PatientId) -> Result<Vec<Hold>> {
        let sql = concat!(
            hold_columns!(),
            "WHERE ",
            of_record!("rh.patient_id"),
            " ORDER BY rh.recorded_at DESC, rh.id DESC"
        );
        self.list("retention_hold", sql, values![record], hold).await
    }

    /// All holds that are not lifted, newest first, each with its record as it is now.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn live_holds(&mut self, today: Date) -> Result<Vec<Hold>> {
        let sql = concat!(
            hold_columns!(),
            "WHERE l.hold_id IS NULL AND (rh.until_day IS NULL OR rh.until_day >= $1) AND ",
            visible_of!("rh.patient_id", "$2", "$3"),
            " ORDER BY rh.recorded_at DESC, rh.id DESC"
        );
        self.list("retention_hold", sql, values![today, self.eyes(), self.moment()], hold).await
    }
}

/// The archive.
impl Tx {
    /// Moves a record out of the daily lists, or back.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient or user.
    pub async fn move_to_archive(
        &mut self,
        id: EntryId,
        record: PatientId,
        archived: bool,
        act: Act<'_>,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO archive_move (id, patient_id, archived, reason, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![id, record, archived, act.reason, act.by, act.at],
        )
        .await?;
        self.execute(
            "UPDATE patient SET archived_at = $2 WHERE id = $1",
            values![record, archived.then_some(act.at)],
        )
        .await
        .map(drop)
    }

    /// Whether a record is out of the daily lists.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn is_archived(&mut self, record: PatientId) -> Result<bool> {
        let sql = "SELECT COUNT(archived_at) AS n FROM patient WHERE id = $1";
        Ok(self.number(sql, values![record]).await? > 0)
    }

    /// The moves of a record, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn archive_moves(&mut self, record: PatientId) -> Result<Vec<ArchiveMove>> {
        let sql = concat!(
            "SELECT m.id, m.archived, m.reason, m.recorded_at, u.display_name AS by_name
               FROM archive_move m JOIN account u ON u.id = m.recorded_by WHERE ",
            of_record!("m.patient_id"),
            " ORDER BY m.recorded_at DESC, m.id DESC"
        );
        let read = |row: &Row| {
            Ok(ArchiveMove {
                archived: row.flag("archived")?,
                reason: row.text("reason")?,
                by_name: row.text("by_name")?,
                at: row.time("recorded_at")?,
            })
        };
        self.list("archive_move", sql, values![record], read).await
    }
}
