//! Cuentas: those of the practice, for its administration, and the rules everybody signs in by.

use axum::extract::{Path, Query, State};
use care::accounts::{AccountChange, AccountLine};
use care::error::FieldError;
use care::policy::{AccessPolicy, PolicyForm};
use care::setup::{AccountForm, PractitionerForm};
use care::{Actor, CareError, Permission, Role};
use clinical::ids::UserId;
use clinical::practitioner::{Practitioner, Trainee};

use super::{Answer, ListQuery, notice, practitioner_form, render, see, shell, to_correct};
use crate::App;
use crate::outcome::Outcome;
use crate::session::{Form, SignedIn};
use crate::ui::count;
use crate::views::access::certificate_fields;
use crate::views::accounts::{AccessPolicyPage, AccountMore, AccountPage, AccountRow, AccountsPage};
use crate::views::form::{Check, Choice, ErrorSummary, Field, Posted};
use crate::views::shell::Place;

/// The roles ticked in a form.
fn ticked(posted: &Posted) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| posted.ticked(role.code())).collect()
}

fn role_checks(chosen: &[Role]) -> Vec<Check> {
    let check = |role: Role| Check::new(role.code(), role.label(), chosen.contains(&role));
    Role::ALL.into_iter().map(check).collect()
}

fn words(roles: &[Role]) -> String {
    roles.iter().map(|role| role.label()).collect::<Vec<_>>().join(", ")
}

/// `GET /cuentas`.
pub(crate) async fn list(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let now = app.care.now();
    let rows = app.care.accounts(&user.actor).await?.into_iter().map(|line| AccountRow {
        id: line.user.id.to_string(),
        roles: words(&line.roles),
        factor: if line.factors == 0 { "Sin segundo factor" } else { "Con segundo factor" },
        state: match &line.user {
            user if !user.active => "Desactivada",
            user if user.locked_until.is_some_and(|until| until > now) => "Bloqueada por intentos",
            user if user.provisional => "Contraseña provisional",
            _ => "Activa",
        },
        name: line.user.display_name,
        username: line.user.username,
    });
    let mut shell = shell(&user.actor, Place::Accounts);
    shell.notice = notice(&query.aviso);
    Ok(render(&AccountsPage { shell, rows: rows.collect() })?)
}

fn professional(posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let field = |field: Field| field.from(posted, errors);
    let mut fields = vec![
        field(Field::text("titulo", "Título").width("w-10").help("Dra., Dr. o nada").optional()),
        field(Field::text("nombre", "Nombre")),
        field(Field::text("primer_apellido", "Primer apellido")),
        field(Field::text("segundo_apellido", "Segundo apellido").optional()),
        field(Field::text("cedula", "Cédula profesional").width("w-10").mode("numeric")),
        field(Field::text("institucion_titulo", "Institución que expidió el título")),
        field(Field::text("especialidad", "Especialidad").optional()),
        field(
            Field::text("cedula_especialidad", "Cédula de especialidad")
                .width("w-10")
                .mode("numeric")
                .optional(),
        ),
    ];
    fields.extend(certificate_fields(posted, errors));
    fields
}

/// The fields of the professional.
const PROFESSIONAL: [&str; 12] = [
    "formacion",
    "titulo",
    "nombre",
    "primer_apellido",
    "segundo_apellido",
    "cedula",
    "institucion_titulo",
    "especialidad",
    "cedula_especialidad",
    "certificado",
    "consejo",
    "certificado_hasta",
];

/// Whether something of the professional is to be corrected.
fn of_professional(errors: &[FieldError]) -> bool {
    errors.iter().any(|error| PROFESSIONAL.contains(&error.field))
}

/// Whether the person is in training, and how.
fn training(posted: &Posted, errors: &[FieldError]) -> Choice {
    let mut options = vec![(String::new(), "No, es profesional".to_owned())];
    let all = Trainee::ALL.iter();
    options.extend(all.map(|trainee| (trainee.code().to_owned(), trainee.label().to_owned())));
    Choice::new("formacion", "¿Está en formación?", options).from(posted, errors)
}

/// The professional of the form; `None` when nothing of it was filled in.
fn professional_form(posted: &Posted) -> Option<PractitionerForm> {
    PROFESSIONAL.iter().any(|name| posted.filled(name).is_some()).then(|| practitioner_form(posted))
}

fn provisional(first: &'static str, posted: &Posted, errors: &[FieldError]) -> Vec<Field> {
    let field = |name, label| Field::password(name, label, "new-password").from(posted, errors);
    vec![
        field(first, "Contraseña provisional").help("10 caracteres o más. Désela en persona"),
        field("contrasena_otra", "Contraseña provisional otra vez"),
    ]
}

fn role_error(errors: &[FieldError]) -> Option<String> {
    errors.iter().find(|error| error.field == "rol").map(|error| error.message.clone())
}

fn new_page(actor: &Actor, posted: &Posted, errors: &[FieldError]) -> AccountPage {
    AccountPage {
        shell: shell(actor, Place::Accounts),
        errors: ErrorSummary::new(errors),
        heading: "Nueva cuenta".to_owned(),
        about: String::new(),
        action: "/cuentas/nueva".to_owned(),
        fields: vec![
            Field::text("usuario", "Usuario")
                .width("w-18")
                .help("De 3 a 40 letras minúsculas o números, sin espacios ni acentos")
                .from(posted, errors),
            Field::text("nombre_pantalla", "Nombre que se muestra")
                .help("Vacío: el del profesional")
                .optional()
                .from(posted, errors),
        ],
        roles: role_checks(&ticked(posted)),
        role_error: role_error(errors),
        active: None,
        training: training(posted, errors),
        professional: professional(posted, errors),
        professional_open: professional_form(posted).is_some() || of_professional(errors),
        password: provisional("contrasena", posted, errors),
        button: "Crear cuenta",
        more: None,
    }
}

/// `GET /cuentas/nueva`.
pub(crate) async fn new_form(State(app): State<App>, user: SignedIn) -> Answer {
    app.care.allow(&user.actor, Permission::Administer).await?;
    Ok(render(&new_page(&user.actor, &Posted::default(), &[]))?)
}

/// `POST /cuentas/nueva`.
pub(crate) async fn add(State(app): State<App>, form: Form) -> Answer {
    let posted = &form.posted;
    let account = AccountForm {
        username: posted.get("usuario").to_owned(),
        password: posted.get("contrasena").to_owned(),
        password_again: posted.get("contrasena_otra").to_owned(),
        display_name: posted.get("nombre_pantalla").to_owned(),
        provisional: true,
    };
    let professional = professional_form(posted);
    match app.care.add_user(&form.actor, &account, &ticked(posted), professional.as_ref()).await {
        Ok(id) => Ok(see(&format!("/cuentas/{id}?aviso=cuenta-nueva"))),
        Err(CareError::Invalid(errors)) => {
            let page = new_page(&form.actor, posted, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

fn edit_page(
    actor: &Actor,
    line: &AccountLine,
    posted: &Posted,
    errors: &[FieldError],
    password_open: bool,
) -> AccountPage {
    let user = &line.user;
    // The form of the password shares no field with the one above it.
    let (above, below): (&[FieldError], &[FieldError]) =
        if password_open { (&[], errors) } else { (errors, &[]) };
    let own = user.id == actor.user_id;
    AccountPage {
        shell: shell(actor, Place::Accounts),
        errors: ErrorSummary::new(errors),
        heading: user.display_name.clone(),
        about: format!("Usuario {}", user.username),
        action: format!("/cuentas/{}", user.id),
        fields: vec![Field::text("nombre_pantalla", "Nombre que se muestra").from(posted, above)],
        roles: role_checks(&ticked(posted)),
        role_error: role_error(above),
        active: Some(
            Check::new("activa", "Puede entrar", posted.ticked("activa"))
                .help("Sin esta marca sus sesiones terminan enseguida; lo que firmó se conserva"),
        ),
        training: training(posted, above),
        professional: professional(posted, above),
        professional_open: of_professional(above),
        password: Vec::new(),
        button: "Guardar cuenta",
        more: Some(AccountMore {
            password: provisional("contrasena_nueva", &Posted::default(), below),
            password_open,
            factors: match line.factors {
                0 => "No tiene".to_owned(),
                1 => "Tiene uno. Quítelo si lo perdió y tampoco tiene sus códigos".to_owned(),
                n => format!("Tiene {n}. Quítelos si los perdió y tampoco tiene sus códigos"),
            },
            may_reset: line.factors > 0 && !own,
            sessions: match line.sessions {
                0 => "Ninguna abierta".to_owned(),
                n => count(n, "abierta", "abiertas"),
            },
            may_close: line.sessions > 0,
        }),
    }
}

fn posted_from(line: &AccountLine) -> Posted {
    let start = Posted::default()
        .with("nombre_pantalla", &line.user.display_name)
        .with("activa", if line.user.active { "si" } else { "" });
    let start = line.professional.iter().fold(start, with_professional);
    line.roles.iter().fold(start, |posted, role| posted.with(role.code(), "si"))
}

fn with_professional(posted: Posted, one: &Practitioner) -> Posted {
    let specialty = one.specialty.as_ref();
    let certificate = specialty.and_then(|specialty| specialty.certificate.as_ref());
    posted
        .with("titulo", &one.title)
        .with("nombre", one.name.given())
        .with("primer_apellido", one.name.first_surname())
        .with("segundo_apellido", one.name.second_surname().unwrap_or_default())
        .with("cedula", &one.license)
        .with("institucion_titulo", &one.degree_institution)
        .with("especialidad", specialty.map_or("", |specialty| &specialty.name))
        .with("cedula_especialidad", specialty.map(|one| one.license.to_string()).unwrap_or_default())
        .with("certificado", certificate.map_or("", |own| &own.number))
        .with("consejo", certificate.map_or("", |own| &own.council))
        .with("certificado_hasta", certificate.map(|own| own.valid_until.to_string()).unwrap_or_default())
        .with("formacion", one.trainee.map_or("", Trainee::code))
}

fn user_id(text: &str) -> Result<UserId, Outcome> {
    text.parse().map_err(|_| Outcome::not_found("la cuenta"))
}

/// `GET /cuentas/{user}`.
pub(crate) async fn edit(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let line = app.care.account(&user.actor, user_id(&id)?).await?;
    let mut page = edit_page(&user.actor, &line, &posted_from(&line), &[], false);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

async fn edit_again(app: &App, form: &Form, id: UserId, errors: &[FieldError], password: bool) -> Answer {
    let line = app.care.account(&form.actor, id).await?;
    let posted = if password { posted_from(&line) } else { form.posted.clone() };
    let page = edit_page(&form.actor, &line, &posted, errors, password);
    to_correct(&page)
}

/// `POST /cuentas/{user}`.
pub(crate) async fn change(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = user_id(&id)?;
    let change = AccountChange {
        display_name: form.posted.get("nombre_pantalla").to_owned(),
        roles: ticked(&form.posted),
        active: form.posted.ticked("activa"),
        professional: professional_form(&form.posted),
    };
    match app.care.change_account(&form.actor, id, &change).await {
        Ok(()) => Ok(see(&format!("/cuentas/{id}?aviso=cuenta"))),
        Err(CareError::Invalid(errors)) => edit_again(&app, &form, id, &errors, false).await,
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /cuentas/{user}/contrasena`.
pub(crate) async fn set_password(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = user_id(&id)?;
    let new = form.posted.get("contrasena_nueva").to_owned();
    let again = form.posted.get("contrasena_otra");
    match app.care.set_provisional_password(&form.actor, id, new, again).await {
        Ok(()) => Ok(see(&format!("/cuentas/{id}?aviso=provisional"))),
        Err(CareError::Invalid(errors)) => edit_again(&app, &form, id, &errors, true).await,
        Err(error) => Err(form.failed(error)),
    }
}

/// `POST /cuentas/{user}/factores/quitar`.
pub(crate) async fn reset_factors(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = user_id(&id)?;
    app.care.reset_factors(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/cuentas/{id}?aviso=factor-fin")))
}

/// `POST /cuentas/{user}/sesiones/cerrar`.
pub(crate) async fn close_sessions(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = user_id(&id)?;
    app.care.close_sessions_of(&form.actor, id).await.map_err(|error| form.failed(error))?;
    Ok(see(&format!("/cuentas/{id}?aviso=sesiones")))
}

fn policy_page(actor: &Actor, posted: &Posted, roles: &[Role], errors: &[FieldError]) -> AccessPolicyPage {
    let number = |name, label, help| {
        Field::text(name, label).width("w-3").mode("numeric").help(help).from(posted, errors)
    };
    AccessPolicyPage {
        shell: shell(actor, Place::Accounts),
        errors: ErrorSummary::new(errors),
        fields: vec![
            number("minutos", "Minutos sin uso antes de cerrar la sesión", "De 5 a 240"),
            number(
                "sesiones",
                "Sesiones abiertas a la vez por persona",
                "De 1 a 20; al pasar, se cierra la más antigua",
            ),
        ],
        roles: role_checks(roles),
    }
}

/// `GET /cuentas/acceso`.
pub(crate) async fn policy(State(app): State<App>, user: SignedIn, Query(query): Query<ListQuery>) -> Answer {
    let AccessPolicy { idle_minutes, sessions, second_factor } = app.care.access_policy(&user.actor).await?;
    let posted = Posted::default().with("minutos", idle_minutes).with("sesiones", sessions);
    let roles: Vec<Role> = second_factor.iter().filter_map(|code| Role::from_code(code)).collect();
    let mut page = policy_page(&user.actor, &posted, &roles, &[]);
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

/// `POST /cuentas/acceso`.
pub(crate) async fn set_policy(State(app): State<App>, form: Form) -> Answer {
    let wanted = PolicyForm {
        idle_minutes: form.posted.get("minutos").to_owned(),
        sessions: form.posted.get("sesiones").to_owned(),
        second_factor: ticked(&form.posted),
    };
    match app.care.set_access_policy(&form.actor, &wanted).await {
        Ok(()) => Ok(see("/cuentas/acceso?aviso=acceso")),
        Err(CareError::Invalid(errors)) => {
            let page = policy_page(&form.actor, &form.posted, &wanted.second_factor, &errors);
            to_correct(&page)
        }
        Err(error) => Err(form.failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use care::policy::{IDLE_MINUTES, SESSIONS};

    #[test]
    fn the_bounds_on_the_page_are_those_that_are_checked() {
        assert_eq!((IDLE_MINUTES, SESSIONS), ((5, 240), (1, 20)));
    }
}
