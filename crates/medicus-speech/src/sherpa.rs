//! sherpa-onnx behind the trait of `engine_process`: transducers and CTC, the likeliest token each time.
//!
//! What it does not say, and what is done about it:
//! - How sure it is of a word. The library knows the likelihood of each token, its Rust crate does not hand it on; [`UNKNOWN`]
//!   stands in every word. So a guess is not known as one here; loops and words faster than speech are.
//! - That it works. Nothing is called while it listens, so a process says nothing until it is done.
//! - When a token ends, but for TDT. It ends with the next one, or after [`LONGEST_TOKEN`].
//!
//! Words to be expected are not handed on: these models take them only with another search, which was not tried.

use std::path::Path;

use engine_process::protocol::Refusal;
use engine_process::serve::{Engine, still_working};
use sherpa_onnx::{OfflineRecognizer, OfflineRecognizerConfig, OfflineRecognizerResult};
use whisper::protocol::{Answer, SAMPLE_RATE, Segment, Task};

use crate::engine::{SHORTEST, acceptable, threads};
use crate::onnx_folder::{Networks, OnnxFolder};
use crate::words::{Token, words};

/// The likelihood of what has none: as likely as not. Its logarithm is above the one that is taken for a guess.
const UNKNOWN: f32 = 0.5;
/// The longest a token lasts that does not say so, in hundredths of a second.
const LONGEST_TOKEN: i64 = 40;
/// A silence that parts two sentences, in hundredths of a second.
const PAUSE: i64 = 100;

/// A model in memory that listens.
pub(crate) struct Listening {
    recognizer: OfflineRecognizer,
    name: String,
}

impl Listening {
    /// Reads a folder.
    pub(crate) fn load(folder: &Path) -> Result<Self, Refusal> {
        let read = OnnxFolder::read(folder).ok().flatten().ok_or(Refusal::Model)?;
        let text = |path: &Path| path.to_str().map(str::to_owned).ok_or(Refusal::Model);
        let mut config = OfflineRecognizerConfig {
            decoding_method: Some("greedy_search".to_owned()),
            ..OfflineRecognizerConfig::default()
        };
        let model = &mut config.model_config;
        model.tokens = Some(text(&read.tokens)?);
        model.num_threads = threads();
        match &read.networks {
            Networks::Transducer { encoder, decoder, joiner } => {
                model.transducer.encoder = Some(text(encoder)?);
                model.transducer.decoder = Some(text(decoder)?);
                model.transducer.joiner = Some(text(joiner)?);
            }
            Networks::NemoCtc(network) => model.nemo_ctc.model = Some(text(network)?),
            Networks::ZipformerCtc(network) => model.zipformer_ctc.model = Some(text(network)?),
        }
        let recognizer = OfflineRecognizer::create(&config).ok_or(Refusal::Model)?;
        Ok(Self { recognizer, name: read.name })
    }

    /// What the network calls itself.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }
}

impl Engine for Listening {
    type Task = Task;

    fn write(&mut self, task: &Task) -> Result<Answer, Refusal> {
        acceptable(task)?;
        still_working();
        let mut samples = task.samples.clone();
        samples.resize(samples.len().max(SHORTEST), 0.0);
        let stream = self.recognizer.create_stream();
        stream.accept_waveform(SAMPLE_RATE as i32, &samples);
        self.recognizer.decode(&stream);
        let heard = stream.get_result().ok_or(Refusal::Engine)?;
        let last_ms = u32::try_from(task.samples.len() * 1000 / SAMPLE_RATE).unwrap_or(u32::MAX);
        let tokens = tokens(&heard).ok_or(Refusal::Engine)?;
        Ok(Answer { segments: segments(&tokens, last_ms) })
    }
}

/// What was heard, with its times; nothing when there are no times for all of it.
fn tokens(heard: &OfflineRecognizerResult) -> Option<Vec<Token>> {
    let starts = heard.timestamps.as_deref().unwrap_or_default();
    if starts.len() != heard.tokens.len() {
        return None;
    }
    let hundredths = |seconds: f32| (seconds * 100.0).round() as i64;
    let duration = |at: usize| {
        let said = heard.durations.as_ref().filter(|all| all.len() == starts.len())?.get(at)?;
        Some(hundredths(*said)).filter(|length| *length > 0)
    };
    let mut tokens = Vec::new();
    for (at, (text, start)) in heard.tokens.iter().zip(starts).enumerate() {
        let Some(bytes) = bytes(text) else { continue };
        let start = hundredths(*start);
        let next = starts.get(at + 1).map_or(i64::MAX, |next| hundredths(*next));
        let end = duration(at).map_or(start + LONGEST_TOKEN, |length| start + length).min(next);
        tokens.push(Token { bytes, start, end, likelihood: UNKNOWN });
    }
    Some(tokens)
}

/// The bytes of a token: its text, or of one like `<0xC3>` that byte. Others in such brackets (`<unk>`) are no text.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let Some(inside) = text.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else {
        return Some(text.as_bytes().to_vec());
    };
    let byte = inside.strip_prefix("0x").filter(|digits| digits.len() == 2);
    byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()).map(|byte| vec![byte])
}

/// Sentences: these models write one text for all they hear, and what is believed is judged sentence by sentence. One ends with
/// its sign, or before a long silence.
fn segments(tokens: &[Token], last_ms: u32) -> Vec<Segment> {
    let ends = |token: &Token| matches!(token.bytes.last(), Some(b'.' | b'?' | b'!'));
    let begins_word = |token: &Token| token.bytes.first() == Some(&b' ');
    tokens
        .chunk_by(|before, token| {
            !(begins_word(token) && (ends(before) || token.start - before.end >= PAUSE))
        })
        .map(|sentence| Segment { words: words(sentence, last_ms), mean_log: UNKNOWN.ln() })
        .filter(|segment| !segment.words.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(tokens: &[&str], starts: &[f32], durations: &[f32]) -> OfflineRecognizerResult {
        OfflineRecognizerResult {
            text: String::new(),
            tokens: tokens.iter().map(|token| (*token).to_owned()).collect(),
            timestamps: Some(starts.to_vec()),
            durations: Some(durations.to_vec()),
        }
    }

    #[test]
    fn tokens_become_sentences_of_words_with_times_and_an_unknown_likelihood() {
        let said = heard(
            &[" Me", " du", "ele", ".", "<unk>", " Des", "de", " a", "ma", "<0xC3>", "<0xB1>", "o"],
            &[0.0, 0.16, 0.32, 0.48, 0.56, 0.64, 0.72, 2.4, 2.48, 2.56, 2.56, 2.72],
            &[],
        );
        let segments = segments(&tokens(&said).unwrap(), 2_900);
        let texts: Vec<Vec<&str>> =
            segments.iter().map(|one| one.words.iter().map(|word| word.text.as_str()).collect()).collect();
        assert_eq!(texts, [vec!["Me", "duele."], vec!["Desde"], vec!["amaño"]]);
        let (me, from) = (&segments[0].words[0], &segments[1].words[0]);
        assert_eq!((me.start_ms, me.end_ms, me.confidence), (0, 160, UNKNOWN));
        assert_eq!((from.start_ms, from.end_ms), (640, 1_120), "no longer than a token lasts");
        assert_eq!(segments[2].words[0].end_ms, 2_900, "nothing is heard after the sound");
        assert!(segments.iter().all(|segment| segment.mean_log == UNKNOWN.ln()));
    }

    #[test]
    fn lengths_that_are_said_are_used_and_words_without_times_are_not() {
        let said = heard(&[" sí", " no"], &[0.0, 2.0], &[0.24, 0.0]);
        let all = segments(&tokens(&said).unwrap(), 9_000);
        assert_eq!((all[0].words[0].end_ms, all[1].words[0].end_ms), (240, 2_400));
        assert!(tokens(&OfflineRecognizerResult { timestamps: None, ..said }).is_none());
        assert!(segments(&[], 10).is_empty());
    }
}
