//! Signing in, in one step or several. What was being sent when a session ended travels through all of them.

use axum::extract::{FromRequest, Query, Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use care::CareError;
use care::error::FieldError;
use care::factors::Enrolled;
use care::passkey::Site;
use care::session::{Client, StepToken};
use care::sign_in::{ATTEMPTS, LOCKED, SignIn, Stage, Step};
use serde::Deserialize;

use super::own_account::{code_field, setup_view};
use super::{Answer, render, see, to_correct};
use crate::App;
use crate::outcome::Outcome;
use crate::session;
use crate::views::access::{ResumePage, SignInPage};
use crate::views::accounts::{RecoveryCodesPage, StageView, StepPage};
use crate::views::form::{ErrorSummary, Field, Posted};

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    volver: String,
}

/// A path of ours, or the start: an address from outside is not followed. Browsers drop tabs and line ends, so that
/// what stands around one may be such an address.
fn own_path(path: &str) -> &str {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|c: char| c == '\\' || c.is_control());
    if own { path } else { "/" }
}

/// `GET /entrar`.
pub(crate) async fn sign_in_page(State(app): State<App>, Query(back): Query<Back>) -> Answer {
    let Some(establishment) = app.care.establishment().await? else { return Ok(see("/primer-inicio")) };
    Ok(render(&SignInPage::new(&establishment.name, "", own_path(&back.volver), None))?)
}

/// A form of the sign-in: nobody is signed in yet.
pub(crate) struct SignInForm {
    headers: HeaderMap,
    client: Client,
    site: Option<Site>,
    posted: Posted,
}

impl FromRequest<App> for SignInForm {
    type Rejection = Response;

    async fn from_request(request: Request, _: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let (headers, client) = (parts.headers.clone(), session::client(&parts));
        let site = session::site(&parts.uri, &headers);
        let read = axum::Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), &());
        let Ok(axum::Form(fields)) = read.await else {
            let message = "El formulario llegó incompleto. Vuelva a enviarlo";
            return Err(Outcome::from(CareError::invalid("usuario", message)).into_response());
        };
        Ok(Self { headers, client, site, posted: Posted::received(fields) })
    }
}

impl SignInForm {
    fn back(&self) -> &str {
        own_path(self.posted.get("_volver"))
    }

    fn kept(&self) -> Vec<(String, String)> {
        serde_json::from_str(self.posted.get("_campos")).unwrap_or_default()
    }

    /// The unfinished sign-in of this browser, when the form is of it.
    async fn step(&self, app: &App) -> Result<(StepToken, Step), Outcome> {
        let token = session::step_token(&self.headers).ok_or(CareError::SignedOut)?;
        let step = app.care.step(&token).await?;
        if step.csrf != self.posted.get("_token") {
            return Err(CareError::SignedOut.into());
        }
        Ok((token, step))
    }
}

/// `POST /entrar`: a session, the next step, or once more.
pub(crate) async fn sign_in(State(app): State<App>, form: SignInForm) -> Answer {
    let secret = form.posted.get("contrasena").to_owned();
    match app.care.sign_in(form.posted.get("usuario"), secret, &form.client).await {
        Ok(done) => go_on(&app, &form, done).await,
        Err(error @ CareError::WrongPassword) => {
            let name = app.care.establishment().await?.map(|e| e.name).unwrap_or_default();
            let minutes = LOCKED.as_mins();
            let said =
                format!("{error}. Después de {ATTEMPTS} intentos fallidos hay que esperar {minutes} minutos");
            let page = SignInPage::new(&name, form.posted.get("usuario"), form.back(), Some(said));
            let page = page.resuming(&Posted(form.kept()));
            to_correct(&page)
        }
        Err(error) => Err(error.into()),
    }
}

/// On to the session, with what was being sent, or to the next step.
async fn go_on(app: &App, form: &SignInForm, done: SignIn) -> Answer {
    let token = match done {
        SignIn::Step(token) => {
            let cookie = [(header::SET_COOKIE, session::step_cookie(&token))];
            let site = form.site.as_ref();
            let page =
                step_page(app, &token, site, form.back(), form.kept(), &Posted::default(), &[]).await?;
            return Ok((cookie, render(&page)?).into_response());
        }
        SignIn::Complete { token, factors_reset } => {
            if factors_reset && form.kept().is_empty() {
                let next = see("/cuenta?aviso=factores-quitados");
                return Ok((AppendHeaders(session::signed_in_cookies(&token)), next).into_response());
            }
            token
        }
    };
    let cookies = AppendHeaders(session::signed_in_cookies(&token));
    let (kept, back) = (form.kept(), form.back());
    if kept.is_empty() {
        return Ok((cookies, see(back)).into_response());
    }
    let actor = app.care.actor(&token, &form.client.origin).await?;
    let page = ResumePage { action: back.to_owned(), token: actor.csrf, fields: kept };
    Ok((cookies, render(&page)?).into_response())
}

async fn step_page(
    app: &App,
    token: &StepToken,
    site: Option<&Site>,
    back: &str,
    kept: Vec<(String, String)>,
    posted: &Posted,
    errors: &[FieldError],
) -> Result<StepPage, Outcome> {
    let step = app.care.step(token).await?;
    let password = |name, label| Field::password(name, label, "new-password").from(posted, errors);
    let stage = match step.stage {
        Stage::Factor => StageView::Factor {
            code: code_field(posted, errors).focused(),
            passkey: match site {
                Some(site) => app.care.step_passkey(token, site).await?,
                None => None,
            },
        },
        Stage::Password => StageView::Password(vec![
            password("contrasena_nueva", "Contraseña nueva")
                .help("10 caracteres o más; una frase es más fácil de recordar"),
            password("contrasena_otra", "Contraseña nueva otra vez"),
        ]),
        Stage::Enrol => StageView::Enrol {
            setup: setup_view(&app.care.step_setup(token).await?),
            code: code_field(posted, errors),
        },
    };
    let (name, csrf, back) = (step.name, step.csrf, back.to_owned());
    Ok(StepPage { errors: ErrorSummary::new(errors), name, csrf, back, kept, stage })
}

async fn step_again(app: &App, form: &SignInForm, token: &StepToken, error: CareError) -> Answer {
    match error {
        CareError::Invalid(errors) => {
            let site = form.site.as_ref();
            let page = step_page(app, token, site, form.back(), form.kept(), &form.posted, &errors).await?;
            to_correct(&page)
        }
        error => Err(error.into()),
    }
}

/// `GET /entrar/paso`: what an unfinished sign-in asks, once more.
pub(crate) async fn step(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
    Query(back): Query<Back>,
) -> Answer {
    let Some(token) = session::step_token(&headers) else { return Ok(see("/entrar")) };
    let (site, back) = (session::site(&uri, &headers), own_path(&back.volver));
    let page = step_page(&app, &token, site.as_ref(), back, Vec::new(), &Posted::default(), &[]).await?;
    Ok(render(&page)?)
}

/// `POST /entrar/codigo`.
pub(crate) async fn prove(State(app): State<App>, form: SignInForm) -> Answer {
    let (token, _) = form.step(&app).await?;
    match app.care.prove(&token, form.posted.get("codigo"), &form.client).await {
        Ok(done) => go_on(&app, &form, done).await,
        Err(error) => step_again(&app, &form, &token, error).await,
    }
}

/// `POST /entrar/llave`: the answer of a passkey.
pub(crate) async fn prove_passkey(State(app): State<App>, form: SignInForm) -> Answer {
    let (token, _) = form.step(&app).await?;
    let site = form.site.as_ref().ok_or_else(|| Outcome::not_found("esa llave de acceso"))?;
    match app.care.prove_passkey(&token, form.posted.get("respuesta"), site, &form.client).await {
        Ok(done) => go_on(&app, &form, done).await,
        Err(error) => step_again(&app, &form, &token, error).await,
    }
}

/// `POST /entrar/contrasena`.
pub(crate) async fn replace_password(State(app): State<App>, form: SignInForm) -> Answer {
    let (token, _) = form.step(&app).await?;
    let new = form.posted.get("contrasena_nueva").to_owned();
    let again = form.posted.get("contrasena_otra");
    match app.care.replace_provisional(&token, new, again, &form.client).await {
        Ok(done) => go_on(&app, &form, done).await,
        Err(error) => step_again(&app, &form, &token, error).await,
    }
}

/// `POST /entrar/configurar`: the first code of the app, then the recovery codes, once.
pub(crate) async fn enrol(State(app): State<App>, form: SignInForm) -> Answer {
    let (token, _) = form.step(&app).await?;
    match app.care.enrol_step(&token, form.posted.get("codigo"), &form.client).await {
        Ok((Enrolled { codes }, SignIn::Complete { token, .. })) if !codes.is_empty() => {
            let actor = app.care.actor(&token, &form.client.origin).await?;
            let (next, fields) = (form.back().to_owned(), form.kept());
            let page = RecoveryCodesPage { codes, next, token: actor.csrf, fields };
            Ok((AppendHeaders(session::signed_in_cookies(&token)), render(&page)?).into_response())
        }
        Ok((_, done)) => go_on(&app, &form, done).await,
        Err(error) => step_again(&app, &form, &token, error).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_from_outside_is_not_followed() {
        assert_eq!(own_path("/consultas/1?x=2"), "/consultas/1?x=2");
        for path in ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", ""] {
            assert_eq!(own_path(path), "/", "{path}");
        }
    }
}
