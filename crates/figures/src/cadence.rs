//! How often a report of the practice is made, and of which days: whole epidemiological weeks or whole months.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::epidemiology::Week;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Of each epidemiological week, Sunday to Saturday.
    Weekly,
    /// Of each month of the calendar.
    Monthly,
}

/// The days of a report, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first.
    pub from: Date,
    /// The last.
    pub until: Date,
}

impl Cadence {
    /// All, in the order of the form.
    pub const ALL: [Self; 2] = [Self::Weekly, Self::Monthly];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// Reads [`Cadence::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Weekly => "Cada semana, de domingo a sábado",
            Self::Monthly => "Cada mes",
        }
    }

    /// The days a day belongs to; `None` at the ends of the calendar.
    #[must_use]
    pub fn of(self, day: Date) -> Option<Stretch> {
        Some(match self {
            Self::Weekly => {
                let week = Week::of(day)?;
                Stretch { from: week.first(), until: week.last() }
            }
            Self::Monthly => Stretch { from: day.first_of_month(), until: day.last_of_month() },
        })
    }

    /// The last days that were over before `today`.
    #[must_use]
    pub fn over_before(self, today: Date) -> Option<Stretch> {
        self.of(self.of(today)?.from.checked_sub(1.day()).ok()?)
    }

    /// All that were over before `today` and not yet on the day `since`, oldest first; of more than `most`, the latest.
    #[must_use]
    pub fn over_since(self, since: Date, today: Date, most: usize) -> Vec<Stretch> {
        let back = std::iter::successors(self.over_before(today), |later| self.over_before(later.from));
        let mut found: Vec<Stretch> = back.take_while(|one| one.until >= since).take(most).collect();
        found.reverse();
        found
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn check(cadence: Cadence, since: Date, today: Date, expected: &[(Date, Date)]) {
        let found: Vec<(Date, Date)> =
            cadence.over_since(since, today, 3).into_iter().map(|one| (one.from, one.until)).collect();
        assert_eq!(found, expected, "{cadence:?} since {since} on {today}");
    }

    #[test]
    fn a_report_is_due_when_its_days_are_over_and_none_of_days_before_it_was_asked_for() {
        let weekly = |since, today, expected: &[_]| check(Cadence::Weekly, since, today, expected);
        // A Tuesday; its week ends on Saturday the 14th.
        weekly(date(2026, 3, 10), date(2026, 3, 14), &[]);
        weekly(date(2026, 3, 10), date(2026, 3, 15), &[(date(2026, 3, 8), date(2026, 3, 14))]);
        weekly(
            date(2026, 3, 14),
            date(2026, 3, 28),
            &[(date(2026, 3, 8), date(2026, 3, 14)), (date(2026, 3, 15), date(2026, 3, 21))],
        );
        let monthly = |since, today, expected: &[_]| check(Cadence::Monthly, since, today, expected);
        monthly(date(2026, 2, 28), date(2026, 2, 28), &[]);
        monthly(date(2026, 2, 28), date(2026, 3, 1), &[(date(2026, 2, 1), date(2026, 2, 28))]);
    }

    #[test]
    fn after_a_long_time_off_only_the_latest_are_made_oldest_first() {
        check(
            Cadence::Monthly,
            date(2020, 1, 1),
            date(2026, 3, 10),
            &[
                (date(2025, 12, 1), date(2025, 12, 31)),
                (date(2026, 1, 1), date(2026, 1, 31)),
                (date(2026, 2, 1), date(2026, 2, 28)),
            ],
        );
    }
}
