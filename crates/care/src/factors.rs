//! Second factors of an account: authenticator apps, passkeys and recovery codes, set up with the password, taken once.

use clinical::audit::AuditAction;
use clinical::ids::{FactorId, UserId};
use jiff::Timestamp;
use storage::{Factor, Tx, User};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::CareError;
use crate::passkey::{self, Passkey, Site};
use crate::permission::Actor;
use crate::session::{Client, StepToken};
use crate::setup::Check;
use crate::sign_in::SignIn;
use crate::{Care, because, totp};

/// How many recovery codes there are.
const CODES: usize = 10;
/// The kind of an authenticator app.
const APP: &str = "totp";
/// The kind of a passkey. Its secret is what was asked while it is being made, and its public key after that.
const PASSKEY: &str = "passkey";

/// By what a second factor was proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A code of an app.
    App,
    /// A recovery code.
    Recovery,
    /// A passkey.
    Passkey,
}

impl Proof {
    /// For the bitácora.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::App => "con código de aplicación",
            Self::Recovery => "con código de recuperación",
            Self::Passkey => "con llave de acceso",
        }
    }
}

/// A second factor as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFactor {
    /// Identifies it.
    pub id: FactorId,
    /// What the person calls it.
    pub name: String,
    /// A passkey, or else an app.
    pub passkey: bool,
    /// Since when.
    pub since: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
}

/// The second factors of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFactors {
    /// Those that count.
    pub factors: Vec<OwnFactor>,
    /// Recovery codes that were not used.
    pub codes_left: i64,
}

/// An authenticator app that is being set up: what it reads, and the same to type.
#[derive(Clone, PartialEq, Eq)]
pub struct AppSetup {
    /// The address in the square code.
    pub address: String,
    /// The secret in base 32, in groups of four.
    pub secret: String,
}

/// A second factor was set up. The recovery codes are told now and never again.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The codes; empty when the account has codes already.
    pub codes: Vec<String>,
}

/// Takes a code of an app or a recovery code, once. By what it was proven, if it was.
pub(crate) async fn take_code(
    tx: &mut Tx,
    user: UserId,
    typed: &str,
    now: Timestamp,
) -> Result<Option<Proof>, CareError> {
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        for factor in tx.factors(user).await?.into_iter().filter(|factor| counts(factor, APP)) {
            if let Some(step) = totp::step_of(&factor.secret, &code, now) {
                return Ok(tx.take_step(factor.id, step, now).await?.then_some(Proof::App));
            }
        }
        return Ok(None);
    }
    let taken = tx.take_recovery_code(user, &code.to_ascii_uppercase()).await?;
    Ok(taken.then_some(Proof::Recovery))
}

/// Takes the answer of a passkey to what was asked, if it holds.
pub(crate) async fn take_passkey(
    tx: &mut Tx,
    user: UserId,
    answer: &str,
    site: &Site,
    asked: &str,
    now: Timestamp,
) -> Result<Option<Proof>, CareError> {
    let own: Vec<Factor> = tx.factors(user).await?.into_iter().filter(|f| counts(f, PASSKEY)).collect();
    let known = own.iter().map(passkey_of).collect::<Result<Vec<_>, _>>()?;
    let Ok((which, counter)) = passkey::prove(answer, site, asked, &known) else { return Ok(None) };
    let (Some(factor), counter) = (own.get(which), i64::from(counter)) else { return Ok(None) };
    // A counter that does not rise is of a copy (Level 2, section 6.1.1); those that stay at 0 do not count.
    if (counter > 0 || factor.last_step > 0) && counter <= factor.last_step {
        return Ok(None);
    }
    tx.update_factor(&Factor { last_step: counter, ..factor.clone() }, now).await?;
    Ok(Some(Proof::Passkey))
}

fn passkey_of(factor: &Factor) -> Result<Passkey, CareError> {
    serde_json::from_slice(&factor.secret).map_err(CareError::internal)
}

/// Whether a factor is of a kind and was confirmed.
fn counts(factor: &Factor, kind: &str) -> bool {
    factor.kind == kind && factor.confirmed_at.is_some()
}

/// A factor of a kind that is being set up.
async fn begun(tx: &mut Tx, user: UserId, kind: &str) -> Result<Option<Factor>, CareError> {
    let mut found = tx.factors(user).await?.into_iter();
    Ok(found.find(|factor| factor.kind == kind && factor.confirmed_at.is_none()))
}

/// What a passkey is asked to sign.
fn random_challenge() -> Result<String, CareError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| CareError::Internal(error.to_string().into()))?;
    Ok(passkey::challenge(&random))
}

/// A code for paper: fifty random bits in letters that nobody mistakes for one another.
fn new_code() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let bytes = *Uuid::new_v4().as_bytes();
    // Ten of its bytes that are wholly random: two others say which kind of identifier it is.
    let random = bytes[..6].iter().chain(&bytes[10..14]);
    random.map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// A code as it is printed: two groups of five.
fn printed(code: &str) -> String {
    let (first, second) = code.split_at(code.len() / 2);
    format!("{first}-{second}")
}

/// A password for somebody to type once.
pub(crate) fn new_provisional_password() -> String {
    printed(&new_code())
}

fn setup_of(factor: &Factor, user: &User) -> AppSetup {
    let secret = totp::base32(&factor.secret);
    let groups: Vec<&str> = (0..secret.len()).step_by(4).filter_map(|at| secret.get(at..at + 4)).collect();
    AppSetup { address: totp::address(&factor.secret, "Medicus", &user.username), secret: groups.join(" ") }
}

impl Care {
    /// The second factors of this person.
    ///
    /// # Errors
    /// What storage says.
    pub async fn own_factors(&self, actor: &Actor) -> Result<OwnFactors, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let factors = tx.factors(actor.user_id).await?.into_iter().filter_map(|factor| {
            let since = factor.confirmed_at?;
            let passkey = factor.kind == PASSKEY;
            Some(OwnFactor {
                id: factor.id,
                name: factor.name,
                passkey,
                since,
                last_used: factor.last_used_at,
            })
        });
        let factors = factors.collect();
        Ok(OwnFactors { factors, codes_left: tx.recovery_codes_left(actor.user_id).await? })
    }

    /// Begins to set an app up, after the password was given again. It counts once a first code proves it.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`]; [`CareError::Invalid`] without a name.
    pub async fn begin_app(
        &self,
        actor: &Actor,
        name: &str,
        password: String,
    ) -> Result<AppSetup, CareError> {
        let mut check = Check::new();
        let name = check.text("nombre", name, "Escriba un nombre, por ejemplo el de su teléfono");
        check.finish(Some(()))?;
        let user = self.confirm_password(actor, password).await?;
        let mut tx = self.unseen.begin().await?;
        tx.drop_unconfirmed_factors(user.id).await?;
        let factor = self.new_app(&mut tx, &user, name).await?;
        tx.commit().await?;
        Ok(setup_of(&factor, &user))
    }

    async fn new_app(&self, tx: &mut Tx, user: &User, name: String) -> Result<Factor, CareError> {
        let mut secret = Zeroizing::new(vec![0; totp::SECRET_BYTES]);
        getrandom::fill(&mut secret).map_err(|error| CareError::Internal(error.to_string().into()))?;
        let factor = Factor {
            id: FactorId(Uuid::now_v7()),
            user_id: user.id,
            kind: APP.to_owned(),
            name,
            secret,
            last_step: 0,
            confirmed_at: None,
            last_used_at: None,
            created_at: self.now(),
        };
        tx.insert_factor(&factor).await?;
        Ok(factor)
    }

    /// The app that is being set up, to be shown again.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when none is.
    pub async fn app_setup(&self, actor: &Actor) -> Result<AppSetup, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        let user = tx.user(actor.user_id).await?.ok_or(CareError::SignedOut)?;
        let begun = begun(&mut tx, user.id, APP).await?;
        Ok(setup_of(
            &begun.ok_or(CareError::NotFound { what: "la aplicación que empezó a configurar" })?,
            &user,
        ))
    }

    /// Ends setting an app up with its first code.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a code that does not fit.
    pub async fn confirm_app(&self, actor: &Actor, code: &str) -> Result<Enrolled, CareError> {
        let mut tx = self.unseen.begin().await?;
        let enrolled = self.enrol(&mut tx, actor.user_id, code).await?;
        let event = self.event(actor, AuditAction::Create, "factor", actor.user_id, None);
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(enrolled)
    }

    async fn enrol(&self, tx: &mut Tx, user: UserId, code: &str) -> Result<Enrolled, CareError> {
        let now = self.now();
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let factor = begun(tx, user, APP)
            .await?
            .ok_or(CareError::NotFound { what: "la aplicación que empezó a configurar" })?;
        let step = totp::step_of(&factor.secret, &code, now);
        let taken = match step {
            Some(step) => tx.take_step(factor.id, step, now).await?,
            None => false,
        };
        if !taken {
            let message = "El código no coincide. Escriba el que muestra ahora la aplicación; si sigue sin coincidir, revise la hora del teléfono";
            return Err(CareError::invalid("codigo", message));
        }
        first_codes(tx, user).await
    }

    /// Begins to make a passkey, after the password was given again: what the browser is asked.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`]; [`CareError::Invalid`] without a name.
    pub async fn begin_passkey(
        &self,
        actor: &Actor,
        name: &str,
        password: String,
        site: &Site,
    ) -> Result<String, CareError> {
        let mut check = Check::new();
        let name = check.text("nombre", name, "Escriba un nombre, por ejemplo el de esta computadora");
        check.finish(Some(()))?;
        let user = self.confirm_password(actor, password).await?;
        let asked = random_challenge()?;
        let mut tx = self.unseen.begin().await?;
        tx.drop_unconfirmed_factors(user.id).await?;
        let own = tx.factors(user.id).await?;
        let known = own.iter().filter(|factor| counts(factor, PASSKEY)).map(passkey_of);
        let known = known.collect::<Result<Vec<_>, _>>()?;
        tx.insert_factor(&Factor {
            id: FactorId(Uuid::now_v7()),
            user_id: user.id,
            kind: PASSKEY.to_owned(),
            name,
            secret: Zeroizing::new(asked.clone().into_bytes()),
            last_step: 0,
            confirmed_at: None,
            last_used_at: None,
            created_at: self.now(),
        })
        .await?;
        tx.commit().await?;
        Ok(passkey::creation(site, &asked, user.id.0.as_bytes(), &user.username, &user.display_name, &known))
    }

    /// Keeps the passkey that the browser made.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for an answer that does not hold.
    pub async fn confirm_passkey(
        &self,
        actor: &Actor,
        answer: &str,
        site: &Site,
    ) -> Result<Enrolled, CareError> {
        let mut tx = self.unseen.begin().await?;
        let refused = || {
            CareError::invalid(
                "respuesta",
                "La llave de acceso no se creó. Vuelva a intentar desde el principio",
            )
        };
        let mut factor = begun(&mut tx, actor.user_id, PASSKEY).await?.ok_or_else(refused)?;
        let asked = String::from_utf8(factor.secret.to_vec()).map_err(CareError::internal)?;
        let (made, counter) = passkey::register(answer, site, &asked).map_err(|_| refused())?;
        factor.secret = Zeroizing::new(serde_json::to_vec(&made).map_err(CareError::internal)?);
        factor.last_step = i64::from(counter);
        tx.update_factor(&factor, self.now()).await?;
        let enrolled = first_codes(&mut tx, actor.user_id).await?;
        let event = self.event(actor, AuditAction::Create, "factor", actor.user_id, None);
        tx.append_audit(because(event, "llave de acceso")).await?;
        tx.commit().await?;
        Ok(enrolled)
    }

    /// What the browser is asked to prove a passkey with while signing in; `None` when there is none for this site.
    ///
    /// # Errors
    /// [`CareError::SignedOut`] when the sign-in is over.
    pub async fn step_passkey(&self, token: &StepToken, site: &Site) -> Result<Option<String>, CareError> {
        let mut tx = self.unseen.begin().await?;
        let held = self.unfinished(&mut tx, token).await?;
        let own = tx.factors(held.user.id).await?;
        let known = own.iter().filter(|factor| counts(factor, PASSKEY)).map(passkey_of);
        let known: Vec<Passkey> = known.collect::<Result<_, _>>()?;
        let known: Vec<Passkey> = known.into_iter().filter(|passkey| passkey.is_for(site)).collect();
        if known.is_empty() {
            return Ok(None);
        }
        let asked = random_challenge()?;
        tx.set_challenge(held.step.token_digest, Some(&asked)).await?;
        tx.commit().await?;
        Ok(Some(passkey::request(site, &asked, &known)))
    }

    /// New recovery codes in the place of the old ones, after the password was given again.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`]; [`CareError::Invalid`] without a second factor.
    pub async fn renew_codes(&self, actor: &Actor, password: String) -> Result<Enrolled, CareError> {
        let user = self.confirm_password(actor, password).await?;
        let mut tx = self.unseen.begin().await?;
        if tx.factors(user.id).await?.iter().all(|factor| factor.confirmed_at.is_none()) {
            let message = "Configure antes un segundo factor: los códigos son para cuando no lo tenga a mano";
            return Err(CareError::invalid("contrasena", message));
        }
        let codes = replace_codes(&mut tx, user.id).await?;
        let event = self.event(actor, AuditAction::Update, "factor", user.id, None);
        tx.append_audit(because(event, "códigos de recuperación nuevos")).await?;
        tx.commit().await?;
        Ok(Enrolled { codes })
    }

    /// Removes a second factor, after the password was given again. With the last one the recovery codes go, too.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`]; [`CareError::NotFound`].
    pub async fn remove_factor(
        &self,
        actor: &Actor,
        id: FactorId,
        password: String,
    ) -> Result<(), CareError> {
        let user = self.confirm_password(actor, password).await?;
        let mut tx = self.unseen.begin().await?;
        if !tx.delete_factor(user.id, id).await? {
            return Err(CareError::NotFound { what: "ese segundo factor: quizá ya se había quitado" });
        }
        if tx.factors(user.id).await?.iter().all(|factor| factor.confirmed_at.is_none()) {
            tx.set_recovery_codes(user.id, &[]).await?;
        }
        let event = self.event(actor, AuditAction::Update, "factor", user.id, None);
        tx.append_audit(because(event, "quitado")).await?;
        Ok(tx.commit().await?)
    }

    /// The app that whoever must have one sets up while signing in: begun on the first call, the same on the next.
    ///
    /// # Errors
    /// [`CareError::SignedOut`] when the sign-in is over or asks for something else.
    pub async fn step_setup(&self, token: &StepToken) -> Result<AppSetup, CareError> {
        let mut tx = self.unseen.begin().await?;
        let held = self.enrolling(&mut tx, token).await?;
        let factor = match begun(&mut tx, held.user.id, APP).await? {
            Some(factor) => factor,
            None => self.new_app(&mut tx, &held.user, "Aplicación".to_owned()).await?,
        };
        tx.commit().await?;
        Ok(setup_of(&factor, &held.user))
    }

    async fn enrolling(
        &self,
        tx: &mut Tx,
        token: &StepToken,
    ) -> Result<crate::sign_in::Unfinished, CareError> {
        let held = self.unfinished(tx, token).await?;
        if crate::sign_in::stage(tx, &held.user, held.step.proven).await?
            != Some(crate::sign_in::Stage::Enrol)
        {
            return Err(CareError::SignedOut);
        }
        Ok(held)
    }

    /// Ends setting up the app while signing in.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a code that does not fit.
    pub async fn enrol_step(
        &self,
        token: &StepToken,
        code: &str,
        client: &Client,
    ) -> Result<(Enrolled, SignIn), CareError> {
        let mut tx = self.unseen.begin().await?;
        let held = self.enrolling(&mut tx, token).await?;
        let enrolled = self.enrol(&mut tx, held.user.id, code).await?;
        let event = self.user_event(&held.user, AuditAction::Create, client, "segundo factor");
        tx.append_audit(event).await?;
        let done = self.go_on(&mut tx, held, client, Some(Proof::App)).await?;
        tx.commit().await?;
        Ok((enrolled, done))
    }
}

/// Codes for an account that has none.
async fn first_codes(tx: &mut Tx, user: UserId) -> Result<Enrolled, CareError> {
    let has_some = tx.recovery_codes_left(user).await? > 0;
    let codes = if has_some { Vec::new() } else { replace_codes(tx, user).await? };
    Ok(Enrolled { codes })
}

/// New codes as they are printed; the old ones no longer count.
async fn replace_codes(tx: &mut Tx, user: UserId) -> Result<Vec<String>, CareError> {
    let codes: Vec<String> = (0..CODES).map(|_| new_code()).collect();
    tx.set_recovery_codes(user, &codes).await?;
    Ok(codes.iter().map(|code| printed(code)).collect())
}
