//! Who the voices of a recording are: the physician by the voice they enrolled, if the engine knew it, or by what they say; the
//! patient only where nobody else can be meant: the one other voice, of an adult, who tells of themselves. Whoever speaks for a
//! silent patient is not the patient. Everybody else is said by a person.

use std::collections::BTreeSet;

use clinical::heard::Heard;
use clinical::transcript::Speaker;
use scribe::context::own::tells_of_self;
use scribe::learned::speakers::{Side, of_voices};

/// Names the voices that leave no doubt. `adult`: the patient is one; a child's "me duele" is said by who brings them, too.
pub fn name_voices(heard: &mut Heard, adult: bool) {
    let voices: BTreeSet<u8> = heard.turns.iter().filter_map(|turn| turn.voice).collect();
    // In one voice alone there may be two that are alike: its words would be given to one of them.
    if voices.len() < 2 {
        return;
    }
    let known = |heard: &Heard, wanted: Speaker| {
        heard.turns.iter().find(|turn| turn.speaker == wanted).and_then(|turn| turn.voice)
    };
    let said = heard.turns.iter().filter_map(|turn| Some((turn.voice?, turn.text.as_str())));
    let sides = of_voices(said);
    let clinicians: Vec<u8> =
        sides.iter().filter(|(_, side)| **side == Side::Clinician).map(|(voice, _)| *voice).collect();
    if let ([only], None) = (clinicians.as_slice(), known(heard, Speaker::Doctor)) {
        heard.name_voice(*only, Speaker::Doctor);
    }
    let others: Vec<u8> = match known(heard, Speaker::Doctor) {
        Some(doctor) => voices.into_iter().filter(|voice| *voice != doctor).collect(),
        None => return,
    };
    if let [only] = others.as_slice()
        && adult
        && sides.get(only) == Some(&Side::Patient)
        && tells_of_self(
            heard.turns.iter().filter(|turn| turn.voice == Some(*only)).map(|turn| turn.text.as_str()),
        )
    {
        heard.name_voice(*only, Speaker::Patient);
    }
}

#[cfg(test)]
mod tests {
    use clinical::heard::HeardTurn;
    use clinical::transcript::Speaker::{Doctor, Patient, Unknown};

    use super::*;

    const TALK: [(u8, &str); 8] = [
        (1, "Buenas tardes, pásele, siéntese. ¿En qué le puedo ayudar?"),
        (2, "Ay doctora, es que me duele mucho la rodilla, ya no aguanto, me duele al bajar la escalera."),
        (1, "¿Desde cuándo le duele? ¿Se le ha hinchado? ¿Ha tenido fiebre?"),
        (2, "Tengo como dos semanas, me empezó cuando me caí, y pues no me he tomado nada."),
        (1, "Súbase a la mesa, le voy a revisar. Doble la pierna, ¿le duele aquí?"),
        (2, "Sí, ahí me duele mucho, y luego en las noches no me deja dormir."),
        (1, "Le voy a dejar paracetamol cada ocho horas y nos vemos en una semana, ¿de acuerdo?"),
        (2, "Sí, muchas gracias, doctora, yo creo que sí me lo voy a tomar."),
    ];

    fn heard(turns: &[(u8, Speaker, &str)]) -> Heard {
        let turn = |(at, (voice, speaker, text)): (u32, &(u8, Speaker, &str))| HeardTurn {
            voice: Some(*voice),
            speaker: *speaker,
            text: (*text).to_owned(),
            start_ms: at * 1000,
            end_ms: at * 1000 + 900,
        };
        Heard { turns: (0..).zip(turns).map(turn).collect() }
    }

    #[track_caller]
    fn check(turns: &[(u8, Speaker, &str)], adult: bool, expected: &[(u8, Speaker)]) {
        let mut heard = heard(turns);
        name_voices(&mut heard, adult);
        let named: Vec<_> = heard.turns.iter().filter_map(|turn| Some((turn.voice?, turn.speaker))).collect();
        assert_eq!(named.len(), turns.len());
        for (voice, speaker) in named {
            assert!(expected.contains(&(voice, speaker)), "{voice} is {speaker:?}");
        }
    }

    fn unnamed() -> Vec<(u8, Speaker, &'static str)> {
        TALK.into_iter().map(|(voice, text)| (voice, Unknown, text)).collect()
    }

    #[test]
    fn the_physician_is_told_by_what_they_say_and_the_only_other_adult_is_the_patient() {
        check(&unnamed(), true, &[(1, Doctor), (2, Patient)]);
    }

    #[test]
    fn who_speaks_for_an_adult_that_says_nothing_is_not_taken_for_the_patient() {
        const SAID: [&str; 4] = [
            "Ay doctora, es que a mi mamá le duele mucho la rodilla, ya no aguanta, y me tiene preocupada.",
            "Tiene como dos semanas, le empezó cuando se cayó, y no le he dado nada.",
            "Sí, ahí le duele, y luego en las noches no la deja dormir, me dice que le arde.",
            "Sí, muchas gracias, doctora, yo le digo y sí se lo toma.",
        ];
        let mut said = SAID.into_iter();
        let turns: Vec<_> = unnamed()
            .into_iter()
            .map(|(voice, who, text)| (voice, who, if voice == 2 { said.next().unwrap() } else { text }))
            .collect();
        check(&turns, true, &[(1, Doctor), (2, Unknown)]);
    }

    #[test]
    fn the_words_of_a_single_voice_are_nobodys_as_two_alike_may_be_in_it() {
        let turns: Vec<_> = TALK.into_iter().map(|(_, text)| (1, Unknown, text)).collect();
        check(&turns, true, &[(1, Unknown)]);
        let leading: Vec<_> = turns.iter().copied().step_by(2).collect();
        check(&leading, true, &[(1, Unknown)]);
    }

    #[test]
    fn who_speaks_for_a_child_is_said_by_a_person() {
        check(&unnamed(), false, &[(1, Doctor), (2, Unknown)]);
    }

    #[test]
    fn of_three_people_only_the_physician_is_named() {
        let mut turns = unnamed();
        turns.push((3, Unknown, "Yo soy su hija, doctora, y la verdad es que ya no come nada."));
        check(&turns, true, &[(1, Doctor), (2, Unknown), (3, Unknown)]);
    }

    #[test]
    fn two_who_both_speak_like_physicians_are_told_apart_by_nobody() {
        let mut turns = unnamed();
        for (n, (_, _, text)) in unnamed().into_iter().enumerate() {
            turns.push((if n % 2 == 0 { 3 } else { 2 }, Unknown, text));
        }
        check(&turns, true, &[(1, Unknown), (2, Unknown), (3, Unknown)]);
    }

    #[test]
    fn a_voice_the_physician_enrolled_stays_theirs_whatever_is_said() {
        let turns: Vec<_> = TALK
            .into_iter()
            .map(|(voice, text)| (voice, if voice == 2 { Doctor } else { Unknown }, text))
            .collect();
        check(&turns, true, &[(1, Unknown), (2, Doctor)]);
    }

    #[test]
    fn a_few_words_are_no_ground_to_name_anybody() {
        check(&[(1, Unknown, "¿Le duele?"), (2, Unknown, "Sí.")], true, &[(1, Unknown), (2, Unknown)]);
    }
}
