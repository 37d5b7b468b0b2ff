//! `--engine llm` and `medicus models` as a person meets them. The process of the model is a few lines of shell that speak
//! its protocol: what it does to the program is tested, not how well a model writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

const READY: &str = r#"echo '{"say":"ready","model":"de mentiras","context":2048,"sandbox":{"files":true}}'"#;
/// One sentence that was said, one that turns a no round, one with a medicine nobody named.
const WRITES: &str = r#"echo '{"say":"written","text":"{\"facts\":[{\"turns\":[1],\"text\":\"dolor de rodilla derecha, empezó cargando cajas en la mudanza\"},{\"turns\":[2],\"text\":\"Refiere fiebre.\"},{\"turns\":[1],\"text\":\"Toma ibuprofeno de 400 mg.\"}]}","complete":true,"asked_tokens":9,"written_tokens":9}'"#;
const VISIT: &str = "D: ¿Qué le pasa?\nP: Me duele la rodilla derecha desde hace dos semanas, sobre todo al subir \
                     escaleras. Empezó cargando cajas en la mudanza.\nD: ¿Ha tenido fiebre?\nP: No, nada de eso.\n";

struct Place(PathBuf);

impl Place {
    /// An empty data folder, and a process that does this to each question.
    fn new(name: &str, answer: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("medicus-language-model-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let place = Self(folder);
        place.program(&format!("{READY}\nwhile read -r question; do\n{answer}\ndone\n"));
        fs::write(place.0.join("visita.txt"), VISIT).unwrap();
        fs::write(place.0.join("modelo.gguf"), "GGUF").unwrap();
        let config = format!(
            "[storage]\ndirectory = '{0}/datos'\n[language_model]\nprogram = '{0}/proceso'\n",
            place.0.display()
        );
        fs::write(place.0.join("medicus.toml"), config).unwrap();
        place
    }

    fn program(&self, body: &str) {
        let path = self.0.join("proceso");
        fs::write(&path, format!("#!/bin/sh\n{body}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let config = self.0.join("medicus.toml");
        Command::new(env!("CARGO_BIN_EXE_medicus"))
            .args(["--config", config.to_str().unwrap()])
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap()
    }

    /// What a command that succeeds says.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn without_a_model_the_rules_write_as_always_and_doctor_says_so() {
    let place = Place::new("none", "exit 1");
    let doctor = text(&place.run(&["doctor"]).stdout);
    assert!(doctor.contains("Modelo de lenguaje: no hay ninguno instalado y no hace falta"), "{doctor}");
    assert!(place.says(&["models", "list"]).contains("no hay ninguno instalado"));
    assert!(place.says(&["models", "verify"]).contains("no hay ninguno instalado"));
    let refused = place.run(&["scribe", "visita.txt", "--engine", "llm"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!place.says(&["scribe", "visita.txt"]).contains("modelo de lenguaje"));
}

#[test]
fn a_model_that_comes_before_the_first_start_leaves_a_folder_only_its_owner_opens() {
    let place = Place::new("early", WRITES);
    place.says(&["models", "add", "modelo.gguf"]);
    let mode = fs::metadata(place.0.join("datos")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn what_the_model_says_falsely_is_not_in_the_note_and_its_digests_are_with_the_draft() {
    let place = Place::new("writes", WRITES);
    let added = place.says(&["models", "add", "modelo.gguf"]);
    assert!(added.contains("Instalado y probado: modelo  SHA-256 "), "{added}");
    let rules = place.says(&["scribe", "visita.txt"]);
    let note = place.says(&["scribe", "visita.txt", "--engine", "llm"]);
    assert!(note.contains("- Dolor de rodilla derecha, empezó cargando cajas en la mudanza. ["), "{note}");
    assert!(!note.contains("Refiere fiebre") && !note.contains("ibuprofeno"), "{note}");
    assert!(note.contains("1 añadidas, 0 que ya estaban, 0 en las dudas, 2 descartadas"), "{note}");
    for line in rules.lines().filter(|line| line.starts_with("- ")) {
        assert!(note.contains(line), "what the rules wrote stays: {line}");
    }
    let json = place.says(&["scribe", "visita.txt", "--engine", "llm", "--format", "json"]);
    let draft: serde_json::Value = serde_json::from_str(&json).unwrap();
    let share = &draft["language_model"];
    let digest = added.split("SHA-256 ").nth(1).unwrap().trim();
    assert_eq!((share["name"].as_str(), share["model_sha256"].as_str()), (Some("modelo"), Some(digest)));
    assert_eq!(share["prompt_sha256"].as_str().map(str::len), Some(64));
    assert_eq!((&share["refused"], &share["refused_for"]["drug_swap"]), (&2.into(), &1.into()));
    assert_eq!(
        place.says(&["scribe", "visita.txt", "--engine", "llm", "--format", "json"]),
        json,
        "the same again"
    );
}

#[test]
fn when_the_model_crashes_the_rules_go_on_and_it_is_said_in_spanish() {
    let place = Place::new("crashes", "kill -SEGV $$");
    place.says(&["models", "add", "modelo.gguf"]);
    let rules = place.says(&["scribe", "visita.txt"]);
    let output = place.run(&["scribe", "visita.txt", "--engine", "llm"]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), rules);
    let said = text(&output.stderr);
    assert!(
        said.contains("Aviso: El modelo de lenguaje no escribió") && said.contains("motor de reglas"),
        "{said}"
    );
    assert!(!said.contains("rodilla"), "nothing of the consultation: {said}");
}

#[test]
fn a_damaged_model_is_not_installed_and_a_changed_one_is_not_used() {
    let place = Place::new("damaged", WRITES);
    fs::write(place.0.join("nota.gguf"), "PDF").unwrap();
    let refused = place.run(&["models", "add", "nota.gguf"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("no es un modelo de lenguaje (GGUF) ni de voz"),
        "{}",
        text(&refused.stderr)
    );
    place.program("kill -SEGV $$\n");
    let refused = place.run(&["models", "add", "modelo.gguf"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("No se instaló modelo"), "{}", text(&refused.stderr));
    assert!(place.says(&["models", "list"]).contains("no hay ninguno instalado"));
    place.program(&format!(
        "{READY}\nread -r question\necho '{{\"say\":\"probed\",\"tcp\":false,\"udp\":false,\"raw\":false,\"unix\":false,\
         \"io_uring\":false,\"file\":false,\"program\":false}}'\n"
    ));
    place.says(&["models", "add", "modelo.gguf"]);
    assert!(place.says(&["models", "list"]).contains("(en uso)"));
    let good = place.says(&["models", "verify"]);
    assert!(
        good.contains("bien    modelo: es el que se instaló; su proceso no alcanza la red ni los archivos"),
        "{good}"
    );
    fs::write(place.0.join("datos/modelos/modelo.gguf"), "GGUF, otro").unwrap();
    let changed = place.run(&["models", "verify"]);
    assert_eq!(changed.status.code(), Some(1));
    assert!(text(&changed.stdout).contains("cambió desde que se instaló"));
    let output = place.run(&["scribe", "visita.txt", "--engine", "llm"]);
    assert!(output.status.success() && text(&output.stderr).contains("falta o cambió desde que se instaló"));
}

#[test]
fn a_published_model_comes_from_a_folder_without_the_network_and_only_as_it_was_published() {
    let place = Place::new("pull", "true");
    let offered = place.says(&["models", "list"]);
    assert!(offered.contains("ggml-large-v3-turbo-q5_0") && offered.contains("licencia MIT"), "{offered}");
    let unknown = place.run(&["models", "pull", "gigante"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("ggml-small"), "{}", text(&unknown.stderr));
    fs::create_dir_all(place.0.join("usb")).unwrap();
    fs::write(place.0.join("usb/ggml-small.bin"), "lmgg, cut on the way").unwrap();
    for arguments in
        [&["models", "pull", "ggml-small", "--from", "usb"][..], &["models", "add", "usb/ggml-small.bin"]]
    {
        let refused = place.run(arguments);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains("llegó dañado o es otro"), "{}", text(&refused.stderr));
    }
    assert!(place.says(&["models", "verify"]).contains("Modelo de voz: no hay ninguno instalado"));
}

#[test]
fn a_folder_is_one_model_of_speech_and_which_engines_there_are_is_said() {
    let place = Place::new("folder", "true");
    let config = fs::read_to_string(place.0.join("medicus.toml")).unwrap();
    let speech = format!("{config}[speech]\nprogram = '{}/proceso'\n", place.0.display());
    fs::write(place.0.join("medicus.toml"), speech).unwrap();
    let folder = place.0.join("parakeet");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("model.onnx"), "\u{8}").unwrap();
    fs::write(folder.join("tokens.txt"), "<blk> 0").unwrap();

    place.program(
        "if [ \"$1\" = --engines ]; then echo whisper.cpp; else echo '{\"say\":\"refused\",\"reason\":\"family\"}'; fi\n",
    );
    let refused = place.run(&["models", "add", "parakeet"]);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.contains("No se instaló parakeet: este programa se compiló sin el motor"), "{said}");
    assert!(place.says(&["models", "list"]).contains("Modelo de voz: no hay ninguno instalado"));
    let doctor = text(&place.run(&["doctor"]).stdout);
    assert!(doctor.contains("El de carpetas ONNX, como Parakeet, es opcional"), "{doctor}");

    place.program(&format!(
        "if [ \"$1\" = --engines ]; then printf 'whisper.cpp\\nsherpa-onnx\\n'; exit; fi\n{READY}\nread -r question\n\
         echo '{{\"say\":\"probed\",\"tcp\":false,\"udp\":false,\"raw\":false,\"unix\":false,\"io_uring\":false,\"file\":false,\
         \"program\":false}}'\n"
    ));
    let added = place.says(&["models", "add", "parakeet"]);
    assert!(added.contains("Instalado y probado: parakeet  SHA-256 "), "{added}");
    let list = place.says(&["models", "list"]);
    assert!(list.contains("Modelo de voz: parakeet  1 MB") && list.contains("(en uso)"), "{list}");
    assert!(list.contains("whisper.cpp (archivos GGML) y sherpa-onnx"), "{list}");
    assert!(place.says(&["models", "verify"]).contains("bien    parakeet: es el que se instaló"));
    fs::remove_file(place.0.join("datos/modelos/parakeet.onnx/tokens.txt")).unwrap();
    let changed = place.run(&["models", "verify"]);
    assert_eq!(changed.status.code(), Some(1));
    assert!(text(&changed.stdout).contains("MAL     parakeet: cambió desde que se instaló"));

    std::os::unix::fs::symlink("/etc/passwd", folder.join("vocab.txt")).unwrap();
    let refused = place.run(&["models", "add", "parakeet"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("no subcarpetas ni enlaces"), "{}", text(&refused.stderr));
}
