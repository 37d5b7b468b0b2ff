//! How complete what was signed is: of one record, and of each professional.

use axum::extract::{Path, State};
use clinical::allergy::AllergyStatus;
use nom004::Compliance;

use super::patients::patient_id;
use super::{Answer, patient_bar, render, shell};
use crate::session::SignedIn;
use crate::views::compliance::{ProfessionalsPage, RecordPage, Score};
use crate::views::shell::{AllergyLine, Extra, Place};
use crate::{App, format};

/// `GET /pacientes/{id}/cumplimiento`.
pub(crate) async fn record(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let found = app.care.record_compliance(&user.actor, patient_id(&id)?).await?;
    let mut bar = patient_bar(
        &user.actor,
        &found.patient,
        &AllergyStatus::NotAsked,
        found.at,
        &found.zone,
        Extra::Nothing,
    );
    bar.allergies = AllergyLine::Hidden;
    Ok(render(&RecordPage {
        shell: shell(&user.actor, Place::Patients),
        patient: bar,
        score: score(&found.compliance, found.documents),
        at: format::long_date(format::day(found.at, &found.zone)),
    })?)
}

/// `GET /cumplimiento`.
pub(crate) async fn professionals(State(app): State<App>, user: SignedIn) -> Answer {
    let found = app.care.compliance_by_professional(&user.actor).await?;
    let professionals = found.into_iter().map(|one| (one.name, score(&one.compliance, one.documents)));
    Ok(render(&ProfessionalsPage {
        shell: shell(&user.actor, Place::Audit),
        professionals: professionals.collect(),
        days: care::compliance::DAYS,
    })?)
}

fn score(compliance: &Compliance, documents: usize) -> Score {
    Score { documents, total: compliance.total(), domains: compliance.domains() }
}
