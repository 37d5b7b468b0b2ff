//! What the agenda is made from: services, rooms, consulting hours and absences, as a practice sets them.

use clinical::audit::AuditAction;
use clinical::ids::{ClosureId, PractitionerId, RoomId, ServiceId, ShiftId};
use clinical::person::parse_date;
use clinical::practitioner::Practitioner;
use clinical::schedule::{
    Closure, ClosureReason, LONGEST, MonthPlaces, Repeats, Room, Service, Shift, ShiftError, Span, Weekdays,
    room_clash,
};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::Care;
use crate::booking::Books;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::{Check, optional};

/// Most hours, absences to come or services a practice keeps of one professional: more is a mistake.
const MOST: usize = 300;

/// The time zones of Mexico, with the towns of the border that change their clocks.
pub const ZONES: [(&str, &str); 10] = [
    ("America/Mexico_City", "Centro (Ciudad de México)"),
    ("America/Cancun", "Quintana Roo"),
    ("America/Chihuahua", "Chihuahua"),
    ("America/Ciudad_Juarez", "Ciudad Juárez (con horario de verano)"),
    ("America/Ojinaga", "Ojinaga (con horario de verano)"),
    ("America/Matamoros", "Frontera de Tamaulipas, Nuevo León y Coahuila (con horario de verano)"),
    ("America/Hermosillo", "Sonora"),
    ("America/Mazatlan", "Pacífico (Sinaloa, Nayarit, Baja California Sur)"),
    ("America/Tijuana", "Baja California (con horario de verano)"),
    ("America/Bahia_Banderas", "Bahía de Banderas"),
];

/// What a practice has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaSetup {
    /// The zone absences are shown in.
    pub zone: TimeZone,
    /// Today, there.
    pub today: Date,
    /// What can be booked.
    pub services: Vec<Service>,
    /// Where.
    pub rooms: Vec<Room>,
    /// When.
    pub shifts: Vec<Shift>,
    /// When not, from now on; what came from another calendar aside.
    pub closures: Vec<Closure>,
    /// Who attends: everybody with a cédula.
    pub practitioners: Vec<Practitioner>,
}

/// A service as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceForm {
    /// Id of the one that is changed; empty for a new one.
    pub id: String,
    /// As patients know it.
    pub name: String,
    /// Length.
    pub minutes: String,
    /// Minutes kept free after it; none when empty.
    pub buffer: String,
    /// Whether it can be booked.
    pub active: bool,
}

/// A room as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomForm {
    /// Id of the one that is changed; empty for a new one.
    pub id: String,
    /// Its name.
    pub name: String,
    /// IANA zone; that of the establishment when empty.
    pub zone: String,
    /// Address of a video visit.
    pub video_link: String,
    /// Whether it can be used.
    pub active: bool,
}

/// Hours as the form posts them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShiftForm {
    /// Whose.
    pub practitioner: String,
    /// Where.
    pub room: String,
    /// "09:00".
    pub from: String,
    /// "14:00".
    pub until: String,
    /// `1` for Monday to `7` for Sunday; none for a single day.
    pub days: Vec<String>,
    /// Every so many weeks; 1 when empty.
    pub every: String,
    /// Only these of the month, `1` to `4` and `5` for the last; none for all.
    pub places: Vec<String>,
    /// First day, or the only one; today when empty.
    pub since: String,
    /// Last day, if there is one.
    pub last: String,
    /// Minutes between beginnings.
    pub step: String,
    /// Visits that may be put over others; none when empty.
    pub overbook: String,
    /// Only these services.
    pub services: Vec<String>,
}

/// An absence as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosureForm {
    /// Who.
    pub practitioner: String,
    /// First day.
    pub from_day: String,
    /// From which hour; the whole day when empty.
    pub from_time: String,
    /// Last day; the first when empty.
    pub until_day: String,
    /// Until which hour; the whole day when empty.
    pub until_time: String,
    /// [`ClosureReason::code`].
    pub reason: String,
}

impl Care {
    /// What the practice has set.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn agenda_setup(&self, actor: &Actor) -> Result<AgendaSetup, CareError> {
        self.require(actor, Permission::SeeAgenda).await?;
        let mut tx = self.begin_read(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let practitioners = tx.practitioners().await?;
        Ok(AgendaSetup {
            today: zone.to_datetime(self.now()).date(),
            zone,
            services: tx.services().await?,
            rooms: tx.rooms().await?,
            shifts: tx.shifts(None).await?,
            closures: (tx.closures(None, self.now()).await?.into_iter())
                .filter(|one| one.reason != ClosureReason::Imported)
                .collect(),
            practitioners: practitioners.into_iter().filter(|one| one.trainee.is_none()).collect(),
        })
    }

    /// Makes or changes a service. What is booked keeps its length.
    ///
    /// # Errors
    /// [`CareError::Invalid`] names what to correct.
    pub async fn save_service(&self, actor: &Actor, form: &ServiceForm) -> Result<ServiceId, CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut check = Check::new();
        let name = check.text("nombre", &form.name, "Escriba el nombre del servicio");
        let minutes = fives(&form.minutes, 5..=LONGEST);
        if minutes.is_none() {
            check.fail("minutos", "Escriba la duración: de 5 a 480 minutos, de cinco en cinco");
        }
        let buffer = if form.buffer.trim().is_empty() { Some(0) } else { fives(&form.buffer, 0..=120) };
        if buffer.is_none() {
            check.fail("despues", "Escriba los minutos libres después: de 0 a 120, de cinco en cinco");
        }
        let (minutes, buffer) = check.finish(minutes.zip(buffer))?;
        let mut tx = self.begin(actor).await?;
        let services = tx.services().await?;
        let id = changed(&form.id, services.iter().map(|service| service.id), ServiceId)?;
        taken_name(&name, services.iter().filter(|service| service.id != id).map(|service| &service.name))?;
        let service = Service { id, name, minutes, buffer, active: form.active };
        tx.save_service(&service).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "service", id, None)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes or changes a room.
    ///
    /// # Errors
    /// [`CareError::Invalid`] names what to correct.
    pub async fn save_room(&self, actor: &Actor, form: &RoomForm) -> Result<RoomId, CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut check = Check::new();
        let name = check.text("nombre", &form.name, "Escriba el nombre del consultorio");
        let zone = optional(&form.zone);
        if zone.as_deref().is_some_and(|zone| TimeZone::get(zone).is_err()) {
            check.fail("zona", "Elija una zona horaria de la lista");
        }
        let video_link = optional(&form.video_link);
        let is_address =
            |link: &str| link.starts_with("https://") && !link.contains(' ') && link.len() <= 300;
        if video_link.as_deref().is_some_and(|link| !is_address(link)) {
            check.fail("video", "Escriba la dirección completa de la videoconsulta, con https://");
        }
        let name = check.finish(Some(name))?;
        let mut tx = self.begin(actor).await?;
        let rooms = tx.rooms().await?;
        let id = changed(&form.id, rooms.iter().map(|room| room.id), RoomId)?;
        taken_name(&name, rooms.iter().filter(|room| room.id != id).map(|room| &room.name))?;
        tx.save_room(&Room { id, name, zone, video_link, active: form.active }).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "room", id, None)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Adds consulting hours, weekly or of one day.
    ///
    /// # Errors
    /// [`CareError::Invalid`] names what to correct: also hours that overlap others of the same professional, or of
    /// another in the same room.
    pub async fn add_shift(&self, actor: &Actor, form: &ShiftForm) -> Result<ShiftId, CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin(actor).await?;
        let today = Self::time_zone(&mut tx).await?.to_datetime(self.now()).date();
        let shift = read_shift(form, today)?;
        let practitioners = tx.practitioners().await?;
        if practitioners.iter().all(|one| one.id != shift.practitioner_id) {
            return Err(CareError::invalid("medico", "Elija al médico"));
        }
        if tx.rooms().await?.iter().all(|room| room.id != shift.room_id || !room.active) {
            return Err(CareError::invalid("consultorio", "Elija el consultorio"));
        }
        // Two who add hours for one room at once: the later sees the earlier's.
        tx.hold_diary(shift.practitioner_id).await?;
        let all = tx.shifts(None).await?;
        if all.iter().filter(|other| other.practitioner_id == shift.practitioner_id).count() >= MOST {
            return Err(CareError::invalid(
                "entrada",
                "Son demasiados horarios: quite los que ya no se usan",
            ));
        }
        for other in &all {
            let own = other.practitioner_id == shift.practitioner_id;
            // The same person is in one room at a time, whichever.
            let there = if own { Shift { room_id: shift.room_id, ..other.clone() } } else { other.clone() };
            if let Some(day) = room_clash(&shift, &there, today) {
                let day = clinical::calendar::long_date(day);
                let who = practitioners.iter().find(|one| one.id == other.practitioner_id);
                let who = who.map(Practitioner::full_name).unwrap_or_default();
                return Err(CareError::invalid(
                    "entrada",
                    match own {
                        true => format!("Se encima con otro horario de {who} el {day}"),
                        false => format!("{who} ocupa ese consultorio el {day} a esa hora"),
                    },
                ));
            }
        }
        tx.insert_shift(&shift).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "shift", shift.id, None)).await?;
        tx.commit().await?;
        Ok(shift.id)
    }

    /// Takes hours away. What is booked in them stays.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when they are not there any more.
    pub async fn remove_shift(&self, actor: &Actor, id: ShiftId) -> Result<(), CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin(actor).await?;
        tx.delete_shift(id).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "shift", id, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that somebody will not be there. Answers how many visits are booked then: they stay, and wait for a person to
    /// move them.
    ///
    /// # Errors
    /// [`CareError::Invalid`] names what to correct.
    pub async fn add_closure(&self, actor: &Actor, form: &ClosureForm) -> Result<usize, CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin(actor).await?;
        let books = Books::read(&mut tx, None).await?;
        let closure = read_closure(form, &books.zone, self.now())?;
        let practitioners = tx.practitioners().await?;
        if practitioners.iter().all(|one| one.id != closure.practitioner_id) {
            return Err(CareError::invalid("medico", "Elija al médico"));
        }
        let own = tx.closures(Some(closure.practitioner_id), self.now()).await?;
        if own.iter().filter(|one| one.reason != ClosureReason::Imported).count() >= MOST {
            return Err(CareError::invalid("desde", "Son demasiadas ausencias: quite las que ya no valen"));
        }
        tx.insert_closure(&closure).await?;
        let booked = tx.taken(closure.practitioner_id, closure.span).await?.len();
        tx.append_audit(self.event(actor, AuditAction::Create, "closure", closure.id, None)).await?;
        tx.commit().await?;
        Ok(booked)
    }

    /// Takes an absence away.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when it is not there any more.
    pub async fn remove_closure(&self, actor: &Actor, id: ClosureId) -> Result<(), CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin(actor).await?;
        tx.delete_closure(id).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "closure", id, None)).await?;
        Ok(tx.commit().await?)
    }
}

fn fives(text: &str, within: std::ops::RangeInclusive<u16>) -> Option<u16> {
    text.trim().parse::<u16>().ok().filter(|n| within.contains(n) && n % 5 == 0)
}

/// The id that a form changes, or a new one.
fn changed<T: Copy + PartialEq + std::str::FromStr>(
    written: &str,
    mut there: impl Iterator<Item = T>,
    new: impl Fn(Uuid) -> T,
) -> Result<T, CareError> {
    if written.is_empty() {
        return Ok(new(Uuid::now_v7()));
    }
    let id: Option<T> = written.parse().ok();
    id.filter(|id| there.any(|one| one == *id)).ok_or(CareError::NotFound { what: "lo que quiso cambiar" })
}

fn taken_name<'a>(name: &str, mut others: impl Iterator<Item = &'a String>) -> Result<(), CareError> {
    match others.any(|other| other.to_lowercase() == name.to_lowercase()) {
        true => Err(CareError::invalid("nombre", "Ya hay uno con ese nombre")),
        false => Ok(()),
    }
}

fn hour(check: &mut Check, field: &'static str, text: &str) -> Option<Time> {
    let text = text.trim();
    let time = format!("{text}:00").parse::<Time>().ok();
    if time.is_none() {
        check.fail(field, "Escriba la hora como 09:00");
    }
    time
}

fn read_shift(form: &ShiftForm, today: Date) -> Result<Shift, CareError> {
    let mut check = Check::new();
    let practitioner = form.practitioner.parse::<PractitionerId>().ok();
    if practitioner.is_none() {
        check.fail("medico", "Elija al médico");
    }
    let room = form.room.parse::<RoomId>().ok();
    if room.is_none() {
        check.fail("consultorio", "Elija el consultorio");
    }
    let from = hour(&mut check, "entrada", &form.from);
    let until = hour(&mut check, "salida", &form.until);
    let day = |check: &mut Check, field, text: &str, empty: Option<Date>| match text.trim() {
        "" => empty,
        text => check.take(field, parse_date(text)),
    };
    let since = day(&mut check, "desde", &form.since, Some(today));
    let last = day(&mut check, "hasta", &form.last, None);
    let number = |text: &str, empty: u16| match text.trim() {
        "" => empty,
        text => text.parse().unwrap_or(u16::MAX),
    };
    let weekday = |text: &String| Weekday::from_monday_one_offset(text.parse().ok()?).ok();
    let days = Weekdays::new(form.days.iter().filter_map(weekday));
    let (overbook, every) = (number(&form.overbook, 0), number(&form.every, 1));
    let whole = practitioner.zip(room).zip(from.zip(until)).zip(since);
    let (((practitioner_id, room_id), (from, until)), since) = check.finish(whole)?;
    let every = u8::try_from(every).unwrap_or(u8::MAX);
    let places = MonthPlaces::new(form.places.iter().filter_map(|place| place.parse().ok()));
    let repeats = match (days, places) {
        (None, None) => Repeats::Once(since),
        (None, Some(_)) => {
            return Err(CareError::invalid("dias", "Elija los días de la semana que se atienden en el mes"));
        }
        (Some(_), Some(_)) if every > 1 => {
            let message = "Deje 1 en «Cada cuántas semanas» cuando elige cuáles del mes";
            return Err(CareError::invalid("semanas", message));
        }
        (Some(days), Some(places)) => Repeats::Monthly { days, places, since, until: last },
        (Some(days), None) => Repeats::Weekly { days, every, since, until: last },
    };
    let services = form.services.iter().filter_map(|id| id.parse().ok()).collect();
    let overbook = u8::try_from(overbook).unwrap_or(u8::MAX);
    let (id, step) = (ShiftId(Uuid::now_v7()), number(&form.step, 0));
    let shift = Shift { id, practitioner_id, room_id, from, until, repeats, step, overbook, services };
    shift.checked().map_err(|error| {
        let field = match error {
            ShiftError::Backwards | ShiftError::OffGrid => "salida",
            ShiftError::Step => "cada",
            ShiftError::Overbooked => "sobrecupo",
            ShiftError::Weeks => "semanas",
            ShiftError::Days => "hasta",
        };
        CareError::invalid(field, error)
    })
}

fn read_closure(form: &ClosureForm, zone: &TimeZone, now: Timestamp) -> Result<Closure, CareError> {
    let mut check = Check::new();
    let practitioner = form.practitioner.parse::<PractitionerId>().ok();
    if practitioner.is_none() {
        check.fail("medico", "Elija al médico");
    }
    let first = check.take("desde", parse_date(&form.from_day));
    let last = if form.until_day.trim().is_empty() {
        first
    } else {
        check.take("hasta", parse_date(&form.until_day))
    };
    let from = match form.from_time.trim() {
        "" => Some(Time::midnight()),
        text => hour(&mut check, "desde_hora", text),
    };
    let until = match form.until_time.trim() {
        "" => Some(None),
        text => hour(&mut check, "hasta_hora", text).map(Some),
    };
    let reason = ClosureReason::from_code(&form.reason).unwrap_or(ClosureReason::Busy);
    let whole = practitioner.zip(first.zip(last)).zip(from.zip(until));
    let ((practitioner_id, (first, last)), (from, until)) = check.finish(whole)?;
    let end = match until {
        Some(time) => last.to_datetime(time),
        // The whole last day.
        None => last.checked_add(1.day()).map_err(CareError::internal)?.to_datetime(Time::midnight()),
    };
    let at = |local: jiff::civil::DateTime| zone.to_ambiguous_timestamp(local).compatible();
    let start = at(first.to_datetime(from)).map_err(CareError::internal)?;
    let span = Span::new(start, at(end).map_err(CareError::internal)?);
    let span = span.filter(|span| span.end() > now);
    let span = span.ok_or_else(|| {
        CareError::invalid("hasta", "La ausencia debe terminar después de empezar y después de ahora")
    })?;
    Ok(Closure { id: ClosureId(Uuid::now_v7()), practitioner_id, span, reason })
}
