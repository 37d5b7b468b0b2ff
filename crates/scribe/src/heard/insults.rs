//! Insults say nothing of anybody's health: "está usted ciego" is no finding.

use super::{Heard, turns_in_words};
use crate::text::TurnDoc;

const INSULTS: &[&str] = &[
    "pendej", "imbecil", "idiot", "estupid", "cabron", "pinche", "chinga", "culer", "mierda", "baboso",
    "tarado", "inutil", "carajo", "ratero", "maldito", "maldita", "puta", "puto",
];
/// Said to somebody, not of a pain.
const TO_SOMEBODY: &[&str] = &[
    "usted",
    "ustedes",
    "vayase",
    "callese",
    "eres",
    "tu",
    "doctor",
    "doctora",
    "doctorcito",
    "unos",
    "senorita",
    "enfermo",
];

/// Leaves out the sentences in which somebody is insulted.
pub(super) fn leave_out(heard: &mut Heard) {
    let mut turns = Vec::new();
    for at in 0..heard.transcript.turns.len() {
        let turn = &heard.transcript.turns[at];
        let doc = TurnDoc::new(turn.speaker, &turn.text);
        let insulting: Vec<std::ops::Range<usize>> = doc
            .sentences
            .iter()
            .filter(|sentence| {
                let has = |list: &[&str], whole: bool| {
                    (sentence.start..sentence.end).any(|word| {
                        let word = doc.word(word);
                        list.iter().any(|cue| if whole { word == *cue } else { word.starts_with(cue) })
                    })
                };
                has(INSULTS, false) && has(TO_SOMEBODY, true)
            })
            .filter_map(|sentence| {
                let last = doc.tokens.get(sentence.end.checked_sub(1)?)?;
                Some(doc.tokens.get(sentence.start)?.start..last.end)
            })
            .collect();
        if insulting.is_empty() {
            continue;
        }
        // Who is angry goes on: "está usted ciego y sordo".
        let from = insulting.first().map_or(0, |range| range.start);
        let rest = heard.transcript.turns[at].text.len();
        heard.blank(at, from..rest);
        turns.push(at);
    }
    if !turns.is_empty() {
        let text = format!("En {} hay insultos: esas palabras no se usaron.", turns_in_words(&turns));
        heard.tell(text, Vec::new());
    }
}
