//! The ears of the program: voices are told apart here, their words are written by the speech model in a process of its own.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use care::listening::{Beforehand, Listener, Run};
use care::live::LiveWord;
use clinical::heard::{Heard, HeardTurn};
use clinical::transcript;
use speech::{DiarizedTranscript, Diarizer, Expected, Samples, Speaker, Transcriber, Word, Writing};
use whisper::Whisper;

use crate::config::Config;
use crate::installed;

/// After so long without anybody being listened to live, recordings that ended are listened to again.
const LIVE_PAUSE: Duration = Duration::from_secs(4);
/// So long a portion of a recording that ended makes way, and no longer: where somebody records all day, words appear a little
/// later now and then, and the notes of those who left come all the same.
const LONGEST_WAY: Duration = Duration::from_secs(30);
/// Between one look at that and the next.
const GLANCE: Duration = Duration::from_millis(200);

/// Listens to recordings with the speech model that is installed.
pub(crate) struct Ears {
    diarizer: Diarizer,
    whisper: Whisper,
    /// When somebody was last listened to live: what is listened to afterwards waits meanwhile.
    live: Mutex<Option<Instant>>,
}

/// What listens here; nothing when no speech model is installed.
pub(crate) fn ears(config: &Config) -> anyhow::Result<Option<Ears>> {
    let Some(whisper) = installed::transcriber(config)? else { return Ok(None) };
    Ok(Some(Ears { diarizer: Diarizer::new()?, whisper, live: Mutex::new(None) }))
}

impl Ears {
    /// Waits until nobody is listened to live, for a while, as long as the run is wanted.
    fn gives_way(&self, run: &Run, progress: u8) -> bool {
        let since = Instant::now();
        while run.goes_on(progress) {
            let last = *self.live.lock().unwrap_or_else(PoisonError::into_inner);
            if !makes_way(last.map(|last| last.elapsed()), since.elapsed()) {
                return true;
            }
            std::thread::sleep(GLANCE);
        }
        false
    }

    fn now_live(&self) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// Whether what ended waits for what goes on: somebody was listened to live so long ago, and it has waited so long.
fn makes_way(last_live: Option<Duration>, waited: Duration) -> bool {
    waited < LONGEST_WAY && last_live.is_some_and(|last| last < LIVE_PAUSE)
}

impl Listener for Ears {
    fn live(&self, sound: &[i16], prompt: &str) -> Result<Vec<LiveWord>, String> {
        self.now_live();
        let samples = samples(sound)?;
        let spans = self.diarizer.speech(&samples).map_err(told)?;
        let words = self.whisper.transcribe(&samples, &spans, prompt, &|_| true).map_err(told)?;
        self.now_live();
        let word = |word: Word| LiveWord {
            start_ms: word.span.start_ms(),
            end_ms: word.span.end_ms(),
            text: word.text,
        };
        Ok(words.into_iter().map(word).collect())
    }

    fn listen(&self, sound: &[i16], beforehand: &Beforehand, run: &Run) -> Result<Heard, String> {
        let samples = samples(sound)?;
        let writing = Writing {
            transcriber: &self.whisper,
            prompt: &beforehand.prompt,
            goes_on: &|share| self.gives_way(run, (share * 100.0) as u8),
        };
        let expected = Expected { physician: beforehand.physician.as_ref(), ..Expected::default() };
        let heard = self.diarizer.listen(&samples, expected, writing);
        Ok(of_record(&heard.map_err(told)?))
    }
}

fn samples(sound: &[i16]) -> Result<Samples, String> {
    let samples = sound.iter().map(|sample| f32::from(*sample) / 32_768.0).collect();
    Ok(Samples::new(samples).map_err(told)?.levelled())
}

/// An error with its causes: which part of what is installed failed.
fn told(error: impl Into<anyhow::Error>) -> String {
    format!("{:#}", error.into())
}

/// What was heard, as the record keeps it: voices have numbers, and only the physician's has a name.
pub(crate) fn of_record(heard: &DiarizedTranscript) -> Heard {
    let mut voices: Vec<Speaker> = Vec::new();
    let turns = heard.turns.iter().map(|turn| HeardTurn {
        voice: match turn.speaker {
            Speaker::Unknown => None,
            known => {
                let at = voices.iter().position(|voice| *voice == known).unwrap_or_else(|| {
                    voices.push(known);
                    voices.len() - 1
                });
                u8::try_from(at + 1).ok()
            }
        },
        speaker: match turn.speaker {
            Speaker::Physician => transcript::Speaker::Doctor,
            Speaker::Numbered(_) | Speaker::Unknown => transcript::Speaker::Unknown,
        },
        text: turn.text(),
        start_ms: turn.span.start_ms(),
        end_ms: turn.span.end_ms(),
    });
    Heard { turns: turns.collect() }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use speech::{DiarizedTurn, SpeechSpan, Word};

    use super::*;

    #[test]
    fn who_is_listened_to_live_comes_first_but_those_who_left_are_not_put_off_all_day() {
        let seconds = Duration::from_secs;
        assert!(!makes_way(None, seconds(0)), "nobody records");
        assert!(makes_way(Some(seconds(1)), seconds(10)), "somebody speaks");
        assert!(!makes_way(Some(seconds(10)), seconds(10)), "nobody speaks any more");
        assert!(!makes_way(Some(seconds(1)), seconds(60)), "somebody speaks all the time");
    }

    #[test]
    fn voices_are_numbered_as_they_are_first_heard_and_only_the_physician_has_a_name() {
        let second = Speaker::Numbered(NonZeroU8::MIN);
        let said = [second, Speaker::Physician, Speaker::Unknown, second];
        let turn = |(at, speaker): (u32, Speaker)| {
            let span = SpeechSpan::new(at * 100, at * 100 + 90).unwrap();
            let word = |text: &str| Word { text: text.to_owned(), span, confidence: 1.0 };
            DiarizedTurn { speaker, span, overlapped: false, words: vec![word("Me"), word("duele.")] }
        };
        let heard = of_record(&DiarizedTranscript { turns: (0..).zip(said).map(turn).collect() });
        let named: Vec<_> = heard.turns.iter().map(|turn| (turn.voice, turn.speaker)).collect();
        let unknown = transcript::Speaker::Unknown;
        let expected =
            [(Some(1), unknown), (Some(2), transcript::Speaker::Doctor), (None, unknown), (Some(1), unknown)];
        assert_eq!(named, expected);
        assert_eq!((heard.turns[3].text.as_str(), heard.turns[3].start_ms), ("Me duele.", 300));
    }
}
