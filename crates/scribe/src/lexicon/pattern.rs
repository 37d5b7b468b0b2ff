//! Phrase patterns of the lexicons and their matcher.
//!
//! A pattern is words. `word*` matches a beginning, `=word` only itself, `(a/b)` one of several, `[word]` an optional word,
//! `@name` a macro of `macros.tsv`. Other words match by stem. Between words of a pattern the speaker may put up to
//! four small words ("me duele mucho aquí en la rodilla").

use std::collections::HashMap;

use crate::text::stem::stem;
use crate::text::token::Token;

/// Words that may stand between the words of a pattern.
const SMALL: &[&str] = &[
    "el", "la", "los", "las", "lo", "un", "una", "unos", "unas", "mi", "mis", "su", "sus", "tu", "tus", "me",
    "le", "les", "se", "te", "nos", "muy", "mucho", "mucha", "muchos", "muchas", "poco", "poca", "poquito",
    "poquita", "como", "bien", "medio", "este", "pues", "asi", "ahi", "aqui", "aca", "ya", "tambien",
    "nomas", "en", "de", "del", "al", "a", "que", "esta", "ese", "esa", "eso", "tan", "bastante", "...",
    "he", "ha", "algo", "tantito", "toda", "todo", "todos", "todas", "ambos", "ambas", "estos",
];
const MAX_SKIP: usize = 4;

#[derive(Debug, Clone)]
enum Atom {
    Exact(String),
    Stem(String),
    Prefix(String),
}

#[derive(Debug, Clone)]
struct Element {
    atoms: Vec<Atom>,
    optional: bool,
}

/// Named groups of alternatives, for verbs with all their spoken forms.
#[derive(Debug, Default)]
pub struct Macros(HashMap<String, Vec<String>>);

impl Macros {
    /// Reads `name<TAB>word word ...` lines.
    #[must_use]
    pub fn parse(tsv: &str) -> Self {
        let mut map = HashMap::new();
        for line in tsv.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, words)) = line.split_once('\t') {
                map.insert(name.to_owned(), words.split_whitespace().map(str::to_owned).collect());
            }
        }
        Self(map)
    }

    fn expand<'a>(&'a self, word: &'a str) -> Vec<&'a str> {
        match word.strip_prefix('@') {
            Some(name) => {
                self.0.get(name).map(|words| words.iter().map(String::as_str).collect()).unwrap_or_default()
            }
            None => vec![word],
        }
    }
}

fn atom(word: &str) -> Atom {
    if let Some(exact) = word.strip_prefix('=') {
        return Atom::Exact(exact.to_owned());
    }
    if let Some(prefix) = word.strip_suffix('*') {
        return Atom::Prefix(prefix.to_owned());
    }
    if word.len() <= 3 { Atom::Exact(word.to_owned()) } else { Atom::Stem(stem(word)) }
}

/// The patterns a pattern stands for when a group has alternatives of several words: "no (duermo/puede dormir)".
fn spelled_out(pattern: &str) -> Vec<String> {
    let group = pattern.match_indices('(').find_map(|(open, _)| {
        let close = open + pattern[open..].find(')')?;
        pattern[open..close].contains(' ').then_some((open, close))
    });
    let Some((open, close)) = group else { return vec![pattern.to_owned()] };
    let (before, after) = (&pattern[..open], &pattern[close + 1..]);
    let (single, several): (Vec<&str>, Vec<&str>) =
        pattern[open + 1..close].split('/').partition(|words| !words.contains(' '));
    let single = (!single.is_empty()).then(|| format!("{before}({}){after}", single.join("/")));
    let several = several.into_iter().map(|words| format!("{before}{words}{after}"));
    single.into_iter().chain(several).flat_map(|pattern| spelled_out(&pattern)).collect()
}

fn parse_pattern(pattern: &str, macros: &Macros) -> Vec<Element> {
    let mut elements = Vec::new();
    for piece in pattern.split_whitespace() {
        let (piece, optional) = match piece.strip_prefix('[').and_then(|p| p.strip_suffix(']')) {
            Some(inner) => (inner, true),
            None => (piece, false),
        };
        let inner = piece.strip_prefix('(').and_then(|p| p.strip_suffix(')')).unwrap_or(piece);
        let atoms: Vec<Atom> = inner.split('/').flat_map(|word| macros.expand(word)).map(atom).collect();
        if !atoms.is_empty() {
            elements.push(Element { atoms, optional });
        }
    }
    elements
}

impl Atom {
    fn matches(&self, token: &Token) -> bool {
        match self {
            Self::Exact(word) => *word == token.norm,
            Self::Stem(stem) => *stem == token.stem && token.norm.len() > 3,
            Self::Prefix(prefix) => token.norm.starts_with(prefix.as_str()),
        }
    }
}

impl Element {
    fn matches(&self, token: &Token) -> bool {
        self.atoms.iter().any(|atom| atom.matches(token))
    }
}

/// A place where a pattern stands in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Index of the entry the pattern belongs to.
    pub entry: usize,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
}

/// Many patterns, found in one pass over the tokens.
#[derive(Debug, Default)]
pub struct Matcher {
    patterns: Vec<(usize, Vec<Element>)>,
    by_word: HashMap<String, Vec<usize>>,
    by_stem: HashMap<String, Vec<usize>>,
    by_prefix: HashMap<String, Vec<usize>>,
}

impl Matcher {
    /// Adds a pattern (or several, separated by `|`) for an entry.
    pub fn add(&mut self, entry: usize, patterns: &str, macros: &Macros) {
        let patterns = patterns.split('|').map(str::trim).filter(|pattern| !pattern.is_empty());
        for pattern in patterns.flat_map(spelled_out) {
            let elements = parse_pattern(&pattern, macros);
            let Some(first) = elements.first() else { continue };
            let id = self.patterns.len();
            for atom in &first.atoms {
                let (map, key) = match atom {
                    Atom::Exact(word) => (&mut self.by_word, word.clone()),
                    Atom::Stem(stem) => (&mut self.by_stem, stem.clone()),
                    Atom::Prefix(prefix) => (&mut self.by_prefix, prefix.chars().take(3).collect()),
                };
                map.entry(key).or_default().push(id);
            }
            self.patterns.push((entry, elements));
        }
    }

    /// All hits, the longest at each place, without overlap.
    #[must_use]
    pub fn find(&self, tokens: &[Token]) -> Vec<Hit> {
        let mut hits = self.find_all(tokens);
        hits.sort_by_key(|hit| (std::cmp::Reverse(hit.end - hit.start), hit.start));
        let mut kept: Vec<Hit> = Vec::new();
        for hit in hits {
            if kept.iter().all(|other| hit.end <= other.start || hit.start >= other.end) {
                kept.push(hit);
            }
        }
        kept.sort_by_key(|hit| hit.start);
        kept
    }

    /// All hits, overlaps included, at most one per entry and start.
    #[must_use]
    pub fn find_all(&self, tokens: &[Token]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (start, token) in tokens.iter().enumerate() {
            if token.dead || token.is_punct() {
                continue;
            }
            let prefix: String = token.norm.chars().take(3).collect();
            let lists =
                [self.by_word.get(&token.norm), self.by_stem.get(&token.stem), self.by_prefix.get(&prefix)];
            for &id in lists.into_iter().flatten().flatten() {
                let (entry, elements) = &self.patterns[id];
                if let Some(end) = match_from(elements, tokens, start) {
                    match hits
                        .iter_mut()
                        .rev()
                        .find(|hit: &&mut Hit| hit.entry == *entry && hit.start == start)
                    {
                        Some(hit) => hit.end = hit.end.max(end),
                        None => hits.push(Hit { entry: *entry, start, end }),
                    }
                }
            }
        }
        hits
    }
}

fn match_from(elements: &[Element], tokens: &[Token], start: usize) -> Option<usize> {
    if !elements.first()?.matches(tokens.get(start)?) {
        return None;
    }
    let mut at = start + 1;
    for element in &elements[1..] {
        let mut idx = at;
        let mut skipped = 0;
        loop {
            let token = tokens.get(idx);
            match token {
                Some(token) if !token.dead && element.matches(token) => {
                    at = idx + 1;
                    break;
                }
                Some(token) if token.dead || (skipped < MAX_SKIP && SMALL.contains(&token.norm.as_str())) => {
                    skipped += usize::from(!token.dead);
                    idx += 1;
                }
                _ if element.optional => break,
                _ => return None,
            }
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::{Macros, Matcher};
    use crate::text::TurnDoc;

    #[test]
    fn an_alternative_may_have_several_words() {
        let mut matcher = Matcher::default();
        matcher.add(0, "no (duermo/puede dormir) [bien]|(placa/rayos x) (torax/pecho)", &Macros::default());
        for (text, found) in [
            ("No duermo.", 1),
            ("Dice que no puede dormir bien.", 1),
            ("Una placa de tórax.", 1),
            ("Los rayos x del pecho.", 1),
            ("No puede.", 0),
        ] {
            let turn = TurnDoc::new(Speaker::Patient, text);
            assert_eq!(matcher.find(&turn.tokens).len(), found, "{text}");
        }
    }

    #[test]
    fn a_pattern_matches_across_small_words_and_inflection() {
        let macros = Macros::parse("duele\tduele duelen dolor\n");
        let mut matcher = Matcher::default();
        matcher.add(0, "@duele cabeza", &macros);
        matcher.add(1, "falta aire|(ahogo/ahoga)", &macros);
        matcher.add(2, "moret*", &macros);
        let turn =
            TurnDoc::new(Speaker::Patient, "Me duele mucho la cabeza, me falta el aire y traigo moretones.");
        let entries: Vec<usize> = matcher.find(&turn.tokens).iter().map(|hit| hit.entry).collect();
        assert_eq!(entries, [0, 1, 2]);
    }
}
