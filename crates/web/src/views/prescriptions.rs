//! What can be put into a treatment: favourites, protocols, earlier recetas; and names offered while a line is typed.

use askama::Template;

use super::form::{ErrorSummary, Field};
use super::shell::{Place, Shell};

/// Lines that can be added by one step.
pub struct OfferRow {
    /// Identifier: of the favourite, or of the receta.
    pub id: String,
    /// Its name, or folio and date.
    pub name: String,
    /// "Protocolo, 3 medicamentos"; "Cancelada".
    pub about: String,
    /// Each line in words.
    pub lines: Vec<String>,
}

/// Whose treatment it is.
pub struct OfferedTo {
    /// Name.
    pub name: String,
    /// "Alergias: penicilina".
    pub allergies: String,
}

/// `GET /consultas/{id}/{doc}/receta`.
#[derive(Template)]
#[template(path = "offers.html")]
pub struct OffersPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: OfferedTo,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The document in work.
    pub back: String,
    /// Where its actions are posted.
    pub actions: String,
    /// Version of the draft.
    pub version: i64,
    /// Favourites and protocols.
    pub kept: Vec<OfferRow>,
    /// Recetas of the record.
    pub earlier: Vec<OfferRow>,
    /// The section medicines go to.
    pub section: String,
    /// Medicines of the draft: identifier and words.
    pub lines: Vec<(String, String)>,
    /// The name they are kept under.
    pub name: Field,
}

/// Names of the catalogue, as buttons of the form that is being typed.
#[derive(Template)]
#[template(path = "_line_names.html")]
pub struct LineNames {
    /// The names.
    pub names: Vec<String>,
}
