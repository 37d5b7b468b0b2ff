//! Words that appear on the page Grabación while people speak, as its script asks for them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Serialize;

use super::Answer;
use crate::App;
use crate::outcome::Outcome;
use crate::session::SignedIn;

/// What was heard so far; stays in no cache, as every answer.
#[derive(Serialize)]
struct Live {
    /// Stretches between pauses, which do not change any more.
    dicho: Vec<String>,
    /// What was said since.
    sigue: String,
}

/// `GET /grabaciones/{id}/en-vivo`: nothing when nobody listens or the recording ended.
pub(crate) async fn words(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let id = id.parse().map_err(|_| Outcome::not_found("la grabación"))?;
    Ok(match app.care.live_words(&user.actor, id).await? {
        Some(words) => axum::Json(Live { dicho: words.settled, sigue: words.tentative }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
