//! What is due is kept. The agenda itself is what must not be lost: what is due is read from it, so a stop of the machine at any
//! point loses nothing, and the key of a message (visit, purpose, hour) keeps it from being written twice.

use clinical::encounter::{AppointmentState, CancelReason};
use clinical::ids::{AppointmentId, CorrespondentId, MessageId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use messaging::letter::Letter;
use storage::{MessageState, OutMessage, Tx, Untold, VisitToTell};
use uuid::Uuid;

use super::plan::{PAUSE, Purpose, given_up, is_quiet};
use super::ways::Way;
use super::{MessageSettings, letter, told};
use crate::Care;
use crate::error::CareError;

/// How far ahead visits are told of.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 400);
/// Most visits of one kind that are looked at in one pass.
const PASS: u32 = 200;

impl Care {
    /// Keeps the messages that are due now. Nothing is due at night, nor while the practice has it switched off.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn plan_messages(&self) -> Result<usize, CareError> {
        let now = self.now();
        let mut read = self.unseen.begin_read().await?;
        let Some(settings) = Self::message_settings(&mut read).await?.filter(|settings| settings.on) else {
            return Ok(0);
        };
        let zone = Self::time_zone(&mut read).await?;
        if is_quiet(now, &zone) {
            return Ok(0);
        }
        let due = due(&mut read, now, &zone).await?;
        drop(read);
        if due.is_empty() {
            return Ok(0);
        }
        let mut kept = 0;
        let mut tx = self.unseen.begin().await?;
        for Due { visit, purpose, end } in due {
            if purpose == Purpose::Undone {
                tx.tell_again(visit.appointment.id).await?;
            }
            kept += usize::from(self.keep_due(&mut tx, &settings, &visit, purpose, end).await?);
        }
        tx.commit().await?;
        Ok(kept)
    }

    async fn keep_due(
        &self,
        tx: &mut Tx,
        settings: &MessageSettings,
        found: &VisitToTell,
        purpose: Purpose,
        end: Timestamp,
    ) -> Result<bool, CareError> {
        let visit = told(tx, settings, &found.appointment).await?;
        let message = match purpose {
            Purpose::Cancelled => given_up(why_cancelled(tx, found.appointment.id).await?, visit),
            _ => purpose.message(visit),
        };
        let letter = letter(settings, Some(&found.patient), message)?;
        let way = self.way_to(tx, &found.patient).await?;
        let (way, to) = way.unzip();
        // Nobody is called to be told what they were told when they booked.
        let wanted = way.is_some_and(|way| way != Way::Paper || purpose.needs_a_call());
        let message = OutMessage {
            appointment_id: Some(found.appointment.id),
            patient_id: Some(found.patient.id),
            visit_at: Some(found.appointment.starts_at),
            channel: way.unwrap_or(Way::Paper).code().to_owned(),
            state: if wanted { MessageState::Queued } else { MessageState::Dropped },
            not_after: end,
            ..self.new_message(to.flatten().map(|who| who.id), purpose, &letter)?
        };
        self.insert_letter(tx, &message, &letter, &[]).await
    }

    pub(super) fn new_message(
        &self,
        to: Option<CorrespondentId>,
        purpose: Purpose,
        letter: &Letter,
    ) -> Result<OutMessage, CareError> {
        let now = self.now();
        Ok(OutMessage {
            id: MessageId(Uuid::now_v7()),
            correspondent_id: to,
            patient_id: None,
            appointment_id: None,
            purpose: purpose.code().to_owned(),
            visit_at: None,
            channel: Way::WhatsApp.code().to_owned(),
            letter: serde_json::to_string(letter).map_err(CareError::internal)?,
            not_before: now,
            not_after: now + SignedDuration::from_hours(12),
            attempts: 0,
            state: MessageState::Queued,
            doubts: 0,
            meta_id: None,
            failure: None,
            charged: None,
            created_at: now,
            changed_at: now,
        })
    }

    /// Keeps a message with its tokens; whether it is the first of its kind.
    pub(super) async fn insert_letter(
        &self,
        tx: &mut Tx,
        message: &OutMessage,
        letter: &Letter,
        slots: &[(String, String)],
    ) -> Result<bool, CareError> {
        let first = tx.insert_message(message).await?;
        if first {
            if !letter.message.wording().buttons.is_empty() {
                tx.insert_message_token(&letter.token.to_string(), message.id, None).await?;
            }
            for (token, slot) in slots {
                tx.insert_message_token(token, message.id, Some(slot)).await?;
            }
        }
        Ok(first)
    }
}

/// A message that is due, and until when it is true.
struct Due {
    visit: VisitToTell,
    purpose: Purpose,
    end: Timestamp,
}

/// What is due now. Nothing is held against others while it is looked for.
async fn due(tx: &mut Tx, now: Timestamp, zone: &TimeZone) -> Result<Vec<Due>, CareError> {
    let mut due = Vec::new();
    let until = now + AHEAD;
    for visit in tx.visits_untold(Untold::Standing, now, until, PASS).await? {
        let offered = tx.offer_of(visit.appointment.id).await?;
        let open = visit.appointment.state == AppointmentState::Booked;
        if open && offered.as_ref().is_some_and(|offer| !offer.can_be_told(now)) {
            continue;
        }
        let (purpose, end) = match offered.filter(|_| open && !visit.known) {
            Some(offer) => (Purpose::Offered, offer.kept_until),
            None if visit.known => (Purpose::Moved, visit.appointment.starts_at),
            None => (Purpose::Booked, visit.appointment.starts_at),
        };
        due.push(Due { visit, purpose, end });
    }
    for (which, purpose) in [(Untold::GivenUp, Purpose::Cancelled), (Untold::Undone, Purpose::Undone)] {
        for visit in tx.visits_untold(which, now, until, PASS).await? {
            let end = visit.appointment.starts_at;
            due.push(Due { visit, purpose, end });
        }
    }
    for purpose in Purpose::REMINDERS {
        let (soonest, latest) = purpose.starts(now, zone);
        for visit in tx.visits_without(purpose.code(), soonest, latest, now - PAUSE, PASS).await? {
            let Some((from, end)) = purpose.due(visit.appointment.starts_at, zone) else { continue };
            // An offered time nobody took yet is no visit to be reminded of.
            let open = visit.appointment.state == AppointmentState::Booked;
            let offered = open && tx.offer_of(visit.appointment.id).await?.is_some();
            let other = due.iter().any(|other: &Due| other.visit.appointment.id == visit.appointment.id);
            if now >= from && now < end && !offered && !other {
                due.push(Due { visit, purpose, end });
            }
        }
    }
    Ok(due)
}

/// Why a visit was cancelled, as the last step that did it says.
async fn why_cancelled(tx: &mut Tx, id: AppointmentId) -> Result<Option<CancelReason>, CareError> {
    let steps = tx.steps_of_visit(id).await?;
    let last = steps.into_iter().rev().find(|step| step.state == AppointmentState::Cancelled);
    Ok(last.and_then(|step| CancelReason::from_label(&step.reason?)))
}
