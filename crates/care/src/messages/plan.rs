//! What is due to be said of a visit, and until when it is true: pure rules about hours.

use clinical::encounter::CancelReason;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use messaging::letter::{Message, Visit};

/// Nobody is written to before.
const MORNING: Time = Time::constant(8, 0, 0, 0);
/// Nobody is written to from then on.
const NIGHT: Time = Time::constant(21, 0, 0, 0);
/// By then who is to be reminded the day before is, however late their visit.
const EVENING: Time = Time::constant(20, 0, 0, 0);
/// Between two messages about one visit that nobody asked for.
pub(super) const PAUSE: SignedDuration = SignedDuration::from_hours(12);

/// Why a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A visit was booked.
    Booked,
    /// It is at another time.
    Moved,
    /// It was given up.
    Cancelled,
    /// It was said to be given up, and stands.
    Undone,
    /// A freed time is offered.
    Offered,
    /// Three days before.
    ThreeDays,
    /// The day before.
    DayBefore,
    /// The same day, if nobody said whether they come.
    SameDay,
    /// An answer to what somebody wrote.
    Reply,
}

impl Purpose {
    const ALL: [Self; 9] = [
        Self::Booked,
        Self::Moved,
        Self::Cancelled,
        Self::Undone,
        Self::Offered,
        Self::ThreeDays,
        Self::DayBefore,
        Self::SameDay,
        Self::Reply,
    ];
    /// The reminders, in the order they come.
    pub(super) const REMINDERS: [Self; 3] = [Self::ThreeDays, Self::DayBefore, Self::SameDay];

    /// Stored word. An offered time is told instead of a booked one, and is stored as it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
            Self::Offered => "offered",
            Self::ThreeDays => "three_days",
            Self::DayBefore => "day_before",
            Self::SameDay => "same_day",
            Self::Reply => "reply",
        }
    }

    /// Reads [`Purpose::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Booked => "Cita agendada",
            Self::Moved => "Cambio de horario",
            Self::Cancelled => "Cita cancelada",
            Self::Undone => "Cita que sigue en pie",
            Self::Offered => "Lugar disponible",
            Self::ThreeDays => "Recordatorio de 3 días",
            Self::DayBefore => "Recordatorio de un día antes",
            Self::SameDay => "Recordatorio del mismo día",
            Self::Reply => "Respuesta",
        }
    }

    /// Whether a second copy does less harm than none, where nobody knows whether the first was taken: only of reminders and
    /// of a booked visit, never of a cancellation or an offer.
    pub(super) fn may_be_doubled(self) -> bool {
        matches!(self, Self::Booked | Self::ThreeDays | Self::DayBefore | Self::SameDay)
    }

    /// Whether somebody is called by telephone where nothing can be sent: not to be told what they were told when they booked,
    /// nor three days and one day before.
    pub(super) fn needs_a_call(self) -> bool {
        !matches!(self, Self::Booked | Self::ThreeDays)
    }

    pub(super) fn message(self, visit: Visit) -> Message {
        match self {
            Self::Booked => Message::Booked(visit),
            Self::Moved => Message::Moved(visit),
            Self::Cancelled => Message::Cancelled(visit),
            Self::Undone => Message::Stands(visit),
            Self::Offered => Message::SlotOffered(visit),
            Self::ThreeDays => Message::ThreeDays(visit),
            Self::DayBefore => Message::DayBefore(visit),
            Self::SameDay => Message::SameDay(visit),
            Self::Reply => Message::Standing(visit),
        }
    }

    /// Between which hours the visits begin that a reminder may be due for now, so that no more of them are looked at.
    pub(super) fn starts(self, now: Timestamp, zone: &TimeZone) -> (Timestamp, Timestamp) {
        let after = |hours| now + SignedDuration::from_hours(hours);
        let tomorrow = zone.to_datetime(now).date().tomorrow().map(|day| day.to_datetime(Time::midnight()));
        match self {
            Self::ThreeDays => (after(48), after(73)),
            // From 20:00 on it is due for the last minute of a day that may have 25 hours.
            Self::DayBefore => (tomorrow.and_then(|day| zone.to_timestamp(day)).unwrap_or(now), after(29)),
            _ => (now, after(7)),
        }
    }

    /// From when to when a reminder is due for a visit at `starts`: `None` for what is no reminder.
    pub(super) fn due(self, starts: Timestamp, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let (day, hour) = (zone.to_datetime(starts).date(), zone.to_datetime(starts).time());
        let at = |days: i64, time: Time| {
            let day = day.checked_sub(days.days()).ok()?;
            zone.to_timestamp(day.to_datetime(time)).ok()
        };
        let before = |hours| starts - SignedDuration::from_hours(hours);
        match self {
            Self::ThreeDays => Some((before(72), before(48))),
            // It says "mañana": so not after the day is over.
            Self::DayBefore => Some((at(1, hour.clamp(MORNING, EVENING))?, at(1, NIGHT)?)),
            // It says "hoy", and there must be time to come.
            Self::SameDay => Some((at(0, MORNING)?.max(before(6)), before(1))),
            _ => None,
        }
    }
}

/// How a given up visit is told: with thanks to who let the practice know, with an apology where the practice gave it up. What
/// no step gives a reason for is the practice's to apologise for.
pub(super) fn given_up(why: Option<CancelReason>, visit: Visit) -> Message {
    match why {
        Some(CancelReason::PatientAsked) => Message::Cancelled(visit),
        Some(CancelReason::Mistake) => Message::BookedByMistake(visit),
        Some(CancelReason::OfferExpired | CancelReason::OfferTakenBack) => Message::OfferEnded(visit),
        Some(CancelReason::ProfessionalAway) | None => Message::CalledOff(visit),
    }
}

/// Whether nobody is written to who did not just write: from nine at night to eight in the morning.
pub(super) fn is_quiet(now: Timestamp, zone: &TimeZone) -> bool {
    let time = zone.to_datetime(now).time();
    time < MORNING || time >= NIGHT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        crate::zone("America/Mexico_City")
    }

    fn at(text: &str) -> Timestamp {
        let civil: jiff::civil::DateTime = text.parse().unwrap_or_default();
        zone().to_timestamp(civil).unwrap_or_default()
    }

    #[test]
    fn nobody_is_written_to_at_night() {
        for (when, quiet) in [
            ("2026-11-24T07:59", true),
            ("2026-11-24T08:00", false),
            ("2026-11-24T20:59", false),
            ("2026-11-24T21:00", true),
            ("2026-11-24T03:00", true),
        ] {
            assert_eq!(is_quiet(at(when), &zone()), quiet, "{when}");
        }
    }

    #[test]
    fn a_reminder_is_due_while_it_is_true() {
        let early = at("2026-11-24T08:00");
        assert_eq!(
            Purpose::DayBefore.due(early, &zone()),
            Some((at("2026-11-23T08:00"), at("2026-11-23T21:00")))
        );
        let evening = at("2026-11-24T20:30");
        assert_eq!(
            Purpose::DayBefore.due(evening, &zone()),
            Some((at("2026-11-23T20:00"), at("2026-11-23T21:00")))
        );
        assert_eq!(
            Purpose::SameDay.due(evening, &zone()),
            Some((at("2026-11-24T14:30"), at("2026-11-24T19:30")))
        );
        let (from, until) = Purpose::SameDay.due(early, &zone()).unwrap_or_default();
        assert!(from > until, "who comes first in the morning is not written to before eight");
        assert_eq!(Purpose::Booked.due(early, &zone()), None);
    }

    #[test]
    fn in_every_zone_each_day_of_three_years_has_its_reminders_the_day_before_and_by_day() {
        let zones = [
            "America/Mexico_City",
            "America/Tijuana",
            "America/Ciudad_Juarez",
            "America/Ojinaga",
            "America/Matamoros",
            "America/Hermosillo",
            "America/Cancun",
        ];
        let days = jiff::civil::date(2026, 1, 1).series(1.day()).take(3 * 365);
        for (zone, day) in zones.into_iter().flat_map(|zone| days.clone().map(move |day| (zone, day))) {
            let zone = crate::zone(zone);
            for (hour, minute) in [(7, 0), (8, 0), (12, 30), (16, 0), (20, 0), (23, 55)] {
                let starts = zone.to_timestamp(day.at(hour, minute, 0, 0)).unwrap_or_default();
                let (from, until) = Purpose::DayBefore.due(starts, &zone).unwrap_or_default();
                let yesterday = day.yesterday().unwrap_or_default();
                assert_eq!(zone.to_datetime(from).date(), yesterday);
                assert_eq!(zone.to_datetime(until).date(), yesterday);
                assert!(until - from >= SignedDuration::from_hours(1), "{starts} in {zone:?}");
                assert!(!is_quiet(from, &zone));
                let said = zone.to_datetime(from).time();
                assert!(said == zone.to_datetime(starts).time() || said == MORNING || said == EVENING);
                for reminder in Purpose::REMINDERS {
                    let (from, until) = reminder.due(starts, &zone).unwrap_or_default();
                    let last = until - SignedDuration::from_secs(1);
                    for now in [from, last].into_iter().filter(|now| (from..until).contains(now)) {
                        let (soonest, latest) = reminder.starts(now, &zone);
                        assert!((soonest..latest).contains(&starts), "{reminder:?} of {starts} at {now}");
                    }
                }
            }
        }
    }
}
