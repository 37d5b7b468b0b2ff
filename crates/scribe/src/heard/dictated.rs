//! Punctuation said aloud: "coma", "punto y aparte". Put as marks, in as many bytes as the words had.

use clinical::transcript::Speaker;

use super::{Heard, turns_in_words};
use crate::text::TurnDoc;
use crate::text::numbers::number_at;

/// What is said, and the mark meant; longer ones first.
const MARKS: [(&str, &str); 13] = [
    ("punto y seguido", "."),
    ("punto y aparte", "."),
    ("punto y coma", ";"),
    ("punto final", "."),
    ("nuevo renglón", "."),
    ("nueva línea", "."),
    ("dos puntos", ":"),
    ("abre paréntesis", "("),
    ("cierra paréntesis", ")"),
    ("abre comillas", ","),
    ("cierra comillas", ","),
    ("punto", "."),
    ("coma", ","),
];
/// Said by nobody who does not dictate.
const SURE: usize = 5;

/// Where marks are said, they are read as such.
pub(super) fn read_as_marks(heard: &mut Heard) {
    let mut dictated = Vec::new();
    for (at, turn) in heard.transcript.turns.iter_mut().enumerate() {
        let lower = turn.text.to_lowercase();
        // A letter whose lower case has another length would move what follows.
        if lower.len() != turn.text.len() {
            continue;
        }
        let found = marks(&lower);
        let sure = found.iter().any(|(_, _, kind)| *kind < SURE);
        let commas = found.iter().filter(|(_, _, kind)| MARKS[*kind].0 == "coma").count();
        if !sure && (commas < 3 || lower.contains(',')) {
            continue;
        }
        for (from, to, kind) in found {
            let mark = MARKS[kind].1;
            turn.text.replace_range(from..to, &format!("{mark}{}", " ".repeat(to - from - mark.len())));
        }
        dictated.push(at);
    }
    if !dictated.is_empty() {
        let text = format!(
            "En {} se dictaron signos de puntuación: se leyeron como signos.",
            turns_in_words(&dictated)
        );
        heard.tell(text, Vec::new());
    }
}

/// The marks said in a text: bytes and kind.
fn marks(lower: &str) -> Vec<(usize, usize, usize)> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (kind, (said, _)) in MARKS.iter().enumerate() {
        for (from, _) in lower.match_indices(said) {
            let to = from + said.len();
            let whole = !lower[..from].ends_with(char::is_alphanumeric)
                && !lower[to..].starts_with(char::is_alphanumeric);
            let inside = found.iter().any(|(start, end, _)| from < *end && *start < to);
            if whole && !inside && !is_a_word(lower, from, to, said) {
                found.push((from, to, kind));
            }
        }
    }
    found.sort_unstable();
    found
}

fn is_number(word: &str) -> bool {
    let tokens = TurnDoc::new(Speaker::Unknown, word).tokens;
    number_at(&tokens, 0).is_some()
}

/// "treinta y siete punto cinco", "no coma grasa", "a punto de", "está en coma".
fn is_a_word(lower: &str, from: usize, to: usize, said: &str) -> bool {
    let before = lower[..from].split_whitespace().next_back().unwrap_or_default();
    let after = lower[to..].split_whitespace().next().unwrap_or_default();
    match said {
        "punto" => {
            is_number(before) && is_number(after)
                || matches!(before, "a" | "el" | "un" | "este" | "ese" | "al")
                || after == "de"
        }
        "coma" => {
            matches!(before, "no" | "que" | "en" | "usted" | "lo" | "ya" | "se" | "cuando" | "un" | "y" | "a")
        }
        "dos puntos" => matches!(before, "en" | "los" | "con" | "de"),
        _ => false,
    }
}
