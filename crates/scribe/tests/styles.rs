//! The styles of a note: the same facts on the same words in all of them, and nothing of the physician's lost between them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clinical::document::DocumentKind;
use clinical::draft::{DraftNote, ItemContent, Origin, Review, SectionId};
use clinical::preference::Manner;
use clinical::transcript::{Evidence, Transcript, Turn};
use scribe::style::Style;

fn style(manner: Manner) -> Style {
    Style { manner, ..Style::default() }
}

fn told(text: &str) -> Transcript {
    scribe::parse::transcript(text.as_bytes()).unwrap()
}

fn note_of(transcript: &Transcript, kind: DocumentKind, manner: Manner) -> DraftNote {
    scribe::draft_in_style(transcript, &style(manner)).note(nom004::definition(kind))
}

fn note(transcript: &Transcript, manner: Manner) -> DraftNote {
    note_of(transcript, DocumentKind::PROGRESS_NOTE, manner)
}

fn texts(note: &DraftNote, section: &str) -> Vec<String> {
    note.section(&SectionId::new(section)).map(|item| item.content.text()).collect()
}

fn consultations() -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/consultations");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    json.map(|path| scribe::parse::transcript(&fs::read(path).unwrap()).unwrap()).collect()
}

fn cited(note: &DraftNote) -> BTreeSet<Evidence> {
    note.items.iter().flat_map(|item| item.evidence.iter().copied()).collect()
}

fn filled(note: &DraftNote) -> BTreeSet<&SectionId> {
    note.items.iter().map(|item| &item.section).collect()
}

#[test]
fn every_style_cites_the_same_words_and_fills_the_same_sections() {
    let (mut complete_items, mut brief_items) = (0, 0);
    let documents: Vec<_> =
        nom004::definitions().iter().filter(|document| document.is_of_a_conversation()).collect();
    for transcript in consultations() {
        let [complete, brief, by_problem] =
            Manner::ALL.map(|manner| scribe::draft_in_style(&transcript, &style(manner)));
        for document in &documents {
            let complete = complete.note(document);
            for other in [brief.note(document), by_problem.note(document)] {
                assert!(cited(&complete).is_subset(&cited(&other)), "{} {:?}", document.title, other.manner);
                assert_eq!(filled(&complete), filled(&other), "{} {:?}", document.title, other.manner);
                assert!(other.items.iter().all(|item| !item.evidence.is_empty()));
                assert_eq!(complete.doubts, other.doubts);
            }
            complete_items += complete.items.len();
            brief_items += brief.note(document).items.len();
        }
    }
    assert!(brief_items * 10 < complete_items * 9, "{brief_items} of {complete_items}");
}

#[test]
fn every_sentence_of_every_style_passes_the_guard() {
    for transcript in consultations() {
        for manner in Manner::ALL {
            for item in note(&transcript, manner).items {
                // A region of the body heads its signs and is not claimed.
                if item.section == SectionId::EXAMINATION {
                    continue;
                }
                let turns: BTreeSet<usize> = item.evidence.iter().map(|evidence| evidence.turn).collect();
                let turns: Vec<Turn> = turns.iter().map(|turn| transcript.turns[*turn].clone()).collect();
                let verdict = scribe::guard::check(&item.content.text(), &turns);
                assert!(verdict.supported, "{manner:?} {:?} {:?}", item.content.text(), verdict.reasons);
            }
        }
    }
}

const VISIT: &str = "D: ¿Qué le pasa?\nP: Me duele la garganta desde ayer.\nD: ¿Fiebre?\nP: No.\nD: ¿Tos?\nP: No, nada.\n\
    D: ¿Y además de eso?\nP: Tengo diarrea.\nD: Vamos a revisarla. Presión ciento cuarenta y seis sobre noventa y dos.\n\
    D: Faringe hiperémica. Pulmones limpios. Abdomen blando, sin dolor.\n\
    D: Tiene una faringitis aguda, y la hipertensión arterial no está controlada.\n\
    D: Para la presión alta, losartán de cien miligramos, una tableta al día, y le pido creatinina.\n\
    D: Paracetamol de quinientos miligramos, una tableta cada ocho horas.\nD: También le pido un potasio.";

#[test]
fn brief_says_in_one_sentence_what_belongs_together() {
    let brief = note(&told(VISIT), Manner::Brief);
    let evolution = texts(&brief, "ev.evolucion");
    assert!(
        evolution[0].starts_with("Refiere odinofagia") && evolution[0].contains("; diarrea"),
        "{evolution:?}"
    );
    assert!(!evolution.iter().any(|text| text.starts_with("Motivo de la consulta")), "{evolution:?}");
    let examination = texts(&brief, "ev.exploracion");
    assert_eq!(examination.len(), 2, "what stands out, and the rest: {examination:?}");
    assert!(texts(&brief, "ev.tratamiento").contains(&"Se solicita creatinina y potasio.".to_owned()));
    let complete = note(&told(VISIT), Manner::Complete);
    assert!(texts(&complete, "ev.exploracion").len() > 2);
    // A historia clínica has a section for each region, and all of them stay filled.
    let history = note_of(&told(VISIT), DocumentKind::CLINICAL_HISTORY, Manner::Brief);
    assert!(!texts(&history, "hc.ef_abdomen").is_empty() && !texts(&history, "hc.ef_torax").is_empty());
}

#[test]
fn by_problem_tells_with_a_diagnosis_what_was_said_to_be_for_it_and_nothing_else() {
    let note = note(&told(VISIT), Manner::ByProblem);
    let diagnoses = texts(&note, "ev.diagnosticos");
    let about = diagnoses.iter().position(|text| text.starts_with("Hipertensión arterial:")).unwrap();
    assert!(diagnoses[about].contains("losartán") && diagnoses[about].contains("solicitar creatinina"));
    assert!(
        !diagnoses[about].contains("paracetamol") && !diagnoses[about].contains("potasio"),
        "{diagnoses:?}"
    );
    assert!(diagnoses[about - 1].starts_with("Hipertensión arterial"), "behind its diagnosis: {diagnoses:?}");
    assert!(
        !diagnoses.iter().any(|text| text.starts_with("Faringitis aguda:")),
        "nobody said what is for it"
    );
    // The plan keeps its lines, those of the problem first: the receta needs them and names no diagnosis.
    let plan = texts(&note, "ev.tratamiento");
    assert!(
        plan[0].contains("osartán") && plan.iter().any(|text| text.starts_with("Paracetamol")),
        "{plan:?}"
    );
    assert!(!plan.iter().any(|text| text.contains("Hipertensión")), "{plan:?}");
}

#[test]
fn a_plan_is_of_no_problem_where_the_words_leave_it_open() {
    for plan in [
        "D: Le dejo losartán de cincuenta miligramos al día y metformina de ochocientos cincuenta al día.",
        "D: Para la diabetes y la presión alta, losartán de cincuenta miligramos al día.",
        "D: Para el dolor, paracetamol de quinientos miligramos cada ocho horas.",
        "D: Para la diabetes vamos a seguir la dieta. El losartán de cincuenta miligramos sigue igual.",
    ] {
        let talk = format!(
            "D: ¿Cómo va?\nP: Bien.\nD: Tiene diabetes mellitus tipo 2 e hipertensión arterial.\n{plan}"
        );
        let diagnoses = texts(&note(&told(&talk), Manner::ByProblem), "ev.diagnosticos");
        assert!(
            diagnoses.len() >= 2 && !diagnoses.iter().any(|text| text.contains(": ")),
            "{plan}: {diagnoses:?}"
        );
    }
}

#[test]
fn a_note_written_again_keeps_what_the_physician_decided_and_says_nothing_twice() {
    let transcript = told(VISIT);
    let mut old = note(&transcript, Manner::Complete);
    let find = |old: &DraftNote, words: &str| {
        old.items.iter().position(|item| item.content.text().contains(words)).unwrap()
    };
    let (denied, rx, potassium) = (find(&old, "Niega"), find(&old, "Paracetamol"), find(&old, "potasio"));
    let (original, edited) = (old.items[denied].content.text(), "Niega fiebre, tos y escalofrío.");
    old.items[denied].content = ItemContent::Statement { text: edited.into() };
    old.items[denied].origin = Origin::Edited { original };
    old.items[rx].review = Review::Accepted;
    old.items[potassium].review = Review::Discarded;
    let kept: Vec<_> = [denied, rx, potassium].map(|at| old.items[at].clone()).into();

    let brief = scribe::rewritten(&transcript, &style(Manner::Brief), &old);
    assert_eq!(brief.manner, Manner::Brief);
    for item in &kept {
        assert!(brief.items.contains(item), "{item:?}");
    }
    let count = |words: &str| brief.items.iter().filter(|item| item.content.text().contains(words)).count();
    assert_eq!([count("Niega fiebre"), count("Paracetamol"), count("otasio"), count("creatinina")], [1; 4]);
    assert!(texts(&brief, "ev.evolucion").iter().any(|text| text.contains("; diarrea")));

    // What was accepted as one sentence is not proposed again in parts.
    let mut joined = brief.clone();
    let told_once = find(&joined, "; diarrea");
    joined.items[told_once].review = Review::Accepted;
    let complete = scribe::rewritten(&transcript, &style(Manner::Complete), &joined);
    let diarrhoea = complete.items.iter().filter(|item| item.content.text().contains("diarrea"));
    assert_eq!(diarrhoea.count(), 1);

    // Untouched, it comes back as it was.
    let untouched = note(&transcript, Manner::Complete);
    let there = scribe::rewritten(&transcript, &style(Manner::Brief), &untouched);
    let back = scribe::rewritten(&transcript, &style(Manner::Complete), &there);
    assert_eq!(back, untouched);
}
