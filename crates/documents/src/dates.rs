//! Dates and times as Mexican documents write them, in the time zone of the establishment.

use clinical::calendar::long_date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ZonedDateTime};

use crate::error::Error;

/// Looks a zone up in the table inside the program, so that every machine prints the same time.
pub(crate) fn time_zone(name: &str) -> Result<TimeZone, Error> {
    TimeZoneDatabase::bundled().get(name).map_err(|source| Error::TimeZone { zone: name.to_owned(), source })
}

/// "9 de marzo de 2026, 10:41".
pub(crate) fn minute_in_words(at: &ZonedDateTime) -> String {
    format!("{}, {:02}:{:02}", long_date(at.date()), at.hour(), at.minute())
}

/// "9 de marzo de 2026, 10:41:07, hora del centro de México (UTC-06:00)".
pub(crate) fn second_in_words(at: &ZonedDateTime) -> String {
    let offset = at.offset().seconds();
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
    let offset = format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    let zone = match zone_in_words(at.time_zone().iana_name().unwrap_or("")) {
        Some(words) => format!("{words} ({offset})"),
        None => offset,
    };
    format!("{}:{:02}, {zone}", minute_in_words(at), at.second())
}

/// The four zones of the Ley de los Husos Horarios (DOF 28 October 2022) by the places of the time zone table.
fn zone_in_words(name: &str) -> Option<&'static str> {
    match name {
        "America/Mexico_City"
        | "America/Merida"
        | "America/Monterrey"
        | "America/Chihuahua"
        | "America/Bahia_Banderas" => Some("hora del centro de México"),
        "America/Mazatlan" | "America/Hermosillo" => Some("hora del Pacífico de México"),
        "America/Tijuana" => Some("hora del noroeste de México"),
        "America/Cancun" => Some("hora del sureste de México"),
        _ => None,
    }
}

/// The same moment in a zone.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> ZonedDateTime {
    at.to_zoned_datetime(zone.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(at: &str, zone: &str, expected: &str) {
        let at = local(at.parse().unwrap(), &time_zone(zone).unwrap());
        assert_eq!(second_in_words(&at), expected);
    }

    #[test]
    fn the_time_says_its_zone_and_its_offset() {
        let centre = "9 de marzo de 2026, 10:41:07, hora del centro de México (UTC-06:00)";
        check("2026-03-09T16:41:07Z", "America/Mexico_City", centre);
        let summer = "1 de julio de 2026, 00:00:00, hora del noroeste de México (UTC-07:00)";
        check("2026-07-01T07:00:00Z", "America/Tijuana", summer);
        check("2026-12-31T23:59:59Z", "Europe/Madrid", "1 de enero de 2027, 00:59:59, UTC+01:00");
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let refused = time_zone("America/Ahuehuetes").unwrap_err();
        assert_eq!(refused.to_string(), "la zona horaria America/Ahuehuetes no existe");
    }
}
