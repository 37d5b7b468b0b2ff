//! What was being typed comes back after the page was closed or the session ended; a draft given up comes back too.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::{TRANSCRIPT, clinic, consultation};

#[tokio::test]
async fn text_that_was_never_sent_is_offered_and_recovered_into_its_form() {
    let clinic = clinic().await;
    let (mut browser, page) = consultation(&clinic, TRANSCRIPT).await;
    let path = page.path.split('?').next().unwrap().to_owned();
    let open = browser.get(&page.link("?editar=").unwrap()).await;
    let mut typing = open.form("/editar").set("texto", "Dolor <punzante> en la rod");
    typing.action = format!("{path}/nota/sin-guardar");
    let kept = browser.send(&typing).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.html);
    assert!(kept.html.starts_with("Guardado a las 10:"), "{}", kept.html);

    let mut later = Browser::of(&clinic.care, "ines").await;
    let page = later.get(&path).await;
    assert!(page.shows("Había texto sin guardar en") && page.shows("Dolor &#60;punzante&#62; en la rod"));
    let mut nurse = Browser::of(&clinic.care, "enfermeria").await;
    assert!(!nurse.get(&path).await.shows("Había texto sin guardar"), "it is its author's alone");
    let again = later.get(&page.link("?editar=").unwrap()).await;
    assert!(again.shows("Se recuperó lo que escribía hoy 10:"), "{}", again.html);
    assert!(!again.shows("Había texto sin guardar"), "its form is open");
    let saved = later.send(&again.form("/editar").set("texto", "Dolor punzante en la rodilla.")).await;
    assert!(saved.shows("Dolor punzante en la rodilla.") && !saved.shows("Había texto sin guardar"));

    later.send(&typing).await;
    typing.fields.retain(|(name, _)| name != "_token");
    let token = page.form("/descartar").fields.iter().find(|(name, _)| name == "_token").unwrap().1.clone();
    later.send(&typing.set("_token", &token)).await;
    let page = later.get(&path).await;
    let dropped = later.send(&page.form("/sin-guardar/descartar")).await;
    assert!(!dropped.shows("Había texto sin guardar"), "{}", dropped.html);
}

#[tokio::test]
async fn a_draft_is_cancelled_and_taken_up_again_from_the_record() {
    let clinic = clinic().await;
    let (mut browser, page) = consultation(&clinic, TRANSCRIPT).await;
    let refused = browser.send(&page.form("/cancelar")).await;
    assert!(refused.shows("Escriba por qué se cancela el borrador"), "{}", refused.html);
    let record = browser.send(&refused.form("/cancelar").set("motivo", "Era de otra persona")).await;
    assert!(record.shows("Borrador cancelado. Hoy todavía puede recuperarlo."), "{}", record.html);
    assert!(record.shows("Motivo: Era de otra persona."));
    let back = browser.send(&record.form("/recuperar")).await;
    assert!(back.shows("rodilla") && back.button("/aceptar").is_some(), "{}", back.html);
}
