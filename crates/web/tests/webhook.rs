//! The address that faces the internet: only what Meta signed comes in, it is safe before it is answered, and nothing else of
//! the practice can be reached there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use messaging::webhook::AppSecret;
use test_support::whatsapp::{FakeWhatsApp, SECRET, signature};
use test_support::{Clinic, engines};
use tower::ServiceExt;
use zeroize::Zeroizing;

const PATH: &str = "/avisos/whatsapp";

fn door(clinic: &Clinic) -> axum::Router {
    let secret = AppSecret::new(Zeroizing::new(SECRET.to_owned())).unwrap();
    web::webhook_router(PATH, secret, "palabra", clinic.care.clone())
}

async fn post(door: &axum::Router, body: Vec<u8>, signatures: &[String]) -> StatusCode {
    let mut request = Request::post(PATH);
    for signature in signatures {
        request = request.header("x-hub-signature-256", signature);
    }
    door.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status()
}

async fn get(door: &axum::Router, address: &str) -> (StatusCode, String) {
    let answer = door.clone().oneshot(Request::get(address).body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn kept(clinic: &Clinic) -> usize {
    clinic.care.database().begin_read().await.unwrap().open_notifications(10_000).await.unwrap().len()
}

#[tokio::test]
async fn only_what_meta_signed_is_taken_and_it_is_safe_before_it_is_answered() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let door = door(&clinic);
        let fake = FakeWhatsApp::start().await;
        let body = fake.writes("5215512345678", "sí", 1_764_000_000);
        let good = signature(&body);
        let wrong = signature(b"other");
        assert_eq!(post(&door, body.clone(), &[]).await, StatusCode::UNAUTHORIZED);
        assert_eq!(post(&door, body.clone(), &[wrong]).await, StatusCode::UNAUTHORIZED);
        assert_eq!(post(&door, body.clone(), &[good.clone(), good.clone()]).await, StatusCode::UNAUTHORIZED);
        assert_eq!(kept(&clinic).await, 0);
        assert_eq!(post(&door, body.clone(), std::slice::from_ref(&good)).await, StatusCode::OK);
        assert_eq!(post(&door, body, &[good]).await, StatusCode::OK);
        assert_eq!(kept(&clinic).await, 1, "told twice, kept once");
        // Signed and no JSON: kept and answered, else Meta sends it for seven days.
        let broken = b"{\"entry\":".to_vec();
        let signed = signature(&broken);
        assert_eq!(post(&door, broken, &[signed]).await, StatusCode::OK);
        clinic.care.work_notifications().await.unwrap();
        assert_eq!(kept(&clinic).await, 0);
        let large = vec![b' '; 3 * 1024 * 1024 + 1];
        let signed = signature(&large);
        assert_eq!(post(&door, large, &[signed]).await, StatusCode::PAYLOAD_TOO_LARGE);
    }
}

#[tokio::test]
async fn meta_learns_that_the_address_is_ours_and_nobody_learns_more() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let door = door(&clinic);
    let asked =
        |word: &str| format!("{PATH}?hub.mode=subscribe&hub.verify_token={word}&hub.challenge=1158201444");
    assert_eq!(get(&door, &asked("palabra")).await, (StatusCode::OK, "1158201444".to_owned()));
    assert_eq!(get(&door, &asked("otra")).await, (StatusCode::FORBIDDEN, String::new()));
    assert_eq!(get(&door, PATH).await.0, StatusCode::FORBIDDEN);
    for address in ["/", "/hoy", "/entrar", "/salud", "/mensajes", "/recursos/app.css"] {
        assert_eq!(get(&door, address).await.0, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure: five thousand notifications in a minute; run it alone, built for production"]
async fn five_thousand_notifications_a_minute_are_taken() {
    let clinic = Clinic::on(test_support::Engine::Embedded).await;
    let door = door(&clinic);
    let fake = FakeWhatsApp::start().await;
    let mut waits = Vec::new();
    let begin = Instant::now();
    for nth in 0..5_000_u32 {
        let due = begin + Duration::from_millis(12) * nth;
        tokio::time::sleep_until(due.into()).await;
        let door = door.clone();
        let body = fake.writes("5215512345678", "sí, gracias", i64::from(nth));
        waits.push(tokio::spawn(async move {
            let signed = signature(&body);
            let asked = Instant::now();
            assert_eq!(post(&door, body, &[signed]).await, StatusCode::OK);
            asked.elapsed()
        }));
    }
    let mut times = Vec::new();
    for wait in waits {
        times.push(wait.await.unwrap());
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "5,000 in {:?}: median {:?}, p99 {:?}, longest {:?}",
        begin.elapsed(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    assert_eq!(kept(&clinic).await, 5_000);
}
