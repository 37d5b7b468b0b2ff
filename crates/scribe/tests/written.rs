//! A writer nobody vouches for, against the draft: what it makes up, turns round or swaps is not in the draft, whatever
//! it cites; what it says again in other words does no harm.

use clinical::document::DocumentKind;
use clinical::draft::DraftNote;
use clinical::transcript::{Speaker, Transcript, Turn};
use scribe::scene::Scene;
use scribe::written::{Judge, Outcome, Sentence};

use Speaker::{Doctor as D, Patient as P};

const VISIT: &[(Speaker, &str)] = &[
    (D, "¿Qué le pasa?"),
    (
        P,
        "Me duele la rodilla derecha desde hace dos semanas, sobre todo al subir escaleras. Empezó cargando cajas en la mudanza.",
    ),
    (D, "¿Ha tenido fiebre o se le ha hinchado?"),
    (P, "No, nada de eso."),
    (D, "¿Toma algún medicamento?"),
    (P, "Paracetamol, uno de quinientos cuando me duele mucho."),
    (D, "¿Enfermedades en la familia?"),
    (P, "Mi mamá es diabética."),
    (D, "Le voy a dar naproxeno de doscientos cincuenta, uno cada doce horas por cinco días."),
];

fn transcript(turns: &[(Speaker, &str)]) -> Transcript {
    let turn = |(speaker, text): &(Speaker, &str)| Turn { speaker: *speaker, text: (*text).to_owned() };
    Transcript { turns: turns.iter().map(turn).collect() }
}

fn note(draft: &scribe::Draft) -> DraftNote {
    draft.note(nom004::definition(DocumentKind::PROGRESS_NOTE))
}

fn draft_with(transcript: &Transcript, sentences: &[Sentence]) -> (DraftNote, Vec<Outcome>) {
    let (draft, outcomes) = scribe::draft_with(transcript, sentences, &scribe::style::Style::default());
    (note(&draft), outcomes)
}

fn sentence(text: &str, turns: &[usize]) -> Sentence {
    Sentence { text: text.to_owned(), turns: turns.to_vec() }
}

#[test]
fn nothing_made_up_turned_round_or_swapped_stands_in_the_draft() {
    let everything: Vec<usize> = (0..8).collect();
    let lies = [
        ("Refiere fiebre.", vec![2, 3]),
        // The answer that denies it is read with the question, cited or not.
        ("Refiere fiebre.", vec![2]),
        ("Dolor de rodilla izquierda de 2 semanas de evolución.", vec![1]),
        ("Dolor de rodilla derecha de 12 semanas de evolución.", vec![1]),
        ("Dolor de cadera derecha de 2 semanas de evolución.", vec![1]),
        ("Niega dolor de rodilla.", vec![1]),
        ("Paracetamol 1000 mg cuando hay dolor.", vec![5]),
        ("Toma ibuprofeno de 500 mg.", vec![5]),
        ("Antecedente de diabetes mellitus.", vec![6, 7]),
        ("Padre con diabetes mellitus.", vec![6, 7]),
        ("Naproxeno 500 mg cada 12 horas.", vec![8]),
        ("Naproxeno 250 mg cada 8 horas por 5 días.", vec![8]),
        ("Alergia a la penicilina.", vec![4, 5]),
        ("Tensión arterial 120/80 mmHg.", vec![1]),
        ("Dolor de rodilla derecha con bloqueo articular.", vec![1]),
        ("Dolor de rodilla derecha que irradia al pie.", vec![1]),
        ("Dolor de rodilla derecha secundario a caída.", vec![1]),
        ("El paciente es un hombre de 54 años.", everything.clone()),
        ("Se recomienda cirugía.", everything.clone()),
        ("The patient has knee pain.", vec![1]),
        ("Refiere fiebre.", vec![]),
        ("Dolor de rodilla derecha.", vec![900]),
        ("", vec![1]),
    ];
    let transcript = transcript(VISIT);
    let alone = note(&scribe::draft(&transcript));
    for (text, turns) in lies {
        let (draft, outcomes) = draft_with(&transcript, &[sentence(text, &turns)]);
        assert!(
            matches!(outcomes[..], [Outcome::Refused(ref why)] if !why.is_empty()),
            "{text}: {outcomes:?}"
        );
        assert_eq!(draft.items, alone.items, "{text}");
        assert_eq!(draft.doubts, alone.doubts, "{text}");
    }
}

#[test]
fn what_was_said_is_added_once_in_its_section_with_the_words_it_rests_on() {
    let transcript = transcript(VISIT);
    let told = sentence("dolor de rodilla derecha, empezó cargando cajas en la mudanza", &[1]);
    let (draft, outcomes) = draft_with(&transcript, &[told.clone(), told]);
    assert_eq!(outcomes, [Outcome::Added, Outcome::Repeated]);
    let at = draft
        .items
        .iter()
        .position(|item| {
            item.content.text() == "Dolor de rodilla derecha, empezó cargando cajas en la mudanza."
        })
        .unwrap();
    let item = &draft.items[at];
    assert_eq!(item.section.to_string(), "ev.evolucion");
    assert!(item.evidence.iter().all(|evidence| evidence.turn == 1) && !item.evidence.is_empty());
    assert!(
        draft.items[at + 1..].iter().all(|other| other.section != item.section),
        "behind those of its section"
    );
    let ids: std::collections::HashSet<_> = draft.items.iter().map(|item| item.id).collect();
    assert_eq!(ids.len(), draft.items.len());
}

#[test]
fn what_the_draft_has_already_and_what_is_kept_as_structure_is_not_added() {
    let transcript = transcript(VISIT);
    let alone = note(&scribe::draft(&transcript));
    let again = [
        sentence("Niega fiebre.", &[3]),
        sentence("Madre con diabetes mellitus.", &[6, 7]),
        sentence("Naproxeno 250 mg cada 12 horas por 5 días.", &[8]),
    ];
    let (draft, outcomes) = draft_with(&transcript, &again);
    assert_eq!(outcomes, [Outcome::Repeated, Outcome::Repeated, Outcome::Repeated]);
    assert_eq!((draft.items, draft.doubts), (alone.items, alone.doubts));
}

/// Sentences of true notes and the same with a seeded error; `../shared` is not part of the repository.
#[test]
fn no_seeded_error_with_a_drug_a_dose_a_number_or_a_negation_survives() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/guard/guard_dev.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let (mut wrong, mut caught, mut right, mut kept) = (0, 0, 0, 0);
    let mut survivors = Vec::new();
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let turns = case["turns"].as_array().unwrap().iter().map(|turn| Turn {
            speaker: match turn["speaker"].as_str().unwrap() {
                "doctor" => D,
                "patient" => P,
                "companion" => Speaker::Companion,
                _ => Speaker::Unknown,
            },
            text: turn["text"].as_str().unwrap().to_owned(),
        });
        let transcript = Transcript { turns: turns.collect() };
        let scene = Scene::new(&transcript);
        let mut judge = Judge::new(&scene);
        for given in case["sentences"].as_array().unwrap() {
            let text = given["text"].as_str().unwrap();
            let turns: Vec<usize> = given["evidence_turns"]
                .as_array()
                .unwrap()
                .iter()
                .map(|turn| turn.as_u64().unwrap() as usize)
                .collect();
            let verdict = judge.judge(&sentence(text, &turns));
            if given["gold"]["supported"].as_bool().unwrap() {
                right += 1;
                kept += usize::from(verdict.is_ok());
            } else {
                wrong += 1;
                caught += usize::from(verdict.is_err());
                if verdict.is_ok() {
                    survivors.push(format!("{} {text}", given["gold"]["category"]));
                }
            }
        }
    }
    println!(
        "{caught} of {wrong} seeded errors refused; {kept} of {right} true sentences could be used\n{survivors:#?}"
    );
    assert!(survivors.is_empty(), "{survivors:#?}");
    assert!(kept * 3 >= right, "a judge that refuses everything is no use: {kept} of {right}");
}
