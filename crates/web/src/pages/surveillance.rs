//! Vigilancia epidemiológica: the week's new cases in the columns of the form, and what is to be told at once.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use care::CareError;
use care::figures::surveillance::{CHANNELS, DiseaseCount, NoticeForm, SurveilledCase, WeekReport};
use clinical::ids::DocumentId;
use figures::epidemiology::AgeGroup;
use figures::tellable;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::{Answer, encode, notice, render, see, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::views::form::{ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::views::surveillance::{CaseView, DiseaseRow, SurveillancePage, UntoldView};
use crate::{App, format};

/// Which week, and what has just happened.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct WeekQuery {
    /// A day of it.
    #[serde(default)]
    dia: String,
    #[serde(default)]
    aviso: String,
}

/// `GET /tableros/epidemiologia`.
pub(crate) async fn week(State(app): State<App>, user: SignedIn, Query(query): Query<WeekQuery>) -> Answer {
    let (report, errors) = match app.care.surveillance(&user.actor, &query.dia).await {
        Ok(report) => (report, Vec::new()),
        Err(CareError::Invalid(errors)) => (app.care.surveillance(&user.actor, "").await?, errors),
        Err(error) => return Err(error.into()),
    };
    let first = report.week.first();
    let near = |days: i64| first.checked_add(days.days()).map_or_else(|_| String::new(), in_address);
    let posted = Posted::default()
        .with("dia", if errors.is_empty() { format::form_date(first) } else { query.dia.clone() });
    let (year, number) = report.week.number();
    let mut frame = shell(&user.actor, Place::Boards);
    frame.notice = notice(&query.aviso);
    let total: i64 = report.counts.iter().map(DiseaseCount::all).sum();
    let now = app.care.now();
    let page = SurveillancePage {
        shell: frame,
        tab: "epidemiologia",
        days: format!(
            "Semana {number} de {year}, del {} al {}",
            format::long_date(first),
            format::long_date(report.week.last())
        ),
        errors: ErrorSummary::new(&errors),
        waits: report.waits,
        untold: untold(&report.open, report.reports, now, &report.zone, ""),
        reports: report.reports,
        day: Field::text("dia", "Un día de la semana").help("día/mes/año").from(&posted, &errors),
        before: near(-7),
        after: near(7),
        own: near(0),
        lead: lead(&report, total),
        ages: &AgeGroup::LABELS,
        rows: report.counts.iter().map(|count| row(count, report.lists)).collect(),
        others: report.lists && report.counts.iter().any(|count| count.by_sex()[2] > 0),
        lists: report.lists,
        cases: report.cases.iter().map(|case| case_view(case, now, &report.zone)).collect(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, render(&page)?).into_response())
}

fn in_address(day: Date) -> String {
    encode(&format::form_date(day))
}

fn lead(report: &WeekReport, total: i64) -> String {
    // The sum beside the rows that are told would tell the ones that are not.
    if !report.lists && report.counts.iter().any(|count| tellable(count.all()).is_none()) {
        return format!(
            "Casos nuevos de {} de la lista, en documentos firmados. Donde son pocos no se dice cuántos.",
            count(report.counts.len(), "enfermedad", "enfermedades")
        );
    }
    format!(
        "{} de {} de la lista, en documentos firmados.",
        count(usize::try_from(total).unwrap_or_default(), "caso nuevo", "casos nuevos"),
        count(report.counts.len(), "enfermedad", "enfermedades")
    )
}

/// For who may not open records, numbers that point at few people are not told, nor what they could be reckoned from.
fn row(count: &DiseaseCount, lists: bool) -> DiseaseRow {
    let others = count.by_sex()[2] > 0;
    let cell = |[women, men, other]: &[i64; 3]| match (women + men + other, others) {
        (0, _) => String::new(),
        _ if !lists => "·".to_owned(),
        (_, true) => format!("{men}/{women}/{other}"),
        (_, false) => format!("{men}/{women}"),
    };
    let total = count.all();
    let few = !lists && tellable(total).is_none();
    DiseaseRow {
        epi: count.disease.epi,
        name: count.disease.name,
        cells: if few { vec![String::new(); 12] } else { count.ages.iter().map(cell).collect() },
        total: if few { "menos de 5".to_owned() } else { total.to_string() },
    }
}

/// What waits to be told, for the page of the week and for Hoy.
pub(super) fn untold(
    cases: &[SurveilledCase],
    notes: bool,
    now: Timestamp,
    zone: &TimeZone,
    back: &'static str,
) -> UntoldView {
    UntoldView {
        cases: cases.iter().map(|case| case_view(case, now, zone)).collect(),
        channels: &CHANNELS,
        notes,
        day: format::form_date(format::day(now, zone)),
        time: format::time(now, zone),
        back,
    }
}

/// Until when a case is to be told (LGS 136: of three diseases no hours are given).
fn due_words(case: &SurveilledCase, now: Timestamp, at: impl Fn(Timestamp) -> String) -> String {
    match case.due {
        None => String::new(),
        Some(due) if due < now => format!("Debió notificarse a más tardar {}.", at(due)),
        Some(_) if case.disease.without_term => {
            "Notifique de inmediato (Ley General de Salud, artículo 136-I).".to_owned()
        }
        Some(due) => format!("Notifique a más tardar {}.", at(due)),
    }
}

fn case_view(case: &SurveilledCase, now: Timestamp, zone: &TimeZone) -> CaseView {
    let stated = &case.stated;
    let patient = &stated.patient;
    let today = format::day(now, zone);
    let at = |moment| format::day_and_time(moment, zone, today);
    let counts = match (&stated.notice, case.new) {
        (Some(notice), _) => {
            format!("Notificado {}, {} ({})", at(notice.notified_at), notice.told, notice.acknowledgement)
        }
        (None, true) => "Caso nuevo".to_owned(),
        (None, false) => "Ya se había contado".to_owned(),
    };
    CaseView {
        patient: patient.id.to_string(),
        name: patient.full_name(),
        who: format!("{}, {}", patient.age_text(today), patient.data.sex.label().to_lowercase()),
        document: stated.document_id.to_string(),
        epi: stated.epi,
        disease: case.disease.name,
        code: stated.icd10.clone(),
        certainty: if stated.suspected { "probable" } else { "confirmado" },
        stated: format!("{}, {}", case.author, at(stated.act_at)),
        due: due_words(case, now, at),
        late: case.due.is_some_and(|due| due < now),
        counts,
        case_study: case.disease.case_study,
        outbreak_study: case.disease.outbreak_study,
    }
}

/// `GET /tableros/epidemiologia/suive.csv`.
pub(crate) async fn export(State(app): State<App>, user: SignedIn, Query(query): Query<WeekQuery>) -> Answer {
    let (name, text) = app.care.surveillance_csv(&user.actor, &query.dia).await?;
    Ok(super::csv(&name, text))
}

/// `POST /tableros/epidemiologia/{document}/aviso`.
pub(crate) async fn told(State(app): State<App>, Path(document): Path<String>, form: Form) -> Answer {
    let document: DocumentId = document.parse().map_err(|_| Outcome::not_found("ese caso"))?;
    let text = |name: &str| form.posted.get(name).to_owned();
    let told = NoticeForm {
        epi: text("epi"),
        told: text("destinatario"),
        channel: text("medio"),
        acknowledgement: text("acuse"),
        day: text("fecha"),
        time: text("hora"),
    };
    let back = match form.posted.get("desde") {
        "hoy" => "/hoy?aviso=notificado",
        _ => "/tableros/epidemiologia?aviso=notificado",
    };
    match app.care.note_epidemic_notice(&form.actor, document, &told).await {
        Ok(()) => Ok(see(back)),
        Err(error) => Err(form.failed(error)),
    }
}
