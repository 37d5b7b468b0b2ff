//! Finding patients, opening records, correcting who a patient is.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use care::patients::{PAGE, PatientForm, SavedPatient};
use care::{Actor, CareError, Permission};
use clinical::ids::PatientId;
use clinical::patient::{CurpMismatch, Patient};

use super::{Answer, ListQuery, is_fragment, notice, pages, render, see, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::Posted;
use crate::views::patients::{PatientFormPage, PatientResults, PatientRow, PatientsPage};
use crate::views::shell::{Notice, Place};
use crate::{App, format};

pub(super) fn patient_id(text: &str) -> Result<PatientId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("el expediente"))
}

/// `GET /pacientes`: the page, or only the list while someone types.
pub(crate) async fn list(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Answer {
    let found = app.care.search_patients(&user.actor, query.q.trim(), query.page()).await?;
    let (total, page_count) = pages(found.total, PAGE);
    let today = format::day(app.care.now(), &care::zone(care::DEFAULT_ZONE));
    let results = PatientResults {
        query: query.q.trim().to_owned(),
        rows: found.patients.iter().map(|patient| row(patient, today)).collect(),
        total,
        page: query.page() as usize + 1,
        pages: page_count,
        clinical: user.actor.may(Permission::ReadRecord),
    };
    if is_fragment(&headers) {
        return Ok(render(&results)?);
    }
    let mut shell = shell(&user.actor, Place::Patients);
    shell.notice = notice(&query.aviso);
    Ok(render(&PatientsPage { shell, results })?)
}

fn row(patient: &Patient, today: jiff::civil::Date) -> PatientRow {
    PatientRow {
        id: patient.id.to_string(),
        name: patient.full_name(),
        about: format!("{}, {}", patient.age_text(today), patient.data.sex.label().to_lowercase()),
        record: patient.record_number.clone(),
        curp: patient.curp().map(ToString::to_string).unwrap_or_default(),
        phone: patient.data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// `GET /pacientes/nuevo`.
pub(crate) async fn new_form(user: SignedIn) -> Answer {
    Ok(render(&PatientFormPage::new(shell(&user.actor, Place::Patients), &Posted::default(), &[]))?)
}

/// `POST /pacientes/nuevo`.
pub(crate) async fn register(State(app): State<App>, form: Form) -> Answer {
    match app.care.register_patient(&form.actor, &patient_form(&form.posted)).await {
        Ok(saved) => Ok(see(&after_saving(&form.actor, &saved))),
        Err(CareError::Invalid(errors)) => {
            let page = PatientFormPage::new(shell(&form.actor, Place::Patients), &form.posted, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /pacientes/{id}/editar`.
pub(crate) async fn edit_form(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let patient = app.care.patient(&user.actor, patient_id(&id)?).await?;
    Ok(render(&edit_page(&user.actor, &patient.id.to_string(), &posted_from(&patient), &[]))?)
}

fn edit_page(
    actor: &Actor,
    id: &str,
    posted: &Posted,
    errors: &[care::error::FieldError],
) -> PatientFormPage {
    let mut page = PatientFormPage::new(shell(actor, Place::Patients), posted, errors);
    page.heading = "Datos del paciente".to_owned();
    page.action = format!("/pacientes/{id}/editar");
    page.cancel =
        if actor.may(Permission::ReadRecord) { format!("/pacientes/{id}") } else { "/pacientes".to_owned() };
    page
}

/// `POST /pacientes/{id}/editar`.
pub(crate) async fn correct(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let patient = patient_id(&id)?;
    let saved =
        app.care.correct_patient(&form.actor, patient, form.version(), &patient_form(&form.posted)).await;
    match saved {
        Ok(saved) => Ok(see(&after_saving(&form.actor, &saved))),
        Err(CareError::Invalid(errors)) => {
            let page = edit_page(&form.actor, &id, &form.posted, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
        }
        Err(CareError::Conflict { message }) => {
            // The form keeps what was typed and takes the new version: saving again is a decision, not an accident.
            let now = app.care.patient(&form.actor, patient).await?;
            let posted = form.posted.clone().with("version", now.version);
            let mut page = edit_page(&form.actor, &id, &posted, &[]);
            page.shell.notice = Some(Notice::warn(format!("{message}. Abajo está lo que usted escribió.")));
            Ok((StatusCode::CONFLICT, render(&page)?).into_response())
        }
        Err(error) => Err(form.failed(error)),
    }
}

fn after_saving(actor: &Actor, saved: &SavedPatient) -> String {
    let date = saved.mismatches.contains(&CurpMismatch::BirthDate);
    let sex = saved.mismatches.contains(&CurpMismatch::Sex);
    let code = match (date, sex) {
        (true, true) => "curp-ambos",
        (true, false) => "curp-fecha",
        (false, true) => "curp-sexo",
        (false, false) => "paciente",
    };
    if actor.may(Permission::ReadRecord) {
        format!("/pacientes/{}?aviso={code}", saved.id)
    } else {
        format!("/pacientes?aviso={code}")
    }
}

fn patient_form(posted: &Posted) -> PatientForm {
    let text = |name: &str| posted.get(name).to_owned();
    PatientForm {
        unknown: posted.ticked("no_identificado"),
        label: text("etiqueta"),
        given: text("nombre"),
        first_surname: text("primer_apellido"),
        second_surname: text("segundo_apellido"),
        birth_date: text("fecha_nacimiento"),
        sex: text("sexo"),
        curp: text("curp"),
        phone: text("telefono"),
        address: text("domicilio"),
        occupation: text("ocupacion"),
    }
}

fn posted_from(patient: &Patient) -> Posted {
    let form = PatientForm::of(patient);
    Posted::default()
        .with("version", patient.version)
        .with("no_identificado", if form.unknown { "si" } else { "" })
        .with("etiqueta", form.label)
        .with("nombre", form.given)
        .with("primer_apellido", form.first_surname)
        .with("segundo_apellido", form.second_surname)
        .with("fecha_nacimiento", form.birth_date)
        .with("sexo", form.sex)
        .with("curp", form.curp)
        .with("telefono", form.phone)
        .with("domicilio", form.address)
        .with("ocupacion", form.occupation)
}
