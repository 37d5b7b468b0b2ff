//! Results of one analyte made comparable: brought to the unit of its LOINC code, and told apart from what cannot be true.

use std::sync::OnceLock;

use clinical::laboratory::LabResult;

use crate::catalog::{self, Analyte, rows};

/// What a numeric result says once its unit is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// In the unit of the analyte.
    Comparable {
        /// Of what.
        analyte: Analyte,
        /// How much, in [`Analyte::ucum`].
        value: f64,
        /// Whether it was written in another unit.
        converted: bool,
    },
    /// Outside what a value can be: a mistake of typing or of unit.
    Impossible {
        /// Of what.
        analyte: Analyte,
        /// What is possible, in [`Analyte::ucum`].
        range: (f64, f64),
    },
    /// An analyte of the catalogue in a unit that has no way to its own.
    OtherUnit(Analyte),
    /// Not in the catalogue: only comparable with its like.
    Unknown,
}

struct Conversion {
    loinc: &'static str,
    from: &'static str,
    factor: f64,
    offset: f64,
}

fn conversions() -> &'static [Conversion] {
    static TABLE: OnceLock<Vec<Conversion>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let read = |row: Vec<&'static str>| {
            let [loinc, from, factor, offset] = *row.as_slice() else { return None };
            Some(Conversion { loinc, from, factor: factor.parse().ok()?, offset: offset.parse().ok()? })
        };
        rows(include_str!("../../../catalogs/laboratory/conversions.tsv")).filter_map(read).collect()
    })
}

/// What is possible, by LOINC code.
fn plausible() -> &'static [(&'static str, (f64, f64))] {
    static TABLE: OnceLock<Vec<(&'static str, (f64, f64))>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let read = |row: Vec<&'static str>| {
            let [loinc, low, high] = *row.as_slice() else { return None };
            Some((loinc, (low.parse().ok()?, high.parse().ok()?)))
        };
        rows(include_str!("../../../catalogs/laboratory/plausible.tsv")).filter_map(read).collect()
    })
}

/// What a result says in the unit of its analyte; `None` for words.
#[must_use]
pub fn reading(result: &LabResult) -> Option<Reading> {
    let written = result.value.amount()?.as_f64();
    let Some(analyte) = catalog::analyte(result) else { return Some(Reading::Unknown) };
    let unit = result.ucum.as_deref().or_else(|| result.unit.as_deref().and_then(catalog::ucum));
    let Some(unit) = unit else { return Some(Reading::OtherUnit(analyte)) };
    let converted = unit != analyte.ucum;
    let value = if converted {
        let own = conversions().iter().find(|one| one.loinc == analyte.loinc && one.from == unit);
        let Some(own) = own else { return Some(Reading::OtherUnit(analyte)) };
        written * own.factor + own.offset
    } else {
        written
    };
    let range = plausible().iter().find(|(loinc, _)| *loinc == analyte.loinc).map(|(_, range)| *range);
    Some(match range {
        Some(range) if value < range.0 || value > range.1 => Reading::Impossible { analyte, range },
        _ => Reading::Comparable { analyte, value, converted },
    })
}

#[cfg(test)]
mod tests {
    use clinical::laboratory::LabValue;

    use super::*;

    fn read(analyte: &str, value: &str, unit: &str) -> Option<Reading> {
        reading(&catalog::completed(LabResult {
            analyte: analyte.to_owned(),
            loinc: None,
            value: LabValue::read(value).unwrap(),
            unit: Some(unit.to_owned()),
            ucum: None,
            range: None,
            flag: None,
            comment: None,
        }))
    }

    #[test]
    fn another_unit_is_converted_to_that_of_the_analyte() {
        for (analyte, value, unit, expected) in [
            ("Glucosa", "5.5", "mmol/L", 99.1),
            ("Glucosa", "99", "mg/dL", 99.0),
            ("HbA1c", "53", "mmol/mol", 7.0),
            ("Creatinina", "88.42", "umol/L", 1.0),
            ("Colesterol total", "5", "mmol/L", 193.4),
            ("Hemoglobina", "132", "g/L", 13.2),
        ] {
            let Some(Reading::Comparable { value, .. }) = read(analyte, value, unit) else {
                panic!("{analyte} {value} {unit}")
            };
            assert!((value - expected).abs() < 0.05, "{analyte}: {value}");
        }
    }

    #[test]
    fn what_cannot_be_true_is_told_apart_and_a_strange_unit_is_not_guessed() {
        assert!(
            matches!(read("Glucosa", "9900", "mg/dL"), Some(Reading::Impossible { range: (_, most), .. }) if most < 9900.0)
        );
        assert!(matches!(read("HbA1c", "53", "%"), Some(Reading::Impossible { .. })));
        assert!(matches!(read("Glucosa", "99", "pg"), Some(Reading::OtherUnit(_))));
        assert_eq!(read("Analito nuevo", "3", "mg/dL"), Some(Reading::Unknown));
        assert_eq!(read("Glucosa", "Hemolizada", "mg/dL"), None);
    }

    #[test]
    fn every_row_of_the_tables_is_of_an_analyte_and_a_known_unit() {
        let units: Vec<&str> = rows(include_str!("../../../catalogs/laboratory/units.tsv"))
            .filter_map(|row| row.get(1).copied())
            .collect();
        for row in conversions() {
            assert!(catalog::analytes().iter().any(|one| one.loinc == row.loinc), "{}", row.loinc);
            assert!(units.contains(&row.from), "{}", row.from);
        }
        assert!(plausible().iter().all(|(code, (low, high))| low < high && catalog::is_loinc(code)));
        assert_eq!((conversions().len(), plausible().len()), (33, 28), "a row that cannot be read");
    }
}
