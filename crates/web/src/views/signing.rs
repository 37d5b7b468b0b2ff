//! Before signing: the documents as they will print, and the password.

use askama::Template;

use super::form::Field;
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
    /// "Firmar nota y receta".
    pub button: String,
    /// Medicines of the receta, in words; empty when there is none.
    pub medicines: Vec<String>,
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
