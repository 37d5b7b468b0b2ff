//! Messages to patients about their visits: what is due is told by the agenda itself, kept before it is sent, sent at least
//! once, and answered. Without WhatsApp and e-mail a person says it, from a list.
//!
//! `plan` says what is due, `due` keeps it, `ways` chooses how it reaches somebody, `outbox` sends it, `inbox` keeps and reads what comes, `answers` does what a patient asks
//! for, through the services of the agenda, and `desk` is what a person of the practice sees.

mod answers;
mod desk;
mod due;
mod inbox;
mod outbox;
mod plan;
mod ways;

use clinical::encounter::Appointment;
use clinical::patient::{Identity, Patient};
use jiff::tz::TimeZone;
use messaging::letter::{Letter, Message, Token, Visit};
use messaging::words::{FirstName, Label};
use serde::{Deserialize, Serialize};
use storage::Tx;

use crate::Care;
use crate::error::CareError;

pub use desk::{Conversation, Desk, Office, SettingsForm, TOKEN_ENDS, Unsent};
pub use outbox::Sent;
pub use plan::Purpose;
pub use ways::Channels;

/// The setting the choices of the practice are kept under.
const SETTING: &str = "messages";

/// What the practice chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSettings {
    /// Whether anything is sent without being asked for.
    pub on: bool,
    /// The name patients agreed to be written by.
    pub practice: Label,
    /// Where visits are, in few words.
    pub place: Label,
    /// Whether people are called by their first name.
    pub first_name: bool,
    /// What a message costs, in ten-thousandths of a dollar of the United States, as the owner read it in Meta's table.
    pub price: u32,
    /// When they wrote that price.
    #[serde(default)]
    pub priced_on: Option<jiff::civil::Date>,
}

impl Care {
    pub(crate) async fn message_settings(tx: &mut Tx) -> Result<Option<MessageSettings>, CareError> {
        match tx.setting(SETTING).await? {
            None => Ok(None),
            Some(stored) => serde_json::from_str(&stored).map(Some).map_err(CareError::internal),
        }
    }
}

/// A new random token.
fn token() -> Result<Token, CareError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(CareError::internal)?;
    Ok(Token::from_bytes(bytes))
}

/// The zone of the place a visit is at.
async fn zone_of(tx: &mut Tx, visit: &Appointment) -> Result<TimeZone, CareError> {
    let rooms = tx.rooms().await?;
    let named =
        visit.room_id.and_then(|id| rooms.into_iter().find(|room| room.id == id)).and_then(|room| room.zone);
    match named {
        Some(name) => Ok(crate::zone(&name)),
        None => Care::time_zone(tx).await,
    }
}

/// "Dra. Prueba": the treatment and the first surname, and nothing else of who attends. Who has no treatment is not named: a
/// surname alone would be rude.
async fn physician(tx: &mut Tx, id: clinical::ids::PractitionerId) -> Result<Option<Label>, CareError> {
    let found = tx.practitioner(id).await?;
    let named = found.filter(|one| !one.title.trim().is_empty());
    Ok(named.and_then(|one| Label::parse(&format!("{} {}", one.title, one.name.first_surname())).ok()))
}

/// A visit as a message tells it.
async fn told(tx: &mut Tx, settings: &MessageSettings, visit: &Appointment) -> Result<Visit, CareError> {
    let zone = zone_of(tx, visit).await?;
    Ok(Visit {
        starts: zone.to_datetime(visit.starts_at),
        place: settings.place.clone(),
        physician: physician(tx, visit.practitioner_id).await?,
    })
}

/// A letter to a patient, or to somebody who is none.
fn letter(settings: &MessageSettings, to: Option<&Patient>, message: Message) -> Result<Letter, CareError> {
    let given = to.filter(|_| settings.first_name).and_then(|patient| match &patient.data.identity {
        Identity::Identified { name, .. } => FirstName::of(name.given()).ok(),
        Identity::Newborn { .. } | Identity::Unknown { .. } => None,
    });
    Ok(Letter { practice: settings.practice.clone(), name: given, token: token()?, message })
}
