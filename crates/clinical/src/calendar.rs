//! Dates as they are written in Mexico.

use std::borrow::Cow;

use jiff::civil::{Date, Time};

use crate::person::parse_date;

/// The months, in small letters; none of them has an accent.
pub const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// The name of the month of a date, in small letters.
#[must_use]
pub fn month(date: Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or("")
}

/// "9 de marzo de 2026".
///
/// ```
/// assert_eq!(clinical::calendar::long_date(jiff::civil::date(2026, 3, 9)), "9 de marzo de 2026");
/// ```
#[must_use]
pub fn long_date(date: Date) -> String {
    format!("{} de {} de {}", date.day(), month(date), date.year())
}

/// A text as it is read: one that is nothing but a date, or a date and a time of day, as forms keep them, in words; any
/// other text as it is.
///
/// ```
/// use clinical::calendar::in_words;
/// assert_eq!(in_words("25/11/2026 14:30"), "25 de noviembre de 2026, 14:30");
/// assert_eq!(in_words("Se citó para el 25/11/2026."), "Se citó para el 25/11/2026.");
/// ```
#[must_use]
pub fn in_words(text: &str) -> Cow<'_, str> {
    moment(text.trim()).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn moment(text: &str) -> Option<String> {
    let (text, end) = text.strip_suffix('.').map_or((text, ""), |rest| (rest, "."));
    let (day, time) = text.split_once(' ').map_or((text, None), |(day, time)| (day, Some(time)));
    // Dates with other marks may be something else that was written: a range, a version.
    let day = parse_date(day).ok().filter(|_| day.contains('/'))?;
    let words = long_date(day);
    match time {
        None => Some(format!("{words}{end}")),
        Some(time) => {
            let time: Time = Time::strptime("%H:%M", time).ok()?;
            Some(format!("{words}, {:02}:{:02}{end}", time.hour(), time.minute()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_that_is_a_date_and_nothing_else_is_put_into_words() {
        for (text, expected) in [
            ("25/11/2026", "25 de noviembre de 2026"),
            (" 1/3/2026. ", "1 de marzo de 2026."),
            ("09/03/2026 7:05", "9 de marzo de 2026, 07:05"),
            ("31/02/2026", "31/02/2026"),
            ("25/11/2026 25:00", "25/11/2026 25:00"),
            ("25/11/2026 por la tarde", "25/11/2026 por la tarde"),
            ("No se hizo: 25/11/2026", "No se hizo: 25/11/2026"),
            ("120/80", "120/80"),
            ("1.2.2026", "1.2.2026"),
            ("", ""),
        ] {
            assert_eq!(in_words(text), expected, "{text}");
        }
    }
}
