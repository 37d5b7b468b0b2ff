//! The life of a planned visit: confirmed, arrived, missed, cancelled; who comes without an appointment.

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::encounter::{
    Appointment, AppointmentState, AppointmentStep, CancelReason, Encounter, EncounterState,
};
use clinical::ids::{AppointmentId, EncounterId, PatientId, PractitionerId, ServiceId};
use jiff::{SignedDuration, Timestamp};
use storage::{Tx, VisitStep};
use uuid::Uuid;

use crate::booking::{Booker, VISIT, service, taken_meanwhile};
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::{Care, because};

/// How far from its hour a visit is still the one somebody is here for, when nobody noted that they arrived.
const ABOUT_NOW: SignedDuration = SignedDuration::from_hours(2);

impl Care {
    /// The patient says they will come. A time that was offered from the waiting list is theirs from then on.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when the visit is past that.
    pub async fn confirm(&self, who: Booker<'_>, id: AppointmentId) -> Result<Appointment, CareError> {
        self.step_visit(who, id, AppointmentStep::Confirm).await
    }

    /// Cancels a visit and offers its time to who waits.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when the patient is in the room or the visit is over.
    pub async fn cancel(
        &self,
        who: Booker<'_>,
        id: AppointmentId,
        reason: CancelReason,
    ) -> Result<Appointment, CareError> {
        let mut tx = self.begin_booking(who).await?;
        let cancelled = self.cancel_in(&mut tx, who, id, reason).await?;
        tx.commit().await?;
        Ok(cancelled)
    }

    pub(crate) async fn cancel_in(
        &self,
        tx: &mut Tx,
        who: Booker<'_>,
        id: AppointmentId,
        reason: CancelReason,
    ) -> Result<Appointment, CareError> {
        let was = tx.appointment(id).await?.ok_or(VISIT)?;
        let cancelled = self.take_step(tx, who, &was, AppointmentStep::Cancel, Some(reason.label())).await?;
        if reason != CancelReason::ProfessionalAway {
            self.offer_freed(tx, who, &was).await?;
        }
        Ok(cancelled)
    }

    /// Any other step of a visit. An arrival opens its consultation, which the professional begins; undoing a cancellation
    /// needs its time to be free still.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when the visit is not where the step begins; [`CareError::SlotTaken`] when the time of an undone
    /// cancellation is taken.
    pub async fn step_visit(
        &self,
        who: Booker<'_>,
        id: AppointmentId,
        step: AppointmentStep,
    ) -> Result<Appointment, CareError> {
        if step == AppointmentStep::Cancel {
            return self.cancel(who, id, CancelReason::PatientAsked).await;
        }
        let mut tx = self.begin_booking(who).await?;
        let was = tx.hold_appointment(id).await?.ok_or(VISIT)?;
        // Noted twice, by two people or by a second press: nothing to do.
        let noted = [
            (AppointmentStep::Arrive, AppointmentState::Arrived),
            (AppointmentStep::Confirm, AppointmentState::Confirmed),
        ];
        if noted.contains(&(step, was.state)) {
            return Ok(was);
        }
        let after = self.take_step(&mut tx, who, &was, step, None).await?;
        if let (AppointmentStep::Arrive, Booker::Staff(actor)) = (step, who) {
            self.bring_back_for_visit(&mut tx, actor, was.patient_id).await?;
        }
        tx.commit().await?;
        Ok(after)
    }

    async fn take_step(
        &self,
        tx: &mut Tx,
        who: Booker<'_>,
        was: &Appointment,
        step: AppointmentStep,
        reason: Option<&str>,
    ) -> Result<Appointment, CareError> {
        let mut visit = was.clone();
        let state = was.state.after(step).ok_or_else(|| impossible(was.state))?;
        if (step, was.state) == (AppointmentStep::Arrive, AppointmentState::NoShow) {
            // Their time may be somebody else's by now: they wait in the queue.
            visit.lane = None;
            tx.move_appointment(was, &visit).await?;
        }
        tx.set_appointment_state(was.id, was.state, state).await?;
        visit.state = state;
        match (was.state == AppointmentState::Arrived, state == AppointmentState::Arrived) {
            (true, false) => self.end_wait(tx, who, was, left_unseen(step)).await?,
            (false, true) => self.open_wait(tx, who, &visit, self.now()).await?,
            _ => {}
        }
        match (was.state.holds_time(), state.holds_time()) {
            (true, false) => tx.free_time(was.id).await?,
            (false, true) => {
                self.take_back_offers(tx, who, &visit).await?;
                tx.hold_time(&visit).await.map_err(taken_meanwhile)?;
            }
            _ => {}
        }
        if step == AppointmentStep::Confirm
            && let Some(offer) = tx.offer_of(was.id).await?
        {
            tx.end_waiting(offer.waiting_id, self.now()).await?;
        }
        self.note_visit(tx, who, AuditAction::Update, &visit, reason).await?;
        Ok(visit)
    }

    /// A visit goes where its consultation went: opened, signed or closed by mistake. Its history says so; nothing when it
    /// stands there already.
    pub(crate) async fn visit_follows(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: AppointmentId,
        to: AppointmentState,
    ) -> Result<(), CareError> {
        let Some(was) = tx.appointment(id).await?.filter(|was| was.state != to) else { return Ok(()) };
        let why = match to {
            AppointmentState::InConsultation => "Se abrió su consulta",
            AppointmentState::Finished => "Se firmó su nota",
            _ => "Su consulta se cerró sin nota",
        };
        tx.set_appointment_state(id, was.state, to).await?;
        let who = Booker::Staff(actor);
        if was.state == AppointmentState::Arrived {
            // Nobody waits in it when it was begun, and that is how a visit mostly goes on.
            self.end_wait(tx, who, &was, "la consulta se abrió aparte").await?;
        }
        if to == AppointmentState::Arrived {
            let since = arrived_at(&tx.steps_of_visit(id).await?).unwrap_or_else(|| self.now());
            self.open_wait(tx, who, &was, since).await?;
        }
        let visit = Appointment { state: to, ..was };
        self.note_visit(tx, who, AuditAction::Update, &visit, Some(why)).await
    }

    /// A consultation that was taken up again is the one its patient, still here, waits for.
    pub(crate) async fn visit_goes_on(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        encounter: &Encounter,
    ) -> Result<(), CareError> {
        let Some(visit) = encounter.appointment_id else { return Ok(()) };
        match tx.appointment(visit).await?.map(|visit| visit.state) {
            Some(AppointmentState::Arrived) => {
                self.visit_follows(tx, actor, visit, AppointmentState::InConsultation).await
            }
            _ => Ok(()),
        }
    }

    /// Opens the consultation of a visit whose patient is here since a moment: nothing is in it but who waits for whom.
    async fn open_wait(
        &self,
        tx: &mut Tx,
        who: Booker<'_>,
        visit: &Appointment,
        since: Timestamp,
    ) -> Result<(), CareError> {
        // A visit that was booked for a record joined to another since belongs to that one.
        let patient =
            tx.record(visit.patient_id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let encounter = Encounter {
            id: EncounterId(Uuid::now_v7()),
            patient_id: patient.id,
            practitioner_id: visit.practitioner_id,
            appointment_id: Some(visit.id),
            started_at: since,
            reason: visit.service.clone(),
            state: EncounterState::Arrived,
            document: DocumentKind::PROGRESS_NOTE,
        };
        tx.insert_encounter(&encounter).await?;
        let event = self.agenda_event(who, AuditAction::Create, "encounter", encounter.id, Some(patient.id));
        tx.append_audit(because(event, "llegada del paciente")).await?;
        Ok(())
    }

    /// Closes the consultation that a check-in opened, when its patient is not seen in it.
    async fn end_wait(
        &self,
        tx: &mut Tx,
        who: Booker<'_>,
        visit: &Appointment,
        why: &str,
    ) -> Result<(), CareError> {
        let Some(id) = tx.waiting_encounter(visit.id).await? else { return Ok(()) };
        tx.set_encounter_state(id, EncounterState::Arrived, EncounterState::Cancelled).await?;
        let event = self.agenda_event(who, AuditAction::Update, "encounter", id, Some(visit.patient_id));
        tx.append_audit(because(event, why)).await?;
        Ok(())
    }

    /// The visit of today that a patient is here for with a professional, if it has no consultation yet: one they arrived
    /// for, or that is planned for about now.
    pub(crate) async fn visit_here(
        &self,
        tx: &mut Tx,
        patient: PatientId,
        practitioner: PractitionerId,
    ) -> Result<Option<AppointmentId>, CareError> {
        let now = self.now();
        let day = now.to_zoned_datetime(Self::time_zone(tx).await?);
        let start = day.start_of_day().map_err(CareError::internal)?;
        let end = start.tomorrow().map_err(CareError::internal)?;
        let today = tx.agenda(start.timestamp(), end.timestamp(), Some(practitioner)).await?;
        let here = today.into_iter().filter(|entry| {
            let visit = &entry.appointment;
            let near = visit.starts_at.duration_since(now).abs() <= ABOUT_NOW;
            let waits = visit.state == AppointmentState::Arrived || (visit.state.is_ahead() && near);
            entry.patient.id == patient && entry.encounter_id.is_none() && waits
        });
        let nearest = here.min_by_key(|entry| {
            let visit = &entry.appointment;
            (visit.state != AppointmentState::Arrived, visit.starts_at.duration_since(now).abs())
        });
        Ok(nearest.map(|entry| entry.appointment.id))
    }

    /// Notes somebody who came without an appointment: they wait in the queue and hold no time.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for a patient, professional or service that is not there.
    pub async fn walk_in(
        &self,
        actor: &Actor,
        patient: PatientId,
        practitioner: PractitionerId,
        wanted: ServiceId,
    ) -> Result<Appointment, CareError> {
        let who = Booker::Staff(actor);
        let mut tx = self.begin_booking(who).await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let service = service(&mut tx, wanted).await?;
        let visit = Appointment {
            id: AppointmentId(Uuid::now_v7()),
            patient_id: patient.id,
            practitioner_id: practitioner,
            starts_at: self.now(),
            minutes: service.minutes,
            buffer: 0,
            lane: None,
            room_id: None,
            service: service.name,
            state: AppointmentState::Arrived,
        };
        tx.insert_appointment(&visit).await?;
        self.open_wait(&mut tx, who, &visit, visit.starts_at).await?;
        self.bring_back_for_visit(&mut tx, actor, patient.id).await?;
        self.note_visit(&mut tx, who, AuditAction::Create, &visit, Some("Sin cita")).await?;
        tx.commit().await?;
        Ok(visit)
    }

    /// A visit that is still ahead, as its patient is told of it, and the steps it took.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when it is not there.
    pub async fn visit(
        &self,
        actor: &Actor,
        id: AppointmentId,
    ) -> Result<(crate::agenda::AgendaLine, Vec<VisitStep>), CareError> {
        self.require(actor, Permission::SeeAgenda).await?;
        let mut tx = self.begin(actor).await?;
        let visit = tx.appointment(id).await?.ok_or(VISIT)?;
        let minute = visit.starts_at + SignedDuration::from_mins(1);
        let entry = tx.agenda(visit.starts_at, minute, Some(visit.practitioner_id)).await?;
        let entry = entry.into_iter().find(|entry| entry.appointment.id == id).ok_or(VISIT)?;
        let practitioner = tx.practitioner(visit.practitioner_id).await?;
        let steps = tx.steps_of_visit(id).await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "appointment", id, Some(entry.patient.id)))
            .await?;
        tx.commit().await?;
        let line = crate::agenda::AgendaLine {
            practitioner: practitioner.map(|one| one.full_name()).unwrap_or_default(),
            appointment: entry.appointment,
            patient: entry.patient,
            encounter_id: entry.encounter_id,
            waiting_since: entry.waiting_since,
        };
        Ok((line, steps))
    }
}

/// Why the consultation that a check-in opened was not begun, in the bitácora.
fn left_unseen(step: AppointmentStep) -> &'static str {
    match step {
        AppointmentStep::Undo => "se deshizo la llegada",
        AppointmentStep::Cancel => "se canceló la cita",
        _ => "la cita terminó sin abrirla",
    }
}

/// When the patient came who is here: what was undone or missed before does not count.
fn arrived_at(steps: &[VisitStep]) -> Option<Timestamp> {
    let here = |step: &&VisitStep| {
        matches!(step.state, AppointmentState::Arrived | AppointmentState::InConsultation)
    };
    let arrivals = steps.iter().rev().take_while(here).filter(|step| step.state == AppointmentState::Arrived);
    arrivals.last().map(|step| step.at)
}

fn impossible(state: AppointmentState) -> CareError {
    let message = match state {
        AppointmentState::Booked | AppointmentState::Confirmed => {
            "La cita sigue pendiente: no hay nada que deshacer"
        }
        AppointmentState::Arrived => "El paciente ya llegó",
        AppointmentState::InConsultation => "El paciente ya está en consulta",
        AppointmentState::Finished => "La cita ya terminó",
        AppointmentState::NoShow => "La cita está anotada como no asistida. Deshágalo primero",
        AppointmentState::Cancelled => "La cita está cancelada. Deshaga la cancelación o agende otra",
    };
    CareError::Conflict { message: message.to_owned() }
}
