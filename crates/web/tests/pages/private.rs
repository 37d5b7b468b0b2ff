//! Private groups and openings with a reason, through the pages.

use axum::http::StatusCode;
use test_support::Clinic;

use crate::browser::Browser;
use crate::clinic;

async fn private_record(clinic: &Clinic) -> (Browser, String) {
    let patient = clinic.patient("Jacinta", "Zempoalteca").await;
    let mut admin = Browser::of(&clinic.care, "ines").await;
    let page = admin.get("/grupos").await;
    let refused = admin.send(&page.form("/grupos")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Escriba el nombre del grupo") && refused.shows("Elija a su primer miembro"));
    let member = clinic.physician.user_id.to_string();
    let form = refused.form("/grupos").set("nombre", "Salud mental").set("miembro", &member);
    let page = admin.send(&form).await;
    assert!(page.shows("Grupo guardado.") && page.shows("Salud mental"), "{}", page.html);
    let wrong = admin.send(&page.form("/expedientes").set("expediente", "99")).await;
    assert!(
        wrong.shows("No hay un expediente con ese número") && wrong.shows("value=\"99\""),
        "{}",
        wrong.html
    );
    let page = admin.send(&page.form("/expedientes").set("expediente", "1")).await;
    assert!(page.shows("Expediente 000001, Jacinta Zempoalteca Roble"), "{}", page.html);
    (admin, format!("/pacientes/{patient}"))
}

#[tokio::test]
async fn a_private_record_is_found_by_exact_data_and_opened_with_a_reason() {
    let clinic = clinic().await;
    let (mut admin, chart) = private_record(&clinic).await;
    let mut nurse = Browser::of(&clinic.care, "enfermeria").await;
    let patients = nurse.get("/pacientes?q=zempoalteca").await;
    assert!(patients.shows("Nadie coincide"), "{}", patients.html);
    assert_eq!(nurse.get(&chart).await.status, StatusCode::NOT_FOUND);
    let page = nurse.get(&patients.link("/expediente-privado").unwrap()).await;
    let form = page
        .form("/expediente-privado")
        .set("nombre", "Jacinta")
        .set("primer_apellido", "Zempoalteca")
        .set("fecha_nacimiento", "12/01/1962");
    let nothing = nurse.send(&form).await;
    assert!(nothing.shows("No hay un expediente privado") && nothing.shows("value=\"Zempoalteca\""));
    let found = nurse.send(&form.set("segundo_apellido", "Roble")).await;
    assert!(found.shows("Existe el expediente privado 000001"), "{}", found.html);
    let open = found.form("/expediente-privado/abrir");
    let refused = nurse.send(&open.clone().set("detalle", "Llegó inconsciente")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Elija por qué necesita abrirlo") && refused.shows("Llegó inconsciente"));
    let opened = nurse.send(&open.set("motivo", "emergency").set("detalle", "Llegó inconsciente")).await;
    assert!(opened.shows("Zempoalteca") && opened.shows("private-band"), "{}", opened.html);
    assert!(admin.get("/hoy").await.shows("abrió el expediente privado de Jacinta Zempoalteca Roble"));
    let mut auditor = Browser::of(&clinic.care, "auditoria").await;
    let log = auditor.get("/bitacora").await;
    let review = auditor.get(&log.link("/bitacora/aperturas").unwrap()).await;
    assert!(review.shows("Llegó inconsciente") && review.shows("Por revisar"), "{}", review.html);
    let action = review.html.split("action=\"/bitacora/aperturas/").nth(1).unwrap();
    let action = format!("/bitacora/aperturas/{}", action.split('"').next().unwrap());
    let empty = auditor.send(&review.form(&action).set("justificada", "si")).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.shows("Escriba por qué se justifica o no"), "{}", empty.html);
    let form = review.form(&action).set("justificada", "no").set("nota", "No estaba de guardia");
    let done = auditor.send(&form).await;
    assert!(done.shows("Revisión guardada.") && done.shows("No se justifica"), "{}", done.html);
}

#[tokio::test]
async fn a_double_of_a_private_record_is_told_on_the_form() {
    let clinic = clinic().await;
    let (_, chart) = private_record(&clinic).await;
    let mut reception = Browser::of(&clinic.care, "recepcion").await;
    let mut form = reception.get("/pacientes/nuevo").await.form("/pacientes/nuevo").set("sexo", "female");
    for (name, value) in [
        ("nombre", "Jacinta"),
        ("primer_apellido", "Zempoalteca"),
        ("segundo_apellido", "Roble"),
        ("fecha_nacimiento", "12/01/1962"),
    ] {
        form = form.set(name, value);
    }
    let told = reception.send(&form).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.shows("Ya hay un expediente que se parece y no puede ver"), "{}", told.html);
    assert!(!told.shows(&chart) && !told.shows("Expediente 000001"), "{}", told.html);
    let again = told.form("/pacientes/nuevo").set("sexo", "female").set("confirmado", "si");
    let saved = reception.send(&again).await;
    assert!(saved.shows("Paciente guardado."), "{}", saved.html);
}
