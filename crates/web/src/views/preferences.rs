//! Preferencias: how this person likes drafts to be written.

use askama::Template;
use clinical::preference::Manner;

use super::form::{Choice, ErrorSummary, Field};
use super::shell::{Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "preferences.html")]
pub struct PreferencesPage {
    /// The frame.
    pub shell: Shell,
    /// What to correct.
    pub errors: ErrorSummary,
    /// Signed notes until a habit is followed.
    pub needed: i64,
    /// The style that is shown.
    pub shown: Manner,
    /// Whether their notes are written in it.
    pub in_use: bool,
    /// An invented note in that style: heading and sentences of each section.
    pub example: Vec<(String, Vec<String>)>,
    /// Words in place of others.
    pub wordings: Vec<PreferenceRow>,
    /// The order of what a section says.
    pub orders: Vec<PreferenceRow>,
    /// Sentences to be put into notes.
    pub phrases: Vec<PreferenceRow>,
    /// Favourites and protocols of the receta: identifier, name, lines.
    pub kept: Vec<(String, String, Vec<String>)>,
    /// For other words: those of the draft, and one's own.
    pub new_wording: Vec<Field>,
    /// For another sentence.
    pub new_phrase: Field,
    /// Where it goes.
    pub section: Choice,
    /// The language model that is installed here.
    pub model: Option<String>,
    /// Which form is open: "palabras", "frase" or none.
    pub opened: &'static str,
}

/// A preference.
pub struct PreferenceRow {
    /// Id in addresses.
    pub id: String,
    /// What the draft would say; empty for a sentence.
    pub before: String,
    /// What is preferred.
    pub after: String,
    /// Where it came from.
    pub about: String,
    /// Class and words of whether drafts follow it.
    pub state: (&'static str, &'static str),
    /// Whether its owner lets it be followed.
    pub enabled: bool,
}

impl PreferencesPage {
    /// What the style does, for who chooses.
    fn about(&self) -> &'static str {
        match self.shown {
            Manner::Complete => "Cada cosa en su oración, como se fue diciendo.",
            Manner::Brief => {
                "Lo que va junto, en una sola oración: lo que refiere, lo que niega, lo explorado sin alteraciones y los \
                 resultados. No repite el motivo de la consulta si ya lo dice lo que refiere."
            }
            Manner::ByProblem => {
                "Como la completa; si hay varios diagnósticos, junto a cada uno se anota lo que se dijo que es para él, y \
                 el tratamiento sigue ese orden. Lo que no se dijo para qué es queda al final."
            }
        }
    }
}
