//! Blocked records: kept after their time and not read any more ([`crate::private`] has the rule), nor written
//! ([`Tx::append_audit`] asks here). Blocks are added and lifted, never rewritten.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::ids::{BlockId, PatientId};
use clinical::patient::Patient;
use clinical::retention::Block;
use jiff::Timestamp;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::admitted;
use crate::records::{Act, of_record};
use crate::tx::Tx;
use crate::value::{Row, values};

macro_rules! block_columns {
    () => {
        "rb.id AS block_id, rb.patient_id, rb.reason, rb.recorded_at, u.display_name AS by_name,
         l.reason AS lift_reason, l.recorded_at AS lift_at, x.display_name AS lift_by "
    };
}

macro_rules! block_tables {
    () => {
        "FROM record_block rb
           JOIN account u ON u.id = rb.recorded_by
           LEFT JOIN block_lift l ON l.block_id = rb.id
           LEFT JOIN account x ON x.id = l.recorded_by "
    };
}

fn block(row: &Row) -> Result<Block> {
    let lifted = row.maybe_text("lift_by")?.zip(row.maybe_time("lift_at")?);
    let reason = row.maybe_text("lift_reason")?.unwrap_or_default();
    Ok(Block {
        id: row.parsed("block_id")?,
        patient_id: row.parsed("patient_id")?,
        reason: row.text("reason")?,
        by_name: row.text("by_name")?,
        at: row.time("recorded_at")?,
        lifted: lifted.map(|(by, at)| (by, at, reason)),
    })
}

/// What is still written about a blocked record, as the bitácora names it: the block itself and who opens it, a hold, its
/// group, what is handed to an authority and what its patient asks.
const STILL_WRITTEN: [&str; 6] = ["block", "opening", "hold", "group", "delivery", "arco"];

/// Whether an event tells of something written into a record, for which it must not be blocked.
pub(crate) fn writes_into_record(event: &NewAuditEvent) -> Option<PatientId> {
    let writes = matches!(event.action, AuditAction::Create | AuditAction::Update | AuditAction::Sign);
    event.patient_id.filter(|_| writes && !STILL_WRITTEN.contains(&event.entity))
}

impl Tx {
    /// Waits for who is writing into a record and keeps others from it until this transaction ends.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_whole_record(&mut self, record: PatientId) -> Result<()> {
        let sql = concat!("SELECT id FROM patient WHERE ", of_record!("id"), " ORDER BY id");
        self.locked("patient", sql, values![record], |_| Ok(())).await.map(drop)
    }

    /// Blocks a record: from the commit on it is not there for any account.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_block(&mut self, id: BlockId, record: PatientId, act: Act<'_>) -> Result<()> {
        self.execute(
            "INSERT INTO record_block (id, patient_id, reason, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5)",
            values![id, record, act.reason, act.by, act.at],
        )
        .await
        .map(drop)
    }

    /// Lifts a block. It stays readable.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown block; [`crate::StorageError::NotUnique`] or
    /// [`crate::StorageError::Immutable`] when it was lifted before.
    pub async fn lift_block(&mut self, id: BlockId, act: Act<'_>) -> Result<()> {
        self.execute(
            "INSERT INTO block_lift (block_id, reason, recorded_by, recorded_at) VALUES ($1, $2, $3, $4)",
            values![id, act.reason, act.by, act.at],
        )
        .await
        .map(drop)
    }

    /// The blocks of a record, newest first, lifted ones among them.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn blocks(&mut self, record: PatientId) -> Result<Vec<Block>> {
        let sql = concat!(
            "SELECT ",
            block_columns!(),
            block_tables!(),
            "WHERE ",
            of_record!("rb.patient_id"),
            " ORDER BY rb.recorded_at DESC, rb.id DESC"
        );
        self.list("record_block", sql, values![record], block).await
    }

    /// Whether a record is blocked.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn is_blocked(&mut self, record: PatientId) -> Result<bool> {
        let sql = concat!(
            "SELECT COUNT(*) AS n FROM record_block rb
              WHERE NOT EXISTS (SELECT 1 FROM block_lift l WHERE l.block_id = rb.id) AND ",
            of_record!("rb.patient_id")
        );
        Ok(self.number(sql, values![record]).await? > 0)
    }

    /// The records that are blocked, each with its block, the latest first; but for private ones of groups the account is
    /// no member of.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn blocked_records(&mut self) -> Result<Vec<(Block, Patient)>> {
        let sql = concat!(
            "SELECT ",
            block_columns!(),
            ", ",
            patient_columns!(),
            " ",
            block_tables!(),
            "JOIN patient own ON own.id = rb.patient_id JOIN patient p ON p.id = own.root
             WHERE l.block_id IS NULL AND ",
            admitted!("p.id", "$1", "$2"),
            " ORDER BY rb.recorded_at DESC, rb.id DESC"
        );
        let read = |row: &Row| Ok((block(row)?, patient(row)?));
        self.list("record_block", sql, values![self.eyes(), self.moment()], read).await
    }

    /// Appointments from an instant on that nobody ended, and consultations that are open in a record.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn open_work(&mut self, record: PatientId, since: Timestamp) -> Result<i64> {
        let sql = concat!(
            "SELECT (SELECT COUNT(*) FROM appointment a
                      WHERE a.state IN ('booked', 'arrived', 'in_consultation') AND a.starts_at >= $2 AND ",
            of_record!("a.patient_id"),
            ") + (SELECT COUNT(*) FROM encounter e WHERE e.state = 'in_progress' AND ",
            of_record!("e.patient_id"),
            ") AS n"
        );
        self.number(sql, values![record, since]).await
    }
}
