//! Tendencias: charts that can be seen, read aloud and printed, with the same numbers beside them.

use axum::http::StatusCode;

use crate::browser::Browser;
use crate::{check_weight, clinic};

#[tokio::test]
async fn analytes_are_charted_with_their_range_and_the_same_numbers_in_a_table() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let place = format!("/pacientes/{patient}");
    let mut browser = Browser::of(&clinic.care, "ines").await;
    assert!(browser.get(&format!("{place}/curso")).await.shows("Aún no hay curso que mostrar"));
    let mut csv = "fecha,estudio,resultado,unidad,referencia\n".to_owned();
    for (day, value) in [("01/02/2025", "99"), ("01/08/2025", "126"), ("01/02/2026", "61")] {
        csv.push_str(&format!("{day},Glucosa,{value},mg/dL,70 - 100\n{day},Urocultivo,Sin desarrollo,,\n"));
    }
    csv.push_str("01/02/2026,Sodio,140,mmol/L,\n");
    let upload = browser.get(&format!("{place}/resultados/subir")).await;
    let seen = browser.upload_named(&upload.form("/subir"), "resultados.csv", csv.as_bytes()).await;
    browser.send(&seen.form("/guardar")).await;
    let page = browser.get(&format!("{place}/curso")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    assert_eq!(page.html.matches("<svg viewBox=\"0 0 420 210\" role=\"img\"").count(), 1, "{}", page.html);
    assert!(page.shows("<title id=\"g0-t\">Glucosa, mg/dL</title>") && page.shows("class=\"band\""));
    assert!(page.shows("3 valores: 99 el 1 feb 2025, 61 el 1 feb 2026; 2 fuera de rango"), "{}", page.html);
    assert_eq!(page.html.matches("class=\"dot out\"").count(), 2, "a shape of their own");
    for cell in ["<td>99</td>", "<td>126 <span class=\"mark mark-out\">", "Alto</span>", "Bajo</span>"] {
        assert!(page.shows(cell), "{cell}");
    }
    assert!(!page.shows("Sodio") && !page.shows("Urocultivo"), "one value and words have no course");
    check_weight(&page);
}

#[tokio::test]
async fn a_long_course_of_many_analytes_comes_in_pages_of_bounded_size() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let place = format!("/pacientes/{patient}");
    let mut browser = Browser::of(&clinic.care, "enfermeria").await;
    for year in 2016..2026 {
        let mut csv = "fecha,estudio,resultado,unidad,referencia\n".to_owned();
        for month in 1..=6 {
            for analyte in 0..12 {
                csv.push_str(&format!(
                    "01/{month:02}/{year},Analito {analyte},{}.5,mg/dL,1-40\n",
                    month * analyte
                ));
            }
        }
        let upload = browser.get(&format!("{place}/resultados/subir")).await;
        let seen = browser.upload_named(&upload.form("/subir"), "r.csv", csv.as_bytes()).await;
        check_weight(&seen);
        let saved = browser.send(&seen.form("/guardar")).await;
        assert_eq!(saved.status, StatusCode::OK);
        check_weight(&saved);
    }
    let first = browser.get(&format!("{place}/curso")).await;
    assert!(first.shows("Página 1 de 2") && first.shows("Los últimos 40 valores."), "{}", first.html);
    check_weight(&first);
    let second = browser.get(&format!("{place}/curso?pagina=2")).await;
    assert!(second.shows("Página 2 de 2"));
    let mut reception = Browser::of(&clinic.care, "recepcion").await;
    assert_eq!(reception.get(&format!("{place}/curso")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_course_has_one_axis_with_medicines_targets_and_what_cannot_be_true() {
    let clinic = clinic().await;
    let patient = clinic.patient("Tadeo", "Encino").await;
    let place = format!("/pacientes/{patient}");
    let mut browser = Browser::of(&clinic.care, "ines").await;
    for change in [
        care::chart::SummaryChange::AddProblem {
            text: "diabetes mellitus tipo 2".to_owned(),
            icd11: String::new(),
        },
        care::chart::SummaryChange::AddMedication {
            medicine: "metformina".to_owned(),
            taken: "850 mg cada 12 horas".to_owned(),
        },
    ] {
        clinic.care.change_summary(&clinic.physician, patient, &change).await.unwrap();
    }
    let mut csv = "fecha,estudio,resultado,unidad,referencia\n".to_owned();
    for (day, value, unit) in [
        ("01/02/2025", "8.4", "%"),
        ("01/06/2025", "9900", "%"),
        ("01/08/2025", "53", "mmol/mol"),
        ("01/02/2026", "7.6", "%"),
    ] {
        csv.push_str(&format!("{day},Hemoglobina glucosilada,{value},{unit},\n"));
    }
    let upload = browser.get(&format!("{place}/resultados/subir")).await;
    let seen = browser.upload_named(&upload.form("/subir"), "resultados.csv", csv.as_bytes()).await;
    browser.send(&seen.form("/guardar")).await;
    let page = browser.get(&format!("{place}/curso")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    for words in [
        "Sombreado: meta, menor de 7 % (NOM-015-SSA2-2010",
        "<td>7 (53 mmol/mol)",
        "3 valores: 8.4 el 1 feb 2025, 7.6 el 1 feb 2026",
        "<h2 id=\"calidad\">Datos por revisar</h2>",
        "<td>Hemoglobina glucosilada: 9900 %</td>",
        "Diagnóstico: diabetes mellitus tipo 2",
        "Inicia metformina",
        "850 mg cada 12 horas",
        "<title id=\"lanes-t\">Medicamentos y acontecimientos</title>",
    ] {
        assert!(page.shows(words), "{words}: {}", page.html);
    }
    check_weight(&page);
    let recent = browser.get(&format!("{place}/curso?periodo=3m")).await;
    assert!(recent.shows("Inicia metformina") && !recent.shows("7.6 el 1 feb"), "one value is no course");
    let other = clinic.patient("Nadie", "Vacío").await;
    let empty = browser.get(&format!("/pacientes/{other}/curso?periodo=1a&pagina=99")).await;
    assert!(empty.shows("No hay mediciones, resultados ni medicamentos en este periodo"), "{}", empty.html);
}

#[tokio::test]
async fn what_a_patient_lacks_is_shown_noted_and_listed_and_only_counted_for_who_opens_no_records() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let place = format!("/pacientes/{patient}/curso");
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let page = browser.get(&place).await;
    assert!(page.shows("Mastografía</td><td><span class=\"sev sev-moderada\">"), "{}", page.html);
    let list = browser.get("/tableros/pendientes?control=ca_breast").await;
    assert!(list.shows("Jacinta Ahuehuete") && list.shows(&format!("/agenda/nueva?paciente={patient}")));
    check_weight(&list);
    let form = page.form("/curso/hecho");
    let refused = browser
        .send(
            &form.clone().set("control", "mammography").set("fecha", "ayer").set("lugar", "Hospital general"),
        )
        .await;
    assert!(refused.shows("Escriba el día") && refused.shows("Hospital general"), "{}", refused.html);
    let form = form.set("control", "mammography").set("fecha", "1/3/2026").set("lugar", "Hospital general");
    let saved = browser.send(&form).await;
    assert!(saved.shows("Se anotó; ya no está pendiente."), "{}", saved.html);
    assert!(saved.shows("Toca el 1 mar 2028") && saved.shows("Hospital general"), "{}", saved.html);
    let board = browser.get("/tableros/pendientes").await;
    assert!(
        board.shows("Mastografía</td><td class=\"num\"><b>0</b></td><td class=\"num\">1</td>"),
        "{}",
        board.html
    );
    assert!(board.shows("href=\"?control=ca_cervix\""), "{}", board.html);
    let undone = browser.send(&saved.form("/quitar")).await;
    assert!(undone.shows("Se quitó"), "{}", undone.html);
    let mut auditor = Browser::of(&clinic.care, "auditoria").await;
    let counted = auditor.get("/tableros/pendientes").await;
    assert!(counted.shows("Citología cervical</td>") && !counted.shows("?control="), "{}", counted.html);
    let few = "Mastografía</td><td class=\"num\"><b>·</b></td><td class=\"num\">menos de 5</td>";
    assert!(counted.shows(few), "one patient is not told: {}", counted.html);
    let refused = auditor.get("/tableros/pendientes?control=ca_cervix").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
