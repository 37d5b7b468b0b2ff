//! Entregas, conservación and derechos ARCO, empty and full.

use care::error::FieldError;

use super::{LONG, check, shell};
use crate::views::form::{Check, Choice, ErrorSummary, Field};
use crate::views::keeping::*;
use crate::views::rights::*;
use crate::views::shell::Place;

fn choice(name: &'static str, label: &'static str) -> Choice {
    Choice::new(name, label, vec![(String::new(), "Elija".into()), ("a".into(), LONG.into())]).width("")
}

fn errors(full: bool) -> ErrorSummary {
    let message = "Adjunte la solicitud por escrito: sin ella no se entrega";
    let error = [FieldError::new("solicitud", message)];
    ErrorSummary::new(if full { &error } else { &[] })
}

#[test]
fn deliveries_empty_and_full() {
    let page = |full: bool| DeliveriesPage {
        shell: shell(Place::Patients),
        id: "1".into(),
        name: LONG.into(),
        about: "Expediente 000412 · 64 años, mujer".into(),
        errors: errors(full),
        opened: full.then(|| LONG.into()),
        rows: if full {
            vec![
                DeliveryRow {
                    id: "2".into(),
                    number: 2,
                    title: "2. 9 de marzo de 2026, Aseguradora".into(),
                    lines: vec![format!("Recibió {LONG}"), "Resumen clínico del 9 de marzo de 2026".into()],
                    request: Some(("/archivos/1".into(), "Ver el escrito".into())),
                    voided: String::new(),
                },
                DeliveryRow {
                    id: "1".into(),
                    number: 1,
                    title: "1. 2 de marzo de 2026, El paciente".into(),
                    lines: Vec::new(),
                    request: None,
                    voided: "Registro anulado por Dra. Citlali Encino: era otro expediente".into(),
                },
            ]
        } else {
            Vec::new()
        },
        exports: if full {
            vec![
                ("Paquete completo (ZIP), cifrado".into(), format!("{LONG}, hoy 10:32. Motivo: {LONG}")),
                ("Libro (PDF)".into(), "El programa, 2 mar 9:10. Motivo: traslado".into()),
            ]
        } else {
            Vec::new()
        },
        delivers: full,
        form: full.then(|| DeliveryFields {
            recipient: choice("destinatario", "A quién se entrega"),
            request: choice("solicitud", "Escrito adjunto"),
            written: vec![Field::text("solicita", "Quién lo firma")],
            duty: Field::text("deber", "Qué se notifica"),
            documents: vec![("1".into(), "Nota de evolución del 09/03/2026".into(), true)],
            other: Field::text("otro", "Otra cosa"),
            received: vec![Field::text("recibe", "Quién recibe")],
            means: choice("medio", "Cómo se entrega"),
            on: Field::text("fecha_entrega", "Fecha de entrega"),
        }),
    };
    let html = check("entregas-vacio", &page(false));
    assert!(html.contains("No se ha registrado ninguna entrega") && !html.contains("Registrar entrega"));
    let html = check("entregas", &page(true));
    assert!(html.contains("<title>Error: ") && html.matches("/anular\"").count() == 1);
}

#[test]
fn retention_of_a_record_and_of_the_practice() {
    let page = |full: bool| RetentionPage {
        shell: shell(Place::Rights),
        id: "1".into(),
        name: LONG.into(),
        about: "Expediente 000412".into(),
        back: "/pacientes/1".into(),
        errors: errors(false),
        opened: None,
        state: ("state-signed", "lock", "Hasta el 9 de marzo de 2031".into()),
        clock: vec![("Último acto médico", "9 de marzo de 2026".into())],
        holds: if full {
            vec![HoldRow {
                id: "1".into(),
                reason: "Queja ante la autoridad".into(),
                about: "9 mar 10:41, administración; hasta que se levante".into(),
                lifted: String::new(),
            }]
        } else {
            Vec::new()
        },
        hold_reason: Field::text("motivo_retencion", "Motivo"),
        hold_until: Field::text("hasta", "Hasta"),
        archived: full,
        moves: if full { vec!["9 mar 10:41: archivado por administración".into()] } else { Vec::new() },
        archive_reason: Field::text("motivo_archivo", "Motivo"),
        blockable: full,
        block_reason: full.then(|| Field::text("motivo_bloqueo", "Motivo")),
        blocks: if full {
            vec!["9 mar 10:41: bloqueado por administración. Plazo.".into()]
        } else {
            Vec::new()
        },
        open: if full { "archivo" } else { "" },
    };
    check("conservacion-expediente-vacio", &page(false));
    let html = check("conservacion-expediente", &page(true));
    assert!(html.contains("/conservacion/regreso") && html.contains("Levantar retención"));
    let practice = |full: bool| PracticeRetentionPage {
        shell: shell(Place::Rights),
        errors: errors(false),
        years: 5,
        years_field: full.then(|| Field::text("anios", "Años que se conserva")),
        rows: (0..if full { 3 } else { 0 })
            .map(|n| PastRow {
                id: n.to_string(),
                name: LONG.into(),
                record: "000412".into(),
                last_act: "09/03/2020".into(),
                kept_until: "09/03/2025".into(),
                archived: n == 1,
            })
            .collect(),
        total: 3,
        page: 1,
        pages: 2,
        holds: if full { vec![("/1".into(), LONG.into(), "Queja".into())] } else { Vec::new() },
        blocked: (0..if full { 2 } else { 0 })
            .map(|n| BlockedRow {
                id: n.to_string(),
                name: format!("{LONG}, expediente 000412"),
                about: "Bloqueado 9 mar 10:41 por administración. Terminó su plazo".into(),
                open: (n == 1).then(|| ("/pacientes/1".into(), "Abierto para usted hasta las 18:30".into())),
            })
            .collect(),
        lifts: full,
        reads: full,
    };
    check("conservacion-vacio", &practice(false));
    check("conservacion", &practice(true));
    let block = BlockPage {
        shell: shell(Place::Rights),
        id: "1".into(),
        name: LONG.into(),
        about: "Expediente 000412".into(),
        facts: vec![
            ("Motivo", "Terminó su plazo".into()),
            ("Último acto médico", "9 de marzo de 2020".into()),
        ],
        reason: "Terminó su plazo".into(),
    };
    assert!(check("bloqueo", &block).contains("Comprobé que es este expediente"));
}

#[test]
fn arco_requests_and_the_calendar() {
    let row = |late, near| ArcoRow {
        id: "1".into(),
        holder: format!("3. {LONG}"),
        right: "Acceso",
        received: "9 mar".into(),
        state: "Por responder",
        due: "Venció el 8 de abril de 2026, hace 2 días hábiles".into(),
        late,
        near,
    };
    let list = |rows: Vec<ArcoRow>| ArcoListPage {
        shell: shell(Place::Rights),
        keeps: true,
        late: rows.iter().filter(|row| row.late).count(),
        near: rows.iter().filter(|row| row.near).count(),
        rows,
    };
    check("derechos-vacio", &list(Vec::new()));
    let html = check("derechos", &list(vec![row(true, false), row(false, true), row(false, false)]));
    assert!(html.contains("1 solicitud tiene") && html.contains("A 1 solicitud le quedan"));
    let text = |name, label| Field::text(name, label);
    check(
        "derechos-nueva",
        &ArcoNewPage {
            shell: shell(Place::Rights),
            errors: errors(true),
            right: choice("derecho", "Qué se pide"),
            who: vec![text("titular", "Titular de los datos")],
            represented: Check::new("por_otro", "Lo pide otra persona por el titular", true),
            representative: vec![text("representante", "Quién lo pide")],
            rest: vec![text("descripcion", "Qué datos y qué pide sobre ellos")],
        },
    );
    let row = |works| DayRow {
        code: "2026-11-16".into(),
        date: "lunes 16 de noviembre".into(),
        name: "Conmemoración del 20 de noviembre".into(),
        own: works,
        works,
    };
    check(
        "dias-inhabiles",
        &CalendarPage {
            shell: shell(Place::Rights),
            errors: errors(false),
            edits: true,
            years: vec![(2026, vec![row(false), row(true)]), (2027, Vec::new())],
            fields: vec![text("dia", "Día"), text("nombre", "Qué es")],
            works: Check::new("se_trabaja", "Ese día sí se trabaja", false),
        },
    );
}

#[test]
fn one_arco_request_waiting_and_to_be_carried_out() {
    let page = |waits: bool, decides: bool| ArcoPage {
        shell: shell(Place::Rights),
        id: "1".into(),
        number: 3,
        right: "Cancelación",
        holder: LONG.into(),
        errors: errors(false),
        state: "Por responder",
        running: true,
        due: "Vence el 8 de abril de 2026: quedan 3 días hábiles".into(),
        late: false,
        near: true,
        facts: vec![("Titular", LONG.into())],
        description: "Pide que se borren sus datos".into(),
        record: Some(("/pacientes/1".into(), "Expediente 000412".into())),
        steps: vec![StepRow {
            title: "Se pidieron más datos",
            about: "9 mar 10:41, recepción".into(),
            lines: vec!["Identificación".into()],
        }],
        seen: 1,
        decides,
        answered: !waits,
        waits,
        kept: "El expediente se conserva al menos hasta el 9 de marzo de 2031".into(),
        outcome: choice("sentido", "Sentido de la respuesta"),
        ground: choice("causa", "Por qué no procede todo"),
        answer: Field::area("respuesta", "Respuesta para la persona"),
        executes: !waits,
        how: "Marque las finalidades que dejan de tratarse",
        done: None,
        purposes: vec![("messaging", "Recordatorios por mensaje", true)],
        other_steps: vec![OtherStep {
            code: "ampliar",
            title: "Ampliar el plazo",
            help: "Una sola vez",
            field: Some(Field::text("motivo", "Por qué hace falta").id("motivo-ampliar")),
            open: true,
        }],
    };
    let html = check("derechos-solicitud", &page(true, true));
    assert!(html.contains("Guardar respuesta"));
    let html = check("derechos-solicitud-recepcion", &page(true, false));
    assert!(!html.contains("Guardar respuesta") && html.contains("La respuesta la da un médico"));
    check("derechos-solicitud-efectiva", &page(false, true));
}
