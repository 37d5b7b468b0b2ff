//! The lexical index: weighs the words a query shares with titles and synonyms and ranks the entries.

use super::catalog::{CORE, CatalogError, IcdEntry, Naming, OBSERVED, SAME_WORDS, SYNONYMS};
use super::catalog::{read_entries, read_same_words, read_synonyms};
use super::code::Icd10Code;
use super::query::{Vocabulary, WordMap};
use super::release::Release;
use super::words::{CAUSE, Strength, for_each_word, words};
use std::sync::OnceLock;

/// A code proposed for some words.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The entry.
    pub entry: &'a IcdEntry,
    /// The CIE-10 code that fits the matched words best, if the entry has any.
    pub icd10: Option<Icd10Code>,
    /// The title or synonym that matched.
    pub matched: &'a str,
    /// From 0 to 1: how much of the query and of the matched words agree. Not a probability.
    pub score: f32,
}

/// A word of a phrase: its stem and its share of the phrase's meaning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// Number of the stem as written.
    pub stem: u32,
    /// How much the word counts.
    pub strength: Strength,
}

/// A title or synonym, cut into words.
#[derive(Debug)]
pub(crate) struct Phrase {
    /// What the table says.
    pub naming: Naming,
    /// Where its words lie in the pool.
    pub tokens: std::ops::Range<usize>,
    /// Sum of the weights of its words.
    weight: f32,
}

/// The core of ICD-11 with its search. Built once, read by all.
#[derive(Debug)]
pub struct IcdIndex {
    entries: Vec<IcdEntry>,
    by_code: WordMap<u32>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) phrases: Vec<Phrase>,
    pub(crate) pool: Vec<Token>,
    /// By canonical term: the phrases that hold it, with its weight there.
    postings: Vec<Vec<(u32, f32)>>,
    pub(crate) mention_starts: Vec<Vec<u32>>,
}

/// One word of the query: what it weighs and the terms it may stand for.
struct Sought {
    weight: f32,
    alike: Vec<(u32, f32)>,
}

/// What a phrase has matched so far.
#[derive(Clone, Copy, Default)]
struct Matched {
    /// Number of the last query word counted, from 1.
    last: u32,
    query: f32,
    phrase: f32,
}

/// Share of a word's rarity that it keeps, by strength.
fn factor(strength: Strength) -> f32 {
    match strength {
        Strength::Full => 1.0,
        Strength::Weak => 0.25,
        Strength::Hedge => 0.05,
        Strength::Empty => 0.0,
    }
}

/// A title without WHO's "unspecified" ending, which nobody says.
pub(crate) fn spoken_title(title: &str) -> &str {
    const ENDINGS: [&str; 6] = [
        ", sin especificación",
        ", sin otra especificación",
        ", no especificado",
        ", no especificada",
        ", no especificados",
        ", no especificadas",
    ];
    ENDINGS.iter().find_map(|ending| title.strip_suffix(ending)).unwrap_or(title)
}

impl IcdIndex {
    /// The core that ships with the program. Built at the first call, in some milliseconds.
    ///
    /// ```
    /// use terminology::icd::IcdIndex;
    /// let found = IcdIndex::core().search("dibaetes tipo 2", 5);
    /// assert_eq!(found[0].entry.code.as_str(), "5A11");
    /// ```
    #[must_use]
    pub fn core() -> &'static Self {
        static INDEX: OnceLock<IcdIndex> = OnceLock::new();
        // The tables are part of the program and a test reads them whole; should one be unreadable, the program runs
        // on with an empty core rather than not at all.
        INDEX.get_or_init(|| {
            Self::from_tables(CORE, &[SYNONYMS, OBSERVED], SAME_WORDS).unwrap_or_else(|_| Self::empty())
        })
    }

    fn empty() -> Self {
        Self {
            entries: Vec::new(),
            by_code: WordMap::default(),
            vocabulary: Vocabulary::default(),
            phrases: Vec::new(),
            pool: Vec::new(),
            postings: Vec::new(),
            mention_starts: Vec::new(),
        }
    }

    /// Builds an index from tables in the form of `catalogs/icd11`: codes, synonyms (one or more tables, the first
    /// preferred) and groups of equal words.
    ///
    /// # Errors
    /// [`CatalogError`] at the first line that cannot be read.
    pub fn from_tables(
        core: &'static str,
        synonyms: &[&'static str],
        same_words: &'static str,
    ) -> Result<Self, CatalogError> {
        let entries = read_entries(core)?.into_iter().map(|entry| (entry, true)).collect();
        Self::from_entries(entries, synonyms, same_words, None)
    }

    /// An index over a whole release: WHO's titles, and this project's synonyms for the codes it has.
    ///
    /// # Errors
    /// [`CatalogError`] when the tables of the core cannot be read.
    pub fn from_release(release: &Release) -> Result<Self, CatalogError> {
        Self::from_entries(release.entries(), &[SYNONYMS, OBSERVED], SAME_WORDS, Some(u32::MAX))
    }

    /// Builds the index; each entry with whether its title is searched. A synonym of a code outside the entries is an
    /// error, unless there is a number that stands for such codes: then it is left out.
    fn from_entries(
        entries: Vec<(IcdEntry, bool)>,
        synonyms: &[&'static str],
        same_words: &'static str,
        outside: Option<u32>,
    ) -> Result<Self, CatalogError> {
        let mut index = Self::empty();
        let mut titles: Vec<Naming> = Vec::with_capacity(entries.len());
        for (id, (entry, searched)) in (0u32..).zip(entries) {
            index.by_code.insert(entry.code.as_str().into(), id);
            if searched {
                let text = entry.title.clone();
                titles.push(Naming { entry: id, text, icd10: None, search_only: false, is_title: true });
            }
            index.entries.push(entry);
        }
        for (first, others) in read_same_words(same_words) {
            for other in others {
                index.vocabulary.equate(first, other);
            }
        }
        for naming in titles {
            index.add_phrase(naming);
        }
        for table in synonyms {
            for naming in read_synonyms(table, |code| index.by_code.get(code).copied().or(outside))? {
                if Some(naming.entry) != outside {
                    index.add_phrase(naming);
                }
            }
        }
        index.weigh();
        index.index_mentions();
        Ok(index)
    }

    fn add_phrase(&mut self, mut naming: Naming) {
        let start = self.pool.len();
        let text = if naming.is_title { spoken_title(&naming.text) } else { &naming.text };
        for_each_word(text, |folded, _| {
            let (stem, strength) = self.vocabulary.intern(folded);
            if strength != Strength::Empty {
                self.pool.push(Token { stem, strength });
            }
        });
        // "Síndrome", "lesión": when nothing stronger is there, the weak words are the name, for the search only.
        if !self.pool[start..].iter().any(|t| t.strength == Strength::Full) {
            naming.search_only = true;
            for token in &mut self.pool[start..] {
                token.strength = Strength::Full;
            }
        }
        self.phrases.push(Phrase { naming, tokens: start..self.pool.len(), weight: 0.0 });
    }

    /// Counts in how many entries each term occurs, then fills the postings with weights.
    fn weigh(&mut self) {
        let mut last_entry = vec![u32::MAX; self.vocabulary.terms.len()];
        let mut order: Vec<u32> = (0u32..).zip(&self.phrases).map(|(i, _)| i).collect();
        order.sort_by_key(|&i| self.phrases[i as usize].naming.entry);
        for i in order {
            let phrase = &self.phrases[i as usize];
            for token in &self.pool[phrase.tokens.clone()] {
                let term = self.vocabulary.canonical(token.stem) as usize;
                if last_entry[term] != phrase.naming.entry {
                    last_entry[term] = phrase.naming.entry;
                    self.vocabulary.terms[term].entries += 1;
                }
            }
        }
        self.postings = vec![Vec::new(); self.vocabulary.terms.len()];
        let rarities: Vec<f32> = self.vocabulary.terms.iter().map(|t| self.rarity(t.entries)).collect();
        for (i, phrase) in (0u32..).zip(&mut self.phrases) {
            for token in &self.pool[phrase.tokens.clone()] {
                let term = self.vocabulary.canonical(token.stem) as usize;
                if self.postings[term].last().is_some_and(|(last, _)| *last == i) {
                    continue;
                }
                let weight = rarities[term] * factor(token.strength);
                self.postings[term].push((i, weight));
                phrase.weight += weight;
            }
        }
    }

    /// How much a term tells apart, from the number of entries that use it.
    fn rarity(&self, entries: u32) -> f32 {
        (1.0 + self.entries.len() as f32 / (entries as f32 + 0.5)).ln()
    }

    /// All entries, in the order of the catalogue (by chapter, then code).
    #[must_use]
    pub fn entries(&self) -> &[IcdEntry] {
        &self.entries
    }

    /// The entry of an ICD-11 code, if the core has it. Case and spaces do not matter; of a cluster, the whole is sought.
    #[must_use]
    pub fn lookup(&self, code: &str) -> Option<&IcdEntry> {
        let code: String = code.trim().to_ascii_uppercase();
        self.by_code.get(code.as_str()).map(|&id| &self.entries[id as usize])
    }

    /// The entry at a position of [`Self::entries`].
    pub(crate) fn entry(&self, id: u32) -> &IcdEntry {
        &self.entries[id as usize]
    }

    /// Ranks the entries for what is being typed: words in any order, misspelt, abbreviated or unfinished,
    /// or the beginning of an ICD-11 or CIE-10 code.
    ///
    /// At most `limit` candidates, the best first; the same text always gives the same answer.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Candidate<'_>> {
        let by_code = self.search_code(query, limit);
        if !by_code.is_empty() {
            return by_code;
        }
        self.rank(query, &self.sought(query, true), limit)
    }

    /// Ranks the entries for a diagnosis as a physician says it.
    ///
    /// Hedges ("probable", "sospecha de") count nothing; side and degree little. What follows "por" or "secundario a"
    /// counts less than the disease itself. The words of `context` (the sentence or the note) only decide between near
    /// candidates. At most five, the best first.
    #[must_use]
    pub fn code(&self, mention: &str, context: Option<&str>) -> Vec<Candidate<'_>> {
        let by_code = self.search_code(mention, 5);
        if !by_code.is_empty() {
            return by_code;
        }
        let sought = self.sought(mention, false);
        let mut found = self.rank(mention, &sought, if context.is_some() { 20 } else { 5 });
        if let Some(context) = context {
            self.prefer_by_context(&mut found, context);
            found.truncate(5);
        }
        found
    }

    /// Entries whose ICD-11 code, or one of whose CIE-10 codes, begins with the query.
    fn search_code(&self, query: &str, limit: usize) -> Vec<Candidate<'_>> {
        let typed: String = query.trim().to_ascii_uppercase();
        let b = typed.as_bytes();
        let in_code = |c: &u8| c.is_ascii_alphanumeric() || *c == b'.';
        if b.len() < 3 || b.len() > 8 || !b.iter().all(in_code) || !b.iter().any(u8::is_ascii_digit) {
            return Vec::new();
        }
        let icd10 = Icd10Code::parse(&typed).map_or(typed.clone(), |code| code.as_str().to_owned());
        let mut found: Vec<Candidate<'_>> = Vec::new();
        for entry in &self.entries {
            let by_11 = entry.code.as_str().starts_with(typed.as_str());
            let by_10 = entry.icd10.iter().position(|c| c.as_str().starts_with(icd10.as_str()));
            let (score, matched_10) = match (by_11, by_10) {
                (true, _) => {
                    (if entry.code.as_str() == typed { 1.0 } else { 0.95 }, entry.icd10.first().copied())
                }
                (false, Some(at)) => {
                    let exact = if entry.icd10[at].as_str() == icd10 { 0.98 } else { 0.9 };
                    (exact - 0.02 * at as f32, Some(entry.icd10[at]))
                }
                (false, None) => continue,
            };
            let score = score - 0.002 * f32::from(entry.rank);
            found.push(Candidate { entry, icd10: matched_10, matched: &entry.title, score });
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(limit);
        found
    }

    /// Reads a query into weighed words. While typing, the last word may be unfinished and hedges count a little.
    fn sought(&self, text: &str, typing: bool) -> Vec<Sought> {
        let words = words(text);
        let mut sought = Vec::new();
        let mut named = false;
        let mut place = 1.0;
        let typical = self.rarity(6);
        let last = words.len().saturating_sub(1);
        for (at, word) in words.iter().take(40).enumerate() {
            if !typing && named && CAUSE.contains(&word.folded.as_str()) {
                place = 0.3;
            }
            let unfinished = typing && at == last && !text.ends_with(' ');
            let strength = super::words::strength(&word.folded);
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
            sought.push(Sought { weight: rarity * share * place, alike });
        }
        sought
    }

    fn rank(&self, text: &str, sought: &[Sought], limit: usize) -> Vec<Candidate<'_>> {
        let total: f32 = sought.iter().map(|s| s.weight).sum();
        if total <= 0.0 || limit == 0 {
            return Vec::new();
        }
        let mut matched = vec![Matched::default(); self.phrases.len()];
        let mut touched: Vec<u32> = Vec::new();
        for (number, word) in (1u32..).zip(sought) {
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
        let mut best: Vec<(f32, u32)> =
            touched.iter().map(|&p| (self.score(p, matched[p as usize], total), p)).collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        // "Anginas" are not "angina", though their stems agree: words written alike come first.
        let written = crate::fold::fold(text);
        let near = best.len().min(12);
        for (score, phrase) in &mut best[..near] {
            if crate::fold::fold(spoken_title(&self.phrases[*phrase as usize].naming.text)) == written {
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
            let entry = self.entry(naming.entry);
            let icd10 = naming.icd10.or_else(|| entry.icd10.first().copied());
            found.push(Candidate { entry, icd10, matched: &naming.text, score });
            if found.len() == limit {
                break;
            }
        }
        found
    }

    /// The agreement of a phrase with the query: the harmonic mean of what is covered of each, then small preferences.
    fn score(&self, phrase: u32, matched: Matched, total: f32) -> f32 {
        let phrase = &self.phrases[phrase as usize];
        let query = (matched.query / total).min(1.0);
        let covered = (matched.phrase / phrase.weight.max(0.01)).min(1.0);
        let agreement = 2.0 * query * covered / (query + covered).max(0.01);
        let entry = self.entry(phrase.naming.entry);
        let common = match entry.rank {
            0 | 1 => 0.03,
            2 => 0.02,
            _ => 0.0,
        };
        let vague = if entry.title.starts_with("Otr") { 0.02 } else { 0.0 };
        (agreement * 0.95 + common - vague).clamp(0.0, 0.98)
    }

    /// Lifts candidates whose other words stand in the context ("embarazo" for "hipertensión").
    fn prefer_by_context(&self, found: &mut [Candidate<'_>], context: &str) {
        let mut terms: Vec<u32> = Vec::new();
        for word in words(context).iter().take(400) {
            if let Some(id) = self.vocabulary.find(&word.folded)
                && super::words::strength(&word.folded) == Strength::Full
            {
                terms.push(self.vocabulary.canonical(id));
            }
        }
        terms.sort_unstable();
        terms.dedup();
        for candidate in found.iter_mut() {
            let mut shared = 0.0;
            let mut all = 0.0;
            for_each_word(&candidate.entry.title, |folded, _| {
                if let Some(id) = self.vocabulary.find(folded)
                    && super::words::strength(folded) == Strength::Full
                {
                    let term = self.vocabulary.canonical(id);
                    let rarity = self.rarity(self.vocabulary.terms[term as usize].entries);
                    all += rarity;
                    if terms.binary_search(&term).is_ok() {
                        shared += rarity;
                    }
                }
            });
            if all > 0.0 {
                candidate.score = (candidate.score + 0.04 * shared / all - 0.04).clamp(0.0, 1.0);
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
}
