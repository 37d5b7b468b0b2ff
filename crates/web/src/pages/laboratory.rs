//! Resultados: the reports, typing one, bringing a file after a preview, correcting and withdrawing.

use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use care::error::FieldError;
use care::laboratory::{LabReports, LabResultView, PAGE, ROWS, ReportForm, RowForm};
use care::results_file::{Arrival, ResultsPreview};
use care::{Actor, CareError, Permission};
use clinical::ids::{LabResultId, PatientId};
use clinical::laboratory::{LabResult, Mark, ResultState, TakenAt};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::{LabReportEntry, LabResultEntry};

use super::patients::patient_id;
use super::{Answer, ListQuery, notice, pages, patient_bar, render, see, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::upload;
use crate::views::form::{Check, ErrorSummary, Field, Posted};
use crate::views::laboratory::{
    MarkView, NewResultsPage, PreviewPage, ReportView, ResultPage, ResultRow, ResultsPage, RowInput,
    UploadResultsPage,
};
use crate::views::shell::{Extra, PatientBar, Place};
use crate::{App, format};

/// Most bytes of a request that brings a file with results.
pub(crate) const UPLOAD_LIMIT: usize = upload::request_limit(results::MAX_BYTES);

fn result_id(text: &str) -> Result<LabResultId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("el resultado"))
}

/// `GET /pacientes/{id}/resultados`.
pub(crate) async fn list(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let found = app.care.lab_reports(&user.actor, patient_id(&id)?, query.page()).await?;
    let (total, page_count) = pages(found.total, PAGE);
    let writes = user.actor.may(Permission::WriteRecord);
    let mut shell = shell(&user.actor, Place::Patients);
    shell.notice = notice(&query.aviso);
    let today = format::day(found.now, &found.zone);
    Ok(render(&ResultsPage {
        shell,
        patient: bar(&user.actor, &found),
        reports: found.entries.iter().map(|entry| report(entry, writes, &found.zone, today)).collect(),
        total,
        page: found.page as usize + 1,
        pages: page_count,
        writes,
    })?)
}

fn bar(actor: &Actor, found: &LabReports) -> PatientBar {
    patient_bar(actor, &found.patient, &found.allergies, found.now, &found.zone, Extra::Nothing)
}

fn report(entry: &LabReportEntry, writes: bool, zone: &TimeZone, today: Date) -> ReportView {
    let own = &entry.report;
    let brought = format::day_and_time(own.recorded_at, zone, today);
    let mut about: Vec<String> = own.laboratory.iter().cloned().collect();
    about.push(format!("{} por {}, {brought}", own.source.label(), entry.recorded_by_name));
    ReportView {
        id: format!("r-{}", own.id),
        title: own.panel.clone().unwrap_or_else(|| "Resultados".to_owned()),
        taken: taken(own.taken),
        about: about.join(". "),
        rows: entry.results.iter().map(|result| version(result, writes, zone, today)).collect(),
    }
}

/// "9 de marzo de 2026, 07:40".
pub(super) fn taken(taken: TakenAt) -> String {
    let day = format::long_date(taken.day);
    taken.time.map_or(day.clone(), |time| format!("{day}, {:02}:{:02}", time.hour(), time.minute()))
}

fn version(entry: &LabResultEntry, writes: bool, zone: &TimeZone, today: Date) -> ResultRow {
    let mut row = row(&entry.result);
    row.struck = !entry.counts();
    if writes && entry.counts() {
        row.href = format!("/resultados/{}", entry.id);
    }
    let when = || format::day_and_time(entry.recorded_at, zone, today);
    let reason = entry.reason.as_deref().unwrap_or_default();
    row.note = match entry.state {
        ResultState::Corrected => format!("Corregido por {}, {}: {reason}", entry.recorded_by_name, when()),
        ResultState::Withdrawn => format!("Retirado por {}, {}: {reason}", entry.recorded_by_name, when()),
        ResultState::Final => String::new(),
    };
    if entry.superseded_by.is_some() {
        row.note = format!("Versión anterior. {}", row.note).trim().to_owned();
    }
    row
}

fn row(result: &LabResult) -> ResultRow {
    ResultRow {
        href: String::new(),
        analyte: result.analyte.clone(),
        value: result.value.to_string(),
        unit: result.unit.clone().unwrap_or_default(),
        range: result.range.as_ref().map(|range| range.printed.clone()).unwrap_or_default(),
        mark: result.mark().map(mark),
        comment: result.comment.clone().unwrap_or_default(),
        note: String::new(),
        struck: false,
    }
}

/// Class, icon and word of a mark.
pub(super) fn mark(mark: Mark) -> MarkView {
    let (class, icon) = match mark {
        Mark::Low => ("mark-out", "arrow-down"),
        Mark::High => ("mark-out", "arrow-up"),
        Mark::CriticalLow | Mark::CriticalHigh => ("mark-critical", "octagon-alert"),
        Mark::Abnormal => ("mark-out", "triangle-alert"),
    };
    (class, icon, mark.label())
}

/// `GET /pacientes/{id}/resultados/nuevo`.
pub(crate) async fn new_form(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let found = may_write(&app, &user.actor, patient_id(&id)?).await?;
    Ok(render(&new_page(&user.actor, &found, &Posted::default(), &[]))?)
}

/// The record, for who may write in it.
async fn may_write(app: &App, actor: &Actor, patient: PatientId) -> Result<LabReports, Outcome> {
    if !actor.may(Permission::WriteRecord) {
        return Err(CareError::Denied { message: actor.refusal(Permission::WriteRecord) }.into());
    }
    Ok(app.care.lab_reports(actor, patient, 0).await?)
}

fn new_page(actor: &Actor, found: &LabReports, posted: &Posted, errors: &[FieldError]) -> NewResultsPage {
    let cells = cells(posted);
    let rows = ROWS.iter().enumerate().map(|(i, id)| {
        let own = cells.get(i).cloned().unwrap_or_default();
        RowInput {
            number: i + 1,
            id,
            analyte: own.analyte,
            value: own.value,
            unit: own.unit,
            range: own.range,
            error: errors.iter().find(|error| error.field == *id).map(|error| error.message.clone()),
        }
    });
    NewResultsPage {
        shell: shell(actor, Place::Patients),
        patient: bar(actor, found),
        errors: ErrorSummary::new(errors),
        fields: vec![
            Field::text("fecha", "Fecha de la toma").help("Día/mes/año").from(posted, errors),
            Field::text("hora", "Hora de la toma").help("Por ejemplo 07:40").optional().from(posted, errors),
            Field::text("laboratorio", "Laboratorio").max(300).optional().from(posted, errors),
            Field::text("grupo", "Grupo de estudios")
                .help("Por ejemplo: Química sanguínea")
                .max(300)
                .optional()
                .from(posted, errors),
        ],
        rows: rows.collect(),
    }
}

/// The rows as posted: each column's fields come in the order of the rows.
fn cells(posted: &Posted) -> Vec<RowForm> {
    let column = |name: &str| -> Vec<String> {
        posted.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    };
    let columns = ["estudio", "resultado", "unidad", "referencia"].map(column);
    let count = columns.iter().map(Vec::len).max().unwrap_or_default().min(ROWS.len());
    let cell = |column: usize, row: usize| {
        columns.get(column).and_then(|cells| cells.get(row)).cloned().unwrap_or_default()
    };
    (0..count)
        .map(|row| RowForm {
            analyte: cell(0, row),
            value: cell(1, row),
            unit: cell(2, row),
            range: cell(3, row),
        })
        .collect()
}

/// `POST /pacientes/{id}/resultados/nuevo`.
pub(crate) async fn add(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let patient = patient_id(&id)?;
    let posted = &form.posted;
    let report = ReportForm {
        day: posted.get("fecha").to_owned(),
        time: posted.get("hora").to_owned(),
        laboratory: posted.get("laboratorio").to_owned(),
        panel: posted.get("grupo").to_owned(),
        rows: cells(posted),
    };
    match app.care.add_lab_report(&form.actor, patient, &report).await {
        Ok(_) => Ok(see(&format!("/pacientes/{patient}/resultados?aviso=resultados"))),
        Err(CareError::Invalid(errors)) => {
            let found = app.care.lab_reports(&form.actor, patient, 0).await?;
            let page = render(&new_page(&form.actor, &found, posted, &errors))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /pacientes/{id}/resultados/subir`.
pub(crate) async fn upload_form(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let found = may_write(&app, &user.actor, patient_id(&id)?).await?;
    Ok(render(&upload_page(&user.actor, &found, &[]))?)
}

fn upload_page(actor: &Actor, found: &LabReports, errors: &[FieldError]) -> UploadResultsPage {
    UploadResultsPage {
        shell: shell(actor, Place::Patients),
        patient: bar(actor, found),
        errors: ErrorSummary::new(errors),
        most_bytes: results::MAX_BYTES,
    }
}

/// `POST /pacientes/{id}/resultados/subir`: what the file would bring; nothing is saved yet.
pub(crate) async fn preview(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let patient = patient_id(&id)?;
    let read = match upload::read(&app, &user.actor, request, results::MAX_BYTES).await {
        Ok(read) => read,
        Err(response) => return Ok(response),
    };
    let Some(content) = read.content else {
        let most = results::MAX_BYTES / 1024;
        let message = format!("El archivo pesa más de {most} kB; divídalo en varios");
        let errors = [FieldError::new("archivo", message)];
        return refused(&app, &user.actor, patient, &errors, StatusCode::PAYLOAD_TOO_LARGE).await;
    };
    match app.care.preview_results(&user.actor, patient, &content).await {
        Ok(preview) => Ok(render(&preview_page(&user.actor, &preview, &[]))?),
        Err(CareError::Invalid(errors)) => {
            refused(&app, &user.actor, patient, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn refused(
    app: &App,
    actor: &Actor,
    patient: PatientId,
    errors: &[FieldError],
    status: StatusCode,
) -> Answer {
    let found = may_write(app, actor, patient).await?;
    Ok((status, render(&upload_page(actor, &found, errors))?).into_response())
}

fn preview_page(actor: &Actor, preview: &ResultsPreview, errors: &[FieldError]) -> PreviewPage {
    let reports = preview.reports.iter().enumerate().map(|(i, planned)| {
        let rows = planned.report.results.iter().zip(&planned.arrivals).map(|(incoming, arrival)| {
            let mut row = row(&incoming.result);
            row.note = match arrival {
                Arrival::New => String::new(),
                Arrival::Known => "Ya estaba guardado; se omite".to_owned(),
                Arrival::Replaces { old, .. } => {
                    format!("El laboratorio corrige {old}; el anterior queda tachado")
                }
            };
            row.struck = *arrival == Arrival::Known;
            row
        });
        ReportView {
            id: format!("r-{i}"),
            title: planned.report.panel.clone().unwrap_or_else(|| "Resultados".to_owned()),
            taken: taken(planned.report.taken),
            about: planned.report.laboratory.clone().unwrap_or_default(),
            rows: rows.collect(),
        }
    });
    let confirm = "Comparé los datos: los resultados son de este paciente";
    PreviewPage {
        shell: shell(actor, Place::Patients),
        patient: patient_bar(
            actor,
            &preview.patient,
            &preview.allergies,
            preview.now,
            &preview.zone,
            Extra::Nothing,
        ),
        errors: ErrorSummary::new(errors),
        reports: reports.collect(),
        notes: preview.notes.clone(),
        mismatches: preview.mismatches.iter().map(|m| (m.what, m.file.clone(), m.record.clone())).collect(),
        confirm: Check::new("confirmado", confirm, false).help("Queda en la bitácora que usted lo confirmó"),
        to_save: preview.to_save(),
        text: preview.text.clone(),
    }
}

/// `POST /pacientes/{id}/resultados/guardar`: the file that was previewed, confirmed.
pub(crate) async fn import(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let patient = patient_id(&id)?;
    let text = form.posted.get("texto");
    match app.care.import_results(&form.actor, patient, text, form.posted.ticked("confirmado")).await {
        Ok(_) => Ok(see(&format!("/pacientes/{patient}/resultados?aviso=resultados"))),
        Err(CareError::Invalid(errors)) => {
            let page = match app.care.preview_results(&form.actor, patient, text.as_bytes()).await {
                Ok(preview) => render(&preview_page(&form.actor, &preview, &errors))?,
                Err(_) => {
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    return refused(&app, &form.actor, patient, &errors, status).await;
                }
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /resultados/{id}`.
pub(crate) async fn show(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let view = app.care.lab_result(&user.actor, result_id(&id)?).await?;
    if !user.actor.may(Permission::WriteRecord) || !view.entry.counts() {
        return Ok(see(&format!("/pacientes/{}/resultados", view.report.patient_id)));
    }
    let own = RowForm::of(&view.entry.result);
    let posted = Posted::default()
        .with("estudio", own.analyte)
        .with("resultado", own.value)
        .with("unidad", own.unit)
        .with("referencia", own.range);
    Ok(render(&result_page(&user.actor, &view, &posted, &[]))?)
}

fn result_page(actor: &Actor, view: &LabResultView, posted: &Posted, errors: &[FieldError]) -> ResultPage {
    let field = |name, label| Field::text(name, label).max(300).from(posted, errors);
    ResultPage {
        shell: shell(actor, Place::Patients),
        patient: patient_bar(actor, &view.patient, &view.allergies, view.now, &view.zone, Extra::Nothing),
        id: view.entry.id.to_string(),
        title: format!("{}, {}", view.entry.result.analyte, taken(view.report.taken)),
        errors: ErrorSummary::new(errors),
        fields: vec![
            field("estudio", "Estudio"),
            field("resultado", "Resultado"),
            field("unidad", "Unidad").optional(),
            field("referencia", "Referencia").optional(),
            field("motivo", "Motivo de la corrección"),
        ],
        withdraw: field("motivo_retiro", "Motivo"),
    }
}

/// `POST /resultados/{id}/corregir`.
pub(crate) async fn correct(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let posted = &form.posted;
    let row = RowForm {
        analyte: posted.get("estudio").to_owned(),
        value: posted.get("resultado").to_owned(),
        unit: posted.get("unidad").to_owned(),
        range: posted.get("referencia").to_owned(),
    };
    let id = result_id(&id)?;
    let done = app.care.correct_lab_result(&form.actor, id, &row, posted.get("motivo")).await;
    changed(&app, &form, id, done, "resultado-corregido").await
}

/// `POST /resultados/{id}/retirar`.
pub(crate) async fn withdraw(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = result_id(&id)?;
    let done = app.care.withdraw_lab_result(&form.actor, id, form.posted.get("motivo_retiro")).await;
    changed(&app, &form, id, done, "resultado-retirado").await
}

async fn changed(
    app: &App,
    form: &Form,
    id: LabResultId,
    done: Result<PatientId, CareError>,
    said: &str,
) -> Answer {
    match done {
        Ok(patient) => Ok(see(&format!("/pacientes/{patient}/resultados?aviso={said}"))),
        Err(CareError::Invalid(errors)) => {
            let view = app.care.lab_result(&form.actor, id).await?;
            let page = render(&result_page(&form.actor, &view, &form.posted, &errors))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(form.failed(error)),
    }
}
