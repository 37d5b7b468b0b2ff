//! The commands as a script meets them: output, errors in Spanish on standard error, exit codes 0, 1 and 2.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_medicus"))
        .args(arguments)
        .env("XDG_DATA_HOME", scratch("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn scratch(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("medicus-commands-{}", std::process::id())).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn testdata(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    path.to_string_lossy().into_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The command refuses the input with exit code 2 and says `words`.
fn refused(arguments: &[&str], words: &str) {
    let output = run(arguments, "");
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
    assert!(text(&output.stderr).contains(words), "{arguments:?}: {}", text(&output.stderr));
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
}

#[test]
fn a_consultation_becomes_facts_note_and_draft_pdf() {
    let file = testdata("consultations/geriatria-caida-polifarmacia.json");
    let facts = json(&run(&["scribe", &file, "--format", "facts"], ""));
    let list = facts["facts"].as_array().unwrap();
    assert!(list.len() > 20, "{} facts", list.len());
    assert!(
        list.iter().all(|fact| !fact["evidence_turns"].as_array().unwrap().is_empty()),
        "a fact without evidence"
    );
    let note = run(&["scribe", &file], "");
    assert!(text(&note.stdout).contains("Diagnósticos o problemas clínicos"));
    let pdf = run(&["scribe", &file, "--format", "pdf"], "");
    assert!(pdf.stdout.starts_with(b"%PDF-"));
    assert_eq!(run(&["scribe", &file], "").stdout, note.stdout, "the same transcript gives the same note");
}

#[test]
fn a_batch_answers_every_file_and_reports_the_bad_ones() {
    let (from, to) = (scratch("batch-in"), scratch("batch-out"));
    std::fs::write(
        from.join("buena.json"),
        r#"{"turns":[{"speaker":"patient","text":"Me duele la cabeza."}]}"#,
    )
    .unwrap();
    std::fs::write(from.join("mala.json"), "{\"turns\": 7}").unwrap();
    let output = run(&["scribe", "--batch", from.to_str().unwrap(), "--out", to.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("mala.json"));
    let facts: serde_json::Value =
        serde_json::from_slice(&std::fs::read(to.join("buena.json")).unwrap()).unwrap();
    assert_eq!(facts["id"], "buena");
    assert!(!to.join("mala.json").exists());
}

#[test]
fn input_to_correct_ends_with_code_2_and_a_spanish_sentence() {
    refused(&["scribe", "no-existe.json"], "No existe el archivo");
    refused(&["scribe", "--engine", "llm", "x.json"], "No hay un modelo de lenguaje instalado");
    refused(&["icd", "search", " "], "Escriba qué buscar");
    refused(&["audit", "verify"], "No hay base de datos");
    let config = scratch("config").join("malo.toml");
    std::fs::write(&config, "[server]\nlisten_adress = 1").unwrap();
    refused(&["--config", config.to_str().unwrap(), "config", "check"], "listen_adress");
    let full = scratch("llena");
    std::fs::write(full.join("algo"), "x").unwrap();
    refused(&["demo", "--dir", full.to_str().unwrap()], "no está vacía");
}

#[test]
fn every_hostile_transcript_is_answered_or_refused_never_a_crash() {
    let folder = testdata("transcripts");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            continue;
        }
        let output = run(&["scribe", path.to_str().unwrap()], "");
        assert!(matches!(output.status.code(), Some(0 | 2)), "{}: {}", path.display(), text(&output.stderr));
        seen += 1;
    }
    assert!(seen > 20, "{seen} files");
}

#[test]
fn codes_and_alerts_are_answered_line_by_line() {
    let found = json(&run(&["icd", "search", "IVU", "--json"], ""));
    assert!(found[0]["icd11"].is_string(), "{found}");
    let answer = json(&run(&["icd", "code", "--jsonl"], "{\"id\":\"a\",\"text\":\"diabetes tipo 2\"}\n"));
    assert_eq!((&answer["id"], &answer["candidates"][0]["icd11"]), (&"a".into(), &"5A11".into()));
    let answer =
        json(&run(&["drugs", "check", "--jsonl"], "{\"id\":1,\"drugs\":[\"warfarina\",\"naproxeno\"]}\n"));
    assert_eq!(answer["alerts"][0]["severity"], "mayor");
    let bad = run(&["icd", "code", "--jsonl"], "nada\n{\"id\":2,\"text\":\"asma\"}\n");
    assert_eq!(bad.status.code(), Some(2));
    assert!(text(&bad.stderr).contains("línea 1"));
    assert!(text(&bad.stdout).contains("\"id\":2"), "the good line is answered all the same");
}

#[test]
fn the_guard_tells_a_lost_no_from_what_was_said() {
    let line = r#"{"id":"x","turns":[{"speaker":"doctor","text":"¿Ha tenido fiebre?"},{"speaker":"patient","text":"No."}],
        "sentences":[{"sid":1,"text":"Niega fiebre.","evidence_turns":[0,1]},{"sid":2,"text":"Refiere fiebre.","evidence_turns":[0,1]}]}"#;
    let answer = json(&run(&["guard", "--jsonl"], &line.replace('\n', " ")));
    assert_eq!(answer["verdicts"][0]["supported"], true, "{answer}");
    assert_eq!(answer["verdicts"][1]["supported"], false, "{answer}");
}

#[test]
fn doctor_says_what_is_missing_before_the_first_start() {
    let output = run(&["doctor"], "");
    assert!(output.status.success(), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("se creará cifrada al iniciar"));
    assert!(text(&output.stdout).contains("no transcribe audio"));
}
