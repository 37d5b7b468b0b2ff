//! First start, the way in for each role, signing out.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use care::setup::{AccountForm, EstablishmentForm, PractitionerForm, SetupForm};
use care::{CareError, Permission};

use super::{Answer, practitioner_form, render, see, to_correct};
use crate::App;
use crate::outcome::Outcome;
use crate::session::{self, Form, SignedIn};
use crate::views::access::SetupPage;
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
    let posted = Posted::received(fields);
    match app.care.set_up(&setup_form(&posted), &peer.ip().to_string()).await {
        Ok(()) => Ok(see("/entrar")),
        Err(CareError::Invalid(errors)) => {
            let page = SetupPage::new(&posted, &errors, posted.ticked("misma_persona"));
            to_correct(&page)
        }
        Err(CareError::Finished { .. }) => Ok(see("/entrar")),
        Err(error) => Err(Outcome::with_form(error, "/primer-inicio", &posted)),
    }
}

/// The establishment as a form posts it.
pub(super) fn establishment_form(posted: &Posted) -> EstablishmentForm {
    let text = |name: &str| posted.get(name).to_owned();
    EstablishmentForm {
        kind: text("tipo"),
        name: text("nombre_establecimiento"),
        address: text("domicilio"),
        institution: text("institucion"),
        owner: text("razon_social"),
        phone: text("telefono"),
        clues: text("clues"),
        time_zone: text("zona_horaria"),
    }
}

fn setup_form(posted: &Posted) -> SetupForm {
    let text = |name: &str| posted.get(name).to_owned();
    let account = |user: &str, password: &str, again: &str| AccountForm {
        username: text(user),
        password: text(password),
        password_again: text(again),
        display_name: String::new(),
        provisional: false,
    };
    SetupForm {
        establishment: establishment_form(posted),
        // Whoever sets the practice up signs: nobody in training does.
        practitioner: PractitionerForm { trainee: String::new(), ..practitioner_form(posted) },
        physician: account("usuario", "contrasena", "contrasena_otra"),
        administrator: (!posted.ticked("misma_persona"))
            .then(|| account("usuario_admin", "contrasena_admin", "contrasena_admin_otra")),
    }
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
