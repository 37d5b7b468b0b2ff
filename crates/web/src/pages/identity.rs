//! What stands behind a patient's identity: representatives, former data, and records joined and separated.

use axum::extract::{Path, Query, State};
use care::error::FieldError;
use care::identity::{IdentityFile, RepresentativeForm};
use care::{Actor, CareError, Permission};
use clinical::demographics::{Entity, Gender, GeoKey, NoCurp, People, RegisteredSex};
use clinical::ids::PatientId;
use clinical::patient::{Identity, NewPatient, Patient};
use clinical::person::Sex;
use jiff::civil::Date;
use serde::Deserialize;
use storage::{Merge, StoredRepresentative};

use super::patients::{about, patient_id, record_address};
use super::{Answer, ListQuery, notice, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{ErrorSummary, Field, Posted};
use crate::views::identity::{
    ChangedLine, IdentityPage, MergePage, MergeRow, RepresentativeFields, RepresentativeRow,
};
use crate::views::shell::Place;
use crate::{App, format};

/// `GET /pacientes/{id}/identidad`.
pub(crate) async fn page(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let file = app.care.identity(&user.actor, patient_id(&id)?).await?;
    let mut page = identity_page(&user.actor, &file, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// The page again with what was typed and what is wrong with it.
async fn again(app: &App, form: &Form, id: PatientId, errors: &[FieldError]) -> Answer {
    let file = app.care.identity(&form.actor, id).await?;
    let page = identity_page(&form.actor, &file, &form.posted, errors);
    to_correct(&page)
}

fn identity_page(actor: &Actor, file: &IdentityFile, posted: &Posted, errors: &[FieldError]) -> IdentityPage {
    let today = format::day(file.now, &file.zone);
    let id = file.patient.id.to_string();
    let link = |patient: &Patient| (record_address(actor, &patient.id.to_string()), patient.full_name());
    let of_representative = errors.iter().any(|error| error.field.starts_with("rep_"));
    IdentityPage {
        shell: shell(actor, Place::Patients),
        name: file.patient.full_name(),
        about: about(&file.patient, today),
        back: record_address(actor, &id),
        errors: ErrorSummary::new(errors),
        needs_representative: file.needs_representative,
        representatives: file.representatives.iter().map(|one| representative_row(one, today)).collect(),
        form: RepresentativeFields::new(posted, errors, of_representative),
        edits: actor.may(Permission::EditIdentity),
        adds_newborn: actor.may(Permission::EditIdentity)
            && file.mother.is_none()
            && file.patient.data.sex != Sex::Male,
        mother: file.mother.as_ref().map(link),
        newborns: file.newborns.iter().map(link).collect(),
        former: former(file),
        merges: file.merges.iter().map(|merge| merge_row(merge, file)).collect(),
        joins: actor.may(Permission::MergeRecords),
        number: Field::text("numero", "Número del otro expediente")
            .width("w-10")
            .mode("numeric")
            .from(posted, errors),
        id,
    }
}

fn representative_row(stored: &StoredRepresentative, today: Date) -> RepresentativeRow {
    let one = &stored.value;
    let mut facts = vec![one.capacity.label().to_owned(), one.identity_document.clone()];
    facts.extend(one.proof.clone());
    facts.extend(one.valid_until.map(|day| format!("vigente hasta el {}", format::form_date(day))));
    facts.extend(one.scope.as_ref().map(|scope| format!("alcance: {scope}")));
    facts.extend(one.phone.as_ref().map(ToString::to_string));
    let over = match one.valid_until {
        _ if stored.is_closed() => "ya no figura".to_owned(),
        Some(day) if !one.holds_on(today) => format!("venció el {}", format::form_date(day)),
        _ => String::new(),
    };
    RepresentativeRow {
        id: stored.id.to_string(),
        name: one.name.to_string(),
        about: facts.join(" · "),
        over,
        open: !stored.is_closed(),
    }
}

/// Every change, newest first: what stood before beside what came after.
fn former(file: &IdentityFile) -> Vec<(String, Vec<ChangedLine>)> {
    let today = format::day(file.now, &file.zone);
    let mut changes = Vec::new();
    for (i, one) in file.former.iter().enumerate() {
        // What came after stands in the next version of the same record, or in the record itself.
        let next = file.former[..i].iter().rev().find(|later| later.patient_id == one.patient_id);
        let after = match next {
            Some(later) => &later.data,
            None if one.patient_id == file.patient.id => &file.patient.data,
            None => continue,
        };
        let lines = facts(&one.data).into_iter().zip(facts(after));
        let changed = lines.filter(|((_, before), (_, after))| before != after);
        let lines = changed.map(|((field, before), (_, after))| ChangedLine { field, before, after });
        let when = format::day_and_time(one.replaced_at, &file.zone, today);
        changes.push((format!("{when}, {}", one.replaced_by), lines.collect()));
    }
    changes
}

fn merge_row(merge: &Merge, file: &IdentityFile) -> MergeRow {
    let today = format::day(file.now, &file.zone);
    let told = |at, by: &str, reason: &str| {
        format!("{}, {by}: {reason}", format::day_and_time(at, &file.zone, today))
    };
    MergeRow {
        id: merge.id.to_string(),
        title: format!("El expediente {} se unió al {}", merge.merged_number, merge.kept_number),
        about: told(merge.merged_at, &merge.merged_by, &merge.reason),
        undone: merge
            .undone
            .as_ref()
            .map(|(by, at, reason)| format!("Se separaron: {}", told(*at, by, reason)))
            .unwrap_or_default(),
    }
}

/// Every datum of an identity under its name, always in the same order; empty when it is not known.
fn facts(data: &NewPatient) -> Vec<(&'static str, String)> {
    let details = &data.details;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let entity = |value: Option<Entity>| value.map(Entity::name).unwrap_or_default().to_owned();
    let (given, first, second, label) = match &data.identity {
        Identity::Identified { name, .. } => {
            (name.given(), name.first_surname(), name.second_surname().unwrap_or_default(), String::new())
        }
        other @ Identity::Newborn { .. } => ("", "", "", other.full_name()),
        Identity::Unknown { label } => ("", "", "", label.clone()),
    };
    vec![
        ("Nombre", given.to_owned()),
        ("Primer apellido", first.to_owned()),
        ("Segundo apellido", second.to_owned()),
        ("Se le conoce por", label),
        (
            "Fecha de nacimiento",
            data.identity.birth_date().map(|b| format::form_date(b.date())).unwrap_or_default(),
        ),
        (
            "Hora de nacimiento",
            details.birth_time.map(|time| time.strftime("%H:%M").to_string()).unwrap_or_default(),
        ),
        ("Sexo biológico", data.sex.label().to_owned()),
        ("CURP", data.identity.curp().map(ToString::to_string).unwrap_or_default()),
        ("Por qué no hay CURP", details.no_curp.map(NoCurp::label).unwrap_or_default().to_owned()),
        ("Teléfono", data.phone.as_ref().map(ToString::to_string).unwrap_or_default()),
        (
            "Correo electrónico",
            details.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        ),
        ("Domicilio", text(&data.address)),
        ("Ocupación", text(&data.occupation)),
        ("Entidad de nacimiento", entity(details.birth_entity)),
        ("Nacionalidad", text(&details.nationality)),
        (
            "Sexo en la CURP o el acta",
            details.registered_sex.map(RegisteredSex::label).unwrap_or_default().to_owned(),
        ),
        ("Género", details.gender.map(Gender::label).unwrap_or_default().to_owned()),
        ("Entidad de residencia", entity(details.residence)),
        ("Municipio", text(&details.municipality)),
        ("Localidad", text(&details.locality)),
        ("Clave de INEGI", details.geo_key.as_ref().map(GeoKey::as_str).unwrap_or_default().to_owned()),
        ("Pueblo", details.people.map(People::label).unwrap_or_default().to_owned()),
        ("Lengua materna", text(&details.language)),
        ("Intérprete", if details.interpreter { "Sí".to_owned() } else { String::new() }),
    ]
}

/// `POST /pacientes/{id}/representantes`.
pub(crate) async fn add_representative(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    let text = |name: &str| form.posted.get(name).to_owned();
    let fields = RepresentativeForm {
        given: text("rep_nombre"),
        first_surname: text("rep_primer_apellido"),
        second_surname: text("rep_segundo_apellido"),
        capacity: text("rep_calidad"),
        identity_document: text("rep_identificacion"),
        proof: text("rep_prueba"),
        valid_until: text("rep_vigencia"),
        scope: text("rep_alcance"),
        phone: text("rep_telefono"),
    };
    match app.care.add_representative(&form.actor, id, &fields).await {
        Ok(()) => Ok(see(&format!("/pacientes/{id}/identidad?aviso=representante"))),
        Err(CareError::Invalid(errors)) => again(&app, &form, id, &errors).await,
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /pacientes/{id}/representantes/{entry}/quitar`.
pub(crate) async fn close_representative(
    State(app): State<App>,
    Path((id, entry)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let id = patient_id(&id)?;
    let entry = entry.parse().map_err(|_| Outcome::not_found("ese representante"))?;
    app.care.close_representative(&form.actor, id, entry).await?;
    Ok(see(&format!("/pacientes/{id}/identidad?aviso=representante-fin")))
}

/// Which other record.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct MergeQuery {
    /// Its number.
    #[serde(default)]
    numero: String,
}

/// `GET /pacientes/{id}/unir?numero=34`: two records side by side.
pub(crate) async fn plan(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<MergeQuery>,
) -> Answer {
    let id = patient_id(&id)?;
    match merge_page(&app, &user.actor, id, &query.numero, &Posted::default(), &[]).await {
        Err(CareError::Invalid(errors)) => {
            let file = app.care.identity(&user.actor, id).await?;
            let posted = Posted::default().with("numero", query.numero);
            let page = identity_page(&user.actor, &file, &posted, &errors);
            to_correct(&page)
        }
        page => Ok(render(&page?)?),
    }
}

async fn merge_page(
    app: &App,
    actor: &Actor,
    id: PatientId,
    number: &str,
    posted: &Posted,
    errors: &[FieldError],
) -> Result<MergePage, CareError> {
    let plan = app.care.plan_merge(actor, id, number).await?;
    let lines = facts(&plan.kept.data).into_iter().zip(facts(&plan.merged.data));
    let lines = lines.filter(|((_, one), (_, other))| !(one.is_empty() && other.is_empty()));
    let likeness = match &plan.likeness {
        Some(likeness) => {
            let reasons: Vec<&str> = likeness.reasons.iter().map(|reason| reason.label()).collect();
            format!("Coincide: {}. Revise los datos que difieren.", reasons.join(", "))
        }
        None => "Nada indica que sean la misma persona. Únalos solo si lo sabe por otra vía.".to_owned(),
    };
    Ok(MergePage {
        shell: shell(actor, Place::Patients),
        kept: plan.kept.id.to_string(),
        merged: plan.merged.id.to_string(),
        numbers: (plan.kept.record_number, plan.merged.record_number),
        errors: ErrorSummary::new(errors),
        lines: lines
            .map(|((field, one), (_, other))| {
                let differs = one != other;
                (field, one, other, differs)
            })
            .collect(),
        likeness,
        alike: plan.likeness.is_some(),
        reason: Field::text("motivo", "Por qué son de la misma persona")
            .help("Queda en la bitácora, por ejemplo «misma CURP; se registró dos veces»")
            .from(posted, errors),
    })
}

/// `POST /pacientes/{id}/unir`.
pub(crate) async fn merge(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::MergeRecords).await?;
    let id = patient_id(&id)?;
    let other = patient_id(form.posted.get("otro"))?;
    match app.care.merge_records(&form.actor, id, other, form.posted.get("motivo")).await {
        Ok(()) => Ok(see(&format!("/pacientes/{id}?aviso=unidos"))),
        Err(CareError::Invalid(errors)) => {
            let number = form.posted.get("numero");
            let page = merge_page(&app, &form.actor, id, number, &form.posted, &errors).await?;
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /pacientes/{id}/uniones/{merge}/separar`.
pub(crate) async fn undo(
    State(app): State<App>,
    Path((id, merge)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let id = patient_id(&id)?;
    let merge = merge.parse().map_err(|_| Outcome::not_found("esa unión"))?;
    match app.care.undo_merge(&form.actor, merge, form.posted.get("motivo")).await {
        Ok(_) => Ok(see(&format!("/pacientes/{id}/identidad?aviso=separados"))),
        Err(CareError::Invalid(errors)) => again(&app, &form, id, &errors).await,
        Err(error) => Err(form.failed(error)),
    }
}
