//! A question is put together without scripts, answered, kept and taken out as a file, each by who may.

use axum::http::StatusCode;
use care::chart::SummaryChange;

use crate::browser::Browser;
use crate::{check_weight, clinic};

#[tokio::test]
async fn a_question_is_put_together_answered_kept_and_taken_out_without_scripts() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    clinic.patient("Otilia", "Mezquite").await;
    let problem = SummaryChange::AddProblem { text: "diabetes".to_owned(), icd11: "5A11".to_owned() };
    clinic.care.change_summary(&clinic.physician, patient, &problem).await.unwrap();
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let empty = browser.get("/tableros/preguntas").await;
    assert!(
        empty.shows("<p class=\"lead\">Pacientes</p>") && empty.shows("Todavía ninguna"),
        "{}",
        empty.html
    );
    check_weight(&empty);

    let words =
        browser.get("/tableros/preguntas?sexo=female&dx=diabetes+tipo+2&dx_cuando=hoy&hacer=agregar").await;
    assert!(
        words.shows("name=\"elegir\" value=\"5A11\"") && words.shows("value=\"diabetes tipo 2\""),
        "{}",
        words.html
    );
    let chosen = browser.get("/tableros/preguntas?sexo=female&dx=diabetes&dx_cuando=hoy&elegir=5A11").await;
    assert!(chosen.path.ends_with("?sexo=female&c=dx%3A5A11%3Ahoy"), "{}", chosen.path);
    assert!(chosen.shows("(5A11) como problema activo</p>") && !chosen.shows("Jacinta"), "not asked yet");

    let answer = browser.get("/tableros/preguntas?sexo=female&c=dx:5A11:hoy&hacer=ver").await;
    assert!(answer.shows("<b>1 paciente</b>") && answer.shows("Jacinta Ahuehuete"), "{}", answer.html);
    assert!(!answer.shows("Otilia") && answer.shows(&format!("/pacientes/{patient}")));
    let denied = browser.get("/tableros/preguntas?c=no:dx:5A11:hoy&ver=1").await;
    assert!(denied.shows("<b>1 paciente</b>") && denied.shows("Otilia Mezquite"), "{}", denied.html);
    let removed = browser.get("/tableros/preguntas?c=dx:5A11:hoy&c=rx:hoy:metformin&hacer=quitar-0").await;
    assert!(
        removed.path.ends_with("?c=rx%3Ahoy%3Ametformin") && removed.shows("que toman metformina"),
        "{}",
        removed.path
    );

    let kept =
        browser.send(&answer.form("/guardadas").set("nombre", "Diabéticas").set("compartida", "si")).await;
    assert!(kept.shows("Pregunta guardada.") && kept.shows(">Diabéticas</a>"), "{}", kept.html);
    let unnamed = browser.send(&answer.form("/guardadas").set("nombre", " ")).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unnamed.shows("Escriba con qué nombre guardarla") && unnamed.shows("dx:5A11:hoy"),
        "{}",
        unnamed.html
    );
    let export = answer.link("pacientes.csv").unwrap();
    let asked = browser.get(&export).await.form(&export);
    let without = browser.send(&asked).await;
    assert!(without.shows("La contraseña no coincide") && !without.shows("Jacinta"), "{}", without.html);
    let csv = browser.send(&asked.set("contrasena", test_support::PASSWORD)).await;
    assert!(
        csv.html.starts_with("expediente,nombre,") && csv.html.contains("Jacinta Ahuehuete"),
        "{}",
        csv.html
    );
    assert_eq!(csv.html.lines().count(), 2);

    let mut auditor = Browser::of(&clinic.care, "auditoria").await;
    let counted = auditor.get("/tableros/preguntas?c=dx:5A11:hoy&ver=1").await;
    assert!(counted.shows("Menos de 5 pacientes") && !counted.shows("Jacinta"), "{}", counted.html);
    assert!(
        counted.shows("De Dra. Inés Prueba") && !counted.shows("/quitar"),
        "shared, and not theirs to change"
    );
    let refused = auditor.get("/tableros/preguntas/pacientes.csv?c=dx:5A11:hoy").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let changed = browser.send(&kept.form("/nombre").set("nombre", "Mujeres con diabetes")).await;
    assert!(changed.shows(">Mujeres con diabetes</a>"), "{}", changed.html);
    let gone = browser.send(&changed.form("/quitar")).await;
    assert!(gone.shows("Pregunta quitada.") && !gone.shows("Mujeres con diabetes"), "{}", gone.html);
}

#[tokio::test]
async fn a_form_that_cannot_be_read_keeps_what_was_typed_and_names_each_field() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let query =
        "edad_de=abc&periodo=fechas&desde=31/02/2026&rx=inventadina&rx_cuando=hoy&c=dx:5A11:hoy&hacer=ver";
    let page = browser.get(&format!("/tableros/preguntas?{query}")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "href=\"#edad_de\"",
        "href=\"#desde\"",
        "href=\"#rx\"",
        "value=\"abc\"",
        "value=\"inventadina\"",
        "value=\"dx:5A11:hoy\"",
    ] {
        assert!(page.shows(words), "{words}: {}", page.html);
    }
    for hostile in [
        "c=%27%3B+DROP+TABLE+patient%3B--",
        "sexo=%3Cscript%3E",
        "c=rx:hoy:%3Cscript%3E",
        "medico=1%27+OR+1%3D1",
    ] {
        let page = browser.get(&format!("/tableros/preguntas?{hostile}&ver=1")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{hostile}");
        assert!(!page.shows("<script>") && page.shows("Corrija"), "{hostile}");
    }
}
