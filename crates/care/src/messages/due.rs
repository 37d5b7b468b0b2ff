//! What is due is kept. The agenda itself is what must not be lost: what is due is read from it, so a stop of the machine at any
//! point loses nothing, and the key of a message (visit, purpose, hour) keeps it from being written twice.

use clinical::encounter::{AppointmentState, CancelReason};
use clinical::ids::{AppointmentId, CorrespondentId, MessageId};
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
        let mut tx = self.unseen.begin().await?;
        let Some(settings) = Self::message_settings(&mut tx).await?.filter(|settings| settings.on) else {
            return Ok(0);
        };
        let zone = Self::time_zone(&mut tx).await?;
        if is_quiet(now, &zone) {
            return Ok(0);
        }
        let mut kept = 0;
        let until = now + AHEAD;
        for found in tx.visits_untold(Untold::Standing, now, until, PASS).await? {
            let offered = tx.offer_of(found.appointment.id).await?;
            let open = found.appointment.state == AppointmentState::Booked;
            let (purpose, end) = match offered.filter(|_| open && !found.known) {
                Some(offer) => (Purpose::Offered, offer.kept_until),
                None if found.known => (Purpose::Moved, found.appointment.starts_at),
                None => (Purpose::Booked, found.appointment.starts_at),
            };
            kept += usize::from(self.keep_due(&mut tx, &settings, &found, purpose, end).await?);
        }
        for found in tx.visits_untold(Untold::GivenUp, now, until, PASS).await? {
            let end = found.appointment.starts_at;
            kept += usize::from(self.keep_due(&mut tx, &settings, &found, Purpose::Cancelled, end).await?);
        }
        for purpose in Purpose::REMINDERS {
            let (soonest, latest) = purpose.starts(now, &zone);
            for found in tx.visits_without(purpose.code(), soonest, latest, PASS).await? {
                let visit = &found.appointment;
                let Some((from, end)) = purpose.due(visit.starts_at, &zone) else { continue };
                let lately = tx.last_told(visit.id).await?.is_some_and(|last| now < last + PAUSE);
                // An offered time nobody took yet is no visit to be reminded of.
                let offered =
                    visit.state == AppointmentState::Booked && tx.offer_of(visit.id).await?.is_some();
                if now >= from && now < end && !lately && !offered {
                    kept += usize::from(self.keep_due(&mut tx, &settings, &found, purpose, end).await?);
                }
            }
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

/// Why a visit was cancelled, as the last step that did it says.
async fn why_cancelled(tx: &mut Tx, id: AppointmentId) -> Result<Option<CancelReason>, CareError> {
    let steps = tx.steps_of_visit(id).await?;
    let last = steps.into_iter().rev().find(|step| step.state == AppointmentState::Cancelled);
    Ok(last.and_then(|step| CancelReason::from_label(&step.reason?)))
}
