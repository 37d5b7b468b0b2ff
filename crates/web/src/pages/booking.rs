//! A new visit: who, what for, and one of the next free times; or over the hours, without an hour, or on the waiting list.

use axum::extract::{Query, State};
use care::CareError;
use care::agenda_days::zone_of;
use care::agenda_setup::AgendaSetup;
use care::booking::{Booker, Fit, NewBooking, SlotsWanted};
use care::error::FieldError;
use care::waiting_list::Wish;
use clinical::ids::{PractitionerId, ServiceId};
use clinical::person::parse_date;
use clinical::schedule::slots::FreeSlot;
use clinical::schedule::waiting::DayPart;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::agenda::{AHEAD_DAYS, AgendaQuery, SLOTS, written_time};
use super::agenda_days::elsewhere;
use super::patients::patient_id;
use super::{Answer, render, see, shell, to_correct};
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::views::agenda::{BookingPage, SlotView};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::{App, format};

/// `GET /agenda/nueva`.
pub(crate) async fn page(State(app): State<App>, user: SignedIn, Query(query): Query<AgendaQuery>) -> Answer {
    app.care.allow(&user.actor, care::Permission::ManageAgenda).await?;
    let page = build(&app, &user.actor, &query, &Posted::default(), &[]).await?;
    Ok(render(&page)?)
}

async fn build(
    app: &App,
    actor: &care::Actor,
    query: &AgendaQuery,
    posted: &Posted,
    errors: &[FieldError],
) -> Result<BookingPage, Outcome> {
    let setup = app.care.agenda_setup(actor).await?;
    let day = query.day().filter(|day| *day > setup.today).unwrap_or(setup.today);
    let practitioner: Option<PractitionerId> = query.medico.parse().ok();
    let service = chosen_service(&setup, &query.servicio);
    let with = practitioner.map(|id| id.to_string()).unwrap_or_default();
    let chosen: Option<Timestamp> = query.inicio.parse().ok();
    let at = chosen.map(|at| format!("&inicio={at}")).unwrap_or_default();
    let mut found = Vec::new();
    let patient = match query.paciente.is_empty() {
        true => {
            for one in app.care.search_patients(actor, query.q.trim(), 0).await?.patients.iter().take(12) {
                let phone =
                    one.data.phone.as_ref().map(|phone| format!(", tel. {phone}")).unwrap_or_default();
                let age = one.age_text(setup.today);
                let href = format!("/agenda/nueva?paciente={}&medico={with}&dia={day}{at}", one.id);
                found.push((href, format!("{}, {age}, {}{phone}", one.full_name(), one.record_number)));
            }
            None
        }
        false => {
            let patient = app.care.patient(actor, patient_id(&query.paciente)?).await?;
            Some((patient.id.to_string(), patient.full_name()))
        }
    };
    let mut free = Vec::new();
    if let (Some(service), Some(_)) = (service, &patient) {
        let from = setup.zone.to_timestamp(day.to_datetime(Time::midnight()));
        let from = from.unwrap_or_else(|_| app.care.now());
        let until = from + SignedDuration::from_hours(24 * AHEAD_DAYS);
        let wanted = SlotsWanted { practitioner, service, from, until, limit: SLOTS };
        free = app.care.free_slots(Booker::Staff(actor), &wanted).await?;
    }
    let next =
        free.last().map_or(day, |slot| format::day(slot.starts_at, &setup.zone).saturating_add(1.day()));
    let service_code = service.map(|id| id.to_string()).unwrap_or_default();
    let later = |(id, _): &(String, String)| {
        format!("/agenda/nueva?paciente={id}&servicio={service_code}&medico={with}&dia={next}")
    };
    Ok(BookingPage {
        shell: shell(actor, Place::Agenda),
        errors: ErrorSummary::new(errors),
        query: query.q.trim().to_owned(),
        found,
        chosen: chosen.map(|at| at.to_string()).unwrap_or_default(),
        later: patient.as_ref().map(later).unwrap_or_default(),
        patient,
        choices: choices(&setup, &service_code, &with),
        day: Field::text("dia", "Desde el día").width("w-10").value(format::form_date(day)),
        slots: by_day(&free, &setup, practitioner.is_none(), chosen),
        service: service_code,
        practitioner: with,
        extra: vec![
            Field::text("dia", "Día").id("dia-extra").help("día/mes/año").width("w-10").from(posted, &[]),
            Field::time("hora", "Hora").from(posted, errors),
            Field::text("minutos", "Minutos").optional().mode("numeric").width("w-10").from(posted, errors),
        ],
        waiting: waiting_fields(setup.today, posted, errors),
        part: Choice::new(
            "parte",
            "Parte del día",
            DayPart::ALL.map(|part| (part.code().to_owned(), part.label().to_owned())).to_vec(),
        )
        .from(posted, &[]),
    })
}

fn waiting_fields(today: Date, posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let or = |field: Field, name: &str, day: Date| match posted.filled(name) {
        Some(_) => field.from(posted, errors),
        None => field.value(format::form_date(day)),
    };
    vec![
        or(Field::text("desde", "Le queda bien desde").width("w-10"), "desde", today),
        or(Field::text("hasta", "Hasta").width("w-10"), "hasta", today.saturating_add(14.days())),
    ]
}

fn chosen_service(setup: &AgendaSetup, code: &str) -> Option<ServiceId> {
    let active = || setup.services.iter().filter(|service| service.active).map(|service| service.id);
    let asked: Option<ServiceId> = code.parse().ok();
    active().find(|id| Some(*id) == asked).or_else(|| active().next())
}

fn choices(setup: &AgendaSetup, service: &str, practitioner: &str) -> Vec<Choice> {
    let services = setup.services.iter().filter(|one| one.active);
    let services = services.map(|one| (one.id.to_string(), format!("{}, {} min", one.name, one.minutes)));
    let mut people = vec![(String::new(), "Cualquiera".to_owned())];
    people.extend(setup.practitioners.iter().map(|one| (one.id.to_string(), one.full_name())));
    vec![
        Choice::new("servicio", "Servicio", services.collect()).value(service),
        Choice::new("medico", "Con", people).value(practitioner),
    ]
}

/// Free times under their day, on the clock of their place. The value carries who with, so that "anybody" becomes somebody.
fn by_day(
    free: &[FreeSlot],
    setup: &AgendaSetup,
    with_whom: bool,
    chosen: Option<Timestamp>,
) -> Vec<(String, Vec<SlotView>)> {
    let mut days: Vec<(String, Vec<SlotView>)> = Vec::new();
    for slot in free {
        let zone = zone_of(&setup.rooms, Some(slot.room_id), &setup.zone);
        let title = format::weekday(format::day(slot.starts_at, &zone));
        let who = setup.practitioners.iter().find(|one| one.id == slot.practitioner_id);
        let who = who.filter(|_| with_whom).map(|one| format!(" {}", one.full_name())).unwrap_or_default();
        let mut words = format!("{}{who}", format::time(slot.starts_at, &zone));
        if let Some(other) = elsewhere(slot.starts_at, &zone, &setup.zone) {
            words = format!("{words} ({other})");
        }
        let value = format!("{} {}", slot.starts_at, slot.practitioner_id);
        let time = SlotView { value, words, chosen: chosen == Some(slot.starts_at) };
        match days.last_mut().filter(|(last, _)| *last == title) {
            Some((_, times)) => times.push(time),
            None => days.push((title, vec![time])),
        }
    }
    days
}

/// `POST /citas`.
pub(crate) async fn book(State(app): State<App>, form: Form) -> Answer {
    app.care.allow(&form.actor, care::Permission::ManageAgenda).await?;
    match make(&app, &form).await {
        Ok(address) => Ok(see(&address)),
        Err(CareError::Invalid(errors)) => again(&app, &form, &errors).await,
        Err(CareError::SlotTaken { message, .. }) => {
            again(&app, &form, &[FieldError::new("hora", message)]).await
        }
        Err(error) => Err(form.failed(error)),
    }
}

async fn again(app: &App, form: &Form, errors: &[FieldError]) -> Answer {
    let text = |name| form.posted.get(name).to_owned();
    let query = AgendaQuery {
        paciente: text("paciente"),
        servicio: text("servicio"),
        medico: text("medico"),
        ..AgendaQuery::default()
    };
    to_correct(&build(app, &form.actor, &query, &form.posted, errors).await?)
}

/// Does what the form asks; where to go then.
async fn make(app: &App, form: &Form) -> Result<String, CareError> {
    let who = Booker::Staff(&form.actor);
    let nobody = || CareError::NotFound { what: "el expediente" };
    let patient_id = form.posted.get("paciente").parse().map_err(|_| nobody())?;
    let service = form.posted.get("servicio").parse();
    let service = service.map_err(|_| CareError::NotFound { what: "el servicio" })?;
    let practitioner: Option<PractitionerId> = form.posted.get("medico").parse().ok();
    let chosen = || practitioner.ok_or_else(|| CareError::invalid("medico", "Elija al médico"));
    match form.posted.get("modo") {
        "sin_cita" => {
            app.care.walk_in(&form.actor, patient_id, chosen()?, service).await?;
            return Ok("/agenda?aviso=fila".to_owned());
        }
        "espera" => {
            let wish = wish(form, patient_id, practitioner, service)?;
            app.care.join_waiting_list(who, &wish).await?;
            return Ok("/agenda/espera?aviso=espera".to_owned());
        }
        _ => {}
    }
    let new = match form.posted.get("modo") {
        "extra" => {
            let minutes = match form.posted.filled("minutos") {
                None => None,
                Some(text) => Some(text.parse().map_err(|_| {
                    CareError::invalid("minutos", "Escriba la duración en minutos, por ejemplo 30")
                })?),
            };
            let practitioner_id = chosen()?;
            let setup = app.care.agenda_setup(&form.actor).await?;
            let starts_at =
                written_time(form, &zone_with(&setup, practitioner_id)).map_err(Outcome::into_error)?;
            NewBooking { patient_id, practitioner_id, service, minutes, starts_at, fit: Fit::Extra }
        }
        _ => {
            let value = form.posted.get("inicio").split_once(' ');
            let parsed = value.and_then(|(at, id)| Some((at.parse::<Timestamp>().ok()?, id.parse().ok()?)));
            let (starts_at, practitioner_id) =
                parsed.ok_or_else(|| CareError::invalid("hora", "Elija una de las horas libres"))?;
            NewBooking { patient_id, practitioner_id, service, minutes: None, starts_at, fit: Fit::Free }
        }
    };
    let visit = app.care.book(who, &new).await?;
    Ok(format!("/citas/{}?aviso=cita-nueva", visit.id))
}

/// The clock somebody means who writes an hour with a professional: that of the only place they attend in.
fn zone_with(setup: &AgendaSetup, practitioner: PractitionerId) -> TimeZone {
    let own = setup.shifts.iter().filter(|shift| shift.practitioner_id == practitioner);
    let mut zones = own.map(|shift| zone_of(&setup.rooms, Some(shift.room_id), &setup.zone));
    match zones.next() {
        Some(first) if zones.all(|zone| zone == first) => first,
        _ => setup.zone.clone(),
    }
}

fn wish(
    form: &Form,
    patient_id: clinical::ids::PatientId,
    practitioner_id: Option<PractitionerId>,
    service: ServiceId,
) -> Result<Wish, CareError> {
    let day = |field: &'static str| {
        parse_date(form.posted.get(field)).map_err(|error| CareError::invalid(field, error))
    };
    let part = DayPart::from_code(form.posted.get("parte")).unwrap_or(DayPart::Any);
    Ok(Wish { patient_id, practitioner_id, service, from: day("desde")?, until: day("hasta")?, part })
}
