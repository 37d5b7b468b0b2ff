//! What a physician made of a sentence, as words in place of others.

use super::words::{Named, Piece, Text, Use, same_facts, use_of};

/// Most words of a preference on either side.
const LONGEST: usize = 8;
/// Sentences longer than this are not compared.
const SENTENCE: usize = 120;

/// Words that are preferred to others: lower case, between single spaces; `#` stands for a number, which stays.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wording {
    /// What is composed.
    pub before: String,
    /// What is written instead.
    pub after: String,
}

/// Whether words may be exchanged for others: both name the same, and besides that only words of writing differ.
#[must_use]
pub fn is_wording(before: &str, after: &str) -> bool {
    let (before, after) = (before.replace('#', "3"), after.replace('#', "3"));
    let (one, other) = (Text::read(&before), Text::read(&after));
    // Who tells, had or denies does so in both.
    let does = |text: &Text<'_>| {
        [Use::Tells, Use::Had, Use::Denies]
            .map(|kind| text.pieces.iter().any(|piece| use_of(&piece.key) == Some(kind)))
    };
    let content = |text: &Text<'_>| text.pieces.iter().any(Piece::is_content);
    let drugs = |text: &Text<'_>| {
        let named = text.named().into_iter().filter(|named| named.drug);
        named.flat_map(|named| keys(&text.pieces[named.start..named.end])).collect::<Vec<_>>()
    };
    content(&one)
        && content(&other)
        && does(&one) == does(&other)
        && drugs(&one) == drugs(&other)
        && only_writing(&one, &other)
        && only_writing(&other, &one)
        && same_facts(&before, &after)
}

fn keys(pieces: &[Piece]) -> Vec<String> {
    pieces.iter().map(|piece| piece.key.clone()).collect()
}

/// Whether the words that only the first has are of writing, or name what is compared by its clinical name.
fn only_writing(one: &Text<'_>, other: &Text<'_>) -> bool {
    let named = one.named();
    let mut left = keys(&other.pieces);
    one.pieces.iter().enumerate().all(|(at, piece)| {
        if let Some(same) = left.iter().position(|key| *key == piece.key) {
            left.swap_remove(same);
            return true;
        }
        use_of(&piece.key).is_some() || named.iter().any(|named| (named.start..named.end).contains(&at))
    })
}

/// One or more pieces that are compared as a whole.
struct Unit {
    key: String,
    start: usize,
    end: usize,
    /// Named by a clinical name.
    named: bool,
    /// Can hold two sentences together: not a word that only joins, nor a mark.
    strong: bool,
}

/// The preferences of wording that a change of a sentence shows; none when its facts are not the same any more.
///
/// ```
/// let learnt = scribe::style::learn("Refiere cefalea de 3 días de evolución.", "Comenta cefalea desde hace 3 días.");
/// let words: Vec<(&str, &str)> = learnt.iter().map(|w| (w.before.as_str(), w.after.as_str())).collect();
/// assert_eq!(words, [("refiere", "comenta"), ("de # días de evolución", "desde hace # días")]);
/// assert!(scribe::style::learn("Refiere cefalea de 3 días de evolución.", "Comenta cefalea desde hace 5 días.").is_empty());
/// ```
#[must_use]
pub fn learn(proposed: &str, written: &str) -> Vec<Wording> {
    let (one, other) = (Text::read(proposed), Text::read(written));
    if one.pieces.len().max(other.pieces.len()) > SENTENCE || !same_facts(proposed, written) {
        return Vec::new();
    }
    let (names, other_names) = (one.named(), other.named());
    let (a, b) = (units(&one, &names, &other_names), units(&other, &other_names, &names));
    let pairs = anchored(&a, &b, matched(&a, &b));
    let mut found: Vec<Wording> = Vec::new();
    let mut add = |before: &[Piece], after: &[Piece]| {
        if let Some(wording) = wording(before, after)
            && !found.contains(&wording)
        {
            found.push(wording);
        }
    };
    for &(i, j) in pairs.iter().filter(|(i, _)| a[*i].named) {
        add(&one.pieces[a[i].start..a[i].end], &other.pieces[b[j].start..b[j].end]);
    }
    for hunk in hunks(&a, &b, &pairs) {
        let (from, to) = (a[hunk.a.start].start, a[hunk.a.end - 1].end);
        let (other_from, other_to) = (b[hunk.b.start].start, b[hunk.b.end - 1].end);
        add(&one.pieces[from..to], &other.pieces[other_from..other_to]);
    }
    found
}

fn wording(before: &[Piece], after: &[Piece]) -> Option<Wording> {
    let numbers = |pieces: &[Piece]| {
        keys(&pieces.iter().filter(|piece| piece.is_number()).cloned().collect::<Vec<_>>())
    };
    let unfit = |piece: &Piece| piece.is_mark() || piece.quoted;
    // A name in capitals would come back in small letters.
    let proper = |pieces: &[Piece]| pieces.iter().any(|piece| piece.is_capital() && piece.start > 0);
    if before.iter().chain(after).any(unfit)
        || proper(before)
        || proper(after)
        || before.len().max(after.len()) > LONGEST
        || numbers(before) != numbers(after)
    {
        return None;
    }
    let words = |pieces: &[Piece]| {
        let words: Vec<&str> =
            pieces.iter().map(|piece| if piece.is_number() { "#" } else { piece.key.as_str() }).collect();
        words.join(" ")
    };
    let found = Wording { before: words(before), after: words(after) };
    (found.before != found.after && is_wording(&found.before, &found.after)).then_some(found)
}

fn units(text: &Text<'_>, named: &[Named], others: &[Named]) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < text.pieces.len() {
        let shared = named.iter().find(|named| named.start == at);
        let shared = shared.filter(|named| others.iter().any(|other| other.name == named.name));
        let piece = &text.pieces[at];
        let end = shared.map_or(at + 1, |named| named.end);
        units.push(Unit {
            key: shared.map_or_else(|| piece.key.clone(), |named| format!("={}", named.name)),
            start: at,
            end,
            named: shared.is_some(),
            strong: shared.is_some() || piece.is_content() || piece.is_number(),
        });
        at = end;
    }
    units
}

/// The longest common subsequence, as pairs.
fn matched(a: &[Unit], b: &[Unit]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut length = vec![0_usize; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            length[i * width + j] = if a[i].key == b[j].key {
                length[(i + 1) * width + j + 1] + 1
            } else {
                length[(i + 1) * width + j].max(length[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i].key == b[j].key {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Without the pairs of small words that stand together by chance: those that touch no other pair.
fn anchored(a: &[Unit], b: &[Unit], pairs: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut kept: Vec<bool> = pairs
        .iter()
        .map(|&(i, j)| a[i].strong || (i, j) == (0, 0) || (i + 1, j + 1) == (a.len(), b.len()))
        .collect();
    let touches = |one: usize, two: usize| (pairs[one].0 + 1, pairs[one].1 + 1) == pairs[two];
    for at in 1..pairs.len() {
        kept[at] |= kept[at - 1] && touches(at - 1, at);
    }
    for at in (1..pairs.len()).rev() {
        kept[at - 1] |= kept[at] && touches(at - 1, at);
    }
    pairs.into_iter().zip(kept).filter_map(|(pair, kept)| kept.then_some(pair)).collect()
}

/// A stretch that changed, on both sides.
#[derive(Debug, Clone)]
struct Hunk {
    a: std::ops::Range<usize>,
    b: std::ops::Range<usize>,
}

/// What changed between the pairs, each with as much around it as gives it a meaning of its own.
fn hunks(a: &[Unit], b: &[Unit], pairs: &[(usize, usize)]) -> Vec<Hunk> {
    let ends = pairs.iter().copied().chain([(a.len(), b.len())]);
    let starts = [(0, 0)].into_iter().chain(pairs.iter().map(|&(i, j)| (i + 1, j + 1)));
    let changed = starts
        .zip(ends)
        .filter(|(from, to)| from.0 < to.0 || from.1 < to.1)
        .filter_map(|(from, to)| widened(a, b, pairs, Hunk { a: from.0..to.0, b: from.1..to.1 }));
    let mut out: Vec<Hunk> = Vec::new();
    for hunk in changed {
        match out.last_mut() {
            Some(last) if hunk.a.start < last.a.end || hunk.b.start < last.b.end => {
                last.a.end = hunk.a.end.max(last.a.end);
                last.b.end = hunk.b.end.max(last.b.end);
            }
            _ => out.push(hunk),
        }
    }
    out
}

/// Takes words after it, or before it, until both sides hold a word with a meaning; never a thing named, whose name would
/// make the habit one of that thing only.
fn widened(a: &[Unit], b: &[Unit], pairs: &[(usize, usize)], hunk: Hunk) -> Option<Hunk> {
    let meant = |units: &[Unit]| units.iter().any(|unit| unit.strong && !starts_with_digit(unit));
    let whole = |hunk: &Hunk| meant(&a[hunk.a.clone()]) && meant(&b[hunk.b.clone()]);
    let fits =
        |at: usize| a.get(at).is_some_and(|unit| !unit.named && unit.key.starts_with(char::is_alphanumeric));
    let mut forward = hunk.clone();
    while !whole(&forward) && pairs.contains(&(forward.a.end, forward.b.end)) && fits(forward.a.end) {
        forward = Hunk { a: forward.a.start..forward.a.end + 1, b: forward.b.start..forward.b.end + 1 };
    }
    if whole(&forward) {
        return Some(forward);
    }
    let mut back = hunk;
    while !whole(&back)
        && back.a.start > 0
        && back.b.start > 0
        && pairs.contains(&(back.a.start - 1, back.b.start - 1))
        && fits(back.a.start - 1)
    {
        back = Hunk { a: back.a.start - 1..back.a.end, b: back.b.start - 1..back.b.end };
    }
    whole(&back).then_some(back)
}

fn starts_with_digit(unit: &Unit) -> bool {
    unit.key.starts_with(|c: char| c.is_ascii_digit())
}
