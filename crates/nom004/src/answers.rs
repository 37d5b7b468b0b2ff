//! "No explorado" and "se negó" as answers: they fill a section only with a reason.

/// What a sentence answers to a section that asks for a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Nothing was written.
    Empty,
    /// A finding or any other statement.
    Stated,
    /// Not explored or refused, and why.
    NotDoneWithReason,
    /// Not explored or refused, without a reason: it does not fill the section.
    NotDone,
}

/// Openings that say something was not done, without accents, in lower case.
const NOT_DONE: [&str; 18] = [
    "no explorado",
    "no explorada",
    "no explorados",
    "no exploradas",
    "no se exploro",
    "no se explora",
    "no se exploraron",
    "no se realizo",
    "no realizado",
    "no realizada",
    "no interrogado",
    "no se interrogo",
    "no valorado",
    "no valorada",
    "no se valoro",
    "se nego",
    "se niega a",
    "exploracion diferida",
];

/// Words that open a reason.
const REASON_WORDS: [&str; 10] =
    ["por", "porque", "pues", "debido", "ya", "motivo", "causa", "razon", "dado", "refiere"];

/// Reads a statement as the answer to a section.
#[must_use]
pub fn answer(statement: &str) -> Answer {
    let plain = plain(statement);
    let text = plain.trim_matches(|c: char| !c.is_alphanumeric());
    if text.is_empty() {
        return Answer::Empty;
    }
    let longest = NOT_DONE.iter().filter(|opening| opens_with(text, opening)).max_by_key(|o| o.len());
    let Some(rest) = longest.and_then(|opening| text.get(opening.len()..)) else { return Answer::Stated };
    if gives_reason(rest) { Answer::NotDoneWithReason } else { Answer::NotDone }
}

fn opens_with(text: &str, opening: &str) -> bool {
    text.strip_prefix(opening).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// A reason follows punctuation ("No explorado: dolor intenso") or a word such as "porque".
fn gives_reason(rest: &str) -> bool {
    let said = |part: &str| part.split(|c: char| !c.is_alphanumeric()).any(|word| word.chars().count() >= 3);
    let after_mark =
        rest.split_once([':', ',', ';', '.', '(', '-', '–', '—']).is_some_and(|(_, why)| said(why));
    let mut words = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    after_mark || (words.any(|word| REASON_WORDS.contains(&word)) && words.next().is_some())
}

/// Whether a text is a date of the calendar as Mexican forms write it, `25/11/2026`, with `14:30` after it or not.
pub(crate) fn is_date(text: &str, with_time: bool) -> bool {
    let (date, time) = match text.trim().split_once(' ') {
        Some((date, time)) => (date, Some(time)),
        None => (text.trim(), None),
    };
    let clock = |time: &str| time.trim().parse::<jiff::civil::Time>().is_ok() && time.contains(':');
    calendar(date).is_some() && time.is_some() == with_time && time.is_none_or(clock)
}

fn calendar(text: &str) -> Option<jiff::civil::Date> {
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Lower case without accents, spaces tidied; ñ stays.
pub(crate) fn plain(text: &str) -> String {
    let fold = |c: char| match c {
        'á' | 'à' => 'a',
        'é' | 'è' => 'e',
        'í' | 'ì' => 'i',
        'ó' | 'ò' => 'o',
        'ú' | 'ù' | 'ü' => 'u',
        other => other,
    };
    let lower: String = text.chars().flat_map(char::to_lowercase).map(fold).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statement: &str, expected: Answer) {
        assert_eq!(answer(statement), expected, "{statement:?}");
    }

    #[test]
    fn not_explored_needs_a_reason() {
        check("No explorado.", Answer::NotDone);
        check("No explorados", Answer::NotDone);
        check("Se negó.", Answer::NotDone);
        check("Se negó a la exploración.", Answer::NotDone);
        check("No se exploró (…)", Answer::NotDone);
        check("No explorado por", Answer::NotDone);
    }

    #[test]
    fn a_reason_makes_it_an_answer() {
        check("No explorado: la paciente prefirió otra ocasión.", Answer::NotDoneWithReason);
        check("Se negó por pudor.", Answer::NotDoneWithReason);
        check("No se exploró porque no hay acompañante.", Answer::NotDoneWithReason);
        check("Se negó a la exploración, refiere dolor.", Answer::NotDoneWithReason);
    }

    #[test]
    fn only_dates_of_the_calendar_are_dates() {
        for good in ["25/11/2026", "1/3/2024", "29/02/2024"] {
            assert!(is_date(good, false) && !is_date(good, true), "{good}");
        }
        for good in ["25/11/2026 14:30", "01/03/2024 00:05"] {
            assert!(is_date(good, true) && !is_date(good, false), "{good}");
        }
        for bad in [
            "",
            "mañana",
            "31/02/2024",
            "2026-11-25",
            "25/11/26",
            "25/11/2026 25:00",
            "25/11/2026 14",
            "1/2/3/4",
        ] {
            assert!(!is_date(bad, false) && !is_date(bad, true), "{bad}");
        }
    }

    #[test]
    fn findings_are_statements_even_when_they_deny() {
        check("Sin alteraciones.", Answer::Stated);
        check("No se palpan masas.", Answer::Stated);
        check("Niega consumo de tabaco.", Answer::Stated);
        check(" . ", Answer::Empty);
        check("", Answer::Empty);
    }
}
