//! What somebody types into the search box, read into clauses that must all be met.

use super::synonyms::{self, content_words, typed_terms};
use super::{index, stem};

/// Terms that stand one after the other.
pub type Phrase = Vec<String>;

/// Clauses beyond this are left out: no search needs them, and each costs time.
const MAX_CLAUSES: usize = 12;
/// Shorter beginnings of a word are taken as the word itself.
const MIN_UNFINISHED: usize = 3;

/// A read query: every clause must be met, each by one of its phrases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    clauses: Vec<Vec<Phrase>>,
    unfinished: Option<String>,
}

impl Query {
    /// Reads what was typed. Words are sought in any order and form, quoted words as one phrase; a last word without a
    /// space or quote after it may go on.
    ///
    /// ```
    /// let query = terminology::search::Query::parse("\"dolor de pecho\" hipert");
    /// assert_eq!(query.clauses()[0], [["dolor", "pech"]]);
    /// assert_eq!(query.unfinished(), Some("hipert"));
    /// ```
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        let typed = typed.replace(['“', '”', '«', '»'], "\"");
        let mut query = Self::default();
        let mut last_is_word = false;
        for (n, part) in typed.split('"').enumerate() {
            if n % 2 == 1 {
                // As typed, and as a document keeps it, with its abbreviations written out.
                let mut phrases = vec![typed_terms(part), index(part).terms];
                phrases.dedup();
                query.clauses.extend((!phrases[0].is_empty()).then_some(phrases));
            } else {
                last_is_word = query.add_words(&content_words(part));
            }
        }
        last_is_word &= query.clauses.len() <= MAX_CLAUSES;
        query.clauses.truncate(MAX_CLAUSES);
        query.unfinished = last_word(&typed).filter(|_| last_is_word);
        query
    }

    /// Whether the last clause came of one word.
    fn add_words(&mut self, words: &[String]) -> bool {
        let terms: Phrase = words.iter().map(|word| stem(word)).collect();
        let (mut at, mut last_is_word) = (0, false);
        while at < terms.len() {
            if let Some((taken, phrases)) = synonyms::group(&terms[at..]) {
                self.clauses.push(phrases.to_vec());
                at += taken;
                last_is_word = taken == 1;
                continue;
            }
            let mut clause = vec![vec![terms[at].clone()]];
            clause.extend(synonyms::typed_expansion(&words[at]).map(typed_terms));
            self.clauses.push(clause);
            at += 1;
            last_is_word = true;
        }
        last_is_word
    }

    /// The clauses. None at all: nothing was typed that can be sought.
    #[must_use]
    pub fn clauses(&self) -> &[Vec<Phrase>] {
        &self.clauses
    }

    /// The folded word that is still being typed, if it is long enough to say anything.
    #[must_use]
    pub fn unfinished(&self) -> Option<&str> {
        self.unfinished.as_deref()
    }

    /// Lets the last clause also be met by these terms: those of the words that begin as the unfinished one.
    pub fn complete(&mut self, terms: impl IntoIterator<Item = String>) {
        if let Some(last) = self.clauses.last_mut() {
            for term in terms {
                let phrase = vec![term];
                if !last.contains(&phrase) {
                    last.push(phrase);
                }
            }
        }
        self.unfinished = None;
    }
}

/// The word that the text ends in, folded, when nothing follows it.
fn last_word(typed: &str) -> Option<String> {
    let in_quotes = typed.matches('"').count() % 2 == 1;
    if in_quotes || !typed.ends_with(char::is_alphanumeric) {
        return None;
    }
    let word = content_words(typed.rsplit(char::is_whitespace).next()?).pop()?;
    (word.len() >= MIN_UNFINISHED).then_some(word)
}
