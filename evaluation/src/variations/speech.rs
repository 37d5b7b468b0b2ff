//! How it was said and written down: hesitation, repetition, false starts; no punctuation and no capitals.

use super::Chance;

const FILLERS: [&str; 8] = ["este...", "eh,", "este,", "pues,", "mmm,", "o sea,", "eh...", "a ver,"];

/// Fillers before some words, some words twice, some begun twice.
pub(super) fn hesitating(text: &str, chance: &mut Chance) -> String {
    let mut said: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let plain = word.chars().all(char::is_alphabetic);
        if plain && chance.percent(5) {
            said.extend(chance.one_of(&FILLERS).map(str::to_owned));
        }
        // "la... la cabeza", "dolo- dolor"
        if plain && chance.percent(3) {
            said.push(format!("{word}..."));
        } else if plain && word.chars().count() > 4 && chance.percent(3) {
            let begun: String = word.chars().take(3).collect();
            said.push(format!("{begun}-"));
        }
        said.push(word.to_owned());
    }
    said.join(" ")
}

/// As a recogniser without punctuation writes: lower case, no marks but the ones inside numbers.
pub(super) fn bare(text: &str, _: &mut Chance) -> String {
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
    let kept: String = letters
        .iter()
        .enumerate()
        .map(|(at, &letter)| {
            let inside =
                matches!(letter, '.' | ',' | '/' | ':') && digit(at.checked_sub(1)) && digit(Some(at + 1));
            if letter.is_alphanumeric() || inside || letter == '%' { letter } else { ' ' }
        })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
