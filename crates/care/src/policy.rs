//! What the practice asks of everybody who signs in: how long without a request, how many sessions, who needs a second
//! factor.

use clinical::audit::AuditAction;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use storage::Tx;

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission, Role};
use crate::setup::Check;

/// The setting it is kept under.
const SETTING: &str = "access_policy";
/// Fewest and most minutes without a request.
pub const IDLE_MINUTES: (i64, i64) = (5, 240);
/// Fewest and most sessions of one account at a time.
pub const SESSIONS: (i64, i64) = (1, 20);

/// What the practice asks of everybody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPolicy {
    /// Minutes without a request after which a session ends; within [`IDLE_MINUTES`].
    pub idle_minutes: i64,
    /// Sessions of one account at a time; within [`SESSIONS`].
    pub sessions: i64,
    /// Codes of the roles that need a second factor.
    pub second_factor: Vec<String>,
}

impl Default for AccessPolicy {
    fn default() -> Self {
        Self { idle_minutes: 120, sessions: 10, second_factor: Vec::new() }
    }
}

impl AccessPolicy {
    /// How long a session lives without a request.
    #[must_use]
    pub fn idle(&self) -> SignedDuration {
        SignedDuration::from_mins(self.idle_minutes)
    }

    /// Whether one of the roles needs a second factor.
    #[must_use]
    pub fn needs_factor(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.second_factor.iter().any(|code| code == role.code()))
    }
}

/// The settings as the form posts them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyForm {
    /// Minutos sin uso.
    pub idle_minutes: String,
    /// Sesiones a la vez.
    pub sessions: String,
    /// Roles that need a second factor.
    pub second_factor: Vec<Role>,
}

/// The policy in force.
pub(crate) async fn policy(tx: &mut Tx) -> Result<AccessPolicy, CareError> {
    match tx.setting(SETTING).await? {
        None => Ok(AccessPolicy::default()),
        Some(stored) => serde_json::from_str(&stored).map_err(CareError::internal),
    }
}

fn within(check: &mut Check, field: &'static str, typed: &str, (least, most): (i64, i64)) -> Option<i64> {
    let number = typed.trim().parse().ok().filter(|number| (least..=most).contains(number));
    if number.is_none() {
        check.fail(field, &format!("Escriba un número de {least} a {most}"));
    }
    number
}

impl Care {
    /// What the practice asks of everybody who signs in.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn access_policy(&self, actor: &Actor) -> Result<AccessPolicy, CareError> {
        self.require(actor, Permission::Administer).await?;
        policy(&mut self.unseen.begin_read().await?).await
    }

    /// Changes it. Sessions that are open take the new limit with their next request.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a number out of its bounds.
    pub async fn set_access_policy(&self, actor: &Actor, form: &PolicyForm) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        let idle = within(&mut check, "minutos", &form.idle_minutes, IDLE_MINUTES);
        let sessions = within(&mut check, "sesiones", &form.sessions, SESSIONS);
        let (idle_minutes, sessions) = check.finish(idle.zip(sessions))?;
        let second_factor = form.second_factor.iter().map(|role| role.code().to_owned()).collect();
        let policy = AccessPolicy { idle_minutes, sessions, second_factor };
        let stored = serde_json::to_string(&policy).map_err(CareError::internal)?;
        let mut tx = self.unseen.begin().await?;
        tx.set_setting(SETTING, &stored).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "access_policy", "", None)).await?;
        Ok(tx.commit().await?)
    }
}
