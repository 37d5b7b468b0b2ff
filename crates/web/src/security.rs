//! What every answer carries, and the refusal of forms that another site sends and of broken addresses.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use care::CareError;

use crate::outcome::Outcome;

/// Only our own files, no inline script or style, no frame around us, forms only to us.
const CONTENT_POLICY: &str =
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'";

/// Adds the headers; what a handler set itself stays.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    // Clinical text is never left in a shared computer's cache; embedded files set their own.
    set(header::CACHE_CONTROL, "no-store");
    response
}

/// Refuses changes that a page of another site asks for. The token in the form is the second lock.
pub(crate) async fn refuse_foreign_posts(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && is_foreign(request.headers()) {
        let message = "La petición vino de otra página. Vuelva a Medicus e intente desde ahí.".to_owned();
        return Outcome::from(CareError::Denied { message }).into_response();
    }
    next.run(request).await
}

/// Answers an address with a NUL in it like one that does not exist: no page has one, and PostgreSQL keeps none.
pub(crate) async fn refuse_broken_addresses(request: Request, next: Next) -> Response {
    let address = request.uri().path_and_query().map_or("", |address| address.as_str());
    if address.contains("%00") {
        return Outcome::not_found("esa página").into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        // Without a referrer browsers write "null" for our own forms too: it tells nothing.
        (None, None | Some("null")) => false,
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) != text("host"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&'static str, &'static str)], foreign: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        assert_eq!(is_foreign(&headers), foreign, "{pairs:?}");
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        check(&[("sec-fetch-site", "cross-site"), ("host", "127.0.0.1:8443")], true);
        check(&[("sec-fetch-site", "same-site")], true);
        check(&[("origin", "https://evil.example"), ("host", "127.0.0.1:8443")], true);
        check(&[("sec-fetch-site", "same-origin"), ("origin", "null")], false);
        check(&[("origin", "https://127.0.0.1:8443"), ("host", "127.0.0.1:8443")], false);
        check(&[("origin", "null")], false);
    }
}
