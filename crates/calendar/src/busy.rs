//! The times in which somebody is busy, out of a calendar anybody may have made.
//!
//! Nothing but times leaves this file: titles, places and guests of events are not read. Bounds stand on everything, since a
//! rule of a few letters can mean a million events.

use std::collections::BTreeMap;

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::timezone::TzResolver;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarFrequency, ICalendarParameter,
    ICalendarProperty, ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use calcard::{Entry, Parser};
use clinical::schedule::Span;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::OWN;

/// Most bytes of a calendar: years of a full one.
pub const FILE_MAX: usize = 4 * 1024 * 1024;
/// Most events of a calendar.
const EVENTS_MAX: usize = 20_000;
/// Most events that repeat.
const RULES_MAX: usize = 400;
/// Most definitions of time zones.
const ZONES_MAX: usize = 50;
/// Most rules of which nothing comes: a 30 February is looked for through thousands of years each.
const IDLE_MAX: usize = 20;
/// Most repetitions of one event: 27 years of every day.
const REPEATS_MAX: usize = 10_000;
/// Most times that come out of it, those that touch joined.
const SPANS_MAX: usize = 3_000;

/// What a calendar says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// The times in order; none touches another.
    pub spans: Vec<Span>,
    /// Events that could not be understood: they block no time.
    pub unread: usize,
}

/// Why a calendar cannot be used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// More than [`FILE_MAX`].
    #[error("El archivo pesa más de 4 MB: exporte solo el último año")]
    TooLarge,
    /// Nothing in it is a calendar.
    #[error("El archivo no es un calendario. Elija uno que termine en .ics")]
    NotACalendar,
    /// Too many events, or too many out of rules.
    #[error("El calendario tiene demasiados eventos: exporte solo los del próximo año")]
    TooMany,
}

/// One event and whether it keeps its owner busy: a cancelled repetition takes an event away and is none itself.
struct Found {
    event: ICalendarComponent,
    busy: bool,
}

/// What a calendar holds.
#[derive(Default)]
struct Contents {
    zones: Vec<ICalendarComponent>,
    /// Events that repeat with what was changed of their repetitions, by identifier; all others under none.
    series: BTreeMap<Option<String>, Vec<Found>>,
}

/// The times in which the owner of a calendar is busy, within `from..until`. Times without a zone are of the wall clock of
/// `zone`, whole days too.
///
/// # Errors
/// [`CalendarError`] says what to do instead.
pub fn busy(bytes: &[u8], zone: &TimeZone, from: Timestamp, until: Timestamp) -> Result<Busy, CalendarError> {
    if bytes.len() > FILE_MAX {
        return Err(CalendarError::TooLarge);
    }
    let contents = read(&String::from_utf8_lossy(bytes))?;
    let zones = ICalendar { components: contents.zones.clone() };
    let clock = Clock { zones: zones.build_tz_resolver(), zone, until };
    let (mut spans, mut unread, mut idle) = (Vec::new(), 0, 0);
    for found in contents.series.into_values() {
        let times = clock.times(&contents.zones, found)?;
        let within = |span: Span| Span::new(span.start().max(from), span.end().min(until));
        spans.extend(times.spans.into_iter().filter_map(within));
        unread += times.unread;
        idle += usize::from(times.idle);
        if idle > IDLE_MAX {
            return Err(CalendarError::TooMany);
        }
    }
    let spans = joined(spans);
    if spans.len() > SPANS_MAX {
        return Err(CalendarError::TooMany);
    }
    Ok(Busy { spans, unread })
}

fn read(text: &str) -> Result<Contents, CalendarError> {
    let mut contents = Contents::default();
    let mut parser = Parser::new(text);
    let (mut calendars, mut events, mut rules) = (0, 0, 0);
    loop {
        match parser.entry() {
            Entry::Eof => break,
            Entry::TooManyComponents => return Err(CalendarError::TooMany),
            Entry::ICalendar(calendar) => {
                calendars += 1;
                for component in calendar.components {
                    match component.component_type {
                        ICalendarComponentType::VTimezone => contents.zones.push(component),
                        ICalendarComponentType::VEvent => {
                            events += 1;
                            rules += usize::from(has(&component, &ICalendarProperty::Rrule));
                            take(&mut contents, component);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if calendars == 0 {
        return Err(CalendarError::NotACalendar);
    }
    if events > EVENTS_MAX || rules > RULES_MAX || contents.zones.len() > ZONES_MAX {
        return Err(CalendarError::TooMany);
    }
    Ok(contents)
}

fn has(event: &ICalendarComponent, name: &ICalendarProperty) -> bool {
    event.entries.iter().any(|entry| entry.name == *name)
}

/// Keeps of an event when it is, and whether its owner is busy then.
fn take(contents: &mut Contents, mut event: ICalendarComponent) {
    let value = |name: ICalendarProperty| {
        let entry = event.entries.iter().find(|entry| entry.name == name);
        entry.and_then(|entry| entry.values.first())
    };
    let uid = match value(ICalendarProperty::Uid) {
        Some(ICalendarValue::Text(uid)) => uid.clone(),
        _ => String::new(),
    };
    if uid.ends_with(OWN) {
        return;
    }
    let free = [
        Some(&ICalendarValue::Transparency(ICalendarTransparency::Transparent)),
        Some(&ICalendarValue::Status(ICalendarStatus::Cancelled)),
    ];
    let whole_day = match value(ICalendarProperty::Dtstart) {
        Some(ICalendarValue::PartialDateTime(start)) => !start.has_time(),
        _ => false,
    };
    // An hour without an end is a mark, no time.
    let lasts = whole_day
        || [ICalendarProperty::Dtend, ICalendarProperty::Duration, ICalendarProperty::RecurrenceId]
            .iter()
            .any(|name| has(&event, name));
    let busy = lasts
        && !free.contains(&value(ICalendarProperty::Transp))
        && !free.contains(&value(ICalendarProperty::Status));
    event.component_ids.clear();
    // A rule goes on in the zone its beginning names: what is written in UTC says so there, too.
    for entry in event.entries.iter_mut().filter(|entry| entry.name == ICalendarProperty::Dtstart) {
        let utc = |value: &ICalendarValue| matches!(value, ICalendarValue::PartialDateTime(at) if at.tz_hour.is_some());
        if entry.tz_id().is_none() && entry.values.first().is_some_and(utc) {
            entry.add_param(ICalendarParameter::tzid("UTC".to_owned()));
        }
    }
    event.entries.retain(|entry| {
        matches!(
            entry.name,
            ICalendarProperty::Dtstart
                | ICalendarProperty::Dtend
                | ICalendarProperty::Duration
                | ICalendarProperty::Rrule
                | ICalendarProperty::Rdate
                | ICalendarProperty::Exdate
                | ICalendarProperty::RecurrenceId
        )
    });
    let repeats = has(&event, &ICalendarProperty::Rrule) || has(&event, &ICalendarProperty::RecurrenceId);
    let key = Some(uid).filter(|uid| repeats && !uid.is_empty());
    contents.series.entry(key).or_default().push(Found { event, busy });
}

/// How times of the calendar become instants, and until when they matter.
struct Clock<'a> {
    zones: TzResolver<&'a str>,
    zone: &'a TimeZone,
    until: Timestamp,
}

/// What some events come to.
struct Times {
    spans: Vec<Span>,
    /// How many could not be understood.
    unread: usize,
    /// Whether a rule came to nothing.
    idle: bool,
}

impl Clock<'_> {
    /// The times of some events.
    fn times(&self, zones: &[ICalendarComponent], found: Vec<Found>) -> Result<Times, CalendarError> {
        let mut components = vec![ICalendarComponent::new(ICalendarComponentType::VCalendar)];
        components.extend(zones.iter().cloned());
        let first = components.len();
        let mut busy = Vec::new();
        let mut unread = 0;
        for Found { mut event, busy: keeps } in found {
            match self.bound(&mut event) {
                Bound::Within => {
                    components.push(event);
                    busy.push(keeps);
                }
                Bound::Later => {}
                Bound::Unread => unread += 1,
            }
        }
        let rules = components.iter().any(|event| has(event, &ICalendarProperty::Rrule));
        let expanded = ICalendar { components }.expand_dates(Tz::Floating, REPEATS_MAX);
        // What was cut short would look free afterwards.
        if rules && expanded.events.len() >= REPEATS_MAX {
            return Err(CalendarError::TooMany);
        }
        unread += expanded.errors.len();
        let mut spans = Vec::new();
        for event in &expanded.events {
            let place = usize::try_from(event.comp_id).ok().and_then(|id| id.checked_sub(first));
            if place.and_then(|place| busy.get(place)).is_none_or(|busy| !busy) {
                continue;
            }
            let (start, end) = event.timestamps();
            let floats = event.start.timezone().is_floating();
            let at = |second| if floats { self.local(second) } else { Timestamp::from_second(second).ok() };
            spans.extend(at(start).zip(at(end)).and_then(|(start, end)| Span::new(start, end)));
        }
        Ok(Times { spans, unread, idle: rules && expanded.events.is_empty() })
    }

    /// An instant of the wall clock here; where the clock jumps, the first that makes sense.
    fn local(&self, second: i64) -> Option<Timestamp> {
        let civil = TimeZone::UTC.to_datetime(Timestamp::from_second(second).ok()?);
        self.zone.to_ambiguous_timestamp(civil).compatible().ok()
    }

    /// Ends the rule of an event where times stop to matter, so that one without an end does not go on for ever.
    fn bound(&self, event: &mut ICalendarComponent) -> Bound {
        let start = event.entries.iter().find(|entry| entry.name == ICalendarProperty::Dtstart);
        let own = start.and_then(|entry| entry.tz_id()).and_then(|name| self.zones.resolve(name));
        let own = own.and_then(|zone| TimeZone::get(&zone.name()?).ok());
        let zone = own.unwrap_or_else(|| self.zone.clone());
        let civil = |at: Timestamp| second_of_clock(&zone, at);
        let last = civil(self.until);
        let begins = start.and_then(|entry| match entry.values.first() {
            Some(ICalendarValue::PartialDateTime(at)) => {
                Some(at.to_date_time()?.date_time.and_utc().timestamp())
            }
            _ => None,
        });
        if begins.is_some_and(|begins| begins > last) {
            return Bound::Later;
        }
        for value in event.entries.iter_mut().flat_map(|entry| &mut entry.values) {
            let ICalendarValue::RecurrenceRule(rule) = value else { continue };
            use ICalendarFrequency as Every;
            if !matches!(rule.freq, Every::Yearly | Every::Monthly | Every::Weekly | Every::Daily) {
                return Bound::Unread;
            }
            let asked = match &rule.until {
                None => None,
                Some(until) => match clock_second(until, civil) {
                    Some(second) => Some(second),
                    None => return Bound::Unread,
                },
            };
            if rule.count.is_none() || asked.is_some() {
                let until = asked.unwrap_or(last).min(last);
                // A rule that ended before it began means nothing.
                rule.until = Some(PartialDateTime::from_naive_timestamp(until));
                rule.count = None;
                if begins.is_some_and(|begins| begins > until) {
                    return Bound::Later;
                }
            }
        }
        Bound::Within
    }
}

/// What an event is to the times that are asked for.
enum Bound {
    Within,
    Later,
    Unread,
}

/// What a wall clock shows at an instant, counted as if it were in Greenwich.
fn second_of_clock(zone: &TimeZone, at: Timestamp) -> i64 {
    TimeZone::UTC.to_timestamp(zone.to_datetime(at)).map_or(i64::MAX, Timestamp::as_second)
}

/// The end of a rule on the wall clock of its event. A day ends at its end.
fn clock_second(until: &PartialDateTime, civil: impl Fn(Timestamp) -> i64) -> Option<i64> {
    let read = until.to_date_time()?;
    let second = read.date_time.and_utc().timestamp();
    match read.offset {
        Some(offset) => Timestamp::from_second(second - i64::from(offset.local_minus_utc())).ok().map(civil),
        None if until.hour.is_none() => Some(second + 86_399),
        None => Some(second),
    }
}

/// Times in order, those that touch made one.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        let last = joined.last_mut().filter(|last| span.start() <= last.end());
        match last.and_then(|last| Some((Span::new(last.start(), last.end().max(span.end()))?, last))) {
            Some((whole, last)) => *last = whole,
            None => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, civil::date};
    use proptest::prelude::*;

    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("America/Mexico_City").unwrap()
    }

    fn day(year: i16, month: i8, day: i8) -> Timestamp {
        zone().to_timestamp(date(year, month, day).at(0, 0, 0, 0)).unwrap()
    }

    fn calendar(events: &[&str]) -> String {
        let events: String = events
            .iter()
            .enumerate()
            .map(|(at, lines)| {
                let uid = if lines.contains("UID:") { String::new() } else { format!("UID:{at}\r\n") };
                format!("BEGIN:VEVENT\r\n{uid}{}\r\nEND:VEVENT\r\n", lines.replace('\n', "\r\n"))
            })
            .collect();
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
    }

    /// Of 2026-03-09 (Monday) to 2026-04-06, on the wall clock of central Mexico.
    fn check(events: &[&str], expected: &[&str]) {
        let busy = busy(calendar(events).as_bytes(), &zone(), day(2026, 3, 9), day(2026, 4, 6)).unwrap();
        let words = |span: &Span| {
            let clock = |at| zone().to_datetime(at).strftime("%m-%d %H:%M").to_string();
            format!("{} {}", clock(span.start()), clock(span.end()))
        };
        let words: Vec<String> = busy.spans.iter().map(words).collect();
        assert_eq!(words, expected, "{events:?}");
        assert_eq!(busy.unread, 0, "{events:?}");
    }

    #[test]
    fn the_times_of_a_calendar_block_and_what_is_free_in_it_does_not() {
        check(
            &["DTSTART:20260310T150000Z\nDTEND:20260310T160000Z\nSUMMARY:Cirugía"],
            &["03-10 09:00 03-10 10:00"],
        );
        check(
            &["DTSTART;TZID=America/Tijuana:20260310T090000\nDURATION:PT30M"],
            &["03-10 10:00 03-10 10:30"],
        );
        check(&["DTSTART:20260310T090000\nDTEND:20260310T100000"], &["03-10 09:00 03-10 10:00"]);
        check(&["DTSTART;VALUE=DATE:20260316\nDTEND;VALUE=DATE:20260318"], &["03-16 00:00 03-18 00:00"]);
        check(&["DTSTART;VALUE=DATE:20260316"], &["03-16 00:00 03-17 00:00"]);
        for free in [
            "DTSTART:20260310T150000Z\nDTEND:20260310T160000Z\nTRANSP:TRANSPARENT",
            "DTSTART:20260310T150000Z\nDTEND:20260310T160000Z\nSTATUS:CANCELLED",
            "DTSTART:20260310T150000Z",
            "UID:7@medicus\nDTSTART:20260310T150000Z\nDTEND:20260310T160000Z",
            "DTSTART:20250310T150000Z\nDTEND:20250310T160000Z",
            "DTSTART:20270310T150000Z\nDTEND:20270310T160000Z\nRRULE:FREQ=DAILY",
        ] {
            check(&[free], &[]);
        }
        let touch = [
            "DTSTART:20260310T150000Z\nDTEND:20260310T160000Z",
            "DTSTART:20260310T155000Z\nDTEND:20260310T170000Z",
        ];
        check(&touch, &["03-10 09:00 03-10 11:00"]);
    }

    #[test]
    fn rules_repeat_as_they_say_and_changed_repetitions_take_the_place_of_the_old() {
        let mondays = "DTSTART;TZID=America/Mexico_City:20200106T080000\nDTEND;TZID=America/Mexico_City:20200106T090000";
        check(
            &[&format!("{mondays}\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")],
            &["03-09 08:00 03-09 09:00", "03-23 08:00 03-23 09:00"],
        );
        check(
            &[&format!(
                "{mondays}\nRRULE:FREQ=WEEKLY;UNTIL=20260316T140000Z\nEXDATE;TZID=America/Mexico_City:20260309T080000"
            )],
            &["03-16 08:00 03-16 09:00"],
        );
        check(
            &[
                "DTSTART;TZID=America/Mexico_City:20260331T080000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=9",
            ],
            &["03-31 08:00 03-31 09:00"],
        );
        check(&["DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=MONTHLY;BYDAY=1FR"], &["04-03 00:00 04-04 00:00"]);
        let uid = "UID:serie\n";
        check(
            &[
                &format!("{uid}SEQUENCE:0\n{mondays}\nRRULE:FREQ=WEEKLY;UNTIL=20260324T000000Z"),
                &format!(
                    "{uid}SEQUENCE:3\nRECURRENCE-ID:20260309T140000Z\nDTSTART:20260310T180000Z\nDTEND:20260310T190000Z"
                ),
                &format!(
                    "{uid}SEQUENCE:4\nRECURRENCE-ID:20260316T140000Z\nDTSTART:20260316T140000Z\nDTEND:20260316T150000Z\nSTATUS:CANCELLED"
                ),
                // Another series at the same hour keeps its own repetitions.
                "UID:otra\nSEQUENCE:0\nDTSTART:20260316T140000Z\nDTEND:20260316T150000Z\nRRULE:FREQ=WEEKLY;COUNT=1",
            ],
            &["03-10 12:00 03-10 13:00", "03-16 08:00 03-16 09:00", "03-23 08:00 03-23 09:00"],
        );
    }

    #[test]
    fn a_rule_keeps_the_wall_clock_of_its_zone_when_the_border_changes_it() {
        // Ciudad Juárez turns its clocks on 8 March 2026, central Mexico does not.
        let busy = busy(
            calendar(&[
                "DTSTART;TZID=America/Ciudad_Juarez:20260306T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4",
            ])
            .as_bytes(),
            &zone(),
            day(2026, 3, 1),
            day(2026, 4, 1),
        )
        .unwrap();
        let hours: Vec<i8> = busy.spans.iter().map(|span| zone().to_datetime(span.start()).hour()).collect();
        assert_eq!(hours, [10, 10, 9, 9]);
    }

    #[test]
    fn what_is_no_calendar_or_too_much_of_one_is_refused_and_what_is_not_understood_is_counted() {
        let read = |text: &str| busy(text.as_bytes(), &zone(), day(2026, 3, 9), day(2026, 4, 6));
        assert_eq!(read("hola"), Err(CalendarError::NotACalendar));
        assert_eq!(read(&" ".repeat(FILE_MAX + 1)), Err(CalendarError::TooLarge));
        let rule = "DTSTART:20260310T150000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY";
        assert_eq!(read(&calendar(&vec![rule; RULES_MAX + 1])), Err(CalendarError::TooMany));
        let seconds = "DTSTART:20260310T150000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY";
        let broken = "DTSTART:mañana\nDURATION:PT1H";
        let long_ago = "DTSTART:19000101T150000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY";
        assert_eq!(read(&calendar(&[seconds, broken])).unwrap(), Busy { spans: Vec::new(), unread: 2 });
        assert_eq!(read(&calendar(&[long_ago])), Err(CalendarError::TooMany));
    }

    #[test]
    fn a_rule_that_never_comes_true_blocks_nothing_and_many_of_them_are_refused() {
        let never = "DTSTART;VALUE=DATE:20260310\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
        let read = |count| {
            let text = calendar(&vec![never; count]);
            busy(text.as_bytes(), &zone(), day(2026, 3, 9), day(2026, 4, 6))
        };
        assert_eq!(read(1), Ok(Busy { spans: Vec::new(), unread: 0 }));
        assert_eq!(read(IDLE_MAX + 5), Err(CalendarError::TooMany));
    }

    /// Lines as calendars have them, in any order and with anything in them.
    fn line() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "BEGIN:VCALENDAR",
            "BEGIN:VEVENT",
            "END:VEVENT",
            "BEGIN:VTIMEZONE",
            "END:VTIMEZONE",
            "TZID:",
            "UID:a",
            "DTSTART:",
            "DTSTART;VALUE=DATE:",
            "DTSTART;TZID=America/Tijuana:",
            "DTEND:",
            "DURATION:",
            "RRULE:",
            "RDATE:",
            "EXDATE:",
            "RECURRENCE-ID;RANGE=THISANDFUTURE:",
            "BEGIN:VALARM",
            "END:VCALENDAR",
            "SEQUENCE:",
        ]);
        let value = prop_oneof![
            Just(String::new()),
            "(19|20|99)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]T[0-2][0-9]0000Z?",
            "-?P[0-9]{1,9}[DWY](T[0-9]{1,9}[HMS])?",
            "FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY)(;INTERVAL=[0-9]{1,5})?(;COUNT=[0-9]{1,9})?(;BYDAY=-?[0-9]{0,2}(MO|SU|FR))?(;BYMONTHDAY=-?[0-9]{1,2})?(;BYSETPOS=-?[0-9]{1,3})?(;UNTIL=[0-9]{8}T000000Z)?",
            "\\PC{0,20}",
        ];
        (name, value).prop_map(|(name, value)| format!("{name}{value}\r\n"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(192))]

        #[test]
        fn any_file_gives_times_in_order_within_what_was_asked_or_is_refused(
            lines in prop::collection::vec(line(), 0..30),
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            whole in any::<bool>(),
        ) {
            let (head, foot) = if whole { ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n") } else { ("", "") };
            let mut text = format!("{head}{}{foot}", lines.concat()).into_bytes();
            text.extend(bytes);
            let (from, until) = (day(2026, 3, 9), day(2027, 4, 6));
            if let Ok(busy) = busy(&text, &zone(), from, until) {
                prop_assert!(busy.spans.iter().all(|span| from <= span.start() && span.end() <= until));
                prop_assert!(busy.spans.windows(2).all(|pair| pair[0].end() < pair[1].start()));
            }
        }

        #[test]
        fn every_repetition_of_a_week_is_there_whatever_the_clock_does(
            hour in 0_i64..24,
            weeks in 1_i64..60,
            zone in prop::sample::select(vec!["America/Mexico_City", "America/Tijuana", "America/Ciudad_Juarez", "America/Matamoros"]),
        ) {
            let local = TimeZone::get(zone).unwrap();
            let event = format!("DTSTART;TZID={zone}:20260105T{hour:02}0000\nDURATION:PT15M\nRRULE:FREQ=WEEKLY;COUNT={weeks}");
            let (from, until) = (day(2026, 1, 1), day(2028, 1, 1));
            let busy = busy(calendar(&[&event]).as_bytes(), &local, from, until).unwrap();
            let expected: Vec<Timestamp> = (0..weeks)
                .map(|week| {
                    let day = date(2026, 1, 5).checked_add(jiff::Span::new().days(7 * week)).unwrap();
                    local.to_ambiguous_timestamp(day.at(i8::try_from(hour).unwrap(), 0, 0, 0)).compatible().unwrap()
                })
                .collect();
            prop_assert_eq!(busy.spans.iter().map(|span| span.start()).collect::<Vec<_>>(), expected);
            prop_assert!(busy.spans.iter().all(|span| span.end().duration_since(span.start()) == SignedDuration::from_mins(15)));
        }
    }
}
