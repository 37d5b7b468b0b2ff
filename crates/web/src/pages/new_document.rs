//! Choosing which document of the record to write.

use axum::extract::{Path, State};
use care::error::FieldError;
use care::{Actor, CareError};
use clinical::document::DocumentKind;
use clinical::ids::PatientId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nom004::Service;

use super::consultation::page_of;
use super::patients::patient_id;
use super::{Answer, patient_bar, render, see, shell, to_correct};
use crate::App;
use crate::session::{Form, SignedIn};
use crate::views::form::{ErrorSummary, Field, Posted};
use crate::views::new_document::{NewDocumentPage, Offered};
use crate::views::shell::{Extra, Place};

/// `GET /pacientes/{id}/documentos/nuevo`.
pub(crate) async fn choose(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let page = page(&app, &user.actor, patient_id(&id)?, &Posted::default(), &[]).await?;
    Ok(render(&page)?)
}

async fn page(
    app: &App,
    actor: &Actor,
    id: PatientId,
    posted: &Posted,
    errors: &[FieldError],
) -> Result<NewDocumentPage, CareError> {
    let chart = app.care.chart(actor, id, 0).await?;
    let status = chart.summary.allergy_status();
    let services = Service::CHOSEN.into_iter().map(|service| {
        let fitting = nom004::definitions().iter();
        let fitting = fitting.filter(|d| d.service == service && actor.may_draft(d));
        let offered = fitting.map(|definition| Offered {
            code: definition.kind.code().to_owned(),
            title: &definition.title,
            when: &definition.when,
            numeral: definition.numeral.as_deref(),
        });
        (service.label(), offered.collect::<Vec<_>>())
    });
    Ok(NewDocumentPage {
        shell: shell(actor, Place::Patients),
        patient: patient_bar(actor, &chart.patient, &status, chart.now, &chart.zone, Extra::Nothing),
        services: services.filter(|(_, documents)| !documents.is_empty()).collect(),
        when: [
            Field::date("fecha", "Fecha del acto").optional().from(posted, errors),
            Field::time("hora", "Hora del acto").optional().from(posted, errors),
        ],
        late: !errors.is_empty(),
        errors: ErrorSummary::new(errors),
    })
}

/// `POST /pacientes/{id}/documentos/nuevo`.
pub(crate) async fn start(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let patient = patient_id(&id)?;
    let kind = DocumentKind::from_code(form.posted.get("documento"));
    let kind = kind.ok_or_else(|| form.failed(CareError::NotFound { what: "ese documento" }))?;
    let zone = app.care.zone(&form.actor).await.map_err(|error| form.failed(error))?;
    let started = match act_time(&form.posted, &zone) {
        Ok(act_at) => app.care.start_document(&form.actor, patient, kind, act_at).await,
        Err(error) => Err(CareError::Invalid(vec![error])),
    };
    match started {
        Ok(encounter) => Ok(see(&page_of(encounter, kind))),
        Err(CareError::Invalid(errors)) => {
            let page = page(&app, &form.actor, patient, &form.posted, &errors).await;
            let page = page.map_err(|error| form.failed(error))?;
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// When the act happened, if it was not now.
fn act_time(posted: &Posted, zone: &TimeZone) -> Result<Option<Timestamp>, FieldError> {
    let (day, time) = match (posted.filled("fecha"), posted.filled("hora")) {
        (None, None) => return Ok(None),
        (Some(day), Some(time)) => (day, time),
        (Some(_), None) => return Err(FieldError::new("hora", "Escriba también la hora, por ejemplo 14:30")),
        (None, Some(_)) => return Err(FieldError::new("fecha", "Escriba también la fecha")),
    };
    let day: jiff::civil::Date = day.parse().map_err(|_| {
        FieldError::new("fecha", "Escriba la fecha con día, mes y año, por ejemplo 25/11/2026")
    })?;
    let time: jiff::civil::Time =
        time.parse().map_err(|_| FieldError::new("hora", "Escriba la hora, por ejemplo 14:30"))?;
    day.to_datetime(time)
        .to_zoned_datetime(zone.clone())
        .map(|at| Some(at.timestamp()))
        .map_err(|_| FieldError::new("hora", "Ese día no tuvo esa hora: revísela"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_an_act_is_whole_or_absent() {
        let zone = care::zone("America/Mexico_City");
        let posted = |day: &str, time: &str| Posted::default().with("fecha", day).with("hora", time);
        assert_eq!(act_time(&posted("", ""), &zone).unwrap(), None);
        let at = act_time(&posted("2026-03-09", "10:20"), &zone).unwrap().unwrap();
        assert_eq!(at.to_string(), "2026-03-09T16:20:00Z");
        assert_eq!(act_time(&posted("2026-03-09", ""), &zone).unwrap_err().field, "hora");
        assert_eq!(act_time(&posted("", "10:20"), &zone).unwrap_err().field, "fecha");
        assert_eq!(act_time(&posted("ayer", "10:20"), &zone).unwrap_err().field, "fecha");
        assert_eq!(act_time(&posted("2026-03-09", "25:00"), &zone).unwrap_err().field, "hora");
    }
}
