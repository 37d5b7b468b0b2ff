//! Pacientes: search and list, and the form with a patient's identity.

use askama::Template;
use askama::filters::HtmlSafe;
use care::error::FieldError;
use clinical::person::Sex;

use super::form::{Check, Choice, ErrorSummary, Field, Posted};
use super::shell::{Place, Shell};

/// Patients found, with their page.
#[derive(Template)]
#[template(path = "_patient_results.html")]
pub struct PatientResults {
    /// What was searched; empty for all.
    pub query: String,
    /// The patients of this page.
    pub rows: Vec<PatientRow>,
    /// How many there are in all.
    pub total: usize,
    /// This page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// Whether names lead to the expediente; otherwise to the data.
    pub clinical: bool,
}

/// One patient in the list.
pub struct PatientRow {
    /// Id in addresses.
    pub id: String,
    /// Full name.
    pub name: String,
    /// "64 años, mujer".
    pub about: String,
    /// Number of the expediente.
    pub record: String,
    /// CURP, or nothing.
    pub curp: String,
    /// Telephone, or nothing.
    pub phone: String,
}

impl HtmlSafe for PatientResults {}

impl PatientResults {
    fn encoded(&self) -> String {
        crate::pages::encode(&self.query)
    }

    fn found(&self) -> String {
        crate::ui::count(self.total, "paciente", "pacientes")
    }
}

/// The page.
#[derive(Template)]
#[template(path = "patients.html")]
pub struct PatientsPage {
    /// The frame.
    pub shell: Shell,
    /// The list.
    pub results: PatientResults,
}

/// The form with who a patient is.
#[derive(Template)]
#[template(path = "patient_form.html")]
pub struct PatientFormPage {
    /// The frame.
    pub shell: Shell,
    /// Heading.
    pub heading: String,
    /// Where it is posted.
    pub action: String,
    /// Where Cancelar leads.
    pub cancel: String,
    /// Version of the record being changed; empty for a new one.
    pub version: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    unknown: Check,
    unknown_label: Field,
    name: Vec<Field>,
    birth: Field,
    sex: Choice,
    curp: Field,
    contact: Vec<Field>,
}

impl PatientFormPage {
    /// The form with what was posted (or stored) and what is wrong with it.
    #[must_use]
    pub fn new(shell: Shell, posted: &Posted, errors: &[FieldError]) -> Self {
        let field = |field: Field| field.from(posted, errors);
        let mut sexes = vec![(String::new(), "Elija una opción".to_owned())];
        sexes.extend(Sex::ALL.iter().map(|sex| (sex.code().to_owned(), sex.label().to_owned())));
        Self {
            shell,
            heading: "Nuevo paciente".to_owned(),
            action: "/pacientes/nuevo".to_owned(),
            cancel: "/pacientes".to_owned(),
            version: posted.get("version").to_owned(),
            errors: ErrorSummary::new(errors),
            unknown: Check::new(
                "no_identificado",
                "Paciente no identificado",
                posted.ticked("no_identificado"),
            )
            .help("Para quien no puede decir quién es; los datos se completan después"),
            unknown_label: field(
                Field::text("etiqueta", "Señas")
                    .help("Cómo se le distingue, por ejemplo «hombre de 40 años, tatuaje en el brazo»"),
            ),
            name: vec![
                field(Field::text("nombre", "Nombre o nombres").max(120)),
                field(Field::text("primer_apellido", "Primer apellido").max(120)),
                field(Field::text("segundo_apellido", "Segundo apellido").max(120).optional()),
            ],
            birth: field(
                Field::text("fecha_nacimiento", "Fecha de nacimiento")
                    .help("Día/mes/año, por ejemplo 27/03/1984")
                    .width("w-10")
                    .mode("numeric"),
            ),
            sex: Choice::new("sexo", "Sexo", sexes).width("w-18").from(posted, errors),
            curp: field(
                Field::text("curp", "CURP")
                    .help("Si no la tiene, deje el campo vacío")
                    .width("w-18")
                    .max(40)
                    .optional(),
            ),
            contact: vec![
                field(
                    Field::text("telefono", "Teléfono")
                        .width("w-18")
                        .mode("tel")
                        .help("10 dígitos")
                        .optional(),
                ),
                field(
                    Field::text("domicilio", "Domicilio")
                        .help("Se imprime en las notas y recetas")
                        .max(300)
                        .optional(),
                ),
                field(Field::text("ocupacion", "Ocupación").max(120).optional()),
            ],
        }
    }
}
