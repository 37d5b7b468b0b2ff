//! The table of wordings seen with their codes, `catalogs/icd11/codiesp_mentions.tsv`, from some of the documents.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use terminology::fold::fold;
use terminology::icd::IcdIndex;

use super::corpus::{Document, Marked};

/// Longer wordings are sentences, not names.
const WORDS: usize = 9;

/// What was seen of one wording.
#[derive(Default)]
struct Seen<'a> {
    /// The ways it was written, with their counts.
    written: BTreeMap<&'a str, u32>,
    /// By ICD-11 code and three characters of CIE-10: the CIE-10 codes with their counts.
    codes: BTreeMap<(&'a str, &'a str), BTreeMap<&'a str, u32>>,
}

fn counts<'a>(map: &BTreeMap<&'a str, u32>) -> Option<(&'a str, u32)> {
    // Of equals the first in the order of letters, so that the table is the same every time.
    let best = map.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)))?;
    Some((best.0, map.values().sum()))
}

/// The table, with its heading.
///
/// `own` are the words the other tables have, with their code: where the same words were seen with a code of the same
/// category, they are counted for that code, which is the more exact one.
pub(crate) fn observed<'a>(
    documents: impl Iterator<Item = &'a Document>,
    own: &'a HashMap<String, String>,
) -> String {
    let core = IcdIndex::core();
    let mut wordings: BTreeMap<String, Seen<'a>> = BTreeMap::new();
    let mut entries: HashMap<&str, bool> = HashMap::new();
    for marked in documents.flat_map(|document| &document.marked) {
        let Some(icd11) = usable(marked) else { continue };
        if !*entries.entry(icd11).or_insert_with(|| core.lookup(icd11).is_some()) {
            continue;
        }
        let wording = fold(&marked.text);
        let same = own.get(&wording).filter(|code| code.split('.').next() == icd11.split('.').next());
        let icd11 = same.map_or(icd11, String::as_str);
        let seen = wordings.entry(wording).or_default();
        *seen.written.entry(marked.text.trim()).or_default() += 1;
        let codes = seen.codes.entry((icd11, &marked.icd10_category)).or_default();
        *codes.entry(&marked.icd10).or_default() += 1;
    }
    let mut rows = BTreeMap::new();
    for seen in wordings.values() {
        let Some((text, _)) = counts(&seen.written) else { continue };
        for ((icd11, category), codes) in &seen.codes {
            if let Some((icd10, count)) = counts(codes) {
                rows.insert((*icd11, text, *category), format!("{icd11}\t{text}\t{icd10}\ts\t{count}"));
            }
        }
    }
    let mut table = "icd11\tsynonym\ticd10\tflag\tseen\n".to_owned();
    for row in rows.values() {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{row}");
    }
    table
}

/// The ICD-11 code of a mention whose words may stand in the table.
fn usable(marked: &Marked) -> Option<&str> {
    let words = marked.text.split_whitespace().count();
    let letters = marked.text.chars().filter(|c| c.is_alphabetic()).count();
    let plain = !marked.text.contains(['\t', '\n', '\r']);
    (words <= WORDS && letters >= 2 && plain).then(|| stem(marked)).flatten()
}

/// The stem code of a mention. WHO maps germs to extension codes and tumours of uncertain behaviour to a chapter, which
/// are no codes by themselves: the stem they would be added to stands for them.
fn stem(marked: &Marked) -> Option<&str> {
    match marked.icd10_category.as_str() {
        "B95" | "B96" => Some("1C41"),
        "B97" => Some("1D9Z"),
        _ => match marked.icd11.as_deref() {
            Some("02") => Some("2F7Z"),
            other => other,
        },
    }
}
