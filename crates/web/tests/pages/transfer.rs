//! A record taken out and brought in through the pages, without scripts.

use axum::http::StatusCode;
use care::transfer::ExportForm;
use test_support::{Clinic, PASSWORD};

use crate::browser::Browser;
use crate::{check_weight, clinic};

async fn package(clinic: &Clinic) -> Vec<u8> {
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    clinic.searchable(patient, "a", 1, "dolor de rodilla").await;
    let form = ExportForm {
        format: "zip".to_owned(),
        reason: "traslado".to_owned(),
        password: PASSWORD.to_owned(),
        ..ExportForm::default()
    };
    let mut export = clinic.care.export_record(&clinic.physician, patient, &form).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = export.next().await.unwrap() {
        bytes.extend(piece);
    }
    bytes
}

#[tokio::test]
async fn a_record_is_taken_out_from_its_page_with_a_reason() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let chart = browser.get(&format!("/pacientes/{patient}")).await;
    let page = browser.get(&chart.link("/exportar").unwrap()).await;
    assert!(page.shows("Exportar expediente") && page.shows("Jacinta Ahuehuete Roble"));
    check_weight(&page);
    let form = page.form("/exportar").set("formato", "pdf").set("contrasena", PASSWORD);
    let refused = browser.send(&form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Escriba por qué sale el expediente") && refused.shows("<title>Error: "));
    let sealed = form.clone().set("motivo", "traslado").set("frase", "cuatro palabras al azar");
    let refused = browser.send(&sealed).await;
    assert!(refused.shows("Solo el paquete completo se cifra") && refused.shows("no coinciden"));
    assert!(!refused.shows("cuatro palabras"), "a passphrase never comes back in a page");
    assert!(refused.shows("value=\"traslado\""), "what was typed stays");
    let form = form.set("motivo", "a petición del paciente");
    let refused_too = browser.send(&form.clone().set("contrasena", "otra frase cualquiera")).await;
    assert_eq!(refused_too.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused_too.shows("La contraseña no coincide") && !refused_too.shows("otra frase cualquiera"));
    let file = browser.send(&form).await;
    assert_eq!(file.headers["content-type"], "application/pdf");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"expediente-000001.pdf\"");
    assert!(file.html.starts_with("%PDF-"));
    let register = browser.get(&format!("/pacientes/{patient}/entregas")).await;
    assert!(register.shows("Copias del expediente completo") && register.shows("Libro (PDF)"));
    assert!(register.shows("Motivo: a petición del paciente"), "{}", register.html);
    assert!(register.shows("No se ha registrado ninguna entrega"), "an export is no delivery");
    let package = browser
        .send(
            &refused
                .form("/exportar")
                .set("formato", "zip")
                .set("motivo", "traslado")
                .set("contrasena", PASSWORD),
        )
        .await;
    assert_eq!(package.headers["content-type"], "application/zip");
    assert!(package.html.starts_with("PK"));
    for user in ["enfermeria", "recepcion", "auditoria"] {
        let mut other = Browser::of(&clinic.care, user).await;
        let refused = other.get(&format!("/pacientes/{patient}/exportar")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{user}");
        assert_eq!(other.get("/pacientes/importar").await.status, StatusCode::FORBIDDEN, "{user}");
    }
}

#[tokio::test]
async fn a_package_is_looked_at_and_then_brought_in() {
    let here = clinic().await;
    let there = clinic().await;
    let package = package(&here).await;
    there.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&there.care, "ines").await;
    let list = browser.get("/pacientes").await;
    let page = browser.get(&list.link("/importar").unwrap()).await;
    let form = page.form("/importar").set("accion", "ver");
    let nothing = browser.upload_named(&form, "", b"").await;
    assert!(nothing.shows("Elija el paquete"), "{}", nothing.html);
    let wrong = browser.upload_named(&form, "foto.zip", b"\x89PNG").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("no es un expediente exportado por Medicus"));
    let seen = browser.upload_named(&form, "expediente.zip", &package).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.html);
    assert!(
        seen.shows("Lo que trae el paquete de Consultorio de prueba") && seen.shows("12 de enero de 1962")
    );
    assert!(seen.shows("pueden ser de la misma persona") && seen.shows("mismo nombre"));
    check_weight(&seen);
    let undecided =
        browser.upload_named(&seen.form("/importar").set("accion", "importar"), "a.zip", &package).await;
    assert_eq!(undecided.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(undecided.shows("Elija a qué expediente se agrega"));
    let decided = undecided.form("/importar").set("accion", "importar").set("destino", "nuevo");
    let done = browser.upload_named(&decided, "a.zip", &package).await;
    assert!(done.shows("Expediente importado.") && done.shows("Expediente 000002"), "{}", done.html);
    let again = browser.upload_named(&form, "a.zip", &package).await;
    assert!(again.shows("Este paquete ya se importó"));
    let twice = browser.upload_named(&decided, "a.zip", &package).await;
    assert!(twice.shows("Ese paquete ya estaba importado"), "{}", twice.html);
}
