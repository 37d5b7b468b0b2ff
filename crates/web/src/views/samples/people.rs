//! The pages about people and permission with sample values: empty, typical, extreme.

use care::error::FieldError;

use super::{LONG, check, shell};
use crate::views::accounts::*;
use crate::views::form::{Check, Choice, ErrorSummary, Field, Posted};
use crate::views::patient_form::{AlikeRow, AlikeView, PatientFormPage};
use crate::views::preferences::{PreferenceRow, PreferencesPage};
use crate::views::private::*;
use crate::views::releases::{ReleaseRow, ReleasesPage};
use crate::views::shell::Place;
use crate::views::templates::{SectionRow, TemplatePage, TemplateRow, TemplatesPage};

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

fn setup() -> AppSetupView {
    let address =
        format!("otpauth://totp/Medicus:{}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "x".repeat(40));
    AppSetupView {
        picture: crate::qr::svg(&address, "Código para la aplicación").unwrap_or_default(),
        secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".into(),
    }
}

fn code() -> Field {
    Field::text("codigo", "Código").width("w-10").mode("numeric")
}

fn password(id: &str) -> Field {
    Field::password("contrasena", "Su contraseña", "current-password").id(id)
}

#[test]
fn the_steps_between_password_and_session() {
    let page = |stage, errors: &[FieldError]| StepPage {
        errors: ErrorSummary::new(errors),
        name: LONG.into(),
        csrf: "t".into(),
        back: "/hoy".into(),
        kept: vec![("texto".into(), "Dolor \"punzante\"".into())],
        stage,
    };
    let errors = [FieldError::new("codigo", "El código no coincide o ya se usó")];
    check(
        "entrar-codigo",
        &page(StageView::Factor { code: code(), passkey: Some("{\"rpId\":\"localhost\"}".into()) }, &[]),
    );
    check(
        "entrar-codigo-error",
        &page(StageView::Factor { code: code().from(&Posted::default(), &errors), passkey: None }, &errors),
    );
    check("entrar-contrasena", &page(StageView::Password(vec![password("contrasena_nueva")]), &[]));
    let html = check("entrar-configurar", &page(StageView::Enrol { setup: setup(), code: code() }, &[]));
    assert!(html.contains("<svg class=\"qr\"") && !html.contains("otpauth"));
    let codes = (0..10).map(|n| format!("ABCDE-FGHJ{n}")).collect();
    let fields = vec![("texto".to_owned(), LONG.to_owned())];
    check(
        "codigos",
        &RecoveryCodesPage { codes, next: "/hoy".into(), token: "t".into(), fields: Vec::new() },
    );
    check(
        "codigos-y-seguir",
        &RecoveryCodesPage { codes: Vec::new(), next: "/x".into(), token: "t".into(), fields },
    );
}

#[test]
fn ones_own_account_without_and_with_a_second_factor() {
    let page = |factors: usize, setting_up: bool| OwnAccountPage {
        shell: shell(Place::Elsewhere),
        errors: ErrorSummary::new(&[]),
        username: "encino".into(),
        factors: (0..factors)
            .map(|n| FactorView {
                id: n.to_string(),
                name: if n == 1 { LONG.into() } else { "Teléfono".into() },
                about: "Aplicación de códigos, desde el 9 de marzo de 2026, usada hoy 09:40".into(),
                password: password(&format!("quitar-{n}")),
            })
            .collect(),
        codes_left: 9,
        codes_password: password("codigos-contrasena"),
        new_factor: vec![Field::text("nombre", "Nombre"), password("factor-contrasena")],
        setup: setting_up.then(|| (setup(), code())),
        new_passkey: vec![password("llave-contrasena")],
        passkey: (factors == 1).then(|| "{}".into()),
        sessions: (0..3)
            .map(|n| SessionView {
                id: n.to_string(),
                browser: "Firefox en Windows".into(),
                about: "Desde 192.168.1.20, abierta hoy 09:40, usada hoy 10:20".into(),
                own: n == 0,
            })
            .collect(),
        efirma: (factors > 0)
            .then(|| ("PENJ8001019A0".into(), "PENJ800101MDFRXN07".into(), password("efirma-contrasena"))),
        efirma_ends: (factors == 2).then(|| "Su e.firma vence el 3 de enero de 2027.".into()),
        new_password: vec![password("contrasena-actual")],
        opened: "",
    };
    check("cuenta", &page(0, false));
    check("cuenta-configurar", &page(0, true));
    check("cuenta-llave", &page(1, false));
    check("cuenta-con-factores", &page(2, false));
}

#[test]
fn accounts_new_and_changed() {
    let row = |n: usize| AccountRow {
        id: n.to_string(),
        name: if n == 1 { LONG.into() } else { "Dra. Citlali Encino".into() },
        username: "encino".into(),
        roles: "Médico, Administración".into(),
        factor: "Con segundo factor",
        state: "Activa",
    };
    for errors in [&[][..], &[FieldError::new("archivo", LONG)]] {
        let row = |name: &str, in_use| ReleaseRow {
            title: format!("Edición {name}"),
            name: name.to_owned(),
            facts: vec!["34 663 códigos".into(), LONG.into()],
            in_use,
        };
        let page = ReleasesPage {
            shell: shell(Place::Accounts),
            errors: ErrorSummary::new(errors),
            file_error: errors.first().map(|error| error.message.clone()),
            rows: vec![row("2025-01", true), row("2024-01", false), row("", false)],
            most: "32 MB".into(),
            attribution: "ICD-11, WHO",
        };
        check("cie11", &page);
    }
    check("cuentas", &AccountsPage { shell: shell(Place::Accounts), rows: (0..4).map(row).collect() });
    let page = |new: bool, errors: &[FieldError]| AccountPage {
        shell: shell(Place::Accounts),
        errors: ErrorSummary::new(errors),
        heading: if new { "Nueva cuenta".into() } else { LONG.into() },
        about: if new { String::new() } else { "Usuario encino".into() },
        action: "/cuentas/1".into(),
        fields: vec![Field::text("nombre_pantalla", "Nombre que se muestra").value(LONG)],
        roles: vec![Check::new("physician", "Médico", true), Check::new("nurse", "Enfermería", false)],
        role_error: errors.first().map(|error| error.message.clone()),
        active: (!new).then(|| Check::new("activa", "Puede entrar", true)),
        training: Choice::new("formacion", "¿Está en formación?", Vec::new()),
        professional: vec![Field::text("cedula", "Cédula profesional")],
        professional_open: new,
        password: if new { vec![password("contrasena")] } else { Vec::new() },
        button: "Guardar cuenta",
        more: (!new).then(|| AccountMore {
            password: vec![password("contrasena_nueva")],
            password_open: false,
            factors: "Tiene 2. Quítelos si los perdió y tampoco tiene sus códigos".into(),
            may_reset: true,
            sessions: "3 abiertas".into(),
            may_close: true,
        }),
    };
    check("cuenta-nueva", &page(true, &[FieldError::new("rol", "Elija al menos un rol")]));
    check("cuenta-cambiar", &page(false, &[]));
    let errors = [FieldError::new("minutos", "Escriba un número de 5 a 240")];
    check(
        "reglas",
        &AccessPolicyPage {
            shell: shell(Place::Accounts),
            errors: ErrorSummary::new(&errors),
            fields: vec![Field::text("minutos", "Minutos sin uso").value("500").width("w-3")],
            roles: vec![Check::new("physician", "Médico", true)],
        },
    );
}

#[test]
fn preferences_none_some_and_refused() {
    let row = |n: usize, before: &str| PreferenceRow {
        id: format!("{n}"),
        before: before.into(),
        after: if n == 1 { LONG.into() } else { "desde hace # días".into() },
        about: "Desde el 9 de marzo de 2026; vista en 3 notas firmadas, la última el 12 de marzo de 2026"
            .into(),
        state: if n == 2 { ("state-draft", "Falta verla en más notas") } else { ("state-signed", "Activa") },
        enabled: n != 1,
    };
    let page = |n: usize, errors: &[FieldError], opened| PreferencesPage {
        shell: shell(Place::Elsewhere),
        errors: ErrorSummary::new(errors),
        needed: 3,
        shown: clinical::preference::Manner::ByProblem,
        in_use: n == 0,
        example: vec![("Pronóstico".into(), vec![LONG.into(); 1 + n])],
        wordings: (0..n).map(|n| row(n, "de # días de evolución")).collect(),
        orders: (n..2 * n).map(|n| row(n, "")).collect(),
        phrases: (2 * n..3 * n).map(|n| row(n, "")).collect(),
        kept: (0..n).map(|n| (n.to_string(), format!("{LONG} (protocolo)"), vec![LONG.into(); 3])).collect(),
        new_wording: vec![Field::text("antes", "Palabras del borrador").from(&Posted::default(), errors)],
        new_phrase: Field::area("frase", "Frase").from(&Posted::default(), errors),
        section: Choice::new("apartado", "Apartado", vec![(String::new(), "Cualquiera".into())]),
        model: (n == 1).then(|| "Qwen3-4B".into()),
        opened,
    };
    let html = check("preferencias-vacio", &page(0, &[], ""));
    assert!(html.contains("en 3 notas firmadas"));
    let html = check("preferencias", &page(3, &[], ""));
    assert!(html.contains("En lugar de «de # días de evolución»") && html.contains("Desactivar"));
    let template = |n: usize| TemplateRow {
        id: format!("{n}"),
        name: if n == 1 { LONG.into() } else { "Control de diabetes".into() },
        about: "Nota de evolución. Pediatría".into(),
        is_default: n == 0,
    };
    let templates = |n: usize| TemplatesPage {
        shell: shell(Place::Elsewhere),
        errors: ErrorSummary::new(&[]),
        rows: (0..n).map(template).collect(),
        name: Field::text("nombre", "Nombre"),
        document: Choice::new("documento", "Documento", vec![("NEV".into(), "Nota de evolución".into())]),
        base: Choice::new("base", "Con los apartados de", vec![(String::new(), "Ninguna".into())]),
    };
    check("plantillas-vacio", &templates(0));
    assert!(check("plantillas", &templates(3)).contains("No empezar con ella"));
    let section = |n: usize| SectionRow {
        id: format!("ev.{n}"),
        anchor: format!("s-ev-{n}"),
        label: if n == 2 { LONG.into() } else { "Pronóstico".into() },
        from: if n == 0 { "Lo pide la norma" } else { "Apartado suyo" },
        fixed: n == 0,
    };
    let one = TemplatePage {
        shell: shell(Place::Elsewhere),
        errors: ErrorSummary::new(&[]),
        row: template(0),
        name: Field::text("nombre", "Nombre"),
        sections: (0..3).map(section).collect(),
        hidden: vec![("ev.signos".into(), "Signos vitales".into())],
        heading: Field::text("titulo", "Título del apartado"),
        example: vec![("Pronóstico".into(), Vec::new())],
    };
    let html = check("plantilla", &one);
    assert_eq!(html.matches("value=\"quitar\"").count(), 2, "what the norm asks for cannot be taken away");
    let errors = [FieldError::new("frase", "Escriba la frase")];
    assert!(check("preferencias-error", &page(1, &errors, "frase")).contains("Escriba la frase"));
}
