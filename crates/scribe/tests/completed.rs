//! What the learned models make of the rules' facts, and what they may never do.

use std::path::Path;

use clinical::transcript::{Speaker, Transcript, Turn};
use scribe::facts::{ClinicalFact, FactKind, Polarity};
use scribe::learned::facts::{CLASSES, CODES, complete, reading, spots};
use scribe::learned::linear::{BUCKETS, Model};
use scribe::learned::{medicines, signs};
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
fn sure(codes: &[&'static str], class: usize) -> Model {
    let mut model = Model::empty(codes);
    for bucket in 0..BUCKETS {
        model.set(bucket, class, 1.0);
    }
    model.set_thresholds(class, 0.5, 0.0);
    model
}

/// The same, by the name of the class.
fn sure_of(code: &str) -> (usize, Model) {
    let class = CLASSES.iter().position(|class| class.code == code).unwrap();
    (class, sure(&CODES, class))
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
        let facts = complete(&scene, Vec::new(), &model);
        for fact in facts.iter().filter(|fact| fact.kind == CLASSES[class].kind) {
            for word in ["quijada", "chispitas", "bordos", "pinto"] {
                assert!(!fact.name.contains(word), "{code}: {}", fact.name);
            }
        }
    }
    let (_, model) = sure_of("denied_symptom");
    let denied = complete(&scene, Vec::new(), &model);
    assert!(denied.iter().any(|fact| fact.name == "fosfenos"), "{denied:?}");
    assert!(denied.iter().all(|fact| fact.polarity == Polarity::Denied), "{denied:?}");
}

#[test]
fn a_medicine_or_a_bare_part_of_the_body_is_no_complaint_however_sure_the_model_is() {
    let said = transcript(&[(D, "¿Qué tal?"), (P, "Tomo losartán. Las piernas, la rodilla.")]);
    let (_, model) = sure_of("symptom");
    let facts = complete(&Scene::new(&said), Vec::new(), &model);
    for word in ["losart", "piernas", "rodilla"] {
        assert!(facts.iter().all(|fact| fact.name != word && !fact.name.contains("losart")), "{facts:?}");
    }
}

#[test]
fn what_the_rules_found_is_not_read_twice_and_goes_only_where_the_model_refuses_it() {
    let said = transcript(&[(D, "¿Tiene fiebre?"), (P, "Sí, y tos desde hace tres días.")]);
    let scene = Scene::new(&said);
    let rules = scribe::extract::from_scene(&scene);
    let cough = |facts: &[ClinicalFact]| {
        facts.iter().filter(|fact| fact.kind == FactKind::Symptom && fact.name.contains("tos")).count()
    };
    assert_eq!(cough(&rules), 1, "{rules:?}");
    let (class, mut model) = sure_of("symptom");
    assert_eq!(cough(&complete(&scene, rules.clone(), &model)), 1, "no second wording of it");
    let found = spots(&scene, &rules);
    let seen = reading(&found, &rules, |features| model.score(features));
    assert!(seen.rules.iter().flatten().all(|score| *score > 0.5), "{seen:?}");
    model.set_thresholds(class, 1.1, 1.1);
    assert_eq!(cough(&complete(&scene, rules, &model)), 0, "what is not believed does not stand");
}

#[test]
fn the_last_of_repeated_measures_holds_and_no_number_outside_its_range_is_a_sign() {
    let said = transcript(&[
        (D, "Presión ciento cuarenta con noventa. Va de nuevo: ciento treinta y dos, ochenta y cuatro."),
        (D, "Pulso de quinientos, es un decir."),
    ]);
    let scene = Scene::new(&said);
    let values = |code: &str| {
        let sign = signs::SIGNS.iter().position(|sign| *sign == code).unwrap();
        let facts = signs::complete(&scene, Vec::new(), &sure(&signs::SIGNS, sign));
        facts.iter().map(|fact| (fact.name.clone(), fact.attributes.value.unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(values("bp"), [("bp_systolic".to_owned(), 132.0), ("bp_diastolic".to_owned(), 84.0)]);
    assert!(values("hr").iter().all(|(_, value)| *value < 230.0));
}

#[test]
fn signs_that_are_not_named_are_read_from_their_values() {
    let said = transcript(&[
        (D, "Venga, lo reviso. Súbase a la báscula."),
        (
            D,
            "Noventa y cuatro kilos, uno ochenta y uno. Presión ciento treinta ochenta y dos, pulso setenta y dos, noventa y siete de oxígeno.",
        ),
        (P, "¿Está bien?"),
    ]);
    let draft = scribe::draft(&said);
    let mut values: Vec<(String, f64)> = draft
        .facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Vital)
        .map(|fact| (fact.name.clone(), fact.attributes.value.unwrap()))
        .collect();
    values.sort_by(|a, b| a.0.cmp(&b.0));
    let wanted = [
        ("bp_diastolic", 82.0),
        ("bp_systolic", 130.0),
        ("height_m", 1.81),
        ("hr", 72.0),
        ("spo2", 97.0),
        ("weight_kg", 94.0),
    ];
    assert_eq!(values, wanted.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn a_medicine_that_is_stopped_is_never_prescribed_however_sure_the_model_is() {
    let said = transcript(&[
        (P, "Tomo glibenclamida."),
        (
            D,
            "La glibenclamida se la suspendo desde hoy. Y va a tomar linagliptina de cinco miligramos, una diaria.",
        ),
    ]);
    let scene = Scene::new(&said);
    let rules = scribe::extract::from_scene(&scene);
    let kind = medicines::CODES.iter().position(|code| *code == "prescription").unwrap();
    let facts = medicines::complete(&scene, rules, &sure(&medicines::CODES, kind));
    let prescribed: Vec<&str> = facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Prescription)
        .map(|fact| fact.name.as_str())
        .collect();
    assert_eq!(prescribed, ["linagliptina"]);
}

#[test]
fn an_antecedent_is_called_by_its_name_and_stands_in_its_section() {
    let said = transcript(&[(D, "¿Usted fuma?"), (P, "No, nunca.")]);
    let (_, model) = sure_of("denied_history");
    let facts = complete(&Scene::new(&said), Vec::new(), &model);
    let named = facts.iter().find(|fact| fact.name == "tabaquismo").unwrap();
    assert_eq!(named.attributes.section, Some(scribe::facts::Section::Habits));
    assert!(facts.iter().all(|fact| fact.name != "fuma"), "{facts:?}");
}

#[test]
fn the_weights_that_ship_are_read_to_the_last_letter() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogs/scribe-model");
    let tables: [(&str, &[&'static str]); 3] =
        [("facts", &CODES), ("signs", &signs::SIGNS), ("medicines", &medicines::CODES)];
    for (name, codes) in tables {
        let shipped = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        assert!(Model::parse(&shipped, codes).write() == shipped, "{name}");
    }
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
        let all = scribe::learned::complete(&scene, rules.clone());
        assert_eq!(all, scribe::learned::complete(&scene, rules.clone()));
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
