//! The real process with a real small model, given in `MEDICUS_LLM_MODEL` (`./dev llm` brings one): loaded inside the
//! sandbox, kept inside the schema, the same each time, and nothing false of it in a draft. Without the variable nothing is
//! tried, and it is said.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it skips"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clinical::draft::{DraftNote, ItemContent};
use clinical::transcript::{Speaker, Transcript, Turn};
use engine_process::Failure;
use engine_process::models::{self, Model};
use engine_process::protocol::Refusal;
use llm::protocol::Task;
use llm::{Session, Writer};
use scribe::written::Sentence;

const VISIT: [(Speaker, &str); 10] = [
    (Speaker::Doctor, "¿Qué le pasa?"),
    (Speaker::Patient, "Me duele la garganta desde hace tres días, sobre todo al tragar."),
    (Speaker::Doctor, "¿Ha tenido fiebre o tos?"),
    (Speaker::Patient, "Fiebre no, tos sí."),
    (Speaker::Doctor, "¿Es alérgico a algo?"),
    (Speaker::Patient, "A la penicilina, de niño me llené de ronchas."),
    (Speaker::Doctor, "¿Y en su familia?"),
    (Speaker::Patient, "Mi mamá es diabética."),
    (Speaker::Doctor, "Temperatura treinta y siete dos. La garganta está roja, sin pus."),
    (Speaker::Doctor, "Es una faringitis. Paracetamol de quinientos, una cada ocho horas por tres días."),
];

const PATIENCE: Duration = Duration::from_secs(1_200);

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_medicus-llm"))
}

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("medicus-llm-real-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn model_file() -> Option<PathBuf> {
    let file = std::env::var_os("MEDICUS_LLM_MODEL").map(PathBuf::from);
    if file.is_none() {
        println!("skipped: MEDICUS_LLM_MODEL names no model; ./dev llm brings one");
    }
    file
}

fn installed(name: &str) -> Option<Model> {
    model_file().map(|file| models::add(&scratch(name), &file, None).unwrap())
}

/// A few words, for what has nothing to do with how long an answer is.
fn question(user: &str, max_tokens: u32) -> Task {
    Task {
        system: "Responda en JSON.".into(),
        user: user.into(),
        schema: serde_json::json!({
            "type": "object",
            "properties": {
                "color": { "enum": ["rojo", "azul"] },
                "n": { "type": "integer", "minimum": 3, "maximum": 9 },
                "text": { "type": "string", "maxLength": 60 },
            },
            "required": ["color", "n", "text"],
            "additionalProperties": false,
        }),
        max_tokens,
    }
}

#[test]
fn the_process_with_the_model_loaded_reaches_no_network_and_no_file() {
    let Some(model) = installed("probe") else { return };
    let began = Instant::now();
    let mut session = Session::start(program(), &model.path, PATIENCE).unwrap();
    println!(
        "{} was loaded in {:.1} s; files taken away: {}",
        session.model,
        began.elapsed().as_secs_f32(),
        session.sandbox.files
    );
    let reached = session.probe(PATIENCE).unwrap();
    assert!(!reached.network() && !reached.program, "{reached:?}");
    assert_eq!(reached.file, !session.sandbox.files, "{reached:?}");
}

#[test]
fn an_answer_is_inside_the_schema_and_the_same_from_another_process_whatever_was_asked_between() {
    let Some(model) = installed("schema") else { return };
    let mut session = Session::start(program(), &model.path, PATIENCE).unwrap();
    let mut ask = |task: Task| session.write(&task, PATIENCE);
    let answer = ask(question("¿Color?", 200)).unwrap();
    println!("{answer:?}");
    assert!(answer.complete, "{answer:?}");
    let value: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert!(["rojo", "azul"].contains(&value["color"].as_str().unwrap()), "{value}");
    assert!((3..=9).contains(&value["n"].as_i64().unwrap()), "{value}");
    assert!(value["text"].as_str().unwrap().chars().count() <= 60, "{value}");
    let long = ask(question(&"dolor de garganta ".repeat(20_000), 200)).unwrap_err();
    assert!(matches!(long, Failure::Refused(Refusal::TooLong)), "{long:?}");
    let bad = Task { schema: serde_json::json!({ "type": "no hay tal" }), ..question("¿Color?", 200) };
    let bad = ask(bad).unwrap_err();
    assert!(matches!(bad, Failure::Refused(Refusal::Engine)), "{bad:?}");
    assert!(!ask(question("¿Color?", 2)).unwrap().complete, "cut");
    assert_eq!(ask(question("¿Color?", 200)).unwrap(), answer);
    let mut other = Session::start(program(), &model.path, PATIENCE).unwrap();
    assert_eq!(other.write(&question("¿Color?", 200), PATIENCE).unwrap(), answer);
}

#[test]
fn a_damaged_model_costs_its_process_and_is_told() {
    let Some(file) = model_file() else { return };
    let whole = fs::read(&file).unwrap();
    let folder = scratch("damaged");
    let mut damages: Vec<(String, Vec<u8>)> = [8, 100, 5_000, whole.len() / 2, whole.len() - 1]
        .map(|length| (format!("cut-at-{length}"), whole[..length].to_vec()))
        .into();
    for at in [4, 8, 16, 24, 200, 3_000] {
        let mut changed = whole.clone();
        changed[at..at + 8].fill(0xff);
        damages.push((format!("changed-at-{at}"), changed));
    }
    for (name, bytes) in damages {
        let path = folder.join(format!("{name}.gguf"));
        fs::write(&path, bytes).unwrap();
        let model = models::add(&folder.join("modelos"), &path, None).unwrap();
        let outcome = Session::start(program(), &model.path, PATIENCE)
            .and_then(|mut session| session.write(&question("¿Color?", 200), PATIENCE));
        println!(
            "{name}: {}",
            outcome.as_ref().map_or_else(ToString::to_string, |_| "it works all the same".to_owned())
        );
        let wrong = matches!(
            outcome,
            Err(Failure::Start(_) | Failure::Stuck(_) | Failure::Endless | Failure::Garbage)
        );
        assert!(!wrong, "{name}: {outcome:?}");
        models::remove(&model).unwrap();
        fs::remove_file(path).unwrap();
    }
}

/// The model is poor on purpose: what it writes is mostly wrong. Whatever it writes, everything kept as structure is as the
/// rules left it, and what is added has no medicine and no number.
#[test]
fn of_a_weak_writer_nothing_false_reaches_the_draft() {
    let Some(model) = installed("weak") else { return };
    let turn = |(speaker, text): (Speaker, &str)| Turn { speaker, text: text.into() };
    let transcript = Transcript { turns: VISIT.map(turn).into() };
    let began = Instant::now();
    let written = Writer::new(program().into(), model, PATIENCE).write(&transcript).unwrap();
    let time = began.elapsed().as_secs_f32();
    let sentences: Vec<Sentence> = written
        .sentences
        .iter()
        .map(|sentence| Sentence { text: sentence.text.clone(), turns: sentence.turns.clone() })
        .collect();
    let document = nom004::definition(clinical::document::DocumentKind::PROGRESS_NOTE);
    let alone = scribe::draft(&transcript).note(document);
    let (draft, outcomes) = scribe::draft_with(&transcript, &sentences, &scribe::style::Style::default());
    let draft = draft.note(document);
    for (sentence, outcome) in sentences.iter().zip(&outcomes) {
        println!("{outcome:?} {:?} {}", sentence.turns, sentence.text);
    }
    println!(
        "{} portions, {} unread, {} sentences in {time:.0} s",
        written.portions,
        written.unread,
        sentences.len()
    );
    assert!(
        sentences.iter().all(|sentence| sentence.turns.iter().all(|turn| *turn < transcript.turns.len()))
    );
    let structure = |draft: &DraftNote| -> Vec<String> {
        let kept = draft.items.iter().filter(|item| !matches!(item.content, ItemContent::Statement { .. }));
        kept.map(|item| item.content.text()).collect()
    };
    assert_eq!(structure(&draft), structure(&alone));
    for item in draft.items.iter().filter(|item| !alone.items.contains(item)) {
        let text = item.content.text();
        assert!(!text.contains(|c: char| c.is_ascii_digit()), "{text}");
        assert!(terminology::medicines::MedicineCatalog::core().mentions(&text).is_empty(), "{text}");
    }
}
