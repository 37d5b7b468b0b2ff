//! The agenda of some days: who comes to whom, what is kept for whom, and who waits without an appointment.

use clinical::audit::AuditAction;
use clinical::ids::{PractitionerId, RoomId};
use clinical::practitioner::Practitioner;
use clinical::schedule::attendance::{Attendance, warning};
use clinical::schedule::slots::FreeSlot;
use clinical::schedule::{Closure, Room, Span};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use storage::VisitStep;

use crate::Care;
use crate::agenda::AgendaLine;
use crate::booking::Books;
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// A visit of the agenda with what reception needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaVisit {
    /// The visit, who comes and to whom.
    pub line: AgendaLine,
    /// What was done with it last.
    pub last_step: Option<VisitStep>,
    /// Until when it is kept for who was offered it from the waiting list.
    pub kept_until: Option<Timestamp>,
    /// That they often do not come, with what it rests on.
    pub warning: Option<String>,
}

/// Some days of the agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaDays {
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
    /// First day.
    pub from: Date,
    /// How many days.
    pub days: u8,
    /// Whose columns are shown: who has hours or visits then.
    pub practitioners: Vec<Practitioner>,
    /// Visits by time.
    pub visits: Vec<AgendaVisit>,
    /// Consulting hours: whose, where and when.
    pub hours: Vec<(PractitionerId, RoomId, Span)>,
    /// Absences, those of another calendar too.
    pub closures: Vec<Closure>,
    /// What is free from now on, for who books: of one day, or of one professional.
    pub free: Vec<FreeSlot>,
    /// Rooms, for their names.
    pub rooms: Vec<Room>,
    /// Whether anybody has hours at all.
    pub has_hours: bool,
}

impl AgendaDays {
    /// The zone of the place of a visit.
    #[must_use]
    pub fn zone_of(&self, room: Option<RoomId>) -> TimeZone {
        zone_of(&self.rooms, room, &self.zone)
    }
}

/// The zone of a room; that of the establishment where it has none of its own.
#[must_use]
pub fn zone_of(rooms: &[Room], room: Option<RoomId>, establishment: &TimeZone) -> TimeZone {
    let name = rooms.iter().find(|one| Some(one.id) == room).and_then(|one| one.zone.as_deref());
    name.map_or_else(|| establishment.clone(), crate::zone)
}

impl Care {
    /// The agenda of one to seven days, of one professional or of all.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn agenda_days(
        &self,
        actor: &Actor,
        from: Option<Date>,
        days: u8,
        practitioner: Option<PractitionerId>,
    ) -> Result<AgendaDays, CareError> {
        self.require(actor, Permission::SeeAgenda).await?;
        self.expire_offers().await?;
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let books = Books::read(&mut tx, practitioner).await?;
        let zone = books.zone.clone();
        let from = from.unwrap_or_else(|| zone.to_datetime(now).date());
        let days = days.clamp(1, 7);
        let after = from.checked_add(i64::from(days).days()).map_err(CareError::internal)?;
        let midnight = |day: Date| zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()));
        let start = midnight(from).map_err(CareError::internal)?;
        let end = midnight(after).map_err(CareError::internal)?;
        let mut hours = Vec::new();
        let mut day = from;
        while day < after {
            hours.extend(books.hours_on(day));
            day = day.tomorrow().map_err(CareError::internal)?;
        }
        let closures = tx.closures(practitioner, start).await?;
        let closures: Vec<Closure> = closures.into_iter().filter(|one| one.span.start() < end).collect();
        let entries = tx.agenda(start, end, practitioner).await?;
        let mut steps: std::collections::HashMap<_, _> =
            tx.last_steps(start, end).await?.into_iter().collect();
        let offers = tx.open_offers().await?;
        let everybody = tx.attendance(now).await?;
        let own: std::collections::HashMap<_, Attendance> =
            tx.attendance_of_visitors(start, end).await?.into_iter().collect();
        let people = tx.practitioners().await?;
        let name = |id: PractitionerId| {
            people.iter().find(|one| one.id == id).map(Practitioner::full_name).unwrap_or_default()
        };
        let visits: Vec<AgendaVisit> = entries
            .into_iter()
            .map(|entry| {
                let id = entry.appointment.id;
                let ahead = entry.appointment.state.is_ahead();
                AgendaVisit {
                    last_step: steps.remove(&id),
                    kept_until: offers.iter().find(|one| one.appointment_id == id).map(|one| one.kept_until),
                    warning: own
                        .get(&entry.patient.root)
                        .filter(|_| ahead)
                        .and_then(|own| warning(*own, everybody)),
                    line: AgendaLine {
                        practitioner: name(entry.appointment.practitioner_id),
                        appointment: entry.appointment,
                        patient: entry.patient,
                        encounter_id: entry.encounter_id,
                        waiting_since: entry.waiting_since,
                    },
                }
            })
            .collect();
        let shown = |one: &Practitioner| {
            let visited = visits.iter().any(|visit| visit.line.appointment.practitioner_id == one.id);
            practitioner == Some(one.id) || visited || hours.iter().any(|(id, ..)| *id == one.id)
        };
        let practitioners = people.iter().filter(|one| shown(one)).cloned().collect();
        let mut free = Vec::new();
        let mut attending: Vec<PractitionerId> =
            books.shifts.iter().map(|shift| shift.practitioner_id).collect();
        attending.sort_unstable();
        attending.dedup();
        let ahead = Span::new(start.max(now), end).filter(|_| actor.may(Permission::ManageAgenda));
        if let Some(ahead) = ahead.filter(|_| days == 1 || attending.len() == 1) {
            for id in attending {
                free.extend(books.diary(&mut tx, id, ahead).await?.gaps(ahead));
            }
        }
        let rooms = tx.rooms().await?;
        let has_hours = !tx.shifts(None).await?.is_empty();
        tx.append_audit(self.event(actor, AuditAction::Read, "agenda", from, None)).await?;
        tx.commit().await?;
        Ok(AgendaDays {
            now,
            zone,
            from,
            days,
            practitioners,
            visits,
            hours,
            closures,
            free,
            rooms,
            has_hours,
        })
    }
}
