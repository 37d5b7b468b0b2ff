//! Archivos: the list, bringing one, showing one without running anything in it, withdrawing one.

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use care::attachments::{AttachmentForm, AttachmentView, Attachments, MAX_FILE_BYTES, too_large};
use care::chart::PAGE;
use care::error::FieldError;
use care::{Actor, CareError, Permission};
use clinical::attachment::{Attachment, Shown};
use clinical::ids::AttachmentId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use storage::AttachmentEntry;

use super::patients::patient_id;
use super::{
    Answer, ListQuery, capitalised, encode, notice, pages, patient_bar, render, see, shell, to_correct,
};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::upload;
use crate::views::attachments::{AttachmentFields, AttachmentPage, AttachmentRow, AttachmentsPage, Preview};
use crate::views::form::{Field, Posted};
use crate::views::shell::{Extra, Place};
use crate::{App, format};

/// Most bytes of a request that brings a file.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(MAX_FILE_BYTES);

/// What a file may do in a browser: nothing. No script, no style, no request, no form, no frame, no origin.
const FILE_POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

fn attachment_id(text: &str) -> Result<AttachmentId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("el archivo"))
}

/// `GET /pacientes/{id}/archivos`.
pub(crate) async fn list(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let found = app.care.attachments(&user.actor, patient_id(&id)?, query.page()).await?;
    let mut page = list_page(&user.actor, &found, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn list_page(actor: &Actor, found: &Attachments, posted: &Posted, errors: &[FieldError]) -> AttachmentsPage {
    let (total, page_count) = pages(found.total, PAGE);
    AttachmentsPage {
        shell: shell(actor, Place::Patients),
        patient: patient_bar(actor, &found.patient, &found.allergies, found.now, &found.zone, Extra::Nothing),
        rows: found.entries.iter().map(|entry| row(entry, found.now, &found.zone)).collect(),
        total,
        page: found.page as usize + 1,
        pages: page_count,
        form: actor.may(Permission::WriteRecord).then(|| AttachmentFields::new(posted, errors)),
    }
}

fn row(entry: &AttachmentEntry, now: Timestamp, zone: &TimeZone) -> AttachmentRow {
    let today = format::day(now, zone);
    let file = &entry.attachment;
    let added = format::day_and_time(file.recorded_at, zone, today);
    AttachmentRow {
        href: format!("/archivos/{}", file.id),
        title: file.title.clone(),
        category: file.category.label().to_owned(),
        kind: format!("{}, {}", file.kind.label(), weight(entry.size_bytes)),
        studied: file.studied_on.map(format::long_date).unwrap_or_default(),
        added: format!("Agregó {}, {added}", entry.recorded_by_name),
        withdrawn: entry.withdrawn.is_some(),
    }
}

/// "812 kB", "2.1 MB".
fn weight(bytes: i64) -> String {
    let tenths = bytes / (1024 * 1024 / 10);
    if tenths >= 10 {
        format!("{}.{} MB", tenths / 10, tenths % 10)
    } else {
        format!("{} kB", (bytes / 1024).max(1))
    }
}

/// `POST /pacientes/{id}/archivos`.
pub(crate) async fn add(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let patient = patient_id(&id)?;
    let read = match upload::read(&app, &user.actor, request, MAX_FILE_BYTES).await {
        Ok(read) => read,
        Err(response) => return Ok(response),
    };
    let Some(content) = read.content else {
        let errors = [FieldError::new("archivo", too_large())];
        let page = again(&app, &user.actor, patient, &read.posted, &errors).await?;
        return Ok((StatusCode::PAYLOAD_TOO_LARGE, page).into_response());
    };
    let form = AttachmentForm {
        file_name: read.file_name,
        title: read.posted.get("titulo").to_owned(),
        category: read.posted.get("categoria").to_owned(),
        studied_on: read.posted.get("fecha_estudio").to_owned(),
        content,
    };
    match app.care.attach_file(&user.actor, patient, form).await {
        Ok(saved) => {
            let said = if saved.misnamed { "archivo-tipo" } else { "archivo" };
            Ok(see(&format!("/archivos/{}?aviso={said}", saved.id)))
        }
        Err(CareError::Invalid(errors)) => {
            let page = again(&app, &user.actor, patient, &read.posted, &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn again(
    app: &App,
    actor: &Actor,
    patient: clinical::ids::PatientId,
    posted: &Posted,
    errors: &[FieldError],
) -> Answer {
    let found = app.care.attachments(actor, patient, 0).await?;
    Ok(render(&list_page(actor, &found, posted, errors))?)
}

/// `GET /archivos/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let view = app.care.attachment(&user.actor, attachment_id(&id)?).await?;
    let mut page = page(&user.actor, &view, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn page(actor: &Actor, view: &AttachmentView, posted: &Posted, errors: &[FieldError]) -> AttachmentPage {
    let (file, zone) = (&view.entry.attachment, &view.zone);
    let moment = |at| format!("{}, {}", format::long_date(format::day(at, zone)), format::time(at, zone));
    let mut facts = vec![("Qué es", file.category.label().to_owned())];
    facts.extend(file.studied_on.map(|day| ("Fecha del estudio", format::long_date(day))));
    facts.push(("Tipo", capitalised(file.kind.label())));
    facts.push(("Tamaño", weight(view.entry.size_bytes)));
    facts.extend(file.size.map(|(width, height)| ("Medidas", format!("{width} × {height}"))));
    facts.push(("Agregó", view.entry.recorded_by_name.clone()));
    facts.push(("Fecha y hora", moment(file.recorded_at)));
    if !file.file_name.is_empty() {
        facts.push(("Nombre original", file.file_name.clone()));
    }
    let may_withdraw = actor.may(Permission::WriteRecord) && view.entry.withdrawn.is_none();
    AttachmentPage {
        shell: shell(actor, Place::Patients),
        patient: patient_bar(actor, &view.patient, &view.allergies, view.now, zone, Extra::Nothing),
        id: file.id.to_string(),
        title: file.title.clone(),
        facts,
        digest: view.entry.digest.grouped(),
        preview: preview(file),
        withdrawn: view
            .entry
            .withdrawn
            .as_ref()
            .map(|w| (w.reason.clone(), format!("{}, {}", w.by_name, moment(w.at)))),
        withdraw: may_withdraw.then(|| Field::text("motivo", "Motivo").max(300).from(posted, errors)),
        withdraw_open: !errors.is_empty(),
    }
}

fn preview(file: &Attachment) -> Preview {
    match (file.shown(), file.size) {
        (Shown::Picture, Some((width, height))) => Preview::Picture(width, height),
        (Shown::Reader, _) => Preview::Reader,
        (Shown::Sound, _) => Preview::Sound,
        _ if file.kind.shown() == Shown::Picture => Preview::Nowhere(
            "La imagen es enorme o no dice sus medidas: no se muestra aquí. Puede descargarla.",
        ),
        _ => Preview::Nowhere("Este tipo de archivo no se muestra aquí. Puede descargarlo."),
    }
}

/// Whether the content is taken out as a file.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ContentQuery {
    #[serde(default)]
    descargar: String,
}

/// `GET /archivos/{id}/contenido`.
pub(crate) async fn content(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ContentQuery>,
) -> Answer {
    let content = app.care.attachment_content(&user.actor, attachment_id(&id)?).await?;
    let inline = query.descargar.is_empty() && content.attachment.shown() != Shown::Nowhere;
    Ok(served(&content.attachment, content.bytes, inline))
}

/// A file on its way out: its own type and no other, in a sandbox, to be shown only if it cannot do anything.
fn served(file: &Attachment, bytes: Vec<u8>, inline: bool) -> Response {
    let how = if inline { "inline" } else { "attachment" };
    let ending = file.kind.extension();
    let name = format!(
        "{how}; filename=\"archivo.{ending}\"; filename*=UTF-8''{}.{ending}",
        encode(&file.title).replace('/', "%2F")
    );
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind.media_type()));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    as_foreign(headers);
    response
}

/// Nothing in a file that was brought can do anything in a browser.
pub(super) fn as_foreign(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    headers.insert(HeaderName::from_static("x-download-options"), HeaderValue::from_static("noopen"));
}

/// `POST /archivos/{id}/retirar`.
pub(crate) async fn withdraw(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = attachment_id(&id)?;
    match app.care.withdraw_attachment(&form.actor, id, form.posted.get("motivo")).await {
        Ok(_) => Ok(see(&format!("/archivos/{id}?aviso=archivo-retirado"))),
        Err(CareError::Invalid(errors)) => {
            let view = app.care.attachment(&form.actor, id).await?;
            let page = page(&form.actor, &view, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_said_in_the_unit_that_fits() {
        assert_eq!(weight(10), "1 kB");
        assert_eq!(weight(830_000), "810 kB");
        assert_eq!(weight(2_202_010), "2.1 MB");
    }
}
