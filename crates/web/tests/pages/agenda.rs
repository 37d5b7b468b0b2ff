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

#[tokio::test]
async fn the_physician_sees_how_long_somebody_waits_and_begins_in_one_step() {
    let clinic = clinic().await;
    let (first, second) =
        (clinic.patient("Jacinta", "Ahuehuete").await, clinic.patient("Rosa", "Fresno").await);
    let physician = clinic.physician.practitioner_id.unwrap();
    let service = clinic.care.agenda_setup(&clinic.reception).await.unwrap().services[0].id;
    for (patient, minutes) in [(first, 53), (second, 12)] {
        clinic.care.walk_in(&clinic.reception, patient, physician, service).await.unwrap();
        clinic.clock.set(clinic.care.now() + jiff::SignedDuration::from_mins(minutes));
    }
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let today = browser.get("/hoy").await;
    assert!(today.shows("y espera desde hace 1 h 05 min."), "{}", today.html);
    assert!(today.shows("En sala, 12 min") && today.shows("Nada por escribir"), "{}", today.html);
    assert!(
        today.html.contains("Iniciar<span class=\"visually-hidden\"> la consulta: Rosa"),
        "{}",
        today.html
    );
    let record = browser.get(&format!("/pacientes/{second}")).await;
    assert!(record.shows("El paciente está en la sala: llegó a las"), "{}", record.html);
    assert!(!record.shows("Por firmar") && record.shows("El expediente está vacío"), "{}", record.html);
    let mut desk = Browser::of(&clinic.care, "recepcion").await;
    let theirs = desk.get("/hoy").await;
    assert!(theirs.shows("En sala, 12 min") && !theirs.html.contains("/iniciar"), "{}", theirs.html);

    let begun = browser.send(&today.form("/iniciar")).await;
    assert!(begun.shows("Jacinta Ahuehuete"), "{}", begun.html);
    let today = browser.get("/hoy").await;
    assert!(today.shows("Sin escribir") && today.shows("y espera desde hace 12 min."), "{}", today.html);
}

#[tokio::test]
async fn a_visit_is_moved_from_the_agenda_to_a_free_time_and_put_back() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    let physician = clinic.physician.practitioner_id.unwrap().to_string();
    let room = clinic.care.agenda_setup(&clinic.reception).await.unwrap().rooms[0].id.to_string();
    let hours = browser.get("/agenda/horarios").await.form("/agenda/horarios");
    let hours = hours.set("medico", &physician).set("consultorio", &room).set("entrada", "09:00");
    browser.send(&hours.set("salida", "11:00").set("dias", "3")).await;
    let day = browser.get("/agenda?dia=2026-03-11").await;
    // A free time that is chosen before anybody says who comes stays chosen.
    let asked = day.html.split("data-at=\"").nth(2).unwrap().split('"').next().unwrap();
    let chosen = browser
        .get(&format!("/agenda/nueva?paciente={patient}&medico={physician}&dia=2026-03-11&inicio={asked}"))
        .await;
    assert!(chosen.html.contains(&format!("value=\"{asked} {physician}\" autofocus")), "{}", chosen.html);
    let visit = browser.send(&pressed(&chosen, "/citas", "inicio")).await;
    assert!(visit.shows("09:00"), "{}", visit.html);

    let week = format!("/agenda?dia=2026-03-11&vista=semana&medico={physician}");
    let agenda = browser.get(&week).await;
    let form = agenda.form("/paso");
    let id = form.action.trim_start_matches("/citas/").trim_end_matches("/paso").to_owned();
    assert!(agenda.html.contains(&format!("data-move=\"{id}\"")), "{}", agenda.html);
    let to = agenda.html.split("data-at=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let moving = crate::browser::Form { action: format!("/citas/{id}/mover"), ..form };
    let moving = moving.set("inicio", &to).set("con", &physician);
    let moved = browser.send(&moving).await;
    assert!(moved.shows("Cita movida") && moved.shows("Deshacer"), "{}", moved.html);
    assert!(moved.shows("semana del lunes 9 de marzo"), "{}", moved.html);
    let back = browser.send(&moved.form("/mover")).await;
    assert!(back.shows("Cita movida"), "{}", back.html);
    let again = browser.send(&moving.clone().set("inicio", "2026-03-11T23:00:00Z")).await;
    assert!(again.shows("La cita se quedó donde estaba"), "{}", again.html);
    let history = browser.get(&format!("/citas/{id}")).await;
    assert_eq!(history.html.matches("Estaba a las").count(), 2, "{}", history.html);
    assert!(history.shows("miércoles 11 de marzo, 09:00"), "{}", history.html);
}

#[tokio::test]
async fn a_physician_shares_a_calendar_and_its_address_answers_without_a_session_until_it_ends() {
    let clinic = clinic().await;
    let mut browser = Browser::of(&clinic.care, "ines").await;
    let page = browser.get("/agenda/calendario").await;
    let shared = browser.send(&page.form("/agenda/calendario").set("hacer", "crear")).await;
    let secret = shared.html.split("/calendario/").nth(1).unwrap().split(".ics").next().unwrap().to_owned();
    assert_eq!(secret.len(), 64);
    let mut stranger = Browser::new(&clinic.care);
    let read = stranger.get(&format!("/calendario/{secret}.ics")).await;
    assert!(read.html.starts_with("BEGIN:VCALENDAR"), "{}", read.html);
    let later = browser.get("/agenda/calendario").await;
    assert!(!later.html.contains(&secret) && later.shows("se leyó"), "{}", later.html);
    browser.send(&later.form("/agenda/calendario").set("hacer", "dejar")).await;
    let gone = stranger.get(&format!("/calendario/{secret}.ics")).await;
    assert_eq!(gone.status, axum::http::StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn hours_are_those_of_the_place_and_a_video_room_shows_its_link() {
    let clinic = clinic().await;
    let patient = clinic.patient("Jacinta", "Ahuehuete").await;
    let mut browser = Browser::of(&clinic.care, "recepcion").await;
    let physician = clinic.physician.practitioner_id.unwrap().to_string();
    let setup = browser.get("/agenda/horarios").await;
    let room = setup.form("/agenda/consultorios").set("zona", "America/Tijuana").set("activo", "si");
    let setup = browser.send(&room.set("video", "https://video.example/sala-1")).await;
    let room = clinic.care.agenda_setup(&clinic.reception).await.unwrap().rooms[0].id.to_string();
    let hours = setup.form("/agenda/horarios").set("medico", &physician).set("consultorio", &room);
    let hours = hours.set("entrada", "09:00").set("salida", "11:00").set("dias", "3").set("del_mes", "2");
    let setup = browser.send(&hours).await;
    assert!(setup.shows("miércoles, segundo del mes"), "{}", setup.html);
    let free = browser.get(&format!("/agenda/nueva?paciente={patient}&medico={physician}")).await;
    let place = "09:00 (hora del lugar; aquí son las 10:00)";
    assert!(free.shows("miércoles 11 de marzo") && free.shows(place), "{}", free.html);
    assert!(!free.shows("18 de marzo") && free.shows("8 de abril"), "{}", free.html);
    let visit = browser.send(&pressed(&free, "/citas", "inicio")).await;
    assert!(visit.shows(place) && visit.shows("https://video.example/sala-1"), "{}", visit.html);
    let day = browser.get("/agenda?dia=2026-03-11").await;
    assert!(day.shows("09:00 a 11:00") && day.shows("<time>09:00</time>"), "{}", day.html);
}
