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

/// A count of people as it is told to who may ask but not open records: `None` below five, zero too, for "nobody" says as
/// much of a person who is known to be one of the few. Others in multiples of five, up or down by chance and as often as
/// brings the mean to the count (random rounding to base 5, as Statistics Canada rounds the tables of its census). `seed` is
/// made of the records that were counted, so that the same records give the same answer in whatever words they are asked
/// for, and one record more or less casts the dice anew: two nearly equal questions do not tell of the person between them
/// (Fraser and Wooton, "A proposed method for confidentialising tabular output to protect against differencing",
/// UNECE/Eurostat 2005).
#[must_use]
pub fn rounded(count: i64, seed: i64) -> Option<i64> {
    if count < SMALLEST_TOLD {
        return None;
    }
    // The last step of splitmix64: neighbouring seeds have nothing to do with each other.
    let mut dice = seed.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    dice = (dice ^ (dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    dice = (dice ^ (dice >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let cast = ((dice ^ (dice >> 31)) % SMALLEST_TOLD.cast_unsigned()).cast_signed();
    let rest = count % SMALLEST_TOLD;
    Some(count - rest + if cast < rest { SMALLEST_TOLD } else { 0 })
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
    use super::{number, rounded, tellable};

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(number(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!((number(-12), number(-1_200)), ("-12".to_owned(), "-1\u{a0}200".to_owned()));
    }

    #[test]
    fn a_rounded_count_is_near_unbiased_and_says_nothing_of_one_person_more() {
        assert_eq!([0, 1, 4, 5, 900].map(|n| rounded(n, 3)), [None, None, None, Some(5), Some(900)]);
        for count in 5..30 {
            let all: Vec<i64> = (0..2_000).filter_map(|seed| rounded(count, seed * 37)).collect();
            assert!(all.iter().all(|told| told % 5 == 0 && (told - count).abs() < 5), "{count}");
            let mean = all.iter().sum::<i64>() * 100 / 2_000;
            assert!((mean - count * 100).abs() < 20, "{count}: {mean}");
            // Often somebody more makes the number smaller.
            let pairs = (0..2_000)
                .filter_map(|seed| Some((rounded(count, seed * 37)?, rounded(count + 1, seed * 37 + 11)?)));
            let fewer = pairs.filter(|(before, after)| after < before).count();
            assert!(count % 5 == 0 || count % 5 == 4 || fewer > 150, "{count}: {fewer}");
        }
    }

    #[test]
    fn a_number_that_points_at_few_people_is_not_told() {
        assert_eq!([0, 1, 4, 5, 900].map(tellable), [Some(0), None, None, Some(5), Some(900)]);
    }
}
