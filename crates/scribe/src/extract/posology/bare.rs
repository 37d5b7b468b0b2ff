//! How much of a medicine at a time where a number stands without its unit: "de cincuenta", "tómese dos".

use super::dose::excluded;
use super::*;
use crate::text::quantity::WEEKDAYS;

/// "de cincuenta": a strength without a unit, in milligrams by custom.
pub(super) fn bare_strength(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
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
                    | "dejo"
                    | "dejelo"
                    | "dejela"
                    | "dejalo"
                    | "dejala"
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
    let counts =
        dose_unit(next).is_some() || !by_way && (counts_time(next) || matches!(next, "a" | "sobre" | "por"));
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

/// Whether a number before this word counts time or times, or is one of two ("tres o cuatro"): it is no strength then.
fn counts_time(word: &str) -> bool {
    matches!(
        word,
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
    )
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
        let is_time = counts_time(next) || next == "la";
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
pub(super) fn bare_count(turn: &TurnDoc, start: usize, end: usize) -> Option<f64> {
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
