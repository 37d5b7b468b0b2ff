//! The agenda as rules: when a professional sees patients, what time is free, whom a freed time is offered to, and how
//! likely somebody is to miss a visit.
//!
//! Hours repeat by a small closed set (weekdays, every so many weeks or the first and third of a month, from a day until a day, or
//! one day only) instead of the whole of RFC 5545: it is all that the consulting hours of a practice need, and each case can be said in one sentence.
//! Times of the diary are whole fives of minutes. Hours are those of the wall clock of the room's time zone, also on the
//! days when it jumps.

pub mod attendance;
pub mod shown;
pub mod slots;
pub mod waiting;

use std::fmt;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::business_days::BusinessDays;
use crate::ids::{ClosureId, PractitionerId, RoomId, ServiceId, ShiftId};

/// Minutes of the smallest piece of the diary.
pub const GRAIN_MINUTES: i64 = 5;
/// Longest visit, in minutes.
pub const LONGEST: u16 = 480;
/// Highest line of the diary by overbooking.
pub const MOST_OVERBOOKED: u8 = 3;

/// A time from an instant until a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: Timestamp,
    end: Timestamp,
}

impl Span {
    /// The span; `None` when it does not begin before it ends.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// When it begins.
    #[must_use]
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// When it is over.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.end
    }

    /// Whether both share some time; one that begins where the other ends does not.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// What is booked, never why: "Primera vez", "Control".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Identifies it.
    pub id: ServiceId,
    /// As patients know it.
    pub name: String,
    /// Length in minutes, a multiple of five up to [`LONGEST`].
    pub minutes: u16,
    /// Minutes kept free after it.
    pub buffer: u16,
    /// Whether it can be booked now.
    pub active: bool,
}

/// Where patients are seen: a room of a place, or a video room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Identifies it.
    pub id: RoomId,
    /// "Consultorio 2", "Sede Reynosa".
    pub name: String,
    /// IANA time zone where it is not that of the establishment.
    pub zone: Option<String>,
    /// Address of a video visit, as text: nothing is opened here.
    pub video_link: Option<String>,
    /// Whether it can be used now.
    pub active: bool,
}

/// Weekdays, at least one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// The set; `None` for an empty one.
    #[must_use]
    pub fn new(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let bits = days.into_iter().fold(0, |bits, day| bits | Self::bit(day));
        Self::from_bits(bits)
    }

    fn bit(day: Weekday) -> u8 {
        1 << day.to_monday_zero_offset()
    }

    /// As stored: Monday is 1, Sunday 64.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Reads [`Weekdays::bits`].
    #[must_use]
    pub fn from_bits(bits: u8) -> Option<Self> {
        (1..128).contains(&bits).then_some(Self(bits))
    }

    /// Whether the day is one of them.
    #[must_use]
    pub fn has(self, day: Weekday) -> bool {
        self.0 & Self::bit(day) != 0
    }
}

impl fmt::Debug for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Weekdays({:07b})", self.0)
    }
}

/// Which of the days of one name a month has: the first to the fourth, and the last. At least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MonthPlaces(u8);

impl MonthPlaces {
    /// The last of a month, whether it has four or five.
    pub const LAST: u8 = 5;

    /// The set of places from 1 to [`MonthPlaces::LAST`]; `None` for an empty one or any other number.
    #[must_use]
    pub fn new(places: impl IntoIterator<Item = u8>) -> Option<Self> {
        let mut bits = 0;
        for place in places {
            bits |= (1..=Self::LAST).contains(&place).then(|| 1_u8 << (place - 1))?;
        }
        Self::from_bits(bits)
    }

    /// As stored: the first is 1, the last 16.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Reads [`MonthPlaces::bits`].
    #[must_use]
    pub fn from_bits(bits: u8) -> Option<Self> {
        (1..32).contains(&bits).then_some(Self(bits))
    }

    /// Whether a place is one of them.
    #[must_use]
    pub fn has(self, place: u8) -> bool {
        (1..=Self::LAST).contains(&place) && self.0 & (1 << (place - 1)) != 0
    }

    /// Whether a day stands at one of these places in its month.
    fn holds(self, day: Date) -> bool {
        let from_start = u8::try_from((day.day() - 1) / 7 + 1).unwrap_or_default();
        let last = day.days_in_month() - day.day() < 7;
        (from_start < Self::LAST && self.has(from_start)) || (last && self.has(Self::LAST))
    }
}

/// On which days hours are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// On weekdays of every so many weeks.
    Weekly {
        /// Which.
        days: Weekdays,
        /// 1 for each week, 2 for every other, at most 8; counted from the week of `since`.
        every: u8,
        /// First day.
        since: Date,
        /// Last day.
        until: Option<Date>,
    },
    /// On some of the weekdays of each month: "el primer y el tercer sábado".
    Monthly {
        /// Which weekdays.
        days: Weekdays,
        /// Which of them.
        places: MonthPlaces,
        /// First day.
        since: Date,
        /// Last day.
        until: Option<Date>,
    },
    /// On one day only, also when the practice rests: an extra day.
    Once(Date),
}

impl Repeats {
    /// Whether hours are kept that day, rest days aside.
    #[must_use]
    pub fn on(self, day: Date) -> bool {
        match self {
            Self::Once(only) => day == only,
            Self::Monthly { days, places, since, until } => {
                day >= since
                    && until.is_none_or(|last| day <= last)
                    && days.has(day.weekday())
                    && places.holds(day)
            }
            Self::Weekly { days, every, since, until } => {
                let within = day >= since && until.is_none_or(|last| day <= last);
                within && days.has(day.weekday()) && weeks_between(since, day) % i64::from(every.max(1)) == 0
            }
        }
    }
}

/// Weeks from the Monday of one day's week to that of a later one.
fn weeks_between(since: Date, day: Date) -> i64 {
    let number = |day: Date| {
        let days = i64::from((day - Date::constant(1970, 1, 5)).get_days());
        days.div_euclid(7)
    };
    number(day) - number(since)
}

/// Hours in which a professional sees patients in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Identifies them.
    pub id: ShiftId,
    /// Who.
    pub practitioner_id: PractitionerId,
    /// Where; its zone is the one of `from` and `until`.
    pub room_id: RoomId,
    /// First minute on the wall clock.
    pub from: Time,
    /// End on the wall clock, later than `from`.
    pub until: Time,
    /// On which days.
    pub repeats: Repeats,
    /// Minutes from one possible beginning to the next.
    pub step: u16,
    /// How many visits may be put over others, by a person's decision.
    pub overbook: u8,
    /// Only these services; empty for all.
    pub services: Vec<ServiceId>,
}

/// What makes [`Shift`] unusable, for the person who writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShiftError {
    /// Ends before it begins.
    #[error("La hora de salida debe ser posterior a la de entrada")]
    Backwards,
    /// Not on the grid.
    #[error("Escriba las horas de cinco en cinco minutos")]
    OffGrid,
    /// A step that is none.
    #[error("Escriba cada cuántos minutos se cita: de 5 a 120, de cinco en cinco")]
    Step,
    /// Too many.
    #[error("El sobrecupo va de 0 a 3 citas")]
    Overbooked,
    /// Weeks.
    #[error("Elija cada cuántas semanas se repite: de 1 a 8")]
    Weeks,
    /// The last day is before the first.
    #[error("El último día no puede ser anterior al primero")]
    Days,
}

impl Shift {
    /// The hours, checked.
    ///
    /// # Errors
    /// [`ShiftError`] names what to correct.
    pub fn checked(self) -> Result<Self, ShiftError> {
        let on_grid = |time: Time| i64::from(time.minute()) % GRAIN_MINUTES == 0 && time.second() == 0;
        if self.from >= self.until {
            return Err(ShiftError::Backwards);
        }
        if !on_grid(self.from) || !on_grid(self.until) {
            return Err(ShiftError::OffGrid);
        }
        if !(5..=120).contains(&self.step) || !self.step.is_multiple_of(5) {
            return Err(ShiftError::Step);
        }
        if self.overbook > MOST_OVERBOOKED {
            return Err(ShiftError::Overbooked);
        }
        if let Repeats::Weekly { every, .. } = self.repeats
            && !(1..=8).contains(&every)
        {
            return Err(ShiftError::Weeks);
        }
        if let Repeats::Weekly { since, until, .. } | Repeats::Monthly { since, until, .. } = self.repeats
            && until.is_some_and(|last| last < since)
        {
            return Err(ShiftError::Days);
        }
        Ok(self)
    }

    /// The time of a day; `None` when none is kept, or the clock jumps over all of it.
    #[must_use]
    pub fn on(&self, day: Date, rest: &BusinessDays, zone: &TimeZone) -> Option<Span> {
        let rests = !matches!(self.repeats, Repeats::Once(_)) && rest.rests(day);
        if rests || !self.repeats.on(day) {
            return None;
        }
        let at = |time: Time| zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok();
        Span::new(at(self.from)?, at(self.until)?)
    }
}

/// Why a professional is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosureReason {
    /// Vacaciones.
    Vacation,
    /// Something else: a course, a surgery, an errand.
    Busy,
    /// Busy in another calendar that was brought in.
    Imported,
}

impl ClosureReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Vacation, Self::Busy, Self::Imported];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Vacation => "vacation",
            Self::Busy => "busy",
            Self::Imported => "imported",
        }
    }

    /// Reads [`ClosureReason::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Vacation => "Vacaciones",
            Self::Busy => "Ocupado",
            Self::Imported => "Ocupado en otro calendario",
        }
    }
}

/// A time in which a professional sees nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// Identifies it.
    pub id: ClosureId,
    /// Who is not there.
    pub practitioner_id: PractitionerId,
    /// From when until when.
    pub span: Span,
    /// Why.
    pub reason: ClosureReason,
}

/// The first day on which two shifts, of different professionals, want one room at the same time, within a year from a day.
#[must_use]
pub fn room_clash(one: &Shift, other: &Shift, from: Date) -> Option<Date> {
    let hours = one.from < other.until && other.from < one.until;
    if one.room_id != other.room_id || !hours {
        return None;
    }
    let first = |shift: &Shift| match shift.repeats {
        Repeats::Weekly { since, .. } | Repeats::Monthly { since, .. } => since,
        Repeats::Once(day) => day,
    };
    let start = first(one).max(first(other)).max(from);
    (0..366)
        .filter_map(|days| start.checked_add(days.days()).ok())
        .find(|day| one.repeats.on(*day) && other.repeats.on(*day))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use uuid::Uuid;

    use super::*;

    pub(super) fn shift(from: Time, until: Time, repeats: Repeats) -> Shift {
        Shift {
            id: ShiftId(Uuid::nil()),
            practitioner_id: PractitionerId(Uuid::nil()),
            room_id: RoomId(Uuid::nil()),
            from,
            until,
            repeats,
            step: 30,
            overbook: 0,
            services: Vec::new(),
        }
    }

    fn mondays(every: u8, since: Date) -> Repeats {
        let days = Weekdays::new([Weekday::Monday]).unwrap();
        Repeats::Weekly { days, every, since, until: None }
    }

    #[test]
    fn hours_of_every_other_week_alternate_from_the_week_they_begin_in() {
        // Thursday 5 March 2026: its week counts although its Monday is before.
        let repeats = mondays(2, date(2026, 3, 5));
        let on: Vec<bool> = [9, 16, 23, 30].map(|day| repeats.on(date(2026, 3, day))).to_vec();
        assert_eq!(on, [false, true, false, true]);
        assert!(!repeats.on(date(2026, 3, 2)));
    }

    proptest::proptest! {
        #[test]
        fn the_first_third_or_last_of_a_month_is_that_of_the_calendar(
            bits in 1_u8..32, weekday in 1_i8..=7, year in 2024_i16..2032, month in 1_i8..=12,
        ) {
            let weekday = Weekday::from_monday_one_offset(weekday).unwrap();
            let (days, places) = (Weekdays::new([weekday]).unwrap(), MonthPlaces::from_bits(bits).unwrap());
            let repeats = Repeats::Monthly { days, places, since: date(2024, 1, 1), until: None };
            let first = date(year, month, 1);
            let kept: Vec<Date> = (0..i64::from(first.days_in_month()))
                .map(|days| first.checked_add(days.days()).unwrap())
                .filter(|day| repeats.on(*day))
                .collect();
            let mut expected: Vec<Date> = [(1, 1), (2, 2), (3, 3), (4, 4), (5, -1)]
                .into_iter()
                .filter(|(place, _)| places.has(*place))
                .map(|(_, nth)| first.nth_weekday_of_month(nth, weekday).unwrap())
                .collect();
            expected.dedup();
            proptest::prop_assert_eq!(kept, expected);
        }
    }

    #[test]
    fn hours_are_taken_as_typed_or_refused_by_what_is_wrong_with_them() {
        let typed = |from, until| shift(from, until, mondays(1, date(2026, 3, 2)));
        let good = typed(time(9, 0, 0, 0), time(13, 5, 0, 0));
        assert_eq!(good.clone().checked(), Ok(good.clone()));
        let hours = [
            (time(13, 0, 0, 0), time(9, 0, 0, 0), ShiftError::Backwards),
            (time(9, 0, 0, 0), time(9, 0, 0, 0), ShiftError::Backwards),
            (time(9, 2, 0, 0), time(13, 0, 0, 0), ShiftError::OffGrid),
            (time(9, 0, 0, 0), time(13, 2, 0, 0), ShiftError::OffGrid),
            (time(9, 0, 0, 0), time(13, 0, 30, 0), ShiftError::OffGrid),
        ];
        for (from, until, error) in hours {
            assert_eq!(typed(from, until).checked(), Err(error), "{from} {until}");
        }
        for step in [0, 7, 125] {
            assert_eq!(Shift { step, ..good.clone() }.checked(), Err(ShiftError::Step), "{step}");
        }
        let crowded = Shift { overbook: MOST_OVERBOOKED + 1, ..good.clone() };
        assert_eq!(crowded.checked(), Err(ShiftError::Overbooked));
        for every in [0, 9] {
            let rare = Shift { repeats: mondays(every, date(2026, 3, 2)), ..good.clone() };
            assert_eq!(rare.checked(), Err(ShiftError::Weeks), "{every}");
        }
    }

    #[test]
    fn nobody_is_seen_on_a_rest_day_but_by_an_extra_day() {
        let rest = BusinessDays::default();
        let zone = TimeZone::get("America/Mexico_City").unwrap();
        let day = date(2026, 3, 16);
        let weekly = shift(time(9, 0, 0, 0), time(14, 0, 0, 0), mondays(1, date(2026, 1, 1)));
        assert_eq!(weekly.on(day, &rest, &zone), None);
        let extra = Shift { repeats: Repeats::Once(day), ..weekly };
        assert!(extra.on(day, &rest, &zone).is_some());
    }

    #[test]
    fn the_border_keeps_its_wall_clock_when_the_rest_of_mexico_does_not_change() {
        let daily = Weekdays::from_bits(127).unwrap();
        let repeats = Repeats::Weekly { days: daily, every: 1, since: date(2026, 1, 1), until: None };
        let morning = shift(time(9, 0, 0, 0), time(10, 0, 0, 0), repeats);
        let hour = |zone: &str, day: Date| {
            let zone = TimeZone::get(zone).unwrap();
            morning.on(day, &BusinessDays::default(), &zone).unwrap().start().to_string()
        };
        for (zone, winter, summer) in [
            ("America/Tijuana", "T17:00:00Z", "T16:00:00Z"),
            ("America/Ciudad_Juarez", "T16:00:00Z", "T15:00:00Z"),
            ("America/Matamoros", "T15:00:00Z", "T14:00:00Z"),
            ("America/Mexico_City", "T15:00:00Z", "T15:00:00Z"),
            ("America/Hermosillo", "T16:00:00Z", "T16:00:00Z"),
            ("America/Cancun", "T14:00:00Z", "T14:00:00Z"),
        ] {
            assert_eq!(hour(zone, date(2026, 3, 7)), format!("2026-03-07{winter}"), "{zone}");
            assert_eq!(hour(zone, date(2026, 3, 9)), format!("2026-03-09{summer}"), "{zone}");
        }
    }

    #[test]
    fn two_professionals_share_a_room_only_in_different_weeks_or_hours() {
        let nine = (time(9, 0, 0, 0), time(14, 0, 0, 0));
        let one = shift(nine.0, nine.1, mondays(2, date(2026, 3, 2)));
        let same = shift(time(13, 0, 0, 0), time(18, 0, 0, 0), mondays(1, date(2026, 3, 2)));
        let turn = shift(nine.0, nine.1, mondays(2, date(2026, 3, 9)));
        let after = shift(time(14, 0, 0, 0), time(18, 0, 0, 0), mondays(1, date(2026, 3, 2)));
        let from = date(2026, 3, 3);
        assert_eq!(room_clash(&one, &same, from), Some(date(2026, 3, 16)));
        assert_eq!(room_clash(&one, &turn, from), None);
        assert_eq!(room_clash(&one, &after, from), None);
    }
}
