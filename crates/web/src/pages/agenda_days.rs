//! The agenda of a day or a week: visits, what is free between them, who waits, and a visit moved from one time to another.

use axum::extract::{Query, State};
use care::agenda_days::{AgendaDays, AgendaVisit};
use care::{Actor, Permission};
use clinical::encounter::{Appointment, AppointmentState, AppointmentStep};
use clinical::ids::{AppointmentId, PractitionerId, RoomId};
use clinical::practitioner::Practitioner;
use clinical::schedule::slots::FreeSlot;
use clinical::schedule::{Closure, Span};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::agenda::{AgendaQuery, address};
use super::{Answer, notice, render, shell};
use crate::session::SignedIn;
use crate::views::agenda::{AgendaPage, ColumnView, GapView, LineView, Undo, VisitRow};
use crate::views::shell::{Notice, Place};
use crate::{App, format, labels};

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
    shell.notice = match query.aviso.as_str() {
        "cita-ocupada" => Some(Notice::warn(
            "La cita se quedó donde estaba: esa hora ya se ocupó, no alcanza para ella o no es para ese servicio.",
        )),
        code => notice(code),
    };
    let step = i64::from(length).days();
    let go = |view: &str| address(asked, view, &whose);
    let mut people = vec![("Todos".to_owned(), address(asked, view, ""), whose.is_empty())];
    let attends = |id: PractitionerId| setup.shifts.iter().any(|shift| shift.practitioner_id == id);
    people.extend(setup.practitioners.iter().filter(|one| attends(one.id)).map(|one| {
        let id = one.id.to_string();
        let current = id == whose;
        (one.full_name(), address(asked, view, &id), current)
    }));
    let manages = user.actor.may(Permission::ManageAgenda);
    let sheet = Sheet { actor: &user.actor, days: &days, whose: &whose };
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
        columns: match (as_list, week) {
            (true, _) => Vec::new(),
            (false, true) => sheet.of_week(),
            (false, false) => sheet.of_day(),
        },
        list: match as_list {
            true => days.visits.iter().map(|visit| sheet.row(visit, true)).collect(),
            false => Vec::new(),
        },
        as_list,
        choose: week && whose.is_empty() && people.len() > 2,
        whose: people,
        has_hours: days.has_hours,
        manages,
        undo: Undo::read(&query.deshacer).filter(|_| manages && query.aviso == "cita-movida"),
        day: asked.to_string(),
        view: view.to_owned(),
        filter: whose.clone(),
        book: format!("/agenda/nueva?dia={asked}&medico={whose}"),
        shell,
    })?)
}

/// What the columns are made from.
struct Sheet<'a> {
    actor: &'a Actor,
    days: &'a AgendaDays,
    whose: &'a str,
}

/// What a column shows.
struct Column<'a> {
    id: String,
    title: String,
    hours: Vec<(RoomId, Span)>,
    book: String,
    visits: Vec<&'a AgendaVisit>,
    free: Vec<&'a FreeSlot>,
    away: Vec<&'a Closure>,
    /// Whether visits say with whom they are.
    with_whom: bool,
}

/// What stands in a column at some time.
enum Piece<'a> {
    Visit(&'a AgendaVisit),
    Free(&'a FreeSlot),
    Away(&'a Closure),
}

impl Sheet<'_> {
    fn day_of(&self, at: Timestamp) -> Date {
        format::day(at, &self.days.zone)
    }

    /// One column a day.
    fn of_week(&self) -> Vec<ColumnView> {
        let days = self.days;
        let one_person = days.practitioners.len() == 1;
        let all = (0..7).map(|offset| days.from.saturating_add(i64::from(offset).days()));
        all.map(|day| {
            self.column(Column {
                id: format!("d-{day}"),
                title: format::weekday(day),
                hours: self.hours(|_, span| self.day_of(span.start()) == day),
                book: format!("/agenda/nueva?dia={day}&medico={}", self.whose),
                visits: days
                    .visits
                    .iter()
                    .filter(|visit| self.day_of(visit.line.appointment.starts_at) == day)
                    .collect(),
                free: days.free.iter().filter(|slot| self.day_of(slot.starts_at) == day).collect(),
                away: days
                    .closures
                    .iter()
                    .filter(|one| {
                        one_person
                            && self.day_of(one.span.start()) <= day
                            && self.day_of(one.span.end()) >= day
                    })
                    .collect(),
                with_whom: !one_person,
            })
        })
        .collect()
    }

    /// One column a professional.
    fn of_day(&self) -> Vec<ColumnView> {
        let days = self.days;
        let one = |practitioner: &Practitioner| {
            let id = practitioner.id;
            self.column(Column {
                id: format!("m-{id}"),
                title: practitioner.full_name(),
                hours: self.hours(|whose, _| whose == id),
                book: format!("/agenda/nueva?dia={}&medico={id}", days.from),
                visits: days
                    .visits
                    .iter()
                    .filter(|visit| visit.line.appointment.practitioner_id == id)
                    .collect(),
                free: days.free.iter().filter(|slot| slot.practitioner_id == id).collect(),
                away: days.closures.iter().filter(|one| one.practitioner_id == id).collect(),
                with_whom: false,
            })
        };
        days.practitioners.iter().map(one).collect()
    }

    fn column(&self, column: Column<'_>) -> ColumnView {
        let waits = |visit: &&AgendaVisit| {
            visit.line.appointment.lane.is_none() && visit.line.appointment.state == AppointmentState::Arrived
        };
        let (mut queue, visits): (Vec<&AgendaVisit>, Vec<&AgendaVisit>) =
            column.visits.into_iter().partition(waits);
        queue.sort_by_key(|visit| visit.last_step.as_ref().map(|step| step.at));
        let mut pieces: Vec<(Timestamp, Piece<'_>)> =
            visits.into_iter().map(|visit| (visit.line.appointment.starts_at, Piece::Visit(visit))).collect();
        pieces.extend(column.free.into_iter().map(|slot| (slot.starts_at, Piece::Free(slot))));
        pieces.extend(column.away.into_iter().map(|closure| (closure.span.start(), Piece::Away(closure))));
        pieces.sort_by_key(|(at, _)| *at);
        ColumnView {
            hours: self.hours_in_words(column.hours),
            lines: self.lines(pieces, &column.title, column.with_whom),
            queue: queue.into_iter().map(|visit| self.row(visit, column.with_whom)).collect(),
            id: column.id,
            title: column.title,
            book: column.book,
        }
    }

    fn hours(&self, of: impl Fn(PractitionerId, Span) -> bool) -> Vec<(RoomId, Span)> {
        let all = self.days.hours.iter();
        all.filter(|(whose, _, span)| of(*whose, *span)).map(|(_, room, span)| (*room, *span)).collect()
    }

    /// Consulting hours on the clock of their place.
    fn hours_in_words(&self, mut hours: Vec<(RoomId, Span)>) -> String {
        hours.sort_unstable_by_key(|(room, span)| (*span, *room));
        let mut words: Vec<String> = Vec::new();
        for (room, span) in hours {
            let zone = self.days.zone_of(Some(room));
            let time = |at| format::time(at, &zone);
            words.push(format!("{} a {}", time(span.start()), time(span.end())));
        }
        words.dedup();
        match words.is_empty() {
            true => "Sin horario este día".to_owned(),
            false => words.join(", "),
        }
    }

    /// Pieces in the order of the clock; free times that follow each other are one line.
    fn lines(&self, pieces: Vec<(Timestamp, Piece<'_>)>, title: &str, with_whom: bool) -> Vec<LineView> {
        let mut lines: Vec<LineView> = Vec::new();
        for (_, piece) in pieces {
            match piece {
                Piece::Visit(visit) => lines.push(LineView::Visit(Box::new(self.row(visit, with_whom)))),
                Piece::Away(closure) => lines.push(LineView::Away(self.away(closure))),
                Piece::Free(slot) => {
                    let gap = self.gap(slot, title);
                    match lines.last_mut() {
                        Some(LineView::Free(gaps)) => gaps.push(gap),
                        _ => lines.push(LineView::Free(vec![gap])),
                    }
                }
            }
        }
        lines
    }

    fn away(&self, closure: &Closure) -> String {
        let zone = &self.days.zone;
        let time = |at| format::time(at, zone);
        let (start, end) = (closure.span.start(), closure.span.end());
        let label = closure.reason.label();
        match self.day_of(start) == self.day_of(end) {
            true => format!("{label} de {} a {}", time(start), time(end)),
            false => {
                let when = |at| format::day_and_time(at, zone, self.day_of(self.days.now));
                format!("{label} de {} a {}", when(start), when(end))
            }
        }
    }

    fn gap(&self, slot: &FreeSlot, title: &str) -> GapView {
        let zone = self.days.zone_of(Some(slot.room_id));
        let day = format::day(slot.starts_at, &self.days.zone);
        let (at, with) = (slot.starts_at, slot.practitioner_id);
        GapView {
            href: format!("/agenda/nueva?dia={day}&medico={with}&inicio={at}"),
            time: format::time(at, &zone),
            at: at.to_string(),
            with: with.to_string(),
            column: title.to_owned(),
        }
    }

    fn row(&self, visit: &AgendaVisit, with_whom: bool) -> VisitRow {
        let (days, actor) = (self.days, self.actor);
        let (appointment, patient) = (&visit.line.appointment, &visit.line.patient);
        let room = days.rooms.iter().find(|room| Some(room.id) == appointment.room_id);
        let zone = days.zone_of(appointment.room_id);
        let mut about = vec![format!("{}, {} min", appointment.service, appointment.minutes)];
        about.extend(room.map(|room| room.name.clone()));
        about.extend(with_whom.then(|| visit.line.practitioner.clone()));
        about.extend(appointment.lane.filter(|lane| *lane > 0).map(|_| "sobrecupo".to_owned()));
        about.extend(elsewhere(appointment.starts_at, &zone, &days.zone));
        let today = self.day_of(appointment.starts_at) == self.day_of(days.now);
        let manages = actor.may(Permission::ManageAgenda);
        VisitRow {
            href: format!("/citas/{}", appointment.id),
            id: appointment.id.to_string(),
            time: format::time(appointment.starts_at, &zone),
            name: patient.full_name(),
            about: about.join(", "),
            phone: patient.data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            state: self.state_in_words(visit),
            class: match appointment.state {
                AppointmentState::Finished | AppointmentState::NoShow | AppointmentState::Cancelled => "done",
                AppointmentState::Arrived | AppointmentState::InConsultation => "here",
                AppointmentState::Booked | AppointmentState::Confirmed => "",
            },
            remark: self.remark(visit),
            movable: manages && appointment.state.is_ahead(),
            step: match appointment.state {
                AppointmentState::Booked | AppointmentState::Confirmed if today => {
                    Some((AppointmentStep::Arrive.code(), "Ya llegó"))
                }
                AppointmentState::Booked => Some((AppointmentStep::Confirm.code(), "Confirmó")),
                _ => None,
            },
            consult: consult(actor, appointment.state),
        }
    }

    /// Where a visit stands; of who waits, since when.
    fn state_in_words(&self, visit: &AgendaVisit) -> String {
        let appointment = &visit.line.appointment;
        let words = labels::visit_state(appointment.state);
        match (&visit.last_step, appointment.state) {
            (Some(step), AppointmentState::Arrived) => {
                let zone = self.days.zone_of(appointment.room_id);
                format!("{words} a las {}", format::time(step.at, &zone))
            }
            _ => words.to_owned(),
        }
    }

    fn remark(&self, visit: &AgendaVisit) -> String {
        match (visit.kept_until, &visit.warning) {
            (Some(until), _) => {
                let until = format::day_and_time(until, &self.days.zone, self.day_of(self.days.now));
                format!("De la lista de espera: se le guarda hasta {until}")
            }
            (None, Some(warning)) => warning.clone(),
            (None, None) => String::new(),
        }
    }
}

/// That an hour is not that of the establishment.
pub(super) fn elsewhere(at: Timestamp, place: &TimeZone, establishment: &TimeZone) -> Option<String> {
    let same = place.to_offset(at) == establishment.to_offset(at);
    (!same).then(|| format!("hora del lugar; aquí son las {}", format::time(at, establishment)))
}

/// The button that opens the consultation of a visit, or returns to it.
pub(super) fn consult(actor: &Actor, state: AppointmentState) -> Option<&'static str> {
    match state {
        _ if !actor.consults() => None,
        AppointmentState::Arrived => Some("Iniciar consulta"),
        AppointmentState::InConsultation => Some("Seguir la consulta"),
        _ => None,
    }
}

impl Undo {
    /// How a visit that was moved goes back, as an address carries it.
    pub(super) fn of(was: &Appointment) -> String {
        // What lay over others or outside of the hours goes back there by the same decision.
        let extra = was.lane != Some(0) || was.room_id.is_none();
        let how = if extra { "extra" } else { "" };
        format!("{}~{}~{}~{how}", was.id, was.starts_at, was.practitioner_id)
    }

    /// Reads [`Undo::of`]; nothing of it reaches the page that is not an id or a time.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let visit: AppointmentId = parts.next()?.parse().ok()?;
        let at: Timestamp = parts.next()?.parse().ok()?;
        let with: PractitionerId = parts.next()?.parse().ok()?;
        let extra = parts.next() == Some("extra");
        Some(Self { visit: visit.to_string(), at: at.to_string(), with: with.to_string(), extra })
    }
}
