//! The record of a patient with sample values: empty and full, its files.

use super::*;

fn entry(name: &str, since: &str, detail: &str) -> EntryView {
    EntryView { id: name.len().to_string(), name: name.into(), since: since.into(), detail: detail.into() }
}

#[test]
fn chart_empty_and_full() {
    let token = || "t".to_owned();
    let page = |allergies, full: bool| ChartPage {
        shell: Shell { notice: full.then(|| Notice::good("Alergia guardada.")), ..shell(Place::Patients) },
        patient: PatientBar {
            linked: false,
            ..patient(Extra::Chart { open: None, writes: true, token: token() })
        },
        waiting: match full {
            true => {
                "El paciente está en la sala: llegó a las 09:05 y espera su consulta con Dra. Inés Prueba."
                    .into()
            }
            false => String::new(),
        },
        allergies,
        problems: if full {
            vec![
                entry("Fibrilación auricular permanente", "2021", ""),
                entry("Hipertensión esencial", "2014", "BA00"),
            ]
        } else {
            Vec::new()
        },
        medicines: if full {
            vec![entry("Warfarina", "jul 2025", "5 mg oral cada 24 horas"), entry(LONG, "2014", LONG)]
        } else {
            Vec::new()
        },
        signs: if full {
            vec![SignView {
                name: "Tensión arterial".into(),
                value: "132/80".into(),
                unit: "mmHg".into(),
                date: "12 ene".into(),
                spark: Some(Spark {
                    title: "Tensión arterial: de 140 a 132 mmHg".into(),
                    path: "M2 2L70 18".into(),
                }),
            }]
        } else {
            Vec::new()
        },
        reports: if full {
            vec![ReportLine {
                title: LONG.into(),
                date: "9 mar".into(),
                out: vec![("Glucosa".into(), "126 mg/dL".into(), ("mark-out", "arrow-up", "Alto"))],
                count: 4,
            }]
        } else {
            Vec::new()
        },
        total_reports: if full { 1 } else { 0 },
        kept: "Al menos hasta el 9 de marzo de 2031".into(),
        keeps: full,
        files: if full {
            vec![
                ("/archivos/1".into(), LONG.into(), "Gabinete, 3 mar".into()),
                ("/archivos/2".into(), "Biometría hemática".into(), "Laboratorio, 12 ene".into()),
            ]
        } else {
            Vec::new()
        },
        total_files: if full { 12 } else { 0 },
        pending: Vec::new(),
        follow_ups: vec![FollowUpView {
            id: "v1".into(),
            what: "riesgo de hemorragia. INR".into(),
            when: "Debió ser el 9 de marzo".into(),
            late: true,
            document: "/documentos/1".into(),
        }],
        cancelled: if full {
            vec![CancelledView {
                id: "1".into(),
                title: "Historia clínica",
                time: "10:32".into(),
                reason: LONG.into(),
            }]
        } else {
            Vec::new()
        },
        overdue: OverdueNotes {
            notes: if full { vec![late()] } else { Vec::new() },
            writes: true,
            token: token(),
        },
        timeline: if full { timeline() } else { Vec::new() },
        total: if full { 120 } else { 0 },
        page: 1,
        pages: if full { 3 } else { 1 },
        writes: true,
        exports: true,
        editing: if full { "r3".into() } else { String::new() },
        forms: SummaryForms::new(&Posted::default(), &[], ""),
    };
    check("expediente-vacio", &page(AllergiesView::NotAsked, false));
    check(
        "expediente",
        &page(
            AllergiesView::Known(vec![entry("Penicilina", "2009", "Urticaria generalizada y disnea")]),
            true,
        ),
    );
}

#[test]
fn attachments_none_many_and_one() {
    let row = |i: usize| AttachmentRow {
        href: format!("/archivos/{i}"),
        title: if i == 1 { LONG.into() } else { "Ultrasonido renal".into() },
        category: "Gabinete".into(),
        kind: "imagen JPEG, 2.1 MB".into(),
        studied: if i == 2 { "3 de marzo de 2026".into() } else { String::new() },
        added: "Agregó enfermeria, hoy 10:24".into(),
        withdrawn: i == 3,
    };
    let page = |rows: Vec<AttachmentRow>, form| AttachmentsPage {
        shell: shell(Place::Patients),
        patient: patient(Extra::Nothing),
        total: rows.len(),
        rows,
        page: 1,
        pages: 1,
        form,
    };
    let errors = [FieldError::new("archivo", care::attachments::too_large())];
    let wrong = AttachmentFields::new(&Posted::default().with("titulo", LONG), &errors);
    check("archivos", &page((0..6).map(row).collect(), Some(AttachmentFields::new(&Posted::default(), &[]))));
    let html = check("archivos-error", &page(Vec::new(), Some(wrong)));
    assert!(html.contains("<title>Error: ") && html.contains("más de 50 MB") && html.contains(LONG));
    let one = |preview, withdrawn: bool| AttachmentPage {
        shell: shell(Place::Patients),
        patient: patient(Extra::Nothing),
        id: "1".into(),
        title: LONG.into(),
        facts: vec![
            ("Qué es", "Gabinete".into()),
            ("Tipo", "PDF".into()),
            ("Nombre original", "ñ".repeat(300)),
        ],
        digest: "0123 4567".into(),
        preview,
        withdrawn: withdrawn.then(|| ("Era de otra persona".into(), "Dra. Citlali Encino, hoy".into())),
        withdraw: (!withdrawn).then(|| Field::text("motivo", "Motivo")),
        withdraw_open: false,
    };
    check("archivo-pdf", &one(Preview::Reader, false));
    check("archivo-audio", &one(Preview::Sound, false));
    check("archivo-imagen", &one(Preview::Picture(800, 600), false));
    let html = check("archivo-retirado", &one(Preview::Nowhere("No se muestra."), true));
    assert!(html.contains("Archivo retirado.") && !html.contains("/retirar"));
}

fn timeline() -> Vec<TimelineRow> {
    let item = |title: &str, about: &str, state, addenda| {
        TimelineRow::Entry(Box::new(TimelineEntry {
            href: "/documentos/1".into(),
            date: "9 mar".into(),
            time: "10:33".into(),
            icon: "stethoscope",
            title: title.into(),
            about: about.into(),
            state,
            addenda,
        }))
    };
    let signed = |words: &str| ("state-signed", "lock", words.to_owned());
    vec![
        TimelineRow::Year(2026),
        item("Consulta", "Sin escribir", ("state-draft", "file-pen-line", "Borrador".into()), Vec::new()),
        item(
            "Nota de evolución",
            "",
            signed("Firmada, con 1 adenda"),
            vec![("/documentos/2".into(), "Adenda del 12 ene".into())],
        ),
        TimelineRow::Year(2025),
        item("Receta médica", "Warfarina, losartán, metoprolol", signed("Firmada"), Vec::new()),
    ]
}
