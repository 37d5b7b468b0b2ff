//! The ways this installation has to reach patients, and which of them reaches somebody: WhatsApp or e-mail as they agreed to
//! each, else a person of the practice with a telephone. A practice without either loses nothing but the typing.

use std::sync::Arc;

use clinical::consent::ConsentPurpose;
use clinical::ids::PatientId;
use clinical::patient::Patient;
use jiff::{SignedDuration, Timestamp};
use messaging::channel::{Channel, Paper};
use messaging::number::Number;
use storage::{Correspondent, Tx};

use super::outbox::correspondent;
use crate::Care;
use crate::error::CareError;

/// A number WhatsApp could not reach is tried again after so long: people change telephones.
const AGAIN: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A way to patients; each message has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// WhatsApp.
    WhatsApp,
    /// WhatsApp, to the other form of a Mexican number.
    OtherForm,
    /// E-mail.
    Mail,
    /// The list a person calls from.
    Paper,
}

impl Way {
    /// All, those of one server together: what stops one of them stops both.
    pub(super) const PAIRS: [[Self; 2]; 2] = [[Self::WhatsApp, Self::OtherForm], [Self::Mail, Self::Paper]];

    /// Stored word.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::OtherForm => "whatsapp_521",
            Self::Mail => "email",
            Self::Paper => "paper",
        }
    }

    /// Reads [`Way::code`]; what an older program did not name is WhatsApp.
    pub(super) fn from_code(code: &str) -> Self {
        let found = Self::PAIRS.into_iter().flatten().find(|way| way.code() == code);
        found.unwrap_or(Self::WhatsApp)
    }

    pub(super) fn is_whatsapp(self) -> bool {
        matches!(self, Self::WhatsApp | Self::OtherForm)
    }

    /// What the bitácora says of a message that went.
    pub(super) fn sent(self) -> &'static str {
        match self {
            Self::WhatsApp | Self::OtherForm => "se envió a WhatsApp",
            Self::Mail => "se envió por correo electrónico",
            Self::Paper => "se anotó para avisar por teléfono",
        }
    }
}

/// The ways the owner configured, besides a person with a telephone.
#[derive(Clone, Default)]
pub struct Channels {
    numbers: Vec<(String, Arc<dyn Channel>)>,
    mail: Option<Arc<dyn Channel>>,
}

impl Channels {
    /// With numbers of WhatsApp, each by the id Meta gave it. From the first one people are written to who never wrote to
    /// another.
    #[must_use]
    pub fn with_numbers(self, numbers: Vec<(String, Arc<dyn Channel>)>) -> Self {
        Self { numbers, ..self }
    }

    /// With e-mail.
    #[must_use]
    pub fn with_mail(self, mail: Arc<dyn Channel>) -> Self {
        Self { mail: Some(mail), ..self }
    }

    /// The way of e-mail, for what goes to the practice's own people.
    pub(crate) fn mail(&self) -> Option<Arc<dyn Channel>> {
        self.mail.clone()
    }

    /// Whether a number of WhatsApp is one of the practice.
    pub(super) fn has_number(&self, id: &str) -> bool {
        self.numbers.iter().any(|(own, _)| own == id)
    }

    /// The channel of a way; `number` is the one of ours somebody wrote to.
    pub(super) fn of(&self, way: Way, number: Option<&str>) -> Option<Arc<dyn Channel>> {
        match way {
            Way::WhatsApp | Way::OtherForm => {
                let same = self.numbers.iter().find(|(own, _)| number == Some(own.as_str()));
                same.or(self.numbers.first()).map(|(_, channel)| Arc::clone(channel))
            }
            Way::Mail => self.mail.clone(),
            Way::Paper => Some(Arc::new(Paper)),
        }
    }
}

impl Care {
    /// The same practice, with ways to patients.
    #[must_use]
    pub fn with_channels(self, channels: Channels) -> Self {
        Self { channels, ..self }
    }

    /// Whether this installation writes to patients by WhatsApp.
    #[must_use]
    pub fn has_whatsapp(&self) -> bool {
        !self.channels.numbers.is_empty()
    }

    /// Whether this installation writes to patients by e-mail.
    #[must_use]
    pub fn has_mail(&self) -> bool {
        self.channels.mail.is_some()
    }

    /// The way to a patient, and who is written to on WhatsApp; `None` for who asked for silence.
    pub(super) async fn way_to(
        &self,
        tx: &mut Tx,
        patient: &Patient,
    ) -> Result<Option<(Way, Option<Correspondent>)>, CareError> {
        let now = self.now();
        let number = patient.data.phone.as_ref().and_then(|phone| Number::parse(phone.as_str()).ok());
        let agreed = agreed(tx, patient.id, ConsentPurpose::Messaging, now).await?;
        let known = match number.filter(|_| agreed && self.has_whatsapp()) {
            Some(number) => Some(correspondent(tx, &number).await?),
            None => None,
        };
        let stopped = known.as_ref().is_some_and(|who| who.stopped_at.is_some());
        let reached = |who: &Correspondent| who.unreachable_at.is_none_or(|since| since + AGAIN < now);
        if let Some(who) = known.filter(|who| !stopped && reached(who)) {
            return Ok(Some((Way::WhatsApp, Some(who))));
        }
        if self.has_mail() && mail_address(tx, patient.id, now).await?.is_some() {
            return Ok(Some((Way::Mail, None)));
        }
        Ok((!stopped).then_some((Way::Paper, None)))
    }
}

/// Whether a patient agreed to be written to this way, and did not take it back.
pub(super) async fn agreed(
    tx: &mut Tx,
    patient: PatientId,
    purpose: ConsentPurpose,
    now: Timestamp,
) -> Result<bool, CareError> {
    Ok(tx.current_consent(patient, purpose).await?.is_some_and(|answer| answer.is_live(now)))
}

/// Where an e-mail reaches a patient who agreed to it.
pub(super) async fn mail_address(
    tx: &mut Tx,
    patient: PatientId,
    now: Timestamp,
) -> Result<Option<String>, CareError> {
    if !agreed(tx, patient, ConsentPurpose::Email, now).await? {
        return Ok(None);
    }
    let address = tx.record(patient).await?.and_then(|patient| patient.data.details.email);
    Ok(address.map(String::from))
}
