//! Which lexicons know a word at all: half a phrase of a lexicon says more about a stretch of words than an unknown word.

use std::collections::HashMap;
use std::sync::OnceLock;

use clinical::transcript::Speaker;

use crate::text::TurnDoc;

use super::spots::is_small;

macro_rules! table {
    ($name:literal) => {
        include_str!(concat!("../../../../../catalogs/lexicon/", $name, ".tsv"))
    };
}

const TABLES: [&str; 9] = [
    table!("symptoms"),
    table!("diseases"),
    table!("studies"),
    table!("findings"),
    table!("habits"),
    table!("surgeries"),
    table!("sites"),
    table!("organs"),
    table!("obgyn"),
];

/// The tables that hold a stem, one bit each.
pub(super) fn tables_of(stem: &str) -> u16 {
    static WORDS: OnceLock<HashMap<String, u16>> = OnceLock::new();
    WORDS.get_or_init(read).get(stem).copied().unwrap_or_default()
}

fn read() -> HashMap<String, u16> {
    let mut words: HashMap<String, u16> = HashMap::new();
    for (bit, table) in TABLES.iter().enumerate() {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let plain = line.replace(['\t', '|', '/', '(', ')', '*', '[', ']', '='], " ");
            for token in TurnDoc::new(Speaker::Unknown, &plain).tokens {
                if token.norm.len() >= 4 && !is_small(&token.norm) {
                    *words.entry(token.stem).or_default() |= 1 << bit;
                }
            }
        }
    }
    words
}

/// What a stem speaks of: places in the order of `words.tsv`.
pub(super) fn senses_of(stem: &str) -> &'static [u8] {
    static WORDS: OnceLock<HashMap<String, Vec<u8>>> = OnceLock::new();
    WORDS.get_or_init(read_senses).get(stem).map_or(&[], Vec::as_slice)
}

fn read_senses() -> HashMap<String, Vec<u8>> {
    let mut words: HashMap<String, Vec<u8>> = HashMap::new();
    let lines = table!("words").lines().filter(|line| !line.starts_with('#'));
    for (class, line) in (0..u8::MAX).zip(lines) {
        let Some((_, listed)) = line.split_once('\t') else { continue };
        for token in TurnDoc::new(Speaker::Unknown, listed).tokens {
            let senses = words.entry(token.stem).or_default();
            if !senses.contains(&class) {
                senses.push(class);
            }
        }
    }
    words
}
