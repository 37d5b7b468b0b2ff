//! Which diagnosis a part of the plan is about, where the clinician's own words say it.
//!
//! Only a purpose that was told counts: "para el colesterol, atorvastatina", "del azúcar seguimos igual", in a sentence that
//! names no other disease. What cannot be told so is about none.

use std::collections::HashMap;

use clinical::condition::Certainty;
use clinical::draft::ItemContent;
use clinical::transcript::Evidence;
use terminology::fold::fold;

use super::Sentence;
use super::manner::in_plan;
use crate::scene::Scene;

/// A part of the plan is about a diagnosis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// The sentence with the diagnosis, by its place.
    pub(super) problem: usize,
    /// The words that name it beside the plan.
    pub(super) said: Evidence,
}

/// A disease named in a sentence that is spoken: a diagnosis of the note, or another.
#[derive(Clone, Copy)]
struct Mention {
    problem: Option<usize>,
    said: Evidence,
}

/// What each sentence is about.
pub(super) fn links(scene: &Scene<'_>, sentences: &[Sentence]) -> Vec<Option<Link>> {
    let mentions = mentions(scene, sentences);
    let about = |sentence: &Sentence| {
        let mut found: Option<Link> = None;
        for evidence in sentence.evidence.iter().filter(|e| scene.turn(e.turn).is_doctor()) {
            match (beside(scene, &mentions, *evidence), &found) {
                (Some(link), Some(known)) if link.problem != known.problem => return None,
                (Some(link), None) => found = Some(link),
                _ => {}
            }
        }
        found
    };
    sentences.iter().map(|sentence| in_plan(sentence).then(|| about(sentence)).flatten()).collect()
}

/// The spoken sentence a byte of a turn stands in.
fn spoken(scene: &Scene<'_>, turn: usize, byte: usize) -> Option<usize> {
    let turn = scene.turn(turn);
    turn.sentences.iter().position(|sentence| {
        turn.tokens.get(sentence.end.saturating_sub(1)).is_some_and(|token| byte < token.end)
    })
}

/// Diseases by turn and spoken sentence.
fn mentions(scene: &Scene<'_>, sentences: &[Sentence]) -> HashMap<(usize, usize), Vec<Mention>> {
    let named: Vec<(usize, String)> = sentences
        .iter()
        .enumerate()
        .filter_map(|(at, sentence)| match &sentence.content {
            ItemContent::Condition(entry) if entry.certainty != Certainty::RuledOut => {
                Some((at, fold(&entry.text)))
            }
            _ => None,
        })
        .collect();
    let same = |one: &str, other: &str| {
        let longer = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with(' '));
        one == other || longer(one, other) || longer(other, one)
    };
    let mut out: HashMap<(usize, usize), Vec<Mention>> = HashMap::new();
    let mut add = |problem: Option<usize>, said: Evidence| {
        if let Some(sentence) = spoken(scene, said.turn, said.start) {
            out.entry((said.turn, sentence)).or_default().push(Mention { problem, said });
        }
    };
    for (at, _) in &named {
        sentences[*at].evidence.iter().for_each(|evidence| add(Some(*at), *evidence));
    }
    for (turn, hits) in scene.diseases.iter().enumerate() {
        for hit in hits {
            let name = fold(&scene.lex.diseases.entries[hit.entry].name);
            let mut meant = named.iter().filter(|(_, known)| same(known, &name));
            // "Diabetes", where the note has two kinds of it, is neither.
            let problem = meant.next().map(|(at, _)| *at).filter(|_| meant.next().is_none());
            add(problem, scene.doc.evidence(turn, hit.start, hit.end));
        }
    }
    out
}

/// What a part of the plan is about, by the words around it.
fn beside(
    scene: &Scene<'_>,
    mentions: &HashMap<(usize, usize), Vec<Mention>>,
    plan: Evidence,
) -> Option<Link> {
    let here = spoken(scene, plan.turn, plan.start)?;
    let named = |sentence: usize| mentions.get(&(plan.turn, sentence));
    let short = |sentence: &usize| {
        scene.turn(plan.turn).sentences.get(*sentence).is_some_and(|s| s.end - s.start <= ONLY_A_PURPOSE)
    };
    let named = named(here).or_else(|| here.checked_sub(1).filter(short).and_then(named))?;
    let first = named.first()?;
    let one = named.iter().all(|mention| mention.problem == first.problem);
    let purpose = named.iter().find(|mention| is_purpose(scene, mention.said))?;
    first.problem.filter(|_| one).map(|problem| Link { problem, said: purpose.said })
}

/// At most this many words and marks are a purpose by themselves: "Y para la presión alta."
const ONLY_A_PURPOSE: usize = 7;

/// Whether a disease is named as what something is for: "para la anemia", "contra el dengue"; "de la presión" opens a
/// sentence.
fn is_purpose(scene: &Scene<'_>, said: Evidence) -> bool {
    let turn = scene.turn(said.turn);
    let Some(at) = turn.tokens.iter().position(|token| token.start >= said.start) else { return false };
    let Some(sentence) = turn.sentences.iter().find(|s| (s.start..s.end).contains(&at)) else { return false };
    // The words of the lexicon may begin with the preposition: "para el azúcar".
    let around = &turn.tokens[at.saturating_sub(3).max(sentence.start)..=at];
    let opens = at - sentence.start <= 3;
    around.iter().any(|token| match token.norm.as_str() {
        "para" | "contra" => true,
        "de" | "del" => opens,
        _ => false,
    })
}
