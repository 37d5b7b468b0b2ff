//! Recognises diagnoses by their own words in running text: exact after folding and stemming, the longest first.

use super::catalog::IcdEntry;
use super::code::{Icd10Code, Icd11Code};
use super::index::{IcdIndex, spoken_title};
use super::words::{Strength, stem, strength, words};
use std::ops::Range;

/// A diagnosis found in a text.
#[derive(Debug, Clone)]
pub struct Mention<'a> {
    /// Bytes of the text it covers.
    pub range: Range<usize>,
    /// The entry it names.
    pub entry: &'a IcdEntry,
    /// Its code.
    pub code: &'a Icd11Code,
    /// The CIE-10 code of exactly these words, or the entry's first.
    pub icd10: Option<Icd10Code>,
    /// The title or synonym recognised.
    pub matched: &'a str,
    /// From 0 to 1: 1 when the words are written as in the table, less when only their stems agree.
    pub score: f32,
}

/// A word of the text, ready to compare.
struct Heard {
    folded: String,
    range: Range<usize>,
    stem: Option<u32>,
    empty: bool,
}

impl IcdIndex {
    /// Lists, by first stem, the phrases that may be recognised in running text, the longest first.
    pub(crate) fn index_mentions(&mut self) {
        self.mention_starts = vec![Vec::new(); self.vocabulary.terms.len()];
        for (i, phrase) in (0u32..).zip(&self.phrases) {
            let naming = &phrase.naming;
            let vague_title =
                naming.is_title && (naming.text.starts_with("Otr") || naming.text.contains(" no "));
            // "Sobre peso", "lo picó": one word is left when the small ones are put aside, and it says too little.
            let left_alone = phrase.tokens.len() == 1 && !naming.is_title && naming.text.contains(' ');
            if naming.search_only || vague_title || left_alone {
                continue;
            }
            if let Some(first) = self.pool[phrase.tokens.clone()].first() {
                self.mention_starts[first.stem as usize].push(i);
            }
        }
        for list in &mut self.mention_starts {
            list.sort_by_key(|&i| std::cmp::Reverse(self.phrases[i as usize].tokens.len()));
        }
    }

    /// Diagnoses named in a running text, in order, without overlaps; of two that begin at the same word the longer wins.
    ///
    /// Abbreviations (table form in capitals) are recognised only in capitals. Who has the disease, whether it is denied
    /// and since when is not decided here.
    ///
    /// ```
    /// use terminology::icd::IcdIndex;
    /// let text = "Tiene diabetes tipo 2 y le encontramos piedras en el riñón.";
    /// let found = IcdIndex::core().mentions(text);
    /// assert_eq!(&text[found[0].range.clone()], "diabetes tipo 2");
    /// assert_eq!(&text[found[1].range.clone()], "piedras en el riñón");
    /// ```
    #[must_use]
    pub fn mentions(&self, text: &str) -> Vec<Mention<'_>> {
        let heard: Vec<Heard> = words(text)
            .into_iter()
            .map(|w| Heard {
                stem: self.vocabulary.find(&w.folded),
                empty: strength(&w.folded) == Strength::Empty,
                folded: w.folded,
                range: w.range,
            })
            .collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < heard.len() {
            match self.mention_at(text, &heard, at) {
                Some((mention, next)) => {
                    found.push(mention);
                    at = next;
                }
                None => at += 1,
            }
        }
        found
    }

    /// The best phrase that begins at word `at`, and the word after it.
    fn mention_at(&self, text: &str, heard: &[Heard], at: usize) -> Option<(Mention<'_>, usize)> {
        let first = heard[at].stem?;
        let mut best: Option<(Mention<'_>, usize, (usize, u32, u8))> = None;
        for &i in &self.mention_starts[first as usize] {
            let phrase = &self.phrases[i as usize];
            if best.as_ref().is_some_and(|(_, _, (longest, _, _))| phrase.tokens.len() < *longest) {
                break;
            }
            let Some(next) = self.match_phrase(text, heard, at, i) else { continue };
            let range = heard[at].range.start..heard[next - 1].range.end;
            let exact = crate::fold::fold(&text[range.clone()]) == crate::fold::fold(&phrase.naming.text);
            let entry = self.entry(phrase.naming.entry);
            let key = (phrase.tokens.len(), u32::from(exact), u8::MAX - entry.rank);
            if best.as_ref().is_none_or(|(_, _, held)| key > *held) {
                let score = if exact { 1.0 } else { 0.9 };
                let icd10 = phrase.naming.icd10.or_else(|| entry.icd10.first().copied());
                let matched = &*phrase.naming.text;
                best = Some((Mention { range, entry, code: &entry.code, icd10, matched, score }, next, key));
            }
        }
        best.map(|(mention, next, _)| (mention, next))
    }

    /// Whether the phrase stands at word `at`, small words aside; answers the word after it.
    fn match_phrase(&self, text: &str, heard: &[Heard], at: usize, phrase: u32) -> Option<usize> {
        let phrase = &self.phrases[phrase as usize];
        let mut place = at;
        for (n, token) in self.pool[phrase.tokens.clone()].iter().enumerate() {
            let mut skipped = 0;
            while n > 0
                && heard.get(place).is_some_and(|w| w.empty && w.stem != Some(token.stem))
                && skipped < 3
            {
                place += 1;
                skipped += 1;
            }
            let word = heard.get(place)?;
            if word.stem != Some(token.stem) {
                return None;
            }
            place += 1;
        }
        let written = spoken_title(&phrase.naming.text);
        let abbreviation =
            written.len() <= 7 && !written.contains(' ') && !written.chars().any(char::is_lowercase);
        if abbreviation && text.get(heard[at].range.clone()) != Some(written) {
            return None;
        }
        // One short word must agree whole: "gotas" are not gout, "anginas" no angina.
        let short = phrase.tokens.len() == 1 && stem(&heard[at].folded).len() < 6;
        if short && heard[at].folded != crate::fold::fold(written) {
            return None;
        }
        let between = text.get(heard[at].range.start..heard[place - 1].range.end)?;
        if between.contains(['.', ',', ';', ':', '?', '!', '\n', '(', ')']) {
            return None;
        }
        Some(place)
    }
}
