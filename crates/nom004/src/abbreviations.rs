//! Finds abbreviations, which NOM-004 5.11 does not allow in a note, and says what they stand for.

use std::ops::Range;

/// An abbreviation in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbbreviationWarning {
    /// Bytes of the text it occupies, on character boundaries.
    pub range: Range<usize>,
    /// As written.
    pub abbreviation: String,
    /// What it stands for; the physician decides, since some have more than one reading.
    pub expansion: &'static str,
}

const TABLE: &str = include_str!("../../../catalogs/lexicon/abbreviations.tsv");

struct Entry {
    short: &'static str,
    expansion: &'static str,
    /// Flagged only after this word ("IV" is also a Roman four).
    after: Option<&'static str>,
}

fn entries() -> impl Iterator<Item = Entry> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut columns = line.split('\t');
        Some(Entry { short: columns.next()?, expansion: columns.next()?, after: columns.next() })
    })
}

/// The abbreviations of a text in the order they stand. Units of measure (mg, mmHg, °C) are not abbreviations.
///
/// ```
/// let found = nom004::abbreviations("Paciente con HAS, TA de 132/80 mmHg.");
/// assert_eq!(found[0].expansion, "hipertensión arterial sistémica");
/// assert_eq!(found.len(), 2);
/// ```
#[must_use]
pub fn abbreviations(text: &str) -> Vec<AbbreviationWarning> {
    let mut found: Vec<AbbreviationWarning> = Vec::new();
    for entry in entries() {
        for start in starts(text, entry.short) {
            let range = start..start + entry.short.len();
            if stands_alone(text, &range, entry.short)
                && entry.after.is_none_or(|word| follows(text, start, word))
            {
                let abbreviation = text[range.clone()].to_owned();
                found.push(AbbreviationWarning { range, abbreviation, expansion: entry.expansion });
            }
        }
    }
    found.sort_by_key(|warning| (warning.range.start, usize::MAX - warning.range.end));
    let mut end = 0;
    found.retain(|warning| {
        let apart = warning.range.start >= end;
        if apart {
            end = warning.range.end;
        }
        apart
    });
    found
}

/// Byte positions of `short`: as written when it has capitals, in any ASCII case otherwise.
fn starts<'a>(text: &'a str, short: &'a str) -> impl Iterator<Item = usize> + 'a {
    let exact = short.chars().any(char::is_uppercase);
    text.char_indices().map(|(at, _)| at).filter(move |&at| {
        text.get(at..at + short.len())
            .is_some_and(|here| if exact { here == short } else { here.eq_ignore_ascii_case(short) })
    })
}

/// No letter or digit touches it; a slash or full stop at its own end needs none after it.
fn stands_alone(text: &str, range: &Range<usize>, short: &str) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let open_end = short.ends_with(['/', '.']);
    free(before) && before != Some('/') && (open_end || (free(after) && after != Some('/')))
}

fn follows(text: &str, start: usize, word: &str) -> bool {
    text[..start].split_whitespace().next_back().is_some_and(|last| last.to_lowercase() == word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = abbreviations(text);
        let found: Vec<_> = found.iter().map(|w| (w.abbreviation.as_str(), w.expansion)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn abbreviations_are_found_with_their_expansion() {
        check("Antecedente de DM2.", &[("DM2", "diabetes mellitus tipo 2")]);
        check(
            "Px con dx de IVU",
            &[("Px", "paciente"), ("dx", "diagnóstico"), ("IVU", "infección de vías urinarias")],
        );
        check("tomar c/8 horas v.o.", &[("c/", "cada"), ("v.o.", "vía oral")]);
        check("500 mg vía IV", &[("IV", "vía intravenosa")]);
    }

    #[test]
    fn units_words_and_roman_numerals_are_left_alone() {
        check("Úlcera grado IV, 500 mg, 36.5 °C, 132/80 mmHg, 12 mg/dL.", &[]);
        check("La PAciente toma TAbletas; HASta mañana", &[]);
        check("saturación 96 %, tabaco, derecha", &[]);
    }

    #[test]
    fn the_table_has_no_repeated_or_empty_rows() {
        let mut seen = std::collections::HashSet::new();
        for entry in entries() {
            assert!(seen.insert(entry.short), "{} is there twice", entry.short);
            assert!(!entry.short.is_empty() && !entry.expansion.is_empty());
        }
        assert!(seen.len() > 80);
    }

    proptest! {
        #[test]
        fn ranges_lie_in_the_text_in_order_and_apart(text in "(\\PC|TA|c/|dx | |\\.){0,40}") {
            let mut end = 0;
            for warning in abbreviations(&text) {
                prop_assert_eq!(text.get(warning.range.clone()), Some(warning.abbreviation.as_str()));
                prop_assert!(warning.range.start >= end);
                end = warning.range.end;
            }
        }
    }
}
