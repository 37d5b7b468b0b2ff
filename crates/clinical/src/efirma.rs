//! The e.firma on signed documents: what is kept of a signature that a physician gave with the key SAT handed them.

use jiff::Timestamp;

use crate::digest::Digest;
use crate::ids::{BlobId, DocumentId, UserId};

/// What a signature proves (ETSI EN 319 142-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureLevel {
    /// Who signed what (B-B).
    Basic,
    /// And before when, by a timestamp authority (B-T).
    Timestamp,
    /// And that the certificate was not revoked; the file carries the proof (B-LT).
    LongTerm,
}

impl SignatureLevel {
    /// All levels, the least first.
    pub const ALL: [Self; 3] = [Self::Basic, Self::Timestamp, Self::LongTerm];

    /// Stored word, and the name of the standard.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Basic => "B-B",
            Self::Timestamp => "B-T",
            Self::LongTerm => "B-LT",
        }
    }

    /// Reads [`SignatureLevel::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// What it means to a reader.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Basic => "Prueba quién firmó y que nada cambió. La hora es la de este equipo",
            Self::Timestamp => "Prueba quién firmó, que nada cambió y que ya existía a esa hora",
            Self::LongTerm => {
                "Prueba quién firmó, que nada cambió, desde cuándo existe y que el certificado estaba vigente"
            }
        }
    }
}

/// What was learned of a revocation of the certificate when it signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationCheck {
    /// No service is configured.
    NotAsked,
    /// The service did not answer, or not in a way that can be believed.
    NoAnswer,
    /// It was not revoked.
    Good,
    /// It was revoked, by an answer that came after the signature.
    Revoked,
}

impl RevocationCheck {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotAsked, Self::NoAnswer, Self::Good, Self::Revoked];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::NoAnswer => "no_answer",
            Self::Good => "good",
            Self::Revoked => "revoked",
        }
    }

    /// Reads [`RevocationCheck::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NotAsked => "No se consultó si el certificado estaba revocado",
            Self::NoAnswer => "El SAT no contestó si el certificado estaba revocado",
            Self::Good => "El SAT contestó que el certificado no estaba revocado",
            Self::Revoked => {
                "El SAT contestó después que el certificado está revocado: verifique el documento para saber si la firma es anterior"
            }
        }
    }
}

/// A signed document that its author also signed with an e.firma, with what was proven of it later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentEfirma {
    /// The document.
    pub document_id: DocumentId,
    /// The PDF with the signature: the one that is handed out from then on.
    pub pdf: BlobId,
    /// SHA-256 of it.
    pub pdf_digest: Digest,
    /// Name on the certificate.
    pub name: String,
    /// RFC on the certificate.
    pub rfc: String,
    /// CURP on the certificate.
    pub curp: String,
    /// Serial number of the certificate, as SAT prints it.
    pub serial: String,
    /// What it proves.
    pub level: SignatureLevel,
    /// What is known of a revocation.
    pub revocation: RevocationCheck,
    /// When, by the clock of this machine.
    pub claimed_at: Timestamp,
    /// When, by a timestamp authority.
    pub proven_at: Option<Timestamp>,
    /// Text of the square code on a receta, signed as well.
    pub code: Option<String>,
    /// Whose account.
    pub signed_by: UserId,
}

/// What an answer about revocation added to a signature that was given without one. Never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EfirmaProof {
    /// The document.
    pub document_id: DocumentId,
    /// The signed PDF with the answer behind its end: the one that is handed out from then on.
    pub pdf: BlobId,
    /// SHA-256 of it.
    pub pdf_digest: Digest,
    /// What it proves.
    pub level: SignatureLevel,
    /// What the answer says.
    pub revocation: RevocationCheck,
    /// When it was added.
    pub added_at: Timestamp,
}

/// The e.firma of an account, as it was confirmed with its first signature: later ones must be of the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEfirma {
    /// RFC.
    pub rfc: String,
    /// CURP.
    pub curp: String,
}
