//! The client of Meta's Graph API: sends a body and says what became of it, and asks how the account stands. The address and
//! the version are the owner's; nothing else is reached.

mod body;
mod failure;

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

pub use body::{Window, body, read_mark};
pub use failure::{Alarm, Class, Failure, NO_CODE, PATIENCE};

/// Where Meta answers.
pub const BASE: &str = "https://graph.facebook.com";
/// Most bytes of an answer that are read.
const ANSWER_MAX: usize = 256 * 1024;
/// How long an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection is waited for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the client cannot be used, or an account could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The address is none, or not over TLS.
    #[error("whatsapp.base debe empezar con https:// (o http:// hacia este mismo equipo)")]
    Base,
    /// The version is none.
    #[error("whatsapp.version debe ser como v25.0")]
    Version,
    /// No TLS: no root certificates, as a rule.
    #[error("no se pudo preparar la conexión segura con WhatsApp")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nobody answered.
    #[error("no se pudo hablar con WhatsApp")]
    Connection(#[source] reqwest::Error),
    /// It answered with an error.
    #[error("WhatsApp respondió con el error {}: {}", .0.code, .0.label())]
    Refused(Failure),
    /// It answered with something else.
    #[error("WhatsApp respondió algo que no se entiende")]
    Answer,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Meta has it; whether it arrives, a status tells.
    Accepted {
        /// Meta's name for the message.
        id: String,
        /// Meta's name for the person, as it gave it.
        wa_id: Option<String>,
    },
    /// It was not taken.
    Failed(Failure),
    /// It was sent and nobody knows whether it was taken: a status may tell.
    Unknown,
    /// A person says it, from the list that is printed.
    ByHand,
}

/// The number messages are sent from, with what opens it.
#[derive(Clone)]
pub struct Sender {
    /// Meta's id of the number.
    pub number_id: String,
    /// The access token of a system user.
    pub token: Zeroizing<String>,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sender({})", self.number_id)
    }
}

/// How a number stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NumberState {
    /// As people see it.
    pub display_phone_number: String,
    /// The name patients see.
    #[serde(default)]
    pub verified_name: String,
    /// GREEN, YELLOW, RED or NA.
    #[serde(default)]
    pub quality_rating: String,
}

/// How a template stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TemplateState {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// APPROVED, PENDING, REJECTED, PAUSED, DISABLED.
    pub status: String,
    /// UTILITY, MARKETING, AUTHENTICATION.
    #[serde(default)]
    pub category: String,
}

/// The client.
#[derive(Debug, Clone)]
pub struct Graph {
    http: reqwest::Client,
    root: String,
}

impl Graph {
    /// A client of `base`, in `version` ("v25.0").
    ///
    /// # Errors
    /// [`GraphError::Base`], [`GraphError::Version`] or [`GraphError::Tls`].
    pub fn new(base: &str, version: &str) -> Result<Self, GraphError> {
        let base = base.trim_end_matches('/');
        let url = reqwest::Url::parse(base).map_err(|_| GraphError::Base)?;
        let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let clean = url.username().is_empty() && url.query().is_none() && url.host_str().is_some();
        if !(clean && (url.scheme() == "https" || url.scheme() == "http" && here)) {
            return Err(GraphError::Base);
        }
        let number = version.strip_prefix('v').and_then(|number| number.split_once('.'));
        let digits =
            |text: &str| !text.is_empty() && text.len() < 4 && text.bytes().all(|b| b.is_ascii_digit());
        if !number.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            return Err(GraphError::Version);
        }
        let tls = crate::tls::client_config().map_err(GraphError::Tls)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| GraphError::Tls(error.into()))?;
        Ok(Self { http, root: format!("{base}/{version}") })
    }

    /// Sends a body that [`body()`] made.
    pub async fn send(&self, sender: &Sender, body: &Value) -> Outcome {
        let url = format!("{}/{}/messages", self.root, sender.number_id);
        let sent = self.http.post(url).bearer_auth(sender.token.as_str()).json(body).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            // Never left this machine: nothing was sent.
            Err(error) if error.is_connect() || error.is_builder() => {
                return Outcome::Failed(Failure { code: NO_CODE, class: Class::Transient });
            }
            Err(_) => return Outcome::Unknown,
        };
        let status = answer.status();
        let Ok(content) = read(answer).await else {
            return if status.is_success() {
                Outcome::Unknown
            } else {
                Outcome::Failed(Failure::of(NO_CODE, status.as_u16()))
            };
        };
        outcome(status, &content)
    }

    async fn get(&self, token: &str, path: &str) -> Result<Vec<u8>, GraphError> {
        let request = self.http.request(Method::GET, format!("{}/{path}", self.root)).bearer_auth(token);
        let answer = request.send().await.map_err(|error| GraphError::Connection(error.without_url()))?;
        let status = answer.status();
        let content = read(answer).await?;
        if status.is_success() { Ok(content) } else { Err(GraphError::Refused(refusal(status, &content))) }
    }

    /// How the number stands; also proves that the token opens it.
    ///
    /// # Errors
    /// [`GraphError`].
    pub async fn number(&self, sender: &Sender) -> Result<NumberState, GraphError> {
        let path = format!("{}?fields=display_phone_number,verified_name,quality_rating", sender.number_id);
        let content = self.get(&sender.token, &path).await?;
        serde_json::from_slice(&content).map_err(|_| GraphError::Answer)
    }

    /// When the token ends, in seconds since 1970; `None` for one that does not.
    ///
    /// # Errors
    /// [`GraphError`].
    pub async fn token_ends(&self, token: &str) -> Result<Option<i64>, GraphError> {
        #[derive(Deserialize)]
        struct Told {
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            #[serde(default)]
            expires_at: i64,
            is_valid: bool,
        }
        // Meta asks for it in the address; no error of ours carries an address.
        let mut query = reqwest::Url::parse("http://q").map_err(|_| GraphError::Base)?;
        query.query_pairs_mut().append_pair("input_token", token);
        let content = self.get(token, &format!("debug_token?{}", query.query().unwrap_or_default())).await?;
        let told: Told = serde_json::from_slice(&content).map_err(|_| GraphError::Answer)?;
        match told.data {
            Data { is_valid: false, .. } => Err(GraphError::Refused(Failure::of(190, 401))),
            Data { expires_at: 0, .. } => Ok(None),
            Data { expires_at, .. } => Ok(Some(expires_at)),
        }
    }

    /// The templates of an account.
    ///
    /// # Errors
    /// [`GraphError`].
    pub async fn templates(&self, token: &str, account_id: &str) -> Result<Vec<TemplateState>, GraphError> {
        #[derive(Deserialize)]
        struct Page {
            data: Vec<TemplateState>,
        }
        let path = format!("{account_id}/message_templates?fields=name,language,status,category&limit=200");
        let content = self.get(token, &path).await?;
        let page: Page = serde_json::from_slice(&content).map_err(|_| GraphError::Answer)?;
        Ok(page.data)
    }

    /// Whether an app receives the webhooks of the account.
    ///
    /// # Errors
    /// [`GraphError`].
    pub async fn has_webhook(&self, token: &str, account_id: &str) -> Result<bool, GraphError> {
        #[derive(Deserialize)]
        struct Page {
            data: Vec<Value>,
        }
        let content = self.get(token, &format!("{account_id}/subscribed_apps")).await?;
        let page: Page = serde_json::from_slice(&content).map_err(|_| GraphError::Answer)?;
        Ok(!page.data.is_empty())
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>, GraphError> {
    let mut content = Vec::new();
    while let Some(piece) =
        answer.chunk().await.map_err(|error| GraphError::Connection(error.without_url()))?
    {
        if content.len() + piece.len() > ANSWER_MAX {
            return Err(GraphError::Answer);
        }
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

fn refusal(status: StatusCode, content: &[u8]) -> Failure {
    let answer: Option<Value> = serde_json::from_slice(content).ok();
    let code = answer.as_ref().and_then(|answer| answer.pointer("/error/code")).and_then(Value::as_i64);
    Failure::of(code.unwrap_or(NO_CODE), status.as_u16())
}

fn outcome(status: StatusCode, content: &[u8]) -> Outcome {
    if !status.is_success() {
        return Outcome::Failed(refusal(status, content));
    }
    let answer: Value = serde_json::from_slice(content).unwrap_or(Value::Null);
    let text = |path: &str| answer.pointer(path).and_then(Value::as_str).map(|text| text.trim().to_owned());
    match text("/messages/0/id").filter(|id| !id.is_empty() && id.len() <= 256) {
        Some(id) => Outcome::Accepted { id, wa_id: text("/contacts/0/wa_id").filter(|id| id.len() <= 160) },
        // It says yes and not to what.
        None => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_meta_over_tls_or_this_machine_is_reached() {
        for base in [BASE, "http://127.0.0.1:9000", "https://proxy.example/meta/"] {
            assert!(Graph::new(base, "v25.0").is_ok(), "{base}");
        }
        for base in
            ["http://graph.facebook.com", "ftp://x", "graph.facebook.com", "https://a:b@x", "https://x?y=1"]
        {
            assert!(matches!(Graph::new(base, "v25.0"), Err(GraphError::Base)), "{base}");
        }
        for version in ["", "25.0", "v25", "v25.0/../..", "vx.y"] {
            assert!(matches!(Graph::new(BASE, version), Err(GraphError::Version)), "{version}");
        }
    }

    #[test]
    fn an_answer_without_the_name_of_a_message_is_unknown_and_an_error_has_its_class() {
        let accepted = br#"{"messaging_product":"whatsapp","contacts":[{"input":"52","wa_id":"521 "}],"messages":[{"id":"wamid.A"}]}"#;
        let expected = Outcome::Accepted { id: "wamid.A".to_owned(), wa_id: Some("521".to_owned()) };
        assert_eq!(outcome(StatusCode::OK, accepted), expected);
        assert_eq!(outcome(StatusCode::OK, b"{}"), Outcome::Unknown);
        assert_eq!(outcome(StatusCode::OK, b"<html>"), Outcome::Unknown);
        let error = br#"{"error":{"message":"x","code":131047}}"#;
        assert_eq!(outcome(StatusCode::BAD_REQUEST, error), Outcome::Failed(Failure::of(131_047, 400)));
        assert_eq!(outcome(StatusCode::BAD_GATEWAY, b"<html>"), Outcome::Failed(Failure::of(NO_CODE, 502)));
    }
}
