//! Growth percentiles by the LMS method (Cole and Green 1992): WHO standards 2006 to five years, CDC 2000 from there to twenty.

use std::sync::OnceLock;

use clinical::person::Sex;
use jiff::civil::Date;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Weight, kg.
    Weight,
    /// Length to two years, standing height from there, cm.
    Height,
    /// Body mass index, kg/m².
    BodyMass,
}

impl Measure {
    /// All of them, in the order of a page.
    pub const ALL: [Self; 3] = [Self::Weight, Self::Height, Self::BodyMass];

    /// Word in the tables.
    fn code(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Height => "height",
            Self::BodyMass => "bmi",
        }
    }
}

/// With whom a child is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reference {
    /// WHO Child Growth Standards 2006.
    Who,
    /// CDC Growth Charts 2000.
    Cdc,
}

impl Reference {
    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Who => "OMS 2006, 0 a 5 años",
            Self::Cdc => "CDC 2000, 2 a 20 años",
        }
    }

    /// The reference in use at an age: WHO before the fifth birthday, CDC before the twentieth.
    #[must_use]
    pub fn at(months: f64) -> Option<Self> {
        match months {
            m if m < 0.0 => None,
            m if m < 60.0 => Some(Self::Who),
            m if m < 240.0 => Some(Self::Cdc),
            _ => None,
        }
    }
}

/// Mean length of a month in days, as both references count.
const MONTH: f64 = 30.4375;

/// Age in months of 30.4375 days.
#[must_use]
pub fn age_in_months(birth: Date, day: Date) -> f64 {
    f64::from(birth.until(day).map_or(0, |span| span.get_days())) / MONTH
}

struct Row {
    measure: &'static str,
    sex: &'static str,
    months: f64,
    lms: [f64; 3],
}

fn table(reference: Reference) -> &'static [Row] {
    static WHO: OnceLock<Vec<Row>> = OnceLock::new();
    static CDC: OnceLock<Vec<Row>> = OnceLock::new();
    match reference {
        Reference::Who => WHO.get_or_init(|| rows(include_str!("../../../catalogs/growth/who.tsv"), MONTH)),
        Reference::Cdc => CDC.get_or_init(|| rows(include_str!("../../../catalogs/growth/cdc.tsv"), 1.0)),
    }
}

fn rows(text: &'static str, unit: f64) -> Vec<Row> {
    let read = |line: &'static str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [measure, sex, age, l, m, s] = *cells.as_slice() else { return None };
        let lms = [l.parse().ok()?, m.parse().ok()?, s.parse().ok()?];
        Some(Row { measure, sex, months: age.parse::<f64>().ok()? / unit, lms })
    };
    text.lines().skip(1).filter_map(read).collect()
}

/// L, M and S at an age, between two rows in a straight line.
fn lms(reference: Reference, measure: Measure, sex: Sex, months: f64) -> Option<[f64; 3]> {
    let sex = match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        _ => return None,
    };
    let own = table(reference).iter().filter(|row| row.measure == measure.code() && row.sex == sex);
    let mut before: Option<&Row> = None;
    for row in own {
        if row.months >= months {
            let Some(before) = before else { return (row.months - months < 1e-9).then_some(row.lms) };
            let share = (months - before.months) / (row.months - before.months);
            return Some([0, 1, 2].map(|i| before.lms[i] + share * (row.lms[i] - before.lms[i])));
        }
        before = Some(row);
    }
    None
}

/// The value at so many standard deviations from the median. None where the transformation has no value: far above the
/// median of a very skewed measure (the body mass index at 19 years, above about 2.8).
#[must_use]
pub fn value_at(reference: Reference, measure: Measure, sex: Sex, months: f64, z: f64) -> Option<f64> {
    let [l, m, s] = lms(reference, measure, sex, months)?;
    if l.abs() < 1e-9 {
        return Some(m * (s * z).exp());
    }
    let base = 1.0 + l * s * z;
    (base > 0.0).then(|| m * base.powf(1.0 / l))
}

/// The percentile of a value, from 0 to 100.
#[must_use]
pub fn percentile(reference: Reference, measure: Measure, sex: Sex, months: f64, value: f64) -> Option<f64> {
    let [l, m, s] = lms(reference, measure, sex, months)?;
    if value <= 0.0 {
        return None;
    }
    let z = if l.abs() < 1e-9 { (value / m).ln() / s } else { ((value / m).powf(l) - 1.0) / (l * s) };
    Some(100.0 * normal(z))
}

/// Share of a normal population below `z`; Abramowitz and Stegun 7.1.26, error below 0.0000002.
fn normal(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let sum = series.iter().rev().fold(0.0, |sum, a| (sum + a) * t);
    let tail = 0.5 * sum * (-x * x).exp();
    if z > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// 97th percentile in standard deviations.
    const P97: f64 = 1.880_794;

    fn check(reference: Reference, measure: Measure, sex: Sex, months: f64, z: f64, published: f64) {
        let value = value_at(reference, measure, sex, months, z).unwrap();
        assert!((value - published).abs() < 0.06, "{measure:?} {months} {z}: {value}, published {published}");
    }

    #[test]
    fn percentiles_are_those_that_were_published() {
        use Measure::{BodyMass, Height, Weight};
        // WHO, tables of percentiles by month.
        check(Reference::Who, Weight, Sex::Male, 0.0, 0.0, 3.3);
        check(Reference::Who, Weight, Sex::Male, 12.0, 0.0, 9.6);
        check(Reference::Who, Weight, Sex::Male, 12.0, P97, 11.8);
        check(Reference::Who, Weight, Sex::Female, 12.0, -P97, 7.1);
        check(Reference::Who, Height, Sex::Female, 23.98, 0.0, 86.4);
        check(Reference::Who, Height, Sex::Male, 60.0, 0.0, 110.0);
        check(Reference::Who, BodyMass, Sex::Male, 24.02, 0.0, 16.0);
        // CDC, columns P3 to P97 of its data files.
        check(Reference::Cdc, Weight, Sex::Male, 24.0, -P97, 10.38);
        check(Reference::Cdc, Height, Sex::Male, 240.0, 0.0, 176.85);
        check(Reference::Cdc, Height, Sex::Female, 240.0, 0.0, 163.34);
        check(Reference::Cdc, BodyMass, Sex::Male, 24.5, P97, 19.79);
    }

    #[test]
    fn far_above_a_skewed_measure_there_is_no_value() {
        let at = |z| value_at(Reference::Cdc, Measure::BodyMass, Sex::Female, 236.63, z);
        assert!(at(P97).is_some_and(|index| (34.0..36.0).contains(&index)));
        assert_eq!(at(2.97), None);
    }

    #[test]
    fn both_tables_are_whole() {
        for measure in Measure::ALL {
            for sex in [Sex::Male, Sex::Female] {
                for month in 0..240 {
                    let months = f64::from(month);
                    let reference = Reference::at(months).unwrap();
                    assert!(value_at(reference, measure, sex, months, 0.0).is_some(), "{measure:?} {month}");
                }
            }
        }
        assert_eq!(Reference::at(240.0), None);
        assert_eq!(Reference::at(-0.1), None);
        assert!((age_in_months(date(2024, 3, 1), date(2025, 3, 1)) - 12.0).abs() < 0.02);
    }

    proptest! {
        #[test]
        fn value_and_percentile_undo_each_other(months in 0.0_f64..239.9, z in -3.0_f64..3.0, girl in any::<bool>()) {
            let sex = if girl { Sex::Female } else { Sex::Male };
            for measure in Measure::ALL {
                let reference = Reference::at(months).unwrap();
                let Some(value) = value_at(reference, measure, sex, months, z) else {
                    prop_assert!(z > 2.5, "{measure:?} {months} {z}");
                    continue;
                };
                let back = percentile(reference, measure, sex, months, value).unwrap();
                prop_assert!((back - 100.0 * normal(z)).abs() < 0.001, "{} {}", back, z);
            }
        }
    }
}
