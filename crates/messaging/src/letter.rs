//! What can be said to a patient: a closed type. It has no field for a diagnosis, a medicine, a specialty or a reason, so
//! nothing of that kind can leave the practice in a message.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

use crate::words::{FirstName, Label};

/// Most slots a list of WhatsApp can offer.
pub const SLOTS_MAX: usize = 10;

/// A random name for what a button or a row of a list does, so that nothing of the practice is in it. 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token(u128);

impl Token {
    /// From 16 random bytes, which the caller draws.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// Reads 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        plain.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<Token> for String {
    fn from(token: Token) -> Self {
        token.to_string()
    }
}

impl TryFrom<String> for Token {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a token has 32 hexadecimal digits")
    }
}

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The visit stands.
    Confirm,
    /// Another time is wanted.
    Move,
    /// The visit is given up.
    Cancel,
    /// An offered slot is taken.
    Take,
    /// An offered slot is not wanted.
    Decline,
    /// Free slots are wanted.
    SeeSlots,
    /// One slot of a list.
    Slot,
}

impl Action {
    const ALL: [Self; 7] =
        [Self::Confirm, Self::Move, Self::Cancel, Self::Take, Self::Decline, Self::SeeSlots, Self::Slot];

    fn letter(self) -> &'static str {
        match self {
            Self::Confirm => "c",
            Self::Move => "m",
            Self::Cancel => "x",
            Self::Take => "t",
            Self::Decline => "n",
            Self::SeeSlots => "v",
            Self::Slot => "s",
        }
    }
}

/// What comes back when a button or a row of a list is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// What is to be done.
    pub action: Action,
    /// To what.
    pub token: Token,
}

impl Reply {
    /// Reads what [`Reply`] writes: "c:0123…".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (letter, token) = text.split_once(':')?;
        let action = Action::ALL.into_iter().find(|action| action.letter() == letter)?;
        Some(Self { action, token: Token::parse(token)? })
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.action.letter(), self.token)
    }
}

/// A visit as a message may tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The day and the hour, in the time of the place.
    pub starts: DateTime,
    /// Where.
    pub place: Label,
    /// The surname of who attends, with the treatment they use: "Dra. Prueba".
    pub physician: Option<Label>,
}

/// A time somebody may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// What comes back when it is chosen.
    pub token: Token,
    /// The day and the hour, in the time of the place.
    pub starts: DateTime,
    /// Who attends.
    pub physician: Option<Label>,
}

/// The things a message can say. There are no others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// A visit was booked.
    Booked(Visit),
    /// Three days are left.
    ThreeDays(Visit),
    /// It is the day before.
    DayBefore(Visit),
    /// It is today, and nobody said whether they come.
    SameDay(Visit),
    /// The patient gave the visit up.
    Cancelled(Visit),
    /// The practice gave the visit up: who attends will not be there.
    CalledOff(Visit),
    /// The visit should not have been booked.
    BookedByMistake(Visit),
    /// A time that was offered is not kept any more.
    OfferEnded(Visit),
    /// The visit stands after all, although it was said to be cancelled.
    Stands(Visit),
    /// The visit is at another time now.
    Moved(Visit),
    /// A visit given up by somebody else is offered.
    SlotOffered(Visit),
    /// The visit is confirmed; also said where it was before.
    Confirmed(Visit),
    /// How a visit stands, with what can be done.
    Standing(Visit),
    /// Times to choose from, at most [`SLOTS_MAX`].
    FreeSlots(Vec<Slot>),
    /// There is no free time as it was asked for.
    NoSlots,
    /// The time that was chosen is not free any more; others follow.
    SlotGone,
    /// An offered time was not wanted.
    Declined(Visit),
    /// The person has no visit.
    NoVisit,
    /// Who writes.
    WhoWeAre,
    /// Somebody of the practice will answer.
    ToAPerson,
    /// Nothing more will be sent.
    Stopped,
    /// Messages are sent again.
    Restarted,
    /// Only visits are attended here, no pictures or recordings.
    OnlyVisits,
}

/// A message to one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// The name of the practice, as the patient agreed to be written by.
    pub practice: Label,
    /// The person's first name, where they agreed to be called by it.
    pub name: Option<FirstName>,
    /// What comes back from its buttons.
    pub token: Token,
    /// What it says.
    pub message: Message,
}

/// "con la Dra. Prueba", as it is said.
#[must_use]
pub(crate) fn with_whom(physician: &Label) -> String {
    let name = physician.as_str();
    let article = match name.split_whitespace().next() {
        Some("Dra.") => "la ",
        Some("Dr.") => "el ",
        _ => "",
    };
    format!("con {article}{name}")
}

const DAYS: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
/// The months, in small letters; none of them has an accent, so what people write is read by them too.
pub(crate) const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

fn named(names: &[&'static str], number: i8) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|at| names.get(at).copied()).unwrap_or_default()
}

/// "martes 25 de noviembre".
#[must_use]
pub fn day_words(day: Date) -> String {
    let weekday = named(&DAYS, day.weekday().to_monday_one_offset());
    format!("{weekday} {} de {}", day.day(), named(&MONTHS, day.month()))
}

/// "10:30 h".
#[must_use]
pub fn hour_words(time: Time) -> String {
    format!("{:02}:{:02} h", time.hour(), time.minute())
}

/// "mar 25 nov, 10:30": at most 24 letters, as rows of a list may have.
#[must_use]
pub fn short_words(at: DateTime) -> String {
    let short = |name: &str| name.chars().take(3).collect::<String>();
    let weekday = short(named(&DAYS, at.weekday().to_monday_one_offset()));
    format!(
        "{weekday} {} {}, {:02}:{:02}",
        at.day(),
        short(named(&MONTHS, at.month())),
        at.hour(),
        at.minute()
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_and_hours_are_said_as_people_say_them() {
        let at = date(2026, 11, 25).at(9, 5, 0, 0);
        assert_eq!(day_words(at.date()), "miércoles 25 de noviembre");
        assert_eq!(hour_words(at.time()), "09:05 h");
        assert_eq!(short_words(at), "mié 25 nov, 09:05");
    }

    #[test]
    fn only_what_we_wrote_is_a_reply() {
        let reply = Reply { action: Action::Slot, token: Token::from_bytes([7; 16]) };
        assert_eq!(Reply::parse(&reply.to_string()), Some(reply));
        for odd in [
            "",
            "c:",
            "SIM",
            "z:07070707070707070707070707070707",
            "c:0707",
            "c:+7070707070707070707070707070707",
            "c:0707070707070707070707070707070A",
        ] {
            assert_eq!(Reply::parse(odd), None, "{odd}");
        }
    }
}
