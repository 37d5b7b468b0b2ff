//! Private records: groups of patients that only their members see, and what was opened in spite of that.
//!
//! A transaction reads as an account ([`Tx::seen_by`]): what that account may not see is not there, in lists, by id or
//! by search. The rule stands once, in [`hidden`]; a record is the ids with one root, so that joined records are
//! private together. Beside it stands that of [`blocked`] records, which no account sees.

use clinical::ids::{GroupId, OpeningId, PatientId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::tx::Tx;
use crate::value::{Row, values};

/// The records that account `$user` may not see at the instant `$at`. Without an account (`NULL`) none is hidden.
macro_rules! hidden {
    ($user:literal, $at:literal) => {
        concat!(
            "SELECT h.root FROM group_record g JOIN patient h ON h.id = g.patient_id WHERE ",
            $user,
            " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM patient mp JOIN group_record mg ON mg.patient_id = mp.id \
                JOIN group_member m ON m.group_id = mg.group_id WHERE mp.root = h.root AND m.user_id = ",
            $user,
            ") AND NOT EXISTS (SELECT 1 FROM patient op JOIN private_opening o ON o.patient_id = op.id \
                WHERE op.root = h.root AND o.user_id = ",
            $user,
            " AND o.until > ",
            $at,
            ")"
        )
    };
}
pub(crate) use hidden;

/// The records that are blocked for account `$user` at the instant `$at`: all that are, but those it opened for a legal
/// request since. Without an account (`NULL`) none is.
macro_rules! blocked {
    ($user:literal, $at:literal) => {
        concat!(
            "SELECT k.root FROM record_block rb JOIN patient k ON k.id = rb.patient_id WHERE ",
            $user,
            " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM block_lift bl WHERE bl.block_id = rb.id) \
                AND NOT EXISTS (SELECT 1 FROM patient bp JOIN private_opening bo ON bo.patient_id = bp.id \
                WHERE bp.root = k.root AND bo.reason = 'legal_request' AND bo.opened_at >= rb.recorded_at \
                AND bo.user_id = ",
            $user,
            " AND bo.until > ",
            $at,
            ")"
        )
    };
}
pub(crate) use blocked;

/// The records that are not there for account `$user`, private or blocked, each once.
macro_rules! unseen {
    ($user:literal, $at:literal) => {
        concat!($crate::private::hidden!($user, $at), " UNION ", $crate::private::blocked!($user, $at))
    };
}
pub(crate) use unseen;

/// The condition for records that may be seen but for a block; `$root` says to which record a row belongs.
macro_rules! admitted {
    ($root:literal, $user:literal, $at:literal) => {
        concat!("NOT EXISTS (", $crate::private::hidden!($user, $at), " AND h.root = ", $root, ")")
    };
}
pub(crate) use admitted;

/// The same for rows that name a patient in `$column`, whichever id of the record it is.
macro_rules! admitted_of {
    ($column:literal, $user:literal, $at:literal) => {
        concat!(
            "NOT EXISTS (",
            $crate::private::hidden!($user, $at),
            " AND h.root = (SELECT own.root FROM patient own WHERE own.id = ",
            $column,
            "))"
        )
    };
}
pub(crate) use admitted_of;

/// The condition for rows of records that may be seen; `$root` says to which record a row belongs.
macro_rules! visible {
    ($root:literal, $user:literal, $at:literal) => {
        concat!(
            $crate::private::admitted!($root, $user, $at),
            " AND NOT EXISTS (",
            $crate::private::blocked!($user, $at),
            " AND k.root = ",
            $root,
            ")"
        )
    };
}
pub(crate) use visible;

/// The condition for rows that name a patient in `$column`, whichever id of the record it is.
macro_rules! visible_of {
    ($column:literal, $user:literal, $at:literal) => {
        concat!(
            $crate::private::admitted_of!($column, $user, $at),
            " AND NOT EXISTS (",
            $crate::private::blocked!($user, $at),
            " AND k.root = (SELECT own.root FROM patient own WHERE own.id = ",
            $column,
            "))"
        )
    };
}
pub(crate) use visible_of;

/// A group of patients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientGroup {
    /// Identifies it.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// Who sees its records: account and name on screens, by name.
    pub members: Vec<(UserId, String)>,
    /// Its records with their numbers, by number.
    pub records: Vec<(PatientId, String)>,
}

/// A private record opened by somebody who is no member of its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOpening {
    /// Identifies it.
    pub id: OpeningId,
    /// Which record.
    pub patient_id: PatientId,
    /// Who.
    pub user_id: UserId,
    /// Code of the reason; `care` knows the words.
    pub reason: String,
    /// Why, in the person's words.
    pub detail: String,
    /// When.
    pub opened_at: Timestamp,
    /// Until when it stays open.
    pub until: Timestamp,
}

/// What whoever reviewed it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningReview {
    /// Whether the reason holds.
    pub justified: bool,
    /// Why.
    pub note: String,
    /// Name on screens of who reviewed it.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
}

/// An opening as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// What was done.
    pub opening: NewOpening,
    /// Name on screens of who opened it.
    pub user_name: String,
    /// Number of the record.
    pub record_number: String,
    /// The review, if there was one.
    pub review: Option<OpeningReview>,
}

macro_rules! opening_columns {
    () => {
        "SELECT o.id, o.patient_id, o.user_id, o.reason, o.detail, o.opened_at, o.until, u.display_name AS user_name, \
         k.record_number, w.justified, w.note, w.reviewed_at, b.display_name AS by_name \
         FROM private_opening o JOIN account u ON u.id = o.user_id JOIN patient own ON own.id = o.patient_id \
         JOIN patient k ON k.id = own.root LEFT JOIN opening_review w ON w.opening_id = o.id \
         LEFT JOIN account b ON b.id = w.reviewed_by "
    };
}

fn opening(row: &Row) -> Result<Opening> {
    let review = match row.maybe_text("note")? {
        None => None,
        Some(note) => Some(OpeningReview {
            justified: row.flag("justified")?,
            note,
            by_name: row.text("by_name")?,
            at: row.time("reviewed_at")?,
        }),
    };
    Ok(Opening {
        opening: NewOpening {
            id: row.parsed("id")?,
            patient_id: row.parsed("patient_id")?,
            user_id: row.parsed("user_id")?,
            reason: row.text("reason")?,
            detail: row.text("detail")?,
            opened_at: row.time("opened_at")?,
            until: row.time("until")?,
        },
        user_name: row.text("user_name")?,
        record_number: row.text("record_number")?,
        review,
    })
}

/// Who looks.
impl Tx {
    /// From here on this transaction reads as an account at an instant: private records of groups it is no member of
    /// are not there.
    #[must_use]
    pub fn seen_by(mut self, user: UserId, at: Timestamp) -> Self {
        self.viewer = Some((user, at));
        self
    }

    /// The account the transaction reads as, for `$user` of [`hidden`].
    pub(crate) fn eyes(&self) -> Option<UserId> {
        self.viewer.map(|(user, _)| user)
    }

    /// The instant it reads at, for `$at` of [`hidden`].
    pub(crate) fn moment(&self) -> Option<Timestamp> {
        self.viewer.map(|(_, at)| at)
    }

    /// Private records that are hidden from this transaction and have the CURP or the birth date; none that is blocked.
    /// Under the number of the record they were joined to, if they were.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hidden_like(&mut self, curp: Option<&str>, born: Option<Date>) -> Result<Vec<Patient>> {
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            " FROM patient p WHERE (p.curp = $1 OR p.birth_date = $2) AND p.root IN (",
            hidden!("$3", "$4"),
            ") AND p.root NOT IN (",
            blocked!("$3", "$4"),
            ") ORDER BY p.id LIMIT 500"
        );
        let values = values![curp, born, self.eyes(), self.moment()];
        self.list("patient", sql, values, patient).await
    }
}

/// Groups.
impl Tx {
    /// Makes a group without members.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] for a name that exists.
    pub async fn insert_group(&mut self, id: GroupId, name: &str, at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO patient_group (id, name, created_at) VALUES ($1, $2, $3)";
        self.execute(sql, values![id, name, at]).await.map(drop)
    }

    /// All groups by name, with members and records.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn groups(&mut self) -> Result<Vec<PatientGroup>> {
        let sql = "SELECT id, name FROM patient_group ORDER BY name";
        let mut groups = self
            .list("patient_group", sql, &[], |row| {
                let (members, records) = (Vec::new(), Vec::new());
                Ok(PatientGroup { id: row.parsed("id")?, name: row.text("name")?, members, records })
            })
            .await?;
        for group in &mut groups {
            let sql = "SELECT u.id, u.display_name FROM group_member m JOIN account u ON u.id = m.user_id
                        WHERE m.group_id = $1 ORDER BY u.display_name, u.id";
            let read = |row: &Row| Ok((row.parsed("id")?, row.text("display_name")?));
            group.members = self.list("group_member", sql, values![group.id], read).await?;
            let sql = "SELECT p.id, p.record_number FROM group_record g JOIN patient p ON p.id = g.patient_id
                        WHERE g.group_id = $1 ORDER BY p.record_number";
            let read = |row: &Row| Ok((row.parsed("id")?, row.text("record_number")?));
            group.records = self.list("group_record", sql, values![group.id], read).await?;
        }
        Ok(groups)
    }

    /// Removes a group with its members; its records are private no more.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delete_group(&mut self, id: GroupId) -> Result<()> {
        for sql in [
            "DELETE FROM group_member WHERE group_id = $1",
            "DELETE FROM group_record WHERE group_id = $1",
            "DELETE FROM patient_group WHERE id = $1",
        ] {
            self.execute(sql, values![id]).await?;
        }
        Ok(())
    }

    /// Adds an account to a group; nothing happens when it is a member.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown group or account.
    pub async fn add_group_member(&mut self, id: GroupId, user: UserId) -> Result<()> {
        let sql = "INSERT INTO group_member (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, values![id, user]).await.map(drop)
    }

    /// Takes an account out of a group.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn remove_group_member(&mut self, id: GroupId, user: UserId) -> Result<()> {
        let sql = "DELETE FROM group_member WHERE group_id = $1 AND user_id = $2";
        self.execute(sql, values![id, user]).await.map(drop)
    }

    /// Adds a record to a group; nothing happens when it is in it.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown group or record.
    pub async fn add_group_record(&mut self, id: GroupId, patient: PatientId) -> Result<()> {
        let sql = "INSERT INTO group_record (group_id, patient_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, values![id, patient]).await.map(drop)
    }

    /// Takes a record out of a group.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn remove_group_record(&mut self, id: GroupId, patient: PatientId) -> Result<()> {
        let sql = "DELETE FROM group_record WHERE group_id = $1 AND patient_id = $2";
        self.execute(sql, values![id, patient]).await.map(drop)
    }
}

/// Openings.
impl Tx {
    /// Keeps that a private record was opened.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown record or account.
    pub async fn insert_opening(&mut self, new: &NewOpening) -> Result<()> {
        self.execute(
            "INSERT INTO private_opening (id, patient_id, user_id, reason, detail, opened_at, until)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![new.id, new.patient_id, new.user_id, &new.reason, &new.detail, new.opened_at, new.until],
        )
        .await
        .map(drop)
    }

    /// What an account has open at an instant: every id of the record, the code of the reason and until when. An opening
    /// for a legal request ends with the block it was for.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn live_openings(
        &mut self,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<(PatientId, String, Timestamp)>> {
        let sql =
            "SELECT p.id, o.reason, o.until FROM private_opening o JOIN patient own ON own.id = o.patient_id
                     JOIN patient p ON p.root = own.root
                    WHERE o.user_id = $1 AND o.until > $2
                      AND (o.reason <> 'legal_request' OR EXISTS (
                        SELECT 1 FROM record_block rb JOIN patient k ON k.id = rb.patient_id
                         WHERE k.root = own.root AND rb.recorded_at <= o.opened_at
                           AND NOT EXISTS (SELECT 1 FROM block_lift bl WHERE bl.block_id = rb.id)))
                    ORDER BY o.until DESC, p.id";
        self.list("private_opening", sql, values![user, at], |row| {
            Ok((row.parsed("id")?, row.text("reason")?, row.time("until")?))
        })
        .await
    }

    /// An opening.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn opening(&mut self, id: OpeningId) -> Result<Option<Opening>> {
        let sql = concat!(opening_columns!(), "WHERE o.id = $1");
        self.one("private_opening", sql, values![id], opening).await
    }

    /// The latest openings since an instant, those without a review first; at most `limit`.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn openings(&mut self, since: Timestamp, limit: u32) -> Result<Vec<Opening>> {
        let sql = concat!(
            opening_columns!(),
            "WHERE o.opened_at >= $1 OR w.opening_id IS NULL
             ORDER BY CASE WHEN w.opening_id IS NULL THEN 0 ELSE 1 END, o.opened_at DESC, o.id DESC LIMIT $2"
        );
        self.list("private_opening", sql, values![since, i64::from(limit)], opening).await
    }

    /// How many openings have no review.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn openings_to_review(&mut self) -> Result<i64> {
        let sql =
            "SELECT COUNT(*) AS n FROM private_opening o LEFT JOIN opening_review w ON w.opening_id = o.id
                    WHERE w.opening_id IS NULL";
        self.number(sql, &[]).await
    }

    /// The openings since an instant, by others, of records in groups of which an account is a member; latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn openings_for_member(&mut self, user: UserId, since: Timestamp) -> Result<Vec<Opening>> {
        let sql = concat!(
            opening_columns!(),
            "WHERE o.opened_at >= $2 AND o.user_id <> $1
               AND EXISTS (SELECT 1 FROM patient mp JOIN group_record g ON g.patient_id = mp.id
                             JOIN group_member m ON m.group_id = g.group_id
                            WHERE mp.root = own.root AND m.user_id = $1)
             ORDER BY o.opened_at DESC, o.id DESC"
        );
        self.list("private_opening", sql, values![user, since], opening).await
    }

    /// Keeps what the review of an opening said.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] or [`crate::StorageError::Immutable`] when it was reviewed before.
    pub async fn insert_opening_review(
        &mut self,
        id: OpeningId,
        justified: bool,
        note: &str,
        by: UserId,
        at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO opening_review (opening_id, justified, note, reviewed_by, reviewed_at)
             VALUES ($1, $2, $3, $4, $5)",
            values![id, justified, note, by, at],
        )
        .await
        .map(drop)
    }
}
