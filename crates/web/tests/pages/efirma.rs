//! Signing with the e.firma and checking a file, as the pages offer them.

use axum::http::StatusCode;
use care::efirma::{EfirmaBegun, EfirmaOrder};
use jiff::{SignedDuration, Timestamp};
use test_support::pki::Pki;
use test_support::{PASSWORD, actor};

use crate::browser::{Browser, Form};
use crate::{check_weight, clinic};

#[tokio::test]
async fn without_authorities_nobody_is_offered_a_signature_and_the_page_says_why() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let note = clinic.signed_note(&clinic.physician, patient).await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let document = browser.get(&format!("/documentos/{note}")).await;
    assert!(!document.shows("Firmar con e.firma"));
    let page = browser.get(&format!("/documentos/{note}/efirma")).await;
    assert!(page.shows("no tiene cargados los certificados de las autoridades del SAT"), "{}", page.html);
}

#[tokio::test]
async fn the_page_works_with_a_script_says_so_without_and_sends_no_key_and_no_password_of_it() {
    let Some(pki) = Pki::new() else { return };
    let mut clinic = clinic().await;
    clinic.care = clinic.care.clone().with_authorities(pki.authorities());
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let note = clinic.signed_note(&clinic.physician, patient).await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let document = browser.get(&format!("/documentos/{note}")).await;
    let page = browser.get(&document.link("/efirma").unwrap()).await;
    check_weight(&page);
    assert!(page.shows("<noscript>") && page.shows("medicus sign"), "{}", page.html);
    assert!(page.shows("No hay autoridad de sellado de tiempo configurada"));
    for secret in ["id=\"key\"", "id=\"clave\"", "id=\"cer\""] {
        let field = page.html.split("<input").find(|part| part.contains(secret)).unwrap();
        assert!(!field.split('>').next().unwrap().contains("name="), "{field}");
    }
    let refused = browser.send(&page.form("/efirma").set("certificado", "AAAA")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.starts_with("{\"errors\":[{\"field\":\"cer\""), "{}", refused.html);
    let nurse =
        Browser::of(&clinic.care, "enfermeria").await.get(&format!("/documentos/{note}/efirma")).await;
    assert_eq!(nurse.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn anybody_learns_of_a_file_who_signed_it_and_nothing_of_the_patient() {
    let Some(pki) = Pki::new() else { return };
    let mut clinic = clinic().await;
    clinic.clock.set(Timestamp::now() + SignedDuration::from_secs(60));
    clinic.care = clinic.care.clone().with_authorities(pki.authorities());
    let physician = actor(&clinic.care, "ines").await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let note = clinic.signed_note(&physician, patient).await;
    let number = clinic.care.print(&physician, note, true, "").await.unwrap();
    let plain = clinic.care.printed(&physician, note, number).await.unwrap().bytes;
    let order = EfirmaOrder {
        certificate: pki.read("juana.cer"),
        documents: vec![note],
        confirmed: true,
        password: PASSWORD.to_owned(),
    };
    let EfirmaBegun::Sign(asked) = clinic.care.begin_efirma(&physician, order).await.unwrap() else {
        panic!("asked again who it is");
    };
    let answer = pki.sign("juana", &asked[0].message);
    clinic.care.answer_efirma(&physician, &asked[0].token, &answer).await.unwrap();
    let signed = clinic.care.printed(&physician, note, number).await.unwrap().bytes;

    let mut stranger = Browser::new(&clinic.care);
    let page = stranger.get("/verificar").await;
    let form = Form { action: "/verificar".to_owned(), fields: Vec::new() };
    check_weight(&page);
    let found = stranger.upload(&form, &signed).await;
    assert!(found.shows("Firmado y sin cambios") && found.shows("JUANA PÉREZ NÚÑEZ"), "{}", found.html);
    assert!(found.shows("cédula profesional 1234567"), "{}", found.html);
    assert!(!found.shows("Ahuehuete"), "the page names no patient");
    let mut changed = signed.clone();
    changed[1500] ^= 1;
    let found = stranger.upload(&form, &changed).await;
    assert!(found.shows("El documento cambió después de la firma"), "{}", found.html);
    let found = stranger.upload(&form, &plain).await;
    assert!(found.shows("Es un documento de este consultorio, sin cambios"), "{}", found.html);
    let refused = stranger.upload(&form, b"hola").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.html);
    for _ in 0..10 {
        stranger.upload(&form, b"hola").await;
    }
    let stopped = stranger.upload(&form, b"hola").await;
    assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_verifier_brings_the_authorities_of_the_practice_and_asks_nobody() {
    let Some(pki) = Pki::new() else { return };
    let clinic = clinic().await;
    let care = clinic.care.clone().with_authorities(pki.authorities());
    let page = Browser::new(&care).get("/verificador.html").await;
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("connect-src"), "{policy}");
    assert!(page.shows("id=\"autoridades\">[\"MII"), "two authorities stand in it");
}
