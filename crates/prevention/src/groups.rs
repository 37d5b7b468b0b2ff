//! The groups of patients that norms speak of, told by diagnoses.

use std::sync::OnceLock;

use clinical::condition::{Certainty, ConditionEntry};
use drug_safety::{Pregnancy, pregnancy_told};
use jiff::ToSpan;
use jiff::civil::Date;
use terminology::fold::fold;

/// A group of patients with controls or targets of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Diabetes mellitus.
    Diabetes,
    /// Arterial hypertension.
    Hypertension,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 2] = [Self::Diabetes, Self::Hypertension];

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        match code {
            "diabetes" => Some(Self::Diabetes),
            "hypertension" => Some(Self::Hypertension),
            _ => None,
        }
    }
}

struct Told {
    group: Group,
    words: Vec<&'static str>,
    not: Vec<&'static str>,
    icd11: Vec<&'static str>,
    icd10: Vec<&'static str>,
}

fn table() -> &'static [Told] {
    static TABLE: OnceLock<Vec<Told>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let list = |cell: &'static str| cell.split(';').filter(|word| !word.is_empty()).collect();
        let rows = crate::rows(include_str!("../../../catalogs/prevention/groups.tsv"));
        let read = |row: Vec<&'static str>| {
            let [group, words, not, icd11, icd10] = *row.as_slice() else { return None };
            let group = Group::from_code(group)?;
            Some(Told { group, words: list(words), not: list(not), icd11: list(icd11), icd10: list(icd10) })
        };
        rows.filter_map(read).collect()
    })
}

/// The groups a diagnosis puts its patient into; one that was ruled out puts them into none, and a confirmed code decides
/// before words do.
pub fn groups_of(diagnosis: &ConditionEntry) -> impl Iterator<Item = Group> {
    let text = format!(" {} ", fold(&diagnosis.text));
    let says = move |words: &[&str]| words.iter().any(|word| text.contains(&format!(" {word} ")));
    let begins = |code: &str, with: &[&str]| with.iter().any(|begin| code.starts_with(begin));
    let told = table().iter().filter(move |told| {
        let coded = diagnosis.code.as_ref().is_some_and(|code| {
            begins(&code.icd11, &told.icd11)
                || code.icd10.as_ref().is_some_and(|icd10| begins(icd10, &told.icd10))
        });
        diagnosis.certainty != Certainty::RuledOut && (coded || says(&told.words) && !says(&told.not))
    });
    told.map(|told| told.group)
}

/// Longest pregnancy in days: one noted before that is not one any more.
pub const PREGNANCY_DAYS: i32 = 301;

/// The first day of a pregnancy as it is counted (forty weeks before the expected birth), told by a diagnosis with its weeks
/// and the day it was noted.
#[must_use]
pub fn pregnancy_began(diagnosis: &ConditionEntry, noted: Date) -> Option<Date> {
    match pregnancy_told(&diagnosis.text)? {
        Pregnancy::Yes { weeks: Some(weeks) } if diagnosis.certainty != Certainty::RuledOut => {
            noted.checked_sub((i64::from(weeks) * 7).days()).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, icd11: Option<&str>) -> Vec<Group> {
        let code = icd11.map(|icd11| clinical::condition::ConditionCode {
            icd11: icd11.to_owned(),
            title: String::new(),
            icd10: None,
            release: None,
        });
        let entry = ConditionEntry { text: text.to_owned(), certainty: Certainty::Confirmed, code };
        groups_of(&entry).collect()
    }

    #[test]
    fn a_diagnosis_tells_the_group_by_its_code_or_by_its_words() {
        assert_eq!(told("Diabetes mellitus tipo 2 sin complicaciones", None), [Group::Diabetes]);
        assert_eq!(told("Azúcar alta", Some("5A11")), [Group::Diabetes]);
        assert_eq!(told("Paciente hipertensa y diabética", None), [Group::Diabetes, Group::Hypertension]);
        for other in [
            "Diabetes insípida",
            "Diabetes gestacional",
            "Hipertensión pulmonar",
            "Antecedente familiar de diabetes",
            "Probable diabetes mellitus",
            "Asma",
        ] {
            assert!(told(other, None).is_empty(), "{other}");
        }
        assert_eq!(table().len(), Group::ALL.len(), "a row of groups.tsv cannot be read");
    }

    #[test]
    fn the_beginning_of_a_pregnancy_is_counted_back_from_its_weeks() {
        let entry = ConditionEntry {
            text: "embarazo normal de 22 semanas".to_owned(),
            certainty: Certainty::Confirmed,
            code: None,
        };
        let day: Date = "2026-11-13".parse().unwrap();
        assert_eq!(pregnancy_began(&entry, day), Some("2026-06-12".parse().unwrap()));
    }
}
