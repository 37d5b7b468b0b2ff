//! Every page rendered with sample values: empty, typical, extreme. Set `MEDICUS_PAGES` to a folder to look at them.

mod boards;
mod chart;
mod consultation;
mod documents;
mod people;
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
    AllergiesView, CancelledView, ChartPage, EntryView, FollowUpView, ReportLine, SignView, SummaryForms,
    TimelineEntry, TimelineRow,
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
use super::transfer::{AlikeRecord, ExportPage, ExternalPage, ImportPage, PlanView, TakeOutPage, TargetView};
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
        sees_figures: true,
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
    let told = |agenda, now, open: Vec<OpenView>, clinical, cases| TodayPage {
        shell: Shell { reads_records: clinical, reads_audit: clinical, ..shell(Place::Today) },
        date: "lunes 9 de marzo".into(),
        summary: "9 citas, 3 atendidas.".into(),
        now,
        agenda,
        follow_ups: if open.is_empty() { Vec::new() } else { self::open(1) },
        requests: if open.is_empty() { Vec::new() } else { self::open(1) },
        overdue: if open.is_empty() { Vec::new() } else { vec![late()] },
        to_endorse: if open.is_empty() { Vec::new() } else { self::open(2) },
        open,
        clinical,
        consults: clinical,
        efirma_ends: clinical.then(|| "Su e.firma vence el 3 de enero de 2027.".into()),
        manages: true,
        messages: false,
        openings: Vec::new(),
        untold: boards::untold(cases, true),
    };
    let page = |agenda, now, open: Vec<OpenView>, clinical| told(agenda, now, open, clinical, 0);
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
                class: ["done", "done", "here", "here", ""][i],
                state: match i {
                    0 => VisitState::Signed,
                    1 => VisitState::ToSign,
                    2 => VisitState::Words("En consulta", true),
                    3 => VisitState::Waiting { words: "En sala, 1 h 05 min".into(), begin: true },
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
            waits: "Llegó a las 10:05 y espera desde hace 15 min.".into(),
            started: false,
        })
    };
    check("hoy", &page(visits(), now(), open(5), true));
    let html = check("hoy-notificar", &told(visits(), now(), open(2), true, 3));
    assert_eq!(html.matches("Anotar que se notificó").count(), 3);
    check("hoy-notificar-uno", &told(visits(), now(), open(2), true, 1));
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
