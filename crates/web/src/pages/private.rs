//! Private records: their groups, opening one with a reason, and the review of what was opened.

use axum::extract::{Path, Query, State};
use care::error::FieldError;
use care::groups::{GroupChange, Groups};
use care::private::{InFrontForm, OpeningForm, OpeningReason, Openings, PrivateRecord, reason_of};
use care::{Actor, CareError, Permission};
use clinical::ids::{GroupId, PatientId, UserId};
use storage::Opening;

use super::patients::patient_id;
use super::{Answer, ListQuery, notice, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::private::{
    GroupRecordView, GroupView, GroupsPage, OpeningRow, OpeningsPage, PrivateRecordPage, PrivateRecordView,
    ReviewView,
};
use crate::views::shell::Place;
use crate::{App, format};

/// The fields that say who is in front.
const IN_FRONT: [&str; 5] = ["curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_nacimiento"];

fn people(found: &Groups) -> Vec<(String, String)> {
    let mut people = vec![(String::new(), "Elija una persona".to_owned())];
    people.extend(found.people.iter().map(|(id, name)| (id.to_string(), name.clone())));
    people
}

/// The page; `at` is the group whose form has the errors, or nothing for the form of a new one.
fn groups_page(
    actor: &Actor,
    found: &Groups,
    posted: &Posted,
    errors: &[FieldError],
    at: &str,
) -> GroupsPage {
    let groups = found.groups.iter().map(|group| {
        let mut member = Choice::new("persona", "Persona", people(found));
        let mut record = Field::text("expediente", "Número de expediente");
        if group.id.to_string() == at {
            (member, record) = (member.from(posted, errors), record.from(posted, errors));
        } else {
            member = member.id(format!("persona-{}", group.id));
            record = record.id(format!("expediente-{}", group.id));
        }
        GroupView {
            id: group.id.to_string(),
            name: group.name.clone(),
            members: group.members.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
            records: group
                .records
                .iter()
                .map(|(id, number)| GroupRecordView {
                    id: id.to_string(),
                    number: number.clone(),
                    name: found.names.get(id).cloned().unwrap_or_default(),
                })
                .collect(),
            member,
            record: record.width("w-10").mode("numeric"),
        }
    });
    let new = if at.is_empty() { errors } else { &[] };
    GroupsPage {
        groups: groups.collect(),
        shell: shell(actor, Place::Accounts),
        errors: ErrorSummary::new(errors),
        name: Field::text("nombre", "Nombre del grupo").width("w-30").from(posted, new),
        member: Choice::new("miembro", "Primer miembro", people(found)).from(posted, new),
    }
}

/// `GET /grupos`.
pub(crate) async fn groups(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let found = app.care.groups(&user.actor).await?;
    let mut page = groups_page(&user.actor, &found, &Posted::default(), &[], "");
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// `POST /grupos`.
pub(crate) async fn add_group(State(app): State<App>, form: Form) -> Answer {
    let member = form.posted.get("miembro").parse().ok();
    match app.care.add_group(&form.actor, form.posted.get("nombre"), member).await {
        Ok(id) => Ok(see(&format!("/grupos?aviso=grupo#g-{id}"))),
        Err(CareError::Invalid(errors)) => groups_again(&app, &form, &errors, "").await,
        Err(error) => Err(form.failed(error)),
    }
}

async fn groups_again(app: &App, form: &Form, errors: &[FieldError], at: &str) -> Answer {
    let found = app.care.groups(&form.actor).await?;
    let page = groups_page(&form.actor, &found, &form.posted, errors, at);
    to_correct(&page)
}

async fn change(app: &App, form: &Form, group: &str, change: GroupChange) -> Answer {
    let id: GroupId = group.parse().map_err(|_| Outcome::not_found("el grupo"))?;
    match app.care.change_group(&form.actor, id, &change).await {
        Ok(()) => Ok(see("/grupos?aviso=grupo")),
        Err(CareError::Invalid(errors)) => groups_again(app, form, &errors, group).await,
        Err(error) => Err(form.failed(error)),
    }
}

fn user_id(text: &str) -> Result<UserId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("esa persona"))
}

/// `POST /grupos/{group}/miembros`.
pub(crate) async fn add_member(State(app): State<App>, Path(group): Path<String>, form: Form) -> Answer {
    match form.posted.get("persona").parse() {
        Ok(user) => change(&app, &form, &group, GroupChange::AddMember(user)).await,
        Err(_) => {
            let errors = [FieldError::new("persona", "Elija una persona de la lista")];
            groups_again(&app, &form, &errors, &group).await
        }
    }
}

/// `POST /grupos/{group}/miembros/{user}/quitar`.
pub(crate) async fn remove_member(
    State(app): State<App>,
    Path((group, user)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let user = user_id(&user)?;
    change(&app, &form, &group, GroupChange::RemoveMember(user)).await
}

/// `POST /grupos/{group}/expedientes`.
pub(crate) async fn add_record(State(app): State<App>, Path(group): Path<String>, form: Form) -> Answer {
    let number = form.posted.get("expediente").to_owned();
    change(&app, &form, &group, GroupChange::AddRecord(number)).await
}

/// `POST /grupos/{group}/expedientes/{patient}/quitar`.
pub(crate) async fn remove_record(
    State(app): State<App>,
    Path((group, patient)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let patient = patient_id(&patient)?;
    change(&app, &form, &group, GroupChange::RemoveRecord(patient)).await
}

/// `POST /grupos/{group}/quitar`.
pub(crate) async fn remove_group(State(app): State<App>, Path(group): Path<String>, form: Form) -> Answer {
    change(&app, &form, &group, GroupChange::Remove).await
}

fn in_front(posted: &Posted) -> InFrontForm {
    let text = |name: &str| posted.get(name).to_owned();
    InFrontForm {
        curp: text("curp"),
        given: text("nombre"),
        first_surname: text("primer_apellido"),
        second_surname: text("segundo_apellido"),
        birth_date: text("fecha_nacimiento"),
    }
}

fn find_page(
    actor: &Actor,
    posted: &Posted,
    errors: &[FieldError],
    found: Option<&[PrivateRecord]>,
) -> PrivateRecordPage {
    let field = |field: Field| field.from(posted, errors);
    let mut reasons = vec![(String::new(), "Elija el motivo".to_owned())];
    let all = OpeningReason::ALL.iter();
    reasons.extend(all.map(|reason| (reason.code().to_owned(), reason.label().to_owned())));
    let records = found.unwrap_or_default().iter().map(|record| PrivateRecordView {
        id: record.id.to_string(),
        number: record.record_number.clone(),
        reason: Choice::new("motivo", "Por qué necesita abrirlo", reasons.clone()).from(posted, errors),
        detail: field(Field::area("detalle", "Con sus palabras").help("Lo leen el grupo y auditoría")),
    });
    PrivateRecordPage {
        records: records.collect(),
        shell: shell(actor, Place::Patients),
        errors: ErrorSummary::new(errors),
        curp: field(Field::text("curp", "CURP").width("w-18").max(30)),
        person: vec![
            field(Field::text("nombre", "Nombre")),
            field(Field::text("primer_apellido", "Primer apellido")),
            field(Field::text("segundo_apellido", "Segundo apellido").optional()),
            field(
                Field::text("fecha_nacimiento", "Fecha de nacimiento")
                    .width("w-18")
                    .help("Día, mes y año, por ejemplo 27/03/1984"),
            ),
        ],
        again: IN_FRONT.iter().map(|name| (*name, posted.get(name).to_owned())).collect(),
        nothing: found.is_some_and(<[_]>::is_empty),
    }
}

/// `GET /expediente-privado`.
pub(crate) async fn find_form(State(app): State<App>, user: SignedIn) -> Answer {
    app.care.allow(&user.actor, Permission::OpenPrivate).await?;
    Ok(render(&find_page(&user.actor, &Posted::default(), &[], None))?)
}

/// `POST /expediente-privado`: whether there is one of exactly this patient.
pub(crate) async fn find(State(app): State<App>, form: Form) -> Answer {
    match app.care.find_private(&form.actor, &in_front(&form.posted)).await {
        Ok(found) => Ok(render(&find_page(&form.actor, &form.posted, &[], Some(&found)))?),
        Err(CareError::Invalid(errors)) => {
            let page = find_page(&form.actor, &form.posted, &errors, None);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /expediente-privado/abrir`.
pub(crate) async fn open(State(app): State<App>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::OpenPrivate).await?;
    let patient: PatientId = patient_id(form.posted.get("expediente"))?;
    let who = in_front(&form.posted);
    let why = OpeningForm {
        reason: form.posted.get("motivo").to_owned(),
        detail: form.posted.get("detalle").to_owned(),
    };
    match app.care.open_private(&form.actor, &who, patient, &why).await {
        Ok(()) => Ok(see(&format!("/pacientes/{patient}"))),
        Err(CareError::Invalid(errors)) => {
            let found = app.care.find_private(&form.actor, &who).await.map_err(|error| form.failed(error))?;
            let page = find_page(&form.actor, &form.posted, &errors, Some(&found));
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

fn opening_row(
    line: &Opening,
    found: &Openings,
    failed: Option<(&str, &Posted, &[FieldError])>,
) -> OpeningRow {
    let id = line.opening.id.to_string();
    let today = format::day(found.now, &found.zone);
    let from = format::day_and_time(line.opening.opened_at, &found.zone, today);
    let own = line.opening.user_id == found.reviewer;
    let note = || {
        let field = Field::area("nota", "Nota de la revisión");
        match failed {
            Some((of, posted, errors)) if of == id => field.from(posted, errors),
            _ => field.id(format!("nota-{id}")),
        }
    };
    OpeningRow {
        who: line.user_name.clone(),
        record: line.record_number.clone(),
        when: format!("{from}, hasta las {}", format::time(line.opening.until, &found.zone)),
        reason: reason_of(line).label(),
        detail: line.opening.detail.clone(),
        own,
        form: (line.review.is_none() && !own).then(note),
        review: line.review.as_ref().map(|review| ReviewView {
            state: if review.justified { "Se justifica" } else { "No se justifica" },
            words: format!(
                "{}, {}: {}",
                review.by_name,
                format::day_and_time(review.at, &found.zone, today),
                review.note
            ),
        }),
        id,
    }
}

fn openings_page(
    actor: &Actor,
    found: &Openings,
    failed: Option<(&str, &Posted, &[FieldError])>,
) -> OpeningsPage {
    let errors = failed.map_or(&[][..], |(_, _, errors)| errors);
    OpeningsPage {
        rows: found.lines.iter().map(|line| opening_row(line, found, failed)).collect(),
        shell: shell(actor, Place::Audit),
        errors: ErrorSummary::new(errors),
    }
}

/// `GET /bitacora/aperturas`.
pub(crate) async fn openings(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<ListQuery>,
) -> Answer {
    let found = app.care.openings(&user.actor).await?;
    let mut page = openings_page(&user.actor, &found, None);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// `POST /bitacora/aperturas/{opening}`.
pub(crate) async fn review(State(app): State<App>, Path(opening): Path<String>, form: Form) -> Answer {
    let id = opening.parse().map_err(|_| Outcome::not_found("esa apertura"))?;
    let justified = match form.posted.get("justificada") {
        "si" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    match app.care.review_opening(&form.actor, id, justified, form.posted.get("nota")).await {
        Ok(()) => Ok(see("/bitacora/aperturas?aviso=revisada")),
        Err(CareError::Invalid(errors)) => {
            let found = app.care.openings(&form.actor).await?;
            let page = openings_page(&form.actor, &found, Some((&opening, &form.posted, &errors)));
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}
