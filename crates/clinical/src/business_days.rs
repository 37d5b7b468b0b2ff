//! Business days: the "días" of the law of personal data (LFPDPPP 2-VIII), counted with a calendar that can be corrected.
//!
//! The mandatory rest days are those of the Ley Federal del Trabajo, article 74 (verificar: the list is common knowledge,
//! the text was not at hand), computed by rule. Election days of that article are Sundays already.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};

/// The name of the mandatory rest day, by rule.
///
/// ```
/// use clinical::business_days::mandatory_rest;
/// use jiff::civil::date;
/// assert_eq!(mandatory_rest(date(2026, 11, 16)), Some("Conmemoración del 20 de noviembre"));
/// assert_eq!(mandatory_rest(date(2026, 11, 20)), None);
/// ```
#[must_use]
pub fn mandatory_rest(day: Date) -> Option<&'static str> {
    let monday = |nth: i8| day.weekday() == Weekday::Monday && (day.day() - 1) / 7 + 1 == nth;
    match (day.month(), day.day()) {
        (1, 1) => Some("Año Nuevo"),
        (2, _) if monday(1) => Some("Conmemoración del 5 de febrero"),
        (3, _) if monday(3) => Some("Conmemoración del 21 de marzo"),
        (5, 1) => Some("Día del Trabajo"),
        (9, 16) => Some("Día de la Independencia"),
        // Every six years since 2024; it was 1 December before.
        (10, 1) if day.year() >= 2024 && (day.year() - 2024) % 6 == 0 => {
            Some("Transmisión del Poder Ejecutivo Federal")
        }
        (11, _) if monday(3) => Some("Conmemoración del 20 de noviembre"),
        (12, 25) => Some("Navidad"),
        _ => None,
    }
}

/// A day that a practice marked: a holiday of its own, or a day it works against the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedDay {
    /// The day.
    pub day: Date,
    /// Whether it counts as a business day.
    pub works: bool,
    /// What it is.
    pub name: String,
}

/// Which days are business days: Monday to Friday without the mandatory rest days, and what the practice marked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessDays {
    marked: BTreeMap<Date, bool>,
}

impl BusinessDays {
    /// The calendar with the days of the practice.
    #[must_use]
    pub fn new(marked: &[MarkedDay]) -> Self {
        Self { marked: marked.iter().map(|one| (one.day, one.works)).collect() }
    }

    /// Whether the practice rests that day: it marked it so, or the law does and the practice did not say otherwise.
    #[must_use]
    pub fn rests(&self, day: Date) -> bool {
        self.marked.get(&day).map_or_else(|| mandatory_rest(day).is_some(), |works| !works)
    }

    /// Whether the day counts. A Saturday or Sunday never does.
    #[must_use]
    pub fn counts(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !weekend && !self.rests(day)
    }

    /// The day on which `days` business days are over, counted from the day after `from`. With none, the day itself.
    #[must_use]
    pub fn after(&self, from: Date, days: u32) -> Date {
        let (mut day, mut left) = (from, days);
        while left > 0 {
            let Ok(next) = day.tomorrow() else { return day };
            day = next;
            left -= u32::from(self.counts(day));
        }
        day
    }

    /// Business days after `from` up to and including `until`; negative when `until` is the earlier one.
    #[must_use]
    pub fn between(&self, from: Date, until: Date) -> i64 {
        if until < from {
            return -self.between(until, from);
        }
        let (mut day, mut count) = (from, 0);
        while day < until {
            let Ok(next) = day.tomorrow() else { return count };
            day = next;
            count += i64::from(self.counts(day));
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn check(year: i16, expected: &[(i8, i8)]) {
        let mut day = date(year, 1, 1);
        let mut found = Vec::new();
        while day.year() == year {
            if mandatory_rest(day).is_some() {
                found.push((day.month(), day.day()));
            }
            day = day.tomorrow().unwrap();
        }
        assert_eq!(found, expected, "{year}");
    }

    #[test]
    fn the_mandatory_rest_days_follow_their_rules() {
        check(2024, &[(1, 1), (2, 5), (3, 18), (5, 1), (9, 16), (10, 1), (11, 18), (12, 25)]);
        check(2025, &[(1, 1), (2, 3), (3, 17), (5, 1), (9, 16), (11, 17), (12, 25)]);
        check(2026, &[(1, 1), (2, 2), (3, 16), (5, 1), (9, 16), (11, 16), (12, 25)]);
        check(2030, &[(1, 1), (2, 4), (3, 18), (5, 1), (9, 16), (10, 1), (11, 18), (12, 25)]);
    }

    #[test]
    fn twenty_days_of_a_request_are_counted_over_weekends_and_rest_days() {
        let calendar = BusinessDays::default();
        // From Tuesday 10 March 2026; Monday 16 rests.
        assert_eq!(calendar.after(date(2026, 3, 10), 20), date(2026, 4, 8));
        assert_eq!(calendar.after(date(2026, 3, 10), 0), date(2026, 3, 10));
        let easter = |day| MarkedDay { day, works: false, name: "Semana Santa".to_owned() };
        let calendar = BusinessDays::new(&[easter(date(2026, 4, 2)), easter(date(2026, 4, 3))]);
        assert_eq!(calendar.after(date(2026, 3, 10), 20), date(2026, 4, 10));
    }

    #[test]
    fn a_rest_day_that_is_worked_counts_and_a_sunday_never_does() {
        let works = |day| MarkedDay { day, works: true, name: String::new() };
        let calendar = BusinessDays::new(&[works(date(2026, 3, 16)), works(date(2026, 3, 15))]);
        assert!(calendar.counts(date(2026, 3, 16)));
        assert!(!calendar.counts(date(2026, 3, 15)));
    }

    prop_compose! {
        fn calendar()(marked in prop::collection::vec((0_i32..400, any::<bool>()), 0..60)) -> BusinessDays {
            let marked: Vec<MarkedDay> = marked
                .into_iter()
                .map(|(days, works)| MarkedDay { day: some_day(days), works, name: String::new() })
                .collect();
            BusinessDays::new(&marked)
        }
    }

    fn some_day(days: i32) -> Date {
        date(2026, 1, 1).saturating_add(jiff::Span::new().days(days))
    }

    proptest! {
        #[test]
        fn a_term_ends_on_a_business_day_and_has_as_many_as_were_asked(
            calendar in calendar(), from in 0_i32..400, days in 1_u32..60,
        ) {
            let from = some_day(from);
            let end = calendar.after(from, days);
            prop_assert!(calendar.counts(end));
            prop_assert_eq!(calendar.between(from, end), i64::from(days));
            prop_assert_eq!(calendar.between(end, from), -i64::from(days));
        }

        #[test]
        fn two_terms_one_after_the_other_are_one_term(
            calendar in calendar(), from in 0_i32..400, a in 0_u32..40, b in 0_u32..40,
        ) {
            let from = some_day(from);
            prop_assert_eq!(calendar.after(calendar.after(from, a), b), calendar.after(from, a + b));
        }

        #[test]
        fn one_more_holiday_never_brings_the_end_nearer(
            calendar in calendar(), from in 0_i32..400, days in 1_u32..60, holiday in 0_i32..500,
        ) {
            let mut more = calendar.clone();
            more.marked.insert(some_day(holiday), false);
            prop_assert!(more.after(some_day(from), days) >= calendar.after(some_day(from), days));
        }
    }
}
