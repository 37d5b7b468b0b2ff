//! Before signing: the documents as they will print, and the password.

use askama::Template;

use super::form::{Choice, Field};
use super::shell::{PatientBar, Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "sign.html")]
pub struct SignPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// Where the consultation is.
    pub back: String,
    /// Where the signature is posted; also where the drafts are.
    pub action: String,
    /// Version that is being signed.
    pub version: i64,
    /// "Nota de evolución".
    pub title: String,
    /// "Firmar nota y receta", "Enviar a firma".
    pub button: String,
    /// Whether it is signed here, sent to be signed, or signed for a trainee.
    pub way: Way,
    /// Medicines of the receta, in words; empty when there is none.
    pub medicines: Vec<String>,
    /// What earlier recetas of this visit say about the medicines of the note; empty without any.
    pub earlier: Vec<String>,
    /// Everything that keeps it from being signed.
    pub obstacles: Vec<String>,
    /// Who signs.
    pub signer: String,
    /// What is wrong with the signature just tried.
    pub error: Option<String>,
    /// The password.
    pub password: Field,
    /// What the note will say: heading and sentences. For who cannot see a PDF in the page.
    pub sections: Vec<(String, Vec<String>)>,
}

/// What the page is for.
pub enum Way {
    /// The author signs.
    Sign,
    /// A trainee sends it to the physician chosen here.
    Send(Choice),
    /// The supervising physician signs what a trainee wrote, or returns it.
    Endorse(Endorse),
}

/// What a trainee sent.
pub struct Endorse {
    /// "Emiliano Sauce Prado, residente".
    pub author: String,
    /// "hoy 10:20".
    pub sent: String,
    /// Headings of the sections that are not as they were sent.
    pub changed: Vec<String>,
    /// What to correct, when it is returned.
    pub comment: Field,
}

impl Endorse {
    /// "Pronóstico; Tratamiento".
    fn changes(&self) -> String {
        self.changed.join("; ")
    }
}
