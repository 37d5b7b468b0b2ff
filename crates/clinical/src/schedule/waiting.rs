//! The waiting list: whom a freed time is offered to, and until when the offer stands.
//!
//! The rule, as the page says it: who has waited longest goes first, among those whom the time suits (professional, length,
//! days and part of the day). The time is kept for them a while and then goes to the next. Nothing is offered that begins
//! in less than two hours, and the night does not count.

use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::slots::FreeSlot;
use crate::ids::{PatientId, PractitionerId, ServiceId, WaitingId};

/// How long a time is kept for who was offered it.
pub const KEPT: SignedDuration = SignedDuration::from_hours(3);
/// The shortest notice with which a time is still offered.
pub const NOTICE: SignedDuration = SignedDuration::from_hours(2);

/// Which part of the day suits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayPart {
    /// Any.
    Any,
    /// Before 13:00.
    Morning,
    /// From 13:00 on.
    Afternoon,
}

impl DayPart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Any, Self::Morning, Self::Afternoon];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
        }
    }

    /// Reads [`DayPart::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Any => "A cualquier hora",
            Self::Morning => "Por la mañana",
            Self::Afternoon => "Por la tarde",
        }
    }
}

/// Somebody who would come sooner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEntry {
    /// Identifies it.
    pub id: WaitingId,
    /// Who.
    pub patient_id: PatientId,
    /// With whom; `None` for anybody.
    pub practitioner_id: Option<PractitionerId>,
    /// What for.
    pub service_id: ServiceId,
    /// First day that suits.
    pub from: Date,
    /// Last day that suits.
    pub until: Date,
    /// Which part of the day.
    pub part: DayPart,
    /// Since when they wait.
    pub joined_at: Timestamp,
}

impl WaitingEntry {
    /// Whether a freed time suits somebody who needs so many minutes.
    #[must_use]
    pub fn suits(&self, slot: &FreeSlot, minutes: u16, zone: &TimeZone) -> bool {
        let local = zone.to_datetime(slot.starts_at);
        let noon = time(13, 0, 0, 0);
        let part = match self.part {
            DayPart::Any => true,
            DayPart::Morning => local.time() < noon,
            DayPart::Afternoon => local.time() >= noon,
        };
        let with = self.practitioner_id.is_none_or(|id| id == slot.practitioner_id);
        part && with && minutes <= slot.minutes && (self.from..=self.until).contains(&local.date())
    }
}

/// Until when a time that is free now is kept for who is offered it; `None` when it begins too soon.
///
/// Between 20:00 and 08:00 nobody answers: the while begins in the morning.
#[must_use]
pub fn kept_until(now: Timestamp, starts_at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let local = zone.to_datetime(now);
    let (morning, evening) = (time(8, 0, 0, 0), time(20, 0, 0, 0));
    let day = if local.time() >= evening { local.date().tomorrow().ok()? } else { local.date() };
    let asked = if local.time() < morning || local.time() >= evening {
        zone.to_timestamp(day.to_datetime(morning)).ok()?
    } else {
        now
    };
    let latest = starts_at.checked_sub(NOTICE / 2).ok()?;
    // What is left of the while at 20:00 goes on in the morning.
    let asked_on = zone.to_datetime(asked).date();
    let night = zone.to_timestamp(asked_on.to_datetime(evening)).ok()?;
    let next = zone.to_timestamp(asked_on.tomorrow().ok()?.to_datetime(morning)).ok()?;
    let end = asked.checked_add(KEPT).ok()?;
    let end = if end > night { next.checked_add(end.duration_since(night)).ok()? } else { end };
    (asked.checked_add(NOTICE).ok()? <= starts_at).then(|| end.min(latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_stands_three_hours_less_when_the_visit_is_near_and_not_at_night() {
        let zone = TimeZone::get("America/Mexico_City").unwrap();
        let at = |text: &str| -> Timestamp { format!("2026-03-{text}:00-06:00").parse().unwrap() };
        let check = |now: &str, starts: &str, until: Option<&str>| {
            assert_eq!(kept_until(at(now), at(starts), &zone), until.map(at), "{now} {starts}");
        };
        check("10T10:00", "11T09:00", Some("10T13:00"));
        check("10T10:00", "10T12:30", Some("10T11:30"));
        check("10T10:00", "10T11:30", None);
        check("10T22:00", "11T17:00", Some("11T11:00"));
        check("10T19:10", "12T09:00", Some("11T10:10"));
        check("10T22:00", "11T09:00", None);
    }

    #[test]
    fn a_freed_time_suits_who_asked_for_that_part_of_the_day_professional_length_and_days() {
        use crate::ids::{PatientId, PractitionerId, RoomId, ServiceId, WaitingId};
        use jiff::civil::date;
        use uuid::Uuid;

        let zone = TimeZone::get("America/Mexico_City").unwrap();
        let own = PractitionerId(Uuid::from_u128(1));
        let slot = |text: &str| FreeSlot {
            starts_at: format!("2026-03-{text}:00-06:00").parse().unwrap(),
            practitioner_id: own,
            room_id: RoomId(Uuid::nil()),
            minutes: 30,
        };
        let waits = |part| WaitingEntry {
            id: WaitingId(Uuid::nil()),
            patient_id: PatientId(Uuid::nil()),
            practitioner_id: None,
            service_id: ServiceId(Uuid::nil()),
            from: date(2026, 3, 10),
            until: date(2026, 3, 12),
            part,
            joined_at: Timestamp::UNIX_EPOCH,
        };
        for (text, morning, afternoon) in [
            ("10T09:00", true, false),
            ("10T12:55", true, false),
            ("10T13:00", false, true),
            ("12T18:00", false, true),
        ] {
            assert!(waits(DayPart::Any).suits(&slot(text), 30, &zone), "{text}");
            assert_eq!(waits(DayPart::Morning).suits(&slot(text), 30, &zone), morning, "{text}");
            assert_eq!(waits(DayPart::Afternoon).suits(&slot(text), 30, &zone), afternoon, "{text}");
        }
        for (text, minutes) in [("09T09:00", 30), ("13T09:00", 30), ("11T09:00", 35)] {
            assert!(!waits(DayPart::Any).suits(&slot(text), minutes, &zone), "{text} {minutes}");
        }
        for (with, suits) in [(own, true), (PractitionerId(Uuid::nil()), false)] {
            let entry = WaitingEntry { practitioner_id: Some(with), ..waits(DayPart::Any) };
            assert_eq!(entry.suits(&slot("11T09:00"), 30, &zone), suits);
        }
    }
}
