//! Abbreviations and phrases that mean the same, from `catalogs/lexicon`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::query::Phrase;
use super::stem;
use crate::icd::words::{for_each_word, is_empty_word};

const ABBREVIATIONS: &str = include_str!("../../../../catalogs/lexicon/abbreviations.tsv");
const EQUIVALENTS: &str = include_str!("../../../../catalogs/lexicon/equivalents.tsv");

/// Abbreviations that in small letters are words of their own.
const ALSO_WORDS: [&str; 5] = ["ago", "eva", "has", "les", "ira"];

struct Abbreviation {
    written: &'static str,
    expansion: &'static str,
}

/// By folded form. Only single words that need nothing before them to be clear and have one reading.
static BY_FOLDED: LazyLock<HashMap<String, Abbreviation>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for line in rows(ABBREVIATIONS) {
        let mut columns = line.split('\t');
        let (Some(written), Some(expansion), None) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let folded = crate::fold::fold(written);
        if written.chars().all(char::is_alphanumeric) && !expansion.contains(" o ") {
            table.insert(folded, Abbreviation { written, expansion });
        }
    }
    table
});

/// Groups of phrases, and for every first term the phrases that begin with it.
struct Groups {
    phrases: Vec<Vec<Phrase>>,
    by_first: HashMap<String, Vec<(usize, Phrase)>>,
}

static GROUPS: LazyLock<Groups> = LazyLock::new(|| {
    let mut groups = Groups { phrases: Vec::new(), by_first: HashMap::new() };
    for line in rows(EQUIVALENTS) {
        let mut phrases: Vec<Phrase> =
            line.split('|').map(typed_terms).filter(|phrase| !phrase.is_empty()).collect();
        for phrase in &phrases {
            if let Some(first) = phrase.first() {
                let known = groups.by_first.entry(first.clone()).or_default();
                known.push((groups.phrases.len(), phrase.clone()));
            }
        }
        // Where "diabetes" does, "diabetes mellitus" adds nothing; "has" is rather the verb.
        let is_word = |phrase: &[String]| matches!(phrase, [term] if ALSO_WORDS.contains(&term.as_str()));
        phrases = (phrases.iter())
            .filter(|phrase| !phrases.iter().any(|other| other != *phrase && holds(phrase, other)))
            .filter(|phrase| !is_word(phrase))
            .cloned()
            .collect();
        phrases.dedup();
        groups.phrases.push(phrases);
    }
    groups
});

fn holds(phrase: &[String], other: &[String]) -> bool {
    phrase.windows(other.len()).any(|window| window == other)
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The folded words of a phrase that carry meaning.
pub(super) fn content_words(phrase: &str) -> Vec<String> {
    let mut words = Vec::new();
    for_each_word(phrase, |folded, _| {
        if !is_empty_word(folded) {
            words.push(folded.to_owned());
        }
    });
    words
}

/// The terms of a phrase as somebody types it: abbreviations stay.
pub(super) fn typed_terms(phrase: &str) -> Phrase {
    content_words(phrase).iter().map(|word| stem(word)).collect()
}

/// What a word of a document stands for, if it is an abbreviation: with its own capitals, or in any letters when it
/// has three or more and is no other word.
pub(super) fn expansion(written: &str, folded: &str) -> Option<&'static str> {
    let found = BY_FOLDED.get(folded)?;
    let small_is_clear = folded.len() >= 3 && !ALSO_WORDS.contains(&folded);
    (written == found.written || small_is_clear).then_some(found.expansion)
}

/// What a typed word may stand for beside itself.
pub(super) fn typed_expansion(folded: &str) -> Option<&'static str> {
    BY_FOLDED.get(folded).map(|found| found.expansion)
}

/// The longest phrase of a group that `terms` begins with: how many terms it takes, and all phrases of the group.
pub(super) fn group(terms: &[String]) -> Option<(usize, &'static [Phrase])> {
    let known = GROUPS.by_first.get(terms.first()?)?;
    let longest =
        known.iter().filter(|(_, phrase)| terms.starts_with(phrase)).max_by_key(|(_, p)| p.len())?;
    Some((longest.1.len(), &GROUPS.phrases[longest.0]))
}
