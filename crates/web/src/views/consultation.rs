//! Consulta: transcript at the left, note in the middle, what stands before the signature at the right.

use askama::Template;
use askama::filters::HtmlSafe;
use clinical::preference::Manner;
use clinical::transcript::Speaker;

use super::coding::CodeChoices;
use super::edit::{EditForm, Typing};
use super::form::{Choice, Field};
use super::shell::{Extra, PatientBar, Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "consultation.html")]
pub struct ConsultationPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// Addresses and version shared by every form.
    pub desk: Desk,
    /// The conversation.
    pub transcript: TranscriptView,
    /// The note.
    pub note: NoteView,
    /// Before signing.
    pub queue: QueueView,
    /// Something to know before going on: another person saved, the note is signed.
    pub alert: Option<AlertBar>,
}

impl ConsultationPage {
    /// A document that is written without a conversation: its page has no column for one.
    fn without_transcript(&self) -> bool {
        self.transcript.turns.is_empty() && !self.desk.hears
    }

    /// Nothing to read and nothing written: on a tablet the transcript column is shown first.
    fn blank(&self) -> bool {
        self.transcript.turns.is_empty() && self.note.is_blank()
    }
}

/// The parts that change after a step of reviewing: note, queue, progress. Swapped in place.
#[derive(Template)]
#[template(path = "_consultation_swap.html")]
pub struct ConsultationSwap {
    /// The note.
    pub note: NoteView,
    /// Before signing.
    pub queue: QueueView,
    /// The bar, for its progress.
    pub patient: PatientBar,
    /// Something to know before going on.
    pub alert: Option<AlertBar>,
    /// What has just happened, read out and shown with "Deshacer".
    pub said: Option<Said>,
}

/// A line over the whole consultation.
pub struct AlertBar {
    /// `warn` or `good`.
    pub tone: &'static str,
    /// The sentence.
    pub text: String,
    /// What the person was about to save.
    pub quote: Option<String>,
}

/// What has just happened and how to undo it.
pub struct Said {
    /// "Oración descartada".
    pub text: String,
    /// Where the undo is posted; empty when there is none.
    pub undo: String,
    /// Fields the undo posts.
    pub fields: Vec<(String, String)>,
}

/// What all forms of a consultation share.
#[derive(Debug, Clone)]
pub struct Desk {
    /// `/consultas/{id}`.
    pub base: String,
    /// The document in addresses: `nota`, `historia`, or the code of another in small letters.
    pub doc: String,
    /// "Nota de evolución".
    pub title: String,
    /// Version of the draft.
    pub version: i64,
    /// Secret of the session.
    pub token: String,
    /// Whether the person may write here.
    pub writes: bool,
    /// Whether the document is signed already.
    pub signed: bool,
    /// Address of the page itself.
    pub page: String,
    /// The request it answers: address and name.
    pub request: Option<(String, String)>,
    /// Whether the document is written from what was said in a visit.
    pub hears: bool,
    /// The templates of this document, of specialties and of one's own: posted code, words, whether it is the one in use.
    /// None for a document that has none.
    pub templates: Vec<(String, String, bool)>,
    /// How it is written as a whole, where it is written from a conversation.
    pub manner: Option<Manner>,
    /// What the language model does for it; absent where none is installed.
    pub model: ModelView,
}

impl Desk {
    /// Where actions on this document go.
    #[must_use]
    pub fn actions(&self) -> String {
        format!("{}/{}", self.base, self.doc)
    }

    /// Whether it is the note or the history of a consultation.
    #[must_use]
    pub fn is_consultation(&self) -> bool {
        matches!(self.doc.as_str(), "nota" | "historia")
    }
}

/// The language model, as the page of a document shows it.
#[derive(Debug, Clone, Default)]
pub struct ModelView {
    /// Whether it can be asked now.
    pub ready: bool,
    /// Whether it is writing.
    pub writing: bool,
    /// Why it wrote nothing the last time.
    pub failed: Option<String>,
    /// What of the draft is from it, in a sentence, with both digests.
    pub share: Option<String>,
}

/// The conversation, or the ways to bring one.
pub struct TranscriptView {
    /// The turns.
    pub turns: Vec<TurnView>,
    /// "3 voces, 812 palabras".
    pub about: String,
    /// Field of the pasted text.
    pub paste: Field,
    /// How it is kept.
    pub typing: Typing,
    /// Why the last one could not be read.
    pub error: Option<String>,
    /// Whether what was recorded was destroyed.
    pub silent: bool,
    /// Whether bringing another is shown open.
    pub replacing: bool,
    /// Pages of a long conversation: address, words, whether it is this one.
    pub pages: Vec<(String, String, bool)>,
}

/// One turn.
pub struct TurnView {
    /// Number, from 1.
    pub n: usize,
    /// Who spoke.
    pub speaker: Speaker,
    /// The words, cut where the note cites them: text and marks of the sentences.
    pub segments: Vec<(String, String)>,
    /// Whether only the beginning is shown.
    pub cut: bool,
    /// Where it is heard: address, and "1:23".
    pub heard: Option<(String, String)>,
}

impl TurnView {
    pub(crate) fn class(&self) -> &'static str {
        crate::labels::speaker_class(self.speaker)
    }

    pub(crate) fn who(&self) -> &'static str {
        crate::labels::speaker(self.speaker)
    }
}

/// The note.
#[derive(Template)]
#[template(path = "_note.html")]
pub struct NoteView {
    /// Addresses and version.
    pub desk: Desk,
    /// Its sections, in the order of the norm.
    pub sections: Vec<SectionView>,
    /// What the person was typing and did not send.
    pub unsaved: Vec<UnsavedView>,
    /// What of the conversation was not used.
    pub notices: Vec<NoticeView>,
}

/// Something of the conversation that was not used.
pub struct NoticeView {
    /// What and why.
    pub text: String,
    /// The words, where they are few.
    pub cites: Vec<CiteView>,
}

/// A text that was being typed when the page was closed or the session ended.
pub struct UnsavedView {
    /// "Pronóstico".
    pub place: String,
    /// "hoy 10:32".
    pub when: String,
    /// How it begins; all of it where its form is gone.
    pub excerpt: String,
    /// The form with the text in it; none where it is gone.
    pub href: Option<String>,
    /// Name of the form.
    pub form: String,
}

impl HtmlSafe for NoteView {}

impl NoteView {
    /// A long note shows its buttons without icons: the page stays small.
    fn compact(&self) -> bool {
        self.sections.iter().map(|section| section.sentences.len()).sum::<usize>() > 60
    }

    fn is_blank(&self) -> bool {
        self.sections.iter().all(|section| section.sentences.is_empty())
    }
}

/// One section.
pub struct SectionView {
    /// Identifier in addresses.
    pub id: String,
    /// Anchor on the page.
    pub anchor: String,
    /// Heading.
    pub title: String,
    /// Numeral, where confirmed.
    pub numeral: Option<&'static str>,
    /// Its sentences, also those struck out.
    pub sentences: Vec<SentenceView>,
    /// Required and empty: what is missing.
    pub gap: Option<String>,
    /// What to write there.
    pub hint: String,
    /// Whether several sentences can be accepted at once.
    pub bulk: bool,
    /// What can be added: posted word and words of the link.
    pub adds: Vec<(&'static str, &'static str)>,
    /// The form of a new item, when open.
    pub adding: Option<EditForm>,
    /// Whether medicines are written here, a line in one go.
    pub medicines: bool,
    /// Whether this person keeps sentences that fit here.
    pub has_phrases: bool,
    /// Those sentences, when they are shown to choose one.
    pub phrases: Vec<String>,
    /// What was heard but not supported.
    pub doubts: Vec<DoubtView>,
}

/// One item of the note.
pub struct SentenceView {
    /// Id in addresses.
    pub id: String,
    /// Short mark that joins it with the words it cites.
    pub mark: String,
    /// What it says.
    pub text: String,
    /// Where it stands: nobody decided, accepted, struck out.
    pub stage: Stage,
    /// Whether it is the one the keyboard acts on.
    pub selected: bool,
    /// Icon and words of who wrote it.
    pub author: Option<(&'static str, &'static str)>,
    /// As it was composed, where it follows a preference.
    pub plain: Option<String>,
    /// The words it rests on.
    pub cites: Vec<CiteView>,
    /// The signed document it was taken from.
    pub source: Option<String>,
    /// Code of a diagnosis: words, and whether it is confirmed.
    pub code: Option<(String, bool)>,
    /// A medicine, laid out.
    pub medicine: Option<MedicineView>,
    /// Its form, when open.
    pub editing: Option<EditForm>,
    /// Address of the seconds in which its words were said.
    pub heard: Option<String>,
}

/// What was decided about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Proposed.
    Pending,
    /// Part of the note.
    Accepted,
    /// Gone at signing.
    Discarded,
}

impl SentenceView {
    pub(crate) fn class(&self) -> &'static str {
        match self.stage {
            Stage::Pending => "",
            Stage::Accepted => " own",
            Stage::Discarded => " out",
        }
    }

    fn state(&self) -> &'static str {
        match self.stage {
            Stage::Pending => "Propuesta: ",
            Stage::Accepted => "",
            Stage::Discarded => "Descartada: ",
        }
    }

    fn pending(&self) -> bool {
        self.stage == Stage::Pending
    }

    fn discarded(&self) -> bool {
        self.stage == Stage::Discarded
    }
}

/// The words a sentence rests on.
pub struct CiteView {
    /// Who said them.
    pub speaker: Speaker,
    /// Turn, from 1.
    pub turn: usize,
    /// The words.
    pub quote: String,
}

impl CiteView {
    pub(crate) fn class(&self) -> &'static str {
        crate::labels::speaker_class(self.speaker)
    }

    pub(crate) fn who(&self) -> &'static str {
        crate::labels::speaker(self.speaker)
    }
}

/// A medicine in the note.
pub struct MedicineView {
    /// "Inicia", "Continúa", "Suspende".
    pub action: &'static str,
    /// Its name.
    pub name: String,
    /// Label, value (or what is missing), and whether it is there.
    pub cells: Vec<(&'static str, String, bool)>,
    /// Further instructions.
    pub instructions: String,
    /// Severity code and word of its worst alert.
    pub severity: Option<(&'static str, &'static str)>,
    /// Other medicines its name is taken for, while nobody accepted it.
    pub twins: String,
    /// What one press adds to a line that lacks something, and where that is from; absent of a whole line.
    pub completing: Option<Vec<(String, String)>>,
}

/// Something heard that is not in the note.
pub struct DoubtView {
    /// Position in the draft.
    pub index: usize,
    /// What was understood.
    pub text: String,
    /// Why it is doubtful.
    pub reason: String,
    /// The words.
    pub cites: Vec<CiteView>,
    /// Field with the sentence to correct.
    pub field: Field,
    /// How its text is kept.
    pub typing: Typing,
}

/// Before signing.
#[derive(Template)]
#[template(path = "_queue.html")]
pub struct QueueView {
    /// Addresses and version.
    pub desk: Desk,
    /// Alerts that interrupt, worst first.
    pub alerts: Vec<AlertView>,
    /// Alerts that do not, and decisions that still stand: one line each.
    pub quiet: Vec<AlertView>,
    /// Small or theoretical effects, folded away.
    pub minor: Vec<AlertView>,
    /// Kind of prescription, and names that are easily confused.
    pub notices: Vec<DrugNotice>,
    /// Whether nobody asked if she is pregnant, and it matters.
    pub asks_pregnancy: bool,
    /// What the check went by.
    pub checked: Checked,
    /// Diagnoses without a code.
    pub codes: Vec<CodeView>,
    /// Everything else to resolve: anchor, icon, title, detail.
    pub lines: Vec<LineView>,
    /// Medicines the catalogue does not know.
    pub unknown: Vec<UnknownView>,
    /// How many things keep it from being signed.
    pub pending: usize,
    /// Anchor of the first of them.
    pub next: String,
    /// "Firmar nota y receta", "Enviar a firma".
    pub sign: String,
    /// Whether the person sends it to be signed instead of signing it.
    pub sends: bool,
    /// Whether the person may give the draft up.
    pub may_cancel: bool,
    /// The release of ICD-11 the codes are of.
    pub edition: String,
    /// Whether the draft has medicines.
    pub has_medicines: bool,
}

impl HtmlSafe for QueueView {}

/// A medicine the catalogue does not know.
pub struct UnknownView {
    /// As it was written.
    pub name: String,
    /// The line that has it and the names it may stand for.
    pub fix: Option<NameFix>,
}

/// What a misspelt name may stand for: its line is saved with the name that is chosen.
pub struct NameFix {
    /// Where the line is saved.
    pub action: String,
    /// The fields of the line, without its name.
    pub fields: Vec<(String, String)>,
    /// Names near the one that was written.
    pub names: Vec<String>,
}

/// One alert about medicines.
pub struct AlertView {
    /// Place on the page.
    pub anchor: String,
    /// Stable key.
    pub key: String,
    /// Severity code and word.
    pub severity: (&'static str, &'static str),
    /// "Naproxeno con warfarina".
    pub title: String,
    /// The risk.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// Why it happens.
    pub mechanism: String,
    /// Where it comes from.
    pub sources: Vec<String>,
    /// Sentences of labels, in English.
    pub quotes: Vec<String>,
    /// Items whose removal resolves it: id and words of the button.
    pub remove: Vec<(String, String)>,
    /// Form of the decision to go on.
    pub form: Option<AlertForm>,
    /// The decision taken, in words, and where the wrong datum is corrected.
    pub decided: Option<(String, Option<String>)>,
}

/// Going on in spite of an alert.
pub struct AlertForm {
    /// Coded reasons.
    pub reason: Choice,
    /// When what is promised will be looked at.
    pub day: Field,
    /// In the physician's own words.
    pub text: Field,
    /// Whether it was refused, so that it is shown open.
    pub open: bool,
}

/// Something about a medicine that is no risk.
pub struct DrugNotice {
    /// "Tipo de receta", "Nombre parecido".
    pub kind: &'static str,
    /// What.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// Where it comes from.
    pub source: String,
}

/// What the check went by, for who wants to know.
#[derive(Default)]
pub struct Checked {
    /// Of the patient, with dates.
    pub used: Vec<String>,
    /// What was not known.
    pub missing: Vec<String>,
    /// Editions of the facts.
    pub sources: String,
    /// False alarms it corrects.
    pub informative: Vec<AlertView>,
}

/// Candidates for the code of a diagnosis.
pub struct CodeView {
    /// The item.
    pub item: String,
    /// Short mark, for ids.
    pub mark: String,
    /// The diagnosis in the physician's words.
    pub text: String,
    /// The proposals.
    pub candidates: CodeChoices,
}

/// One line of the queue.
pub struct LineView {
    /// Where it leads.
    pub href: String,
    /// Icon.
    pub icon: &'static str,
    /// What it is.
    pub title: String,
    /// Where it comes from.
    pub detail: String,
}
