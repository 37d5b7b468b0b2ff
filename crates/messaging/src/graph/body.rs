//! The bodies that are sent to the Graph API: a template outside the window of a conversation, text or buttons or a list inside.

use serde_json::{Value, json};

use crate::letter::{Action, Letter, Message, Reply, SLOTS_MAX, short_words, with_whom};
use crate::wording::LANGUAGE;

/// Whether the person wrote in the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// They did: anything may be said.
    Open,
    /// They did not: only an approved template (else error 131047).
    Closed,
}

/// The body of a message to `to` (digits, or an id of the business); `None` where the window is closed and the message is no
/// template. `callback` comes back in each status.
#[must_use]
pub fn body(letter: &Letter, to: &str, window: Window, callback: &str) -> Option<Value> {
    let wording = letter.message.wording();
    let (kind, content) = match (window, wording.template) {
        (Window::Closed, None) => return None,
        (Window::Closed, Some(name)) => ("template", template(letter, name)),
        (Window::Open, _) => match &letter.message {
            Message::FreeSlots(_) => ("interactive", list(letter)),
            _ if wording.buttons.is_empty() => ("text", json!({"preview_url": false, "body": letter.text()})),
            _ => ("interactive", buttons(letter)),
        },
    };
    let mut body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": kind,
        "biz_opaque_callback_data": callback,
    });
    if let Some(object) = body.as_object_mut() {
        object.insert(kind.to_owned(), content);
    }
    Some(body)
}

/// Tells that a message was read.
#[must_use]
pub fn read_mark(message: &str) -> Value {
    json!({"messaging_product": "whatsapp", "status": "read", "message_id": message})
}

fn id(letter: &Letter, action: Action) -> String {
    Reply { action, token: letter.token }.to_string()
}

fn template(letter: &Letter, name: &str) -> Value {
    let parameters: Vec<Value> =
        letter.parameters().into_iter().map(|text| json!({"type": "text", "text": text})).collect();
    let mut components = vec![json!({"type": "body", "parameters": parameters})];
    for (index, button) in letter.message.wording().buttons.iter().enumerate() {
        components.push(json!({
            "type": "button",
            "sub_type": "quick_reply",
            "index": index.to_string(),
            "parameters": [{"type": "payload", "payload": id(letter, button.action)}],
        }));
    }
    json!({"name": name, "language": {"code": LANGUAGE}, "components": components})
}

fn buttons(letter: &Letter) -> Value {
    let buttons: Vec<Value> = letter
        .message
        .wording()
        .buttons
        .iter()
        .map(|button| json!({"type": "reply", "reply": {"id": id(letter, button.action), "title": button.title}}))
        .collect();
    json!({"type": "button", "body": {"text": letter.text()}, "action": {"buttons": buttons}})
}

fn list(letter: &Letter) -> Value {
    let Message::FreeSlots(slots) = &letter.message else { return Value::Null };
    let rows: Vec<Value> = slots
        .iter()
        .take(SLOTS_MAX)
        .map(|slot| {
            let mut row = json!({
                "id": Reply { action: Action::Slot, token: slot.token }.to_string(),
                "title": short_words(slot.starts),
            });
            if let (Some(object), Some(physician)) = (row.as_object_mut(), &slot.physician) {
                object.insert("description".to_owned(), json!(with_whom(physician)));
            }
            row
        })
        .collect();
    json!({
        "type": "list",
        "body": {"text": letter.text()},
        "action": {"button": "Ver horarios", "sections": [{"title": "Horarios", "rows": rows}]},
    })
}
