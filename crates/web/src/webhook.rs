//! The one address that faces the internet: notifications of WhatsApp, on a port and a path of their own, behind a proxy with a
//! certificate. Nothing else is served here; a notification is kept before it is answered, and worked on elsewhere.

use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum_server::Handle;
use care::Care;
use messaging::webhook::{AppSecret, BODY_MAX, challenge};
use serde::Deserialize;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::server::ServeError;

/// Notifications that are kept in one transaction.
const TOGETHER: usize = 256;
/// Notifications that may wait to be kept; one more is told to come again.
const WAITING: usize = 1_024;
/// Bodies that are read at the same time: with the largest ones this is the most memory strangers can take.
const READING: usize = 64;
/// How long open requests have to finish.
const GRACE: Duration = Duration::from_secs(5);

/// Where and with which secrets notifications are taken.
pub struct Webhook {
    /// A bound socket, not blocking.
    pub socket: TcpListener,
    /// The path Meta calls.
    pub path: String,
    /// The secret of the app.
    pub secret: AppSecret,
    /// The word agreed on with Meta.
    pub verify: String,
}

/// A notification and where its fate is told.
type Waiting = (Vec<u8>, oneshot::Sender<bool>);

#[derive(Clone)]
struct Door {
    secret: AppSecret,
    verify: Arc<str>,
    keep: mpsc::Sender<Waiting>,
    reading: Arc<Semaphore>,
}

/// Takes notifications until `stop` resolves.
///
/// # Errors
/// [`ServeError::Socket`] when the socket fails.
pub async fn serve_webhook(
    webhook: Webhook,
    care: Care,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let handle = Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        stop.await;
        stopping.graceful_shutdown(Some(GRACE));
    });
    let routes = webhook_router(&webhook.path, webhook.secret, &webhook.verify, care);
    axum_server::from_tcp(webhook.socket)?.handle(handle).serve(routes.into_make_service()).await?;
    Ok(())
}

/// The one route, for the server and for tests.
pub fn webhook_router(path: &str, secret: AppSecret, verify: &str, care: Care) -> Router {
    let (keep, waiting) = mpsc::channel(WAITING);
    tokio::spawn(keeper(care, waiting));
    let door = Door { secret, verify: verify.into(), keep, reading: Arc::new(Semaphore::new(READING)) };
    Router::new()
        .route(path, get(verify_address).post(take))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(door)
}

/// Keeps what waits, all at once: a hundred notifications are one write to the disk.
async fn keeper(care: Care, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
        let (bodies, told): (Vec<Vec<u8>>, Vec<oneshot::Sender<bool>>) = batch.drain(..).unzip();
        let kept = care.keep_notifications(&bodies).await;
        if let Err(error) = &kept {
            tracing::error!(%error, "notifications of WhatsApp could not be kept; Meta will send them again");
        }
        for teller in told {
            // Whoever waited may be gone: Meta sends it again, and it is kept once.
            let _ = teller.send(kept.is_ok());
        }
    }
}

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "hub.mode", default)]
    mode: String,
    #[serde(rename = "hub.verify_token", default)]
    token: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
}

async fn verify_address(State(door): State<Door>, Query(asked): Query<Question>) -> Response {
    match challenge(&asked.mode, &asked.token, &asked.challenge, &door.verify) {
        Some(answer) => ([(header::CONTENT_TYPE, "text/plain")], answer.to_owned()).into_response(),
        None => StatusCode::FORBIDDEN.into_response(),
    }
}

async fn take(State(door): State<Door>, headers: HeaderMap, request: axum::extract::Request) -> Response {
    let Ok(_place) = door.reading.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let Ok(body) = axum::body::to_bytes(request.into_body(), BODY_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let signatures = headers.get_all("x-hub-signature-256").iter().map(axum::http::HeaderValue::as_bytes);
    if !door.secret.signed(signatures, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if keep(&door, &body).await {
        StatusCode::OK.into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

async fn keep(door: &Door, body: &Bytes) -> bool {
    let (teller, told) = oneshot::channel();
    door.keep.try_send((body.to_vec(), teller)).is_ok() && told.await.unwrap_or(false)
}
