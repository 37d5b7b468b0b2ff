//! Names of medicines as a recogniser of Spanish speech writes them: by sound, with other vowels, cut in two.

use terminology::medicines::MedicineCatalog;

use super::Chance;

/// One of three names in a text, misheard once.
pub(super) fn misheard(text: &str, chance: &mut Chance) -> String {
    let mut out = String::new();
    let mut copied = 0;
    for mention in MedicineCatalog::core().mentions(text) {
        let written = &text[mention.range.clone()];
        let long = written.chars().count() >= 6 && !written.contains(' ');
        if mention.range.start < copied || !long || !chance.percent(33) {
            continue;
        }
        out.push_str(&text[copied..mention.range.start]);
        out.push_str(&heard(&written.to_lowercase(), chance));
        copied = mention.range.end;
    }
    out.push_str(&text[copied..]);
    out
}

/// Letters that sound alike in Mexican Spanish, and vowels without stress that are taken for each other.
const CONFUSED: [(&str, &str); 30] = [
    ("z", "s"),
    ("ce", "se"),
    ("ci", "si"),
    ("v", "b"),
    ("b", "v"),
    ("ll", "y"),
    ("y", "ll"),
    ("x", "s"),
    ("x", "cs"),
    ("qu", "k"),
    ("k", "c"),
    ("ge", "je"),
    ("gi", "ji"),
    ("h", ""),
    ("ph", "f"),
    ("th", "t"),
    ("m", "n"),
    ("n", "m"),
    ("d", "t"),
    ("t", "d"),
    ("p", "b"),
    ("l", "r"),
    ("i", "e"),
    ("e", "i"),
    ("o", "u"),
    ("u", "o"),
    ("cl", "gl"),
    ("ct", "t"),
    ("pt", "t"),
    ("s", ""),
];

/// The name with one or two confusions, or cut in two.
fn heard(name: &str, chance: &mut Chance) -> String {
    let letters: Vec<char> = name.chars().collect();
    // "lo sartán", "met formina": cut where a syllable ends and another begins.
    let cuts: Vec<usize> = (2..letters.len().saturating_sub(3))
        .filter(|&at| vowel(letters[at - 1]) && !vowel(letters[at]) && vowel(letters[at + 1]))
        .collect();
    if chance.percent(30)
        && let Some(cut) = chance.one_of(&cuts)
    {
        let (first, second): (String, String) =
            (letters[..cut].iter().collect(), letters[cut..].iter().collect());
        return format!("{first} {second}");
    }
    let once = confused(name, chance);
    if chance.percent(30) { confused(&once, chance) } else { once }
}

/// One confusion, not in the first letter, which is heard best.
fn confused(name: &str, chance: &mut Chance) -> String {
    let first = name.chars().next().map_or(0, char::len_utf8);
    let places: Vec<(usize, &str, &str)> = CONFUSED
        .iter()
        .flat_map(|&(from, to)| name[first..].match_indices(from).map(move |(at, _)| (at + first, from, to)))
        .collect();
    match chance.one_of(&places) {
        Some((at, from, to)) => format!("{}{to}{}", &name[..at], &name[at + from.len()..]),
        None => name.to_owned(),
    }
}

fn vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'á' | 'é' | 'í' | 'ó' | 'ú')
}
