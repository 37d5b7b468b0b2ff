//! "Verificar documento", for anybody.

use askama::Template;

/// `GET` and `POST /verificar`.
#[derive(Template)]
#[template(path = "verify.html")]
pub struct VerifyPage {
    /// What is wrong with the file.
    pub error: Option<String>,
    /// What was found.
    pub result: Option<VerifyResult>,
    /// Largest file.
    pub most_bytes: usize,
}

/// What a file turned out to be.
pub struct VerifyResult {
    /// In one sentence.
    pub headline: &'static str,
    /// Whether that is good.
    pub good: bool,
    /// Each signature with a certificate.
    pub signatures: Vec<VerifySignature>,
    /// That it is a document of this practice, in sentences.
    pub here: Vec<String>,
    /// That it is a receta that holds no more, and since when.
    pub cancelled: Option<String>,
    /// What limits all of it.
    pub limits: Vec<&'static str>,
}

/// One signature.
pub struct VerifySignature {
    /// "Firma válida".
    pub title: &'static str,
    /// Whether it is.
    pub valid: bool,
    /// Label and value.
    pub facts: Vec<(&'static str, String)>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// What else should be known.
    pub remarks: Vec<String>,
}
