//! Accounts that can sign in, and their sessions. What a role may do is not known here.

use clinical::digest::Digest;
use clinical::ids::{PractitionerId, UserId};
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identifies the account.
    pub id: UserId,
    /// Name to sign in with; kept in small letters.
    pub username: String,
    /// Name on screens.
    pub display_name: String,
    /// Argon2id hash of the password in PHC form.
    pub password_hash: PasswordHash,
    /// Code of the role; `care` knows what it may do.
    pub role: String,
    /// The professional this account belongs to, if any.
    pub practitioner_id: Option<PractitionerId>,
    /// Whether it may sign in.
    pub active: bool,
    /// Refused sign-ins since the last good one.
    pub failed_attempts: i64,
    /// No sign-in before this.
    pub locked_until: Option<Timestamp>,
    /// The password is known to somebody else and must be changed before anything else.
    pub provisional: bool,
    /// When administration removed the second factors, until the person is told.
    pub factors_reset_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl User {
    /// Whether somebody can have its password. An account that stands for the author of a document of another
    /// establishment has none.
    #[must_use]
    pub fn is_of_the_practice(&self) -> bool {
        !self.password_hash.0.is_empty()
    }
}

/// A password hash; `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A session of a signed-in user. The token itself is only in the browser; here lies its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token.
    pub token_digest: Digest,
    /// Whose.
    pub user_id: UserId,
    /// Secret that forms must send back.
    pub csrf_secret: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Network address it was begun from.
    pub origin: String,
    /// What the browser says it is; may be empty.
    pub browser: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

macro_rules! user_columns {
    () => {
        "u.id, u.username, u.display_name, u.password_hash, u.role, u.practitioner_id, u.active, \
         u.failed_attempts, u.locked_until, u.provisional, u.factors_reset_at, u.created_at"
    };
}
pub(crate) use user_columns;

pub(crate) fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: row.parsed("id")?,
        username: row.text("username")?,
        display_name: row.text("display_name")?,
        password_hash: PasswordHash(row.text("password_hash")?),
        role: row.text("role")?,
        practitioner_id: row.maybe_parsed("practitioner_id")?,
        active: row.flag("active")?,
        failed_attempts: row.int("failed_attempts")?,
        locked_until: row.maybe_time("locked_until")?,
        provisional: row.flag("provisional")?,
        factors_reset_at: row.maybe_time("factors_reset_at")?,
        created_at: row.time("created_at")?,
    })
}

macro_rules! session_columns {
    () => {
        "s.token_digest, s.user_id, s.csrf_secret, s.created_at AS session_created_at, s.last_seen_at, s.expires_at, \
         s.origin, s.browser"
    };
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        token_digest: row.parsed("token_digest")?,
        user_id: row.parsed("user_id")?,
        csrf_secret: row.text("csrf_secret")?,
        created_at: row.time("session_created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time("expires_at")?,
        origin: row.text("origin")?,
        browser: row.text("browser")?,
    })
}

/// The form in which names to sign in with are kept and compared.
fn canonical(username: &str) -> String {
    username.trim().to_lowercase()
}

/// Accounts.
impl Tx {
    /// Adds an account; the username is kept in small letters.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when the username is taken.
    pub async fn insert_user(&mut self, user: &User) -> Result<()> {
        self.execute(
            "INSERT INTO account (id, username, display_name, password_hash, role, practitioner_id, active,
                                  failed_attempts, locked_until, provisional, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                user.id,
                canonical(&user.username),
                &user.display_name,
                &user.password_hash.0,
                &user.role,
                user.practitioner_id,
                user.active,
                user.failed_attempts,
                user.locked_until,
                user.provisional,
                user.created_at,
            ],
        )
        .await
        .map(drop)
    }

    /// An account by id.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn user(&mut self, id: UserId) -> Result<Option<User>> {
        let sql = concat!("SELECT ", user_columns!(), " FROM account u WHERE u.id = $1");
        self.one("account", sql, values![id], user).await
    }

    /// An account by the name to sign in with, in any case.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn user_by_name(&mut self, username: &str) -> Result<Option<User>> {
        let sql = concat!("SELECT ", user_columns!(), " FROM account u WHERE u.username = $1");
        self.one("account", sql, values![canonical(username)], user).await
    }

    /// All accounts by name.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn users(&mut self) -> Result<Vec<User>> {
        let sql = concat!("SELECT ", user_columns!(), " FROM account u ORDER BY u.username");
        self.list("account", sql, &[], user).await
    }

    /// All accounts, held against other changes until the end of the transaction: who asks whether somebody else still
    /// administers waits for whoever is just closing that other account.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_users(&mut self) -> Result<Vec<User>> {
        let sql = concat!("SELECT ", user_columns!(), " FROM account u ORDER BY u.username");
        self.locked("account", sql, &[], user).await
    }

    /// How many accounts there are; none means that the first set-up has not been done.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn user_count(&mut self) -> Result<i64> {
        self.number("SELECT COUNT(*) AS n FROM account", &[]).await
    }

    /// Changes name on screens, role, professional and whether the account may sign in.
    /// Passwords and attempts have methods of their own.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is no such account.
    pub async fn update_user(&mut self, user: &User) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE account SET display_name = $2, role = $3, practitioner_id = $4, active = $5 WHERE id = $1",
                values![user.id, &user.display_name, &user.role, user.practitioner_id, user.active],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    /// Sets a new password hash, whether it must be changed at the next sign-in, and forgets refused attempts.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is no such account.
    pub async fn set_password(&mut self, id: UserId, hash: &PasswordHash, provisional: bool) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE account SET password_hash = $2, provisional = $3, failed_attempts = 0, locked_until = NULL
                  WHERE id = $1",
                values![id, &hash.0, provisional],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    /// Counts a refused sign-in; returns how many there have been since the last good one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn count_refused_sign_in(&mut self, id: UserId) -> Result<i64> {
        self.number(
            "UPDATE account SET failed_attempts = failed_attempts + 1 WHERE id = $1 RETURNING failed_attempts AS n",
            values![id],
        )
        .await
    }

    /// Locks an account until an instant; `None` opens it.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn lock_user(&mut self, id: UserId, until: Option<Timestamp>) -> Result<()> {
        self.execute("UPDATE account SET locked_until = $2 WHERE id = $1", values![id, until]).await.map(drop)
    }

    /// Forgets refused sign-ins, after a good one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_refused_sign_ins(&mut self, id: UserId) -> Result<()> {
        self.execute("UPDATE account SET failed_attempts = 0, locked_until = NULL WHERE id = $1", values![id])
            .await
            .map(drop)
    }
}

/// Sessions.
impl Tx {
    /// Begins a session.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] for a token that exists.
    pub async fn insert_session(&mut self, session: &Session) -> Result<()> {
        self.execute(
            "INSERT INTO session (token_digest, user_id, csrf_secret, created_at, last_seen_at, expires_at, origin,
                                  browser)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                session.token_digest,
                session.user_id,
                &session.csrf_secret,
                session.created_at,
                session.last_seen_at,
                session.expires_at,
                &session.origin,
                &session.browser,
            ],
        )
        .await
        .map(drop)
    }

    /// The session of a token that has not expired at `now`, with its user, in one reading. The user may have been
    /// made inactive: the caller looks.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn session(&mut self, token: Digest, now: Timestamp) -> Result<Option<(Session, User)>> {
        let sql = concat!(
            "SELECT ",
            session_columns!(),
            ", ",
            user_columns!(),
            " FROM session s JOIN account u ON u.id = s.user_id WHERE s.token_digest = $1 AND s.expires_at > $2"
        );
        self.one("session", sql, values![token, now], |row| Ok((session(row)?, user(row)?))).await
    }

    /// The sessions of an account that have not expired, the latest used first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn sessions_of(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
        let sql = concat!(
            "SELECT ",
            session_columns!(),
            " FROM session s WHERE s.user_id = $1 AND s.expires_at > $2
              ORDER BY s.last_seen_at DESC, s.created_at DESC, s.token_digest"
        );
        self.list("session", sql, values![user, now], session).await
    }

    /// Notes that a session was used and moves its end.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn touch_session(
        &mut self,
        token: Digest,
        seen: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.execute(
            "UPDATE session SET last_seen_at = $2, expires_at = $3 WHERE token_digest = $1",
            values![token, seen, expires_at],
        )
        .await
        .map(drop)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delete_session(&mut self, token: Digest) -> Result<()> {
        self.execute("DELETE FROM session WHERE token_digest = $1", values![token]).await.map(drop)
    }

    /// Ends all sessions of a user; returns how many.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn delete_sessions_of(&mut self, user: UserId) -> Result<u64> {
        self.execute("DELETE FROM session WHERE user_id = $1", values![user]).await
    }

    /// Removes sessions that have expired; returns how many.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn purge_sessions(&mut self, now: Timestamp) -> Result<u64> {
        self.execute("DELETE FROM session WHERE expires_at <= $1", values![now]).await
    }
}
