//! The accounts of the practice, for its administration: made, changed, closed; nobody's password is ever read.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::ids::UserId;
use clinical::practitioner::Practitioner;
use storage::{PasswordHash, Tx, User};

use crate::error::CareError;
use crate::permission::{Actor, Permission, Role};
use crate::session::Client;
use crate::setup::{Check, PractitionerForm, check_trainee, practitioner, role_codes};
use crate::{Care, because, factors, password};

/// An account with what administration needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// The account.
    pub user: User,
    /// The professional behind it.
    pub professional: Option<Practitioner>,
    /// What it does in the practice.
    pub roles: Vec<Role>,
    /// Second factors it has.
    pub factors: usize,
    /// Sessions that are open.
    pub sessions: usize,
}

/// A change to an account as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Name on screens.
    pub display_name: String,
    /// What it does in the practice.
    pub roles: Vec<Role>,
    /// Whether it may sign in.
    pub active: bool,
    /// The professional behind it; `None` leaves what is known of them.
    pub professional: Option<PractitionerForm>,
}

const ACCOUNT: CareError = CareError::NotFound { what: "la cuenta" };

/// An account that somebody may sign in with. Those that stand for authors of other establishments are none.
async fn of_the_practice(tx: &mut Tx, id: UserId) -> Result<User, CareError> {
    tx.user(id).await?.filter(User::is_of_the_practice).ok_or(ACCOUNT)
}

async fn professional_of(tx: &mut Tx, user: &User) -> Result<Option<Practitioner>, CareError> {
    match user.practitioner_id {
        Some(id) => Ok(tx.practitioner(id).await?),
        None => Ok(None),
    }
}

/// The professional an account is to have, if any; `None` when something of it is wrong.
fn professional(
    check: &mut Check,
    change: &AccountChange,
    known: Option<&Practitioner>,
) -> Option<Option<Practitioner>> {
    match (&change.professional, known) {
        (Some(form), known) => {
            let written = practitioner(check, form)?;
            let id = known.map_or(written.id, |known| known.id);
            Some(Some(Practitioner { id, ..written }))
        }
        (None, None) if change.roles.contains(&Role::Physician) => {
            check.fail("cedula", "Escriba los datos profesionales: un médico firma con su cédula");
            None
        }
        (None, known) => Some(known.cloned()),
    }
}

fn roles_of(user: &User) -> Vec<Role> {
    user.role.split(',').filter_map(Role::from_code).collect()
}

impl Care {
    /// All accounts.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn accounts(&self, actor: &Actor) -> Result<Vec<AccountLine>, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.unseen.begin().await?;
        let mut lines = Vec::new();
        for user in tx.users().await?.into_iter().filter(User::is_of_the_practice) {
            lines.push(self.line(&mut tx, user).await?);
        }
        tx.append_audit(self.event(actor, AuditAction::Read, "user", "", None)).await?;
        tx.commit().await?;
        Ok(lines)
    }

    async fn line(&self, tx: &mut Tx, user: User) -> Result<AccountLine, CareError> {
        let factors = tx.factors(user.id).await?.iter().filter(|f| f.confirmed_at.is_some()).count();
        let sessions = tx.sessions_of(user.id, self.now()).await?.len();
        let professional = professional_of(tx, &user).await?;
        Ok(AccountLine { roles: roles_of(&user), user, professional, factors, sessions })
    }

    /// One account.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::NotFound`].
    pub async fn account(&self, actor: &Actor, id: UserId) -> Result<AccountLine, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.unseen.begin().await?;
        let user = of_the_practice(&mut tx, id).await?;
        let line = self.line(&mut tx, user).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "user", id, None)).await?;
        tx.commit().await?;
        Ok(line)
    }

    /// Changes what an account is called, does and may. It holds from the person's next request on.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a physician without a cédula, and for what would leave the practice without an
    /// administrator.
    pub async fn change_account(
        &self,
        actor: &Actor,
        id: UserId,
        change: &AccountChange,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        let name = check.text("nombre_pantalla", &change.display_name, "Escriba el nombre que se muestra");
        if change.roles.is_empty() {
            check.fail("rol", "Elija al menos un rol");
        }
        let mut tx = self.unseen.begin().await?;
        // Held before anything is read: of two administrators who close each other, the second sees what the first left.
        let others_administer =
            tx.hold_users().await?.iter().any(|other| other.id != id && administers(other));
        let mut user = of_the_practice(&mut tx, id).await?;
        let known = professional_of(&mut tx, &user).await?;
        let wanted = professional(&mut check, change, known.as_ref());
        check_trainee(&mut check, &change.roles, wanted.as_ref().and_then(Option::as_ref));
        let stays = change.active && change.roles.contains(&Role::Administrator);
        if !(stays || others_administer) {
            check.fail("rol", "Es la última cuenta que administra: dé antes ese rol a otra persona");
        }
        let wanted = check.finish(wanted)?;
        if let Some(wanted) = wanted.filter(|wanted| known.as_ref() != Some(wanted)) {
            user.practitioner_id = Some(wanted.id);
            self.keep_professional(&mut tx, actor, &wanted, known.is_some()).await?;
        }
        let was = (user.role.clone(), user.active);
        user.display_name = name;
        user.role = role_codes(&change.roles);
        user.active = change.active;
        tx.update_user(&user).await?;
        if !user.active {
            tx.delete_sessions_of(id).await?;
            self.forget_voice_of(&mut tx, actor, id, "al desactivar la cuenta").await?;
        }
        let mut event = self.event(actor, AuditAction::Update, "user", id, None);
        if was != (user.role.clone(), user.active) {
            let active = |active| if active { "activa" } else { "desactivada" };
            let words = format!("{} ({}) → {} ({})", was.0, active(was.1), user.role, active(user.active));
            event = because(event, &words);
        }
        tx.append_audit(event).await?;
        Ok(tx.commit().await?)
    }

    /// Signed documents keep the data that their signer had.
    async fn keep_professional(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        professional: &Practitioner,
        known: bool,
    ) -> Result<(), CareError> {
        let action = if known {
            tx.update_practitioner(professional).await?;
            AuditAction::Update
        } else {
            tx.insert_practitioner(professional).await?;
            AuditAction::Create
        };
        tx.append_audit(self.event(actor, action, "practitioner", professional.id, None)).await?;
        Ok(())
    }

    /// Sets a password that the person must change at the next sign-in; opens a locked account and ends its sessions.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a password that is too short.
    pub async fn set_provisional_password(
        &self,
        actor: &Actor,
        id: UserId,
        new: String,
        again: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let user = of_the_practice(&mut self.unseen.begin_read().await?, id).await?;
        let problems = password::problems("contrasena_nueva", &new, again, &user.username);
        if !problems.is_empty() {
            return Err(CareError::Invalid(problems));
        }
        let hash = PasswordHash(password::hash(new).await?);
        let mut tx = self.unseen.begin().await?;
        tx.set_password(id, &hash, true).await?;
        tx.delete_sessions_of(id).await?;
        let event = self.event(actor, AuditAction::Update, "user", id, None);
        tx.append_audit(because(event, "contraseña provisional")).await?;
        Ok(tx.commit().await?)
    }

    /// Removes the second factors of somebody who lost them; they are told at the next sign-in.
    ///
    /// # Errors
    /// [`CareError::Denied`] for one's own: those are removed with the password in "Mi cuenta".
    pub async fn reset_factors(&self, actor: &Actor, id: UserId) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        if id == actor.user_id {
            let message = "Quite su propio segundo factor en Mi cuenta, con su contraseña.".to_owned();
            return Err(CareError::Denied { message });
        }
        let mut tx = self.unseen.begin().await?;
        of_the_practice(&mut tx, id).await?;
        tx.reset_factors(id, self.now()).await?;
        tx.delete_sessions_of(id).await?;
        let event = self.event(actor, AuditAction::Update, "factor", id, None);
        tx.append_audit(because(event, "segundo factor quitado por administración")).await?;
        Ok(tx.commit().await?)
    }

    /// Opens the way back for somebody who lost password and second factor, for a command on the machine of whoever keeps
    /// the key: a physician alone has nobody else to ask. The provisional password, told once.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for an unknown or closed account.
    pub async fn recover_account(&self, username: &str) -> Result<String, CareError> {
        let password = factors::new_provisional_password();
        let hash = PasswordHash(password::hash(password.clone()).await?);
        let mut tx = self.unseen.begin().await?;
        let user = tx.user_by_name(username).await?.filter(|user| user.active).ok_or(ACCOUNT)?;
        tx.set_password(user.id, &hash, true).await?;
        tx.reset_factors(user.id, self.now()).await?;
        tx.delete_sessions_of(user.id).await?;
        let here = Client::at("program");
        let why = "contraseña provisional y segundo factor quitado desde el equipo que guarda la clave";
        tx.append_audit(NewAuditEvent {
            actor: None,
            ..self.user_event(&user, AuditAction::Update, &here, why)
        })
        .await?;
        tx.commit().await?;
        Ok(password)
    }

    /// Puts another password in the place of one's own; all other sessions end.
    ///
    /// # Errors
    /// [`CareError::WrongPassword`], [`CareError::LockedOut`]; [`CareError::Invalid`] for a new one that breaks the rules.
    pub async fn change_own_password(
        &self,
        actor: &Actor,
        present: String,
        new: String,
        again: &str,
    ) -> Result<(), CareError> {
        let user = self.confirm_password(actor, present).await?;
        let hash = self.new_hash(&user, new, again).await?;
        let mut tx = self.unseen.begin().await?;
        tx.set_password(user.id, &hash, false).await?;
        for session in tx.sessions_of(user.id, self.now()).await? {
            if session.token_digest != actor.session {
                tx.delete_session(session.token_digest).await?;
            }
        }
        let event = self.event(actor, AuditAction::Update, "user", user.id, None);
        tx.append_audit(because(event, "contraseña propia")).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether the account may sign in and administers.
fn administers(user: &User) -> bool {
    user.active && roles_of(user).contains(&Role::Administrator)
}
