//! A form with a file: read in pieces, refused as soon as it is too large, never written to disk here.

use axum::extract::multipart::Field as Part;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::Response;
use care::{Actor, CareError};

use crate::App;
use crate::outcome::Outcome;
use crate::session::sign_in_again;
use crate::views::form::Posted;

/// Room for the other fields of the form.
const FIELDS: usize = 1024 * 1024;

/// What a form with a file brought.
pub(crate) struct Upload {
    /// The other fields.
    pub(crate) posted: Posted,
    /// The name the browser gave the file; empty without a file.
    pub(crate) file_name: String,
    /// The content; `None` when it is larger than the limit, and then it was not kept.
    pub(crate) content: Option<Vec<u8>>,
    /// Further files that were chosen in the same field, before it, with their names.
    pub(crate) others: Vec<(String, Vec<u8>)>,
}

/// The limit of a request whose file may have `most` bytes: a little more is read so that the browser hears the answer.
pub(crate) const fn request_limit(most: usize) -> usize {
    most + most / 4 + FIELDS
}

/// Reads a form with files of at most `most` bytes each and checks its secret. A request that says in its head
/// that it is larger than [`request_limit`] is not read at all.
///
/// # Errors
/// A page to sign in again when the secret is not that of the session; an outcome when the form arrived broken.
pub(crate) async fn read(
    app: &App,
    actor: &Actor,
    request: Request,
    most: usize,
) -> Result<Upload, Response> {
    let action = request.uri().path().to_owned();
    let stated = request.headers().get(header::CONTENT_LENGTH);
    let stated = stated.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|bytes| bytes > request_limit(most) as u64) {
        return Ok(Upload {
            posted: Posted::default(),
            file_name: String::new(),
            content: None,
            others: Vec::new(),
        });
    }
    let broken = || axum::response::IntoResponse::into_response(unread());
    let multipart = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let upload = parts(multipart, most).await.map_err(|_| broken())?;
    if upload.content.is_some() && upload.posted.get("_token") != actor.csrf {
        return Err(sign_in_again(app, &action, &Posted::default()).await);
    }
    Ok(upload)
}

/// The file of a form that needs no session, of at most `most` bytes; `None` when it is larger or arrived broken.
pub(crate) async fn read_public(request: Request, most: usize) -> Option<Vec<u8>> {
    let multipart = Multipart::from_request(request, &()).await.ok()?;
    parts(multipart, most).await.ok()?.content
}

async fn parts(
    mut multipart: Multipart,
    most: usize,
) -> Result<Upload, axum::extract::multipart::MultipartError> {
    let mut upload = Upload {
        posted: Posted::default(),
        file_name: String::new(),
        content: Some(Vec::new()),
        others: Vec::new(),
    };
    loop {
        let part = match multipart.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => return Ok(upload),
            Err(error) if too_large(&error) => return Ok(Upload { content: None, ..upload }),
            Err(error) => return Err(error),
        };
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let limit = if file_name.is_some() { most } else { FIELDS };
        let bytes = match read_part(part, limit).await {
            Ok(bytes) => bytes,
            Err(error) if too_large(&error) => None,
            Err(error) => return Err(error),
        };
        match (file_name, bytes) {
            (_, None) => return Ok(Upload { content: None, ..upload }),
            // Of the two file fields, from disk and from the camera, one is empty.
            (Some(file_name), Some(bytes)) if !bytes.is_empty() || !file_name.is_empty() => {
                let before = std::mem::replace(&mut upload.file_name, file_name);
                if let Some(content) = upload.content.replace(bytes).filter(|content| !content.is_empty()) {
                    upload.others.push((before, content));
                }
            }
            (Some(_), _) => {}
            (None, Some(bytes)) => {
                let field = vec![(name, String::from_utf8_lossy(&bytes).into_owned())];
                upload.posted.0.append(&mut Posted::received(field).0);
            }
        }
    }
}

fn too_large(error: &axum::extract::multipart::MultipartError) -> bool {
    error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE
}

/// The bytes of a part, or `None` when there are more than `limit`: what is beyond is read and dropped.
async fn read_part(
    mut part: Part<'_>,
    limit: usize,
) -> Result<Option<Vec<u8>>, axum::extract::multipart::MultipartError> {
    let mut bytes = Vec::new();
    let mut seen = 0_usize;
    while let Some(chunk) = part.chunk().await? {
        seen = seen.saturating_add(chunk.len());
        if seen <= limit {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    Ok((seen <= limit).then_some(bytes))
}

fn unread() -> Outcome {
    CareError::invalid("archivo", "El archivo no llegó completo. Vuelva a elegirlo y a enviarlo").into()
}
