//! Resultados: typed, corrected, withdrawn, and brought in from HL7 and CSV files after a preview.

use axum::http::StatusCode;
use test_support::Clinic;

use crate::browser::{Browser, Form, Page};
use crate::{check_weight, clinic};

const HL7: &str = "MSH|^~\\&|LIS|Laboratorio Inventado|||20260309110500||ORU^R01|M-1|P|2.5.1\r\
PID|1||000412^^^LIS^MR||Ahuehuete^Jacinta||19620112|F\r\
OBR|1|S1|F1|QS^Química sanguínea^L|||202603090740\r\
OBX|1|NM|2345-7^Glucosa^LN||126|mg/dL|70 - 100|H|||F\r\
OBX|2|NM|2160-0^Creatinina^LN||0.9|mg/dL|0.5 - 1.2|N|||F\r";

async fn record(clinic: &Clinic, user: &str) -> (Browser, String) {
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    (Browser::of(&clinic.care, user).await, format!("/pacientes/{patient}/resultados"))
}

async fn preview(browser: &mut Browser, place: &str, file: &[u8]) -> Page {
    let page = browser.get(&format!("{place}/subir")).await;
    browser.upload_named(&page.form("/subir"), "resultados.hl7", file).await
}

/// Fills a row of the form: the fields of a column stand in the order of the rows.
fn with_row(mut form: Form, row: usize, cells: [&str; 4]) -> Form {
    for (name, cell) in ["estudio", "resultado", "unidad", "referencia"].into_iter().zip(cells) {
        let mut own = form.fields.iter_mut().filter(|(key, _)| key == name);
        own.nth(row - 1).unwrap().1 = cell.to_owned();
    }
    form
}

#[tokio::test]
async fn typed_results_are_marked_only_against_the_range_that_was_typed() {
    let clinic = clinic().await;
    let (mut browser, place) = record(&clinic, "enfermeria").await;
    assert!(browser.get(&place).await.shows("Aún no hay resultados"));
    let page = browser.get(&format!("{place}/nuevo")).await;
    check_weight(&page);
    let form =
        page.form("/nuevo").set("fecha", "9/3/2026").set("hora", "7:40").set("grupo", "Química sanguínea");
    let form = with_row(form, 1, ["Glucosa", "126", "mg/dL", "70 - 100"]);
    let form = with_row(form, 2, ["Creatinina", "9.9", "mg/dL", ""]);
    let form = with_row(form, 4, ["Urocultivo <i>", "Sin desarrollo", "", ""]);
    let saved = browser.send(&form).await;
    assert!(
        saved.shows("Resultados guardados.") && saved.shows("9 de marzo de 2026, 07:40"),
        "{}",
        saved.html
    );
    assert!(saved.shows("Alto") && saved.html.matches("class=\"mark ").count() == 1, "one range, one mark");
    assert!(saved.shows("Sin desarrollo") && !saved.shows("<i>"));
    let chart = browser.get(&place.replace("/resultados", "")).await;
    assert!(chart.shows("Química sanguínea") && chart.shows("Glucosa 126 mg/dL"), "{}", chart.html);
}

#[tokio::test]
async fn typed_results_to_correct_say_row_and_fix_and_nothing_is_half_saved() {
    let clinic = clinic().await;
    let (mut browser, place) = record(&clinic, "ines").await;
    let page = browser.get(&format!("{place}/nuevo")).await;
    for (day, said) in [
        ("", "Escriba el día"),
        ("1/1/1899", "anterior a 1900"),
        ("1/1/2400", "todavía no llega"),
        ("x", "día/mes/año"),
    ] {
        let form = with_row(page.form("/nuevo").set("fecha", day), 1, ["Glucosa", "99", "mg/dL", ""]);
        let refused = browser.send(&form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{day}");
        assert!(refused.shows(said) && refused.shows("value=\"Glucosa\""), "{day}: {}", refused.html);
    }
    let form = page.form("/nuevo").set("fecha", "9/3/2026").set("hora", "25:00");
    let form = with_row(form, 1, ["Glucosa", "99", "mg/dL", ""]);
    let form = with_row(form, 2, ["Leucocitos", "5,600", "/uL", ""]);
    let form = with_row(form, 3, ["", "5", "", ""]);
    let refused = browser.send(&form).await;
    assert!(refused.shows("Renglón 2: la coma puede ser de miles"), "{}", refused.html);
    assert!(refused.shows("Renglón 3: escriba qué se midió") && refused.shows("Escriba la hora como 07:40"));
    let empty = browser.send(&page.form("/nuevo").set("fecha", "9/3/2026")).await;
    assert!(empty.shows("Escriba al menos un resultado"));
    assert!(browser.get(&place).await.shows("Aún no hay resultados"));
}

#[tokio::test]
async fn a_correction_and_a_withdrawal_leave_what_was_there_struck_out() {
    let clinic = clinic().await;
    let (mut browser, place) = record(&clinic, "ines").await;
    let page = browser.get(&format!("{place}/nuevo")).await;
    let form =
        with_row(page.form("/nuevo").set("fecha", "9/3/2026"), 1, ["Glucosa", "1260", "mg/dL", "70-100"]);
    let saved = browser.send(&form).await;
    let address = saved.link("/resultados/0").unwrap();
    let open = browser.get(&address).await;
    assert!(open.shows("value=\"1260\""));
    let refused = browser.send(&open.form("/corregir").set("resultado", "126")).await;
    assert!(refused.shows("Escriba por qué se corrige") && refused.shows("value=\"126\""));
    let form = open.form("/corregir").set("resultado", "126").set("motivo", "Error de captura");
    let corrected = browser.send(&form).await;
    assert!(corrected.shows("1260") && corrected.shows("126") && corrected.shows("Error de captura"));
    assert!(corrected.shows("class=\"struck\"") && corrected.shows("Versión anterior"), "{}", corrected.html);
    let second = browser.send(&form.set("resultado", "127")).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "someone corrected it first");
    let open = browser.get(&corrected.link("/resultados/0").unwrap()).await;
    let gone = browser.send(&open.form("/retirar").set("motivo_retiro", "Era de otra persona")).await;
    assert!(gone.shows("Retirado por") && gone.shows("Era de otra persona"));
    assert!(gone.link("/resultados/0").is_none(), "nothing left to correct: {}", gone.html);
}

#[tokio::test]
async fn an_hl7_message_is_previewed_saved_once_and_corrected_by_the_laboratory() {
    let clinic = clinic().await;
    let (mut browser, place) = record(&clinic, "enfermeria").await;
    let latin: Vec<u8> = HL7.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let seen = preview(&mut browser, &place, &latin).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.html);
    assert!(seen.shows("Química sanguínea") && seen.shows("Guardar 2 resultados") && seen.shows("Alto"));
    assert!(!seen.shows("otra persona") && browser.get(&place).await.shows("Aún no hay resultados"));
    let saved = browser.send(&seen.form("/guardar")).await;
    assert!(saved.shows("Resultados guardados.") && saved.shows("Laboratorio Inventado"), "{}", saved.html);
    let again = preview(&mut browser, &place, HL7.as_bytes()).await;
    assert!(again.shows("Todos estos resultados ya estaban guardados"));
    let twice = browser.send(&seen.form("/guardar")).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    let corrected = HL7.replace("||126|mg/dL|70 - 100|H|||F", "||106|mg/dL|70 - 100|H|||C");
    let seen = preview(&mut browser, &place, corrected.as_bytes()).await;
    assert!(
        seen.shows("El laboratorio corrige 126 mg/dL") && seen.shows("Guardar 1 resultado<"),
        "{}",
        seen.html
    );
    let saved = browser.send(&seen.form("/guardar")).await;
    assert!(
        saved.shows("106") && saved.shows("Versión anterior") && saved.shows("corregido por el laboratorio")
    );
}

#[tokio::test]
async fn results_of_someone_else_need_a_person_to_confirm() {
    let clinic = clinic().await;
    let (mut browser, place) = record(&clinic, "ines").await;
    let nobody: String = HL7.split_inclusive('\r').filter(|line| !line.starts_with("PID")).collect();
    for message in [
        HL7.replace("Ahuehuete^Jacinta", "Colorín^Abundio"),
        HL7.replace("19620112", "19620113"),
        HL7.replace("Ahuehuete^Jacinta", ""),
        nobody,
    ] {
        let seen = preview(&mut browser, &place, message.as_bytes()).await;
        assert!(seen.shows("El archivo parece de otra persona"), "{}", seen.html);
    }
    let other = HL7.replace("Ahuehuete^Jacinta", "Colorín^Abundio");
    let seen = preview(&mut browser, &place, other.as_bytes()).await;
    let refused = browser.send(&seen.form("/guardar")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.shows("Confirme que comparó los datos") && refused.shows("Abundio Colorín"));
    assert!(browser.get(&place).await.shows("Aún no hay resultados"));
    let saved = browser.send(&refused.form("/guardar").set("confirmado", "si")).await;
    assert!(saved.shows("Resultados guardados."), "{}", saved.html);
}

#[tokio::test]
async fn faulty_files_say_where_and_how_and_save_nothing() {
    let clinic = clinic().await;
    let (mut browser, place) = record(&clinic, "ines").await;
    let csv = "fecha,estudio,resultado\n09/03/2026,Glucosa,99\n31/02/2026,Creatinina,0.9\n09/03/2400,TSH,2\n01/01/1850,TSH,2";
    let long = format!("fecha,estudio,resultado\n{}", "09/03/2026,Glucosa,99\n".repeat(4000));
    for (file, said) in [
        (HL7.replace("|126|", "|mucho|").into_bytes(), "Segmento OBX 1 (línea 4), campo OBX-5"),
        (HL7.replace("ORU^R01", "ADT^A08").into_bytes(), "campo MSH-9"),
        (HL7.replace("202603090740", "209903090740").into_bytes(), "todavía no llega"),
        (HL7.get(..40).unwrap().as_bytes().to_vec(), "campo MSH-9"),
        (csv.as_bytes().to_vec(), "Renglón 3: en «fecha» escriba"),
        (csv.replace("31/02", "28/02").into_bytes(), "Renglón 4: la fecha de la toma todavía no llega"),
        (csv.replace("31/02", "28/02").into_bytes(), "Renglón 5: la fecha de la toma es anterior a 1900"),
        (b"%PDF-1.7 algo".to_vec(), "falta la columna"),
        (vec![0, 159, 146, 150], "no es de texto"),
        (b"  ".to_vec(), "vac\u{ed}o"),
        (long.into_bytes(), "pesa más de 64 kB"),
    ] {
        let refused = preview(&mut browser, &place, &file).await;
        assert!(refused.status.is_client_error(), "{said}");
        assert!(refused.shows(said), "{said}: {}", refused.html);
        check_weight(&refused);
    }
    assert!(browser.get(&place).await.shows("Aún no hay resultados"));
    let good = "fecha;estudio;resultado;unidad;referencia\n09/03/2026;Glucosa;99;mg/dL;70 - 100\n";
    let seen = preview(&mut browser, &place, good.as_bytes()).await;
    let saved = browser.send(&seen.form("/guardar")).await;
    assert!(saved.shows("De un archivo CSV"), "{}", saved.html);
}

#[tokio::test]
async fn reception_neither_sees_nor_writes_results() {
    let clinic = clinic().await;
    let (mut browser, place) = record(&clinic, "ines").await;
    let page = browser.get(&format!("{place}/nuevo")).await;
    let form = with_row(page.form("/nuevo").set("fecha", "9/3/2026"), 1, ["Glucosa", "99", "mg/dL", ""]);
    let saved = browser.send(&form).await;
    let mut reception = Browser::of(&clinic.care, "recepcion").await;
    let token = reception.get("/pacientes/nuevo").await.form("/pacientes/nuevo");
    let token = token.fields.iter().find(|(name, _)| name == "_token").unwrap().1.clone();
    for path in
        [&place, &format!("{place}/nuevo"), &format!("{place}/subir"), &saved.link("/resultados/0").unwrap()]
    {
        let refused = reception.get(path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!refused.shows("Glucosa"));
    }
    assert_eq!(reception.send(&form.set("_token", &token)).await.status, StatusCode::FORBIDDEN);
    let confirm = Form {
        action: format!("{place}/guardar"),
        fields: vec![("_token".to_owned(), token), ("texto".to_owned(), HL7.to_owned())],
    };
    assert_eq!(reception.send(&confirm).await.status, StatusCode::FORBIDDEN);
}
