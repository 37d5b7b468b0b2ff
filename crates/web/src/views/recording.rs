//! Recording a consultation: the consent, the recorder, and what was recorded.

use askama::Template;

use super::form::{Choice, ErrorSummary, Field};
use super::phone::PhonePanel;
use super::shell::{PatientBar, Place, Shell};

/// `GET /consultas/{id}/grabacion`.
#[derive(Template)]
#[template(path = "recording.html")]
pub struct RecordingPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// Id of the consultation in addresses.
    pub id: String,
    /// What is wrong with the answer just sent.
    pub errors: ErrorSummary,
    /// The consent.
    pub consent: ConsentBlock,
    /// The recorder, when it may record and no phone does.
    pub recorder: Option<Recorder>,
    /// The phone as microphone, when this visit may be recorded.
    pub phone: Option<PhonePanel>,
    /// Whether words appear while people speak: it may record and somebody listens.
    pub live: bool,
    /// The form that brings a file, when it may be brought.
    pub brings: Option<BringSound>,
    /// What was recorded, oldest first.
    pub rows: Vec<RecordingRow>,
    /// Whether there is something to be heard.
    pub audible: bool,
    /// Whether a program is installed that writes down what is said.
    pub listens: bool,
    /// Whether what was said is typed here, for want of such a program.
    pub types: bool,
    /// What becomes of the sound at the signature.
    pub fate: &'static str,
    /// Whether the note is still written.
    pub open: bool,
}

/// What the patient said about being recorded.
pub struct ConsentBlock {
    /// Class, icon and words of the state.
    pub state: (&'static str, &'static str, &'static str),
    /// What is asked.
    pub question: &'static str,
    /// The answer that counts, in one line.
    pub answer: Option<String>,
    /// A refusal, an end or a missing aviso, with what to do now.
    pub warning: Option<&'static str>,
    /// Version of the aviso in force; 0 when there is none.
    pub version: i64,
    /// Whether it is given now.
    pub given: bool,
    /// How it was given.
    pub means: Choice,
    /// Until when it counts.
    pub until: Choice,
    /// Who answered.
    pub by: Field,
    /// Whether the form is unfolded.
    pub unfolded: bool,
}

/// What the script of the page needs.
pub struct Recorder {
    /// Where a recording is begun.
    pub begin: String,
    /// Where it is gone on with, if that does not depend on the recording.
    pub route: Option<&'static str>,
    /// Secret of the forms.
    pub token: String,
    /// The consultation whose note is open elsewhere; none on a phone.
    pub note: Option<String>,
    /// A recording that was left open, to go on with.
    pub open: Option<String>,
    /// Seconds it has already.
    pub seconds: i64,
}

/// The form that brings a file with sound.
pub struct BringSound {
    /// What was wrong with the last one.
    pub error: Option<String>,
    /// The most bytes it may have.
    pub most_bytes: u64,
}

/// A recording.
pub struct RecordingRow {
    /// Id in addresses.
    pub id: String,
    /// "Grabación 1".
    pub title: String,
    /// When, how long, what is missing.
    pub about: String,
    /// Words of its state.
    pub state: &'static str,
    /// Pieces that did not arrive, in words.
    pub missing: Option<String>,
    /// How far it is on its way to words, where somebody asked.
    pub words: Option<WordsView>,
    /// Whether it goes on.
    pub open: bool,
    /// Whether it can be heard.
    pub audible: bool,
    /// Whether it can be destroyed.
    pub destroyable: bool,
}

/// How far a recording is on its way to words.
pub struct WordsView {
    /// In one sentence.
    pub said: String,
    /// Hundredths that are done, while it is worked on.
    pub progress: Option<i64>,
    /// Whether they can be read.
    pub done: bool,
    /// What can be asked: word of the form and of the button.
    pub act: Option<(&'static str, &'static str)>,
}
