//! Dates as they are written in Mexico.

use jiff::civil::Date;

const MONTHS: [&str; 12] = [
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
