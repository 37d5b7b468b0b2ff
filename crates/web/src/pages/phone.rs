//! A phone as the microphone of a consultation: the desk lends it, the phone joins with the link of the code and records.
//!
//! The secret of the link stands behind the `#` of its address, which no browser sends: it is in no log. The phone has no
//! account; what it may do is asked of `care` at each request ([`Phone`]).

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::extract::{ConnectInfo, FromRequestParts, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use care::phone::{PhoneMicrophone, PhoneToken, PhoneView};
use care::{Actor, CareError};
use clinical::ids::EncounterId;
use clinical::recording::RecordingState;
use serde::Deserialize;

use super::consultation::encounter_id;
use super::recording::{PieceQuery, asked, piece, refused, seconds, told, told_all, with_microphone};
use super::{Answer, render, see};
use crate::session::{Form, SignedIn, client, host, origin, phone_cookie, phone_token};
use crate::views::form::Posted;
use crate::views::phone::{PhonePage, PhonePanel, PhoneStage, PhoneState};
use crate::views::recording::Recorder;
use crate::{App, qr};

/// Where a phone sends what it records.
const ROUTE: &str = "/telefono/grabacion";

/// The part of the page of recordings that is about the phone.
pub(super) fn panel(actor: &Actor, id: EncounterId, phone: Option<&PhoneView>) -> PhonePanel {
    of(actor, id, phone.map_or(PhoneState::Offer, state))
}

fn of(actor: &Actor, id: EncounterId, state: PhoneState) -> PhonePanel {
    PhonePanel { id: id.to_string(), token: actor.csrf.clone(), state }
}

fn state(phone: &PhoneView) -> PhoneState {
    let named = |browser: &str| if browser.is_empty() { "Teléfono".to_owned() } else { browser.to_owned() };
    match phone {
        PhoneView::Waiting(_) => PhoneState::Waiting,
        PhoneView::Joined(browser) => PhoneState::Joined(named(browser)),
        PhoneView::Recording(browser, recording) if recording.state.is_open() => {
            let length = seconds(recording);
            PhoneState::Recording {
                recording: recording.id.to_string(),
                phone: named(browser),
                paused: recording.state == RecordingState::Paused,
                time: format!("{}:{:02}", length / 60, length % 60),
            }
        }
        PhoneView::Recording(_, recording) => PhoneState::Ended(recording.id.to_string()),
    }
}

/// Whether an address leads nowhere but to the machine that uses it.
fn is_only_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    let address = name.parse::<IpAddr>();
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}

/// `POST /consultas/{id}/grabacion/telefono`: a code for a phone, in place or as the page.
pub(crate) async fn lend(
    State(app): State<App>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    form: Form,
) -> Answer {
    let id = encounter_id(&id)?;
    let host = host(&uri, &headers).unwrap_or("localhost").to_owned();
    let state = if is_only_here(&host) {
        app.care.lent_phone(&form.actor, id).await?;
        PhoneState::Unreachable(host)
    } else {
        match app.care.lend_microphone(&form.actor, id).await {
            Ok(link) => {
                let address = format!("https://{host}/telefono#{}", link.expose());
                let picture = qr::svg(&address, "Código para la cámara del teléfono").unwrap_or_default();
                PhoneState::Code { picture, host }
            }
            Err(error @ (CareError::Denied { .. } | CareError::Finished { .. })) if form.fragment => {
                PhoneState::Refused(error.to_string())
            }
            Err(error) => return Err(form.failed(error)),
        }
    };
    let panel = of(&form.actor, id, state);
    if form.fragment {
        return Ok(render(&panel)?);
    }
    let desk = app.care.recording_desk(&form.actor, id).await?;
    let mut page = super::recording::with_errors(&app, &form.actor, &desk, &[]);
    page.phone = page.phone.map(|_| panel);
    Ok(with_microphone(render(&page)?))
}

/// What the page shows of the phone already.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    #[serde(default)]
    visto: String,
}

/// `GET /consultas/{id}/grabacion/telefono`: what changed since; of a recording, how long it is.
pub(crate) async fn look(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(seen): Query<Seen>,
) -> Answer {
    let id = encounter_id(&id)?;
    let now = panel(&user.actor, id, app.care.lent_phone(&user.actor, id).await?.as_ref());
    match &now.state {
        state if state.code() != seen.visto => Ok(render(&now)?),
        PhoneState::Recording { time, .. } => {
            let place = [("hx-retarget", "#telefono-tiempo"), ("hx-reswap", "innerHTML")];
            Ok((place, time.clone()).into_response())
        }
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// `POST /consultas/{id}/grabacion/telefono/quitar`.
pub(crate) async fn take_back(State(app): State<App>, Path(id): Path<String>, form: Form) -> Answer {
    let id = encounter_id(&id)?;
    app.care.take_back_microphone(&form.actor, id).await.map_err(|error| form.failed(error))?;
    if form.fragment {
        return Ok(render(&panel(&form.actor, id, None))?);
    }
    Ok(see(&format!("/consultas/{id}/grabacion")))
}

/// A phone that may record a consultation.
pub(crate) struct Phone(PhoneMicrophone);

async fn phone(app: &App, headers: &HeaderMap, origin: &str) -> Result<PhoneMicrophone, CareError> {
    let nothing =
        || CareError::Denied { message: "Este teléfono no está conectado a ninguna consulta".to_owned() };
    app.care.phone(&phone_token(headers).ok_or_else(nothing)?, origin).await
}

impl FromRequestParts<App> for Phone {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        phone(app, &parts.headers, &origin(parts)).await.map(Self).map_err(refused)
    }
}

/// `GET /telefono`.
pub(crate) async fn page(State(app): State<App>, request: Request) -> Answer {
    let (parts, _) = request.into_parts();
    let stage = match phone(&app, &parts.headers, &origin(&parts)).await {
        Ok(phone) => stage(&phone),
        Err(CareError::Denied { message }) => PhoneStage::Out(phone_token(&parts.headers).map(|_| message)),
        Err(error) => return Err(error.into()),
    };
    Ok(with_microphone(render(&PhonePage { stage })?))
}

fn stage(phone: &PhoneMicrophone) -> PhoneStage {
    let recording = phone.recording();
    if recording.is_some_and(|recording| !recording.state.is_open()) {
        return PhoneStage::Done;
    }
    PhoneStage::Recorder(Recorder {
        begin: ROUTE.to_owned(),
        route: Some(ROUTE),
        token: phone.forms_secret().to_owned(),
        note: None,
        open: recording.map(|recording| recording.id.to_string()),
        seconds: recording.map_or(0, seconds),
    })
}

/// `POST /telefono`: a phone takes the link of a code.
pub(crate) async fn join(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Answer {
    if !app.links.lets_in(peer.ip(), Instant::now()) {
        let words = "Demasiados intentos en un minuto. Espere un poco y vuelva a intentar";
        return Ok((StatusCode::TOO_MANY_REQUESTS, words).into_response());
    }
    let (parts, body) = request.into_parts();
    let client = client(&parts);
    let posted = posted(Request::from_parts(parts, body)).await?;
    match app.care.join_microphone(&PhoneToken::of(posted.get("secreto")), &client).await {
        Ok(own) => {
            let cookie = [(header::SET_COOKIE, phone_cookie(&own))];
            Ok((StatusCode::NO_CONTENT, cookie).into_response())
        }
        Err(error) => Ok(refused(error)),
    }
}

async fn posted(request: Request) -> Result<Posted, CareError> {
    use axum::extract::FromRequest as _;
    let read = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
    let unread = |_| CareError::invalid("formulario", "La petición llegó incompleta. Vuelva a intentar");
    read.map(|axum::Form(fields)| Posted::received(fields)).map_err(unread)
}

/// A form the page of this phone sent, and no other.
async fn own_form(phone: &PhoneMicrophone, request: Request) -> Result<Posted, CareError> {
    let posted = posted(request).await?;
    if posted.get("_token") == phone.forms_secret() {
        return Ok(posted);
    }
    Err(CareError::Denied { message: "La petición vino de otra página. Recargue esta".to_owned() })
}

/// `POST /telefono/grabacion`: begins to record.
pub(crate) async fn begin(State(app): State<App>, Phone(phone): Phone, request: Request) -> Answer {
    let begun = async {
        own_form(&phone, request).await?;
        app.care.phone_begins(&phone).await
    };
    Ok(begun.await.map_or_else(refused, |status| told_all(phone.forms_secret(), &status)))
}

/// `GET /telefono/grabacion/estado`.
pub(crate) async fn status(State(app): State<App>, Phone(phone): Phone) -> Answer {
    let status = app.care.phone_status(&phone).await;
    Ok(status.map_or_else(refused, |status| told_all(phone.forms_secret(), &status)))
}

/// `POST /telefono/grabacion/piezas/{n}`: a second of sound. It is on disk when this answers.
pub(crate) async fn keep(
    State(app): State<App>,
    Phone(phone): Phone,
    Path(n): Path<i64>,
    Query(query): Query<PieceQuery>,
    request: Request,
) -> Answer {
    let kept = async {
        let piece = piece(request, phone.forms_secret(), (n, query)).await?;
        app.care.phone_keeps(&phone, piece).await
    };
    Ok(kept.await.map_or_else(refused, |()| StatusCode::NO_CONTENT.into_response()))
}

/// `POST /telefono/grabacion/paso`: pause, go on, end.
pub(crate) async fn step(State(app): State<App>, Phone(phone): Phone, request: Request) -> Answer {
    let stepped = async {
        let posted = own_form(&phone, request).await?;
        app.care.phone_steps(&phone, asked(&posted)).await
    };
    Ok(stepped.await.map_or_else(refused, |recording| told(phone.forms_secret(), &recording, None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_this_machine_alone_is_told_from_one_of_the_network() {
        for here in
            ["localhost", "localhost:8443", "127.0.0.1:8443", "[::1]:8443", "0.0.0.0", "a.localhost:1"]
        {
            assert!(is_only_here(here), "{here}");
        }
        for there in ["consultorio.local:8443", "192.168.1.20:8443", "[fd00::1]:8443", "localhost.example"] {
            assert!(!is_only_here(there), "{there}");
        }
    }
}
