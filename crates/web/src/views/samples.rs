//! Every page rendered with sample values: empty, typical, extreme. Set `MEDICUS_PAGES` to a folder to look at them.

mod rights;

use std::fs;
use std::path::PathBuf;

use askama::Template;
use care::error::FieldError;
use clinical::transcript::Speaker;

use super::access::{ResumePage, SetupPage, SignInPage};
use super::attachments::{AttachmentFields, AttachmentPage, AttachmentRow, AttachmentsPage, Preview};
use super::audit::{AccessPage, AccessRow, AuditPage, AuditRow};
use super::chart::{
    AllergiesView, CancelledView, ChartPage, EntryView, ReportLine, SignView, SummaryForms, TimelineEntry,
    TimelineRow,
};
use super::consultation::*;
use super::documents::*;
use super::edit::{EditForm, ItemKind, Typing, parts};
use super::failure::FailurePage;
use super::form::{Choice, ErrorSummary, Field, Posted};
use super::overdue::{OverdueNotes, OverdueView};
use super::patient_form::PatientFormPage;
use super::patients::{PatientResults, PatientRow, PatientsPage};
use super::search::{FoundRow, SearchPage, SearchResults};
use super::shell::{AllergyLine, Extra, Notice, PatientBar, Place, Shell};
use super::signing::{Endorse, SignPage, Way};
use super::today::{ConsultationsPage, NowView, OpenView, TodayPage, VisitState, VisitView};
use super::transfer::{AlikeRecord, ExportPage, ExternalPage, ImportPage, PlanView, TargetView};
use super::trends::Spark;
use crate::assets::ASSETS;

/// No page over 150 kB (design language, section 12).
const LARGEST: usize = 150_000;
pub(super) const LONG: &str =
    "María Guadalupe de los Ángeles Ahuehuete-Montealegre y Fernández de Córdoba Tepozán";

/// Renders, checks what holds for every page, and writes it where one can look at it.
pub(super) fn check(name: &str, page: &impl Template) -> String {
    let html = page.render().unwrap();
    assert!(html.len() < LARGEST, "{name} weighs {} bytes", html.len());
    assert!(!html.contains(" style="), "{name}: the content policy forbids inline styles");
    assert!(!html.contains("<script>") && !html.contains(" onclick"), "{name}: no inline scripts");
    if html.trim_start().starts_with("<!doctype") {
        assert_eq!(html.matches("<h1").count(), 1, "{name} needs exactly one h1");
        assert!(html.contains("lang=\"es-MX\"") && html.contains("class=\"skip\""), "{name}");
    }
    ids_are_unique(name, &html);
    if let Some(folder) = std::env::var_os("MEDICUS_PAGES").map(PathBuf::from) {
        fs::create_dir_all(folder.join("recursos")).unwrap();
        for asset in ASSETS {
            fs::write(folder.join(asset.address.trim_start_matches('/')), asset.bytes).unwrap();
        }
        fs::write(folder.join(format!("{name}.html")), &html).unwrap();
    }
    html
}

fn ids_are_unique(name: &str, html: &str) {
    let mut seen = std::collections::HashSet::new();
    for part in html.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert!(seen.insert(id), "{name}: id {id} stands twice");
    }
}

pub(super) fn shell(place: Place) -> Shell {
    Shell {
        place,
        user: "Dra. Citlali Encino".into(),
        roles: "Médico, Administración".into(),
        reads_records: true,
        sees_agenda: true,
        follows_rights: true,
        reads_audit: true,
        administers: true,
        to_sign: 3,
        token: "0123456789abcdef0123456789abcdef".into(),
        narrow: false,
        notice: None,
    }
}

fn narrow(place: Place) -> Shell {
    Shell { narrow: true, ..shell(place) }
}

fn patient(extra: Extra) -> PatientBar {
    PatientBar {
        id: "018f0000-0000-7000-8000-000000000001".into(),
        name: "Jacinta Ahuehuete Roble".into(),
        facts: vec!["64 años".into(), "Mujer".into(), "Expediente 000412".into()],
        allergies: AllergyLine::Known("Alergia a penicilina".into()),
        linked: true,
        opened: None,
        extra,
    }
}

fn open(n: usize) -> Vec<OpenView> {
    (0..n)
        .map(|i| OpenView {
            href: format!("/consultas/{i}"),
            name: if i == 2 { LONG.into() } else { "Eulalia Mezquite Ríos".into() },
            about: "Nota de evolución, hoy 09:40".into(),
            missing: if i % 2 == 0 { String::new() } else { "Faltan 3 oraciones por revisar".into() },
            unwritten: i % 3 == 0,
        })
        .collect()
}

#[test]
fn pages_before_the_frame() {
    check("primer-inicio", &SetupPage::new(&Posted::default(), &[], true));
    let errors = [
        FieldError::new("cedula", "Escriba la cédula profesional con números (de 5 a 8)"),
        FieldError::new("contrasena", "Las dos contraseñas no son iguales"),
    ];
    let posted = Posted::default().with("nombre", LONG).with("cedula", "12");
    let html = check("primer-inicio-errores", &SetupPage::new(&posted, &errors, false));
    assert!(html.contains("<title>Error: ") && html.contains("Corrija 2 datos") && html.contains(LONG));
    check("entrar", &SignInPage::new("Consultorio Ahuehuete", "", "/hoy", None));
    let wrong = Some("El usuario o la contraseña no coinciden".to_owned());
    let kept = Posted::default().with("texto", "Dolor de rodilla \"derecha\" <3 semanas>.");
    let html = check("entrar-seguir", &SignInPage::new("", "encino", "/consultas/1", wrong).resuming(&kept));
    assert!(html.contains("No perdió nada") && !html.contains("<3 semanas"));
    let action = "/consultas/1/nota/oraciones".to_owned();
    check("reanudar", &ResumePage { action, token: "t".into(), fields: kept.0 });
}

fn late() -> OverdueView {
    OverdueView {
        patient: "1".into(),
        name: LONG.into(),
        code: "NEU".into(),
        title: "Nota de evolución en urgencias",
        rule: "cada 8 horas; NOM-027-SSA3-2013, numeral 6.2.2".into(),
        due: "hoy 08:00".into(),
        place: "urgencias".into(),
    }
}

#[test]
fn today_empty_typical_and_for_reception() {
    let page = |agenda, now, open: Vec<OpenView>, clinical| TodayPage {
        shell: Shell { reads_records: clinical, reads_audit: clinical, ..shell(Place::Today) },
        date: "lunes 9 de marzo".into(),
        summary: "9 citas, 3 atendidas.".into(),
        now,
        agenda,
        requests: if open.is_empty() { Vec::new() } else { self::open(1) },
        overdue: if open.is_empty() { Vec::new() } else { vec![late()] },
        to_endorse: if open.is_empty() { Vec::new() } else { self::open(2) },
        open,
        clinical,
        manages: true,
        openings: Vec::new(),
    };
    check("hoy-vacio", &page(Vec::new(), None, Vec::new(), true));
    let visits = || {
        let names = [
            "Tadeo Encino Valle, 52",
            "Nicanor Sabino Luna, 8",
            "Jacinta Ahuehuete Roble, 64",
            LONG,
            "Refugio Guayacán Díaz, 45",
        ];
        names
            .iter()
            .enumerate()
            .map(|(i, name)| VisitView {
                id: i.to_string(),
                href: "/pacientes/1".into(),
                time: format!("{:02}:20", 9 + i),
                name: (*name).into(),
                about: "Subsecuente".into(),
                class: ["done", "done", "here", "", ""][i],
                state: match i {
                    0 => VisitState::Signed,
                    1 => VisitState::ToSign,
                    2 => VisitState::Words("En sala", true),
                    _ => VisitState::Expected,
                },
            })
            .collect::<Vec<_>>()
    };
    let now = || {
        Some(NowView {
            appointment: "1".into(),
            patient: "1".into(),
            time: "10:20".into(),
            room: "En sala".into(),
            name: "Jacinta Ahuehuete Roble".into(),
            age: "64 años".into(),
            reason: "Subsecuente".into(),
            about: String::new(),
            started: false,
        })
    };
    check("hoy", &page(visits(), now(), open(5), true));
    let html = check("hoy-recepcion", &page(visits(), now(), Vec::new(), false));
    assert!(!html.contains("Por firmar</h2>") && html.contains("Ya llegó"));
    check("consultas", &ConsultationsPage { shell: shell(Place::Consultation), open: open(4) });
    check("consultas-vacio", &ConsultationsPage { shell: shell(Place::Consultation), open: Vec::new() });
}

#[test]
fn patients_none_many_and_the_form() {
    let row = |i: usize| PatientRow {
        id: i.to_string(),
        name: if i == 3 { LONG.into() } else { format!("Abundio Colorín Paz {i}") },
        about: "71 años, hombre".into(),
        record: format!("{i:06}"),
        curp: if i.is_multiple_of(2) { "HEGG560427MVZRRL04".into() } else { String::new() },
        phone: "55 1234 5678".into(),
    };
    let results = |query: &str, rows: Vec<PatientRow>, page, pages| PatientResults {
        query: query.into(),
        total: rows.len() * pages,
        rows,
        page,
        pages,
        clinical: true,
    };
    let page =
        |results| PatientsPage { shell: shell(Place::Patients), results, opens_private: true, imports: true };
    check("pacientes", &page(results("", (0..50).map(row).collect(), 2, 20)));
    let html = check("pacientes-nadie", &page(results("<b>zz", Vec::new(), 1, 1)));
    assert!(!html.contains("<b>zz"));
    check("paciente-nuevo", &PatientFormPage::new(shell(Place::Patients), &Posted::default(), &[]));
    let errors = [
        FieldError::new("curp", "Escriba los 18 caracteres de la CURP"),
        FieldError::new("sexo", "Elija el sexo"),
    ];
    let posted = Posted::default().with("curp", "XXXX810101").with("nombre", LONG);
    check("paciente-errores", &PatientFormPage::new(shell(Place::Patients), &posted, &errors));
}

#[test]
fn searching_the_record() {
    let piece = |text: &str, found| care::search::Piece { text: text.into(), found };
    let row = |n: usize| FoundRow {
        href: format!("/documentos/{n}"),
        icon: "stethoscope",
        title: "Nota de evolución".into(),
        date: "9 mar 2026".into(),
        time: "10:24".into(),
        patient: LONG.into(),
        author: "Dra. Citlali Encino".into(),
        snippet: vec![
            piece("… refiere <b>mucha</b> ", false),
            piece("cefalea", true),
            piece(" desde ayer …", false),
        ],
    };
    let results = |rows: Vec<FoundRow>, asked| SearchResults {
        asked,
        with_patient: true,
        next: (rows.len() == 20).then(|| vec![("q".into(), "\"cefalea\"".into())]),
        rows,
        later: false,
        wrong: Vec::new(),
    };
    let page = |results, errors: &[FieldError]| SearchPage {
        shell: shell(Place::Search),
        query: "\"cefalea\"".into(),
        patient: Some(("1".into(), LONG.into())),
        fields: vec![Field::text("desde", "Desde").from(&Posted::default(), errors)],
        choices: vec![Choice::new("clase", "Documento", vec![("NEV".into(), "Nota de evolución".into())])],
        filtered: false,
        errors: ErrorSummary::new(errors),
        results,
    };
    let html = check("buscar", &page(results((0..20).map(row).collect(), true), &[]));
    assert!(html.contains("<mark class=\"hit\">cefalea</mark>") && !html.contains("<b>mucha"));
    assert!(html.contains("Ver anteriores"));
    check("buscar-nada", &page(results(Vec::new(), true), &[]));
    let errors = [FieldError::new("desde", "Escriba la fecha como día/mes/año")];
    assert!(check("buscar-error", &page(results(Vec::new(), false), &errors)).contains("Error: "));
}

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

fn desk(signed: bool) -> Desk {
    Desk {
        base: "/consultas/1".into(),
        doc: "nota".to_owned(),
        templates: Vec::new(),
        request: None,
        title: "Nota de evolución".into(),
        version: 7,
        token: "t".into(),
        writes: true,
        signed,
        page: "/consultas/1".into(),
    }
}

fn turns(n: usize) -> Vec<TurnView> {
    let mut turns = vec![
        (Speaker::Doctor, vec![("Buenos días, doña Jacinta. ¿Qué la trae hoy?", "")]),
        (
            Speaker::Patient,
            vec![
                ("Pues ", ""),
                ("la rodilla", "a1"),
                (", doctora, ", ""),
                ("la derecha", "a1"),
                (". Ya tengo como ", ""),
                ("tres semanas que me duele", "a1"),
                (".", ""),
            ],
        ),
        (Speaker::Doctor, vec![("¿", ""), ("Se cayó o se golpeó", "a1"), ("?", "")]),
        (Speaker::Patient, vec![("No, no, nada de golpes", "a1"), (".", "")]),
        (
            Speaker::Companion,
            vec![("Yo le di un paracetamol el domingo, doctora, y ", ""), ("sí le calmó", "a3"), (".", "")],
        ),
        (Speaker::Unknown, vec![("Desde el domingo.", "")]),
    ];
    while turns.len() < n {
        turns.push((
            Speaker::Patient,
            vec![
                ("Y así sigo, doctora, con ", ""),
                ("el dolor que le digo cuando bajo las escaleras", "a2"),
                (".", ""),
            ],
        ));
    }
    turns
        .into_iter()
        .enumerate()
        .map(|(i, (speaker, segments))| TurnView {
            n: i + 1,
            speaker,
            segments: segments.into_iter().map(|(text, marks)| (text.to_owned(), marks.to_owned())).collect(),
            cut: false,
        })
        .collect()
}

fn sentence(mark: &str, text: &str, stage: Stage) -> SentenceView {
    SentenceView {
        id: format!("018f0000-0000-7000-8000-0000000000{mark}"),
        mark: mark.into(),
        text: text.into(),
        stage,
        selected: false,
        author: None,
        cites: Vec::new(),
        source: None,
        code: None,
        medicine: None,
        editing: None,
    }
}

fn section(
    id: &str,
    title: &'static str,
    numeral: Option<&'static str>,
    sentences: Vec<SentenceView>,
) -> SectionView {
    SectionView {
        id: id.into(),
        anchor: format!("s-{}", id.replace('.', "-")),
        title,
        numeral,
        sentences,
        gap: None,
        hint: "Su juicio sobre el curso esperado",
        bulk: false,
        adds: vec![("oracion", "Escribir")],
        adding: None,
        doubts: Vec::new(),
    }
}

fn cites() -> Vec<CiteView> {
    vec![
        CiteView { speaker: Speaker::Patient, turn: 2, quote: "la rodilla".into() },
        CiteView { speaker: Speaker::Doctor, turn: 3, quote: "Se cayó o se golpeó".into() },
    ]
}

fn note(signed: bool, extra: usize) -> NoteView {
    let first = SentenceView {
        selected: true,
        cites: cites(),
        ..sentence(
            "a1",
            "Dolor en la rodilla derecha de tres semanas de evolución; aumenta al bajar escaleras y cede con el reposo. Niega caídas o golpes.",
            Stage::Pending,
        )
    };
    let edited = SentenceView {
        author: Some(("pencil", "editada por usted")),
        ..sentence("a2", "Rigidez matutina de diez minutos.", Stage::Accepted)
    };
    let mut story = vec![
        first,
        edited,
        sentence("a3", "Mejoró con una dosis de paracetamol, según refiere la hija.", Stage::Pending),
        sentence("a4", "Duerme bien.", Stage::Discarded),
    ];
    for i in 0..extra {
        story.push(SentenceView {
            cites: cites(),
            ..sentence(
                &format!("b{i}"),
                "Oración propuesta con sus citas, de un largo común en una nota.",
                Stage::Pending,
            )
        });
    }
    let doubt = DoubtView {
        index: 0,
        text: "Continúa con warfarina 5 mg cada 24 horas.".into(),
        reason: "Dijo «una y media» y luego «nada más una».".into(),
        cites: cites(),
        field: Field::area("texto", "Cómo debe quedar")
            .id("duda-0-texto")
            .value("Continúa con warfarina 5 mg cada 24 horas."),
    };
    let medicine = MedicineView {
        action: "Inicia",
        name: "naproxeno".into(),
        cells: vec![
            ("Dosis", "500 mg".into(), true),
            ("Vía", "oral".into(), true),
            ("Periodicidad", "cada 12 horas".into(), true),
            ("Duración", "falta".into(), false),
        ],
        instructions: "Con alimentos".into(),
        severity: Some(("mayor", "Mayor")),
    };
    let editing = EditForm {
        action: "/x".into(),
        token: "t".into(),
        version: 7,
        section: String::new(),
        kind: ItemKind::Condition,
        parts: parts(ItemKind::Condition, None, &Posted::default().with("texto", "Gonartrosis derecha"), &[]),
        errors: ErrorSummary::new(&[]),
        original: Some("Osteoartritis de rodilla".into()),
        cancel: "/consultas/1".into(),
        hidden: ("", String::new()),
        typing: Typing {
            address: "/consultas/1/nota/sin-guardar".into(),
            form: "editar:1".into(),
            recovered: "hoy 10:32".into(),
        },
    };
    let text = |href: Option<&str>| UnsavedView {
        place: "Pronóstico".into(),
        when: "hoy 10:32".into(),
        excerpt: LONG.into(),
        href: href.map(str::to_owned),
        form: "editar:1".into(),
    };
    NoteView {
        unsaved: if extra > 0 { vec![text(Some("/consultas/1?editar=1")), text(None)] } else { Vec::new() },
        desk: desk(signed),
        sections: vec![
            SectionView {
                bulk: true,
                doubts: if signed { Vec::new() } else { vec![doubt] },
                ..section(
                    "ev.evolucion",
                    "Evolución y actualización del cuadro clínico",
                    Some("6.2.1"),
                    story,
                )
            },
            section(
                "ev.signos",
                "Signos vitales",
                Some("6.2.2"),
                vec![sentence("a5", "Tensión arterial sistólica 132 mmHg", Stage::Accepted)],
            ),
            section(
                "ev.diagnosticos",
                "Diagnósticos o problemas clínicos",
                Some("6.2.4"),
                vec![
                    SentenceView {
                        code: Some(("FA01.0 por confirmar".into(), false)),
                        ..sentence("a6", "Osteoartritis primaria de la rodilla derecha.", Stage::Accepted)
                    },
                    SentenceView {
                        code: Some(("BC81.32".into(), true)),
                        ..sentence("a7", "Fibrilación auricular permanente.", Stage::Accepted)
                    },
                    SentenceView {
                        editing: (!signed).then_some(editing),
                        ..sentence("a8", "Gonartrosis.", Stage::Pending)
                    },
                ],
            ),
            SectionView {
                gap: Some("Falta el pronóstico.".into()),
                ..section("ev.pronostico", "Pronóstico", Some("6.2.5"), Vec::new())
            },
            section(
                "ev.tratamiento",
                "Tratamiento e indicaciones médicas",
                Some("6.2.6"),
                vec![
                    SentenceView { medicine: Some(medicine), ..sentence("a9", "", Stage::Pending) },
                    SentenceView {
                        author: Some(("pen-line", "escrita por usted")),
                        ..sentence(
                            "c1",
                            "Se explican signos de alarma y se cita en dos semanas.",
                            Stage::Accepted,
                        )
                    },
                ],
            ),
        ],
    }
}

fn alert(anchor: &str, code: &'static str, word: &'static str, decided: bool) -> AlertView {
    AlertView {
        anchor: anchor.into(),
        key: "pair:naproxen+warfarin".into(),
        severity: (code, word),
        title: "Naproxeno con warfarina".into(),
        message: "Riesgo de hemorragia digestiva.".into(),
        advice: "Evite el naproxeno; use paracetamol.".into(),
        sources: "Ficha FDA de warfarina, sección 7.".into(),
        remove: vec![("1".into(), "Quitar naproxeno".into())],
        reasons: vec![("beneficio".into(), "El beneficio supera el riesgo".into())],
        needs_text: code == "contraindicada",
        decided: decided.then(|| "Se mantiene: el beneficio supera el riesgo.".into()),
        error: (code == "contraindicada")
            .then(|| "Escriba por qué se indica a pesar de la contraindicación".into()),
    }
}

fn queue(signed: bool, full: bool) -> QueueView {
    let candidates = vec![
        ("FA01.0".into(), "Osteoartritis primaria de la rodilla".into(), "M17".into()),
        ("FA01.Z".into(), "Osteoartritis de la rodilla, sin especificación".into(), String::new()),
    ];
    QueueView {
        desk: desk(signed),
        alerts: if full {
            vec![
                alert("al-1", "contraindicada", "Contraindicada", false),
                alert("al-2", "mayor", "Mayor", false),
                alert("al-3", "mayor", "Mayor", true),
            ]
        } else {
            Vec::new()
        },
        quiet: if full { vec![alert("al-4", "moderada", "Moderada", false)] } else { Vec::new() },
        codes: if full {
            vec![CodeView {
                item: "6".into(),
                mark: "a6".into(),
                text: "osteoartritis de la rodilla derecha".into(),
                candidates,
            }]
        } else {
            Vec::new()
        },
        lines: if full {
            vec![LineView {
                href: "#falta-s-ev-pronostico".into(),
                icon: "square-dashed",
                title: "Falta el pronóstico.".into(),
                detail: "NOM-004, numeral 6.2.5".into(),
            }]
        } else {
            Vec::new()
        },
        unknown: if full { vec!["hierba de la víbora".into()] } else { Vec::new() },
        pending: if full { 4 } else { 0 },
        next: "#o-a1".into(),
        sends: false,
        may_cancel: true,
        sign: "Firmar nota y receta".into(),
        data_note: String::new(),
        has_medicines: true,
    }
}

fn consultation(turn_count: usize, full: bool, signed: bool, extra: usize) -> ConsultationPage {
    let mut note = note(signed, extra);
    if turn_count == 0 {
        for section in &mut note.sections {
            section.sentences.clear();
            section.doubts.clear();
        }
    }
    ConsultationPage {
        shell: narrow(Place::Consultation),
        patient: patient(Extra::Progress { accepted: 9, total: 13 }),
        desk: desk(signed),
        transcript: TranscriptView {
            turns: if turn_count == 0 { Vec::new() } else { turns(turn_count) },
            about: "3 voces, 812 palabras".into(),
            paste: Field::area("pegado", "O pegue el texto").optional(),
            error: (turn_count == 0 && full).then(|| "El archivo está vacío".into()),
            replacing: false,
            pages: Vec::new(),
        },
        note,
        queue: queue(signed, full),
        alert: None,
    }
}

#[test]
fn consultation_empty_typical_extreme_and_signed() {
    check("consulta-vacia", &consultation(0, false, false, 0));
    check("consulta-archivo-malo", &consultation(0, true, false, 0));
    check("consulta", &consultation(16, true, false, 0));
    check("consulta-larga", &consultation(260, true, false, 60));
    let html = check("consulta-firmada", &consultation(16, false, true, 0));
    assert!(
        !html.contains("/aceptar\"") && !html.contains("/descartar\""),
        "nothing of a signed note can be edited"
    );
    let swap = ConsultationSwap {
        note: note(false, 0),
        queue: queue(false, true),
        patient: patient(Extra::Progress { accepted: 10, total: 13 }),
        alert: Some(AlertBar {
            tone: "warn",
            text: "Otra persona guardó.".into(),
            quote: Some("<i>mi texto</i>".into()),
        }),
        said: Some(Said { text: "Oración descartada".into(), undo: "/x".into(), fields: Vec::new() }),
    };
    let html = check("consulta-cambio", &swap);
    assert!(html.contains("&#60;i&#62;") && html.contains("Deshacer"));
    let results = CodeResults {
        desk: desk(false),
        item: "6".into(),
        query: "rodilla".into(),
        found: vec![("FA01.0".into(), "Osteoartritis primaria de la rodilla".into(), "M17".into())],
    };
    check("cie", &CodeSearchPage { shell: narrow(Place::Consultation), results });
}

#[test]
fn signing_and_signed_documents() {
    let page_for = |way: Way, obstacles: Vec<String>, error: Option<String>| SignPage {
        way,
        shell: narrow(Place::Consultation),
        patient: patient(Extra::Nothing),
        back: "/consultas/1".into(),
        action: "/consultas/1/nota".into(),
        version: 7,
        title: "Nota de evolución".into(),
        button: "Firmar nota y receta".into(),
        medicines: vec!["Paracetamol 500 mg, vía oral, cada 8 horas, por 5 días.".into()],
        obstacles,
        signer: "Dra. Citlali Encino, cédula 12345678".into(),
        error,
        password: Field::password("contrasena", "Contraseña", "current-password"),
        sections: vec![("Pronóstico".into(), vec!["Bueno para la función.".into()])],
    };
    let page = |obstacles, error| page_for(Way::Sign, obstacles, error);
    let physicians = vec![(String::new(), "Elija".into()), ("1".into(), LONG.into())];
    let choice = Choice::new("supervisor", "Médico que supervisa y firma", physicians);
    let html = check("enviar", &page_for(Way::Send(choice), Vec::new(), None));
    assert!(html.contains("/enviar\"") && !html.contains("/firmar\""));
    let endorse = |changed| {
        Way::Endorse(Endorse {
            author: format!("{LONG}, residente"),
            sent: "hoy 10:20".into(),
            changed,
            comment: Field::area("comentario", "Qué falta corregir"),
        })
    };
    let changed = vec!["Pronóstico".into(), "Tratamiento e indicaciones médicas".into()];
    check("firmar-supervision", &page_for(endorse(changed), Vec::new(), None));
    let missing = vec!["Falta el pronóstico.".into()];
    let html = check("firmar-supervision-pendiente", &page_for(endorse(Vec::new()), missing, None));
    assert!(html.contains("/devolver\""), "what is incomplete can be returned");
    check("firmar", &page(Vec::new(), None));
    check("firmar-error", &page(Vec::new(), Some("El usuario o la contraseña no coinciden".into())));
    check("firmar-pendiente", &page(vec!["Falta el pronóstico.".into()], None));
    check("documento", &document(false));
    check("receta", &document(true));
    let row = |i: usize| DocumentRow {
        href: "/documentos/1".into(),
        title: "Nota de evolución".into(),
        patient: if i == 1 { LONG.into() } else { "Jacinta Ahuehuete".into() },
        when: "9 mar 10:41".into(),
        state: "Firmada".into(),
    };
    check(
        "documentos",
        &DocumentsPage {
            shell: narrow(Place::Documents),
            open: open(4),
            rows: (0..50).map(row).collect(),
            total: 400,
            page: 2,
            pages: 8,
        },
    );
    check(
        "documentos-vacio",
        &DocumentsPage {
            shell: narrow(Place::Documents),
            open: Vec::new(),
            rows: Vec::new(),
            total: 0,
            page: 1,
            pages: 1,
        },
    );
    let errors = [FieldError::new("motivo", "Escriba el motivo de la adenda")];
    let posted = Posted::default();
    check(
        "adenda",
        &AddendumPage {
            shell: narrow(Place::Documents),
            patient: patient(Extra::Nothing),
            id: "1".into(),
            original: "Nota de evolución del 9 de marzo de 2026".into(),
            errors: ErrorSummary::new(&errors),
            fields: vec![
                Field::text("motivo", "Motivo").from(&posted, &errors),
                Field::area("texto", "Lo que se corrige o agrega").from(&posted, &errors),
            ],
            password: Field::password("contrasena", "Contraseña", "current-password"),
            signer: "Dra. Citlali Encino".into(),
        },
    );
}

#[test]
fn a_record_goes_out_and_comes_in() {
    let errors = [
        FieldError::new("motivo", "Escriba por qué sale el expediente"),
        FieldError::new("frase", "Escriba una frase de 12 letras o más"),
    ];
    let posted = Posted::default();
    let formats = vec![("zip".to_owned(), "Paquete completo (ZIP), para otro establecimiento".to_owned())];
    check(
        "exportar",
        &ExportPage {
            shell: shell(Place::Patients),
            id: "1".into(),
            name: LONG.into(),
            about: "Expediente 000012 · 64 años, mujer".into(),
            errors: ErrorSummary::new(&errors),
            format: Choice::new("formato", "Qué se exporta", formats),
            reason: Field::text("motivo", "Por qué sale").from(&posted, &errors),
            passphrase: vec![
                Field::password("frase", "Frase para cifrar el paquete", "new-password")
                    .from(&posted, &errors),
            ],
        },
    );
    let page = |plan| ImportPage {
        shell: shell(Place::Patients),
        errors: ErrorSummary::new(&[]),
        file_error: None,
        most_bytes: 1 << 28,
        most: "256 MB".into(),
        passphrase: Field::password("frase", "Frase del paquete", "off").optional(),
        plan,
    };
    check("importar", &page(None));
    let plan = |target| {
        Some(PlanView {
            origin: "Clínica Los Fresnos".into(),
            facts: vec![("Paciente", LONG.into()), ("Expediente de origen", "000412".into())],
            holds: "12 documentos firmados, 1 alergia.".into(),
            documents: vec![("Nota de evolución".into(), "9 mar 10:20. Clínica Los Fresnos".into())],
            more: 3,
            target,
        })
    };
    let alike = vec![AlikeRecord {
        id: "7".into(),
        name: "Jacinta Ahuehuete Roble".into(),
        about: "Expediente 000007 · 64 años, mujer".into(),
        why: "mismo nombre, misma fecha de nacimiento".into(),
    }];
    let options =
        vec![("7".to_owned(), "Agregar al expediente 000007 de Jacinta Ahuehuete Roble".to_owned())];
    let choice = Choice::new("destino", "A qué expediente se agrega", options);
    check("importar-parecidos", &page(plan(TargetView::New { alike, private: true, choice })));
    let known = TargetView::Known {
        href: "/pacientes/7".into(),
        words: "Es del expediente 000007.".into(),
        adds: true,
    };
    check("importar-conocido", &page(plan(known)));
    let html = check(
        "documento-externo",
        &ExternalPage {
            shell: narrow(Place::Documents),
            patient: patient(Extra::Nothing),
            id: "1".into(),
            title: "Nota de evolución".into(),
            origin: "Clínica Los Fresnos".into(),
            letterhead: vec!["Clínica Los Fresnos".into(), "Calle Encino 4, Puebla".into()],
            fields: vec![("Paciente", LONG.into()), ("Expediente de origen", "000412".into())],
            sections: vec![("Pronóstico".into(), vec!["Bueno <b>para</b> la función.".into()])],
            signer: ("Dr. Elías Fresno".into(), "Cédula profesional 0000000".into()),
            when: "9 de marzo de 2026, 10:20".into(),
            digest: "0007 0e15 ".repeat(8),
            pdf_digest: "0007 0e15 ".repeat(8),
            sequence: "112".into(),
            intact: true,
            amends: None,
        },
    );
    assert!(html.contains("Documento de otro establecimiento") && !html.contains("<b>para</b>"));
}

fn document(prescription: bool) -> DocumentPage {
    let item = SignedItemView {
        text: "Dolor en la rodilla derecha de tres semanas.".into(),
        author: Some(("pencil", "editada por quien firma".into())),
        cites: cites(),
        source: Some(("/documentos/4".into(), "Tomada de: nota de evolución del 12 de enero de 2026".into())),
    };
    let digest = "0007 0e15 ".repeat(8);
    DocumentPage {
        shell: narrow(Place::Documents),
        patient: patient(Extra::Signed { words: "Firmada, con 1 adenda".into() }),
        id: "1".into(),
        title: if prescription { "Receta médica R-000187".into() } else { "Nota de evolución".into() },
        letterhead: vec![
            "Consultorio Ahuehuete".into(),
            "Calle Jacaranda 12, Coyoacán, Ciudad de México".into(),
        ],
        fields: vec![
            ("Paciente", "Jacinta Ahuehuete Roble".into()),
            ("Edad", "64 años".into()),
            ("Fecha y hora", "9 de marzo de 2026, 10:20".into()),
        ],
        sections: if prescription {
            Vec::new()
        } else {
            vec![SignedSectionView {
                title: "Evolución".into(),
                numeral: Some("6.2.1".into()),
                items: vec![item],
            }]
        },
        medicines: vec![SignedMedicine {
            name: "Paracetamol, tabletas de 500 mg".into(),
            cells: vec![("Dosis", "500 mg".into()), ("Vía", "oral".into())],
            instructions: "Con agua".into(),
        }],
        prescription,
        instructions: vec!["Reposo relativo.".into()],
        decisions: Vec::new(),
        addendum: None,
        seal: SealView {
            signer: "Dra. Citlali Encino".into(),
            license: "Cédula 12345678, UNAM".into(),
            when: "9 de marzo de 2026, 10:41".into(),
            digest: digest.clone(),
            pdf_digest: digest,
            sequence: "12".into(),
            intact: true,
        },
        prints: vec![
            ("Reimpresión 1".into(), "hoy 10:32, Dra. Citlali Encino. Motivo: la perdió".into()),
            ("Original".into(), "9 mar 10:45, Dra. Citlali Encino".into()),
        ],
        printed: true,
        origins: true,
        request: prescription.then(|| ("/documentos/5".into(), "Solicitud de interconsulta".into())),
        replies: if prescription { vec![("/documentos/6".into(), LONG.into())] } else { Vec::new() },
        awaits: (!prescription).then_some(true),
        addenda: vec![("/documentos/2".into(), "Adenda del 12 de marzo".into())],
        siblings: vec![("/documentos/3".into(), "Receta médica".into())],
        may_amend: true,
        just_signed: (!prescription).then(|| JustSigned {
            time: "10:41".into(),
            next: Some(("/consultas/2".into(), "Abundio Colorín Paz".into())),
            prescription: Some("/documentos/3".into()),
        }),
    }
}

#[test]
fn the_log_and_the_failures() {
    let row = |i: i64| AuditRow {
        sequence: i,
        when: "9 mar 10:41".into(),
        who: "Dra. Citlali Encino".into(),
        action: "Lectura",
        entity: "Paciente".into(),
        record: "000412".into(),
        origin: "127.0.0.1".into(),
        reason: String::new(),
    };
    let page = |rows: Vec<AuditRow>| AuditPage {
        shell: shell(Place::Audit),
        fields: vec![
            Field::text("desde", "Desde").help("día/mes/año"),
            Field::text("hasta", "Hasta").help("día/mes/año"),
            Field::text("expediente", "Expediente").help("Número del paciente").value("000412"),
        ],
        choices: vec![
            Choice::new("persona", "Persona", vec![(String::new(), LONG.into())]),
            Choice::new("acto", "Acto", vec![(String::new(), "Todos los actos".into())]),
        ],
        errors: ErrorSummary::new(&[]),
        query: "expediente=000412".into(),
        patient: Some("1".into()),
        to_review: 2,
        total: rows.len(),
        rows,
        page: 1,
        pages: 1,
    };
    check("bitacora", &page((0..50).map(row).collect()));
    check("bitacora-vacia", &page(Vec::new()));
    let access = |i: i64| AccessRow {
        when: "09/03/2026 10:41".into(),
        who: "Dra. Citlali Encino".into(),
        what: "Lectura: Expediente".into(),
        reason: if i % 2 == 0 { String::new() } else { "El paciente pidió una copia".into() },
    };
    let list = |rows: Vec<AccessRow>| AccessPage {
        shell: shell(Place::Audit),
        letterhead: vec!["Consultorio Ahuehuete".into(), "Calle Inventada 1, Toluca".into()],
        patient: LONG.into(),
        record: "000412".into(),
        made: "9 de marzo de 2026, 10:41".into(),
        between: "desde el 01/03/2026".into(),
        rows,
        left_out: 3,
    };
    check("bitacora-paciente", &list((0..40).map(access).collect()));
    check("bitacora-paciente-vacia", &list(Vec::new()));
    check(
        "falla",
        &FailurePage {
            title: "La base de datos no responde".into(),
            text: "Nada se perdió. Espere un momento e intente de nuevo.".into(),
            typed: vec!["Dolor de rodilla".into()],
            links: vec![("/hoy".into(), "Ir a Hoy".into())],
            again: Some(("/x".into(), vec![("texto".into(), "Dolor".into())])),
            event: Some("a1b2c3".into()),
        },
    );
}
