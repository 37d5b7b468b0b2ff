//! Signed documents: the list, one of them, and the addendum that corrects it.

use askama::Template;
use care::error::FieldError;

use super::edit::Typing;
use super::efirma::EfirmaSeal;
use super::form::{ErrorSummary, Field, Posted};
use super::shell::{PatientBar, Place, Shell};
use super::today::OpenView;

pub use super::consultation::CiteView;

/// `GET /documentos`.
#[derive(Template)]
#[template(path = "documents.html")]
pub struct DocumentsPage {
    /// The frame.
    pub shell: Shell,
    /// What waits for a signature.
    pub open: Vec<OpenView>,
    /// What is signed.
    pub rows: Vec<DocumentRow>,
    /// Signed documents in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
}

/// One signed document in a list.
pub struct DocumentRow {
    /// Where it is read.
    pub href: String,
    /// "Nota de evolución".
    pub title: String,
    /// Whose.
    pub patient: String,
    /// When it was signed.
    pub when: String,
    /// "Firmada, con 1 adenda".
    pub state: String,
}

/// `GET /documentos/{id}`.
#[derive(Template)]
#[template(path = "document.html")]
pub struct DocumentPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Name, address and owner of the establishment.
    pub letterhead: Vec<String>,
    /// Label and value of the header.
    pub fields: Vec<(&'static str, String)>,
    /// Sections of a note.
    pub sections: Vec<SignedSectionView>,
    /// Medicines of a receta.
    pub medicines: Vec<SignedMedicine>,
    /// Whether it is a receta.
    pub prescription: bool,
    /// Indications that are not medicines.
    pub instructions: Vec<String>,
    /// Decisions taken on alerts.
    pub decisions: Vec<String>,
    /// What an addendum says: the document it corrects (address, title), reason, text.
    pub addendum: Option<(String, String, String, String)>,
    /// Seal.
    pub seal: SealView,
    /// What was handed out, newest first: what it was; when, who and why.
    pub prints: Vec<(String, String)>,
    /// The e.firma on it.
    pub efirma: Option<EfirmaSeal>,
    /// Whether this person may put theirs on it.
    pub may_efirma: bool,
    /// Whether a copy was printed before.
    pub printed: bool,
    /// Whether the sentences show where they come from.
    pub origins: bool,
    /// The request it answers: address and name.
    pub request: Option<(String, String)>,
    /// Its answers, for a request: address and name.
    pub replies: Vec<(String, String)>,
    /// Whether nobody has answered this request; and whether this person may.
    pub awaits: Option<bool>,
    /// From when the addendum is that this person was writing and has not signed.
    pub unsaved: Option<String>,
    /// Addenda that correct it: address and title.
    pub addenda: Vec<(String, String)>,
    /// Other documents of the consultation: address and title.
    pub siblings: Vec<(String, String)>,
    /// Whether this person may add an addendum.
    pub may_amend: bool,
    /// When, by whom and why it was cancelled, for a receta.
    pub cancelled: Option<String>,
    /// The form that cancels it, for a receta that holds.
    pub cancelling: Option<Cancelling>,
    /// "Firmado 10:41. Siguiente: …", right after signing.
    pub just_signed: Option<JustSigned>,
}

impl DocumentPage {
    fn sources(&self) -> bool {
        self.sections
            .iter()
            .flat_map(|s| &s.items)
            .any(|i| !i.cites.is_empty() || i.author.is_some() || i.source.is_some())
    }
}

/// The form that cancels a receta.
pub struct Cancelling {
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Why.
    pub reason: Field,
    /// The password of who cancels it.
    pub password: Field,
}

impl Cancelling {
    /// The form with what was posted and what is wrong with it.
    #[must_use]
    pub fn new(posted: &Posted, errors: &[FieldError]) -> Self {
        Self {
            errors: ErrorSummary::new(errors),
            reason: Field::text("motivo", "Por qué se cancela")
                .id("cancelar-motivo")
                .max(300)
                .from(posted, errors),
            password: Field::password("contrasena", "Su contraseña", "current-password").from(posted, errors),
        }
    }
}

/// What is said right after signing.
pub struct JustSigned {
    /// "10:41".
    pub time: String,
    /// Next consultation: address and name.
    pub next: Option<(String, String)>,
    /// The receta signed with it.
    pub prescription: Option<String>,
}

/// A section of a signed note.
pub struct SignedSectionView {
    /// Heading.
    pub title: String,
    /// Numeral.
    pub numeral: Option<String>,
    /// Sentences.
    pub items: Vec<SignedItemView>,
}

/// A sentence of a signed note.
pub struct SignedItemView {
    /// The words.
    pub text: String,
    /// Icon and words of who wrote it.
    pub author: Option<(&'static str, String)>,
    /// What it rests on.
    pub cites: Vec<CiteView>,
    /// The signed document it was taken from: address and name.
    pub source: Option<(String, String)>,
}

/// A medicine of a signed receta.
pub struct SignedMedicine {
    /// Generic name, brand and presentation.
    pub name: String,
    /// Label and value.
    pub cells: Vec<(&'static str, String)>,
    /// Further instructions.
    pub instructions: String,
    /// What the law tells the pharmacy: until when, how often.
    pub pharmacy: Vec<String>,
}

/// Who signed what, when, and the digests.
pub struct SealView {
    /// Full name.
    pub signer: String,
    /// Cédula and institution.
    pub license: String,
    /// When.
    pub when: String,
    /// SHA-256 of the content in groups of four.
    pub digest: String,
    /// SHA-256 of the PDF in groups of four.
    pub pdf_digest: String,
    /// Position in the chain of documents.
    pub sequence: String,
    /// Whether content and digest still fit.
    pub intact: bool,
}

/// `GET /documentos/{id}/adenda`.
#[derive(Template)]
#[template(path = "addendum.html")]
pub struct AddendumPage {
    /// The frame.
    pub shell: Shell,
    /// Whose.
    pub patient: PatientBar,
    /// The document it corrects.
    pub id: String,
    /// Its name and date.
    pub original: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Reason and text.
    pub fields: Vec<Field>,
    /// How its text is kept.
    pub typing: Typing,
    /// The password.
    pub password: Field,
    /// Who signs.
    pub signer: String,
}
