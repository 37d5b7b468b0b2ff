//! Mensajes: who waits for a person, what has to be said by telephone, and the settings with what they cost.

use askama::Template;

use super::form::{Check, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// `GET /mensajes`.
#[derive(Template)]
#[template(path = "messages.html")]
pub struct MessagesPage {
    /// The frame.
    pub shell: Shell,
    /// What becomes of notices in this practice.
    pub how: String,
    /// The person may change the settings.
    pub administers: bool,
    /// What is wrong with the account.
    pub alarms: Vec<AlarmView>,
    /// Who waits for a person.
    pub waiting: Vec<ConversationView>,
    /// What has to be said by telephone.
    pub unsent: Vec<UnsentView>,
}

/// Something of the account.
pub struct AlarmView {
    /// Names it in forms.
    pub name: String,
    /// What is wrong and what to do.
    pub words: String,
}

/// Somebody who waits.
pub struct ConversationView {
    /// Names it in addresses.
    pub id: String,
    /// Telephone, or that it is hidden.
    pub phone: String,
    /// Records with this telephone: address and name.
    pub patients: Vec<(String, String)>,
    /// What they wrote, newest first: when and what.
    pub texts: Vec<(String, String)>,
    /// They asked for no more messages.
    pub stopped: bool,
}

/// A message to be said by telephone.
pub struct UnsentView {
    /// Names it in addresses.
    pub id: String,
    /// Whose: address, name and telephone.
    pub patient: Option<(String, String, String)>,
    /// Which message.
    pub purpose: &'static str,
    /// What it says.
    pub text: String,
    /// Why it was not sent.
    pub why: &'static str,
    /// When.
    pub at: String,
}

/// `GET /mensajes/ajustes`.
#[derive(Template)]
#[template(path = "messages_settings.html")]
pub struct MessageSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// Whether this person answers messages: then that is where they come from.
    pub desk: bool,
    /// What to correct.
    pub errors: ErrorSummary,
    /// Name, place, price.
    pub fields: Vec<Field>,
    /// First name, on.
    pub checks: Vec<Check>,
    /// What is wrong with the account.
    pub alarms: Vec<AlarmView>,
    /// What a month would cost, in words.
    pub estimate: String,
    /// What was charged lately, in words; empty for nothing.
    pub charged: String,
}
