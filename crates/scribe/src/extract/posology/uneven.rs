//! Amounts that differ by the moment of the day: "dieciséis unidades en la mañana y ocho en la noche".

use super::*;
use crate::text::quantity::WEEKDAYS;

/// How many words may stand between an amount and its moment ("ocho unidades antes de la cena").
const NEAR: usize = 4;

/// The words of a medicine taken in different amounts at different moments, as a range of tokens; `None` where the amounts are
/// the same or only one is said.
pub(in crate::extract) fn uneven(
    turn: &TurnDoc,
    drug: &DrugMention,
    start: usize,
    end: usize,
) -> Option<(usize, usize)> {
    let end = end.min(turn.tokens.len()).min(start + 40);
    let sentence = turn.sentence_of(drug.start).end.min(end);
    let lead = lead(turn, drug.start);
    let mut told: Vec<(f64, usize, usize)> = Vec::new();
    if let Some((value, _)) = lead::amount_before(turn, drug)
        && let Some((_, to)) = (start..sentence).find_map(|at| moment_at(turn, at))
    {
        told.push((value, lead, to));
    }
    let mut first: Option<(f64, usize)> = None;
    let mut at = start;
    while at < sentence {
        let amount = portion_at(&turn.tokens, at)
            .or_else(|| number_at(&turn.tokens, at).map(|number| (number.value, number.end)));
        let Some((value, after)) = amount.filter(|_| !turn.tokens[at].dead) else {
            at += 1;
            continue;
        };
        let counts = !matches!(turn.word(at.wrapping_sub(1)), "de" | "cada" | "las" | "la" | "por" | "a");
        let timed = duration_at(&turn.tokens, at).is_some();
        let moment = (after..sentence.min(after + NEAR))
            .take_while(|&k| !turn.tokens[k].is_punct() && turn.word(k) != "y")
            .find_map(|k| moment_at(turn, k));
        if let Some((_, to)) = moment.filter(|_| counts && !timed) {
            told.push((value, at, to));
        } else if let Some(from) = days_before(turn, at).filter(|&from| from > start && !timed) {
            // "cinco miligramos, y miércoles y domingo la mitad"
            if told.is_empty()
                && let Some((first, at)) = first
            {
                told.push((first, at, after));
            }
            told.push((value, from, after));
        }
        first = first.or(counts.then_some((value, at)));
        at = after;
    }
    let (first, last) = (told.first()?, told.last()?);
    let differ = told.iter().any(|(value, ..)| (value - first.0).abs() > 1e-6);
    differ.then_some((first.1, last.2))
}

/// The weekdays right before an amount ("miércoles y domingo la mitad"): where they begin.
fn days_before(turn: &TurnDoc, at: usize) -> Option<usize> {
    let day = |k: usize| WEEKDAYS.iter().any(|day| turn.word(k).starts_with(day));
    let last = at.checked_sub(if turn.word(at.wrapping_sub(1)) == "la" { 2 } else { 1 })?;
    let linked = |k: usize| day(k) || matches!(turn.word(k), "y" | "," | "los" | "a" | "de");
    day(last).then(|| (0..=last).rev().take_while(|&k| linked(k)).filter(|&k| day(k)).last()).flatten()
}

/// A moment of the day that begins at a token: its range.
fn moment_at(turn: &TurnDoc, at: usize) -> Option<(usize, usize)> {
    let (next, third) = (turn.word(at + 1), turn.word(at + 2));
    let words = match turn.word(at) {
        "en" | "por" | "a" if matches!(next, "la" | "las") => {
            matches!(third, "manana" | "mananas" | "tarde" | "tardes" | "noche" | "noches").then_some(3)
        }
        "en" => (next == "ayunas").then_some(2),
        "con" if matches!(next, "el" | "la" | "cada") => {
            matches!(third, "desayuno" | "comida" | "cena" | "colacion").then_some(3)
        }
        "antes" if next == "del" => (third == "desayuno").then_some(3),
        "antes" if matches!((next, third), ("de", "la" | "cada")) => {
            matches!(turn.word(at + 3), "comida" | "cena").then_some(4)
        }
        "al" => matches!(next, "desayuno" | "acostarse" | "dormir" | "mediodia" | "despertar").then_some(2),
        "a" => (next == "mediodia").then_some(2),
        _ => None,
    }?;
    Some((at, at + words))
}
