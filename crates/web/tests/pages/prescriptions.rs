//! The receta through the pages without scripts: a line typed in one go, favourites, renewal, cancellation, the letterhead.

use axum::http::StatusCode;
use care::review::ReviewAction;
use clinical::document::DocumentKind;
use clinical::draft::{ItemContent, SectionId};
use clinical::ids::{EncounterId, PatientId};
use test_support::{Clinic, PASSWORD};

use crate::browser::{Browser, Form, Page};
use crate::{check_weight, clinic};

const NEV: DocumentKind = DocumentKind::PROGRESS_NOTE;
const LINE: &str = "parasetamol 500 mg, caja con 20, 1 tab c/8h 5 d";

async fn visit(clinic: &Clinic, patient: PatientId) -> (EncounterId, Browser, Page) {
    let id = clinic.care.start_visit(&clinic.physician, patient, "Control").await.unwrap();
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let page = browser.get(&format!("/consultas/{id}")).await;
    (id, browser, page)
}

/// Types a line, looks at its fields and saves it.
async fn type_line(browser: &mut Browser, page: &Page, line: &str) -> Page {
    let read = browser.send(&page.form("/renglon").set("renglon", line)).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.html);
    check_weight(&read);
    let selected = [("unidad", "tableta"), ("via", "oral"), ("periodicidad", "8"), ("accion", "start")];
    for (_, value) in selected {
        assert!(read.shows(&format!("<option value=\"{value}\" selected>")), "{value}: {}", read.html);
    }
    let mut form = read.form("/oraciones");
    for (name, value) in selected {
        form = form.set(name, value);
    }
    browser.send(&form).await
}

#[tokio::test]
async fn a_line_typed_in_one_go_is_read_into_its_fields_and_saved_from_there() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let (_, mut browser, page) = visit(&clinic, patient).await;
    let read = browser.send(&page.form("/renglon").set("renglon", LINE)).await;
    assert!(read.shows("Se entendió «paracetamol» por «parasetamol»"), "{}", read.html);
    assert!(
        read.shows("tableta de 500 mg, caja con 20") && read.shows("la calculada: 1 caja con 20 tabletas")
    );
    let saved = type_line(&mut browser, &page, LINE).await;
    assert!(saved.shows("1 caja con 20 tabletas (calculada)"), "{}", saved.html);

    for (wrong, told) in [
        ("paracetamol 500.000 mg c/8h", "No se sabe si el punto separa miles"),
        ("paracetamol 500 mg c/0h", "Escriba cada cuántas horas"),
        ("losartán 50 mg c/24h 400 d", "Escriba la duración en días, de 1 a 365"),
        ("Zutrolex 10 mg c/12h", "value=\"Zutrolex\""),
        ("metamizol medio gramo cada ocho", "value=\"0.5\""),
        ("losartán 1/2 tableta c/24h", "value=\"0.5\""),
        ("", "Escriba primero el nombre genérico"),
    ] {
        let read = browser.send(&page.form("/renglon").set("renglon", wrong)).await;
        assert!(read.shows(told), "{wrong}: {}", read.html);
    }
    let mut names = page.form("/renglon").set("renglon", "parasetam");
    names.action += "/nombres";
    let offered = browser.send(&names).await;
    assert!(offered.shows("value=\"paracetamol\"") && !offered.shows("<html"), "{}", offered.html);
}

#[tokio::test]
async fn a_name_like_another_is_confirmed_and_an_unknown_one_corrected_by_one_step() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let (id, mut browser, page) = visit(&clinic, patient).await;
    let line = "hidroxizina 10 mg, caja con 20, 1 tab c/8h 5 d";
    let asked = type_line(&mut browser, &page, line).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.shows("Confirme el nombre: hidroxizina se confunde con hidralazina"), "{}", asked.html);
    let selected = [("unidad", "tableta"), ("via", "oral"), ("periodicidad", "8"), ("accion", "start")];
    let filled = |form| selected.iter().fold(form, |form: Form, (name, value)| form.set(name, value));
    let saved = browser.send(&filled(asked.form("/oraciones")).set("cual", "hidroxizina")).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.html);

    let empty = browser.send(&saved.form("/renglon").set("renglon", "")).await;
    let write = |name| filled(empty.form("/oraciones")).set("medicamento", name).set("dosis", "1");
    let unknown = browser.send(&write("loratadinna")).await;
    assert!(unknown.shows("loratadinna no está en las fuentes cargadas"), "{}", unknown.html);
    assert!(unknown.shows("name=\"medicamento\" value=\"loratadina\""), "{}", unknown.html);
    browser.send(&unknown.form("/editar").set("medicamento", "loratadina")).await;
    let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
    let lines: Vec<_> = view.draft.medication_requests().map(|line| line.medicine.clone()).collect();
    assert_eq!(lines, ["hidroxizina", "loratadina"]);
    assert!(view.safety.unknown.is_empty(), "{:?}", view.safety.unknown);
    let dose = view.draft.medication_requests().last().and_then(|line| line.dose);
    assert_eq!(dose.map(|dose| dose.to_string()).as_deref(), Some("1 tableta"), "the rest of the line stays");
}

#[tokio::test]
async fn a_line_that_lacks_something_is_completed_by_one_press_or_by_a_few_words() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let (id, mut browser, page) = visit(&clinic, patient).await;
    let read = browser.send(&page.form("/renglon").set("renglon", "loratadina 10 mg c/24h")).await;
    let form = read.form("/oraciones").set("unidad", "mg").set("periodicidad", "24").set("accion", "start");
    let page = browser.send(&form).await;
    assert!(page.shows("tableta de 10 mg, vía oral") && page.shows("según catálogo"), "{}", page.html);
    check_weight(&page);
    let wrong = browser.send(&page.form("/completar").set("resto", "400 d")).await;
    assert!(wrong.shows("Escriba la duración en días, de 1 a 365"), "{}", wrong.html);
    assert!(
        wrong.shows("value=\"400 d\"") && wrong.shows("/editar"),
        "what was typed is gone: {}",
        wrong.html
    );
    let page = browser.send(&page.form("/completar").set("con", "tableta de 10 mg, vía oral")).await;
    let page = browser.send(&page.form("/completar").set("resto", "7 d")).await;
    assert!(page.shows("7 tabletas (calculada)") && !page.shows("/completar"), "{}", page.html);
    let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
    let line = view.draft.medication_requests().next().unwrap().to_string();
    assert_eq!(line, "Loratadina (tableta de 10 mg) 10 mg, vía oral, cada 24 horas, por 7 días.");
}

#[tokio::test]
async fn medicines_of_a_note_become_a_favourite_and_are_put_into_another() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let (id, mut browser, page) = visit(&clinic, patient).await;
    let saved = type_line(&mut browser, &page, LINE).await;
    let offers = browser.get(&saved.link("/receta").unwrap()).await;
    check_weight(&offers);
    assert!(offers.shows("Este expediente no tiene recetas firmadas"));
    let mut keep = offers.form("/receta/guardar");
    let view = clinic.care.consultation(&clinic.physician, id, NEV).await.unwrap();
    keep = keep.set("renglones", &view.draft.items[0].id.to_string());
    assert_eq!(browser.send(&keep).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = browser.send(&keep.set("nombre", "Dolor leve")).await;
    assert!(
        kept.shows("Guardado en sus favoritos") && kept.shows("Favorito, 1 medicamento"),
        "{}",
        kept.html
    );

    let (_, mut browser, page) = visit(&clinic, patient).await;
    let offers = browser.get(&page.link("/receta").unwrap()).await;
    let done = browser.send(&offers.form("/receta/favorito")).await;
    assert!(done.shows("1 caja con 20 tabletas (calculada)"), "{}", done.html);
    let own = browser.get("/cuenta/preferencias").await;
    let removed = browser.send(&own.form("/quitar")).await;
    assert!(removed.shows("Quitado de sus favoritos") && !removed.shows("Dolor leve"), "{}", removed.html);
}

#[tokio::test]
async fn a_receta_is_renewed_and_cancelled_with_a_reason_and_the_password() {
    let clinic = clinic().await;
    let (care, by) = (&clinic.care, &clinic.physician);
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let (id, mut browser, page) = visit(&clinic, patient).await;
    type_line(&mut browser, &page, LINE).await;
    let mut view = care.consultation(by, id, NEV).await.unwrap();
    for _ in 0..20 {
        let gap = view.findings.iter().find_map(|finding| match &finding.place {
            nom004::Place::Section(section) if finding.blocks() => Some(section.clone()),
            _ => None,
        });
        let Some(section) = gap else { break };
        let content = ItemContent::Statement { text: "Se valora y se explica.".to_owned() };
        let add = ReviewAction::Add { section: SectionId::new(&section.0), content };
        view = care.review(by, id, NEV, view.version, &add).await.unwrap();
    }
    let signed = care.sign(by, id, NEV, view.version, PASSWORD.to_owned()).await.unwrap();
    let receta = format!("/documentos/{}", signed.prescription.unwrap());

    let (_, _, page) = visit(&clinic, patient).await;
    let offers = browser.get(&page.link("/receta").unwrap()).await;
    let renewed = browser.send(&offers.form("/receta/renovar")).await;
    assert!(renewed.shows("Propuesta: ") && renewed.shows("Continúa"), "{}", renewed.html);

    let shown = browser.get(&receta).await;
    let sheet = browser.get(&shown.link("/hoja").unwrap()).await;
    assert!(sheet.html.starts_with("%PDF-"));
    let form = shown.form("/cancelar");
    let refused = browser.send(&form).await;
    assert!(refused.shows("Escriba por qué se cancela la receta"), "{}", refused.html);
    let form = form.set("motivo", "dosis equivocada");
    let refused = browser.send(&form.set("contrasena", "otra")).await;
    assert!(refused.shows("La contraseña no coincide") && refused.shows("dosis equivocada"));
    let form = refused.form("/cancelar").set("contrasena", PASSWORD);
    let done = browser.send(&form).await;
    assert!(done.shows("Receta cancelada: no se surte") && done.shows("dosis equivocada"), "{}", done.html);
    assert!(!done.html.contains("Cancelar esta receta"));
    let chart = browser.get(&format!("/pacientes/{patient}")).await;
    assert!(chart.shows("Cancelada"), "{}", chart.html);
    assert!(browser.get("/documentos").await.shows("Cancelada"));
}

#[tokio::test]
async fn the_establishment_changes_its_data_and_its_logo() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let link = browser.get("/cuentas").await.link("/establecimiento").unwrap();
    let page = browser.get(&link).await;
    check_weight(&page);
    let form = page.form("/establecimiento").set("zona_horaria", "America/Tijuana");
    let refused = browser.send(&page.form("/establecimiento").set("domicilio", " ")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let saved = browser.send(&form.set("domicilio", "Avenida Inventada 7, Tijuana")).await;
    assert!(saved.shows("Datos guardados") && saved.shows("Avenida Inventada 7, Tijuana"), "{}", saved.html);
    let logo = saved.form("/logotipo");
    let refused = browser.upload_named(&logo, "logo.png", b"%PDF-1.7").await;
    assert!(refused.shows("Elija una imagen PNG o SVG"), "{}", refused.html);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 4\"><path d=\"M0 0h4v4z\"/></svg>";
    let done = browser.upload_named(&logo, "logo.svg", svg).await;
    assert!(done.shows("Logotipo guardado"), "{}", done.html);
    let picture = browser.get("/establecimiento/logotipo").await;
    assert_eq!(picture.headers["content-type"], "image/svg+xml");
    assert!(picture.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let gone = browser.send(&done.form("/logotipo/quitar")).await;
    assert!(gone.shows("Logotipo quitado") && gone.shows("Sin logotipo"));
}
