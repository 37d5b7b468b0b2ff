//! Invented documents, recognisably so.

use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::digest::Digest;
use clinical::document::{
    CONTENT_SCHEMA, Cancelled, DocumentBody, DocumentContent, DocumentKind, PatientHeader, SignedItem,
    SignedSection, Supervision,
};
use clinical::draft::{AlertDecision, Origin};
use clinical::identifiers::{Phone, ProfessionalLicense};
use clinical::ids::{DocumentId, PatientId, PractitionerId, UserId};
use clinical::medication::{Dose, DoseUnit, Fraction, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::{VitalKind, VitalSign};
use clinical::person::PersonName;
use clinical::practitioner::{Establishment, Practitioner, Specialty, SpecialtyCertificate, Trainee};
use documents::{Copy, Logo, RenderContext};
use uuid::Uuid;

pub(crate) fn digest() -> Digest {
    "7d1f0c52e9a438b651f02c779e03ad486b15f2c90e84d7314a6f58be13c092f5".parse().unwrap()
}

pub(crate) fn original() -> RenderContext {
    RenderContext::new(digest(), Copy::Original)
}

pub(crate) fn reprint() -> RenderContext {
    RenderContext {
        copy: Copy::Reprint {
            number: 2,
            printed_at: "2026-03-10T15:15:00Z".parse().unwrap(),
            printed_by: "Dra. Citlali Encino Robles".to_owned(),
        },
        ..original()
    }
}

pub(crate) fn draft() -> RenderContext {
    RenderContext { copy: Copy::Draft { printed_at: "2026-03-09T16:30:00Z".parse().unwrap() }, ..original() }
}

fn establishment() -> Establishment {
    Establishment {
        kind: "Consultorio de medicina general".to_owned(),
        name: "Consultorio Los Ahuehuetes".to_owned(),
        address: "Calle Inventada 12, colonia Ejemplo, Ciudad Ficticia, 00000".to_owned(),
        institution: None,
        owner: "Citlali Encino Robles".to_owned(),
        phone: Some(Phone::parse("5500000000").unwrap()),
        clues: None,
        time_zone: "America/Mexico_City".to_owned(),
    }
}

fn author() -> Practitioner {
    Practitioner {
        id: PractitionerId(Uuid::from_u128(2)),
        title: "Dra.".to_owned(),
        name: PersonName::parse("Citlali", "Encino", "Robles").unwrap(),
        license: ProfessionalLicense::parse("0000000").unwrap(),
        degree_institution: "Universidad Ficticia del Bajío".to_owned(),
        specialty: Some(Specialty {
            name: "Medicina familiar".to_owned(),
            license: ProfessionalLicense::parse("0000001").unwrap(),
            certificate: Some(SpecialtyCertificate {
                number: "MF-0471".to_owned(),
                council: "Consejo Inventado de Medicina Familiar".to_owned(),
                valid_until: jiff::civil::date(2029, 6, 30),
            }),
        }),
        trainee: None,
    }
}

pub(crate) fn content(kind: DocumentKind, body: DocumentBody) -> DocumentContent {
    DocumentContent {
        schema: CONTENT_SCHEMA,
        id: DocumentId(Uuid::from_u128(0x1000)),
        kind,
        title: nom004::title(kind).to_owned(),
        establishment: establishment(),
        patient: PatientHeader {
            id: PatientId(Uuid::from_u128(3)),
            name: "Jacinta Ahuehuete Roble".to_owned(),
            sex: "Mujer".to_owned(),
            age: "64 años".to_owned(),
            birth_date: Some("1961-09-14".to_owned()),
            curp: None,
            address: Some("Calle Ficticia 3, colonia Ejemplo, Ciudad Ficticia, 00000".to_owned()),
            record_number: "000203".to_owned(),
            allergies: "penicilina (ronchas)".to_owned(),
        },
        author: author(),
        supervision: None,
        answers: None,
        act_at: "2026-03-09T16:20:00Z".parse().unwrap(),
        signed_at: "2026-03-09T16:41:07Z".parse().unwrap(),
        body,
    }
}

pub(crate) fn section(definition: &nom004::SectionDefinition, sentences: &[&str]) -> SignedSection {
    SignedSection {
        id: definition.id.clone(),
        label: definition.label.clone(),
        numeral: definition.numeral().map(ToOwned::to_owned),
        layout: definition.layout(),
        items: sentences
            .iter()
            .map(|&text| SignedItem {
                text: text.to_owned(),
                origin: Origin::Proposed,
                evidence: Vec::new(),
                source: None,
                cells: Vec::new(),
            })
            .collect(),
    }
}

/// The sections of a kind as `nom004` defines them, with the given sentences.
pub(crate) fn sections(kind: DocumentKind, said: &[(&str, &[&str])]) -> Vec<SignedSection> {
    let defined = nom004::definition(kind).sections.iter();
    defined
        .filter_map(|def| {
            let (_, sentences) = said.iter().find(|(id, _)| *id == def.id)?;
            Some(section(def, sentences))
        })
        .collect()
}

pub(crate) fn vital_signs() -> Vec<VitalSign> {
    let sign = |kind, value: &str| VitalSign::new(kind, value.parse().unwrap()).unwrap();
    vec![
        sign(VitalKind::BpSystolic, "132"),
        sign(VitalKind::BpDiastolic, "80"),
        sign(VitalKind::HeartRate, "76"),
        sign(VitalKind::RespiratoryRate, "16"),
        sign(VitalKind::Temperature, "36.5"),
        sign(VitalKind::OxygenSaturation, "96"),
        sign(VitalKind::Weight, "68.4"),
        sign(VitalKind::Height, "1.56"),
    ]
}

pub(crate) fn dose(amount: &str, unit: DoseUnit) -> Option<Dose> {
    Some(Dose::new(amount.parse().unwrap(), unit).unwrap())
}

pub(crate) fn medicines() -> Vec<MedicationRequest> {
    vec![
        MedicationRequest {
            presentation: Some("tableta de 500 mg, caja con 10".to_owned()),
            dose: dose("1", DoseUnit::Tablet),
            route: Some(Route::Oral),
            frequency: Some(Frequency::EveryHours(8)),
            duration_days: Some(10),
            as_needed: true,
            quantity: Some("3 cajas".to_owned()),
            ..MedicationRequest::named("paracetamol", RequestAction::Start)
        },
        MedicationRequest {
            presentation: Some("crema al 0.035 %, tubo con 40 g".to_owned()),
            dose: dose("1", DoseUnit::Application),
            route: Some(Route::Topical),
            frequency: Some(Frequency::EveryHours(8)),
            duration_days: Some(14),
            quantity: Some("1 tubo".to_owned()),
            instructions: Some("en la rodilla derecha; lávese las manos después de aplicarla".to_owned()),
            ..MedicationRequest::named("capsaicina", RequestAction::Start)
        },
        MedicationRequest {
            brand: Some("Marca Inventada".to_owned()),
            presentation: Some("tableta de 5 mg, caja con 25".to_owned()),
            dose: dose("0.5", DoseUnit::Tablet),
            route: Some(Route::Oral),
            frequency: Some(Frequency::EveryHours(24)),
            duration_days: Some(25),
            quantity: Some("1 caja".to_owned()),
            instructions: Some("por la noche, siempre a la misma hora".to_owned()),
            ..MedicationRequest::named("warfarina", RequestAction::Continue)
        },
        MedicationRequest::named("naproxeno", RequestAction::Stop),
    ]
}

pub(crate) fn conditions() -> Vec<ConditionEntry> {
    let code = |icd11: &str, title: &str, icd10: &str| ConditionCode {
        icd11: icd11.to_owned(),
        title: title.to_owned(),
        icd10: Some(icd10.to_owned()),
        release: Some("2024-01".to_owned()),
    };
    vec![
        ConditionEntry {
            text: "Gonartrosis derecha".to_owned(),
            certainty: Certainty::Confirmed,
            code: Some(code("FA01.Z", "Artrosis de la rodilla, sin especificación", "M17.9")),
        },
        ConditionEntry {
            text: "Fibrilación auricular en tratamiento anticoagulante".to_owned(),
            certainty: Certainty::Confirmed,
            code: Some(code("BC81.3Z", "Fibrilación auricular, sin especificación", "I48")),
        },
        ConditionEntry {
            text: "Gastropatía por antiinflamatorios".to_owned(),
            certainty: Certainty::Suspected,
            code: None,
        },
    ]
}

pub(crate) fn progress_note() -> DocumentContent {
    let mut said = sections(
        DocumentKind::PROGRESS_NOTE,
        &[
            (
                "ev.evolucion",
                &[
                    "Acude por dolor en la rodilla derecha de tres semanas de evolución, de intensidad 6 de 10, que aumenta al bajar escaleras y cede con el reposo.",
                    "Tomó naproxeno 250 mg por cuenta propia durante cinco días.",
                    "Refiere ardor en el estómago desde entonces.",
                    "Niega evacuaciones negras y sangrado por encías.",
                    "Niega consumo de tabaco y alcohol.",
                ],
            ),
            ("ev.signos", &["Tensión arterial sistólica 132 mmHg"]),
            (
                "ev.exploracion",
                &[
                    "Rodilla derecha con crepitación y dolor a la flexión, sin derrame ni aumento de temperatura local.",
                    "Abdomen blando, con dolor leve en epigastrio, sin datos de irritación peritoneal.",
                ],
            ),
            ("ev.resultados", &["Índice internacional normalizado del 2 de marzo de 2026: 2.4."]),
            ("ev.diagnosticos", &["Gonartrosis derecha."]),
            (
                "ev.pronostico",
                &["Bueno para la vida y la función con control del peso y de la anticoagulación."],
            ),
            (
                "ev.tratamiento",
                &[
                    "Paracetamol (tableta de 500 mg, caja con 10) 1 tableta, vía oral, cada 8 horas, por 10 días, solo si lo necesita.",
                    "No tomar naproxeno, ibuprofeno ni aspirina.",
                    "Acudir a urgencias si hay sangrado, evacuaciones negras o un golpe en la cabeza.",
                    "Próxima cita el 23 de marzo de 2026 con resultado de índice internacional normalizado.",
                ],
            ),
        ],
    );
    said[1].items[0].origin = Origin::Written;
    content(
        DocumentKind::PROGRESS_NOTE,
        DocumentBody::Note {
            sections: said,
            vital_signs: vital_signs(),
            conditions: conditions(),
            medication_requests: medicines(),
            transcript: None,
        },
    )
}

/// Written by a resident; the physician changed the prognosis before signing.
pub(crate) fn supervised_note() -> DocumentContent {
    let note = progress_note();
    let trainee = Practitioner {
        id: PractitionerId(Uuid::from_u128(4)),
        title: String::new(),
        name: PersonName::parse("Emiliano", "Sauce", "Prado").unwrap(),
        license: ProfessionalLicense::none(),
        degree_institution: "Facultad Inventada de Medicina".to_owned(),
        specialty: None,
        trainee: Some(Trainee::Resident),
    };
    let supervision = Supervision {
        physician: note.author,
        sent_at: "2026-03-09T16:30:00Z".parse().unwrap(),
        changed: vec!["Pronóstico".to_owned()],
    };
    DocumentContent { author: trainee, supervision: Some(supervision), ..note }
}

pub(crate) fn clinical_history() -> DocumentContent {
    let defined = &nom004::definition(DocumentKind::CLINICAL_HISTORY).sections;
    let sentence = |id: &str| match id {
        "hc.grupo_etnico" => None,
        "hc.ef_genitales" => Some("No explorados: la paciente prefirió otra ocasión."),
        "hc.ahf" => Some(
            "Madre con diabetes mellitus tipo 2. Padre finado por infarto agudo de miocardio a los 70 años.",
        ),
        "hc.app_sustancias" => Some("Niega consumo de tabaco, alcohol y otras sustancias."),
        "hc.padecimiento_actual" => {
            Some("Dolor en la rodilla derecha desde hace tres semanas, sin traumatismo previo.")
        }
        "hc.ficha" | "hc.diagnosticos" | "hc.indicacion" => Some(""),
        id if id.starts_with("hc.sv_") || id == "hc.peso" || id == "hc.talla" => Some(""),
        id if id.starts_with("hc.ef_") => Some("Sin alteraciones."),
        _ => Some("Sin datos de importancia para el padecimiento actual."),
    };
    let said = defined.iter().filter_map(|def| Some(section(def, &[sentence(&def.id)?]))).collect();
    content(
        DocumentKind::CLINICAL_HISTORY,
        DocumentBody::Note {
            sections: said,
            vital_signs: vital_signs(),
            conditions: conditions(),
            medication_requests: medicines(),
            transcript: None,
        },
    )
}

pub(crate) fn prescription_of(medication_requests: Vec<MedicationRequest>) -> DocumentContent {
    content(
        DocumentKind::PRESCRIPTION,
        DocumentBody::Prescription {
            folio: "R-000203".to_owned(),
            medication_requests,
            diagnosis: None,
            instructions: vec![
                "No tome naproxeno, ibuprofeno ni aspirina: con la warfarina pueden causar sangrado"
                    .to_owned(),
                "Acuda a urgencias si tiene sangrado, evacuaciones negras o un golpe en la cabeza."
                    .to_owned(),
                "Próxima cita: lunes 23 de marzo de 2026, 10:20.".to_owned(),
            ],
            alert_decisions: Vec::new(),
        },
    )
}

pub(crate) fn prescription() -> DocumentContent {
    let mut requests = medicines();
    requests.pop();
    prescription_of(requests)
}

fn of_catalogue(medicine: &str, inn: &str, presentation: &str, hours: u16, days: u16) -> MedicationRequest {
    MedicationRequest {
        ingredients: vec![inn.to_owned()],
        presentation: Some(presentation.to_owned()),
        dose: dose("1", DoseUnit::Tablet),
        route: Some(Route::Oral),
        frequency: Some(Frequency::EveryHours(hours)),
        duration_days: Some(days),
        ..MedicationRequest::named(medicine, RequestAction::Start)
    }
}

/// An antibiotic whose quantity is computed.
pub(crate) fn antibiotic() -> DocumentContent {
    let line = of_catalogue("ciprofloxacino", "ciprofloxacin", "tableta de 500 mg, caja con 14", 12, 7);
    prescription_of(vec![line])
}

/// A psychotropic of fracción II, as its box says.
pub(crate) fn fraction_two() -> DocumentContent {
    let mut line = of_catalogue("clonazepam", "clonazepam", "tableta de 2 mg, caja con 30", 24, 30);
    line.dispensing.fraction = Some(Fraction::II);
    prescription_of(vec![line])
}

/// One of fracción III by its substance, to be filled twice.
pub(crate) fn fraction_three() -> DocumentContent {
    let mut line = of_catalogue("sertralina", "sertraline", "tableta de 50 mg, caja con 28", 24, 56);
    line.dispensing.fills = Some(2);
    prescription_of(vec![line])
}

/// Alerts of every sort that were decided: only what concerns these medicines is printed, and no state of the patient.
pub(crate) fn weighed() -> DocumentContent {
    let decided = |key: &str, severity: &str, reason: &str, text: &str| AlertDecision {
        alert_key: key.to_owned(),
        severity: severity.to_owned(),
        message: "Lo que dijo el aviso, con la insuficiencia renal de la paciente.".to_owned(),
        reason_code: reason.to_owned(),
        reason_text: text.to_owned(),
        follow_up: None,
        data_version: None,
        by: UserId(Uuid::from_u128(5)),
        at: "2026-03-09T16:30:00Z".parse().unwrap(),
    };
    let mut content = prescription_of(vec![
        of_catalogue("warfarina", "warfarin", "tableta de 5 mg, caja con 25", 24, 30),
        of_catalogue("naproxeno", "naproxen", "tableta de 250 mg, caja con 30", 12, 5),
    ]);
    if let DocumentBody::Prescription { alert_decisions, .. } = &mut content.body {
        *alert_decisions = vec![
            decided(
                "interaction:naproxen+warfarin",
                "contraindicada",
                "beneficio_supera_riesgo",
                "Por su lupus.",
            ),
            decided("interaction:lamivudine+warfarin", "mayor", "se_vigilara", ""),
            decided("kidney:naproxen", "mayor", "dosis_ajustada", "TFG de 41."),
            decided(
                "condition:metformin",
                "mayor",
                "ya_tolerado",
                "De otro renglón, que no va en esta receta.",
            ),
            decided("interaction:naproxen+sertraline", "moderada", "ya_tolerado", ""),
        ];
    }
    content
}

pub(crate) fn cancelled() -> RenderContext {
    RenderContext {
        cancelled: Some(Cancelled {
            at: "2026-03-10T15:15:00Z".parse().unwrap(),
            by: "Dra. Citlali Encino Robles".to_owned(),
            reason: "dosis equivocada; se hizo otra receta".to_owned(),
        }),
        ..reprint()
    }
}

/// A drawing, as an establishment would bring it.
pub(crate) fn logo() -> Logo {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 40\"><circle cx=\"20\" cy=\"20\" r=\"18\" \
               fill=\"#245e30\"/><path d=\"M20 8v24M8 20h24\" stroke=\"#fff\" stroke-width=\"6\"/></svg>";
    Logo::new(svg.as_bytes().to_vec()).unwrap()
}

pub(crate) fn addendum() -> DocumentContent {
    content(
        DocumentKind::ADDENDUM,
        DocumentBody::Addendum {
            amends: DocumentId(Uuid::from_u128(0x0fff)),
            amends_title: "Nota de evolución del 9 de marzo de 2026, 10:20".to_owned(),
            amends_digest: digest(),
            reason: "Se anotó el lado equivocado de la rodilla.".to_owned(),
            text:
                "Donde dice «rodilla derecha» debe decir «rodilla izquierda».\nEl resto de la nota no cambia."
                    .to_owned(),
        },
    )
}
