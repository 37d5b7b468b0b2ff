//! Signing with the e.firma.

use askama::Template;

use super::form::Field;
use super::shell::{PatientBar, Place, Shell};

/// `GET /documentos/{id}/efirma`.
#[derive(Template)]
#[template(path = "efirma.html")]
pub struct EfirmaPage {
    /// The frame.
    pub shell: Shell,
    /// Whose record.
    pub patient: PatientBar,
    /// The document it began from.
    pub id: String,
    /// What can be signed.
    pub documents: Vec<EfirmaLine>,
    /// RFC of the account's e.firma, once confirmed.
    pub account: Option<String>,
    /// Whether authorities are loaded.
    pub has_trust: bool,
    /// What the signature will prove, in sentences.
    pub proves: Vec<&'static str>,
    /// The password of the account.
    pub password: Field,
}

/// A document that can be signed.
pub struct EfirmaLine {
    /// Its id.
    pub id: String,
    /// "Nota de evolución".
    pub title: String,
    /// When it was signed here.
    pub when: String,
}

/// The e.firma on a document.
pub struct EfirmaSeal {
    /// Name on the certificate.
    pub name: String,
    /// Label and value.
    pub facts: Vec<(&'static str, String)>,
    /// What it proves.
    pub meaning: &'static str,
    /// What is known of a revocation.
    pub revocation: &'static str,
}
