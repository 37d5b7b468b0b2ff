//! Dates and times as Mexican screens write them: 24 hours, month in words.

pub use clinical::calendar::long_date;
use clinical::calendar::month;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const DAYS: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];

/// "lunes 9 de marzo".
#[must_use]
pub fn weekday(date: Date) -> String {
    let day = usize::try_from(date.weekday().to_monday_zero_offset()).ok().and_then(|i| DAYS.get(i));
    format!("{} {} de {}", day.unwrap_or(&""), date.day(), month(date))
}

/// "9 mar".
#[must_use]
pub fn day_of_year(date: Date) -> String {
    let name: String = month(date).chars().take(3).collect();
    format!("{} {name}", date.day())
}

/// "9 mar", or "9 mar 2025" in another year than `today`.
#[must_use]
pub fn short_date(date: Date, today: Date) -> String {
    let day = day_of_year(date);
    if date.year() == today.year() { day } else { format!("{day} {}", date.year()) }
}

/// "27/03/1984", as forms take it.
#[must_use]
pub fn form_date(date: Date) -> String {
    format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
}

/// "10:24".
#[must_use]
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// The civil day of a moment.
#[must_use]
pub fn day(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// "hoy 10:24", "ayer 17:40", "9 mar 10:24".
#[must_use]
pub fn day_and_time(at: Timestamp, zone: &TimeZone, today: Date) -> String {
    let date = day(at, zone);
    let time = time(at, zone);
    if date == today {
        format!("hoy {time}")
    } else if date.tomorrow().is_ok_and(|next| next == today) {
        format!("ayer {time}")
    } else {
        format!("{} {time}", short_date(date, today))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_said_in_spanish() {
        let day = date(2026, 3, 9);
        assert_eq!(long_date(day), "9 de marzo de 2026");
        assert_eq!(weekday(day), "lunes 9 de marzo");
        assert_eq!(short_date(day, date(2026, 11, 25)), "9 mar");
        assert_eq!(short_date(day, date(2027, 1, 1)), "9 mar 2026");
        assert_eq!(form_date(day), "09/03/2026");
    }

    #[test]
    fn times_are_those_of_the_establishment() {
        let zone = TimeZone::get("America/Mexico_City").unwrap();
        let at: Timestamp = "2026-03-09T16:24:00Z".parse().unwrap();
        assert_eq!(day_and_time(at, &zone, date(2026, 3, 9)), "hoy 10:24");
        assert_eq!(day_and_time(at, &zone, date(2026, 3, 10)), "ayer 10:24");
        assert_eq!(day_and_time(at, &zone, date(2026, 4, 1)), "9 mar 10:24");
    }
}
