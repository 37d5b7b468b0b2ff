//! Free times: consulting hours minus what is booked or closed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{GRAIN_MINUTES, Shift, Span};
use crate::business_days::BusinessDays;
use crate::ids::{PractitionerId, RoomId, ServiceId};

/// A time that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FreeSlot {
    /// When it begins.
    pub starts_at: Timestamp,
    /// With whom.
    pub practitioner_id: PractitionerId,
    /// Where.
    pub room_id: RoomId,
    /// Its length.
    pub minutes: u16,
}

/// What is to be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Which service; `None` for one that is in no list.
    pub service: Option<ServiceId>,
    /// Its length.
    pub minutes: u16,
    /// Minutes kept free after it.
    pub buffer: u16,
}

impl Wanted {
    fn length(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.minutes))
    }

    /// The time it takes from the diary when it begins then.
    #[must_use]
    pub fn block(self, start: Timestamp) -> Option<Span> {
        let whole = self.length() + SignedDuration::from_mins(i64::from(self.buffer));
        Span::new(start, start.checked_add(whole).ok()?)
    }
}

/// A visit as the diary sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// From when until when, with the minutes kept free after it.
    pub span: Span,
    /// In which line of the diary.
    pub lane: u8,
}

/// All that decides when one professional is free.
#[derive(Debug, Clone)]
pub struct Diary<'a> {
    /// Whose.
    pub practitioner: PractitionerId,
    /// Their hours, each with the zone of its room.
    pub shifts: Vec<(&'a Shift, &'a TimeZone)>,
    /// When they are not there.
    pub closed: Vec<Span>,
    /// What is booked.
    pub taken: Vec<Taken>,
    /// The days on which the practice rests.
    pub rest: &'a BusinessDays,
}

/// Why a time cannot be booked as it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Another visit is there.
    Taken,
    /// The professional is not there then.
    Closed,
    /// No consulting hours then, or not for this service.
    OutsideHours,
    /// As many visits as the hours allow are there already.
    Full,
}

impl<'a> Diary<'a> {
    /// The consulting hours that touch a period, in order.
    fn windows(&self, period: Span) -> Vec<(Span, &'a Shift)> {
        let mut windows: Vec<(Span, &Shift)> = Vec::new();
        for (shift, zone) in &self.shifts {
            let first = zone.to_datetime(period.start()).date();
            let last = zone.to_datetime(period.end()).date();
            let mut day: Date = first;
            while day <= last {
                let open = shift.on(day, self.rest, zone).filter(|span| span.overlaps(period));
                windows.extend(open.map(|span| (span, *shift)));
                let Ok(next) = day.tomorrow() else { break };
                day = next;
            }
        }
        windows.sort_by_key(|(span, _)| *span);
        windows
    }

    /// The free times that begin in a period, in order, at most `limit`.
    #[must_use]
    pub fn free(&self, period: Span, wanted: Wanted, limit: usize) -> Vec<FreeSlot> {
        self.slots(period, limit, |_| wanted)
    }

    /// What is free in a period as a person sees it: each beginning the hours have, as long as their step.
    #[must_use]
    pub fn gaps(&self, period: Span) -> Vec<FreeSlot> {
        self.slots(period, usize::MAX, |shift| Wanted { service: None, minutes: shift.step, buffer: 0 })
    }

    fn slots(&self, period: Span, limit: usize, wanted: impl Fn(&Shift) -> Wanted) -> Vec<FreeSlot> {
        let mut busy = self.closed.clone();
        busy.extend(self.taken.iter().filter(|taken| taken.lane == 0).map(|taken| taken.span));
        busy.sort_unstable();
        let mut free: Vec<FreeSlot> = Vec::new();
        for (window, shift) in self.windows(period) {
            let wanted = wanted(shift);
            if !serves(shift, wanted) {
                continue;
            }
            // Closed times may hold others, so the first that matters is found by its end.
            let near: Vec<Span> = busy.iter().copied().filter(|span| span.overlaps(widen(window))).collect();
            let step = SignedDuration::from_mins(i64::from(shift.step.max(5)));
            let mut start = window.start();
            while start < period.end() && free.len() < limit {
                let Some(block) = wanted.block(start).filter(|_| start + wanted.length() <= window.end())
                else {
                    break;
                };
                let hit = near.iter().find(|span| span.overlaps(block));
                let after_last = free.last().is_none_or(|last| last.starts_at < start);
                if hit.is_none() && start >= period.start() && after_last {
                    free.push(FreeSlot {
                        starts_at: start,
                        practitioner_id: self.practitioner,
                        room_id: shift.room_id,
                        minutes: wanted.minutes,
                    });
                }
                start += step;
            }
        }
        free
    }

    /// The room and line in which a visit that begins then can be put without touching anything.
    ///
    /// # Errors
    /// [`Refusal`] says what is in the way.
    pub fn place(&self, start: Timestamp, wanted: Wanted) -> Result<RoomId, Refusal> {
        let block = wanted.block(start).ok_or(Refusal::OutsideHours)?;
        let shift = self.shift_of(start, wanted).ok_or(Refusal::OutsideHours)?;
        if self.closed.iter().any(|closed| closed.overlaps(block)) {
            return Err(Refusal::Closed);
        }
        if self.taken.iter().any(|taken| taken.lane == 0 && taken.span.overlaps(block)) {
            return Err(Refusal::Taken);
        }
        Ok(shift.room_id)
    }

    /// The room, if there is one, and the line in which a person may put a visit all the same: over others as far as the hours allow it,
    /// or outside of the hours where nothing is booked.
    ///
    /// # Errors
    /// [`Refusal::Full`] or [`Refusal::Taken`].
    pub fn place_extra(&self, start: Timestamp, wanted: Wanted) -> Result<(Option<RoomId>, u8), Refusal> {
        let block = wanted.block(start).ok_or(Refusal::OutsideHours)?;
        let shift = self.shift_of(start, Wanted { service: None, ..wanted });
        let lanes = shift.map_or(0, |shift| shift.overbook);
        let free =
            |lane: &u8| !self.taken.iter().any(|taken| taken.lane == *lane && taken.span.overlaps(block));
        match (0..=lanes).find(free) {
            Some(lane) => Ok((shift.map(|shift| shift.room_id), lane)),
            None if lanes > 0 => Err(Refusal::Full),
            None => Err(Refusal::Taken),
        }
    }

    /// The hours a visit lies in.
    fn shift_of(&self, start: Timestamp, wanted: Wanted) -> Option<&'a Shift> {
        let visit = Span::new(start, start.checked_add(wanted.length()).ok()?)?;
        let fits = |(window, shift): &(Span, &Shift)| {
            window.start() <= visit.start() && visit.end() <= window.end() && serves(shift, wanted)
        };
        self.windows(visit).into_iter().find(fits).map(|(_, shift)| shift)
    }
}

fn serves(shift: &Shift, wanted: Wanted) -> bool {
    shift.services.is_empty() || wanted.service.is_none_or(|service| shift.services.contains(&service))
}

/// A window with the longest time kept free after its last visit.
fn widen(window: Span) -> Span {
    let end = window.end() + SignedDuration::from_hours(8);
    Span::new(window.start(), end).unwrap_or(window)
}

/// Whether an instant is on the grid of the diary.
#[must_use]
pub fn on_grid(at: Timestamp) -> bool {
    at.as_second() % (GRAIN_MINUTES * 60) == 0 && at.subsec_nanosecond() == 0
}

/// The pieces of the diary a span touches: first and last, counted from 1970.
#[must_use]
pub fn grains(span: Span) -> (i64, i64) {
    let length = GRAIN_MINUTES * 60_000;
    let last = span.end().as_millisecond() - 1;
    (span.start().as_millisecond().div_euclid(length), last.div_euclid(length))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date, time};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::ids::ShiftId;
    use crate::schedule::{Repeats, Weekdays};

    const ZONES: [&str; 7] = [
        "America/Mexico_City",
        "America/Tijuana",
        "America/Ciudad_Juarez",
        "America/Ojinaga",
        "America/Matamoros",
        "America/Hermosillo",
        "America/Cancun",
    ];

    fn shift(from: i8, until: i8, step: u16, repeats: Repeats) -> Shift {
        Shift {
            id: ShiftId(Uuid::nil()),
            practitioner_id: PractitionerId(Uuid::nil()),
            room_id: RoomId(Uuid::nil()),
            from: time(from, 0, 0, 0),
            until: time(until, 0, 0, 0),
            repeats,
            step,
            overbook: 1,
            services: Vec::new(),
        }
    }

    fn span(start: &str, minutes: i64) -> Span {
        let start: Timestamp = start.parse().unwrap();
        Span::new(start, start + SignedDuration::from_mins(minutes)).unwrap()
    }

    fn wanted(minutes: u16, buffer: u16) -> Wanted {
        Wanted { service: None, minutes, buffer }
    }

    fn diary<'a>(shift: &'a Shift, zone: &'a TimeZone, rest: &'a BusinessDays, taken: &[Span]) -> Diary<'a> {
        Diary {
            practitioner: PractitionerId(Uuid::nil()),
            shifts: vec![(shift, zone)],
            closed: Vec::new(),
            taken: taken.iter().map(|span| Taken { span: *span, lane: 0 }).collect(),
            rest,
        }
    }

    #[test]
    fn free_times_go_around_visits_and_keep_what_must_stay_free_after_them() {
        let (zone, rest) = (TimeZone::get("America/Mexico_City").unwrap(), BusinessDays::default());
        let hours = shift(9, 12, 30, Repeats::Once(date(2026, 3, 10)));
        // 9:30 to 10:00.
        let diary = diary(&hours, &zone, &rest, &[span("2026-03-10T15:30:00Z", 30)]);
        let day = span("2026-03-10T06:00:00Z", 1440);
        let starts = |wanted| -> Vec<String> {
            let free = diary.free(day, wanted, 99);
            free.iter()
                .map(|slot| zone.to_datetime(slot.starts_at).time().strftime("%H:%M").to_string())
                .collect()
        };
        assert_eq!(starts(wanted(30, 0)), ["09:00", "10:00", "10:30", "11:00", "11:30"]);
        assert_eq!(starts(wanted(30, 10)), ["10:00", "10:30", "11:00", "11:30"]);
        assert_eq!(starts(wanted(90, 0)), ["10:00", "10:30"]);
    }

    #[test]
    fn a_person_may_put_one_more_over_a_visit_as_far_as_the_hours_allow() {
        let (zone, rest) = (TimeZone::get("America/Mexico_City").unwrap(), BusinessDays::default());
        let hours = shift(9, 12, 30, Repeats::Once(date(2026, 3, 10)));
        let visit = span("2026-03-10T15:30:00Z", 30);
        let mut diary = diary(&hours, &zone, &rest, &[visit]);
        assert_eq!(diary.place(visit.start(), wanted(30, 0)), Err(Refusal::Taken));
        assert_eq!(diary.place_extra(visit.start(), wanted(30, 0)), Ok((Some(hours.room_id), 1)));
        diary.taken.push(Taken { span: visit, lane: 1 });
        assert_eq!(diary.place_extra(visit.start(), wanted(30, 0)), Err(Refusal::Full));
        let evening = span("2026-03-11T01:00:00Z", 30).start();
        assert_eq!(diary.place(evening, wanted(30, 0)), Err(Refusal::OutsideHours));
        assert_eq!(diary.place_extra(evening, wanted(30, 0)), Ok((None, 0)));
    }

    /// Days of ten years: any, those around the end of a month, and those around the two on which the border turns its clocks.
    fn day_of_note() -> impl Strategy<Value = Date> {
        (2024_i16..2034, 1_i8..=12, 1_i8..=28, -2_i32..=2, 0_u8..3).prop_map(
            |(year, month, day, near, kind)| {
                let sunday =
                    |month, nth| date(year, month, 1).nth_weekday_of_month(nth, Weekday::Sunday).unwrap();
                let (days, to) = match kind {
                    0 => (0, date(year, month, day)),
                    1 => (near, date(year, month, 1).last_of_month()),
                    _ if month <= 6 => (near / 2, sunday(3, 2)),
                    _ => (near / 2, sunday(11, 1)),
                };
                to.checked_add(jiff::Span::new().days(days)).unwrap()
            },
        )
    }

    proptest! {
        #[test]
        fn no_free_time_touches_a_visit_and_each_lies_in_the_hours_of_the_wall_clock(
            zone in prop::sample::select(&ZONES[..]),
            // Around both changes of clock, the end of months and of the year.
            start in prop::sample::select(vec![date(2026, 3, 5), date(2026, 10, 28), date(2026, 12, 28), date(2028, 2, 27)]),
            from in 0_i8..20,
            hours in 1_i8..4,
            step in prop::sample::select(vec![5_u16, 15, 20, 30]),
            minutes in (1_u16..12).prop_map(|fives| fives * 5),
            buffer in (0_u16..4).prop_map(|fives| fives * 5),
            visits in prop::collection::vec((0_i64..2_000, 1_i64..24), 0..40),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let rest = BusinessDays::default();
            let repeats = Repeats::Weekly { days: Weekdays::from_bits(127).unwrap(), every: 1, since: start, until: None };
            let hours = shift(from, from + hours, step, repeats);
            let midnight = zone.to_timestamp(start.to_datetime(time(0, 0, 0, 0))).unwrap();
            let at = |fives: i64| midnight + SignedDuration::from_mins(fives * 5);
            let taken: Vec<Span> =
                visits.iter().map(|(fives, length)| Span::new(at(*fives), at(fives + length)).unwrap()).collect();
            let period = Span::new(midnight, midnight + SignedDuration::from_hours(24 * 7)).unwrap();
            let wanted = wanted(minutes, buffer);
            let diary = diary(&hours, &zone, &rest, &taken);
            let free = diary.free(period, wanted, usize::MAX);
            for slot in &free {
                let block = wanted.block(slot.starts_at).unwrap();
                prop_assert!(taken.iter().all(|visit| !visit.overlaps(block)));
                let local = zone.to_datetime(slot.starts_at);
                // As instants: where the clock jumps from two to three, hours until two end at three.
                let closes = zone.to_timestamp(local.date().to_datetime(hours.until)).unwrap();
                prop_assert!(local.time() >= hours.from);
                prop_assert!(slot.starts_at + wanted.length() <= closes, "{local} {closes}");
                prop_assert!(!rest.rests(local.date()));
                prop_assert!(on_grid(slot.starts_at));
                prop_assert_eq!(diary.place(slot.starts_at, wanted), Ok(hours.room_id));
            }
            prop_assert!(free.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at));
            for gap in diary.gaps(period) {
                let block = Span::new(gap.starts_at, gap.starts_at + SignedDuration::from_mins(i64::from(step)));
                prop_assert!(taken.iter().all(|visit| !visit.overlaps(block.unwrap())));
            }
        }

        #[test]
        fn hours_begin_and_end_on_the_wall_clock_of_their_place_on_every_day_of_ten_years(
            zone in prop::sample::select(&ZONES[..]),
            day in day_of_note(),
            from in 0_i8..23,
            hours in 1_i8..24,
        ) {
            let until = (from + hours).min(23);
            prop_assume!(from < until);
            let tz = TimeZone::get(zone).unwrap();
            let span = shift(from, until, 30, Repeats::Once(day)).on(day, &BusinessDays::default(), &tz);
            let wall = |hour| day.at(hour, 0, 0, 0);
            let usual = |hour| !tz.to_ambiguous_timestamp(wall(hour)).is_ambiguous();
            if usual(from) && usual(until) {
                let span = span.unwrap();
                prop_assert_eq!(tz.to_datetime(span.start()), wall(from), "{}", zone);
                prop_assert_eq!(tz.to_datetime(span.end()), wall(until), "{}", zone);
                // As long as the clock shows, less what it was put forward meanwhile.
                let jump = tz.to_offset(span.end()).duration_since(tz.to_offset(span.start()));
                let shown = SignedDuration::from_hours(i64::from(until - from));
                prop_assert_eq!(span.end().duration_since(span.start()), shown - jump);
            } else if let Some(span) = span {
                // The clock jumps over an end of them, or strikes it twice: they are of that day all the same.
                prop_assert_eq!(tz.to_datetime(span.start()).date(), day);
                prop_assert_eq!(tz.to_datetime(span.end()).date(), day);
            }
        }

        #[test]
        fn spans_touch_exactly_when_their_pieces_of_the_diary_do(a in 0_i64..500, n in 1_i64..50, b in 0_i64..500, m in 1_i64..50) {
            let at = |fives: i64| Timestamp::from_second(1_770_000_000 / 300 * 300 + fives * 300).unwrap();
            let (one, other) = (Span::new(at(a), at(a + n)).unwrap(), Span::new(at(b), at(b + m)).unwrap());
            let ((first, last), (begin, end)) = (grains(one), grains(other));
            prop_assert_eq!(one.overlaps(other), first <= end && begin <= last);
        }
    }
}
