//! The vocabulary of the index and the reading of a query against it.

use super::similar::{letter_set, similarity};
use super::words::{Strength, stem, strength};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A fast hash for short words from our own tables, eight bytes at a time; not meant to resist attack.
#[derive(Clone)]
pub(crate) struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
            self.mix(u64::from_le_bytes(*chunk));
            rest = tail;
        }
        let mut last = [0u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, _: u8) {}
}

impl WordHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

/// A hash map with [`WordHasher`].
pub(crate) type WordMap<V> = HashMap<Box<str>, V, BuildHasherDefault<WordHasher>>;

/// A stem the tables use.
#[derive(Debug)]
pub(crate) struct Term {
    /// The stem.
    pub text: Box<str>,
    /// Its letters, to compare fast.
    pub letters: u64,
    /// The term that stands for it; itself when no other means the same.
    pub canonical: u32,
    /// Entries that use it, through any word that means the same (kept at the canonical term).
    pub entries: u32,
}

/// All words of the tables with their stems and strengths.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    words: WordMap<(u32, Strength)>,
    stems: WordMap<u32>,
    /// By number.
    pub terms: Vec<Term>,
}

impl Vocabulary {
    /// The number of a word's stem, given one if new, and its strength.
    pub(crate) fn intern(&mut self, folded: &str) -> (u32, Strength) {
        if let Some(&known) = self.words.get(folded) {
            return known;
        }
        let found = (self.intern_stem(stem(folded)), strength(folded));
        self.words.insert(folded.into(), found);
        found
    }

    fn intern_stem(&mut self, text: &str) -> u32 {
        if let Some(&id) = self.stems.get(text) {
            return id;
        }
        let id = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        self.terms.push(Term { text: text.into(), letters: letter_set(text), canonical: id, entries: 0 });
        self.stems.insert(text.into(), id);
        id
    }

    /// Makes `other` mean the same as `first`.
    pub(crate) fn equate(&mut self, first: &str, other: &str) {
        let first = self.intern_stem(stem(first));
        let canonical = self.terms[first as usize].canonical;
        let other = self.intern_stem(stem(other));
        self.terms[other as usize].canonical = canonical;
    }

    /// The number of the stem of a folded word, if the tables use it.
    pub(crate) fn find(&self, folded: &str) -> Option<u32> {
        self.stems.get(stem(folded)).copied()
    }

    /// The term that stands for this one.
    pub(crate) fn canonical(&self, id: u32) -> u32 {
        self.terms[id as usize].canonical
    }

    /// Canonical terms like a folded word, the most alike first: the word itself, misspellings, derived forms and,
    /// if `prefix`, words that begin with it.
    pub(crate) fn alike(&self, folded: &str, prefix: bool) -> Vec<(u32, f32)> {
        let text = stem(folded);
        let exact = self.stems.get(text).copied();
        let letters = letter_set(text);
        let mut found: Vec<(u32, f32)> = Vec::new();
        for (id, term) in (0u32..).zip(&self.terms) {
            let mut likeness = if exact == Some(id) {
                1.0
            } else {
                similarity(text, letters, &term.text, term.letters, exact.is_some())
            };
            if prefix && likeness < 0.98 && folded.len() >= 2 && term.text.starts_with(folded) {
                let part = folded.len() as f32 / term.text.len() as f32;
                likeness = likeness.max(0.87 + 0.11 * part);
            }
            if likeness > 0.0 {
                found.push((term.canonical, likeness));
            }
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut seen: Vec<u32> = Vec::with_capacity(found.len());
        found.retain(|(id, _)| {
            let new = !seen.contains(id);
            if new {
                seen.push(*id);
            }
            new
        });
        found.truncate(if prefix { 60 } else { 12 });
        found
    }
}
