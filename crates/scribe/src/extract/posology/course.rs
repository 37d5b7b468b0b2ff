//! How many days a medicine is taken, in one step or in several.

use super::steps::TAKES;
use super::*;
use crate::text::duration::Duration;

/// Days of the whole treatment. The steps of a scheme that ends are added; one that goes on has no days; a last step only
/// for when it is needed leaves the days of the first.
pub(super) fn treatment(turn: &TurnDoc, steps: &[Step]) -> Option<f64> {
    let of = |step: &Step| duration(turn, step).map(|(days, _)| days);
    if let Some(days) = in_all(turn, steps) {
        return Some(days);
    }
    let steps = linked(turn, steps);
    let (number, (first, to)) = steps
        .iter()
        .enumerate()
        .filter(|(number, step)| *number == 0 || step.then || !step.sentence || still_of_it(turn, step.from))
        .find_map(|(number, step)| duration(turn, step).map(|found| (number, found)))?;
    let later: Vec<&Step> = steps[number + 1..].iter().take_while(|step| step.then).collect();
    let Some(last) = later.last() else {
        return (!goes_on(turn, to, steps[number].to)).then_some(first);
    };
    let told = turn.joined(last.from, last.to);
    let ends =
        ["deja", "suspend", "quita", "fuera", "adios", "acab", "termin"].iter().any(|cue| told.contains(cue));
    if ends {
        return Some(later.iter().filter_map(|step| of(step)).sum::<f64>() + first);
    }
    // The days of what is taken first, unless that only leads up to what is taken for good.
    if later.iter().any(|step| rises(turn, &steps[number], step)) {
        return None;
    }
    let only_if = told.contains("si ") || told.contains("cuando ");
    (only_if && later.len() == 1 || !goes_on(turn, to, last.to)).then_some(first)
}

/// Whether a sentence after that of the medicine says for how long: not "Te va a subir el azúcar, una semana", "Se queda
/// internado, dos días".
fn still_of_it(turn: &TurnDoc, from: usize) -> bool {
    let next = turn.word(from + 1);
    let taken =
        matches!(next, "la" | "lo" | "las" | "los") || TAKES.iter().any(|verb| next.starts_with(verb));
    continues(turn, from) && (taken || !matches!(turn.word(from), "me" | "te" | "se"))
}

/// "y bajamos diez cada semana", "y cada semana una menos", "y se queda en diez", "veinte otras cuatro", "y siete de descanso":
/// behind its days the scheme goes on in the same words.
fn goes_on(turn: &TurnDoc, from: usize, to: usize) -> bool {
    let sentence = turn.sentence_of(from.min(turn.tokens.len().saturating_sub(1))).end.min(to);
    let linked = |at: usize| matches!(turn.word(at.wrapping_sub(1)), "y" | "," | ";");
    let number = |at: usize| number_at(&turn.tokens, at);
    (from..sentence).any(|at| match turn.word(at) {
        "queda" | "quedas" | "quedamos" => turn.word(at + 1) == "en",
        "la" => matches!(turn.word(at + 1), "segunda" | "tercera" | "siguiente"),
        "cada" => linked(at) && (at + 1..at + 6).any(|k| matches!(turn.word(k), "menos" | "mas")),
        word if CHANGES.contains(&word) => {
            (at + 1..(at + 4).min(sentence)).any(|k| number(k).is_some() || turn.word(k) == "cada")
                || word.ends_with("ando")
                || word.ends_with("iendo")
        }
        _ => {
            linked(at)
                && number(at).is_some_and(|number| {
                    turn.word(number.end) == "de" && turn.word(number.end + 1).starts_with("descans")
                        || matches!(turn.word(number.end), "otro" | "otra" | "otros" | "otras")
                })
        }
    })
}

/// A dose that is raised or lowered.
const CHANGES: &[&str] = &[
    "bajamos",
    "bajando",
    "bajas",
    "baja",
    "baje",
    "bajar",
    "bajo",
    "subimos",
    "subiendo",
    "subes",
    "sube",
    "suba",
    "subir",
    "subo",
    "reduce",
    "reducimos",
    "aumenta",
    "aumentamos",
    "disminuye",
];

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

/// Days of treatment: "por siete días", "durante un mes", "cinco días"; and where the words end that say so.
fn duration(turn: &TurnDoc, step: &Step) -> Option<(f64, usize)> {
    let (start, end) = (step.from, step.to);
    if today_and_tomorrow(turn, start, end) {
        return Some((2.0, end));
    }
    let mut at = start;
    while at < end {
        // "luego dos y medio, otra semana"
        if matches!(turn.word(at), "otra" | "otro") && at + 1 < end {
            match turn.word(at + 1) {
                "semana" => return Some((7.0, at + 2)),
                "mes" => return Some((30.0, at + 2)),
                _ => {}
            }
        }
        let Some(found) = duration_at(&turn.tokens, at).filter(|duration| duration.end <= end) else {
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
            || matches!(turn.word(found.end), "antes" | "despues") && !matches!(lead, "por" | "durante" | ",")
            || (found.days < 1.0)
            // "un día sí y un día no"
            || matches!(turn.word(found.end), "sí" | "no")
            // "máximo dos días por semana"
            || matches!(
                (turn.word(found.end), turn.word(found.end + 1)),
                ("por" | "al", "semana" | "mes") | ("a", "la")
            )
            || !matches!(lead, "por" | "durante") && of_something_else(turn, step, led, lead, &found);
        let longest = if matches!(lead, "por" | "durante") { 3660.0 } else { 400.0 };
        if !other && found.days <= longest {
            return Some((found.days.round(), found.end));
        }
        at = found.end;
    }
    None
}

/// Whether days said without "por" are of something else than the treatment: "tarda una semana", "un día fijo", "pero mídase
/// antes de comer diez días", "la suspende dos días", "y el condón un mes", "diez días y nos vemos".
fn of_something_else(turn: &TurnDoc, step: &Step, led: usize, lead: &str, found: &Duration) -> bool {
    let (next, second) = (turn.word(found.end), turn.word(found.end + 1));
    if found.days <= 1.0 && turn.word(found.end - 1).starts_with("dia") {
        return !(matches!(lead, "solo" | "nomas" | "solamente")
            || matches!((next, second), ("nada", "mas") | ("nomas" | "solamente", _)));
    }
    let small =
        |at: usize| matches!(turn.word(at), "los" | "las" | "primeros" | "primeras" | "esos" | "estos");
    if (step.from..led).all(small) {
        let back = ["nos", "lo", "la", "los", "las", "te", "me", "regres", "vuelv", "vien"];
        let ended = turn.tokens.get(found.end).is_none_or(crate::text::Token::is_punct);
        let met = next == "y" && back.iter().any(|stem| second.starts_with(stem));
        let verb = !ended
            && next != "y"
            && TAKES.iter().all(|verb| !next.starts_with(verb))
            && !QUALIFIES.contains(&next);
        return step.sentence && (met || verb);
    }
    let pause = turn.tokens.get(led - 1).is_some_and(crate::text::Token::is_punct);
    let number_before = |k: usize| number_at(&turn.tokens, k + 1).is_some_and(|number| number.end + 1 == led);
    // "a los tres, siete y catorce días"
    let listed = pause && (step.from..led).any(|k| turn.word(k) == "los" && number_before(k));
    let (word, article, and) =
        (turn.word(led - 1), turn.word(led.wrapping_sub(2)), turn.word(led.wrapping_sub(3)));
    let verb = ["tard", "dura", "suspend", "dej", "descans", "espera", "trabaj", "casa", "intern", "repos"];
    let noun = and == "y"
        && matches!(article, "el" | "la")
        && !matches!(word, "manana" | "tarde" | "noche" | "otra" | "otro");
    let limit = matches!(lead, "maximo" | "hasta" | "completa" | "completar" | "complete")
        || lead == "de" && matches!(article, "mas" | "nomas");
    let dosed = |from: usize| {
        (from..led).any(|k| portion_at(&turn.tokens, k).is_some() || amount_at(&turn.tokens, k).is_some())
            || (from..led).any(|k| matches!(turn.word(k), "cada" | ":" | "sigues" | "sigue" | "siga"))
    };
    let strays = !limit
        && (step.from..led).any(|k| {
            let until = turn.word(k) == "hasta" && turn.word(k + 1) == "que" && !pause;
            let turns = matches!(turn.word(k), "pero" | "porque" | "aunque") && !dosed(k);
            !turn.tokens[k].dead && (until || turns)
        });
    listed || strays || !pause && (noun || verb.iter().any(|stem| word.starts_with(stem)))
}

/// What may follow the days of a treatment in a sentence that begins with them: "siete días completos", "un mes más".
const QUALIFIES: &[&str] = &[
    "completos",
    "completas",
    "seguidos",
    "seguidas",
    "nada",
    "nomas",
    "mas",
    "de",
    "todos",
    "cada",
    "diario",
    "diarias",
    "con",
    "le",
    "dos",
    "tres",
    "solamente",
    "solo",
    "ambos",
    "los",
    "maximo",
    "exactos",
    "total",
    "en",
];

/// "de tres a cinco días".
fn ranges(turn: &TurnDoc, at: usize) -> bool {
    number_at(&turn.tokens, at).is_some_and(|number| {
        turn.word(number.end) == "a" && number_at(&turn.tokens, number.end + 1).is_some()
    })
}
