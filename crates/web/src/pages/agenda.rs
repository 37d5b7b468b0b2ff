//! One visit with its steps, and the waiting list.

use axum::extract::{Path, Query, State};
use care::agenda_days::zone_of;
use care::booking::{Booker, Fit, NewTime, SlotsWanted};
use care::{CareError, Permission};
use clinical::encounter::{AppointmentState, AppointmentStep, CancelReason};
use clinical::ids::AppointmentId;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::agenda_days::{consult, elsewhere};
use super::{Answer, notice, render, see, shell};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::agenda::{Undo, VisitPage, WaitingPage, WaitingRow};
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
    /// A free time that was chosen.
    #[serde(default)]
    pub(super) inicio: String,
    /// Code of a message.
    #[serde(default)]
    pub(super) aviso: String,
    /// How the last move is undone.
    #[serde(default)]
    pub(super) deshacer: String,
}

impl AgendaQuery {
    pub(super) fn day(&self) -> Option<Date> {
        clinical::person::parse_date(&self.dia).ok()
    }
}

pub(super) fn address(day: Date, view: &str, practitioner: &str) -> String {
    let view = if view.is_empty() { String::new() } else { format!("&vista={view}") };
    let whose = if practitioner.is_empty() { String::new() } else { format!("&medico={practitioner}") };
    format!("/agenda?dia={day}{view}{whose}")
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
    let place = zone_of(&setup.rooms, appointment.room_id, zone);
    let day = format::day(appointment.starts_at, zone);
    let mut when = format!(
        "{}, {}",
        format::weekday(format::day(appointment.starts_at, &place)),
        format::time(appointment.starts_at, &place)
    );
    if let Some(words) = elsewhere(appointment.starts_at, &place, zone) {
        when = format!("{when} ({words})");
    }
    let room = setup.rooms.iter().find(|room| Some(room.id) == appointment.room_id);
    let phone = line.patient.data.phone.as_ref().map(ToString::to_string);
    let mut facts = vec![
        ("Cuándo", when),
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
        consult: consult(&user.actor, appointment.state),
        steps: if manages { next_steps(appointment.state) } else { Vec::new() },
        reasons: match manages && appointment.state.after(AppointmentStep::Cancel).is_some() {
            true => CancelReason::CHOICES.map(|reason| (reason.code(), reason.label())).to_vec(),
            false => Vec::new(),
        },
        slots: slots
            .iter()
            .map(|slot| {
                let zone = zone_of(&setup.rooms, Some(slot.room_id), zone);
                let day = format::day_of_year(format::day(slot.starts_at, &zone));
                (slot.starts_at.to_string(), format!("{day} {}", format::time(slot.starts_at, &zone)))
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
        return Ok(see(&format!("{}&aviso=cita#v-{}", page_of_form(&form), visit.id)));
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

/// `POST /citas/{id}/mover`: to a free time, or to one written by hand; from the agenda also to another professional.
pub(crate) async fn reschedule(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let id = visit_id(&id)?;
    let (line, _) = app.care.visit(&form.actor, id).await.map_err(|error| form.failed(error))?;
    let was = line.appointment;
    let (starts_at, fit) = match form.posted.get("inicio").parse::<Timestamp>() {
        Ok(at) if form.posted.get("modo") == "extra" => (at, Fit::Extra),
        Ok(at) => (at, Fit::Free),
        Err(_) => {
            let setup = app.care.agenda_setup(&form.actor).await?;
            let zone = zone_of(&setup.rooms, was.room_id, &setup.zone);
            (written_time(&form, &zone)?, Fit::Extra)
        }
    };
    let practitioner_id = form.posted.get("con").parse().unwrap_or(was.practitioner_id);
    let to = NewTime { practitioner_id, starts_at, fit };
    let from_agenda = form.posted.get("en") == "agenda";
    match app.care.reschedule(Booker::Staff(&form.actor), id, &to).await {
        Ok(moved) if from_agenda => {
            let undo = Undo::of(&was);
            Ok(see(&format!("{}&aviso=cita-movida&deshacer={undo}#v-{}", page_of_form(&form), moved.id)))
        }
        Ok(moved) => Ok(see(&format!("/citas/{}?aviso=cita-movida", moved.id))),
        Err(CareError::SlotTaken { .. }) if from_agenda => {
            Ok(see(&format!("{}&aviso=cita-ocupada#v-{id}", page_of_form(&form))))
        }
        Err(error) => Err(form.failed(error)),
    }
}

/// The page of the agenda a form was sent from.
fn page_of_form(form: &Form) -> String {
    let posted = |name| form.posted.get(name);
    let day = clinical::person::parse_date(posted("dia")).map(|day| day.to_string()).unwrap_or_default();
    let view = Some(posted("vista")).filter(|view| matches!(*view, "semana" | "lista")).unwrap_or_default();
    let whose = posted("medico").parse::<clinical::ids::PractitionerId>();
    let whose = whose.map(|id| id.to_string()).unwrap_or_default();
    format!("/agenda?dia={day}&vista={view}&medico={whose}")
}

/// Day and hour as somebody wrote them, on the clock of a place.
pub(super) fn written_time(form: &Form, zone: &TimeZone) -> Result<Timestamp, Outcome> {
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
    let now = app.care.now();
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
                let (at, until) = (when(visit.starts_at), when(offer.kept_until));
                let words = match offer.can_be_told(now) {
                    true => format!("Se le guarda {at} hasta {until}: llámele"),
                    // The visit that stood there can still go back.
                    false => format!("Se le guarda {at}: llámele en uno o dos minutos"),
                };
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
