//! Plantillas: a physician's own layouts of their documents.

use axum::extract::{Path, Query, State};
use care::error::FieldError;
use care::templates::{OutlineChange, TemplateView, documents};
use care::{Actor, CareError};
use clinical::document::DocumentKind;
use clinical::ids::TemplateId;
use clinical::outline::NoteTemplate;

use super::consultation_view::anchor;
use super::preferences::example;
use super::{Answer, ListQuery, notice, render, see, shell, to_correct};
use crate::App;
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::views::templates::{SectionRow, TemplatePage, TemplateRow, TemplatesPage};

const LIST: &str = "/cuenta/plantillas";

/// `GET /cuenta/plantillas`.
pub(crate) async fn list(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let mut page = list_page(&app, &user.actor, &Posted::default(), &[]).await?;
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

async fn list_page(
    app: &App,
    actor: &Actor,
    posted: &Posted,
    errors: &[FieldError],
) -> Result<TemplatesPage, CareError> {
    let kept = app.care.note_templates(actor).await?;
    let kinds = documents(actor).into_iter().map(|one| (one.kind.code().to_owned(), one.title.clone()));
    let specialties = nom004::templates().iter().map(|one| (one.code.clone(), one.title.clone()));
    let none = (String::new(), "Ninguna".to_owned());
    Ok(TemplatesPage {
        shell: shell(actor, Place::Elsewhere),
        errors: ErrorSummary::new(errors),
        rows: kept.iter().map(row).collect(),
        name: Field::text("nombre", "Nombre")
            .help("Como usted la llama: Control de diabetes, Primera vez")
            .max(80)
            .from(posted, errors),
        document: Choice::new("documento", "Documento", kinds.collect()).from(posted, errors),
        base: Choice::new("base", "Con los apartados de", std::iter::once(none).chain(specialties).collect())
            .help("Una especialidad agrega sus apartados a la historia clínica y a la nota de evolución")
            .from(posted, errors),
    })
}

fn row(template: &NoteTemplate) -> TemplateRow {
    let specialty = template.base.as_deref().and_then(|code| {
        let found = nom004::templates().iter().find(|one| one.code == code);
        found.map(|one| format!(". {}", one.title))
    });
    TemplateRow {
        id: template.id.to_string(),
        name: template.outline.name.clone(),
        about: format!("{}{}", nom004::title(template.kind), specialty.unwrap_or_default()),
        is_default: template.is_default,
    }
}

/// `POST /cuenta/plantillas`.
pub(crate) async fn create(State(app): State<App>, form: Form) -> Answer {
    let kind = DocumentKind::from_code(form.posted.get("documento"));
    let (base, name) = (form.posted.filled("base"), form.posted.get("nombre"));
    match app.care.create_note_template(&form.actor, kind, base, name).await {
        Ok(id) => Ok(see(&format!("{LIST}/{id}"))),
        Err(CareError::Invalid(errors)) => {
            to_correct(&list_page(&app, &form.actor, &form.posted, &errors).await?)
        }
        Err(error) => Err(form.failed(error)),
    }
}

fn template_id(text: &str) -> Result<TemplateId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("esa plantilla"))
}

/// `GET /cuenta/plantillas/{template}`.
pub(crate) async fn one(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let mut page = page(&app, &user.actor, template_id(&id)?, &Posted::default(), &[]).await?;
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

async fn page(
    app: &App,
    actor: &Actor,
    id: TemplateId,
    posted: &Posted,
    errors: &[FieldError],
) -> Result<TemplatePage, CareError> {
    let view = app.care.note_template(actor, id).await?;
    let name = Field::text("nombre", "Nombre").max(80).value(&view.template.outline.name);
    let name = if posted.0.is_empty() { name } else { name.from(posted, errors) };
    Ok(TemplatePage {
        shell: shell(actor, Place::Elsewhere),
        errors: ErrorSummary::new(errors),
        row: row(&view.template),
        name,
        sections: sections(&view),
        hidden: view.hidden().map(|one| (one.id.clone(), one.label.clone())).collect(),
        heading: Field::text("titulo", "Título del apartado").max(80).from(posted, errors),
        example: example(&app.care.template_example(actor, id).await?, true),
    })
}

fn sections(view: &TemplateView) -> Vec<SectionRow> {
    let written = view.shown.sections.iter().filter(|section| !section.filled_by.is_in_head());
    let own = |id: &str| !view.base.sections.iter().any(|section| section.id == id);
    written
        .map(|section| SectionRow {
            id: section.id.clone(),
            anchor: anchor(&section.id),
            label: section.label.clone(),
            from: match (own(&section.id), view.is_fixed(&section.id)) {
                (true, _) => "Apartado suyo",
                (false, true) => "Lo pide la norma",
                (false, false) => "",
            },
            fixed: view.is_fixed(&section.id),
        })
        .collect()
}

/// After a change, or the page again with what was refused.
async fn done(app: &App, form: &Form, id: TemplateId, changed: Result<(), CareError>, to: &str) -> Answer {
    match changed {
        Ok(()) => Ok(see(&format!("{LIST}/{id}{to}"))),
        Err(CareError::Invalid(errors)) => {
            to_correct(&page(app, &form.actor, id, &form.posted, &errors).await?)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /cuenta/plantillas/{template}/nombre`.
pub(crate) async fn rename(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = template_id(&id)?;
    let renamed = app.care.rename_note_template(&form.actor, id, form.posted.get("nombre")).await;
    done(&app, &form, id, renamed, "?aviso=plantilla").await
}

/// `POST /cuenta/plantillas/{template}/apartados`: one step of arranging the sections.
pub(crate) async fn change(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = template_id(&id)?;
    let section = form.posted.get("apartado").to_owned();
    let here = format!("#{}", anchor(&section));
    let change = match form.posted.get("accion") {
        "subir" => OutlineChange::Move { section, down: false },
        "bajar" => OutlineChange::Move { section, down: true },
        "quitar" => OutlineChange::Hide(section),
        "propio" => OutlineChange::AddOwn(form.posted.get("titulo").to_owned()),
        _ => OutlineChange::Show(section),
    };
    let to = match change {
        OutlineChange::Hide(_) | OutlineChange::AddOwn(_) => "#apartados".to_owned(),
        _ => here,
    };
    let changed = app.care.change_note_template(&form.actor, id, &change).await;
    done(&app, &form, id, changed, &to).await
}

/// `POST /cuenta/plantillas/{template}/inicio`: new drafts begin with it, or no longer.
pub(crate) async fn set_default(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let (id, begins) = (template_id(&id)?, form.posted.ticked("inicio"));
    let set = app.care.set_default_template(&form.actor, id, begins).await;
    set.map_err(|error| form.failed(error))?;
    Ok(see(&format!("{LIST}?aviso={}", if begins { "plantilla-inicio" } else { "plantilla-inicio-no" })))
}

/// `POST /cuenta/plantillas/{template}/quitar`.
pub(crate) async fn remove(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let removed = app.care.remove_note_template(&form.actor, template_id(&id)?).await;
    removed.map_err(|error| form.failed(error))?;
    Ok(see(&format!("{LIST}?aviso=plantilla-fin")))
}
