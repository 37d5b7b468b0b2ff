//! A record taken out, one brought in, and a document of another establishment.

use askama::Template;
use askama::filters::HtmlSafe;

use super::checking::VerifySignature;
use super::form::{Choice, ErrorSummary, Field};
use super::shell::{PatientBar, Place, Shell};

/// The form to take a record out.
#[derive(Template)]
#[template(path = "export.html")]
pub struct ExportPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the record in addresses.
    pub id: String,
    /// Whose.
    pub name: String,
    /// What tells the patient apart.
    pub about: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// In which form.
    pub format: Choice,
    /// Why.
    pub reason: Field,
    /// The passphrase, twice.
    pub passphrase: Vec<Field>,
    /// The password of who takes it out.
    pub password: Field,
}

/// The page before a table leaves: what it is, and the password again.
#[derive(Template)]
#[template(path = "take_out.html")]
pub struct TakeOutPage {
    /// The frame.
    pub shell: Shell,
    /// What leaves, as the heading says it.
    pub what: &'static str,
    /// What is in it, and what is noted.
    pub about: &'static str,
    /// Where the form goes, with what is asked for.
    pub action: String,
    /// Where one came from: address and words.
    pub back: (String, &'static str),
    /// What is wrong.
    pub errors: ErrorSummary,
    /// The password of who takes it out.
    pub password: Field,
}

/// The form to bring a record in, with what a package holds once it was looked at.
#[derive(Template)]
#[template(path = "import.html")]
pub struct ImportPage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// What is wrong with the file itself.
    pub file_error: Option<String>,
    /// Most bytes, for the browser to say so before it sends.
    pub most_bytes: usize,
    /// The same in words.
    pub most: String,
    /// The passphrase of a sealed package.
    pub passphrase: Field,
    /// What the package holds.
    pub plan: Option<PlanView>,
}

/// What a package holds.
#[derive(Template)]
#[template(path = "_import_plan.html")]
pub struct PlanView {
    /// Who made it.
    pub origin: String,
    /// Whose, and when it was made: label and value.
    pub facts: Vec<(&'static str, String)>,
    /// "12 documentos firmados, 3 alergias."
    pub holds: String,
    /// Its documents: title and where and when the act was.
    pub documents: Vec<(String, String)>,
    /// Documents that are not named here.
    pub more: usize,
    /// Where it goes.
    pub target: TargetView,
}

impl HtmlSafe for PlanView {}

/// Where a package goes.
pub enum TargetView {
    /// Its record is here.
    Known {
        /// Where it lies.
        href: String,
        /// Since when, or why.
        words: String,
        /// Whether there may be something to add.
        adds: bool,
    },
    /// Into a record of its own, or into one of these.
    New {
        /// Likely doubles.
        alike: Vec<AlikeRecord>,
        /// There is one that this person may not see.
        private: bool,
        /// Into which.
        choice: Choice,
    },
}

/// A record that may be of the same person.
pub struct AlikeRecord {
    /// Its id in addresses.
    pub id: String,
    /// The patient's name.
    pub name: String,
    /// What tells the patient apart.
    pub about: String,
    /// What they have in common.
    pub why: String,
}

/// A document signed in another establishment.
#[derive(Template)]
#[template(path = "external.html")]
pub struct ExternalPage {
    /// The frame.
    pub shell: Shell,
    /// In whose record.
    pub patient: PatientBar,
    /// Its id in addresses.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it was signed.
    pub origin: String,
    /// The letterhead of where it was signed.
    pub letterhead: Vec<String>,
    /// Label and value.
    pub fields: Vec<(&'static str, String)>,
    /// What it says.
    pub sections: Vec<(String, Vec<String>)>,
    /// Who signed, and with which cédula.
    pub signer: (String, String),
    /// When.
    pub when: String,
    /// SHA-256 of the content, in groups.
    pub digest: String,
    /// SHA-256 of the PDF, in groups.
    pub pdf_digest: String,
    /// Its place in the chain of where it was signed.
    pub sequence: String,
    /// Whether the content is still the one that came.
    pub intact: bool,
    /// The document it corrects, when that is here too: address.
    pub amends: Option<String>,
    /// What its file with an e.firma proves.
    pub signatures: Vec<VerifySignature>,
    /// That it holds no more, and why.
    pub cancelled: Option<String>,
}
