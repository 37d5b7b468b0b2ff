//! How many days a medicine is taken, in one step or in several.

use super::*;

/// Days of the whole treatment. The steps of a scheme that ends are added; one that goes on has no days; a last step only
/// for when it is needed leaves the days of the first.
pub(super) fn treatment(turn: &TurnDoc, steps: &[Step]) -> Option<f64> {
    let of = |step: &Step| duration(turn, step.from, step.to);
    if let Some(days) = in_all(turn, steps) {
        return Some(days);
    }
    let (number, first) = steps
        .iter()
        .enumerate()
        .filter(|(number, step)| *number == 0 || step.then || !step.sentence || continues(turn, step.from))
        .find_map(|(number, step)| of(step).map(|days| (number, days)))?;
    let later: Vec<&Step> = steps[number + 1..].iter().take_while(|step| step.then).collect();
    let Some(last) = later.last() else { return Some(first) };
    let told = turn.joined(last.from, last.to);
    let ends =
        ["deja", "suspend", "quita", "fuera", "adios", "acab", "termin"].iter().any(|cue| told.contains(cue));
    if ends {
        return Some(later.iter().filter_map(|step| of(step)).sum::<f64>() + first);
    }
    let only_if = told.contains("si ") || told.contains("cuando ");
    // The days of what is taken first, unless that only leads up to what is taken for good.
    let leads_up = later.iter().any(|step| rises(turn, &steps[number], step));
    (only_if && later.len() == 1 || !leads_up).then_some(first)
}

/// "siete días en total": the days of the whole scheme, said outright.
fn in_all(turn: &TurnDoc, steps: &[Step]) -> Option<f64> {
    let (first, last) = (steps.first()?, steps.last()?);
    (first.from..last.to).find_map(|at| {
        let duration = duration_at(&turn.tokens, at).filter(|duration| duration.days >= 1.0)?;
        let all = turn.word(duration.end) == "en" && turn.word(duration.end + 1) == "total";
        all.then_some(duration.days.round())
    })
}

/// Whether more is taken in a later step than in the first, or it is taken more often.
fn rises(turn: &TurnDoc, first: &Step, later: &Step) -> bool {
    let amount = |step: &Step| dose(turn, step.from, step.to, false);
    let bare = |step: &Step| {
        (step.from..step.to).find_map(|at| {
            let number = number_at(&turn.tokens, at)?;
            (duration_at(&turn.tokens, at).is_none() && turn.word(at.wrapping_sub(1)) != "cada")
                .then_some(number.value)
        })
    };
    let hours = |step: &Step| frequency_in(&turn.tokens, step.from, step.to).hours;
    let more = match (amount(first), amount(later)) {
        (Some((before, unit)), Some((after, other))) if unit == other => after > before,
        (Some((before, _)), _) => bare(later).is_some_and(|after| after > before),
        (None, _) => bare(first).zip(bare(later)).is_some_and(|(before, after)| after > before),
    };
    let whole = (later.from..later.to).any(|at| matches!(turn.word(at), "entera" | "completa" | "doble"));
    let oftener = hours(first).zip(hours(later)).is_some_and(|(before, after)| after < before);
    more || whole || oftener
}

/// "Y por siete días, clonazepam ...": the days said before the medicine.
pub(super) fn said_before(turn: &TurnDoc, drug: &DrugMention) -> Option<f64> {
    let from = turn.sentence_of(drug.start).start;
    (from..drug.start)
        .find(|&at| matches!(turn.word(at), "por" | "durante"))
        .filter(|&at| drug.start - at <= 6)
        // Behind other words they are of what was named before.
        .filter(|&at| {
            at == from || at == from + 1 && matches!(turn.word(from), "y" | "ahora" | "luego" | ",")
        })
        .and_then(|at| duration_at(&turn.tokens, at + 1))
        .filter(|duration| duration.end <= drug.start && duration.days >= 1.0)
        .map(|duration| duration.days.round())
}

/// "hoy y mañana", "hoy y otros doce mañana".
pub(super) fn today_and_tomorrow(turn: &TurnDoc, start: usize, end: usize) -> bool {
    (start..end).any(|at| {
        turn.word(at) == "hoy"
            && turn.word(at + 1) == "y"
            && (at + 2..(at + 6).min(end))
                .find(|&k| turn.word(k) == "manana" || turn.tokens[k].is_punct())
                .is_some_and(|k| turn.word(k) == "manana" && turn.word(k - 1) != "la")
    })
}

/// Days of treatment: "por siete días", "durante un mes", "cinco días".
fn duration(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    if today_and_tomorrow(turn, start, end) {
        return Some(2.0);
    }
    let mut at = start;
    while at < end {
        // "luego dos y medio, otra semana"
        if matches!(turn.word(at), "otra" | "otro") && at + 1 < end {
            match turn.word(at + 1) {
                "semana" => return Some(7.0),
                "mes" => return Some(30.0),
                _ => {}
            }
        }
        let Some(duration) = duration_at(&turn.tokens, at).filter(|duration| duration.end <= end) else {
            at = number_at(&turn.tokens, at).map_or(at + 1, |number| number.end);
            continue;
        };
        // What was taken back leads to nothing: "por diez días... no, déjelo en siete días".
        let led = (start..at).rev().find(|&k| !turn.tokens[k].dead).map_or(at, |k| k + 1);
        let before = turn.word(led.wrapping_sub(1));
        let before2 = turn.word(led.wrapping_sub(2));
        let article = matches!(
            before,
            "los" | "las" | "la" | "el" | "primeros" | "primera" | "unos" | "como" | "estos"
        );
        let lead = if article { before2 } else { before };
        let other = matches!(
            lead,
            "cada" | "hace" | "en" | "desde" | "tiene" | "lleva" | "a" | "dentro" | "al" | "antes" | "cuanto"
        ) || lead == "de" && !matches!(turn.word(at.wrapping_sub(2)), "total" | "nomas") && !ranges(turn, at)
            || matches!(turn.word(duration.end), "antes" | "despues") && !matches!(lead, "por" | "durante" | ",")
            || (duration.days < 1.0)
            // "un día sí y un día no"
            || matches!(turn.word(duration.end), "sí" | "no")
            // "máximo dos días por semana"
            || matches!(
                (turn.word(duration.end), turn.word(duration.end + 1)),
                ("por" | "al", "semana" | "mes") | ("a", "la")
            );
        let longest = if matches!(lead, "por" | "durante") { 3660.0 } else { 400.0 };
        if !other && duration.days <= longest {
            return Some(duration.days.round());
        }
        at = duration.end;
    }
    None
}

/// "de tres a cinco días".
fn ranges(turn: &TurnDoc, at: usize) -> bool {
    number_at(&turn.tokens, at).is_some_and(|number| {
        turn.word(number.end) == "a" && number_at(&turn.tokens, number.end + 1).is_some()
    })
}
