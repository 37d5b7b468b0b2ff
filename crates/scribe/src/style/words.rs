//! A sentence as words, with what is named in it, and whether two sentences say the same.

use std::collections::HashMap;
use std::sync::OnceLock;

use clinical::transcript::{Speaker, Transcript, Turn};

use crate::extract;
use crate::guard;
use crate::scene::Scene;

/// What a word of writing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Joins other words.
    Joins,
    /// May come and go.
    Frames,
    /// Tells of what is now.
    Tells,
    /// Tells of what was.
    Had,
    /// Denies.
    Denies,
}

/// What a word does, when it is one of writing and not of medicine.
pub(super) fn use_of(word: &str) -> Option<Use> {
    static WORDS: OnceLock<HashMap<&'static str, Use>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let table = include_str!("../../../../catalogs/lexicon/writing.tsv");
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        let rows = lines.filter_map(|line| line.split_once('\t')).filter_map(|(kind, words)| {
            let kind = match kind {
                "joins" => Use::Joins,
                "frames" => Use::Frames,
                "tells" => Use::Tells,
                "had" => Use::Had,
                "denies" => Use::Denies,
                _ => return None,
            };
            Some((kind, words))
        });
        rows.flat_map(|(kind, words)| words.split(' ').map(move |word| (word, kind))).collect()
    });
    words.get(word).copied()
}

/// A word, a number or a mark.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// In lower case.
    pub(super) key: String,
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    capital: bool,
    /// Between quotation marks: the patient's own words.
    pub(super) quoted: bool,
}

impl Piece {
    pub(super) fn is_number(&self) -> bool {
        self.key.starts_with(|c: char| c.is_ascii_digit())
    }

    pub(super) fn is_mark(&self) -> bool {
        !self.key.starts_with(char::is_alphanumeric)
    }

    pub(super) fn is_capital(&self) -> bool {
        self.capital
    }

    /// A word that carries meaning by itself.
    pub(super) fn is_content(&self) -> bool {
        !self.is_mark() && !self.is_number() && use_of(&self.key) != Some(Use::Joins)
    }
}

/// Something named by its clinical name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: String,
    /// First piece.
    pub(super) start: usize,
    /// One past the last piece.
    pub(super) end: usize,
    /// A medicine: its name is never exchanged for another.
    pub(super) drug: bool,
}

/// A sentence as words.
pub(super) struct Text<'a> {
    sentence: &'a str,
    pub(super) pieces: Vec<Piece>,
}

impl<'a> Text<'a> {
    pub(super) fn read(sentence: &'a str) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut quoted = false;
        let mut letters = sentence.char_indices().peekable();
        while let Some((start, letter)) = letters.next() {
            if letter.is_whitespace() {
                continue;
            }
            let mut end = start + letter.len_utf8();
            if letter.is_alphanumeric() {
                while let Some(&(at, next)) = letters.peek() {
                    // "138/84", "37.5": one number.
                    let inner = matches!(next, '.' | ',' | '/' | ':')
                        && sentence[..at].ends_with(|c: char| c.is_ascii_digit())
                        && sentence[at + 1..].starts_with(|c: char| c.is_ascii_digit());
                    if !next.is_alphanumeric() && !inner {
                        break;
                    }
                    end = at + next.len_utf8();
                    letters.next();
                }
            }
            quoted |= letter == '«';
            pieces.push(Piece {
                key: sentence[start..end].to_lowercase(),
                start,
                end,
                capital: letter.is_uppercase(),
                quoted,
            });
            quoted &= letter != '»';
        }
        Self { sentence, pieces }
    }

    /// The numbers that stand for `#` where these words begin at a piece; `None` when they do not.
    pub(super) fn numbers_where(&self, at: usize, words: &[&str]) -> Option<Vec<&'a str>> {
        let pieces = self.pieces.get(at..at + words.len())?;
        let mut numbers = Vec::new();
        for (piece, word) in pieces.iter().zip(words) {
            if piece.quoted {
                return None;
            } else if *word == "#" && piece.is_number() {
                numbers.push(&self.sentence[piece.start..piece.end]);
            } else if piece.key != *word {
                return None;
            }
        }
        Some(numbers)
    }

    /// What is named in it, in order; of two that overlap the longer one.
    pub(super) fn named(&self) -> Vec<Named> {
        let written = as_transcript(self.sentence);
        named_in(&Scene::new(&written), self)
    }
}

fn as_transcript(sentence: &str) -> Transcript {
    Transcript { turns: vec![Turn { speaker: Speaker::Unknown, text: sentence.to_owned() }] }
}

fn named_in(scene: &Scene<'_>, text: &Text<'_>) -> Vec<Named> {
    let tokens = &scene.turn(0).tokens;
    let lex = scene.lex;
    let symptoms = scene.symptoms[0].iter().map(|m| (m.name.clone(), m.start, m.end, false));
    let diseases = scene.diseases[0]
        .iter()
        .map(|hit| (lex.diseases.entries[hit.entry].name.clone(), hit.start, hit.end, false));
    let studies = scene.studies[0]
        .iter()
        .map(|hit| (lex.studies.entries[hit.entry].name.clone(), hit.start, hit.end, false));
    let drugs = scene.drugs[0].iter().map(|drug| (drug.name.clone(), drug.start, drug.end, true));
    let mut found: Vec<Named> = Vec::new();
    for (name, start, end, drug) in symptoms.chain(diseases).chain(studies).chain(drugs) {
        let (Some(first), Some(last)) = (tokens.get(start), tokens.get(end.saturating_sub(1))) else {
            continue;
        };
        let inside = |piece: &Piece| piece.start >= first.start && piece.end <= last.end;
        let Some(from) = text.pieces.iter().position(inside) else { continue };
        let to = text.pieces.iter().rposition(inside).map_or(from + 1, |at| at + 1);
        found.push(Named { name, start: from, end: to, drug });
    }
    found.sort_by_key(|named| (named.start, std::cmp::Reverse(named.end)));
    let mut kept: Vec<Named> = Vec::new();
    for named in found {
        match kept.last_mut() {
            Some(last) if named.start < last.end => {
                if named.end - named.start > last.end - last.start {
                    *last = named;
                }
            }
            _ => kept.push(named),
        }
    }
    kept
}

/// What a sentence claims, in a form that can be compared.
fn claims(sentence: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let text = Text::read(sentence);
    let written = as_transcript(sentence);
    let scene = Scene::new(&written);
    let mut named: Vec<String> = named_in(&scene, &text).into_iter().map(|named| named.name).collect();
    let mut facts: Vec<String> = extract::claims(&scene)
        .iter()
        .map(|fact| {
            let (status, certainty) = (fact.attributes.status, fact.attributes.certainty);
            format!(
                "{:?} {} {:?} {:?} {:?} {status:?} {certainty:?}",
                fact.kind, fact.name, fact.polarity, fact.experiencer, fact.time
            )
        })
        .collect();
    let mut numbers: Vec<String> =
        text.pieces.iter().filter(|piece| piece.is_number()).map(|piece| piece.key.clone()).collect();
    named.sort_unstable();
    facts.sort_unstable();
    numbers.sort_unstable();
    (named, facts, numbers)
}

/// Whether two sentences say the same of a patient: the same things named, the same claims and numbers, and each supports
/// the other before the guard.
///
/// ```
/// use scribe::style::same_facts;
/// assert!(same_facts("Refiere cefalea de 3 días de evolución.", "Comenta dolor de cabeza desde hace 3 días."));
/// assert!(!same_facts("Refiere cefalea.", "Niega cefalea."));
/// assert!(!same_facts("Madre con diabetes mellitus.", "Antecedente de diabetes mellitus."));
/// ```
#[must_use]
pub fn same_facts(one: &str, other: &str) -> bool {
    let supports = |cited: &str, sentence: &str| {
        guard::check(sentence, &[Turn { speaker: Speaker::Unknown, text: cited.to_owned() }]).supported
    };
    claims(one) == claims(other) && supports(one, other) && supports(other, one)
}
