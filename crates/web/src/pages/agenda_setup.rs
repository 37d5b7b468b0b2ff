//! What the agenda is made from: hours, absences, services and rooms.

use axum::extract::{Query, State};
use care::agenda_setup::{AgendaSetup, ClosureForm, RoomForm, ServiceForm, ShiftForm, ZONES};
use care::error::FieldError;
use care::{Actor, CareError, Permission};
use clinical::practitioner::Practitioner;
use clinical::schedule::{Closure, ClosureReason, Repeats, Shift, Weekdays};
use jiff::civil::{Date, Time, Weekday};

use super::{Answer, ListQuery, notice, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::agenda::AgendaSetupPage;
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::{App, format};

const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "Lunes"),
    (Weekday::Tuesday, "Martes"),
    (Weekday::Wednesday, "Miércoles"),
    (Weekday::Thursday, "Jueves"),
    (Weekday::Friday, "Viernes"),
    (Weekday::Saturday, "Sábado"),
    (Weekday::Sunday, "Domingo"),
];

const PLACES: [&str; 5] = ["Primero", "Segundo", "Tercero", "Cuarto", "Último"];

/// Which of the forms of the page was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    None,
    Shift,
    Closure,
    Other,
}

/// `GET /agenda/horarios`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let setup = app.care.agenda_setup(&user.actor).await?;
    let mut page = build(&user.actor, &setup, &Posted::default(), &[], Sent::None);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

fn build(
    actor: &Actor,
    setup: &AgendaSetup,
    posted: &Posted,
    errors: &[FieldError],
    sent: Sent,
) -> AgendaSetupPage {
    let people = || setup.practitioners.iter().map(|one| (one.id.to_string(), one.full_name())).collect();
    let rooms = setup.rooms.iter().filter(|room| room.active);
    let rooms = rooms.map(|room| (room.id.to_string(), room.name.clone())).collect();
    let reasons = [ClosureReason::Vacation, ClosureReason::Busy];
    let reasons = reasons.map(|reason| (reason.code().to_owned(), reason.label().to_owned())).to_vec();
    let ticked = |field: &str, number: usize| {
        let number = number.to_string();
        posted.0.iter().any(|(name, value)| name == field && *value == number)
    };
    AgendaSetupPage {
        shell: shell(actor, Place::Agenda),
        errors: ErrorSummary::new(errors),
        manages: actor.may(Permission::ManageAgenda),
        shifts: setup.shifts.iter().map(|shift| shift_row(shift, setup)).collect(),
        closures: setup.closures.iter().map(|closure| closure_row(closure, setup)).collect(),
        services: setup
            .services
            .iter()
            .map(|one| (one.id.to_string(), one.name.clone(), one.minutes, one.buffer, one.active))
            .collect(),
        rooms: setup
            .rooms
            .iter()
            .map(|room| {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                (
                    room.id.to_string(),
                    room.name.clone(),
                    text(&room.zone),
                    text(&room.video_link),
                    room.active,
                )
            })
            .collect(),
        zones: ZONES.map(|(code, words)| (code.to_owned(), words.to_owned())).to_vec(),
        shift_choices: vec![
            Placed(posted, errors, sent == Sent::Shift).choice(Choice::new("medico", "Médico", people())),
            Placed(posted, errors, sent == Sent::Shift).choice(Choice::new(
                "consultorio",
                "Consultorio",
                rooms,
            )),
        ],
        shift_fields: shift_fields(posted, errors, sent, setup.today),
        days: (1..).zip(&DAYS).map(|(at, (_, word))| (at, *word, ticked("dias", at))).collect(),
        places: (1..).zip(&PLACES).map(|(at, word)| (at, *word, ticked("del_mes", at))).collect(),
        closure_choices: vec![
            Placed(posted, errors, sent == Sent::Closure)
                .choice(Choice::new("medico", "Médico", people()).id("ausente")),
            Placed(posted, errors, sent == Sent::Closure).choice(Choice::new("causa", "Causa", reasons)),
        ],
        closure_fields: closure_fields(posted, errors, sent),
    }
}

/// What was posted goes only into the form it came from.
struct Placed<'a>(&'a Posted, &'a [FieldError], bool);

impl Placed<'_> {
    fn field(&self, field: Field) -> Field {
        if self.2 { field.from(self.0, self.1) } else { field }
    }

    fn choice(&self, choice: Choice) -> Choice {
        if self.2 { choice.from(self.0, self.1) } else { choice }
    }
}

fn shift_fields(posted: &Posted, errors: &[FieldError], sent: Sent, today: Date) -> Vec<Field> {
    let placed = Placed(posted, errors, sent == Sent::Shift);
    let first = |field: Field, text: &str| field.value(text);
    vec![
        placed.field(Field::time("entrada", "Entrada")),
        placed.field(Field::time("salida", "Salida")),
        placed
            .field(first(Field::text("cada", "Una cita cada (minutos)").mode("numeric").width("w-10"), "30")),
        placed.field(first(
            Field::text("sobrecupo", "Citas de sobrecupo a la misma hora").mode("numeric").width("w-10"),
            "0",
        )),
        placed.field(first(
            Field::text("semanas", "Cada cuántas semanas")
                .help("1 para todas, 2 para una sí y una no")
                .mode("numeric")
                .width("w-10"),
            "1",
        )),
        placed.field(first(
            Field::text("desde", "Desde el día").help("día/mes/año").width("w-10"),
            &format::form_date(today),
        )),
        placed.field(Field::text("hasta", "Hasta el día").optional().width("w-10")),
    ]
}

fn closure_fields(posted: &Posted, errors: &[FieldError], sent: Sent) -> Vec<Field> {
    let placed = Placed(posted, errors, sent == Sent::Closure);
    let id = |field: Field, id: &str| if sent == Sent::Closure { field } else { field.id(id) };
    vec![
        placed.field(id(Field::text("desde", "Desde el día").help("día/mes/año").width("w-10"), "a-desde")),
        placed.field(Field::time("desde_hora", "Desde la hora").optional().help("Vacía: todo el día")),
        placed.field(id(Field::text("hasta", "Hasta el día").optional().width("w-10"), "a-hasta")),
        placed.field(Field::time("hasta_hora", "Hasta la hora").optional()),
    ]
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn name(setup: &AgendaSetup, id: clinical::ids::PractitionerId) -> String {
    let who = setup.practitioners.iter().find(|one| one.id == id);
    who.map(Practitioner::full_name).unwrap_or_default()
}

fn shift_row(shift: &Shift, setup: &AgendaSetup) -> (String, String, String) {
    let hours = format!("{} a {}", clock(shift.from), clock(shift.until));
    let names = |days: Weekdays| {
        let days = DAYS.iter().filter(|(day, _)| days.has(*day)).map(|(_, word)| word.to_lowercase());
        days.collect::<Vec<_>>().join(", ")
    };
    let (when, since, until) = match shift.repeats {
        Repeats::Once(day) => (format!("solo el {}", format::long_date(day)), None, None),
        Repeats::Weekly { days, every, since, until } => {
            let every = if every > 1 { format!(", cada {every} semanas") } else { String::new() };
            (format!("{}{every}", names(days)), Some(since), until)
        }
        Repeats::Monthly { days, places, since, until } => {
            let which = (1_u8..).zip(PLACES).filter(|(place, _)| places.has(*place));
            let which = which.map(|(_, word)| word.to_lowercase()).collect::<Vec<_>>().join(" y ");
            (format!("{}, {which} del mes", names(days)), Some(since), until)
        }
    };
    let since = since.filter(|since| *since > setup.today);
    let when = match since {
        Some(since) => format!("{when}, desde el {}", format::long_date(since)),
        None => when,
    };
    let room = setup.rooms.iter().find(|room| room.id == shift.room_id);
    let mut more = vec![when, room.map(|room| room.name.clone()).unwrap_or_default()];
    more.push(format!("una cita cada {} minutos", shift.step));
    more.extend((shift.overbook > 0).then(|| format!("sobrecupo de {}", shift.overbook)));
    more.extend(until.map(|day| format!("hasta el {}", format::long_date(day))));
    (shift.id.to_string(), format!("{}, {hours}", name(setup, shift.practitioner_id)), more.join(", "))
}

fn closure_row(closure: &Closure, setup: &AgendaSetup) -> (String, String, String) {
    let when = |at| format::day_and_time(at, &setup.zone, setup.today);
    let title = format!(
        "{}, de {} a {}",
        name(setup, closure.practitioner_id),
        when(closure.span.start()),
        when(closure.span.end())
    );
    (closure.id.to_string(), title, closure.reason.label().to_owned())
}

async fn done(app: &App, form: &Form, result: Result<&'static str, CareError>, sent: Sent) -> Answer {
    match result {
        Ok(code) => Ok(see(&format!("/agenda/horarios?aviso={code}"))),
        Err(CareError::Invalid(errors)) => {
            let setup = app.care.agenda_setup(&form.actor).await?;
            to_correct(&build(&form.actor, &setup, &form.posted, &errors, sent))
        }
        Err(error) => Err(form.failed(error)),
    }
}

fn all(posted: &Posted, name: &str) -> Vec<String> {
    posted.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
}

/// `POST /agenda/horarios`.
pub(crate) async fn add_shift(State(app): State<App>, form: Form) -> Answer {
    let text = |name: &str| form.posted.get(name).to_owned();
    let shift = ShiftForm {
        practitioner: text("medico"),
        room: text("consultorio"),
        from: text("entrada"),
        until: text("salida"),
        days: all(&form.posted, "dias"),
        places: all(&form.posted, "del_mes"),
        every: text("semanas"),
        since: text("desde"),
        last: text("hasta"),
        step: text("cada"),
        overbook: text("sobrecupo"),
        services: all(&form.posted, "servicios"),
    };
    let added = app.care.add_shift(&form.actor, &shift).await.map(|_| "horario");
    done(&app, &form, added, Sent::Shift).await
}

/// `POST /agenda/horarios/quitar`.
pub(crate) async fn remove_shift(State(app): State<App>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let id = form.posted.get("horario").parse().map_err(|_| Outcome::not_found("ese horario"))?;
    let removed = app.care.remove_shift(&form.actor, id).await.map(|()| "horario-fin");
    done(&app, &form, removed, Sent::Other).await
}

/// `POST /agenda/ausencias`.
pub(crate) async fn add_closure(State(app): State<App>, form: Form) -> Answer {
    let text = |name: &str| form.posted.get(name).to_owned();
    let closure = ClosureForm {
        practitioner: text("medico"),
        from_day: text("desde"),
        from_time: text("desde_hora"),
        until_day: text("hasta"),
        until_time: text("hasta_hora"),
        reason: text("causa"),
    };
    let added = app.care.add_closure(&form.actor, &closure).await;
    let added = added.map(|booked| if booked == 0 { "ausencia" } else { "ausencia-citas" });
    done(&app, &form, added, Sent::Closure).await
}

/// `POST /agenda/ausencias/quitar`.
pub(crate) async fn remove_closure(State(app): State<App>, form: Form) -> Answer {
    app.care.allow(&form.actor, Permission::ManageAgenda).await?;
    let id = form.posted.get("ausencia").parse().map_err(|_| Outcome::not_found("esa ausencia"))?;
    let removed = app.care.remove_closure(&form.actor, id).await.map(|()| "ausencia-fin");
    done(&app, &form, removed, Sent::Other).await
}

/// `POST /agenda/servicios`.
pub(crate) async fn save_service(State(app): State<App>, form: Form) -> Answer {
    let text = |name: &str| form.posted.get(name).to_owned();
    let service = ServiceForm {
        id: text("id"),
        name: text("nombre"),
        minutes: text("minutos"),
        buffer: text("despues"),
        active: form.posted.ticked("activo"),
    };
    let saved = app.care.save_service(&form.actor, &service).await.map(|_| "servicio");
    done(&app, &form, saved, Sent::Other).await
}

/// `POST /agenda/consultorios`.
pub(crate) async fn save_room(State(app): State<App>, form: Form) -> Answer {
    let text = |name: &str| form.posted.get(name).to_owned();
    let room = RoomForm {
        id: text("id"),
        name: text("nombre"),
        zone: text("zona"),
        video_link: text("video"),
        active: form.posted.ticked("activo"),
    };
    let saved = app.care.save_room(&form.actor, &room).await.map(|_| "consultorio");
    done(&app, &form, saved, Sent::Other).await
}
