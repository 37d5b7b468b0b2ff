//! Who spoke when, against the truth: diarization error rate and whether the physician's time went to the physician.

use speech::audio::SAMPLE_RATE;
use speech::{DiarizedTranscript, Speaker};

/// Samples of a frame of 10 ms, in which everything is counted.
pub(super) const FRAME: usize = SAMPLE_RATE as usize / 100;

/// For each person the frames in which they speak.
pub(super) struct Truth {
    pub(super) speakers: Vec<(String, Vec<bool>)>,
}

/// What went wrong, in frames.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Errors {
    pub(super) speech: usize,
    pub(super) missed: usize,
    pub(super) invented: usize,
    pub(super) confused: usize,
}

impl Errors {
    /// The diarization error rate.
    pub(super) fn rate(self) -> f64 {
        share(self.missed + self.invented + self.confused, self.speech)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.speech += other.speech;
        self.missed += other.missed;
        self.invented += other.invented;
        self.confused += other.confused;
    }
}

pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Where each speaker was heard, as frames; `Unknown` is a speaker that is nobody's.
fn heard(transcript: &DiarizedTranscript, frames: usize) -> Vec<(Speaker, Vec<bool>)> {
    let mut found: Vec<(Speaker, Vec<bool>)> = Vec::new();
    for turn in &transcript.turns {
        let at = found.iter().position(|(speaker, _)| *speaker == turn.speaker).unwrap_or_else(|| {
            found.push((turn.speaker, vec![false; frames]));
            found.len() - 1
        });
        let mask = &mut found[at].1;
        let end = (turn.span.end_ms() as usize / 10).min(frames);
        let start = (turn.span.start_ms() as usize / 10).min(end);
        mask[start..end].fill(true);
    }
    found
}

/// Errors with the best assignment of heard voices to people. Frames within `collar` of a place where a person begins or
/// ends are not counted. What was heard of nobody known counts as confused.
pub(super) fn errors(truth: &Truth, transcript: &DiarizedTranscript, collar: usize) -> Errors {
    let frames = truth.speakers.iter().map(|(_, mask)| mask.len()).max().unwrap_or_default();
    let heard = heard(transcript, frames);
    let counted = counted(truth, frames, collar);
    let at = |mask: &[bool], frame: usize| mask.get(frame) == Some(&true);
    let together = |person: &[bool], voice: &[bool]| {
        (0..frames).filter(|frame| counted[*frame] && at(person, *frame) && at(voice, *frame)).count()
    };
    let named: Vec<&(Speaker, Vec<bool>)> =
        heard.iter().filter(|(speaker, _)| *speaker != Speaker::Unknown).collect();
    let shared: Vec<Vec<usize>> = truth
        .speakers
        .iter()
        .map(|(_, person)| named.iter().map(|(_, voice)| together(person, voice)).collect())
        .collect();
    let right = best(&shared, 0, &mut vec![false; named.len()]);
    let mut errors = Errors::default();
    let mut both = 0;
    for frame in (0..frames).filter(|frame| counted[*frame]) {
        let people = truth.speakers.iter().filter(|(_, mask)| at(mask, frame)).count();
        let voices = heard.iter().filter(|(_, mask)| at(mask, frame)).count();
        errors.speech += people;
        errors.missed += people.saturating_sub(voices);
        errors.invented += voices.saturating_sub(people);
        both += people.min(voices);
    }
    errors.confused = both - right.min(both);
    errors
}

/// The most frames that can be right: each voice is at most one person. Few people, so all ways are tried.
fn best(shared: &[Vec<usize>], person: usize, taken: &mut Vec<bool>) -> usize {
    let Some(row) = shared.get(person) else { return 0 };
    let mut most = best(shared, person + 1, taken);
    for voice in 0..row.len() {
        if !taken[voice] && row[voice] > 0 {
            taken[voice] = true;
            most = most.max(row[voice] + best(shared, person + 1, taken));
            taken[voice] = false;
        }
    }
    most
}

fn counted(truth: &Truth, frames: usize, collar: usize) -> Vec<bool> {
    let mut counted = vec![true; frames];
    for (_, mask) in &truth.speakers {
        for frame in 1..mask.len() {
            if mask[frame] != mask[frame - 1] {
                let end = (frame + collar).min(frames);
                counted[frame.saturating_sub(collar)..end].fill(false);
            }
        }
    }
    counted
}

/// Of the time in which the physician speaks alone, how much was given to the physician, and how much to another; and how
/// much of the others' time was given to the physician or to nobody.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Role {
    pub(super) physician: usize,
    pub(super) right: usize,
    pub(super) unknown: usize,
    pub(super) others: usize,
    pub(super) taken: usize,
    pub(super) doubted: usize,
}

impl Role {
    pub(super) fn add(&mut self, other: Self) {
        self.physician += other.physician;
        self.right += other.right;
        self.unknown += other.unknown;
        self.others += other.others;
        self.taken += other.taken;
        self.doubted += other.doubted;
    }
}

/// Counts [`Role`] over the frames in which one person speaks and somebody was heard.
pub(super) fn role(truth: &Truth, transcript: &DiarizedTranscript, physician: &str) -> Role {
    let frames = truth.speakers.iter().map(|(_, mask)| mask.len()).max().unwrap_or_default();
    let heard = heard(transcript, frames);
    let mut role = Role::default();
    for frame in 0..frames {
        let mut people = truth.speakers.iter().filter(|(_, mask)| mask.get(frame) == Some(&true));
        let (Some((name, _)), None) = (people.next(), people.next()) else { continue };
        let mut voices = heard.iter().filter(|(_, mask)| mask[frame]).map(|(speaker, _)| *speaker);
        let Some(voice) = voices.next() else { continue };
        let is_physician = voice == Speaker::Physician || voices.any(|voice| voice == Speaker::Physician);
        if name == physician {
            role.physician += 1;
            role.right += usize::from(is_physician);
            role.unknown += usize::from(!is_physician && voice == Speaker::Unknown);
        } else {
            role.others += 1;
            role.taken += usize::from(is_physician);
            role.doubted += usize::from(!is_physician && voice == Speaker::Unknown);
        }
    }
    role
}

/// How many people were heard, without those nobody knows.
pub(super) fn people(transcript: &DiarizedTranscript) -> usize {
    let mut speakers: Vec<Speaker> = transcript.turns.iter().map(|turn| turn.speaker).collect();
    speakers.retain(|speaker| *speaker != Speaker::Unknown);
    speakers.sort();
    speakers.dedup();
    speakers.len()
}
