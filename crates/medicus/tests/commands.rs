//! The commands as a script meets them: output, errors in Spanish on standard error, exit codes 0, 1 and 2.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], input: &str) -> Output {
    run_in("data", arguments, input)
}

/// The command on the data of an installation of its own.
fn run_in(data: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_medicus"))
        .args(arguments)
        .env("XDG_DATA_HOME", scratch(data))
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
    let brief = run(&["scribe", &file, "--style", "brief"], "");
    let lines = |output: &Output| text(&output.stdout).lines().filter(|line| line.starts_with("- ")).count();
    assert!(lines(&brief) < lines(&note), "{} of {}", lines(&brief), lines(&note));
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
    refused(&["icd", "import", "no-existe.zip"], "No se pudo leer");
    refused(&["icd", "search", "diabetes", "--installed"], "No hay base de datos");
    refused(&["icd", "import"], "release_from");
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
    assert_eq!(answer["candidates"][0]["words"], serde_json::json!(["diabetes", "tipo", "2"]));
    assert_eq!(answer["candidates"][0]["confidence"], "alta");
    let answer =
        json(&run(&["drugs", "check", "--jsonl"], "{\"id\":1,\"drugs\":[\"warfarina\",\"naproxeno\"]}\n"));
    assert_eq!(answer["alerts"][0]["severity"], "mayor");
    let bad = run(&["icd", "code", "--jsonl"], "nada\n{\"id\":2,\"text\":\"asma\"}\n");
    assert_eq!(bad.status.code(), Some(2));
    assert!(text(&bad.stderr).contains("línea 1"));
    assert!(text(&bad.stdout).contains("\"id\":2"), "the good line is answered all the same");
}

/// Serves files on this machine until the test ends; the address.
fn file_server(files: Vec<(&'static str, Vec<u8>)>) -> String {
    use std::io::BufRead;
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", socket.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = String::new();
            std::io::BufReader::new(stream.try_clone().unwrap()).read_line(&mut asked).unwrap();
            let found = files.iter().find(|(name, _)| asked.starts_with(&format!("GET /{name} ")));
            let (status, content) =
                found.map_or(("404 Not Found", [].as_slice()), |(_, content)| ("200 OK", content));
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", content.len());
            let _ = stream.write_all(&[head.as_bytes(), content].concat());
        }
    });
    address
}

#[test]
fn a_release_is_fetched_from_the_configured_address_and_from_no_other() {
    let es = std::fs::read(testdata("cie11/SimpleTabulation-ICD-11-MMS-es.txt")).unwrap();
    let half = es[..es.len() / 2].to_vec();
    let address = file_server(vec![("es.txt", es), ("cortado.txt", half)]);
    let config = small_practice("fetched");
    let storage = std::fs::read_to_string(&config).unwrap();
    let from = |name: &str| {
        std::fs::write(&config, format!("{storage}[icd]\nrelease_from = ['{address}/{name}']\n")).unwrap();
        run(&["--config", &config, "icd", "import"], "")
    };
    let done = from("es.txt");
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains("SHA-256 "), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("Edición 2024-01 de la CIE-11 importada"), "{}", text(&done.stdout));
    let cut = from("cortado.txt");
    assert_eq!(cut.status.code(), Some(2), "{}", text(&cut.stderr));
    assert!(text(&cut.stderr).contains("No se cambió nada"), "{}", text(&cut.stderr));
    let missing = from("otro.txt");
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("respondió 404"), "{}", text(&missing.stderr));
    let found = run(&["--config", &config, "icd", "search", "fiebre ficticia", "--installed"], "");
    assert!(text(&found.stdout).contains("5A1Z"), "the release stays: {}", text(&found.stdout));
}

#[test]
fn a_cluster_is_checked_by_the_commands_and_refused_with_the_reason() {
    let found = json(&run(&["icd", "search", "5a11 / 9b71.0z", "--json"], ""));
    assert_eq!(found[0]["icd11"], "5A11/9B71.0Z", "{found}");
    assert_eq!(found[0]["title"], "Diabetes mellitus tipo 2 / Retinopatía diabética, sin especificación");
    assert_eq!(found[0]["icd10"], "E11.3");
    refused(&["icd", "search", "5A11/5A11"], "5A11 está dos veces");
    refused(&["icd", "search", "XK9K"], "solo precisa a otro código");
    refused(&["icd", "search", "FA01.Z&XK9K&XK8G"], "de «Lado» se elige uno".trim_start_matches("de "));
    let lines = "{\"id\":1,\"text\":\"FA01.Z&XK9K\"}\n{\"id\":2,\"text\":\"5A11&9B71.0Z\"}\n";
    let answers = text(&run(&["icd", "code", "--jsonl"], lines).stdout);
    let answers: Vec<serde_json::Value> =
        answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["candidates"][0]["icd11"], "FA01.Z&XK9K", "{answers:?}");
    assert_eq!(answers[1]["candidates"], serde_json::json!([]));
    assert!(answers[1]["problem"].as_str().unwrap().contains("únalo con «/»"), "{answers:?}");
}

/// What is no diagnosis, or a damaged one, is answered without a code or refused, and never ends the command.
#[test]
fn bad_input_to_the_coding_is_answered_without_guessing() {
    let long = "dolor y fiebre ".repeat(700);
    let mention = |text: &str| {
        let line = serde_json::json!({"id": 1, "text": text}).to_string() + "\n";
        let output = run(&["icd", "code", "--jsonl"], &line);
        assert!(output.status.success(), "{text}: {}", self::text(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["candidates"].clone()
    };
    let none = serde_json::json!([]);
    for text in
        ["", "   ", "🙂🙂🙂", "the patient was seen at noon", "ZZ99", "ZZ99.9", "5A99", "日本語のテキスト"]
    {
        assert_eq!(mention(text), none, "{text}");
    }
    assert!(mention(&long).as_array().unwrap().len() <= 5);
    let symptom = mention("dolor de cabeza");
    assert!(symptom[0]["icd11"].as_str().unwrap().starts_with("8A8"), "{symptom}");
    let contrary = mention("hepatitis aguda crónica");
    assert!(
        contrary.as_array().unwrap().iter().all(|one| one["score"].as_f64().unwrap() < 1.0),
        "{contrary}"
    );
    for text in ["ZZ99.9", "5A99"] {
        let output = run(&["icd", "search", text], "");
        assert!(
            self::text(&output.stdout).contains("Sin resultados"),
            "{text}: {}",
            self::text(&output.stdout)
        );
    }
    let wrong = run(&["icd", "code", "--jsonl"], "{\"id\":1}\n{\"id\":2,\"text\":7}\n\u{feff}{}\n");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(self::text(&wrong.stderr).lines().count() >= 3, "{}", self::text(&wrong.stderr));
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
    assert!(text(&output.stdout).contains("Modelo de voz: no hay ninguno instalado"));
}

#[test]
fn a_worker_serves_no_page_says_what_it_cannot_do_and_ends_when_asked() {
    use std::io::{BufRead, BufReader};
    let config = small_practice("worker");
    let mut worker = Command::new(env!("CARGO_BIN_EXE_medicus"))
        .args(["--config", &config, "worker"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(worker.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("Sin un modelo de voz instalado no convierte grabaciones"), "{said}");
    let asked = Command::new("kill").arg(worker.id().to_string()).status().unwrap();
    assert!(asked.success());
    let ended = worker.wait().unwrap();
    assert_eq!(ended.code(), Some(0), "{ended}");
}

/// An account whose password nobody knows.
fn account(name: &str, now: jiff::Timestamp) -> storage::User {
    storage::User {
        id: clinical::ids::UserId(uuid::Uuid::now_v7()),
        username: name.to_owned(),
        display_name: name.to_owned(),
        password_hash: storage::PasswordHash("lost".to_owned()),
        role: "physician".to_owned(),
        practitioner_id: None,
        active: true,
        failed_attempts: 0,
        locked_until: None,
        provisional: false,
        factors_reset_at: None,
        created_at: now,
    }
}

/// A database with one account and two events, as the program would have left it; the configuration that names it.
fn small_practice(name: &str) -> String {
    use clinical::audit::{AuditAction, NewAuditEvent};
    use storage::keys::{KeyFile, KeyInputs};
    let directory = scratch(name);
    let now = jiff::Timestamp::now();
    let inputs = KeyInputs::from_environment(|_| None).unwrap();
    let (key, _) = KeyFile::at(&directory.join("medicus.key")).open(&inputs, false).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = storage::DatabaseUrl::Embedded(directory.join("medicus.db"));
        let database = storage::Database::open(&url, &key, now).await.unwrap();
        let mut tx = database.begin().await.unwrap();
        for reason in [None, Some("Pidió, por escrito, una copia".to_owned())] {
            let (entity, entity_id, origin) = ("patient", "x".to_owned(), "127.0.0.1".to_owned());
            let action = AuditAction::Read;
            let event = NewAuditEvent {
                at: now,
                actor: None,
                action,
                entity,
                entity_id,
                patient_id: None,
                origin,
                reason,
            };
            tx.append_audit(event).await.unwrap();
        }
        let laura = account("laura", now);
        tx.insert_user(&laura).await.unwrap();
        let efirma = clinical::efirma::AccountEfirma {
            rfc: "PENJ8001019A0".into(),
            curp: "PENJ800101MDFRXN07".into(),
        };
        let end = now + jiff::SignedDuration::from_hours(24 * 10);
        tx.confirm_account_efirma(laura.id, &efirma, end, now).await.unwrap();
        tx.commit().await.unwrap();
        database.close().await;
    });
    let config = directory.join("medicus.toml");
    std::fs::write(&config, format!("[storage]\ndirectory = '{}'\n", directory.display())).unwrap();
    config.to_string_lossy().into_owned()
}

#[test]
fn the_bitacora_is_exported_and_tells_of_its_own_export() {
    let config = small_practice("exported");
    let csv = run(&["--config", &config, "audit", "export", "--format", "csv"], "");
    let lines: Vec<String> = text(&csv.stdout).lines().map(str::to_owned).collect();
    assert!(lines[0].contains("Número,Fecha y hora,Persona"), "{lines:?}");
    assert!(lines[2].contains("\"Pidió, por escrito, una copia\""), "{lines:?}");
    assert!(lines.len() == 4 && lines[3].contains("Impresión o descarga,Bitácora"), "{lines:?}");
    let fhir = run(&["--config", &config, "audit", "export", "--format", "fhir"], "");
    let events: Vec<serde_json::Value> =
        text(&fhir.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.len() == 4 && events.iter().all(|event| event["resourceType"] == "AuditEvent"));
}

#[test]
fn who_keeps_the_key_gets_back_into_an_account() {
    let config = small_practice("recovered");
    refused(
        &["--config", &config, "account", "reset", "nadie"],
        "No hay una cuenta activa con el usuario «nadie»",
    );
    let given = run(&["--config", &config, "account", "reset", "laura"], "");
    assert!(given.status.success(), "{}", text(&given.stderr));
    assert!(text(&given.stdout).starts_with("Contraseña provisional de laura: "), "{}", text(&given.stdout));
    let told = run(&["--config", &config, "audit", "export", "--format", "csv"], "");
    assert!(text(&told.stdout).contains("desde el equipo que guarda la clave"), "{}", text(&told.stdout));
    assert!(run(&["--config", &config, "audit", "verify"], "").status.success());
}

#[test]
fn an_anchor_kept_outside_betrays_an_old_backup_put_back() {
    let config = small_practice("anchored");
    let folder = Path::new(&config).parent().unwrap().to_owned();
    let (database, backup, anchor) =
        (folder.join("medicus.db"), folder.join("copia.db"), folder.join("ancla.json"));
    std::fs::copy(&database, &backup).unwrap();
    run(&["--config", &config, "audit", "export", "--format", "csv"], "");
    let kept = run(&["--config", &config, "audit", "anchor", "--out", anchor.to_str().unwrap()], "");
    assert!(kept.status.success(), "{}", text(&kept.stderr));
    let verify = ["--config", &config, "audit", "verify", "--anchor", anchor.to_str().unwrap()];
    let sound = run(&verify, "");
    assert!(sound.status.success(), "{}{}", text(&sound.stdout), text(&sound.stderr));
    assert!(text(&sound.stdout).contains("Las cadenas pasan por el ancla"), "{}", text(&sound.stdout));
    std::fs::copy(&backup, &database).unwrap();
    assert!(
        run(&["--config", &config, "audit", "verify"], "").status.success(),
        "the backup is sound in itself"
    );
    let lost = run(&verify, "");
    assert_eq!(lost.status.code(), Some(1));
    assert!(
        text(&lost.stdout).contains("bitácora, número 3: la cadena ya no pasa por este punto"),
        "{}",
        text(&lost.stdout)
    );
    refused(&["--config", &config, "audit", "verify", "--anchor", &config], "no es un ancla de Medicus");
    refused(&["--config", &config, "audit", "anchor", "--out", anchor.to_str().unwrap()], "archivo nuevo");
}

/// A label as openFDA publishes it.
fn label(set_id: &str, name: &str, interactions: &str) -> String {
    format!(
        r#"{{"set_id":"{set_id}","version":"2","effective_time":"20250101","openfda":{{"substance_name":["{name}"]}},"drug_interactions":["{interactions}"]}}"#
    )
}

#[test]
fn labels_are_imported_once_used_by_the_check_and_told_by_doctor() {
    let run = |arguments: &[&str], input: &str| run_in("labels", arguments, input);
    let said = "Concomitant use of ambroxol may raise loratadine levels.";
    let records = [label("a", "LORATADINE", said), r#"{"set_id": }"#.to_owned(), label("b", "DIGOXIN", "")];
    let whole = format!(r#"{{"meta":{{"last_updated":"2026-06-12"}},"results":[{}]}}"#, records.join(","));
    let (path, cut) = (scratch("files").join("parte.json"), scratch("files").join("cortado.json"));
    std::fs::write(&path, &whole).unwrap();
    std::fs::write(&cut, &whole[..whole.len() - 5]).unwrap();
    let question = "{\"id\":1,\"drugs\":[\"loratadina\",\"ambroxol\"]}\n";
    let check = || json(&run(&["drugs", "check", "--jsonl"], question));
    assert_eq!(
        check()["alerts"],
        serde_json::json!([]),
        "without an installation it works and has no labels"
    );

    let first = run(&["drugs", "import", "openfda", &path.to_string_lossy()], "");
    assert!(text(&first.stdout).contains("3 registros leídos, 1 omitidos"), "{}", text(&first.stdout));
    assert!(text(&first.stderr).contains("se omitió el registro 2"), "{}", text(&first.stderr));
    let again = run(&["drugs", "import", "openfda", &path.to_string_lossy()], "");
    assert!(text(&again.stdout).contains("No cambió nada"), "{}", text(&again.stdout));
    let damaged = run(&["drugs", "import", "openfda", &cut.to_string_lossy()], "");
    assert_eq!(damaged.status.code(), Some(2));
    assert!(
        text(&damaged.stderr).contains("el archivo está cortado. No se cambió nada"),
        "{}",
        text(&damaged.stderr)
    );
    let missing = run(&["drugs", "import", "openfda", "no-existe.json.zip"], "");
    assert_eq!(missing.status.code(), Some(2));

    let answer = check();
    assert_eq!(answer["alerts"][0]["quotes"][0], said, "{answer}");
    let doctor = run(&["doctor"], "");
    assert!(
        text(&doctor.stdout).contains("2 fichas de openFDA de 1 archivo, datos del 2026-06-12"),
        "{}",
        text(&doctor.stdout)
    );
}

#[test]
fn a_backup_is_made_proved_and_put_back_on_another_machine() {
    let config = small_practice("respaldada");
    let (phrase, folder) = (scratch("respaldada").join("frase"), scratch("respaldos"));
    std::fs::write(&phrase, "cinco palabras al azar bastan\n").unwrap();
    let [folder_name, phrase] = [&folder, &phrase].map(|path| path.to_str().unwrap().to_owned());
    let create = ["--config", &config, "backup", "create", &folder_name, "--passphrase-file", &phrase];
    let made = run(&create, "");
    assert!(text(&made.stdout).contains("Respaldo escrito en"), "{}", text(&made.stderr));
    let doctor = run(&["--config", &config, "doctor"], "");
    let doctor = text(&doctor.stdout);
    assert!(doctor.contains("Respaldo: el último es del"), "{doctor}");
    assert!(doctor.contains("el certificado con el que laura firmó la última vez vence el "), "{doctor}");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let file = file.to_str().unwrap();

    let elsewhere = scratch("otra-computadora").join("medicus.toml");
    std::fs::write(
        &elsewhere,
        format!("[storage]\ndirectory = {:?}\n", scratch("otra-computadora").join("datos")),
    )
    .unwrap();
    let elsewhere = elsewhere.to_str().unwrap();
    let with = |command: &str, config: &str, phrase: &str| {
        run(&["--config", config, "backup", command, file, "--passphrase-file", phrase], "")
    };
    let proved = with("verify", elsewhere, &phrase);
    assert!(
        text(&proved.stdout).contains("el respaldo sirve"),
        "{}{}",
        text(&proved.stdout),
        text(&proved.stderr)
    );
    assert_eq!(with("restore", &config, &phrase).status.code(), Some(2), "never over what is there");
    assert_eq!(with("verify", elsewhere, file).status.code(), Some(2), "another passphrase");
    let back = with("restore", elsewhere, &phrase);
    assert!(text(&back.stdout).contains("Repuesto en"), "{}", text(&back.stderr));
    let sound = run(&["--config", elsewhere, "audit", "verify"], "");
    assert!(text(&sound.stdout).contains("Todo está íntegro"), "{}", text(&sound.stdout));
    let trail = text(&run(&["--config", elsewhere, "audit", "export", "--format", "csv"], "").stdout);
    assert!(trail.contains("repuesto"), "{trail}");
}

#[test]
fn the_key_is_changed_and_back_ups_of_before_open_with_the_one_that_was_kept() {
    let config = small_practice("clave");
    let (directory, folder) = (scratch("clave"), scratch("respaldos-sin-frase"));
    let with = |arguments: &[&str]| run(&[&["--config", &config], arguments].concat(), "");
    let made = with(&["backup", "create", folder.to_str().unwrap()]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let back_up = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();

    let changed = with(&["key", "change"]);
    assert!(changed.status.success(), "{}", text(&changed.stderr));
    let said = text(&changed.stdout);
    assert!(said.contains("La clave se cambió") && said.contains("medicus.key.anterior-"), "{said}");
    let sound = text(&with(&["audit", "verify"]).stdout);
    assert!(sound.contains("Todo está íntegro"), "{sound}");
    let trail = text(&with(&["audit", "export", "--format", "csv"]).stdout);
    assert!(trail.contains("Cambio,Clave de la instalación"), "{trail}");

    // A back-up that was sealed with the key of then wants that one.
    let verify = ["backup", "verify", back_up.to_str().unwrap()];
    assert_eq!(with(&verify).status.code(), Some(2), "{}", text(&with(&verify).stderr));
    let names = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
    let former = names.into_iter().find(|path| path.to_string_lossy().contains("anterior")).unwrap();
    let elsewhere = scratch("clave-de-antes");
    std::fs::copy(former, elsewhere.join("medicus.key")).unwrap();
    let other = elsewhere.join("medicus.toml");
    std::fs::write(&other, format!("[storage]\ndirectory = '{}'\n", elsewhere.display())).unwrap();
    let proved = run(&[&["--config", other.to_str().unwrap()], &verify[..]].concat(), "");
    assert!(text(&proved.stdout).contains("el respaldo sirve"), "{}", text(&proved.stderr));
}

#[test]
fn a_change_of_the_key_that_is_killed_leaves_one_key_that_opens_everything() {
    let config = small_practice("clave-a-medias");
    let directory = scratch("clave-a-medias");
    let begin = || {
        Command::new(env!("CARGO_BIN_EXE_medicus"))
            .args(["--config", &config, "key", "change"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let begun = std::time::Instant::now();
    assert!(begin().wait().unwrap().success());
    let whole = begun.elapsed();
    let half_done = || {
        let names = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().contains(".nuev")).count()
    };
    let mut interrupted = 0;
    for trial in 1..=24_u32 {
        let mut changing = begin();
        std::thread::sleep(whole * trial / 22);
        changing.kill().unwrap();
        changing.wait().unwrap();
        interrupted += u32::from(half_done() > 0);
        let sound = run(&["--config", &config, "audit", "verify"], "");
        assert!(text(&sound.stdout).contains("Todo está íntegro"), "{trial}: {}", text(&sound.stderr));
        assert_eq!(half_done(), 0, "{trial}: nothing is left of what was begun");
    }
    assert!(interrupted > 0, "no change was killed while it was half done");
}

fn recording(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../speech/tests/audio").join(name);
    path.to_string_lossy().into_owned()
}

#[test]
fn listening_says_who_speaks_when_in_three_formats() {
    let audio = recording("dictado.webm");
    let heard = json(&run(&["listen", &audio, "--no-words", "--format", "json"], ""));
    let turn = &heard["turns"][0];
    assert_eq!(turn["speaker"], "hablante1");
    assert!(turn["end"].as_f64().unwrap() > turn["start"].as_f64().unwrap() + 1.0);
    assert_eq!(heard["whole"], true);
    let rttm = text(&run(&["listen", &audio, "--no-words", "--format", "rttm"], "").stdout);
    let fields: Vec<&str> = rttm.lines().next().unwrap().split(' ').collect();
    assert_eq!((fields.len(), fields[0], fields[1], fields[7]), (10, "SPEAKER", "dictado", "hablante1"));
    assert!(text(&run(&["listen", &audio, "--no-words"], "").stdout).starts_with("0:00:0"));
}

#[test]
fn listening_says_what_is_wrong_with_a_recording_and_what_is_missing() {
    let video = recording("video.mp4");
    refused(&["listen", &video, "--no-words"], "no tiene pista de audio");
    refused(&["listen", "no-existe.wav", "--no-words"], "no-existe.wav");
    let sentence = recording("dictado.ogg");
    refused(&["listen", &sentence, "--no-words", "--enrol", &sentence], "menos de 8 segundos");
    let without_model = run(&["listen", &sentence], "");
    assert_eq!(without_model.status.code(), Some(1));
    assert!(text(&without_model.stderr).contains("--no-words"));
}

#[test]
fn a_recording_cannot_be_scribed_without_a_speech_model_and_what_is_missing_is_said() {
    for name in ["dictado.wav", "dictado.mp3", "dictado.m4a", "dictado.ogg", "dictado.webm", "dictado.flac"] {
        let without_model = run(&["scribe", &recording(name)], "");
        assert_eq!(without_model.status.code(), Some(1), "{name}");
        let said = text(&without_model.stderr);
        assert!(said.contains("Modelo de voz") && said.contains("medicus models pull"), "{name}: {said}");
        assert!(said.contains("JSON o texto"), "{name}: {said}");
    }
}
