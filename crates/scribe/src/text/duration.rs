//! Lengths of time as they are said: "quince días", "mes y medio", "dos o tres semanas".

use super::numbers::{number_at, round6};
use super::quantity::word;
use super::token::Token;

/// A length of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Duration {
    /// In days; an hour is 1/24.
    pub days: f64,
    /// In digits and full words: "3 días", "2 a 3 semanas".
    pub text: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
}

/// Days in a unit of time, with its Spanish singular and plural.
pub(super) fn time_unit(word: &str) -> Option<(f64, &'static str, &'static str)> {
    Some(match word {
        "dia" | "dias" | "diitas" | "diita" => (1.0, "día", "días"),
        "noches" => (1.0, "noche", "noches"),
        "semana" | "semanas" | "semanita" | "semanitas" => (7.0, "semana", "semanas"),
        "mes" | "meses" | "mesecito" => (30.0, "mes", "meses"),
        "ano" | "anos" | "anito" | "anitos" => (365.0, "año", "años"),
        "hora" | "horas" | "horitas" => (1.0 / 24.0, "hora", "horas"),
        "minuto" | "minutos" | "minutitos" => (1.0 / 1440.0, "minuto", "minutos"),
        _ => return None,
    })
}

/// Digits without needless decimals.
#[must_use]
pub fn plain(value: f64) -> String {
    let value = round6(value);
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value}") }
}

/// The duration that begins at a token: "quince días", "un par de semanas", "dos o tres meses", "mes y medio", "medio año".
#[must_use]
pub fn duration_at(tokens: &[Token], at: usize) -> Option<Duration> {
    let (first, second, unit_at) = duration_amount(tokens, at)?;
    let (unit_days, one, many) = time_unit(word(tokens, unit_at))?;
    let mut end = unit_at + 1;
    let mut first = first;
    if word(tokens, end) == "y" && matches!(word(tokens, end + 1), "medio" | "media") {
        first += 0.5;
        end += 2;
    }
    let text = match second {
        Some(second) => format!("{} a {} {many}", plain(first), plain(second)),
        None => format!("{} {}", plain(first), if first > 1.0 { many } else { one }),
    };
    Some(Duration { days: round6(first * unit_days), text, start: at, end })
}

/// First amount, second amount of a range, index of the unit.
pub(super) fn duration_amount(tokens: &[Token], at: usize) -> Option<(f64, Option<f64>, usize)> {
    match word(tokens, at) {
        "medio" | "media" => return Some((0.5, None, at + 1)),
        "unos" | "unas" | "varios" | "varias" => {
            let number = number_at(tokens, at + 1)?;
            return Some((number.value, None, number.end));
        }
        "mes" | "ano" | "semana" | "dia" | "hora"
            if word(tokens, at + 1) == "y" && matches!(word(tokens, at + 2), "medio" | "media") =>
        {
            return Some((1.0, None, at));
        }
        _ => {}
    }
    let number = number_at(tokens, at)?;
    if word(tokens, number.end) == "par" && word(tokens, number.end + 1) == "de" {
        return Some((2.0, None, number.end + 2));
    }
    let mut idx = number.end;
    // "los cuatro primeros días"
    if matches!(word(tokens, idx), "primeros" | "primeras") {
        return Some((number.value, None, idx + 1));
    }
    // "cada seis, diez días": two things.
    let interval = at > 0 && word(tokens, at - 1) == "cada";
    while word(tokens, idx) == "," && !interval || matches!(word(tokens, idx), "o" | "a" | "u" | "y") {
        idx += 1;
        if idx > number.end + 2 {
            return None;
        }
    }
    if idx > number.end {
        let second = number_at(tokens, idx)?;
        return Some((number.value, Some(second.value), second.end));
    }
    Some((number.value, None, idx))
}

/// The first duration in a token range.
#[must_use]
pub fn first_duration(tokens: &[Token], start: usize, end: usize) -> Option<Duration> {
    (start..end.min(tokens.len()))
        .find_map(|at| duration_at(tokens, at).filter(|duration| duration.end <= end))
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::first_duration;
    use crate::text::TurnDoc;

    fn turn(text: &str) -> TurnDoc {
        TurnDoc::new(Speaker::Doctor, text)
    }

    #[test]
    fn durations_are_read_in_days() {
        for (text, days) in [
            ("por quince días", 15.0),
            ("dos semanas", 14.0),
            ("un par de semanas", 14.0),
            ("mes y medio", 45.0),
            ("hace como medio año", 182.5),
            ("una o dos semanas", 7.0),
            ("tres o cuatro días", 3.0),
            ("cinco días más", 5.0),
        ] {
            let turn = turn(text);
            let found = first_duration(&turn.tokens, 0, turn.tokens.len()).map(|d| d.days);
            assert_eq!(found, Some(days), "{text}");
        }
    }
}
