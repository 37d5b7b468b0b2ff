//! How long a record is kept: the clock that runs from the last medical act, holds, and the archive.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ids::{BlockId, HoldId, PatientId};

/// Fewest years a record is kept after its last medical act (NOM-004 5.4).
pub const LEAST_YEARS: i16 = 5;
/// Most years a practice may choose: longer than any life of the data.
pub const MOST_YEARS: i16 = 100;

/// The years a practice keeps its records: never fewer than the norm wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetentionYears(i16);

impl Default for RetentionYears {
    fn default() -> Self {
        Self(LEAST_YEARS)
    }
}

/// Too few years, or more than can be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Escriba de {LEAST_YEARS} a {MOST_YEARS} años: la NOM-004-SSA3-2012, numeral 5.4, pide conservar el expediente al menos {LEAST_YEARS} años desde el último acto médico"
)]
pub struct RefusedYears;

impl RetentionYears {
    /// Takes a number of years.
    ///
    /// # Errors
    /// [`RefusedYears`] under [`LEAST_YEARS`] or over [`MOST_YEARS`].
    pub fn new(years: i16) -> Result<Self, RefusedYears> {
        if (LEAST_YEARS..=MOST_YEARS).contains(&years) { Ok(Self(years)) } else { Err(RefusedYears) }
    }

    /// The number.
    #[must_use]
    pub fn years(self) -> i16 {
        self.0
    }

    /// The last day on which a record with this last act must be kept. An act on 29 February counts to the 28th.
    ///
    /// ```
    /// use clinical::retention::RetentionYears;
    /// use jiff::civil::date;
    /// assert_eq!(RetentionYears::default().keeps_until(date(2026, 3, 9)), date(2031, 3, 9));
    /// ```
    #[must_use]
    pub fn keeps_until(self, last_act: Date) -> Date {
        last_act.saturating_add(jiff::Span::new().years(self.0))
    }

    /// The day before which a last act has passed its date by `today`: a record whose last act was on an earlier day
    /// need not be kept any longer.
    #[must_use]
    pub fn first_kept(self, today: Date) -> Date {
        let mut day = today.saturating_sub(jiff::Span::new().years(self.0));
        while let Ok(before) = day.yesterday() {
            if self.keeps_until(before) < today {
                break;
            }
            day = before;
        }
        while self.keeps_until(day) < today {
            let Ok(after) = day.tomorrow() else { break };
            day = after;
        }
        day
    }
}

/// A legal hold: the record is kept beyond its date, for a reason, until it is lifted or its day comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Identifies it.
    pub id: HoldId,
    /// The record it was put on.
    pub patient_id: PatientId,
    /// Why: a proceeding, a complaint, an audit. No clinical text.
    pub reason: String,
    /// The last day it holds by itself; until it is lifted when absent.
    pub until: Option<Date>,
    /// Name on screens of who put it.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// Who lifted it, when and why.
    pub lifted: Option<(String, Timestamp, String)>,
}

impl Hold {
    /// Whether it holds on this day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.lifted.is_none() && self.until.is_none_or(|until| day <= until)
    }
}

/// A block: the record is past its time, is kept, and nobody reads it but for a legal request (LFPDPPP, articles 10 and 24).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Identifies it.
    pub id: BlockId,
    /// The record.
    pub patient_id: PatientId,
    /// Why. No clinical text.
    pub reason: String,
    /// Name on screens of who blocked it.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// Who lifted it, when and why.
    pub lifted: Option<(String, Timestamp, String)>,
}

/// A record that left the daily lists, or came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveMove {
    /// Into the archive; otherwise back.
    pub archived: bool,
    /// Why.
    pub reason: String,
    /// Name on screens of who did it.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn never_fewer_years_than_the_norm() {
        assert_eq!(RetentionYears::new(4), Err(RefusedYears));
        assert!(RefusedYears.to_string().contains("numeral 5.4"));
        assert_eq!(RetentionYears::new(20).unwrap().years(), 20);
        assert!(RetentionYears::new(101).is_err());
    }

    #[test]
    fn a_leap_day_counts_to_the_end_of_february() {
        let years = RetentionYears::default();
        assert_eq!(years.keeps_until(date(2024, 2, 29)), date(2029, 2, 28));
        assert_eq!(years.first_kept(date(2029, 2, 28)), date(2024, 2, 28));
        assert_eq!(years.first_kept(date(2029, 3, 1)), date(2024, 3, 1));
    }

    proptest! {
        #[test]
        fn the_list_and_the_date_of_a_record_never_disagree(
            today in -20_000_i32..40_000, back in 0_i32..60_000, years in LEAST_YEARS..=MOST_YEARS,
        ) {
            let years = RetentionYears::new(years).unwrap();
            let epoch = date(1970, 1, 1);
            let today = epoch.saturating_add(jiff::Span::new().days(today));
            let act = today.saturating_sub(jiff::Span::new().days(back));
            prop_assert_eq!(act < years.first_kept(today), years.keeps_until(act) < today);
        }
    }
}
