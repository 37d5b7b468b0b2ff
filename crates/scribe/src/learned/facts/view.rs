//! A consultation as the features see it: numbers instead of words, made once per turn.

use std::cmp::Ordering;

use crate::facts::{ClinicalFact, FactKind};
use crate::learned::linear::word_hash;
use crate::scene::Scene;
use crate::text::TurnDoc;

use super::class::class_of;
use super::spots::is_small;
use super::vocabulary::{senses_of, tables_of};

/// A place in a turn that is known for something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// What it is known for.
    pub(super) what: u64,
    /// First token.
    pub(super) start: usize,
    /// One past the last token.
    pub(super) end: usize,
}

impl Mark {
    /// Whether it shares a token with a stretch of words.
    pub(super) fn touches(&self, start: usize, end: usize) -> bool {
        self.start < end && start < self.end
    }

    /// How it lies to a stretch of words it touches: the same, inside it, around it, across its edge.
    pub(super) fn fit(&self, start: usize, end: usize) -> u64 {
        match (self.start.cmp(&start), self.end.cmp(&end)) {
            (Ordering::Equal, Ordering::Equal) => 0,
            (Ordering::Equal | Ordering::Greater, Ordering::Equal | Ordering::Less) => 1,
            (Ordering::Equal | Ordering::Less, Ordering::Equal | Ordering::Greater) => 2,
            _ => 3,
        }
    }

    /// Tokens between it and a stretch it does not touch.
    pub(super) fn distance(&self, start: usize, end: usize) -> usize {
        if self.end <= start { start - self.end } else { self.start.saturating_sub(end) }
    }
}

/// A turn.
#[derive(Debug)]
pub(super) struct TurnView {
    /// Hash of each folded word.
    pub(super) words: Vec<u64>,
    /// Hash of each stem.
    pub(super) stems: Vec<u64>,
    /// Hash of the last letters of each word: three, and four.
    pub(super) endings: Vec<(u64, u64)>,
    /// Hash of the first four letters of each word.
    pub(super) beginnings: Vec<u64>,
    /// Small words, which carry no meaning of their own.
    pub(super) small: Vec<bool>,
    /// Punctuation marks.
    pub(super) punctuation: Vec<bool>,
    /// The lexicons that know each word.
    pub(super) tables: Vec<u16>,
    /// What each word speaks of.
    pub(super) senses: Vec<&'static [u8]>,
    /// Words that name nothing by themselves.
    pub(super) general: Vec<bool>,
    /// What the lexicons found.
    pub(super) found: Vec<Mark>,
    /// What the rules extracted, by kind.
    pub(super) extracted: Vec<Mark>,
    /// The fact of the rules each of these is of.
    pub(super) facts: Vec<usize>,
}

/// The mark of a body site.
const SITE: u64 = 8;

fn is_general(word: &str) -> bool {
    matches!(
        word,
        "dolor"
            | "dolores"
            | "duele"
            | "duelen"
            | "molestia"
            | "molestias"
            | "problema"
            | "problemas"
            | "algo"
            | "parte"
            | "lado"
            | "cosa"
            | "cosas"
            | "otro"
            | "otra"
            | "mucho"
            | "mucha"
            | "poco"
            | "poquito"
            | "siente"
            | "siento"
            | "sentido"
            | "tiene"
            | "tengo"
            | "derecho"
            | "derecha"
            | "izquierdo"
            | "izquierda"
            | "controlado"
            | "controlada"
            | "descontrolado"
            | "descontrolada"
    )
}

/// Evidence longer than this is the whole of what was said, not the place of a name.
const PLACE: usize = 7;

impl TurnView {
    /// The view of a turn.
    pub(super) fn new(scene: &Scene<'_>, idx: usize, rules: &[ClinicalFact]) -> Self {
        let turn = scene.turn(idx);
        let (extracted, facts) = extracted(turn, idx, rules).into_iter().unzip();
        let letters = |word: &str, count: usize, last: bool| {
            let letters: Vec<char> = word.chars().collect();
            let count = count.min(letters.len());
            let part = if last { &letters[letters.len() - count..] } else { &letters[..count] };
            word_hash(&part.iter().collect::<String>())
        };
        let tokens = &turn.tokens;
        Self {
            words: tokens.iter().map(|token| word_hash(&token.norm)).collect(),
            stems: tokens.iter().map(|token| word_hash(&token.stem)).collect(),
            endings: tokens
                .iter()
                .map(|token| (letters(&token.norm, 3, true), letters(&token.norm, 4, true)))
                .collect(),
            beginnings: tokens.iter().map(|token| letters(&token.norm, 4, false)).collect(),
            small: tokens.iter().map(|token| is_small(&token.norm)).collect(),
            punctuation: tokens.iter().map(crate::text::Token::is_punct).collect(),
            tables: tokens
                .iter()
                .map(|token| if token.norm.len() >= 4 { tables_of(&token.stem) } else { 0 })
                .collect(),
            senses: tokens.iter().map(|token| senses_of(&token.stem)).collect(),
            general: tokens.iter().map(|token| is_general(&token.norm)).collect(),
            found: found(scene, idx),
            extracted,
            facts,
        }
    }

    /// The facts of the rules that share words with a stretch.
    pub(super) fn rules_at(&self, start: usize, end: usize) -> Vec<usize> {
        let touching = self.extracted.iter().zip(&self.facts).filter(|(mark, _)| mark.touches(start, end));
        touching.map(|(_, fact)| *fact).collect()
    }

    /// Whether the words only name a part of the body, or say nothing at all: "las piernas", "dolor".
    pub(super) fn is_bare(&self, start: usize, end: usize) -> bool {
        let sites = self.found.iter().filter(|mark| mark.what == SITE && mark.touches(start, end));
        let placed: Vec<(usize, usize)> = sites.map(|mark| (mark.start, mark.end)).collect();
        (start..end).all(|at| {
            self.small[at]
                || self.general[at]
                || placed.iter().any(|(first, last)| *first <= at && at < *last)
        })
    }
}

fn found(scene: &Scene<'_>, idx: usize) -> Vec<Mark> {
    let (lex, tokens) = (scene.lex, &scene.turn(idx).tokens);
    let mark = |what: u64, start: usize, end: usize| Mark { what, start, end };
    let mut marks: Vec<Mark> = Vec::new();
    marks.extend(scene.symptoms[idx].iter().map(|m| mark(1, m.start, m.end)));
    marks.extend(scene.diseases[idx].iter().map(|m| mark(2, m.start, m.end)));
    marks.extend(scene.indexed[idx].iter().map(|m| mark(if m.injury { 3 } else { 4 }, m.start, m.end)));
    marks.extend(scene.studies[idx].iter().map(|m| mark(5, m.start, m.end)));
    marks.extend(scene.drugs[idx].iter().map(|m| mark(6, m.start, m.end)));
    let lexicons = [
        &lex.organs,
        &lex.sites,
        &lex.findings,
        &lex.surgeries,
        &lex.habits,
        &lex.obgyn,
        &lex.sensations,
        &lex.specialties,
        &lex.everyday,
    ];
    for (what, lexicon) in (7..).zip(lexicons) {
        marks.extend(lexicon.matcher.find(tokens).iter().map(|m| mark(what, m.start, m.end)));
    }
    marks
}

fn extracted(turn: &TurnDoc, idx: usize, rules: &[ClinicalFact]) -> Vec<(Mark, usize)> {
    let mut marks = Vec::new();
    for (number, fact) in rules.iter().enumerate() {
        if matches!(fact.kind, FactKind::ChiefComplaint | FactKind::Education) {
            continue;
        }
        let what = class_of(fact).map_or(fact.kind as u64, |class| 100 + class as u64);
        for evidence in fact.evidence.iter().filter(|evidence| evidence.turn == idx) {
            let Some(start) = turn.tokens.iter().position(|token| token.end > evidence.start) else {
                continue;
            };
            let Some(last) = turn.tokens.iter().rposition(|token| token.start < evidence.end) else {
                continue;
            };
            if last + 1 > start && last + 1 - start <= PLACE {
                marks.push((Mark { what, start, end: last + 1 }, number));
            }
        }
    }
    marks
}
