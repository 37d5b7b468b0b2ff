//! The calendars that professionals let their telephones read.

use clinical::digest::Digest;
use clinical::ids::{PractitionerId, UserId};
use clinical::schedule::shown::Shown;
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// A calendar that can be read by who knows its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFeed {
    /// Whose visits it shows.
    pub practitioner_id: PractitionerId,
    /// Digest of the secret in its address.
    pub secret: Digest,
    /// What of them.
    pub shown: Shown,
    /// Who made it.
    pub user_id: UserId,
    /// When its address was made.
    pub created_at: Timestamp,
    /// When it was last read.
    pub read_at: Option<Timestamp>,
}

macro_rules! feed_columns {
    () => {
        "SELECT f.practitioner_id, f.secret, f.shown, f.user_id, f.created_at, f.read_at FROM calendar_feed f"
    };
}

fn feed(row: &Row) -> Result<CalendarFeed> {
    Ok(CalendarFeed {
        practitioner_id: row.parsed("practitioner_id")?,
        secret: row.parsed("secret")?,
        shown: row.coded("shown", Shown::from_code)?,
        user_id: row.parsed("user_id")?,
        created_at: row.time("created_at")?,
        read_at: row.maybe_time("read_at")?,
    })
}

impl Tx {
    /// The calendar of a professional, if there is one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn calendar_feed(&mut self, practitioner: PractitionerId) -> Result<Option<CalendarFeed>> {
        let sql = concat!(feed_columns!(), " WHERE f.practitioner_id = $1");
        self.one("calendar_feed", sql, values![practitioner], feed).await
    }

    /// The calendar behind a secret, while the account that made it is active.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn calendar_by_secret(&mut self, secret: Digest) -> Result<Option<CalendarFeed>> {
        let sql = concat!(
            feed_columns!(),
            " JOIN account u ON u.id = f.user_id WHERE f.secret = $1 AND u.active = 1"
        );
        self.one("calendar_feed", sql, values![secret], feed).await
    }

    /// Writes the calendar of a professional, in the place of what it was: an earlier address ends.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown professional or account.
    pub async fn save_calendar_feed(&mut self, feed: &CalendarFeed) -> Result<()> {
        self.execute(
            "INSERT INTO calendar_feed (practitioner_id, secret, shown, user_id, created_at, read_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (practitioner_id) DO UPDATE SET secret = excluded.secret, shown = excluded.shown,
               user_id = excluded.user_id, created_at = excluded.created_at, read_at = excluded.read_at",
            values![
                feed.practitioner_id,
                feed.secret,
                feed.shown.code(),
                feed.user_id,
                feed.created_at,
                feed.read_at
            ],
        )
        .await
        .map(drop)
    }

    /// Ends the calendar of a professional.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is none.
    pub async fn delete_calendar_feed(&mut self, practitioner: PractitionerId) -> Result<()> {
        match self
            .execute("DELETE FROM calendar_feed WHERE practitioner_id = $1", values![practitioner])
            .await?
        {
            0 => Err(StorageError::Conflict { current: None }),
            _ => Ok(()),
        }
    }
}
