//! Mexican names compared: accents, Ñ, particles, abbreviations, sounds that are written in several ways.

use super::Reason;
use crate::patient::Identity;
use crate::person::PersonName;

/// Little words that stand or do not stand before a name.
const PARTICLES: [&str; 12] = ["de", "del", "la", "las", "los", "el", "y", "e", "da", "do", "van", "von"];

/// How names are shortened on paper.
const SHORT: [(&str, &str); 18] = [
    ("ma", "maria"),
    ("mª", "maria"),
    ("mtz", "martinez"),
    ("mtnz", "martinez"),
    ("hdz", "hernandez"),
    ("hdez", "hernandez"),
    ("rdz", "rodriguez"),
    ("rguez", "rodriguez"),
    ("glz", "gonzalez"),
    ("gzz", "gonzalez"),
    ("gonz", "gonzalez"),
    ("fdz", "fernandez"),
    ("fdez", "fernandez"),
    ("lpz", "lopez"),
    ("gpe", "guadalupe"),
    ("fco", "francisco"),
    ("fca", "francisca"),
    ("jse", "jose"),
];

/// The words of a text in small letters without accents; Ñ counts as N, since many keyboards lack it. Only letters and
/// digits remain.
#[must_use]
pub fn folded_words(text: &str) -> Vec<String> {
    let folded: String = text.chars().flat_map(char::to_lowercase).filter_map(fold).collect();
    folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn fold(c: char) -> Option<char> {
    Some(match c {
        // Combining marks, as some keyboards write accents.
        '\u{0300}'..='\u{036f}' => return None,
        // "D'Ávila" and "DAvila" are found by the same word.
        '\'' | '’' | '.' => return None,
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        'ý' | 'ÿ' => 'y',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    })
}

/// The words that tell people apart: without particles, abbreviations written out.
fn telling_words(name: &str) -> Vec<String> {
    let all = folded_words(name);
    let telling: Vec<String> = all
        .iter()
        .filter(|word| !PARTICLES.contains(&word.as_str()))
        .map(|word| SHORT.iter().find(|(short, _)| short == word).map_or(word.as_str(), |(_, long)| long))
        .map(str::to_owned)
        .collect();
    if telling.is_empty() { all } else { telling }
}

/// The sound of a folded word in Mexican Spanish: consonants only, but for a vowel at the beginning.
fn sound(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::new();
    for (i, &c) in letters.iter().enumerate() {
        let next = letters.get(i + 1).copied();
        let soft = matches!(next, Some('e' | 'i' | 'y'));
        let heard = match c {
            'a' | 'e' | 'i' | 'o' | 'u' => (i == 0).then_some('a'),
            'h' => None,
            'b' | 'v' | 'w' => Some('b'),
            'z' | 's' => Some('s'),
            'c' if soft => Some('s'),
            'c' | 'k' | 'q' => Some('k'),
            'x' if i == 0 => Some('j'),
            'x' => Some('s'),
            'g' if soft => Some('j'),
            'l' if next == Some('l') => Some('y'),
            'p' if next == Some('h') => Some('f'),
            'm' if matches!(next, Some('b' | 'p' | 'v')) => Some('n'),
            other => Some(other),
        };
        // The second L of LL, and doubled letters, are not heard again.
        let repeated = i > 0 && letters[i - 1] == c;
        out.extend(heard.filter(|_| !repeated));
    }
    out
}

/// Keys under which a person is kept, for finding those who may be the same: every given name with every surname, by
/// sound. None for those without a name of their own; a newborn is found by the day of birth.
#[must_use]
pub fn keys(identity: &Identity) -> Vec<String> {
    let Identity::Identified { name, .. } = identity else { return Vec::new() };
    let surnames = [name.first_surname(), name.second_surname().unwrap_or_default()];
    let mut sounds: Vec<String> =
        surnames.into_iter().filter(|part| !part.is_empty()).map(surname_sound).collect();
    if sounds.is_empty() {
        sounds.push(String::new());
    }
    let mut keys: Vec<String> = telling_words(name.given())
        .iter()
        .flat_map(|given| sounds.iter().map(move |surname| format!("{surname} {}", sound(given))))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn surname_sound(surname: &str) -> String {
    telling_words(surname).iter().map(|word| sound(word)).collect()
}

/// How alike two words are, from 0 to 1: the same, of the same sound, an initial, or a slip or two apart.
fn alike(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if sound(a) == sound(b) && sound(a).len() > 1 && strsim::osa_distance(a, b) <= 2 {
        return 0.95;
    }
    let initial = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    if initial(a, b) || initial(b, a) {
        return 0.8;
    }
    let allowed = match a.chars().count().max(b.chars().count()) {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    };
    match strsim::osa_distance(a, b) {
        1 if allowed >= 1 => 0.88,
        2 if allowed >= 2 => 0.76,
        _ => 0.0,
    }
}

/// How alike two given names are, each word with its best counterpart; `None` when they are different names. Words
/// that only one of them has weigh little: people leave out a second name.
pub(super) fn given(a: &str, b: &str) -> Option<f64> {
    let (a, b) = (telling_words(a), telling_words(b));
    let (short, long) = if (a.len(), &a) <= (b.len(), &b) { (a, b) } else { (b, a) };
    if short.is_empty() {
        return None;
    }
    let extra = (long.len() - short.len()).min(2) as f64 * 0.08;
    let total: f64 = best_pairs(&short, long);
    let mean = total / short.len() as f64;
    // Half of the words different is another name: José Luis and José Juan are brothers.
    (mean >= 0.75).then_some(mean - extra)
}

/// The sum of the best pairs, taken greedily from the best one on.
fn best_pairs(short: &[String], long: Vec<String>) -> f64 {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (i, one) in short.iter().enumerate() {
        pairs.extend(long.iter().enumerate().map(|(j, other)| (alike(one, other), i, j)));
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    let (mut used_short, mut used_long) = (vec![false; short.len()], vec![false; long.len()]);
    let mut total = 0.0;
    for (alike, i, j) in pairs {
        if !used_short[i] && !used_long[j] {
            (used_short[i], used_long[j]) = (true, true);
            total += alike;
        }
    }
    total
}

fn surname(a: &str, b: &str) -> f64 {
    let (a, b) = (telling_words(a), telling_words(b));
    let whole = alike(&a.join(" "), &b.join(" "));
    // "Ponce de León" and "Ponce".
    let part = !a.is_empty() && !b.is_empty() && (a.starts_with(&b) || b.starts_with(&a));
    if part { whole.max(0.85) } else { whole }
}

/// How alike the surnames are and what is odd about them; `None` when they are others.
pub(super) fn surnames(a: &PersonName, b: &PersonName) -> Option<(f64, Option<Reason>)> {
    let second = |name: &PersonName| name.second_surname().filter(|text| !text.is_empty()).map(str::to_owned);
    let (a1, b1) = (a.first_surname(), b.first_surname());
    let found = match (second(a), second(b)) {
        _ if a1.is_empty() && b1.is_empty() => (1.0, None),
        _ if a1.is_empty() || b1.is_empty() => return None,
        (None, None) => (surname(a1, b1), None),
        (Some(a2), Some(b2)) => {
            let straight = mean(surname(a1, b1), surname(&a2, &b2));
            let swapped = mean(surname(a1, &b2), surname(&a2, b1)) - 0.05;
            if straight >= swapped { (straight, None) } else { (swapped, Some(Reason::SwappedSurnames)) }
        }
        (Some(other), None) => missing(a1, &other, b1),
        (None, Some(other)) => missing(b1, &other, a1),
    };
    (found.0 >= 0.7).then_some(found)
}

/// Both surnames must be alike: one equal surname makes relatives, not one person.
fn mean(one: f64, other: f64) -> f64 {
    if one < 0.7 || other < 0.7 { 0.0 } else { f64::midpoint(one, other) }
}

fn missing(first: &str, second: &str, only: &str) -> (f64, Option<Reason>) {
    let best = surname(first, only).max(surname(second, only) - 0.05);
    (best - 0.08, Some(Reason::MissingSurname))
}

/// Whether one of a person's surnames is in a mother's full name.
pub(super) fn has_surname(mother_name: &str, child: &PersonName) -> bool {
    let mother = telling_words(mother_name);
    let surnames = [child.first_surname(), child.second_surname().unwrap_or_default()];
    surnames
        .into_iter()
        .flat_map(telling_words)
        .any(|word| mother.iter().any(|other| alike(&word, other) > 0.8))
}
