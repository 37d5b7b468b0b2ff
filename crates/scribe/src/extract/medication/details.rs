//! What is said of a medicine after it was prescribed: the days of all of them, and the answers to what the patient asks.

use super::*;
use crate::text::quantity::{duration_at, frequency_in};

/// "Todo por siete días", "los dos por una semana": the days of every medicine of the turn that has none of its own.
pub(super) fn days_for_all(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let shared = (0..turn.tokens.len()).find_map(|at| {
        let two = matches!(turn.word(at), "los" | "las")
            && matches!(turn.word(at + 1), "dos" | "tres" | "cuatro")
            && !turn.word(at + 2).starts_with("dia");
        let all = matches!(turn.word(at), "todo" | "todos" | "todas" | "ambos" | "ambas");
        let from = if two { at + 2 } else { at + 1 };
        let from = if matches!(turn.word(from), "por" | "durante" | "eso") { from + 1 } else { from };
        let from = if turn.word(from) == "por" { from + 1 } else { from };
        (all || two)
            .then(|| duration_at(&turn.tokens, from))
            .flatten()
            .filter(|duration| duration.days >= 1.0)
    });
    let Some(shared) = shared else { return };
    let here = |fact: &ClinicalFact| fact.turns().contains(&idx);
    for fact in book.of_mut(FactKind::Prescription).filter(|fact| here(fact)) {
        if fact.attributes.duration_days.is_none() {
            fact.attributes.duration_days = Some(shared.days.round());
            fact.cite(scene.doc.evidence(idx, shared.start, shared.end));
        }
    }
}

/// "¿Por cuántos días?" - "Siete.", "¿Cada cuánto?" - "Cada ocho horas.": asked after a medicine was prescribed.
pub(super) fn asked_how(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(before) = idx.checked_sub(2).filter(|&before| scene.turn(before).is_doctor()) else { return };
    let asked = scene.turn(idx - 1);
    let turn = scene.turn(idx);
    if !asked.is_patient_side() || !scene.drugs[idx - 1].is_empty() || !scene.drugs[idx].is_empty() {
        return;
    }
    let Some(drug) = scene.drugs[before].last() else { return };
    let question = asked.joined(0, asked.tokens.len());
    let how_long = ["cuantos dias", "cuanto tiempo", "por cuanto", "hasta cuando", "cuantas semanas"]
        .iter()
        .any(|cue| question.contains(cue));
    let how_often = ["cada cuanto", "a que hora", "cuantas veces", "cada cuantas"]
        .iter()
        .any(|cue| question.contains(cue));
    let end = turn.tokens.len().min(12);
    let Some(fact) = book.of_mut(FactKind::Prescription).find(|fact| fact.name == drug.name) else { return };
    let a = &mut fact.attributes;
    if how_long && a.duration_days.is_none() {
        let days = (0..end)
            .find_map(|at| duration_at(&turn.tokens, at).filter(|duration| duration.days >= 1.0))
            .map(|duration| duration.days.round());
        let Some(days) = days else { return };
        a.duration_days = Some(days);
    } else if how_often && a.frequency_hours.is_none() {
        let frequency = frequency_in(&turn.tokens, 0, end);
        if frequency.is_empty() {
            return;
        }
        a.frequency_hours = frequency.hours;
        a.schedule = a.schedule.take().or(frequency.schedule);
    } else {
        return;
    }
    fact.cite(scene.doc.evidence(idx, 0, end));
}
