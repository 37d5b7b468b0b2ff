//! A recording of a voice through everything between sound and turns: decoded, its speech found, its voice told apart here, its
//! words written by the real process with a model that always says the same sentence, each word with who said it.

mod common;

use std::cell::RefCell;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use common::saying;
use engine_process::models;
use speech::{Diarizer, Expected, ListenError, TranscribeError, Writing};
use whisper::Whisper;

const SENTENCE: [&str; 6] = ["Me", "duele", "la", "garganta", "desde", "ayer."];

#[test]
fn a_recording_becomes_turns_with_who_said_each_word_and_when() {
    let folder = std::env::temp_dir().join(format!("medicus-listen-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("modelo.bin");
    fs::write(&file, saying(&SENTENCE, 1_500)).unwrap();
    let model = models::add(&folder.join("modelos"), &file, None).unwrap();
    let whisper = Whisper::new(env!("CARGO_BIN_EXE_medicus-speech").into(), model, Duration::from_secs(300));
    let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("../speech/tests/audio/dictado.ogg");
    let recording = speech::decode(File::open(sound).unwrap()).unwrap();
    let diarizer = Diarizer::new().unwrap();
    let shares = RefCell::new(Vec::new());
    let goes_on = |share| {
        shares.borrow_mut().push(share);
        true
    };
    let writing = Writing { transcriber: &whisper, prompt: "Consulta médica.", goes_on: &goes_on };
    let heard = diarizer.listen(&recording.samples, Expected::default(), writing).unwrap();
    let text: Vec<String> = heard.turns.iter().map(speech::DiarizedTurn::text).collect();
    assert!(text.join(" ").starts_with("Me duele la garganta desde ayer."), "{text:?}");
    assert!(heard.turns.iter().all(|turn| turn.speaker.to_string() == "hablante1"), "{:?}", heard.turns);
    let end = recording.samples.duration_ms();
    assert!(heard.turns.iter().all(|turn| !turn.words.is_empty() && turn.span.end_ms() <= end));
    let shares = shares.borrow().clone();
    assert!(shares.is_sorted() && shares.last().is_some_and(|last| *last > 0.99), "{shares:?}");
    let unwanted =
        diarizer.listen(&recording.samples, Expected::default(), Writing { goes_on: &|_| false, ..writing });
    assert!(matches!(unwanted, Err(ListenError::Words(TranscribeError::Unwanted))), "{unwanted:?}");
    fs::remove_dir_all(&folder).unwrap();
}
