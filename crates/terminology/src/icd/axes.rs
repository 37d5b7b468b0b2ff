//! What a code may be made more precise by: axes with their values, and diseases that usually come with it.
//!
//! WHO's files carry the values (chapter X) and not which axis a code takes; which are offered is this project's table
//! (`catalogs/icd11`). It only guides: whatever the release has may be typed.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::catalog::lines;
use super::words::{stem, words};

const AXES: &str = include_str!("../../../../catalogs/icd11/axes.tsv");
const VALUES: &str = include_str!("../../../../catalogs/icd11/axis_values.tsv");
const COMPANY: &str = include_str!("../../../../catalogs/icd11/company.tsv");

/// A way of being more precise of which one value is chosen: the side, how severe.
#[derive(Debug)]
pub struct Axis {
    /// Stable word.
    pub id: &'static str,
    /// What a person reads.
    pub label: &'static str,
    /// Its values, in the order in which they are offered.
    pub values: Vec<AxisValue>,
    stems: Stems,
}

/// A value of an axis: an extension code.
#[derive(Debug)]
pub struct AxisValue {
    /// The extension code.
    pub code: &'static str,
    /// WHO's Spanish title, unaltered.
    pub title: &'static str,
    said: Said,
}

/// A disease that usually comes with another and is coded behind it with `/`.
#[derive(Debug)]
pub struct Companion {
    /// Its code.
    pub code: &'static str,
    /// The CIE-10 code of both together, where there is one.
    pub icd10: Option<&'static str>,
    stem: &'static str,
    said: Said,
}

/// Beginnings of codes: the longest that fits decides.
#[derive(Debug)]
struct Stems {
    with: Vec<&'static str>,
    without: Vec<&'static str>,
}

impl Stems {
    fn hold(&self, code: &str) -> bool {
        let longest = |list: &[&str]| {
            list.iter().filter(|beginning| code.starts_with(**beginning)).map(|one| one.len()).max()
        };
        longest(&self.with) > longest(&self.without)
    }
}

/// Words that say a value: alternatives of words in a row, whatever their number and gender.
#[derive(Debug)]
struct Said(Vec<Vec<Heard>>);

#[derive(Debug)]
enum Heard {
    Word(&'static str),
    Number(RangeInclusive<u32>),
}

impl Said {
    fn of(text: &'static str) -> Self {
        let heard = |word: &'static str| {
            let range =
                word.split_once('-').and_then(|(from, to)| Some(from.parse().ok()?..=to.parse().ok()?));
            range.map_or_else(|| Heard::Word(stem(word)), Heard::Number)
        };
        let alternatives = text.split('|').filter(|one| !one.is_empty());
        Self(alternatives.map(|one| one.split(' ').map(heard).collect()).collect())
    }

    /// How many words in a row say it, at most; none where "no" or "sin" stands before them.
    fn length_in(&self, told: &[String]) -> usize {
        let same = |heard: &Heard, word: &String| match heard {
            Heard::Word(stem) => stem == word,
            Heard::Number(range) => word.parse().is_ok_and(|number| range.contains(&number)),
        };
        let found = |one: &Vec<Heard>| {
            let at = told.windows(one.len()).position(|part| one.iter().zip(part).all(|(h, w)| same(h, w)));
            let denied = |at: usize| at > 0 && matches!(told[at - 1].as_str(), "no" | "sin");
            at.is_some_and(|at| !denied(at)).then_some(one.len())
        };
        self.0.iter().filter_map(found).max().unwrap_or(0)
    }
}

/// The stems of the words of a text, in order.
fn told(text: &str) -> Vec<String> {
    words(text).iter().map(|word| stem(&word.folded).to_owned()).collect()
}

impl Axis {
    /// The value some words say: one and no other.
    ///
    /// ```
    /// use terminology::icd::axes;
    /// let side = axes("FA01.Z", "").find(|axis| axis.id == "lado").expect("a knee has a side");
    /// assert_eq!(side.said("gonartrosis derecha").map(|value| value.code), Some("XK9K"));
    /// assert!(side.said("gonartrosis").is_none());
    /// ```
    #[must_use]
    pub fn said(&self, text: &str) -> Option<&AxisValue> {
        let told = told(text);
        let lengths: Vec<usize> = self.values.iter().map(|value| value.said.length_in(&told)).collect();
        let most = lengths.iter().copied().max().filter(|most| *most > 0)?;
        let mut best = self.values.iter().zip(&lengths).filter(|(_, length)| **length == most);
        let only = best.next().map(|(value, _)| value);
        only.filter(|_| best.next().is_none())
    }

    /// Whether it has a value.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.values.iter().any(|value| value.code == code)
    }
}

impl Companion {
    /// Whether some words speak of it.
    #[must_use]
    pub fn said(&self, text: &str) -> bool {
        self.said.length_in(&told(text)) > 0
    }
}

struct Tables {
    axes: Vec<Axis>,
    company: Vec<Companion>,
}

/// The tables, read once. A test reads every line of them; one that cannot be read is left out.
fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let fields = |table: &'static str| lines(table).map(|(_, line)| line.split('\t').collect::<Vec<_>>());
        let mut axes: Vec<Axis> = Vec::new();
        for row in fields(AXES) {
            let [id, label, stems] = row[..] else { continue };
            let (without, with): (Vec<_>, Vec<_>) = stems.split(' ').partition(|one| one.starts_with('-'));
            let without = without.into_iter().map(|one| &one[1..]).collect();
            axes.push(Axis { id, label, values: Vec::new(), stems: Stems { with, without } });
        }
        for row in fields(VALUES) {
            let [axis, code, title, said] = row[..] else { continue };
            let value = AxisValue { code, title, said: Said::of(said) };
            if let Some(axis) = axes.iter_mut().find(|one| one.id == axis) {
                axis.values.push(value);
            }
        }
        let companion = |row: Vec<&'static str>| match row[..] {
            [stem, code, icd10, said] => {
                let icd10 = Some(icd10).filter(|code| !code.is_empty());
                Some(Companion { code, icd10, stem, said: Said::of(said) })
            }
            _ => None,
        };
        Tables { axes, company: fields(COMPANY).filter_map(companion).collect() }
    })
}

/// The axes that are offered for a code. One whose value its title already says is not among them.
pub fn axes(stem: &str, title: &str) -> impl Iterator<Item = &'static Axis> {
    let said = told(title);
    let open = move |axis: &&Axis| axis.values.iter().all(|value| value.said.length_in(&said) == 0);
    let stem = stem.to_owned();
    tables().axes.iter().filter(move |axis| axis.stems.hold(&stem)).filter(open)
}

/// All values of all axes: the extension codes that are known without an imported release.
pub(crate) fn values() -> impl Iterator<Item = &'static AxisValue> {
    tables().axes.iter().flat_map(|axis| &axis.values)
}

/// The axis an extension code is a value of.
pub(crate) fn axis_of(extension: &str) -> Option<&'static Axis> {
    tables().axes.iter().find(|axis| axis.has(extension))
}

/// The diseases that usually come with a code.
pub fn company(stem: &str) -> impl Iterator<Item = &'static Companion> {
    tables().company.iter().filter(move |one| stem.starts_with(one.stem) && one.code != stem)
}

#[cfg(test)]
mod tests {
    use super::{AXES, COMPANY, VALUES, axes, company, tables};
    use crate::icd::{Icd10Code, Icd11Code};
    use std::collections::HashSet;

    /// The values a mention says of the axes offered for a code.
    fn check(stem: &str, title: &str, mention: &str, expected: &[&str]) {
        let said: Vec<&str> =
            axes(stem, title).filter_map(|axis| axis.said(mention)).map(|v| v.code).collect();
        assert_eq!(said, expected, "{stem}: {mention}");
    }

    #[test]
    fn every_line_of_the_tables_is_read_and_its_codes_are_well_formed() {
        let rows = |table: &str| table.lines().skip(1).count();
        let tables = tables();
        let values: Vec<&str> =
            tables.axes.iter().flat_map(|axis| &axis.values).map(|value| value.code).collect();
        assert_eq!((tables.axes.len(), values.len()), (rows(AXES), rows(VALUES)));
        assert_eq!(tables.company.len(), rows(COMPANY));
        assert_eq!(values.iter().collect::<HashSet<_>>().len(), values.len(), "a code has one axis");
        assert!(tables.axes.iter().all(|axis| axis.values.len() > 1), "one value is no choice");
        for code in values {
            assert!(Icd11Code::parse(&format!("1A00&{code}")).is_ok(), "{code}");
        }
        for one in &tables.company {
            assert!(Icd11Code::parse(one.code).is_ok_and(|code| !code.is_cluster()), "{}", one.code);
            assert!(one.icd10.is_none_or(|code| Icd10Code::parse(code).is_ok()), "{}", one.code);
        }
    }

    #[test]
    fn side_degree_and_course_are_taken_from_the_words_of_the_physician() {
        check("FA01.Z", "", "gonartrosis DERECHA severa", &["XK9K", "XS25"]);
        check("CA40.Z", "", "neumonía izquierda leve adquirida en la comunidad", &["XK8G", "XS5W", "XB22"]);
        check("NC32.5Z", "", "fractura expuesta conminuta de radio izq", &["XK8G", "XJ7YM", "XJ1Z6"]);
        check("JA24.Z", "", "preeclampsia, embarazo de 32 semanas", &["XT4J"]);
        check("2C61.Z", "", "cáncer de mama izquierda etapa IIIA, estadio III", &["XK8G", "XS6H"]);
        check("BD1Z", "", "insuficiencia cardiaca NYHA III", &["XS9T"]);
        check("ND95.Z", "", "quemadura de mano derecha, 4 por ciento", &["XK9K", "XJ4PF"]);
    }

    #[test]
    fn what_is_denied_said_twice_or_in_the_title_is_not_proposed() {
        check("FA01.Z", "", "gonartrosis derecha e izquierda", &[]);
        check("DA25.Z", "", "esofagitis no grave", &[]);
        assert!(axes("DC31.Z", "Pancreatitis aguda, sin especificación").all(|axis| axis.id != "curso"));
        assert!(axes("5A11", "Diabetes mellitus tipo 2").all(|axis| axis.id != "lado"));
        assert!(axes("QA00", "").next().is_none());
    }

    #[test]
    fn what_usually_comes_with_a_disease_is_offered_and_proposed_by_its_words() {
        let said: Vec<&str> = company("5A11")
            .filter(|one| one.said("DM2 con nefropatía y pie diabético"))
            .map(|one| one.code)
            .collect();
        assert_eq!(said, ["GB61.Z", "BD54"]);
        assert!(company("6A70.0").next().is_none());
    }
}
