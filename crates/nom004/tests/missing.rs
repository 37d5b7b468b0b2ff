//! A complete draft has no findings; taking one element away gives exactly its finding.

use clinical::condition::{Certainty, ConditionEntry};
use clinical::document::DocumentKind;
use clinical::draft::{Cell, Doubt, DraftItem, DraftNote, ItemContent, Origin, Review, SectionId};
use clinical::ids::ItemId;
use clinical::medication::{Dose, DoseUnit, Fraction, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::{Amount, VitalKind, VitalSign};
use nom004::{
    DocumentDefinition, Field, FilledBy, Finding, HEADER, HeaderFacts, Obligation, Place, SectionDefinition,
    Severity, definition, definitions, missing,
};
use uuid::Uuid;

const HEADER_FACTS: HeaderFacts<'static> = HeaderFacts {
    supervised: false,
    establishment_kind: "Consultorio de medicina general",
    establishment_name: "Consultorio Los Ahuehuetes",
    establishment_address: "Calle Inventada 12",
    establishment_owner: "Citlali Encino Robles",
    patient_name: "Jacinta Ahuehuete Roble",
    patient_sex: "Mujer",
    patient_age: "64 años",
    patient_address: "Calle Ficticia 3",
    record_number: "000203",
    author_name: "Dra. Citlali Encino Robles",
    author_license: "0000000",
    author_institution: "Universidad Ficticia del Bajío",
};

fn item(n: u128, section: &str, content: ItemContent) -> DraftItem {
    DraftItem {
        id: ItemId(Uuid::from_u128(n)),
        section: SectionId::new(section),
        content,
        evidence: Vec::new(),
        source: None,
        plain: None,
        origin: Origin::Written,
        review: Review::Accepted,
    }
}

fn statement(n: u128, section: &str, text: &str) -> DraftItem {
    item(n, section, ItemContent::Statement { text: text.to_owned() })
}

fn medicine() -> MedicationRequest {
    MedicationRequest {
        ingredients: vec!["paracetamol".to_owned()],
        presentation: Some("tableta de 500 mg, caja con 10".to_owned()),
        dose: Some(Dose { amount: Amount::whole(1), unit: DoseUnit::Tablet }),
        route: Some(Route::Oral),
        frequency: Some(Frequency::EveryHours(8)),
        duration_days: Some(5),
        quantity: Some("2 cajas".to_owned()),
        ..MedicationRequest::named("paracetamol", RequestAction::Start)
    }
}

/// A draft with everything its definition asks for.
fn complete(kind: DocumentKind) -> DraftNote {
    let mut draft = DraftNote::new(kind);
    for (n, section) in (1..).zip(&definition(kind).sections) {
        draft.items.extend(answers(n, section));
    }
    draft
}

/// What fills a section.
fn answers(n: u128, section: &SectionDefinition) -> Vec<DraftItem> {
    let row = |columns: &[String]| ItemContent::Row {
        cells: columns.iter().map(|label| Cell { label: label.clone(), text: "Dato".to_owned() }).collect(),
    };
    match &section.filled_by {
        filled if filled.is_in_head() => Vec::new(),
        FilledBy::Diagnoses => {
            let (text, certainty) = ("Faringitis aguda".to_owned(), Certainty::Confirmed);
            let entry = ConditionEntry { text, certainty, code: None };
            vec![item(n, &section.id, ItemContent::Condition(entry))]
        }
        FilledBy::Measurements(kinds) => {
            let any = [VitalKind::HeartRate];
            let kinds = if kinds.is_empty() { any.as_slice() } else { kinds };
            let signs = (0..).zip(kinds).map(|(m, &kind)| {
                let sign = VitalSign { kind, value: Amount::whole(60) };
                item(n * 100 + m, &section.id, ItemContent::VitalSign(sign))
            });
            signs.collect()
        }
        FilledBy::Date => vec![statement(n, &section.id, "25/11/2026")],
        FilledBy::DateTime => vec![statement(n, &section.id, "25/11/2026 14:30")],
        FilledBy::Choice(options) => vec![statement(n, &section.id, &options[0])],
        FilledBy::Rows(columns) => vec![item(n, &section.id, row(columns))],
        FilledBy::Signers(signers) => {
            let persons = 0..signers.at_least as u128;
            persons.map(|m| item(n * 100 + m, &section.id, row(&signers.columns))).collect()
        }
        _ => vec![statement(n, &section.id, "Sin alteraciones.")],
    }
}

fn with_medicine(change: impl FnOnce(&mut MedicationRequest)) -> DraftNote {
    let mut draft = complete(DocumentKind::PROGRESS_NOTE);
    let mut request = medicine();
    change(&mut request);
    draft.items.push(item(900, "ev.tratamiento", ItemContent::MedicationRequest(request)));
    draft
}

fn messages(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|finding| finding.message.as_str()).collect()
}

#[test]
fn complete_drafts_have_no_findings() {
    for definition in written() {
        assert_eq!(missing(&complete(definition.kind), &HEADER_FACTS), [], "{:?}", definition.kind);
    }
    assert_eq!(missing(&with_medicine(|_| {}), &HEADER_FACTS), []);
}

/// Every document but the receta, whose elements belong to its medicines.
fn written() -> impl Iterator<Item = &'static DocumentDefinition> {
    definitions().iter().filter(|definition| definition.kind != DocumentKind::PRESCRIPTION)
}

#[test]
fn each_required_section_taken_away_gives_exactly_its_finding() {
    let mut checked = 0;
    for definition in written() {
        for section in &definition.sections {
            let mut draft = complete(definition.kind);
            draft.items.retain(|item| item.section.0 != section.id);
            let found = missing(&draft, &HEADER_FACTS);
            if section.obligation == Obligation::Required && !section.filled_by.is_in_head() {
                assert_eq!(messages(&found), [&section.missing], "{}", section.id);
                assert_eq!(found[0].place, Place::Section(SectionId::new(&section.id)));
                assert_eq!(found[0].citation, section.citation);
                assert!(found[0].blocks());
                checked += 1;
            } else {
                assert_eq!(found, [], "{}", section.id);
            }
        }
    }
    assert!(checked > 150, "{checked}");
}

#[test]
fn someone_must_consent_the_patient_or_who_stands_for_them() {
    let mut letter = complete(DocumentKind::from_code("CCI").unwrap());
    letter.items.retain(|item| item.section.0 != "cci.paciente");
    assert_eq!(missing(&letter, &HEADER_FACTS), []);
    letter.items.retain(|item| item.section.0 != "cci.representante");
    let found = missing(&letter, &HEADER_FACTS);
    assert_eq!(
        messages(&found),
        ["Falta quien consiente: el paciente, o su familiar, tutor o representante."]
    );
    assert_eq!(found[0].numeral(), Some("10.1.1.8"));
    assert!(found[0].blocks());
}

#[test]
fn answers_of_a_fixed_form_are_refused_when_they_are_not_of_it() {
    let cases = [
        ("NEG", "neg.motivo", "Se fue a su casa.", "Motivo del egreso: elija una de las opciones."),
        (
            "NPO",
            "npo.fecha_cirugia",
            "mañana",
            "Fecha de la cirugía: escriba la fecha con día, mes y año, por ejemplo 25/11/2026.",
        ),
        (
            "HEV",
            "hev.fecha_hora",
            "25/11/2026",
            "Fecha y hora del egreso: escriba la fecha y la hora, por ejemplo 25/11/2026 14:30.",
        ),
        ("CCI", "cci.testigo1", "Firma ilegible.", "Testigo 1: escriba el nombre de quien firma."),
    ];
    for (kind, section, text, message) in cases {
        let mut draft = complete(DocumentKind::from_code(kind).unwrap());
        draft.items.retain(|item| item.section.0 != section);
        draft.items.push(statement(700, section, text));
        assert_eq!(messages(&missing(&draft, &HEADER_FACTS)), [message]);
    }
    let mut sheet = complete(DocumentKind::from_code("HEV").unwrap());
    let second = sheet.items.iter().rposition(|item| item.section.0 == "hev.testigos").unwrap();
    sheet.items.remove(second);
    assert_eq!(messages(&missing(&sheet, &HEADER_FACTS)), ["Testigos: hacen falta 2."]);
}

#[test]
fn each_header_field_taken_away_gives_exactly_its_finding() {
    for field in HEADER {
        let mut facts = HEADER_FACTS;
        let target = match field.id {
            "hdr.est_tipo" => &mut facts.establishment_kind,
            "hdr.est_nombre" => &mut facts.establishment_name,
            "hdr.est_domicilio" => &mut facts.establishment_address,
            "hdr.est_razon_social" => &mut facts.establishment_owner,
            "hdr.pac_nombre" => &mut facts.patient_name,
            "hdr.pac_sexo" => &mut facts.patient_sex,
            "hdr.pac_edad" => &mut facts.patient_age,
            "hdr.pac_domicilio" => &mut facts.patient_address,
            "hdr.expediente" => &mut facts.record_number,
            "hdr.autor_nombre" => &mut facts.author_name,
            "hdr.autor_cedula" => &mut facts.author_license,
            "hdr.autor_inst_titulo" => &mut facts.author_institution,
            other => panic!("{other} is not checked"),
        };
        *target = "  ";
        let found = missing(&complete(DocumentKind::PROGRESS_NOTE), &facts);
        assert_eq!(messages(&found), [field.missing]);
        assert_eq!(found[0].blocks(), field.on_each_document, "{}", field.id);
        assert_eq!(found[0].citation, Some(field.citation));
    }
}

#[test]
fn each_element_of_a_medicine_taken_away_gives_exactly_its_finding() {
    const RX: DocumentKind = DocumentKind::PRESCRIPTION;
    const NOTE: DocumentKind = DocumentKind::PROGRESS_NOTE;
    type Change = fn(&mut MedicationRequest);
    let cases: [(Change, DocumentKind, Field, Option<&str>, Severity); 8] = [
        (|m| m.dose = None, NOTE, Field::Dose, Some("6.2.6"), Severity::Blocks),
        (|m| m.route = None, NOTE, Field::Route, Some("6.2.6"), Severity::Blocks),
        (|m| m.frequency = None, NOTE, Field::Frequency, Some("6.2.6"), Severity::Blocks),
        (|m| m.presentation = Some(" ".into()), RX, Field::Presentation, Some("30"), Severity::Blocks),
        (|m| m.duration_days = None, RX, Field::Duration, Some("30"), Severity::Blocks),
        // In drops no quantity can be computed: it must be written.
        (
            |m| {
                m.quantity = None;
                m.dose = Some(Dose { amount: Amount::whole(5), unit: DoseUnit::Drop });
            },
            RX,
            Field::Quantity,
            None,
            Severity::Warns,
        ),
        (|m| m.medicine = String::new(), RX, Field::Medicine, Some("226"), Severity::Blocks),
        (|m| m.ingredients.clear(), RX, Field::Medicine, Some("226"), Severity::Warns),
    ];
    for (change, document, field, numeral, severity) in cases {
        let found = missing(&with_medicine(change), &HEADER_FACTS);
        let [finding] = found.as_slice() else { panic!("{field:?}: {found:?}") };
        assert_eq!(finding.place, Place::Item { id: ItemId(Uuid::from_u128(900)), field: Some(field) });
        assert_eq!(
            (finding.document, finding.numeral(), finding.severity),
            (document, numeral, severity),
            "{field:?}"
        );
    }
}

#[test]
fn a_scheme_may_carry_the_dose_and_a_single_dose_needs_no_duration() {
    let insulin = with_medicine(|m| {
        m.dose = None;
        m.frequency = Some(Frequency::Schedule("5 unidades antes de cada comida".to_owned()));
    });
    assert_eq!(missing(&insulin, &HEADER_FACTS), []);
    let once = with_medicine(|m| {
        m.frequency = Some(Frequency::Once);
        m.duration_days = None;
    });
    assert_eq!(missing(&once, &HEADER_FACTS), []);
}

#[test]
fn a_stopped_medicine_needs_nothing() {
    let stopped = with_medicine(|m| *m = MedicationRequest::named("naproxeno", RequestAction::Stop));
    assert_eq!(missing(&stopped, &HEADER_FACTS), []);
}

#[test]
fn lgs_241_a_medicine_of_fraccion_i_needs_the_folio_of_the_special_receta_and_30_days_at_most() {
    let morphine = |folio: Option<&str>, days| {
        with_medicine(|m| {
            m.medicine = "morfina".to_owned();
            m.duration_days = Some(days);
            m.dispensing.special_folio = folio.map(str::to_owned);
        })
    };
    let found = missing(&morphine(None, 30), &HEADER_FACTS);
    assert_eq!(
        messages(&found),
        [
            "Morfina va en la receta especial con código de barras, no en esta: escríbala en el recetario oficial y anote aquí su folio."
        ]
    );
    assert_eq!(found[0].citation.unwrap().to_string(), "Ley General de Salud, artículo 241");
    assert!(found[0].blocks());
    assert_eq!(missing(&morphine(Some("A-0001"), 30), &HEADER_FACTS), []);
    let found = missing(&morphine(Some("A-0001"), 31), &HEADER_FACTS);
    assert_eq!(
        messages(&found),
        ["Morfina: el tratamiento de la receta especial es de 30 días como máximo."]
    );
    assert!(found[0].blocks());
}

#[test]
fn lgs_251_a_receta_of_fraccion_ii_asks_for_two_presentations_at_most() {
    let clonazepam = |quantity: &str, fraction| {
        with_medicine(|m| {
            m.medicine = "clonazepam".to_owned();
            m.quantity = Some(quantity.to_owned());
            m.dispensing.fraction = fraction;
        })
    };
    let blocking = |draft: &DraftNote| {
        let found = missing(draft, &HEADER_FACTS);
        found.into_iter().filter(Finding::blocks).map(|f| f.citation.unwrap().place).collect::<Vec<_>>()
    };
    assert!(blocking(&clonazepam("2 cajas", None)).is_empty());
    assert_eq!(blocking(&clonazepam("3 cajas", None)), ["251"]);
    // The box binds: the physician read that this product is of another fracción.
    assert!(blocking(&clonazepam("3 cajas", Some(Fraction::IV))).is_empty());
}

#[test]
fn lgs_252_a_receta_of_fraccion_iii_is_filled_three_times_at_most() {
    let sertraline = |fills| {
        with_medicine(|m| {
            m.medicine = "sertralina".to_owned();
            m.dispensing.fills = Some(fills);
        })
    };
    assert_eq!(missing(&sertraline(3), &HEADER_FACTS), []);
    let found = missing(&sertraline(4), &HEADER_FACTS);
    assert_eq!(messages(&found), ["Sertralina se surte 3 veces como máximo con una receta."]);
    assert_eq!(found[0].citation.unwrap().place, "252");
}

#[test]
fn acuerdo_2010_an_antibiotic_is_not_signed_without_duration_and_quantity() {
    let amoxicillin = with_medicine(|m| {
        m.medicine = "amoxicilina".to_owned();
        m.ingredients = vec!["amoxicillin".to_owned()];
        m.dose = Some(Dose { amount: Amount::whole(5), unit: DoseUnit::Drop });
        m.quantity = None;
    });
    let found = missing(&amoxicillin, &HEADER_FACTS);
    assert_eq!(messages(&found), ["Falta la cantidad a surtir de amoxicilina."]);
    assert!(found[0].blocks());
    assert_eq!(
        found[0].citation.unwrap().to_string(),
        "Acuerdo sobre la venta de antibióticos, DOF 27-05-2010"
    );
}

#[test]
fn a_continued_medicine_owes_the_receta_nothing_unless_it_goes_on_it() {
    let continued = with_medicine(|m| {
        m.action = RequestAction::Continue;
        m.medicine = "morfina".to_owned();
        m.presentation = None;
        m.quantity = None;
    });
    assert_eq!(missing(&continued, &HEADER_FACTS), []);
    let filled_again = with_medicine(|m| {
        m.action = RequestAction::Continue;
        m.dose = Some(Dose { amount: Amount::whole(5), unit: DoseUnit::Drop });
        m.quantity = None;
    });
    assert_eq!(
        messages(&missing(&filled_again, &HEADER_FACTS)),
        ["Falta la cantidad a surtir de paracetamol."]
    );
}

#[test]
fn a_receta_without_medicines_is_reported() {
    let found = missing(&DraftNote::new(DocumentKind::PRESCRIPTION), &HEADER_FACTS);
    assert_eq!(messages(&found), ["La receta no tiene medicamentos."]);
}

#[test]
fn pending_items_block_and_doubts_warn() {
    let mut draft = complete(DocumentKind::PROGRESS_NOTE);
    draft.items[0].review = Review::Pending;
    draft.doubts.push(Doubt {
        text: "Toma aspirina.".to_owned(),
        reason: "No se oyó con claridad.".to_owned(),
        section: SectionId::EVOLUTION,
        evidence: Vec::new(),
    });
    let found = missing(&draft, &HEADER_FACTS);
    assert_eq!(messages(&found), ["Revise: Sin alteraciones.", "Queda 1 duda por resolver."]);
    assert_eq!((found[0].severity, found[1].severity), (Severity::Blocks, Severity::Warns));
}

#[test]
fn discarded_items_fill_nothing() {
    let mut draft = complete(DocumentKind::PROGRESS_NOTE);
    for item in draft.items.iter_mut().filter(|item| item.section == SectionId::PROGNOSIS) {
        item.review = Review::Discarded;
    }
    assert_eq!(messages(&missing(&draft, &HEADER_FACTS)), ["Falta el pronóstico."]);
}

#[test]
fn not_explored_fills_a_section_only_with_its_reason() {
    let with_neck = |text: &str| {
        let mut draft = complete(DocumentKind::CLINICAL_HISTORY);
        draft.items.retain(|item| item.section.0 != "hc.ef_cuello");
        draft.items.push(statement(700, "hc.ef_cuello", text));
        draft
    };
    assert_eq!(missing(&with_neck("No explorado: collarín cervical."), &HEADER_FACTS), []);
    let found = missing(&with_neck("No explorado."), &HEADER_FACTS);
    assert_eq!(messages(&found), ["Escriba por qué no se hizo: cuello."]);
}

#[test]
fn a_diagnosis_that_was_ruled_out_is_not_a_diagnosis() {
    let mut draft = complete(DocumentKind::PROGRESS_NOTE);
    for item in &mut draft.items {
        if let ItemContent::Condition(condition) = &mut item.content {
            condition.certainty = Certainty::RuledOut;
        }
    }
    assert_eq!(messages(&missing(&draft, &HEADER_FACTS)), ["Falta el diagnóstico o problema clínico."]);
}

#[test]
fn half_a_blood_pressure_does_not_fill_its_section() {
    let mut draft = complete(DocumentKind::CLINICAL_HISTORY);
    draft.items.retain(
        |item| !matches!(&item.content, ItemContent::VitalSign(sign) if sign.kind == VitalKind::BpDiastolic),
    );
    assert_eq!(messages(&missing(&draft, &HEADER_FACTS)), ["Falta la tensión arterial."]);
}

#[test]
fn section_ids_are_those_of_the_vocabulary_and_stand_in_the_order_of_the_norm() {
    let ids: Vec<_> =
        definition(DocumentKind::PROGRESS_NOTE).sections.iter().map(|s| SectionId::new(&s.id)).collect();
    assert_eq!(
        ids,
        [
            SectionId::EVOLUTION,
            SectionId::VITAL_SIGNS,
            SectionId::EXAMINATION,
            SectionId::RESULTS,
            SectionId::DIAGNOSES,
            SectionId::PROGNOSIS,
            SectionId::TREATMENT,
        ]
    );
    let numerals: Vec<_> = definition(DocumentKind::CLINICAL_HISTORY)
        .sections
        .iter()
        .filter_map(SectionDefinition::numeral)
        .collect();
    assert!(numerals.is_sorted());
    assert!(!numerals.contains(&"6.1.3") && !numerals.contains(&"6.1.6"), "not confirmed: may not be shown");
}
