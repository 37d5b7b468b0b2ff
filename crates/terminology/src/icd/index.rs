//! The index: titles and synonyms cut into weighed words, in groups that lead to the same codes.

use super::axes::values;
use super::catalog::{CORE, CatalogError, IcdEntry, Naming, OBSERVED, SAME_WORDS, SYNONYMS};
use super::catalog::{read_entries, read_same_words, read_synonyms};
use super::code::Icd10Code;
use super::opposites::Opposites;
use super::query::{Vocabulary, WordMap};
use super::rank::{Confidence, Ranker};
use super::release::Release;
use super::specific::{Polarity, qualities};
use super::standing::Standing;
use super::words::{Strength, for_each_word};
use std::borrow::Cow;
use std::collections::HashMap;
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
    /// From 0 to 1. Of a diagnosis: how probable it is that the code is right, learned from annotated clinical cases.
    /// Of what is being typed: how much of the query and of the matched words agree.
    pub score: f32,
    /// Whether the score is high enough to be shown as sure.
    pub confidence: Confidence,
    /// How the diagnosis stands, from the words around its name.
    pub standing: Standing,
    /// The words of the query that justify it, as they were written, in their order.
    pub words: Vec<String>,
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
    pub weight: f32,
    /// Number of its group.
    pub group: u32,
}

/// The phrases of one entry that lead to the same three characters of CIE-10: what is ranked.
#[derive(Debug)]
pub(crate) struct Group {
    /// Index of the entry.
    pub entry: u32,
    /// The CIE-10 code its phrases without one of their own stand for.
    pub icd10: Option<Icd10Code>,
    /// How often its phrases were seen in annotated clinical cases.
    pub seen: u32,
}

/// The core of ICD-11 with its search. Built once, read by all.
#[derive(Debug)]
pub struct IcdIndex {
    entries: Vec<IcdEntry>,
    by_code: WordMap<u32>,
    /// By extension code: its title.
    pub(crate) extensions: WordMap<Cow<'static, str>>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) phrases: Vec<Phrase>,
    pub(crate) pool: Vec<Token>,
    /// By canonical term: the phrases that hold it, with its weight there.
    pub(crate) postings: Vec<Vec<(u32, f32)>>,
    pub(crate) mention_starts: Vec<Vec<u32>>,
    pub(crate) groups: Vec<Group>,
    /// By entry: the number of its four-character category.
    pub(crate) category_of: Vec<u32>,
    /// By category: how often it was seen in annotated clinical cases.
    pub(crate) category_seen: Vec<u32>,
    /// By canonical term: how often it was seen, whatever the code.
    pub(crate) term_mass: Vec<f32>,
    /// By entry: what its title says; nothing for groupings that have an "unspecified" code of their own.
    pub(crate) qualities: Vec<Box<[(u32, Polarity)]>>,
    pub(crate) opposites: Opposites,
    pub(crate) ranker: Ranker,
}

/// Share of a word's rarity that it keeps, by strength.
pub(crate) fn factor(strength: Strength) -> f32 {
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
            Self::from_tables(CORE, &[SYNONYMS, OBSERVED], SAME_WORDS)
                .map(|index| index.ranked_by(Ranker::core()))
                .unwrap_or_else(|_| Self::empty())
        })
    }

    fn empty() -> Self {
        Self {
            entries: Vec::new(),
            by_code: WordMap::default(),
            extensions: WordMap::default(),
            vocabulary: Vocabulary::default(),
            phrases: Vec::new(),
            pool: Vec::new(),
            postings: Vec::new(),
            mention_starts: Vec::new(),
            groups: Vec::new(),
            category_of: Vec::new(),
            category_seen: Vec::new(),
            term_mass: Vec::new(),
            qualities: Vec::new(),
            opposites: Opposites::default(),
            ranker: Ranker::default(),
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
        let mut index = Self::from_entries(entries, synonyms, same_words, None)?;
        index.extensions = values().map(|value| (value.code.into(), value.title.into())).collect();
        Ok(index)
    }

    /// An index over a whole release: WHO's titles, and this project's synonyms for the codes it has.
    ///
    /// # Errors
    /// [`CatalogError`] when the tables of the core cannot be read.
    pub fn from_release(release: &Release) -> Result<Self, CatalogError> {
        let mut index =
            Self::from_entries(release.entries(), &[SYNONYMS, OBSERVED], SAME_WORDS, Some(u32::MAX))?;
        let extensions = release.entities.iter().filter(|entity| entity.is_extension());
        index.extensions =
            extensions.map(|entity| (entity.id.clone(), entity.title().to_owned().into())).collect();
        Ok(index.ranked_by(Ranker::core()))
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
                titles.push(Naming {
                    entry: id,
                    text,
                    icd10: None,
                    search_only: false,
                    is_title: true,
                    seen: 0,
                });
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
        index.group();
        index.opposites = Opposites::of(&index.vocabulary);
        index.qualities = vec![Box::default(); index.entries.len()];
        for phrase in index.phrases.iter().filter(|phrase| phrase.naming.is_title) {
            index.qualities[phrase.naming.entry as usize] =
                qualities(&index.vocabulary, spoken_title(&phrase.naming.text));
        }
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
        // "LES": an abbreviation may read like an article.
        if self.pool.len() == start {
            naming.search_only |= text.chars().any(char::is_lowercase);
            for_each_word(text, |folded, _| {
                let (stem, _) = self.vocabulary.intern(folded);
                self.pool.push(Token { stem, strength: Strength::Full });
            });
        }
        // "Síndrome", "lesión": when nothing stronger is there, the weak words are the name, for the search only.
        if !self.pool[start..].iter().any(|t| t.strength == Strength::Full) {
            naming.search_only = true;
            for token in &mut self.pool[start..] {
                token.strength = Strength::Full;
            }
        }
        self.phrases.push(Phrase { naming, tokens: start..self.pool.len(), weight: 0.0, group: 0 });
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

    /// Puts the phrases of an entry with the same three characters of CIE-10 together and counts what was seen of each.
    fn group(&mut self) {
        let mut categories: WordMap<u32> = WordMap::default();
        for entry in &self.entries {
            let next = u32::try_from(categories.len()).unwrap_or(u32::MAX);
            self.category_of.push(*categories.entry(entry.code.category().into()).or_insert(next));
        }
        self.category_seen = vec![0; categories.len()];
        let mut known: HashMap<(u32, Option<[u8; 3]>), u32> = HashMap::new();
        for phrase in &mut self.phrases {
            let entry = phrase.naming.entry;
            let icd10 = phrase.naming.icd10.or_else(|| self.entries[entry as usize].icd10.first().copied());
            let next = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
            phrase.group = *known.entry((entry, icd10.map(Icd10Code::category_bytes))).or_insert(next);
            if phrase.group == next {
                self.groups.push(Group { entry, icd10, seen: 0 });
            }
            self.groups[phrase.group as usize].seen += phrase.naming.seen;
            self.category_seen[self.category_of[entry as usize] as usize] += phrase.naming.seen;
        }
        self.term_mass = self
            .postings
            .iter()
            .map(|list| list.iter().map(|&(phrase, _)| self.phrases[phrase as usize].naming.mass()).sum())
            .collect();
    }

    /// How much a term tells apart, from the number of entries that use it.
    pub(crate) fn rarity(&self, entries: u32) -> f32 {
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

    /// All CIE-10 codes that may stand beside an entry: those of WHO's tables, and those of the words that name it.
    #[must_use]
    pub fn icd10_beside(&self, entry: &IcdEntry) -> Vec<Icd10Code> {
        let mut codes = entry.icd10.clone();
        if let Some(&id) = self.by_code.get(entry.code.as_str()) {
            codes.extend(
                self.phrases.iter().filter(|one| one.naming.entry == id).filter_map(|one| one.naming.icd10),
            );
        }
        codes
    }

    /// The entry at a position of [`Self::entries`].
    pub(crate) fn entry(&self, id: u32) -> &IcdEntry {
        &self.entries[id as usize]
    }

    /// Entries whose ICD-11 code, or one of whose CIE-10 codes, begins with the query.
    pub(crate) fn search_code(&self, query: &str, limit: usize) -> Vec<Candidate<'_>> {
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
            found.push(Candidate {
                entry,
                icd10: matched_10,
                matched: &entry.title,
                score,
                confidence: Confidence::High,
                standing: Standing::Present,
                words: vec![query.trim().to_owned()],
            });
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(limit);
        found
    }
}
