//! Curso: the charts of a record on one axis of time, with its medicines, what happened and what is in no chart.

use axum::extract::{Path, Query, State};
use care::Permission;
use care::course::{Course, Period};
use care::medicine_bars::MedicineBar;
use clinical::care_act::CareAct;
use clinical::laboratory::TakenAt;
use jiff::civil::Date;
use prevention::acts::{act, acts};
use prevention::controls::{Due, MEDICINES};
use serde::Deserialize;
use storage::SummaryEntry;

use super::patients::patient_id;
use super::trends::{Axis, charts, marks, place, times, when};
use super::{Answer, notice, patient_bar, render, shell};
use crate::session::SignedIn;
use crate::views::shell::{Extra, Place};
use crate::views::trends::{BarView, ChartView, CoursePage, LanesView, Plot};
use crate::{App, format};

/// Charts on one page.
const CHARTS: usize = 8;
/// Medicines drawn.
const LANES: usize = 14;
/// Rows of the table of medicines.
const BARS: usize = 60;
/// Things noted as done that are listed, the latest.
const DONE: usize = 40;
/// Values in no chart that are listed.
const PROBLEMS: usize = 50;

/// What the address may say.
#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct CourseQuery {
    pagina: u32,
    periodo: String,
    aviso: String,
}

impl Default for CourseQuery {
    fn default() -> Self {
        Self { pagina: 1, periodo: String::new(), aviso: String::new() }
    }
}

/// `GET /pacientes/{id}/curso`.
pub(crate) async fn page(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<CourseQuery>,
) -> Answer {
    let period = Period::from_code(&query.periodo);
    let course = app.care.course(&user.actor, patient_id(&id)?, period).await?;
    let charts = charts(&course);
    let pages = charts.len().div_ceil(CHARTS).max(1);
    let page = (query.pagina.saturating_sub(1) as usize).min(pages - 1);
    let mut sections: Vec<(&'static str, Vec<ChartView>)> = Vec::new();
    for (heading, chart) in charts.into_iter().skip(page * CHARTS).take(CHARTS) {
        match sections.last_mut().filter(|(last, _)| *last == heading) {
            Some((_, charts)) => charts.push(chart),
            None => sections.push((heading, vec![chart])),
        }
    }
    let problem = |one: &care::trends::DataProblem| (when(one.taken), one.what.clone(), one.why.clone());
    let listed = if page == 0 { PROBLEMS } else { 0 };
    let mut frame = shell(&user.actor, Place::Patients);
    frame.notice = notice(&query.aviso);
    Ok(render(&CoursePage {
        shell: frame,
        patient: patient_bar(
            &user.actor,
            &course.patient,
            &course.allergies,
            course.now,
            &course.zone,
            Extra::Nothing,
        ),
        periods: Period::ALL.map(|one| (one.code(), words(one), one == period)).to_vec(),
        lanes: (page == 0).then(|| lanes_view(&course)).flatten(),
        sections,
        problems: course.problems.iter().take(listed).map(problem).collect(),
        more_problems: if page == 0 { course.problems.len().saturating_sub(PROBLEMS) } else { 0 },
        due: if page == 0 { due(&course) } else { Vec::new() },
        done: if page == 0 { done(&course) } else { Vec::new() },
        acts: acts().iter().map(|act| (act.code, act.label)).collect(),
        writes: page == 0 && user.actor.may(Permission::WriteRecord),
        today: course.window.1.to_string(),
        page: page + 1,
        pages,
        period: period.code(),
    })?)
}

/// What is lacking first, then what comes next: what, its state in words, when it was last done, whether it is lacking.
fn due(course: &Course) -> Vec<(String, String, Option<String>, bool)> {
    let today = course.window.1;
    let mut due: Vec<_> = course.due.iter().collect();
    due.sort_by(|one, other| (one.on, &one.what).cmp(&(other.on, &other.what)));
    // Two conditions may ask for the same thing.
    due.dedup_by(|one, other| (one.on, &one.what) == (other.on, &other.what));
    let line = |one: &&Due| {
        let state = match one.on {
            Date::MAX => "Al corriente".to_owned(),
            on if on <= today => format!("le toca desde el {}", shown(on)),
            on => format!("Toca el {}", shown(on)),
        };
        let (what, last) = match one.control {
            MEDICINES => {
                (format!("Se acaba: {}", one.what), one.last.map(|day| format!("hasta el {}", shown(day))))
            }
            _ => (one.what.clone(), one.last.map(shown)),
        };
        (what, state, last, one.on <= today)
    };
    due.iter().map(line).collect()
}

fn done(course: &Course) -> Vec<(String, &'static str, String, String)> {
    let line = |entry: &SummaryEntry<CareAct>| {
        let known = act(&entry.value.act)?;
        let place = entry.value.place.clone().unwrap_or_default();
        Some((entry.id.to_string(), known.label, shown(entry.value.on), place))
    };
    course.done.iter().filter_map(line).take(DONE).collect()
}

fn words(period: Period) -> &'static str {
    match period {
        Period::Months => "3 meses",
        Period::Year => "1 año",
        Period::FiveYears => "5 años",
        Period::All => "Todo",
    }
}

/// "9 mar 2026".
fn shown(day: Date) -> String {
    format!("{} {}", format::day_of_year(day), day.year())
}

/// Height of a line of the drawing, of its text and of its bar.
const LINE: u32 = 30;

fn lanes_view(course: &Course) -> Option<LanesView> {
    if course.lanes.is_empty() && course.events.is_empty() {
        return None;
    }
    let axis = Axis::of(course);
    let plot = Plot::new(axis.ends, (0.0, 1.0));
    let today = course.window.1;
    let at = |day: Date, end: f64| {
        let x = place(TakenAt { day, time: None }) + end;
        plot.across(x.clamp(axis.ends.0, axis.ends.1))
    };
    let bar = |bar: &MedicineBar, top: u32| {
        let (x, until) = (at(bar.from, -0.5), at(bar.until.unwrap_or(today), 0.5));
        let (class, y) = if bar.firm { ("firm", top + 5) } else { ("noted", top + 15) };
        BarView { class, x: format!("{x:.1}"), y, width: format!("{:.1}", (until - x).max(1.5)) }
    };
    let lanes = course.lanes.iter().take(LANES).zip((0..).map(|line| 34 + line * LINE));
    let lanes: Vec<(String, u32, Vec<BarView>)> = lanes
        .map(|(lane, y)| (lane.medicine.clone(), y, lane.bars.iter().map(|own| bar(own, y)).collect()))
        .collect();
    let rows = course.lanes.iter().flat_map(|lane| lane.bars.iter().map(|bar| (&lane.medicine, bar)));
    let rows = rows.map(|(medicine, bar)| {
        let until = bar.until.map_or_else(|| "sigue".to_owned(), shown);
        let basis = if bar.firm { "Receta" } else { "Anotado" };
        [medicine.clone(), shown(bar.from), until, bar.how.clone(), basis.to_owned()]
    });
    let height = 34 + LINE * u32::try_from(lanes.len()).unwrap_or(0) + 22;
    Some(LanesView {
        height,
        description: format!(
            "{} medicamentos y {} acontecimientos del {} al {}. Las tablas traen los mismos datos.",
            course.lanes.len(),
            course.events.len(),
            shown(course.window.0),
            shown(today)
        ),
        lanes,
        marks: marks(&plot, &axis),
        times: times(&plot, axis.ends),
        rows: rows.take(BARS).collect(),
        more_lanes: course.lanes.len().saturating_sub(LANES),
        events: (1..)
            .zip(&course.events)
            .map(|(n, event)| (n, shown(event.day), event.what.clone()))
            .collect(),
        more_events: course.more_events,
    })
}
