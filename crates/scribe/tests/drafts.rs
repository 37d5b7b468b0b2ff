//! The draft: in the order of the norm, every item with its evidence, nothing invented, and never a panic.

use clinical::document::DocumentKind;
use clinical::draft::{DraftNote, Review, SectionId};
use clinical::transcript::{Speaker, Transcript, Turn};
use proptest::prelude::*;

const CONSULTATION: &str = "D: Buenas tardes, ¿qué le pasa?\n\
P: Me duele la garganta desde hace tres días, y traigo calentura.\n\
D: ¿Tos, falta de aire?\n\
P: No.\n\
D: ¿Alergias?\n\
P: A ninguna medicina.\n\
D: A ver, la voy a revisar. Temperatura treinta y ocho punto dos. La garganta roja, con placas. Pulmones limpios.\n\
D: Lo que tiene es una faringitis. Le voy a dar paracetamol de quinientos, dos tabletas cada ocho horas por tres días. Nos vemos en una semana.\n\
P: Gracias.";

fn draft(text: &str) -> DraftNote {
    note(text, DocumentKind::PROGRESS_NOTE)
}

fn note(text: &str, kind: DocumentKind) -> DraftNote {
    let transcript = scribe::parse::transcript(text.as_bytes()).expect("a readable transcript");
    scribe::draft(&transcript).note(nom004::definition(kind))
}

#[test]
fn the_note_follows_the_order_of_the_norm() {
    let draft = draft(CONSULTATION);
    let order = [
        SectionId::EVOLUTION,
        SectionId::VITAL_SIGNS,
        SectionId::EXAMINATION,
        SectionId::RESULTS,
        SectionId::DIAGNOSES,
        SectionId::PROGNOSIS,
        SectionId::TREATMENT,
    ];
    let positions: Vec<usize> = draft
        .items
        .iter()
        .map(|item| order.iter().position(|section| *section == item.section).expect("a section of the note"))
        .collect();
    assert!(positions.is_sorted(), "{positions:?}");
    assert!(draft.items.iter().all(|item| item.review == Review::Pending && !item.evidence.is_empty()));
}

#[test]
fn the_sentences_say_what_was_said() {
    let note = scribe::wire::note_text(&draft(CONSULTATION));
    for sentence in [
        "Refiere odinofagia de 3 días de evolución.",
        "Niega tos y disnea.",
        "Niega alergias.",
        "Temperatura 38.2 °C",
        "Faringitis.",
        "Paracetamol 1000 mg, vía oral, cada 8 horas, por 3 días",
        "Cita en 1 semana.",
    ] {
        assert!(note.contains(sentence), "{sentence:?} is missing in\n{note}");
    }
}

#[test]
fn the_same_transcript_gives_the_same_draft() {
    let (first, second) = (draft(CONSULTATION), draft(CONSULTATION));
    assert_eq!(first.items, second.items);
    assert_eq!(first.doubts, second.doubts);
}

#[test]
fn items_have_different_identifiers() {
    let draft = draft(CONSULTATION);
    let mut ids: Vec<_> = draft.items.iter().map(|item| item.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), draft.items.len());
}

#[test]
fn what_is_no_consultation_gives_no_note() {
    for text in [
        "D: Se pican tres cebollas y se fríen en aceite.\nP: Y luego el arroz, ¿verdad?",
        "D: The weather is lovely today.\nP: Indeed it is.",
        "P: Cielito lindo, los corazones.",
    ] {
        let draft = draft(text);
        assert!(
            draft.items.len() <= 1,
            "{text}: {:?}",
            draft.items.iter().map(|item| item.content.text()).collect::<Vec<_>>()
        );
    }
}

#[test]
fn impossible_numbers_do_not_become_vital_signs() {
    let draft = draft("D: Presión mil doscientos sobre ochenta, temperatura noventa, saturación doscientos.");
    assert!(!draft.items.iter().any(|item| item.section == SectionId::VITAL_SIGNS));
}

#[track_caller]
fn check(consultation: &str, written: &[&str], absent: &[&str]) {
    let note = scribe::wire::note_text(&draft(consultation));
    for sentence in written {
        assert!(note.contains(sentence), "{sentence:?} is missing in\n{note}");
    }
    for sentence in absent {
        assert!(!note.contains(sentence), "{sentence:?} is in\n{note}");
    }
}

#[test]
fn a_type_of_diabetes_is_no_blood_group_and_no_unit_is_made_up() {
    check(
        "D: ¿Trajo sus estudios?\nP: Sí, doctora.\n\
         D: El INR, dos punto seis. La albúmina en orina, veinticuatro. Potasio cuatro punto tres. \
         Glucosa ciento diez.\n\
         D: Su diabetes tipo dos está descontrolada.",
        &["INR: 2.6; albúmina en orina: 24; potasio: 4.3; glucosa: 110 mg/dl."],
        &["Grupo sanguíneo", " g/dl", "coagulación"],
    );
    check(
        "D: Aquí están sus estudios. Grupo sanguíneo O positivo.\nP: Gracias.",
        &["Grupo sanguíneo: O positivo."],
        &[],
    );
}

#[test]
fn a_medicine_gone_through_before_the_plan_is_not_prescribed_and_stands_once_in_the_plan() {
    let consultation = "D: ¿Qué está tomando?\n\
        P: La metformina de quinientos dos veces al día y la del colesterol.\n\
        D: La atorvastatina de veinte. ¿Se le olvida?\nP: A veces.\n\
        D: Bueno, lo reviso. Presión ciento treinta sobre ochenta.\nP: ¿Está bien?\n\
        D: Está bien. La atorvastatina se la subo a cuarenta miligramos, una en la noche, por noventa días. \
        Nos vemos en un mes.";
    check(consultation, &["Se ajusta atorvastatina 40 mg"], &["Atorvastatina 20 mg, vía oral"]);
    let lines = draft(consultation)
        .items
        .iter()
        .filter(|item| item.section == SectionId::TREATMENT)
        .filter(|item| item.content.text().to_lowercase().contains("atorvastatina"))
        .count();
    assert_eq!(lines, 1);
}

#[test]
fn a_stop_wins_over_a_continuation_of_the_same_medicine() {
    check(
        "D: ¿Qué toma?\nP: Glibenclamida de cinco en la mañana.\n\
         D: Lo reviso. Presión ciento veinte sobre ochenta.\nP: ¿Todo bien?\n\
         D: La glibenclamida sigue igual. No, pensándolo bien, la glibenclamida la suspendemos desde hoy. \
         Nos vemos en un mes.",
        &["Se suspende glibenclamida"],
        &["Continúa glibenclamida"],
    );
}

#[test]
fn denials_of_a_topic_read_as_one_sentence() {
    check(
        "D: ¿Qué le pasa?\nP: Me duele la rodilla.\nD: ¿Fiebre?\nP: No.\nD: ¿Tos?\nP: No.\n\
         D: ¿Vómito, diarrea?\nP: No, nada.\nD: ¿Hace ejercicio?\nP: No, nada.",
        &["Niega fiebre, tos, vómito y diarrea.", "No realiza ejercicio."],
        &["Niega ejercicio"],
    );
}

#[test]
fn what_was_asked_in_a_clause_stands_between_quotation_marks() {
    check(
        "D: ¿Mareo, se le engarruñan los dedos?\nP: No, nada de eso.",
        &["Niega mareo y «se le engarruñan los dedos»."],
        &[],
    );
}

#[test]
fn who_keeps_not_smoking_is_no_smoker() {
    check(
        "D: ¿Sigue sin fumar?\nP: Sí, ya van como diez años.",
        &["Tabaquismo suspendido."],
        &["Tabaquismo."],
    );
}

#[test]
fn one_normal_side_says_nothing_of_the_other_and_a_liquid_dose_is_not_its_strength() {
    check(
        "D: ¿Qué tiene?\nM: Le duele el oído.\n\
         D: Lo voy a revisar. Temperatura treinta y ocho. El oído izquierdo está normal.\nM: Ah.\n\
         D: Es una otitis media aguda. Le voy a dar amoxicilina en suspensión, de quinientos miligramos en cinco \
         mililitros. Le va a dar siete mililitros cada doce horas por siete días. Si a los dos días sigue con fiebre, \
         me lo trae. Si todo va bien, lo quiero ver en diez días.",
        &["oído izquierdo normal", "Amoxicilina 7 ml", "Cita en 10 días."],
        &["Oídos normales", "500 mg", "Cita en 2 días"],
    );
}

/// Pieces of consultations in any order: labels lost, punctuation lost, words cut.
fn turns() -> impl Strategy<Value = Vec<(u8, String)>> {
    let piece = prop_oneof![
        Just("¿Fiebre, tos?".to_owned()),
        Just("no".to_owned()),
        Just("Sí, mi mamá".to_owned()),
        Just("paracetamol de quinientos... no, perdón, de".to_owned()),
        Just("ciento veinte sobre".to_owned()),
        Just("Losartán, cincuenta, una cada".to_owned()),
        Just("me duele la la la rodilla izquierda desde hace".to_owned()),
        Just("y si le da, nos vemos en".to_owned()),
        Just("sin soplos ni, la garganta".to_owned()),
        Just("alergia a la".to_owned()),
        Just("¿¿?? ... ,,, ¡".to_owned()),
        Just("hemoglobina en, la otra vez estaba en".to_owned()),
        "[a-zñáéíóú ,.¿?]{0,30}",
        "\\PC{0,12}",
    ];
    proptest::collection::vec(
        (0_u8..4, proptest::collection::vec(piece, 1..4).prop_map(|pieces| pieces.join(" "))),
        0..10,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_transcript_makes_it_panic_and_every_item_cites_the_transcript(turns in turns()) {
        let speakers = [Speaker::Doctor, Speaker::Patient, Speaker::Companion, Speaker::Unknown];
        let transcript = Transcript {
            turns: turns.into_iter().map(|(speaker, text)| Turn { speaker: speakers[usize::from(speaker)], text }).collect(),
        };
        let draft = scribe::draft(&transcript).note(nom004::definition(DocumentKind::PROGRESS_NOTE));
        for item in &draft.items {
            prop_assert!(!item.evidence.is_empty());
            for evidence in &item.evidence {
                prop_assert!(transcript.quote(*evidence).is_some());
            }
        }
    }
}

#[test]
fn the_same_words_fill_the_historia_clinica_in_the_order_of_the_norm_and_leave_gaps_empty() {
    let talk = "D: ¿Qué la trae?\nP: Me duele la panza desde hace dos días y traigo náusea.\n\
        D: ¿Fiebre, diarrea?\nP: No.\nD: ¿Fuma?\nP: No fumo.\nD: ¿Su papá de qué padece?\nP: Mi papá es hipertenso.\n\
        D: La reviso. Temperatura treinta y siete. La garganta roja. El abdomen blando, doloroso en epigastrio. Pulmones limpios.\n\
        D: Lo que tiene es una gastritis. Le voy a dar omeprazol de veinte, una en ayunas por dos semanas.";
    let history = note(talk, DocumentKind::CLINICAL_HISTORY);
    let said = |id: &str| {
        let section = SectionId::new(id);
        history.section(&section).map(|item| item.content.text()).collect::<Vec<_>>().join(" ")
    };
    assert!(said("hc.ahf").contains("Padre"), "{}", said("hc.ahf"));
    assert!(said("hc.app_sustancias").contains("Niega tabaquismo"));
    assert!(said("hc.padecimiento_actual").contains("náusea"));
    assert!(said("hc.aparatos_sistemas").contains("Niega fiebre y diarrea"));
    assert!(said("hc.sv_temp").contains("37"));
    assert!(said("hc.ef_abdomen").contains("blando"), "{}", said("hc.ef_abdomen"));
    assert!(!said("hc.ef_torax").is_empty() && !said("hc.ef_cabeza").is_empty());
    assert!(said("hc.diagnosticos").contains("Gastritis"));
    let written = scribe::wire::note_text(&history);
    assert!(written.contains("Falta la exploración de genitales."), "{written}");
    assert_eq!(said("hc.ef_genitales"), "");
}

#[test]
fn a_disease_told_by_its_type_is_not_told_again_without_it() {
    check(
        "D: ¿Desde cuándo es diabético?\nP: Soy diabético desde hace ocho años.\nD: ¿Otras enfermedades?\n\
         P: Pues la diabetes tipo dos y la presión.\nD: Ajá.",
        &["diabetes mellitus tipo 2"],
        &["Antecedente de diabetes mellitus.", "diabetes mellitus y"],
    );
}
