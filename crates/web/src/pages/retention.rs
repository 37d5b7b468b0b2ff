//! Conservación: of a record (clock, holds, archive, the refusal to delete) and of the practice.

use axum::extract::{Path, Query, State};
use care::error::FieldError;
use care::private::OpeningReason;
use care::retention::{PracticeRetention, RetentionFile};
use care::{Actor, CareError, Permission};
use clinical::ids::{HoldId, PatientId};
use clinical::retention::{Block, Hold};

use super::patients::{about, patient_id, record_address};
use super::{Answer, ListQuery, notice, opened, pages, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{ErrorSummary, Field, Posted};
use crate::views::keeping::{BlockedRow, HoldRow, PastRow, PracticeRetentionPage, RetentionPage};
use crate::views::shell::{Notice, Place};
use crate::{App, format};

/// `GET /pacientes/{id}/conservacion`.
pub(crate) async fn record(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let file = app.care.retention(&user.actor, patient_id(&id)?).await?;
    let mut page = page(&user.actor, &file, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn page(actor: &Actor, file: &RetentionFile, posted: &Posted, errors: &[FieldError]) -> RetentionPage {
    let id = file.patient.id.to_string();
    let clinical = actor.may(Permission::ReadRecord);
    let at = |name: &str| errors.iter().any(|error| error.field == name);
    RetentionPage {
        shell: shell(actor, Place::Rights),
        name: file.patient.full_name(),
        about: about(&file.patient, file.clock.today),
        back: if clinical { record_address(actor, &id) } else { "/conservacion".to_owned() },
        errors: ErrorSummary::new(errors),
        opened: opened(actor, file.patient.id, &file.zone),
        state: state(file),
        clock: clock(file),
        holds: file.holds.iter().map(|hold| hold_row(hold, file)).collect(),
        hold_reason: Field::text("motivo_retencion", "Motivo")
            .help("Sin datos clínicos: juicio, queja, auditoría y su número")
            .max(300)
            .from(posted, errors),
        hold_until: Field::text("hasta", "Hasta")
            .help("día/mes/año; vacío si no se sabe")
            .width("w-10")
            .optional()
            .from(posted, errors),
        archived: file.archived,
        moves: file
            .moves
            .iter()
            .map(|one| {
                let when = format::day_and_time(one.at, &file.zone, file.clock.today);
                let what = if one.archived { "archivado" } else { "de regreso" };
                format!("{when}: {what} por {}. {}", one.by_name, one.reason)
            })
            .collect(),
        archive_reason: Field::text("motivo_archivo", "Motivo").max(300).from(posted, errors),
        blockable: file.clock.has_passed() && !held(file) && !blocked(file),
        block_reason: actor.may(Permission::Administer).then(|| {
            Field::text("motivo_bloqueo", "Motivo")
                .help("Sin datos clínicos: terminó su plazo, solicitud de cancelación y su folio")
                .max(300)
                .from(posted, errors)
        }),
        blocks: file.blocks.iter().map(|block| block_line(block, file)).collect(),
        open: if at("motivo_bloqueo") {
            "bloqueo"
        } else if at("motivo_retencion") || at("hasta") {
            "retencion"
        } else if at("motivo_archivo") {
            "archivo"
        } else {
            ""
        },
        id,
    }
}

fn held(file: &RetentionFile) -> bool {
    file.holds.iter().any(|hold| hold.holds_on(file.clock.today))
}

fn blocked(file: &RetentionFile) -> bool {
    file.blocks.iter().any(|block| block.lifted.is_none())
}

fn block_line(block: &Block, file: &RetentionFile) -> String {
    let when = |at| format::day_and_time(at, &file.zone, file.clock.today);
    let lifted = (block.lifted.as_ref())
        .map(|(by, at, reason)| format!(" Desbloqueado {} por {by}: {reason}", when(*at)))
        .unwrap_or_default();
    format!("{}: bloqueado por {}. {}.{lifted}", when(block.at), block.by_name, block.reason)
}

fn state(file: &RetentionFile) -> (&'static str, &'static str, String) {
    let held = held(file);
    match file.clock.keeps_until() {
        _ if held => ("state-to-sign", "lock", "Con retención legal".to_owned()),
        None => ("state-draft", "circle-help", "Sin acto médico firmado".to_owned()),
        Some(_) if file.clock.has_passed() => ("state-draft", "check", "Plazo terminado".to_owned()),
        Some(until) => ("state-signed", "lock", format!("Hasta el {}", format::long_date(until))),
    }
}

fn clock(file: &RetentionFile) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let none = || "Ninguno firmado todavía".to_owned();
    facts.push(("Último acto médico", file.clock.last_act.map_or_else(none, format::long_date)));
    facts.push(("Plazo del establecimiento", format!("{} años", file.clock.years.years())));
    facts.extend(file.clock.keeps_until().map(|day| ("Se conserva al menos hasta", format::long_date(day))));
    facts
}

fn hold_row(hold: &Hold, file: &RetentionFile) -> HoldRow {
    let when = |at| format::day_and_time(at, &file.zone, file.clock.today);
    let until = hold.until.map_or_else(
        || "hasta que se levante".to_owned(),
        |day| format!("hasta el {}", format::long_date(day)),
    );
    HoldRow {
        id: hold.id.to_string(),
        reason: hold.reason.clone(),
        about: format!("{}, {}; {until}", when(hold.at), hold.by_name),
        lifted: (hold.lifted.as_ref())
            .map(|(by, at, reason)| format!("Levantada {} por {by}: {reason}", when(*at)))
            .unwrap_or_default(),
    }
}

pub(super) async fn again(app: &App, form: &Form, id: PatientId, errors: &[FieldError]) -> Answer {
    let file = app.care.retention(&form.actor, id).await?;
    let page = page(&form.actor, &file, &form.posted, errors);
    to_correct(&page)
}

async fn after(app: &App, form: &Form, id: PatientId, done: Result<(), CareError>, said: &str) -> Answer {
    match done {
        Ok(()) => Ok(see(&format!("/pacientes/{id}/conservacion?aviso={said}"))),
        Err(CareError::Invalid(errors)) => again(app, form, id, &errors).await,
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /pacientes/{id}/conservacion/retencion`.
pub(crate) async fn hold(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    let (reason, until) = (form.posted.get("motivo_retencion"), form.posted.get("hasta"));
    let done = app.care.hold_record(&form.actor, id, reason, until).await;
    after(&app, &form, id, done, "retenido").await
}

/// `POST /retenciones/{id}/levantar`.
pub(crate) async fn lift(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id: HoldId = id.parse().map_err(|_| Outcome::not_found("la retención"))?;
    match app.care.lift_hold(&form.actor, id, form.posted.get("motivo")).await {
        Ok(patient) => Ok(see(&format!("/pacientes/{patient}/conservacion?aviso=retencion-levantada"))),
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /pacientes/{id}/conservacion/archivo`.
pub(crate) async fn archive(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    let done = app.care.archive_record(&form.actor, id, form.posted.get("motivo_archivo")).await;
    after(&app, &form, id, done, "archivado").await
}

/// `POST /pacientes/{id}/conservacion/regreso`.
pub(crate) async fn bring_back(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    let done = app.care.bring_back_record(&form.actor, id, form.posted.get("motivo_archivo")).await;
    after(&app, &form, id, done, "de-regreso").await
}

/// `POST /pacientes/{id}/conservacion/supresion`: answered, never done.
pub(crate) async fn ask_deletion(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = patient_id(&id)?;
    match app.care.ask_deletion(&form.actor, id).await {
        Ok(answer) => {
            let file = app.care.retention(&form.actor, id).await?;
            let mut page = page(&form.actor, &file, &Posted::default(), &[]);
            page.shell.notice = Some(Notice { tone: "bad", text: format!("{answer}."), link: None });
            Ok(render(&page)?)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /conservacion`.
pub(crate) async fn practice(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<ListQuery>,
) -> Answer {
    let found = app.care.practice_retention(&user.actor, query.page()).await?;
    let mut page = practice_page(&user.actor, &found, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn practice_page(
    actor: &Actor,
    found: &PracticeRetention,
    posted: &Posted,
    errors: &[FieldError],
) -> PracticeRetentionPage {
    let (total, page_count) = pages(found.total, care::chart::PAGE);
    let field = Field::text("anios", "Años que se conserva").width("w-10").mode("numeric").max(3);
    let field = if errors.is_empty() { field.value(found.years.years()) } else { field.from(posted, errors) };
    let opened = |patient: PatientId| {
        let opened = actor
            .opened
            .iter()
            .find(|one| one.patient == patient && one.reason == OpeningReason::LegalRequest)?;
        let until = format::time(opened.until, &found.zone);
        Some((record_address(actor, &patient.to_string()), format!("Abierto para usted hasta las {until}")))
    };
    PracticeRetentionPage {
        shell: shell(actor, Place::Rights),
        errors: ErrorSummary::new(errors),
        years: found.years.years(),
        years_field: actor.may(Permission::Administer).then_some(field),
        rows: found
            .past
            .iter()
            .map(|line| PastRow {
                id: line.patient.id.to_string(),
                name: line.patient.full_name(),
                record: line.patient.record_number.clone(),
                last_act: format::form_date(line.last_act),
                kept_until: format::form_date(line.kept_until),
                archived: line.archived,
            })
            .collect(),
        total,
        page: found.page as usize + 1,
        pages: page_count,
        holds: found
            .holds
            .iter()
            .map(|(hold, patient)| {
                let until = hold.until.map_or_else(
                    || "hasta que se levante".to_owned(),
                    |day| format!("hasta el {}", format::long_date(day)),
                );
                let address = format!("/pacientes/{}/conservacion#retenciones", patient.id);
                let name = format!("{}, expediente {}", patient.full_name(), patient.record_number);
                (address, name, format!("{}; {until}", hold.reason))
            })
            .collect(),
        blocked: found
            .blocked
            .iter()
            .map(|(block, patient)| {
                let when = format::day_and_time(block.at, &found.zone, found.today);
                BlockedRow {
                    id: block.id.to_string(),
                    name: format!("{}, expediente {}", patient.full_name(), patient.record_number),
                    about: format!("Bloqueado {when} por {}. {}", block.by_name, block.reason),
                    open: opened(patient.id),
                }
            })
            .collect(),
        lifts: actor.may(Permission::Administer),
        reads: actor.may(Permission::ReadRecord),
    }
}

/// `POST /conservacion`: the years of the practice.
pub(crate) async fn set_years(State(app): State<App>, form: Form) -> Answer {
    match app.care.set_retention_years(&form.actor, form.posted.get("anios")).await {
        Ok(()) => Ok(see("/conservacion?aviso=plazo")),
        Err(CareError::Invalid(errors)) => {
            let found = app.care.practice_retention(&form.actor, 0).await?;
            let page = practice_page(&form.actor, &found, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}
