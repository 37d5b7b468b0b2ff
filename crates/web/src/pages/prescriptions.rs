//! The receta in work and signed: a line typed in one go, favourites, renewal, cancellation, the patient's sheet.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use care::completing::{Completed, Completing};
use care::error::FieldError;
use care::prescriptions::{LineField, Offers, TypedLine, names as names_for, read_line};
use care::{Actor, CareError};
use clinical::document::DocumentKind;
use clinical::draft::ItemContent;
use clinical::ids::{EncounterId, ItemId};

use super::consultation::{again, encounter_id, kind, page_of};
use super::consultation_view::{Focus, anchor, doc_word};
use super::documents::document_id;
use super::review::{self, After, Spot, done, item_id};
use super::unsaved::arrived;
use super::{Answer, ListQuery, notice, pdf, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::views::edit::{ItemKind, posted_from};
use crate::views::form::{ErrorSummary, Field, Posted};
use crate::views::medicine_form::typed;
use crate::views::prescriptions::{LineNames, OfferRow, OfferedTo, OffersPage};
use crate::views::shell::Place;
use crate::{App, format};

type DocPath = Path<(String, String)>;

/// Most names offered while somebody types.
const NAMES: usize = 6;

/// `POST …/renglon`: a line typed in one go, shown in its fields to be looked at and saved.
pub(crate) async fn line(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let view = app.care.consultation(&form.actor, id, kind).await.map_err(|error| form.failed(error))?;
    let text = with_name(form.posted.get("renglon"), form.posted.filled("elegido"));
    let (posted, errors) = looked_at(read_line(&text));
    let section = form.posted.get("seccion").to_owned();
    let focus =
        Focus { adding: Some((section, ItemKind::Medicine, typed(posted), errors)), ..Focus::default() };
    again(&view, &form.actor, focus, StatusCode::OK, form.fragment)
}

/// A line that was typed, in the fields of its form, with what must be looked at.
fn looked_at(read: TypedLine) -> (Posted, Vec<FieldError>) {
    let content = ItemContent::MedicationRequest(read.request);
    let mut posted = posted_from(&content, None);
    let mut errors = Vec::new();
    for problem in read.problems {
        let field = match problem.field {
            LineField::Medicine => "medicamento",
            LineField::Dose => "dosis",
            LineField::Frequency => "periodicidad",
            LineField::Duration => "duracion",
        };
        posted = posted.with(field, &problem.typed);
        errors.push(FieldError::new(field, problem.message));
    }
    (posted, errors)
}

/// `POST …/oraciones/{item}/completar`: what a line lacks, offered or typed in one go.
pub(crate) async fn complete(
    State(app): State<App>,
    Path((id, doc, item)): Path<(String, String, String)>,
    form: Form,
) -> Answer {
    let (spot, item) = (Spot::new(&id, &doc)?, item_id(&item)?);
    let how = match form.posted.filled("con") {
        Some(words) => Completing::Offered(words),
        None => Completing::Typed(form.posted.get("resto")),
    };
    let completed = app.care.complete_line(&form.actor, spot.id, spot.kind, form.version(), item, how).await;
    match completed {
        Ok(Completed::Done(mut view)) => {
            arrived(&app, &form, spot.id, spot.kind, &mut view).await;
            done(&form, &spot, &view, After { item: Some(item), ..After::default() })
        }
        Ok(Completed::Doubtful(read)) => {
            let (posted, errors) = looked_at(*read);
            let focus = Focus { editing: Some((item, Some((posted, Vec::new())))), ..Focus::default() };
            review::refused(&app, &form, &spot, CareError::Invalid(errors), focus).await
        }
        Err(error) => review::refused(&app, &form, &spot, error, Focus::default()).await,
    }
}

/// The line with the name that was chosen in place of the one begun: what follows its first figure stays.
fn with_name(line: &str, chosen: Option<&str>) -> String {
    let Some(chosen) = chosen else { return line.to_owned() };
    let name = chosen.split(" (").next().unwrap_or(chosen);
    let rest = line.find(|c: char| c.is_ascii_digit()).and_then(|at| line.get(at..)).unwrap_or_default();
    format!("{name} {rest}")
}

/// `POST …/renglon/nombres`: names for what is being typed. Posted, so that it stands in no address.
pub(crate) async fn names(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    kind(&doc)?;
    let there = app.care.document_of(&form.actor, encounter_id(&id)?).await;
    there.map_err(|error| form.failed(error))?;
    Ok(render(&LineNames { names: names_for(form.posted.get("renglon"), NAMES) })?)
}

/// `GET /consultas/{id}/{doc}/receta`: what can be put into the treatment by one step.
pub(crate) async fn offers(
    State(app): State<App>,
    user: SignedIn,
    Path((id, doc)): DocPath,
    Query(query): Query<ListQuery>,
) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let offers = app.care.offers(&user.actor, id, kind).await?;
    let mut page = page(&user.actor, &offers, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn page(actor: &Actor, offers: &Offers, posted: &Posted, errors: &[FieldError]) -> OffersPage {
    let view = &offers.view;
    let kept = offers.kept.iter().map(|one| OfferRow {
        id: one.id.to_string(),
        name: one.name.clone(),
        about: format!("{}, {}", one.label(), count(one.lines.len(), "medicamento", "medicamentos")),
        lines: one.lines.iter().map(ToString::to_string).collect(),
    });
    let earlier = offers.earlier.iter().map(|one| OfferRow {
        id: one.id.to_string(),
        name: format!("{} del {}", one.folio, format::long_date(format::day(one.signed_at, &view.zone))),
        about: if one.cancelled { "Cancelada".to_owned() } else { String::new() },
        lines: one.lines.iter().map(ToString::to_string).collect(),
    });
    let lines = view.draft.kept().filter_map(|item| match &item.content {
        ItemContent::MedicationRequest(request) if request.is_prescribed() => {
            Some((item.id.to_string(), request.to_string()))
        }
        _ => None,
    });
    OffersPage {
        shell: shell(actor, Place::Consultation),
        patient: OfferedTo {
            name: view.patient.full_name(),
            allergies: format!("Alergias: {}", care::content::allergy_line(&view.allergies)),
        },
        errors: ErrorSummary::new(errors),
        back: page_of(view.encounter.id, view.kind),
        actions: format!("/consultas/{}/{}", view.encounter.id, doc_word(view.kind)),
        version: view.version,
        kept: kept.collect(),
        earlier: earlier.collect(),
        lines: lines.collect(),
        section: nom004::definition_of(&view.draft)
            .sections
            .iter()
            .find(|one| one.filled_by == nom004::FilledBy::Treatment)
            .map(|one| one.id.clone())
            .unwrap_or_default(),
        name: Field::text("nombre", "Nombre")
            .help("Uno solo es un favorito; varios, un protocolo. Con un nombre que ya existe, se reemplaza")
            .max(80)
            .from(posted, errors),
    }
}

/// Back to the treatment after a step; or the page again with what was refused.
async fn stepped(
    app: &App,
    form: &Form,
    id: EncounterId,
    kind: DocumentKind,
    done: Result<care::consultation::Consultation, CareError>,
) -> Answer {
    match done {
        Ok(view) => {
            let sections = &nom004::definition_of(&view.draft).sections;
            let treatment = sections.iter().find(|one| one.filled_by == nom004::FilledBy::Treatment);
            let place = treatment.map(|one| format!("#{}", anchor(&one.id))).unwrap_or_default();
            Ok(see(&format!("{}{place}", page_of(id, kind))))
        }
        Err(CareError::Invalid(errors)) => refused(app, form, id, kind, &errors).await,
        Err(error) => Err(form.failed(error)),
    }
}

async fn refused(
    app: &App,
    form: &Form,
    id: EncounterId,
    kind: DocumentKind,
    errors: &[FieldError],
) -> Answer {
    let offers = app.care.offers(&form.actor, id, kind).await.map_err(|error| form.failed(error))?;
    to_correct(&page(&form.actor, &offers, &form.posted, errors))
}

/// `POST …/receta/favorito`: the lines of a favourite or protocol.
pub(crate) async fn use_kept(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let kept = form.posted.get("favorito").parse().map_err(|_| Outcome::not_found("ese favorito"))?;
    let done = app.care.use_kept_lines(&form.actor, id, kind, form.version(), kept).await;
    stepped(&app, &form, id, kind, done).await
}

/// `POST …/receta/renovar`: the lines of an earlier receta, proposed again.
pub(crate) async fn renew(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let document = document_id(form.posted.get("receta"))?;
    let done = app.care.renew(&form.actor, id, kind, form.version(), document).await;
    stepped(&app, &form, id, kind, done).await
}

/// `POST …/receta/guardar`: keeps medicines of the draft under a name.
pub(crate) async fn keep(State(app): State<App>, Path((id, doc)): DocPath, form: Form) -> Answer {
    let (id, kind) = (encounter_id(&id)?, kind(&doc)?);
    let chosen = form.posted.0.iter().filter(|(name, _)| name == "renglones");
    let items: Vec<ItemId> = chosen.filter_map(|(_, value)| value.parse().ok()).collect();
    match app.care.keep_lines(&form.actor, id, kind, &items, form.posted.get("nombre")).await {
        Ok(()) => Ok(see(&format!("/consultas/{id}/{}/receta?aviso=favorito", doc_word(kind)))),
        Err(CareError::Invalid(errors)) => refused(&app, &form, id, kind, &errors).await,
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /cuenta/preferencias/favoritos/{kept}/quitar`.
pub(crate) async fn remove_kept(State(app): State<App>, Path(kept): Path<String>, form: Form) -> Answer {
    let kept = kept.parse().map_err(|_| Outcome::not_found("ese favorito"))?;
    app.care.remove_kept_lines(&form.actor, kept).await.map_err(|error| form.failed(error))?;
    Ok(see("/cuenta/preferencias?aviso=favorito-fin#favoritos"))
}

/// `POST /documentos/{id}/cancelar`: a receta that holds no more.
pub(crate) async fn cancel(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = document_id(&id)?;
    let password = form.posted.get("contrasena").to_owned();
    let done = app.care.cancel_prescription(&form.actor, id, form.posted.get("motivo"), password).await;
    let errors = match done {
        Ok(()) => return Ok(see(&format!("/documentos/{id}?aviso=receta-cancelada"))),
        Err(CareError::Invalid(errors)) => errors,
        Err(CareError::WrongPassword) => {
            vec![FieldError::new("contrasena", "La contraseña no coincide. Escríbala otra vez")]
        }
        Err(error) => return Err(form.failed(error)),
    };
    super::documents::refused_cancellation(&app, &form, id, &errors).await
}

/// `GET /documentos/{id}/hoja`: the sheet for the patient, in large print.
pub(crate) async fn sheet(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let sheet = app.care.patient_sheet(&user.actor, document_id(&id)?).await?;
    Ok(pdf(sheet.bytes, &sheet.file_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_name_takes_the_place_of_the_one_begun() {
        assert_eq!(with_name("parac 500 mg c/8h", Some("paracetamol")), "paracetamol 500 mg c/8h");
        assert_eq!(with_name("temp", Some("Tempra (paracetamol)")), "Tempra ");
        assert_eq!(with_name("parac 500 mg", None), "parac 500 mg");
    }
}
