//! How a physician likes a note to be written: learnt from what they make of proposed sentences, followed in later drafts.
//!
//! A preference changes words or their order and never a fact. It is learnt only from a sentence whose facts are the same
//! before and after ([`same_facts`]), and a sentence written by it is checked again against the words it cites; what the
//! guard does not support stays as it was composed.

mod learn;
mod order;
mod words;

pub use learn::{Wording, is_wording, learn};
pub(crate) use order::arrange;
pub use order::{Order, Topic, learn_order, topic};
pub use words::same_facts;

use clinical::preference::Manner;

use words::Text;

/// What drafts of a physician follow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Style {
    /// How the note is written as a whole.
    pub manner: Manner,
    /// Words in place of others; the first that fit are taken.
    pub wordings: Vec<Wording>,
    /// Topics before others.
    pub orders: Vec<Order>,
}

impl Style {
    /// The sentence in the physician's own words, each tried before the guard; `None` when it stays as it is.
    pub(crate) fn reword(&self, sentence: &str, mut supported: impl FnMut(&str) -> bool) -> Option<String> {
        let mut written = sentence.to_owned();
        for wording in &self.wordings {
            if let Some(next) = wording.put_into(&written)
                && same_facts(sentence, &next)
                && supported(&next)
            {
                written = next;
            }
        }
        (written != sentence).then_some(written)
    }
}

impl Wording {
    /// The sentence with these words in place of those, wherever they stand; `None` when they do not.
    #[must_use]
    pub fn put_into(&self, sentence: &str) -> Option<String> {
        let text = Text::read(sentence);
        let before: Vec<&str> = self.before.split(' ').collect();
        let after: Vec<&str> = self.after.split(' ').collect();
        // Where the words stand inside their own replacement: "refiere" in "paciente que refiere".
        let inside = after.windows(before.len()).position(|words| words == before.as_slice());
        let mut out = String::new();
        let mut copied = 0;
        let mut at = 0;
        while at < text.pieces.len() {
            let already = inside.is_some_and(|inside| {
                at.checked_sub(inside).is_some_and(|start| text.numbers_where(start, &after).is_some())
            });
            let Some(numbers) = text.numbers_where(at, &before).filter(|_| !already) else {
                at += 1;
                continue;
            };
            let (first, last) = (&text.pieces[at], &text.pieces[at + before.len() - 1]);
            let mut numbers = numbers.into_iter();
            let words: Vec<&str> = after
                .iter()
                .map(|word| if *word == "#" { numbers.next().unwrap_or(*word) } else { *word })
                .collect();
            let words = words.join(" ");
            out.push_str(&sentence[copied..first.start]);
            out.push_str(&if first.is_capital() { crate::compose::capital(&words) } else { words });
            copied = last.end;
            at += before.len();
        }
        if copied == 0 {
            return None;
        }
        out.push_str(&sentence[copied..]);
        Some(out)
    }
}

#[cfg(test)]
mod tests;
