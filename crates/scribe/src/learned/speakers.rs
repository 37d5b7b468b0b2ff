//! Who speaks: told by the labels of the transcript as far as they can be trusted, and by the words.
//!
//! Labels may be missing, all the same, all the wrong way round or wrong here and there. How much they can be trusted is
//! read off the transcript itself, by comparing them with what the words say of all turns together.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use clinical::transcript::{Speaker, Transcript, Turn};
use terminology::fold::fold;

use super::Weights;

/// Below so many turns the words alone are no ground to contradict a label.
const ENOUGH_TURNS: usize = 8;
/// How much of the weight of the words counts: words of one turn are not independent.
const SCALE: f32 = 0.7;
/// How often the same side speaks in two turns that follow each other.
const SAME_SIDE: f32 = 0.08;
/// How sure one must be to contradict a label.
const NO_DOUBT: f32 = 0.85;
/// How much the words of a voice must say for it to be told whose it is.
const ENOUGH_SAID: f32 = 8.0;
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
///
/// Where voices were told apart, one that was left without a name was in doubt: it becomes the clinician's where the words leave
/// none, and nobody's otherwise, since words do not tell a patient from who came along.
#[must_use]
pub fn recovered(transcript: &Transcript) -> Transcript {
    let mut recovered = transcript.clone();
    let mut turns: Vec<&mut Turn> =
        recovered.turns.iter_mut().filter(|turn| turn.text.chars().any(char::is_alphanumeric)).collect();
    let labels: Vec<Speaker> = turns.iter().map(|turn| turn.speaker).collect();
    if labels.len() < ENOUGH_TURNS {
        return recovered;
    }
    let said: Vec<f32> = turns.iter().map(|turn| words_say(&turn.text)).collect();
    let stays: Vec<f32> = labels.windows(2).map(|pair| same_side(pair[0], pair[1])).collect();
    let mut clinician = probabilities(&said, &stays);
    let mut told = labels_say(&labels, &clinician);
    for _ in 0..3 {
        let both: Vec<f32> = said.iter().zip(&labels).map(|(said, label)| said + told.of(*label)).collect();
        clinician = probabilities(&both, &stays);
        told = labels_say(&labels, &clinician);
    }
    let patients = patient_side(&labels);
    let told_apart = labels.iter().any(|label| *label != Speaker::Unknown);
    for (turn, clinician) in turns.iter_mut().zip(clinician) {
        // A label that tells something is contradicted only by words that leave little doubt.
        let needed = match told.of(turn.speaker) {
            _ if turn.speaker == Speaker::Unknown && told_apart => NO_DOUBT,
            towards if towards > 1.0 => 1.0 - NO_DOUBT,
            away if away < -1.0 => NO_DOUBT,
            _ => 0.5,
        };
        turn.speaker = match (clinician > needed, turn.speaker) {
            (true, _) => Speaker::Doctor,
            (false, known @ (Speaker::Patient | Speaker::Companion)) => known,
            (false, Speaker::Unknown) if told_apart => Speaker::Unknown,
            (false, _) => patients,
        };
    }
    recovered
}

/// How likely two turns that follow each other are of the same side: patient and companion often take turns.
fn same_side(one: Speaker, two: Speaker) -> f32 {
    let patients = |speaker| matches!(speaker, Speaker::Patient | Speaker::Companion);
    if patients(one) && patients(two) && one != two { 0.5 } else { SAME_SIDE }
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

/// Whose a voice can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A clinician's.
    Clinician,
    /// The patient's or a companion's.
    Patient,
}

/// Whose the voices of a recording are, by all the words each of them says; one of which they say too little is not there.
#[must_use]
pub fn of_voices<'a>(turns: impl IntoIterator<Item = (u8, &'a str)>) -> BTreeMap<u8, Side> {
    let mut said: BTreeMap<u8, f32> = BTreeMap::new();
    for (voice, text) in turns {
        *said.entry(voice).or_default() += words_say(text);
    }
    let side = |odds: f32| match odds {
        sure if sure > ENOUGH_SAID => Some(Side::Clinician),
        sure if sure < -ENOUGH_SAID => Some(Side::Patient),
        _ => None,
    };
    said.into_iter().filter_map(|(voice, odds)| Some((voice, side(odds)?))).collect()
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

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker::{self, Companion, Doctor, Patient, Unknown};
    use clinical::transcript::{Transcript, Turn};

    use super::{Side, of_voices, recovered};

    const SAID: [(Speaker, &str); 10] = [
        (Doctor, "Buenas tardes, pásele. ¿En qué le puedo ayudar?"),
        (Patient, "Ay doctora, es que me duele mucho la rodilla, ya no aguanto."),
        (Doctor, "¿Desde cuándo le duele?"),
        (Patient, "Tengo como dos semanas, me empezó cuando bajé la escalera."),
        (Doctor, "¿Se le ha hinchado?"),
        (Companion, "Sí, doctora, anoche la traía bien hinchada."),
        (Doctor, "Súbase a la mesa, le voy a revisar. Doble la pierna, ¿le duele aquí?"),
        (Patient, "Sí, ahí me duele."),
        (Doctor, "Le voy a dejar paracetamol cada ocho horas y nos vemos en una semana."),
        (Patient, "Gracias, doctora."),
    ];

    /// What becomes of the conversation with these labels.
    fn with(labels: [Speaker; 10]) -> Vec<Speaker> {
        let turn = |(speaker, said): (Speaker, &(Speaker, &str))| Turn { speaker, text: said.1.to_owned() };
        let transcript = Transcript { turns: labels.into_iter().zip(&SAID).map(turn).collect() };
        recovered(&transcript).turns.into_iter().map(|turn| turn.speaker).collect()
    }

    fn right() -> [Speaker; 10] {
        SAID.map(|(speaker, _)| speaker)
    }

    fn patient_or(speaker: Speaker) -> Speaker {
        if speaker == Doctor { Doctor } else { Patient }
    }

    #[test]
    fn right_labels_stay_and_the_companion_with_them() {
        assert_eq!(with(right()), right());
    }

    #[test]
    fn without_labels_the_words_tell_the_clinician_from_the_patient() {
        assert_eq!(with([Unknown; 10]), right().map(patient_or));
        assert_eq!(with([Patient; 10]), right().map(patient_or));
        assert_eq!(with([Doctor; 10]), right().map(patient_or));
    }

    #[test]
    fn a_voice_left_in_doubt_among_known_ones_is_nobodys_unless_its_words_are_the_clinicians() {
        let mut labels = right();
        for doubtful in [3, 5, 7, 8] {
            labels[doubtful] = Unknown;
        }
        let mut told = labels;
        told[8] = Doctor;
        assert_eq!(with(labels), told, "neither the patient nor who came along is guessed");
        let physician_alone = right().map(|speaker| if speaker == Doctor { Doctor } else { Unknown });
        assert_eq!(
            with(physician_alone),
            physician_alone,
            "a physician whose voice is known, and others nobody named"
        );
    }

    #[test]
    fn labels_the_wrong_way_round_are_turned() {
        let turned = right().map(|speaker| if speaker == Doctor { Patient } else { Doctor });
        assert_eq!(with(turned), right().map(patient_or));
    }

    #[test]
    fn the_voice_of_the_physician_is_told_from_the_others_in_every_consultation_that_was_held_aside() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/anotadas/reserva");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(talk) = crate::parse::transcript(&std::fs::read(&path).unwrap()) else { continue };
            let voice = |speaker: Speaker| match speaker {
                Doctor => Some(1),
                Patient => Some(2),
                Companion => Some(3),
                Unknown => None,
            };
            let turns = talk.turns.iter().filter_map(|turn| Some((voice(turn.speaker)?, turn.text.as_str())));
            let sides = of_voices(turns);
            assert_eq!(sides.get(&1), Some(&Side::Clinician), "{}", path.display());
            let others = [sides.get(&2), sides.get(&3)];
            assert!(!others.contains(&Some(&Side::Clinician)), "{}", path.display());
            seen += 1;
        }
        assert!(seen > 20, "{seen} consultations");
        assert!(of_voices([(1, "¿Le duele?"), (2, "Sí.")]).is_empty(), "so little says nothing");
    }

    #[test]
    fn one_wrong_label_among_right_ones_is_put_right() {
        let mut labels = right();
        labels[3] = Doctor;
        assert_eq!(with(labels), right());
        labels = right();
        labels[8] = Patient;
        assert_eq!(with(labels), right());
    }
}
