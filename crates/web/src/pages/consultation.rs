//! Consulta: the page, and the transcript that is brought.

use axum::extract::multipart::{Field as Part, MultipartRejection};
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use care::consultation::Consultation;
use care::{Actor, CareError};
use clinical::document::DocumentKind;
use clinical::ids::EncounterId;
use serde::Deserialize;

use super::consultation_view::{Builder, Focus};
use super::unsaved::TRANSCRIPT;
use super::{Answer, is_fragment, notice, render, see};
use crate::App;
use crate::outcome::Outcome;
use crate::session::{SignedIn, sign_in_again};
use crate::views::edit::ItemKind;
use crate::views::form::Posted;

/// Most bytes that are read of an upload; beyond [`FILE_LIMIT`] they are only counted, so that the browser gets an answer.
pub(crate) const UPLOAD_LIMIT: usize = 64 * 1024 * 1024;
/// Most bytes of a transcript that are kept: one more than `scribe` takes, so that it is the one to refuse.
const FILE_LIMIT: usize = scribe::parse::MAX_BYTES + 1;

/// What the address of a consultation may carry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NoteQuery {
    #[serde(default)]
    editar: String,
    #[serde(default)]
    agregar: String,
    #[serde(default)]
    tipo: String,
    #[serde(default)]
    frases: String,
    #[serde(default)]
    aviso: String,
    #[serde(default)]
    turnos: Option<usize>,
}

pub(super) fn encounter_id(text: &str) -> Result<EncounterId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la consulta"))
}

/// The document a word in an address names.
pub(super) fn kind(doc: &str) -> Result<DocumentKind, Outcome> {
    match doc {
        "nota" => Ok(DocumentKind::PROGRESS_NOTE),
        "historia" => Ok(DocumentKind::CLINICAL_HISTORY),
        other => DocumentKind::from_code(&other.to_ascii_uppercase())
            .filter(|kind| nom004::known(*kind).is_some_and(|d| d.service != nom004::Service::None))
            .ok_or_else(|| Outcome::not_found("ese documento")),
    }
}

/// `GET /consultas/{id}`: the document the act is written as.
pub(crate) async fn note(
    state: State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    query: Query<NoteQuery>,
    headers: HeaderMap,
) -> Answer {
    let document = state.care.document_of(&user.actor, encounter_id(&id)?).await?;
    if document != DocumentKind::PROGRESS_NOTE {
        return Ok(see(&page_of(encounter_id(&id)?, document)));
    }
    page(state, user, &id, document, query, &headers).await
}

/// `GET /consultas/{id}/{doc}`.
pub(crate) async fn other_document(
    state: State<App>,
    user: SignedIn,
    Path((id, doc)): Path<(String, String)>,
    query: Query<NoteQuery>,
    headers: HeaderMap,
) -> Answer {
    page(state, user, &id, kind(&doc)?, query, &headers).await
}

async fn page(
    State(app): State<App>,
    user: SignedIn,
    id: &str,
    kind: DocumentKind,
    Query(query): Query<NoteQuery>,
    headers: &HeaderMap,
) -> Answer {
    let view = app.care.consultation(&user.actor, encounter_id(id)?, kind).await?;
    if let Some(signed) = view.signed.iter().find(|head| head.kind == kind) {
        return Ok(see(&format!("/documentos/{}", signed.id)));
    }
    let mut focus = Focus { turns_page: query.turnos.unwrap_or(1).max(1) - 1, ..Focus::default() };
    focus.phrases = query.frases;
    if let Ok(item) = query.editar.parse() {
        focus.editing = Some((item, None));
    }
    if !query.agregar.is_empty() {
        focus.adding = Some((query.agregar, ItemKind::from_code(&query.tipo), Posted::default(), Vec::new()));
    }
    let builder = Builder::new(&view, &user.actor, focus);
    if is_fragment(headers) {
        return Ok(render(&builder.swap(None))?);
    }
    let mut page = builder.page();
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// The page again, with something to correct on it.
pub(super) fn again(
    view: &Consultation,
    actor: &Actor,
    focus: Focus,
    status: StatusCode,
    fragment: bool,
) -> Answer {
    let builder = Builder::new(view, actor, focus);
    let response = if fragment { render(&builder.swap(None))? } else { render(&builder.page())? };
    Ok((status, response).into_response())
}

/// `GET /consultas/{id}/transcripcion`: where somebody lands who signed in again to send one.
pub(crate) async fn bring(_: SignedIn, Path(id): Path<String>) -> Answer {
    Ok(see(&format!("/consultas/{}", encounter_id(&id)?)))
}

/// `POST /consultas/{id}/transcripcion`: a file, or pasted text.
pub(crate) async fn attach(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    upload: Result<Multipart, MultipartRejection>,
) -> Answer {
    let id = encounter_id(&id)?;
    let upload = upload.map_err(|_| unread_upload())?;
    let read = read_upload(upload).await?;
    if read.token != user.actor.csrf {
        return Ok(sign_in_again(&app, &format!("/consultas/{id}"), &Posted::default()).await);
    }
    let kind = kind(if read.doc.is_empty() { "nota" } else { &read.doc })?;
    let text = read.pasted.clone();
    let bytes = if read.file.is_empty() { read.pasted.into_bytes() } else { read.file };
    match app.care.attach_transcript(&user.actor, id, kind, bytes).await {
        Ok(()) => {
            // A text that could not be forgotten is offered once more; nothing is lost by it.
            let _ = app.care.forget_unsaved(&user.actor, id, kind, TRANSCRIPT).await;
            Ok(see(&page_of(id, kind)))
        }
        Err(CareError::Transcript(why)) => {
            let view = app.care.consultation(&user.actor, id, kind).await?;
            // What was pasted stays in its field, unless it is far too long to show.
            let kept = if text.len() <= 100_000 { text } else { String::new() };
            let focus = Focus { unread: Some((kept, why.to_string())), ..Focus::default() };
            again(&view, &user.actor, focus, StatusCode::UNPROCESSABLE_ENTITY, false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Where a document is written.
pub(super) fn page_of(id: EncounterId, kind: DocumentKind) -> String {
    if kind == DocumentKind::PROGRESS_NOTE {
        format!("/consultas/{id}")
    } else {
        format!("/consultas/{id}/{}", super::consultation_view::doc_word(kind))
    }
}

#[derive(Default)]
struct Upload {
    token: String,
    doc: String,
    pasted: String,
    file: Vec<u8>,
}

async fn read_upload(mut upload: Multipart) -> Result<Upload, Outcome> {
    let mut read = Upload::default();
    while let Some(part) = upload.next_field().await.map_err(|_| unread_upload())? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = read_part(part).await?;
        match name.as_str() {
            "archivo" => read.file = bytes,
            "_token" => read.token = String::from_utf8_lossy(&bytes).into_owned(),
            "documento" => read.doc = String::from_utf8_lossy(&bytes).into_owned(),
            "pegado" => read.pasted = String::from_utf8_lossy(&bytes).into_owned(),
            _ => {}
        }
    }
    Ok(read)
}

/// The bytes of a part; what goes beyond the limit is read and dropped.
async fn read_part(mut part: Part<'_>) -> Result<Vec<u8>, Outcome> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|_| unread_upload())? {
        let room = FILE_LIMIT.saturating_sub(bytes.len());
        bytes.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
    }
    Ok(bytes)
}

fn unread_upload() -> Outcome {
    CareError::invalid(
        "archivo",
        "El archivo no llegó completo o pesa demasiado. Elija uno de hasta 10 MB y vuelva a enviarlo",
    )
    .into()
}
