//! Text as the search of the record sees it: words without accents cut to their stem, abbreviations written out.
//!
//! In: what a document says, or what somebody types into the search box. Out: terms, the same for both, so that the
//! database only has to compare them. No engine's own idea of Spanish takes part: both find the same.

mod query;
mod snippet;
mod synonyms;

use std::collections::BTreeMap;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};

use crate::icd::words::{for_each_word, is_empty_word};

pub use self::query::{Phrase, Query};
pub use self::snippet::{Piece, snippet};

/// Grows whenever the same text gives other terms than before: what is indexed is then indexed anew.
pub const EDITION: u32 = 1;

/// Longer words are cut: nobody searches by the end of such a word.
const MAX_WORD_BYTES: usize = 64;

/// A term and the words of the text it stands for. An abbreviation gives several terms with one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) term: String,
    pub(crate) range: Range<usize>,
}

/// What the index keeps of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Indexed {
    /// Every term in the order it stands.
    pub terms: Vec<String>,
    /// The words as written, without accents, each with its term: to complete a word that is being typed.
    pub words: BTreeMap<String, String>,
}

/// Turns a text into what the index keeps of it.
///
/// ```
/// let indexed = terminology::search::index("Acude por cefalea; con HTA.");
/// assert_eq!(indexed.terms, ["acud", "cefale", "hipertension", "arterial"]);
/// ```
#[must_use]
pub fn index(text: &str) -> Indexed {
    let mut indexed = Indexed::default();
    each_word(text, |folded, _, expansion| match expansion {
        Some(expansion) => {
            let words = synonyms::content_words(expansion);
            indexed.terms.extend(words.iter().map(|word| stem(word)));
            indexed.words.extend(words.into_iter().map(|word| (word.clone(), stem(&word))));
        }
        None => {
            let term = stem(folded);
            if !indexed.words.contains_key(folded) {
                indexed.words.insert(folded.to_owned(), term.clone());
            }
            indexed.terms.push(term);
        }
    });
    indexed
}

/// The terms of a text with their places.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    each_word(text, |folded, range, expansion| match expansion {
        Some(expansion) => {
            let terms = synonyms::content_words(expansion);
            tokens.extend(terms.iter().map(|word| Token { term: stem(word), range: range.clone() }));
        }
        None => tokens.push(Token { term: stem(folded), range }),
    });
    tokens
}

/// Calls `each` with every word that carries meaning: folded, where it stands, and what it stands for if it is an
/// abbreviation.
fn each_word(text: &str, mut each: impl FnMut(&str, Range<usize>, Option<&'static str>)) {
    for_each_word(text, |folded, range| {
        if is_empty_word(folded) {
            return;
        }
        let expansion = text.get(range.clone()).and_then(|written| synonyms::expansion(written, folded));
        each(cut(folded), range, expansion);
    });
}

fn cut(word: &str) -> &str {
    let end = (0..=MAX_WORD_BYTES.min(word.len())).rev().find(|&end| word.is_char_boundary(end));
    &word[..end.unwrap_or_default()]
}

/// The stem of a folded word (Snowball, Spanish). The s of a plural goes first: by itself Snowball makes "cefal" of
/// cefaleas and "cefale" of cefalea.
fn stem(folded: &str) -> String {
    let singular =
        folded.strip_suffix('s').filter(|rest| rest.len() > 3 && rest.ends_with(['a', 'e', 'i', 'o', 'u']));
    Stemmer::create(Algorithm::Spanish).stem(singular.unwrap_or(folded)).into_owned()
}

#[cfg(test)]
mod tests;
