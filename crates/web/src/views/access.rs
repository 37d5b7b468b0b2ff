//! Pages before the frame: first start, sign in, and signing in again without losing what was typed.

use askama::Template;
use care::error::FieldError;

use super::form::{Check, Choice, ErrorSummary, Field, Posted};

/// First start: establishment, physician, administrator.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    errors: ErrorSummary,
    establishment: Vec<Field>,
    zone: Choice,
    practitioner: Vec<Field>,
    title: Choice,
    specialty: Vec<Field>,
    certificate: Vec<Field>,
    account: Vec<Field>,
    same_person: Check,
    administrator: Vec<Field>,
}

/// Time zones of Mexico with the states that use them, as people know them.
const ZONES: [(&str, &str); 6] = [
    ("America/Mexico_City", "Centro (Ciudad de México, Jalisco, Nuevo León y la mayoría)"),
    ("America/Cancun", "Quintana Roo"),
    ("America/Hermosillo", "Sonora"),
    ("America/Mazatlan", "Sinaloa, Nayarit y Baja California Sur"),
    ("America/Tijuana", "Baja California"),
    ("America/Ciudad_Juarez", "Ciudad Juárez"),
];

/// Words for a list of (code, words).
pub(crate) fn options(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(code, words)| ((*code).to_owned(), (*words).to_owned())).collect()
}

/// The fields of the establishment's data.
pub(crate) fn establishment_fields(posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let field = |field: Field| field.from(posted, errors);
    vec![
        field(Field::text("tipo", "Tipo de establecimiento").help("Por ejemplo: Consultorio, Clínica")),
        field(Field::text("nombre_establecimiento", "Nombre").autocomplete("organization")),
        field(
            Field::text("domicilio", "Domicilio completo")
                .help("Calle, número, colonia, municipio, estado y código postal")
                .autocomplete("street-address"),
        ),
        field(Field::text("razon_social", "Razón social o nombre del propietario")),
        field(Field::text("institucion", "Institución a la que pertenece").optional()),
        field(Field::text("telefono", "Teléfono").width("w-18").mode("tel").autocomplete("tel").optional()),
        field(
            Field::text("clues", "CLUES")
                .width("w-18")
                .help("Clave Única de Establecimientos de Salud")
                .optional(),
        ),
    ]
}

/// The fields of the certificado de especialidad.
pub(crate) fn certificate_fields(posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let field = |field: Field| field.from(posted, errors).optional();
    vec![
        field(Field::text("certificado", "Certificado de especialidad").width("w-18").help("Número")),
        field(Field::text("consejo", "Consejo que lo expidió")),
        field(
            Field::date("certificado_hasta", "Vigente hasta")
                .help("Se imprime en recetas y notas mientras esté vigente"),
        ),
    ]
}

/// The zone its times are shown in.
pub(crate) fn zone_choice(posted: &Posted, errors: &[FieldError]) -> Choice {
    Choice::new("zona_horaria", "Zona horaria", options(&ZONES)).from(posted, errors)
}

impl SetupPage {
    /// The page with what was posted so far and what is wrong with it.
    #[must_use]
    pub fn new(posted: &Posted, errors: &[FieldError], same_person: bool) -> Self {
        let field = |field: Field| field.from(posted, errors);
        Self {
            errors: ErrorSummary::new(errors),
            establishment: establishment_fields(posted, errors),
            zone: zone_choice(posted, errors),
            title: Choice::new(
                "titulo",
                "Título",
                options(&[("Dra.", "Dra."), ("Dr.", "Dr."), ("", "Sin título")]),
            )
            .width("w-10")
            .from(posted, errors),
            practitioner: vec![
                field(Field::text("nombre", "Nombre").autocomplete("given-name")),
                field(Field::text("primer_apellido", "Primer apellido").autocomplete("family-name")),
                field(Field::text("segundo_apellido", "Segundo apellido").optional()),
                field(Field::text("cedula", "Cédula profesional").width("w-10").mode("numeric")),
                field(Field::text("institucion_titulo", "Institución que expidió el título")),
            ],
            specialty: vec![
                field(Field::text("especialidad", "Especialidad").optional()),
                field(
                    Field::text("cedula_especialidad", "Cédula de especialidad")
                        .width("w-10")
                        .mode("numeric")
                        .help("Si escribió una especialidad"),
                ),
            ],
            certificate: certificate_fields(posted, errors),
            account: vec![
                field(
                    Field::text("usuario", "Usuario")
                        .width("w-18")
                        .autocomplete("username")
                        .help("De 3 a 40 letras minúsculas o números, sin espacios ni acentos"),
                ),
                field(
                    Field::password("contrasena", "Contraseña", "new-password")
                        .help("10 caracteres o más; una frase es más fácil de recordar"),
                ),
                field(Field::password("contrasena_otra", "Contraseña otra vez", "new-password")),
            ],
            same_person: Check::new("misma_persona", "Soy la misma persona: también administro", same_person)
                .help("Si la deja marcada no necesita llenar lo que sigue"),
            administrator: vec![
                field(Field::text("usuario_admin", "Usuario de administración").width("w-18")),
                field(Field::password("contrasena_admin", "Contraseña de administración", "new-password")),
                field(Field::password("contrasena_admin_otra", "Contraseña otra vez", "new-password")),
            ],
        }
    }
}

/// Sign in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    user: Field,
    password: Field,
    message: Option<String>,
    establishment: String,
    back: String,
    kept: Vec<(String, String)>,
}

impl SignInPage {
    /// The page for a fresh sign-in. `back` is where to go afterwards.
    #[must_use]
    pub fn new(establishment: &str, user: &str, back: &str, message: Option<String>) -> Self {
        let field = Field::text("usuario", "Usuario").autocomplete("username").width("w-30").value(user);
        Self {
            user: if user.is_empty() { field.focused() } else { field },
            password: Field::password("contrasena", "Contraseña", "current-password"),
            message,
            establishment: establishment.to_owned(),
            back: back.to_owned(),
            kept: Vec::new(),
        }
    }

    /// The session ended while a form was being sent: its fields travel along.
    #[must_use]
    pub fn resuming(mut self, kept: &Posted) -> Self {
        self.kept = kept.0.iter().filter(|(name, _)| !name.starts_with('_')).cloned().collect();
        self
    }

    fn fields(&self) -> String {
        serde_json::to_string(&self.kept).unwrap_or_default()
    }
}

/// After signing in again: what was typed, and one button that sends it.
#[derive(Template)]
#[template(path = "resume.html")]
pub struct ResumePage {
    /// Where the form was going.
    pub action: String,
    /// Secret of the new session.
    pub token: String,
    /// The fields.
    pub fields: Vec<(String, String)>,
}

impl ResumePage {
    /// What the person recognises: the longest text they typed.
    fn typed(&self) -> Option<&str> {
        let longest = self.fields.iter().map(|(_, value)| value.as_str()).max_by_key(|value| value.len());
        longest.filter(|value| value.chars().count() > 12)
    }
}
