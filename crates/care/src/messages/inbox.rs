//! What WhatsApp tells: kept as it came before it is answered, then worked on, each thing once however often it is told.

use clinical::ids::MessageId;
use jiff::{SignedDuration, Timestamp};
use messaging::graph::Failure;
use messaging::webhook::{self, AccountEvent, Contact, Event, Progress};
use storage::{Correspondent, MessageAlarm, MessageState, Notification, OutMessage, Tx, sha256};

use super::outbox::nobody;
use crate::Care;
use crate::error::CareError;

/// Notifications that are worked on in one pass.
const PASS: u32 = 100;
/// How long what people wrote is kept for reception.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Care {
    /// Keeps notifications whose signature was checked, as they came, in one transaction; once it returns they are safe.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer: then nothing was kept, and they must be told again.
    pub async fn keep_notifications(&self, bodies: &[Vec<u8>]) -> Result<(), CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin().await?;
        for body in bodies {
            // A body that is no text is no JSON either: it is kept as far as it can be read, and passed over.
            let text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
            let notification = Notification { digest: sha256(body).to_string(), body: text };
            tx.keep_notification(&notification, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Works on what was kept; how many notifications that was.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn work_notifications(&self) -> Result<usize, CareError> {
        let mut read = self.unseen.begin_read().await?;
        let open = read.open_notifications(PASS).await?;
        drop(read);
        for notification in &open {
            match webhook::parse(notification.body.as_bytes()) {
                Ok(events) => {
                    for keyed in events {
                        self.work_event(&keyed.key, keyed.event).await?;
                    }
                }
                Err(_) => tracing::warn!("a notification of WhatsApp could not be read"),
            }
            let mut tx = self.unseen.begin().await?;
            tx.notification_done(&notification.digest, self.now()).await?;
            tx.commit().await?;
        }
        Ok(open.len())
    }

    /// Forgets what people wrote more than thirty days ago.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn forget_correspondence(&self) -> Result<u64, CareError> {
        let mut tx = self.unseen.begin().await?;
        let forgotten = tx.purge_correspondence(self.now() - KEPT).await?;
        tx.commit().await?;
        Ok(forgotten)
    }

    async fn work_event(&self, key: &str, event: Event) -> Result<(), CareError> {
        if let Event::Message { number_id, id, from, at, content, .. } = event {
            // To a number of somebody else who shares the account.
            if !self.channels.has_number(&number_id) {
                return Ok(());
            }
            return match self.answer_message(key, &number_id, &from, at, content).await {
                // What went wrong is a person's to look at, and must not keep others waiting.
                Err(
                    error
                    @ (CareError::Internal(_) | CareError::Conflict { .. } | CareError::NotFound { .. }),
                ) => {
                    tracing::error!(%error, kind = error.kind(), message = id, "a message could not be answered");
                    self.hand_over(key, &from).await
                }
                other => other,
            };
        }
        let mut tx = self.unseen.begin().await?;
        if !tx.first_seen(key, self.now()).await? {
            return Ok(());
        }
        match event {
            Event::Status { id, progress, failure, callback, charged, .. } => {
                let callback = callback.as_deref().and_then(|name| name.parse::<MessageId>().ok());
                let mut message = match callback {
                    Some(id) => tx.message(id).await?,
                    None => None,
                };
                if message.is_none() {
                    message = tx.message_of_meta(&id).await?;
                }
                if let Some(message) = message {
                    let message = OutMessage { charged: charged.or(message.charged), ..message };
                    self.progress(&mut tx, message, &id, progress, failure).await?;
                }
            }
            Event::NumberChanged { from, to } => {
                if let Some(who) = known(&mut tx, &from).await? {
                    // Reception asks whether the number in the record is to be changed.
                    let taken = tx.correspondent_of(None, to.wa_id.as_deref(), to.user_id.as_deref()).await?;
                    if taken.is_none() {
                        let now = self.now();
                        let who = Correspondent {
                            wa_id: to.wa_id,
                            user_id: to.user_id,
                            waiting_since: Some(now),
                            ..who
                        };
                        tx.save_correspondent(&who).await?;
                    }
                }
            }
            Event::Preference { contact, stopped } => {
                if let Some(who) = known(&mut tx, &contact).await? {
                    let stopped_at = stopped.then(|| self.now());
                    tx.save_correspondent(&Correspondent { stopped_at, ..who }).await?;
                }
            }
            Event::Account(event) => self.alarm(&mut tx, event).await?,
            Event::Message { .. } | Event::Other => {}
        }
        Ok(tx.commit().await?)
    }

    /// A status moves a message forward only: `delivered` after `read` changes nothing, `failed` nothing that arrived.
    async fn progress(
        &self,
        tx: &mut Tx,
        was: OutMessage,
        meta_id: &str,
        progress: Progress,
        failure: Option<Failure>,
    ) -> Result<(), CareError> {
        use MessageState::{Accepted, Delivered, Failed, Queued, Read, Sending, Sent, Unknown};
        let rank = |state| match state {
            Queued | Sending | Unknown | Accepted | Failed => 0,
            Sent => 1,
            Delivered => 2,
            Read => 3,
            MessageState::ByHand | MessageState::Dropped => 4,
        };
        let next = match progress {
            Progress::Sent => Sent,
            Progress::Delivered => Delivered,
            Progress::Read => Read,
            Progress::Failed => Failed,
        };
        let from = was.state;
        let meta_id = Some(was.meta_id.clone().unwrap_or_else(|| meta_id.to_owned()));
        let moved = OutMessage { meta_id, changed_at: self.now(), ..was };
        let moved = match (next, failure) {
            (Failed, Some(failure)) if rank(from) <= 1 && !matches!(from, Failed | Queued) => {
                // Sent again it gets another name.
                let again = self.after_failure(tx, moved, failure).await?;
                let named = again.state != Queued;
                OutMessage { meta_id: again.meta_id.clone().filter(|_| named), ..again }
            }
            (Failed, None) if rank(from) <= 1 => OutMessage { state: Failed, ..moved },
            (next, _) if next != Failed && rank(next) > rank(from) => OutMessage { state: next, ..moved },
            // Only what it was charged as is new.
            _ => OutMessage { state: from, ..moved },
        };
        tx.settle_message(from, &moved).await?;
        Ok(())
    }

    async fn alarm(&self, tx: &mut Tx, event: AccountEvent) -> Result<(), CareError> {
        let (name, detail) = match event {
            AccountEvent::Template { name, state } if state == "APPROVED" => {
                return Ok(tx.end_message_alarm(&format!("template:{name}")).await?);
            }
            AccountEvent::Template { name, state } => (format!("template:{name}"), state),
            AccountEvent::Category { category, .. } if category == "UTILITY" => return Ok(()),
            AccountEvent::Category { name, category } => (format!("category:{name}"), category),
            AccountEvent::Quality(state) => ("quality".to_owned(), state),
            AccountEvent::Account(state) => ("account_event".to_owned(), state),
        };
        Ok(tx.raise_message_alarm(&MessageAlarm { name, detail, since: self.now() }).await?)
    }

    async fn hand_over(&self, key: &str, from: &Contact) -> Result<(), CareError> {
        let mut tx = self.unseen.begin().await?;
        if tx.first_seen(key, self.now()).await? {
            let who = writer(&mut tx, from).await?;
            tx.save_correspondent(&Correspondent { waiting_since: Some(self.now()), ..who }).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Who is known by one of these.
async fn known(tx: &mut Tx, contact: &Contact) -> Result<Option<Correspondent>, CareError> {
    let number = contact.number();
    let phone = number.as_ref().map(messaging::number::Number::digits);
    Ok(tx.correspondent_of(phone, contact.wa_id.as_deref(), contact.user_id.as_deref()).await?)
}

/// Who wrote, with all they are known by now.
pub(super) async fn writer(tx: &mut Tx, contact: &Contact) -> Result<Correspondent, CareError> {
    let number = contact.number().map(|number| number.digits().to_owned());
    let who = match known(tx, contact).await? {
        Some(who) => who,
        // Another worker may make them known at the same time.
        None => {
            let (wa_id, user_id) = (contact.wa_id.clone(), contact.user_id.clone());
            tx.make_known(Correspondent { phone: number.clone(), wa_id, user_id, ..nobody() }).await?
        }
    };
    // An id that another has by now stays theirs.
    let with = |phone: Option<String>, wa_id: Option<String>, user_id: Option<String>| Correspondent {
        phone: who.phone.clone().or(phone),
        wa_id: who.wa_id.clone().or(wa_id),
        user_id: who.user_id.clone().or(user_id),
        ..who.clone()
    };
    let whole = with(number, contact.wa_id.clone(), contact.user_id.clone());
    for (wa_id, user_id) in [(whole.wa_id.as_deref(), None), (None, whole.user_id.as_deref())] {
        if tx.correspondent_of(None, wa_id, user_id).await?.is_some_and(|other| other.id != whole.id) {
            return Ok(who);
        }
    }
    Ok(whole)
}

/// The end of the window a message opens; one with a time of the future opens none longer.
pub(super) fn window(at: Timestamp, now: Timestamp) -> Timestamp {
    at.min(now) + SignedDuration::from_hours(24)
}
