//! The mentions of medicines and what the model sees of them.

use crate::context::person::Who;
use crate::context::polarity::said;
use crate::facts::ClinicalFact;
use crate::learned::linear::{Sink, word_hash};
use crate::scene::{DrugMention, Scene};
use crate::text::TurnDoc;

use super::KINDS;

const EDGE: u64 = 1;
/// Words on each side that are looked at one by one.
const NEAR: usize = 8;

/// A medicine where it is named.
#[derive(Debug, Clone)]
pub struct Mention {
    /// The turn.
    pub turn: usize,
    /// Its number among the medicines of the turn.
    pub number: usize,
    /// Generic name.
    pub name: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// Its features, as places in the table of weights.
    pub features: Vec<u32>,
}

/// All mentions of single medicines, in order.
#[must_use]
pub fn mentions(scene: &Scene<'_>, facts: &[ClinicalFact]) -> Vec<Mention> {
    let mut all = Vec::new();
    for (turn, drugs) in scene.drugs.iter().enumerate() {
        for (number, drug) in drugs.iter().enumerate().filter(|(_, drug)| !drug.class_only) {
            all.push(Mention {
                turn,
                number,
                name: drug.name.clone(),
                start: drug.start,
                end: drug.end,
                features: features(scene, turn, number, facts),
            });
        }
    }
    all
}

fn features(scene: &Scene<'_>, idx: usize, number: usize, facts: &[ClinicalFact]) -> Vec<u32> {
    let turn = scene.turn(idx);
    let drug = &scene.drugs[idx][number];
    let mut sink = Sink::new();
    let sentence = turn.sentence_of(drug.start);
    let speaker = if turn.is_doctor() { 0 } else { 1 };
    let tenth = (idx * 10 / crate::learned::length(scene)) as u64;
    let phase = match tenth {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    };
    let voice = speaker * 2 + u64::from(sentence.question);
    sink.add(1, &[voice]);
    sink.add(2, &[voice, tenth]);
    sink.add(3, &[voice, phase, u64::from(scene.exam[idx])]);
    words(turn, drug, voice, phase, &mut sink);
    context(scene, idx, drug, voice, &mut sink);
    others(scene, idx, number, voice, &mut sink);
    rules(scene, idx, drug, facts, voice, &mut sink);
    sink.finish()
}

/// The words of its turn.
fn words(turn: &TurnDoc, drug: &DrugMention, voice: u64, phase: u64, sink: &mut Sink) {
    let word = |at: usize| turn.tokens.get(at).map_or(EDGE, |token| word_hash(&token.norm));
    let stem = |at: usize| turn.tokens.get(at).map_or(EDGE, |token| word_hash(&token.stem));
    let before = |back: usize| drug.start.checked_sub(back).map_or(EDGE, word);
    for back in 1..=4 {
        sink.add(10 + back as u64, &[before(back)]);
        sink.add(15 + back as u64, &[before(back), voice]);
    }
    sink.add(20, &[before(2), before(1)]);
    sink.add(21, &[before(3), before(2), before(1)]);
    sink.add(22, &[before(2), before(1), voice]);
    for ahead in 0..4 {
        sink.add(25 + ahead as u64, &[word(drug.end + ahead)]);
        sink.add(30 + ahead as u64, &[word(drug.end + ahead), voice]);
    }
    sink.add(35, &[word(drug.end), word(drug.end + 1)]);
    sink.add(36, &[word(drug.end), word(drug.end + 1), word(drug.end + 2)]);
    sink.add(37, &[before(1), word(drug.end)]);
    let sentence = turn.sentence_of(drug.start);
    let number = turn.sentences.iter().position(|other| other.start == sentence.start).unwrap_or_default();
    let places = |from: usize, to: usize| (from..to).filter(|at| !turn.tokens[*at].is_punct());
    for at in places(sentence.start, drug.start).rev().take(NEAR) {
        sink.add(40, &[stem(at)]);
        sink.add(41, &[stem(at), voice]);
        sink.add(42, &[stem(at), phase]);
    }
    for at in places(drug.end, sentence.end).take(NEAR) {
        sink.add(43, &[stem(at)]);
        sink.add(44, &[stem(at), voice]);
    }
    for at in places(sentence.start, sentence.end) {
        sink.add(45, &[word(at)]);
    }
    for at in sentence.start..sentence.end.saturating_sub(1) {
        sink.add(46, &[word(at), word(at + 1)]);
    }
    for (kind, other) in [(47, number.checked_sub(1)), (48, Some(number + 1))] {
        if let Some(other) = other.and_then(|other| turn.sentences.get(other)) {
            for at in places(other.start, other.end).take(NEAR) {
                sink.add(kind, &[stem(at)]);
            }
        }
    }
}

/// Who it is about, yes or no, the question before it and the answer after it.
fn context(scene: &Scene<'_>, idx: usize, drug: &DrugMention, voice: u64, sink: &mut Sink) {
    let turn = scene.turn(idx);
    let said = said(turn, drug.start, drug.end) as u64;
    let who = match scene.household.who(turn, drug.start, drug.end, scene.family[idx]) {
        Who::Patient => 0,
        Who::Relative(_) => 1,
        Who::Other => 2,
    };
    sink.add(50, &[said, voice]);
    sink.add(51, &[who, voice]);
    sink.add(52, &[said, who, voice]);
    let near = |kind: u64, at: Option<usize>, sink: &mut Sink| {
        let Some(turn) = at.and_then(|at| scene.doc.turns.get(at)) else { return };
        sink.add(kind, &[u64::from(turn.is_doctor()), voice]);
        for token in turn.tokens.iter().filter(|token| !token.is_punct()).take(NEAR) {
            sink.add(kind + 1, &[word_hash(&token.stem), voice]);
        }
    };
    near(54, idx.checked_sub(1), sink);
    near(56, Some(idx + 1), sink);
    if let Some(question) = scene.question_before(idx) {
        let turn = scene.turn(question);
        for token in turn.tokens.iter().filter(|token| !token.is_punct()).rev().take(12) {
            sink.add(58, &[word_hash(&token.stem), voice]);
        }
    }
    sink.add(60, &[u64::from(drug.ambiguous)]);
    let amount = (drug.end..(drug.end + 8).min(turn.tokens.len()))
        .any(|at| crate::text::quantity::amount_at(&turn.tokens, at).is_some());
    let often =
        !crate::text::quantity::frequency_in(&turn.tokens, drug.end, (drug.end + 14).min(turn.tokens.len()))
            .is_empty();
    sink.add(61, &[u64::from(amount), u64::from(often), voice]);
}

/// The other medicines of the turn, and where else this one is named.
fn others(scene: &Scene<'_>, idx: usize, number: usize, voice: u64, sink: &mut Sink) {
    let drug = &scene.drugs[idx][number];
    sink.add(65, &[number.min(3) as u64, (scene.drugs[idx].len()).min(4) as u64, voice]);
    let named = |turns: &mut dyn Iterator<Item = usize>, doctor: bool| {
        turns
            .filter(|at| scene.turn(*at).is_doctor() == doctor)
            .any(|at| scene.drugs[at].iter().any(|other| other.name == drug.name))
    };
    let earlier = [false, true].map(|doctor| u64::from(named(&mut (0..idx), doctor)));
    let later = [false, true].map(|doctor| u64::from(named(&mut (idx + 1..scene.doc.turns.len()), doctor)));
    sink.add(66, &[earlier[0], earlier[1], voice]);
    sink.add(67, &[later[0], later[1], voice]);
    sink.add(68, &[earlier[0], earlier[1], later[0], later[1], voice]);
}

/// What the rules make of it here, and of its name anywhere.
fn rules(
    scene: &Scene<'_>,
    idx: usize,
    drug: &DrugMention,
    facts: &[ClinicalFact],
    voice: u64,
    sink: &mut Sink,
) {
    let place = scene.doc.evidence(idx, drug.start, drug.end);
    let (mut here, mut named) = (0_u64, 0_u64);
    for (bit, kind) in KINDS.iter().enumerate() {
        for fact in facts.iter().filter(|fact| fact.kind == *kind && fact.name == drug.name) {
            named |= 1 << bit;
            let touches = fact.evidence.iter().any(|evidence| {
                evidence.turn == idx && evidence.start < place.end && place.start < evidence.end
            });
            here |= u64::from(touches) << bit;
        }
    }
    sink.add(70, &[here]);
    sink.add(71, &[here, voice]);
    sink.add(72, &[here, named]);
    sink.add(73, &[here, named, voice]);
}
