//! Tableros: the practice in numbers, down to the records behind a number.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use care::CareError;
use care::figures::practice::{BoardForm, PAGE, Scope};
use figures::{icd, number};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::boards_view::{board, codes, days_in_words, grain_in_words};
use super::{Answer, encode, pages, render, shell};
use crate::session::SignedIn;
use crate::views::boards::{BehindPage, BehindRow, BoardFilter, CodesPage, OdditiesPage, ScopeView};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::{App, format};

/// What the address of a board carries.
#[derive(Debug, Default, Clone, Deserialize)]
pub(crate) struct BoardQuery {
    #[serde(default)]
    pub(super) desde: String,
    #[serde(default)]
    pub(super) hasta: String,
    #[serde(default)]
    pub(super) medico: String,
    /// Sign of a chapter.
    #[serde(default)]
    capitulo: String,
    /// Code of a diagnosis.
    #[serde(default)]
    codigo: String,
    /// Word of a number.
    #[serde(default)]
    pub(super) numero: String,
    /// A part of it.
    #[serde(default)]
    pub(super) parte: Option<String>,
    #[serde(default)]
    pagina: Option<u32>,
}

impl BoardQuery {
    /// The page that is asked for, from 0.
    pub(super) fn page(&self) -> u32 {
        self.pagina.unwrap_or(1).clamp(1, 1_000_000) - 1
    }

    pub(super) fn form(&self) -> BoardForm {
        BoardForm { from: self.desde.clone(), until: self.hasta.clone(), practitioner: self.medico.clone() }
    }
}

/// `GET /tableros`.
pub(crate) async fn practice(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<BoardQuery>,
) -> Answer {
    let (practice, errors) = match app.care.practice(&user.actor, &query.form()).await {
        Ok(practice) => (practice, Vec::new()),
        Err(CareError::Invalid(errors)) => {
            (app.care.practice(&user.actor, &BoardForm::default()).await?, errors)
        }
        Err(error) => return Err(error.into()),
    };
    let posted = Posted::default()
        .with("desde", &query.desde)
        .with("hasta", &query.hasta)
        .with("medico", &query.medico);
    let filter = filter("/tableros", &practice.scope, &posted, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = board(shell(&user.actor, Place::Boards), &practice, ErrorSummary::new(&errors), filter);
    Ok((status, render(&page)?).into_response())
}

/// `GET /tableros/capitulo`.
pub(crate) async fn chapter(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<BoardQuery>,
) -> Answer {
    let sign = if query.capitulo.is_empty() { "1" } else { &query.capitulo };
    let (scope, chapter, counts) = app.care.diagnoses_of_chapter(&user.actor, &query.form(), sign).await?;
    Ok(render(&CodesPage {
        shell: shell(&user.actor, Place::Boards),
        codes: codes(&scope, &counts),
        scope: scope_view(&scope),
        chapter: format!("{} {}", chapter.number, chapter.name),
    })?)
}

/// `GET /tableros/pacientes`.
pub(crate) async fn patients(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<BoardQuery>,
) -> Answer {
    let page = query.page();
    let behind = app.care.patients_behind_code(&user.actor, &query.form(), &query.codigo, page).await?;
    let scope = scope_view(&behind.scope);
    let (total, page_count) = pages(behind.found.total, PAGE);
    let (today, zone) = (behind.scope.today, &behind.scope.zone);
    let rows = behind.found.items.iter().map(|(patient, at)| BehindRow {
        id: patient.id.to_string(),
        name: patient.full_name(),
        who: format!("{}, {}", patient.age_text(today), patient.data.sex.label().to_lowercase()),
        number: patient.record_number.clone(),
        when: format::short_date(format::day(*at, zone), today),
    });
    let sign = icd::chapter(&behind.code.code).map_or('1', |chapter| chapter.sign);
    Ok(render(&BehindPage {
        shell: shell(&user.actor, Place::Boards),
        back: format!("/tableros/capitulo{}&capitulo={sign}", scope.query),
        link: format!("/tableros/pacientes{}&codigo={}", scope.query, encode(&behind.code.code)),
        latest: behind.latest.map_or_else(String::new, |latest| {
            format!(
                "Se muestran los expedientes de los {} diagnósticos más recientes, de {}. Para ver los anteriores, elija otras fechas en el tablero.",
                number(latest),
                number(behind.code.n)
            )
        }),
        rows: rows.collect(),
        code: behind.code.code,
        title: behind.code.title,
        scope,
        total,
        page: page as usize + 1,
        pages: page_count,
    })?)
}

/// `GET /tableros/calidad`.
pub(crate) async fn oddities(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<BoardQuery>,
) -> Answer {
    let (scope, found) = app.care.oddities(&user.actor, &query.form()).await?;
    let rows = found.into_iter().map(|odd| {
        let day = odd.day.parse::<Date>().map_or(odd.day.clone(), |day| format::short_date(day, scope.today));
        let what = if odd.measure == "wait" { "Espera" } else { "Duración de la consulta" };
        (odd.patient.id.to_string(), odd.patient.full_name(), day, what, odd.minutes.to_string())
    });
    Ok(render(&OdditiesPage {
        shell: shell(&user.actor, Place::Boards),
        rows: rows.collect(),
        scope: scope_view(&scope),
    })?)
}

pub(super) fn scope_view(scope: &Scope) -> ScopeView {
    ScopeView {
        days: days_in_words(scope),
        grain: grain_in_words(scope),
        query: format!("?{}", query_of(scope.period.from(), scope.period.until(), scope)),
        lists: scope.lists,
        waits: scope.waits,
    }
}

fn query_of(from: Date, until: Date, scope: &Scope) -> String {
    let person = scope.practitioner.map(|id| id.to_string()).unwrap_or_default();
    format!(
        "desde={}&hasta={}&medico={person}",
        encode(&format::form_date(from)),
        encode(&format::form_date(until))
    )
}

fn filter(
    action: &'static str,
    scope: &Scope,
    posted: &Posted,
    errors: &[care::error::FieldError],
) -> BoardFilter {
    // What was typed when it has to be corrected, else the days that are shown.
    let days = if errors.is_empty() {
        posted
            .clone()
            .with("desde", format::form_date(scope.period.from()))
            .with("hasta", format::form_date(scope.period.until()))
    } else {
        posted.clone()
    };
    let mut people = vec![(String::new(), "Todos".to_owned())];
    people.extend(scope.people.iter().map(|(id, name)| (id.to_string(), name.clone())));
    let ago = |span: jiff::Span| scope.today.checked_sub(span).unwrap_or(scope.today);
    let presets = [
        (ago(6.days()), "7 días"),
        (ago(29.days()), "30 días"),
        (ago(11.months()), "12 meses"),
        (ago(59.months()), "5 años"),
    ];
    BoardFilter {
        action,
        hidden: Vec::new(),
        fields: vec![
            Field::text("desde", "Desde").help("día/mes/año").from(&days, errors),
            Field::text("hasta", "Hasta").help("día/mes/año").from(&days, errors),
        ],
        people: Choice::new("medico", "Profesional", people).from(posted, errors),
        presets: presets.map(|(from, words)| (query_of(from, scope.today, scope), words)).into(),
    }
}
