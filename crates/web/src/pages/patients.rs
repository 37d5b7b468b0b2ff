//! Finding patients, opening records, correcting who a patient is.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use care::patients::{Alike, PAGE, PatientForm, SavedPatient};
use care::{Actor, CareError, Permission};
use clinical::ids::PatientId;
use clinical::patient::{CurpMismatch, Patient};
use serde::Deserialize;

use super::{Answer, ListQuery, capitalised, is_fragment, notice, pages, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::Posted;
use crate::views::patient_form::{AlikeRow, AlikeView, PatientFormPage};
use crate::views::patients::{PatientResults, PatientRow, PatientsPage};
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
    let opens_private = user.actor.may(Permission::OpenPrivate);
    let imports = user.actor.may(Permission::ImportRecord);
    Ok(render(&PatientsPage { shell, results, opens_private, imports })?)
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

/// Whose newborn is registered.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NewQuery {
    /// Id of the mother's record.
    #[serde(default)]
    madre: String,
}

/// `GET /pacientes/nuevo`, `GET /pacientes/nuevo?madre=ID`: the newborn of a patient.
pub(crate) async fn new_form(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<NewQuery>,
) -> Answer {
    app.care.allow(&user.actor, Permission::EditIdentity).await?;
    let mut posted = Posted::default();
    if !query.madre.is_empty() {
        let mother = app.care.patient(&user.actor, patient_id(&query.madre)?).await?;
        posted = posted
            .with("recien_nacido", "si")
            .with("madre", mother.id)
            .with("nombre_madre", mother.full_name())
            .with("domicilio", mother.data.address.clone().unwrap_or_default());
    }
    Ok(render(&PatientFormPage::new(shell(&user.actor, Place::Patients), &posted, &[]))?)
}

/// `POST /pacientes/nuevo`.
pub(crate) async fn register(State(app): State<App>, form: Form) -> Answer {
    let saved = app.care.register_patient(&form.actor, &patient_form(&form.posted)).await;
    let page = |errors: &[_]| PatientFormPage::new(shell(&form.actor, Place::Patients), &form.posted, errors);
    match saved {
        Ok(saved) => Ok(see(&after_saving(&form.actor, &saved))),
        Err(CareError::Invalid(errors)) => to_correct(&page(&errors)),
        Err(CareError::Alike(alike)) => {
            let mut page = page(&[]);
            page.alike = Some(alike_view(&app, &form.actor, &alike));
            Ok((StatusCode::CONFLICT, render(&page)?).into_response())
        }
        Err(error) => Err(form.failed(error)),
    }
}

fn alike_view(app: &App, actor: &Actor, alike: &Alike) -> AlikeView {
    let today = format::day(app.care.now(), &care::zone(care::DEFAULT_ZONE));
    let rows = alike.candidates.iter().map(|candidate| {
        let patient = &candidate.patient;
        let why: Vec<&str> = candidate.likeness.reasons.iter().map(|reason| reason.label()).collect();
        AlikeRow {
            id: patient.id.to_string(),
            href: record_address(actor, &patient.id.to_string()),
            name: patient.full_name(),
            about: about(patient, today),
            why: why.join(", "),
        }
    });
    AlikeView {
        rows: rows.collect(),
        curp_taken: alike.curp_taken,
        private: alike.private,
        opens_private: actor.may(Permission::OpenPrivate),
    }
}

/// "Expediente 000034 · 41 años, mujer · nació el 27/03/1984".
pub(super) fn about(patient: &Patient, today: jiff::civil::Date) -> String {
    let sex = patient.data.sex.label().to_lowercase();
    let mut facts =
        vec![format!("Expediente {}", patient.record_number), format!("{}, {sex}", patient.age_text(today))];
    facts.extend(patient.birth_date().map(|birth| format!("nació el {}", format::form_date(birth.date()))));
    facts.extend(patient.curp().map(|curp| format!("CURP {curp}")));
    facts.join(" · ")
}

/// Where a record opens for this person: the expediente, or only the data.
pub(super) fn record_address(actor: &Actor, id: &str) -> String {
    let clinical = actor.may(Permission::ReadRecord);
    if clinical { format!("/pacientes/{id}") } else { format!("/pacientes/{id}/editar") }
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
    page.file = format!("/pacientes/{id}/identidad");
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
            to_correct(&page)
        }
        Err(CareError::Alike(alike)) => {
            let mut page = edit_page(&form.actor, &id, &form.posted, &[]);
            page.alike = Some(alike_view(&app, &form.actor, &alike));
            Ok((StatusCode::CONFLICT, render(&page)?).into_response())
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
    // The letters of what does not fit, in the order of the list: "curp-fs".
    let letter = |mismatch: &CurpMismatch| match mismatch {
        CurpMismatch::BirthDate => 'f',
        CurpMismatch::Sex => 's',
        CurpMismatch::Entity => 'e',
    };
    let letters: String = saved.mismatches.iter().map(letter).collect();
    let code = if letters.is_empty() { "paciente".to_owned() } else { format!("curp-{letters}") };
    if actor.may(Permission::ReadRecord) {
        format!("/pacientes/{}?aviso={code}", saved.id)
    } else {
        format!("/pacientes?aviso={code}")
    }
}

/// "Guardado. La fecha de nacimiento y el sexo no coinciden con la CURP: revíselos."
pub(super) fn mismatch_notice(letters: &str) -> Option<Notice> {
    let mut subjects = Vec::new();
    for letter in letters.chars() {
        subjects.push(match letter {
            'f' => CurpMismatch::BirthDate.subject(),
            's' => CurpMismatch::Sex.subject(),
            'e' => CurpMismatch::Entity.subject(),
            _ => return None,
        });
    }
    let (last, before) = subjects.split_last()?;
    let all = if before.is_empty() {
        format!("{last} no coincide con la CURP: revise cuál dato es el correcto.")
    } else {
        format!(
            "{} y {last} no coinciden con la CURP: revise cuáles datos son los correctos.",
            before.join(", ")
        )
    };
    Some(Notice::warn(format!("Guardado. {}", capitalised(&all))))
}

fn patient_form(posted: &Posted) -> PatientForm {
    let text = |name: &str| posted.get(name).to_owned();
    // Only who says that it is none of them has seen them.
    let seen = if posted.ticked("confirmado") { posted.get("vistos") } else { "" };
    PatientForm {
        unknown: posted.ticked("no_identificado"),
        label: text("etiqueta"),
        newborn: posted.ticked("recien_nacido"),
        mother: text("madre"),
        mother_name: text("nombre_madre"),
        birth_time: text("hora_nacimiento"),
        birth_order: text("orden_nacimiento"),
        given: text("nombre"),
        first_surname: text("primer_apellido"),
        second_surname: text("segundo_apellido"),
        single_name: posted.ticked("un_solo_nombre"),
        birth_date: text("fecha_nacimiento"),
        sex: text("sexo"),
        curp: text("curp"),
        no_curp: text("sin_curp"),
        phone: text("telefono"),
        email: text("correo"),
        address: text("domicilio"),
        occupation: text("ocupacion"),
        birth_entity: text("entidad_nacimiento"),
        registered_sex: text("sexo_registro"),
        gender: text("genero"),
        nationality: text("nacionalidad"),
        residence: text("entidad"),
        municipality: text("municipio"),
        locality: text("localidad"),
        geo_key: text("clave_inegi"),
        people: text("pueblo"),
        language: text("lengua"),
        interpreter: posted.ticked("interprete"),
        seen: seen.split(',').filter_map(|id| id.parse().ok()).collect(),
        seen_private: posted.ticked("confirmado") && posted.ticked("vistos_privados"),
    }
}

fn posted_from(patient: &Patient) -> Posted {
    let form = PatientForm::of(patient);
    let tick = |flag: bool| if flag { "si" } else { "" };
    Posted::default()
        .with("version", patient.version)
        .with("no_identificado", tick(form.unknown))
        .with("etiqueta", form.label)
        .with("recien_nacido", tick(form.newborn))
        .with("madre", form.mother)
        .with("nombre_madre", form.mother_name)
        .with("hora_nacimiento", form.birth_time)
        .with("orden_nacimiento", form.birth_order)
        .with("nombre", form.given)
        .with("primer_apellido", form.first_surname)
        .with("segundo_apellido", form.second_surname)
        .with("un_solo_nombre", tick(form.single_name))
        .with("fecha_nacimiento", form.birth_date)
        .with("sexo", form.sex)
        .with("curp", form.curp)
        .with("sin_curp", form.no_curp)
        .with("telefono", form.phone)
        .with("correo", form.email)
        .with("domicilio", form.address)
        .with("ocupacion", form.occupation)
        .with("entidad_nacimiento", form.birth_entity)
        .with("nacionalidad", form.nationality)
        .with("sexo_registro", form.registered_sex)
        .with("genero", form.gender)
        .with("entidad", form.residence)
        .with("municipio", form.municipality)
        .with("localidad", form.locality)
        .with("clave_inegi", form.geo_key)
        .with("pueblo", form.people)
        .with("lengua", form.language)
        .with("interprete", tick(form.interpreter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curp_that_does_not_fit_is_told_in_one_sentence() {
        let check = |letters: &str, expected: Option<&str>| {
            assert_eq!(mismatch_notice(letters).map(|notice| notice.text).as_deref(), expected, "{letters}");
        };
        check("s", Some("Guardado. El sexo no coincide con la CURP: revise cuál dato es el correcto."));
        check(
            "fse",
            Some(
                "Guardado. La fecha de nacimiento, el sexo y la entidad de nacimiento no coinciden con la CURP: revise cuáles datos son los correctos.",
            ),
        );
        check("", None);
        check("fx", None);
    }
}
