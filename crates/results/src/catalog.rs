//! Analytes in use in Mexico with their LOINC code, and units as laboratories print them with their UCUM code.
//!
//! A code is given only when name and unit both fit: LOINC tells mass from moles, and the unit tells which one it is.

use std::collections::HashMap;
use std::sync::OnceLock;

use clinical::laboratory::LabResult;
use terminology::fold::fold;

/// An analyte of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Analyte {
    /// LOINC code.
    pub loinc: &'static str,
    /// The usual name in Mexico.
    pub name: &'static str,
    /// UCUM code of the unit the LOINC code stands for.
    pub ucum: &'static str,
}

struct Catalog {
    analytes: Vec<Analyte>,
    /// Folded name or synonym to its place.
    names: HashMap<String, usize>,
    /// Printed unit without spaces, in small letters, to UCUM.
    units: HashMap<String, &'static str>,
}

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let mut catalog = Catalog { analytes: Vec::new(), names: HashMap::new(), units: HashMap::new() };
        for row in rows(include_str!("../../../catalogs/laboratory/analytes.tsv")) {
            let [loinc, name, ucum, synonyms] = *row.as_slice() else { continue };
            let place = catalog.analytes.len();
            catalog.analytes.push(Analyte { loinc, name, ucum });
            for word in std::iter::once(name).chain(synonyms.split('|')) {
                catalog.names.entry(fold(word)).or_insert(place);
            }
        }
        for row in rows(include_str!("../../../catalogs/laboratory/units.tsv")) {
            let [printed, ucum] = *row.as_slice() else { continue };
            catalog.units.insert(unit_key(printed), ucum);
        }
        catalog
    })
}

pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect())
}

/// All analytes, in the order of the catalogue, for lists to choose from.
#[must_use]
pub fn analytes() -> &'static [Analyte] {
    &catalog().analytes
}

/// The analyte a result is of: by its LOINC code, else by its name; its unit may be another one.
#[must_use]
pub fn analyte(result: &LabResult) -> Option<Analyte> {
    let catalog = catalog();
    let coded = || {
        let code = result.loinc.as_deref()?;
        catalog.analytes.iter().find(|analyte| analyte.loinc == code)
    };
    let named = || catalog.names.get(&fold(&result.analyte)).and_then(|place| catalog.analytes.get(*place));
    coded().or_else(named).copied()
}

/// The UCUM code of a unit as printed, if it is known.
#[must_use]
pub fn ucum(printed: &str) -> Option<&'static str> {
    catalog().units.get(&unit_key(printed)).copied()
}

/// Case counts for nothing in printed units; superscripts, multiplication signs and spaces are written in many ways.
fn unit_key(printed: &str) -> String {
    let mut key = String::new();
    for c in printed.chars().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()) {
        match c {
            '³' => key.push('3'),
            '²' => key.push('2'),
            '⁶' => key.push('6'),
            'μ' | 'µ' => key.push('u'),
            '×' | '*' => key.push('x'),
            '^' => {}
            other => key.push(other),
        }
    }
    key
}

/// The result with the UCUM code of its unit, and with the LOINC code when name and unit both fit.
/// A LOINC code that came with the result stays.
#[must_use]
pub fn completed(mut result: LabResult) -> LabResult {
    let catalog = catalog();
    if result.ucum.is_none() {
        result.ucum = result.unit.as_deref().and_then(ucum).map(str::to_owned);
    }
    if result.loinc.is_none() {
        let named = catalog.names.get(&fold(&result.analyte)).and_then(|place| catalog.analytes.get(*place));
        let fits = named.filter(|analyte| result.ucum.as_deref() == Some(analyte.ucum));
        result.loinc = fits.map(|analyte| analyte.loinc.to_owned());
    }
    result
}

/// Whether a text has the form of a LOINC code with its check digit (modulus 10, Luhn), as published by LOINC.
#[must_use]
pub fn is_loinc(code: &str) -> bool {
    let Some((number, check)) = code.split_once('-') else { return false };
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != number.len() || !(1..=7).contains(&digits.len()) || check.len() != 1 {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = if place % 2 == 0 { digit * 2 } else { *digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    check.parse::<u32>().is_ok_and(|check| (10 - sum % 10) % 10 == check)
}

#[cfg(test)]
mod tests {
    use clinical::laboratory::LabValue;

    use super::*;

    fn named(analyte: &str, unit: &str) -> LabResult {
        completed(LabResult {
            analyte: analyte.to_owned(),
            loinc: None,
            value: LabValue::read("1").unwrap(),
            unit: Some(unit.to_owned()),
            ucum: None,
            range: None,
            flag: None,
            comment: None,
        })
    }

    #[test]
    fn a_code_is_given_only_when_name_and_unit_fit() {
        assert_eq!(named("GLUCOSA", "mg/dL").loinc.as_deref(), Some("2345-7"));
        assert_eq!(named("Hemoglobina glucosilada", "%").loinc.as_deref(), Some("4548-4"));
        assert_eq!(named("Glucosa", "mmol/L").loinc, None, "another property");
        assert_eq!(named("Glucosa", "").loinc, None, "no unit, no certainty");
        assert_eq!(named("Algo inventado", "mg/dL").loinc, None);
    }

    #[test]
    fn units_are_known_in_the_ways_they_are_printed() {
        for printed in ["10^3/uL", "10³/µL", "x10^3/μL", "miles/uL", "K/uL", " 10*3/uL "] {
            assert_eq!(ucum(printed), Some("10*3/uL"), "{printed}");
        }
        assert_eq!(ucum("MG/DL"), Some("mg/dL"));
        assert_eq!(ucum("cucharadas"), None);
    }

    #[test]
    fn every_code_has_its_check_digit_and_every_unit_is_one_of_the_list() {
        assert!(analytes().len() >= 60, "{}", analytes().len());
        let known: Vec<&str> = catalog().units.values().copied().collect();
        let mut seen = std::collections::HashSet::new();
        for analyte in analytes() {
            assert!(is_loinc(analyte.loinc), "{analyte:?}");
            assert!(seen.insert(analyte.loinc), "{analyte:?} stands twice");
            assert!(known.contains(&analyte.ucum), "{analyte:?}");
        }
        assert!(!is_loinc("2345-8") && !is_loinc("abc-1") && !is_loinc("2345"));
    }

    #[test]
    fn no_word_names_two_analytes() {
        let mut owner: HashMap<String, &str> = HashMap::new();
        for row in rows(include_str!("../../../catalogs/laboratory/analytes.tsv")) {
            assert_eq!(row.len(), 4, "{row:?}");
            for word in std::iter::once(row[1]).chain(row[3].split('|')) {
                let other = owner.insert(fold(word), row[0]);
                assert!(other.is_none_or(|code| code == row[0]), "{word}: {other:?} and {}", row[0]);
            }
        }
    }
}
