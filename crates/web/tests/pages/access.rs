//! Accounts, second factor and sessions through the pages.

use axum::http::StatusCode;
use jiff::SignedDuration;
use test_support::{Clinic, PASSWORD};

use crate::browser::{Browser, Page};
use crate::clinic;

/// The secret a page shows to be typed, as bytes, and what the app shows for it now.
fn app(page: &Page, clinic: &Clinic) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let typed = page.html.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    let (mut bits, mut held, mut secret) = (0, 0_u32, Vec::new());
    for letter in typed.chars().filter(|letter| *letter != ' ') {
        held = held << 5 | u32::try_from(LETTERS.find(letter).unwrap()).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            secret.push(u8::try_from(held >> bits & 255).unwrap());
        }
    }
    let step = clinic.care.now().as_second() / 30;
    let mac = Hmac::<sha1::Sha1>::new_from_slice(&secret).unwrap().chain_update(step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes([digest[at] & 127, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn codes(page: &Page) -> Vec<String> {
    page.html.split("<code>").skip(1).map(|rest| rest.split("</code>").next().unwrap().to_owned()).collect()
}

async fn password(clinic: &Clinic, username: &str, password: &str) -> (Browser, Page) {
    let mut browser = Browser::new(&clinic.care);
    let form = browser.get("/entrar?volver=/pacientes").await.form("/entrar");
    let page = browser.send(&form.set("usuario", username).set("contrasena", password)).await;
    (browser, page)
}

#[tokio::test]
async fn an_app_is_set_up_asked_for_and_replaced_by_a_recovery_code() {
    let clinic = clinic().await;
    let mut nurse = Browser::of(&clinic.care, "enfermeria").await;
    let page = nurse.get("/cuenta").await;
    assert!(page.shows("Sin configurar") && page.shows("esta sesión"), "{}", page.html);
    let form = page.form("/cuenta/factores").set("nombre", "Teléfono");
    let refused = nurse.send(&form.clone().set("contrasena", "otra cosa")).await;
    assert!(
        refused.shows("La contraseña no coincide") && refused.shows("value=\"Teléfono\""),
        "{}",
        refused.html
    );
    let setup = nurse.send(&form.set("contrasena", PASSWORD)).await;
    assert!(setup.shows("<svg class=\"qr\"") && !setup.shows("otpauth:"), "{}", setup.html);
    let confirm = setup.form("/cuenta/factores/confirmar");
    let wrong = nurse.send(&confirm.clone().set("codigo", "000")).await;
    assert!(wrong.shows("El código no coincide") && app(&wrong, &clinic) == app(&setup, &clinic));
    let shown = nurse.send(&confirm.set("codigo", &app(&setup, &clinic))).await;
    let recovery = codes(&shown);
    assert_eq!(recovery.len(), 10, "{}", shown.html);
    let account = nurse.get("/cuenta").await;
    assert!(account.shows("Activo") && account.shows("Le quedan 10") && !account.shows(&recovery[0]));

    clinic.clock.set(clinic.care.now() + SignedDuration::from_secs(60));
    let (mut browser, page) = password(&clinic, "enfermeria", PASSWORD).await;
    assert!(page.shows("Escriba el código"), "{}", page.html);
    // With the password alone no page opens.
    for path in ["/hoy", "/pacientes", "/cuenta", "/documentos"] {
        assert!(browser.get(path).await.shows("name=\"contrasena\""), "{path}");
    }
    let wrong = browser.send(&page.form("/entrar/codigo").set("codigo", "123")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("El código no coincide o ya se usó"), "{}", wrong.html);
    let inside = browser.send(&wrong.form("/entrar/codigo").set("codigo", &app(&setup, &clinic))).await;
    assert!(inside.shows("<h1>Pacientes</h1>"), "back to where the person was going: {}", inside.html);

    let (mut browser, page) = password(&clinic, "enfermeria", PASSWORD).await;
    let forged = page.form("/entrar/codigo").set("_token", "otro").set("codigo", &recovery[0]);
    assert!(browser.send(&forged).await.shows("name=\"contrasena\""), "a form without its secret");
    let inside = browser.send(&page.form("/entrar/codigo").set("codigo", &recovery[0])).await;
    assert!(inside.shows("<h1>Pacientes</h1>"), "{}", inside.html);
    assert!(browser.get("/cuenta").await.shows("Le quedan 9"));
}

#[tokio::test]
async fn what_was_being_sent_survives_a_sign_in_in_two_steps() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut nurse = Browser::of(&clinic.care, "enfermeria").await;
    let setup = nurse.get("/cuenta").await.form("/cuenta/factores").set("nombre", "Teléfono");
    let setup = nurse.send(&setup.set("contrasena", PASSWORD)).await;
    let code = app(&setup, &clinic);
    nurse.send(&setup.form("/cuenta/factores/confirmar").set("codigo", &code)).await;
    clinic.clock.set(clinic.care.now() + SignedDuration::from_secs(60));
    let chart = nurse.get(&format!("/pacientes/{patient}?editar=r1")).await;
    let form = chart.form("/alergias").set("sustancia", "penicilina sódica").set("reaccion_tipo", "mild");
    nurse.forget_session();
    let stopped = nurse.send(&form).await;
    let first = stopped.form("/entrar").set("usuario", "enfermeria").set("contrasena", PASSWORD);
    let second = nurse.send(&first).await;
    assert!(second.shows("Escriba el código"), "{}", second.html);
    let code = app(&setup, &clinic);
    let resume = nurse.send(&second.form("/entrar/codigo").set("codigo", &code)).await;
    assert!(resume.shows("Ya puede continuar") && resume.shows("penicilina sódica"), "{}", resume.html);
    assert!(nurse.send(&resume.form("/alergias")).await.shows("Alergia: penicilina sódica"));
}

#[tokio::test]
async fn administration_makes_changes_and_closes_accounts() {
    let clinic = clinic().await;
    let mut admin = Browser::of(&clinic.care, "ines").await;
    let list = admin.get("/cuentas").await;
    assert!(list.shows("enfermeria") && list.shows("Sin segundo factor"), "{}", list.html);
    let page = admin.get("/cuentas/nueva").await;
    let form = page.form("/cuentas/nueva").set("usuario", "laura").set("nombre_pantalla", "Laura Prueba");
    let refused = admin.send(&form.clone().set("contrasena", "corta")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.shows("10 caracteres o más") && refused.shows("Elija al menos un rol"),
        "{}",
        refused.html
    );
    assert!(refused.shows("value=\"laura\""));
    let first = "contraseña del papel";
    let form = form.set("contrasena", first).set("contrasena_otra", first).set("reception", "si");
    let account = admin.send(&form).await;
    assert!(account.shows("Cuenta creada.") && account.shows("Laura Prueba"), "{}", account.html);

    let (mut laura, page) = password(&clinic, "laura", first).await;
    assert!(page.shows("Escriba una contraseña suya"), "{}", page.html);
    let own = "una frase solo mía";
    let form = page.form("/entrar/contrasena").set("contrasena_nueva", own).set("contrasena_otra", own);
    assert!(laura.send(&form).await.shows("<h1>Pacientes</h1>"));
    assert_eq!(laura.get("/cuentas").await.status, StatusCode::FORBIDDEN);

    // A role in mid-session: from the next page on.
    assert_eq!(laura.get("/bitacora").await.status, StatusCode::FORBIDDEN);
    let address = account.path.split('?').next().unwrap().to_owned();
    let form = account.form(&address).set("auditor", "si").set("activa", "si");
    let changed = admin.send(&form).await;
    assert!(changed.shows("Cuenta guardada."), "{}", changed.html);
    assert_eq!(laura.get("/bitacora").await.status, StatusCode::OK);
    assert_eq!(laura.get("/pacientes").await.status, StatusCode::FORBIDDEN);
    let closed = admin.send(&changed.form(&address).set("auditor", "si")).await;
    assert!(closed.shows("Cuenta guardada."), "{}", closed.html);
    assert!(laura.get("/bitacora").await.shows("name=\"contrasena\""), "the session is over");
    assert!(admin.get("/cuentas").await.shows("Desactivada"));
}

#[tokio::test]
async fn the_rules_of_access_lead_to_setting_a_second_factor_up() {
    let clinic = clinic().await;
    let mut admin = Browser::of(&clinic.care, "ines").await;
    let page = admin.get("/cuentas/acceso").await;
    let refused = admin.send(&page.form("/cuentas/acceso").set("minutos", "500")).await;
    assert!(
        refused.shows("Escriba un número de 5 a 240") && refused.shows("value=\"500\""),
        "{}",
        refused.html
    );
    let form = page.form("/cuentas/acceso").set("minutos", "60").set("nurse", "si");
    assert!(admin.send(&form).await.shows("Reglas guardadas."));
    let (mut nurse, page) = password(&clinic, "enfermeria", PASSWORD).await;
    assert!(page.shows("Configure su segundo factor") && page.shows("<svg class=\"qr\""), "{}", page.html);
    let reloaded = nurse.get("/entrar/paso").await;
    assert_eq!(app(&reloaded, &clinic), app(&page, &clinic));
    let done = nurse.send(&page.form("/entrar/configurar").set("codigo", &app(&page, &clinic))).await;
    assert_eq!(codes(&done).len(), 10, "{}", done.html);
    assert!(nurse.get(&done.link("/pacientes").unwrap()).await.shows("<h1>Pacientes</h1>"));
    // Lost: administration removes it; the person is told.
    let user = clinic.nurse.user_id;
    let account = admin.get(&format!("/cuentas/{user}")).await;
    let gone = admin.send(&account.form("/factores/quitar")).await;
    assert!(gone.shows("Segundo factor quitado."), "{}", gone.html);
    let none = admin.get("/cuentas/acceso").await.form("/cuentas/acceso");
    admin.send(&none).await;
    let (_, told) = password(&clinic, "enfermeria", PASSWORD).await;
    assert!(told.shows("Administración quitó su segundo factor"), "{}", told.html);
}

#[tokio::test]
async fn other_sessions_are_closed_from_the_account() {
    let clinic = clinic().await;
    let mut first = Browser::of(&clinic.care, "recepcion").await;
    let mut second = Browser::of(&clinic.care, "recepcion").await;
    let page = second.get("/cuenta").await;
    assert!(page.shows("Cerrar todas las demás"), "{}", page.html);
    // The form for one session is the same with its id.
    let mut others = page.form("/cuenta/sesiones/cerrar");
    others.fields.retain(|(name, _)| name != "sesion");
    let closed = second.send(&others).await;
    assert!(closed.shows("Sesiones cerradas."), "{}", closed.html);
    assert!(first.get("/hoy").await.shows("name=\"contrasena\""));
    assert_eq!(second.get("/hoy").await.status, StatusCode::OK);
    let form = closed.form("/cuenta/contrasena").set("contrasena", PASSWORD);
    let form = form.set("contrasena_nueva", "corta").set("contrasena_otra", "corta");
    let refused = second.send(&form).await;
    assert!(refused.shows("10 caracteres o más") && refused.shows("contrasena-actual"), "{}", refused.html);
}
