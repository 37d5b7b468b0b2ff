//! A resident's note through the pages: written, sent, returned, sent again and signed by the supervising physician.

use axum::http::StatusCode;

use crate::browser::{Browser, Page};
use crate::clinic;

async fn fill(browser: &mut Browser, mut page: Page) -> Page {
    for _ in 0..8 {
        let Some(gap) = page.html.split("class=\"gap\"").nth(1).map(str::to_owned) else { break };
        let href = gap.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let open = browser.get(&href).await;
        let form = open.form("/oraciones").set("texto", "Escrito por el residente.");
        page = browser.send(&form).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    }
    page
}

#[tokio::test]
async fn a_resident_sends_a_note_and_the_physician_returns_it_and_then_signs_it() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut resident = Browser::of(&clinic.care, "residente").await;
    let chart = resident.get(&format!("/pacientes/{patient}")).await;
    let page = resident.send(&chart.form("/consultas")).await;
    let page = fill(&mut resident, page).await;
    assert!(page.shows("Enviar a firma") && !page.shows("Firmar nota"), "{}", page.html);

    let open = resident.get(&page.link("/firmar").unwrap()).await;
    let unchosen = open.form("/enviar").set("contrasena", test_support::PASSWORD);
    let refused = resident.send(&unchosen).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Elija al médico que supervisa y firma"), "{}", refused.html);
    let physician = clinic.physician.practitioner_id.unwrap().to_string();
    let send =
        refused.form("/enviar").set("supervisor", &physician).set("contrasena", test_support::PASSWORD);
    let today = resident.send(&send).await;
    assert!(today.shows("Enviado a firma.") && today.shows("En firma con Dra. Inés"), "{}", today.html);

    let mut ines = Browser::of(&clinic.care, "ines").await;
    let today = ines.get("/hoy").await;
    assert!(today.shows("Por firmar con supervisión") && today.shows("Emiliano Sauce Prado"));
    let note = page.path.split('?').next().unwrap().replace("/nota/oraciones", "");
    let note = ines.get(&note).await;
    assert!(note.shows("se lo envió a firma"), "{}", note.html);
    let review = ines.get(&note.link("/firmar").unwrap()).await;
    let empty = ines.send(&review.form("/devolver")).await;
    assert!(empty.shows("Escriba qué falta corregir"), "{}", empty.html);
    let back = ines.send(&empty.form("/devolver").set("comentario", "Precise el pronóstico.")).await;
    assert!(back.shows("Devuelto a quien lo elaboró") && !back.shows("Por firmar con supervisión"));

    let returned = resident.get(&note.path).await;
    assert!(returned.shows("lo devolvió") && returned.shows("Precise el pronóstico."), "{}", returned.html);
    let open = resident.get(&returned.link("/firmar").unwrap()).await;
    let send = open.form("/enviar").set("supervisor", &physician).set("contrasena", test_support::PASSWORD);
    resident.send(&send).await;
    let review = ines.get(&note.link("/firmar").unwrap()).await;
    assert!(review.shows("Elaboró <strong>Emiliano Sauce Prado, residente</strong>"), "{}", review.html);
    let signed = ines.send(&review.form("/firmar").set("contrasena", test_support::PASSWORD)).await;
    assert!(signed.shows("Supervisó y firmó") && signed.shows("Emiliano Sauce Prado, residente"));
    assert!(signed.shows("El contenido coincide con lo que se firmó"), "{}", signed.html);
}

#[tokio::test]
async fn a_resident_is_refused_where_only_a_physician_signs() {
    let clinic = clinic().await;
    let (_, page) = crate::consultation(&clinic, crate::TRANSCRIPT).await;
    let mut resident = Browser::of(&clinic.care, "residente").await;
    let path = page.path.split('?').next().unwrap().to_owned();
    let note = resident.get(&path).await;
    let sign = resident.get(&note.link("/firmar").unwrap()).await;
    assert!(sign.shows("Pasante o residente no puede firmar"), "{}", sign.html);
    assert_eq!(resident.get("/bitacora").await.status, StatusCode::FORBIDDEN);
}
