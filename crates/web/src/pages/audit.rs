//! The bitácora: read, exported, and the list of who saw a record that is printed for its patient.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use care::audit::{AccessList, AuditFilter, AuditForm, AuditFormat, PAGE, entity_label};
use care::error::FieldError;
use care::{Actor, CareError};
use clinical::audit::{AuditAction, AuditEvent};
use serde::Deserialize;

use super::patients::patient_id;
use super::{Answer, encode, own_password, pages, render, shell, to_correct, to_mend};
use crate::session::{Form, SignedIn};
use crate::views::audit::{AccessPage, AccessRow, AuditPage, AuditRow};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::views::transfer::TakeOutPage;
use crate::{App, format};

/// The filters, as the address carries them.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct LogQuery {
    #[serde(default)]
    persona: String,
    #[serde(default)]
    acto: String,
    #[serde(default)]
    expediente: String,
    #[serde(default)]
    desde: String,
    #[serde(default)]
    hasta: String,
    #[serde(default)]
    pagina: Option<u32>,
}

impl LogQuery {
    fn form(&self) -> AuditForm {
        AuditForm {
            person: self.persona.clone(),
            action: self.acto.clone(),
            record: self.expediente.clone(),
            from: self.desde.clone(),
            until: self.hasta.clone(),
        }
    }

    fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("persona", &self.persona),
            ("acto", &self.acto),
            ("expediente", &self.expediente),
            ("desde", &self.desde),
            ("hasta", &self.hasta),
        ]
    }

    /// The filters once more as the query of an address; empty without any.
    fn again(&self) -> String {
        let filled = self.fields().into_iter().filter(|(_, value)| !value.trim().is_empty());
        let parts: Vec<String> = filled.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        parts.join("&")
    }
}

/// `GET /bitacora`.
pub(crate) async fn log(State(app): State<App>, user: SignedIn, Query(query): Query<LogQuery>) -> Answer {
    let (filter, errors) = match app.care.audit_filter(&user.actor, &query.form()).await {
        Ok(filter) => (filter, Vec::new()),
        Err(CareError::Invalid(errors)) => (AuditFilter::default(), errors),
        Err(error) => return Err(error.into()),
    };
    let page = query.pagina.unwrap_or(1).clamp(1, 1_000_000) - 1;
    let found = app.care.audit_events(&user.actor, &filter, page).await?;
    let zone = app.care.establishment().await?.map(|e| e.time_zone);
    let zone = care::zone(zone.as_deref().unwrap_or(care::DEFAULT_ZONE));
    let today = format::day(app.care.now(), &zone);
    let (total, page_count) = pages(found.total, PAGE);
    let rows = found.events.iter().map(|(event, who)| AuditRow {
        sequence: event.sequence,
        when: format::day_and_time(event.at, &zone, today),
        who: who.clone(),
        action: event.action.label(),
        entity: entity_label(&event.entity).to_owned(),
        record: event.patient_id.and_then(|id| found.records.get(&id)).cloned().unwrap_or_default(),
        origin: event.origin.clone(),
        reason: event.reason.clone().unwrap_or_default(),
    });
    let (fields, choices) = filters(&query, &found.people, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AuditPage {
        rows: rows.collect(),
        shell: shell(&user.actor, Place::Audit),
        fields,
        choices,
        errors: ErrorSummary::new(&errors),
        query: query.again(),
        to_review: usize::try_from(found.to_review).unwrap_or_default(),
        patient: filter.patient_id.map(|id| id.to_string()),
        total,
        page: page as usize + 1,
        pages: page_count,
    };
    Ok((status, render(&page)?).into_response())
}

fn filters(
    query: &LogQuery,
    people: &[(clinical::ids::UserId, String)],
    errors: &[FieldError],
) -> (Vec<Field>, Vec<Choice>) {
    let posted =
        query.fields().into_iter().fold(Posted::default(), |posted, (name, value)| posted.with(name, value));
    let mut who = vec![(String::new(), "Todas".to_owned())];
    who.extend(people.iter().map(|(id, name)| (id.to_string(), name.clone())));
    let mut acts = vec![(String::new(), "Todos los actos".to_owned())];
    acts.extend(AuditAction::ALL.iter().map(|action| (action.code().to_owned(), action.label().to_owned())));
    let fields = vec![
        Field::text("desde", "Desde").help("día/mes/año").from(&posted, errors),
        Field::text("hasta", "Hasta").help("día/mes/año").from(&posted, errors),
        Field::text("expediente", "Expediente")
            .help("Número del paciente")
            .mode("numeric")
            .max(20)
            .from(&posted, errors),
    ];
    let choices = vec![
        Choice::new("persona", "Persona", who).from(&posted, errors),
        Choice::new("acto", "Acto", acts).from(&posted, errors),
    ];
    (fields, choices)
}

/// `GET /bitacora/exportar`: asks for the password before the events leave.
pub(crate) async fn export_form(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<LogQuery>,
) -> Answer {
    app.care.audit_filter(&user.actor, &query.form()).await?;
    Ok(render(&take_out(&user.actor, &query, &[]))?)
}

fn take_out(actor: &Actor, query: &LogQuery, errors: &[FieldError]) -> TakeOutPage {
    let again = query.again();
    TakeOutPage {
        shell: shell(actor, Place::Audit),
        what: "Exportar la bitácora",
        about: "Los movimientos que muestra el filtro, en una tabla CSV. Que usted la exportó queda en la bitácora.",
        action: format!("/bitacora/exportar?{again}"),
        back: (format!("/bitacora?{again}"), "Bitácora"),
        errors: ErrorSummary::new(errors),
        password: own_password(errors),
    }
}

/// `POST /bitacora/exportar`: the same events as CSV, a piece at a time.
pub(crate) async fn export(State(app): State<App>, Query(query): Query<LogQuery>, form: Form) -> Answer {
    let filter = app.care.audit_filter(&form.actor, &query.form()).await?;
    let password = form.posted.get("contrasena").to_owned();
    let export = match app.care.export_audit(&form.actor, &filter, AuditFormat::Csv, password).await {
        Ok(export) => export,
        Err(error) => return to_correct(&take_out(&form.actor, &query, &to_mend(error)?)),
    };
    let pieces = futures_util::stream::try_unfold(export, async |mut export| {
        let piece = export.next().await?;
        Ok::<_, CareError>(piece.map(|text| (text, export)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"bitacora.csv\""),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// `GET /bitacora/paciente/{id}`: who saw the record, for its patient.
pub(crate) async fn access_list(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<LogQuery>,
) -> Answer {
    let patient = patient_id(&id)?;
    // Only the days: a list for the patient leaves nobody out.
    let days = AuditForm { from: query.desde.clone(), until: query.hasta.clone(), ..AuditForm::default() };
    let filter = app.care.audit_filter(&user.actor, &days).await?;
    let list = app.care.access_list(&user.actor, patient, &filter).await?;
    let today = format::day(list.now, &list.zone);
    Ok(render(&AccessPage {
        shell: shell(&user.actor, Place::Audit),
        letterhead: letterhead(&list),
        patient: list.patient.full_name(),
        record: list.patient.record_number.clone(),
        made: format!("{}, {}", format::long_date(today), format::time(list.now, &list.zone)),
        between: between(&query),
        rows: list.events.iter().map(|(event, who)| row(&list, event, who)).collect(),
        left_out: usize::try_from(list.total).unwrap_or_default().saturating_sub(list.events.len()),
    })?)
}

fn letterhead(list: &AccessList) -> Vec<String> {
    let Some(establishment) = &list.establishment else { return Vec::new() };
    vec![establishment.name.clone(), establishment.address.clone()]
}

/// "del 01/03/2026 al 09/03/2026", or nothing when the list is not limited.
fn between(query: &LogQuery) -> String {
    match (query.desde.trim(), query.hasta.trim()) {
        ("", "") => String::new(),
        (from, "") => format!("desde el {from}"),
        ("", until) => format!("hasta el {until}"),
        (from, until) => format!("del {from} al {until}"),
    }
}

fn row(list: &AccessList, event: &AuditEvent, who: &str) -> AccessRow {
    let day = format::form_date(format::day(event.at, &list.zone));
    AccessRow {
        when: format!("{day} {}", format::time(event.at, &list.zone)),
        who: who.to_owned(),
        what: format!("{}: {}", event.action.label(), entity_label(&event.entity)),
        reason: event.reason.clone().unwrap_or_default(),
    }
}
