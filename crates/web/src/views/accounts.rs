//! Accounts: one's own, those of the practice, and the steps between a right password and a session.

use askama::Template;
use askama::filters::HtmlSafe;

use super::form::{Check, Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// A sign-in between its steps.
#[derive(Template)]
#[template(path = "sign_in_step.html")]
pub struct StepPage {
    /// What to correct.
    pub errors: ErrorSummary,
    /// Who signs in.
    pub name: String,
    /// Secret that the form sends back.
    pub csrf: String,
    /// Where to go afterwards.
    pub back: String,
    /// What was being sent when the session ended.
    pub kept: Vec<(String, String)>,
    /// What is asked.
    pub stage: StageView,
}

impl StepPage {
    fn fields(&self) -> String {
        serde_json::to_string(&self.kept).unwrap_or_default()
    }
}

/// What a sign-in still asks.
pub enum StageView {
    /// A code, or a passkey of this site.
    Factor {
        /// The code.
        code: Field,
        /// What the browser is asked for a passkey.
        passkey: Option<String>,
    },
    /// A password of one's own.
    Password(Vec<Field>),
    /// A second factor.
    Enrol {
        /// What the app reads.
        setup: AppSetupView,
        /// Its first code.
        code: Field,
    },
}

/// An authenticator app that is being set up.
#[derive(Template)]
#[template(path = "_app_setup.html")]
pub struct AppSetupView {
    /// The square code as a picture.
    pub picture: String,
    /// The same to type.
    pub secret: String,
}

impl HtmlSafe for AppSetupView {}

/// Recovery codes, shown once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// The codes.
    pub codes: Vec<String>,
    /// Where to go afterwards.
    pub next: String,
    /// Secret of the session.
    pub token: String,
    /// What was being sent when the session ended.
    pub fields: Vec<(String, String)>,
}

/// Mi cuenta.
#[derive(Template)]
#[template(path = "own_account.html")]
pub struct OwnAccountPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// Name for signing in.
    pub username: String,
    /// The second factors.
    pub factors: Vec<FactorView>,
    /// Recovery codes that are left.
    pub codes_left: i64,
    /// Password for new codes.
    pub codes_password: Field,
    /// Name and password for a new factor.
    pub new_factor: Vec<Field>,
    /// An app that is being set up, and the field for its first code.
    pub setup: Option<(AppSetupView, Field)>,
    /// Name and password for a passkey; empty where the site has no name.
    pub new_passkey: Vec<Field>,
    /// What the browser is asked to make a passkey with.
    pub passkey: Option<String>,
    /// The sessions, the latest used first.
    pub sessions: Vec<SessionView>,
    /// RFC and CURP of the e.firma the account signs with, and the password to undo it.
    pub efirma: Option<(String, String, Field)>,
    /// That its certificate ends soon or has ended.
    pub efirma_ends: Option<String>,
    /// For another password.
    pub new_password: Vec<Field>,
    /// Which form is open.
    pub opened: &'static str,
}

/// A second factor.
pub struct FactorView {
    /// Id in addresses.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// Since when and last used.
    pub about: String,
    /// Password to remove it.
    pub password: Field,
}

/// A session.
pub struct SessionView {
    /// Id for the form.
    pub id: String,
    /// Which browser.
    pub browser: String,
    /// From where, since when, last used.
    pub about: String,
    /// Whether it is this one.
    pub own: bool,
}

/// Cuentas.
#[derive(Template)]
#[template(path = "accounts.html")]
pub struct AccountsPage {
    /// The frame.
    pub shell: Shell,
    /// The accounts.
    pub rows: Vec<AccountRow>,
}

/// An account in the list.
pub struct AccountRow {
    /// Id in addresses.
    pub id: String,
    /// Name on screens.
    pub name: String,
    /// Name for signing in.
    pub username: String,
    /// What it does.
    pub roles: String,
    /// Whether it has a second factor.
    pub factor: &'static str,
    /// Active, locked, and so on.
    pub state: &'static str,
}

/// An account: a new one, or one to change.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// Heading.
    pub heading: String,
    /// User name and since when, of one that exists.
    pub about: String,
    /// Where it is posted.
    pub action: String,
    /// Names.
    pub fields: Vec<Field>,
    /// The roles.
    pub roles: Vec<Check>,
    /// What is wrong with the roles.
    pub role_error: Option<String>,
    /// Whether it may sign in.
    pub active: Option<Check>,
    /// Whether the professional is in training.
    pub training: Choice,
    /// The professional; none for who signs no documents.
    pub professional: Vec<Field>,
    /// Whether these are open.
    pub professional_open: bool,
    /// The provisional password of a new one.
    pub password: Vec<Field>,
    /// Words of the button.
    pub button: &'static str,
    /// How one that exists signs in.
    pub more: Option<AccountMore>,
}

/// How an account signs in.
pub struct AccountMore {
    /// A provisional password.
    pub password: Vec<Field>,
    /// Whether that form is open.
    pub password_open: bool,
    /// Second factors in words.
    pub factors: String,
    /// Whether they can be removed here.
    pub may_reset: bool,
    /// Sessions in words.
    pub sessions: String,
    /// Whether there are any.
    pub may_close: bool,
}

/// Reglas de acceso.
#[derive(Template)]
#[template(path = "access_policy.html")]
pub struct AccessPolicyPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// The numbers.
    pub fields: Vec<Field>,
    /// Roles that need a second factor.
    pub roles: Vec<Check>,
}
