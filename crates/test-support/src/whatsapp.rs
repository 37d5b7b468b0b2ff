//! WhatsApp as the reference describes it (and only as it does): a server that takes messages, refuses them, loses answers, and
//! tells what became of them twice and in the wrong order. Tests run it inside themselves; the program `fake-whatsapp` runs it alone.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use messaging::webhook::AppSecret;
use messaging::wording::TEMPLATES;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// The token that opens the fake account.
pub const TOKEN: &str = "token-de-prueba";
/// The id of its number.
pub const NUMBER_ID: &str = "1122334455667";
/// The id of another number of the same account.
pub const OTHER_NUMBER_ID: &str = "7766554433221";
/// The id of its account.
pub const ACCOUNT_ID: &str = "102290129340398";
/// The secret its notifications are signed with.
pub const SECRET: &str = "secreto-de-prueba";

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// It is taken and the answer says so.
    Accept,
    /// It is taken and the answer is lost.
    LoseAnswer,
    /// It is refused with a code of Meta and a status of HTTP.
    Refuse(i64, u16),
    /// It is taken, and answered so late.
    Late(Duration),
}

/// Decides what is done with the message that comes as the n-th, from 0.
type Plan = Box<dyn Fn(usize, &Value) -> Treatment + Send + Sync>;

struct Inner {
    plan: Plan,
    /// Everything that came, taken or not.
    came: usize,
    /// What was taken, with the number it was sent from.
    taken: Vec<(String, Value)>,
    /// Digits of the people who wrote in the last 24 hours.
    open: BTreeSet<String>,
    told: Vec<Vec<u8>>,
    next: usize,
    /// When the token ends, in seconds since 1970.
    token_ends: i64,
    /// The templates that are paused.
    paused: Vec<&'static str>,
}

/// A fake account of WhatsApp that listens on this machine.
#[derive(Clone)]
pub struct FakeWhatsApp {
    inner: Arc<Mutex<Inner>>,
    address: SocketAddr,
}

impl FakeWhatsApp {
    /// Listens on a free port, and takes whatever comes.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start() -> Self {
        Self::on(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens at an address.
    ///
    /// # Panics
    /// When it is taken.
    pub async fn on(address: SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let inner = Inner {
            plan: Box::new(|_, _| Treatment::Accept),
            came: 0,
            taken: Vec::new(),
            open: BTreeSet::new(),
            told: Vec::new(),
            next: 0,
            token_ends: 4_000_000_000,
            paused: Vec::new(),
        };
        let fake = Self { inner: Arc::new(Mutex::new(inner)), address };
        let routes = Router::new()
            .route("/{version}/{id}/messages", post(take))
            .route("/{version}/{id}/message_templates", get(templates))
            .route("/{version}/{id}/subscribed_apps", get(subscribed))
            .route("/{version}/{id}", get(about))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }

    /// Where it listens: the base of the Graph API.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What is done with messages from now on.
    pub fn treat(&self, plan: impl Fn(usize, &Value) -> Treatment + Send + Sync + 'static) {
        self.with(|inner| inner.plan = Box::new(plan));
    }

    /// The token ends then, in seconds since 1970.
    pub fn end_token(&self, at: i64) {
        self.with(|inner| inner.token_ends = at);
    }

    /// Meta pauses a template.
    pub fn pause(&self, template: &'static str) {
        self.with(|inner| inner.paused.push(template));
    }

    /// The bodies it took, in order.
    #[must_use]
    pub fn taken(&self) -> Vec<Value> {
        self.with(|inner| inner.taken.iter().map(|(_, body)| body.clone()).collect())
    }

    /// The numbers they were sent from, in the same order.
    #[must_use]
    pub fn senders(&self) -> Vec<String> {
        self.with(|inner| inner.taken.iter().map(|(number, _)| number.clone()).collect())
    }

    /// How many came, taken or not.
    #[must_use]
    pub fn came(&self) -> usize {
        self.with(|inner| inner.came)
    }

    /// The notifications that wait to be told, as bytes: statuses of what was taken, each twice and the last first.
    #[must_use]
    pub fn notifications(&self) -> Vec<Vec<u8>> {
        self.with(|inner| {
            let told = std::mem::take(&mut inner.told);
            told.iter().rev().chain(told.iter()).cloned().collect()
        })
    }

    /// A patient writes; the notification of it. From then on their window is open.
    #[must_use]
    pub fn writes(&self, digits: &str, text: &str, at: i64) -> Vec<u8> {
        self.writes_to(NUMBER_ID, digits, text, at)
    }

    /// The same to another number.
    #[must_use]
    pub fn writes_to(&self, number: &str, digits: &str, text: &str, at: i64) -> Vec<u8> {
        self.says(number, digits, at, &json!({"type": "text", "text": {"body": text}}))
    }

    /// Somebody who hides their number writes: only the id of the business tells who.
    #[must_use]
    pub fn hidden_writes(&self, user: &str, text: &str, at: i64) -> Vec<u8> {
        let id = self.with(|inner| {
            inner.open.insert(last_ten(user));
            inner.next += 1;
            inner.next
        });
        let message = json!({"from_user_id": user, "id": format!("wamid.in{id}"), "timestamp": at.to_string(), "type": "text", "text": {"body": text}});
        let contacts = json!([{"profile": {"name": "Prueba"}, "user_id": user}]);
        notification(NUMBER_ID, &json!({"contacts": contacts, "messages": [message]}))
    }

    /// A patient touches a button or a row, by what we put into it; the notification of it.
    #[must_use]
    pub fn touches(&self, digits: &str, reply: &str, at: i64) -> Vec<u8> {
        self.says(NUMBER_ID, digits, at, &json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": reply, "title": "x"}}}))
    }

    fn says(&self, number: &str, digits: &str, at: i64, what: &Value) -> Vec<u8> {
        let id = self.with(|inner| {
            inner.open.insert(last_ten(digits));
            inner.next += 1;
            inner.next
        });
        let mut message = json!({"from": digits, "id": format!("wamid.in{id}"), "timestamp": at.to_string()});
        if let (Some(fields), Some(more)) = (message.as_object_mut(), what.as_object()) {
            fields.extend(more.clone());
        }
        let contacts =
            json!([{"profile": {"name": "Prueba"}, "wa_id": digits, "user_id": format!("MX.{digits}")}]);
        notification(number, &json!({"contacts": contacts, "messages": [message]}))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The header a notification comes with.
///
/// # Panics
/// Never: the secret is not empty.
#[must_use]
pub fn signature(body: &[u8]) -> String {
    let secret = AppSecret::new(Zeroizing::new(SECRET.to_owned())).expect("not empty");
    secret.header(body).expect("any body can be signed")
}

fn last_ten(digits: &str) -> String {
    digits.get(digits.len().saturating_sub(10)..).unwrap_or(digits).to_owned()
}

/// A notification as Meta writes it: with what is not ASCII escaped.
fn notification(number: &str, value: &Value) -> Vec<u8> {
    let mut value = value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("messaging_product".to_owned(), json!("whatsapp"));
        fields.insert(
            "metadata".to_owned(),
            json!({"display_phone_number": "525500000000", "phone_number_id": number}),
        );
    }
    let changes = json!([{"field": "messages", "value": value}]);
    let body =
        json!({"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT_ID, "changes": changes}]})
            .to_string();
    let mut escaped = String::with_capacity(body.len());
    for c in body.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            let mut pair = [0; 2];
            c.encode_utf16(&mut pair).iter().for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}")));
        }
    }
    escaped.into_bytes()
}

fn refused(code: i64, status: u16) -> Response {
    let error =
        json!({"error": {"message": "(#0) x", "type": "OAuthException", "code": code, "fbtrace_id": "A"}});
    (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), Json(error)).into_response()
}

fn admitted(headers: &HeaderMap) -> bool {
    headers.get("authorization").is_some_and(|value| value.as_bytes() == format!("Bearer {TOKEN}").as_bytes())
}

async fn take(
    State(fake): State<FakeWhatsApp>,
    Path((_, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !admitted(&headers) {
        return refused(190, 401);
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let treatment = fake.with(|inner| {
        let treatment = (inner.plan)(inner.came, &body);
        inner.came += 1;
        treatment
    });
    if let Treatment::Refuse(code, status) = treatment {
        return refused(code, status);
    }
    if number != NUMBER_ID && number != OTHER_NUMBER_ID {
        return refused(100, 400);
    }
    let open = fake.with(|inner| inner.open.contains(&last_ten(text(&body, "/to"))));
    if let Err(code) = sound(&body, open) {
        return refused(code, 400);
    }
    let id = fake.with(|inner| keep(inner, &number, &body));
    match treatment {
        // What reaches us says nothing: the message is taken and we cannot know.
        Treatment::LoseAnswer => return (StatusCode::OK, "").into_response(),
        Treatment::Late(pause) => tokio::time::sleep(pause).await,
        Treatment::Accept | Treatment::Refuse(..) => {}
    }
    let to = text(&body, "/to");
    let contact = json!({"input": to, "wa_id": format!("521{}", last_ten(to))});
    let message = json!({"id": id, "message_status": "accepted"});
    Json(json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}))
        .into_response()
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn letters(value: &Value, path: &str) -> usize {
    text(value, path).chars().count()
}

/// Whether a body is one that Meta takes; else its code.
fn sound(body: &Value, open: bool) -> Result<(), i64> {
    let to = text(body, "/to");
    if text(body, "/messaging_product") != "whatsapp"
        || to.is_empty()
        || !to.strip_prefix("MX.").unwrap_or(to).bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(131_008);
    }
    let list = |path: &str| body.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
    match text(body, "/type") {
        "template" => {
            let name = text(body, "/template/name");
            let known = TEMPLATES.iter().find(|wording| wording.template == Some(name)).ok_or(132_001)?;
            let given = list("/template/components/0/parameters").len();
            if given != known.body().matches("{{").count() { Err(132_000) } else { Ok(()) }
        }
        _ if !open => Err(131_047),
        "text" if (1..=4096).contains(&letters(body, "/text/body")) => Ok(()),
        "interactive" => {
            let buttons = list("/interactive/action/buttons");
            let rows = list("/interactive/action/sections/0/rows");
            let fits = buttons.len() <= 3
                && buttons.iter().all(|button| (1..=20).contains(&letters(button, "/reply/title")))
                && rows.len() <= 10
                && rows.iter().all(|row| (1..=24).contains(&letters(row, "/title")))
                && (1..=1024).contains(&letters(body, "/interactive/body/text"))
                && buttons.is_empty() != rows.is_empty();
            if fits { Ok(()) } else { Err(131_009) }
        }
        _ => Err(131_008),
    }
}

/// Keeps a message and what will be told of it; its name.
fn keep(inner: &mut Inner, number: &str, body: &Value) -> String {
    inner.next += 1;
    let id = format!("wamid.out{}", inner.next);
    for (order, status) in ["sent", "delivered", "read"].into_iter().enumerate() {
        let status = json!({
            "id": id,
            "status": status,
            "timestamp": (1_764_000_000 + order).to_string(),
            "recipient_id": format!("521{}", last_ten(text(body, "/to"))),
            "biz_opaque_callback_data": text(body, "/biz_opaque_callback_data"),
            "pricing": {"billable": true, "pricing_model": "PMP", "category": "utility"},
        });
        inner.told.push(notification(number, &json!({"statuses": [status]})));
    }
    inner.taken.push((number.to_owned(), body.clone()));
    id
}

async fn templates(State(fake): State<FakeWhatsApp>, headers: HeaderMap) -> Response {
    if !admitted(&headers) {
        return refused(190, 401);
    }
    let paused = fake.with(|inner| inner.paused.clone());
    let state = |name| {
        let status = if paused.contains(&name) { "PAUSED" } else { "APPROVED" };
        json!({"name": name, "language": "es_MX", "status": status, "category": "UTILITY"})
    };
    let all: Vec<Value> = TEMPLATES.iter().filter_map(|wording| wording.template).map(state).collect();
    Json(json!({"data": all})).into_response()
}

async fn subscribed(headers: HeaderMap) -> Response {
    if !admitted(&headers) {
        return refused(190, 401);
    }
    Json(json!({"data": [{"whatsapp_business_api_data": {"id": "1", "name": "Medicus"}}]})).into_response()
}

async fn about(
    State(fake): State<FakeWhatsApp>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match (admitted(&headers), id.as_str()) {
        (false, _) => refused(190, 401),
        (true, "debug_token") => {
            let ends = fake.with(|inner| inner.token_ends);
            Json(json!({"data": {"is_valid": true, "expires_at": ends}})).into_response()
        }
        (true, NUMBER_ID | OTHER_NUMBER_ID) => Json(json!({
            "display_phone_number": "+52 55 0000 0000",
            "verified_name": "Consultorio Ceiba",
            "quality_rating": "GREEN",
            "id": id,
        }))
        .into_response(),
        _ => refused(100, 400),
    }
}
