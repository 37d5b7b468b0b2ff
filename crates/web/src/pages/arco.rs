//! Derechos ARCO: the list with its terms, a new request, one request and its steps, its letters, and the calendar.

use axum::extract::{Path, Query, State};
use care::arco::{ArcoForm, ArcoLine, Calendar, Due, StepForm};
use care::error::FieldError;
use care::{Actor, CareError, Permission};
use clinical::arco::ArcoRight;
use clinical::business_days::mandatory_rest;
use clinical::ids::ArcoId;
use jiff::civil::{Date, date};
use serde::Deserialize;

use super::arco_view::page;
use super::{Answer, ListQuery, notice, pdf, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::form::{Check, Choice, ErrorSummary, Field, Posted};
use crate::views::rights::{ArcoListPage, ArcoNewPage, ArcoRow, CalendarPage, DayRow};
use crate::views::shell::Place;
use crate::{App, format};

fn arco_id(text: &str) -> Result<ArcoId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la solicitud"))
}

/// "Vence el 8 de abril de 2026: quedan 3 días hábiles".
pub(super) fn due_words(due: Due) -> String {
    let day = format::long_date(due.on);
    match due.left {
        0 => format!("Vence hoy, {day}"),
        1 => format!("Vence el {day}: queda 1 día hábil"),
        left if left > 1 => format!("Vence el {day}: quedan {left} días hábiles"),
        -1 => format!("Venció el {day}, hace 1 día hábil"),
        left => format!("Venció el {day}, hace {} días hábiles", -left),
    }
}

/// `GET /derechos`.
pub(crate) async fn list(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let (lines, today) = app.care.arco_requests(&user.actor).await?;
    let mut shell = shell(&user.actor, Place::Rights);
    shell.notice = notice(&query.aviso);
    let count = |wanted: fn(Due) -> bool| lines.iter().filter(|line| line.due.is_some_and(wanted)).count();
    Ok(render(&ArcoListPage {
        shell,
        keeps: user.actor.may(Permission::KeepRecords),
        late: count(Due::is_over),
        near: count(Due::is_near),
        rows: lines.iter().map(|line| row(line, today)).collect(),
    })?)
}

fn row(line: &ArcoLine, today: Date) -> ArcoRow {
    ArcoRow {
        id: line.request.id.to_string(),
        holder: format!("{}. {}", line.request.number, line.request.content.holder),
        right: line.request.content.right.label(),
        received: format::short_date(line.request.received_on, today),
        state: line.state.label(),
        due: line.due.map(due_words).unwrap_or_default(),
        late: line.due.is_some_and(Due::is_over),
        near: line.due.is_some_and(Due::is_near),
    }
}

/// What the address of a new request may carry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NewQuery {
    /// Number of the expediente.
    #[serde(default)]
    expediente: String,
}

/// `GET /derechos/nueva`.
pub(crate) async fn new_form(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<NewQuery>,
) -> Answer {
    app.care.calendar(&user.actor).await?;
    let posted = Posted::default().with("expediente", &query.expediente);
    Ok(render(&new_page(&user.actor, &posted, &[]))?)
}

fn new_page(actor: &Actor, posted: &Posted, errors: &[FieldError]) -> ArcoNewPage {
    let mut rights = vec![(String::new(), "Elija el derecho".to_owned())];
    rights.extend(ArcoRight::ALL.iter().map(|right| (right.code().to_owned(), right.label().to_owned())));
    let text = |name, label| Field::text(name, label).max(300);
    ArcoNewPage {
        shell: shell(actor, Place::Rights),
        errors: ErrorSummary::new(errors),
        right: Choice::new("derecho", "Qué se pide", rights).from(posted, errors),
        who: vec![
            text("titular", "Titular de los datos").help("Nombre completo").from(posted, errors),
            Field::text("expediente", "Expediente")
                .help("Su número, si tiene uno aquí")
                .width("w-10")
                .mode("numeric")
                .max(20)
                .optional()
                .from(posted, errors),
        ],
        represented: Check::new("por_otro", "Lo pide otra persona por el titular", posted.ticked("por_otro")),
        representative: vec![
            text("representante", "Quién lo pide").from(posted, errors),
            text("acredita", "Documento que acredita la representación").from(posted, errors),
        ],
        rest: vec![
            text("identificacion", "Con qué se identificó quien pide")
                .help("Por ejemplo: credencial para votar y su número")
                .from(posted, errors),
            text("respuesta_a", "Domicilio u otro medio para la respuesta").from(posted, errors),
            text("descripcion", "Qué datos y qué pide sobre ellos")
                .help("Sin datos clínicos")
                .from(posted, errors),
            Field::text("recibida", "Fecha en que se recibió")
                .help("día/mes/año; hoy si se deja vacía. Desde aquí corre el plazo")
                .width("w-10")
                .optional()
                .from(posted, errors),
        ],
    }
}

/// `POST /derechos/nueva`.
pub(crate) async fn receive(State(app): State<App>, form: Form) -> Answer {
    let text = |name: &str| form.posted.get(name).to_owned();
    let request = ArcoForm {
        right: text("derecho"),
        holder: text("titular"),
        record: text("expediente"),
        represented: form.posted.ticked("por_otro"),
        representative: text("representante"),
        proof: text("acredita"),
        identity: text("identificacion"),
        reply_to: text("respuesta_a"),
        description: text("descripcion"),
        received_on: text("recibida"),
    };
    match app.care.receive_arco(&form.actor, &request).await {
        Ok(id) => Ok(see(&format!("/derechos/{id}?aviso=solicitud"))),
        Err(CareError::Invalid(errors)) => {
            let page = new_page(&form.actor, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /derechos/{id}`.
pub(crate) async fn show(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let view = app.care.arco(&user.actor, arco_id(&id)?).await?;
    let mut page = page(&user.actor, &view, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// `POST /derechos/{id}`: the next step.
pub(crate) async fn step(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = arco_id(&id)?;
    let text = |name: &str| form.posted.get(name).to_owned();
    let ticked = form.posted.0.iter().filter(|(name, _)| name == "finalidad");
    let step = StepForm {
        step: text("paso"),
        seen: form.posted.get("vistos").parse().unwrap_or(usize::MAX),
        reason: text("motivo"),
        outcome: text("sentido"),
        ground: text("causa"),
        text: text("respuesta"),
        done: text("hecho"),
        purposes: ticked.map(|(_, value)| value.clone()).collect(),
    };
    match app.care.step_arco(&form.actor, id, &step).await {
        Ok(()) => Ok(see(&format!("/derechos/{id}?aviso=paso"))),
        Err(CareError::Invalid(errors)) => {
            let view = app.care.arco(&form.actor, id).await?;
            let page = page(&form.actor, &view, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `GET /derechos/{id}/acuse`.
pub(crate) async fn acknowledgement(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let letter = app.care.arco_acknowledgement(&user.actor, arco_id(&id)?).await?;
    Ok(pdf(letter.bytes, &letter.file_name))
}

/// `GET /derechos/{id}/respuesta`.
pub(crate) async fn answer(State(app): State<App>, user: SignedIn, Path(id): Path<String>) -> Answer {
    let letter = app.care.arco_answer(&user.actor, arco_id(&id)?).await?;
    Ok(pdf(letter.bytes, &letter.file_name))
}

/// `GET /derechos/calendario`.
pub(crate) async fn calendar(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<ListQuery>,
) -> Answer {
    let calendar = app.care.calendar(&user.actor).await?;
    let mut page = calendar_page(&user.actor, &calendar, &Posted::default(), &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn calendar_page(actor: &Actor, calendar: &Calendar, posted: &Posted, errors: &[FieldError]) -> CalendarPage {
    let this = calendar.today.year();
    CalendarPage {
        shell: shell(actor, Place::Rights),
        errors: ErrorSummary::new(errors),
        edits: actor.may(Permission::Administer),
        years: [this, this.saturating_add(1)].map(|year| (year, days_of(year, calendar))).into(),
        fields: vec![
            Field::text("dia", "Día").help("día/mes/año").width("w-10").from(posted, errors),
            Field::text("nombre", "Qué es").help("Por ejemplo: vacaciones").max(300).from(posted, errors),
        ],
        works: Check::new("se_trabaja", "Ese día sí se trabaja", posted.ticked("se_trabaja"))
            .help("Solo para un descanso obligatorio que el establecimiento trabaja"),
    }
}

fn days_of(year: i16, calendar: &Calendar) -> Vec<DayRow> {
    let mut rows = Vec::new();
    let mut day = date(year, 1, 1);
    while day.year() == year {
        let marked = calendar.marked.iter().find(|one| one.day == day);
        let name =
            marked.map_or_else(|| mandatory_rest(day).map(str::to_owned), |one| Some(one.name.clone()));
        rows.extend(name.map(|name| DayRow {
            code: day.to_string(),
            date: format::weekday(day),
            name,
            own: marked.is_some(),
            works: marked.is_some_and(|one| one.works),
        }));
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    rows
}

/// `POST /derechos/calendario`.
pub(crate) async fn mark_day(State(app): State<App>, form: Form) -> Answer {
    let (day, name) = (form.posted.get("dia"), form.posted.get("nombre"));
    match app.care.mark_day(&form.actor, day, form.posted.ticked("se_trabaja"), name).await {
        Ok(()) => Ok(see("/derechos/calendario?aviso=calendario")),
        Err(CareError::Invalid(errors)) => {
            let calendar = app.care.calendar(&form.actor).await?;
            let page = calendar_page(&form.actor, &calendar, &form.posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /derechos/calendario/quitar`.
pub(crate) async fn unmark_day(State(app): State<App>, form: Form) -> Answer {
    match app.care.unmark_day(&form.actor, form.posted.get("dia")).await {
        Ok(()) => Ok(see("/derechos/calendario?aviso=calendario")),
        Err(error) => Err(form.failed(error)),
    }
}
