//! The real process with models that nobody trained: loaded inside the sandbox, words with their times out, the same each
//! time; killed, out of memory, stuck or with a damaged file, and who asks goes on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::cell::RefCell;
use std::fs;
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{Size, random, saying};
use engine_process::models::{self, Model};
use engine_process::protocol::{Refusal, Reply, Request, receive, send};
use engine_process::{Failure, WorkerError};
use speech::{Samples, SpeechSpan, TranscribeError, Transcriber, Word};
use whisper::protocol::{Answer, Task};
use whisper::{Session, Whisper};

const PATIENCE: Duration = Duration::from_secs(300);
const SENTENCE: [&str; 6] = ["Me", "duele", "la", "garganta", "desde", "ayer."];
const SENTENCE_MS: usize = 3_000;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_medicus-speech"))
}

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("medicus-speech-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn installed(&self, bytes: &[u8]) -> Model {
        let file = self.0.join("modelo.bin");
        fs::write(&file, bytes).unwrap();
        models::add(&self.0.join("modelos"), &file, None).unwrap()
    }

    /// A program that does this and then becomes the real one.
    fn before(&self, first: &str) -> PathBuf {
        let path = self.0.join("proceso");
        let body = format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{first}\nexec {} \"$1\"\n", program().display());
        fs::write(&path, body).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A sound that is not silence.
fn hum(ms: usize) -> Samples {
    let tone = |at: usize| 0.3 * (at as f32 * 0.08).sin() * (at as f32 * 0.0007).cos();
    Samples::new((0..ms * 16).map(tone).collect()).unwrap()
}

fn span(start: u32, end: u32) -> SpeechSpan {
    SpeechSpan::new(start, end).unwrap()
}

fn task(ms: usize) -> Task {
    Task { samples: hum(ms).as_slice().to_vec(), prompt: String::new() }
}

fn words(whisper: &Whisper, audio: &Samples, spans: &[SpeechSpan]) -> Result<Vec<Word>, WorkerError> {
    whisper.transcribe(audio, spans, "", &|_| true).map_err(|error| match error {
        TranscribeError::Engine(cause) => *cause.downcast().unwrap(),
        TranscribeError::Unwanted => unreachable!(),
    })
}

fn texts(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.text.as_str()).collect()
}

#[test]
fn the_process_with_the_model_loaded_reaches_no_network_and_no_file() {
    let place = Place::new("probe");
    let model = place.installed(&random(1, Size::SMALLEST));
    let mut session = Session::start(program(), &model.path, PATIENCE).unwrap();
    assert_eq!(session.model, "tiny");
    let reached = session.probe(PATIENCE).unwrap();
    assert!(!reached.network() && !reached.program, "{reached:?}");
    assert_eq!(reached.file, !session.sandbox.files, "{reached:?}");
    assert!(session.write(&task(2_000), PATIENCE).is_ok(), "and works");
}

#[test]
fn what_was_said_comes_back_as_words_in_the_time_of_the_recording() {
    let place = Place::new("words");
    let model = place.installed(&saying(&SENTENCE, SENTENCE_MS));
    let whisper = Whisper::new(program().into(), model, PATIENCE);
    let audio = hum(60_000);
    let spans = [span(5_000, 8_000), span(40_000, 66_000)];
    let shares = RefCell::new(Vec::new());
    let transcribe = |spans: &[SpeechSpan]| {
        let goes_on = |share| {
            shares.borrow_mut().push(share);
            true
        };
        whisper.transcribe(&audio, spans, "metformina, losartán", &goes_on).unwrap()
    };
    let words = transcribe(&spans);
    assert_eq!(shares.take(), [1.0], "it says when all is done");
    assert_eq!(texts(&words)[..SENTENCE.len()], SENTENCE);
    let first = &words[..SENTENCE.len()];
    assert!(first[0].span.start_ms() >= 5_000 && first[5].span.end_ms() <= 8_000, "{words:?}");
    assert!(words.windows(2).all(|pair| pair[0].span.end_ms() <= pair[1].span.start_ms()), "{words:?}");
    assert!(words.iter().all(|word| word.confidence > 0.9), "{words:?}");
    assert!(words.iter().all(|word| spans.iter().any(|span| span.shared_ms(word.span) > 0)), "{words:?}");
    assert_eq!(transcribe(&spans), words);
    assert_eq!(transcribe(&[]), [], "where nobody spoke nothing is asked");
    let unwanted = whisper.transcribe(&audio, &spans, "", &|_| false);
    assert!(matches!(unwanted, Err(TranscribeError::Unwanted)), "{unwanted:?}");
}

#[test]
fn a_model_that_goes_round_in_circles_leaves_a_mark_and_no_words() {
    let place = Place::new("loop");
    let model = place.installed(&saying(&["tos"; 30], 20_000));
    let whisper = Whisper::new(program().into(), model, PATIENCE);
    let words = words(&whisper, &hum(20_000), &[span(0, 20_000)]).unwrap();
    assert_eq!(texts(&words), [whisper::INAUDIBLE], "{words:?}");
}

#[test]
fn the_same_sound_gives_the_same_words_from_another_process_whatever_was_asked_between() {
    let place = Place::new("same");
    let model = place.installed(&random(2, Size::SMALLEST));
    let mut one = Session::start(program(), &model.path, PATIENCE).unwrap();
    let answer = one.write(&task(6_000), PATIENCE).unwrap();
    one.write(&Task { prompt: "amlodipino".into(), ..task(3_000) }, PATIENCE).unwrap();
    assert_eq!(one.write(&task(6_000), PATIENCE).unwrap(), answer);
    let mut other = Session::start(program(), &model.path, PATIENCE).unwrap();
    assert_eq!(other.write(&task(6_000), PATIENCE).unwrap(), answer);
}

#[test]
fn sound_it_cannot_take_is_refused_and_the_next_is_heard() {
    let place = Place::new("refused");
    let model = place.installed(&saying(&SENTENCE, SENTENCE_MS));
    let mut session = Session::start(program(), &model.path, PATIENCE).unwrap();
    let mut refused = |task: &Task| match session.write(task, PATIENCE) {
        Err(Failure::Refused(reason)) => reason,
        other => unreachable!("{other:?}"),
    };
    assert_eq!(refused(&task(31_000)), Refusal::TooLong);
    assert_eq!(refused(&Task { prompt: "a".repeat(900), ..task(1_000) }), Refusal::TooLong);
    assert_eq!(refused(&task(0)), Refusal::Question);
    assert_eq!(refused(&Task { samples: vec![f32::NAN; 16_000], prompt: String::new() }), Refusal::Question);
    assert_eq!(refused(&Task { prompt: "a\0b".into(), ..task(1_000) }), Refusal::Question);
    assert_eq!(session.write(&task(3_000), PATIENCE).unwrap().segments.len(), 1);
    assert!(session.write(&task(20), PATIENCE).is_ok(), "an instant is heard too");
}

/// The program on a model, with pipes to it.
fn spoken_to(model: &Model) -> Child {
    let mut program = Command::new(program());
    program.arg(&model.path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_process_at_work_says_so_before_it_answers() {
    let place = Place::new("signs");
    let model = place.installed(&random(4, Size::SMALLEST));
    let mut process = spoken_to(&model);
    send(&mut process.stdin.take().unwrap(), &Request::Write(task(6_000))).unwrap();
    let mut out = BufReader::new(process.stdout.take().unwrap());
    let mut said = Vec::new();
    while let Some(reply) = receive::<Reply<Answer>>(&mut out).unwrap() {
        said.push(reply);
    }
    process.wait().unwrap();
    let [Reply::Ready { .. }, signs @ .., Reply::Written(_)] = &said[..] else { unreachable!("{said:?}") };
    assert!(!signs.is_empty() && signs.iter().all(|sign| *sign == Reply::Working), "{signs:?}");
}

#[test]
fn no_thread_is_there_before_the_sandbox() {
    let place = Place::new("threads");
    let model = place.installed(&random(4, Size::SMALLEST));
    let mut process = spoken_to(&model);
    let mut out = BufReader::new(process.stdout.take().unwrap());
    let said = receive::<Reply<Answer>>(&mut out).unwrap();
    assert!(matches!(said, Some(Reply::Ready { .. })), "{said:?}");
    let threads = std::fs::read_dir(format!("/proc/{}/task", process.id())).unwrap().count();
    assert_eq!(threads, 1, "the kernel would leave the files to another");
    drop(process.stdin.take());
    process.wait().unwrap();
}

/// The line of a shell that kills its process, the real one, a little after it began; the first time only.
fn dies_once(place: &Place, signal: &str, after: &str) -> String {
    let once = place.0.join("una-vez");
    format!("if [ ! -e {0} ]; then : > {0}; (sleep {after}; kill -{signal} $$) & fi", once.display())
}

#[test]
fn a_process_that_is_killed_or_crashes_is_started_once_more_and_no_word_is_lost() {
    let audio = hum(60_000);
    let spans: Vec<SpeechSpan> = (0..3).map(|at| span(at * 20_000, at * 20_000 + 15_000)).collect();
    let undisturbed = {
        let place = Place::new("undisturbed");
        let model = place.installed(&saying(&SENTENCE, SENTENCE_MS));
        words(&Whisper::new(program().into(), model, PATIENCE), &audio, &spans).unwrap()
    };
    for (signal, after) in [("KILL", "0.1"), ("SEGV", "0.6"), ("ABRT", "1.2")] {
        let place = Place::new(&format!("killed-{signal}-{after}"));
        let model = place.installed(&saying(&SENTENCE, SENTENCE_MS));
        let program = place.before(&dies_once(&place, signal, after));
        let heard = words(&Whisper::new(program, model, PATIENCE), &audio, &spans).unwrap();
        assert_eq!(heard, undisturbed, "{signal} after {after} s");
    }
}

#[test]
fn out_of_memory_stuck_or_always_dying_is_told_in_spanish_and_the_next_process_works() {
    let place = Place::new("faults");
    let model = place.installed(&saying(&SENTENCE, SENTENCE_MS));
    let ask = |program: PathBuf, patience| {
        words(&Whisper::new(program, model.clone(), patience), &hum(3_000), &[span(0, 3_000)])
    };
    let told = |result: Result<Vec<Word>, WorkerError>| result.unwrap_err().to_string();
    // 60 MB of addresses are too few for the model; how native code takes that is its own affair.
    let memory = told(ask(place.before("ulimit -v 60000"), PATIENCE));
    assert!(memory.contains("terminó de improviso") || memory.contains("dañado"), "{memory}");
    let stuck = told(ask(place.before("kill -STOP $$"), Duration::from_secs(1)));
    assert!(stuck.contains("el modelo se quedó 1 s sin avanzar y se detuvo; se intentó otra vez"), "{stuck}");
    let dying = told(ask(place.before("kill -SEGV $$"), PATIENCE));
    assert!(dying.contains("terminó de improviso (signal: 11"), "{dying}");
    assert_eq!(texts(&ask(program().into(), PATIENCE).unwrap()), SENTENCE);
}

#[test]
fn a_process_that_stops_reading_while_it_is_asked_does_not_hold_up_who_asks() {
    let place = Place::new("deaf");
    let model = place.installed(b"lmgg");
    let program = place.0.join("sordo");
    let ready = r#"{"say":"ready","model":"","sandbox":{"files":true}}"#;
    fs::write(&program, format!("#!/bin/sh\necho '{ready}'\nexec sleep 600\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let whisper = Whisper::new(program, model, Duration::from_millis(500));
    let error = words(&whisper, &hum(28_000), &[span(0, 28_000)]).unwrap_err();
    assert!(matches!(error, WorkerError::Twice { again: Failure::Stuck(_), .. }), "{error:?}");
}

#[test]
fn a_damaged_model_costs_its_process_and_is_told() {
    let place = Place::new("damaged");
    let whole = random(3, Size::SMALLEST);
    let mut damaged: Vec<Vec<u8>> = [4, 40, 5_000, 800_000, whole.len() / 2, whole.len() - 1]
        .map(|length| whole[..length].to_vec())
        .into();
    for at in [4, 8, 20, 44, 60_000, 900_000] {
        let mut changed = whole.clone();
        changed[at..at + 8].fill(0x7f);
        damaged.push(changed);
    }
    for (number, bytes) in damaged.iter().enumerate() {
        let model = place.installed(bytes);
        let patience = Duration::from_secs(60);
        let outcome = Session::start(program(), &model.path, patience)
            .and_then(|mut session| session.write(&task(1_000), patience));
        let wrong = matches!(outcome, Err(Failure::Start(_) | Failure::Garbage));
        assert!(!wrong, "{number}: {outcome:?}");
        models::remove(&model).unwrap();
    }
    let model = place.installed(&whole);
    fs::write(&model.path, &damaged[0]).unwrap();
    let whisper = Whisper::new(program().into(), model, PATIENCE);
    let error = words(&whisper, &hum(2_000), &[span(0, 2_000)]).unwrap_err();
    assert!(
        matches!(error, WorkerError::Changed(_)),
        "a file that is not the installed one is never loaded: {error}"
    );
}
