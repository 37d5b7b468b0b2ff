//! Consent as a record: what was asked, with which words, and what the patient said.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{ConsentId, PatientId, UserId};

/// What a consent is for. One consent, one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentPurpose {
    /// Recording the conversation to write the note.
    RecordConversation,
    /// Aviso de privacidad and treatment of sensitive data.
    PrivacyNotice,
}

impl ConsentPurpose {
    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::RecordConversation => "record_conversation",
            Self::PrivacyNotice => "privacy_notice",
        }
    }

    /// Reads [`ConsentPurpose::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::RecordConversation, Self::PrivacyNotice].into_iter().find(|purpose| purpose.code() == code)
    }
}

/// A consent given or refused. A later record for the same purpose takes its place; none is ever changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Identifies the record.
    pub id: ConsentId,
    /// Whose.
    pub patient_id: PatientId,
    /// For what.
    pub purpose: ConsentPurpose,
    /// Version of the text that was shown.
    pub text_version: String,
    /// Given or refused.
    pub given: bool,
    /// Who recorded the answer.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
}
