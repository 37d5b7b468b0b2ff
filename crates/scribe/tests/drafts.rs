//! The draft: in the order of the norm, every item with its evidence, nothing invented, and never a panic.

#![allow(clippy::expect_used, reason = "helpers of tests fail the test")]

use clinical::draft::{Review, SectionId};
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

fn draft(text: &str) -> scribe::Draft {
    scribe::draft(&scribe::parse::transcript(text.as_bytes()).expect("a readable transcript"))
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
        let draft = scribe::draft(&transcript);
        for item in &draft.items {
            prop_assert!(!item.evidence.is_empty());
            for evidence in &item.evidence {
                prop_assert!(transcript.quote(*evidence).is_some());
            }
        }
    }
}
