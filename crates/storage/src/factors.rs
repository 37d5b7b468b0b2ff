//! Second factors, recovery codes, and sign-ins between their steps. Secrets lie enciphered, codes as keyed digests.

use clinical::digest::Digest;
use clinical::ids::{FactorId, UserId};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::error::{Result, StorageError};
use crate::keys::SecretBytes;
use crate::tx::Tx;
use crate::users::{User, user, user_columns};
use crate::value::{Row, values};
use crate::{hex, sealed};

/// A second factor of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Factor {
    /// Identifies it.
    pub id: FactorId,
    /// Whose.
    pub user_id: UserId,
    /// Kind of factor; `care` knows what it means.
    pub kind: String,
    /// What the person calls it.
    pub name: String,
    /// The secret, deciphered.
    pub secret: Zeroizing<Vec<u8>>,
    /// The last time step of which a code was taken.
    pub last_step: i64,
    /// When a first code proved that the person has it; `None` while it does not count.
    pub confirmed_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Factor").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A sign-in whose password was right and that is not finished. It is no session.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInStep {
    /// SHA-256 of the token.
    pub token_digest: Digest,
    /// Whose.
    pub user_id: UserId,
    /// Secret that forms must send back.
    pub csrf_secret: String,
    /// What a passkey was asked to sign; `None` when it was not asked.
    pub challenge: Option<String>,
    /// Whether the second factor was proven already.
    pub proven: bool,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What secrets of factors are enciphered with, and recovery codes digested.
pub(crate) struct FactorKey(pub(crate) SecretBytes);

impl FactorKey {
    fn seal(&self, id: FactorId, secret: &[u8]) -> Result<String> {
        Ok(hex::encode(&sealed::seal(&self.0, id.0.as_bytes(), secret)?))
    }

    fn open(&self, row: &Row, id: FactorId) -> Result<Zeroizing<Vec<u8>>> {
        let sealed = hex::decode(&row.text("secret")?);
        let secret = sealed.and_then(|sealed| sealed::open(&self.0, id.0.as_bytes(), &sealed));
        secret.map(Zeroizing::new).ok_or_else(|| row.corrupt("secret"))
    }

    /// The digest of a code: without the key nobody can try codes against it.
    fn digest(&self, user: UserId, code: &str) -> Result<Digest> {
        let mut out = [0; 32];
        let info: [&[u8]; 3] = [b"recovery code 1", user.0.as_bytes(), code.as_bytes()];
        let key = hkdf::Hkdf::<sha2::Sha256>::from_prk(&*self.0).map_err(|_| StorageError::Crypto)?;
        key.expand_multi_info(&info, &mut out).map_err(|_| StorageError::Crypto)?;
        Ok(Digest(out))
    }
}

/// Factors.
impl Tx {
    /// Adds a factor.
    ///
    /// # Errors
    /// [`StorageError::Crypto`] when it cannot be enciphered.
    pub async fn insert_factor(&mut self, factor: &Factor) -> Result<()> {
        let secret = self.keys.factor.seal(factor.id, &factor.secret)?;
        self.used_key = true;
        self.execute(
            "INSERT INTO factor (id, user_id, kind, name, secret, last_step, confirmed_at, last_used_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                factor.id,
                factor.user_id,
                &factor.kind,
                &factor.name,
                secret,
                factor.last_step,
                factor.confirmed_at,
                factor.last_used_at,
                factor.created_at,
            ],
        )
        .await
        .map(drop)
    }

    /// The factors of an account, oldest first, those not confirmed too.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] for a secret that another key enciphered.
    pub async fn factors(&mut self, user: UserId) -> Result<Vec<Factor>> {
        let sql = "SELECT id, user_id, kind, name, secret, last_step, confirmed_at, last_used_at, created_at
                     FROM factor WHERE user_id = $1 ORDER BY created_at, id";
        let keys = std::sync::Arc::clone(&self.keys);
        self.list("factor", sql, values![user], |row| {
            let id = row.parsed("id")?;
            Ok(Factor {
                id,
                user_id: row.parsed("user_id")?,
                kind: row.text("kind")?,
                name: row.text("name")?,
                secret: keys.factor.open(row, id)?,
                last_step: row.int("last_step")?,
                confirmed_at: row.maybe_time("confirmed_at")?,
                last_used_at: row.maybe_time("last_used_at")?,
                created_at: row.time("created_at")?,
            })
        })
        .await
    }

    /// Notes that a code of a time step was taken; `false` when one of it or a later one was taken before.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn take_step(&mut self, id: FactorId, step: i64, at: Timestamp) -> Result<bool> {
        let sql =
            "UPDATE factor SET last_step = $2, last_used_at = $3, confirmed_at = COALESCE(confirmed_at, $3)
                    WHERE id = $1 AND last_step < $2";
        Ok(self.execute(sql, values![id, step, at]).await? == 1)
    }

    /// Keeps what a factor is now, after it was proven: from then on it counts.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it is gone.
    pub async fn update_factor(&mut self, factor: &Factor, at: Timestamp) -> Result<()> {
        let secret = self.keys.factor.seal(factor.id, &factor.secret)?;
        self.used_key = true;
        let sql = "UPDATE factor SET secret = $2, last_step = $3, last_used_at = $4,
                          confirmed_at = COALESCE(confirmed_at, $4) WHERE id = $1";
        let changed = self.execute(sql, values![factor.id, secret, factor.last_step, at]).await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    /// Removes a factor of an account; whether there was one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delete_factor(&mut self, user: UserId, id: FactorId) -> Result<bool> {
        let sql = "DELETE FROM factor WHERE user_id = $1 AND id = $2";
        Ok(self.execute(sql, values![user, id]).await? > 0)
    }

    /// Removes those of one kind that were never confirmed, before a new one is begun.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn drop_unconfirmed_factors(&mut self, user: UserId) -> Result<()> {
        let sql = "DELETE FROM factor WHERE user_id = $1 AND confirmed_at IS NULL";
        self.execute(sql, values![user]).await.map(drop)
    }

    /// Removes all factors and recovery codes of an account and notes when, so that the person is told.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn reset_factors(&mut self, user: UserId, at: Timestamp) -> Result<()> {
        self.execute("DELETE FROM factor WHERE user_id = $1", values![user]).await?;
        self.execute("DELETE FROM recovery_code WHERE user_id = $1", values![user]).await?;
        let sql = "UPDATE account SET factors_reset_at = $2 WHERE id = $1";
        self.execute(sql, values![user, at]).await.map(drop)
    }

    /// Notes that the person was told that their factors were removed.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_factors_reset(&mut self, user: UserId) -> Result<()> {
        let sql = "UPDATE account SET factors_reset_at = NULL WHERE id = $1";
        self.execute(sql, values![user]).await.map(drop)
    }

    /// Puts new recovery codes in the place of all earlier ones.
    ///
    /// # Errors
    /// [`StorageError::Crypto`].
    pub async fn set_recovery_codes(&mut self, user: UserId, codes: &[String]) -> Result<()> {
        self.used_key = true;
        self.execute("DELETE FROM recovery_code WHERE user_id = $1", values![user]).await?;
        for code in codes {
            let digest = self.keys.factor.digest(user, code)?;
            let sql = "INSERT INTO recovery_code (user_id, digest) VALUES ($1, $2)";
            self.execute(sql, values![user, digest]).await?;
        }
        Ok(())
    }

    /// Uses a recovery code up; whether it was one. Codes made before the key of the installation was changed still are.
    ///
    /// # Errors
    /// [`StorageError::Crypto`].
    pub async fn take_recovery_code(&mut self, user: UserId, code: &str) -> Result<bool> {
        let sql = "DELETE FROM recovery_code WHERE user_id = $1 AND digest = $2";
        let digest = self.keys.factor.digest(user, code)?;
        if self.execute(sql, values![user, digest]).await? == 1 {
            return Ok(true);
        }
        for former in self.former_keys().await? {
            let digest = former.factor.digest(user, code)?;
            if self.execute(sql, values![user, digest]).await? == 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How many recovery codes are left.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn recovery_codes_left(&mut self, user: UserId) -> Result<i64> {
        self.number("SELECT COUNT(*) AS n FROM recovery_code WHERE user_id = $1", values![user]).await
    }
}

/// Sign-ins between their steps.
impl Tx {
    /// Keeps that a password was right, in place of earlier unfinished sign-ins that are over.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] for a token that exists.
    pub async fn insert_sign_in_step(&mut self, step: &SignInStep, now: Timestamp) -> Result<()> {
        self.execute("DELETE FROM sign_in_step WHERE expires_at <= $1", values![now]).await?;
        self.execute(
            "INSERT INTO sign_in_step (token_digest, user_id, csrf_secret, challenge, proven, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                step.token_digest,
                step.user_id,
                &step.csrf_secret,
                step.challenge.as_deref(),
                step.proven,
                step.expires_at
            ],
        )
        .await
        .map(drop)
    }

    /// An unfinished sign-in that is not over at `now`, with its account.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn sign_in_step(
        &mut self,
        token: Digest,
        now: Timestamp,
    ) -> Result<Option<(SignInStep, User)>> {
        let sql = concat!(
            "SELECT s.token_digest, s.csrf_secret, s.challenge, s.proven, s.expires_at, ",
            user_columns!(),
            " FROM sign_in_step s JOIN account u ON u.id = s.user_id WHERE s.token_digest = $1 AND s.expires_at > $2"
        );
        self.one("sign_in_step", sql, values![token, now], |row| {
            let step = SignInStep {
                token_digest: row.parsed("token_digest")?,
                user_id: row.parsed("id")?,
                csrf_secret: row.text("csrf_secret")?,
                challenge: row.maybe_text("challenge")?,
                proven: row.flag("proven")?,
                expires_at: row.time("expires_at")?,
            };
            Ok((step, user(row)?))
        })
        .await
    }

    /// Keeps what a passkey is asked to sign in an unfinished sign-in, in place of what was asked before.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn set_challenge(&mut self, token: Digest, challenge: Option<&str>) -> Result<()> {
        let sql = "UPDATE sign_in_step SET challenge = $2 WHERE token_digest = $1";
        self.execute(sql, values![token, challenge]).await.map(drop)
    }

    /// Notes that the second factor of an unfinished sign-in was proven.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn prove_sign_in_step(&mut self, token: Digest) -> Result<()> {
        let sql = "UPDATE sign_in_step SET proven = 1 WHERE token_digest = $1";
        self.execute(sql, values![token]).await.map(drop)
    }

    /// Ends an unfinished sign-in.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delete_sign_in_step(&mut self, token: Digest) -> Result<()> {
        self.execute("DELETE FROM sign_in_step WHERE token_digest = $1", values![token]).await.map(drop)
    }
}
