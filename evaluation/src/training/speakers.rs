//! Examples of who speaks: every turn with and without its marks, and every sentence.

use clinical::transcript::Speaker;
use scribe::learned::speakers::features;

use super::model::Example;
use crate::sets::Set;

pub(super) fn examples(set: &Set) -> Vec<Example> {
    let mut examples = Vec::new();
    for (document, consultation) in set.consultations.iter().enumerate() {
        for turn in &consultation.transcript.turns {
            let yes = turn.speaker == Speaker::Doctor;
            let bare = turn.text.replace(['?', '¿'], " ");
            let sentences = turn.text.split_inclusive(['.', '?', '!']);
            let texts = [turn.text.as_str(), bare.as_str()].into_iter().chain(sentences);
            let spoken = texts.filter(|text| text.chars().any(char::is_alphabetic));
            examples.extend(spoken.map(|text| Example { document, features: features(text), yes }));
        }
    }
    examples
}
