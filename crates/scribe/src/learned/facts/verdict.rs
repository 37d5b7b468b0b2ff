//! What the context rules are certain of, for any stretch of words: yes or no, whose it is, whether it is a medicine.

use crate::context::Said;
use crate::context::answer::{Reply, asks, takes_for_granted};
use crate::context::person::Who;
use crate::context::polarity::{said, unknown};
use crate::facts::{FactKind, Section};
use crate::scene::Scene;
use crate::text::TurnDoc;

use super::class::CLASSES;
use super::spots::is_small;

/// "Bordos en el cuello no tengo": part of a clause whose no stands behind it, which is no yes whatever else it is.
pub(super) fn no_stands_behind(turn: &TurnDoc, start: usize, end: usize) -> bool {
    let limit = turn.sentence_of(start).end;
    (end..limit)
        .take_while(|&at| !turn.tokens[at].is_punct() && !matches!(turn.word(at), "pero" | "y" | "que"))
        .any(|at| matches!(turn.word(at), "no" | "tampoco" | "nunca" | "yano") && !stays(turn, at))
}

/// "no se me quita", "no me deja dormir": the no says that it goes on.
fn stays(turn: &TurnDoc, no: usize) -> bool {
    const GOES: [&str; 9] = ["quit", "pas", "baj", "ced", "dej", "suelt", "calm", "aguant", "alivi"];
    let verb =
        (no + 1..no + 4).find(|at| !matches!(turn.word(*at), "se" | "me" | "le" | "nos" | "la" | "lo"));
    verb.is_some_and(|at| GOES.iter().any(|goes| turn.word(at).starts_with(goes)))
}

/// What is said of the words, by their own turn or by the answer to it; `None` where that is not certain.
pub(super) fn verdict(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> Option<Said> {
    let turn = scene.turn(idx);
    let number = turn.sentences.iter().position(|sentence| start < sentence.end)?;
    let sentence = turn.sentences[number];
    if unknown(turn, end) {
        return None;
    }
    if !turn.is_doctor() {
        return if sentence.question { None } else { stated(turn, start, end) };
    }
    if !asks(turn, number) {
        return stated(turn, start, end);
    }
    if takes_for_granted(turn, sentence) {
        return None;
    }
    let answer = scene.answers[idx].as_ref()?;
    if let Some(repeated) = repeated(scene, idx, start, end, &answer.turns) {
        return repeated;
    }
    if answer.rest_denied {
        return Some(Said::No);
    }
    match answer.reply? {
        Reply::No => Some(Said::No),
        Reply::NoLonger => Some(Said::Past),
        // "Sí" to several things says nothing of each.
        Reply::Yes => {
            let several = (sentence.start..sentence.end).any(|at| matches!(turn.word(at), "," | "o" | "y"));
            let questions = turn.sentences.iter().filter(|other| other.question).count();
            (answer.all_affirmed || !several && questions <= 1).then_some(Said::Yes)
        }
    }
}

/// What a statement says of the words.
fn stated(turn: &TurnDoc, start: usize, end: usize) -> Option<Said> {
    let said = said(turn, start, end);
    (said == Said::No || !no_stands_behind(turn, start, end)).then_some(said)
}

/// "¿Sangrado?" "Sangrado no.": the answer names it again and says yes or no, or that it is not known.
fn repeated(
    scene: &Scene<'_>,
    idx: usize,
    start: usize,
    end: usize,
    answers: &[usize],
) -> Option<Option<Said>> {
    let asked = &scene.turn(idx).tokens[start..end];
    for &answering in answers {
        let turn = scene.turn(answering);
        for (at, token) in turn.tokens.iter().enumerate() {
            let again = token.norm.len() >= 4
                && !is_small(&token.norm)
                && asked.iter().any(|word| word.stem == token.stem);
            if again && !turn.sentence_of(at).question {
                return Some((!unknown(turn, at + 1)).then(|| said(turn, at, at + 1)));
            }
        }
    }
    None
}

/// The classes the words may have, one bit each.
pub(super) fn allowed(
    scene: &Scene<'_>,
    idx: usize,
    (start, end): (usize, usize),
    verdict: Option<Said>,
    who: &Who,
) -> u16 {
    let doctor = scene.turn(idx).is_doctor();
    let no_yes = verdict == Some(Said::No) || no_stands_behind(scene.turn(idx), start, end);
    let medicine = scene.drugs[idx]
        .iter()
        .any(|drug| drug.start < end && start < drug.end && !drug.class_only && !drug.ambiguous);
    let mut bits = 0;
    for (place, class) in CLASSES.iter().enumerate() {
        let theirs = match who {
            Who::Relative(_) => class.section == Some(Section::Family),
            Who::Other => false,
            Who::Patient => class.section != Some(Section::Family),
        };
        let agrees = match class.kind {
            FactKind::DeniedSymptom | FactKind::DeniedHistory => verdict.is_none_or(|said| said == Said::No),
            FactKind::Finding => match class.code {
                "finding.present" => !no_yes,
                "finding.absent" => verdict.is_none_or(|said| said == Said::No),
                _ => true,
            },
            _ => !no_yes,
        };
        let speaker = match class.kind {
            FactKind::Finding | FactKind::Diagnosis | FactKind::Order => doctor,
            _ => true,
        };
        let named = !medicine || matches!(class.kind, FactKind::Order | FactKind::Result);
        if theirs && agrees && speaker && named {
            bits |= 1 << place;
        }
    }
    bits
}
