//! Conversations with known truth, mixed out of recordings of single voices: turns of 1 to 15 s, pauses, people who speak at
//! once, noise, the echo of a room, one voice 10 dB lower. The same seed and voices give the same conversations.
//!
//! Who speaks is known from where each piece was put. Whether somebody speaks inside a piece is what the detector of speech
//! hears in the clean voice before it is mixed; pauses shorter than half a second belong to the turn.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use speech::audio::SAMPLE_RATE;
use speech::voiceprint::Voiceprint;
use speech::{Diarizer, Samples};

use super::score::{FRAME, Truth};
use crate::variations::chance::Chance;

const SECOND: usize = SAMPLE_RATE as usize;

/// Seconds of a mix.
const LENGTH: usize = 300;

/// Inner pauses up to so many frames belong to what is said.
const PAUSE: usize = 50;

/// The recordings of one person, each as loud as everybody's.
pub(super) struct Voice {
    pub(super) name: String,
    clips: Vec<Vec<f32>>,
    spoken: Vec<Vec<bool>>,
    print: Option<Voiceprint>,
}

/// Who meets in a mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cast {
    /// Whoever chance draws.
    ByChance,
    /// The physician is drawn; the others are those whose voices are most like theirs.
    Alike,
}

/// What makes a conversation hard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions {
    pub(super) name: &'static str,
    people: usize,
    /// How often somebody begins before the other has ended.
    interrupts: f64,
    noise: bool,
    room: bool,
    one_low: bool,
}

const PLAIN: Conditions =
    Conditions { name: "clean", people: 2, interrupts: 0.0, noise: false, room: false, one_low: false };

/// One after the other, so that ten mixes have each once.
pub(super) const CONDITIONS: [Conditions; 10] = [
    PLAIN,
    Conditions { name: "clean, 3 people", people: 3, ..PLAIN },
    Conditions { name: "noise 20 dB", noise: true, ..PLAIN },
    Conditions { name: "room", room: true, ..PLAIN },
    Conditions { name: "one voice 10 dB lower", one_low: true, ..PLAIN },
    Conditions { name: "some overlap", interrupts: 0.25, ..PLAIN },
    Conditions { name: "overlap", interrupts: 0.5, ..PLAIN },
    Conditions { name: "overlap, 3 people", people: 3, interrupts: 0.5, ..PLAIN },
    Conditions { name: "noise, room, 3 people", people: 3, noise: true, room: true, ..PLAIN },
    Conditions { name: "overlap, noise, room", interrupts: 0.5, noise: true, room: true, ..PLAIN },
];

impl Conditions {
    pub(super) fn overlaps(self) -> bool {
        self.interrupts > 0.0
    }
}

/// A conversation and the truth of it; the first person is the physician.
pub(super) struct Mix {
    pub(super) samples: Samples,
    pub(super) truth: Truth,
    /// Half a minute of the physician alone, of other sentences as far as there are any.
    pub(super) enrolment: Samples,
}

/// The voices of a folder: files named `PERSON-...`, in one folder or in folders of it.
pub(super) fn voices(folder: &Path, diarizer: &Diarizer) -> Result<Vec<Voice>> {
    let mut files: BTreeMap<String, Vec<std::path::PathBuf>> = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if let Some((person, _)) = name.split_once('-') {
                files.entry(person.to_owned()).or_default().push(path);
            }
        }
    }
    files
        .into_iter()
        .map(|(name, mut paths)| {
            paths.sort();
            let clips: Vec<Vec<f32>> = paths
                .iter()
                .map(|path| {
                    let recording = speech::decode(File::open(path)?)?;
                    Ok(recording.samples.as_slice().to_vec())
                })
                .collect::<Result<_>>()?;
            let spoken = clips.iter().map(|clip| spoken(clip, diarizer)).collect::<Result<_>>()?;
            let sample = clips.iter().flatten().copied().take(30 * SECOND).collect();
            let print = diarizer.enrol(&Samples::new(sample)?.levelled()).ok();
            Ok(Voice { name, clips, spoken, print })
        })
        .collect()
}

/// For each frame of a clean clip whether its voice speaks.
fn spoken(clip: &[f32], diarizer: &Diarizer) -> Result<Vec<bool>> {
    let mut mask = vec![false; clip.len() / FRAME];
    let mut last: Option<usize> = None;
    for span in diarizer.speech(&Samples::new(clip.to_vec())?)? {
        let (start, end) = (span.start_ms() as usize / 10, (span.end_ms() as usize / 10).min(mask.len()));
        let from = last.filter(|last| start - last < PAUSE).unwrap_or(start);
        mask.get_mut(from..end).context("a span lies in its clip")?.fill(true);
        last = Some(end);
    }
    Ok(mask)
}

/// A conversation among voices drawn by chance.
pub(super) fn mix(voices: &[Voice], conditions: Conditions, (cast, seed): (Cast, u64)) -> Result<Mix> {
    ensure!(voices.len() >= conditions.people, "{} voices are needed", conditions.people);
    let mut chance = Chance::new(&["speech", &seed.to_string()]);
    let people = match cast {
        Cast::ByChance => drawn(voices, conditions.people, &mut chance),
        Cast::Alike => alike(voices, conditions.people, &mut chance),
    };
    let mut talk = Talk::new(&people, conditions, &mut chance);
    while talk.turn(conditions, &mut chance) {}
    let mut samples = talk.samples;
    samples.truncate(LENGTH * SECOND);
    if conditions.noise {
        let loud = (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).sqrt();
        let mut slow = 0.0_f32;
        for sample in &mut samples {
            let white = gauss(&mut chance);
            slow = 0.95 * slow + 0.3 * white;
            *sample += loud * 0.1 * (slow + 0.3 * white);
        }
    }
    let enrolment = people[0].clips.iter().rev().flatten().copied().take(30 * SECOND).collect();
    let names = people
        .iter()
        .enumerate()
        .map(|(at, person)| if at == 0 { "medico".to_owned() } else { person.name.clone() });
    Ok(Mix {
        samples: Samples::new(samples)?.levelled(),
        truth: Truth { speakers: names.zip(talk.masks).collect() },
        enrolment: Samples::new(enrolment)?.levelled(),
    })
}

/// People drawn by chance, the physician first.
fn drawn<'a>(voices: &'a [Voice], count: usize, chance: &mut Chance) -> Vec<&'a Voice> {
    // People with most sentences are the physician and the patient, others come along.
    let talkative: Vec<&Voice> = voices.iter().filter(|voice| voice.clips.len() > 1).collect();
    let mut people: Vec<&Voice> = Vec::new();
    while people.len() < count {
        let from =
            if people.len() < talkative.len().min(2) { talkative.clone() } else { voices.iter().collect() };
        let voice = from[chance.below(from.len())];
        if people.iter().all(|person| person.name != voice.name) {
            people.push(voice);
        }
    }
    people
}

/// A physician drawn by chance, and those whose voices are most like theirs; of a pair that is always the same, either may be
/// the physician.
fn alike<'a>(voices: &'a [Voice], count: usize, chance: &mut Chance) -> Vec<&'a Voice> {
    let talkative: Vec<&Voice> = voices.iter().filter(|voice| voice.clips.len() > 1).collect();
    let physician = talkative[chance.below(talkative.len())];
    let like = |voice: &Voice| match (&physician.print, &voice.print) {
        (Some(one), Some(other)) => one.likeness(other),
        _ => 0.0,
    };
    let mut others: Vec<&Voice> = voices.iter().filter(|voice| voice.name != physician.name).collect();
    others.sort_by(|a, b| like(b).total_cmp(&like(a)));
    // One of the three most alike, so that mixes differ.
    let near = chance.below(3.min(others.len()));
    others.swap(0, near);
    std::iter::once(physician).chain(others).take(count).collect()
}

/// A number around 0, mostly within 1.
fn gauss(chance: &mut Chance) -> f32 {
    let sum: f64 = (0..6).map(|_| chance.share()).sum();
    ((sum - 3.0) * 1.414) as f32
}

/// A conversation that is being put together.
struct Talk<'a> {
    people: Vec<Person<'a>>,
    samples: Vec<f32>,
    masks: Vec<Vec<bool>>,
    last: Option<usize>,
    /// Where the last turn began and where all have ended.
    began: usize,
    ended: usize,
}

struct Person<'a> {
    voice: &'a Voice,
    gain: f32,
    room: Vec<(usize, f32)>,
    clip: usize,
    at: usize,
}

impl<'a> Talk<'a> {
    fn new(people: &[&'a Voice], conditions: Conditions, chance: &mut Chance) -> Self {
        let made = people
            .iter()
            .enumerate()
            .map(|(at, voice)| {
                let low = if conditions.one_low && at == 1 { -10.0 } else { 0.0 };
                let gain = 10_f64.powf((low + chance.share() * 4.0 - 2.0) / 20.0) as f32;
                let room = if conditions.room { echo(chance) } else { Vec::new() };
                Person { voice, gain, room, clip: chance.below(voice.clips.len()), at: 0 }
            })
            .collect();
        let frames = LENGTH * SECOND / FRAME;
        Self {
            people: made,
            samples: vec![0.0; (LENGTH + 2) * SECOND],
            masks: vec![vec![false; frames]; people.len()],
            last: None,
            began: 0,
            ended: SECOND / 2,
        }
    }

    /// Adds a turn; says whether there was room for it.
    fn turn(&mut self, conditions: Conditions, chance: &mut Chance) -> bool {
        // Who comes along speaks half as much.
        let speaker = loop {
            let at = chance.below(self.people.len());
            if self.people.len() == 1 || (Some(at) != self.last && (at < 2 || chance.share() < 0.5)) {
                break at;
            }
        };
        let seconds = match chance.share() {
            short if short < 0.45 => 1.0 + 2.0 * chance.share(),
            middle if middle < 0.8 => 3.0 + 5.0 * chance.share(),
            _ => 8.0 + 7.0 * chance.share(),
        };
        let wanted = (seconds * SECOND as f64) as usize;
        let shortest = wanted.min(self.ended - self.began);
        let begin = if self.last.is_some() && chance.share() < conditions.interrupts && shortest > SECOND / 2
        {
            let most = shortest.min(5 * SECOND / 2) as f64;
            self.ended - (0.3 * SECOND as f64 + chance.share() * (most - 0.3 * SECOND as f64)) as usize
        } else {
            self.ended + ((0.1 + 1.1 * chance.share()) * SECOND as f64) as usize
        };
        if begin + wanted > LENGTH * SECOND {
            return false;
        }
        self.say(speaker, begin, wanted);
        (self.last, self.began, self.ended) = (Some(speaker), begin, self.ended.max(begin + wanted));
        true
    }

    fn say(&mut self, speaker: usize, begin: usize, wanted: usize) {
        let person = &mut self.people[speaker];
        for n in 0..wanted {
            let clip = &person.voice.clips[person.clip];
            // Faded in and out over 10 ms, so that a cut is no click.
            let fade = (n.min(wanted - n) as f32 / FRAME as f32).min(1.0);
            let value = clip.get(person.at).copied().unwrap_or_default() * person.gain * fade;
            self.samples[begin + n] += value;
            if value != 0.0 {
                for (delay, weight) in &person.room {
                    if let Some(place) = self.samples.get_mut(begin + n + delay) {
                        *place += weight * value;
                    }
                }
            }
            let spoken = person.voice.spoken[person.clip].get(person.at / FRAME);
            if let Some(place) = self.masks[speaker].get_mut((begin + n) / FRAME) {
                *place |= spoken == Some(&true);
            }
            person.at += 1;
            if person.at >= clip.len() {
                (person.clip, person.at) = ((person.clip + 1) % person.voice.clips.len(), 0);
            }
        }
    }
}

/// Samples until the first reflection of a room.
const ECHO_FROM: usize = 90;

/// Reflections of a room, as delay and strength: they die away by 60 dB in 0.4 s and have a third of the strength of the voice.
fn echo(chance: &mut Chance) -> Vec<(usize, f32)> {
    let last = SECOND * 2 / 5;
    let mut room: Vec<(usize, f32)> = (0..100)
        .map(|_| {
            let delay = ECHO_FROM + chance.below(last);
            (delay, gauss(chance) * 10_f32.powf(-3.0 * delay as f32 / last as f32))
        })
        .collect();
    let strength = room.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    room.iter_mut().for_each(|(_, weight)| *weight *= 0.35 / strength);
    room
}

/// Keeps the people thresholds were tuned on, or those held aside: of people with many recordings and of people with one,
/// the first and the last part by name.
pub(super) fn keep_part(voices: &mut Vec<Voice>, held: bool) {
    let many = voices.iter().filter(|voice| voice.clips.len() > 1).count();
    let one = voices.len() - many;
    let (mut seen_many, mut seen_one) = (0, 0);
    voices.retain(|voice| {
        let (seen, tuned) = if voice.clips.len() > 1 {
            (&mut seen_many, many.div_ceil(2))
        } else {
            (&mut seen_one, one.div_ceil(2))
        };
        *seen += 1;
        (*seen > tuned) == held
    });
}
