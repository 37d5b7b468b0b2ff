//! Real voices, one after the other: who spoke when, and who is the physician. The recordings lie beside the repository
//! (`../shared/data/speech`, LibriSpeech); without them these tests say so. Conversations with overlap, noise and rooms are
//! measured by `cargo xtask eval speech mixes`.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::print_stderr, reason = "says what it could not do")]

use std::fs::File;
use std::path::{Path, PathBuf};

use speech::audio::SAMPLE_RATE;
use speech::{
    Diarizer, EnrolError, Expected, Samples, Speaker, SpeechSpan, TranscribeError, Transcriber, Word,
    Writing, decode,
};

/// The clips of one person; nothing when they are not there.
fn clips(person: &str) -> Option<Vec<Samples>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/speech/clips");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no recordings in {}", folder.display());
        return None;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{person}-")));
    paths.sort();
    Some(paths.iter().map(|path| decode(File::open(path).unwrap()).unwrap().samples).collect())
}

/// Clips one after the other with half a second between them, and where each lies, in milliseconds.
fn joined<'a>(clips: impl IntoIterator<Item = &'a Samples>) -> (Samples, Vec<(u32, u32)>) {
    let mut samples = vec![0.0; SAMPLE_RATE as usize / 2];
    let mut places = Vec::new();
    for clip in clips {
        let start = samples.len() as u32 / 16;
        samples.extend_from_slice(clip.as_slice());
        places.push((start, samples.len() as u32 / 16));
        samples.extend(vec![0.0; SAMPLE_RATE as usize / 2]);
    }
    (Samples::new(samples).unwrap(), places)
}

#[test]
fn the_physician_who_enrolled_is_told_from_the_other_voice() {
    let (Some(physician), Some(patient)) = (clips("367"), clips("3080")) else { return };
    let diarizer = Diarizer::new().unwrap();
    let voice = diarizer.enrol(&joined(&physician[5..]).0).unwrap();
    let (talk, places) = joined(physician[..5].iter().zip(&patient[..5]).flat_map(|(a, b)| [a, b]));
    let heard = diarizer.diarize(&talk, Expected { speakers: None, physician: Some(&voice) }).unwrap();
    for turn in &heard.turns {
        let middle = u32::midpoint(turn.span.start_ms(), turn.span.end_ms());
        let place = places.iter().position(|(start, end)| (*start..*end).contains(&middle)).unwrap();
        let expected = if place % 2 == 0 { "medico" } else { "hablante1" };
        assert_eq!(turn.speaker.to_string(), expected, "{turn:?}");
    }
    let spoken: u32 = heard.turns.iter().map(|turn| turn.span.duration_ms()).sum();
    let all: u32 = places.iter().map(|(start, end)| end - start).sum();
    assert!(spoken > all * 7 / 10, "{spoken} of {all} ms");
}

/// Says a word in the middle of every clip: "par" in those of the physician, "non" in the others.
struct Words(Vec<(u32, u32)>);

impl Transcriber for Words {
    fn transcribe(
        &self,
        _audio: &Samples,
        _spans: &[SpeechSpan],
        _prompt: &str,
        _goes_on: &dyn Fn(f32) -> bool,
    ) -> Result<Vec<Word>, TranscribeError> {
        let word = |(n, (start, end)): (usize, &(u32, u32))| {
            let middle = u32::midpoint(*start, *end);
            let text = if n.is_multiple_of(2) { "par" } else { "non" }.to_owned();
            Word { text, span: SpeechSpan::new(middle, middle + 200).unwrap(), confidence: 1.0 }
        };
        Ok(self.0.iter().enumerate().map(word).collect())
    }
}

#[test]
fn the_words_of_the_physician_who_enrolled_are_known_as_theirs() {
    let (Some(physician), Some(patient)) = (clips("367"), clips("3080")) else { return };
    let diarizer = Diarizer::new().unwrap();
    let voice = diarizer.enrol(&joined(&physician[5..]).0).unwrap();
    let (talk, places) = joined(physician[..5].iter().zip(&patient[..5]).flat_map(|(a, b)| [a, b]));
    let writing = Writing { transcriber: &Words(places), prompt: "", goes_on: &|_| true };
    let expected = Expected { speakers: None, physician: Some(&voice) };
    let heard = diarizer.listen(&talk, expected, writing).unwrap();
    let words = |who: &str| -> Vec<String> {
        let turns = heard.turns.iter().filter(|turn| turn.speaker.to_string() == who);
        turns.flat_map(|turn| turn.words.iter().map(|word| word.text.clone())).collect()
    };
    assert!(
        words("medico").iter().all(|word| word == "par") && words("medico").len() >= 4,
        "{:?}",
        heard.turns
    );
    assert!(words("hablante1").iter().all(|word| word == "non"), "{:?}", heard.turns);
    let unnamed = diarizer.listen(&talk, Expected::default(), writing).unwrap();
    assert!(unnamed.turns.iter().all(|turn| turn.speaker != Speaker::Physician), "{:?}", unnamed.turns);
}

#[test]
fn who_is_not_in_a_recording_is_not_found_in_it() {
    let (Some(physician), Some(patient), Some(other)) = (clips("1688"), clips("3080"), clips("2033")) else {
        return;
    };
    let diarizer = Diarizer::new().unwrap();
    let voice = diarizer.enrol(&joined(&physician).0).unwrap();
    let (talk, _) = joined(patient[..4].iter().zip(&other[..4]).flat_map(|(a, b)| [a, b]));
    let heard = diarizer.diarize(&talk, Expected { speakers: None, physician: Some(&voice) }).unwrap();
    assert!(heard.turns.iter().all(|turn| turn.speaker != Speaker::Physician));
}

#[test]
fn a_voice_is_enrolled_alone_and_long_enough() {
    let (Some(one), Some(other)) = (clips("1688"), clips("3080")) else { return };
    let diarizer = Diarizer::new().unwrap();
    let both = joined(one[..4].iter().chain(&other[..4])).0;
    assert!(matches!(diarizer.enrol(&both), Err(EnrolError::SeveralVoices)));
    assert!(matches!(diarizer.enrol(&Samples::default()), Err(EnrolError::TooShort)));
}

#[test]
fn silence_and_a_tone_are_nobody() {
    let diarizer = Diarizer::new().unwrap();
    let seconds = 30 * SAMPLE_RATE;
    let tone = |n: u32| 0.2 * (n as f32 * 0.2).sin() * (n as f32 * 0.0003).sin();
    for samples in [vec![0.0; seconds as usize], (0..seconds).map(tone).collect()] {
        let heard = diarizer.diarize(&Samples::new(samples).unwrap(), Expected::default()).unwrap();
        assert!(heard.turns.is_empty(), "{:?}", heard.turns);
    }
}
