//! What the model sees of a number.

use crate::facts::{ClinicalFact, FactKind};
use crate::learned::linear::{Sink, word_hash};
use crate::scene::Scene;
use crate::text::numbers::{number_at, spoken_measure};

use super::numbers::{SIGNS, Spoken};

const EDGE: u64 = 1;

/// The sign a word speaks of, from 1; 0 for none.
fn named(word: &str) -> u64 {
    match word {
        "presion" | "tension" | "sistolica" | "diastolica" | "sobre" => 1,
        "pulso" | "cardiaca" | "latidos" | "pulsaciones" | "corazon" => 2,
        "respiratoria" | "respiraciones" | "respira" | "respirando" | "respiro" => 3,
        "temperatura" | "temp" | "grados" | "termometro" | "febril" => 4,
        "saturacion" | "satura" | "saturando" | "saturas" | "oxigenacion" | "oximetro" | "oxigeno"
        | "oximetria" => 5,
        "pesa" | "pesas" | "peso" | "pesando" | "bascula" | "kilo" | "kilos" | "kilogramos" => 6,
        "mide" | "mides" | "talla" | "estatura" | "midiendo" | "metro" | "altura" => 7,
        "glucosa" | "azucar" | "glucemia" | "glicemia" | "dextro" | "dextrostix" | "destrostix"
        | "destroxtis" | "capilar" | "glucometria" | "glucometro" | "dedo" | "piquete" => 8,
        "frecuencia" => 9,
        "minuto" => 10,
        "ciento" => 11,
        "signos" => 12,
        "cintura" | "perimetro" | "cefalico" | "indice" | "imc" | "anos" | "meses" | "semanas" | "dias" => 13,
        "casa" | "ayer" | "antes" | "meta" | "vez" | "pasada" | "anoche" | "farmacia" => 14,
        _ => 0,
    }
}

/// The signs a number may be, one bit each.
fn mask(number: &Spoken) -> u64 {
    number.readings.iter().enumerate().map(|(sign, reading)| u64::from(reading.is_some()) << sign).sum()
}

/// The features of the number `at`, each once.
pub(super) fn features(scene: &Scene<'_>, all: &[Spoken], at: usize, facts: &[ClinicalFact]) -> Vec<u32> {
    let number = &all[at];
    let mut sink = Sink::new();
    let mask = mask(number);
    words(scene, number, mask, &mut sink);
    neighbours(scene, all, at, mask, &mut sink);
    setting(scene, number, mask, &mut sink);
    // The names of the two values of a pressure are no sign's own: they count as the first one.
    let rule = facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Vital && number.is(scene, fact))
        .map(|fact| SIGNS.iter().position(|sign| *sign == fact.name).unwrap_or_default() as u64 + 1)
        .next();
    sink.add(70, &[rule.unwrap_or_default()]);
    sink.add(71, &[rule.unwrap_or_default(), mask]);
    sink.finish()
}

fn words(scene: &Scene<'_>, number: &Spoken, mask: u64, sink: &mut Sink) {
    let turn = scene.turn(number.turn);
    let (start, plain) = (number.start, number_at(&turn.tokens, number.start));
    let end = plain.map_or(start + 1, |plain| plain.end);
    let long = spoken_measure(&turn.tokens, start).map_or(end, |long| long.end);
    let pair = number.readings[0].map_or(end, |pair| pair.end);
    let word = |place: usize| turn.tokens.get(place).map_or(EDGE, |token| word_hash(&token.norm));
    let before = |back: usize| start.checked_sub(back).map_or(EDGE, word);
    sink.add(1, &[mask]);
    for back in 1..=4 {
        sink.add(1 + back as u64, &[before(back)]);
        sink.add(10 + back as u64, &[before(back), mask]);
    }
    sink.add(6, &[before(2), before(1)]);
    sink.add(7, &[before(3), before(2), before(1)]);
    for (kind, from) in [(20, end), (24, long), (28, pair)] {
        sink.add(kind, &[word(from)]);
        sink.add(kind + 1, &[word(from), mask]);
        sink.add(kind + 2, &[word(from), word(from + 1)]);
        sink.add(kind + 3, &[word(from), before(1)]);
    }
    let sentence = turn.sentence_of(start);
    for place in sentence.start..sentence.end {
        sink.add(32, &[word(place)]);
    }
    // The nearest word that names a sign before it, and what stands between; after it, in its sentence.
    let sign = |place: &usize| named(turn.word(*place)) > 0;
    let numbers_between = |from: usize, to: usize| {
        (from..to).filter(|place| number_at(&turn.tokens, *place).is_some()).count() as u64
    };
    if let Some(place) = (0..start).rev().find(sign) {
        let what = named(turn.word(place));
        let far = ((start - place).min(7)) as u64;
        let between = numbers_between(place, start).min(3);
        let same = u64::from(place >= sentence.start);
        sink.add(33, &[what, same]);
        sink.add(34, &[what, far, same]);
        sink.add(35, &[what, between, same, mask]);
        sink.add(36, &[what, between]);
    } else {
        sink.add(37, &[]);
    }
    if let Some(place) = (end..sentence.end).find(sign) {
        let what = named(turn.word(place));
        let far = ((place - end).min(5)) as u64;
        sink.add(38, &[what, far]);
        sink.add(39, &[what, numbers_between(end, place).min(2), mask]);
    }
}

/// The other numbers of the breath.
fn neighbours(scene: &Scene<'_>, all: &[Spoken], at: usize, mask: u64, sink: &mut Sink) {
    let number = &all[at];
    let shape = |other: Option<&Spoken>| match other.filter(|other| other.turn == number.turn) {
        None => 0,
        Some(other) if other.readings[0].is_some() => 1,
        Some(other) => 2 + self::mask(other),
    };
    let before: Vec<&Spoken> = (0..at).rev().map(|at| &all[at]).take(2).collect();
    let after: Vec<&Spoken> = all[at + 1..].iter().take(2).collect();
    for (kind, near) in [(40, before), (44, after)] {
        let first = shape(near.first().copied());
        sink.add(kind, &[first]);
        sink.add(kind + 1, &[first, mask]);
        sink.add(kind + 2, &[first, shape(near.get(1).copied()), mask]);
    }
    let turn = scene.turn(number.turn);
    let mut signs: Vec<u64> =
        turn.tokens.iter().map(|token| named(&token.norm)).filter(|sign| *sign > 0).collect();
    signs.sort_unstable();
    signs.dedup();
    for sign in &signs {
        sink.add(48, &[*sign]);
        sink.add(49, &[*sign, mask]);
    }
    sink.add(50, &[signs.len().min(4) as u64, mask]);
    let first = (0..at).rev().take_while(|other| all[*other].turn == number.turn).count();
    sink.add(51, &[first.min(5) as u64]);
    sink.add(52, &[all.iter().filter(|other| other.turn == number.turn).count().min(6) as u64, mask]);
}

/// Who says it when, and how much it is.
fn setting(scene: &Scene<'_>, number: &Spoken, mask: u64, sink: &mut Sink) {
    let turn = scene.turn(number.turn);
    let sentence = turn.sentence_of(number.start);
    let speaker = u64::from(turn.is_doctor());
    let exam = u64::from(scene.exam[number.turn]);
    let question = u64::from(sentence.question);
    sink.add(60, &[speaker, exam, question]);
    sink.add(61, &[speaker, exam, question, mask]);
    sink.add(62, &[(number.turn * 10 / crate::learned::length(scene)) as u64, speaker]);
    for (sign, reading) in number.readings.iter().enumerate() {
        if let Some(reading) = reading {
            // Whole tens tell apart what words do not; the cast is of a small positive number.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let size = (if reading.value < 3.0 { reading.value * 10.0 } else { reading.value / 5.0 }) as u64;
            let whole = u64::from(reading.value.fract() == 0.0);
            sink.add(63, &[sign as u64, size]);
            sink.add(64, &[sign as u64, size, whole, speaker, exam]);
        }
    }
    if let Some(before) = number.turn.checked_sub(1) {
        let before = scene.turn(before);
        sink.add(65, &[u64::from(before.is_doctor())]);
        for token in before.tokens.iter().rev().take(12) {
            let sign = named(&token.norm);
            if sign > 0 {
                sink.add(66, &[sign, mask]);
            }
            sink.add(67, &[word_hash(&token.stem), speaker]);
        }
    }
}
