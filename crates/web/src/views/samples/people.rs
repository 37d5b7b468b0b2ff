//! The pages about people and permission with sample values: empty, typical, extreme.

use care::error::FieldError;

use super::{LONG, check, shell};
use crate::views::form::{Choice, ErrorSummary, Field, Posted};
use crate::views::patient_form::{AlikeRow, AlikeView, PatientFormPage};
use crate::views::private::*;
use crate::views::shell::Place;

fn people() -> Choice {
    Choice::new("miembro", "Primer miembro", vec![(String::new(), "Elija una persona".into())])
}

#[test]
fn private_groups_none_and_many() {
    let group = |n: usize| GroupView {
        id: n.to_string(),
        name: if n == 1 { LONG.into() } else { "Salud mental".into() },
        members: vec![("1".into(), "Dra. Citlali Encino".into()), ("2".into(), LONG.into())],
        records: (0..n)
            .map(|i| GroupRecordView { id: i.to_string(), number: "000412".into(), name: LONG.into() })
            .collect(),
        member: people().id(format!("persona-{n}")),
        record: Field::text("expediente", "Número de expediente").id(format!("expediente-{n}")),
    };
    let page = |groups: Vec<GroupView>, errors: &[FieldError]| GroupsPage {
        shell: shell(Place::Accounts),
        errors: ErrorSummary::new(errors),
        groups,
        name: Field::text("nombre", "Nombre del grupo").from(&Posted::default(), errors),
        member: people(),
    };
    check("grupos-vacio", &page(Vec::new(), &[]));
    let errors = [FieldError::new("nombre", "Escriba el nombre del grupo")];
    assert!(check("grupos", &page((0..3).map(group).collect(), &errors)).contains("Corrija"));
}

#[test]
fn a_private_record_is_sought_found_and_not_found() {
    let page = |found: usize, nothing: bool| PrivateRecordPage {
        shell: shell(Place::Patients),
        errors: ErrorSummary::new(&[]),
        curp: Field::text("curp", "CURP"),
        person: vec![Field::text("nombre", "Nombre")],
        records: (0..found)
            .map(|n| PrivateRecordView {
                id: n.to_string(),
                number: "000412".into(),
                reason: Choice::new("motivo", "Por qué necesita abrirlo", Vec::new()),
                detail: Field::area("detalle", "Con sus palabras"),
            })
            .collect(),
        again: vec![("nombre", LONG.into())],
        nothing,
    };
    check("expediente-privado", &page(0, false));
    assert!(check("expediente-privado-nada", &page(0, true)).contains("No hay un expediente privado"));
    assert!(check("expediente-privado-uno", &page(1, false)).contains("Abrir con este motivo"));
    let mut form = PatientFormPage::new(shell(Place::Patients), &Posted::default(), &[]);
    let row = || AlikeRow {
        id: "1".into(),
        href: "/pacientes/1".into(),
        name: LONG.into(),
        about: "Expediente 000412".into(),
        why: "nombre".into(),
    };
    let alike = |rows: Vec<AlikeRow>, opens_private| {
        Some(AlikeView { rows, curp_taken: false, private: true, opens_private })
    };
    form.alike = alike(Vec::new(), false);
    assert!(check("parecido-privado", &form).contains("Pida a un médico que lo abra"));
    form.alike = alike(vec![row()], true);
    check("parecidos-y-privado", &form);
}

#[test]
fn openings_to_review_and_reviewed() {
    let row = |n: usize| OpeningRow {
        id: n.to_string(),
        who: LONG.into(),
        record: "000412".into(),
        when: "hoy 09:40, hasta las 17:40".into(),
        reason: "Urgencia",
        detail: LONG.into(),
        own: n == 1,
        review: (n == 2).then(|| ReviewView { state: "Se justifica", words: LONG.into() }),
        form: (n == 0).then(|| Field::area("nota", "Nota de la revisión")),
    };
    let page = |rows: Vec<OpeningRow>| OpeningsPage {
        shell: shell(Place::Audit),
        errors: ErrorSummary::new(&[]),
        rows,
    };
    check("aperturas", &page((0..3).map(row).collect()));
    check("aperturas-vacio", &page(Vec::new()));
}
