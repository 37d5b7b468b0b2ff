//! Who is behind a request: the session cookie, and forms that carry the session's secret.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use care::passkey::Site;
use care::phone::PhoneToken;
use care::session::{Client, SessionToken, StepToken};
use care::{Actor, CareError};

use crate::App;
use crate::outcome::Outcome;
use crate::pages::{encode, is_fragment, render};
use crate::views::access::SignInPage;
use crate::views::form::Posted;

/// `__Host-`: only over HTTPS, only this host, every path.
const COOKIE: &str = "__Host-medicus";
/// The same for a sign-in between its steps.
const STEP_COOKIE: &str = "__Host-medicus-paso";
/// The same for a phone that is the microphone of a consultation: it opens nothing else.
const PHONE_COOKIE: &str = "__Host-medicus-telefono";

/// Someone signed in. For pages that only read.
pub(crate) struct SignedIn {
    pub(crate) actor: Actor,
}

/// A form of someone signed in, with its secret checked.
pub(crate) struct Form {
    pub(crate) actor: Actor,
    pub(crate) posted: Posted,
    /// Where it was sent.
    pub(crate) action: String,
    /// Whether the answer is swapped into the page.
    pub(crate) fragment: bool,
}

impl Form {
    /// An outcome that keeps what was typed.
    pub(crate) fn failed(&self, error: CareError) -> Outcome {
        Outcome::with_form(error, &self.action, &self.posted)
    }

    /// Version of the draft or record the form was made for.
    pub(crate) fn version(&self) -> i64 {
        self.posted.get("version").parse().unwrap_or(-1)
    }
}

/// The `Set-Cookie` values that keep a session and forget the sign-in that led to it; the session's ends when the
/// browser closes.
pub(crate) fn signed_in_cookies(token: &SessionToken) -> [(HeaderName, String); 2] {
    let session = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", token.expose());
    let step = format!("{STEP_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    [(header::SET_COOKIE, session), (header::SET_COOKIE, step)]
}

/// The `Set-Cookie` value that keeps an unfinished sign-in: it opens nothing.
pub(crate) fn step_cookie(token: &StepToken) -> String {
    format!("{STEP_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", token.expose())
}

/// The `Set-Cookie` value of a phone that took a link.
pub(crate) fn phone_cookie(token: &PhoneToken) -> String {
    format!("{PHONE_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", token.expose())
}

/// The secret of a phone.
pub(crate) fn phone_token(headers: &HeaderMap) -> Option<PhoneToken> {
    value(headers, PHONE_COOKIE).map(|value| PhoneToken::of(&value))
}

/// The `Set-Cookie` value that forgets a session.
pub(crate) fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The token a request brings.
pub(crate) fn token(headers: &HeaderMap) -> Option<SessionToken> {
    value(headers, COOKIE).map(|value| SessionToken::from_cookie(&value))
}

/// The token of an unfinished sign-in.
pub(crate) fn step_token(headers: &HeaderMap) -> Option<StepToken> {
    value(headers, STEP_COOKIE).map(|value| StepToken::from_cookie(&value))
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let own = |pair: &str| pair.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    cookies.flat_map(|line| line.split(';')).find_map(own)
}

/// The host and port a request was sent to; HTTP/2 names it in the address, HTTP/1 in a header.
pub(crate) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let header = || headers.get(header::HOST).and_then(|value| value.to_str().ok());
    uri.authority().map(Authority::as_str).or_else(header)
}

/// The site a request was sent to, for passkeys.
pub(crate) fn site(uri: &Uri, headers: &HeaderMap) -> Option<Site> {
    Site::of(host(uri, headers)?)
}

/// From where a request came, for the list of sessions.
pub(crate) fn client(parts: &Parts) -> Client {
    let agent =
        parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Client { origin: origin(parts), browser: browser_words(agent) }
}

/// "Firefox en Windows", as far as the browser says; nothing of what it says is kept as it is.
fn browser_words(agent: &str) -> String {
    let known = |pairs: &[(&str, &'static str)]| {
        pairs.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, words)| *words)
    };
    // The more particular first: most say that they are Safari, too.
    let browser = known(&[
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = known(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} en {system}"),
        (Some(words), None) | (None, Some(words)) => words.to_owned(),
        (None, None) => String::new(),
    }
}

/// The network address a request came from, for the bitácora.
pub(crate) fn origin(parts: &Parts) -> String {
    let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    address.map_or_else(|| "local".to_owned(), |info| info.0.ip().to_string())
}

async fn actor(parts: &Parts, app: &App) -> Result<Actor, CareError> {
    let token = token(&parts.headers).ok_or(CareError::SignedOut)?;
    app.care.actor(&token, &origin(parts)).await
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        match actor(parts, app).await {
            Ok(actor) => Ok(Self { actor }),
            Err(CareError::SignedOut) if is_fragment(&parts.headers) => {
                Err(sign_in_again(app, "/", &Posted::default()).await)
            }
            Err(CareError::SignedOut) => {
                let back = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                Err(Redirect::to(&format!("/entrar?volver={}", encode(back))).into_response())
            }
            Err(error) => Err(Outcome::from(error).into_response()),
        }
    }
}

impl FromRequest<App> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let action = parts.uri.path().to_owned();
        let fragment = is_fragment(&parts.headers);
        let request = Request::from_parts(parts.clone(), body);
        let fields = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
        let axum::Form(fields) = fields.map_err(|rejection| unreadable(&rejection.into_response()))?;
        let posted = Posted::received(fields);
        match actor(&parts, app).await {
            Ok(actor) if actor.csrf == posted.get("_token") => Ok(Self { actor, posted, action, fragment }),
            // The secret of an older session: the person signed in again in another tab.
            Ok(_) | Err(CareError::SignedOut) => Err(sign_in_again(app, &action, &posted).await),
            Err(error) => Err(Outcome::with_form(error, &action, &posted).into_response()),
        }
    }
}

/// What to say about a form that cannot be read.
fn unreadable(rejection: &Response) -> Response {
    let message = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        "El texto es demasiado largo. Divídalo y envíelo por partes"
    } else {
        "El formulario llegó incompleto. Vuelva a enviarlo"
    };
    Outcome::from(CareError::invalid("formulario", message)).into_response()
}

/// "Escriba su contraseña para continuar. No perdió nada."
pub(crate) async fn sign_in_again(app: &App, action: &str, posted: &Posted) -> Response {
    let name = app.care.establishment().await.ok().flatten().map(|e| e.name).unwrap_or_default();
    let page = SignInPage::new(&name, "", action, None).resuming(posted);
    match render(&page) {
        Ok(mut response) => {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            response
        }
        Err(error) => Outcome::from(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_far_as_it_says() {
        for (agent, expected) in [
            ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox en Windows"),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
                "Chrome en Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
                "Safari en iPhone",
            ),
            ("curl/8.5.0<script>", ""),
        ] {
            assert_eq!(browser_words(agent), expected, "{agent}");
        }
    }

    #[test]
    fn a_session_and_an_unfinished_sign_in_are_not_mistaken_for_one_another() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, header::HeaderValue::from_static("__Host-medicus-paso=abc"));
        assert!(token(&headers).is_none());
        assert_eq!(step_token(&headers).unwrap().expose(), "abc");
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            header::HeaderValue::from_static("a=1; __Host-medicus=abc; __Host-medicus2=x"),
        );
        assert_eq!(token(&headers).unwrap().expose(), "abc");
        assert!(token(&HeaderMap::new()).is_none());
    }
}
