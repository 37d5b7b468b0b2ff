//! Entregas, conservación and derechos ARCO, as a browser without scripts meets them.

use axum::http::StatusCode;
use test_support::Clinic;

use crate::browser::{Browser, Page};
use crate::clinic;

async fn open(clinic: &Clinic, who: &str, path: &str) -> (Browser, Page) {
    let mut browser = Browser::of(&clinic.care, who).await;
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    (browser, page)
}

#[tokio::test]
async fn reception_receives_a_request_and_a_physician_answers_it() {
    let clinic = clinic().await;
    clinic.patient("Jacinta", "Ahuehuete").await;
    let (mut reception, list) = open(&clinic, "recepcion", "/derechos").await;
    assert!(list.shows("Aún no hay solicitudes") && !list.shows("href=\"/conservacion\""));
    let form = reception.get("/derechos/nueva").await.form("/derechos/nueva");
    let filled = form
        .set("titular", "Jacinta Ahuehuete Roble")
        .set("expediente", "1")
        .set("identificacion", "Credencial 000")
        .set("respuesta_a", "Calle Inventada 5")
        .set("descripcion", "Que se borren sus datos");
    let refused = reception.send(&filled).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Elija el derecho") && refused.shows("Que se borren sus datos"));
    let request = reception.send(&filled.set("derecho", "cancellation")).await;
    assert!(request.shows("Por responder") && request.shows("8 de abril de 2026"), "{}", request.html);
    assert!(request.shows("La respuesta la da un médico"));
    let address = request.path.split('?').next().unwrap().to_owned();
    assert!(reception.get(&format!("{address}/acuse")).await.html.starts_with("%PDF-"));
    assert_eq!(reception.get(&format!("{address}/respuesta")).await.status, StatusCode::FORBIDDEN);

    let (mut physician, page) = open(&clinic, "ines", &address).await;
    let answer = page.form(&address).set("sentido", "refused").set("respuesta", "Debe conservarse.");
    let refused = physician.send(&answer).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Debe conservarse."), "what was typed is gone");
    let answered = physician.send(&answer.set("causa", "conservation")).await;
    assert!(answered.shows("Respondida: improcedente"), "{}", answered.html);
    assert!(physician.get(&format!("{address}/respuesta")).await.html.starts_with("%PDF-"));
    let list = reception.get("/derechos").await;
    assert!(list.shows("Respondida: improcedente"));
    assert!(!reception.get(&address).await.shows("Debe conservarse."), "reception reads the answer");
}

#[tokio::test]
async fn a_delivery_without_its_request_is_refused_and_nothing_typed_is_lost() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let address = format!("/pacientes/{patient}/entregas");
    let (mut physician, page) = open(&clinic, "ines", &address).await;
    let form = page
        .form("/entregas")
        .set("destinatario", "patient")
        .set("solicita", "Jacinta Ahuehuete, titular")
        .set("motivo", "Segunda opinión")
        .set("fecha_solicitud", "09/03/2026")
        .set("otro", "Copia de un estudio")
        .set("identificacion", "Credencial 000")
        .set("medio", "paper");
    let refused = physician.send(&form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("NOM-004-SSA3-2012, numeral 5.6") && refused.shows("Segunda opinión"));
    let files = physician.get(&format!("/pacientes/{patient}/archivos")).await;
    let upload = files.form("/archivos").set("categoria", "request").set("titulo", "Escrito");
    let saved = physician.upload_named(&upload, "escrito.pdf", b"%PDF-1.4\n%%EOF").await;
    assert!(saved.shows("Archivo guardado"), "{}", saved.html);
    let page = physician.get(&address).await;
    let option = page.html.split("<option value=\"").find(|option| option.contains(">Escrito, ")).unwrap();
    let request = option.split('"').next().unwrap();
    let given = physician.send(&form.set("solicitud", request)).await;
    assert!(given.shows("Entrega registrada") && given.shows("Copia de un estudio"), "{}", given.html);
    for part in ["/acuse", "/entregas/lista"] {
        let pdf = physician.get(&given.link(part).unwrap()).await;
        assert!(pdf.html.starts_with("%PDF-"), "{part}");
    }
    let (_, nurse) = open(&clinic, "enfermeria", &address).await;
    assert!(nurse.shows("Copia de un estudio") && !nurse.shows("Registrar entrega"));
    let mut reception = Browser::of(&clinic.care, "recepcion").await;
    assert_eq!(reception.get(&address).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn keeping_is_shown_held_and_never_shortened() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let address = format!("/pacientes/{patient}/conservacion");
    let (mut physician, page) = open(&clinic, "ines", &address).await;
    assert!(page.shows("Sin acto médico firmado"));
    let refused = physician.send(&page.form("/supresion")).await;
    assert!(refused.shows("NOM-004-SSA3-2012, numeral 5.4"), "{}", refused.html);
    let held = physician.send(&page.form("/retencion").set("motivo_retencion", "Queja 12")).await;
    assert!(held.shows("Con retención legal") && held.shows("Queja 12"), "{}", held.html);
    let archived = physician.send(&held.form("/archivo").set("motivo_archivo", "Años sin consulta")).await;
    assert!(archived.shows("Archivado"), "{}", archived.html);
    assert!(!physician.get("/pacientes").await.shows("Ahuehuete"));
    assert!(physician.get("/pacientes?q=Ahuehuete").await.shows("Jacinta"));

    let practice = physician.get("/conservacion").await;
    assert!(practice.shows("Queja 12"));
    let refused = physician.send(&practice.form("/conservacion").set("anios", "3")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("de 5 a 100 años") && refused.shows("value=\"3\""), "{}", refused.html);
    let longer = physician.send(&practice.form("/conservacion").set("anios", "10")).await;
    assert!(longer.shows("Plazo del establecimiento: 10 años"), "{}", longer.html);
    let calendar = physician.get("/derechos/calendario").await;
    let marked = calendar.form("/calendario").set("dia", "24/12/2026").set("nombre", "Vacaciones");
    let marked = physician.send(&marked).await;
    assert!(marked.shows("Vacaciones") && marked.shows("Conmemoración del 20 de noviembre"));
}

#[tokio::test]
async fn a_record_past_its_time_is_blocked_in_two_steps_and_comes_back() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    clinic.signed_note(&clinic.physician, patient).await;
    let address = format!("/pacientes/{patient}/conservacion");
    let (_, page) = open(&clinic, "ines", &address).await;
    assert!(!page.shows("Bloquearlo"), "its time has not passed");
    clinic.clock.set(clinic.care.now() + jiff::SignedDuration::from_hours(24 * 366 * 6));
    let (mut admin, page) = open(&clinic, "ines", &address).await;
    let refused = admin.send(&page.form("/bloqueo")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Escriba por qué se bloquea"), "{}", refused.html);
    let step = admin.send(&refused.form("/bloqueo").set("motivo_bloqueo", "Terminó su plazo")).await;
    assert!(step.shows("Nadie lo encuentra ni lo lee") && step.shows("Terminó su plazo"), "{}", step.html);
    assert_eq!(admin.get(&address).await.status, StatusCode::OK, "nothing is done before it is confirmed");
    let listed = admin.send(&step.form("/bloqueo").set("confirmado", "si")).await;
    assert!(listed.shows("Expediente bloqueado") && listed.shows("Terminó su plazo"), "{}", listed.html);
    assert_eq!(admin.get(&format!("/pacientes/{patient}")).await.status, StatusCode::NOT_FOUND);
    assert!(admin.get("/pacientes?q=Ahuehuete").await.shows("Nadie coincide"));

    let read = admin.send(&listed.form("/abrir").set("requerimiento", "Oficio 7 del juzgado")).await;
    assert!(read.shows("Expediente bloqueado. Usted lo abrió"), "{}", read.html);
    let listed = admin.get("/conservacion").await;
    assert!(listed.shows("Abierto para usted hasta las") && !listed.shows("Abrirlo por requerimiento"));
    let back = admin.send(&listed.form("/levantar").set("motivo", "Volvió a consulta")).await;
    assert!(back.shows("está otra vez como estaba") && back.shows("Volvió a consulta"), "{}", back.html);
    assert_eq!(admin.get(&format!("/pacientes/{patient}")).await.status, StatusCode::OK);
}
