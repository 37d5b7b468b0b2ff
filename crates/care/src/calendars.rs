//! A professional's calendar beside the agenda: an address their telephone reads visits from, and the times in which another
//! calendar says they are busy.
//!
//! Who knows the address reads what its owner chose to show (`clinical::schedule::shown`) and nothing else; it ends when the owner
//! changes it, stops sharing, or loses the account. What is brought in is kept as times without a word of what they are for, and
//! takes the place of what was brought in before.

use calendar::{Visit, feed};
use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::encounter::AppointmentState;
use clinical::ids::{ClosureId, PractitionerId};
use clinical::practitioner::Practitioner;
use clinical::schedule::shown::Shown;
use clinical::schedule::{Closure, ClosureReason, Span};
use jiff::SignedDuration;
use storage::{CalendarFeed, Tx};
use uuid::Uuid;

use crate::Care;
use crate::booking::FURTHEST_DAYS;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::session::Secret;

/// How far back visits are shown, in days.
const BACK_DAYS: i64 = 30;

/// What a professional sees of their calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCalendar {
    /// The calendar others can read, if there is one.
    pub feed: Option<CalendarFeed>,
    /// How many times of another calendar block the agenda from now on, by professional.
    pub imported: Vec<(Practitioner, usize)>,
}

/// The secret of an address, for its owner only and only once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarSecret(Secret);

impl CalendarSecret {
    /// As it stands in the address.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What became of a calendar that was brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Times that block the agenda now.
    pub times: usize,
    /// Events that could not be understood.
    pub unread: usize,
    /// Visits that are booked in those times: they stay, and wait for a person to move them.
    pub booked: usize,
}

impl Care {
    /// The calendar of this person and what was brought in of any.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn own_calendar(&self, actor: &Actor) -> Result<OwnCalendar, CareError> {
        self.require(actor, Permission::SeeAgenda).await?;
        let mut tx = self.begin_read(actor).await?;
        let feed = match actor.practitioner_id {
            Some(own) => tx.calendar_feed(own).await?,
            None => None,
        };
        let closures = tx.closures(None, self.now()).await?;
        let of = |one: &Practitioner| {
            let own = closures.iter().filter(|closure| closure.practitioner_id == one.id);
            own.filter(|closure| closure.reason == ClosureReason::Imported).count()
        };
        let all = tx.practitioners().await?.into_iter();
        let imported = all.map(|one| (of(&one), one)).filter(|(count, _)| *count > 0);
        Ok(OwnCalendar { feed, imported: imported.map(|(count, one)| (one, count)).collect() })
    }

    /// Makes an address from which this person's calendar can be read; one that was made before ends.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who attends nobody.
    pub async fn share_calendar(&self, actor: &Actor, shown: Shown) -> Result<CalendarSecret, CareError> {
        let secret = Secret::random();
        let feed = CalendarFeed {
            practitioner_id: self.attends(actor).await?,
            secret: secret.digest(),
            shown,
            user_id: actor.user_id,
            created_at: self.now(),
            read_at: None,
        };
        let mut tx = self.begin(actor).await?;
        self.keep_feed(&mut tx, actor, AuditAction::Create, &feed).await?;
        tx.commit().await?;
        Ok(CalendarSecret(secret))
    }

    /// Changes what the calendar shows, at the same address.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who attends nobody; [`CareError::NotFound`] when nothing is shared.
    pub async fn show_in_calendar(&self, actor: &Actor, shown: Shown) -> Result<(), CareError> {
        let practitioner = self.attends(actor).await?;
        let mut tx = self.begin(actor).await?;
        let was = tx.calendar_feed(practitioner).await?.ok_or(NOT_SHARED)?;
        self.keep_feed(&mut tx, actor, AuditAction::Update, &CalendarFeed { shown, ..was }).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the address: who reads it finds nothing any more.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who attends nobody; [`CareError::Conflict`] when nothing is shared.
    pub async fn stop_sharing_calendar(&self, actor: &Actor) -> Result<(), CareError> {
        let practitioner = self.attends(actor).await?;
        let mut tx = self.begin(actor).await?;
        tx.delete_calendar_feed(practitioner).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "calendar_feed", practitioner, None)).await?;
        Ok(tx.commit().await?)
    }

    async fn attends(&self, actor: &Actor) -> Result<PractitionerId, CareError> {
        self.require(actor, Permission::SeeAgenda).await?;
        actor.practitioner_id.ok_or_else(|| CareError::Denied {
            message: "Solo quien atiende pacientes tiene un calendario propio.".to_owned(),
        })
    }

    async fn keep_feed(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        action: AuditAction,
        feed: &CalendarFeed,
    ) -> Result<(), CareError> {
        tx.save_calendar_feed(feed).await?;
        tx.append_audit(self.event(actor, action, "calendar_feed", feed.practitioner_id, None)).await?;
        Ok(())
    }

    /// The calendar behind a secret, as text. Nobody is signed in: the secret is all there is.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for a secret that is none, or none any more.
    pub async fn shared_calendar(&self, secret: &str) -> Result<String, CareError> {
        let now = self.now();
        let digest = Secret::of(secret).digest();
        let mut tx = self.unseen.begin().await?;
        let shared = tx.calendar_by_secret(digest).await?.ok_or(NOT_SHARED)?;
        let from = now - SignedDuration::from_hours(24 * BACK_DAYS);
        let until = now + SignedDuration::from_hours(24 * FURTHEST_DAYS);
        let whose = Some(shared.practitioner_id);
        let entries = tx.agenda(from, until, whose).await?;
        let rooms = tx.rooms().await?;
        tx.save_calendar_feed(&CalendarFeed { read_at: Some(now), ..shared.clone() }).await?;
        tx.append_audit(NewAuditEvent {
            at: now,
            actor: None,
            action: AuditAction::Read,
            entity: "calendar_feed",
            entity_id: shared.practitioner_id.to_string(),
            patient_id: None,
            origin: "calendar".to_owned(),
            reason: None,
        })
        .await?;
        tx.commit().await?;
        // Whose record a private group hides from the owner has a time and no initials.
        let mut seen = self.unseen.begin_read().await?.seen_by(shared.user_id, now);
        let seen: Vec<_> =
            seen.agenda(from, until, whose).await?.into_iter().map(|entry| entry.appointment.id).collect();
        let visits = entries.iter().filter_map(|entry| {
            let visit = &entry.appointment;
            let end = visit.starts_at + SignedDuration::from_mins(i64::from(visit.minutes));
            let held = visit.state.holds_time() && visit.lane.is_some();
            let span = Span::new(visit.starts_at, end).filter(|_| held)?;
            let room = rooms.iter().find(|room| Some(room.id) == visit.room_id);
            Some(Visit {
                id: visit.id.to_string(),
                span,
                title: shared.shown.title(visit, Some(&entry.patient).filter(|_| seen.contains(&visit.id))),
                place: room.filter(|_| shared.shown != Shown::Busy).map(|room| room.name.clone()),
                confirmed: visit.state != AppointmentState::Booked,
            })
        });
        Ok(feed("Consultas", &visits.collect::<Vec<_>>(), now))
    }

    /// Brings in the times in which another calendar says somebody is busy, in the place of those brought in before.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::Invalid`] for a file that is no calendar or too large a one.
    pub async fn import_calendar(
        &self,
        actor: &Actor,
        practitioner: PractitionerId,
        content: Vec<u8>,
    ) -> Result<Imported, CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin_read(actor).await?;
        if tx.practitioner(practitioner).await?.is_none() {
            return Err(CareError::invalid("medico", "Elija al médico"));
        }
        let zone = Self::time_zone(&mut tx).await?;
        drop(tx);
        let from = self.now();
        let until = from + SignedDuration::from_hours(24 * FURTHEST_DAYS);
        let read = move || calendar::busy(&content, &zone, from, until);
        let busy = tokio::task::spawn_blocking(read).await.map_err(CareError::internal)?;
        let busy = busy.map_err(|error| CareError::invalid("archivo", error))?;
        let mut tx = self.begin(actor).await?;
        tx.hold_diary(practitioner).await?;
        tx.delete_imported(practitioner).await?;
        for span in &busy.spans {
            let (id, reason) = (ClosureId(Uuid::now_v7()), ClosureReason::Imported);
            tx.insert_closure(&Closure { id, practitioner_id: practitioner, span: *span, reason }).await?;
        }
        let whole = busy.spans.first().zip(busy.spans.last());
        let booked = match whole.and_then(|(first, last)| Span::new(first.start(), last.end())) {
            Some(period) => tx.taken(practitioner, period).await?,
            None => Vec::new(),
        };
        let booked = booked.iter().filter(|visit| busy.spans.iter().any(|span| span.overlaps(visit.span)));
        let booked = booked.count();
        tx.append_audit(self.event(actor, AuditAction::Create, "closure", practitioner, None)).await?;
        tx.commit().await?;
        Ok(Imported { times: busy.spans.len(), unread: busy.unread, booked })
    }

    /// Takes away what was brought in from another calendar.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn forget_imported(
        &self,
        actor: &Actor,
        practitioner: PractitionerId,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin(actor).await?;
        tx.delete_imported(practitioner).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "closure", practitioner, None)).await?;
        Ok(tx.commit().await?)
    }
}

const NOT_SHARED: CareError = CareError::NotFound { what: "ese calendario" };
