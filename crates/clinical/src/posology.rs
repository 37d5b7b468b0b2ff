//! Doses, intervals and durations as people type them: understood, or refused with what to write instead.

use crate::observation::Amount;

/// Longest treatment of one line, in days. What goes on for longer is renewed, so that somebody looks at it again.
pub const MOST_DAYS: u16 = 365;
/// Longest interval between two doses, in hours: once in four weeks.
pub const MOST_HOURS: u16 = 24 * 28;

/// Why what was typed is no dose, interval or duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPosology {
    /// "500.000": a point before three digits may separate thousands or decimals.
    #[error("No se sabe si el punto separa miles: escriba el número sin él, por ejemplo 500 o 500000")]
    Thousands,
    /// Not a number.
    #[error("Escriba la dosis con números, por ejemplo 500, 2.5 o 1/2")]
    NotADose,
    /// Zero or less.
    #[error("La dosis debe ser mayor que cero")]
    NoDose,
    /// "cada 0 horas", or beyond [`MOST_HOURS`].
    #[error("Escriba cada cuántas horas, de 1 a 672, o «dosis única»")]
    Hours,
    /// Zero days, or beyond [`MOST_DAYS`].
    #[error("Escriba la duración en días, de 1 a 365; lo que dura más se renueva")]
    Days,
}

/// The amount of a dose: "500", "2,5", "1/2", "1 1/2", "media", "una y media".
///
/// # Errors
/// [`InvalidPosology::Thousands`] for a number that can be read in two ways, [`InvalidPosology::NotADose`] and
/// [`InvalidPosology::NoDose`].
pub fn dose_amount(text: &str) -> Result<Amount, InvalidPosology> {
    let text = text.trim().to_lowercase();
    let amount = match text.split_once(" y ") {
        Some((whole, "media" | "medio")) => plus(simple(whole)?, HALF)?,
        Some(_) => return Err(InvalidPosology::NotADose),
        None => match text.split_once(' ') {
            Some((whole, part)) if part.contains('/') => plus(simple(whole)?, fraction(part)?)?,
            _ => simple(&text)?,
        },
    };
    if amount.is_positive() { Ok(amount) } else { Err(InvalidPosology::NoDose) }
}

const HALF: Amount = Amount::of_ten_thousandths(5_000);

fn plus(one: Amount, other: Amount) -> Result<Amount, InvalidPosology> {
    let sum = one.ten_thousandths().checked_add(other.ten_thousandths());
    sum.map(Amount::of_ten_thousandths).ok_or(InvalidPosology::NotADose)
}

fn simple(text: &str) -> Result<Amount, InvalidPosology> {
    if text.contains('/') {
        return fraction(text);
    }
    if let Some(amount) = number_word(text) {
        return Ok(amount);
    }
    if reads_two_ways(text) {
        return Err(InvalidPosology::Thousands);
    }
    if text.starts_with('-') {
        return Err(InvalidPosology::NoDose);
    }
    text.parse().map_err(|_| InvalidPosology::NotADose)
}

/// "1/2", "3/4". Thirds are as near as four places get.
fn fraction(text: &str) -> Result<Amount, InvalidPosology> {
    let whole = |part: &str| part.trim().parse::<i64>().ok().filter(|n| (1..=1_000).contains(n));
    let (part, of) = text.split_once('/').ok_or(InvalidPosology::NotADose)?;
    if part.trim() == "0" {
        return Err(InvalidPosology::NoDose);
    }
    let (part, of) = whole(part).zip(whole(of)).ok_or(InvalidPosology::NotADose)?;
    Ok(Amount::of_ten_thousandths((part * 10_000 + of / 2) / of))
}

/// A point or comma with three digits behind it and something other than zero before it: 500.000, 1,500.
fn reads_two_ways(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once(['.', ',']) {
        Some((whole, rest)) => {
            let whole_is_some =
                (1..=3).contains(&whole.len()) && digits(whole) && whole.bytes().any(|b| b != b'0');
            let groups = || rest.split(['.', ',']).all(|group| group.len() == 3 && digits(group));
            whole_is_some && groups()
        }
        None => false,
    }
}

/// "media", "una", "dos" to "veinte"; numbers of a dose that are said in one word.
#[must_use]
pub fn number_word(word: &str) -> Option<Amount> {
    const WORDS: [&str; 20] = [
        "uno",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciseis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
        "veinte",
    ];
    let plain = plain(word);
    match plain.as_str() {
        "un" | "una" => return Some(Amount::whole(1)),
        "media" | "medio" => return Some(HALF),
        "veinticuatro" => return Some(Amount::whole(24)),
        "treinta" => return Some(Amount::whole(30)),
        "cuarenta" => return Some(Amount::whole(40)),
        "cincuenta" => return Some(Amount::whole(50)),
        "cien" => return Some(Amount::whole(100)),
        "quinientos" => return Some(Amount::whole(500)),
        _ => {}
    }
    let place = WORDS.iter().position(|known| *known == plain)?;
    i32::try_from(place + 1).ok().map(Amount::whole)
}

/// Small letters without the accents of Spanish; the tilde of ñ stays.
pub(crate) fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' | 'ü' => 'u',
        other => other,
    };
    text.to_lowercase().chars().map(letter).collect()
}

/// Hours between two doses: from 1 to [`MOST_HOURS`].
///
/// # Errors
/// [`InvalidPosology::Hours`].
pub fn interval_hours(text: &str) -> Result<u16, InvalidPosology> {
    whole(text).filter(|hours| (1..=MOST_HOURS).contains(hours)).ok_or(InvalidPosology::Hours)
}

/// Days of a treatment: from 1 to [`MOST_DAYS`].
///
/// # Errors
/// [`InvalidPosology::Days`].
pub fn duration_days(text: &str) -> Result<u16, InvalidPosology> {
    whole(text).filter(|days| (1..=MOST_DAYS).contains(days)).ok_or(InvalidPosology::Days)
}

/// A whole number in figures or in one word.
fn whole(text: &str) -> Option<u16> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let scaled = number_word(text)?.ten_thousandths();
        u16::try_from(scaled / 10_000).ok().filter(|_| scaled % 10_000 == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, InvalidPosology>) {
        let found = dose_amount(text).map(|amount| amount.to_string());
        assert_eq!(found, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn doses_are_understood_as_they_are_typed() {
        check("500", Ok("500"));
        check("2,5", Ok("2.5"));
        check("1/2", Ok("0.5"));
        check("1 1/2", Ok("1.5"));
        check("media", Ok("0.5"));
        check("una y media", Ok("1.5"));
        check("0.125", Ok("0.125"));
        check("1/3", Ok("0.3333"));
    }

    #[test]
    fn a_dose_that_can_be_read_in_two_ways_is_refused() {
        for text in ["500.000", "1,500", "2.500", "1.000.000"] {
            check(text, Err(InvalidPosology::Thousands));
        }
    }

    #[test]
    fn what_is_no_dose_is_refused() {
        check("0", Err(InvalidPosology::NoDose));
        check("0/2", Err(InvalidPosology::NoDose));
        check("-1", Err(InvalidPosology::NoDose));
        check("1/0", Err(InvalidPosology::NotADose));
        check("mucho", Err(InvalidPosology::NotADose));
        check("", Err(InvalidPosology::NotADose));
    }

    #[test]
    fn an_interval_of_zero_hours_and_a_duration_of_400_days_are_refused() {
        assert_eq!(interval_hours("8"), Ok(8));
        assert_eq!(interval_hours("ocho"), Ok(8));
        assert_eq!(interval_hours("0"), Err(InvalidPosology::Hours));
        assert_eq!(interval_hours("-8"), Err(InvalidPosology::Hours));
        assert_eq!(duration_days("7"), Ok(7));
        assert_eq!(duration_days("0"), Err(InvalidPosology::Days));
        assert_eq!(duration_days("400"), Err(InvalidPosology::Days));
        assert_eq!(duration_days("media"), Err(InvalidPosology::Days));
    }
}
