//! Complaints told by numbers: pressure taken at home, weight lost or gained.

use super::{Book, Said, symptom};
use crate::mentions::SymptomMention;
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;

/// Reads what a turn tells by numbers.
pub(super) fn read(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let found = if turn.is_doctor() {
        weighed(turn)
    } else if scene.family[idx] || scene.exam[idx] {
        None
    } else {
        pressure_at_home(scene, idx)
    };
    if let Some((name, start, end)) = found {
        let mention = SymptomMention { name: name.to_owned(), start, end, about: None };
        book.add(symptom(scene, idx, &mention, Said::Yes, 0.7));
    }
}

/// "Ciento cuarenta y cinco con noventa y dos", told when the pressure at home was asked for.
fn pressure_at_home(scene: &Scene<'_>, idx: usize) -> Option<(&'static str, usize, usize)> {
    let turn = scene.turn(idx);
    let asked = scene.question_before(idx).map(|at| {
        let question = scene.turn(at);
        question.joined(0, question.tokens.len())
    })?;
    let told = turn.joined(0, turn.tokens.len());
    let pressure = asked.contains("presion") || told.contains("presion") || asked.contains("medido");
    let home = ["casa", "libret", "medido", "aparato", "anda", "farmacia"]
        .iter()
        .any(|cue| asked.contains(cue) || told.contains(cue));
    if !(pressure && home) {
        return None;
    }
    for at in 0..turn.tokens.len() {
        let Some(high) = number_at(&turn.tokens, at).filter(|number| (90.0..=240.0).contains(&number.value))
        else {
            continue;
        };
        if !matches!(turn.word(high.end), "con" | "sobre" | "/" | "," | "y" | "de") {
            continue;
        }
        let low =
            number_at(&turn.tokens, high.end + 1).filter(|number| (50.0..=140.0).contains(&number.value));
        if let Some(low) = low.filter(|low| low.value < high.value) {
            let raised = high.value >= 135.0 || low.value >= 88.0;
            return raised.then_some(("presión alta en casa", at, low.end));
        }
    }
    None
}

/// "Bajó trescientos gramos", "subió tres kilos": what the clinician reads off the scale.
fn weighed(turn: &TurnDoc) -> Option<(&'static str, usize, usize)> {
    for at in 0..turn.tokens.len() {
        let name = match turn.word(at) {
            "bajo" | "bajaste" | "perdio" | "perdiste" => "pérdida de peso",
            "subio" | "subiste" => "aumento de peso",
            _ => continue,
        };
        if turn.sentence_of(at).question || turn.word(at.wrapping_sub(1)) == "no" {
            continue;
        }
        let from = at + 1 + usize::from(matches!(turn.word(at + 1), "como" | "casi"));
        let Some(number) = number_at(&turn.tokens, from) else { continue };
        let unit = turn.word(number.end);
        let counts = matches!(unit, "kilo" | "kilos") || name == "pérdida de peso" && unit == "gramos";
        if counts {
            return Some((name, at, number.end + 1));
        }
    }
    None
}
