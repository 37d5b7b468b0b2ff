//! A piece of the text around what was found.

use std::ops::Range;

use super::query::Query;
use super::{Token, tokens};

/// About how many letters are shown.
const WIDTH: usize = 220;
/// How many letters come before the first found word.
const LEAD: usize = 60;

/// A part of a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text, as stored.
    pub text: String,
    /// Whether it is what was sought.
    pub found: bool,
}

/// The part of `text` with most of the clauses in it, in pieces, with an ellipsis where it was cut. Without anything
/// found (a filter alone): the beginning.
#[must_use]
pub fn snippet(text: &str, query: &Query) -> Vec<Piece> {
    let found = matches(&tokens(text), query);
    let window = window(text, &best_start(&found));
    let mut pieces = Vec::new();
    let mut push = |text: &str, found: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), found });
        }
    };
    if window.start > 0 {
        push("… ", false);
    }
    let mut at = window.start;
    for (range, _) in found.iter().filter(|(range, _)| window.start <= range.start && range.end <= window.end)
    {
        if range.start < at {
            continue;
        }
        push(&text[at..range.start], false);
        push(&text[range.clone()], true);
        at = range.end;
    }
    push(&text[at..window.end], false);
    if window.end < text.len() {
        push(" …", false);
    }
    pieces
}

/// Where each clause is met: ranges in the order of the text, with the number of the clause.
fn matches(tokens: &[Token], query: &Query) -> Vec<(Range<usize>, usize)> {
    let mut found = Vec::new();
    for (clause, phrases) in query.clauses().iter().enumerate() {
        for phrase in phrases.iter().filter(|phrase| !phrase.is_empty()) {
            for window in tokens.windows(phrase.len()) {
                if window.iter().zip(phrase).all(|(token, term)| token.term == *term) {
                    found.extend(window.iter().map(|token| (token.range.clone(), clause)));
                }
            }
        }
    }
    found.sort_by_key(|(range, clause)| (range.start, *clause));
    found.dedup();
    found
}

/// The found word from which on most different clauses lie within the width shown.
fn best_start(found: &[(Range<usize>, usize)]) -> Range<usize> {
    let mut best = (0, 0..0);
    for (n, (range, _)) in found.iter().enumerate() {
        let near = found[n..].iter().take_while(|(other, _)| other.end <= range.start + WIDTH - LEAD);
        let mut clauses: Vec<usize> = near.map(|(_, clause)| *clause).collect();
        clauses.sort_unstable();
        clauses.dedup();
        if clauses.len() > best.0 {
            best = (clauses.len(), range.clone());
        }
    }
    best.1
}

/// The bytes to show: whole words around the start.
fn window(text: &str, start: &Range<usize>) -> Range<usize> {
    let from = if start.start <= LEAD { 0 } else { word_start(text, start.start - LEAD, start.start) };
    let wanted = from + WIDTH;
    if wanted >= text.len() {
        return from..text.len();
    }
    let boundary = (0..=wanted).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
    let least = start.end.max(from);
    let end = text[least..boundary.max(least)]
        .rfind(char::is_whitespace)
        .map_or(boundary.max(least), |at| least + at);
    from..end
}

/// The start of the first word at or after `from`, at most `until`.
fn word_start(text: &str, from: usize, until: usize) -> usize {
    let boundary = (from..=until).find(|&at| text.is_char_boundary(at)).unwrap_or(until);
    text[boundary..until].find(char::is_whitespace).map_or(boundary, |space| {
        let rest = boundary + space;
        let skipped: usize =
            text[rest..until].chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
        rest + skipped
    })
}
