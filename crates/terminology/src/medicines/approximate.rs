//! Search as one types and correction of misheard names: Spanish phonetic keys and a bounded edit distance.

use super::{Match, MedicineCatalog, NameKind};
use crate::fold::fold;

/// A name offered while typing.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion<'a> {
    /// The name and its ingredients.
    pub matched: Match<'a>,
    /// 0 for a prefix, then the number of letters that differ.
    pub distance: usize,
}

/// The closest name of a word that is not in the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction<'a> {
    /// The name and its ingredients.
    pub matched: Match<'a>,
    /// Letters that differ once written as they sound; 0 when they sound the same.
    pub distance: usize,
}

impl MedicineCatalog {
    /// Names for a search box, best first: those that begin so, those with a word that begins so, then near misses.
    ///
    /// Nothing is offered for fewer than two letters.
    #[must_use]
    pub fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion<'_>> {
        let query = fold(text);
        if query.len() < 2 || query.len() > 80 {
            return Vec::new();
        }
        let sound = sound(&query);
        let allowed = (query.len() / 4).min(3);
        let mut ranked: Vec<(usize, usize, usize, u32)> = Vec::new();
        for (idx, name) in (0u32..).zip(&self.names) {
            let (rank, distance) = if name.folded.starts_with(&query) {
                (0, 0)
            } else if name.folded.split(' ').skip(1).any(|word| word.starts_with(&query)) {
                (1, 0)
            } else if allowed == 0 {
                continue;
            } else {
                let other = sound_prefix(&name.folded, sound.len());
                match distance_within(&sound, &other, allowed) {
                    Some(distance) => (2, distance),
                    None => continue,
                }
            };
            if name.kind != NameKind::Heard {
                ranked.push((
                    rank + distance,
                    usize::from(name.kind == NameKind::Brand),
                    name.folded.len(),
                    idx,
                ));
            }
        }
        ranked.sort_unstable();
        let mut seen: Vec<&[u16]> = Vec::new();
        let mut out = Vec::new();
        for (rank, _, _, idx) in ranked {
            let name = &self.names[idx as usize];
            // One generic entry for each ingredient; brands are shown each by its name.
            if name.kind == NameKind::Generic {
                if seen.contains(&name.medicines.as_slice()) {
                    continue;
                }
                seen.push(&name.medicines);
            }
            out.push(Suggestion { matched: self.matched(idx), distance: rank.saturating_sub(2) });
            if out.len() == limit {
                break;
            }
        }
        out
    }

    /// The medicine that a misheard or misspelt word most likely is; `None` when nothing is close or two are equally close.
    ///
    /// Conservative: short words need to sound the same, and brands allow one letter at most. It does not know whether the
    /// word is an ordinary Spanish word: call it where a medicine is expected.
    #[must_use]
    pub fn correct(&self, text: &str) -> Option<Correction<'_>> {
        let query = fold(text);
        if let Some(matched) = self.find(&query) {
            return Some(Correction { matched, distance: 0 });
        }
        if query.len() < 5 || query.len() > 60 || query.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let sound = sound(&query.replace(' ', ""));
        let allowed = match sound.len() {
            0..=5 => 0,
            6..=7 => 1,
            8..=11 => 2,
            _ => 3,
        };
        let mut best: Option<(usize, u32)> = None;
        let mut tied = false;
        for (idx, name) in (0u32..).zip(&self.names) {
            let limit = if name.kind == NameKind::Brand { allowed.min(1) } else { allowed };
            let limit = best.map_or(limit, |(distance, _)| limit.min(distance));
            let other = self::sound(&name.folded.replace(' ', ""));
            let Some(distance) = distance_within(&sound, &other, limit) else { continue };
            match best {
                Some((least, kept)) if least == distance => {
                    tied |= self.names[kept as usize].medicines != name.medicines;
                }
                _ => {
                    best = Some((distance, idx));
                    tied = false;
                }
            }
        }
        let (distance, idx) = best.filter(|_| !tied)?;
        Some(Correction { matched: self.matched(idx), distance })
    }
}

/// Folded text written as Mexican Spanish sounds: b/v, s/c/z, x, y/ll, k/qu, silent h, no double letters.
fn sound(folded: &str) -> Vec<u8> {
    let bytes = folded.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    for (at, &c) in bytes.iter().enumerate() {
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let soft = matches!(next, b'e' | b'i' | b'y');
        let sounds = match c {
            b'h' => continue,
            b'u' if at > 0 && matches!(bytes[at - 1], b'q' | b'g') && soft => continue,
            b'v' => b'b',
            b'z' | b'x' => b's',
            b'c' if soft => b's',
            b'c' if next == b'h' => b'c',
            b'c' | b'q' => b'k',
            b'g' if soft => b'j',
            b'y' => b'i',
            b'p' if next == b'h' => b'f',
            b'm' if at + 1 == bytes.len() => b'n',
            other => other,
        };
        if out.last() != Some(&sounds) {
            out.push(sounds);
        }
    }
    out
}

/// As [`sound`], cut to a length, for words that are still being typed.
fn sound_prefix(folded: &str, length: usize) -> Vec<u8> {
    let mut out = sound(folded);
    out.truncate(length);
    out
}

/// Edit distance with neighbouring letters swapped counted once, if it is not over the limit.
fn distance_within(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    if limit == 0 {
        return (a == b).then_some(0);
    }
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut current = vec![0; b.len() + 1];
    for (i, &x) in a.iter().enumerate() {
        current[0] = i + 1;
        let mut least = current[0];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (previous[j] + usize::from(x != y)).min(previous[j + 1] + 1).min(current[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            current[j + 1] = cost;
            least = least.min(cost);
        }
        if least > limit {
            return None;
        }
        before.clone_from(&previous);
        std::mem::swap(&mut previous, &mut current);
    }
    Some(previous[b.len()]).filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ingredient that a heard word becomes.
    fn check(heard: &str, expected: Option<&str>) {
        let found = MedicineCatalog::core().correct(heard).map(|c| c.matched.medicines[0].name_es);
        assert_eq!(found, expected, "{heard}");
    }

    #[test]
    fn misheard_names_are_recognised() {
        check("sinvastatina", Some("simvastatina"));
        check("metmorfina", Some("metformina"));
        check("lebotirosina", Some("levotiroxina"));
        check("losartan", Some("losartán"));
        check("clonasepan", Some("clonazepam"));
        check("nitrofurantonina", Some("nitrofurantoína"));
        check("hidroclorotiazda", Some("hidroclorotiazida"));
    }

    #[test]
    fn ordinary_words_are_left_alone() {
        for word in [
            "cabeza",
            "garganta",
            "estómago",
            "mañana",
            "tableta",
            "desayuno",
            "presión",
            "pastilla",
            "dolor",
            "tratamiento",
        ] {
            check(word, None);
        }
    }

    #[test]
    fn typing_offers_the_generic_name_first() {
        let catalog = MedicineCatalog::core();
        let first = |text| catalog.suggest(text, 5).first().map(|s| s.matched.medicines[0].name_es);
        assert_eq!(first("para"), Some("paracetamol"));
        assert_eq!(first("losar"), Some("losartán"));
        assert_eq!(first("omepra"), Some("omeprazol"));
        assert_eq!(first("sinvas"), Some("simvastatina"));
        assert_eq!(first("tempra"), Some("paracetamol"));
        assert_eq!(first("x"), None);
        assert!(catalog.suggest("a", 5).is_empty());
    }

    #[test]
    fn suggestions_never_exceed_the_limit() {
        assert!(MedicineCatalog::core().suggest("ce", 7).len() <= 7);
    }

    proptest::proptest! {
        #[test]
        fn distance_is_symmetric(a in "[a-e]{0,8}", b in "[a-e]{0,8}") {
            let forth = distance_within(a.as_bytes(), b.as_bytes(), 8);
            proptest::prop_assert_eq!(forth, distance_within(b.as_bytes(), a.as_bytes(), 8));
        }

        #[test]
        fn any_text_is_searched_without_failing(text in "\\PC{0,40}") {
            let catalog = MedicineCatalog::core();
            let _ = catalog.suggest(&text, 5);
            let _ = catalog.correct(&text);
        }
    }
}
