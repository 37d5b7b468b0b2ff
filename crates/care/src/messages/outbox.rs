//! What is due is kept, and what is kept is sent: at least once, never by two, and nothing to who did not agree.
//!
//! The agenda itself is what must not be lost: what is due is read from it, so a stop of the machine at any point loses nothing,
//! and the key of a message (visit, purpose, hour) keeps it from being written twice.

use std::sync::Arc;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::consent::ConsentPurpose;
use clinical::encounter::AppointmentState;
use clinical::ids::{CorrespondentId, MessageId, PatientId};
use jiff::{SignedDuration, Timestamp};
use messaging::channel::Channel;
use messaging::graph::{Alarm, Class, Failure, Outcome, PATIENCE, Window};
use messaging::letter::{Letter, Message};
use messaging::number::Number;
use storage::{Correspondent, MessageAlarm, MessageState, OutMessage, Tx, Untold, VisitToTell};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::plan::{PAUSE, Purpose, is_quiet};
use super::{MessageSettings, letter, told};
use crate::Care;
use crate::error::CareError;

/// How far ahead visits are told of.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 400);
/// Most visits of one kind that are looked at in one pass.
const PASS: u32 = 200;
/// Messages that are sent at the same time; WhatsApp takes 80 a second.
const TOGETHER: u32 = 20;
/// How long a status is waited for where nobody knows whether a message was taken.
const DOUBT: SignedDuration = SignedDuration::from_mins(2);
/// Time left of an open window below which it counts as closed.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// The channel of WhatsApp, and the same to the other form of a Mexican number.
const WHATSAPP: &str = "whatsapp";
const WHATSAPP_OTHER_FORM: &str = "whatsapp_521";

/// What a pass of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages that were tried.
    pub tried: usize,
    /// Those of them that were taken.
    pub taken: usize,
}

/// Planning.
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
        if !self.has_channels() || is_quiet(now, &zone) {
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
            let soon = now + SignedDuration::from_hours(73);
            for found in tx.visits_without(purpose.code(), now, soon, PASS).await? {
                let visit = &found.appointment;
                let Some((from, end)) = purpose.due(visit.starts_at, &zone) else { continue };
                let confirmed = visit.state == AppointmentState::Confirmed && purpose == Purpose::SameDay;
                let lately = tx.last_told(visit.id).await?.is_some_and(|last| now < last + PAUSE);
                // An offered time nobody took yet is no visit to be reminded of.
                let offered =
                    visit.state == AppointmentState::Booked && tx.offer_of(visit.id).await?.is_some();
                if now >= from && now < end && !confirmed && !lately && !offered {
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
        let letter = letter(settings, Some(&found.patient), purpose.message(visit))?;
        let phone = found.patient.data.phone.as_ref().and_then(|phone| Number::parse(phone.as_str()).ok());
        let to = match &phone {
            Some(number) => Some(correspondent(tx, number).await?.id),
            None => None,
        };
        let message = OutMessage {
            appointment_id: Some(found.appointment.id),
            patient_id: Some(found.patient.id),
            visit_at: Some(found.appointment.starts_at),
            // Without a number it is a person's from the start.
            state: if to.is_some() { MessageState::Queued } else { MessageState::Failed },
            not_after: end,
            ..self.new_message(to, purpose, &letter)?
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
            channel: WHATSAPP.to_owned(),
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

/// Sending.
impl Care {
    /// Sends what is due. Called again and again by the program; several servers may do it at the same time.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn send_messages(&self) -> Result<Sent, CareError> {
        let Some(channel) = self.channels.whatsapp.clone() else { return Ok(Sent::default()) };
        self.settle_doubts().await?;
        let claimed = self.claim().await?;
        let mut sending = JoinSet::new();
        for claim in claimed {
            let channel = Arc::clone(&channel);
            sending.spawn(async move {
                let outcome = claim.send(channel.as_ref()).await;
                (claim.message, outcome)
            });
        }
        let mut sent = Sent::default();
        let mut outcomes = Vec::new();
        while let Some(done) = sending.join_next().await {
            outcomes.push(done.map_err(CareError::internal)?);
        }
        let mut tx = self.unseen.begin().await?;
        for (message, outcome) in outcomes {
            sent.tried += 1;
            sent.taken += usize::from(matches!(outcome, Outcome::Accepted { .. }));
            self.settle(&mut tx, message, outcome).await?;
        }
        tx.commit().await?;
        Ok(sent)
    }

    /// A message somebody was sending when they stopped, and one whose answer never came: after a while without a status it is
    /// sent once more where a second copy does less harm than none, else a person is told.
    async fn settle_doubts(&self) -> Result<(), CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin().await?;
        for state in [MessageState::Sending, MessageState::Unknown] {
            for message in tx.messages_due(state, now, PASS).await? {
                if message.changed_at + DOUBT > now {
                    continue;
                }
                let doubts = message.doubts + u32::from(state == MessageState::Sending);
                let again = doubts <= 1 && purpose(&message).is_some_and(Purpose::may_be_doubled);
                let next = if again { MessageState::Queued } else { MessageState::Failed };
                tx.settle_message(state, &OutMessage { state: next, doubts, changed_at: now, ..message })
                    .await?;
            }
        }
        Ok(tx.commit().await?)
    }

    async fn claim(&self) -> Result<Vec<Claim>, CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin().await?;
        let alarms = tx.message_alarms().await?;
        let stopped = |alarm: Alarm| alarms.iter().any(|raised| raised.name == alarm.code());
        if Alarm::ALL.into_iter().any(|alarm| alarm != Alarm::Reported && stopped(alarm)) {
            return Ok(Vec::new());
        }
        let mut claimed = Vec::new();
        for message in tx.messages_due(MessageState::Queued, now, TOGETHER).await? {
            let reply = purpose(&message) == Some(Purpose::Reply);
            if stopped(Alarm::Reported) && !reply {
                continue;
            }
            let to = match message.correspondent_id {
                Some(id) => tx.correspondent(id).await?,
                None => None,
            };
            let verdict = verdict(&mut tx, &message, to.as_ref(), now).await?;
            let next = OutMessage {
                state: if verdict.is_some() { MessageState::Sending } else { MessageState::Dropped },
                attempts: message.attempts + u32::from(verdict.is_some()),
                changed_at: now,
                ..message
            };
            if tx.settle_message(MessageState::Queued, &next).await?
                && let Some((address, window)) = verdict
            {
                let letter: Letter = serde_json::from_str(&next.letter).map_err(CareError::internal)?;
                claimed.push(Claim { message: next, address, letter, window });
            }
        }
        tx.commit().await?;
        Ok(claimed)
    }

    async fn settle(&self, tx: &mut Tx, message: OutMessage, outcome: Outcome) -> Result<(), CareError> {
        let now = self.now();
        let next = OutMessage { changed_at: now, ..message };
        let next = match outcome {
            Outcome::Accepted { id, .. } => {
                OutMessage { state: MessageState::Accepted, meta_id: Some(id), ..next }
            }
            Outcome::Unknown => OutMessage { state: MessageState::Unknown, doubts: next.doubts + 1, ..next },
            Outcome::ByHand => OutMessage { state: MessageState::Failed, ..next },
            Outcome::Failed(failure) => self.after_failure(tx, next, failure).await?,
        };
        // A status may have come first, and said more.
        if tx.settle_message(MessageState::Sending, &next).await? && next.state == MessageState::Accepted {
            let event = self.told_event(next.patient_id, &next, "se envió a WhatsApp");
            tx.append_audit(event).await?;
        }
        Ok(())
    }

    /// What becomes of a message that failed, in the answer or later by a status.
    pub(super) async fn after_failure(
        &self,
        tx: &mut Tx,
        message: OutMessage,
        failure: Failure,
    ) -> Result<OutMessage, CareError> {
        let now = self.now();
        let message = OutMessage { failure: Some(failure.code), ..message };
        match failure.class {
            Class::Stop(alarm) => {
                let raised =
                    MessageAlarm { name: alarm.code().to_owned(), detail: String::new(), since: now };
                tx.raise_message_alarm(&raised).await?;
                // It waits until the owner mended it; if that takes too long it is no longer true and is dropped.
                return Ok(OutMessage { state: MessageState::Queued, ..message });
            }
            Class::OptedOut | Class::Undeliverable => {
                let known = match message.correspondent_id {
                    Some(id) => tx.correspondent(id).await?,
                    None => None,
                };
                if let Some(mut who) = known {
                    let other =
                        who.phone.as_deref().and_then(|phone| Number::parse(&format!("+{phone}")).ok());
                    let other = other.and_then(|number| number.other_form()).is_some();
                    if failure.class == Class::Undeliverable && other && message.channel == WHATSAPP {
                        let channel = WHATSAPP_OTHER_FORM.to_owned();
                        return Ok(OutMessage {
                            state: MessageState::Queued,
                            channel,
                            not_before: now,
                            ..message
                        });
                    }
                    let since = if failure.class == Class::OptedOut {
                        &mut who.stopped_at
                    } else {
                        &mut who.unreachable_at
                    };
                    since.get_or_insert(now);
                    tx.save_correspondent(&who).await?;
                }
                return Ok(OutMessage { state: MessageState::Failed, ..message });
            }
            Class::WindowClosed => {
                // Meta knows better than we do: sent again it goes as a template.
                if let Some(id) = message.correspondent_id
                    && let Some(who) = tx.correspondent(id).await?
                {
                    tx.save_correspondent(&Correspondent { window_until: None, ..who }).await?;
                }
            }
            _ => {}
        }
        let tired = message.created_at + PATIENCE < now && failure.class == Class::Transient;
        let jitter = u16::from_be_bytes([message.id.0.as_bytes()[14], message.id.0.as_bytes()[15]]);
        Ok(match failure.class.pause(message.attempts, jitter).filter(|_| !tired) {
            Some(pause) => OutMessage { state: MessageState::Queued, not_before: now + pause, ..message },
            None => OutMessage { state: MessageState::Failed, ..message },
        })
    }

    /// An event of the bitácora by nobody of the practice.
    pub(super) fn told_event(&self, of: Option<PatientId>, message: &OutMessage, why: &str) -> NewAuditEvent {
        NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Create,
            entity: "message",
            entity_id: message.id.to_string(),
            patient_id: of,
            origin: "whatsapp".to_owned(),
            reason: Some(why.to_owned()),
        }
    }
}

/// A message that is this worker's to send.
struct Claim {
    message: OutMessage,
    address: String,
    letter: Letter,
    window: Window,
}

impl Claim {
    async fn send(&self, channel: &dyn Channel) -> Outcome {
        channel.send(&self.address, &self.letter, self.window, &self.message.id.to_string()).await
    }
}

pub(super) fn purpose(message: &OutMessage) -> Option<Purpose> {
    Purpose::from_code(&message.purpose)
}

/// Where a message goes and whether the window is open; `None` for one that must not be sent: too late, not true any more, not
/// agreed to. This is the last step before it leaves, and there is no other way out.
async fn verdict(
    tx: &mut Tx,
    message: &OutMessage,
    to: Option<&Correspondent>,
    now: Timestamp,
) -> Result<Option<(String, Window)>, CareError> {
    let Some(to) = to else { return Ok(None) };
    let open = to.window_until.is_some_and(|until| now + MARGIN < until);
    let window = if open { Window::Open } else { Window::Closed };
    if now >= message.not_after {
        return Ok(None);
    }
    let letter: Letter = serde_json::from_str(&message.letter).map_err(CareError::internal)?;
    let reply = purpose(message) == Some(Purpose::Reply);
    // They wrote, and are answered; once they wanted no more, only that they get no more is said.
    let asked = open && (to.stopped_at.is_none() || letter.message == Message::Stopped);
    let agreed = match message.patient_id {
        Some(patient) => tx
            .current_consent(patient, ConsentPurpose::Messaging)
            .await?
            .is_some_and(|answer| answer.is_live(now)),
        None => false,
    };
    if !(asked && reply || agreed && to.stopped_at.is_none()) || !still_true(tx, message).await? {
        return Ok(None);
    }
    let number = to.phone.as_deref().and_then(|phone| Number::parse(&format!("+{phone}")).ok());
    let address = match (number, message.channel.as_str()) {
        (Some(number), WHATSAPP_OTHER_FORM) => number.other_form(),
        (Some(number), _) => Some(number.digits().to_owned()),
        (None, _) => to.user_id.clone(),
    };
    Ok(address.map(|address| (address, window)))
}

/// Whether the visit stands as the message says.
async fn still_true(tx: &mut Tx, message: &OutMessage) -> Result<bool, CareError> {
    let Some(id) = message.appointment_id else { return Ok(true) };
    let Some(visit) = tx.appointment(id).await? else { return Ok(false) };
    let cancelled = visit.state == AppointmentState::Cancelled;
    Ok(message.visit_at == Some(visit.starts_at)
        && match purpose(message) {
            Some(Purpose::Cancelled) => cancelled,
            Some(Purpose::Reply) => true,
            Some(Purpose::SameDay | Purpose::Offered) => visit.state == AppointmentState::Booked,
            _ => visit.state.is_ahead(),
        })
}

/// Who has a number; made known if they were not.
pub(super) async fn correspondent(tx: &mut Tx, number: &Number) -> Result<Correspondent, CareError> {
    if let Some(known) = tx.correspondent_of(Some(number.digits()), None, None).await? {
        return Ok(known);
    }
    let new = Correspondent { phone: Some(number.digits().to_owned()), ..nobody() };
    tx.save_correspondent(&new).await?;
    Ok(new)
}

/// Somebody of whom nothing is known yet.
pub(super) fn nobody() -> Correspondent {
    Correspondent {
        id: CorrespondentId(Uuid::now_v7()),
        phone: None,
        wa_id: None,
        user_id: None,
        window_until: None,
        stopped_at: None,
        unreachable_at: None,
        waiting_since: None,
        told_at: None,
    }
}
