//! How much of a medicine at a time.

use super::bare::{bare_count, bare_strength};
use super::*;

/// Numbers that are no dose: limits, intervals, ages, durations.
pub(super) fn excluded(turn: &TurnDoc, at: usize, start: usize) -> bool {
    let from = at.saturating_sub(4).max(start);
    let before: Vec<&str> = (from..at).map(|k| turn.word(k)).collect();
    before.iter().any(|word| {
        matches!(
            *word,
            "maximo" | "pase" | "pases" | "pasar" | "cada" | "hace" | "lugar" | "antes" | "rebase"
        )
    }) || matches!(before.last(), Some(&("hasta" | "por" | "durante" | "a" | "en")))
        && !changed_to(&before)
        && !(before.last() == Some(&"a") && (at == start + 1 || turn.word(at) == "gramo"))
}

/// "se la subo a cuarenta miligramos", "la dejamos en cinco": the amount after the change.
fn changed_to(before: &[&str]) -> bool {
    const CHANGES: &[&str] = &["sub", "baj", "aument", "reduc", "cambi", "ajust", "dej", "qued", "pas"];
    let [.., verb, "a" | "en"] = before else { return false };
    CHANGES.iter().any(|change| verb.starts_with(change))
}

pub(super) fn dose(
    turn: &TurnDoc,
    start: usize,
    end: usize,
    micrograms: bool,
) -> Option<(f64, &'static str)> {
    let amounts = amounts(turn, start, end);
    let pieces: Option<&Amount> = amounts.iter().find(|amount| counts_pieces(amount.unit));
    // "metformina quinientos dos": a strength and a count without a pause are no five hundred and two.
    let strength = bare_strength(turn, start, end).map(|value| {
        let rest = value % 100.0;
        if value > 100.0 && (1.0..=4.0).contains(&rest) && value != 112.0 { value - rest } else { value }
    });
    let bare = bare_count(turn, start, end);
    let concentration = |amount: &Amount| {
        let per = turn.word(amount.end + 1);
        let volume = number_at(&turn.tokens, amount.end + 1)
            .is_some_and(|number| dose_unit(turn.word(number.end)) == Some("ml"));
        let by = turn.word(amount.end) == "por"
            && (dose_unit(per).is_some() || matches!(per, "kilo" | "kilos" | "cada"));
        by || matches!(turn.word(amount.end), "por" | "en") && volume
    };
    // "ocho miligramos por kilo, o sea cien": the amount, not what it is reckoned from.
    let measured: Option<&Amount> =
        amounts.iter().find(|amount| !counts_pieces(amount.unit) && !concentration(amount));
    let is_liquid = |amount: &&Amount| {
        matches!(
            amount.unit,
            "ml" | "gotas"
                | "disparos"
                | "inhalaciones"
                | "atomizaciones"
                | "unidades"
                | "cucharada"
                | "cucharadita"
                | "nebulización"
                | "aplicación"
                | "vaso"
        ) && !concentration(amount)
            && (amount.unit != "aplicación" || measured.is_none_or(|first| first.unit == "aplicación"))
    };
    // "de un mililitro, cero punto tres mililitros": what the ampoule holds goes before what is given of it.
    let held = |amount: &&Amount| turn.word(amount.start.wrapping_sub(1)) == "de";
    let liquid = amounts
        .iter()
        .filter(is_liquid)
        .find(|amount| !held(amount))
        .or_else(|| amounts.iter().find(is_liquid));
    // "siete miligramos, o sea punto tres mililitros": the second says the same in another measure.
    let restated = |first: &Amount, at: usize| {
        first.end <= at && (first.end..at).any(|k| matches!(turn.word(k), "osea" | "son"))
    };
    let stated = measured;
    if let Some(liquid) = liquid.filter(|liquid| !stated.is_some_and(|amount| restated(amount, liquid.start)))
    {
        return Some((liquid.value, liquid.unit));
    }
    // "veinte miligramos, media de cuarenta": the half explains the amount already said.
    let bare = bare.filter(|count| *count >= 1.0 || stated.is_none() || counted_before(turn, start, stated));
    let weight = measured
        .map(|amount| (amount.value, amount.unit))
        .or_else(|| strength.map(|value| (value, if micrograms { "mcg" } else { "mg" })));
    let count = pieces.map(|amount| amount.value).or(bare);
    match (weight, count) {
        (Some((value, unit)), Some(count)) => {
            let explicit_after = measured.is_some_and(|m| totalled(turn, m, pieces))
                || measured.is_some_and(|m| {
                    pieces.is_some_and(|p| {
                        m.start > p.end && turn.word(m.start.wrapping_sub(1)) != "de" || restated(m, p.start)
                    })
                });
            Some((if explicit_after { value } else { round6(value * count) }, unit))
        }
        (Some(weight), None) => Some(weight),
        (None, Some(count)) => {
            let form = (start..end).find_map(|at| {
                let word = turn.word(at);
                let one = matches!(
                    word,
                    "gotas"
                        | "gotitas"
                        | "ovulo"
                        | "ovulos"
                        | "supositorio"
                        | "supositorios"
                        | "parche"
                        | "parches"
                );
                one.then(|| dose_unit(word)).flatten()
            });
            Some((count, pieces.map_or(form.unwrap_or("tableta"), |amount| amount.unit)))
        }
        (None, None) => None,
    }
}

/// "puede tomar dos, o sea un gramo", "un gramo, dos tabletas de quinientos": the weight is of all the pieces.
fn totalled(turn: &TurnDoc, weight: &Amount, pieces: Option<&Amount>) -> bool {
    let reckoned = pieces.filter(|pieces| weight.end <= pieces.start).is_some_and(|pieces| {
        let each = number_at(&turn.tokens, pieces.end + 1).filter(|_| turn.word(pieces.end) == "de");
        let factor = if weight.unit == "g" { 1000.0 } else { 1.0 };
        each.is_some_and(|each| (each.value * pieces.value - weight.value * factor).abs() < 1e-6)
    });
    turn.word(weight.start.wrapping_sub(1)) == "osea" || reckoned
}

/// How much each piece has, whatever is taken of it.
pub(super) fn strength(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    amounts(turn, start, end)
        .iter()
        .find(|amount| matches!(amount.unit, "mg" | "g" | "mcg"))
        .map(|amount| amount.value)
        .or_else(|| bare_strength(turn, start, end))
}

/// Whether the words count pieces ("una cada ocho horas", "dos tabletas").
pub(super) fn counts(turn: &TurnDoc, start: usize, end: usize) -> bool {
    amounts(turn, start, end).iter().any(|amount| counts_pieces(amount.unit))
        || bare_count(turn, start, end).is_some()
}

/// Whether a half is counted of the strength just said ("tabletas de veinticinco miligramos, media en la noche").
fn counted_before(turn: &TurnDoc, start: usize, stated: Option<&Amount>) -> bool {
    stated.is_some_and(|amount| {
        turn.word(amount.start.wrapping_sub(1)) == "de"
            || !(amount.end.max(start)..amount.end + 8).any(|at| {
                let part = portion_at(&turn.tokens, at).map(|(_, end)| end);
                let cut = turn.word(at).starts_with("part").then_some(at + 1);
                part.or(cut).is_some_and(|end| (end..end + 4).any(|k| turn.word(k) == "de"))
            })
    })
}

/// "le bajo el amlodipino a cinco, parta la de diez", "la quetiapina de cien... bájala a cincuenta": the amount a change leads
/// to, whatever else is said of it.
pub(super) fn changed(
    turn: &TurnDoc,
    drug: &DrugMention,
    end: usize,
    micrograms: bool,
) -> Option<(f64, &'static str)> {
    let from = turn.sentence_of(drug.start).start.max(drug.start.saturating_sub(6));
    let pause = |at: usize| matches!(turn.word(at), "." | "?" | "!" | ";" | "..." | ":");
    (drug.end..end.min(drug.end + 14)).find_map(|at| {
        let leads = turn.word(at) == "a" || turn.word(at) == "en" && turn.word(at - 1).starts_with("dej");
        let number =
            leads.then(|| number_at(&turn.tokens, at + 1)).flatten().filter(|number| number.end <= end)?;
        let verb = (from..at).rev().take(8).take_while(|&k| !pause(k) || k < drug.end).find(|&k| {
            let word = turn.word(k);
            [
                "subo", "sube", "suba", "subi", "bajo", "baja", "baje", "baji", "aument", "reduc", "ajust",
                "cambi", "paso", "pasa", "pase",
            ]
            .iter()
            .any(|stem| word.starts_with(stem))
        })?;
        // What is raised or lowered is the medicine, and not only later.
        const MEASURED: &[&str] =
            &["temperatura", "fiebre", "azucar", "presion", "peso", "pulso", "glucosa", "dolor"];
        let other = (verb..at).any(|k| MEASURED.contains(&turn.word(k)))
            || (verb.saturating_sub(3)..verb).any(|k| turn.word(k) == "si");
        let dosed_first = (drug.end..verb).any(|k| {
            amount_at(&turn.tokens, k).is_some() && turn.word(k.wrapping_sub(1)) != "de"
                || duration_at(&turn.tokens, k).is_some_and(|duration| duration.days >= 1.0)
        });
        if other || dosed_first {
            return None;
        }
        let unit = dose_unit(turn.word(number.end));
        let time = crate::text::quantity::duration_at(&turn.tokens, at + 1).is_some()
            || matches!(
                turn.word(number.end),
                "veces" | "horas" | "al" | "diarias" | "diarios" | "cada" | "en" | "por" | "grados"
            ) && number.value <= 4.0;
        let amount = match unit {
            Some(unit) => (number.value, unit),
            None if number.value >= 5.0 || number.value.fract() != 0.0 => (
                number.value,
                if drug.insulin {
                    "unidades"
                } else if micrograms {
                    "mcg"
                } else {
                    "mg"
                },
            ),
            None => return None,
        };
        (!time && number.value > 0.0).then_some(amount)
    })
}

fn amounts(turn: &TurnDoc, start: usize, end: usize) -> Vec<Amount> {
    let mut out = Vec::new();
    let mut at = start;
    while at < end {
        match amount_at(&turn.tokens, at).filter(|amount| {
            amount.end <= end
                && !excluded(turn, at, start)
                && !of_water(turn, amount)
                && !falls_short(turn, amount)
        }) {
            Some(amount) => {
                at = amount.end;
                out.push(amount);
            }
            None => at = number_at(&turn.tokens, at).map_or(at + 1, |number| number.end),
        }
    }
    out
}

/// "con un vaso grande de agua": what it is taken with.
fn of_water(turn: &TurnDoc, amount: &Amount) -> bool {
    amount.unit == "vaso"
        && (amount.end..amount.end + 3).any(|at| matches!(turn.word(at), "agua" | "leche" | "jugo"))
}

/// "con cinco mililitros le queda corto": what was taken until now.
fn falls_short(turn: &TurnDoc, amount: &Amount) -> bool {
    let after = turn.joined(amount.end, amount.end + 4);
    ["queda corto", "queda corta", "no alcanza", "es poco", "es muy poco"]
        .iter()
        .any(|cue| after.contains(cue))
}
