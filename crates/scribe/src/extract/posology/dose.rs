//! How much of a medicine at a time.

use super::*;
use crate::text::quantity::WEEKDAYS;

/// Numbers that are no dose: limits, intervals, ages, durations.
fn excluded(turn: &TurnDoc, at: usize, start: usize) -> bool {
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

/// "de cincuenta": a strength without a unit, in milligrams by custom.
fn bare_strength(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    with_de(turn, start, end)
        .or_else(|| each(turn, start, end))
        .or_else(|| alone(turn, start, end))
        .or_else(|| at_a_time_of_day(turn, start, end))
}

/// "doscientos cada una": the strength of each piece.
fn each(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    (start..end).find_map(|at| {
        let number = number_at(&turn.tokens, at).filter(|number| number.end < end && number.value > 6.0)?;
        let each = turn.word(number.end) == "cada" && matches!(turn.word(number.end + 1), "una" | "uno");
        each.then_some(number.value)
    })
}

/// "omeprazol, veinte en ayunas": the first number, too large to count tablets, without a unit.
fn alone(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    let at = (start..end.min(start + 12)).find(|&at| number_at(&turn.tokens, at).is_some())?;
    let number = number_at(&turn.tokens, at)?;
    let next = turn.word(number.end);
    let between = (start..at).all(|k| {
        turn.tokens[k].dead
            || turn.tokens[k].is_punct()
            || what_for(turn, start, k)
            || matches!(
                turn.word(k),
                "igual"
                    | "solamente"
                    | "solo"
                    | "en"
                    | "a"
                    | "se"
                    | "queda"
                    | "sigue"
                    | "subo"
                    | "lo"
                    | "la"
                    | "bajo"
                    | "los"
                    | "subimos"
                    | "dejamos"
                    | "nomas"
                    | "tambien"
                    | "vamos"
                    | "voy"
                    | "subir"
                    | "bajar"
                    | "aumentar"
                    | "sigues"
                    | "siga"
                    | "siguela"
                    | "siguelo"
                    | "sigalo"
                    | "sigala"
                    | "empezamos"
                    | "con"
                    | "liberacion"
                    | "prolongada"
                    | "accion"
                    | "retard"
                    | "de"
                    | "le"
                    | "bajamos"
                    | "mitad"
                    | "desde"
                    | "abajo"
                    | "quedamos"
                    | "quedarnos"
                    | "otros"
                    | "otras"
                    | "misma"
                    | "subirle"
                    | "sube"
                    | "subes"
                    | "baja"
                    | "bajas"
                    | "te"
                    | "me"
            )
    });
    let by_way = next == "por"
        && matches!(turn.word(number.end + 1), "la" | "via" | "boca")
        && !matches!(turn.word(number.end + 2), "noche" | "manana" | "tarde");
    let counts = dose_unit(next).is_some()
        || !by_way
            && matches!(
                next,
                "dias"
                    | "dia"
                    | "semanas"
                    | "semana"
                    | "meses"
                    | "mes"
                    | "horas"
                    | "hora"
                    | "anos"
                    | "minutos"
                    | "o"
                    | "veces"
                    | "a"
                    | "sobre"
                    | "por"
            );
    // "tacrolimus, catorce punto seis" is a level read aloud.
    let halves = [0.0, 0.25, 0.5, 0.75].iter().any(|part| (number.value.fract() - part).abs() < 1e-6);
    let dosed = number.value >= 5.0 && halves
        || number.value < 1.0
        || number.value.fract() != 0.0 && (halves || number.value < 3.0);
    let tenths = if next == "decimas" { 10.0 } else { 1.0 };
    (dosed && between && !counts && !excluded_interval(turn, at)).then_some(round6(number.value / tenths))
}

/// "paracetamol, para el dolor de la muñeca, quinientos": whether a word says what the medicine is for.
fn what_for(turn: &TurnDoc, start: usize, at: usize) -> bool {
    (at.saturating_sub(5).max(start)..=at)
        .rev()
        .take_while(|&k| !turn.tokens[k].is_punct())
        .any(|k| turn.word(k) == "para" && turn.word(k + 1) != "que")
}

/// "en dos: cincuenta en la mañana y cincuenta en la noche".
fn at_a_time_of_day(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    (start..end.min(start + 12)).find_map(|at| {
        let number = number_at(&turn.tokens, at).filter(|number| number.end <= end)?;
        let timed = turn.word(number.end) == "en"
            && turn.word(number.end + 1) == "la"
            && matches!(turn.word(number.end + 2), "manana" | "noche" | "tarde");
        (timed && number.value > 6.0 && !excluded(turn, at, start) && !excluded_interval(turn, at))
            .then_some(number.value)
    })
}

fn excluded_interval(turn: &TurnDoc, at: usize) -> bool {
    matches!(turn.word(at.wrapping_sub(1)), "cada" | "por" | "hace" | "las")
}

fn with_de(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    (start..end).find_map(|at| {
        let compared = ["baj", "pas", "sub", "lleg"]
            .iter()
            .any(|verb| turn.word(at - usize::from(at > 0)).starts_with(verb))
            || matches!(
                turn.word(at.wrapping_sub(1)),
                "menos"
                    | "mas"
                    | "abajo"
                    | "arriba"
                    | "mayor"
                    | "menor"
                    | "nomas"
                    | "debajo"
                    | "encima"
                    | "alt"
            );
        if turn.word(at) != "de" || compared {
            return None;
        }
        let from = if matches!(turn.word(at + 1), "la" | "los" | "las" | "a") && turn.word(at + 2) == "de" {
            at + 3
        } else {
            at + 1
        };
        let number = number_at(&turn.tokens, from).filter(|number| number.end <= end)?;
        let next = turn.word(number.end);
        let is_time = matches!(
            next,
            "dias"
                | "dia"
                | "semanas"
                | "semana"
                | "meses"
                | "mes"
                | "horas"
                | "hora"
                | "anos"
                | "la"
                | "minutos"
                | "o"
                | "veces"
        );
        let unit = dose_unit(next).is_some();
        // "de dos pasamos a uno": what it was.
        if next.starts_with("pas") && turn.word(number.end + 1) == "a" {
            return None;
        }
        // "la quetiapina de cien a doscientos": from what it was to what it is now.
        let changed = (next == "a").then(|| number_at(&turn.tokens, number.end + 1)).flatten();
        // What falls is no range: "de cien a cincuenta una semana".
        if let Some(changed) = changed.filter(|changed| changed.value != number.value && changed.end <= end) {
            let after = turn.word(changed.end);
            return (!matches!(after, "dias" | "semanas" | "horas" | "meses" | "anos"))
                .then_some(changed.value);
        }
        (!is_time
            && !unit
            && number.value > 0.0
            && (!matches!(turn.word(from), "un" | "una") || number.value > 1000.0))
            .then_some(number.value)
    })
}

/// "una en la mañana", "dos cada ocho horas", "la mitad en la noche": a count of pieces without the word for the piece.
fn bare_count(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    if let Some(part) = cut_up(turn, start, end) {
        return Some(part);
    }
    let mut at = start;
    while at < end {
        let part = portion_at(&turn.tokens, at);
        let found = part.or_else(|| number_at(&turn.tokens, at).map(|number| (number.value, number.end)));
        let Some((value, next_at)) = found.filter(|_| !turn.tokens[at].dead) else {
            at += 1;
            continue;
        };
        let whole = matches!(turn.word(next_at), "entera" | "enterita" | "completa" | "sola" | "solita")
            && !matches!(turn.word(next_at + 1), "vez" | "dosis" | "toma");
        let next_at = next_at + usize::from(whole);
        let countable = value > 0.0
            && value <= 4.0
            && (value.fract() == 0.0 || value.fract() == 0.5 || part.is_some())
            && !matches!(
                turn.word(at.wrapping_sub(1)),
                "de" | "cada" | "las" | "los" | "hasta" | "dia" | "y"
            )
            && (value.fract() != 0.0 || turn.word(at) != "un")
            && !excluded(turn, at, start)
            && !on_other_days(turn, start, at)
            && !restated_part(turn, start, (at, next_at))
            && dose_unit(turn.word(next_at)).is_none();
        // "una y media" counts tablets, "dos y medio" and "dos punto cinco" are milligrams.
        let partial = (part.is_some() && turn.word(at) != "medio" || turn.word(next_at - 1) == "media")
            && names_no_time(turn, next_at);
        if countable
            && (partial || count_follows(turn, start, at, (value, next_at)) || taken_so(turn, at, next_at))
            && !counts_takings(turn, value, next_at)
        {
            let half = turn.word(next_at) == "y" && matches!(turn.word(next_at + 1), "media" | "medio");
            return Some(value + if half { 0.5 } else { 0.0 });
        }
        at = next_at;
    }
    None
}

/// "la dejamos en media, veinte miligramos", "medio miligramo tres días, medio cada doce": the part says again, or says in
/// milligrams, what the amount beside it says.
fn restated_part(turn: &TurnDoc, start: usize, (at, next_at): (usize, usize)) -> bool {
    let measured = |k: usize| {
        amount_at(&turn.tokens, k).is_some_and(|amount| !counts_pieces(amount.unit))
            || number_at(&turn.tokens, k).is_some_and(|number| number.value >= 5.0)
    };
    let part = matches!(turn.word(at), "media" | "medio" | "mitad");
    let after = turn.word(next_at) == "," && measured(next_at + 1) && turn.word(next_at + 1) != "cada";
    let before = turn.word(at) == "medio" && (start..at).any(measured);
    part && (after || before)
}

/// "cinco miligramos, y miércoles y domingo la mitad", "la primera semana la mitad": of some days only.
fn on_other_days(turn: &TurnDoc, start: usize, at: usize) -> bool {
    let before =
        if turn.word(at.wrapping_sub(1)) == "la" { at.saturating_sub(2) } else { at.saturating_sub(1) };
    before > start
        && (WEEKDAYS.iter().any(|day| turn.word(before).starts_with(day))
            || matches!(turn.word(before), "semana" | "dias") && turn.word(at.wrapping_sub(1)) == "la")
        && (start..before).any(|k| number_at(&turn.tokens, k).is_some())
}

/// "media hora antes", "medio día": a part of a time is none of a piece.
fn names_no_time(turn: &TurnDoc, at: usize) -> bool {
    !matches!(
        turn.word(at),
        "hora"
            | "dia"
            | "manana"
            | "noche"
            | "tarde"
            | "semana"
            | "mes"
            | "ano"
            | "vaso"
            | "litro"
            | "kilo"
            | "caja"
            | "frasco"
            | "minuto"
            | "docena"
            | "metro"
    )
}

/// What comes after a count says that it counts pieces.
fn count_follows(turn: &TurnDoc, start: usize, at: usize, (value, next_at): (f64, usize)) -> bool {
    let next = turn.word(next_at);
    let after = turn.word(next_at + 1);
    let strength = number_at(&turn.tokens, next_at + 1);
    let times = strength.is_some_and(|times| matches!(turn.word(times.end), "veces" | "vez"));
    matches!(next, "cada" | "diaria" | "diario" | "diarias" | "al" | "antes" | "despues" | "con" | "por")
        || next == "en" && matches!(after, "la" | "las" | "ayunas" | "el" | "cada")
        || next == "," && (matches!(after, "cada" | "en" | "al" | "diario" | "diaria") || times)
        || next == "el" && after == "primer"
        || next == "a" && matches!(after, "mediodia" | "las")
        || next == "de"
            && strength.is_some_and(|strength| value < 1.0 || strength.value >= 5.0)
            && (value < 1.0 || at <= start + 2)
        || next == "sola" && after != "vez"
        || next == "solo" && value <= 2.0
        || next == "y" && matches!(after, "media" | "medio")
        || matches!(
            next,
            "nada" | "nomas" | "tomada" | "tomadas" | "juntas" | "ahorita" | "si" | "cuando" | "debajo"
        )
}

/// "me tomo dos", "va a tomar una y media": the verb before and the pause after say that pieces are counted.
fn taken_so(turn: &TurnDoc, at: usize, next_at: usize) -> bool {
    let ends = turn.tokens.get(next_at).is_none_or(crate::text::Token::is_punct);
    let takes =
        ["tomo", "toma", "tome", "tomar", "tomas", "tomando"].contains(&turn.word(at.wrapping_sub(1)));
    ends && takes
}

/// "dos al día" counts the takings of a day.
fn counts_takings(turn: &TurnDoc, value: f64, next_at: usize) -> bool {
    let after = turn.word(next_at + 1);
    match turn.word(next_at) {
        "al" => after == "mes" || after == "dia" && value > 1.0,
        "por" => !matches!(after, "la" | "dia"),
        _ => false,
    }
}

/// "parta la tableta en cuatro y tome un pedacito": the part a piece is cut into.
fn cut_up(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
    let cut = (start..end).find(|&at| {
        matches!(
            turn.word(at),
            "parta" | "parte" | "parto" | "partes" | "partela" | "partala" | "partir" | "partida"
        )
    })?;
    let parts = (cut..end.min(cut + 7)).find_map(|at| match (turn.word(at), turn.word(at + 1)) {
        ("en", "cuatro") => Some(0.25),
        ("en", "dos") | ("a" | "por", "la") if at + 1 < end => Some(0.5),
        _ => None,
    })?;
    let taken = (cut..end.min(cut + 16)).any(|at| {
        matches!(turn.word(at), "tome" | "toma" | "tomo" | "dele" | "le")
            || matches!(turn.word(at), "pedacito" | "parte" | "cuarto" | "mitad") && at > cut + 2
    });
    taken.then_some(parts)
}
