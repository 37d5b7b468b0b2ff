//! Free times, and visits booked into them or moved.
//!
//! Who books with a professional waits for whoever does so just then (`hold_diary`), looks at the diary and writes; the key of
//! `held_time` refuses what would still overlap.

use std::collections::HashMap;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::business_days::BusinessDays;
use clinical::encounter::{Appointment, AppointmentState};
use clinical::ids::{AppointmentId, PatientId, PractitionerId, RoomId, ServiceId, UserId};
use clinical::schedule::slots::{Diary, FreeSlot, Refusal, Wanted, on_grid};
use clinical::schedule::{LONGEST, Shift, Span};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::{StorageError, Tx, VisitStep};
use uuid::Uuid;

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// How far ahead visits are booked, in days.
pub(crate) const FURTHEST_DAYS: i64 = 400;
/// How far ahead other times are looked for when one is taken, in days.
const NEXT_DAYS: i64 = 30;

/// Who acts on the agenda.
#[derive(Debug, Clone, Copy)]
pub enum Booker<'a> {
    /// Somebody of the practice, who needs the permission.
    Staff(&'a Actor),
    /// The patient themselves, known by the means they wrote with; only for their own visits.
    Patient {
        /// Which means, for the bitácora: "whatsapp".
        origin: &'a str,
    },
    /// The program, by a rule.
    Program,
}

impl Booker<'_> {
    /// As the steps of a visit show it.
    pub(crate) fn author(self) -> String {
        match self {
            Self::Staff(actor) => actor.display_name.clone(),
            Self::Patient { .. } => "El paciente".to_owned(),
            Self::Program => "El programa".to_owned(),
        }
    }

    fn user(self) -> Option<UserId> {
        match self {
            Self::Staff(actor) => Some(actor.user_id),
            Self::Patient { .. } | Self::Program => None,
        }
    }
}

/// Which free times are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotsWanted {
    /// With whom; `None` for anybody.
    pub practitioner: Option<PractitionerId>,
    /// What for.
    pub service: ServiceId,
    /// The first instant a visit may begin.
    pub from: Timestamp,
    /// Before which it begins.
    pub until: Timestamp,
    /// At most so many.
    pub limit: usize,
}

/// How strictly a time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// This time, if it is free.
    Free,
    /// This time, or the next free one with the same professional.
    NextFree,
    /// This time by the decision of a person: over others as far as the hours allow it, or outside of them.
    Extra,
}

/// A visit to be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewBooking {
    /// Who comes.
    pub patient_id: PatientId,
    /// With whom.
    pub practitioner_id: PractitionerId,
    /// What for.
    pub service: ServiceId,
    /// Its length where it is not that of the service.
    pub minutes: Option<u16>,
    /// When.
    pub starts_at: Timestamp,
    /// How strictly.
    pub fit: Fit,
}

/// Where a visit is moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTime {
    /// With whom.
    pub practitioner_id: PractitionerId,
    /// When.
    pub starts_at: Timestamp,
    /// How strictly.
    pub fit: Fit,
}

/// What free times are made of, read once.
pub(crate) struct Books {
    rest: BusinessDays,
    /// Zone of the establishment.
    pub(crate) zone: TimeZone,
    rooms: HashMap<RoomId, TimeZone>,
    pub(crate) shifts: Vec<Shift>,
}

impl Books {
    pub(crate) async fn read(tx: &mut Tx, practitioner: Option<PractitionerId>) -> Result<Self, CareError> {
        let zone = Care::time_zone(tx).await?;
        let rooms = tx.rooms().await?.into_iter();
        let rooms = rooms.filter_map(|room| Some((room.id, crate::zone(&room.zone?)))).collect();
        let rest = BusinessDays::new(&tx.marked_days().await?);
        Ok(Self { rest, zone, rooms, shifts: tx.shifts(practitioner).await? })
    }

    pub(crate) fn zone_of(&self, room: RoomId) -> &TimeZone {
        self.rooms.get(&room).unwrap_or(&self.zone)
    }

    /// The consulting hours of a day: whose, where and when.
    pub(crate) fn hours_on(&self, day: jiff::civil::Date) -> Vec<(PractitionerId, RoomId, Span)> {
        let on = |shift: &Shift| {
            let span = shift.on(day, &self.rest, self.zone_of(shift.room_id))?;
            Some((shift.practitioner_id, shift.room_id, span))
        };
        self.shifts.iter().filter_map(on).collect()
    }

    /// The diary of one professional for a period.
    pub(crate) async fn diary(
        &self,
        tx: &mut Tx,
        practitioner: PractitionerId,
        period: Span,
    ) -> Result<Diary<'_>, CareError> {
        let own = self.shifts.iter().filter(|shift| shift.practitioner_id == practitioner);
        let closures = tx.closures(Some(practitioner), period.start()).await?;
        Ok(Diary {
            practitioner,
            shifts: own.map(|shift| (shift, self.zone_of(shift.room_id))).collect(),
            closed: closures.into_iter().map(|closure| closure.span).collect(),
            taken: tx.taken(practitioner, period).await?,
            rest: &self.rest,
        })
    }
}

/// Where a visit fits.
struct Placed {
    starts_at: Timestamp,
    room_id: Option<RoomId>,
    lane: u8,
}

/// Free times.
impl Care {
    /// The free times for a service, by hour, then by professional.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission, [`CareError::NotFound`] for a service that is not offered.
    pub async fn free_slots(
        &self,
        who: Booker<'_>,
        wanted: &SlotsWanted,
    ) -> Result<Vec<FreeSlot>, CareError> {
        if let Booker::Staff(actor) = who {
            self.require(actor, Permission::SeeAgenda).await?;
        }
        let mut tx = self.unseen.begin_read().await?;
        let service = service(&mut tx, wanted.service).await?;
        let books = Books::read(&mut tx, wanted.practitioner).await?;
        let until = wanted.until.min(self.now() + SignedDuration::from_hours(24 * FURTHEST_DAYS));
        let Some(period) = Span::new(wanted.from.max(self.now()), until) else { return Ok(Vec::new()) };
        let wish = Wanted { service: Some(service.id), minutes: service.minutes, buffer: service.buffer };
        let mut ids: Vec<PractitionerId> = books.shifts.iter().map(|shift| shift.practitioner_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut free = Vec::new();
        for id in ids {
            free.extend(books.diary(&mut tx, id, period).await?.free(period, wish, wanted.limit));
        }
        free.sort_unstable();
        free.truncate(wanted.limit);
        Ok(free)
    }
}

/// Booking.
impl Care {
    /// Books a visit.
    ///
    /// # Errors
    /// [`CareError::SlotTaken`] with the next free times when the time is not free; [`CareError::Invalid`] for a time
    /// that is past or off the grid; [`CareError::NotFound`] for a patient, professional or service that is not there.
    pub async fn book(&self, who: Booker<'_>, new: &NewBooking) -> Result<Appointment, CareError> {
        let mut tx = self.begin_booking(who).await?;
        let patient =
            tx.record(new.patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let service = service(&mut tx, new.service).await?;
        let minutes = new.minutes.unwrap_or(service.minutes);
        if minutes == 0 || minutes > LONGEST {
            return Err(CareError::invalid("minutos", "Escriba una duración de 5 a 480 minutos"));
        }
        let wanted = Wanted { service: Some(service.id), minutes, buffer: service.buffer };
        let placed = self.place(&mut tx, new.practitioner_id, new.starts_at, wanted, new.fit).await?;
        let visit = Appointment {
            id: AppointmentId(Uuid::now_v7()),
            patient_id: patient.id,
            practitioner_id: new.practitioner_id,
            starts_at: placed.starts_at,
            minutes,
            buffer: service.buffer,
            lane: Some(placed.lane),
            room_id: placed.room_id,
            service: service.name,
            state: AppointmentState::Booked,
        };
        tx.insert_appointment(&visit).await.map_err(taken_meanwhile)?;
        if let Booker::Staff(actor) = who {
            self.bring_back_for_visit(&mut tx, actor, patient.id).await?;
        }
        self.note_visit(&mut tx, who, AuditAction::Create, &visit, None).await?;
        tx.commit().await.map_err(taken_meanwhile)?;
        Ok(visit)
    }

    /// Moves a visit that is still ahead to another time or professional. It stays confirmed if it was.
    ///
    /// # Errors
    /// As [`Care::book`]; [`CareError::Conflict`] when the visit cannot be moved any more.
    pub async fn reschedule(
        &self,
        who: Booker<'_>,
        id: AppointmentId,
        to: &NewTime,
    ) -> Result<Appointment, CareError> {
        let mut tx = self.begin_booking(who).await?;
        let was = tx.appointment(id).await?.ok_or(VISIT)?;
        if !was.state.is_ahead() {
            return Err(not_ahead());
        }
        // In one order, so that two who change places never wait for each other.
        let mut diaries = [was.practitioner_id, to.practitioner_id];
        diaries.sort_unstable();
        for diary in diaries {
            tx.hold_diary(diary).await?;
        }
        let services = tx.services().await?;
        let service = services.iter().find(|service| service.name == was.service).map(|service| service.id);
        let wanted = Wanted { service, minutes: was.minutes, buffer: was.buffer };
        // Its own time is not in the way; an error puts it back with everything else.
        let none = Appointment { lane: None, ..was.clone() };
        tx.move_appointment(&was, &none).await?;
        let back = Appointment {
            practitioner_id: to.practitioner_id,
            starts_at: to.starts_at,
            lane: (to.fit == Fit::Free).then_some(0),
            ..none
        };
        self.take_back_offers(&mut tx, who, &back).await?;
        let placed = self.place(&mut tx, to.practitioner_id, to.starts_at, wanted, to.fit).await?;
        let moved = Appointment {
            practitioner_id: to.practitioner_id,
            starts_at: placed.starts_at,
            room_id: placed.room_id,
            lane: Some(placed.lane),
            ..was.clone()
        };
        tx.move_appointment(&was, &moved).await.map_err(taken_meanwhile)?;
        let zone = Self::time_zone(&mut tx).await?;
        let from = zone.to_datetime(was.starts_at).strftime("%d/%m/%Y %H:%M");
        let reason = format!("Estaba a las {from}");
        self.note_visit(&mut tx, who, AuditAction::Update, &moved, Some(&reason)).await?;
        if let Some(offer) = tx.offer_of(id).await? {
            // Whoever chose another time than the one that was offered has one now.
            tx.end_waiting(offer.waiting_id, self.now()).await?;
            tx.forget_offer(id).await?;
        }
        self.offer_freed(&mut tx, who, &was).await?;
        tx.commit().await.map_err(taken_meanwhile)?;
        Ok(moved)
    }

    /// Finds the place of a visit, with the diary held until the end of the transaction.
    async fn place(
        &self,
        tx: &mut Tx,
        practitioner: PractitionerId,
        at: Timestamp,
        wanted: Wanted,
        fit: Fit,
    ) -> Result<Placed, CareError> {
        let now = self.now();
        if !on_grid(at) {
            return Err(CareError::invalid("hora", "Escriba la hora de cinco en cinco minutos"));
        }
        // Who came late today is still booked by hand; a patient gets only what is ahead.
        let earliest = if fit == Fit::Extra { now - SignedDuration::from_hours(24) } else { now };
        if at < earliest || at > now + SignedDuration::from_hours(24 * FURTHEST_DAYS) {
            return Err(CareError::invalid(
                "hora",
                "Elija una hora de hoy en adelante, a un año como máximo",
            ));
        }
        tx.hold_diary(practitioner).await?;
        let books = Books::read(tx, Some(practitioner)).await?;
        let ahead = at + SignedDuration::from_hours(24 * NEXT_DAYS);
        let period = Span::new(at, ahead).ok_or_else(not_ahead)?;
        let diary = books.diary(tx, practitioner, period).await?;
        if fit == Fit::Extra {
            let placed = diary.place_extra(at, wanted);
            let (room_id, lane) =
                placed.map_err(|refusal| refused(refusal, &diary, period, wanted, &books))?;
            return Ok(Placed { starts_at: at, room_id, lane });
        }
        match diary.place(at, wanted) {
            Ok(room) => Ok(Placed { starts_at: at, room_id: Some(room), lane: 0 }),
            Err(refusal) => match diary.free(period, wanted, 1).pop().filter(|_| fit == Fit::NextFree) {
                Some(slot) => Ok(Placed { starts_at: slot.starts_at, room_id: Some(slot.room_id), lane: 0 }),
                None => Err(refused(refusal, &diary, period, wanted, &books)),
            },
        }
    }
}

/// What every change of a visit does.
impl Care {
    /// Begins a transaction for who acts on the agenda.
    pub(crate) async fn begin_booking(&self, who: Booker<'_>) -> Result<Tx, CareError> {
        match who {
            Booker::Staff(actor) => {
                self.require(actor, Permission::ManageAgenda).await?;
                self.begin(actor).await
            }
            Booker::Patient { .. } | Booker::Program => Ok(self.unseen.begin().await?),
        }
    }

    /// Notes a step of a visit and its event of the bitácora.
    pub(crate) async fn note_visit(
        &self,
        tx: &mut Tx,
        who: Booker<'_>,
        action: AuditAction,
        visit: &Appointment,
        reason: Option<&str>,
    ) -> Result<(), CareError> {
        let step = VisitStep {
            state: visit.state,
            at: self.now(),
            by: who.user(),
            author: who.author(),
            reason: reason.map(str::to_owned),
        };
        tx.note_step(visit.id, &step).await?;
        let event = self.agenda_event(who, action, "appointment", visit.id, Some(visit.patient_id));
        tx.append_audit(event).await?;
        Ok(())
    }

    /// An event of the bitácora by who acts on the agenda.
    pub(crate) fn agenda_event(
        &self,
        who: Booker<'_>,
        action: AuditAction,
        entity: &'static str,
        id: impl ToString,
        patient_id: Option<PatientId>,
    ) -> NewAuditEvent {
        let (origin, reason) = match who {
            Booker::Staff(actor) => return self.event(actor, action, entity, id, patient_id),
            Booker::Patient { origin } => (origin, "lo pidió el paciente"),
            Booker::Program => ("program", "por la regla de la lista de espera"),
        };
        NewAuditEvent {
            at: self.now(),
            actor: None,
            action,
            entity,
            entity_id: id.to_string(),
            patient_id,
            origin: origin.to_owned(),
            reason: Some(reason.to_owned()),
        }
    }
}

pub(crate) const VISIT: CareError = CareError::NotFound { what: "la cita" };

pub(crate) async fn service(tx: &mut Tx, id: ServiceId) -> Result<clinical::schedule::Service, CareError> {
    let service = tx.service(id).await?.filter(|service| service.active);
    service.ok_or(CareError::NotFound { what: "el servicio" })
}

fn not_ahead() -> CareError {
    let message = "La cita ya empezó, terminó o se canceló: no se puede mover. Agende otra";
    CareError::Conflict { message: message.to_owned() }
}

/// The key of the diary refused what the look before had found free.
pub(crate) fn taken_meanwhile(error: StorageError) -> CareError {
    match error {
        StorageError::NotUnique { .. } => CareError::SlotTaken {
            message: "Esa hora se acaba de ocupar. Elija otra".to_owned(),
            next: Vec::new(),
        },
        other => other.into(),
    }
}

fn refused(refusal: Refusal, diary: &Diary<'_>, period: Span, wanted: Wanted, books: &Books) -> CareError {
    let why = match refusal {
        Refusal::Taken => "Esa hora ya está ocupada",
        Refusal::Closed => "El médico no estará a esa hora",
        Refusal::OutsideHours => "Esa hora está fuera del horario para este servicio",
        Refusal::Full => "A esa hora ya no cabe otro sobrecupo",
    };
    let next = diary.free(period, wanted, 3);
    let times = next.iter().map(|slot| {
        let local = books.zone_of(slot.room_id).to_datetime(slot.starts_at);
        format!(
            "{} de {} a las {}",
            local.day(),
            clinical::calendar::month(local.date()),
            local.strftime("%H:%M")
        )
    });
    let times = times.collect::<Vec<_>>().join(", ");
    let message = match next.is_empty() {
        true => format!("{why}. Elija otro día"),
        false => format!("{why}. Las siguientes libres: {times}"),
    };
    CareError::SlotTaken { message, next }
}
