//! The baseline: NegEx with its Spanish lists. A phrase denies what follows, up to a conjunction or the end of the sentence.

use std::path::Path;

use anyhow::Result;
use clinical::transcript::Speaker;
use scribe::text::TurnDoc;
use terminology::fold::fold;

use super::Marked;

/// The lists, as folded words.
pub(super) struct Phrases {
    denying: Vec<Vec<String>>,
    ending: Vec<Vec<String>>,
}

impl Phrases {
    /// Reads the lists; nothing when they are not there.
    pub(super) fn read(data: &Path) -> Result<Option<Self>> {
        let folder = data.join("lexicon").join("negex_mes");
        if !folder.is_dir() {
            return Ok(None);
        }
        let list = |name: &str| -> Result<Vec<Vec<String>>> {
            let text = std::fs::read_to_string(folder.join(name))?;
            let phrases = text.lines().filter(|line| !line.starts_with(":=") && !line.trim().is_empty());
            let mut phrases: Vec<Vec<String>> =
                phrases.map(|line| fold(line).split_whitespace().map(str::to_owned).collect()).collect();
            phrases.sort_by_key(|words| std::cmp::Reverse(words.len()));
            Ok(phrases)
        };
        Ok(Some(Self {
            denying: list("neg-phrases_without_lemma.txt")?,
            ending: list("conjunctions_without_lemma.txt")?,
        }))
    }

    /// Cues and scope in a line.
    pub(super) fn mark(&self, line: &str) -> Marked {
        let turn = TurnDoc::new(Speaker::Doctor, line);
        let mut marked = Marked::default();
        for sentence in &turn.sentences {
            let mut denied = false;
            let mut at = sentence.start;
            while at < sentence.end {
                let length = |phrases: &[Vec<String>]| {
                    let fits = |words: &&Vec<String>| {
                        at + words.len() <= sentence.end
                            && words.iter().enumerate().all(|(k, word)| fold(turn.word(at + k)) == *word)
                    };
                    phrases.iter().find(fits).map(Vec::len)
                };
                if let Some(length) = length(&self.denying) {
                    marked.cues.insert((turn.tokens[at].start, turn.tokens[at + length - 1].end));
                    denied = true;
                    at += length;
                    continue;
                }
                denied = denied && length(&self.ending).is_none();
                if denied && !turn.tokens[at].is_punct() {
                    marked.scope.insert(turn.tokens[at].start);
                }
                at += 1;
            }
        }
        marked
    }
}
