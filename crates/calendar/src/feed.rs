//! Visits as a calendar other programs read.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarClassification, ICalendarComponent, ICalendarComponentType, ICalendarProperty,
    ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use clinical::schedule::Span;
use jiff::Timestamp;

use crate::OWN;

/// One visit, in the words its owner chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Identifies it always in the same way.
    pub id: String,
    /// From when until when.
    pub span: Span,
    /// What is shown for it.
    pub title: String,
    /// Where, if that is shown.
    pub place: Option<String>,
    /// Whether it is certain that it takes place.
    pub confirmed: bool,
}

/// The calendar of visits, as text. Times are written in UTC: what shows them knows where it is.
///
/// `name` is what the calendar is called, `now` when it was made.
#[must_use]
pub fn feed(name: &str, visits: &[Visit], now: Timestamp) -> String {
    let mut root = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    let text = |text: &str| ICalendarValue::Text(one_line(text));
    root.add_property(ICalendarProperty::Version, text("2.0"));
    root.add_property(ICalendarProperty::Prodid, text("-//Medicus//Agenda//ES"));
    root.add_property(ICalendarProperty::Other("X-WR-CALNAME".to_owned()), text(name));
    root.add_property(ICalendarProperty::Other("X-PUBLISHED-TTL".to_owned()), text("PT15M"));
    root.component_ids = (1..).take(visits.len()).collect();
    let mut components = vec![root];
    components.extend(visits.iter().map(|visit| event(visit, now)));
    ICalendar { components }.to_string()
}

fn event(visit: &Visit, now: Timestamp) -> ICalendarComponent {
    let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
    let at = |at: Timestamp| PartialDateTime::from_utc_timestamp(at.as_second());
    event.add_uid(&format!("{}{OWN}", visit.id));
    event.add_dtstamp(at(now));
    event.add_property(ICalendarProperty::Dtstart, at(visit.span.start()));
    event.add_property(ICalendarProperty::Dtend, at(visit.span.end()));
    event.add_property(ICalendarProperty::Summary, ICalendarValue::Text(one_line(&visit.title)));
    if let Some(place) = &visit.place {
        event.add_property(ICalendarProperty::Location, ICalendarValue::Text(one_line(place)));
    }
    let status = if visit.confirmed { ICalendarStatus::Confirmed } else { ICalendarStatus::Tentative };
    event.add_property(ICalendarProperty::Status, ICalendarValue::Status(status));
    let private = ICalendarClassification::Private;
    event.add_property(ICalendarProperty::Class, ICalendarValue::Classification(private));
    let opaque = ICalendarTransparency::Opaque;
    event.add_property(ICalendarProperty::Transp, ICalendarValue::Transparency(opaque));
    event
}

/// Names are typed by people: no control character of theirs becomes one of the file's.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn visit(title: &str) -> Visit {
        let start: Timestamp = "2026-03-10T15:30:00Z".parse().unwrap();
        let span = Span::new(start, start + jiff::SignedDuration::from_mins(40)).unwrap();
        let place = Some("Consultorio 1".to_owned());
        Visit { id: "7".to_owned(), span, title: title.to_owned(), place, confirmed: true }
    }

    #[test]
    fn a_visit_is_an_event_with_its_times_and_the_words_of_its_owner() {
        let text = feed("Agenda", &[visit("Ocupado")], "2026-03-09T12:00:00Z".parse().unwrap());
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "BEGIN:VEVENT",
            "UID:7@medicus",
            "DTSTAMP:20260309T120000Z",
            "DTSTART:20260310T153000Z",
            "DTEND:20260310T161000Z",
            "SUMMARY:Ocupado",
            "LOCATION:Consultorio 1",
            "STATUS:CONFIRMED",
            "CLASS:PRIVATE",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_title_says_it_adds_no_line_of_its_own(title in "\\PC{0,120}|[;,:\\\\\"\r\n A-Z]{0,80}") {
            let text = feed(&title, &[visit(&title)], Timestamp::UNIX_EPOCH);
            let events = text.lines().filter(|line| line.starts_with("BEGIN:VEVENT")).count();
            prop_assert_eq!(events, 1);
            prop_assert!(text.split("\r\n").all(|line| line.len() <= 75), "{}", text);
            // What goes out never comes back as something else that is in the way.
            let from = Timestamp::UNIX_EPOCH;
            let until: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
            let back = crate::busy(text.as_bytes(), &TimeZone::UTC, from, until).unwrap();
            prop_assert!(back.spans.is_empty());
        }
    }
}
