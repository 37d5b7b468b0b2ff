//! Grabación through HTTP: no microphone without consent, sound kept as it is sent, heard in any stretch.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use clinical::ids::EncounterId;
use test_support::Clinic;
use test_support::listener::TestListener;

use crate::browser::{Browser, Page};
use crate::{clinic, consultation};

fn sound(n: u8) -> Vec<u8> {
    (0..32_000_u32).map(|byte| byte.to_le_bytes()[0].wrapping_mul(n)).collect()
}

struct Desk {
    browser: Browser,
    visit: String,
    token: String,
}

impl Desk {
    async fn of(clinic: &Clinic) -> Self {
        clinic.care.publish_notice(&clinic.physician, &"Aviso de prueba. ".repeat(20)).await.unwrap();
        let (mut browser, page) = consultation(clinic, "").await;
        assert!(page.shows("Grabar la conversación"));
        let action = page.form("/transcripcion").action;
        let visit: EncounterId = action.split('/').nth(2).unwrap().parse().unwrap();
        let token = browser.token().await;
        Self { browser, visit: visit.to_string(), token }
    }

    async fn page(&mut self) -> Page {
        self.browser.get(&format!("/consultas/{}/grabacion", self.visit)).await
    }

    async fn begin(&mut self) -> Page {
        let path = format!("/consultas/{}/grabacion", self.visit);
        self.browser.once("POST", &path, &[("_token", &self.token)], false).await
    }

    async fn answer(&mut self, given: &str) -> Page {
        let page = self.page().await;
        let form = page.form("/grabacion/consentimiento").set("medio", "screen").set("respuesta", given);
        self.browser.send(&form).await
    }

    async fn piece(&mut self, recording: &str, n: u8, token: &str) -> Page {
        let request = Request::post(format!("/grabaciones/{recording}/piezas/{n}?inicio={n}000"))
            .header("sec-fetch-site", "same-origin")
            .header("x-medicus-token", token)
            .body(Body::from(sound(n + 1)))
            .unwrap();
        self.browser.request(request).await
    }

    async fn step(&mut self, recording: &str, step: &str, made: &str) -> Page {
        let path = format!("/grabaciones/{recording}/paso");
        let fields = [("_token", self.token.as_str()), ("paso", step), ("hechas", made)];
        self.browser.once("POST", &path, &fields, false).await
    }
}

fn id_of(told: &Page) -> String {
    let told: serde_json::Value = serde_json::from_str(&told.html).unwrap();
    assert_eq!(told["estado"], "recording");
    assert_eq!(told["clave"].as_str().unwrap().len(), 44);
    told["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_microphone_is_not_in_the_page_without_consent_and_the_server_refuses_it() {
    let clinic = clinic().await;
    let mut desk = Desk::of(&clinic).await;
    let page = desk.page().await;
    assert!(page.shows("Sin preguntar") && !page.shows("data-recorder"), "{}", page.html);
    assert_eq!(desk.begin().await.status, StatusCode::FORBIDDEN);

    let page = desk.answer("no").await;
    assert!(
        page.shows("No se graba. La consulta sigue igual") && !page.shows("data-recorder"),
        "{}",
        page.html
    );
    assert_eq!(desk.begin().await.status, StatusCode::FORBIDDEN);

    let form =
        desk.page().await.form("/grabacion/consentimiento").set("medio", "spoken").set("respuesta", "si");
    let page = desk.browser.send(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.shows("Para aceptar hace falta una respuesta escrita"), "{}", page.html);

    let page = desk.answer("si").await;
    assert!(page.shows("data-recorder") && page.shows("Acepta, versión 1 del aviso"), "{}", page.html);
    let policy = |page: &Page| page.headers.get("permissions-policy").unwrap().to_str().unwrap().to_owned();
    assert!(policy(&page).contains("microphone=(self)"));
    let elsewhere = desk.browser.get("/hoy").await;
    assert!(policy(&elsewhere).contains("microphone=()"), "no other page may ask for it");
    let begun = desk.begin().await;
    assert_eq!(begun.status, StatusCode::OK);
    let recording = id_of(&begun);
    let token = desk.token.clone();
    assert_eq!(desk.piece(&recording, 0, &token).await.status, StatusCode::NO_CONTENT);
    assert_eq!(desk.piece(&recording, 1, "otro").await.status, StatusCode::CONFLICT);

    let page = desk.answer("no").await;
    assert!(!page.shows("data-recorder"));
    let refused = desk.piece(&recording, 1, &token).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.html.starts_with("Para grabar hace falta"), "{}", refused.html);
}

#[tokio::test]
async fn what_was_recorded_is_heard_in_any_stretch_until_it_is_destroyed() {
    let clinic = clinic().await;
    let mut desk = Desk::of(&clinic).await;
    desk.answer("si").await;
    let recording = id_of(&desk.begin().await);
    let token = desk.token.clone();
    for n in [0, 1, 1, 2] {
        assert_eq!(desk.piece(&recording, n, &token).await.status, StatusCode::NO_CONTENT, "{n}");
    }
    desk.step(&recording, "pausa", "3").await;
    let refused = desk.piece(&recording, 3, &token).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.html.contains("en pausa"), "{}", refused.html);
    desk.step(&recording, "terminar", "5").await;
    let page = desk.page().await;
    assert!(page.shows("Terminada") && page.shows("Faltan 2 segundos"), "{}", page.html);
    assert!(page.shows("; dura 3 s") && page.shows("no hay un programa que convierta la voz en texto"));

    let whole: Vec<u8> = (1..4).flat_map(sound).collect();
    let path = format!("/grabaciones/{recording}/audio");
    for (range, status, from, length) in [
        ("bytes=0-", 206, 0, 96_044),
        ("bytes=44-43", 416, 0, 0),
        ("bytes=44-1043", 206, 0, 1000),
        ("bytes=-10", 206, 95_990, 10),
    ] {
        let request = Request::get(&path).header(header::RANGE, range).body(Body::empty()).unwrap();
        let answer = desk.browser.request(request).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (status, length), "{range}");
        if length < 96_044 && length > 0 {
            assert!(answer.body == whole[from..from + length], "{range}");
        }
    }
    let all = desk.browser.get(&path).await.body;
    assert!(all.starts_with(b"RIFF") && all[44..] == whole);

    let page = desk.page().await;
    let page = desk.browser.send(&page.form("/destruir")).await;
    assert!(
        page.shows("Grabación destruida: ya nadie puede oírla.") && !page.shows("<audio"),
        "{}",
        page.html
    );
    assert_eq!(desk.browser.get(&path).await.status, StatusCode::CONFLICT);
}

/// Half a second of sound as a file.
fn wav() -> Vec<u8> {
    let sound = &sound(3)[..16_000];
    let head: [&[u8]; 3] = [
        b"RIFF\xa4\x3e\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data",
        b"\x80\x3e\0\0",
        sound,
    ];
    head.concat()
}

#[tokio::test]
async fn a_file_is_brought_through_the_page_and_what_is_wrong_with_it_stands_at_the_field() {
    let clinic = clinic().await;
    let mut desk = Desk::of(&clinic).await;
    assert!(!desk.page().await.shows("Traer un audio"), "not without consent");
    desk.answer("si").await;
    let form = desk.page().await.form("/grabacion/archivo");
    let page = desk.browser.upload_named(&form, "consulta.mp3", &wav()).await;
    assert!(page.shows("Audio guardado.") && page.shows("Se trajo en un archivo"), "{}", page.html);
    assert!(page.shows("; dura 0 s") && page.shows("<audio"));
    for (name, content, expected) in [
        ("consulta.wav", wav(), "Ese audio ya está en esta consulta: es la grabación 1"),
        ("consulta.wav", b"hola".to_vec(), "El archivo no es un audio que se pueda leer"),
        ("consulta.wav", Vec::new(), "El archivo de audio está vacío"),
        ("", Vec::new(), "Elija el archivo de audio"),
    ] {
        let page = desk.browser.upload_named(&form, name, &content).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{expected}");
        assert!(page.shows(expected) && page.shows("href=\"#archivo\""), "{expected}: {}", page.html);
    }
    let page = desk.browser.upload_named(&form.set("_token", "otro"), "consulta.wav", &wav()).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_page_of_ones_own_voice_may_ask_for_the_microphone_and_says_what_is_wrong_with_a_sample() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    assert!(browser.get("/cuenta").await.shows("/cuenta/voz"));
    let page = browser.get("/cuenta/voz").await;
    let policy = page.headers.get("permissions-policy").unwrap().to_str().unwrap();
    assert!(policy.contains("microphone=(self)") && page.shows("Sin muestra"), "{}", page.html);
    assert!(!page.shows("/cuenta/voz/borrar"), "nothing to forget yet");
    for (name, content, expected) in [
        ("voz.wav", wav(), "menos de 8 segundos de habla"),
        ("voz.wav", b"hola".to_vec(), "no es un audio que se pueda leer"),
        ("", Vec::new(), "Grabe la muestra o elija el archivo"),
    ] {
        let page = browser.upload_named(&page.form("/cuenta/voz"), name, &content).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{expected}");
        assert!(page.shows(expected) && page.shows("Sin muestra"), "{expected}: {}", page.html);
    }
}

#[tokio::test]
async fn the_establishment_says_what_becomes_of_the_sound() {
    let clinic = clinic().await;
    let mut desk = Desk::of(&clinic).await;
    desk.answer("si").await;
    desk.begin().await;
    assert!(desk.page().await.shows("Al firmar la nota, el audio se destruye."));
    let page = desk.browser.get("/establecimiento").await;
    let page = desk.browser.send(&page.form("/establecimiento/grabaciones").set("audio", "keep")).await;
    assert!(page.shows("Vale para las notas que se firmen desde ahora"), "{}", page.html);
    assert!(desk.page().await.shows("Al firmar la nota, el audio se conserva"));
}

#[tokio::test]
async fn what_was_heard_is_corrected_with_one_click_and_proposes_the_note() {
    let mut clinic = clinic().await;
    clinic.care = clinic.care.clone().with_listener(Arc::new(TestListener::default()));
    let mut desk = Desk::of(&clinic).await;
    desk.answer("si").await;
    let recording = id_of(&desk.begin().await);
    let token = desk.token.clone();
    desk.piece(&recording, 0, &token).await;
    desk.step(&recording, "terminar", "1").await;
    let page = desk.page().await;
    assert!(page.shows("Espera su turno para convertirse en texto."), "{}", page.html);
    assert!(!page.shows("no hay un programa que convierta la voz en texto"));
    let page = desk.browser.send(&page.form("/escuchar").set("accion", "cancelar")).await;
    assert!(page.shows("Se canceló convertirla en texto."), "{}", page.html);
    desk.browser.send(&page.form("/escuchar").set("accion", "pedir")).await;
    assert!(clinic.care.listen_next().await.unwrap());
    let words = desk.page().await.link("/palabras").unwrap();
    let page = desk.browser.get(&words).await;
    assert!(page.shows("2 partes sin saber quién habla") && page.shows("Voz 2"), "{}", page.html);
    let page = desk.browser.send(&page.form("/palabras").set("voz", "2:paciente")).await;
    assert!(page.shows("1 parte sin saber quién habla"), "{}", page.html);
    let page = desk.browser.send(&page.form("/palabras").set("turno", "3:paciente")).await;
    assert!(!page.shows("sin saber quién habla"), "{}", page.html);
    let page = desk.browser.send(&page.form("/palabras/usar")).await;
    assert!(page.shows("Turnos de la conversación") && page.shows("rodilla derecha"), "{}", page.html);
    assert!(page.shows("/oraciones/"), "a note is proposed");
    let heard = format!("/grabaciones/{recording}/audio#t=0.0,");
    assert!(page.shows(&heard) && page.shows("data-key=\"o\""), "each sentence leads to its seconds");
    let visit = page.path.clone();
    let page = desk.page().await;
    desk.browser.send(&page.form("/destruir")).await;
    let page = desk.browser.get(&visit).await;
    assert!(
        page.shows("La grabación de esta consulta se destruyó") && !page.shows("data-play"),
        "{}",
        page.html
    );
}

#[tokio::test]
async fn a_recording_in_which_nobody_speaks_says_so_and_what_to_do() {
    let mut clinic = clinic().await;
    let listener = TestListener { hears_nobody: true, ..TestListener::default() };
    clinic.care = clinic.care.clone().with_listener(Arc::new(listener));
    let mut desk = Desk::of(&clinic).await;
    desk.answer("si").await;
    let recording = id_of(&desk.begin().await);
    let token = desk.token.clone();
    desk.piece(&recording, 0, &token).await;
    desk.step(&recording, "terminar", "1").await;
    assert!(clinic.care.listen_next().await.unwrap());
    let page = desk.page().await;
    assert!(page.shows("No se oyó voz.") && page.shows("revise qué micrófono está elegido"), "{}", page.html);
    assert!(!page.shows("Convertida en texto") && page.link("/palabras").is_none(), "nothing to read");
    let page = desk.browser.get(&format!("/grabaciones/{recording}/palabras")).await;
    assert!(page.shows("No se oyó voz.") && !page.shows("Usar y proponer la nota"), "{}", page.html);
}
