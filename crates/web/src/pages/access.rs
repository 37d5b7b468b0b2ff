//! First start, signing in and out.

use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use care::setup::{AccountForm, EstablishmentForm, PractitionerForm, SetupForm};
use care::{CareError, Permission};
use serde::Deserialize;

use super::{Answer, render, see};
use crate::App;
use crate::outcome::Outcome;
use crate::session::{self, Form, SignedIn};
use crate::views::access::{ResumePage, SetupPage, SignInPage};
use crate::views::form::Posted;

/// `GET /`: where this person works.
pub(crate) async fn home(State(app): State<App>, request: Request) -> Answer {
    if app.care.needs_setup().await? {
        return Ok(see("/primer-inicio"));
    }
    let (mut parts, _) = request.into_parts();
    let Ok(signed) = SignedIn::from_request_parts(&mut parts, &app).await else { return Ok(see("/entrar")) };
    let sees_agenda = signed.actor.may(Permission::SeeAgenda);
    Ok(see(if sees_agenda { "/hoy" } else { "/bitacora" }))
}

/// `GET /salud`: whether pages and database answer, for a balancer.
pub(crate) async fn health(State(app): State<App>) -> Answer {
    app.care.ready().await?;
    Ok((StatusCode::OK, "ok").into_response())
}

/// `GET /primer-inicio`.
pub(crate) async fn setup(State(app): State<App>) -> Answer {
    if !app.care.needs_setup().await? {
        return Ok(see("/entrar"));
    }
    Ok(render(&SetupPage::new(&Posted::default().with("tipo", "Consultorio"), &[], true))?)
}

/// `POST /primer-inicio`. Nobody can be signed in yet; it works once.
pub(crate) async fn set_up(
    State(app): State<App>,
    axum::extract::ConnectInfo(peer): axum::extract::ConnectInfo<std::net::SocketAddr>,
    axum::Form(fields): axum::Form<Vec<(String, String)>>,
) -> Answer {
    let posted = Posted(fields);
    match app.care.set_up(&setup_form(&posted), &peer.ip().to_string()).await {
        Ok(()) => Ok(see("/entrar")),
        Err(CareError::Invalid(errors)) => {
            let page = SetupPage::new(&posted, &errors, posted.ticked("misma_persona"));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response())
        }
        Err(CareError::Finished { .. }) => Ok(see("/entrar")),
        Err(error) => Err(Outcome::with_form(error, "/primer-inicio", &posted)),
    }
}

fn setup_form(posted: &Posted) -> SetupForm {
    let text = |name: &str| posted.get(name).to_owned();
    let account = |user: &str, password: &str, again: &str| AccountForm {
        username: text(user),
        password: text(password),
        password_again: text(again),
        display_name: String::new(),
    };
    SetupForm {
        establishment: EstablishmentForm {
            kind: text("tipo"),
            name: text("nombre_establecimiento"),
            address: text("domicilio"),
            institution: text("institucion"),
            owner: text("razon_social"),
            phone: text("telefono"),
            clues: text("clues"),
            time_zone: text("zona_horaria"),
        },
        practitioner: PractitionerForm {
            title: text("titulo"),
            given: text("nombre"),
            first_surname: text("primer_apellido"),
            second_surname: text("segundo_apellido"),
            license: text("cedula"),
            degree_institution: text("institucion_titulo"),
            specialty: text("especialidad"),
            specialty_license: text("cedula_especialidad"),
            trainee: String::new(),
        },
        physician: account("usuario", "contrasena", "contrasena_otra"),
        administrator: (!posted.ticked("misma_persona"))
            .then(|| account("usuario_admin", "contrasena_admin", "contrasena_admin_otra")),
    }
}

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    volver: String,
}

/// A path of ours, or the start: an address from outside is not followed.
fn own_path(path: &str) -> &str {
    let own =
        path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.contains('\n');
    if own { path } else { "/" }
}

/// `GET /entrar`.
pub(crate) async fn sign_in_page(State(app): State<App>, Query(back): Query<Back>) -> Answer {
    let Some(establishment) = app.care.establishment().await? else { return Ok(see("/primer-inicio")) };
    Ok(render(&SignInPage::new(&establishment.name, "", own_path(&back.volver), None))?)
}

/// `POST /entrar`: a session, and back to where the person was, with what they were sending.
pub(crate) async fn sign_in(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let origin = session::origin(&parts);
    let read = axum::Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts, body), &()).await;
    let Ok(axum::Form(fields)) = read else {
        return Outcome::from(CareError::invalid(
            "usuario",
            "El formulario llegó incompleto. Vuelva a enviarlo",
        ))
        .into_response();
    };
    let posted = Posted(fields);
    signed_in(&app, &posted, &origin).await.unwrap_or_else(IntoResponse::into_response)
}

use axum::extract::FromRequest;

async fn signed_in(app: &App, posted: &Posted, origin: &str) -> Answer {
    let back = own_path(posted.get("_volver"));
    let kept: Vec<(String, String)> = serde_json::from_str(posted.get("_campos")).unwrap_or_default();
    let token =
        match app.care.sign_in(posted.get("usuario"), posted.get("contrasena").to_owned(), origin).await {
            Ok(token) => token,
            Err(error @ (CareError::WrongPassword | CareError::LockedOut { .. })) => {
                let name = app.care.establishment().await?.map(|e| e.name).unwrap_or_default();
                let page = SignInPage::new(&name, posted.get("usuario"), back, Some(error.to_string()));
                let page = page.resuming(&Posted(kept));
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)?).into_response());
            }
            Err(error) => return Err(error.into()),
        };
    let cookie = [(header::SET_COOKIE, session::cookie(&token))];
    if kept.is_empty() {
        return Ok((cookie, see(if back.is_empty() { "/" } else { back })).into_response());
    }
    let actor = app.care.actor(&token, origin).await?;
    let page = ResumePage { action: back.to_owned(), token: actor.csrf, fields: kept };
    Ok((cookie, render(&page)?).into_response())
}

/// `POST /salir`.
pub(crate) async fn sign_out(State(app): State<App>, headers: axum::http::HeaderMap, form: Form) -> Answer {
    if let Some(token) = session::token(&headers) {
        app.care.sign_out(&token, &form.actor).await?;
    }
    // The browser forgets what it kept of the pages, too.
    let clear = [
        (header::SET_COOKIE, session::no_cookie()),
        (header::HeaderName::from_static("clear-site-data"), "\"cache\"".to_owned()),
    ];
    Ok((clear, see("/entrar")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_from_outside_is_not_followed() {
        assert_eq!(own_path("/consultas/1?x=2"), "/consultas/1?x=2");
        for path in ["//evil.example", "https://evil.example", "/\\evil.example", ""] {
            assert_eq!(own_path(path), "/", "{path}");
        }
    }
}
