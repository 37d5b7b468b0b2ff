//! Cuts the words of a turn where sentences of the note cite them, so that a page can light them up.

use clinical::transcript::Evidence;

/// A run of words cited by the same sentences; no sentence for words nobody cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The words.
    pub text: String,
    /// Marks of the sentences that cite them, in the order given.
    pub cited_by: Vec<String>,
}

/// Cuts `text`, turn number `turn`, at every border of the citations.
///
/// Citations of other turns, outside the text or across a character are left out.
/// The segments joined give the text again.
#[must_use]
pub fn segments(text: &str, turn: usize, citations: &[(String, Evidence)]) -> Vec<Segment> {
    let valid: Vec<&(String, Evidence)> = citations
        .iter()
        .filter(|(_, e)| e.turn == turn && e.start < e.end && text.get(e.start..e.end).is_some())
        .collect();
    let mut borders: Vec<usize> = valid.iter().flat_map(|(_, e)| [e.start, e.end]).collect();
    borders.extend([0, text.len()]);
    borders.sort_unstable();
    borders.dedup();
    let mut found: Vec<Segment> = Vec::new();
    for pair in borders.windows(2) {
        let (Some(&start), Some(&end)) = (pair.first(), pair.last()) else { continue };
        let mut cited_by: Vec<String> = Vec::new();
        for (mark, evidence) in &valid {
            if evidence.start <= start && end <= evidence.end && !cited_by.contains(mark) {
                cited_by.push(mark.clone());
            }
        }
        let Some(words) = text.get(start..end) else { continue };
        match found.last_mut() {
            Some(last) if last.cited_by == cited_by => last.text.push_str(words),
            _ => found.push(Segment { text: words.to_owned(), cited_by }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cite(mark: &str, start: usize, end: usize) -> (String, Evidence) {
        (mark.to_owned(), Evidence { turn: 0, start, end })
    }

    fn check(text: &str, citations: &[(String, Evidence)], expected: &[(&str, &str)]) {
        let found: Vec<(String, String)> =
            segments(text, 0, citations).into_iter().map(|s| (s.text, s.cited_by.join(" "))).collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn overlapping_citations_share_their_common_words() {
        check(
            "me duele la rodilla",
            &[cite("a", 3, 8), cite("b", 3, 19)],
            &[("me ", ""), ("duele", "a b"), (" la rodilla", "b")],
        );
    }

    #[test]
    fn citations_outside_the_text_or_across_a_character_are_left_out() {
        check("años", &[cite("a", 2, 3), cite("b", 0, 40), cite("c", 1, 1)], &[("años", "")]);
        check("", &[cite("a", 0, 1)], &[]);
    }

    proptest! {
        #[test]
        fn the_segments_joined_give_the_text_again(
            text in "\\PC{0,40}",
            cuts in proptest::collection::vec((0_usize..60, 0_usize..60), 0..6),
        ) {
            let citations: Vec<_> =
                cuts.iter().enumerate().map(|(i, (start, end))| cite(&i.to_string(), *start, *end)).collect();
            let joined: String = segments(&text, 0, &citations).into_iter().map(|s| s.text).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
