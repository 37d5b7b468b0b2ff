//! Who speaks: told by the labels of the transcript as far as they can be trusted, and by the words.
//!
//! Labels may be missing, all the same, all the wrong way round or wrong here and there. How much they can be trusted is
//! read off the transcript itself, by comparing them with what the words say of all turns together.

use std::sync::OnceLock;

use clinical::transcript::{Speaker, Transcript};
use terminology::fold::fold;

use super::Weights;

/// Below so many turns the words alone are no ground to contradict a label.
const ENOUGH_TURNS: usize = 8;
/// How much of the weight of the words counts: words of one turn are not independent.
const SCALE: f32 = 0.7;
/// How often the same side speaks in two turns that follow each other.
const SAME_SIDE: f32 = 0.08;
/// How often the same side goes on after a sentence, and after a question.
const GOES_ON: f32 = 0.6;
const GOES_ON_AFTER_QUESTION: f32 = 0.12;

/// What tells a clinician's words from a patient's: words, neighbours, length, whether it asks.
#[must_use]
pub fn features(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| if word.starts_with(|c: char| c.is_ascii_digit()) { "0" } else { word })
        .collect();
    let mut found: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let before = std::iter::once("^").chain(words.iter().copied());
    let after = words.iter().copied().chain(std::iter::once("$"));
    found.extend(before.zip(after).map(|(one, two)| format!("{one} {two}")));
    found.push(format!("#{}", [2, 4, 9, 21].iter().filter(|limit| words.len() >= **limit).count()));
    if text.contains('?') {
        found.push("?".to_owned());
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn weights() -> &'static Weights {
    static WEIGHTS: OnceLock<Weights> = OnceLock::new();
    WEIGHTS.get_or_init(|| Weights::read(include_str!("../../../../catalogs/lexicon/speakers.tsv")))
}

/// What the words say: the logarithm of the odds that a clinician speaks.
fn words_say(text: &str) -> f32 {
    SCALE * weights().log_odds(&features(text))
}

/// The transcript with each turn given to who most likely speaks it. The words stay as they are.
#[must_use]
pub fn recovered(transcript: &Transcript) -> Transcript {
    let mut recovered = transcript.clone();
    let labels: Vec<Speaker> = transcript.turns.iter().map(|turn| turn.speaker).collect();
    if labels.len() < ENOUGH_TURNS {
        return recovered;
    }
    let said: Vec<f32> = transcript.turns.iter().map(|turn| words_say(&turn.text)).collect();
    let stays = vec![SAME_SIDE; labels.len()];
    let mut clinician = probabilities(&said, &stays);
    for _ in 0..3 {
        let told = labels_say(&labels, &clinician);
        let both: Vec<f32> = said.iter().zip(&labels).map(|(said, label)| said + told.of(*label)).collect();
        clinician = probabilities(&both, &stays);
    }
    let patients = patient_side(&labels);
    for (turn, clinician) in recovered.turns.iter_mut().zip(clinician) {
        turn.speaker = match (clinician > 0.5, turn.speaker) {
            (true, _) => Speaker::Doctor,
            (false, known @ (Speaker::Patient | Speaker::Companion)) => known,
            (false, _) => patients,
        };
    }
    recovered
}

/// Who speaks each of some sentences that follow each other, none of which has a label; unknown where it cannot be told.
#[must_use]
pub fn of_sentences(sentences: &[&str]) -> Vec<Speaker> {
    let said: Vec<f32> = sentences.iter().map(|sentence| words_say(sentence)).collect();
    let stays: Vec<f32> = sentences
        .iter()
        .map(|sentence| if sentence.ends_with('?') { GOES_ON_AFTER_QUESTION } else { GOES_ON })
        .collect();
    let side = |clinician: f32| match clinician {
        sure if sure > 0.6 => Speaker::Doctor,
        unsure if unsure > 0.4 => Speaker::Unknown,
        _ => Speaker::Patient,
    };
    probabilities(&said, &stays).into_iter().map(side).collect()
}

/// The label of most turns of the patient's side.
fn patient_side(labels: &[Speaker]) -> Speaker {
    let count = |wanted: Speaker| labels.iter().filter(|label| **label == wanted).count();
    if count(Speaker::Companion) > count(Speaker::Patient) { Speaker::Companion } else { Speaker::Patient }
}

/// What a label is worth in this transcript: the logarithm of the odds for the clinician where it stands.
struct Told {
    clinician: f32,
    patient: f32,
}

impl Told {
    fn of(&self, label: Speaker) -> f32 {
        match label {
            Speaker::Doctor => self.clinician,
            Speaker::Patient | Speaker::Companion => self.patient,
            Speaker::Unknown => 0.0,
        }
    }
}

/// Counts how labels and words agree; a few turns in which they do are taken for granted.
fn labels_say(labels: &[Speaker], clinician: &[f32]) -> Told {
    const TAKEN_FOR_GRANTED: f32 = 2.0;
    const NEVER_SURE: f32 = 0.3;
    // Rows: labelled as clinician, as patient's side. Columns: who speaks.
    let mut counts = [[TAKEN_FOR_GRANTED, NEVER_SURE], [NEVER_SURE, TAKEN_FOR_GRANTED]];
    for (label, share) in labels.iter().zip(clinician) {
        let row = match label {
            Speaker::Doctor => 0,
            Speaker::Patient | Speaker::Companion => 1,
            Speaker::Unknown => continue,
        };
        counts[row][0] += share;
        counts[row][1] += 1.0 - share;
    }
    let of_side = |side: usize| counts[0][side] + counts[1][side];
    let odds = |row: usize| (counts[row][0] / of_side(0) / (counts[row][1] / of_side(1))).ln();
    Told { clinician: odds(0), patient: odds(1) }
}

/// Forward and backward over the turns: the probability that a clinician speaks each.
fn probabilities(log_odds: &[f32], stays: &[f32]) -> Vec<f32> {
    let evidence: Vec<f32> =
        log_odds.iter().map(|odds| 1.0 / (1.0 + (-odds.clamp(-20.0, 20.0)).exp())).collect();
    let step = |(clinician, patient): (f32, f32), stay: f32| {
        (clinician * stay + patient * (1.0 - stay), clinician * (1.0 - stay) + patient * stay)
    };
    let normal = |(one, two): (f32, f32)| (one / (one + two), two / (one + two));
    let mut forward = Vec::with_capacity(evidence.len());
    let mut state = (0.5, 0.5);
    for (at, share) in evidence.iter().enumerate() {
        let told = if at == 0 { state } else { step(state, stays[at - 1]) };
        state = normal((told.0 * share, told.1 * (1.0 - share)));
        forward.push(state);
    }
    let mut back = (0.5, 0.5);
    let mut out = vec![0.0; evidence.len()];
    for at in (0..evidence.len()).rev() {
        out[at] = normal((forward[at].0 * back.0, forward[at].1 * back.1)).0;
        let share = evidence[at];
        if at > 0 {
            back = normal(step((back.0 * share, back.1 * (1.0 - share)), stays[at - 1]));
        }
    }
    out
}
