//! What was being typed comes back after the page was closed or the session ended; a draft given up comes back too.

use axum::http::StatusCode;
use clinical::document::DocumentKind;
use clinical::draft::{Doubt, DraftNote, SectionId};
use clinical::ids::EncounterId;
use test_support::Clinic;

use crate::browser::{Browser, Form, Page};
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

/// Sends what a form says so far, as the script does while somebody types.
async fn type_into(browser: &mut Browser, form: &Form, address: &str, field: &str, text: &str) -> Page {
    let mut typing = form.clone().set(field, text);
    typing.action = address.to_owned();
    browser.send(&typing).await
}

#[tokio::test]
async fn an_addendum_that_was_not_signed_is_found_again_without_its_password() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let note = clinic.signed_note(&clinic.physician, patient).await;
    let path = format!("/documentos/{note}/adenda");
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let form = browser.get(&path).await.form("/adenda").set("contrasena", "mi contraseña secreta");
    let keep = format!("{path}/sin-guardar");
    let kept = type_into(&mut browser, &form, &keep, "texto", "La rodilla es la <izquierda>").await;
    assert!(kept.html.starts_with("Guardado a las 10:"), "{}", kept.html);

    let mut later = Browser::of(&clinic.care, "ines").await;
    let document = later.get(&format!("/documentos/{note}")).await;
    assert!(document.shows("Tiene una adenda sin firmar de este documento, de hoy 10:"), "{}", document.html);
    let again = later.get(&path).await;
    assert!(again.shows("La rodilla es la &#60;izquierda&#62;</textarea>"), "{}", again.html);
    assert!(again.shows("Se recuperó lo que escribía hoy 10:") && !again.shows("secreta"));
    let mut nurse = Browser::of(&clinic.care, "enfermeria").await;
    let document = nurse.get(&format!("/documentos/{note}")).await;
    assert!(!document.shows("adenda sin firmar"), "it is its author's alone");
    let theirs = type_into(&mut nurse, &document.form("/impresiones"), &keep, "texto", "Algo").await;
    assert_eq!(theirs.status, StatusCode::FORBIDDEN);

    let signing = again.form("/adenda").set("motivo", "Lado equivocado").set("texto", "Es la izquierda.");
    let wrong = later.send(&signing.clone().set("contrasena", "no es")).await;
    assert!(wrong.shows("Es la izquierda.</textarea>"), "what was sent is newer than what was kept");
    let signed = later.send(&signing.set("contrasena", test_support::PASSWORD)).await;
    assert!(signed.shows("Adenda firmada"), "{}", signed.html);
    assert!(!later.get(&format!("/documentos/{note}")).await.shows("adenda sin firmar"));

    type_into(&mut later, &again.form("/adenda"), &keep, "texto", "Otra más").await;
    let document = later.get(&format!("/documentos/{note}")).await;
    let dropped = later.send(&document.form("/sin-guardar/descartar")).await;
    assert!(dropped.shows("Agregar adenda") && !dropped.shows("adenda sin firmar"));
}

#[tokio::test]
async fn a_pasted_conversation_survives_a_session_that_ends() {
    let clinic = clinic().await;
    let (mut browser, page) = consultation(&clinic, "").await;
    let path = page.path.split('?').next().unwrap().to_owned();
    let form = page.form("/transcripcion");
    let long = "P: Me duele la rodilla derecha desde hace tres semanas. ".repeat(1500);
    let keep = format!("{path}/nota/sin-guardar");
    let kept = type_into(&mut browser, &form, &keep, "pegado", &long).await;
    assert!(kept.html.starts_with("Guardado a las 10:"), "{}", kept.html);
    let much = type_into(&mut browser, &form, &keep, "pegado", &long.repeat(3)).await;
    assert_eq!(much.status, StatusCode::UNPROCESSABLE_ENTITY, "far more than a consultation holds");

    browser.forget_session();
    let sent = browser.upload(&form, b"").await;
    let enter = sent.form("/entrar").set("usuario", "ines").set("contrasena", test_support::PASSWORD);
    let page = browser.send(&enter).await;
    assert_eq!(page.path.split('?').next().unwrap(), path, "signing in leads back to the consultation");
    assert!(page.shows(&long) && page.shows("Se recuperó lo que escribía hoy 10:"), "{}", page.html);
    assert!(!page.shows("Había texto sin guardar"), "its form is on the page");

    let page = browser.upload(&page.form("/transcripcion").set("pegado", TRANSCRIPT), b"").await;
    assert!(page.shows("<mark data-o="), "{}", page.html);
    assert!(!page.shows("Se recuperó lo que escribía"), "{}", page.html);
}

#[tokio::test]
async fn the_answer_to_a_doubt_is_kept_whichever_doubt_is_answered_first() {
    let clinic = clinic().await;
    let (mut browser, page) = consultation(&clinic, TRANSCRIPT).await;
    let path = page.path.split('?').next().unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    with_doubts(&clinic, id, &["Toma warfarina una y media.", "Toma metformina nada más una."]).await;

    let page = browser.get(&path).await;
    let second = page.form("/dudas/1/agregar");
    let keep = format!("{path}/nota/sin-guardar");
    let kept = type_into(&mut browser, &second, &keep, "texto", "Toma metformina 850 mg").await;
    assert!(kept.html.starts_with("Guardado a las 10:"), "{}", kept.html);
    let page = browser.send(&page.form("/dudas/0/agregar").set("texto", "Toma warfarina 5 mg.")).await;
    assert!(page.shows("Toma metformina 850 mg</textarea>") && page.shows("Se recuperó lo que escribía"));
    assert!(!page.shows("Había texto sin guardar"), "its form is on the page");
    let page = browser.send(&page.form("/dudas/0/agregar").set("texto", "Toma metformina 850 mg.")).await;
    assert!(page.shows("Toma metformina 850 mg.") && !page.shows("Se recuperó lo que escribía"));
    assert!(!page.shows("Había texto sin guardar"), "{}", page.html);
}

/// Puts doubts into the draft of a note, as if they had been heard.
async fn with_doubts(clinic: &Clinic, id: EncounterId, texts: &[&str]) {
    let kind = DocumentKind::PROGRESS_NOTE;
    let mut tx = clinic.care.database().begin().await.unwrap();
    let saved = tx.draft(id, kind).await.unwrap().unwrap();
    let mut draft: DraftNote = serde_json::from_str(&saved.content).unwrap();
    draft.doubts = texts
        .iter()
        .map(|text| Doubt {
            text: (*text).to_owned(),
            reason: "No quedó clara la dosis.".to_owned(),
            section: SectionId::new("ev.evolucion"),
            evidence: Vec::new(),
        })
        .collect();
    let content = serde_json::to_string(&draft).unwrap();
    let now = clinic.care.now();
    tx.save_draft(id, kind, saved.version, &content, clinic.physician.user_id, now).await.unwrap();
    tx.commit().await.unwrap();
}
