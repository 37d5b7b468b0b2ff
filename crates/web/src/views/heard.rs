//! What was heard in a recording, to be corrected before it becomes the conversation of the consultation.

use askama::Template;
use clinical::transcript::Speaker;

use super::shell::{Place, Shell};

/// `GET /grabaciones/{id}/palabras`.
#[derive(Template)]
#[template(path = "heard.html")]
pub struct HeardPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub name: String,
    /// Id of the recording in addresses.
    pub id: String,
    /// Id of the consultation.
    pub visit: String,
    /// What is said when nobody was heard, and what to do.
    pub no_voice: &'static str,
    /// The turns of this page.
    pub turns: Vec<HeardTurnView>,
    /// The voices of the recording.
    pub voices: Vec<VoiceView>,
    /// Whether the sound can still be heard.
    pub audible: bool,
    /// Turns of which nobody knows who spoke.
    pub unknown: usize,
    /// Page, from 1, and how many there are.
    pub page: usize,
    /// How many pages there are.
    pub pages: usize,
}

/// A voice of the recording.
pub struct VoiceView {
    /// Its number.
    pub n: u8,
    /// How many turns it has.
    pub turns: usize,
    /// Who may be behind it.
    pub choices: Vec<SpeakerChoice>,
}

/// Somebody who may have spoken.
pub struct SpeakerChoice {
    /// Word of the form.
    pub code: &'static str,
    /// Word on screens.
    pub label: &'static str,
    /// Whether it is so now.
    pub now: bool,
}

impl SpeakerChoice {
    /// The key that says so of the turn in focus: the first letter of the word.
    fn key(&self) -> &'static str {
        self.code.get(..1).unwrap_or_default()
    }
}

/// A turn.
pub struct HeardTurnView {
    /// Place in the conversation, from 0.
    pub n: usize,
    /// "1:23".
    pub at: String,
    /// Address of its seconds.
    pub sound: String,
    /// Who spoke.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// Who may have spoken.
    pub choices: Vec<SpeakerChoice>,
}

impl HeardTurnView {
    fn class(&self) -> &'static str {
        crate::labels::speaker_class(self.speaker)
    }

    fn who(&self) -> &'static str {
        crate::labels::speaker(self.speaker)
    }
}
