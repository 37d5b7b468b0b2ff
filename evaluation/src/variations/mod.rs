//! The same consultation as it might have arrived: other words, a worse microphone, a worse recogniser, wrong speakers.
//!
//! In: a consultation. Out: its variation, the same every time. The facts stay true, so the annotation still holds.

pub(crate) mod chance;
mod drugs;
mod labels;
mod paraphrases;
mod speech;

use clinical::transcript::Transcript;

use crate::sets::Consultation;
use chance::Chance;

/// One way of spoiling a consultation.
pub(crate) struct Variation {
    /// What the table calls it.
    pub(crate) name: &'static str,
    make: fn(&Transcript, &mut Chance) -> Varied,
}

/// A varied consultation, and which turns of the original each of its turns holds.
pub(crate) struct Varied {
    pub(crate) transcript: Transcript,
    turns: Vec<Vec<usize>>,
}

impl Varied {
    /// The turns of the original a turn holds.
    pub(crate) fn original_turns(&self, turn: usize) -> &[usize] {
        self.turns.get(turn).map_or(&[], Vec::as_slice)
    }

    /// The turns are the ones of the original, one by one.
    fn same_turns(transcript: Transcript) -> Self {
        let turns = (0..transcript.turns.len()).map(|turn| vec![turn]).collect();
        Self { transcript, turns }
    }
}

/// Every variation, in the order of the table.
pub(crate) const ALL: [Variation; 14] = [
    Variation { name: "paraphrases", make: |t, c| with_texts(t, c, paraphrases::paraphrased) },
    Variation { name: "disfluencies", make: |t, c| with_texts(t, c, speech::hesitating) },
    Variation { name: "no punctuation, no capitals", make: |t, c| with_texts(t, c, speech::bare) },
    Variation { name: "drug names misheard (1 of 3)", make: |t, c| with_texts(t, c, drugs::misheard) },
    Variation { name: "10 % of labels flipped", make: |t, c| labelled(t, c, labels::some_flipped) },
    Variation { name: "labels lost", make: |t, c| labelled(t, c, labels::lost) },
    Variation { name: "all labels wrong", make: |t, c| labelled(t, c, labels::swapped) },
    Variation { name: "one speaker: the clinician", make: |t, c| labelled(t, c, labels::all_clinician) },
    Variation { name: "one speaker: the patient", make: |t, c| labelled(t, c, labels::all_patient) },
    Variation { name: "1 of 10 changes of speaker missed", make: labels::changes_missed },
    Variation { name: "no turns at all: pasted text", make: |t, _| labels::pasted(t) },
    Variation { name: "10 % flipped, no punctuation", make: |t, c| flipped_and(t, c, speech::bare) },
    Variation {
        name: "labels lost, no punctuation",
        make: |t, c| with_texts(&labelled(t, c, labels::lost).transcript, c, speech::bare),
    },
    Variation {
        name: "10 % flipped, hesitating, misheard",
        make: |t, c| {
            let hesitating = flipped_and(t, c, speech::hesitating).transcript;
            with_texts(&hesitating, c, drugs::misheard)
        },
    },
];

impl Variation {
    /// The variation of a consultation: the same for the same consultation, whatever else is measured.
    pub(crate) fn of(&self, consultation: &Consultation) -> Varied {
        let mut chance = Chance::new(&[self.name, &consultation.id]);
        (self.make)(&consultation.transcript, &mut chance)
    }
}

fn with_texts(
    transcript: &Transcript,
    chance: &mut Chance,
    change: fn(&str, &mut Chance) -> String,
) -> Varied {
    let mut varied = transcript.clone();
    for turn in &mut varied.turns {
        turn.text = change(&turn.text, chance);
    }
    Varied::same_turns(varied)
}

fn labelled(
    transcript: &Transcript,
    chance: &mut Chance,
    change: fn(&mut Transcript, &mut Chance),
) -> Varied {
    let mut varied = transcript.clone();
    change(&mut varied, chance);
    Varied::same_turns(varied)
}

fn flipped_and(
    transcript: &Transcript,
    chance: &mut Chance,
    change: fn(&str, &mut Chance) -> String,
) -> Varied {
    let flipped = labelled(transcript, chance, labels::some_flipped).transcript;
    with_texts(&flipped, chance, change)
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker::{Doctor, Patient, Unknown};
    use clinical::transcript::{Transcript, Turn};

    use super::{ALL, Consultation, Varied};

    fn consultation() -> Consultation {
        let turn = |speaker, text: &str| Turn { speaker, text: text.to_owned() };
        let transcript = Transcript {
            turns: vec![
                turn(Doctor, "¿Desde cuándo le duele la cabeza, señora?"),
                turn(Patient, "Tengo dolor de cabeza desde hace tres días, doctor. Tomo losartán."),
                turn(Doctor, "¿Fiebre?"),
                turn(Patient, "No."),
            ],
        };
        Consultation { id: "Z1".to_owned(), transcript, annotation: serde_json::Value::Null }
    }

    #[track_caller]
    fn varied(name: &str) -> Varied {
        ALL.iter().find(|variation| variation.name == name).unwrap().of(&consultation())
    }

    #[test]
    fn a_variation_is_the_same_every_time() {
        for variation in &ALL {
            let (one, two) = (variation.of(&consultation()), variation.of(&consultation()));
            assert_eq!(one.transcript, two.transcript, "{}", variation.name);
        }
    }

    #[test]
    fn every_turn_of_a_variation_points_to_the_turns_it_was_made_of() {
        for variation in &ALL {
            let varied = variation.of(&consultation());
            let pointed: Vec<usize> = (0..varied.transcript.turns.len())
                .flat_map(|turn| varied.original_turns(turn))
                .copied()
                .collect();
            let mut seen = pointed.clone();
            seen.dedup();
            assert_eq!(seen, [0, 1, 2, 3], "{}", variation.name);
        }
    }

    #[test]
    fn labels_and_marks_go_and_the_words_stay() {
        let lost = varied("labels lost, no punctuation").transcript;
        assert!(lost.turns.iter().all(|turn| turn.speaker == Unknown));
        assert_eq!(lost.turns[0].text, "desde cuándo le duele la cabeza señora");
        let swapped = varied("all labels wrong").transcript;
        assert_eq!(swapped.turns[0].speaker, Patient);
        assert_eq!(swapped.turns[1].speaker, Doctor);
    }
}
