//! Values from before: "nueve punto uno; la otra vez estaba en siete punto ocho", "antes setenta y cuatro".

use clinical::calendar::MONTHS;

use super::*;
use crate::text::quantity::duration_at;

/// The value before this one, when the same breath tells it.
pub(super) fn value(
    scene: &Scene<'_>,
    idx: usize,
    hit: Hit,
    next: usize,
    fact: &ClinicalFact,
) -> Option<ClinicalFact> {
    let turn = scene.turn(idx);
    if fact.time == Time::Past {
        return None;
    }
    let limit = next.min(hit.end + 26);
    let from = (hit.end..limit).find_map(|at| before(turn, at))?;
    let number = number_near(turn, from, limit);
    let qualitative = (from..limit.min(from + 5)).find_map(|at| match turn.word(at) {
        "negativo" | "negativa" => Some("negativo"),
        "positivo" | "positiva" => Some("positivo"),
        "normal" => Some("normal"),
        _ => None,
    });
    let end = number.as_ref().map_or(from + 5, |number| number.end).min(turn.tokens.len());
    let mut earlier = ClinicalFact::new(
        FactKind::Result,
        format!("{} previa", fact.name),
        turn.speaker,
        scene.doc.evidence(idx, hit.start, end),
    );
    earlier.time = Time::Past;
    match (number, qualitative, fact.attributes.value) {
        (Some(number), _, Some(now)) => {
            earlier.attributes.value = Some(number.value).filter(|value| *value != now);
            earlier.attributes.unit.clone_from(&fact.attributes.unit);
        }
        (_, Some(word), _) => earlier.attributes.text_value = Some(word.to_owned()),
        _ => {}
    }
    (earlier.attributes.value.is_some() || earlier.attributes.text_value.is_some()).then_some(earlier)
}

/// The number right after the words for "before": at most three small words stand between.
fn number_near(turn: &TurnDoc, from: usize, limit: usize) -> Option<crate::text::numbers::Number> {
    for at in from..limit.min(from + 7) {
        if let Some(number) = number_at(&turn.tokens, at).filter(|_| !matches!(turn.word(at), "un" | "una")) {
            return Some(number);
        }
        let small = matches!(
            turn.word(at),
            "en" | "era"
                | "estaba"
                | "a"
                | "de"
                | "con"
                | "el"
                | "la"
                | "tenia"
                | "tenias"
                | "traia"
                | "traias"
                | "salio"
                | ","
                | "habia"
                | "salido"
                | "fue"
                | "vez"
                | "pasada"
                | "anterior"
                | "eran"
                | "otra"
                | "lo"
        );
        if !small {
            return None;
        }
    }
    None
}

/// Where the earlier value is told from, when the words at a token speak of before.
fn before(turn: &TurnDoc, at: usize) -> Option<usize> {
    let past = |word: &str| {
        matches!(
            word,
            "estaba"
                | "era"
                | "eran"
                | "tenia"
                | "tenias"
                | "traia"
                | "traias"
                | "salio"
                | "habia"
                | "fue"
                | "llego"
                | "llegaste"
        )
    };
    match (turn.word(at), turn.word(at + 1)) {
        ("hace", _) => {
            let ago = duration_at(&turn.tokens, at + 1)?;
            Some(ago.end)
        }
        ("antes", _) if turn.word(at + 1) != "de" => Some(at + 1),
        ("anterior" | "previa" | "previas" | "previo" | "pasada" | "pasado", _) => Some(at + 1),
        ("otra", "vez") => Some(at + 2),
        ("cuando", next) if past(next) => {
            (at + 2..at + 6).find(|&k| past(turn.word(k)) || turn.word(k) == "con")
        }
        ("habia", "llegado") => Some(at + 2),
        ("habia", "salido") => Some(at + 2),
        ("en", month) if MONTHS.contains(&month) && (at + 2..at + 6).any(|k| past(turn.word(k))) => {
            Some(at + 2)
        }
        ("ingreso" | "alta" | "egreso", _) => Some(at + 1),
        ("estaba", "en") => Some(at + 1),
        _ => None,
    }
}
