//! Codes through the pages without scripts: a release brought in, a code with its CIE-10 code confirmed, one's own codes.

use axum::http::StatusCode;
use care::review::ReviewAction;
use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};

use crate::browser::Browser;
use crate::{check_weight, clinic};

const ES: &str = include_str!("../../../../testdata/cie11/SimpleTabulation-ICD-11-MMS-es.txt");
const TO_10: &str = include_str!("../../../../testdata/cie11/11To10MapToOneCategory.txt");
const FROM_10: &str = include_str!("../../../../testdata/cie11/10To11MapToMultipleCategories.txt");

#[tokio::test]
async fn administration_brings_a_release_in_and_chooses_which_is_in_use() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let accounts = browser.get("/cuentas").await;
    let page = browser.get(&accounts.link("/cie11").unwrap()).await;
    assert!(page.shows("Catálogo incluido") && page.shows("En uso") && page.shows("CC BY-ND 3.0 IGO"));
    check_weight(&page);
    let form = page.form("/cie11");
    let refused = browser.upload_named(&form, "mapa.txt", TO_10.as_bytes()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("alta la tabla en español de la edición 2024-01"), "{}", refused.html);
    let refused = browser.upload_named(&form, "cortado.txt", &ES.as_bytes()[..9_000]).await;
    assert!(refused.shows("«cortado.txt» está incompleto o dañado") && refused.shows("No se cambió nada"));
    let done = browser.upload_named(&form, "es.txt", ES.as_bytes()).await;
    assert!(done.shows("Edición importada y en uso") && done.shows("Sin equivalencias"), "{}", done.html);
    let done = browser.upload_named(&form, "mapa.txt", TO_10.as_bytes()).await;
    assert!(done.shows("CIE-11 a CIE-10") && !done.shows("Sin equivalencias"), "{}", done.html);
    let again = browser.upload_named(&form, "mapa.txt", TO_10.as_bytes()).await;
    assert!(again.shows("no cambió nada"));
    let core = browser.send(&again.form("/cie11/usar")).await;
    assert!(core.shows("Usar la edición 2024-01") && core.shows("Desde ahora los códigos se buscan"));
}

#[tokio::test]
async fn a_code_is_made_more_precise_by_choices_and_the_cluster_is_confirmed_and_shown_with_its_titles() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let patient = clinic.patient("Rosa", "Encino").await;
    let id = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
    let entry =
        ConditionEntry { text: "gonartrosis derecha".into(), certainty: Certainty::Confirmed, code: None };
    let add = ReviewAction::Add { section: SectionId::DIAGNOSES, content: ItemContent::Condition(entry) };
    let kind = DocumentKind::PROGRESS_NOTE;
    let view = clinic.care.review(&clinic.physician, id, kind, 0, &add).await.unwrap();
    let item = view.draft.items.last().unwrap().id;
    let page = browser.get(&format!("/consultas/{id}")).await;
    let precise = browser.send(&page.form("/codigo").set("codigo", "FA01.Z").set("precisar", "si")).await;
    check_weight(&precise);
    assert!(precise.shows("Precisar FA01.Z") && precise.shows("El diagnóstico lo dice: «Derecho»"));
    assert!(precise.shows("Osteoartritis de la rodilla, sin especificación [Derecho]"), "{}", precise.html);
    let here = format!("/consultas/{id}/cie/precisar?oracion={item}&documento=nota&codigo=FA01.Z&elegido=si");
    let none = browser.get(&here).await;
    assert!(!none.shows("[Derecho]") && none.shows("FA01.Z"), "what was proposed can be taken away");
    let wrong = browser.get(&format!("{here}&eje-lado=XK9K&otros=XK8G")).await;
    assert!(wrong.shows("De «Lado» se elige uno: «Derecho» y «Izquierdo» no van juntos."), "{}", wrong.html);
    assert!(!wrong.shows("Confirmar código"));
    let search =
        browser.get(&format!("/consultas/{id}/cie?oracion={item}&documento=nota&q=FA01.Z%26ZZ99")).await;
    assert!(search.shows("El código ZZ99 no existe en la edición en uso."), "{}", search.html);
    let good = browser.get(&format!("{here}&eje-lado=XK9K&eje-gravedad=XS25")).await;
    let done = browser.send(&good.form("/codigo").set("codigo", "FA01.Z&XK9K&XS25")).await;
    assert!(done.shows("FA01.Z&#38;XK9K&#38;XS25: Osteoartritis de la rodilla"), "{}", done.html);
    let view = clinic.care.consultation(&clinic.physician, id, kind).await.unwrap();
    let ItemContent::Condition(condition) = &view.draft.item(item).unwrap().content else { panic!("otro") };
    let code = condition.code.as_ref().unwrap();
    assert_eq!((code.icd11.as_str(), code.icd10.as_deref()), ("FA01.Z&XK9K&XS25", Some("M17.9")));
    assert_eq!(code.title, "Osteoartritis de la rodilla, sin especificación [Derecho] [Grave]");
}

#[tokio::test]
async fn whatever_is_typed_into_the_search_of_codes_is_answered_in_plain_words() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let patient = clinic.patient("Rosa", "Encino").await;
    let id = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
    let entry = ConditionEntry { text: "algo".into(), certainty: Certainty::Confirmed, code: None };
    let add = ReviewAction::Add { section: SectionId::DIAGNOSES, content: ItemContent::Condition(entry) };
    let view = clinic.care.review(&clinic.physician, id, DocumentKind::PROGRESS_NOTE, 0, &add).await.unwrap();
    let item = view.draft.items.last().unwrap().id;
    let long = "dolor%20".repeat(1_250);
    for (typed, words) in [
        ("", "Buscar código"),
        ("%F0%9F%99%82%F0%9F%99%82", "Ningún código coincide con «🙂🙂»"),
        ("ZZ99", "Ningún código coincide"),
        ("5A99", "Ningún código coincide"),
        ("XK9K", "XK9K solo precisa a otro código"),
        ("5A11%2F5A99", "El código 5A99 no existe en la edición en uso."),
        ("xyzzy%20qwrt", "Ningún código coincide"),
        ("dolor%20de%20cabeza", "8A8"),
        ("fractura%20abierta%20cerrada", "Confirmar código"),
        (long.as_str(), "Confirmar código"),
    ] {
        let page = browser.get(&format!("/consultas/{id}/cie?oracion={item}&documento=nota&q={typed}")).await;
        assert_eq!(page.status, StatusCode::OK, "{typed}");
        assert!(page.shows(words), "{typed}: {}", page.html);
    }
    let lost =
        browser.get(&format!("/consultas/{id}/cie/precisar?oracion={item}&documento=nota&codigo=ZZ99")).await;
    assert!(lost.status.is_client_error() && lost.shows("Elija un código de la lista"), "{}", lost.html);
}

#[tokio::test]
async fn a_code_is_confirmed_with_the_cie_10_code_that_was_chosen_and_both_are_shown() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let form = browser.get("/cie11").await.form("/cie11");
    for (name, text) in [("es.txt", ES), ("a10.txt", TO_10), ("de10.txt", FROM_10)] {
        browser.upload_named(&form, name, text.as_bytes()).await;
    }
    let patient = clinic.patient("Rosa", "Encino").await;
    let id = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
    let entry = ConditionEntry { text: "presión alta".into(), certainty: Certainty::Confirmed, code: None };
    let add = ReviewAction::Add { section: SectionId::DIAGNOSES, content: ItemContent::Condition(entry) };
    let kind = DocumentKind::PROGRESS_NOTE;
    let view = clinic.care.review(&clinic.physician, id, kind, 0, &add).await.unwrap();
    let item = view.draft.items.last().unwrap().id;

    let page = browser.get(&format!("/consultas/{id}")).await;
    assert!(page.shows("CIE-10: 2 claves posibles") && page.shows("I15.9 · Secondary hypertension"));
    let search = browser.get(&format!("/consultas/{id}/cie?oracion={item}&documento=nota&q=J18.9")).await;
    assert!(search.shows("Neumonía, organismo sin especificación"), "{}", search.html);
    check_weight(&search);
    let mut keep = search.form("/codigo").set("guardar", "CA40.Z");
    keep.action = format!("/consultas/{id}/cie/favorito?oracion={item}&documento=nota");
    let kept = browser.send(&keep).await;
    assert!(kept.shows("Quitar de favoritos: CA40.Z"), "{}", kept.html);
    let search = browser.get(&format!("/consultas/{id}/cie?oracion={item}&documento=nota")).await;
    assert!(search.shows("Favoritos") && search.shows("CA40.Z") && search.shows("Capítulos"));

    let confirm = page.form("/codigo").set("codigo", "BA00.Z").set("cie10-BA00.Z", "E11.9");
    assert!(browser.send(&confirm).await.shows("Elija una clave CIE-10 de las que corresponden"));
    let done = browser.send(&confirm.set("cie10-BA00.Z", "I15.9")).await;
    assert!(done.shows("BA00.Z"), "{}", done.html);
    let view = clinic.care.consultation(&clinic.physician, id, kind).await.unwrap();
    let ItemContent::Condition(condition) = &view.draft.item(item).unwrap().content else { panic!("otro") };
    let code = condition.code.as_ref().unwrap();
    assert_eq!((code.icd10.as_deref(), code.release.as_deref()), (Some("I15.9"), Some("2024-01")));
}
