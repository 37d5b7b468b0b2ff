//! Signing in, in one step or several: password, second factor, a new password in place of a provisional one. Between
//! the steps there is no session, only a [`StepToken`], with which nothing else can be done.

use clinical::audit::{AuditAction, NewAuditEvent};
use jiff::{SignedDuration, Timestamp};
use storage::{PasswordHash, Session, SignInStep, Tx, User};
use uuid::Uuid;

use crate::error::CareError;
use crate::factors::{self, Proof};
use crate::passkey::Site;
use crate::permission::{Actor, Role};
use crate::policy::policy;
use crate::session::{Client, Secret, SessionToken, StepToken};
use crate::{Care, password};

/// Wrong passwords or codes in a row that lock an account.
pub const ATTEMPTS: i64 = 8;
/// How long an account stays locked.
pub const LOCKED: SignedDuration = SignedDuration::from_mins(10);
/// How long a sign-in may stay between its steps.
const UNFINISHED: SignedDuration = SignedDuration::from_mins(10);

/// What a right answer leads to.
#[derive(Debug)]
pub enum SignIn {
    /// A session.
    Complete {
        /// For the cookie.
        token: SessionToken,
        /// Administration removed the person's second factors since they last signed in.
        factors_reset: bool,
    },
    /// Something else is asked first.
    Step(StepToken),
}

impl SignIn {
    /// The session, when nothing else is asked.
    #[must_use]
    pub fn complete(self) -> Option<SessionToken> {
        match self {
            Self::Complete { token, .. } => Some(token),
            Self::Step(_) => None,
        }
    }
}

/// What is still to be done before there is a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A code of the second factor.
    Factor,
    /// A password of one's own in place of the provisional one.
    Password,
    /// A second factor, which the practice asks for and the person has not.
    Enrol,
}

/// A sign-in between its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is asked.
    pub stage: Stage,
    /// Name on screens of who signs in.
    pub name: String,
    /// Secret that the form sends back.
    pub csrf: String,
}

/// A sign-in between its steps, with its account.
pub(crate) struct Unfinished {
    pub(crate) token: StepToken,
    pub(crate) step: SignInStep,
    pub(crate) user: User,
}

impl Care {
    /// Signs in with user name and password.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`] without saying which of the two was wrong, nor whether the account is locked after
    /// [`ATTEMPTS`] wrong passwords or codes in a row: only one that exists can be.
    pub async fn sign_in(
        &self,
        username: &str,
        secret: String,
        client: &Client,
    ) -> Result<SignIn, CareError> {
        let now = self.now();
        let user = self.unseen.begin_read().await?.user_by_name(username.trim()).await?;
        let Some(user) = user.filter(|user| user.active) else {
            // The same work as for a real account, so that the time does not tell whether it exists.
            password::verify(secret, DECOY.to_owned()).await?;
            self.refuse_sign_in(None, &client.origin).await?;
            return Err(CareError::WrongPassword);
        };
        let right = password::verify(secret, user.password_hash.0.clone()).await?;
        if refuse_locked(&user, now).is_err() {
            self.refuse_sign_in(Some(&user), &client.origin).await?;
            return Err(CareError::WrongPassword);
        }
        if !right {
            self.count_wrong_answer(&user, &client.origin).await?;
            return Err(CareError::WrongPassword);
        }
        let mut tx = self.unseen.begin().await?;
        let done = match stage(&mut tx, &user, false).await? {
            None => self.begin_session(&mut tx, &user, client, None).await?,
            Some(_) => {
                let token = StepToken(Secret::random());
                let step = SignInStep {
                    token_digest: token.0.digest(),
                    user_id: user.id,
                    csrf_secret: Uuid::new_v4().simple().to_string(),
                    challenge: None,
                    proven: false,
                    expires_at: now + UNFINISHED,
                };
                tx.insert_sign_in_step(&step, now).await?;
                SignIn::Step(token)
            }
        };
        tx.commit().await?;
        Ok(done)
    }

    /// What an unfinished sign-in still asks.
    ///
    /// # Errors
    /// [`CareError::SignedOut`] when it is over or unknown.
    pub async fn step(&self, token: &StepToken) -> Result<Step, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let held = self.unfinished(&mut tx, token).await?;
        let stage = stage(&mut tx, &held.user, held.step.proven).await?.ok_or(CareError::SignedOut)?;
        Ok(Step { stage, name: held.user.display_name, csrf: held.step.csrf_secret })
    }

    /// An unfinished sign-in that is not over, of an account that may sign in.
    pub(crate) async fn unfinished(&self, tx: &mut Tx, token: &StepToken) -> Result<Unfinished, CareError> {
        let now = self.now();
        let (step, user) = tx.sign_in_step(token.0.digest(), now).await?.ok_or(CareError::SignedOut)?;
        if !user.active {
            return Err(CareError::SignedOut);
        }
        refuse_locked(&user, now)?;
        Ok(Unfinished { token: token.clone(), step, user })
    }

    /// Proves the second factor with a code of the app or a recovery code.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a code that is wrong or was used; it counts as a wrong password does.
    pub async fn prove(&self, token: &StepToken, code: &str, client: &Client) -> Result<SignIn, CareError> {
        let mut tx = self.unseen.begin().await?;
        let held = self.unfinished(&mut tx, token).await?;
        let proof = factors::take_code(&mut tx, held.user.id, code, self.now()).await?;
        let message = "El código no coincide o ya se usó. Escriba el que muestra ahora la aplicación";
        self.proven(tx, held, client, proof, message).await
    }

    /// Proves the second factor with the answer of a passkey to what [`Care::step_passkey`] asked.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for an answer that does not hold; it counts as a wrong password does.
    pub async fn prove_passkey(
        &self,
        token: &StepToken,
        answer: &str,
        site: &Site,
        client: &Client,
    ) -> Result<SignIn, CareError> {
        let mut tx = self.unseen.begin().await?;
        let held = self.unfinished(&mut tx, token).await?;
        let asked = held.step.challenge.clone().unwrap_or_default();
        // What was asked is answered once.
        tx.set_challenge(held.step.token_digest, None).await?;
        let proof = factors::take_passkey(&mut tx, held.user.id, answer, site, &asked, self.now()).await?;
        let message = "La llave de acceso no coincide. Vuelva a intentar o escriba un código";
        self.proven(tx, held, client, proof, message).await
    }

    async fn proven(
        &self,
        mut tx: Tx,
        held: Unfinished,
        client: &Client,
        proof: Option<Proof>,
        message: &str,
    ) -> Result<SignIn, CareError> {
        if proof.is_none() {
            // Kept, so that what a passkey was asked is not answered again.
            tx.commit().await?;
            self.count_wrong_answer(&held.user, &client.origin).await?;
            return Err(CareError::invalid("codigo", message));
        }
        let done = self.go_on(&mut tx, held, client, proof).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Puts a password of one's own in place of the provisional one.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a password that is too short, or the provisional one again.
    pub async fn replace_provisional(
        &self,
        token: &StepToken,
        new: String,
        again: &str,
        client: &Client,
    ) -> Result<SignIn, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let held = self.unfinished(&mut tx, token).await?;
        let wanted = stage(&mut tx, &held.user, held.step.proven).await?;
        drop(tx);
        if wanted != Some(Stage::Password) {
            return Err(CareError::SignedOut);
        }
        let hash = self.new_hash(&held.user, new, again).await?;
        let mut tx = self.unseen.begin().await?;
        tx.set_password(held.user.id, &hash, false).await?;
        tx.append_audit(self.user_event(&held.user, AuditAction::Update, client, "contraseña propia"))
            .await?;
        let user = User { provisional: false, ..held.user };
        let done = self.go_on(&mut tx, Unfinished { user, ..held }, client, None).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// The hash of a new password, unless it is the present one or breaks the rules.
    pub(crate) async fn new_hash(
        &self,
        user: &User,
        new: String,
        again: &str,
    ) -> Result<PasswordHash, CareError> {
        let problems = password::problems("contrasena_nueva", &new, again, &user.username);
        if !problems.is_empty() {
            return Err(CareError::Invalid(problems));
        }
        if password::verify(new.clone(), user.password_hash.0.clone()).await? {
            let message = "Escriba una contraseña distinta de la que tenía";
            return Err(CareError::invalid("contrasena_nueva", message));
        }
        Ok(PasswordHash(password::hash(new).await?))
    }

    /// The next thing that is asked, or a session when nothing is.
    pub(crate) async fn go_on(
        &self,
        tx: &mut Tx,
        held: Unfinished,
        client: &Client,
        proof: Option<Proof>,
    ) -> Result<SignIn, CareError> {
        let proven = held.step.proven || proof.is_some();
        if proof.is_some() {
            tx.prove_sign_in_step(held.step.token_digest).await?;
        }
        if stage(tx, &held.user, proven).await?.is_some() {
            return Ok(SignIn::Step(held.token));
        }
        tx.delete_sign_in_step(held.step.token_digest).await?;
        self.begin_session(tx, &held.user, client, proof).await
    }

    async fn begin_session(
        &self,
        tx: &mut Tx,
        user: &User,
        client: &Client,
        proof: Option<Proof>,
    ) -> Result<SignIn, CareError> {
        let now = self.now();
        let policy = policy(tx).await?;
        // This also holds the account, so that two sign-ins at once count each other.
        tx.forget_refused_sign_ins(user.id).await?;
        tx.purge_sessions(now).await?;
        let open = tx.sessions_of(user.id, now).await?;
        let most = usize::try_from(policy.sessions - 1).unwrap_or_default();
        for session in open.iter().skip(most) {
            tx.delete_session(session.token_digest).await?;
            let event = self.user_event(user, AuditAction::SignOut, client, "límite de sesiones");
            tx.append_audit(event).await?;
        }
        let token = SessionToken::random();
        tx.insert_session(&Session {
            token_digest: token.digest(),
            user_id: user.id,
            csrf_secret: Uuid::new_v4().simple().to_string(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + policy.idle(),
            origin: client.origin.clone(),
            browser: client.browser.clone(),
        })
        .await?;
        if user.factors_reset_at.is_some() {
            tx.forget_factors_reset(user.id).await?;
        }
        let reason = proof.map(|proof| proof.words().to_owned());
        tx.append_audit(NewAuditEvent { reason, ..self.user_event(user, AuditAction::SignIn, client, "") })
            .await?;
        Ok(SignIn::Complete { token, factors_reset: user.factors_reset_at.is_some() })
    }

    /// An event of an account that is signing in.
    pub(crate) fn user_event(
        &self,
        user: &User,
        action: AuditAction,
        client: &Client,
        why: &str,
    ) -> NewAuditEvent {
        NewAuditEvent {
            at: self.now(),
            actor: Some(user.id),
            action,
            entity: "user",
            entity_id: user.id.to_string(),
            patient_id: None,
            origin: client.origin.clone(),
            reason: Some(why.to_owned()),
        }
    }

    async fn count_wrong_answer(&self, user: &User, origin: &str) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        if tx.count_refused_sign_in(user.id).await? >= ATTEMPTS {
            tx.forget_refused_sign_ins(user.id).await?;
            tx.lock_user(user.id, Some(self.now() + LOCKED)).await?;
        }
        tx.append_audit(self.refusal(Some(user), origin)).await?;
        Ok(tx.commit().await?)
    }

    async fn refuse_sign_in(&self, user: Option<&User>, origin: &str) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        tx.append_audit(self.refusal(user, origin)).await?;
        Ok(tx.commit().await?)
    }

    fn refusal(&self, user: Option<&User>, origin: &str) -> NewAuditEvent {
        NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::SignInRefused,
            entity: "user",
            entity_id: user.map(|user| user.id.to_string()).unwrap_or_default(),
            patient_id: None,
            origin: origin.to_owned(),
            reason: None,
        }
    }

    /// Asks for the password once more before something that cannot be undone. The account.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`].
    pub(crate) async fn confirm_password(&self, actor: &Actor, secret: String) -> Result<User, CareError> {
        let now = self.now();
        let user = self.unseen.begin_read().await?.user(actor.user_id).await?.ok_or(CareError::SignedOut)?;
        refuse_locked(&user, now)?;
        if password::verify(secret, user.password_hash.0.clone()).await? {
            return Ok(user);
        }
        self.count_wrong_answer(&user, &actor.origin).await?;
        Err(CareError::WrongPassword)
    }
}

/// What an account whose password was right must still do.
pub(crate) async fn stage(tx: &mut Tx, user: &User, proven: bool) -> Result<Option<Stage>, CareError> {
    let has_factor = tx.factors(user.id).await?.iter().any(|factor| factor.confirmed_at.is_some());
    if has_factor && !proven {
        return Ok(Some(Stage::Factor));
    }
    if user.provisional {
        return Ok(Some(Stage::Password));
    }
    let roles: Vec<Role> = user.role.split(',').filter_map(Role::from_code).collect();
    let missing = !has_factor && policy(tx).await?.needs_factor(&roles);
    Ok(missing.then_some(Stage::Enrol))
}

/// A lock that reaches further than any does is of a clock that was set back since: it must not become longer with it.
fn refuse_locked(user: &User, now: Timestamp) -> Result<(), CareError> {
    match user.locked_until.filter(|until| now < *until && *until <= now + LOCKED) {
        Some(until) => Err(CareError::LockedOut { minutes: until.duration_since(now).as_mins() + 1 }),
        None => Ok(()),
    }
}

/// A hash of nothing anyone knows: verified against when the account does not exist.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2luLWN1ZW50YS0wMQ$7x0q4bTf0q2S3bLrWJp0m0yV0k2o8xq5y0b3nJc1r4E";

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[tokio::test]
    async fn an_account_that_does_not_exist_costs_the_same_work_as_one_that_does() {
        let real = password::hash("una frase larga".to_owned()).await.unwrap();
        let (real, decoy) = (PasswordHash::new(&real).unwrap(), PasswordHash::new(DECOY).unwrap());
        assert_eq!(decoy.algorithm, real.algorithm);
        assert_eq!(decoy.version, real.version);
        assert_eq!(decoy.params, real.params);
        let length = |hash: &PasswordHash| hash.hash.as_ref().map(|output| output.as_bytes().len());
        assert_eq!(length(&decoy), length(&real));
    }
}
