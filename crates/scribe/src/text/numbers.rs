//! Spanish number words to values, as they are spoken: "ciento treinta y ocho", "punto cinco", "dos mil doce", "uno sesenta y dos".

use super::token::Token;

/// A number read from tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// First token.
    pub start: usize,
    /// One past its last token.
    pub end: usize,
}

fn unit(word: &str) -> Option<u32> {
    Some(match word {
        "cero" => 0,
        "un" | "uno" | "una" => 1,
        "dos" => 2,
        "tres" => 3,
        "cuatro" => 4,
        "cinco" => 5,
        "seis" => 6,
        "siete" => 7,
        "ocho" => 8,
        "nueve" => 9,
        "diez" => 10,
        "once" => 11,
        "doce" => 12,
        "trece" => 13,
        "catorce" => 14,
        "quince" => 15,
        "dieciseis" => 16,
        "diecisiete" => 17,
        "dieciocho" => 18,
        "diecinueve" => 19,
        "veinte" => 20,
        "veintiun" | "veintiuno" | "veintiuna" => 21,
        "veintidos" => 22,
        "veintitres" => 23,
        "veinticuatro" => 24,
        "veinticinco" => 25,
        "veintiseis" => 26,
        "veintisiete" => 27,
        "veintiocho" => 28,
        "veintinueve" => 29,
        _ => return None,
    })
}

fn tens(word: &str) -> Option<u32> {
    Some(match word {
        "treinta" => 30,
        "cuarenta" => 40,
        "cincuenta" => 50,
        "sesenta" => 60,
        "setenta" => 70,
        "ochenta" => 80,
        "noventa" => 90,
        _ => return None,
    })
}

fn hundreds(word: &str) -> Option<u32> {
    Some(match word {
        "cien" | "ciento" => 100,
        "doscientos" | "doscientas" => 200,
        "trescientos" | "trescientas" => 300,
        "cuatrocientos" | "cuatrocientas" => 400,
        "quinientos" | "quinientas" => 500,
        "seiscientos" | "seiscientas" => 600,
        "setecientos" | "setecientas" => 700,
        "ochocientos" | "ochocientas" => 800,
        "novecientos" | "novecientas" => 900,
        _ => return None,
    })
}

fn word(tokens: &[Token], idx: usize) -> &str {
    tokens.get(idx).filter(|token| !token.dead).map_or("", |token| token.norm.as_str())
}

/// An integer below 1000 in words, or a number in digits.
fn below_thousand(tokens: &[Token], at: usize) -> Option<Number> {
    let first = word(tokens, at);
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        return first.parse().ok().map(|value| Number { value, start: at, end: at + 1 });
    }
    if first == "ciento" && at > 0 && word(tokens, at - 1) == "por" {
        // "cincuenta por ciento": the unit, not a number.
        return None;
    }
    let mut value = 0;
    let mut idx = at;
    if let Some(h) = hundreds(word(tokens, idx)) {
        value += h;
        idx += 1;
        // "cien sesenta" is a hundred and, apart from it, sixty: one number would begin with "ciento".
        if word(tokens, at) == "cien" {
            return Some(Number { value: f64::from(value), start: at, end: idx });
        }
    }
    if let Some(t) = tens(word(tokens, idx)) {
        value += t;
        idx += 1;
        let ones = unit(word(tokens, idx + 1)).filter(|u| (1..10).contains(u));
        if let (true, Some(u)) = (word(tokens, idx) == "y", ones) {
            value += u;
            idx += 2;
        } else if let Some(u) = unit(word(tokens, idx)).filter(|u| (1..10).contains(u) && idx > at + 1) {
            // "ciento treinta cinco", the "y" lost by the recogniser.
            value += u;
            idx += 1;
        }
    } else if let Some(u) = unit(word(tokens, idx)).filter(|_| !counts_something_else(tokens, at, idx)) {
        value += u;
        idx += 1;
    }
    (idx > at).then(|| Number { value: f64::from(value), start: at, end: idx })
}

/// "paracetamol de quinientos dos tabletas", "alopurinol de cien una diaria": written without a pause, the strength ends
/// where a count begins. "cien" stands alone anyway; "ciento dos" would be said with "ciento".
fn counts_something_else(tokens: &[Token], at: usize, idx: usize) -> bool {
    let counted = matches!(
        word(tokens, idx + 1),
        "tableta"
            | "tabletas"
            | "pastilla"
            | "pastillas"
            | "capsula"
            | "capsulas"
            | "gotas"
            | "disparos"
            | "sobres"
            | "sobre"
            | "veces"
            | "diaria"
            | "diarias"
            | "cada"
            | "al"
            | "en"
            | "vez"
            | "sola"
            | "solo"
            | "hoy"
            | "ahorita"
    );
    // "ciento doce" is one number: "ciento" does not stand alone.
    if idx > at && word(tokens, at) == "ciento" {
        return false;
    }
    idx > at
        && (word(tokens, at) == "cien" || counted && unit(word(tokens, idx)).is_some_and(|count| count <= 4))
        || idx == at
            && at > 0
            && word(tokens, at - 1) == "mil"
            && counted
            && unit(word(tokens, idx)).is_some_and(|count| count <= 4)
}

fn integer(tokens: &[Token], at: usize) -> Option<Number> {
    if word(tokens, at) == "mil" {
        let rest = below_thousand(tokens, at + 1);
        return Some(Number {
            value: 1000.0 + rest.map_or(0.0, |n| n.value),
            start: at,
            end: rest.map_or(at + 1, |n| n.end),
        });
    }
    let first = below_thousand(tokens, at)?;
    if matches!(word(tokens, first.end), "millon" | "millones") {
        let rest = integer(tokens, first.end + 1);
        // "un millón doscientos": the thousands go without saying.
        let thousands =
            |n: Number| if n.value < 1000.0 && n.value % 100.0 == 0.0 { n.value * 1000.0 } else { n.value };
        return Some(Number {
            value: first.value * 1e6 + rest.map_or(0.0, thousands),
            start: at,
            end: rest.map_or(first.end + 1, |n| n.end),
        });
    }
    if word(tokens, first.end) != "mil" {
        return Some(first);
    }
    let rest = below_thousand(tokens, first.end + 1);
    let value = first.value * 1000.0 + rest.map_or(0.0, |n| n.value);
    Some(Number { value, start: at, end: rest.map_or(first.end + 1, |n| n.end) })
}

/// The number that begins exactly at a token: integers, spoken decimals ("uno punto sesenta y ocho", "punto cinco"),
/// and a half ("treinta y ocho y medio").
///
/// "un" and "una" count as 1; whether they are a number or an article is for the caller to judge.
#[must_use]
pub fn number_at(tokens: &[Token], at: usize) -> Option<Number> {
    if word(tokens, at) == "punto" {
        let (value, end) = decimals(tokens, at + 1)?;
        return Some(Number { value, start: at, end });
    }
    let whole = integer(tokens, at)?;
    if matches!(word(tokens, whole.end), "punto" | "coma")
        && let Some((fraction, end)) = decimals(tokens, whole.end + 1)
    {
        return Some(Number { value: whole.value + fraction, start: at, end });
    }
    if word(tokens, whole.end) == "y" && matches!(word(tokens, whole.end + 1), "medio" | "media") {
        return Some(Number { value: whole.value + 0.5, start: at, end: whole.end + 2 });
    }
    Some(whole)
}

/// The digits after "punto": "sesenta y ocho" is .68, "cero cinco" is .05.
fn decimals(tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let mut zeros = 0;
    let mut idx = at;
    while word(tokens, idx) == "cero" && below_thousand(tokens, idx + 1).is_some() {
        zeros += 1;
        idx += 1;
    }
    let part = below_thousand(tokens, idx)?;
    let scale = 10_f64.powi(zeros);
    Some((fraction(tokens, idx, part) / scale, part.end))
}

fn fraction(tokens: &[Token], at: usize, part: Number) -> f64 {
    let digits = if word(tokens, at).starts_with(|c: char| c.is_ascii_digit()) {
        word(tokens, at).len()
    } else {
        format!("{}", part.value).len()
    };
    let digits = i32::try_from(digits).unwrap_or(1);
    round6(part.value / 10_f64.powi(digits))
}

/// The value rounded to six decimals, which undoes the noise of binary fractions.
#[must_use]
pub fn round6(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Every number of a token range, left to right, without overlap.
#[must_use]
pub fn numbers_in(tokens: &[Token], start: usize, end: usize) -> Vec<Number> {
    let mut out = Vec::new();
    let mut idx = start;
    while idx < end.min(tokens.len()) {
        match number_at(tokens, idx) {
            Some(mut number) => {
                number.value = round6(number.value);
                idx = number.end;
                out.push(number);
            }
            None => idx += 1,
        }
    }
    out
}

/// The number at a token read with a spoken decimal that has no "punto": "treinta y seis cuatro" (36.4),
/// "uno sesenta y dos" (1.62), "trece kilos cuatrocientos" (13.4), "treinta y ocho grados y medio".
///
/// Only for measures where that is how people speak: temperature, height, weight.
#[must_use]
pub fn spoken_measure(tokens: &[Token], at: usize) -> Option<Number> {
    // "metro y medio", "metro sesenta": the one goes without saying.
    let metre = matches!(word(tokens, at), "metro")
        && !matches!(word(tokens, at.wrapping_sub(1)), "un" | "el" | "por");
    let first = if metre { Number { value: 1.0, start: at, end: at } } else { number_at(tokens, at)? };
    if first.value.fract() != 0.0 {
        return Some(first);
    }
    let mut idx = first.end;
    let unit_between =
        matches!(word(tokens, idx), "kilos" | "kilo" | "grados" | "metro" | "metros" | "kg" | "m");
    let gram_unit = matches!(word(tokens, idx), "kilos" | "kilo" | "kg");
    if unit_between {
        idx += 1;
    }
    if unit_between && word(tokens, idx) == "y" && matches!(word(tokens, idx + 1), "medio" | "media") {
        return Some(Number { value: first.value + 0.5, start: at, end: idx + 2 });
    }
    if matches!(word(tokens, idx), "con" | "y") && integer(tokens, idx + 1).is_some() {
        idx += 1;
    }
    if let Some(rest) = integer(tokens, idx) {
        let extra = match rest.value {
            v if (100.0..1000.0).contains(&v) && (gram_unit || first.value < 130.0) => Some(v / 1000.0),
            v if (10.0..100.0).contains(&v) && (1.0..3.0).contains(&first.value) => Some(v / 100.0),
            // "un metro ocho" is 1.08.
            v if v < 10.0 && v > 0.0 && matches!(word(tokens, first.end), "metro" | "metros") => {
                Some(v / 100.0)
            }
            v if v < 10.0 && !gram_unit && v > 0.0 => Some(v / 10.0),
            _ => None,
        };
        let unit_follows = matches!(word(tokens, rest.end), "gramos" | "centimetros");
        let ends = rest.end + usize::from(unit_follows);
        if let Some(extra) = extra {
            return Some(Number { value: round6(first.value + extra), start: at, end: ends });
        }
    }
    Some(first)
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::{number_at, numbers_in, spoken_measure};
    use crate::text::TurnDoc;

    fn tokens(text: &str) -> TurnDoc {
        TurnDoc::new(Speaker::Doctor, text)
    }

    #[track_caller]
    fn check(text: &str, expected: &[f64]) {
        let turn = tokens(text);
        let found: Vec<f64> =
            numbers_in(&turn.tokens, 0, turn.tokens.len()).iter().map(|n| n.value).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn number_words_become_values() {
        check("ciento treinta y ocho sobre ochenta y cinco", &[138.0, 85.0]);
        check("treinta y ocho y medio", &[38.5]);
        check("uno punto sesenta y ocho", &[1.68]);
        check("cero punto cero cinco", &[0.05]);
        check("punto cinco centímetros", &[0.5]);
        check("al punto cero cinco por ciento", &[0.05]);
        check("en el dos mil doce", &[2012.0]);
        check("doscientos noventa mil plaquetas", &[290_000.0]);
        check("mil doscientos", &[1200.0]);
        check("120/80 y 36.5", &[120.0, 80.0, 36.5]);
    }

    #[test]
    fn a_corrected_number_replaces_the_first_one() {
        check("quinientos... no, perdón, setecientos cincuenta", &[750.0]);
        check("la amlodipina de cinco, perdón, de diez", &[10.0]);
        check("de ochocientos... no, de cuatrocientos", &[400.0]);
    }

    #[test]
    fn measures_are_read_as_people_speak_them() {
        for (text, expected) in [
            ("uno sesenta y dos", 1.62),
            ("treinta y seis cuatro", 36.4),
            ("trece kilos cuatrocientos", 13.4),
            ("setenta y ocho kilos y medio", 78.5),
            ("treinta y siete", 37.0),
        ] {
            let turn = tokens(text);
            let value = spoken_measure(&turn.tokens, 0).map(|n| n.value);
            assert_eq!(value, Some(expected), "{text}");
        }
    }

    #[test]
    fn words_that_are_no_number_are_none() {
        assert_eq!(number_at(&tokens("fiebre").tokens, 0), None);
        assert_eq!(number_at(&[], 0), None);
    }
}
