//! How alike two word stems are: misspellings, derived forms and compound words.

/// A set of the letters in a word, to discard unlike words cheaply.
pub(crate) fn letter_set(word: &str) -> u64 {
    word.bytes().fold(0, |set, b| set | 1 << (b % 64))
}

/// Optimal string alignment distance (insert, delete, change, swap neighbours), or `None` above `limit`.
pub(crate) fn edit_distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > limit || a.len() > 40 || b.len() > 40 {
        return None;
    }
    let mut rows = [[0usize; 42]; 3];
    for (j, cell) in rows[1].iter_mut().enumerate().take(b.len() + 1) {
        *cell = j;
    }
    for i in 1..=a.len() {
        let [before, last, now] = &mut rows;
        now[0] = i;
        let mut best = i;
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = change.min(last[j] + 1).min(now[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            now[j] = cost;
            best = best.min(cost);
        }
        if best > limit {
            return None;
        }
        rows.rotate_left(1);
    }
    (rows[1][b.len()] <= limit).then_some(rows[1][b.len()])
}

/// How alike two stems are, from 0 (nothing in common) to 0.95; equal stems are not asked about here.
///
/// `known` says the first word is in the vocabulary: then only derived forms count, not misspellings.
pub(crate) fn similarity(a: &str, a_set: u64, b: &str, b_set: u64, known: bool) -> f32 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 4 || !a.is_ascii() || !b.is_ascii() {
        return 0.0;
    }
    let differing = (a_set ^ b_set).count_ones();
    if !known {
        let limit = match short.len() {
            0..=4 => usize::from(long.len() > 4),
            5..=8 => 1,
            _ => 2,
        };
        if differing as usize <= 2 * limit
            && let Some(distance) = edit_distance(a, b, limit)
        {
            return if distance == 1 { 0.85 } else { 0.72 };
        }
    }
    let shared = short.bytes().zip(long.bytes()).take_while(|(x, y)| x == y).count();
    if shared >= 5 && shared * 10 >= long.len() * 7 && shared + 3 >= short.len() {
        return if known { 0.55 } else { 0.68 };
    }
    if short.len() >= 7 && long.ends_with(short) {
        return if known { 0.45 } else { 0.6 };
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::{edit_distance, letter_set, similarity};
    use proptest::prelude::*;

    #[test]
    fn a_swap_of_neighbours_is_one_error() {
        assert_eq!(edit_distance("dibaetes", "diabetes", 2), Some(1));
        assert_eq!(edit_distance("gripe", "sarna", 2), None);
    }

    #[test]
    fn misspelt_derived_and_compound_words_are_alike() {
        let alike = |a: &str, b: &str, known| similarity(a, letter_set(a), b, letter_set(b), known);
        assert!(alike("hipertencion", "hipertension", false) > 0.8);
        assert!(alike("neuropatic", "neuropati", true) > 0.5);
        assert!(alike("orquiepididimit", "epididimit", false) > 0.5);
        assert!(alike("dolor", "color", true) < 0.1);
    }

    proptest! {
        #[test]
        fn distance_is_symmetric(a in "[a-d]{0,9}", b in "[a-d]{0,9}") {
            prop_assert_eq!(edit_distance(&a, &b, 12), edit_distance(&b, &a, 12));
        }
    }
}
