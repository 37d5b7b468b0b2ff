//! What is being typed and was not sent: kept while it is typed, offered back, forgotten.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use care::consultation::Consultation;
use clinical::document::DocumentKind;
use clinical::draft::{Doubt, SectionId};
use clinical::ids::{EncounterId, ItemId};
use jiff::Timestamp;
use storage::UnsavedText;

use super::consultation::{encounter_id, kind, page_of};
use super::consultation_view::{Builder, Focus, anchor, mark};
use super::documents::document_id;
use super::{Answer, render, see};
use crate::outcome::Outcome;
use crate::session::Form;
use crate::views::consultation::UnsavedView;
use crate::views::edit::ItemKind;
use crate::views::form::Posted;
use crate::{App, format};

/// Words of an unsaved text that are shown.
const EXCERPT: usize = 160;
/// The field that names the form.
const FORM: &str = "formulario";

/// The name of the form that brings a conversation.
pub(super) const TRANSCRIPT: &str = "transcripcion";
/// Letters of a doubt that tell it from the others of its section.
const DOUBT_LETTERS: usize = 120;

/// The name of the form that answers a doubt: by its words, for its place changes when another is answered.
pub(super) fn doubt_form(doubt: &Doubt) -> String {
    let words: String = doubt.text.chars().take(DOUBT_LETTERS).collect();
    format!("duda:{}:{words}", doubt.section)
}

/// The name of the form that changes an item.
pub(super) fn edit_form(item: ItemId) -> String {
    format!("editar:{item}")
}

/// The name of the form that adds something to a section.
pub(super) fn add_form(section: &str, kind: ItemKind) -> String {
    format!("agregar:{}:{section}", kind.code())
}

/// What a form said when it was kept last, and when.
pub(super) fn recovered(view: &Consultation, form: &str) -> Option<(Posted, String)> {
    let text = view.unsaved.iter().find(|text| text.form == form)?;
    Some((read(text), moment(view, text)))
}

/// The fields of a form as they were kept.
pub(super) fn read(text: &UnsavedText) -> Posted {
    Posted(serde_json::from_str(&text.content).unwrap_or_default())
}

fn moment(view: &Consultation, text: &UnsavedText) -> String {
    format::day_and_time(text.at, &view.zone, format::day(view.frame.signed_at, &view.zone))
}

/// The texts to offer, but for those whose form is on the page.
pub(super) fn offered(view: &Consultation, page: &str, open: Option<&str>) -> Vec<UnsavedView> {
    let on_page = |form: &str| {
        Some(form) == open
            || form == TRANSCRIPT
            || view.draft.doubts.iter().any(|doubt| doubt_form(doubt) == form)
    };
    let waiting = view.unsaved.iter().filter(|text| !on_page(&text.form));
    waiting.map(|text| offer(view, page, text)).collect()
}

fn offer(view: &Consultation, page: &str, text: &UnsavedText) -> UnsavedView {
    let definition = nom004::definition_of(&view.draft);
    let label = |section: &SectionId| definition.section(section).map(|section| section.label.clone());
    let edited = text.form.strip_prefix("editar:").and_then(|id| view.draft.item(id.parse().ok()?));
    let added = text.form.strip_prefix("agregar:").and_then(|rest| rest.split_once(':'));
    let (place, href) = match (edited, added) {
        (Some(item), _) => {
            (label(&item.section), Some(format!("{page}?editar={}#o-{}", item.id, mark(item.id))))
        }
        (None, Some((kind, section))) => {
            let place = label(&SectionId::new(section));
            let href = format!("{page}?agregar={section}&tipo={kind}#{}", anchor(section));
            let href = place.is_some().then_some(href);
            (place, href)
        }
        (None, None) => (None, None),
    };
    let words =
        read(text).0.into_iter().map(|(_, value)| value).filter(|value| value.contains(char::is_alphabetic));
    let words = words.max_by_key(String::len).unwrap_or_default();
    // Where the form is gone, all of it is shown, to be copied.
    let excerpt = match href {
        Some(_) if words.chars().count() > EXCERPT => {
            format!("{}…", words.chars().take(EXCERPT).collect::<String>())
        }
        _ => words,
    };
    UnsavedView {
        place: place.unwrap_or_else(|| nom004::title(view.kind).to_owned()),
        when: moment(view, text),
        excerpt,
        href,
        form: text.form.clone(),
    }
}

/// Forgets the text of a form that arrived.
pub(super) async fn arrived(
    app: &App,
    form: &Form,
    id: EncounterId,
    kind: DocumentKind,
    view: &mut Consultation,
) {
    let name = form.posted.get(FORM);
    // A text that could not be forgotten is offered once more; nothing is lost by it.
    if !name.is_empty() && app.care.forget_unsaved(&form.actor, id, kind, name).await.is_ok() {
        view.unsaved.retain(|text| text.form != name);
    }
}

/// What a form says, without what is not typed; empty when nothing is.
fn content(posted: &Posted) -> Result<String, Outcome> {
    let hidden = |name: &str| name.starts_with('_') || matches!(name, FORM | "version" | "documento");
    let fields: Vec<&(String, String)> =
        posted.0.iter().filter(|(name, _)| !hidden(name) && !name.contains("contrasena")).collect();
    let typed = |(name, value): &&&(String, String)| {
        !matches!(name.as_str(), "tipo" | "seccion" | "signo") && !value.trim().is_empty()
    };
    if !fields.iter().any(|field| typed(&field)) {
        return Ok(String::new());
    }
    Ok(serde_json::to_string(&fields).map_err(|error| care::CareError::Internal(Box::new(error)))?)
}

/// The words beside a form whose text was kept.
async fn said(app: &App, form: &Form, content: &str, at: Timestamp) -> Answer {
    let zone = app.care.zone(&form.actor).await.map_err(|error| form.failed(error))?;
    let said = match content.is_empty() {
        true => String::new(),
        false => format!("Guardado a las {}", format::time(at, &zone)),
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], said).into_response())
}

/// `POST …/sin-guardar`: what a form says so far. Answers the words beside it.
pub(crate) async fn keep(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let content = content(&form.posted)?;
    let kept = app.care.keep_unsaved(&form.actor, id, kind, form.posted.get(FORM), &content).await;
    said(&app, &form, &content, kept.map_err(|error| form.failed(error))?).await
}

/// `POST /documentos/{id}/adenda/sin-guardar`: the same of an addendum.
pub(crate) async fn keep_addendum(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let content = content(&form.posted)?;
    let kept = app.care.keep_addendum(&form.actor, document_id(&id)?, &content).await;
    said(&app, &form, &content, kept.map_err(|error| form.failed(error))?).await
}

/// `POST /documentos/{id}/adenda/sin-guardar/descartar`.
pub(crate) async fn discard_addendum(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = document_id(&id)?;
    app.care.forget_addendum(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/documentos/{id}")))
}

/// `POST …/sin-guardar/descartar`.
pub(crate) async fn discard(
    State(app): State<App>,
    Path((id, doc)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let forgotten = app.care.forget_unsaved(&form.actor, id, kind, form.posted.get(FORM)).await;
    forgotten.map_err(|error| form.failed(error))?;
    if form.fragment {
        let view = app.care.consultation(&form.actor, id, kind).await?;
        return Ok(render(&Builder::new(&view, &form.actor, Focus::default()).swap(None))?);
    }
    Ok(see(&page_of(id, kind)))
}
