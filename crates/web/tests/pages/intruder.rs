//! What an intruder tries at the edge: forged forms on every route, a planted session, other people's objects, lines put
//! into headers, paths that climb, logos that run, bodies that unfold.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use care::audit::AuditFilter;
use clinical::document::DocumentKind;
use clinical::ids::UserId;
use test_support::{Clinic, PASSWORD, actor, engines};
use uuid::Uuid;

use crate::browser::{Browser, Page};
use crate::clinic;
use crate::route_list::{PUBLIC, ROUTES, SIGNED_IN};
use crate::routes::{FIELDS, Ids, UPLOADS, everybody, letter};

/// An account the table lets in, for each form that somebody signed in sends.
fn forms() -> impl Iterator<Item = (&'static str, &'static str)> {
    let posts = ROUTES.iter().filter(|(method, _, who)| *method == "POST" && *who != PUBLIC);
    posts.map(|(_, path, who)| {
        let fits = |role: &care::Role| who.contains(letter(*role).0);
        let role = care::Role::ALL.into_iter().find(fits).filter(|_| *who != SIGNED_IN);
        (*path, letter(role.unwrap_or(care::Role::Physician)).1)
    })
}

/// How many acts the bitácora has of somebody.
async fn acts(clinic: &Clinic, user: UserId) -> i64 {
    let filter = AuditFilter { actor: Some(user), ..AuditFilter::default() };
    clinic.care.audit_events(&clinic.auditor, &filter, 0).await.unwrap().total
}

#[tokio::test]
async fn no_form_is_taken_without_the_secret_of_the_session_or_with_that_of_another() {
    let clinic = everybody().await;
    let author = actor(&clinic.care, "medica").await;
    let (_, ids) = Ids::of(&clinic, &author, "Ahuehuete").await;
    let foreign = Browser::of(&clinic.care, "ines").await.token().await;
    let mut people = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, username) in forms() {
        if !people.contains_key(username) {
            let user = actor(&clinic.care, username).await.user_id;
            let browser = Browser::of(&clinic.care, username).await;
            people.insert(username, (browser, user, acts(&clinic, user).await));
        }
        let (browser, ..) = people.get_mut(username).unwrap();
        for token in [None, Some(foreign.as_str())] {
            let mut fields = FIELDS.to_vec();
            fields.extend(token.map(|token| ("_token", token)));
            let page = browser.once("POST", &ids.fill(path), &fields, UPLOADS.contains(&path)).await;
            // A piece of sound has its secret in a header and answers the recorder in a word.
            let refused = if path.ends_with("/piezas/{n}") {
                page.status == StatusCode::CONFLICT
            } else {
                page.status == StatusCode::UNAUTHORIZED
            };
            if !refused {
                wrong.push(format!("{path} as {username} with {token:?}: {}", page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (username, (_, user, before)) in people {
        assert_eq!(acts(&clinic, user).await, before, "{username} did something");
    }
}

#[tokio::test]
async fn no_form_of_another_site_is_taken_even_with_the_right_secret() {
    let clinic = everybody().await;
    let mut browser = Browser::of(&clinic.care, "medica").await;
    let token = browser.token().await;
    for (_, path, _) in ROUTES.iter().filter(|(method, ..)| *method == "POST") {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://otra.example")] {
            let request = Request::post(Ids::nowhere().fill(path))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::HOST, "127.0.0.1:8443")
                .header(name, value)
                .body(Body::from(format!("_token={token}")))
                .unwrap();
            let page = browser.request(request).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} with {name}");
            assert!(page.shows("vino de otra página"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_never_taken_over() {
    let clinic = clinic().await;
    let planted = "__Host-medicus=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let mut browser = Browser::new(&clinic.care);
    browser.plant(planted);
    let page = browser.get("/entrar").await;
    let form = page.form("/entrar").set("usuario", "ines").set("contrasena", PASSWORD);
    let own = browser.once("POST", "/entrar", &pairs(&form.fields), false).await;
    let set: Vec<_> = own.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
    assert!(set.iter().any(|line| line.starts_with("__Host-medicus=")), "{set:?}");
    for line in set {
        for lock in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(line.contains(lock), "{line}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
    let first = browser.cookie().to_owned();
    assert_ne!(first, planted);
    assert!(browser.get("/hoy").await.status.is_success());
    let mut other = Browser::new(&clinic.care);
    other.plant(planted);
    assert!(other.get("/hoy").await.shows("name=\"contrasena\""), "the planted session opens the record");

    // Entering again is another session, and what was left is dead.
    let token = browser.token().await;
    browser.once("POST", "/salir", &[("_token", &token)], false).await;
    let again = Browser::of(&clinic.care, "ines").await;
    assert_ne!(again.cookie(), first);
    let mut old = Browser::new(&clinic.care);
    old.plant(&first);
    assert!(old.get("/hoy").await.shows("name=\"contrasena\""), "a session that was left opens the record");
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn what_somebody_keeps_for_themselves_answers_to_others_as_what_does_not_exist() {
    let clinic = everybody().await;
    let ines = &clinic.physician;
    let template = clinic
        .care
        .create_note_template(ines, Some(DocumentKind::PROGRESS_NOTE), None, "Solo de Inés")
        .await
        .unwrap();
    clinic.care.add_phrase(ines, "ev.evolucion", "Se explica a detalle a la paciente.").await.unwrap();
    let preference = clinic.care.preferences(ines).await.unwrap()[0].id;
    let mut own = Browser::of(&clinic.care, "ines").await;
    let desk = own.get("/tableros/preguntas?sexo=female&hacer=ver").await;
    let kept = own.send(&desk.form("/guardadas").set("nombre", "Solo de Inés")).await;
    let question = kept.html.split("/tableros/preguntas/").find_map(|rest| {
        let id = rest.split('/').next()?;
        id.parse::<Uuid>().ok().map(|_| id.to_owned())
    });
    let question = question.unwrap();
    let fill = |path: &str, ids: [&str; 3]| {
        path.replace("{template}", ids[0]).replace("{preference}", ids[1]).replace("{question}", ids[2])
    };
    let (template, preference) = (template.to_string(), preference.to_string());
    let real = [template.as_str(), preference.as_str(), question.as_str()];
    let nil = Uuid::nil().to_string();
    let personal: Vec<_> = ROUTES.iter().filter(|(_, path, _)| fill(path, real) != **path).collect();
    assert!(personal.len() >= 8, "{}", personal.len());
    let mut medica = Browser::of(&clinic.care, "medica").await;
    let token = medica.token().await;
    let mut fields = vec![("_token", token.as_str()), ("nombre", "Ahora mía")];
    fields.extend(FIELDS);
    for (method, path, _) in &personal {
        let page = medica.once(method, &fill(path, real), &fields, false).await;
        let nowhere = medica.once(method, &fill(path, [nil.as_str(); 3]), &fields, false).await;
        assert_eq!(page.status, nowhere.status, "{method} {path}");
        let of = |page: &Page| real.iter().fold(page.html.clone(), |html, id| html.replace(id, &nil));
        assert_eq!(of(&page), of(&nowhere), "{method} {path}");
        assert!(!page.shows("Solo de Inés"), "{method} {path}");
    }
    assert_eq!(
        clinic.care.note_template(ines, template.parse().unwrap()).await.unwrap().template.outline.name,
        "Solo de Inés"
    );
    assert_eq!(clinic.care.preferences(ines).await.unwrap().len(), 1);
    assert!(own.get("/tableros/preguntas").await.shows("Solo de Inés"));
}

#[tokio::test]
async fn no_header_is_written_by_who_asks() {
    let clinic = clinic().await;
    let mut browser = Browser::new(&clinic.care);
    for back in ["/hoy%0d%0aset-cookie:%20a=1", "//otra.example", "/%5Cotra.example", "https:otra.example"] {
        let page = browser.get(&format!("/entrar?volver={back}")).await;
        assert!(page.headers.get(header::SET_COOKIE).is_none(), "{back}");
        let form = page.form("/entrar").set("usuario", "ines").set("contrasena", PASSWORD);
        let done = browser.once("POST", "/entrar", &pairs(&form.fields), false).await;
        assert_eq!(done.headers[header::LOCATION], "/", "{back}");
        browser.forget_session();
    }
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let page = browser.get(&format!("/pacientes/{patient}/archivos")).await;
    let form =
        page.form("/archivos").set("categoria", "imaging").set("titulo", "a\"; x=\"\r\nx-malo: 1;/../b");
    let saved = browser.upload_named(&form, "a.pdf", b"%PDF-1.7 estudio").await;
    let served = browser.get(&saved.link("/contenido").unwrap()).await;
    assert_eq!(served.status, StatusCode::OK);
    assert!(served.headers.get("x-malo").is_none());
    let name = served.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    let written = name.split("UTF-8''").nth(1).unwrap();
    assert!(!written.contains(['"', ';', '/', '\r', '\n', ' ']), "{name}");
}

#[tokio::test]
async fn no_path_climbs_out_of_the_embedded_files() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    for path in [
        "/recursos/..%2f..%2f..%2fetc%2fpasswd",
        "/recursos/%2e%2e%2fmedicus.key",
        "/recursos/..%5c..%5cmedicus.toml",
        "/recursos/%2fetc%2fpasswd",
        "/recursos/app.css%00.png",
        "/recursos/../medicus.key",
        "/archivos/..%2f..%2fmedicus.key/contenido",
        "/documentos/..%2fmedicus.db",
        "/grabaciones/..%2f..%2fetc%2fpasswd/audio",
        "/calendario/..%2f..%2fmedicus.key",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.shows("root:"), "{path}");
    }
}

#[tokio::test]
async fn a_logo_that_can_run_is_refused_and_a_body_that_unfolds_is_not_unfolded() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let page = browser.get("/establecimiento").await;
    for logo in [
        &b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x()\"/>"[..],
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a/*<script>*/",
    ] {
        let refused = browser.upload_named(&page.form("/logotipo"), "logo.png", logo).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", String::from_utf8_lossy(logo));
    }
    assert_eq!(browser.get("/establecimiento/logotipo").await.status, StatusCode::NOT_FOUND);

    // A gzip stream is a form that cannot be read, whatever it says of itself: nothing here unpacks a request.
    let squeezed = [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &[0; 64]].concat();
    let request = Request::post("/buscar")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_ENCODING, "gzip")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(squeezed))
        .unwrap();
    let page = browser.request(request).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    let long = format!("q={}", "a".repeat(1024 * 1024 + 1));
    let request = Request::post("/buscar")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(long))
        .unwrap();
    let page = browser.request(request).await;
    assert!(page.status.is_client_error() && page.shows("demasiado largo"), "{}", page.status);
}

#[tokio::test]
async fn a_character_no_text_has_breaks_no_page_on_either_engine() {
    for engine in engines() {
        let clinic = Clinic::on(engine).await;
        let mut browser = Browser::of(&clinic.care, "ines").await;
        for path in ["/bitacora?expediente=%00&acto=%00", "/pacientes?q=a%00b", "/documentos/%00"] {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{engine:?} {path}");
        }
        let fields = [("usuario", "ine\0s"), ("contrasena", "contra\0seña"), ("_volver", "/hoy\0")];
        let refused = browser.once("POST", "/entrar", &fields, false).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{engine:?}");
        let page = browser.get("/pacientes/nuevo").await;
        let form = page.form("/pacientes/nuevo");
        let typed = form
            .set("nombre", "Luz\0")
            .set("primer_apellido", "Pru\u{1b}eba")
            .set("fecha_nacimiento", "1/2/1980")
            .set("sexo", "female")
            .set("domicilio", "Calle\0 Inventada 1");
        let chart = browser.send(&typed).await;
        assert!(chart.shows("Luz Prueba"), "{engine:?}: {}", chart.html);
    }
}
