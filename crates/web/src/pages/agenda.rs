//! The agenda of a day or a week, one visit with its steps, and the waiting list.

use axum::extract::{Path, Query, State};
use care::Permission;
use care::agenda_days::{AgendaDays, AgendaVisit};
use care::booking::{Booker, Fit, NewTime, SlotsWanted};
use clinical::encounter::{AppointmentState, AppointmentStep, CancelReason};
use clinical::ids::{AppointmentId, PractitionerId};
use clinical::schedule::Span;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Deserialize;

use super::{Answer, notice, render, see, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::agenda::{AgendaPage, ColumnView, VisitPage, VisitRow, WaitingPage, WaitingRow};
use crate::views::form::Field;
use crate::views::shell::Place;
use crate::{App, format, labels};

/// How many free times are shown at once.
pub(super) const SLOTS: usize = 24;
/// How many days free times are looked for.
pub(super) const AHEAD_DAYS: i64 = 30;

/// What addresses of the agenda carry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct AgendaQuery {
    /// The day, `2026-03-09`.
    #[serde(default)]
    pub(super) dia: String,
    /// `dia`, `semana` or `lista`.
    #[serde(default)]
    pub(super) vista: String,
    /// Whose.
    #[serde(default)]
    pub(super) medico: String,
    /// Whom somebody looks for.
    #[serde(default)]
    pub(super) q: String,
    /// Who comes.
    #[serde(default)]
    pub(super) paciente: String,
    /// What for.
    #[serde(default)]
    pub(super) servicio: String,
    #[serde(default)]
    pub(super) aviso: String,
}

impl AgendaQuery {
    pub(super) fn day(&self) -> Option<Date> {
        clinical::person::parse_date(&self.dia).ok()
    }
}

fn address(day: Date, view: &str, practitioner: &str) -> String {
    let view = if view.is_empty() { String::new() } else { format!("&vista={view}") };
    let whose = if practitioner.is_empty() { String::new() } else { format!("&medico={practitioner}") };
    format!("/agenda?dia={day}{view}{whose}")
}

/// `GET /agenda`.
pub(crate) async fn agenda(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<AgendaQuery>,
) -> Answer {
    let practitioner: Option<PractitionerId> = query.medico.parse().ok();
    let whose = practitioner.map(|id| id.to_string()).unwrap_or_default();
    let view = match query.vista.as_str() {
        known @ ("semana" | "lista") => known,
        _ => "",
    };
    let (week, as_list) = (view == "semana", view == "lista");
    let day = query.day().filter(|day| (2000..2200).contains(&day.year()));
    let setup = app.care.agenda_setup(&user.actor).await?;
    let asked = day.unwrap_or(setup.today);
    let monday = asked.saturating_sub(i64::from(asked.weekday().to_monday_zero_offset()).days());
    let (from, length) = if week { (monday, 7) } else { (asked, 1) };
    let days = app.care.agenda_days(&user.actor, Some(from), length, practitioner).await?;
    let mut shell = shell(&user.actor, Place::Agenda);
    shell.notice = notice(&query.aviso);
    let step = i64::from(length).days();
    let go = |view: &str| address(asked, view, &whose);
    let mut people = vec![("Todos".to_owned(), address(asked, view, ""), whose.is_empty())];
    let attends = |id: PractitionerId| setup.shifts.iter().any(|shift| shift.practitioner_id == id);
    people.extend(setup.practitioners.iter().filter(|one| attends(one.id)).map(|one| {
        let id = one.id.to_string();
        let current = id == whose;
        (one.full_name(), address(asked, view, &id), current)
    }));
    Ok(render(&AgendaPage {
        title: if week { format!("semana del {}", format::weekday(from)) } else { format::weekday(from) },
        before: address(from.saturating_sub(step), view, &whose),
        after: address(from.saturating_add(step), view, &whose),
        today: address(setup.today, view, &whose),
        views: vec![
            ("Día", go(""), view.is_empty()),
            ("Semana", go("semana"), week),
            ("Lista para imprimir", go("lista"), as_list),
        ],
        whose: people,
        columns: if as_list { Vec::new() } else { columns(&days, week, &whose) },
        list: if as_list { rows(&days, &days.visits, true) } else { Vec::new() },
        as_list,
        has_hours: days.has_hours,
        manages: user.actor.may(Permission::ManageAgenda),
        book: format!("/agenda/nueva?dia={asked}&medico={whose}"),
        shell,
    })?)
}

/// By professional on one day, by day in a week.
fn columns(days: &AgendaDays, week: bool, whose: &str) -> Vec<ColumnView> {
    if week {
        let all = (0..7).map(|offset| days.from.saturating_add(i64::from(offset).days()));
        return all
            .map(|day| {
                let on = |at: Timestamp| format::day(at, &days.zone) == day;
                let hours = days.hours.iter().map(|(_, span)| *span).filter(|span| on(span.start()));
                let book = format!("/agenda/nueva?dia={day}&medico={whose}");
                column(days, format!("d-{day}"), format::weekday(day), hours, book, |visit| {
                    on(visit.line.appointment.starts_at)
                })
            })
            .collect();
    }
    let one = |practitioner: &clinical::practitioner::Practitioner| {
        let id = practitioner.id;
        let hours = days.hours.iter().filter(|(whose, _)| *whose == id).map(|(_, span)| *span);
        let book = format!("/agenda/nueva?dia={}&medico={id}", days.from);
        let mut view = column(days, format!("m-{id}"), practitioner.full_name(), hours, book, |visit| {
            visit.line.appointment.practitioner_id == id
        });
        let away = days.closures.iter().filter(|closure| closure.practitioner_id == id);
        for closure in away {
            let (start, end) = (
                format::time(closure.span.start(), &days.zone),
                format::time(closure.span.end(), &days.zone),
            );
            let whole = SignedDuration::from_hours(23);
            let words = match closure.span.end().duration_since(closure.span.start()) > whole {
                true => closure.reason.label().to_owned(),
                false => format!("{} de {start} a {end}", closure.reason.label()),
            };
            view.hours = format!("{}. {words}", view.hours);
        }
        view
    };
    days.practitioners.iter().map(one).collect()
}

fn column(
    days: &AgendaDays,
    id: String,
    title: String,
    hours: impl Iterator<Item = Span>,
    book: String,
    belongs: impl Fn(&AgendaVisit) -> bool,
) -> ColumnView {
    let mut spans: Vec<Span> = hours.collect();
    spans.sort_unstable();
    spans.dedup();
    let words = |span: &Span| {
        format!("{} a {}", format::time(span.start(), &days.zone), format::time(span.end(), &days.zone))
    };
    let hours = match spans.is_empty() {
        true => "Sin horario este día".to_owned(),
        false => spans.iter().map(words).collect::<Vec<_>>().join(", "),
    };
    let waits = |visit: &AgendaVisit| {
        visit.line.appointment.lane.is_none() && visit.line.appointment.state == AppointmentState::Arrived
    };
    let own: Vec<&AgendaVisit> = days.visits.iter().filter(|visit| belongs(visit)).collect();
    let (mut queue, visits): (Vec<&AgendaVisit>, Vec<&AgendaVisit>) =
        own.into_iter().partition(|visit| waits(visit));
    queue.sort_by_key(|visit| visit.last_step.as_ref().map(|step| step.at));
    let several = days.practitioners.len() > 1 && id.starts_with("d-");
    ColumnView {
        id,
        title,
        hours,
        visits: rows(days, visits, several),
        queue: rows(days, queue, several),
        book,
    }
}

fn rows<'a>(
    days: &AgendaDays,
    visits: impl IntoIterator<Item = &'a AgendaVisit>,
    with_whom: bool,
) -> Vec<VisitRow> {
    visits.into_iter().map(|visit| row(days, visit, with_whom)).collect()
}

fn row(days: &AgendaDays, visit: &AgendaVisit, with_whom: bool) -> VisitRow {
    let (appointment, patient) = (&visit.line.appointment, &visit.line.patient);
    let mut about = vec![format!("{}, {} min", appointment.service, appointment.minutes)];
    let room = days.rooms.iter().find(|room| Some(room.id) == appointment.room_id);
    about.extend(room.map(|room| room.name.clone()));
    about.extend(with_whom.then(|| visit.line.practitioner.clone()));
    about.extend(appointment.lane.filter(|lane| *lane > 0).map(|_| "sobrecupo".to_owned()));
    let remark = match (visit.kept_until, &visit.warning) {
        (Some(until), _) => {
            let today = format::day(days.now, &days.zone);
            format!(
                "De la lista de espera: se le guarda hasta {}",
                format::day_and_time(until, &days.zone, today)
            )
        }
        (None, Some(warning)) => warning.clone(),
        (None, None) => String::new(),
    };
    let today = format::day(appointment.starts_at, &days.zone) == format::day(days.now, &days.zone);
    VisitRow {
        href: format!("/citas/{}", appointment.id),
        id: appointment.id.to_string(),
        time: format::time(appointment.starts_at, &days.zone),
        name: patient.full_name(),
        about: about.join(", "),
        phone: patient.data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        state: labels::visit_state(appointment.state),
        class: match appointment.state {
            AppointmentState::Finished | AppointmentState::NoShow | AppointmentState::Cancelled => "done",
            AppointmentState::Arrived | AppointmentState::InConsultation => "here",
            AppointmentState::Booked | AppointmentState::Confirmed => "",
        },
        remark,
        step: match appointment.state {
            AppointmentState::Booked | AppointmentState::Confirmed if today => {
                Some((AppointmentStep::Arrive.code(), "Ya llegó"))
            }
            AppointmentState::Booked => Some((AppointmentStep::Confirm.code(), "Confirmó")),
            _ => None,
        },
    }
}

fn visit_id(text: &str) -> Result<AppointmentId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la cita"))
}

/// `GET /citas/{id}`.
pub(crate) async fn visit(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<AgendaQuery>,
) -> Answer {
    let (line, steps) = app.care.visit(&user.actor, visit_id(&id)?).await?;
    let setup = app.care.agenda_setup(&user.actor).await?;
    let appointment = &line.appointment;
    let zone = &setup.zone;
    let manages = user.actor.may(Permission::ManageAgenda);
    let movable = manages && appointment.state.is_ahead();
    let service = setup.services.iter().find(|one| one.active && one.name == appointment.service);
    let mut slots = Vec::new();
    if let Some(service) = service.filter(|_| movable) {
        let wanted = SlotsWanted {
            practitioner: Some(appointment.practitioner_id),
            service: service.id,
            from: app.care.now(),
            until: app.care.now() + SignedDuration::from_hours(24 * AHEAD_DAYS),
            limit: SLOTS / 2,
        };
        slots = app.care.free_slots(Booker::Staff(&user.actor), &wanted).await?;
    }
    let day = format::day(appointment.starts_at, zone);
    let room = setup.rooms.iter().find(|room| Some(room.id) == appointment.room_id);
    let phone = line.patient.data.phone.as_ref().map(ToString::to_string);
    let mut facts = vec![
        ("Cuándo", format!("{}, {}", format::weekday(day), format::time(appointment.starts_at, zone))),
        ("Con", line.practitioner.clone()),
        ("Servicio", format!("{}, {} minutos", appointment.service, appointment.minutes)),
        ("Estado", labels::visit_state(appointment.state).to_owned()),
        ("Teléfono", phone.unwrap_or_else(|| "No tiene anotado".to_owned())),
    ];
    facts.extend(room.map(|room| ("Consultorio", room.name.clone())));
    facts.extend(room.and_then(|room| room.video_link.clone()).map(|link| ("Videoconsulta", link)));
    let history = steps.iter().map(|step| {
        let when = format::day_and_time(step.at, zone, setup.today);
        let why = step.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        (format!("{when}, {}", step.author), format!("{}{why}", labels::visit_state(step.state)))
    });
    let mut shell = shell(&user.actor, Place::Agenda);
    shell.notice = notice(&query.aviso);
    let clinical = user.actor.may(Permission::ReadRecord);
    Ok(render(&VisitPage {
        id: appointment.id.to_string(),
        name: line.patient.full_name(),
        patient: format!("/pacientes/{}{}", line.patient.id, if clinical { "" } else { "/editar" }),
        facts,
        steps: if manages { next_steps(appointment.state) } else { Vec::new() },
        reasons: match manages && appointment.state.after(AppointmentStep::Cancel).is_some() {
            true => CancelReason::CHOICES.map(|reason| (reason.code(), reason.label())).to_vec(),
            false => Vec::new(),
        },
        slots: slots
            .iter()
            .map(|slot| {
                let day = format::day_of_year(format::day(slot.starts_at, zone));
                (slot.starts_at.to_string(), format!("{day} {}", format::time(slot.starts_at, zone)))
            })
            .collect(),
        movable,
        extra: vec![Field::text("dia", "Día").help("día/mes/año").width("w-10"), Field::time("hora", "Hora")],
        history: history.collect(),
        back: address(day, "", ""),
        shell,
    })?)
}

fn next_steps(state: AppointmentState) -> Vec<(&'static str, &'static str)> {
    let words = |step| match (step, state) {
        (AppointmentStep::Confirm, _) => Some("Confirmó que viene"),
        (AppointmentStep::Arrive, _) => Some("Ya llegó"),
        (AppointmentStep::Finish, _) => Some("Ya se fue: terminada"),
        (AppointmentStep::Miss, _) => Some("No asistió"),
        (AppointmentStep::Cancel, _) => None,
        (AppointmentStep::Undo, AppointmentState::Cancelled) => Some("Deshacer la cancelación"),
        (AppointmentStep::Undo, AppointmentState::NoShow) => Some("Deshacer «No asistió»"),
        (AppointmentStep::Undo, _) => Some("Deshacer la llegada"),
    };
    let possible = AppointmentStep::ALL.into_iter().filter(|step| state.after(*step).is_some());
    possible.filter_map(|step| Some((step.code(), words(step)?))).collect()
}

/// `POST /citas/{id}/paso`.
pub(crate) async fn step(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let step = AppointmentStep::from_code(form.posted.get("paso"));
    let step = step.ok_or(Outcome::not_found("ese paso de la cita"))?;
    let done = app.care.step_visit(Booker::Staff(&form.actor), visit_id(&id)?, step).await;
    let visit = done.map_err(|error| form.failed(error))?;
    if form.posted.get("en") == "agenda" {
        let zone = app.care.agenda_setup(&form.actor).await?.zone;
        let day = format::day(visit.starts_at, &zone);
        return Ok(see(&format!("{}&aviso=cita", address(day, "", ""))));
    }
    Ok(see(&format!("/citas/{}?aviso=cita", visit.id)))
}

/// `POST /citas/{id}/cancelar`.
pub(crate) async fn cancel(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let reason = CancelReason::from_code(form.posted.get("causa"));
    let reason = reason.ok_or(Outcome::not_found("esa causa"))?;
    let done = app.care.cancel(Booker::Staff(&form.actor), visit_id(&id)?, reason).await;
    let visit = done.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/citas/{}?aviso=cita-cancelada", visit.id)))
}

/// `POST /citas/{id}/mover`: to a free time, or to one written by hand.
pub(crate) async fn reschedule(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let id = visit_id(&id)?;
    let (line, _) = app.care.visit(&form.actor, id).await.map_err(|error| form.failed(error))?;
    let (starts_at, fit) = match form.posted.get("inicio").parse::<Timestamp>() {
        Ok(at) => (at, Fit::Free),
        Err(_) => (written_time(&app, &form).await?, Fit::Extra),
    };
    let to = NewTime { practitioner_id: line.appointment.practitioner_id, starts_at, fit };
    let moved = app.care.reschedule(Booker::Staff(&form.actor), id, &to).await;
    let moved = moved.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/citas/{}?aviso=cita-movida", moved.id)))
}

/// Day and hour as somebody wrote them.
pub(super) async fn written_time(app: &App, form: &Form) -> Result<Timestamp, Outcome> {
    let zone = app.care.agenda_setup(&form.actor).await?.zone;
    let day = clinical::person::parse_date(form.posted.get("dia")).ok();
    let time = format!("{}:00", form.posted.get("hora").trim()).parse::<Time>().ok();
    let at = day
        .zip(time)
        .and_then(|(day, time)| zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok());
    let message = "Escriba el día como día/mes/año y la hora como 09:00";
    at.ok_or_else(|| form.failed(care::CareError::invalid("hora", message)))
}

/// `GET /agenda/espera`.
pub(crate) async fn waiting_list(
    State(app): State<App>,
    user: SignedIn,
    Query(query): Query<AgendaQuery>,
) -> Answer {
    let list = app.care.waiting_list(&user.actor).await?;
    let setup = app.care.agenda_setup(&user.actor).await?;
    let when = |at| format::day_and_time(at, &setup.zone, setup.today);
    let mut shell = shell(&user.actor, Place::Agenda);
    shell.notice = notice(&query.aviso);
    let rows = list.iter().map(|waiting| {
        let entry = &waiting.entry;
        let service = setup.services.iter().find(|one| one.id == entry.service_id);
        let with = setup.practitioners.iter().find(|one| Some(one.id) == entry.practitioner_id);
        let phone = waiting.patient.data.phone.as_ref().map(ToString::to_string);
        let words = [
            service.map(|one| one.name.clone()).unwrap_or_default(),
            with.map_or("con cualquier médico".to_owned(), |one| format!("con {}", one.full_name())),
            entry.part.label().to_lowercase(),
            format!("del {} al {}", format::day_of_year(entry.from), format::day_of_year(entry.until)),
            phone.map_or("sin teléfono".to_owned(), |phone| format!("tel. {phone}")),
        ];
        WaitingRow {
            id: entry.id.to_string(),
            name: waiting.patient.full_name(),
            about: words.join(", "),
            offer: waiting.offer.as_ref().map(|(visit, offer)| {
                let words = format!(
                    "Se le guarda {} hasta {}: llámele",
                    when(visit.starts_at),
                    when(offer.kept_until)
                );
                (format!("/citas/{}", visit.id), words)
            }),
        }
    });
    let (rows, manages) = (rows.collect(), user.actor.may(Permission::ManageAgenda));
    Ok(render(&WaitingPage { shell, rows, manages })?)
}

/// `POST /agenda/espera/quitar`.
pub(crate) async fn leave_list(State(app): State<App>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let id = form.posted.get("espera").parse();
    let id = id.map_err(|_| Outcome::not_found("a esa persona en la lista de espera"))?;
    let left = app.care.leave_waiting_list(Booker::Staff(&form.actor), id).await;
    left.map_err(|error| form.failed(error))?;
    Ok(see("/agenda/espera?aviso=espera-fin"))
}
