//! Who is behind a request: the session cookie, and forms that carry the session's secret.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use care::session::SessionToken;
use care::{Actor, CareError};

use crate::App;
use crate::outcome::Outcome;
use crate::pages::{encode, is_fragment, render};
use crate::views::access::SignInPage;
use crate::views::form::Posted;

/// `__Host-`: only over HTTPS, only this host, every path.
const COOKIE: &str = "__Host-medicus";

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

/// The `Set-Cookie` value that keeps a session; it ends when the browser closes.
pub(crate) fn cookie(token: &SessionToken) -> String {
    format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", token.expose())
}

/// The `Set-Cookie` value that forgets it.
pub(crate) fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The token a request brings.
pub(crate) fn token(headers: &HeaderMap) -> Option<SessionToken> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let own = |pair: &str| pair.trim().strip_prefix(COOKIE)?.strip_prefix('=').map(str::to_owned);
    cookies.flat_map(|line| line.split(';')).find_map(own).map(|value| SessionToken::from_cookie(&value))
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
        let posted = Posted(fields);
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
