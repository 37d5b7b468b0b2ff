//! The program that asks, against processes that answer well, crash, hang, talk nonsense or are not there.
//! Each is a few lines of shell that speak the protocol: no model and no model code is needed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clinical::transcript::{Speaker, Transcript, Turn};
use engine_process::models::{self, Model};
use engine_process::protocol::Refusal;
use engine_process::{Failure, WorkerError};
use llm::{Sentence, Session, Writer};

const READY: &str = r#"echo '{"say":"ready","model":"de mentiras","context":2048,"sandbox":{"files":true}}'"#;
const FEVER: &str = r#"echo '{"say":"written","text":"{\"facts\":[{\"turns\":[0,1],\"text\":\"Niega fiebre.\"}]}","complete":true,"asked_tokens":9,"written_tokens":9}'"#;
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that another thread's child still has open for writing cannot be run: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

struct Place {
    _alone: MutexGuard<'static, ()>,
    folder: PathBuf,
    model: Model,
}

impl Place {
    fn new(name: &str) -> Self {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = std::env::temp_dir().join(format!("medicus-llm-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("modelo.gguf");
        fs::write(&file, "GGUF").unwrap();
        let model = models::add(&folder.join("modelos"), &file, None).unwrap();
        Self { _alone, folder, model }
    }

    /// A process that says it is ready and then does this to each question.
    fn program(&self, answer: &str) -> PathBuf {
        self.script(&format!("{READY}\nwhile read -r question; do\n{answer}\ndone\n"))
    }

    fn script(&self, body: &str) -> PathBuf {
        let path = self.folder.join("proceso");
        fs::write(
            &path,
            format!("#!/bin/sh\nPATH=/usr/bin:/bin\necho run >> {}\n{body}", self.runs().display()),
        )
        .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    fn runs(&self) -> PathBuf {
        self.folder.join("veces")
    }

    fn times_started(&self) -> usize {
        fs::read_to_string(self.runs()).unwrap_or_default().lines().count()
    }

    fn writer(&self, program: &Path, patience: Duration) -> Writer {
        Writer::new(program.to_owned(), self.model.clone(), patience)
    }
}

fn talk(turns: usize) -> Transcript {
    let turn = |number: usize| {
        let (speaker, text) =
            if number.is_multiple_of(2) { (Speaker::Doctor, "¿Fiebre?") } else { (Speaker::Patient, "No.") };
        Turn { speaker, text: text.into() }
    };
    Transcript { turns: (0..turns).map(turn).collect() }
}

#[test]
fn a_consultation_of_many_portions_is_written_by_one_process_that_stays() {
    let place = Place::new("good");
    let writer = place.writer(&place.program(FEVER), PATIENCE);
    let written = writer.write(&talk(2)).unwrap();
    assert_eq!(written.sentences, [Sentence { text: "Niega fiebre.".into(), turns: vec![0, 1] }]);
    assert_eq!((written.portions, written.unread), (1, 0));
    assert_eq!((written.model.as_str(), written.model_digest), ("modelo", place.model.digest));
    assert_eq!(written.prompt_digest, llm::prompt::digest());
    let long = writer.write(&talk(100)).unwrap();
    assert_eq!((long.portions, long.unread), (5, 0));
    assert!(long.sentences.iter().all(|sentence| sentence.turns.iter().all(|turn| *turn < 100)));
    assert_eq!(place.times_started(), 1, "the model is loaded once and kept");
    assert_eq!(writer.write(&talk(2)).unwrap(), written, "the same consultation, the same sentences");
}

#[test]
fn a_process_that_dies_is_started_once_more_and_the_work_is_done() {
    let place = Place::new("dies-once");
    let once = place.folder.join("una-vez");
    let answer = format!("if [ ! -e {0} ]; then : > {0}; kill -SEGV $$; fi\n{FEVER}", once.display());
    let writer = place.writer(&place.program(&answer), PATIENCE);
    assert_eq!(writer.write(&talk(2)).unwrap().sentences.len(), 1);
    assert_eq!(place.times_started(), 2);
}

#[test]
fn a_process_that_always_dies_is_given_up_and_the_reason_is_told_in_spanish() {
    let place = Place::new("dies");
    let writer = place.writer(&place.program("kill -SEGV $$"), PATIENCE);
    let error = writer.write(&talk(2)).unwrap_err();
    assert!(
        matches!(error, WorkerError::Twice { first: Failure::Died(_), again: Failure::Died(_) }),
        "{error:?}"
    );
    assert!(error.to_string().contains("terminó de improviso (signal: 11"), "{error}");
    assert_eq!(place.times_started(), 2);
    let still_usable = place.writer(&place.program(FEVER), PATIENCE);
    assert!(still_usable.write(&talk(2)).is_ok());
}

#[test]
fn a_process_that_dies_while_loading_hangs_or_talks_nonsense_is_given_up_too() {
    let place = Place::new("loading");
    let dead = place.writer(&place.script("kill -SEGV $$\n"), PATIENCE).write(&talk(2)).unwrap_err();
    assert!(matches!(dead, WorkerError::Twice { again: Failure::Died(_), .. }), "{dead:?}");
    let slow = Duration::from_millis(300);
    let began = Instant::now();
    let hung = place.writer(&place.program("exec sleep 600"), slow).write(&talk(2)).unwrap_err();
    assert!(matches!(hung, WorkerError::Twice { again: Failure::Stuck(_), .. }), "{hung:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "nobody waits for the process that was ended");
    for nonsense in ["echo hola", "echo '{\"say\":\"written\"}'", "printf '\\377\\376\\n'", READY] {
        let error = place.writer(&place.program(nonsense), PATIENCE).write(&talk(2)).unwrap_err();
        assert!(matches!(error, WorkerError::Twice { again: Failure::Garbage, .. }), "{nonsense}: {error:?}");
    }
    let missing = place.writer(&place.folder.join("no-hay"), PATIENCE).write(&talk(2)).unwrap_err();
    assert!(missing.to_string().contains("no se pudo arrancar"), "{missing}");
}

#[test]
fn a_process_that_works_is_waited_for_and_one_that_stops_half_way_is_ended_and_given_up() {
    let place = Place::new("steps");
    let sign = r#"echo '{"say":"working"}'"#;
    let step = format!("sleep 0.5; {sign}; ");
    let steady = place.writer(&place.program(&format!("{}{FEVER}", step.repeat(8))), Duration::from_secs(3));
    assert_eq!(steady.write(&talk(2)).unwrap().sentences.len(), 1, "4 s of work, never 3 s without a sign");
    assert_eq!(place.times_started(), 1);
    let pids = place.folder.join("pids");
    let program = place.program(&format!("{sign}\n{sign}\necho $$ >> {}\nexec sleep 600", pids.display()));
    let error = place.writer(&program, Duration::from_secs(1)).write(&talk(2)).unwrap_err();
    assert!(matches!(error, WorkerError::Twice { again: Failure::Stuck(_), .. }), "{error:?}");
    let told = "el modelo se quedó 1 s sin avanzar y se detuvo; se intentó otra vez y el modelo se quedó 1 s sin avanzar y se detuvo";
    assert_eq!(error.to_string(), told);
    let pids = fs::read_to_string(&pids).unwrap();
    assert_eq!(pids.lines().count(), 2, "once more, in a new process");
    assert!(pids.lines().all(|pid| !Path::new("/proc").join(pid).exists()), "both were ended");
}

#[test]
fn a_line_without_end_is_not_kept_in_memory() {
    let place = Place::new("endless");
    let error = place.writer(&place.program("exec yes | tr -d '\\n'"), PATIENCE).write(&talk(2)).unwrap_err();
    assert!(matches!(error, WorkerError::Twice { again: Failure::Garbage, .. }), "{error:?}");
}

#[test]
fn a_model_that_cannot_be_loaded_is_not_tried_twice() {
    let place = Place::new("damaged");
    let writer = place.writer(&place.script("echo '{\"say\":\"refused\",\"reason\":\"model\"}'\n"), PATIENCE);
    let error = writer.write(&talk(2)).unwrap_err();
    assert!(matches!(error, WorkerError::Unusable(Failure::Refused(Refusal::Model))), "{error:?}");
    assert!(error.to_string().contains("dañado"), "{error}");
    assert_eq!(place.times_started(), 1);
}

#[test]
fn a_model_that_changed_since_it_was_installed_is_never_loaded() {
    let place = Place::new("changed");
    let writer = place.writer(&place.program(FEVER), PATIENCE);
    fs::write(&place.model.path, "GGUF, another").unwrap();
    let error = writer.write(&talk(2)).unwrap_err();
    assert!(matches!(error, WorkerError::Changed(_)), "{error:?}");
    assert_eq!(place.times_started(), 0);
}

#[test]
fn a_portion_that_does_not_fit_is_halved_and_what_cannot_be_used_is_counted() {
    let place = Place::new("long");
    // Refuses every question that has the turns 3 and 4 together, as a small context would.
    let answer = format!(
        "case \"$question\" in *'[3] '*'[4] '*) echo '{{\"say\":\"refused\",\"reason\":\"too_long\"}}';; *) {FEVER};; esac"
    );
    let halved = place.writer(&place.program(&answer), PATIENCE).write(&talk(8)).unwrap();
    assert!(halved.portions > 1 && halved.unread == 0, "{halved:?}");
    let cut = "echo '{\"say\":\"written\",\"text\":\"{\\\"facts\\\":[\",\"complete\":false,\"asked_tokens\":1,\"written_tokens\":1}'";
    for useless in [
        cut,
        "echo '{\"say\":\"refused\",\"reason\":\"engine\"}'",
        "echo '{\"say\":\"refused\",\"reason\":\"too_long\"}'",
    ] {
        let written = place.writer(&place.program(useless), PATIENCE).write(&talk(6)).unwrap();
        assert!(
            written.sentences.is_empty() && written.unread == written.portions && written.unread > 0,
            "{useless}"
        );
    }
}

#[test]
fn the_process_gets_nothing_of_the_environment_and_ends_with_who_asks() {
    let place = Place::new("environment");
    let seen = place.folder.join("visto");
    let pid = place.folder.join("pid");
    let program = place.script(&format!(
        "echo $$ > {}\n/usr/bin/env > {}\n{READY}\nexec sleep 600\n",
        pid.display(),
        seen.display()
    ));
    let session = Session::start(&program, &place.model.path, PATIENCE).unwrap();
    let environment = fs::read_to_string(&seen).unwrap();
    assert!(!environment.contains("HOME=") && !environment.contains("CARGO"), "{environment}");
    let process = PathBuf::from("/proc").join(fs::read_to_string(&pid).unwrap().trim());
    assert!(process.exists());
    drop(session);
    assert!(!process.exists());
}
