//! Archivos: what is kept, what is refused with which words, and that nothing kept can do anything.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use http_body::Frame;
use test_support::Clinic;

use crate::browser::{Browser, Form, Page};
use crate::{check_weight, clinic};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x02\x58\x08\x02\0\0\0";

/// The page of files of an invented patient, and its form.
async fn files_page(clinic: &Clinic, user: &str) -> (Browser, Page) {
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, user).await;
    let page = browser.get(&format!("/pacientes/{patient}/archivos")).await;
    (browser, page)
}

fn form(page: &Page) -> Form {
    page.form("/archivos").set("categoria", "imaging")
}

fn head<'a>(page: &'a Page, name: &str) -> &'a str {
    page.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_picture_with_a_wrong_ending_is_kept_as_what_it_is_and_shown_without_any_power() {
    let clinic = clinic().await;
    let (mut browser, page) = files_page(&clinic, "enfermeria").await;
    assert!(page.shows("Aún no hay archivos") && page.shows("capture=\"environment\""));
    let form = form(&page).set("titulo", "Herida <b>día 3</b>").set("fecha_estudio", "09/03/2026");
    let saved = browser.upload_named(&form, "herida.pdf", PNG).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.html);
    assert!(saved.shows("El nombre decía otro tipo de archivo") && saved.shows("Imagen PNG"));
    assert!(saved.shows("800 × 600") && saved.shows("9 de marzo de 2026") && !saved.shows("<b>día"));
    let address = saved.html.split("<img src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let shown = browser.get(&address).await;
    assert_eq!(head(&shown, "content-type"), "image/png");
    assert!(head(&shown, "content-disposition").starts_with("inline;"));
    assert!(
        head(&shown, "content-disposition").contains("UTF-8''Herida%20%3Cb%3Ed%C3%ADa%203%3C%2Fb%3E.png")
    );
    assert!(head(&shown, "content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(head(&shown, "x-content-type-options"), "nosniff");
    assert_eq!(head(&shown, "cache-control"), "no-store");
    let taken = browser.get(&format!("{address}?descargar=si")).await;
    assert!(head(&taken, "content-disposition").starts_with("attachment;"));
    let chart = browser.get(&saved.link("/pacientes/0").unwrap().replace("/archivos", "")).await;
    assert!(chart.shows("Herida") && chart.shows("Gabinete, 9 mar"), "{}", chart.html);
}

#[tokio::test]
async fn a_file_is_withdrawn_with_a_reason_and_never_gone() {
    let clinic = clinic().await;
    let (mut browser, page) = files_page(&clinic, "ines").await;
    let saved = browser.upload_named(&form(&page), "estudio.png", PNG).await;
    let refused = browser.send(&saved.form("/retirar")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Escriba por qué se retira"));
    let gone = browser.send(&refused.form("/retirar").set("motivo", "Era de otra persona")).await;
    assert!(gone.shows("Archivo retirado.") && gone.shows("Era de otra persona"), "{}", gone.html);
    assert!(!gone.shows("name=\"motivo\""), "it cannot be withdrawn twice");
    let again = browser.send(&saved.form("/retirar").set("motivo", "Otra vez")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let list = browser.get(&page.path).await;
    assert!(list.shows("estudio") && list.shows("Retirado"));
    let content = browser.get(&gone.link("/contenido").unwrap()).await;
    assert_eq!(content.status, StatusCode::OK);
}

#[tokio::test]
async fn what_can_run_is_refused_and_nothing_is_kept() {
    let clinic = clinic().await;
    let (mut browser, page) = files_page(&clinic, "ines").await;
    for (name, file, said) in [
        ("laboratorio.pdf", &b"<!doctype html><script>alert(1)</script>"[..], "página web"),
        ("dibujo.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x()\"/>", "puede traer código"),
        ("estudio.jpg", b"MZ\x90\0\x03", "es un programa"),
        ("nota.docx", b"PK\x03\x04\x14\0", "Word"),
        ("resultado.hl7", b"MSH|^~\\&|LAB", "resultados HL7"),
        ("vacio.pdf", b"", "está vacío"),
        ("algo.xyz", b"\x01\x02\x03", "No se reconoce el tipo"),
    ] {
        let refused = browser.upload_named(&form(&page).set("titulo", "Se queda aquí"), name, file).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(refused.shows(said) && refused.shows("value=\"Se queda aquí\""), "{name}: {}", refused.html);
        check_weight(&refused);
    }
    let nothing = browser.upload_named(&form(&page), "", b"").await;
    assert!(nothing.shows("Elija un archivo o tome una foto"), "{}", nothing.html);
    assert!(browser.get(&page.path).await.shows("Aún no hay archivos"));
}

#[tokio::test]
async fn names_of_300_letters_are_kept_and_impossible_days_are_not() {
    let clinic = clinic().await;
    let (mut browser, page) = files_page(&clinic, "ines").await;
    for (day, said) in [
        ("31/12/1899", "anterior a 1900"),
        ("01/01/2400", "todavía no llega"),
        ("30/02/2026", "día/mes/año"),
        ("ayer", "día/mes/año"),
    ] {
        let refused = browser.upload_named(&form(&page).set("fecha_estudio", day), "a.png", PNG).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{day}");
        assert!(refused.shows(said) && refused.shows(day), "{day}: {}", refused.html);
    }
    let name = format!("{}\u{202e}ñ.png", "a".repeat(295));
    let saved = browser.upload_named(&form(&page), &name, PNG).await;
    assert!(saved.shows(&format!("{}ñ.png", "a".repeat(295))), "{}", saved.html);
    let long = form(&page).set("titulo", &"t".repeat(301));
    let refused = browser.upload_named(&long, "a.png", PNG).await;
    assert!(refused.shows("Escriba 300 letras o menos"));
}

#[tokio::test]
async fn bombs_are_kept_as_bytes_and_never_opened() {
    let clinic = clinic().await;
    let (mut browser, page) = files_page(&clinic, "ines").await;
    let bomb =
        b"%PDF-1.7\n1 0 obj<</Length 9/Filter[/FlateDecode/FlateDecode]>>stream\n\x78\x9c\xff\nendstream";
    let saved = browser.upload_named(&form(&page), "bomba.pdf", bomb).await;
    let served = browser.get(&saved.link("/contenido").unwrap()).await;
    assert_eq!(head(&served, "content-length"), bomb.len().to_string());
    assert!(head(&served, "content-security-policy").starts_with("sandbox"));
    let mut huge = PNG.to_vec();
    huge[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    let saved = browser.upload_named(&form(&page), "enorme.png", &huge).await;
    assert!(saved.shows("enorme") && !saved.shows("<img"), "{}", saved.html);
    let served = browser.get(&saved.link("/contenido").unwrap().replace("?descargar=si", "")).await;
    assert!(head(&served, "content-disposition").starts_with("attachment;"));
}

#[tokio::test]
async fn reception_neither_brings_nor_sees_files() {
    let clinic = clinic().await;
    let (mut browser, page) = files_page(&clinic, "ines").await;
    let saved = browser.upload_named(&form(&page), "a.png", PNG).await;
    let mut reception = Browser::of(&clinic.care, "recepcion").await;
    for path in [page.path.clone(), saved.link("/contenido").unwrap(), saved.path.clone()] {
        let refused = reception.get(&path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let token = reception.get("/pacientes/nuevo").await.form("/pacientes/nuevo");
    let token = token.fields.iter().find(|(name, _)| name == "_token").unwrap().1.clone();
    let forged = form(&page).set("_token", &token);
    assert_eq!(reception.upload_named(&forged, "a.png", PNG).await.status, StatusCode::FORBIDDEN);
    let foreign = form(&page).set("_token", "0123456789abcdef0123456789abcdef");
    assert_eq!(browser.upload_named(&foreign, "a.png", PNG).await.status, StatusCode::UNAUTHORIZED);
}

/// A body of zeros that never ends by itself and counts what was taken from it.
struct Endless {
    begun: bool,
    left: usize,
    read: Arc<AtomicUsize>,
}

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = if self.begun {
            vec![0; 1024 * 1024]
        } else {
            b"--cut\r\ncontent-disposition: form-data; name=\"archivo\"; filename=\"a.png\"\r\n\r\n".to_vec()
        };
        if self.left < chunk.len() {
            return Poll::Ready(None);
        }
        self.begun = true;
        self.left -= chunk.len();
        self.read.fetch_add(chunk.len(), Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
    }
}

/// Sends two gigabytes; how many bytes were read, and the answer.
async fn two_gigabytes(browser: &mut Browser, path: &str, says_so: bool) -> (usize, Page) {
    let (read, left) = (Arc::new(AtomicUsize::new(0)), 2_usize << 30);
    let body = Body::new(Endless { begun: false, left, read: Arc::clone(&read) });
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
        .header("sec-fetch-site", "same-origin");
    if says_so {
        request = request.header(header::CONTENT_LENGTH, left);
    }
    let page = browser.request(request.body(body).unwrap()).await;
    (read.load(Ordering::Relaxed), page)
}

#[tokio::test]
async fn two_gigabytes_are_refused_early_with_a_message_and_leave_nothing() {
    let clinic = clinic().await;
    let (mut browser, page) = files_page(&clinic, "ines").await;
    let (read, refused) = two_gigabytes(&mut browser, &page.path, true).await;
    assert_eq!((read, refused.status), (0, StatusCode::PAYLOAD_TOO_LARGE), "it said how large it is");
    assert!(refused.shows("pesa más de 50 MB"), "{}", refused.html);
    let (read, refused) = two_gigabytes(&mut browser, &page.path, false).await;
    assert!(read < 70 << 20, "{read} bytes were read");
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.shows("pesa más de 50 MB"));
    assert!(browser.get(&page.path).await.shows("Aún no hay archivos"));
    let files = std::fs::read_dir(clinic.directory.join("archivos")).unwrap().count();
    assert_eq!(files, 0, "nothing on the disk");
}
