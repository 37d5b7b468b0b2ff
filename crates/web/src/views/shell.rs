//! What every page inside the frame shows: navigation, who is signed in, the patient bar, one message.

use askama::Template;
use askama::filters::HtmlSafe;

/// The place of the navigation that is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Hoy.
    Today,
    /// Agenda.
    Agenda,
    /// Pacientes.
    Patients,
    /// Consulta.
    Consultation,
    /// Documentos.
    Documents,
    /// Buscar.
    Search,
    /// Derechos: ARCO requests and the keeping of records.
    Rights,
    /// Tableros.
    Boards,
    /// Bitácora.
    Audit,
    /// Cuentas y grupos.
    Accounts,
    /// None of them.
    Elsewhere,
}

/// A message about what has just happened, shown once at the top of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `good`, `warn` or `bad`: with words, never by colour alone.
    pub tone: &'static str,
    /// The sentence.
    pub text: String,
    /// Where to go next: address and words.
    pub link: Option<(String, String)>,
}

impl Notice {
    /// Something went well.
    #[must_use]
    pub fn good(text: impl ToString) -> Self {
        Self { tone: "good", text: text.to_string(), link: None }
    }

    /// Something to look at.
    #[must_use]
    pub fn warn(text: impl ToString) -> Self {
        Self { tone: "warn", text: text.to_string(), link: None }
    }
}

/// The frame around a page.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Where in the navigation.
    pub place: Place,
    /// Name of the person signed in.
    pub user: String,
    /// Their roles in words.
    pub roles: String,
    /// Whether Consulta and Documentos are shown.
    pub reads_records: bool,
    /// Whether Hoy and Pacientes are shown.
    pub sees_agenda: bool,
    /// Whether Derechos is shown.
    pub follows_rights: bool,
    /// Whether Bitácora is shown.
    pub reads_audit: bool,
    /// Whether Cuentas is shown.
    pub administers: bool,
    /// Whether Tableros is shown.
    pub sees_figures: bool,
    /// Documents that wait for a signature.
    pub to_sign: usize,
    /// Secret that forms send back.
    pub token: String,
    /// Icons only (Consulta, Documentos).
    pub narrow: bool,
    /// What has just happened.
    pub notice: Option<Notice>,
}

impl Shell {
    pub(crate) fn at(&self, place: Place) -> bool {
        self.place == place
    }
}

/// The one line about allergies that is always visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllergyLine {
    /// Nobody asked: dashed.
    NotAsked,
    /// Asked and denied.
    Denied,
    /// The substances.
    Known(String),
    /// The person may not see clinical data.
    Hidden,
}

/// The bar with the patient's identity.
#[derive(Debug, Clone, Template)]
#[template(path = "_patient_bar.html")]
pub struct PatientBar {
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Age, sex, record number and so on.
    pub facts: Vec<String>,
    /// Allergies.
    pub allergies: AllergyLine,
    /// Whether the name links to the expediente.
    pub linked: bool,
    /// What to say of a private record that was opened with a reason.
    pub opened: Option<String>,
    /// Buttons and states at the right, already rendered.
    pub extra: Extra,
}

impl HtmlSafe for PatientBar {}

/// What the patient bar shows at its right end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// Nothing.
    Nothing,
    /// Expediente: edit the data, start a consultation.
    Chart {
        /// Address of the consultation in course, if there is one.
        open: Option<String>,
        /// Whether the person may write.
        writes: bool,
        /// Secret that forms send back.
        token: String,
    },
    /// Consulta: how much is accepted, and the state of the draft.
    Progress {
        /// Accepted items.
        accepted: usize,
        /// All items that are not struck out.
        total: usize,
    },
    /// A signed document.
    Signed {
        /// Words of the state.
        words: String,
    },
}
