//! What is kept is sent: at least once, never by two, and nothing to who did not agree.

use std::sync::Arc;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::consent::ConsentPurpose;
use clinical::encounter::AppointmentState;
use clinical::ids::{CorrespondentId, PatientId};
use jiff::{SignedDuration, Timestamp};
use messaging::channel::Channel;
use messaging::graph::{Alarm, Class, Failure, Outcome, PATIENCE, Window};
use messaging::letter::{Letter, Message};
use messaging::number::Number;
use storage::{Correspondent, MessageAlarm, MessageState, OutMessage, Tx};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::plan::Purpose;
use super::ways::{Way, agreed, mail_address};
use crate::Care;
use crate::error::CareError;

/// Most messages that are looked at in one pass.
const PASS: u32 = 200;
/// Messages that are sent at the same time; WhatsApp takes 80 a second.
const TOGETHER: usize = 20;
/// How long a status is waited for where nobody knows whether a message was taken.
const DOUBT: SignedDuration = SignedDuration::from_mins(2);
/// Time left of an open window below which it counts as closed.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// What a pass of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages that were tried.
    pub tried: usize,
    /// Those of them that were taken.
    pub taken: usize,
}

impl Care {
    /// Sends what is due. Called again and again by the program; several servers may do it at the same time.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn send_messages(&self) -> Result<Sent, CareError> {
        self.settle_doubts().await?;
        let claimed = self.claim().await?;
        let mut sending = JoinSet::new();
        for claim in claimed {
            sending.spawn(async move {
                let outcome = claim.send().await;
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
        let doubtful = [MessageState::Sending, MessageState::Unknown];
        for (state, pair) in doubtful.into_iter().flat_map(|state| Way::PAIRS.map(|pair| (state, pair))) {
            for message in tx.messages_due(pair.map(Way::code), state, now, PASS).await? {
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
        let raised = |alarm: Alarm| alarms.iter().any(|raised| raised.name == alarm.code());
        let stops = Alarm::ALL.into_iter().filter(|alarm| !matches!(alarm, Alarm::Reported | Alarm::Mail));
        let whatsapp_stopped = stops.into_iter().any(raised);
        let mut claimed = Vec::new();
        for pair in Way::PAIRS {
            let whatsapp = pair.iter().all(|way| way.is_whatsapp());
            if whatsapp && whatsapp_stopped {
                continue;
            }
            // A number that people reported answers, and begins nothing.
            let answers_only = whatsapp && raised(Alarm::Reported);
            let mut due = tx.messages_due(pair.map(Way::code), MessageState::Queued, now, PASS).await?;
            due.retain(|message| !answers_only || purpose(message) == Some(Purpose::Reply));
            due.retain(|message| message.channel != Way::Mail.code() || !raised(Alarm::Mail));
            for message in due.into_iter().take(TOGETHER) {
                claimed.extend(self.claim_one(&mut tx, message).await?);
            }
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Takes one message to send it, or drops it; `None` also where another has it.
    async fn claim_one(&self, tx: &mut Tx, message: OutMessage) -> Result<Option<Claim>, CareError> {
        let now = self.now();
        let to = match message.correspondent_id {
            Some(id) => tx.correspondent(id).await?,
            None => None,
        };
        let number = to.as_ref().and_then(|who| who.number_id.as_deref());
        let channel = self.channels.of(Way::from_code(&message.channel), number);
        let verdict = verdict(tx, &message, to.as_ref(), now).await?;
        let sends = verdict.zip(channel);
        let next = OutMessage {
            state: if sends.is_some() { MessageState::Sending } else { MessageState::Dropped },
            attempts: message.attempts + u32::from(sends.is_some()),
            changed_at: now,
            ..message
        };
        if !tx.settle_message(MessageState::Queued, &next).await? {
            return Ok(None);
        }
        let Some(((address, window), channel)) = sends else { return Ok(None) };
        let letter: Letter = serde_json::from_str(&next.letter).map_err(CareError::internal)?;
        Ok(Some(Claim { message: next, channel, address, letter, window }))
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
            let event = self.told_event(next.patient_id, &next, Way::from_code(&next.channel));
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
            Class::OptedOut | Class::Undeliverable if Way::from_code(&message.channel).is_whatsapp() => {
                return self.not_by_whatsapp(tx, message, failure).await;
            }
            Class::Undeliverable => return Ok(OutMessage { state: MessageState::Failed, ..message }),
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

    /// WhatsApp does not reach somebody: the other form of the number is tried once, then e-mail, then it is a person's.
    async fn not_by_whatsapp(
        &self,
        tx: &mut Tx,
        message: OutMessage,
        failure: Failure,
    ) -> Result<OutMessage, CareError> {
        let now = self.now();
        let again = |way: Way, message: OutMessage| OutMessage {
            state: MessageState::Queued,
            channel: way.code().to_owned(),
            not_before: now,
            ..message
        };
        if let Some(id) = message.correspondent_id
            && let Some(mut who) = tx.correspondent(id).await?
        {
            let number = who.phone.as_deref().and_then(|phone| Number::parse(&format!("+{phone}")).ok());
            let other = number.and_then(|number| number.other_form()).is_some();
            if failure.class == Class::Undeliverable && other && message.channel == Way::WhatsApp.code() {
                return Ok(again(Way::OtherForm, message));
            }
            match failure.class {
                Class::OptedOut => who.stopped_at = who.stopped_at.or(Some(now)),
                _ => who.unreachable_at = Some(now),
            }
            tx.save_correspondent(&who).await?;
        }
        if let Some(patient) = message.patient_id.filter(|_| purpose(&message) != Some(Purpose::Reply))
            && self.has_mail()
            && mail_address(tx, patient, now).await?.is_some()
        {
            return Ok(again(Way::Mail, message));
        }
        Ok(OutMessage { state: MessageState::Failed, ..message })
    }

    /// An event of the bitácora by nobody of the practice.
    fn told_event(&self, of: Option<PatientId>, message: &OutMessage, way: Way) -> NewAuditEvent {
        NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Create,
            entity: "message",
            entity_id: message.id.to_string(),
            patient_id: of,
            origin: if way.is_whatsapp() { Way::WhatsApp } else { way }.code().to_owned(),
            reason: Some(way.sent().to_owned()),
        }
    }
}

/// A message that is this worker's to send.
struct Claim {
    message: OutMessage,
    channel: Arc<dyn Channel>,
    address: String,
    letter: Letter,
    window: Window,
}

impl Claim {
    async fn send(&self) -> Outcome {
        self.channel.send(&self.address, &self.letter, self.window, &self.message.id.to_string()).await
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
    if now >= message.not_after || !still_true(tx, message).await? {
        return Ok(None);
    }
    let way = Way::from_code(&message.channel);
    if !way.is_whatsapp() {
        let Some(patient) = message.patient_id else { return Ok(None) };
        let address = match way {
            Way::Mail => mail_address(tx, patient, now).await?,
            _ => Some(String::new()),
        };
        let spoken = way == Way::Paper && agreed(tx, patient, ConsentPurpose::Messaging, now).await?;
        let written = agreed(tx, patient, ConsentPurpose::Email, now).await?;
        return Ok(address.filter(|_| spoken || written).map(|address| (address, Window::Closed)));
    }
    let Some(to) = to else { return Ok(None) };
    let open = to.window_until.is_some_and(|until| now + MARGIN < until);
    let window = if open { Window::Open } else { Window::Closed };
    let letter: Letter = serde_json::from_str(&message.letter).map_err(CareError::internal)?;
    let reply = purpose(message) == Some(Purpose::Reply);
    // They wrote, and are answered; once they wanted no more, only that they get no more is said.
    let asked = open && (to.stopped_at.is_none() || letter.message == Message::Stopped);
    let agreed = match message.patient_id {
        Some(patient) => agreed(tx, patient, ConsentPurpose::Messaging, now).await?,
        None => false,
    };
    if !(asked && reply || agreed && to.stopped_at.is_none()) {
        return Ok(None);
    }
    let number = to.phone.as_deref().and_then(|phone| Number::parse(&format!("+{phone}")).ok());
    let address = match (number, way) {
        (Some(number), Way::OtherForm) => number.other_form(),
        (Some(number), _) => Some(number.digits().to_owned()),
        (None, _) => to.user_id.clone(),
    };
    Ok(address.map(|address| (address, window)))
}

/// Whether the visit stands as the message says.
pub(super) async fn still_true(tx: &mut Tx, message: &OutMessage) -> Result<bool, CareError> {
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
    Ok(tx.make_known(new).await?)
}

/// Somebody of whom nothing is known yet.
pub(super) fn nobody() -> Correspondent {
    Correspondent {
        id: CorrespondentId(Uuid::now_v7()),
        phone: None,
        wa_id: None,
        user_id: None,
        number_id: None,
        window_until: None,
        stopped_at: None,
        unreachable_at: None,
        waiting_since: None,
        told_at: None,
    }
}
