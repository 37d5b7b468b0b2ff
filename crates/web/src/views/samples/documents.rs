//! Signing, signed documents, a record on its way out and in.

use super::consultation::{cites, typing};
use super::*;

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
        earlier: Vec::new(),
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
    let repeated = SignPage {
        button: "Firmar historia clínica".into(),
        medicines: Vec::new(),
        earlier: vec![format!("Ya va en la receta R-000187 de esta consulta y no se repite: {LONG}")],
        ..page(Vec::new(), None)
    };
    let html = check("firmar-sin-otra-receta", &repeated);
    assert!(html.contains("no sale otra receta") && !html.contains("/receta.pdf"), "{html}");
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
            typing: typing("/documentos/1/adenda/sin-guardar", "adenda"),
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
            password: Field::password("contrasena", "Su contraseña", "current-password"),
        },
    );
    check(
        "exportar-tabla",
        &TakeOutPage {
            shell: shell(Place::Audit),
            what: "Exportar la bitácora",
            about: "Los movimientos que muestra el filtro, en una tabla CSV. Que usted la exportó queda en la bitácora.",
            action: "/bitacora/exportar?expediente=000012".into(),
            back: ("/bitacora".into(), "Bitácora"),
            errors: ErrorSummary::new(&[]),
            password: Field::password("contrasena", "Su contraseña", "current-password"),
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
            signatures: vec![crate::views::checking::VerifySignature {
                title: "Firma válida",
                valid: true,
                facts: vec![("Firmó", LONG.into()), ("RFC", "FEEL700101AB1".into())],
                against: Vec::new(),
                remarks: vec!["Nadie consultó si el certificado estaba revocado.".into()],
            }],
            cancelled: Some("Cancelada hoy 10:32 por Dr. Elías Fresno. Motivo: dosis equivocada.".into()),
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
            pharmacy: vec![LONG.into()],
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
        unsaved: (!prescription).then(|| "hoy 10:32".into()),
        addenda: vec![("/documentos/2".into(), "Adenda del 12 de marzo".into())],
        siblings: vec![("/documentos/3".into(), "Receta médica".into())],
        may_amend: true,
        efirma: None,
        may_efirma: true,
        cancelled: prescription.then(|| format!("Cancelada hoy 10:50 por {LONG}. Motivo: {LONG}.")),
        cancelling: prescription.then(|| Cancelling::new(&Posted::default(), &[])),
        just_signed: (!prescription).then(|| JustSigned {
            time: "10:41".into(),
            next: Some(("/consultas/2".into(), "Abundio Colorín Paz".into())),
            prescription: Some("/documentos/3".into()),
        }),
    }
}
