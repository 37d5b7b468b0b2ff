//! Messages on their way to patients: kept before they are sent, sent at least once, and settled by what becomes of them.

use clinical::encounter::Appointment;
use clinical::ids::{AppointmentId, CorrespondentId, MessageId, PatientId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::tx::Tx;
use crate::value::{Row, values};
use crate::visits::{appointment, appointment_columns};

/// A message to a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutMessage {
    /// Identifies it; what is sent along with it.
    pub id: MessageId,
    /// To whom; `None` where there is no number.
    pub correspondent_id: Option<CorrespondentId>,
    /// Of whose visit.
    pub patient_id: Option<PatientId>,
    /// Which visit.
    pub appointment_id: Option<AppointmentId>,
    /// Why it is sent, as the caller codes it.
    pub purpose: String,
    /// When the visit begins as the message says it.
    pub visit_at: Option<Timestamp>,
    /// Which way, as the caller codes it.
    pub channel: String,
    /// What it says, as the caller codes it.
    pub letter: String,
    /// Not sent before.
    pub not_before: Timestamp,
    /// Not sent from then on: it would not be true any more.
    pub not_after: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Where it stands.
    pub state: MessageState,
    /// How often nobody knew whether it was taken.
    pub doubts: u32,
    /// The name the other side gave it.
    pub meta_id: Option<String>,
    /// The code of the last failure.
    pub failure: Option<i64>,
    /// The category it was charged as.
    pub charged: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// Where a message stands. What was told to a person by hand counts as failed until they say it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageState {
    /// Waits for its time or its turn.
    Queued,
    /// Somebody is sending it.
    Sending,
    /// It was sent and nobody knows whether it was taken.
    Unknown,
    /// It was taken.
    Accepted,
    /// It is on its way to the telephone.
    Sent,
    /// It is on the telephone.
    Delivered,
    /// It was read.
    Read,
    /// It will not arrive: a person has to say it.
    Failed,
    /// A person said it.
    ByHand,
    /// It was not true any more before it was sent, or not wanted.
    Dropped,
}

impl MessageState {
    /// All states.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Sending,
        Self::Unknown,
        Self::Accepted,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
        Self::ByHand,
        Self::Dropped,
    ];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::ByHand => "by_hand",
            Self::Dropped => "dropped",
        }
    }

    /// Whether who it is for was told: of reminders these are counted in the figures.
    fn is_told(self) -> bool {
        matches!(self, Self::Accepted | Self::Sent | Self::Delivered | Self::Read | Self::ByHand)
    }

    /// Reads [`MessageState::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A visit somebody may have to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitToTell {
    /// The visit.
    pub appointment: Appointment,
    /// Whose.
    pub patient: Patient,
    /// Whether something was said of it before, at whatever time it was then.
    pub known: bool,
}

/// Which visits are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// Those that stand and of which nothing was said as they stand.
    Standing,
    /// Those given up of which something was said, and not that.
    GivenUp,
    /// Those that stand although the last that was said of them is that they were cancelled: somebody undid it.
    Undone,
}

macro_rules! message_columns {
    () => {
        "m.id, m.correspondent_id, m.patient_id, m.appointment_id, m.purpose, m.visit_at, m.channel, m.letter, \
         m.not_before, m.not_after, m.attempts, m.state, m.doubts, m.meta_id, m.failure, m.charged, m.created_at, \
         m.changed_at"
    };
}

/// The newest answer of the record to a purpose.
macro_rules! answered {
    ($purpose:literal) => {
        concat!(
            "(SELECT c.given FROM consent c JOIN patient cp ON cp.id = c.patient_id
               WHERE cp.root = p.root AND c.purpose = '",
            $purpose,
            "' ORDER BY c.recorded_at DESC, c.id DESC LIMIT 1)"
        )
    };
}

/// Visits that begin in `$1`..`$2`, of patients who agreed to messages of some kind.
macro_rules! agreed {
    () => {
        concat!(
            " FROM appointment a
               JOIN patient own ON own.id = a.patient_id
               JOIN patient p ON p.id = own.root
              WHERE a.starts_at >= $1 AND a.starts_at < $2
                AND (",
            answered!("messaging"),
            " = 1 OR ",
            answered!("email"),
            " = 1)"
        )
    };
}

fn count(row: &Row, column: &'static str) -> Result<u32> {
    u32::try_from(row.int(column)?).map_err(|_| row.corrupt(column))
}

fn message(row: &Row) -> Result<OutMessage> {
    Ok(OutMessage {
        id: row.parsed("id")?,
        correspondent_id: row.maybe_parsed("correspondent_id")?,
        patient_id: row.maybe_parsed("patient_id")?,
        appointment_id: row.maybe_parsed("appointment_id")?,
        purpose: row.text("purpose")?,
        visit_at: row.maybe_time("visit_at")?,
        channel: row.text("channel")?,
        letter: row.text("letter")?,
        not_before: row.time("not_before")?,
        not_after: row.time("not_after")?,
        attempts: count(row, "attempts")?,
        state: row.coded("state", MessageState::from_code)?,
        doubts: count(row, "doubts")?,
        meta_id: row.maybe_text("meta_id")?,
        failure: row.maybe_int("failure")?,
        charged: row.maybe_text("charged")?,
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
    })
}

fn visit(row: &Row) -> Result<VisitToTell> {
    Ok(VisitToTell { appointment: appointment(row)?, patient: patient(row)?, known: row.flag("known")? })
}

/// Messages.
impl Tx {
    /// Keeps a message to be sent; whether it is the first of its purpose for the visit as it stands.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for somebody or something unknown.
    pub async fn insert_message(&mut self, message: &OutMessage) -> Result<bool> {
        self.execute(
            "INSERT INTO message_out (id, correspondent_id, patient_id, appointment_id, purpose, visit_at, channel,
                                      letter, not_before, not_after, attempts, state, doubts, meta_id, failure,
                                      charged, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT (appointment_id, purpose, visit_at) WHERE purpose <> 'reply' DO NOTHING",
            values![
                message.id,
                message.correspondent_id,
                message.patient_id,
                message.appointment_id,
                &message.purpose,
                message.visit_at,
                &message.channel,
                &message.letter,
                message.not_before,
                message.not_after,
                i64::from(message.attempts),
                message.state.code(),
                i64::from(message.doubts),
                message.meta_id.as_deref(),
                message.failure,
                message.charged.as_deref(),
                message.created_at,
                message.changed_at,
            ],
        )
        .await
        .map(|rows| rows > 0)
    }

    /// A message.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn message(&mut self, id: MessageId) -> Result<Option<OutMessage>> {
        let sql = concat!("SELECT ", message_columns!(), " FROM message_out m WHERE m.id = $1");
        self.one("message_out", sql, values![id], message).await
    }

    /// The message the other side gave a name.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn message_of_meta(&mut self, meta_id: &str) -> Result<Option<OutMessage>> {
        let sql = concat!("SELECT ", message_columns!(), " FROM message_out m WHERE m.meta_id = $1");
        self.one("message_out", sql, values![meta_id], message).await
    }

    /// Messages of two channels in a state whose time has come, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn messages_due(
        &mut self,
        [one, other]: [&str; 2],
        state: MessageState,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutMessage>> {
        let sql = concat!(
            "SELECT ",
            message_columns!(),
            " FROM message_out m WHERE m.state = $1 AND m.not_before <= $2 AND m.channel IN ($4, $5)
              ORDER BY m.not_before, m.id LIMIT $3"
        );
        self.list("message_out", sql, values![state.code(), now, i64::from(limit), one, other], message).await
    }

    /// Messages made since a time that are in a state, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn messages_since(
        &mut self,
        state: MessageState,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<OutMessage>> {
        let sql = concat!(
            "SELECT ",
            message_columns!(),
            " FROM message_out m WHERE m.state = $1 AND m.created_at >= $2 ORDER BY m.created_at DESC, m.id LIMIT $3"
        );
        self.list("message_out", sql, values![state.code(), since, i64::from(limit)], message).await
    }

    /// The last message of a visit to somebody, that was taken: what a "yes" answers.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn last_message_to(&mut self, to: CorrespondentId) -> Result<Option<OutMessage>> {
        let sql = concat!(
            "SELECT ",
            message_columns!(),
            " FROM message_out m WHERE m.correspondent_id = $1 AND m.appointment_id IS NOT NULL
                AND m.state NOT IN ('queued', 'failed', 'by_hand', 'dropped')
              ORDER BY m.created_at DESC, m.id DESC LIMIT 1"
        );
        self.one("message_out", sql, values![to], message).await
    }

    /// Writes where a message stands, if it still stands as `from` says; whether it did. Two workers never send one message.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn settle_message(&mut self, from: MessageState, message: &OutMessage) -> Result<bool> {
        let sql = "UPDATE message_out
                SET not_before = $3, attempts = $4, state = $5, doubts = $6, meta_id = $7, failure = $8, charged = $9,
                    channel = $10, changed_at = $11
              WHERE id = $1 AND state = $2";
        let values = values![
            message.id,
            from.code(),
            message.not_before,
            i64::from(message.attempts),
            message.state.code(),
            i64::from(message.doubts),
            message.meta_id.as_deref(),
            message.failure,
            message.charged.as_deref(),
            &message.channel,
            message.changed_at,
        ];
        let settled = self.execute(sql, values).await? > 0;
        if settled
            && from.is_told() != message.state.is_told()
            && matches!(message.purpose.as_str(), "three_days" | "day_before" | "same_day")
            && let Some(visit) = message.appointment_id
        {
            self.mark_visit(visit).await?;
        }
        Ok(settled)
    }

    /// Visits that begin in `from..until`, of patients who agreed to messages, that somebody has to be told of.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn visits_untold(
        &mut self,
        which: Untold,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<VisitToTell>> {
        let standing = concat!(
            "SELECT ",
            appointment_columns!(),
            ", ",
            patient_columns!(),
            ", CAST(CASE WHEN EXISTS (SELECT 1 FROM message_out k WHERE k.appointment_id = a.id) THEN 1 ELSE 0 END AS BIGINT) AS known",
            agreed!(),
            " AND a.state IN ('booked', 'confirmed')
              AND NOT EXISTS (SELECT 1 FROM message_out m WHERE m.appointment_id = a.id AND m.visit_at = a.starts_at
                                 AND m.purpose IN ('booked', 'moved', 'offered'))
              ORDER BY a.starts_at, a.id LIMIT $3"
        );
        let given_up = concat!(
            "SELECT ",
            appointment_columns!(),
            ", ",
            patient_columns!(),
            ", CAST(1 AS BIGINT) AS known",
            agreed!(),
            " AND a.state = 'cancelled'
              AND EXISTS (SELECT 1 FROM message_out k WHERE k.appointment_id = a.id AND k.visit_at = a.starts_at)
              AND NOT EXISTS (SELECT 1 FROM message_out m WHERE m.appointment_id = a.id AND m.visit_at = a.starts_at
                                 AND m.purpose = 'cancelled')
              ORDER BY a.starts_at, a.id LIMIT $3"
        );
        let undone = concat!(
            "SELECT ",
            appointment_columns!(),
            ", ",
            patient_columns!(),
            ", CAST(1 AS BIGINT) AS known",
            agreed!(),
            " AND a.state IN ('booked', 'confirmed')
              AND EXISTS (SELECT 1 FROM message_out k WHERE k.appointment_id = a.id AND k.purpose = 'cancelled'
                             AND k.state NOT IN ('queued', 'failed', 'dropped')
                             AND NOT EXISTS (SELECT 1 FROM message_out m WHERE m.appointment_id = a.id
                                                AND m.created_at > k.created_at AND m.purpose <> 'reply'
                                                AND (m.state <> 'dropped' OR m.purpose = 'undone')))
              ORDER BY a.starts_at, a.id LIMIT $3"
        );
        let values = values![from, until, i64::from(limit)];
        match which {
            Untold::Standing => self.list("appointment", standing, values, visit).await,
            Untold::GivenUp => self.list("appointment", given_up, values, visit).await,
            Untold::Undone => self.list("appointment", undone, values, visit).await,
        }
    }

    /// That a visit was cancelled, or that it stands after all, may be said again: it was taken back meanwhile.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn tell_again(&mut self, visit: AppointmentId) -> Result<()> {
        // What was said after it was cancelled last stays said: another server may have written it just now.
        self.execute(
            "UPDATE message_out SET visit_at = NULL
              WHERE appointment_id = $1
                AND (purpose = 'cancelled'
                     OR purpose = 'undone'
                        AND created_at < (SELECT MAX(c.created_at) FROM message_out c
                                           WHERE c.appointment_id = $1 AND c.purpose = 'cancelled'))",
            values![visit],
        )
        .await
        .map(drop)
    }

    /// Visits that stand, begin in `from..until`, of which no message of a purpose was written as they stand, and none at all
    /// after `lately`; for that of the same day those nobody confirmed.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn visits_without(
        &mut self,
        purpose: &str,
        from: Timestamp,
        until: Timestamp,
        lately: Timestamp,
        limit: u32,
    ) -> Result<Vec<VisitToTell>> {
        let sql = concat!(
            "SELECT ",
            appointment_columns!(),
            ", ",
            patient_columns!(),
            ", CAST(1 AS BIGINT) AS known",
            agreed!(),
            " AND (a.state = 'booked' OR a.state = 'confirmed' AND $4 <> 'same_day')
              AND NOT EXISTS (SELECT 1 FROM message_out m WHERE m.appointment_id = a.id AND m.visit_at = a.starts_at
                                 AND m.purpose = $4)
              AND NOT EXISTS (SELECT 1 FROM message_out l WHERE l.appointment_id = a.id AND l.created_at > $5
                                 AND l.state <> 'dropped')
              ORDER BY a.starts_at, a.id LIMIT $3"
        );
        let values = values![from, until, i64::from(limit), purpose, lately];
        self.list("appointment", sql, values, visit).await
    }

    /// How many messages were charged since a time, by category.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn messages_charged(&mut self, since: Timestamp) -> Result<Vec<(String, i64)>> {
        self.list(
            "message_out",
            "SELECT m.charged AS category, COUNT(*) AS n FROM message_out m
              WHERE m.created_at >= $1 AND m.charged IS NOT NULL GROUP BY m.charged ORDER BY m.charged",
            values![since],
            |row| Ok((row.text("category")?, row.int("n")?)),
        )
        .await
    }

    /// Keeps what a button or a row of a message stands for.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn insert_message_token(
        &mut self,
        token: &str,
        message: MessageId,
        slot: Option<&str>,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO message_token (token, message_id, slot) VALUES ($1, $2, $3)",
            values![token, message, slot],
        )
        .await
        .map(drop)
    }

    /// The message of a token and the time it stands for, while it was not used.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn message_of_token(&mut self, token: &str) -> Result<Option<(OutMessage, Option<String>)>> {
        let sql = concat!(
            "SELECT ",
            message_columns!(),
            ", t.slot FROM message_token t JOIN message_out m ON m.id = t.message_id
              WHERE t.token = $1 AND t.used_at IS NULL"
        );
        self.one("message_token", sql, values![token], |row| Ok((message(row)?, row.maybe_text("slot")?)))
            .await
    }

    /// A token was used, and with it every other of its message: one choice is made of a list.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn spend_message_token(&mut self, message: MessageId, at: Timestamp) -> Result<()> {
        self.execute(
            "UPDATE message_token SET used_at = $2 WHERE message_id = $1 AND used_at IS NULL",
            values![message, at],
        )
        .await
        .map(drop)
    }
}
