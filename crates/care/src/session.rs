//! Sessions: a random token of which the database keeps only the digest; listed, limited and ended.

use clinical::audit::AuditAction;
use clinical::digest::Digest;
use clinical::ids::{PatientId, UserId};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use storage::{Session, User};
use uuid::Uuid;

use crate::error::CareError;
use crate::permission::{Actor, Opened, Permission, Role};
use crate::policy::policy;
use crate::private::OpeningReason;
use crate::{Care, because};

/// A session ends this long after signing in, whatever happens.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// How much later than now a session may have been used. Beyond, the clock was set back, and the limits of a session would
/// become as much longer.
const SET_BACK: SignedDuration = SignedDuration::from_mins(5);

/// What the browser keeps. Never logged, never stored as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken(Secret);

/// What the browser keeps of a sign-in that is not finished: it is no session and opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepToken(pub(crate) Secret);

/// Random words of which only the digest is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn random() -> Self {
        Self(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }

    /// One that somebody brings.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }

    /// For who it is a secret of.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl SessionToken {
    pub(crate) fn random() -> Self {
        Self(Secret::random())
    }

    /// The token a cookie brought.
    #[must_use]
    pub fn from_cookie(value: &str) -> Self {
        Self(Secret::of(value))
    }

    /// For the cookie only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.0
    }

    pub(crate) fn digest(&self) -> Digest {
        self.0.digest()
    }
}

impl StepToken {
    /// The token a cookie brought.
    #[must_use]
    pub fn from_cookie(value: &str) -> Self {
        Self(Secret::of(value))
    }

    /// For the cookie only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.0
    }
}

/// From where somebody signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// Network address.
    pub origin: String,
    /// What the browser says it is, in words; may be empty.
    pub browser: String,
}

impl Client {
    /// Somebody at an address, with no browser to name.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        Self { origin: origin.to_owned(), browser: String::new() }
    }
}

/// One session of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Identifies it; with it nobody can sign in.
    pub id: Digest,
    /// From where.
    pub origin: String,
    /// Which browser; may be empty.
    pub browser: String,
    /// When it began.
    pub since: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen: Timestamp,
    /// Whether it is the one that asks.
    pub own: bool,
}

impl Care {
    /// The person behind a token, if the session lives; keeps it alive. What was changed of the account since holds
    /// from this request on.
    ///
    /// # Errors
    /// [`CareError::SignedOut`] when it is over or unknown.
    pub async fn actor(&self, token: &SessionToken, origin: &str) -> Result<Actor, CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin_read().await?;
        let (session, user) = tx.session(token.digest(), now).await?.ok_or(CareError::SignedOut)?;
        let idle = policy(&mut tx).await?.idle();
        let opened = tx.live_openings(user.id, now).await?;
        drop(tx);
        // The limit may have become shorter since the session was last used.
        let idle_too_long = session.last_seen_at + idle <= now;
        let set_back = now + SET_BACK < session.last_seen_at;
        let over = idle_too_long || set_back || session.created_at + LONGEST <= now;
        if !user.active || user.provisional || over {
            return Err(CareError::SignedOut);
        }
        // Once a minute is often enough: a write per request would make reading a chart wait for the disk.
        if session.last_seen_at + SignedDuration::from_mins(1) <= now {
            let mut tx = self.unseen.begin().await?;
            tx.touch_session(token.digest(), now, now + idle).await?;
            tx.commit().await?;
        }
        Ok(acting(user, opened, origin, (session.csrf_secret, session.token_digest)))
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

    /// The sessions of this person, the latest used first.
    ///
    /// # Errors
    /// What storage says.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<OpenSession>, CareError> {
        let now = self.now();
        let found = self.unseen.begin_read().await?.sessions_of(actor.user_id, now).await?;
        Ok(found.into_iter().map(|session| open_session(session, actor)).collect())
    }

    /// Ends one session of this person, or all but the one that asks.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such session of theirs.
    pub async fn close_sessions(&self, actor: &Actor, only: Option<Digest>) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        let own = tx.sessions_of(actor.user_id, self.now()).await?;
        let closed: Vec<Digest> = own
            .into_iter()
            .map(|session| session.token_digest)
            .filter(|digest| only.map_or(*digest != actor.session, |only| only == *digest))
            .collect();
        if only.is_some() && closed.is_empty() {
            return Err(CareError::NotFound { what: "esa sesión: quizá ya había terminado" });
        }
        for digest in closed {
            tx.delete_session(digest).await?;
            let event = self.event(actor, AuditAction::SignOut, "session", actor.user_id, None);
            tx.append_audit(because(event, "cerrada desde otra sesión")).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Ends all sessions of an account, for administration.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn close_sessions_of(&self, actor: &Actor, user: UserId) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.unseen.begin().await?;
        tx.delete_sessions_of(user).await?;
        let event = self.event(actor, AuditAction::SignOut, "session", user, None);
        tx.append_audit(because(event, "cerradas por administración")).await?;
        Ok(tx.commit().await?)
    }
}

/// An account as it acts from an address: `forms` is the secret its forms send back, `session` what is behind it.
pub(crate) fn acting(
    user: User,
    opened: Vec<(PatientId, String, Timestamp)>,
    origin: &str,
    (forms, session): (String, Digest),
) -> Actor {
    Actor {
        user_id: user.id,
        username: user.username,
        display_name: user.display_name,
        roles: user.role.split(',').filter_map(Role::from_code).collect(),
        practitioner_id: user.practitioner_id,
        origin: origin.to_owned(),
        csrf: forms,
        session,
        opened: opened
            .into_iter()
            .map(|(patient, reason, until)| Opened {
                patient,
                reason: OpeningReason::from_code(&reason).unwrap_or(OpeningReason::Other),
                until,
            })
            .collect(),
    }
}

fn open_session(session: Session, actor: &Actor) -> OpenSession {
    OpenSession {
        own: session.token_digest == actor.session,
        id: session.token_digest,
        origin: session.origin,
        browser: session.browser,
        since: session.created_at,
        last_seen: session.last_seen_at,
    }
}
