//! The real process with models that are folders: without the second engine it says what is missing; with it, it writes inside
//! the sandbox, the same each time, and what it cannot use costs its process and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "common/onnx.rs"]
mod onnx;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use engine_process::models::{self, Model};
use engine_process::{Failure, WorkerError};
use speech::{Samples, SpeechSpan, TranscribeError, Transcriber, Word};
use whisper::Whisper;

const PATIENCE: Duration = Duration::from_secs(300);
const SENTENCE: [&str; 6] = ["Me", "duele", "la", "garganta", "desde", "ayer."];
const SENTENCE_MS: usize = 3_000;

fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_medicus-speech").into()
}

/// A folder that goes with this value.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn installed(name: &str, write: impl Fn(&Path)) -> (Place, Model) {
    let folder = std::env::temp_dir().join(format!("medicus-folders-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let place = Place(folder);
    let from = place.0.join("parakeet");
    write(&from);
    let model = models::add(&place.0.join("modelos"), &from, None).unwrap();
    (place, model)
}

/// A sound that is not silence.
fn hum(ms: usize) -> Samples {
    let tone = |at: usize| 0.3 * (at as f32 * 0.08).sin() * (at as f32 * 0.0007).cos();
    Samples::new((0..ms * 16).map(tone).collect()).unwrap()
}

fn words(whisper: &Whisper, audio: &Samples, spans: &[SpeechSpan]) -> Result<Vec<Word>, WorkerError> {
    whisper.transcribe(audio, spans, "", &|_| true).map_err(|error| match error {
        TranscribeError::Engine(cause) => *cause.downcast().unwrap(),
        TranscribeError::Unwanted => unreachable!(),
    })
}

fn span(start: u32, end: u32) -> SpeechSpan {
    SpeechSpan::new(start, end).unwrap()
}

#[test]
fn the_program_names_its_engines() {
    let named = Command::new(program()).arg("--engines").output().unwrap();
    let named = String::from_utf8(named.stdout).unwrap();
    let built = [
        (true, "whisper.cpp"),
        (cfg!(feature = "sherpa-onnx"), "sherpa-onnx"),
        (cfg!(feature = "cuda"), "CUDA"),
    ];
    let expected: Vec<&str> = built.into_iter().filter_map(|(built, name)| built.then_some(name)).collect();
    assert_eq!(named.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_folder_that_changed_since_it_was_installed_is_never_loaded() {
    let (_place, model) = installed("changed", |folder| onnx::tdt_saying(folder, &SENTENCE, SENTENCE_MS));
    fs::write(model.path.join("tokens.txt"), "▁No 0\n").unwrap();
    let whisper = Whisper::new("/bin/false".into(), model, PATIENCE);
    let error = words(&whisper, &hum(2_000), &[span(0, 2_000)]).unwrap_err();
    assert!(matches!(error, WorkerError::Changed(_)), "{error}");
    assert!(error.to_string().contains("medicus models verify"), "{error}");
}

#[cfg(not(feature = "sherpa-onnx"))]
#[test]
fn without_the_second_engine_it_says_so_and_how_to_get_it() {
    let (_place, model) = installed("none", |folder| onnx::ctc_saying(folder, &SENTENCE, SENTENCE_MS));
    let error = whisper::Session::start(&program(), &model.path, PATIENCE).unwrap_err();
    let refused = matches!(error, Failure::Refused(engine_process::protocol::Refusal::Family));
    assert!(refused && error.to_string().contains("docs/manual/escuchar.md"), "{error}");
    let whisper = Whisper::new(program(), model, PATIENCE);
    let error = words(&whisper, &hum(2_000), &[span(0, 2_000)]).unwrap_err();
    assert!(error.to_string().contains("sin el motor para modelos en carpeta"), "{error}");
}

#[cfg(feature = "sherpa-onnx")]
mod built {
    use whisper::Session;
    use whisper::protocol::Task;

    use super::*;

    fn task(ms: usize) -> Task {
        Task { samples: hum(ms).as_slice().to_vec(), prompt: String::new() }
    }

    #[test]
    fn both_families_write_what_was_said_in_the_time_of_the_recording() {
        for name in ["ctc", "tdt"] {
            let (_place, model) = installed(name, |folder| match name {
                "ctc" => onnx::ctc_saying(folder, &SENTENCE, SENTENCE_MS),
                _ => onnx::tdt_saying(folder, &SENTENCE, SENTENCE_MS),
            });
            let whisper = Whisper::new(program(), model, PATIENCE);
            let audio = hum(60_000);
            let spans = [span(5_000, 8_000), span(40_000, 59_000)];
            let heard = words(&whisper, &audio, &spans).unwrap();
            let texts: Vec<&str> = heard.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(texts, SENTENCE, "{name}: one portion, said once");
            let starts: Vec<u32> = heard.iter().map(|word| word.span.start_ms()).collect();
            // One word each half a second, as near as steps of eight hundredths of a second come.
            assert_eq!(starts, [5_000, 5_480, 5_960, 6_440, 7_000, 7_480], "{name}");
            assert!(heard.iter().all(|word| word.span.end_ms() <= 8_000), "{name}: {heard:?}");
            assert!(heard.iter().all(|word| word.confidence == 0.5), "{name}: nobody knows how sure it is");
            assert_eq!(words(&whisper, &audio, &spans).unwrap(), heard, "{name}: the same each time");
        }
    }

    #[test]
    fn the_process_with_the_folder_loaded_reaches_no_network_and_no_file() {
        let (_place, model) = installed("probe", |folder| onnx::tdt_saying(folder, &SENTENCE, SENTENCE_MS));
        let mut session = Session::start(&program(), &model.path, PATIENCE).unwrap();
        assert_eq!(session.model, "EncDecRNNTBPEModel");
        let reached = session.probe(PATIENCE).unwrap();
        assert!(!reached.network() && !reached.program, "{reached:?}");
        assert_eq!(reached.file, !session.sandbox.files, "{reached:?}");
        assert!(session.write(&task(2_000), PATIENCE).is_ok(), "and works");
    }

    #[test]
    fn the_same_sound_gives_the_same_words_from_another_process_and_another_sound_others() {
        let (_place, model) = installed("same", |folder| onnx::ctc_random(folder, 7, &SENTENCE));
        let mut one = Session::start(&program(), &model.path, PATIENCE).unwrap();
        let answer = one.write(&task(6_000), PATIENCE).unwrap();
        assert!(answer.segments.iter().any(|segment| segment.words.len() > 3), "{answer:?}");
        assert_ne!(one.write(&task(3_000), PATIENCE).unwrap(), answer);
        assert_eq!(one.write(&task(6_000), PATIENCE).unwrap(), answer);
        let mut other = Session::start(&program(), &model.path, PATIENCE).unwrap();
        assert_eq!(other.write(&task(6_000), PATIENCE).unwrap(), answer);
    }

    #[test]
    fn sound_it_cannot_take_is_refused_and_the_next_is_heard() {
        use engine_process::protocol::Refusal;
        let (_place, model) = installed("refused", |folder| onnx::ctc_saying(folder, &SENTENCE, SENTENCE_MS));
        let mut session = Session::start(&program(), &model.path, PATIENCE).unwrap();
        let mut refused = |task: &Task| match session.write(task, PATIENCE) {
            Err(Failure::Refused(reason)) => reason,
            other => unreachable!("{other:?}"),
        };
        assert_eq!(refused(&task(31_000)), Refusal::TooLong);
        assert_eq!(refused(&task(0)), Refusal::Question);
        assert_eq!(
            refused(&Task { samples: vec![f32::NAN; 16_000], prompt: String::new() }),
            Refusal::Question
        );
        assert_eq!(session.write(&task(3_000), PATIENCE).unwrap().segments.len(), 1);
        assert!(session.write(&task(20), PATIENCE).is_ok(), "an instant is heard too");
        assert!(session.write(&task(30_000), PATIENCE).is_ok(), "and all it takes at once");
    }

    #[test]
    fn a_family_that_is_not_known_is_refused_and_a_damaged_network_costs_its_process() {
        let start = |model: &Model| Session::start(&program(), &model.path, Duration::from_secs(60));
        let (_place, model) = installed("foreign", |folder| {
            onnx::ctc_saying(folder, &SENTENCE, SENTENCE_MS);
            fs::rename(folder.join("model.onnx"), folder.join("conv_frontend.onnx")).unwrap();
        });
        let error = start(&model).unwrap_err();
        assert!(error.to_string().contains("no es de los que este programa puede usar"), "{error}");
        let damages: [&dyn Fn(Vec<u8>) -> Vec<u8>; 3] = [
            &|whole| whole[..whole.len() / 2].to_vec(),
            &|mut whole| {
                whole[40..90].fill(0x7f);
                whole
            },
            &|mut whole| {
                // The list of tokens no longer fits: the library ends the process.
                let at = whole.windows(10).position(|some| some == b"vocab_size").unwrap() + 12;
                whole[at] = b'9';
                whole
            },
        ];
        for (number, damage) in damages.iter().enumerate() {
            let (_place, model) = installed(&format!("damaged-{number}"), |folder| {
                onnx::tdt_saying(folder, &SENTENCE, SENTENCE_MS);
                let encoder = folder.join("encoder.int8.onnx");
                fs::write(&encoder, damage(fs::read(&encoder).unwrap())).unwrap();
            });
            let error = start(&model).unwrap_err();
            assert!(!matches!(error, Failure::Start(_) | Failure::Garbage), "{number}: {error}");
        }
    }
}
