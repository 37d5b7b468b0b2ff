//! Grabación, from a file: taken as it arrives, made a recording once it is whole.

use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::header;
use axum::response::IntoResponse as _;
use care::brought::{BroughtRecording, MAX_SOUND_FILE};
use care::{Actor, CareError};
use clinical::ids::EncounterId;
use serde::Serialize;

use super::consultation::encounter_id;
use super::recording::{refused, with_errors};
use super::{Answer, is_fragment, see, to_correct};
use crate::App;
use crate::session::{SignedIn, sign_in_again};
use crate::views::form::Posted;

/// Bytes that are handed on together.
const PART: usize = 256 * 1024;
/// The secret of the session is no longer than this.
const TOKEN_MOST: usize = 200;
/// Most bytes of the request: the file, and the rest of its form.
pub(crate) const UPLOAD_LIMIT: usize = MAX_SOUND_FILE as usize + 64 * 1024;

/// Why a file was not taken.
enum Refused {
    /// Signed in again in another tab, or not at all.
    Session,
    Care(CareError),
}

impl From<CareError> for Refused {
    fn from(error: CareError) -> Self {
        Self::Care(error)
    }
}

/// Where the script goes when the file was taken.
#[derive(Serialize)]
struct Taken {
    ir: String,
}

/// `POST /consultas/{id}/grabacion/archivo`.
pub(crate) async fn bring(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let id = encounter_id(&id)?;
    let action = request.uri().path().to_owned();
    let fragment = is_fragment(request.headers());
    match take(&app, &user.actor, id, request).await {
        Ok(done) => {
            let said = if done.whole { "grabacion-traida" } else { "grabacion-incompleta" };
            let path = format!("/consultas/{id}/grabacion?aviso={said}#g-{}", done.id);
            Ok(if fragment { axum::Json(Taken { ir: path }).into_response() } else { see(&path) })
        }
        Err(Refused::Session) => Ok(sign_in_again(&app, &action, &Posted::default()).await),
        Err(Refused::Care(error)) if fragment => Ok(refused(error)),
        Err(Refused::Care(CareError::Invalid(errors))) => {
            let desk = app.care.recording_desk(&user.actor, id).await?;
            to_correct(&with_errors(&app, &user.actor, &desk, &errors))
        }
        Err(Refused::Care(error)) => Err(error.into()),
    }
}

async fn take(
    app: &App,
    actor: &Actor,
    id: EncounterId,
    request: Request,
) -> Result<BroughtRecording, Refused> {
    let mut file = app.care.begin_bringing(actor, id).await?;
    let stated = request.headers().get(header::CONTENT_LENGTH);
    let stated = stated.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if stated.is_some_and(|bytes| bytes > UPLOAD_LIMIT) {
        return Err(too_large().into());
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut known = false;
    while let Some(mut part) = form.next_field().await.map_err(|_| broken())? {
        if part.name() == Some("_token") {
            let mut said = Vec::new();
            while let Some(bytes) = part.chunk().await.map_err(|_| broken())? {
                said.extend_from_slice(&bytes);
                if said.len() > TOKEN_MOST {
                    return Err(Refused::Session);
                }
            }
            known = said == actor.csrf.as_bytes();
            continue;
        }
        // The secret stands before the file in the form.
        if !known {
            return Err(Refused::Session);
        }
        match part.file_name() {
            None => continue,
            Some("") => return Err(unchosen().into()),
            Some(_) => {}
        }
        let mut bytes = Vec::new();
        while let Some(more) = part.chunk().await.map_err(|_| broken())? {
            bytes.extend_from_slice(&more);
            if bytes.len() >= PART {
                file = file.push(std::mem::take(&mut bytes)).await.map_err(unkept)?;
            }
        }
        file = file.push(bytes).await.map_err(unkept)?;
        let (app, actor) = (app.clone(), actor.clone());
        // All of it is here: it is read to its end, also when the browser does not wait for it.
        let reading = tokio::spawn(async move { app.care.bring_sound(&actor, id, file).await });
        return Ok(reading.await.map_err(|error| CareError::Internal(Box::new(error)))??);
    }
    Err(if known { unchosen().into() } else { Refused::Session })
}

fn unkept(error: storage::StorageError) -> CareError {
    match error {
        storage::StorageError::TooLarge { .. } => too_large(),
        error => error.into(),
    }
}

fn unchosen() -> CareError {
    CareError::invalid("archivo", "Elija el archivo de audio")
}

fn too_large() -> CareError {
    CareError::invalid("archivo", "El archivo pesa más de 4 GB. Divídalo, o conviértalo a MP3, M4A o FLAC")
}

fn broken() -> CareError {
    CareError::invalid("archivo", "El archivo no llegó completo y no se guardó nada. Envíelo otra vez")
}
