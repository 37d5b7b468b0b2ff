//! The scribe: what was said in a consultation becomes facts with evidence, and a draft a physician reviews.
//!
//! In: a transcript (see [`parse`]). Out: [`ClinicalFact`](facts::ClinicalFact)s, each with the words it rests on, and a
//! [`Draft`] of any document, whose every sentence passed the [`guard`]. Deterministic; no I/O, clock, network or model.
//!
//! ```
//! let transcript = scribe::parse::transcript("D: ¿Ha tenido fiebre?\nP: No, nada más tos desde hace tres días.".as_bytes()).unwrap();
//! let draft = scribe::draft(&transcript);
//! let note = draft.note(nom004::definition(clinical::document::DocumentKind::PROGRESS_NOTE));
//! let note = scribe::wire::note_text(&note);
//! assert!(note.contains("Niega fiebre."));
//! assert!(note.contains("Refiere tos de 3 días de evolución."));
//! ```

pub mod compose;
pub mod context;
pub mod extract;
pub mod facts;
pub mod guard;
pub mod heard;
pub mod indexed;
pub mod learned;
pub mod lexicon;
pub mod mentions;
mod named;
pub mod parse;
mod remedies;
pub mod scene;
pub mod style;
pub mod text;
pub mod wire;
pub mod written;

use clinical::draft::DraftNote;
use clinical::preference::Manner;
use clinical::transcript::Transcript;

pub use compose::Draft;
use style::Style;

/// Understands a consultation and proposes its note.
#[must_use]
pub fn draft(transcript: &Transcript) -> Draft {
    draft_in_style(transcript, &Style::default())
}

/// The same, written as a physician likes it.
#[must_use]
pub fn draft_in_style(transcript: &Transcript, style: &Style) -> Draft {
    draft_with(transcript, &[], style).0
}

/// The draft of a document written again in another style: what the physician accepted, changed, rejected or wrote stays
/// as it is, only the rest is proposed anew.
#[must_use]
pub fn rewritten(transcript: &Transcript, style: &Style, old: &DraftNote) -> DraftNote {
    rewritten_with(transcript, &[], style, old).0
}

/// The same, with sentences somebody else wrote about it: see [`draft_with`].
#[must_use]
pub fn rewritten_with(
    transcript: &Transcript,
    sentences: &[written::Sentence],
    style: &Style,
    old: &DraftNote,
) -> (DraftNote, Vec<written::Outcome>) {
    let (draft, outcomes) = understand(transcript, sentences, style, old.manner);
    (draft.note_beside(old), outcomes)
}

/// The same, with sentences somebody else wrote about it, a language model for one: of those only what was said stays, and
/// for each it is told what became of it.
#[must_use]
pub fn draft_with(
    transcript: &Transcript,
    sentences: &[written::Sentence],
    style: &Style,
) -> (Draft, Vec<written::Outcome>) {
    understand(transcript, sentences, style, style.manner)
}

fn understand(
    transcript: &Transcript,
    sentences: &[written::Sentence],
    style: &Style,
    before: Manner,
) -> (Draft, Vec<written::Outcome>) {
    let heard::Heard { transcript, mut notices } = heard::Heard::new(transcript);
    let scene = scene::Scene::new(&transcript);
    let mut facts = extract::from_scene(&scene);
    notices.extend(heard::readings(&scene));
    notices.extend(heard::doses_taken_out(&mut facts));
    let talk = heard::is_no_consultation(&transcript, &facts);
    let facts = learned::complete(&scene, facts);
    let mut draft = compose::draft(&scene, facts);
    draft.notices = notices;
    match talk {
        Some(talk) => (draft.of_no_consultation(talk), written::refuse(sentences)),
        None => {
            let outcomes = written::add(&scene, &mut draft, sentences);
            (draft.in_style(&scene, style, before), outcomes)
        }
    }
}
