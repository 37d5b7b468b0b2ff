//! Numbers and amounts in Spanish words, so that a figure on a receta cannot be altered unnoticed.

use clinical::medication::{Dose, DoseUnit};

/// How "one" is said: alone ("uno"), before a masculine noun ("un"), or for feminine nouns ("una").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// "veintiuno".
    Alone,
    /// "veintiún miligramos".
    Masculine,
    /// "veintiuna tabletas".
    Feminine,
}

const SMALL: [&str; 30] = [
    "cero",
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
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const TENS: [&str; 10] =
    ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const HUNDREDS: [&str; 10] = [
    "",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
];

/// A whole number in words, up to 999 999 999 999; larger ones stay figures.
///
/// ```
/// use documents::{Form, number_in_words};
/// assert_eq!(number_in_words(21, Form::Feminine), "veintiuna");
/// ```
#[must_use]
pub fn number_in_words(number: u64, form: Form) -> String {
    match number {
        0..=999 => below_thousand(number, form),
        1_000..=999_999 => {
            // "un" is not said before "mil", and "uno" loses its o: "veintiún mil tabletas".
            let thousands = match number / 1_000 {
                1 => String::new(),
                many => below_thousand(many, if form == Form::Feminine { form } else { Form::Masculine }),
            };
            joined(&[&thousands, "mil", &rest(number % 1_000, form)])
        }
        1_000_000..=999_999_999_999 => {
            let millions = number / 1_000_000;
            let unit = if millions == 1 { "millón" } else { "millones" };
            joined(&[&number_in_words(millions, Form::Masculine), unit, &rest(number % 1_000_000, form)])
        }
        _ => number.to_string(),
    }
}

fn rest(number: u64, form: Form) -> String {
    if number == 0 { String::new() } else { number_in_words(number, form) }
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn below_thousand(number: u64, form: Form) -> String {
    let digit = |n: u64| usize::try_from(n).unwrap_or(0);
    if number == 100 {
        return "cien".to_owned();
    }
    let mut hundreds = HUNDREDS[digit(number / 100 % 10)].to_owned();
    if form == Form::Feminine && number >= 200 {
        hundreds = hundreds.replace("cientos", "cientas").replace("quinientos", "quinientas");
    }
    let small = match number % 100 {
        0 if number > 0 => String::new(),
        below @ 0..30 => with_form(SMALL[digit(below)], form),
        above => match above % 10 {
            0 => TENS[digit(above / 10)].to_owned(),
            unit => format!("{} y {}", TENS[digit(above / 10)], with_form(SMALL[digit(unit)], form)),
        },
    };
    joined(&[&hundreds, &small])
}

fn with_form(word: &str, form: Form) -> String {
    match (word, form) {
        ("uno", Form::Masculine) => "un".to_owned(),
        ("uno", Form::Feminine) => "una".to_owned(),
        ("veintiuno", Form::Masculine) => "veintiún".to_owned(),
        ("veintiuno", Form::Feminine) => "veintiuna".to_owned(),
        _ => word.to_owned(),
    }
}

/// The unit in full, for one and for several, and whether it is feminine.
fn unit_in_words(unit: DoseUnit) -> (&'static str, &'static str, Form) {
    let (one, many) = match unit {
        DoseUnit::Milligram => ("miligramo", "miligramos"),
        DoseUnit::Gram => ("gramo", "gramos"),
        DoseUnit::Microgram => ("microgramo", "microgramos"),
        DoseUnit::Milliliter => ("mililitro", "mililitros"),
        DoseUnit::InternationalUnit => ("unidad", "unidades"),
        DoseUnit::Milliequivalent => ("miliequivalente", "miliequivalentes"),
        DoseUnit::MilligramPerKilogram => ("miligramo por kilogramo", "miligramos por kilogramo"),
        DoseUnit::UnitPerKilogram => ("unidad por kilogramo", "unidades por kilogramo"),
        DoseUnit::Percent => ("por ciento", "por ciento"),
        counted => (counted.label(), counted.plural()),
    };
    let feminine = match unit {
        DoseUnit::InternationalUnit
        | DoseUnit::UnitPerKilogram
        | DoseUnit::Tablet
        | DoseUnit::Capsule
        | DoseUnit::Drop
        | DoseUnit::Teaspoon
        | DoseUnit::Tablespoon
        | DoseUnit::Puff
        | DoseUnit::Application
        | DoseUnit::Ampoule
        | DoseUnit::Nebulization
        | DoseUnit::Dose => Form::Feminine,
        DoseUnit::Percent => Form::Alone,
        _ => Form::Masculine,
    };
    (one, many, feminine)
}

/// Forms that are cut in halves and quarters rather than measured with decimals.
fn is_divisible(unit: DoseUnit) -> bool {
    matches!(
        unit,
        DoseUnit::Tablet
            | DoseUnit::Teaspoon
            | DoseUnit::Tablespoon
            | DoseUnit::Patch
            | DoseUnit::Ampoule
            | DoseUnit::Vial
            | DoseUnit::Sachet
            | DoseUnit::Suppository
            | DoseUnit::Glass
    )
}

/// A dose in words: "quinientos miligramos", "media tableta", "una tableta y media", "dos punto cinco mililitros".
///
/// ```
/// use clinical::medication::{Dose, DoseUnit};
/// let dose = Dose { amount: "1.5".parse()?, unit: DoseUnit::Tablet };
/// assert_eq!(documents::dose_in_words(dose), "una tableta y media");
/// # Ok::<(), clinical::observation::InvalidAmount>(())
/// ```
#[must_use]
pub fn dose_in_words(dose: Dose) -> String {
    let (one, many, form) = unit_in_words(dose.unit);
    let figures = dose.amount.to_string();
    let (whole_text, decimals) = figures.split_once('.').unwrap_or((&figures, ""));
    let Ok(whole) = whole_text.parse::<u64>() else { return figures.clone() };
    let counted = |n: u64| {
        let million = if n >= 1_000_000 && n.is_multiple_of(1_000_000) { "de " } else { "" };
        format!("{} {million}{}", number_in_words(n, form), if n == 1 { one } else { many })
    };
    if decimals.is_empty() {
        return counted(whole);
    }
    if is_divisible(dose.unit) {
        let half = if form == Form::Feminine { "media" } else { "medio" };
        let part = match decimals {
            "5" => Some(half),
            "25" => Some("un cuarto"),
            "75" => Some("tres cuartos"),
            _ => None,
        };
        match (part, whole) {
            (Some(part), 0) if part == half => return format!("{half} {one}"),
            (Some(part), 0) => return format!("{part} de {one}"),
            (Some(part), _) => return format!("{} y {part}", counted(whole)),
            (None, _) => {}
        }
    }
    format!("{} punto {} {many}", number_in_words(whole, Form::Alone), decimals_in_words(decimals))
}

/// "25" is "veinticinco", "05" is "cero cinco": a zero is never lost.
fn decimals_in_words(decimals: &str) -> String {
    let zeros = decimals.bytes().take_while(|&b| b == b'0').count();
    let mut words = vec!["cero".to_owned(); zeros];
    if let Ok(number) = decimals[zeros..].parse::<u64>() {
        words.push(number_in_words(number, Form::Alone));
    }
    words.join(" ")
}

/// A quantity to dispense with its figure repeated in words: "3 cajas" becomes "3 cajas (tres)".
/// Text that does not begin with a whole number stays as written.
#[must_use]
pub fn quantity_with_words(quantity: &str) -> String {
    let quantity = quantity.trim();
    if let Some(most) = quantity.strip_prefix("hasta ") {
        return format!("hasta {}", quantity_with_words(most));
    }
    let digits = quantity.bytes().take_while(u8::is_ascii_digit).count();
    let (figures, rest) = quantity.split_at(digits);
    let Ok(number) = figures.parse::<u64>() else { return quantity.to_owned() };
    if rest.starts_with(['.', ',', '/']) || rest.contains('(') {
        return quantity.to_owned();
    }
    let rest = rest.trim_start();
    let (noun, tail) = rest.split_once(' ').unwrap_or((rest, ""));
    let bare = noun.trim_end_matches(|c: char| !c.is_alphabetic());
    let feminine = bare.ends_with('a') || bare.ends_with("as");
    let words = number_in_words(number, if feminine { Form::Feminine } else { Form::Alone });
    joined(&[figures, noun, &format!("({words})"), tail])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_said_as_in_spanish() {
        let check = |number, form, words: &str| assert_eq!(number_in_words(number, form), words, "{number}");
        check(0, Form::Alone, "cero");
        check(1, Form::Masculine, "un");
        check(16, Form::Alone, "dieciséis");
        check(21, Form::Masculine, "veintiún");
        check(31, Form::Feminine, "treinta y una");
        check(100, Form::Alone, "cien");
        check(101, Form::Masculine, "ciento un");
        check(100_000, Form::Feminine, "cien mil");
        check(250, Form::Feminine, "doscientas cincuenta");
        check(500, Form::Masculine, "quinientos");
        check(500, Form::Feminine, "quinientas");
        check(1_000, Form::Alone, "mil");
        check(1_001, Form::Feminine, "mil una");
        check(21_000, Form::Masculine, "veintiún mil");
        check(500_000, Form::Feminine, "quinientas mil");
        check(1_200_000, Form::Feminine, "un millón doscientas mil");
        check(2_000_000, Form::Alone, "dos millones");
    }

    #[test]
    fn doses_are_said_with_their_unit_in_full() {
        let check = |amount: &str, unit, words: &str| {
            assert_eq!(dose_in_words(Dose { amount: amount.parse().unwrap(), unit }), words);
        };
        check("500", DoseUnit::Milligram, "quinientos miligramos");
        check("1", DoseUnit::Tablet, "una tableta");
        check("0.5", DoseUnit::Tablet, "media tableta");
        check("0.25", DoseUnit::Tablet, "un cuarto de tableta");
        check("1.5", DoseUnit::Tablet, "una tableta y media");
        check("2.5", DoseUnit::Sachet, "dos sobres y medio");
        check("0.5", DoseUnit::Milligram, "cero punto cinco miligramos");
        check("0.0625", DoseUnit::Milligram, "cero punto cero seiscientos veinticinco miligramos");
        check("2.5", DoseUnit::Milliliter, "dos punto cinco mililitros");
        check("1000000", DoseUnit::InternationalUnit, "un millón de unidades");
        check("1200000", DoseUnit::InternationalUnit, "un millón doscientas mil unidades");
        check("10", DoseUnit::MilligramPerKilogram, "diez miligramos por kilogramo");
        check("0.3333", DoseUnit::Tablet, "cero punto tres mil trescientos treinta y tres tabletas");
    }

    #[test]
    fn quantities_repeat_their_figure() {
        let check = |quantity, expected| assert_eq!(quantity_with_words(quantity), expected);
        check("3 cajas", "3 cajas (tres)");
        check("1 caja", "1 caja (una)");
        check("1 tubo", "1 tubo (uno)");
        check("2 cajas con 30 tabletas", "2 cajas (dos) con 30 tabletas");
        check("21 tabletas", "21 tabletas (veintiuna)");
        check("hasta 15 tabletas", "hasta 15 tabletas (quince)");
        check("una caja", "una caja");
        check("1.5 litros", "1.5 litros");
        check("2 cajas (dos)", "2 cajas (dos)");
        check("", "");
    }
}
