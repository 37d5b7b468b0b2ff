//! Retrieval: the words of a query, weighed, and the phrases that share some of them.

use super::index::{Candidate, IcdIndex, factor, spoken_title};
use super::rank::Confidence;
use super::standing::Standing;
use super::words::{CAUSE, Strength, is_abbreviation, strength, words};
use std::ops::Range;

/// One word of the query: what it weighs and the terms it may stand for.
pub(crate) struct Sought {
    /// Its bytes in the query.
    pub range: Range<usize>,
    /// How much a word of its kind counts.
    pub strength: Strength,
    /// What it counts here.
    pub weight: f32,
    /// Terms it may stand for, the most alike first, each with how alike.
    pub alike: Vec<(u32, f32)>,
}

/// A query, read.
pub(crate) struct Query {
    /// Its words without those that carry nothing.
    pub words: Vec<Sought>,
    /// Sum of their weights.
    pub total: f32,
    /// Folded, to compare with phrases written the same.
    pub written: String,
}

/// A phrase that shares words with the query.
#[derive(Clone, Copy)]
pub(crate) struct Hit {
    /// Number of the phrase.
    pub phrase: u32,
    /// Share of the query that it covers.
    pub query: f32,
    /// Share of it that the query covers.
    pub covered: f32,
    /// The harmonic mean of both.
    pub agreement: f32,
}

/// What a phrase has matched so far.
#[derive(Clone, Copy, Default)]
struct Matched {
    /// Number of the last query word counted, from 1.
    last: u32,
    query: f32,
    phrase: f32,
}

impl IcdIndex {
    /// Reads a query into weighed words. While typing, the last word may be unfinished and hedges count a little.
    pub(crate) fn query(&self, text: &str, typing: bool) -> Query {
        let words = words(text);
        let mut sought = Vec::new();
        let mut named = false;
        let (mut place, mut without) = (1.0, 1.0);
        let typical = self.rarity(6);
        let last = words.len().saturating_sub(1);
        for (at, word) in words.into_iter().take(40).enumerate() {
            if !typing && named && CAUSE.contains(&word.folded.as_str()) {
                place = 0.3;
            }
            // What the diagnosis is without is no part of its name.
            match word.folded.as_str() {
                "sin" if !typing && named => without = 0.3,
                "con" => without = 1.0,
                _ => {}
            }
            let unfinished = typing && at == last && !text.ends_with(' ');
            let mut strength = strength(&word.folded);
            if strength == Strength::Empty && is_abbreviation(text, &word) {
                strength = Strength::Full;
            }
            if strength == Strength::Empty && !unfinished {
                continue;
            }
            let alike = self.vocabulary.alike(&word.folded, unfinished);
            let rarity = match alike.first() {
                Some(&(term, likeness)) if likeness > 0.5 => {
                    self.rarity(self.vocabulary.terms[term as usize].entries)
                }
                _ => typical,
            };
            let share = if strength == Strength::Empty { 0.05 } else { factor(strength) };
            named = named || strength == Strength::Full;
            sought.push(Sought {
                range: word.range,
                strength,
                weight: rarity * share * place * without,
                alike,
            });
        }
        let total = sought.iter().map(|s| s.weight).sum();
        Query { words: sought, total, written: crate::fold::fold(text) }
    }

    /// All phrases that share words with the query, in no order.
    pub(crate) fn hits(&self, query: &Query) -> Vec<Hit> {
        if query.total <= 0.0 {
            return Vec::new();
        }
        let mut matched = vec![Matched::default(); self.phrases.len()];
        let mut touched: Vec<u32> = Vec::new();
        for (number, word) in (1u32..).zip(&query.words) {
            for &(term, likeness) in &word.alike {
                for &(phrase, weight) in &self.postings[term as usize] {
                    let m = &mut matched[phrase as usize];
                    if m.last == number {
                        continue;
                    }
                    if m.last == 0 {
                        touched.push(phrase);
                    }
                    m.last = number;
                    m.query += word.weight * likeness;
                    m.phrase += weight * likeness;
                }
            }
        }
        let hit = |phrase: u32| {
            let m = matched[phrase as usize];
            let share = (m.query / query.total).min(1.0);
            let covered = (m.phrase / self.phrases[phrase as usize].weight.max(0.01)).min(1.0);
            let agreement = 2.0 * share * covered / (share + covered).max(0.01);
            Hit { phrase, query: share, covered, agreement }
        };
        touched.into_iter().map(hit).collect()
    }

    /// Ranks the entries for what is being typed: words in any order, misspelt, abbreviated or unfinished,
    /// or the beginning of an ICD-11 or CIE-10 code.
    ///
    /// At most `limit` candidates, the best first; the same text always gives the same answer.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Candidate<'_>> {
        let by_code = self.search_code(query, limit);
        if !by_code.is_empty() || limit == 0 {
            return by_code;
        }
        let read = self.query(query, true);
        let mut best: Vec<(f32, u32)> =
            self.hits(&read).into_iter().map(|hit| (self.preference(hit), hit.phrase)).collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        // "Anginas" are not "angina", though their stems agree: words written alike come first.
        let near = best.len().min(12);
        for (score, phrase) in &mut best[..near] {
            if crate::fold::fold(spoken_title(&self.phrases[*phrase as usize].naming.text)) == read.written {
                *score += 0.02;
            }
        }
        best[..near].sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut found: Vec<Candidate<'_>> = Vec::with_capacity(limit);
        let mut seen: Vec<u32> = Vec::with_capacity(limit);
        for (score, phrase) in best {
            let naming = &self.phrases[phrase as usize].naming;
            if seen.contains(&naming.entry) {
                continue;
            }
            seen.push(naming.entry);
            found.push(self.candidate(query, &read, phrase, score, Confidence::Usual));
            if found.len() == limit {
                break;
            }
        }
        found
    }

    /// The candidate a phrase leads to, with the words of the query that it shares.
    pub(crate) fn candidate(
        &self,
        text: &str,
        query: &Query,
        phrase: u32,
        score: f32,
        confidence: Confidence,
    ) -> Candidate<'_> {
        let phrase = &self.phrases[phrase as usize];
        let entry = self.entry(phrase.naming.entry);
        let terms: Vec<u32> =
            self.pool[phrase.tokens.clone()].iter().map(|t| self.vocabulary.canonical(t.stem)).collect();
        let shared =
            query.words.iter().filter(|word| word.alike.iter().any(|(term, _)| terms.contains(term)));
        Candidate {
            entry,
            icd10: phrase.naming.icd10.or_else(|| entry.icd10.first().copied()),
            matched: &phrase.naming.text,
            score,
            confidence,
            standing: Standing::Present,
            words: shared.filter_map(|word| text.get(word.range.clone())).map(str::to_owned).collect(),
        }
    }

    /// The agreement of a phrase with what is typed, then small preferences.
    fn preference(&self, hit: Hit) -> f32 {
        let entry = self.entry(self.phrases[hit.phrase as usize].naming.entry);
        let common = match entry.rank {
            0 | 1 => 0.03,
            2 => 0.02,
            _ => 0.0,
        };
        let vague = if entry.title.starts_with("Otr") { 0.02 } else { 0.0 };
        (hit.agreement * 0.95 + common - vague).clamp(0.0, 0.98)
    }
}
