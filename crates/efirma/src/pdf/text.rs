//! Texts and dates as a PDF writes them.

use jiff::ZonedDateTime;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// A text string in UTF-16 or UTF-8 with their marks, else in the alphabet of PDF, which is Latin 1 where it matters. What
/// would steer a terminal is left out.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let mut text = decode_all(bytes);
    text.retain(|c| !c.is_control());
    text
}

fn decode_all(bytes: &[u8]) -> String {
    if let Some(units) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> = units.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(utf8) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        return String::from_utf8_lossy(utf8).into_owned();
    }
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// A time with its offset from UTC, `D:20261126103200-06'00'` (ISO 32000-1, 7.9.4).
pub(crate) fn date(at: &ZonedDateTime) -> String {
    let minutes = at.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("D:{}{sign}{hours:02}'{rest:02}'", at.strftime("%Y%m%d%H%M%S"))
}

/// Reads such a time; `None` without an offset, for then it is no moment.
pub(crate) fn parse_date(bytes: &[u8]) -> Option<ZonedDateTime> {
    let text = decode(bytes);
    let text = text.strip_prefix("D:").unwrap_or(&text);
    let (clock, zone) = text.split_at_checked(14)?;
    let local = DateTime::strptime("%Y%m%d%H%M%S", clock).ok()?;
    let offset = match zone.chars().next()? {
        'Z' => Offset::UTC,
        sign @ ('+' | '-') => {
            let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
            let number =
                |from: usize| digits.get(from..from + 2).map_or(Some(0), |two| two.parse::<i32>().ok());
            let seconds = number(0)?.checked_mul(3600)?.checked_add(number(2)?.checked_mul(60)?)?;
            Offset::from_seconds(if sign == '-' { -seconds } else { seconds }).ok()?
        }
        _ => return None,
    };
    local.to_zoned_datetime(TimeZone::fixed(offset)).ok()
}
