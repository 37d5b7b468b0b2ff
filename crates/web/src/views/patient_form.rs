//! The form with who a patient is: the essential first, the rest of the minimum data set folded away.

use askama::Template;
use askama::filters::HtmlSafe;
use care::error::FieldError;
use clinical::demographics::{Entity, Gender, NoCurp, People, RegisteredSex};
use clinical::person::Sex;

use super::form::{Check, Choice, ErrorSummary, Field, Part, Posted};
use super::shell::{Place, Shell};

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
    /// Address of what stands behind the identity; empty for a new record.
    pub file: String,
    /// Version of the record being changed; empty for a new one.
    pub version: String,
    /// What is wrong.
    pub errors: ErrorSummary,
    /// Records that may be of the same person.
    pub alike: Option<AlikeView>,
    mother: String,
    unknown: Check,
    newborn: Check,
    unknown_label: Field,
    birth_of_newborn: Vec<Field>,
    name: Vec<Field>,
    birth: Field,
    sex: Choice,
    curp: Field,
    contact: Vec<Field>,
    more: Vec<(&'static str, Vec<Part>)>,
    more_open: bool,
}

/// "¿Es una de estas personas?"
#[derive(Template)]
#[template(path = "_alike.html")]
pub struct AlikeView {
    /// The likeliest first.
    pub rows: Vec<AlikeRow>,
    /// The CURP is taken: there is no going on.
    pub curp_taken: bool,
    /// There is one that this person may not see.
    pub private: bool,
    /// Whether this person may open it with a reason.
    pub opens_private: bool,
}

impl HtmlSafe for AlikeView {}

impl AlikeView {
    /// The ids that were shown, as the form sends them back.
    fn seen(&self) -> String {
        self.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// A record that may be of the same person.
pub struct AlikeRow {
    /// Id in addresses.
    pub id: String,
    /// Where it opens.
    pub href: String,
    /// Full name.
    pub name: String,
    /// "Expediente 000034 · 41 años, mujer · nació el 27/03/1984".
    pub about: String,
    /// "mismo nombre, día y mes de nacimiento al revés".
    pub why: String,
}

/// Fields of the folded part: an error in one of them opens it.
const MORE: [&str; 13] = [
    "un_solo_nombre",
    "sin_curp",
    "entidad_nacimiento",
    "nacionalidad",
    "sexo_registro",
    "genero",
    "entidad",
    "municipio",
    "localidad",
    "clave_inegi",
    "pueblo",
    "lengua",
    "ocupacion",
];

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
            file: String::new(),
            version: posted.get("version").to_owned(),
            errors: ErrorSummary::new(errors),
            alike: None,
            mother: posted.get("madre").to_owned(),
            unknown: Check::new(
                "no_identificado",
                "Paciente no identificado",
                posted.ticked("no_identificado"),
            )
            .help("Para quien no puede decir quién es; los datos se completan después"),
            newborn: Check::new(
                "recien_nacido",
                "Recién nacido, aún sin nombre o sin registro",
                posted.ticked("recien_nacido"),
            )
            .help("Se le nombra por su madre hasta que se registre; el nombre anterior queda en la historia"),
            unknown_label: field(
                Field::text("etiqueta", "Señas")
                    .help("Cómo se le distingue, por ejemplo «hombre de 40 años, tatuaje en el brazo»"),
            ),
            birth_of_newborn: newborn_fields(posted, errors),
            name: name_fields(posted, errors),
            birth: field(
                Field::text("fecha_nacimiento", "Fecha de nacimiento")
                    .help("Día/mes/año, por ejemplo 27/03/1984")
                    .width("w-10")
                    .mode("numeric"),
            ),
            sex: Choice::new("sexo", "Sexo biológico", sexes).width("w-18").from(posted, errors),
            curp: field(
                Field::text("curp", "CURP")
                    .help("Si no la tiene, deje el campo vacío")
                    .width("w-18")
                    .optional(),
            ),
            contact: contact_fields(posted, errors),
            more: more(posted, errors),
            more_open: errors.iter().any(|error| MORE.contains(&error.field))
                || posted.ticked("un_solo_nombre"),
        }
    }
}

fn name_fields(posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let field = |field: Field| field.from(posted, errors);
    vec![
        field(Field::text("nombre", "Nombre o nombres")),
        field(Field::text("primer_apellido", "Primer apellido")),
        field(Field::text("segundo_apellido", "Segundo apellido").optional()),
    ]
}

fn contact_fields(posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let field = |field: Field| field.optional().from(posted, errors);
    vec![
        field(Field::text("telefono", "Teléfono").width("w-18").mode("tel").help("10 dígitos")),
        field(Field::text("correo", "Correo electrónico").mode("email").max(254)),
        field(Field::text("domicilio", "Domicilio").help("Se imprime en las notas y recetas")),
    ]
}

fn newborn_fields(posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let field = |field: Field| field.from(posted, errors);
    vec![
        field(Field::text("nombre_madre", "Nombre completo de la madre")),
        field(
            Field::text("hora_nacimiento", "Hora de nacimiento")
                .help("De 00:00 a 23:59")
                .width("w-3")
                .optional(),
        ),
        field(
            Field::text("orden_nacimiento", "Orden en un parto múltiple")
                .help("1 para quien nació primero; vacío si nació solo")
                .width("w-3")
                .mode("numeric")
                .optional(),
        ),
    ]
}

/// The rest of the minimum data set, in three groups.
fn more(posted: &Posted, errors: &[FieldError]) -> Vec<(&'static str, Vec<Part>)> {
    let field = |field: Field| Part::Field(Box::new(field.optional().from(posted, errors)));
    let choice = |name, label, options: Vec<(&str, &str)>| {
        let mut all = vec![(String::new(), "Sin dato".to_owned())];
        all.extend(options.into_iter().map(|(code, words)| (code.to_owned(), words.to_owned())));
        Part::Choice(Choice::new(name, label, all).optional().from(posted, errors))
    };
    let check = |name, label| Part::Check(Check::new(name, label, posted.ticked(name)));
    let entities = || Entity::all().map(|entity| (entity.code(), entity.name()));
    macro_rules! options {
        ($of:ty) => {
            <$of>::ALL.iter().map(|value| (value.code(), value.label())).collect()
        };
    }
    vec![
        (
            "Registro civil",
            vec![
                check("un_solo_nombre", "Tiene un solo nombre, sin apellidos"),
                choice("sin_curp", "Por qué no hay CURP", options!(NoCurp)),
                choice("entidad_nacimiento", "Entidad de nacimiento", entities().collect()),
                field(Field::text("nacionalidad", "Nacionalidad de origen").width("w-30")),
                choice("sexo_registro", "Sexo en la CURP o el acta", options!(RegisteredSex)),
                choice("genero", "Género", options!(Gender)),
            ],
        ),
        (
            "Residencia y ocupación",
            vec![
                choice("entidad", "Entidad", entities().filter(|(code, _)| *code != "NE").collect()),
                field(Field::text("municipio", "Municipio o alcaldía").width("w-30")),
                field(Field::text("localidad", "Localidad o colonia").width("w-30")),
                field(
                    Field::text("clave_inegi", "Clave de INEGI")
                        .help("5 dígitos del municipio o 9 de la localidad, si la conoce")
                        .width("w-10")
                        .mode("numeric"),
                ),
                field(Field::text("ocupacion", "Ocupación").width("w-30")),
            ],
        ),
        (
            "Lengua y pertenencia",
            vec![
                field(
                    Field::text("lengua", "Lengua materna, si no es el español")
                        .help("Por ejemplo náhuatl, maya o lengua de señas mexicana")
                        .width("w-30"),
                ),
                check("interprete", "Requiere intérprete"),
                choice("pueblo", "Pueblo indígena o afromexicano", options!(People)),
            ],
        ),
    ]
}
