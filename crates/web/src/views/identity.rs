//! What stands behind a patient's identity: representatives, former data, joined records; and the page that joins two.

use askama::Template;
use care::error::FieldError;
use clinical::representative::Capacity;

use super::form::{Choice, ErrorSummary, Field, Posted};
use super::shell::{Place, Shell};

/// The page.
#[derive(Template)]
#[template(path = "identity.html")]
pub struct IdentityPage {
    /// The frame.
    pub shell: Shell,
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// The line under it.
    pub about: String,
    /// Where the record opens.
    pub back: String,
    /// What is wrong with a form.
    pub errors: ErrorSummary,
    /// A minor without anybody who may decide.
    pub needs_representative: bool,
    /// Who may decide.
    pub representatives: Vec<RepresentativeRow>,
    /// The form that adds one.
    pub form: RepresentativeFields,
    /// Whether the person may change identities.
    pub edits: bool,
    /// The mother's record: address and name.
    pub mother: Option<(String, String)>,
    /// Whether a newborn of this patient may be registered here.
    pub adds_newborn: bool,
    /// Newborns of this patient: address and name.
    pub newborns: Vec<(String, String)>,
    /// What the record said before: when and by whom, then the lines that changed.
    pub former: Vec<(String, Vec<ChangedLine>)>,
    /// Joins.
    pub merges: Vec<MergeRow>,
    /// Whether the person may join and separate records.
    pub joins: bool,
    /// Number of the other record.
    pub number: Field,
}

/// Somebody who may decide for the patient.
pub struct RepresentativeRow {
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Capacity, documents, validity, scope, telephone.
    pub about: String,
    /// Why it does not hold: "Ya no figura", "Venció el…"; empty when it does.
    pub over: String,
    /// Whether it can still be ended.
    pub open: bool,
}

/// One datum before and after a change.
pub struct ChangedLine {
    /// "Primer apellido".
    pub field: &'static str,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// Two records joined.
pub struct MergeRow {
    /// Id in addresses.
    pub id: String,
    /// "El expediente 000034 se unió al 000012".
    pub title: String,
    /// When, who and why.
    pub about: String,
    /// When, who and why they were separated; empty while they are joined.
    pub undone: String,
}

/// The form that adds a representative.
pub struct RepresentativeFields {
    /// Name, capacity and documents.
    pub name: Vec<Field>,
    /// Capacity.
    pub capacity: Choice,
    /// Documents, validity, scope, telephone.
    pub rest: Vec<Field>,
    /// Whether it is unfolded.
    pub open: bool,
}

impl RepresentativeFields {
    /// Empty, or with what was posted and what is wrong.
    #[must_use]
    pub fn new(posted: &Posted, errors: &[FieldError], open: bool) -> Self {
        let field = |field: Field| field.from(posted, errors);
        let mut capacities = vec![(String::new(), "Elija una opción".to_owned())];
        capacities.extend(Capacity::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())));
        Self {
            name: vec![
                field(Field::text("rep_nombre", "Nombre o nombres")),
                field(Field::text("rep_primer_apellido", "Primer apellido")),
                field(Field::text("rep_segundo_apellido", "Segundo apellido").optional()),
            ],
            capacity: Choice::new("rep_calidad", "En calidad de", capacities).from(posted, errors),
            rest: vec![
                field(
                    Field::text("rep_identificacion", "Identificación que mostró")
                        .help("Con su número, por ejemplo «INE 1234567890123»"),
                ),
                field(
                    Field::text("rep_prueba", "Documento que lo acredita")
                        .help("Acta de nacimiento, sentencia, poder; obligatorio para tutor, apoderado y albacea")
                        .optional(),
                ),
                field(
                    Field::text("rep_vigencia", "Vigente hasta")
                        .help("Día/mes/año; vacío si no vence")
                        .width("w-10")
                        .optional(),
                ),
                field(
                    Field::text("rep_alcance", "Alcance")
                        .help("Qué puede decidir, o qué limitó un juez")
                        .optional(),
                ),
                field(
                    Field::text("rep_telefono", "Teléfono").width("w-18").mode("tel").help("10 dígitos").optional(),
                ),
            ],
            open,
        }
    }
}

/// The page on which two records are compared and joined.
#[derive(Template)]
#[template(path = "merge.html")]
pub struct MergePage {
    /// The frame.
    pub shell: Shell,
    /// Id of the record that stays.
    pub kept: String,
    /// Id of the other.
    pub merged: String,
    /// Their numbers.
    pub numbers: (String, String),
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Field, value in the record that stays, value in the other, whether they differ.
    pub lines: Vec<(&'static str, String, String, bool)>,
    /// What they have in common, or that nothing suggests one person.
    pub likeness: String,
    /// Whether something does.
    pub alike: bool,
    /// Why they are joined.
    pub reason: Field,
}
