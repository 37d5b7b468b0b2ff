//! How often the medicines of a list are taken, where it is said once of all or by a bare count.

use super::*;
use crate::text::Token;
use crate::text::numbers::number_at;

/// Fills in how often a medicine of the patient's side is taken, when nothing was said right behind it.
pub(super) fn complete(
    scene: &Scene<'_>,
    idx: usize,
    drug: &DrugMention,
    end: usize,
    fact: &mut ClinicalFact,
) {
    let turn = scene.turn(idx);
    let a = &mut fact.attributes;
    if a.frequency_hours.is_some() || a.schedule.is_some() || turn.is_doctor() {
        return;
    }
    a.frequency_hours = so_many(turn, drug.end, end).or_else(|| all_daily(turn, drug, &scene.drugs[idx]));
    if a.frequency_hours.is_none()
        && let Some((from, to)) = moment_of_all(turn, drug)
    {
        a.frequency_hours = Some(24.0);
        a.schedule = Some(scene.spoken(idx, from, to).to_lowercase());
    }
}

/// "metformina de ochocientos cincuenta, dos": a count that ends the clause of a medicine told with its strength.
fn so_many(turn: &TurnDoc, from: usize, end: usize) -> Option<f64> {
    let at = (from + 1..end.min(from + 9)).find(|&at| {
        let count = matches!(turn.word(at), "uno" | "una" | "dos" | "tres" | "cuatro");
        let closes = at + 1 >= end || turn.tokens.get(at + 1).is_none_or(Token::is_punct);
        count && closes && turn.word(at - 1) == ","
    })?;
    let strong = (from..at)
        .filter_map(|k| number_at(&turn.tokens, k))
        .any(|number| number.value > 4.0 || turn.word(number.start.wrapping_sub(1)) == "de");
    let count = number_at(&turn.tokens, at)?.value;
    strong.then_some(24.0 / count)
}

/// "Levotiroxina de cincuenta y losartán de cincuenta, diarios": said once of all of a sentence.
fn all_daily(turn: &TurnDoc, drug: &DrugMention, drugs: &[DrugMention]) -> Option<f64> {
    let sentence = turn.sentence_of(drug.start);
    let last = drugs.iter().rev().find(|other| other.start < sentence.end)?;
    let all = (last.end..sentence.end).any(|at| {
        matches!(turn.word(at), "diarios" | "diarias")
            && number_at(&turn.tokens, at.wrapping_sub(1)).is_none()
    });
    (all && last.start > drug.start).then_some(24.0)
}

/// "En la mañana, clopidogrel, bisoprolol de dos y medio, ramipril.": the moment that opens a list is of all of it.
fn moment_of_all(turn: &TurnDoc, drug: &DrugMention) -> Option<(usize, usize)> {
    let from = turn.sentence_of(drug.start).start;
    let fasting = turn.word(from) == "en" && turn.word(from + 1) == "ayunas";
    let part = turn.word(from) == "en"
        && turn.word(from + 1) == "la"
        && matches!(turn.word(from + 2), "manana" | "noche" | "tarde");
    let to = if fasting { from + 2 } else { from + 3 };
    ((fasting || part) && drug.start >= to).then_some((from, to))
}
