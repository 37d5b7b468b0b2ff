//! Who spoke when. Windows of 1.6 s, five a second, become voiceprints ([`VoiceEncoder`]); [`cluster`] finds the voices of
//! the recording, [`path`] the most likely course of who speaks. Two people at once are found by what their voices sound
//! like together: pieces of both, taken from the recording itself, are added up and heard by the same encoder.
//!
//! Nobody is guessed: a turn that could as well be of another voice is of [`Speaker::Unknown`], and so is a voice that is
//! hardly more like the physician's than another one is.

mod cluster;
mod mask;
mod path;

use std::num::NonZeroU8;

use crate::activity::VoiceActivity;
use crate::audio::{SAMPLES_PER_MS, Samples};
use crate::mel::HOP;
use crate::model::ModelError;
use crate::transcript::{
    DiarizedTranscript, DiarizedTurn, Speaker, SpeechSpan, TranscribeError, Transcriber,
};
use crate::voiceprint::{FRAMES, VoiceEncoder, Voiceprint};
use mask::Run;

/// Frames from one window to the next.
const STRIDE: usize = 20;

/// Weight of a likeness in the course of who speaks.
const SHARPNESS: f32 = 12.0;

/// By how much two voices at once must be a better explanation than one.
const TWO_AT_ONCE: f32 = 0.0;

/// Pieces of two voices that are added up to know how they sound together.
const PIECES: usize = 24;

/// Windows beside one that have to be of the same voice for it to be heard alone.
const ALONE: usize = 4;

/// Rounds in which voices are heard again where they were found.
const ROUNDS: usize = 2;

/// Frames of a pause that belongs to a turn when nobody else speaks in it.
const PAUSE: usize = 60;

/// A turn that is not longer than this many frames is a part of a sound, not a turn.
const SHORTEST_TURN: usize = 15;

/// Below this lead over the next voice a turn is nobody's.
const CLEAR_LEAD: f32 = 0.04;

/// How like the enrolled voice the physician's has to be, and by how much more than any other.
const IS_PHYSICIAN: f32 = 0.66;
const PHYSICIAN_LEAD: f32 = 0.05;

/// Two voices of a sample less alike than this are of two people.
const OTHER_PERSON: f32 = 0.70;

/// The share of the work that is done when voices are told apart and no word is written.
const TOLD_APART: f32 = 0.1;

/// Speech an enrolment has to have, in milliseconds.
const ENROLMENT_MS: usize = 8_000;

/// What is known before somebody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    /// How many people speak, when it is known.
    pub speakers: Option<NonZeroU8>,
    /// The voice of the physician, when they enrolled it.
    pub physician: Option<&'a Voiceprint>,
}

/// Why a voice was not enrolled. Read by the physician.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Too little speech.
    #[error("la muestra de voz tiene menos de {} segundos de habla; grabe unos 20 segundos leyendo en voz alta", ENROLMENT_MS / 1000)]
    TooShort,
    /// More than one person.
    #[error("en la muestra se oye más de una voz; grábela a solas")]
    SeveralVoices,
    /// The network does not run.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// How the words of a recording are written down.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    /// Who writes them.
    pub transcriber: &'a dyn Transcriber,
    /// Words that may be expected.
    pub prompt: &'a str,
    /// Told which share is done, from 0 to 1; answers whether anybody wants the rest.
    pub goes_on: &'a dyn Fn(f32) -> bool,
}

/// Why nothing was heard.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// A network does not run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There are no words.
    #[error(transparent)]
    Words(#[from] TranscribeError),
}

/// Tells voices apart.
pub struct Diarizer {
    activity: VoiceActivity,
    encoder: VoiceEncoder,
}

impl Diarizer {
    /// Loads both networks.
    ///
    /// # Errors
    /// When they do not run on this machine.
    pub fn new() -> Result<Self, ModelError> {
        Ok(Self { activity: VoiceActivity::new()?, encoder: VoiceEncoder::new()? })
    }

    /// Who speaks when, without words.
    ///
    /// # Errors
    /// When a network does not run.
    pub fn diarize(
        &self,
        samples: &Samples,
        expected: Expected<'_>,
    ) -> Result<DiarizedTranscript, ModelError> {
        self.told_apart(samples, &self.hear(samples)?, expected)
    }

    /// Who says what, when: voices are told apart, their words are written down, and each word goes to who says it
    /// (`spoken`).
    ///
    /// # Errors
    /// When a network does not run, or the words cannot be written or are not wanted any more.
    pub fn listen(
        &self,
        samples: &Samples,
        expected: Expected<'_>,
        writing: Writing<'_>,
    ) -> Result<DiarizedTranscript, ListenError> {
        let heard = self.hear(samples)?;
        let turns = self.told_apart(samples, &heard, expected)?;
        if !(writing.goes_on)(TOLD_APART) {
            return Err(TranscribeError::Unwanted.into());
        }
        let goes_on = |share: f32| (writing.goes_on)(TOLD_APART + share * (1.0 - TOLD_APART));
        let words = writing.transcriber.transcribe(samples, &heard.spans(), writing.prompt, &goes_on)?;
        Ok(turns.with_words(words))
    }

    fn told_apart(
        &self,
        samples: &Samples,
        heard: &Heard,
        expected: Expected<'_>,
    ) -> Result<DiarizedTranscript, ModelError> {
        let several = expected.speakers.map(|count| usize::from(count.get()));
        let mut voices = cluster::voices(&heard.clear(), several);
        if voices.is_empty() {
            return Ok(heard.unknown());
        }
        let mut course = Vec::new();
        for _ in 0..ROUNDS {
            course = heard.course(&voices, &[]);
            heard.listen_again(&course, &mut voices);
        }
        let together = self.together(samples, heard, &course, voices.len())?;
        let course = heard.course(&voices, &together);
        let states: Vec<Vec<usize>> = course
            .iter()
            .map(|state| match state.checked_sub(voices.len()).and_then(|pair| together.get(pair)) {
                Some(pair) => vec![pair.first, pair.second],
                None => vec![*state],
            })
            .collect();
        let turns = heard.turns(&states, voices.len());
        let names = physician(&voices, expected.physician);
        Ok(DiarizedTranscript { turns: heard.named(turns, &voices, names) })
    }

    /// The voice of who speaks alone in a recording.
    ///
    /// # Errors
    /// When there is too little speech, more than one voice, or a network does not run.
    pub fn enrol(&self, samples: &Samples) -> Result<Voiceprint, EnrolError> {
        let heard = self.hear(samples)?;
        let spoken = heard.speech.iter().filter(|speaks| **speaks).count();
        if spoken * HOP / SAMPLES_PER_MS < ENROLMENT_MS {
            return Err(EnrolError::TooShort);
        }
        let clear = heard.clear();
        let voices = cluster::voices(&clear, None);
        // One person reading several sentences may sound like two that are much alike; two people do not.
        let pairs = voices
            .iter()
            .enumerate()
            .flat_map(|(at, a)| voices.iter().skip(at + 1).map(move |b| a.likeness(b)));
        if pairs.into_iter().any(|likeness| likeness < OTHER_PERSON) {
            return Err(EnrolError::SeveralVoices);
        }
        Voiceprint::mean(clear).ok_or(EnrolError::TooShort)
    }

    /// The stretches in which somebody speaks.
    ///
    /// # Errors
    /// When the network does not run.
    pub fn speech(&self, samples: &Samples) -> Result<Vec<SpeechSpan>, ModelError> {
        let mask = mask::speech(&self.activity.probabilities(samples)?, samples.as_slice().len() / HOP);
        Ok(mask::runs(&mask, true).into_iter().filter_map(span).collect())
    }

    fn hear(&self, samples: &Samples) -> Result<Heard, ModelError> {
        let frames = samples.as_slice().len() / HOP;
        let speech = mask::speech(&self.activity.probabilities(samples)?, frames);
        let near = |centre: usize| {
            let around = speech.get(centre.saturating_sub(STRIDE)..(centre + STRIDE).min(frames));
            around.is_some_and(|frames| frames.contains(&true))
        };
        let centres: Vec<usize> = (0..frames).step_by(STRIDE).filter(|centre| near(*centre)).collect();
        let starts: Vec<usize> = centres.iter().map(|centre| start(*centre)).collect();
        let voices = self.encoder.voices(samples.as_slice(), &starts)?;
        let windows = centres.into_iter().zip(voices).filter_map(|(centre, voice)| Some((centre, voice?)));
        Ok(Heard { windows: windows.collect(), speech })
    }

    /// What each two voices sound like at once.
    fn together(
        &self,
        samples: &Samples,
        heard: &Heard,
        course: &[usize],
        voices: usize,
    ) -> Result<Vec<Together>, ModelError> {
        let alone: Vec<Vec<usize>> = (0..voices).map(|voice| heard.alone(course, voice)).collect();
        let mut found = Vec::new();
        for (first, of_first) in alone.iter().enumerate() {
            for (second, of_second) in alone.iter().enumerate().skip(first + 1) {
                let pieces = PIECES.min(of_first.len()).min(of_second.len());
                if pieces < PIECES / 4 {
                    continue;
                }
                let mut sum = Vec::with_capacity(pieces * FRAMES * HOP);
                for piece in 0..pieces {
                    let begin =
                        |from: &[usize]| from.get(piece * from.len() / pieces).copied().unwrap_or_default();
                    let (a, b) =
                        (sound(samples, heard, begin(of_first)), sound(samples, heard, begin(of_second)));
                    sum.extend(a.zip(b).map(|(a, b)| a + b).take(FRAMES * HOP));
                }
                let starts: Vec<usize> = (0..pieces).map(|piece| piece * FRAMES).collect();
                let voices = self.encoder.voices(&sum, &starts)?;
                if let Some(voice) = Voiceprint::mean(voices.iter().flatten()) {
                    found.push(Together { first, second, voice });
                }
            }
        }
        Ok(found)
    }
}

/// The frame where a window around another begins.
fn start(centre: usize) -> usize {
    centre.saturating_sub(FRAMES / 2)
}

/// The sound of a window, and silence behind it.
fn sound<'a>(samples: &'a Samples, heard: &Heard, window: usize) -> impl Iterator<Item = f32> + 'a {
    let from = heard.windows.get(window).map_or(0, |(centre, _)| start(*centre)) * HOP;
    samples.as_slice().iter().skip(from).take(FRAMES * HOP).copied().chain(std::iter::repeat(0.0))
}

fn span(run: Run) -> Option<SpeechSpan> {
    let ms = |frame: usize| u32::try_from(frame * HOP / SAMPLES_PER_MS).ok();
    SpeechSpan::new(ms(run.start)?, ms(run.end)?)
}

/// Two voices at once.
struct Together {
    first: usize,
    second: usize,
    voice: Voiceprint,
}

/// A recording, heard window by window.
struct Heard {
    /// The middle frame of each window in which somebody speaks, and its voice.
    windows: Vec<(usize, Voiceprint)>,
    /// For each frame whether somebody speaks.
    speech: Vec<bool>,
}

/// A turn before it has a name.
struct Turn {
    voice: usize,
    run: Run,
}

impl Heard {
    /// The windows that are nearly full of speech; all of them when there are none.
    fn clear(&self) -> Vec<&Voiceprint> {
        let full = |centre: usize| {
            let around = self.speech.get(centre.saturating_sub(60)..(centre + 60).min(self.speech.len()));
            around
                .is_some_and(|frames| frames.iter().filter(|speaks| **speaks).count() * 10 > frames.len() * 8)
        };
        let clear: Vec<&Voiceprint> =
            self.windows.iter().filter(|(centre, _)| full(*centre)).map(|(_, voice)| voice).collect();
        if clear.is_empty() { self.windows.iter().map(|(_, voice)| voice).collect() } else { clear }
    }

    /// For each window which voice it is, or, behind the voices, which two at once.
    fn course(&self, voices: &[Voiceprint], together: &[Together]) -> Vec<usize> {
        let scores: Vec<Vec<f32>> = self
            .windows
            .iter()
            .map(|(_, window)| {
                let one = voices.iter().map(|voice| SHARPNESS * window.likeness(voice));
                let two =
                    together.iter().map(|pair| SHARPNESS * (window.likeness(&pair.voice) - TWO_AT_ONCE));
                one.chain(two).collect()
            })
            .collect();
        path::best(&scores)
    }

    /// The windows in which a voice is heard with nobody else near.
    fn alone(&self, course: &[usize], voice: usize) -> Vec<usize> {
        let around = |at: usize| course.get(at.saturating_sub(ALONE)..(at + ALONE + 1).min(course.len()));
        let only = |at: &usize| around(*at).is_some_and(|near| near.iter().all(|state| *state == voice));
        (0..course.len()).filter(only).collect()
    }

    /// What each voice sounds like where it was found alone.
    fn listen_again(&self, course: &[usize], voices: &mut [Voiceprint]) {
        for (at, voice) in voices.iter_mut().enumerate() {
            let alone = self.alone(course, at);
            if alone.len() > 3 {
                let windows = alone.iter().filter_map(|window| Some(&self.windows.get(*window)?.1));
                if let Some(mean) = Voiceprint::mean(windows) {
                    *voice = mean;
                }
            }
        }
    }

    /// Where each voice speaks: a frame belongs to who is heard in the nearest window.
    fn turns(&self, states: &[Vec<usize>], voices: usize) -> Vec<Turn> {
        let mut masks = vec![vec![false; self.speech.len()]; voices];
        let mut nearest = 0;
        for (frame, _) in self.speech.iter().enumerate().filter(|(_, speaks)| **speaks) {
            let far =
                |at: usize| self.windows.get(at).map_or(usize::MAX, |(centre, _)| centre.abs_diff(frame));
            while far(nearest + 1) <= far(nearest) && nearest + 1 < self.windows.len() {
                nearest += 1;
            }
            for voice in states.get(nearest).into_iter().flatten() {
                if let Some(place) = masks.get_mut(*voice).and_then(|mask| mask.get_mut(frame)) {
                    *place = true;
                }
            }
        }
        let busy: Vec<bool> = (0..self.speech.len())
            .map(|frame| masks.iter().any(|mask| mask.get(frame) == Some(&true)))
            .collect();
        let mut turns = Vec::new();
        for (voice, mask) in masks.iter_mut().enumerate() {
            for run in mask::runs(mask, false) {
                let free = busy.get(run.start..run.end).is_some_and(|frames| !frames.contains(&true));
                if free && run.start > 0 && run.end < busy.len() && run.end - run.start < PAUSE {
                    mask::fill(mask, run, true);
                }
            }
            let long = mask::runs(mask, true).into_iter().filter(|run| run.end - run.start > SHORTEST_TURN);
            turns.extend(long.map(|run| Turn { voice, run }));
        }
        turns.sort_by_key(|turn| (turn.run.start, turn.run.end, turn.voice));
        turns
    }

    /// The turns with the names of their speakers, numbered as they are first heard.
    fn named(
        &self,
        turns: Vec<Turn>,
        voices: &[Voiceprint],
        mut names: Vec<Option<Speaker>>,
    ) -> Vec<DiarizedTurn> {
        let mut number = NonZeroU8::MIN;
        let overlaps = |turn: &Turn| {
            turns.iter().any(|other| {
                other.voice != turn.voice && other.run.start < turn.run.end && turn.run.start < other.run.end
            })
        };
        let overlapped: Vec<bool> = turns.iter().map(overlaps).collect();
        let mut made = Vec::with_capacity(turns.len());
        for (turn, overlapped) in turns.iter().zip(overlapped) {
            let Some(span) = span(turn.run) else { continue };
            let speaker = if self.lead(turn, voices) < CLEAR_LEAD && !overlapped {
                Speaker::Unknown
            } else {
                let name = names.get_mut(turn.voice);
                let fresh = Speaker::Numbered(number);
                let speaker = name.map_or(Speaker::Unknown, |name| *name.get_or_insert(fresh));
                if speaker == fresh {
                    number = number.saturating_add(1);
                }
                speaker
            };
            made.push(DiarizedTurn { speaker, span, overlapped, words: Vec::new() });
        }
        made
    }

    /// By how much a turn is more like its voice than like the next one.
    fn lead(&self, turn: &Turn, voices: &[Voiceprint]) -> f32 {
        let Some(own) = voices.get(turn.voice).filter(|_| voices.len() > 1) else { return f32::MAX };
        let inside = |centre: usize| turn.run.start <= centre && centre < turn.run.end;
        let windows = self.windows.iter().filter(|(centre, _)| inside(*centre)).map(|(_, window)| window);
        let Some(mean) = Voiceprint::mean(windows) else { return f32::MAX };
        let others = voices.iter().enumerate().filter(|(at, _)| *at != turn.voice);
        let next = others.map(|(_, voice)| mean.likeness(voice)).fold(0.0, f32::max);
        mean.likeness(own) - next
    }

    /// Where somebody speaks.
    fn spans(&self) -> Vec<SpeechSpan> {
        mask::runs(&self.speech, true).into_iter().filter_map(span).collect()
    }

    /// All speech, of nobody known.
    fn unknown(&self) -> DiarizedTranscript {
        let turn =
            |span| DiarizedTurn { speaker: Speaker::Unknown, span, overlapped: false, words: Vec::new() };
        DiarizedTranscript { turns: self.spans().into_iter().map(turn).collect() }
    }
}

/// Which of the voices is the physician's. When two could be, neither is, and both are unknown.
fn physician(voices: &[Voiceprint], enrolled: Option<&Voiceprint>) -> Vec<Option<Speaker>> {
    let mut names = vec![None; voices.len()];
    let Some(enrolled) = enrolled else { return names };
    let likeness: Vec<f32> = voices.iter().map(|voice| voice.likeness(enrolled)).collect();
    let best = likeness.iter().copied().fold(0.0, f32::max);
    if best < IS_PHYSICIAN {
        return names;
    }
    let near = likeness.iter().filter(|value| best - **value < PHYSICIAN_LEAD).count();
    for (name, value) in names.iter_mut().zip(&likeness) {
        if best - value < PHYSICIAN_LEAD {
            *name = Some(if near == 1 { Speaker::Physician } else { Speaker::Unknown });
        }
    }
    names
}
