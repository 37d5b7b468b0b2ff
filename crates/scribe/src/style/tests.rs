//! What is learnt, what is followed, and what is left as it was.

use clinical::document::DocumentKind;
use clinical::draft::{DraftNote, ItemContent, Origin, SectionId};

use super::{Order, Style, Topic, Wording, is_wording, learn, learn_order, topic};
use crate::draft_in_style;

fn words(proposed: &str, written: &str) -> Vec<(String, String)> {
    learn(proposed, written).into_iter().map(|wording| (wording.before, wording.after)).collect()
}

#[track_caller]
fn learns(proposed: &str, written: &str, expected: &[(&str, &str)]) {
    let found = words(proposed, written);
    let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(found, expected, "{proposed:?} -> {written:?}");
}

#[test]
fn other_words_for_the_same_are_learnt() {
    learns("Refiere cefalea.", "Comenta cefalea.", &[("refiere", "comenta")]);
    learns("Refiere cefalea.", "Refiere dolor de cabeza.", &[("cefalea", "dolor de cabeza")]);
    learns("Refiere cefalea.", "Paciente que refiere cefalea.", &[("refiere", "paciente que refiere")]);
    learns("Niega fiebre y tos.", "Sin fiebre y tos.", &[("niega", "sin")]);
    learns(
        "Refiere cefalea de 3 días de evolución.",
        "Comenta dolor de cabeza desde hace 3 días.",
        &[
            ("cefalea", "dolor de cabeza"),
            ("refiere", "comenta"),
            ("de # días de evolución", "desde hace # días"),
        ],
    );
}

#[test]
fn a_change_of_a_fact_teaches_nothing() {
    for (proposed, written) in [
        ("Refiere cefalea.", "Niega cefalea."),
        ("Refiere cefalea.", "Comenta dolor abdominal."),
        ("Refiere cefalea de 3 días de evolución.", "Comenta cefalea de 5 días de evolución."),
        ("Refiere cefalea de 3 días de evolución.", "Comenta cefalea de 3 semanas de evolución."),
        ("Refiere dolor en rodilla derecha.", "Comenta dolor en rodilla izquierda."),
        ("Toma losartán 50 mg cada 12 horas.", "Consume losartán 100 mg cada 12 horas."),
        ("Toma losartán 50 mg cada 12 horas.", "Toma valsartán 50 mg cada 12 horas."),
        ("Madre con antecedente de diabetes mellitus.", "Antecedente de diabetes mellitus."),
        ("Refiere tos y fiebre.", "Comenta tos."),
        ("Niega fiebre.", "Fiebre."),
        ("Antecedente de neumonía.", "Presenta neumonía."),
    ] {
        assert_eq!(words(proposed, written), [], "{proposed:?} -> {written:?}");
    }
}

#[test]
fn a_word_that_adds_something_is_no_wording() {
    learns("Refiere cefalea.", "Refiere cefalea intensa.", &[]);
    learns("Refiere cefalea.", "Refiere súbitamente cefalea.", &[]);
    assert!(!is_wording("refiere", "refiere dolor intenso"));
    assert!(!is_wording("paracetamol", "tempra"));
    assert!(!is_wording("niega", "refiere"));
    assert!(!is_wording("de # días", "de # semanas"));
    assert!(!is_wording("de", "con"));
    assert!(is_wording("refiere", "manifiesta"));
}

#[test]
fn the_patients_own_words_are_left_alone() {
    learns("Refiere «se me va la cabeza».", "Refiere «se me nubla la cabeza».", &[]);
    let tells = Wording { before: "refiere".to_owned(), after: "comenta".to_owned() };
    assert_eq!(tells.put_into("Dijo «el doctor refiere eso»."), None);
}

#[test]
fn words_are_put_into_a_sentence_as_often_as_they_stand_there_and_never_twice() {
    let put = |before: &str, after: &str, sentence: &str| {
        Wording { before: before.to_owned(), after: after.to_owned() }.put_into(sentence)
    };
    assert_eq!(put("refiere", "comenta", "Refiere tos.").as_deref(), Some("Comenta tos."));
    assert_eq!(
        put("de # días de evolución", "desde hace # días", "Tos de 10 días de evolución.").as_deref(),
        Some("Tos desde hace 10 días.")
    );
    let longer = "paciente que refiere";
    assert_eq!(put("refiere", longer, "Refiere tos.").as_deref(), Some("Paciente que refiere tos."));
    assert_eq!(put("refiere", longer, "Paciente que refiere tos."), None);
    assert_eq!(put("refiere", "comenta", "Refieren tos."), None);
}

const TALK: &str = "D: ¿Qué le pasa?\nP: Me duele la cabeza desde hace tres días.\nD: ¿Fiebre?\nP: No, nada.\n\
                    D: ¿Alguien en su familia con diabetes?\nP: Sí, mi mamá.";

fn drafted(style: &Style) -> DraftNote {
    let draft = draft_in_style(&crate::parse::transcript(TALK.as_bytes()).unwrap(), style);
    draft.note(nom004::definition(DocumentKind::PROGRESS_NOTE))
}

fn texts(draft: &DraftNote) -> Vec<String> {
    draft.items.iter().map(|item| item.content.text()).collect()
}

#[test]
fn a_draft_follows_wording_and_order_and_keeps_what_was_composed() {
    let plain = drafted(&Style::default());
    assert!(plain.items.iter().all(|item| item.plain.is_none()));
    let wording = |before: &str, after: &str| Wording { before: before.into(), after: after.into() };
    let order = Order { section: SectionId::EVOLUTION, first: Topic::Family, then: Topic::Symptoms };
    let style = Style {
        wordings: vec![wording("refiere", "comenta"), wording("cefalea", "dolor de cabeza")],
        orders: vec![order.clone()],
        ..Style::default()
    };
    let own = drafted(&style);
    assert_eq!(own.items.len(), plain.items.len());
    let said = texts(&own);
    assert!(said[0].starts_with("Motivo") && said[1].starts_with("Madre con antecedente"), "{said:?}");
    assert!(said.iter().any(|text| text.starts_with("Comenta dolor de cabeza")), "{said:?}");
    let item = own.items.iter().find(|item| item.plain.is_some()).unwrap();
    assert!(texts(&plain).contains(item.plain.as_ref().unwrap()));
    assert_eq!(item.origin, Origin::Proposed);
    let section: Vec<_> = own.items.iter().collect();
    assert_eq!(learn_order(&SectionId::EVOLUTION, &section), std::slice::from_ref(&order));
    let composed: Vec<_> = plain.items.iter().collect();
    assert!(order.is_undone_by(&composed) && !order.is_undone_by(&section));
    assert!(learn_order(&SectionId::EVOLUTION, &composed).is_empty());
}

#[test]
fn a_preference_that_would_change_a_fact_is_not_followed() {
    let plain = texts(&drafted(&Style::default()));
    for (before, after) in [
        ("niega", "refiere"),
        ("refiere", "niega"),
        ("madre", "padre"),
        ("cefalea", "dolor abdominal"),
        ("# días", "30 días"),
        ("fiebre", "fiebre y tos"),
        ("madre con antecedente", "antecedente"),
    ] {
        let wordings = vec![Wording { before: before.into(), after: after.into() }];
        let written = texts(&drafted(&Style { wordings, ..Style::default() }));
        assert_eq!(written, plain, "{before} -> {after}");
    }
}

#[test]
fn what_the_composer_writes_has_a_topic_in_its_order() {
    let draft = drafted(&Style::default());
    let topics: Vec<Topic> = draft.items.iter().filter_map(topic).collect();
    assert_eq!(topics, [Topic::Symptoms, Topic::Denied, Topic::Family]);
    assert!(draft.items.iter().all(|item| !matches!(item.content, ItemContent::Row { .. })));
}
