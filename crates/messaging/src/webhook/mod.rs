//! What Meta tells: messages of patients, what became of ours, how the account stands. A body has any number of them, in any
//! order and more than once; whatever is not understood is an event of its own and never an error.

mod signature;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::graph::Failure;
use crate::number::Number;

pub use signature::{AppSecret, challenge};

/// Most bytes of a body.
pub const BODY_MAX: usize = 3 * 1024 * 1024;
/// Most events of a body that are looked at.
const EVENTS_MAX: usize = 1_000;
/// Most letters of a message that are kept: what WhatsApp allows.
const TEXT_MAX: usize = 4_096;
/// Most letters of an id.
const ID_MAX: usize = 256;

/// Who wrote or received: by number, by the id of the business, or both. Since 2026 people may hide their number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// As Meta gives it.
    pub wa_id: Option<String>,
    /// "MX.13491208655302741918"; another for each business, and a new one with a new number.
    pub user_id: Option<String>,
}

impl Contact {
    /// The number, where it is known and is one.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        let digits = self.wa_id.as_deref().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))?;
        Number::parse(&format!("+{digits}")).ok()
    }
}

/// What a patient sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Words.
    Text(String),
    /// A button of ours, or a row of a list: what we put into it.
    Reply(String),
    /// A picture, a recording, a place, a reaction: only the kind is known, nothing is downloaded.
    Other(String),
}

/// How far a message of ours came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// On its way to the telephone.
    Sent,
    /// On the telephone.
    Delivered,
    /// Seen.
    Read,
    /// It did not arrive.
    Failed,
}

/// One thing Meta tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A patient wrote.
    Message {
        /// Meta's id of the number of ours it came to.
        number_id: String,
        /// Meta's name for the message.
        id: String,
        /// Who.
        from: Contact,
        /// When.
        at: Timestamp,
        /// What.
        content: Content,
        /// The message of ours it answers.
        answers: Option<String>,
    },
    /// What became of a message of ours.
    Status {
        /// Meta's id of the number of ours it was sent from.
        number_id: String,
        /// Meta's name for the message.
        id: String,
        /// How far it came.
        progress: Progress,
        /// When.
        at: Timestamp,
        /// Why not, where it failed.
        failure: Option<Failure>,
        /// What we sent along with it.
        callback: Option<String>,
        /// The category it is charged as; `None` where it is not charged.
        charged: Option<String>,
    },
    /// A person has another number now.
    NumberChanged {
        /// The old one.
        from: Contact,
        /// The new one.
        to: Contact,
    },
    /// A person wants no messages, or wants them again, told to Meta and not to us.
    Preference {
        /// Who.
        contact: Contact,
        /// Whether they stopped them.
        stopped: bool,
    },
    /// Something of the account, its number or its templates that its owner has to know.
    Account(AccountEvent),
    /// What is of no use here.
    Other,
}

/// Something of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountEvent {
    /// A template was approved, refused, paused or switched off.
    Template {
        /// Its name.
        name: String,
        /// APPROVED, REJECTED, PAUSED, DISABLED.
        state: String,
    },
    /// Meta put a template into another category: it may cost more.
    Category {
        /// Its name.
        name: String,
        /// UTILITY, MARKETING.
        category: String,
    },
    /// The quality of the number: FLAGGED and others.
    Quality(String),
    /// The account itself: DISABLED_UPDATE, ACCOUNT_RESTRICTION and others.
    Account(String),
}

/// A body that is no JSON. It is kept and answered all the same: sent again it would be no better.
#[derive(Debug, thiserror::Error)]
#[error("the body of the notification is no JSON")]
pub struct Unreadable(#[source] serde_json::Error);

/// An event with a name of its own, the same each time Meta sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The name.
    pub key: String,
    /// The event.
    pub event: Event,
}

/// Reads a body whose signature was checked.
///
/// # Errors
/// [`Unreadable`].
pub fn parse(body: &[u8]) -> Result<Vec<Keyed>, Unreadable> {
    let body: Value = serde_json::from_slice(body).map_err(Unreadable)?;
    let mut events = Vec::new();
    for entry in list(&body, "entry") {
        for change in list(entry, "changes") {
            read_change(change, &mut events);
        }
    }
    events.truncate(EVENTS_MAX);
    Ok(events)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, path: &str) -> Option<String> {
    let text = value.pointer(path)?.as_str()?;
    (!text.is_empty() && text.len() <= ID_MAX).then(|| text.to_owned())
}

fn time(value: &Value) -> Timestamp {
    let seconds = value.get("timestamp").and_then(|at| at.as_i64().or_else(|| at.as_str()?.parse().ok()));
    seconds.and_then(|at| Timestamp::from_second(at).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn digest(value: &Value) -> String {
    Sha256::digest(value.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_change(change: &Value, events: &mut Vec<Keyed>) {
    let (Some(field), Some(value)) = (change.get("field").and_then(Value::as_str), change.get("value"))
    else {
        return;
    };
    let number_id = text(value, "/metadata/phone_number_id").unwrap_or_default();
    match field {
        "messages" => {
            let contacts: Vec<Contact> = list(value, "contacts").map(contact).collect();
            for message in list(value, "messages") {
                events.push(read_message(message, &number_id, &contacts));
            }
            for status in list(value, "statuses") {
                events.push(read_status(status, &number_id));
            }
        }
        "user_preferences" => {
            for preference in list(value, "user_preferences") {
                let stopped = text(preference, "/value").as_deref() == Some("stop");
                let event = Event::Preference { contact: contact(preference), stopped };
                events.push(Keyed { key: format!("o:{}", digest(preference)), event });
            }
        }
        _ => {
            let event = account(field, value).map_or(Event::Other, Event::Account);
            events.push(Keyed { key: format!("o:{}", digest(change)), event });
        }
    }
}

fn contact(value: &Value) -> Contact {
    Contact { wa_id: text(value, "/wa_id"), user_id: text(value, "/user_id") }
}

fn read_message(message: &Value, number_id: &str, contacts: &[Contact]) -> Keyed {
    let Some(id) = text(message, "/id") else {
        return Keyed { key: format!("o:{}", digest(message)), event: Event::Other };
    };
    let key = format!("m:{id}");
    let mut from = contacts.first().filter(|_| contacts.len() == 1).cloned().unwrap_or_default();
    // What the message itself says comes first: `contacts` names people, not messages.
    from.wa_id = text(message, "/from").or(from.wa_id);
    from.user_id = text(message, "/from_user_id").or(from.user_id);
    let kind = text(message, "/type").unwrap_or_else(|| "unknown".to_owned());
    let said = |path: &str| {
        let text: String = message.pointer(path)?.as_str()?.chars().take(TEXT_MAX).collect();
        Some(text).filter(|text| !text.trim().is_empty())
    };
    if kind == "system" {
        let to = Contact { wa_id: text(message, "/system/wa_id"), user_id: text(message, "/system/user_id") };
        let changed = text(message, "/system/type").as_deref() == Some("user_changed_number");
        let event = if changed && to != Contact::default() {
            Event::NumberChanged { from, to }
        } else {
            Event::Other
        };
        return Keyed { key, event };
    }
    let content = match kind.as_str() {
        "text" => said("/text/body").map(Content::Text),
        "button" => said("/button/payload").map(Content::Reply),
        "interactive" => said("/interactive/button_reply/id")
            .or_else(|| said("/interactive/list_reply/id"))
            .map(Content::Reply),
        _ => None,
    };
    let event = Event::Message {
        number_id: number_id.to_owned(),
        id,
        from,
        at: time(message),
        content: content.unwrap_or(Content::Other(kind)),
        answers: text(message, "/context/id"),
    };
    Keyed { key, event }
}

fn read_status(status: &Value, number_id: &str) -> Keyed {
    let word = text(status, "/status").unwrap_or_default();
    let progress = match word.as_str() {
        "sent" => Some(Progress::Sent),
        "delivered" => Some(Progress::Delivered),
        "read" | "played" => Some(Progress::Read),
        "failed" => Some(Progress::Failed),
        _ => None,
    };
    let (Some(id), Some(progress)) = (text(status, "/id"), progress) else {
        return Keyed { key: format!("o:{}", digest(status)), event: Event::Other };
    };
    let at = time(status);
    let code = status.pointer("/errors/0/code").and_then(Value::as_i64);
    let charged = status.pointer("/pricing/billable").and_then(Value::as_bool) == Some(true);
    let event = Event::Status {
        number_id: number_id.to_owned(),
        progress,
        at,
        failure: code.map(|code| Failure::of(code, 200)),
        callback: text(status, "/biz_opaque_callback_data"),
        charged: text(status, "/pricing/category").filter(|_| charged),
        id,
    };
    let key = match &event {
        Event::Status { id, .. } => format!("s:{id}:{word}:{}", at.as_second()),
        _ => String::new(),
    };
    Keyed { key, event }
}

fn account(field: &str, value: &Value) -> Option<AccountEvent> {
    let name = || text(value, "/message_template_name");
    Some(match field {
        "message_template_status_update" => {
            AccountEvent::Template { name: name()?, state: text(value, "/event")? }
        }
        "template_category_update" => {
            AccountEvent::Category { name: name()?, category: text(value, "/new_category")? }
        }
        "phone_number_quality_update" => AccountEvent::Quality(text(value, "/event")?),
        "account_update" => AccountEvent::Account(text(value, "/event")?),
        _ => return None,
    })
}
