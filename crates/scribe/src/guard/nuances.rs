//! Smaller words that turn a sentence: where exactly, which side of a diagnosis, ruled out, still pending, not needed.

use crate::context::Said;
use crate::context::answer::Reply;
use crate::context::polarity::said;
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::stem::stem;

use super::Reason;
use super::claims::{kin_of, same_drug, words_heard, written};

pub(super) fn check(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    opposite_places(sentence.turn(0), cited, reasons);
    sides_of_diagnoses(sentence, cited, reasons);
    ruled_out(sentence, cited, reasons);
    pending(sentence, cited, reasons);
    not_needed(sentence, cited, reasons);
    allergy_classes(sentence, cited, reasons);
    asked_and_denied(sentence, cited, reasons);
    pus(sentence.turn(0), cited, reasons);
}

fn any_word(turn: &TurnDoc, words: &[&str]) -> bool {
    turn.tokens.iter().any(|token| !token.dead && words.contains(&token.norm.as_str()))
}

/// Words of place and their opposites, with the spoken ones.
const PLACES: &[(&[&str], &[&str])] = &[
    (
        &["medial", "interno", "interna", "internos", "internas", "adentro", "dentro"],
        &["lateral", "externo", "externa", "externos", "externas", "afuera", "fuera"],
    ),
    (
        &["anterior", "anteriores", "enfrente", "adelante", "frente"],
        &["posterior", "posteriores", "atras", "detras"],
    ),
    (&["superior", "superiores", "arriba"], &["inferior", "inferiores", "abajo"]),
    (&["proximal", "proximales"], &["distal", "distales"]),
    (&["palma", "palmas", "planta", "plantas"], &["dorso"]),
];

fn opposite_places(turn: &TurnDoc, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let heard = |words: &[&str]| cited.doc.turns.iter().any(|turn| any_word(turn, words));
    let wrong = PLACES.iter().any(|(one, other)| {
        any_word(turn, one) && !any_word(turn, other) && !heard(one) && heard(other)
            || any_word(turn, other) && !any_word(turn, one) && !heard(other) && heard(one)
    });
    if wrong {
        reasons.push(Reason::BodySite);
    }
}

/// The sides named from a token on, as (right, left).
fn sides(turn: &TurnDoc, from: usize, to: usize) -> (bool, bool) {
    let to = to.min(turn.tokens.len());
    (
        (from..to).any(|at| matches!(turn.word(at), "derecho" | "derecha")),
        (from..to).any(|at| matches!(turn.word(at), "izquierdo" | "izquierda")),
    )
}

/// "otitis media aguda en el oído derecho" is not one of the left.
fn sides_of_diagnoses(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    for hit in &sentence.diseases[0] {
        let written = sides(turn, hit.end, hit.end + 4);
        if written.0 == written.1 {
            continue;
        }
        for (idx, hits) in cited.diseases.iter().enumerate() {
            for other in hits.iter().filter(|other| other.entry == hit.entry) {
                let clause = cited.turn(idx).sentence_of(other.start);
                let heard = sides(cited.turn(idx), other.end, clause.end.min(other.end + 8));
                if heard.0 != heard.1 && heard != written {
                    reasons.push(Reason::Laterality);
                }
            }
        }
    }
}

/// "sarna no es": a disease that the turns only exclude is neither had nor suspected.
fn ruled_out(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    let text = turn.joined(0, turn.tokens.len());
    if ["descart", "exclu", "antecedente"].iter().any(|cue| text.contains(cue)) {
        return;
    }
    for hit in &sentence.diseases[0] {
        if written(turn, hit.start, hit.end) == Said::No || kin_of(turn, hit.start).is_some() {
            continue;
        }
        let mut excluded = false;
        let mut held = false;
        for (idx, hits) in cited.diseases.iter().enumerate() {
            let turn = cited.turn(idx);
            for other in hits.iter().filter(|other| other.entry == hit.entry) {
                let after = turn.joined(other.end, (other.end + 2).min(turn.tokens.len()));
                let no = turn.is_doctor()
                    && !turn.sentence_of(other.start).question
                    && (after == "no es"
                        || after == "no tiene"
                        || said(turn, other.start, other.end) == Said::No);
                excluded |= no;
                held |= !no;
            }
        }
        if excluded && !held {
            reasons.push(Reason::Certainty);
        }
    }
}

/// A study called pending whose outcome the turns tell.
fn pending(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    if !any_word(sentence.turn(0), &["pendiente", "pendientes"]) || sentence.studies[0].is_empty() {
        return;
    }
    let told =
        cited.doc.turns.iter().any(|turn| any_word(turn, &["salio", "salieron", "resulto", "benigno"]));
    let waits = cited.doc.turns.iter().any(|turn| {
        turn.tokens.iter().any(|token| {
            ["pendient", "falta", "esper", "entreg"].iter().any(|cue| token.norm.starts_with(cue))
        })
    });
    if told && !waits {
        reasons.push(Reason::Temporal);
    }
}

/// "no creo que necesite antibiótico" does not support "requiere antibiótico".
fn not_needed(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    let text = format!(" {} ", turn.joined(0, turn.tokens.len()));
    let wants = [" requiere ", " amerita ", " necesita ", " se indica ", " indicado ", " se inicia "];
    if !wants.iter().any(|cue| text.contains(cue)) {
        return;
    }
    for drug in sentence.drugs[0].iter().filter(|drug| written(turn, drug.start, drug.end) == Said::Yes) {
        let mut verdicts = cited.drugs.iter().enumerate().flat_map(|(idx, drugs)| {
            let turn = cited.turn(idx);
            drugs
                .iter()
                .filter(|other| other.name == drug.name || same_drug(drug, other))
                .filter(|other| turn.is_doctor() && !turn.sentence_of(other.start).question)
                .map(|other| said(turn, other.start, other.end))
        });
        if verdicts.next().is_some_and(|first| first == Said::No && verdicts.all(|said| said == Said::No)) {
            reasons.push(Reason::NegationDropped);
        }
    }
}

/// The class of an allergy is the one that was named.
fn allergy_classes(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    if !turn.joined(0, turn.tokens.len()).contains("alergi") {
        return;
    }
    for drug in sentence.drugs[0].iter().filter(|drug| drug.class_only) {
        let root: String = terminology::fold::fold(&drug.name).chars().take(4).collect();
        let named =
            cited.doc.turns.iter().any(|turn| turn.tokens.iter().any(|token| token.norm.starts_with(&root)));
        let member = cited.drugs.iter().flatten().any(|other| !other.class_only);
        if !named && !member && !words_heard(cited, &drug.name) {
            reasons.push(Reason::DrugSwap);
        }
    }
}

/// A symptom whose words only the clinician said, in a question answered no.
fn asked_and_denied(sentence: &Scene<'_>, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let turn = sentence.turn(0);
    for mention in &sentence.symptoms[0] {
        if written(turn, mention.start, mention.end) == Said::No {
            continue;
        }
        let Some(head) = (mention.start..mention.end).map(|at| turn.word(at)).find(|word| word.len() > 3)
        else {
            continue;
        };
        let head = stem(head);
        let mut denied = false;
        let mut otherwise = false;
        for (idx, turn) in cited.doc.turns.iter().enumerate() {
            if !turn.tokens.iter().any(|token| !token.dead && token.stem == head) {
                continue;
            }
            let no = cited.answers[idx].as_ref().is_some_and(|answer| answer.reply == Some(Reply::No));
            denied |= turn.is_doctor() && no;
            otherwise |= !(turn.is_doctor() && no);
        }
        if denied && !otherwise {
            reasons.push(Reason::NegationDropped);
        }
    }
}

/// "purulento" needs pus that was not denied.
fn pus(turn: &TurnDoc, cited: &Scene<'_>, reasons: &mut Vec<Reason>) {
    let Some(at) = (0..turn.tokens.len()).find(|&at| turn.word(at).starts_with("purulent")) else { return };
    let mut denied = false;
    let mut seen = false;
    for turn in &cited.doc.turns {
        for k in (0..turn.tokens.len()).filter(|&k| turn.word(k) == "pus") {
            if turn.sentence_of(k).question {
                continue;
            }
            let no = said(turn, k, k + 1) == Said::No;
            denied |= no;
            seen |= !no;
        }
    }
    if denied && !seen && written(turn, at, at + 1) == Said::Yes {
        reasons.push(Reason::NegationDropped);
    }
}
