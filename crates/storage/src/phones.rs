//! Phones lent as microphones: one for each consultation, with the digest of the only secret that speaks for it.

use clinical::digest::Digest;
use clinical::ids::{ConsentId, EncounterId, RecordingId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Row, values};

/// A phone that is lent, or the link to it. What it may do is decided in `care`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LentPhone {
    /// For which consultation.
    pub encounter_id: EncounterId,
    /// The consent it was lent under.
    pub consent_id: ConsentId,
    /// Who lent it: it acts for them.
    pub lent_by: UserId,
    /// From when on it counts no more.
    pub expires_at: Timestamp,
    /// When a phone took the link; `None` while nobody did.
    pub joined_at: Option<Timestamp>,
    /// What its browser says it is; may be empty.
    pub browser: String,
    /// What it records, once it began.
    pub recording_id: Option<RecordingId>,
}

macro_rules! phone_columns {
    () => {
        "SELECT encounter_id, consent_id, lent_by, expires_at, joined_at, browser, recording_id FROM phone WHERE "
    };
}

fn phone(row: &Row) -> Result<LentPhone> {
    Ok(LentPhone {
        encounter_id: row.parsed("encounter_id")?,
        consent_id: row.parsed("consent_id")?,
        lent_by: row.parsed("lent_by")?,
        expires_at: row.time("expires_at")?,
        joined_at: row.maybe_time("joined_at")?,
        browser: row.text("browser")?,
        recording_id: row.maybe_parsed("recording_id")?,
    })
}

impl Tx {
    /// Lends a phone with the secret of a link, in the place of the one before.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] for a secret that exists.
    pub async fn lend_phone(&mut self, own: &LentPhone, secret: Digest) -> Result<()> {
        self.take_back_phone(own.encounter_id).await?;
        self.execute(
            "INSERT INTO phone (encounter_id, consent_id, lent_by, secret_digest, expires_at, joined_at, browser,
                                recording_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                own.encounter_id,
                own.consent_id,
                own.lent_by,
                secret,
                own.expires_at,
                own.joined_at,
                &own.browser,
                own.recording_id,
            ],
        )
        .await
        .map(drop)
    }

    /// A phone takes a link that lives and that none took before: from now on only `own` speaks for it. `None` for any other
    /// secret.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn join_phone(
        &mut self,
        link: Digest,
        own: Digest,
        browser: &str,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<Option<LentPhone>> {
        let joined = self
            .execute(
                "UPDATE phone SET secret_digest = $2, browser = $3, joined_at = $4, expires_at = $5
                  WHERE secret_digest = $1 AND joined_at IS NULL AND expires_at > $4",
                values![link, own, browser, now, expires_at],
            )
            .await?;
        if joined == 0 { Ok(None) } else { self.phone(own, now).await }
    }

    /// The phone that joined and has this secret, while it counts.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn phone(&mut self, secret: Digest, now: Timestamp) -> Result<Option<LentPhone>> {
        let sql =
            concat!(phone_columns!(), "secret_digest = $1 AND expires_at > $2 AND joined_at IS NOT NULL");
        self.one("phone", sql, values![secret, now], phone).await
    }

    /// The phone lent for a consultation, while it counts.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn phone_of(&mut self, encounter: EncounterId, now: Timestamp) -> Result<Option<LentPhone>> {
        let sql = concat!(phone_columns!(), "encounter_id = $1 AND expires_at > $2");
        self.one("phone", sql, values![encounter, now], phone).await
    }

    /// The phone of a consultation records this from now on; `false` when it records something else already.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown recording.
    pub async fn phone_records(
        &mut self,
        encounter: EncounterId,
        recording: RecordingId,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE phone SET recording_id = $2, expires_at = $3 WHERE encounter_id = $1 AND recording_id IS NULL",
                values![encounter, recording, expires_at],
            )
            .await?;
        Ok(changed > 0)
    }

    /// Takes a phone back; whether one was lent.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn take_back_phone(&mut self, encounter: EncounterId) -> Result<bool> {
        Ok(self.execute("DELETE FROM phone WHERE encounter_id = $1", values![encounter]).await? > 0)
    }
}
