//! The bitácora: who did what to which record, when, from where and why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::ids::{PatientId, UserId};

/// What was done. The list is closed so that a report can count on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// Something came into being.
    Create,
    /// Something was read.
    Read,
    /// Something was changed.
    Update,
    /// A document was signed.
    Sign,
    /// A document was printed or downloaded.
    Print,
    /// A list was searched.
    Search,
    /// Someone signed in.
    SignIn,
    /// A sign-in was refused.
    SignInRefused,
    /// Someone signed out.
    SignOut,
    /// Something was refused for lack of permission.
    Denied,
    /// A private record was opened with a reason by somebody who is no member of its group.
    BreakGlass,
}

impl AuditAction {
    /// All actions.
    pub const ALL: [Self; 11] = [
        Self::Create,
        Self::Read,
        Self::Update,
        Self::Sign,
        Self::Print,
        Self::Search,
        Self::SignIn,
        Self::SignInRefused,
        Self::SignOut,
        Self::Denied,
        Self::BreakGlass,
    ];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Sign => "sign",
            Self::Print => "print",
            Self::Search => "search",
            Self::SignIn => "sign_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignOut => "sign_out",
            Self::Denied => "denied",
            Self::BreakGlass => "break_glass",
        }
    }

    /// Reads [`AuditAction::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Create => "Alta",
            Self::Read => "Lectura",
            Self::Update => "Cambio",
            Self::Sign => "Firma",
            Self::Print => "Impresión o descarga",
            Self::Search => "Búsqueda",
            Self::SignIn => "Inicio de sesión",
            Self::SignInRefused => "Inicio de sesión rechazado",
            Self::SignOut => "Cierre de sesión",
            Self::Denied => "Acceso negado",
            Self::BreakGlass => "Apertura de expediente privado",
        }
    }
}

/// What is about to be written to the bitácora. It names things, never clinical text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEvent {
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the program itself and for refused sign-ins.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: AuditAction,
    /// To what kind of thing ("patient", "draft", "document").
    pub entity: &'static str,
    /// To which one.
    pub entity_id: String,
    /// In whose record.
    pub patient_id: Option<PatientId>,
    /// From where: network address or "program".
    pub origin: String,
    /// Why, when a reason was given.
    pub reason: Option<String>,
}

/// A written event with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Position in the chain, from 1, without gaps.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: AuditAction,
    /// To what kind of thing.
    pub entity: String,
    /// To which one.
    pub entity_id: String,
    /// In whose record.
    pub patient_id: Option<PatientId>,
    /// From where.
    pub origin: String,
    /// Why.
    pub reason: Option<String>,
    /// Digest of the link before.
    pub previous: Digest,
    /// Digest of this link.
    pub digest: Digest,
}
