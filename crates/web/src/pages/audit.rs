//! The bitácora.

use axum::extract::{Query, State};
use care::audit::{AuditFilter, PAGE};
use clinical::audit::AuditAction;
use serde::Deserialize;

use super::{Answer, pages, render, shell};
use crate::session::SignedIn;
use crate::views::audit::{AuditPage, AuditRow};
use crate::views::form::Choice;
use crate::views::shell::Place;
use crate::{App, format, labels};

/// The filters, as the address carries them.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct LogQuery {
    #[serde(default)]
    acto: String,
    #[serde(default)]
    paciente: String,
    #[serde(default)]
    pagina: Option<u32>,
}

/// `GET /bitacora`.
pub(crate) async fn log(State(app): State<App>, user: SignedIn, Query(query): Query<LogQuery>) -> Answer {
    let filter = AuditFilter {
        patient_id: query.paciente.parse().ok(),
        action: AuditAction::from_code(&query.acto),
        ..AuditFilter::default()
    };
    let page = query.pagina.unwrap_or(1).clamp(1, 1_000_000) - 1;
    let found = app.care.audit_events(&user.actor, &filter, page).await?;
    let zone = app.care.establishment().await?.map(|e| e.time_zone);
    let zone = care::zone(zone.as_deref().unwrap_or(care::DEFAULT_ZONE));
    let today = format::day(app.care.now(), &zone);
    let (total, page_count) = pages(found.total, PAGE);
    let mut acts = vec![(String::new(), "Todos los actos".to_owned())];
    acts.extend(AuditAction::ALL.iter().map(|action| (action.code().to_owned(), action.label().to_owned())));
    let rows = found.events.iter().map(|(event, who)| AuditRow {
        sequence: event.sequence,
        when: format::day_and_time(event.at, &zone, today),
        who: who.clone(),
        action: event.action.label(),
        entity: labels::entity(&event.entity).to_owned(),
        patient: event.patient_id.map(|id| id.to_string()).unwrap_or_default(),
        origin: event.origin.clone(),
        reason: event.reason.clone().unwrap_or_default(),
    });
    Ok(render(&AuditPage {
        rows: rows.collect(),
        shell: shell(&user.actor, Place::Audit),
        action: Choice::new("acto", "Acto", acts)
            .value(filter.action.map(AuditAction::code).unwrap_or_default()),
        patient: filter.patient_id.map(|id| id.to_string()).unwrap_or_default(),
        current: filter.action.map(AuditAction::code).unwrap_or_default().to_owned(),
        total,
        page: page as usize + 1,
        pages: page_count,
    })?)
}
