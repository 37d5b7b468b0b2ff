//! Who is written to and what comes in: notifications as they came, what of them was worked on, and what people wrote.

use clinical::ids::CorrespondentId;
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::patients::{patient, patient_columns};
use crate::tx::Tx;
use crate::value::{Row, values};

/// Somebody who is written to, or who wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondent {
    /// Identifies them.
    pub id: CorrespondentId,
    /// Digits in the international form; none of who hides their number.
    pub phone: Option<String>,
    /// As Meta gives it.
    pub wa_id: Option<String>,
    /// The id of the business.
    pub user_id: Option<String>,
    /// The number of ours they last wrote to, as its channel names it; they are answered from it.
    pub number_id: Option<String>,
    /// Until then anything may be said, from that number.
    pub window_until: Option<Timestamp>,
    /// Since when they want no messages.
    pub stopped_at: Option<Timestamp>,
    /// Since when WhatsApp cannot reach them.
    pub unreachable_at: Option<Timestamp>,
    /// Since when a person should answer.
    pub waiting_since: Option<Timestamp>,
    /// When they were told last that a person will.
    pub told_at: Option<Timestamp>,
}

/// A notification that was not worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Names it: the digest of its bytes.
    pub digest: String,
    /// Its bytes, as text.
    pub body: String,
}

/// Something its owner has to know of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageAlarm {
    /// What, as the caller codes it.
    pub name: String,
    /// More of it.
    pub detail: String,
    /// Since when.
    pub since: Timestamp,
}

const COLUMNS: &str =
    "id, phone, wa_id, user_id, number_id, window_until, stopped_at, unreachable_at, waiting_since, told_at";

fn correspondent(row: &Row) -> Result<Correspondent> {
    Ok(Correspondent {
        id: row.parsed("id")?,
        phone: row.maybe_text("phone")?,
        wa_id: row.maybe_text("wa_id")?,
        user_id: row.maybe_text("user_id")?,
        number_id: row.maybe_text("number_id")?,
        window_until: row.maybe_time("window_until")?,
        stopped_at: row.maybe_time("stopped_at")?,
        unreachable_at: row.maybe_time("unreachable_at")?,
        waiting_since: row.maybe_time("waiting_since")?,
        told_at: row.maybe_time("told_at")?,
    })
}

/// People.
impl Tx {
    /// Who has one of these; a person is known by their number or by the id of the business.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn correspondent_of(
        &mut self,
        phone: Option<&str>,
        wa_id: Option<&str>,
        user_id: Option<&str>,
    ) -> Result<Option<Correspondent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM correspondent WHERE phone = $1 OR wa_id = $2 OR user_id = $3
              ORDER BY CASE WHEN phone = $1 THEN 0 WHEN user_id = $3 THEN 1 ELSE 2 END, id LIMIT 1"
        );
        self.one("correspondent", sqlx::AssertSqlSafe(sql), values![phone, wa_id, user_id], correspondent)
            .await
    }

    /// Somebody.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn correspondent(&mut self, id: CorrespondentId) -> Result<Option<Correspondent>> {
        let sql = format!("SELECT {COLUMNS} FROM correspondent WHERE id = $1");
        self.one("correspondent", sqlx::AssertSqlSafe(sql), values![id], correspondent).await
    }

    /// Those a person should answer, who waits longest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn correspondents_waiting(&mut self, limit: u32) -> Result<Vec<Correspondent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM correspondent WHERE waiting_since IS NOT NULL ORDER BY waiting_since, id LIMIT $1"
        );
        self.list("correspondent", sqlx::AssertSqlSafe(sql), values![i64::from(limit)], correspondent).await
    }

    /// Writes what is known of somebody.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] where another has the same number or id.
    pub async fn save_correspondent(&mut self, who: &Correspondent) -> Result<()> {
        self.execute(
            "INSERT INTO correspondent (id, phone, wa_id, user_id, window_until, stopped_at, unreachable_at,
                                        waiting_since, told_at, number_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (id) DO UPDATE
               SET phone = excluded.phone, wa_id = excluded.wa_id, user_id = excluded.user_id,
                   window_until = excluded.window_until, stopped_at = excluded.stopped_at,
                   unreachable_at = excluded.unreachable_at, waiting_since = excluded.waiting_since,
                   told_at = excluded.told_at, number_id = excluded.number_id",
            values![
                who.id,
                who.phone.as_deref(),
                who.wa_id.as_deref(),
                who.user_id.as_deref(),
                who.window_until,
                who.stopped_at,
                who.unreachable_at,
                who.waiting_since,
                who.told_at,
                who.number_id.as_deref(),
            ],
        )
        .await
        .map(drop)
    }

    /// Makes somebody known of whom nothing was; who was made known with the same number or id meanwhile is returned instead.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn make_known(&mut self, new: Correspondent) -> Result<Correspondent> {
        let (phone, wa_id, user_id) = (new.phone.as_deref(), new.wa_id.as_deref(), new.user_id.as_deref());
        let made = self
            .execute(
                "INSERT INTO correspondent (id, phone, wa_id, user_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                values![new.id, phone, wa_id, user_id],
            )
            .await?;
        if made > 0 {
            return Ok(new);
        }
        let known = self.correspondent_of(phone, wa_id, user_id).await?;
        known.ok_or_else(|| StorageError::Missing { what: "correspondent".to_owned() })
    }

    /// The records that have a telephone (ten digits).
    ///
    /// # Errors
    /// What the engine says.
    pub async fn patients_with_phone(&mut self, phone: &str, limit: u32) -> Result<Vec<Patient>> {
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            " FROM patient p WHERE p.phone = $1 AND p.id = p.root ORDER BY p.id LIMIT $2"
        );
        self.list("patient", sql, values![phone, i64::from(limit)], patient).await
    }
}

/// What comes in.
impl Tx {
    /// Keeps notifications as they came; one that came before is kept once.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn keep_notification(&mut self, notification: &Notification, at: Timestamp) -> Result<()> {
        self.execute(
            "INSERT INTO message_in (digest, body, received_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING",
            values![&notification.digest, &notification.body, at],
        )
        .await
        .map(drop)
    }

    /// Notifications nobody worked on, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn open_notifications(&mut self, limit: u32) -> Result<Vec<Notification>> {
        self.list(
            "message_in",
            "SELECT digest, body FROM message_in WHERE done_at IS NULL ORDER BY received_at, digest LIMIT $1",
            values![i64::from(limit)],
            |row| Ok(Notification { digest: row.text("digest")?, body: row.text("body")? }),
        )
        .await
    }

    /// A notification was worked on. Its body is of no more use, and may hold what somebody wrote.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn notification_done(&mut self, digest: &str, at: Timestamp) -> Result<()> {
        self.execute("UPDATE message_in SET done_at = $2, body = '' WHERE digest = $1", values![digest, at])
            .await
            .map(drop)
    }

    /// Notes that something was worked on; whether it is the first time.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn first_seen(&mut self, name: &str, at: Timestamp) -> Result<bool> {
        self.execute(
            "INSERT INTO message_seen (name, at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            values![name, at],
        )
        .await
        .map(|rows| rows > 0)
    }

    /// Whether something was worked on.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn was_seen(&mut self, name: &str) -> Result<bool> {
        let found =
            self.number("SELECT COUNT(*) AS n FROM message_seen WHERE name = $1", values![name]).await?;
        Ok(found > 0)
    }

    /// Keeps what somebody wrote.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn keep_message_text(
        &mut self,
        name: &str,
        from: CorrespondentId,
        content: &str,
        at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "INSERT INTO message_text (name, correspondent_id, content, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO NOTHING",
            values![name, from, content, at],
        )
        .await
        .map(drop)
    }

    /// What somebody wrote last, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn message_texts(
        &mut self,
        from: CorrespondentId,
        limit: u32,
    ) -> Result<Vec<(Timestamp, String)>> {
        self.list(
            "message_text",
            "SELECT at, content FROM message_text WHERE correspondent_id = $1 ORDER BY at DESC, name LIMIT $2",
            values![from, i64::from(limit)],
            |row| Ok((row.time("at")?, row.text("content")?)),
        )
        .await
    }

    /// Forgets what people wrote before a time, and names of what was worked on then.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn purge_correspondence(&mut self, before: Timestamp) -> Result<u64> {
        self.execute("DELETE FROM message_seen WHERE at < $1", values![before]).await?;
        self.execute("DELETE FROM message_in WHERE done_at < $1", values![before]).await?;
        self.execute("DELETE FROM message_text WHERE at < $1", values![before]).await
    }

    /// Raises an alarm; one that is raised already stays as it is.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn raise_message_alarm(&mut self, alarm: &MessageAlarm) -> Result<()> {
        self.execute(
            "INSERT INTO message_alarm (name, detail, since) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            values![&alarm.name, &alarm.detail, alarm.since],
        )
        .await
        .map(drop)
    }

    /// The alarms, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn message_alarms(&mut self) -> Result<Vec<MessageAlarm>> {
        self.list(
            "message_alarm",
            "SELECT name, detail, since FROM message_alarm ORDER BY since, name",
            &[],
            |row| {
                Ok(MessageAlarm {
                    name: row.text("name")?,
                    detail: row.text("detail")?,
                    since: row.time("since")?,
                })
            },
        )
        .await
    }

    /// Somebody says it is mended.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn end_message_alarm(&mut self, name: &str) -> Result<()> {
        self.execute("DELETE FROM message_alarm WHERE name = $1", values![name]).await.map(drop)
    }
}
