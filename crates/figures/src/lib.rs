//! What a practice and its patients look like in numbers: pure functions from what was signed to what is counted.
//!
//! In: the content of signed documents, days, codes. Out: the facts that are counted, periods and their steps. Which
//! facts are kept and how they are added up is `storage`'s, who may see them `care`'s. No I/O, no clock.

pub mod cadence;
pub mod epidemiology;
pub mod facts;
pub mod icd;
pub mod period;
pub mod question;

/// Words a minute somebody types who writes notes all day: what an accepted word is worth in time. A round assumption of
/// this project, said wherever minutes are shown; no measured figure of Mexican consulting rooms is known.
pub const WORDS_PER_MINUTE: i64 = 40;

/// Fewest people a number in a report that leaves the consulting room may stand for; a smaller one is told as "menos de
/// 5", so that nobody is recognised by it. Zero tells nothing of anybody.
pub const SMALLEST_TOLD: i64 = 5;

/// A count as a report may tell it: `None` where it stands for too few people.
#[must_use]
pub fn tellable(count: i64) -> Option<i64> {
    (count == 0 || count >= SMALLEST_TOLD).then_some(count)
}

/// "1 234 567", with spaces that do not break (NOM-008-SCFI, writing of numbers).
#[must_use]
pub fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::from(if n < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// How many of each hundred, rounded; `None` of nothing.
#[must_use]
pub fn percent(part: i64, whole: i64) -> Option<i64> {
    (part * 100 + whole / 2).checked_div(whole)
}

#[cfg(test)]
mod tests {
    use super::{number, tellable};

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(number(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!((number(-12), number(-1_200)), ("-12".to_owned(), "-1\u{a0}200".to_owned()));
    }

    #[test]
    fn a_number_that_points_at_few_people_is_not_told() {
        assert_eq!([0, 1, 4, 5, 900].map(tellable), [Some(0), None, None, Some(5), Some(900)]);
    }
}
