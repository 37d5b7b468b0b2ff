//! Who a patient is, through the pages: doubles, newborns, representatives, records joined and separated.

use axum::http::StatusCode;
use test_support::Clinic;

use crate::browser::{Browser, Form, Page};
use crate::clinic;

async fn new_patient(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let mut form = browser.get("/pacientes/nuevo").await.form("/pacientes/nuevo");
    for (name, value) in fields {
        form = form.set(name, value);
    }
    browser.send(&form).await
}

const ROSA: [(&str, &str); 5] = [
    ("nombre", "Rosa María"),
    ("primer_apellido", "Núñez"),
    ("segundo_apellido", "D'Ávila"),
    ("fecha_nacimiento", "07/03/1984"),
    ("sexo", "female"),
];

/// A choice keeps no value in the form a test reads back.
fn woman(form: Form) -> Form {
    form.set("sexo", "female")
}

/// What a label or an error leads to must be one thing.
fn ids_are_unique(page: &Page) {
    let mut seen = std::collections::HashSet::new();
    for part in page.html.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert!(seen.insert(id), "{}: id {id} stands twice", page.path);
    }
}

#[tokio::test]
async fn a_double_is_shown_before_a_second_record_is_made() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    assert_eq!(new_patient(&mut browser, &ROSA).await.status, StatusCode::OK);
    let mut again = ROSA;
    again[1].1 = "Nunez";
    again[3].1 = "03/07/1984";
    let asked = new_patient(&mut browser, &again).await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert!(
        asked.shows("¿Es una de estas personas?") && asked.shows("Rosa María Núñez D&#39;Ávila"),
        "{}",
        asked.html
    );
    assert!(asked.shows("día y mes de nacimiento al revés"), "{}", asked.html);
    assert!(asked.shows("value=\"03/07/1984\""), "what was typed is gone");
    ids_are_unique(&asked);
    // Without the tick nothing is saved; the record that is there opens; with the tick there are two.
    let form = woman(asked.form("/pacientes/nuevo"));
    assert_eq!(browser.send(&form).await.status, StatusCode::CONFLICT);
    let there = browser.get(&asked.link("/editar").unwrap()).await;
    assert!(there.shows("value=\"07/03/1984\""), "{}", there.html);
    let saved = browser.send(&form.set("confirmado", "si")).await;
    assert!(saved.shows("2 pacientes"), "{}", saved.html);
}

#[tokio::test]
async fn a_name_of_three_hundred_letters_is_refused_at_its_field_and_nothing_is_lost() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    let long = "Ñá".repeat(150);
    let mut fields = ROSA.to_vec();
    fields[1].1 = &long;
    fields.push(("lengua", "náhuatl"));
    let page = new_patient(&mut browser, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.shows("href=\"#primer_apellido\">Escriba esta parte del nombre en 120 letras o menos"),
        "{}",
        page.html
    );
    assert!(page.shows(&long) && page.shows("value=\"náhuatl\"") && !page.shows("maxlength=\"120\""));
    let folded = |page: &Page| page.shows("<details class=\"more\"><summary>Más datos");
    assert!(folded(&page), "no error in the folded part");
    fields[1].1 = "Núñez";
    fields.push(("clave_inegi", "12"));
    let page = new_patient(&mut browser, &fields).await;
    assert!(page.shows("5 dígitos (municipio)") && !folded(&page), "{}", page.html);
}

#[tokio::test]
async fn the_data_of_the_folded_part_are_kept_and_shown_again() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let mut fields = ROSA.to_vec();
    fields.extend([
        ("curp", "HEGG560427MVZRRL04"),
        ("entidad_nacimiento", "21"),
        ("nacionalidad", "mexicana"),
        ("entidad", "09"),
        ("municipio", "Tláhuac"),
        ("lengua", "náhuatl"),
        ("interprete", "si"),
    ]);
    let chart = new_patient(&mut browser, &fields).await;
    assert!(
        chart.shows("La fecha de nacimiento y la entidad de nacimiento no coinciden con la CURP"),
        "{}",
        chart.html
    );
    let edit = browser.get(&chart.link("/editar").unwrap()).await;
    for value in ["value=\"21\" selected", "value=\"09\" selected", "value=\"Tláhuac\"", "value=\"náhuatl\""]
    {
        assert!(edit.shows(value), "{value}");
    }
    assert!(edit.shows("name=\"interprete\" value=\"si\" checked"), "{}", edit.html);
}

async fn identity_of(browser: &mut Browser, clinic: &Clinic, given: &str) -> (String, Page) {
    let id = clinic.patient(given, "Ahuehuete").await;
    let page = browser.get(&format!("/pacientes/{id}/identidad")).await;
    assert_eq!(page.status, StatusCode::OK);
    (format!("/pacientes/{id}"), page)
}

#[tokio::test]
async fn records_are_compared_joined_and_separated_again() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let (kept, _) = identity_of(&mut browser, &clinic, "Jacinta").await;
    let (other, _) = identity_of(&mut browser, &clinic, "Jasinta").await;
    let wrong = browser.get(&format!("{kept}/unir?numero=77")).await;
    assert!(
        wrong.shows("No hay un expediente con ese número") && wrong.shows("value=\"77\""),
        "{}",
        wrong.html
    );
    let compare = browser.get(&format!("{kept}/unir?numero=2")).await;
    assert!(compare.shows("nombre parecido") && compare.shows("class=\"differs\""), "{}", compare.html);
    let form = compare.form("/unir");
    let unreasoned = browser.send(&form).await;
    assert_eq!(unreasoned.status, StatusCode::UNPROCESSABLE_ENTITY);
    let joined = browser.send(&form.clone().set("motivo", "se registró dos veces")).await;
    assert!(joined.shows("Expedientes unidos") && joined.shows("Reúne también 000002"), "{}", joined.html);
    let late = browser.send(&form.set("motivo", "otra vez")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.shows("ya unió el expediente 000002 al 000001"), "{}", late.html);
    // The address of the other leads to the one that stays, and so does its number.
    let moved = browser.get(&other).await;
    assert!(moved.shows("Ese expediente se unió a este") && moved.shows("Jacinta"), "{}", moved.html);
    assert!(browser.get("/pacientes?q=000002").await.shows("Jacinta"));
    let file = browser.get(&format!("{kept}/identidad")).await;
    assert!(file.shows("se registró dos veces"), "{}", file.html);
    ids_are_unique(&file);
    let apart = browser.send(&file.form("/separar").set("motivo", "eran hermanas")).await;
    assert!(apart.shows("Expedientes separados") && apart.shows("eran hermanas"), "{}", apart.html);
    assert!(browser.get(&other).await.shows("Jasinta"));
}

#[tokio::test]
async fn reception_sees_the_history_but_joins_nothing() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    let (address, page) = identity_of(&mut browser, &clinic, "Jacinta").await;
    assert!(page.shows("Historia de los datos") && !page.shows("Número del otro expediente"));
    let edit = browser.get(&format!("{address}/editar")).await;
    let changed = woman(edit.form("/editar")).set("primer_apellido", "Sabino");
    browser.send(&changed).await;
    let page = browser.get(&format!("{address}/identidad")).await;
    assert!(page.shows("<del>Ahuehuete</del>") && page.shows("<ins>Sabino</ins>"), "{}", page.html);
    let refused = browser.get(&format!("{address}/unir?numero=2")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.shows("no puede unir expedientes"), "{}", refused.html);
}

#[tokio::test]
async fn a_newborn_is_registered_from_the_mothers_record_with_a_representative() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let (_, page) = identity_of(&mut browser, &clinic, "Jacinta").await;
    let form = browser.get(&page.link("/pacientes/nuevo?madre=").unwrap()).await;
    assert!(form.shows("value=\"Jacinta Ahuehuete Roble\""), "{}", form.html);
    let form = form.form("/pacientes/nuevo").set("recien_nacido", "si").set("sexo", "undetermined");
    let chart =
        browser.send(&form.set("fecha_nacimiento", "10/03/2026").set("hora_nacimiento", "9:59")).await;
    assert!(chart.shows("Recién nacido de Jacinta Ahuehuete Roble"), "{}", chart.html);
    assert!(chart.shows("Registrar quién representa a este menor"), "{}", chart.html);
    let file = browser.get(&chart.link("/identidad").unwrap()).await;
    assert!(file.shows("no hay nadie registrado") && file.shows("Madre: "), "{}", file.html);
    let form =
        file.form("/representantes").set("rep_nombre", "Jacinta").set("rep_primer_apellido", "Ahuehuete");
    let refused = browser.send(&form.clone().set("rep_calidad", "mother")).await;
    assert!(refused.shows("Escriba con qué documento se identificó"), "{}", refused.html);
    ids_are_unique(&refused);
    let form = form.set("rep_calidad", "mother").set("rep_identificacion", "INE 1234567890123");
    let saved = browser.send(&form).await;
    assert!(
        saved.shows("Representante guardado") && !saved.shows("no hay nadie registrado"),
        "{}",
        saved.html
    );
    let closed = browser.send(&saved.form("/quitar")).await;
    assert!(closed.shows("ya no figura") && closed.shows("no hay nadie registrado"), "{}", closed.html);
}

#[tokio::test]
async fn the_aviso_is_written_once_and_answers_name_its_version() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let id = clinic.patient("Jacinta", "Ahuehuete").await;
    let address = format!("/pacientes/{id}/consentimientos");
    let page = browser.get(&address).await;
    assert!(page.shows("aún no publica su aviso") && !page.shows("Registrar respuesta"), "{}", page.html);
    let form = browser.get("/aviso-de-privacidad").await.form("/aviso-de-privacidad");
    let short = browser.send(&form.clone().set("texto", "Corto <b>")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.shows("Escriba el aviso completo") && short.shows("Corto &#60;b&#62;"), "{}", short.html);
    let text = "Responsable: Inés Prueba Ceiba. ".repeat(10);
    let published = browser.send(&form.set("texto", &text)).await;
    assert!(published.shows("Versión publicada") && published.shows("Versión 1, "), "{}", published.html);

    let page = browser.get(&address).await;
    let form = page.form("/consentimientos").set("respuesta", "si");
    let unsaid = browser.send(&form).await;
    ids_are_unique(&unsaid);
    assert!(unsaid.shows("Elija cómo respondió") && unsaid.shows("href=\"#medio\""), "{}", unsaid.html);
    let saved = browser.send(&form.set("medio", "paper")).await;
    assert!(
        saved.shows("Respuesta guardada") && saved.shows("acepta, versión 1 del aviso, firma en papel"),
        "{}",
        saved.html
    );
    let withdrawn = saved.form("/consentimientos").set("respuesta", "no").set("medio", "spoken");
    assert!(browser.send(&withdrawn).await.shows("no acepta, versión 1 del aviso, de palabra"));

    let mut reception = Browser::of(&clinic.care, "recepcion").await;
    let read = reception.get("/aviso-de-privacidad").await;
    assert!(read.shows("Responsable: Inés") && !read.shows("Publicar versión"), "{}", read.html);
}
