//! The real process with a real small model, given in `MEDICUS_LLM_MODEL` (`./dev llm` brings one): loaded inside the
//! sandbox, kept inside the schema, the same each time, and nothing false of it in a draft. Without the variable nothing is
//! tried, and it is said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clinical::draft::ItemContent;
use clinical::transcript::{Speaker, Transcript, Turn};
use llm::models::{self, Model};
use llm::protocol::{Refusal, Task};
use llm::{Failure, Session, Writer, WriterError};
use scribe::written::{Outcome, Sentence};

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
    model_file().map(|file| models::add(&scratch(name), &file).unwrap())
}

fn short_visit() -> Transcript {
    let turns = [
        (Speaker::Doctor, "¿Qué le pasa?"),
        (Speaker::Patient, "Me duele la garganta desde hace tres días."),
        (Speaker::Doctor, "¿Ha tenido fiebre?"),
        (Speaker::Patient, "No, fiebre no."),
    ];
    Transcript { turns: turns.map(|(speaker, text)| Turn { speaker, text: text.into() }).into() }
}

#[test]
fn the_process_with_the_model_loaded_reaches_no_network_and_no_file() {
    let Some(model) = installed("probe") else { return };
    let began = Instant::now();
    let mut session = Session::start(program(), &model.path, PATIENCE).unwrap();
    println!("{} was loaded in {:.1} s; files taken away: {}", session.model, began.elapsed().as_secs_f32(), session.sandbox.files);
    let reached = session.probe(PATIENCE).unwrap();
    assert!(!reached.network() && !reached.program, "{reached:?}");
    assert_eq!(reached.file, !session.sandbox.files, "{reached:?}");
}

#[test]
fn an_answer_is_inside_the_schema_and_a_question_too_long_is_refused_without_harm() {
    let Some(model) = installed("schema") else { return };
    let mut session = Session::start(program(), &model.path, PATIENCE).unwrap();
    let task = |user: String, maximum: u32| Task {
        system: "Responda en JSON.".into(),
        user,
        schema: serde_json::json!({
            "type": "object",
            "properties": { "color": { "enum": ["rojo", "azul"] }, "n": { "type": "integer", "minimum": 3, "maximum": 9 } },
            "required": ["color", "n"],
            "additionalProperties": false,
        }),
        max_tokens: maximum,
    };
    let ask = |session: &mut Session, task| session.write(task, PATIENCE);
    let answer = ask(&mut session, task("¿Color?".into(), 60)).unwrap();
    assert!(answer.complete, "{answer:?}");
    let value: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert!(["rojo", "azul"].contains(&value["color"].as_str().unwrap()), "{value}");
    assert!((3..=9).contains(&value["n"].as_i64().unwrap()), "{value}");
    let long = ask(&mut session, task("dolor de garganta ".repeat(20_000), 60)).unwrap_err();
    assert!(matches!(long, Failure::Refused(Refusal::TooLong)), "{long:?}");
    let mut bad = task("¿Color?".into(), 60);
    bad.schema = serde_json::json!({ "type": "no hay tal" });
    let bad = ask(&mut session, bad).unwrap_err();
    assert!(matches!(bad, Failure::Refused(Refusal::Engine)), "{bad:?}");
    let cut = ask(&mut session, task("¿Color?".into(), 2)).unwrap();
    assert!(!cut.complete);
    assert_eq!(ask(&mut session, task("¿Color?".into(), 60)).unwrap(), answer, "as if nothing had been asked between");
}

#[test]
fn the_same_consultation_is_written_the_same_by_another_process() {
    let Some(model) = installed("same") else { return };
    let write = || Writer::new(program().into(), model.clone(), PATIENCE).write(&short_visit()).unwrap();
    let began = Instant::now();
    let first = write();
    println!("{first:#?}\n{:.1} s", began.elapsed().as_secs_f32());
    assert_eq!((first.portions, first.unread), (1, 0));
    assert!(first.sentences.iter().all(|sentence| sentence.turns.iter().all(|turn| *turn < 4)));
    assert_eq!(write(), first);
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
        let model = models::add(&folder.join("modelos"), &path).unwrap();
        let outcome = Writer::new(program().into(), model.clone(), PATIENCE).write(&short_visit());
        println!("{name}: {}", outcome.as_ref().map_or_else(ToString::to_string, |_| "written all the same".to_owned()));
        assert!(!matches!(outcome, Err(WriterError::Changed(_))), "the digest is that of the damaged file");
        models::remove(&model).unwrap();
        fs::remove_file(path).unwrap();
    }
}

/// The model is poor on purpose: what it writes is mostly wrong. Compared with the draft of the rules alone, only sentences
/// may be added, none with a medicine or a number nobody said, and everything kept as structure is as it was.
#[test]
fn of_a_weak_writer_nothing_false_reaches_the_draft() {
    let Some(model) = installed("weak") else { return };
    let writer = Writer::new(program().into(), model, PATIENCE);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/consultations");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort_by_key(|file| fs::metadata(file).unwrap().len());
    for file in files.iter().take(2) {
        let transcript = scribe::parse::transcript(&fs::read(file).unwrap()).unwrap();
        let written = writer.write(&transcript).unwrap();
        let sentences: Vec<Sentence> = written
            .sentences
            .iter()
            .map(|sentence| Sentence { text: sentence.text.clone(), turns: sentence.turns.clone() })
            .collect();
        let alone = scribe::draft(&transcript);
        let (draft, outcomes) = scribe::draft_with(&transcript, &sentences);
        println!("{}", file.display());
        for (sentence, outcome) in sentences.iter().zip(&outcomes) {
            println!("  {outcome:?} {:?} {}", sentence.turns, sentence.text);
        }
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Refused(_))).count();
        println!("  {} portions, {} unread, {} sentences, {refused} refused", written.portions, written.unread, sentences.len());
        let is_structure = |content: &ItemContent| !matches!(content, ItemContent::Statement { .. });
        let structure = |draft: &scribe::Draft| -> Vec<String> {
            draft.items.iter().filter(|item| is_structure(&item.content)).map(|item| item.content.text()).collect()
        };
        assert_eq!(structure(&draft), structure(&alone));
        let mut added = draft.items.iter().filter(|item| !alone.items.contains(item));
        assert!(
            added.all(|item| {
                let text = item.content.text();
                !text.contains(|c: char| c.is_ascii_digit())
                    && terminology::medicines::MedicineCatalog::core().mentions(&text).is_empty()
            }),
            "a weak model has nothing to say about numbers and medicines"
        );
    }
}
