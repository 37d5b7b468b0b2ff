//! The agenda through the pages, as reception uses it: hours, a visit by its next free time, moved, cancelled and undone.

use crate::browser::{Browser, Page};
use crate::clinic;

/// The form sent with one of its buttons.
fn pressed(page: &Page, action: &str, name: &str) -> crate::browser::Form {
    let at = format!("name=\"{name}\" value=\"");
    let value = page.html.split(&at).nth(1).unwrap().split('"').next().unwrap();
    page.form(action).set(name, value)
}

#[tokio::test]
async fn reception_books_moves_cancels_and_undoes_and_sees_no_clinical_word() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    clinic.signed_note(&clinic.physician, patient).await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    let agenda = browser.get("/agenda").await;
    assert!(agenda.shows("Nadie tiene horario todavía"), "{}", agenda.html);

    let setup = browser.get("/agenda/horarios").await;
    let physician = clinic.physician.practitioner_id.unwrap().to_string();
    let room = clinic.care.agenda_setup(&clinic.reception).await.unwrap().rooms[0].id.to_string();
    let hours = setup
        .form("/agenda/horarios")
        .set("medico", &physician)
        .set("consultorio", &room)
        .set("entrada", "14:00")
        .set("salida", "09:00");
    let wrong = browser.send(&hours).await;
    assert!(wrong.shows("La hora de salida debe ser posterior a la de entrada"), "{}", wrong.html);
    let setup = browser.send(&hours.set("entrada", "09:00").set("salida", "14:00").set("dias", "3")).await;
    assert!(setup.shows("miércoles") && setup.shows("09:00 a 14:00"), "{}", setup.html);

    let found = browser.get("/agenda/nueva?q=ahuehuete").await;
    let free = browser.get(&found.link("/agenda/nueva?paciente=").unwrap()).await;
    assert!(free.shows("miércoles 11 de marzo"), "{}", free.html);
    let visit = browser.send(&pressed(&free, "/citas", "inicio")).await;
    assert!(visit.shows("Cita agendada") && visit.shows("miércoles 11 de marzo, 09:00"), "{}", visit.html);
    assert!(!visit.shows("Nota de evolución") && !visit.shows("Se valora"), "{}", visit.html);
    let taken = browser.send(&pressed(&free, "/citas", "inicio")).await;
    assert!(taken.shows("Esa hora ya está ocupada. Las siguientes libres: 11 de marzo"), "{}", taken.html);

    let moved = browser.send(&pressed(&visit, "/mover", "inicio")).await;
    assert!(moved.shows("Cita movida") && moved.shows("Estaba a las 11/03/2026 09:00"), "{}", moved.html);
    let cancelled = browser.send(&moved.form("/cancelar").set("causa", "patient_asked")).await;
    assert!(cancelled.shows("El paciente avisó que no viene"), "{}", cancelled.html);
    let again = browser.send(&cancelled.form("/paso").set("paso", "undo")).await;
    assert!(again.shows("Pedida"), "{}", again.html);
    let confirmed = browser.send(&again.form("/paso").set("paso", "confirm")).await;
    assert!(confirmed.shows("Confirmada"), "{}", confirmed.html);
    for view in ["", "&vista=semana", "&vista=lista"] {
        let day = browser.get(&format!("/agenda?dia=2026-03-11{view}")).await;
        assert!(day.shows("Jacinta Ahuehuete Roble"), "{view} {}", day.html);
    }
}

#[tokio::test]
async fn who_comes_without_an_appointment_stands_in_the_queue_and_who_waits_in_the_list() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    let physician = clinic.physician.practitioner_id.unwrap().to_string();
    let page = browser.get(&format!("/agenda/nueva?paciente={patient}&medico={physician}")).await;
    assert!(page.shows("No hay horas libres en los próximos 30 días"), "{}", page.html);
    let form = page.form("/citas").set("medico", &physician).set("modo", "sin_cita");
    let agenda = browser.send(&form.set("paciente", &patient.to_string())).await;
    assert!(agenda.shows("En espera, sin hora") && agenda.shows("Llegó"), "{}", agenda.html);
    let form = page
        .form("/citas")
        .set("modo", "espera")
        .set("desde", "10/03/2026")
        .set("hasta", "20/03/2026")
        .set("parte", "morning");
    let list = browser.send(&form).await;
    assert!(list.shows("por la mañana") && list.shows("del 10 mar al 20 mar"), "{}", list.html);
    let empty = browser.send(&list.form("/quitar")).await;
    assert!(empty.shows("Nadie espera"), "{}", empty.html);
}
