//! The pages through HTTP, as a browser without scripts meets them, over a real clinic.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod access;
mod agenda;
mod browser;
mod cosign;
mod efirma;
mod files;
mod icd;
mod identity;
mod intruder;
mod laboratory;
mod phone;
mod prescriptions;
mod private;
mod questions;
mod recording;
mod requests;
mod rights;
mod route_list;
mod routes;
mod transfer;
mod trends;
mod unsaved;

use axum::http::StatusCode;
use browser::{Browser, Page};
use test_support::{Clinic, Engine};

const TRANSCRIPT: &str = "D: Buenos días, ¿qué la trae por aquí?\n\
    P: Pues me duele la rodilla derecha desde hace tres semanas, doctora.\n\
    D: ¿Ha tenido fiebre?\n\
    P: No.\n\
    D: Por lo que veo tiene osteoartritis de la rodilla derecha.\n";

async fn clinic() -> Clinic {
    Clinic::on(Engine::Embedded).await
}

/// A consultation of an invented patient, opened in the browser of its physician.
async fn consultation(clinic: &Clinic, transcript: &str) -> (Browser, Page) {
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let chart = browser.get(&format!("/pacientes/{patient}")).await;
    let page = browser.send(&chart.form("/consultas")).await;
    assert!(page.shows("Turnos de la conversación"), "{}", page.html);
    if transcript.is_empty() {
        return (browser, page);
    }
    let page = browser.upload(&page.form("/transcripcion"), transcript.as_bytes()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    (browser, page)
}

fn check_weight(page: &Page) {
    assert!(page.html.len() < 150_000, "{} weighs {} bytes", page.path, page.html.len());
}

#[tokio::test]
async fn a_new_practice_is_set_up_and_opened() {
    let (care, _, _, directory, _) = test_support::empty(Engine::Embedded).await;
    let mut browser = Browser::new(&care);
    let page = browser.get("/").await;
    assert!(page.shows("Primer inicio"));
    let refused = browser.send(&page.form("/primer-inicio").set("usuario", "Inés")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Escriba un usuario de 3 a 40 letras") && refused.shows("<title>Error: "));
    let mut form =
        refused.form("/primer-inicio").set("zona_horaria", "America/Mexico_City").set("titulo", "Dra.");
    for (name, value) in [
        ("nombre_establecimiento", "Consultorio Ahuehuete"),
        ("domicilio", "Calle Inventada 1, Puebla"),
        ("razon_social", "Inés Prueba"),
        ("nombre", "Inés"),
        ("primer_apellido", "Prueba"),
        ("cedula", "1234567"),
        ("institucion_titulo", "Universidad Inventada"),
        ("usuario", "ines"),
        ("contrasena", test_support::PASSWORD),
        ("contrasena_otra", test_support::PASSWORD),
        ("misma_persona", "si"),
    ] {
        form = form.set(name, value);
    }
    let page = browser.send(&form).await;
    assert!(page.shows("Consultorio Ahuehuete") && page.shows("Contraseña"), "{}", page.html);
    let mut browser = Browser::of(&care, "ines").await;
    assert!(browser.get("/").await.shows("Agenda"));
    let again = browser.get("/primer-inicio").await;
    assert!(!again.shows("Primer inicio"), "the practice can be set up only once");
    let _ = std::fs::remove_dir_all(directory);
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let clinic = clinic().await;
    let mut browser = Browser::new(&clinic.care);
    for path in
        ["/", "/hoy", "/pacientes", "/consultas", "/documentos", "/bitacora", "/pacientes/nuevo", "/nada"]
    {
        let page = browser.get(path).await;
        assert!(page.shows("name=\"contrasena\""), "{path} can be seen");
    }
    let form =
        browser.get("/entrar").await.form("/entrar").set("usuario", "ines").set("contrasena", "otra cosa");
    let page = browser.send(&form).await;
    assert!(page.shows("El usuario o la contraseña no coinciden"));
}

#[tokio::test]
async fn every_answer_carries_the_locks() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    for path in ["/hoy", "/pacientes", "/entrar", "/nada-de-esto"] {
        let page = browser.get(path).await;
        let header = |name: &str| {
            page.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        assert!(header("content-security-policy").starts_with("default-src 'self'"), "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(header("strict-transport-security").starts_with("max-age="), "{path}");
        assert!(!page.shows("<script>") && !page.shows(" style=\""), "{path} has something inline");
    }
}

#[tokio::test]
async fn a_browser_without_scripts_can_review_and_sign() {
    let clinic = clinic().await;
    let (mut browser, mut page) = consultation(&clinic, TRANSCRIPT).await;
    assert!(page.shows("<mark data-o="), "no cited words on the page");
    check_weight(&page);
    while let Some(form) = page.button("/aceptar").filter(|form| form.action.contains("/oraciones/")) {
        page = browser.send(&form).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    }
    for _ in 0..8 {
        let Some(gap) = page.html.split("class=\"gap\"").nth(1).map(str::to_owned) else { break };
        let href = gap.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let open = browser.get(&href).await;
        let form = open.form("/oraciones").set("texto", "Se valora y se explica a la paciente.");
        page = browser.send(&form).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    }
    let sign = page.link("/firmar").unwrap();
    let review = browser.get(&sign).await;
    assert!(!review.shows("Falta resolver"), "{}", review.html);
    let wrong = browser.send(&review.form("/firmar").set("contrasena", "no es")).await;
    assert!(wrong.shows("La contraseña no coincide"), "{}", wrong.html);
    let signed = browser.send(&wrong.form("/firmar").set("contrasena", test_support::PASSWORD)).await;
    assert!(
        signed.shows("Firmado ") && signed.shows("El contenido coincide con lo que se firmó"),
        "{}",
        signed.html
    );
    assert!(signed.shows("Aún no se imprime"), "{}", signed.html);
    let print = signed.form("/impresiones");
    for _ in 0..2 {
        let pdf = browser.send(&print).await;
        assert!(pdf.html.starts_with("%PDF-"));
    }
    let printed = browser.get(&signed.path).await;
    assert!(printed.shows("Reimpresión 1") && printed.shows("Original"), "{}", printed.html);

    let addendum = browser.get(&signed.link("/adenda").unwrap()).await;
    let form =
        addendum.form("/adenda").set("motivo", "Dato incompleto").set("texto", "También refirió mareo.");
    let refused = browser.send(&form.clone().set("contrasena", "no es")).await;
    assert!(refused.shows("También refirió mareo."), "what was typed is gone");
    let corrected = browser.send(&form.set("contrasena", test_support::PASSWORD)).await;
    assert!(
        corrected.shows("También refirió mareo.") && corrected.shows("Nota aclaratoria"),
        "{}",
        corrected.html
    );
}

#[tokio::test]
async fn of_two_people_in_one_draft_the_second_is_told_and_loses_nothing() {
    let clinic = clinic().await;
    let (mut first, page) = consultation(&clinic, TRANSCRIPT).await;
    let address = page.path.split('?').next().unwrap().to_owned();
    let mut second = Browser::of(&clinic.care, "enfermeria").await;
    let theirs = second.get(&address).await;
    let open = second.get(&theirs.link("?editar=").unwrap()).await;
    let edit = open.form("/editar").set("texto", "Esto lo escribió enfermería.");
    let saved = first.send(&page.button("/descartar").unwrap()).await;
    assert_eq!(saved.status, StatusCode::OK);
    let told = second.send(&edit).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(
        told.shows("guardó este borrador") && told.shows("Esto lo escribió enfermería."),
        "{}",
        told.html
    );
    let again = second.send(&told.form("/editar").set("texto", "Esto lo escribió enfermería.")).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.shows("Esto lo escribió enfermería."));
}

#[tokio::test]
async fn a_session_that_ends_in_mid_edit_loses_nothing() {
    let clinic = clinic().await;
    let (mut browser, page) = consultation(&clinic, TRANSCRIPT).await;
    let open = browser.get(&page.link("?editar=").unwrap()).await;
    let edit = open.form("/editar").set("texto", "Dolor \"punzante\" <en la rodilla>.");
    browser.forget_session();
    let stopped = browser.send(&edit).await;
    assert_eq!(stopped.status, StatusCode::UNAUTHORIZED);
    assert!(stopped.shows("Escriba su contraseña para continuar"), "{}", stopped.html);
    let form = stopped.form("/entrar").set("usuario", "ines").set("contrasena", test_support::PASSWORD);
    let resume = browser.send(&form).await;
    assert!(resume.shows("Ya puede continuar"), "{}", resume.html);
    let done = browser.send(&resume.form("/editar")).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.shows("Dolor &#34;punzante&#34; &#60;en la rodilla&#62;."), "{}", done.html);
}

#[tokio::test]
async fn a_form_without_the_secret_of_the_session_changes_nothing() {
    let clinic = clinic().await;
    let (mut browser, page) = consultation(&clinic, TRANSCRIPT).await;
    let forged = page.button("/aceptar").unwrap().set("_token", "0123456789abcdef0123456789abcdef");
    assert_eq!(browser.send(&forged).await.status, StatusCode::UNAUTHORIZED);
    let after = browser.get(&page.path).await;
    assert_eq!(after.button("/aceptar").unwrap().fields, page.button("/aceptar").unwrap().fields);
}

#[tokio::test]
async fn bad_transcripts_are_refused_with_what_to_do() {
    let clinic = clinic().await;
    let (mut browser, page) = consultation(&clinic, "").await;
    let form = page.form("/transcripcion");
    let huge = "P: me duele. ".repeat(900_000);
    for (file, said) in [
        (&b"   "[..], "La transcripción está vacía"),
        (&[0, 159, 146, 150, 1, 2][..], "no es de texto"),
        (br#"{"turnos": 3}"#, "no tiene la forma esperada"),
        (br#"{"turns": ["#, "dañado"),
        (br#"{"turns":[{"speaker":"doctor","text":"..."}]}"#, "contiene palabras"),
        (huge.as_bytes(), "10 MB"),
    ] {
        let refused = browser.upload(&form, file).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(refused.shows(said), "{said}: {}", refused.html);
        check_weight(&refused);
    }
    let pasted = browser.upload(&form.set("pegado", "Me duele la cabeza desde ayer, doctora."), b"").await;
    assert_eq!(pasted.status, StatusCode::OK);
    assert!(pasted.shows("cabeza") && pasted.shows("1 voz"), "{}", pasted.html);
}

#[tokio::test]
async fn a_very_long_conversation_is_shown_in_pages_of_bounded_size() {
    let clinic = clinic().await;
    let turns: String = (0..3000)
        .map(|i| format!("D: ¿Algo más?\nP: Lo que le dije número {i}, doctora, nada nuevo por ahora.\n"))
        .collect();
    let (mut browser, page) = consultation(&clinic, &turns).await;
    check_weight(&page);
    let next = page.link("?turnos=").unwrap();
    let other = browser.get(&next).await;
    check_weight(&other);
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_curp_is_said_beside_its_field_and_everything_typed_stays() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    let page = browser.get("/pacientes/nuevo").await;
    let mut form = page.form("/pacientes/nuevo").set("sexo", "male");
    for (name, value) in [
        ("nombre", "Abundio"),
        ("primer_apellido", "Colorín"),
        ("fecha_nacimiento", "20/8/1931"),
        ("curp", "BOXW310820HNERXN00"),
    ] {
        form = form.set(name, value);
    }
    let refused = browser.send(&form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.shows("el último dígito no corresponde")
            && refused.shows("value=\"Abundio\"")
            && refused.shows("aria-invalid")
    );
    let saved = browser
        .send(&refused.form("/pacientes/nuevo").set("sexo", "male").set("curp", "boxw310820hnerxn09"))
        .await;
    assert!(saved.shows("Paciente guardado.") && saved.shows("Abundio"), "{}", saved.html);
    let found = browser.get("/pacientes?q=colorin").await;
    assert!(found.shows("BOXW310820HNERXN09"));
}

#[tokio::test]
async fn reception_meets_no_clinical_text() {
    let clinic = clinic().await;
    let (_, page) = consultation(&clinic, TRANSCRIPT).await;
    let patient = page.link("/pacientes/0").unwrap();
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    for path in [page.path.split('?').next().unwrap(), "/documentos", "/bitacora"] {
        let refused = browser.get(path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(refused.shows("Recepción no puede") && !refused.shows("rodilla"), "{path}");
    }
    let identity = browser.get(&patient).await;
    assert!(identity.shows("Datos del paciente") && !identity.shows("Alergias"));
    assert!(!browser.get("/hoy").await.shows("Por firmar"));
}

#[tokio::test]
async fn what_is_not_there_says_so_plainly() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    for path in
        ["/consultas/018f0000-0000-7000-8000-000000000001", "/documentos/x", "/pacientes/x", "/otra-cosa"]
    {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.shows("No se encontró"), "{path}");
    }
}

#[tokio::test]
async fn allergies_are_on_every_page_of_the_record() {
    let clinic = clinic().await;
    let patient = clinic.patient("Ximena", "Tepozán").await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let chart = browser.get(&format!("/pacientes/{patient}?editar=r1")).await;
    assert!(chart.shows("Alergias: no preguntadas"));
    let refused =
        browser.send(&chart.form("/alergias").set("sustancia", " ").set("reaccion_tipo", "mild")).await;
    assert!(refused.shows("Escriba a qué es la alergia"));
    let saved = browser
        .send(&chart.form("/alergias").set("sustancia", "penicilina").set("reaccion_tipo", "mild"))
        .await;
    assert!(saved.shows("Alergia: penicilina"), "{}", saved.html);
    let visit = browser.send(&saved.form("/consultas")).await;
    assert!(visit.shows("Alergia: penicilina"));
}

#[tokio::test]
async fn the_log_shows_who_opened_a_record() {
    let clinic = clinic().await;
    let (_, page) = consultation(&clinic, TRANSCRIPT).await;
    assert!(page.shows("Jacinta"));
    let mut auditor = Browser::of(&clinic.care, "auditoria").await;
    let log = auditor.get("/bitacora?acto=read").await;
    assert!(log.shows("Lectura") && log.shows("127.0.0.1") && !log.shows("rodilla"), "{}", log.html);
    let wrong = auditor.get("/bitacora?desde=ayer&expediente=999999").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("id=\"desde-error\"") && wrong.shows("No hay un expediente con ese número"));
}

#[tokio::test]
async fn who_saw_a_record_is_printed_for_its_patient_and_exported() {
    let clinic = clinic().await;
    consultation(&clinic, TRANSCRIPT).await;
    clinic.patient("Otilia", "Mezquite").await;
    let mut auditor = Browser::of(&clinic.care, "auditoria").await;
    let log = auditor.get("/bitacora?expediente=1").await;
    assert!(log.shows("Expediente 000001") && !log.shows("Expediente 000002"), "{}", log.html);
    let list = auditor.get(&log.link("/bitacora/paciente/").unwrap()).await;
    assert!(list.shows("Quién vio este expediente") && list.shows("Para el paciente"), "{}", list.html);
    assert!(list.shows("Jacinta") && list.shows("000001") && !list.shows("rodilla"));
    assert!(log.link("/cumplimiento").is_some(), "it is reached from nowhere else");
    let export = log.link("/bitacora/exportar").unwrap();
    let form = auditor.get(&export).await.form(&export);
    let refused = auditor.send(&form.clone().set("contrasena", "otra")).await;
    assert!(refused.shows("La contraseña no coincide") && !refused.shows("Número,Fecha"), "{}", refused.html);
    let file = auditor.send(&form.set("contrasena", test_support::PASSWORD)).await;
    assert!(file.html.starts_with("\u{feff}Número,Fecha y hora,Persona,Acto,"), "{}", file.html);
    assert!(
        file.html.contains("Bitácora") && file.html.lines().count() > 3,
        "the export tells of itself: {}",
        file.html
    );
    let mut nurse = Browser::of(&clinic.care, "enfermeria").await;
    for path in ["/bitacora", "/bitacora/exportar", &log.link("/bitacora/paciente/").unwrap()] {
        assert_eq!(nurse.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn what_was_signed_is_searched_without_a_word_in_an_address() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let text = "Refiere cefalea & <b>tos</b>.";
    clinic.searchable(patient, "018f0000-0000-7000-8000-000000000009", 1, text).await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let page = browser.get("/buscar").await;
    assert!(page.shows("Escriba qué busca"));
    let page = browser.send(&page.form("/buscar").set("q", "CEFALEAS")).await;
    assert!(page.shows("<mark class=\"hit\">cefalea</mark>"), "{}", page.html);
    assert!(page.shows("&#60;b&#62;tos") && !page.shows("<b>tos"), "the text is escaped: {}", page.html);
    assert!(page.shows("Nota de evolución de Jacinta Ahuehuete Roble"));
    assert!(page.link("/documentos/018f0000").is_some());
    let chart = browser.get(&format!("/pacientes/{patient}")).await;
    let here = browser.send(&chart.form("/buscar").set("q", "tos cefalea")).await;
    assert!(here.shows("Buscar en el expediente de Jacinta Ahuehuete Roble"));
    assert!(here.shows("<mark class=\"hit\">tos</mark>"));
    let none = browser.send(&page.form("/buscar").set("q", "fractura")).await;
    assert!(none.shows("Nada coincide"));
    let wrong = browser.send(&page.form("/buscar").set("q", "tos").set("desde", "ayer")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("id=\"desde-error\"") && wrong.shows("value=\"tos\""), "{}", wrong.html);
    for user in ["recepcion", "auditoria"] {
        let mut browser = Browser::of(&clinic.care, user).await;
        assert_eq!(browser.get("/buscar").await.status, StatusCode::FORBIDDEN, "{user}");
    }
}
