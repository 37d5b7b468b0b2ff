//! What the learned model adds to the rules, and what it may never do.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::path::Path;

use clinical::transcript::{Speaker, Transcript, Turn};
use scribe::facts::{ClinicalFact, FactKind, Polarity};
use scribe::learned::facts::{CLASSES, Model, Pick, complete_with, pick, spots};
use scribe::scene::Scene;

fn transcript(turns: &[(Speaker, &str)]) -> Transcript {
    let turns = turns.iter().map(|(speaker, text)| Turn { speaker: *speaker, text: (*text).to_owned() });
    Transcript { turns: turns.collect() }
}

use Speaker::{Doctor as D, Patient as P};

#[test]
fn complaints_in_words_no_lexicon_has_are_understood_from_what_stands_around_them() {
    let visits = [
        vec![
            (D, "Buenas tardes."),
            (P, "Traigo un bordo en la ingle que se sale cuando cargo."),
            (D, "¿Desde cuándo?"),
            (P, "Desde hace un mes."),
            (D, "¿Se le sofoca el ánimo?"),
            (P, "No, doctora."),
            (D, "Vamos a revisar. Abdomen blando."),
            (D, "Le voy a pedir una gammagrafía."),
            (P, "Está bien."),
        ],
        vec![
            (D, "¿Qué pasó?"),
            (P, "Se me entiesa la nuca y me chorrea la baba."),
            (D, "¿Se le acorchan los labios, se le tuerce el gesto?"),
            (P, "No."),
            (D, "Voy a pedirle una cistometría."),
            (P, "Bueno."),
            (D, "Y se me va a la clínica de marcha."),
        ],
    ];
    let mut understood = 0;
    for turns in visits {
        let said = transcript(&turns);
        let rules = scribe::extract::facts(&said);
        let draft = scribe::draft(&said);
        let complaint = |fact: &&ClinicalFact| fact.kind == FactKind::Symptom && !rules.contains(fact);
        understood += draft.facts.iter().filter(complaint).count();
    }
    assert!(understood > 0, "the rules know these words by now, or the weights are of other features");
}

/// A model that is sure of one class everywhere.
fn sure_of(code: &str) -> (usize, Model) {
    let class = CLASSES.iter().position(|class| class.code == code).unwrap();
    let mut model = Model::empty();
    for bucket in 0..scribe::learned::facts::BUCKETS {
        model.set(bucket, class, 1.0);
    }
    model.set_threshold(class, 0.5);
    (class, model)
}

#[test]
fn no_score_turns_a_no_into_a_yes_or_a_relative_into_the_patient() {
    let said = transcript(&[
        (D, "¿Se le engarrota la quijada, ve chispitas?"),
        (P, "No, nada de eso. Bordos en el cuello no tengo."),
        (D, "¿Algo más?"),
        (P, "Mi hermana tiene el mal del pinto."),
    ]);
    let scene = Scene::new(&said);
    for code in ["symptom", "history.pathological"] {
        let (class, model) = sure_of(code);
        let facts = complete_with(&scene, Vec::new(), &model);
        for fact in facts.iter().filter(|fact| fact.kind == CLASSES[class].kind) {
            for word in ["quijada", "chispitas", "bordos", "pinto"] {
                assert!(!fact.name.contains(word), "{code}: {}", fact.name);
            }
        }
    }
    let (_, model) = sure_of("denied_symptom");
    let denied = complete_with(&scene, Vec::new(), &model);
    assert!(denied.iter().any(|fact| fact.name == "fosfenos"), "{denied:?}");
    assert!(denied.iter().all(|fact| fact.polarity == Polarity::Denied), "{denied:?}");
}

#[test]
fn a_medicine_or_a_bare_part_of_the_body_is_no_complaint_however_sure_the_model_is() {
    let said = transcript(&[(D, "¿Qué tal?"), (P, "Tomo losartán. Las piernas, la rodilla.")]);
    let (_, model) = sure_of("symptom");
    let facts = complete_with(&Scene::new(&said), Vec::new(), &model);
    for word in ["losart", "piernas", "rodilla"] {
        assert!(facts.iter().all(|fact| fact.name != word && !fact.name.contains("losart")), "{facts:?}");
    }
}

#[test]
fn what_the_rules_found_stays_and_is_not_read_twice() {
    let said = transcript(&[(D, "¿Tiene fiebre?"), (P, "Sí, y tos desde hace tres días.")]);
    let scene = Scene::new(&said);
    let rules = scribe::extract::from_scene(&scene);
    assert!(rules.iter().any(|fact| fact.name == "tos"), "{rules:?}");
    let (_, model) = sure_of("finding.present");
    let all = complete_with(&scene, rules.clone(), &model);
    assert!(rules.iter().all(|fact| all.contains(fact)), "{all:?}");
    let found = spots(&scene, &rules);
    let picks: Vec<Pick> = pick(&found, |features| model.score(features));
    assert!(picks.iter().all(|pick| !found[pick.spot].covered));
}

/// The consultations written to learn from, as transcripts.
fn consultations() -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/anotadas/ajuste");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| scribe::parse::transcript(&std::fs::read(file).unwrap()).unwrap();
    files.iter().step_by(4).map(read).collect()
}

#[test]
fn every_fact_that_is_added_cites_the_words_it_is_made_of_and_comes_out_the_same_again() {
    let mut added = 0;
    for said in consultations() {
        let scene = Scene::new(&said);
        let rules = scribe::extract::from_scene(&scene);
        let all = scribe::learned::facts::complete(&scene, rules.clone());
        assert_eq!(all, scribe::learned::facts::complete(&scene, rules.clone()));
        for fact in all.iter().filter(|fact| !rules.contains(fact)) {
            added += 1;
            assert!(!fact.evidence.is_empty());
            for evidence in &fact.evidence {
                assert!(said.quote(*evidence).is_some_and(|words| !words.is_empty()), "{fact:?}");
            }
            assert!((0.0..=1.0).contains(&fact.confidence));
        }
    }
    assert!(added > 10, "{added} facts added");
}
