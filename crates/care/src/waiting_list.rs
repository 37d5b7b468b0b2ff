//! The waiting list, and the freed times it is offered.

use clinical::audit::AuditAction;
use clinical::encounter::{Appointment, AppointmentState, CancelReason};
use clinical::ids::{AppointmentId, PatientId, PractitionerId, ServiceId, WaitingId};
use clinical::patient::Patient;
use clinical::schedule::Span;
use clinical::schedule::slots::{FreeSlot, Wanted};
use clinical::schedule::waiting::{DayPart, WaitingEntry, kept_until};
use jiff::SignedDuration;
use jiff::civil::Date;
use storage::{Offer, Tx};
use uuid::Uuid;

use crate::Care;
use crate::booking::{Booker, Books, service};
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// How long nobody is told of a time that somebody of the practice freed: so long they can undo it.
const UNDO_WHILE: SignedDuration = SignedDuration::from_secs(60);

/// Who would come sooner, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Who.
    pub patient_id: PatientId,
    /// With whom; `None` for anybody.
    pub practitioner_id: Option<PractitionerId>,
    /// What for.
    pub service: ServiceId,
    /// First day that suits.
    pub from: Date,
    /// Last day that suits.
    pub until: Date,
    /// Which part of the day.
    pub part: DayPart,
}

/// Somebody of the list, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What they wait for.
    pub entry: WaitingEntry,
    /// Who.
    pub patient: Patient,
    /// The time that is kept for them now.
    pub offer: Option<(Appointment, Offer)>,
}

impl Care {
    /// Puts somebody on the waiting list.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for days that are past or in the wrong order; [`CareError::Conflict`] for who is on it already.
    pub async fn join_waiting_list(&self, who: Booker<'_>, wish: &Wish) -> Result<WaitingId, CareError> {
        let mut tx = self.begin_booking(who).await?;
        let patient =
            tx.record(wish.patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let service = service(&mut tx, wish.service).await?;
        let today = Self::time_zone(&mut tx).await?.to_datetime(self.now()).date();
        if wish.until < wish.from || wish.until < today {
            return Err(CareError::invalid(
                "hasta",
                "El último día no puede ser anterior al primero ni a hoy",
            ));
        }
        let same = |(entry, _): &(WaitingEntry, Patient)| {
            entry.patient_id == patient.id && entry.service_id == service.id
        };
        if tx.waiting().await?.iter().any(same) {
            let message = "Ya está en la lista de espera para ese servicio";
            return Err(CareError::Conflict { message: message.to_owned() });
        }
        let entry = WaitingEntry {
            id: WaitingId(Uuid::now_v7()),
            patient_id: patient.id,
            practitioner_id: wish.practitioner_id,
            service_id: service.id,
            from: wish.from,
            until: wish.until,
            part: wish.part,
            joined_at: self.now(),
        };
        tx.insert_waiting(&entry).await?;
        let event = self.agenda_event(who, AuditAction::Create, "waiting_entry", entry.id, Some(patient.id));
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(entry.id)
    }

    /// Takes somebody off the list. A time that is kept for them goes to the next when its while is over.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when they are not on it any more.
    pub async fn leave_waiting_list(&self, who: Booker<'_>, id: WaitingId) -> Result<(), CareError> {
        let mut tx = self.begin_booking(who).await?;
        let entry = tx.waiting().await?.into_iter().find(|(entry, _)| entry.id == id);
        let (_, patient) =
            entry.ok_or(CareError::NotFound { what: "a esa persona en la lista de espera" })?;
        let offered = tx.open_offers().await?.into_iter().find(|offer| offer.waiting_id == id);
        if let Some(offer) = offered {
            self.cancel_in(&mut tx, who, offer.appointment_id, CancelReason::PatientAsked).await?;
        }
        tx.end_waiting(id, self.now()).await?;
        let event = self.agenda_event(who, AuditAction::Update, "waiting_entry", id, Some(patient.id));
        tx.append_audit(event).await?;
        Ok(tx.commit().await?)
    }

    /// The list, who has waited longest first, with what is kept for them.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn waiting_list(&self, actor: &Actor) -> Result<Vec<Waiting>, CareError> {
        self.require(actor, Permission::SeeAgenda).await?;
        self.expire_offers().await?;
        let mut tx = self.begin(actor).await?;
        let list = tx.waiting().await?;
        let offers = tx.open_offers().await?;
        let mut shown = Vec::new();
        for (entry, patient) in list {
            let offer = offers.iter().find(|offer| offer.waiting_id == entry.id).cloned();
            let visit = match &offer {
                Some(offer) => tx.appointment(offer.appointment_id).await?,
                None => None,
            };
            shown.push(Waiting { entry, patient, offer: visit.zip(offer) });
        }
        tx.append_audit(self.event(actor, AuditAction::Read, "waiting_list", "", None)).await?;
        tx.commit().await?;
        Ok(shown)
    }

    /// Lets go of times that were kept long enough, and offers each to the next. The program does it every few minutes.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn expire_offers(&self) -> Result<usize, CareError> {
        let mut read = self.unseen.begin_read().await?;
        let (now, offers) = (self.now(), read.open_offers().await?);
        drop(read);
        let late: Vec<Offer> = offers.into_iter().filter(|offer| offer.kept_until <= now).collect();
        for offer in &late {
            let reason = CancelReason::OfferExpired;
            match self.cancel(Booker::Program, offer.appointment_id, reason).await {
                // Answered in the meantime.
                Ok(_) | Err(CareError::Conflict { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(late.len())
    }

    /// Offers the time that a visit let go of to the first of the list whom it suits: it is booked for them and kept a
    /// while. Who is hidden from this person by a private group is left out.
    pub(crate) async fn offer_freed(
        &self,
        tx: &mut Tx,
        who: Booker<'_>,
        freed: &Appointment,
    ) -> Result<(), CareError> {
        let books = Books::read(tx, Some(freed.practitioner_id)).await?;
        let (Some(room_id), Some(0)) = (freed.room_id, freed.lane) else { return Ok(()) };
        let zone = books.zone_of(room_id);
        let Some(kept_until) = kept_until(self.now(), freed.starts_at, zone) else { return Ok(()) };
        let slot = FreeSlot {
            starts_at: freed.starts_at,
            practitioner_id: freed.practitioner_id,
            room_id,
            minutes: freed.minutes + freed.buffer,
        };
        let offered = tx.already_offered(slot.practitioner_id, slot.starts_at).await?;
        let whole_day = Span::new(slot.starts_at, slot.starts_at + SignedDuration::from_hours(12));
        let Some(period) = whole_day else { return Ok(()) };
        tx.hold_diary(freed.practitioner_id).await?;
        let diary = books.diary(tx, freed.practitioner_id, period).await?;
        let services = tx.services().await?;
        for (entry, patient) in tx.waiting().await? {
            let Some(service) = services.iter().find(|service| service.id == entry.service_id) else {
                continue;
            };
            let length = service.minutes + service.buffer;
            let wanted =
                Wanted { service: Some(service.id), minutes: service.minutes, buffer: service.buffer };
            if offered.contains(&entry.id)
                || patient.id == freed.patient_id
                || !entry.suits(&slot, length, zone)
                || diary.place(slot.starts_at, wanted).is_err()
            {
                continue;
            }
            let visit = Appointment {
                id: AppointmentId(Uuid::now_v7()),
                patient_id: patient.id,
                minutes: service.minutes,
                buffer: service.buffer,
                service: service.name.clone(),
                state: AppointmentState::Booked,
                ..freed.clone()
            };
            tx.insert_appointment(&visit).await?;
            let undo = matches!(who, Booker::Staff(_)).then(|| (freed.id, self.now() + UNDO_WHILE));
            let offer = Offer { appointment_id: visit.id, waiting_id: entry.id, kept_until, undo };
            tx.insert_offer(&offer).await?;
            let why = Some("Ofrecida de la lista de espera");
            return self.note_visit(tx, Booker::Program, AuditAction::Create, &visit, why).await;
        }
        Ok(())
    }

    /// Takes back the offer of the time that a visit let go of just now and needs again: who moved or cancelled it by mistake
    /// can undo that. Whom it was offered to was told nothing and waits on. A visit put in beside others (another lane than 0)
    /// needs nobody's place.
    pub(crate) async fn take_back_offers(
        &self,
        tx: &mut Tx,
        who: Booker<'_>,
        back: &Appointment,
    ) -> Result<(), CareError> {
        if !matches!(who, Booker::Staff(_)) || back.lane != Some(0) {
            return Ok(());
        }
        let now = self.now();
        let Some(wanted) = back.span() else { return Ok(()) };
        for offer in tx.open_offers().await?.into_iter().filter(|offer| offer.can_go_back_to(back.id, now)) {
            let Some(visit) = tx.appointment(offer.appointment_id).await? else { continue };
            let in_the_way = visit.span().is_some_and(|span| span.overlaps(wanted));
            if visit.id == back.id || visit.practitioner_id != back.practitioner_id || !in_the_way {
                continue;
            }
            let gone = Appointment { state: AppointmentState::Cancelled, ..visit };
            tx.set_appointment_state(gone.id, visit.state, gone.state).await?;
            tx.free_time(gone.id).await?;
            tx.forget_offer(gone.id).await?;
            let why = Some(CancelReason::OfferTakenBack.label());
            self.note_visit(tx, who, AuditAction::Update, &gone, why).await?;
        }
        Ok(())
    }
}
