//! Voices people enrolled of their own: enciphered, one of each, gone when they say so.

use clinical::ids::{PractitionerId, UserId};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Row, Value, values};
use crate::{hex, sealed};

/// A voice, deciphered, and since when it is kept.
pub struct StoredVoice {
    /// What `care` keeps of it.
    pub print: Zeroizing<Vec<u8>>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl std::fmt::Debug for StoredVoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredVoice({})", self.recorded_at)
    }
}

/// What an enciphered voice is bound to.
pub(crate) fn owner(user: UserId) -> Vec<u8> {
    [&b"voice 1"[..], user.0.as_bytes()].concat()
}

impl Tx {
    /// Keeps the voice of an account in the place of the one before.
    ///
    /// # Errors
    /// [`crate::StorageError::Crypto`] when it cannot be enciphered.
    pub async fn set_voice(&mut self, user: UserId, print: &[u8], at: Timestamp) -> Result<()> {
        let sealed = hex::encode(&sealed::seal(&self.keys.factor.0, &owner(user), print)?);
        self.used_key = true;
        self.execute(
            "INSERT INTO voice (user_id, print, recorded_at) VALUES ($1, $2, $3)
             ON CONFLICT (user_id) DO UPDATE SET print = excluded.print, recorded_at = excluded.recorded_at",
            values![user, sealed, at],
        )
        .await
        .map(drop)
    }

    /// The voice of an account.
    ///
    /// # Errors
    /// [`crate::StorageError::Corrupt`] for one that another key enciphered.
    pub async fn voice(&mut self, user: UserId) -> Result<Option<StoredVoice>> {
        self.stored_voice("SELECT user_id, print, recorded_at FROM voice WHERE user_id = $1", values![user])
            .await
    }

    /// The voice of who attends as this professional.
    ///
    /// # Errors
    /// As [`Tx::voice`].
    pub async fn voice_of(&mut self, practitioner: PractitionerId) -> Result<Option<StoredVoice>> {
        let sql = "SELECT v.user_id, v.print, v.recorded_at FROM voice v JOIN account u ON u.id = v.user_id
                    WHERE u.practitioner_id = $1 ORDER BY v.recorded_at DESC LIMIT 1";
        self.stored_voice(sql, values![practitioner]).await
    }

    async fn stored_voice(&mut self, sql: &'static str, values: &[Value]) -> Result<Option<StoredVoice>> {
        let keys = std::sync::Arc::clone(&self.keys);
        self.one("voice", sql, values, |row: &Row| {
            let sealed = hex::decode(&row.text("print")?);
            let print = sealed.and_then(|sealed| {
                let user = row.parsed("user_id").ok()?;
                sealed::open(&keys.factor.0, &owner(user), &sealed)
            });
            let print = print.map(Zeroizing::new).ok_or_else(|| row.corrupt("print"))?;
            Ok(StoredVoice { print, recorded_at: row.time("recorded_at")? })
        })
        .await
    }

    /// How many people have their voice kept.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn voice_count(&mut self) -> Result<i64> {
        self.number("SELECT COUNT(*) AS n FROM voice", &[]).await
    }

    /// Forgets the voice of an account; whether there was one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_voice(&mut self, user: UserId) -> Result<bool> {
        Ok(self.execute("DELETE FROM voice WHERE user_id = $1", values![user]).await? > 0)
    }
}
