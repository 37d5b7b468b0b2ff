//! Mi cuenta: second factor, recovery codes, sessions, whose e.firma it signs with, password.

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use care::error::FieldError;
use care::factors::{AppSetup, Enrolled};
use care::passkey::Site;
use care::{Actor, CareError};
use clinical::digest::Digest;
use jiff::tz::TimeZone;

use super::{Answer, ListQuery, notice, render, see, shell, to_correct, to_mend};
use crate::outcome::Outcome;
use crate::session::{self, Form, SignedIn};
use crate::views::accounts::{AppSetupView, FactorView, OwnAccountPage, RecoveryCodesPage, SessionView};
use crate::views::form::{ErrorSummary, Field, Posted};
use crate::views::shell::Place;
use crate::{App, format, qr};

/// What an app reads, as a picture and to type.
pub(super) fn setup_view(setup: &AppSetup) -> AppSetupView {
    AppSetupView {
        picture: qr::svg(&setup.address, "Código para la aplicación").unwrap_or_default(),
        secret: setup.secret.clone(),
    }
}

/// The field for a code of six digits.
pub(super) fn code_field(posted: &Posted, errors: &[FieldError]) -> Field {
    Field::text("codigo", "Código")
        .width("w-10")
        .mode("numeric")
        .autocomplete("one-time-code")
        .from(posted, errors)
}

/// The site of a request, for passkeys.
pub(crate) struct At(Option<Site>);

impl FromRequestParts<App> for At {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(session::site(&parts.uri, &parts.headers)))
    }
}

/// What was wrong, and with which form.
#[derive(Default)]
struct Wrong {
    posted: Posted,
    errors: Vec<FieldError>,
    /// The form it was: "factor", "app", "llave", "codigos", "efirma", "contrasena", or the id of a factor.
    at: String,
}

impl Wrong {
    /// A field of a form of the page, with its errors when it was this form.
    fn field(&self, at: &str, field: Field) -> Field {
        if self.at == at { field.from(&self.posted, &self.errors) } else { field }
    }
}

/// What is being set up.
enum Setting {
    Nothing,
    App,
    /// What the browser is asked to make a passkey with.
    Passkey(String),
}

async fn page(
    app: &App,
    actor: &Actor,
    site: Option<&Site>,
    wrong: &Wrong,
    setting: Setting,
) -> Result<OwnAccountPage, Outcome> {
    let zone = app.care.establishment().await?.map(|establishment| establishment.time_zone);
    let zone = care::zone(zone.as_deref().unwrap_or(care::DEFAULT_ZONE));
    let own = app.care.own_factors(actor).await?;
    let efirma = app.care.own_efirma(actor).await?;
    let efirma_ends = efirma_ends(app, actor, &zone).await?;
    let (setup, passkey) = match setting {
        Setting::Nothing => (None, None),
        Setting::App => (Some(app.care.app_setup(actor).await?), None),
        Setting::Passkey(options) => (None, Some(options)),
    };
    let password = |id: &str| Field::password("contrasena", "Su contraseña", "current-password").id(id);
    let today = format::day(app.care.now(), &zone);
    let factors = own.factors.iter().map(|factor| {
        let id = factor.id.to_string();
        let used = factor.last_used.map(|at| format!(", usada {}", format::day_and_time(at, &zone, today)));
        FactorView {
            name: factor.name.clone(),
            about: format!(
                "{}, desde el {}{}",
                if factor.passkey { "Llave de acceso" } else { "Aplicación de códigos" },
                format::long_date(format::day(factor.since, &zone)),
                used.unwrap_or_default()
            ),
            password: wrong.field(&id, password(&format!("quitar-{id}"))),
            id,
        }
    });
    let factors = factors.collect();
    let new_password = |name, label| wrong.field("contrasena", Field::password(name, label, "new-password"));
    Ok(OwnAccountPage {
        shell: shell(actor, Place::Elsewhere),
        errors: ErrorSummary::new(&wrong.errors),
        username: actor.username.clone(),
        factors,
        codes_left: own.codes_left,
        codes_password: wrong.field("codigos", password("codigos-contrasena")),
        new_factor: vec![
            wrong.field("factor", Field::text("nombre", "Nombre").help("Por ejemplo: Teléfono").max(60)),
            wrong.field("factor", password("factor-contrasena")),
        ],
        setup: setup.map(|setup| (setup_view(&setup), code_field(&wrong.posted, &wrong.errors))),
        passkey,
        new_passkey: match site {
            None => Vec::new(),
            Some(_) => vec![
                wrong.field(
                    "llave",
                    Field::text("nombre", "Nombre")
                        .id("llave-nombre")
                        .help("Por ejemplo: Esta computadora")
                        .max(60),
                ),
                wrong.field("llave", password("llave-contrasena")),
            ],
        },
        sessions: sessions(app, actor, &zone).await?,
        efirma_ends,
        efirma: efirma.map(|own| (own.rfc, own.curp, wrong.field("efirma", password("efirma-contrasena")))),
        new_password: vec![
            wrong.field("contrasena", password("contrasena-actual")),
            new_password("contrasena_nueva", "Contraseña nueva").help("10 caracteres o más"),
            new_password("contrasena_otra", "Contraseña nueva otra vez"),
        ],
        opened: ["factor", "llave", "codigos", "efirma", "contrasena"]
            .into_iter()
            .find(|at| *at == wrong.at)
            .unwrap_or(""),
    })
}

/// That the certificate somebody signs with ends soon or has ended, and what to do, in words.
pub(super) async fn efirma_ends(
    app: &App,
    actor: &Actor,
    zone: &TimeZone,
) -> Result<Option<String>, CareError> {
    let ends = app.care.own_efirma_ends(actor).await?;
    Ok(ends.map(|end| {
        let day = format::long_date(format::day(end.at, zone));
        if end.past {
            format!("El certificado de e.firma con el que firmó la última vez venció el {day}: con él ya no puede firmar. Renuévelo en el SAT; si ya lo renovó, firme con el nuevo.")
        } else {
            format!("El certificado de e.firma con el que firmó la última vez vence el {day}. Renuévelo antes en el SAT para poder seguir firmando; si ya lo renovó, firme con el nuevo.")
        }
    }))
}

async fn sessions(app: &App, actor: &Actor, zone: &TimeZone) -> Result<Vec<SessionView>, CareError> {
    let today = format::day(app.care.now(), zone);
    let found = app.care.sessions(actor).await?;
    Ok(found
        .into_iter()
        .map(|session| SessionView {
            id: session.id.to_string(),
            browser: if session.browser.is_empty() { "Otro programa".to_owned() } else { session.browser },
            about: format!(
                "Desde {}, abierta {}, usada {}",
                session.origin,
                format::day_and_time(session.since, zone, today),
                format::day_and_time(session.last_seen, zone, today)
            ),
            own: session.own,
        })
        .collect())
}

/// `GET /cuenta`.
pub(crate) async fn own(
    State(app): State<App>,
    user: SignedIn,
    At(site): At,
    Query(query): Query<ListQuery>,
) -> Answer {
    let mut page = page(&app, &user.actor, site.as_ref(), &Wrong::default(), Setting::Nothing).await?;
    page.shell.notice = notice(&query.aviso);
    Ok(render(&page)?)
}

async fn again(app: &App, form: &Form, site: Option<&Site>, at: &str, error: CareError) -> Answer {
    let errors = to_mend(error).map_err(|error| form.failed(error))?;
    let wrong = Wrong { posted: form.posted.clone(), errors, at: at.to_owned() };
    let setting = if at == "app" { Setting::App } else { Setting::Nothing };
    let page = page(app, &form.actor, site, &wrong, setting).await?;
    to_correct(&page)
}

/// `POST /cuenta/factores`: the password again, then what the app reads.
pub(crate) async fn begin_app(State(app): State<App>, At(site): At, form: Form) -> Answer {
    let password = form.posted.get("contrasena").to_owned();
    match app.care.begin_app(&form.actor, form.posted.get("nombre"), password).await {
        Ok(_) => Ok(render(&page(&app, &form.actor, site.as_ref(), &Wrong::default(), Setting::App).await?)?),
        Err(error) => again(&app, &form, site.as_ref(), "factor", error).await,
    }
}

/// `POST /cuenta/factores/confirmar`.
pub(crate) async fn confirm_app(State(app): State<App>, At(site): At, form: Form) -> Answer {
    match app.care.confirm_app(&form.actor, form.posted.get("codigo")).await {
        Ok(Enrolled { codes }) if codes.is_empty() => Ok(see("/cuenta?aviso=factor")),
        Ok(Enrolled { codes }) => codes_page(&form.actor, codes),
        Err(error @ CareError::Invalid(_)) => again(&app, &form, site.as_ref(), "app", error).await,
        Err(error) => Err(form.failed(error)),
    }
}

fn codes_page(actor: &Actor, codes: Vec<String>) -> Answer {
    let next = "/cuenta?aviso=factor".to_owned();
    Ok(render(&RecoveryCodesPage { codes, next, token: actor.csrf.clone(), fields: Vec::new() })?)
}

/// `POST /cuenta/codigos`.
pub(crate) async fn renew_codes(State(app): State<App>, At(site): At, form: Form) -> Answer {
    match app.care.renew_codes(&form.actor, form.posted.get("contrasena").to_owned()).await {
        Ok(Enrolled { codes }) => codes_page(&form.actor, codes),
        Err(error) => again(&app, &form, site.as_ref(), "codigos", error).await,
    }
}

/// `POST /cuenta/factores/{factor}/quitar`.
pub(crate) async fn remove_factor(
    State(app): State<App>,
    Path(factor): Path<String>,
    At(site): At,
    form: Form,
) -> Answer {
    let id = factor.parse().map_err(|_| Outcome::not_found("ese segundo factor"))?;
    match app.care.remove_factor(&form.actor, id, form.posted.get("contrasena").to_owned()).await {
        Ok(()) => Ok(see("/cuenta?aviso=factor-fin")),
        Err(error) => again(&app, &form, site.as_ref(), &factor, error).await,
    }
}

/// `POST /cuenta/llaves`: the password again, then what the browser is asked.
pub(crate) async fn begin_passkey(State(app): State<App>, At(site): At, form: Form) -> Answer {
    let here = site.as_ref().ok_or_else(|| Outcome::not_found("una llave de acceso para este servidor"))?;
    let password = form.posted.get("contrasena").to_owned();
    match app.care.begin_passkey(&form.actor, form.posted.get("nombre"), password, here).await {
        Ok(options) => {
            let setting = Setting::Passkey(options);
            Ok(render(&page(&app, &form.actor, Some(here), &Wrong::default(), setting).await?)?)
        }
        Err(error) => again(&app, &form, Some(here), "llave", error).await,
    }
}

/// `POST /cuenta/llaves/confirmar`: what the browser made.
pub(crate) async fn confirm_passkey(State(app): State<App>, At(site): At, form: Form) -> Answer {
    let here = site.as_ref().ok_or_else(|| Outcome::not_found("una llave de acceso para este servidor"))?;
    match app.care.confirm_passkey(&form.actor, form.posted.get("respuesta"), here).await {
        Ok(Enrolled { codes }) if codes.is_empty() => Ok(see("/cuenta?aviso=factor")),
        Ok(Enrolled { codes }) => codes_page(&form.actor, codes),
        Err(error) => again(&app, &form, Some(here), "llave", error).await,
    }
}

/// `POST /cuenta/efirma/quitar`.
pub(crate) async fn forget_efirma(State(app): State<App>, At(site): At, form: Form) -> Answer {
    match app.care.forget_own_efirma(&form.actor, form.posted.get("contrasena").to_owned()).await {
        Ok(()) => Ok(see("/cuenta?aviso=efirma-fin")),
        Err(error) => again(&app, &form, site.as_ref(), "efirma", error).await,
    }
}

/// `POST /cuenta/sesiones/cerrar`: one, or all the others.
pub(crate) async fn close_sessions(State(app): State<App>, form: Form) -> Answer {
    let only: Option<Digest> = match form.posted.filled("sesion") {
        Some(id) => Some(id.parse().map_err(|_| Outcome::not_found("esa sesión"))?),
        None => None,
    };
    app.care.close_sessions(&form.actor, only).await.map_err(|error| form.failed(error))?;
    Ok(see("/cuenta?aviso=sesiones#sesiones"))
}

/// `POST /cuenta/contrasena`.
pub(crate) async fn change_password(State(app): State<App>, At(site): At, form: Form) -> Answer {
    let text = |name: &str| form.posted.get(name).to_owned();
    let changed = app
        .care
        .change_own_password(
            &form.actor,
            text("contrasena"),
            text("contrasena_nueva"),
            form.posted.get("contrasena_otra"),
        )
        .await;
    match changed {
        Ok(()) => Ok(see("/cuenta?aviso=contrasena")),
        Err(error) => again(&app, &form, site.as_ref(), "contrasena", error).await,
    }
}
