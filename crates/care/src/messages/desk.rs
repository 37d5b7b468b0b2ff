//! What a person of the practice sees and does: who waits for an answer, what could not be sent and why, what the practice
//! chose and what it costs.

use clinical::audit::AuditAction;
use clinical::ids::{CorrespondentId, MessageId};
use clinical::patient::Patient;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use messaging::graph::Failure;
use messaging::letter::{Letter, day_words};
use messaging::words::Label;
use storage::{Correspondent, MessageAlarm, MessageState, OutMessage, Tx, Untold};

use super::outbox::{purpose, still_true};
use super::plan::Purpose;
use super::ways::Way;
use super::{MessageSettings, SETTING};
use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// Most rows of a list on the page.
const ROWS: u32 = 50;
/// How far back unsent messages are shown.
const SHOWN: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long before its end the owner is told of a token.
const TOKEN_NOTICE: SignedDuration = SignedDuration::from_hours(24 * 14);
/// The alarm of a token that will end soon; it stops nothing.
pub const TOKEN_ENDS: &str = "token_ends";
/// What an estimate of a month is made of.
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Messages of one visit, as a rule: booked, three days, the day before.
const PER_VISIT: i64 = 3;

/// Somebody a person should answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Who.
    pub who: Correspondent,
    /// The records with their telephone.
    pub patients: Vec<Patient>,
    /// What they wrote last, newest first.
    pub texts: Vec<(Timestamp, String)>,
}

/// A message that did not go by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Names it.
    pub id: MessageId,
    /// Whose.
    pub patient: Option<Patient>,
    /// What it would say.
    pub text: String,
    /// Why it is sent, in a word.
    pub purpose: &'static str,
    /// Why it was not sent, in words.
    pub why: &'static str,
    /// When it was written.
    pub at: Timestamp,
}

/// What the practice chose, and what it costs.
#[derive(Debug, Clone)]
pub struct Office {
    /// `None` before it chose anything.
    pub settings: Option<MessageSettings>,
    /// What is wrong with the account.
    pub alarms: Vec<MessageAlarm>,
    /// The present day, in the zone of the practice.
    pub today: Date,
    /// Messages that were charged in the last thirty days, by category.
    pub charged: Vec<(String, i64)>,
    /// Messages a month as the visits of the last thirty days tell.
    pub estimate: i64,
    /// Name of the establishment, to begin with.
    pub establishment: String,
}

/// The page of messages.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Whether anything is sent without being asked for.
    pub on: bool,
    /// Who waits for a person, the longest first.
    pub waiting: Vec<Conversation>,
    /// What a person has to say by telephone, newest first.
    pub unsent: Vec<Unsent>,
    /// What waits for its turn.
    pub queued: usize,
    /// What is wrong with the account.
    pub alarms: Vec<MessageAlarm>,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// The choices as the form posts them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsForm {
    /// Whether anything is sent without being asked for.
    pub on: bool,
    /// Nombre.
    pub practice: String,
    /// Lugar.
    pub place: String,
    /// Whether people are called by their first name.
    pub first_name: bool,
    /// Precio por mensaje, in dollars.
    pub price: String,
}

impl Care {
    /// The page of messages.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission to change the agenda.
    pub async fn message_desk(&self, actor: &Actor) -> Result<Desk, CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let now = self.now();
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let mut waiting = Vec::new();
        for who in tx.correspondents_waiting(ROWS).await? {
            let ten = who.phone.as_deref().and_then(|phone| phone.strip_prefix("52"));
            let mut patients = Vec::new();
            for found in match ten {
                Some(ten) => tx.patients_with_phone(ten, 8).await?,
                None => Vec::new(),
            } {
                // A private record of others is not there.
                patients.extend(tx.record(found.id).await?);
            }
            let texts = tx.message_texts(who.id, 5).await?;
            waiting.push(Conversation { who, patients, texts });
        }
        let mut unsent = Vec::new();
        for message in tx.messages_since(MessageState::Failed, now - SHOWN, ROWS).await? {
            unsent.extend(shown(&mut tx, message, now).await?);
        }
        let mut queued = 0;
        for pair in Way::PAIRS {
            queued +=
                tx.messages_due(pair.map(Way::code), MessageState::Queued, now + SHOWN, 1_000).await?.len();
        }
        let desk = Desk {
            on: Self::message_settings(&mut tx).await?.is_some_and(|settings| settings.on),
            waiting,
            unsent,
            queued,
            alarms: tx.message_alarms().await?,
            now,
            zone,
        };
        tx.append_audit(self.event(actor, AuditAction::Read, "messages", "", None)).await?;
        tx.commit().await?;
        Ok(desk)
    }

    /// What the practice chose, what is wrong with its account, and what messages cost: before anything is switched on.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission to administer.
    pub async fn message_office(&self, actor: &Actor) -> Result<Office, CareError> {
        self.require(actor, Permission::Administer).await?;
        let now = self.now();
        let mut tx = self.begin_read(actor).await?;
        let visits = tx.agenda(now - MONTH, now, None).await?.len();
        let zone = Self::time_zone(&mut tx).await?;
        Ok(Office {
            today: zone.to_datetime(now).date(),
            settings: Self::message_settings(&mut tx).await?,
            alarms: tx.message_alarms().await?,
            charged: tx.messages_charged(now - MONTH).await?,
            estimate: i64::try_from(visits).unwrap_or(i64::MAX).saturating_mul(PER_VISIT),
            establishment: tx.establishment().await?.map(|own| own.name).unwrap_or_default(),
        })
    }

    /// Somebody was answered by a person.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for who is not known.
    pub async fn conversation_done(&self, actor: &Actor, id: CorrespondentId) -> Result<(), CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin(actor).await?;
        let who = tx.correspondent(id).await?.ok_or(CareError::NotFound { what: "la conversación" })?;
        tx.save_correspondent(&Correspondent { waiting_since: None, told_at: None, ..who }).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "conversation", id, None)).await?;
        Ok(tx.commit().await?)
    }

    /// What a message says was said by telephone.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when somebody else did it.
    pub async fn said_by_telephone(&self, actor: &Actor, id: MessageId) -> Result<(), CareError> {
        self.require(actor, Permission::ManageAgenda).await?;
        let mut tx = self.begin(actor).await?;
        let message = tx.message(id).await?.ok_or(CareError::NotFound { what: "el mensaje" })?;
        let patient = message.patient_id;
        let done = OutMessage { state: MessageState::ByHand, changed_at: self.now(), ..message };
        if !tx.settle_message(MessageState::Failed, &done).await? {
            let message = "Ese aviso ya se había atendido".to_owned();
            return Err(CareError::Conflict { message });
        }
        tx.append_audit(self.event(actor, AuditAction::Update, "message", id, patient)).await?;
        Ok(tx.commit().await?)
    }

    /// When the token of the account ends, as Meta says it; in good time before, its owner is told.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn token_ends(&self, ends: Option<Timestamp>) -> Result<(), CareError> {
        let now = self.now();
        let mut tx = self.unseen.begin().await?;
        match ends.filter(|ends| *ends < now + TOKEN_NOTICE) {
            None => tx.end_message_alarm(TOKEN_ENDS).await?,
            Some(ends) => {
                let zone = Self::time_zone(&mut tx).await?;
                let detail = day_words(zone.to_datetime(ends).date());
                let alarm = MessageAlarm { name: TOKEN_ENDS.to_owned(), detail, since: now };
                tx.raise_message_alarm(&alarm).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// What was wrong with the account is mended.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission to administer.
    pub async fn alarm_mended(&self, actor: &Actor, name: &str) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin(actor).await?;
        tx.end_message_alarm(name).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "message_alarm", name, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what the practice chose. When sending is switched on, visits that are booked already are not announced again.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with what to correct.
    pub async fn save_message_settings(&self, actor: &Actor, form: &SettingsForm) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        let practice = check.take("nombre", Label::parse(&form.practice));
        let place = check.take("lugar_cita", Label::parse(&form.place));
        let price = price(&form.price);
        if price.is_none() {
            check.fail("precio", "Escriba el precio de un mensaje en dólares, como 0.0080");
        }
        let ((practice, place), price) = check.finish(practice.zip(place).zip(price))?;
        let mut tx = self.begin(actor).await?;
        let was = Self::message_settings(&mut tx).await?;
        let today = Self::time_zone(&mut tx).await?.to_datetime(self.now()).date();
        let known = was.as_ref().filter(|was| was.price == price).and_then(|was| was.priced_on);
        let priced_on = Some(known.unwrap_or(today));
        let settings =
            MessageSettings { on: form.on, practice, place, first_name: form.first_name, price, priced_on };
        let stored = serde_json::to_string(&settings).map_err(CareError::internal)?;
        tx.set_setting(SETTING, &stored).await?;
        if settings.on && !was.is_some_and(|was| was.on) {
            self.pass_over(&mut tx, &settings).await?;
        }
        tx.append_audit(self.event(actor, AuditAction::Update, "setting", SETTING, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Notes visits that were booked while nothing was sent as told.
    async fn pass_over(&self, tx: &mut Tx, settings: &MessageSettings) -> Result<(), CareError> {
        let now = self.now();
        loop {
            let found = tx.visits_untold(Untold::Standing, now, Timestamp::MAX, ROWS).await?;
            if found.is_empty() {
                return Ok(());
            }
            for visit in found {
                let message = Purpose::Booked.message(super::told(tx, settings, &visit.appointment).await?);
                let letter = super::letter(settings, None, message)?;
                let told = OutMessage {
                    patient_id: Some(visit.patient.id),
                    appointment_id: Some(visit.appointment.id),
                    visit_at: Some(visit.appointment.starts_at),
                    state: MessageState::Dropped,
                    ..self.new_message(None, Purpose::Booked, &letter)?
                };
                tx.insert_message(&told).await?;
            }
        }
    }
}

/// Ten-thousandths of a dollar.
fn price(typed: &str) -> Option<u32> {
    let dollars: f64 = typed.trim().trim_start_matches('$').replace(',', ".").parse().ok()?;
    let fits = dollars.is_finite() && (0.0..=1.0).contains(&dollars);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
    fits.then(|| (dollars * 10_000.0).round() as u32)
}

async fn shown(tx: &mut Tx, message: OutMessage, now: Timestamp) -> Result<Option<Unsent>, CareError> {
    let purpose = purpose(&message);
    // Nobody is called to be told what is over; an answer is owed as long as it is shown.
    if purpose != Some(Purpose::Reply) && (now >= message.not_after || !still_true(tx, &message).await?) {
        return Ok(None);
    }
    let patient = match message.patient_id {
        Some(id) => tx.record(id).await?,
        None => None,
    };
    // Of a private record of others nothing is shown.
    if message.patient_id.is_some() && patient.is_none() {
        return Ok(None);
    }
    let letter: Letter = serde_json::from_str(&message.letter).map_err(CareError::internal)?;
    let phone = patient.as_ref().and_then(|patient| patient.data.phone.as_ref());
    let why = match (Way::from_code(&message.channel), message.failure) {
        (Way::Paper, _) if phone.is_none() => "No hay teléfono en el expediente",
        (Way::Paper, _) => "No hay otra manera de avisarle",
        (Way::Mail, Some(_)) => "El correo no se pudo entregar: revise la dirección y llame por teléfono",
        (_, Some(code)) => Failure::of(code, 200).label(),
        (_, None) => "No se sabe si el mensaje llegó",
    };
    let purpose = purpose.map(Purpose::label).unwrap_or_default();
    Ok(Some(Unsent { id: message.id, patient, text: letter.text(), purpose, why, at: message.created_at }))
}
