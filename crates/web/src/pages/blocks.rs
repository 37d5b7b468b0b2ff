//! Bloqueo: a record past its time is blocked in two steps, unblocked, or opened for a legal request.

use axum::extract::{Path, State};
use care::CareError;
use clinical::ids::BlockId;

use super::patients::{about, patient_id, record_address};
use super::retention::again;
use super::{Answer, render, see, shell};
use crate::outcome::Outcome;
use crate::session::Form;
use crate::views::keeping::BlockPage;
use crate::views::shell::Place;
use crate::{App, format};

fn block_id(text: &str) -> Result<BlockId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("ese bloqueo"))
}

/// `POST /pacientes/{id}/conservacion/bloqueo`: first what it means, then, confirmed, the block.
pub(crate) async fn block(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let (id, actor) = (patient_id(&id)?, &form.actor);
    let reason = form.posted.get("motivo_bloqueo");
    if form.posted.ticked("confirmado") {
        return match app.care.block_record(actor, id, reason).await {
            Ok(()) => Ok(see("/conservacion?aviso=bloqueado#bloqueados")),
            Err(CareError::Invalid(errors)) => again(&app, &form, id, &errors).await,
            Err(error) => Err(form.failed(error)),
        };
    }
    let plan = match app.care.plan_block(actor, id, reason).await {
        Ok(plan) => plan,
        Err(CareError::Invalid(errors)) => return again(&app, &form, id, &errors).await,
        Err(error) => return Err(form.failed(error)),
    };
    let mut facts = vec![("Motivo", plan.reason.clone())];
    facts.extend(plan.clock.last_act.map(|day| ("Último acto médico", format::long_date(day))));
    facts.extend(plan.clock.keeps_until().map(|day| ("Se conservó hasta", format::long_date(day))));
    let page = BlockPage {
        shell: shell(actor, Place::Rights),
        id: plan.patient.id.to_string(),
        name: plan.patient.full_name(),
        about: about(&plan.patient, plan.clock.today),
        facts,
        reason: plan.reason,
    };
    Ok(render(&page)?)
}

/// `POST /bloqueos/{id}/levantar`.
pub(crate) async fn lift(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let lifted = app.care.lift_block(&form.actor, block_id(&id)?, form.posted.get("motivo")).await;
    let patient = lifted.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/pacientes/{patient}/conservacion?aviso=desbloqueado")))
}

/// `POST /bloqueos/{id}/abrir`: for a legal request.
pub(crate) async fn open(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let opened = app.care.open_blocked(&form.actor, block_id(&id)?, form.posted.get("requerimiento")).await;
    let patient = opened.map_err(|error| form.failed(error))?;
    Ok(see(&record_address(&form.actor, &patient.to_string())))
}
