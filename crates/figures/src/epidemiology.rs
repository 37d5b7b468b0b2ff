//! Diseases under epidemiological surveillance (NOM-017-SSA2-2012, LGS 134-138): which CIE-10 codes they are, age groups
//! of the weekly report (SUIVE-1), the week from Sunday to Saturday.
//!
//! The list is `catalogs/epidemiology/suive.tsv`. Nothing is sent by the program: a physician confirms and reports.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

const TABLE: &str = include_str!("../../../catalogs/epidemiology/suive.tsv");

/// A disease of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notifiable {
    /// Its key (clave EPI).
    pub epi: u16,
    /// Its name.
    pub name: &'static str,
    /// Its CIE-10 codes as the list writes them; "-" without any.
    pub codes: &'static str,
    /// Notified within 24 hours, by the list or by the law.
    pub immediate: bool,
    /// The law gives no hours at all (LGS 136-I).
    pub without_term: bool,
    /// Asks for an epidemiological case study.
    pub case_study: bool,
    /// An outbreak asks for a study of its own.
    pub outbreak_study: bool,
    /// Days after which it counts as new again; `None` for what is new once in a life.
    pub again_after: Option<i64>,
    spans: Vec<CodeSpan>,
    without: Vec<CodeSpan>,
}

/// Codes from one to another, without their dot; as long as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CodeSpan {
    from: &'static str,
    until: &'static str,
    /// Ends with a dot inside: "A06.0".
    detailed: bool,
}

impl CodeSpan {
    fn read(text: &'static str) -> Self {
        let (from, until) = text.split_once('-').unwrap_or((text, text));
        Self { from, until, detailed: from.contains('.') }
    }

    /// How exactly a code is meant: 0 not at all.
    fn fits(&self, code: &str) -> usize {
        let length = if self.detailed { 5 } else { 3 };
        match code.get(..length) {
            Some(start) if self.from <= start && start <= self.until => length,
            _ => 0,
        }
    }
}

fn spans(text: &'static str) -> Vec<CodeSpan> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "-")
        .map(CodeSpan::read)
        .collect()
}

fn read_line(line: &'static str) -> Option<Notifiable> {
    let mut cells = line.split('\t');
    let (epi, name, codes, marks, again) =
        (cells.next()?, cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let (with, without) = codes.split_once('!').unwrap_or((codes, ""));
    Some(Notifiable {
        epi: epi.parse().ok()?,
        name,
        codes,
        immediate: marks.contains(['*', 'L']),
        without_term: marks.contains('I'),
        case_study: marks.contains('+'),
        outbreak_study: marks.contains('#'),
        again_after: again.parse().ok(),
        spans: spans(with),
        without: spans(without),
    })
}

static LIST: LazyLock<Vec<Notifiable>> = LazyLock::new(|| {
    TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).filter_map(read_line).collect()
});

/// All diseases of the list in its order.
#[must_use]
pub fn list() -> &'static [Notifiable] {
    &LIST
}

/// The disease with this key.
#[must_use]
pub fn by_key(epi: u16) -> Option<&'static Notifiable> {
    LIST.iter().find(|disease| disease.epi == epi)
}

/// The disease a CIE-10 code is: of several, the one whose code says most.
#[must_use]
pub fn of_code(icd10: &str) -> Option<&'static Notifiable> {
    let code = icd10.trim();
    let fit = |disease: &'static Notifiable| {
        let best = disease.spans.iter().map(|span| span.fits(code)).max().unwrap_or(0);
        let left_out = disease.without.iter().any(|span| span.fits(code) > 0);
        (best > 0 && !left_out).then_some((best, disease))
    };
    // The first of equals: the order of the list.
    LIST.iter()
        .filter_map(fit)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, one)| one)
}

/// Age groups of the weekly report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgeGroup(usize);

impl AgeGroup {
    /// Their words, in the order of the form; the last is for an unknown age.
    pub const LABELS: [&'static str; 12] = [
        "<1",
        "1-4",
        "5-9",
        "10-14",
        "15-19",
        "20-24",
        "25-44",
        "45-49",
        "50-59",
        "60-64",
        "65 y más",
        "Ignorada",
    ];

    /// The group of a person born on a day, at another.
    #[must_use]
    pub fn of(birth: Option<Date>, day: Date) -> Self {
        let Some(birth) = birth.filter(|birth| *birth <= day) else { return Self(11) };
        let had = (day.month(), day.day()) >= (birth.month(), birth.day());
        let years = day.year() - birth.year() - i16::from(!had);
        const LEAST: [i16; 11] = [0, 1, 5, 10, 15, 20, 25, 45, 50, 60, 65];
        Self(LEAST.iter().rposition(|least| years >= *least).unwrap_or(11))
    }

    /// Its place among [`AgeGroup::LABELS`].
    #[must_use]
    pub fn place(self) -> usize {
        self.0
    }
}

/// An epidemiological week: Sunday to Saturday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    sunday: Date,
}

impl Week {
    /// The week a day lies in; `None` at the ends of the calendar.
    #[must_use]
    pub fn of(day: Date) -> Option<Self> {
        let back = match day.weekday() {
            Weekday::Sunday => 0,
            other => other.to_monday_one_offset(),
        };
        day.checked_sub(back.days()).ok().map(|sunday| Self { sunday })
    }

    /// Its Sunday.
    #[must_use]
    pub fn first(self) -> Date {
        self.sunday
    }

    /// Its Saturday.
    #[must_use]
    pub fn last(self) -> Date {
        self.sunday.checked_add(6.days()).unwrap_or(self.sunday)
    }

    /// Year and number by the rule of four days: week 1 is the first with at least four days in the year. The official
    /// calendar of the Dirección General de Epidemiología binds: whoever reports confirms the number.
    #[must_use]
    pub fn number(self) -> (i16, i16) {
        // The Wednesday of a week lies in the year that has at least four of its days.
        let middle = self.sunday.checked_add(3.days()).unwrap_or(self.sunday);
        (middle.year(), (middle.day_of_year() - 1) / 7 + 1)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn check(code: &str, expected: Option<u16>) {
        assert_eq!(of_code(code).map(|disease| disease.epi), expected, "{code}");
    }

    #[test]
    fn every_line_of_the_list_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(list().len(), lines);
        let keys: std::collections::BTreeSet<u16> = list().iter().map(|disease| disease.epi).collect();
        assert_eq!(keys.len(), lines, "each key once");
        assert!(list().iter().all(|disease| disease.codes == "-" || !disease.spans.is_empty()));
    }

    #[test]
    fn a_code_is_the_disease_that_says_most_of_it() {
        check("A97.2", Some(89));
        check("A97.1", Some(189));
        check("A97.9", Some(27));
        check("K70.3", Some(150));
        check("K70.0", Some(111));
        check("J02.0", Some(15));
        check("J02.9", Some(16));
        check("E11", Some(49));
        check("E11.9", Some(49));
        check("A00.1", Some(1));
        check("A08.0", Some(137));
        check("A09", Some(8));
        check("Z00.0", None);
        check("", None);
        check("A", None);
    }

    #[test]
    fn what_is_left_out_of_a_disease_is_another_or_none() {
        check("J13", Some(176));
        check("J18.2", None);
        check("B17.1", Some(104));
        check("G00.0", Some(99));
    }

    #[test]
    fn what_is_told_within_a_day_is_marked() {
        let immediate = |code| of_code(code).is_some_and(|disease| disease.immediate);
        assert!(immediate("B05.9") && immediate("A37.0") && immediate("B51.9"), "any paludismo by the law");
        assert!(!immediate("E11.9") && !immediate("B01.9"));
        let at_once: Vec<&str> =
            list().iter().filter(|disease| disease.without_term).map(|disease| disease.name).collect();
        assert_eq!(at_once, ["Cólera", "Fiebre amarilla", "Peste"]);
        assert!(list().iter().all(|disease| disease.immediate || !disease.without_term));
    }

    #[test]
    fn an_age_lies_in_one_group() {
        let group = |birth, day| AgeGroup::LABELS[AgeGroup::of(birth, day).place()];
        let today = date(2026, 3, 10);
        assert_eq!(group(Some(date(2025, 3, 11)), today), "<1");
        assert_eq!(group(Some(date(2025, 3, 10)), today), "1-4");
        assert_eq!(group(Some(date(1982, 3, 10)), today), "25-44");
        assert_eq!(group(Some(date(1981, 3, 10)), today), "45-49");
        assert_eq!(group(Some(date(1920, 1, 1)), today), "65 y más");
        assert_eq!(group(None, today), "Ignorada");
        assert_eq!(group(Some(date(2027, 1, 1)), today), "Ignorada");
    }

    #[test]
    fn a_week_goes_from_sunday_to_saturday_and_belongs_to_the_year_of_most_of_its_days() {
        let week = Week::of(date(2026, 3, 10)).unwrap();
        assert_eq!((week.first(), week.last()), (date(2026, 3, 8), date(2026, 3, 14)));
        assert_eq!(Week::of(date(2026, 3, 8)), Some(week));
        assert_eq!(week.number(), (2026, 10));
        assert_eq!(Week::of(date(2026, 1, 1)).unwrap().number(), (2025, 53));
        assert_eq!(Week::of(date(2026, 1, 4)).unwrap().number(), (2026, 1));
    }
}
