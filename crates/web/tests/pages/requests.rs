//! Interconsultas through the pages: listed, answered from the request, each showing the other; late notes on Hoy.

use crate::browser::{Browser, Page};
use crate::clinic;

/// Fills every required section with a sentence, or with what its form asks for first.
async fn fill(browser: &mut Browser, mut page: Page) -> Page {
    for _ in 0..30 {
        let Some(gap) = page.html.split("class=\"gap\"").nth(1).map(str::to_owned) else { break };
        let href = gap.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let open = browser.get(&href).await;
        let form = open.form("/oraciones").set("texto", "Escrito por la médica.").set("signo_hr", "72");
        page = browser.send(&form).await;
        assert!(page.status.is_success(), "{}", page.html);
    }
    page
}

async fn sign(browser: &mut Browser, page: Page) -> Page {
    let page = fill(browser, page).await;
    let review = browser.get(&page.link("/firmar").unwrap()).await;
    let signed = browser.send(&review.form("/firmar").set("contrasena", test_support::PASSWORD)).await;
    assert!(signed.shows("El contenido coincide con lo que se firmó"), "{}", signed.html);
    signed
}

#[tokio::test]
async fn a_request_is_answered_from_its_page_and_both_link_to_each_other() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let choose = browser.get(&format!("/pacientes/{patient}/documentos/nuevo")).await;
    let page = browser.send(&choose.form("/documentos/nuevo").set("documento", "SIC")).await;
    let request = sign(&mut browser, page).await;
    assert!(request.shows("Sin respuesta todavía."), "{}", request.html);
    let today = browser.get("/hoy").await;
    assert!(today.shows("Interconsultas sin respuesta"), "{}", today.html);
    let record = browser.get(&format!("/pacientes/{patient}")).await;
    assert!(record.shows("Solicitud de interconsulta sin respuesta"), "{}", record.html);

    let page = browser.send(&request.form("/responder")).await;
    assert!(page.shows("Responde a: <a href"), "{}", page.html);
    let answer = sign(&mut browser, page).await;
    assert!(answer.shows("Responde a: <a href"), "{}", answer.html);
    let request = browser.get(request.path.split('?').next().unwrap()).await;
    assert!(request.shows("Respondida en:") && !request.shows("Sin respuesta todavía."));
    assert!(!browser.get("/hoy").await.shows("Interconsultas sin respuesta"));
}

#[tokio::test]
async fn a_late_note_stands_on_hoy_and_in_the_record_until_it_is_written_or_the_stay_is_over() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let choose = browser.get(&format!("/pacientes/{patient}/documentos/nuevo")).await;
    let page = browser.send(&choose.form("/documentos/nuevo").set("documento", "NIU")).await;
    sign(&mut browser, page).await;
    clinic.clock.set(clinic.care.now() + jiff::SignedDuration::from_hours(9));
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let today = browser.get("/hoy").await;
    assert!(today.shows("Notas vencidas") && today.shows("NOM-027-SSA3-2013, numeral 6.2.2"));
    let record = browser.get(&format!("/pacientes/{patient}")).await;
    assert!(record.shows("Nota vencida: Nota de evolución en urgencias."), "{}", record.html);
    let over = browser.send(&record.form("/estancia").set("motivo", "Se fue a su casa")).await;
    assert!(over.shows("Se anotó que la estancia terminó.") && !over.shows("Nota vencida"), "{}", over.html);
}
