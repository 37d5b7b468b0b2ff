//! A phone as the microphone of a consultation: what the desk shows of it, and what the phone shows.

use askama::Template;

use super::recording::Recorder;

/// The part of the page of recordings that is about the phone.
#[derive(Template)]
#[template(path = "_phone.html")]
pub struct PhonePanel {
    /// Id of the consultation in addresses.
    pub id: String,
    /// Secret of the forms.
    pub token: String,
    /// How it stands.
    pub state: PhoneState,
}

impl askama::filters::HtmlSafe for PhonePanel {}

/// How a phone stands, as the desk shows it.
pub enum PhoneState {
    /// None is lent.
    Offer,
    /// A phone cannot come to the address this page was opened with, which is this.
    Unreachable(String),
    /// It could not be lent, and why.
    Refused(String),
    /// A link was just made.
    Code {
        /// Its picture.
        picture: String,
        /// The host it leads to.
        host: String,
    },
    /// A link was made and waits; only who made it saw it.
    Waiting,
    /// A phone took it; which.
    Joined(String),
    /// It records, or pauses.
    Recording {
        /// Id of the recording, whose words this page shows.
        recording: String,
        /// Which phone.
        phone: String,
        /// Whether it pauses.
        paused: bool,
        /// "2:05".
        time: String,
    },
    /// It has just ended; id of the recording.
    Ended(String),
}

impl PhoneState {
    /// The word by which the page says what it shows already.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offer | Self::Unreachable(_) | Self::Refused(_) => "no",
            Self::Code { .. } | Self::Waiting => "espera",
            Self::Joined(_) => "listo",
            Self::Recording { paused: false, .. } => "graba",
            Self::Recording { paused: true, .. } => "pausa",
            Self::Ended(_) => "fin",
        }
    }

    /// Whether it records or pauses.
    #[must_use]
    pub fn records(&self) -> bool {
        matches!(self, Self::Recording { .. })
    }

    /// Whether it may change without this page.
    #[must_use]
    pub fn changes(&self) -> bool {
        matches!(self.code(), "espera" | "listo" | "graba" | "pausa")
    }
}

/// `GET /telefono`: what the phone shows. Nothing of it is of the patient.
#[derive(Template)]
#[template(path = "phone.html")]
pub struct PhonePage {
    /// Where it stands.
    pub stage: PhoneStage,
}

/// Where a phone stands.
pub enum PhoneStage {
    /// It has not taken a link, or may not record any more; why.
    Out(Option<String>),
    /// It may record.
    Recorder(Recorder),
    /// Its recording ended.
    Done,
}
