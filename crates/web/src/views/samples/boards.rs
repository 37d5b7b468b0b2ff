//! Hoy with cases the health authority is told of, and the reports of the practice.

use super::super::form::{Check, Choice, ErrorSummary, Field, Posted};
use super::super::reports::{PlanView, ReportRow, ReportsPage};
use super::super::surveillance::{CaseView, UntoldView};
use super::*;

fn case(disease: &'static str, late: bool) -> CaseView {
    CaseView {
        patient: "1".into(),
        name: LONG.into(),
        who: "4 años, mujer".into(),
        document: "2".into(),
        epi: 87,
        disease,
        code: "B05.9".into(),
        certainty: "probable",
        stated: "Dra. Citlali Encino, hoy 09:40".into(),
        due: if late {
            "Debió notificarse a más tardar ayer 09:40.".into()
        } else {
            "Notifique a más tardar mañana 09:40.".into()
        },
        late,
        counts: "Caso nuevo".into(),
        case_study: true,
        outbreak_study: true,
    }
}

/// Cases on the first page of the day.
pub(super) fn untold(cases: usize, notes: bool) -> UntoldView {
    let names = ["Sarampión", "Invasiva por Haemophilus influenzae", "Tos ferina"];
    UntoldView {
        cases: names.iter().take(cases).enumerate().map(|(n, name)| case(name, n == 1)).collect(),
        channels: &care::figures::surveillance::CHANNELS,
        notes,
        day: "09/03/2026".into(),
        time: "10:40".into(),
        back: "hoy",
    }
}

#[test]
fn reports_none_chosen_with_errors_and_many() {
    let plan = |errors: &[FieldError]| PlanView {
        errors: ErrorSummary::new(errors),
        cadence: Choice::new(
            "cada",
            "Cada cuánto",
            vec![(String::new(), "No hacer informes".into()), ("weekly".into(), "Cada semana".into())],
        ),
        boards: care::reports::Board::ALL.map(|board| Check::new(board.code(), board.label(), true)).into(),
        boards_error: errors.iter().find(|one| one.field == "tableros").map(|one| one.message.clone()),
        addresses: Some(Field::area("correos", "A qué correos").from(&Posted::default(), errors)),
        folder: Some(Check::new("carpeta", "Guardarlo también en la carpeta", false)),
        kept: true,
        fresh: "1".into(),
    };
    let page = |plan, rows, trouble: &str| ReportsPage {
        shell: shell(Place::Boards),
        tab: "informes",
        next: "El siguiente será del 8 al 14 de marzo de 2026 y se hará el 15 de marzo de 2026 a las 06:00."
            .into(),
        trouble: trouble.into(),
        plan,
        preview: true,
        rows,
    };
    check("informes-vacio", &page(None, Vec::new(), ""));
    let errors = [FieldError::new("tableros", "Elija al menos un tablero")];
    check("informes-errores", &page(Some(plan(&errors)), Vec::new(), ""));
    let row = |n: usize| ReportRow {
        id: n.to_string(),
        days: "Del 29 de diciembre de 2025 al 3 de enero de 2026".into(),
        made: "Semanal, hecho 15 mar 06:00".into(),
        ways: vec![
            ("Carpeta del servidor".into(), "guardado 15 mar 06:00".into(), false),
            (
                "ines@consultorio.mx".into(),
                "no se envió. El servidor de correo rechazó esta dirección".into(),
                true,
            ),
        ],
        failed: n.is_multiple_of(3),
    };
    let trouble = "No se pudo hacer el informe del 8 al 14 de marzo de 2026.";
    let html = check("informes", &page(Some(plan(&[])), (0..60).map(row).collect(), trouble));
    assert!(html.contains("Enviar otra vez") && html.contains(trouble));
}
