//! A stretch of days and the steps it is counted in: days, months or years, so that a chart of any length can be read.

use jiff::ToSpan;
use jiff::civil::Date;

/// Longest period that can be asked for, in years: longer than any record.
pub const MOST_YEARS: i16 = 120;
/// Longest period in steps of a day.
const DAYS: i32 = 62;
/// Longest one in steps of a month.
const MONTHS: i32 = 72;

/// How long a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grain {
    /// One day.
    Day,
    /// One month of the calendar.
    Month,
    /// One year of the calendar.
    Year,
}

impl Grain {
    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The name of the step a day lies in: "2026-03-17", "2026-03", "2026". They sort as the days do.
    #[must_use]
    pub fn key(self, day: Date) -> String {
        match self {
            Self::Day => day.to_string(),
            Self::Month => format!("{:04}-{:02}", day.year(), day.month()),
            Self::Year => format!("{:04}", day.year()),
        }
    }

    fn first(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    fn last(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Month => day.last_of_month(),
            Self::Year => day.last_of_year(),
        }
    }
}

/// One step of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub key: String,
    /// Its first day.
    pub from: Date,
}

/// Why days make no period, in words that say what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It ends before it begins.
    #[error("Escriba una fecha final igual o posterior a la inicial")]
    Backwards,
    /// It is longer than [`MOST_YEARS`].
    #[error("Elija un periodo de 120 años o menos")]
    TooLong,
    /// It lies where no calendar day of a practice is.
    #[error("Escriba fechas entre 1900 y 2199")]
    OutOfReach,
}

/// Days from one to another, both included, in whole steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Date,
    until: Date,
    grain: Grain,
}

impl Period {
    /// The period of these days. One that is counted in months or years begins and ends with a whole one.
    ///
    /// # Errors
    /// [`PeriodError`].
    pub fn between(from: Date, until: Date) -> Result<Self, PeriodError> {
        if until < from {
            return Err(PeriodError::Backwards);
        }
        if from.year() < 1900 || until.year() > 2199 {
            return Err(PeriodError::OutOfReach);
        }
        if until.year() - from.year() > MOST_YEARS {
            return Err(PeriodError::TooLong);
        }
        let days = from.until(until).map_or(i32::MAX, |span| span.get_days());
        let months = i32::from(until.year() - from.year()) * 12 + i32::from(until.month() - from.month()) + 1;
        let grain = if days < DAYS {
            Grain::Day
        } else if months <= MONTHS {
            Grain::Month
        } else {
            Grain::Year
        };
        Ok(Self { from: grain.first(from), until: grain.last(until), grain })
    }

    /// Its first day.
    #[must_use]
    pub fn from(self) -> Date {
        self.from
    }

    /// Its last day.
    #[must_use]
    pub fn until(self) -> Date {
        self.until
    }

    /// How long its steps are.
    #[must_use]
    pub fn grain(self) -> Grain {
        self.grain
    }

    /// Names of its first and last step.
    #[must_use]
    pub fn ends(self) -> (String, String) {
        (self.grain.key(self.from), self.grain.key(self.until))
    }

    /// All its steps in order, those without anything too: a gap is a gap.
    #[must_use]
    pub fn steps(self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut day = self.from;
        while day <= self.until {
            steps.push(Step { key: self.grain.key(day), from: day });
            let next = match self.grain {
                Grain::Day => day.tomorrow(),
                Grain::Month => day.checked_add(1.month()),
                Grain::Year => day.checked_add(1.year()),
            };
            let Ok(next) = next else { break };
            day = next;
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_month_is_counted_in_days_some_years_in_months_and_a_century_in_years() {
        let grain = |from, until| Period::between(from, until).map(Period::grain);
        assert_eq!(grain(date(2026, 3, 1), date(2026, 3, 31)), Ok(Grain::Day));
        assert_eq!(grain(date(2025, 4, 1), date(2026, 3, 31)), Ok(Grain::Month));
        assert_eq!(grain(date(1926, 3, 1), date(2026, 3, 31)), Ok(Grain::Year));
    }

    #[test]
    fn what_is_no_period_is_refused_with_what_to_change() {
        let asked = |from, until| Period::between(from, until);
        assert_eq!(asked(date(2026, 3, 2), date(2026, 3, 1)), Err(PeriodError::Backwards));
        assert_eq!(asked(date(1900, 1, 1), date(2199, 1, 1)), Err(PeriodError::TooLong));
        assert_eq!(asked(date(26, 1, 1), date(2026, 1, 1)), Err(PeriodError::OutOfReach));
    }

    #[test]
    fn months_are_whole() {
        let period = Period::between(date(2025, 4, 17), date(2026, 3, 2)).expect("a period");
        assert_eq!((period.from(), period.until()), (date(2025, 4, 1), date(2026, 3, 31)));
        assert_eq!(period.steps().len(), 12);
        assert_eq!(period.ends(), ("2025-04".to_owned(), "2026-03".to_owned()));
    }

    proptest! {
        #[test]
        fn the_steps_of_a_period_are_few_in_order_and_cover_it(a in 0_i32..70_000, b in 0_i32..43_000) {
            let from = date(1900, 1, 1).checked_add(a.days()).expect("a day");
            let Ok(until) = from.checked_add(b.days()) else { return Ok(()) };
            let Ok(period) = Period::between(from, until) else { return Ok(()) };
            let steps = period.steps();
            prop_assert!(!steps.is_empty() && steps.len() <= 121, "{}", steps.len());
            prop_assert!(steps.windows(2).all(|pair| pair[0].key < pair[1].key));
            let (first, last) = period.ends();
            prop_assert_eq!(Some(&first), steps.first().map(|step| &step.key));
            prop_assert_eq!(Some(&last), steps.last().map(|step| &step.key));
            prop_assert!(period.from() <= from && period.until() >= until);
        }
    }
}
