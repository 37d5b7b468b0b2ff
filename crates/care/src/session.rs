//! Signing in and out. A session is a random token; the database keeps only its digest.

use clinical::audit::{AuditAction, NewAuditEvent};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use storage::{Session, User};
use uuid::Uuid;

use crate::error::CareError;
use crate::permission::{Actor, Opened, Role};
use crate::private::OpeningReason;
use crate::{Care, password};

/// A session ends after this long without a request.
pub const IDLE: SignedDuration = SignedDuration::from_hours(2);
/// A session ends this long after signing in, whatever happens.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// Wrong passwords in a row that lock an account.
pub const ATTEMPTS: i64 = 8;
/// How long an account stays locked.
pub const LOCKED: SignedDuration = SignedDuration::from_mins(10);

/// What the browser keeps. Never logged, never stored as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    fn random() -> Self {
        Self(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }

    /// The token a cookie brought.
    #[must_use]
    pub fn from_cookie(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// For the cookie only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn digest(&self) -> clinical::digest::Digest {
        clinical::digest::Digest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

impl Care {
    /// Signs in with user name and password; answers the token for the cookie.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`] without saying which of the two was wrong; [`CareError::LockedOut`] after
    /// [`ATTEMPTS`] wrong passwords in a row.
    pub async fn sign_in(
        &self,
        username: &str,
        secret: String,
        origin: &str,
    ) -> Result<SessionToken, CareError> {
        let now = self.now();
        let user = self.unseen.begin_read().await?.user_by_name(username.trim()).await?;
        let Some(user) = user.filter(|user| user.active) else {
            // The same work as for a real account, so that the time does not tell whether it exists.
            password::verify(secret, DECOY.to_owned()).await?;
            self.refuse_sign_in(None, origin).await?;
            return Err(CareError::WrongPassword);
        };
        if let Some(until) = user.locked_until.filter(|until| *until > now) {
            self.refuse_sign_in(Some(&user), origin).await?;
            return Err(CareError::LockedOut { minutes: minutes_until(now, until) });
        }
        if !password::verify(secret, user.password_hash.0.clone()).await? {
            self.count_wrong_password(&user, origin).await?;
            return Err(CareError::WrongPassword);
        }
        let token = SessionToken::random();
        let session = Session {
            token_digest: token.digest(),
            user_id: user.id,
            csrf_secret: Uuid::new_v4().simple().to_string(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + IDLE,
        };
        let mut tx = self.unseen.begin().await?;
        tx.forget_refused_sign_ins(user.id).await?;
        tx.purge_sessions(now).await?;
        tx.insert_session(&session).await?;
        tx.append_audit(NewAuditEvent {
            at: now,
            actor: Some(user.id),
            action: AuditAction::SignIn,
            entity: "user",
            entity_id: user.id.to_string(),
            patient_id: None,
            origin: origin.to_owned(),
            reason: None,
        })
        .await?;
        tx.commit().await?;
        Ok(token)
    }

    async fn count_wrong_password(&self, user: &User, origin: &str) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        if tx.count_refused_sign_in(user.id).await? >= ATTEMPTS {
            tx.forget_refused_sign_ins(user.id).await?;
            tx.lock_user(user.id, Some(self.now() + LOCKED)).await?;
        }
        tx.commit().await?;
        self.refuse_sign_in(Some(user), origin).await
    }

    async fn refuse_sign_in(&self, user: Option<&User>, origin: &str) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        tx.append_audit(NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::SignInRefused,
            entity: "user",
            entity_id: user.map(|user| user.id.to_string()).unwrap_or_default(),
            patient_id: None,
            origin: origin.to_owned(),
            reason: None,
        })
        .await?;
        Ok(tx.commit().await?)
    }

    /// The person behind a token, if the session lives; keeps it alive.
    ///
    /// # Errors
    /// [`CareError::SignedOut`] when it is over or unknown.
    pub async fn actor(&self, token: &SessionToken, origin: &str) -> Result<Actor, CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin_read().await?;
        let (session, user) = tx.session(token.digest(), now).await?.ok_or(CareError::SignedOut)?;
        let opened = tx.live_openings(user.id, now).await?;
        drop(tx);
        if !user.active || session.created_at + LONGEST <= now {
            return Err(CareError::SignedOut);
        }
        // Once a minute is often enough: a write per request would make reading a chart wait for the disk.
        if session.last_seen_at + SignedDuration::from_mins(1) <= now {
            let mut tx = self.unseen.begin().await?;
            tx.touch_session(token.digest(), now, now + IDLE).await?;
            tx.commit().await?;
        }
        Ok(Actor {
            user_id: user.id,
            username: user.username,
            display_name: user.display_name,
            roles: user.role.split(',').filter_map(Role::from_code).collect(),
            practitioner_id: user.practitioner_id,
            origin: origin.to_owned(),
            csrf: session.csrf_secret,
            opened: opened
                .into_iter()
                .map(|(patient, reason, until)| Opened {
                    patient,
                    reason: OpeningReason::from_code(&reason).unwrap_or(OpeningReason::Other),
                    until,
                })
                .collect(),
        })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn sign_out(&self, token: &SessionToken, actor: &Actor) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        tx.delete_session(token.digest()).await?;
        tx.append_audit(self.event(actor, AuditAction::SignOut, "user", actor.user_id, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Asks for the password once more before something that cannot be undone.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`].
    pub(crate) async fn confirm_password(&self, actor: &Actor, secret: String) -> Result<(), CareError> {
        let now = self.now();
        let user = self.unseen.begin_read().await?.user(actor.user_id).await?.ok_or(CareError::SignedOut)?;
        if let Some(until) = user.locked_until.filter(|until| *until > now) {
            return Err(CareError::LockedOut { minutes: minutes_until(now, until) });
        }
        if password::verify(secret, user.password_hash.0.clone()).await? {
            return Ok(());
        }
        self.count_wrong_password(&user, &actor.origin).await?;
        Err(CareError::WrongPassword)
    }
}

fn minutes_until(now: Timestamp, until: Timestamp) -> i64 {
    until.duration_since(now).as_mins() + 1
}

/// A hash of nothing anyone knows: verified against when the account does not exist.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2luLWN1ZW50YS0wMQ$7x0q4bTf0q2S3bLrWJp0m0yV0k2o8xq5y0b3nJc1r4E";
