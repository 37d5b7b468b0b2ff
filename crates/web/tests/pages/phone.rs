//! A phone as microphone through HTTP: it is lent with a code, joins with its link, records one consultation, and sees nothing.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use care::consents::ConsentForm;
use clinical::consent::ConsentPurpose;
use clinical::ids::EncounterId;
use test_support::Clinic;

use crate::browser::{Browser, Page};
use crate::clinic;

const HOST: &str = "consultorio.local:8443";

/// A request as a browser sends it that has Medicus open under the name it has in the network.
fn post(path: &str, host: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("hx-request", "true")
        .body(body.into())
        .unwrap()
}

struct Desk {
    browser: Browser,
    token: String,
    visit: EncounterId,
}

impl Desk {
    /// A consultation whose patient lets it be recorded.
    async fn of(clinic: &Clinic) -> Self {
        let (care, who) = (&clinic.care, &clinic.physician);
        care.publish_notice(who, &"Aviso de prueba. ".repeat(20)).await.unwrap();
        let patient = clinic.patient("Jacinta", "Ahuehuete").await;
        let visit = care.start_visit(who, patient, "Control").await.unwrap();
        let yes = ConsentForm {
            purpose: ConsentPurpose::RecordConversation.code().to_owned(),
            given: true,
            means: "screen".to_owned(),
            version: 1,
            ..ConsentForm::default()
        };
        care.record_consent(who, patient, &yes).await.unwrap();
        let mut browser = Browser::of(care, "ines").await;
        let token = browser.token().await;
        Self { browser, token, visit }
    }

    fn path(&self) -> String {
        format!("/consultas/{}/grabacion/telefono", self.visit)
    }

    async fn lend(&mut self, host: &str) -> Page {
        let body = format!("_token={}", self.token);
        self.browser.request(post(&self.path(), host, body)).await
    }

    async fn look(&mut self, seen: &str) -> Page {
        let path = format!("{}?visto={seen}", self.path());
        self.browser.once("GET", &path, &[], false).await
    }
}

/// A phone, which has no account.
struct Phone {
    browser: Browser,
    token: String,
}

impl Phone {
    fn new(clinic: &Clinic) -> Self {
        Self { browser: Browser::new(&clinic.care), token: String::new() }
    }

    async fn join(&mut self, secret: &str) -> Page {
        self.browser.request(post("/telefono", HOST, format!("secreto={secret}"))).await
    }

    async fn page(&mut self) -> Page {
        let page = self.browser.get("/telefono").await;
        if let Some(rest) = page.html.split("data-token=\"").nth(1) {
            self.token = rest.split('"').next().unwrap().to_owned();
        }
        page
    }

    async fn send(&mut self, path: &str, more: &str) -> Page {
        let body = format!("_token={}{more}", self.token);
        self.browser.request(post(path, HOST, body)).await
    }

    async fn piece(&mut self, n: u8) -> Page {
        let path = format!("/telefono/grabacion/piezas/{n}?inicio={n}000");
        let mut request = post(&path, HOST, vec![n; 32_000]);
        request.headers_mut().insert("x-medicus-token", self.token.parse().unwrap());
        self.browser.request(request).await
    }
}

/// The secret of the code on a page: `qr.rs` draws what it is given, so the link is made again where it is lent.
async fn link(clinic: &Clinic, desk: &Desk) -> String {
    clinic.care.lend_microphone(&clinic.physician, desk.visit).await.unwrap().expose().to_owned()
}

#[tokio::test]
async fn a_code_is_shown_where_a_phone_can_come_to_and_else_what_is_missing() {
    let clinic = clinic().await;
    let mut desk = Desk::of(&clinic).await;
    let page = desk.browser.get(&format!("/consultas/{}/grabacion", desk.visit)).await;
    assert!(page.shows("Usar el teléfono"), "{}", page.html);
    let here = desk.lend("127.0.0.1:8443").await;
    assert!(here.shows("El teléfono no puede llegar a «127.0.0.1:8443»") && !here.shows("<svg class=\"qr\""));
    assert!(here.shows("public_origin") && here.shows("https://"), "{}", here.html);
    assert_eq!(desk.look("no").await.status, StatusCode::NO_CONTENT, "nothing was lent");

    let code = desk.lend(HOST).await;
    assert!(code.shows("<svg class=\"qr\"") && code.shows("«consultorio.local:8443»"), "{}", code.html);
    assert!(!code.shows("telefono#"), "the secret is in the picture only: {}", code.html);
    assert_eq!(desk.look("espera").await.status, StatusCode::NO_CONTENT);
    let page = desk.browser.get(&format!("/consultas/{}/grabacion", desk.visit)).await;
    assert!(page.shows("Un código espera a su teléfono"), "{}", page.html);
    let form = page.form("/telefono/quitar");
    assert!(desk.browser.send(&form).await.shows("Usar el teléfono"));
    assert!(desk.look("espera").await.shows("Usar el teléfono"));
}

#[tokio::test]
async fn a_phone_records_one_consultation_and_sees_nothing_of_it() {
    let clinic = clinic().await;
    let mut desk = Desk::of(&clinic).await;
    let mut phone = Phone::new(&clinic);
    let nothing = phone.page().await;
    assert!(nothing.shows("Escanee con la cámara") && !nothing.shows("data-recorder"), "{}", nothing.html);
    assert_eq!(phone.join("inventado").await.status, StatusCode::FORBIDDEN);
    let secret = link(&clinic, &desk).await;
    let joined = phone.join(&secret).await;
    assert_eq!(joined.status, StatusCode::NO_CONTENT);
    let cookie = joined.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("Secure; HttpOnly") && !cookie.contains(&secret)
    );
    assert!(desk.look("espera").await.shows("conectado"));
    assert_eq!(Phone::new(&clinic).join(&secret).await.status, StatusCode::FORBIDDEN, "it counts once");

    let page = phone.page().await;
    assert!(page.shows("data-recorder=\"/telefono/grabacion\""), "{}", page.html);
    let policy = page.headers.get("permissions-policy").unwrap().to_str().unwrap();
    assert!(policy.contains("microphone=(self)"));
    let begun = phone.send("/telefono/grabacion", "").await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.html);
    for n in [0, 1, 1] {
        assert_eq!(phone.piece(n).await.status, StatusCode::NO_CONTENT);
    }
    for shown in [&nothing, &page, &begun] {
        let id = desk.visit.to_string();
        assert!(!shown.shows("Ahuehuete") && !shown.shows("Jacinta") && !shown.shows(&id), "{}", shown.html);
    }
    let own = std::mem::replace(&mut phone.token, "otro".to_owned());
    assert_eq!(phone.piece(2).await.status, StatusCode::CONFLICT);
    assert_eq!(phone.send("/telefono/grabacion/paso", "&paso=pausa").await.status, StatusCode::FORBIDDEN);
    phone.token = own;

    // The desk sees it, and the phone opens nothing else.
    let seen = desk.look("listo").await;
    assert!(
        seen.shows("grabando") && seen.shows("0:02") && seen.shows("Terminar la grabación"),
        "{}",
        seen.html
    );
    let seen = desk.look("graba").await;
    assert_eq!(
        (seen.html.as_str(), seen.headers["hx-retarget"].to_str().unwrap()),
        ("0:02", "#telefono-tiempo")
    );
    let page = desk.browser.get(&format!("/consultas/{}/grabacion", desk.visit)).await;
    assert!(!page.shows("data-recorder"), "the computer does not take it up");
    let recording = page.html.split("id=\"g-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for path in ["/hoy".to_owned(), format!("/grabaciones/{recording}/audio"), desk.path()] {
        let page = phone.browser.once("GET", &path, &[], false).await;
        assert!(page.headers[header::LOCATION].to_str().unwrap().starts_with("/entrar"), "{path}");
    }

    let page = desk.browser.send(&page.form("/telefono/quitar")).await;
    assert!(page.shows("Terminada"), "{}", page.html);
    let refused = phone.piece(2).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.html.starts_with("Este teléfono ya no está conectado"), "{}", refused.html);
    let out = phone.page().await;
    assert!(out.shows("ya no está conectado") && !out.shows("data-recorder"), "{}", out.html);
}

#[tokio::test]
async fn who_tries_many_links_waits() {
    let clinic = clinic().await;
    let mut phone = Phone::new(&clinic);
    for _ in 0..10 {
        assert_eq!(phone.join("inventado").await.status, StatusCode::FORBIDDEN);
    }
    let refused = phone.join("inventado").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.html.contains("Espere un poco"), "{}", refused.html);
}
