//! Pendientes de atención: how many patients lack what norms ask for, who they are for who may open records, and what was
//! done for one of them.

use axum::extract::{Path, Query, State};
use care::Permission;
use care::gaps::{DoneForm, GapBoard, GapCount, GapList, PAGE};
use figures::tellable;
use prevention::controls::{MEDICINES, area_label};
use serde::Deserialize;

use super::patients::patient_id;
use super::{Answer, pages, render, see, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::gaps::{GapArea, GapBoardPage, GapLineView, GapListPage, GapRow};
use crate::views::shell::Place;
use crate::{App, format};

/// What the address may say.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct GapQuery {
    control: String,
    pagina: Option<u32>,
}

/// `GET /tableros/pendientes`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<GapQuery>) -> Answer {
    if query.control.is_empty() {
        let board = app.care.gap_board(&user.actor).await?;
        return Ok(render(&GapBoardPage {
            shell: shell(&user.actor, Place::Boards),
            tab: "pendientes",
            areas: areas(&board, user.actor.may(Permission::ReadRecord)),
            waiting: usize::try_from(board.waiting).unwrap_or_default(),
            lists: user.actor.may(Permission::ReadRecord),
        })?);
    }
    let page = query.pagina.unwrap_or(1).clamp(1, 100_000) - 1;
    let list = app.care.gap_list(&user.actor, &query.control, page).await?;
    let (total, page_count) = pages(list.total, PAGE);
    Ok(render(&GapListPage {
        shell: shell(&user.actor, Place::Boards),
        title: list.control.label,
        source: list.control.source,
        control: list.control.code,
        lines: lines(&list),
        total,
        page: page as usize + 1,
        pages: page_count,
    })?)
}

/// For who may not open records: no number that points at few people, nor one it could be reckoned from.
fn told(count: &GapCount, lists: bool) -> (String, String) {
    let few = |n: i64| tellable(n).is_none();
    match lists || ![count.due, count.all - count.due, count.all].into_iter().any(few) {
        true => (count.due.to_string(), count.all.to_string()),
        false if few(count.all) => ("·".to_owned(), "menos de 5".to_owned()),
        false => ("·".to_owned(), count.all.to_string()),
    }
}

fn areas(board: &GapBoard, lists: bool) -> Vec<GapArea> {
    let mut areas: Vec<GapArea> = Vec::new();
    for count in &board.counts {
        let title = area_label(count.control.area);
        let (due, all) = told(count, lists);
        let row = GapRow {
            label: count.control.label,
            href: if lists && count.due > 0 {
                format!("?control={}", count.control.code)
            } else {
                String::new()
            },
            due,
            all,
            source: count.control.source,
        };
        match areas.last_mut().filter(|area| area.title == title) {
            Some(area) => area.rows.push(row),
            None => areas.push(GapArea { title, rows: vec![row] }),
        }
    }
    areas
}

fn lines(list: &GapList) -> Vec<GapLineView> {
    let today = format::day(list.now, &list.zone);
    let shown = |day| format::short_date(day, today);
    let line = |line: &storage::CareGapLine| GapLineView {
        id: line.patient.id.to_string(),
        name: line.patient.full_name(),
        age: line.patient.age_text(today),
        phone: line.patient.data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        what: line.gap.what.clone(),
        since: shown(line.gap.due_on),
        last: line.gap.last_on.map(|day| match list.control.code {
            MEDICINES => format!("hasta el {}", shown(day)),
            _ => shown(day),
        }),
        next: line.next_visit.map(|at| format::day_and_time(at, &list.zone, today)),
    };
    list.lines.iter().map(line).collect()
}

/// `POST /pacientes/{id}/curso/hecho`.
pub(crate) async fn done(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let patient = patient_id(&id)?;
    let get = |name: &str| form.posted.get(name).to_owned();
    let done = DoneForm { act: get("control"), on: get("fecha"), place: get("lugar") };
    app.care.note_done(&form.actor, patient, &done).await.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/pacientes/{patient}/curso?aviso=hecho#pendientes")))
}

/// `POST /pacientes/{id}/curso/hecho/{entry}/quitar`.
pub(crate) async fn withdraw(
    State(app): State<App>,
    Path((id, entry)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let patient = patient_id(&id)?;
    let entry = entry.parse().map_err(|_| Outcome::not_found("lo que se anotó"))?;
    app.care.withdraw_done(&form.actor, patient, entry).await?;
    Ok(see(&format!("/pacientes/{patient}/curso?aviso=quitado#pendientes")))
}
