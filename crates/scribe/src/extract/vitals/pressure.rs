//! The blood pressure: two numbers in many ways of saying them.

use super::*;

/// "sistólica ciento cuarenta, diastólica ochenta y ocho", "la máxima en ciento cincuenta y la mínima en noventa".
fn by_its_halves(turn: &TurnDoc) -> Option<(Number, Number)> {
    let half = |words: &[&str], (low, high): (f64, f64)| {
        let at = (0..turn.tokens.len()).find(|&at| words.contains(&turn.word(at)))?;
        (at + 1..at + 5)
            .find_map(|k| number_at(&turn.tokens, k))
            .filter(|number| (low..=high).contains(&number.value))
    };
    Some((half(&["sistolica", "maxima"], (70.0, 260.0))?, half(&["diastolica", "minima"], (30.0, 150.0))?))
        .filter(|(high, low)| high.value > low.value && high.end <= low.start)
}

/// "doce ocho de presión", "presión catorce nueve": tens of millimetres, as older people say it.
fn in_tens(turn: &TurnDoc, high: Number, low: Number) -> bool {
    let whole = high.value.fract() == 0.0 && low.value.fract() == 0.0;
    let beside = turn.word(high.start.wrapping_sub(1)) == "presion"
        || turn.word(low.end) == "de" && turn.word(low.end + 1) == "presion";
    let ends =
        turn.tokens.get(low.end).is_none_or(crate::text::Token::is_punct) || turn.word(low.end) == "de";
    whole
        && beside
        && ends
        && (8.0..=24.0).contains(&high.value)
        && (5.0..=13.0).contains(&low.value)
        && high.value > low.value
}

pub(super) fn pressure(scene: &Scene<'_>, idx: usize) -> Vec<ClinicalFact> {
    let turn = scene.turn(idx);
    let mut out = Vec::new();
    if let Some((high, low)) = by_its_halves(turn).filter(|(high, low)| {
        !turn.sentence_of(high.start).question && !elsewhere(turn, high.start.saturating_sub(8), low.end)
    }) {
        out.push(vital(scene, idx, "bp_systolic", high.value, high.start, low.end));
        out.push(vital(scene, idx, "bp_diastolic", low.value, high.start, low.end));
        return out;
    }
    let mut at = 0;
    while at < turn.tokens.len() {
        let Some(high) = number_at(&turn.tokens, at) else {
            at += 1;
            continue;
        };
        at = high.end;
        let after_pressure = turn.joined(high.start.saturating_sub(3), high.start).contains("presion");
        let joined = matches!(turn.word(high.end), "sobre" | "con" | "/" | "entre" | "y")
            || after_pressure && turn.word(high.end) == ",";
        let before_pressure = number_at(&turn.tokens, high.end)
            .is_some_and(|low| turn.word(low.end) == "de" && turn.word(low.end + 1) == "presion");
        if !joined && !after_pressure && !before_pressure {
            continue;
        }
        let Some(low) = number_at(&turn.tokens, high.end + usize::from(joined)) else { continue };
        let (mut high, mut low) = (high, low);
        if in_tens(turn, high, low) {
            (high.value, low.value) = (high.value * 10.0, low.value * 10.0);
        }
        let mid = turn.word(high.end);
        let likely = (70.0..=260.0).contains(&high.value)
            && (30.0..=150.0).contains(&low.value)
            && high.value > low.value;
        let strict = after_pressure
            || before_pressure
            || matches!(turn.word(high.start.wrapping_sub(1)), "tension" | "ta")
            || matches!(mid, "sobre" | "/")
            || turn.joined(high.start.saturating_sub(8), high.start).contains("presion");
        let sentence = turn.sentence_of(high.start);
        let from = high.start.saturating_sub(10).max(sentence.start);
        let other_posture = !out.is_empty()
            && ["acuestese", "acueste", "recuestese", "parese", "de pie", "levantese"]
                .iter()
                .any(|cue| turn.joined(0, high.start).contains(cue));
        if likely
            && strict
            && !other_posture
            && !sentence.question
            && !elsewhere(turn, from, (low.end + 3).min(sentence.end))
        {
            out.push(vital(scene, idx, "bp_systolic", high.value, high.start, low.end));
            out.push(vital(scene, idx, "bp_diastolic", low.value, high.start, low.end));
        }
        at = low.end;
    }
    out
}
