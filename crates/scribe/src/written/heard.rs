//! Word by word: what a sentence says against what was heard in the turns it cites.

use std::collections::HashSet;

use clinical::transcript::{Evidence, Speaker, Transcript, Turn};

use super::Supported;
use super::words::is_empty;
use crate::context::Said;
use crate::context::answer::Reply;
use crate::context::person::kinship;
use crate::context::polarity::said;
use crate::facts::{Certainty, ClinicalFact, FactKind, Status};
use crate::guard::{Reason, kin_of, written};
use crate::scene::Scene;
use crate::text::TurnDoc;

/// The cited turns alone.
pub(super) fn transcript(scene: &Scene<'_>, turns: &[usize]) -> Transcript {
    Transcript { turns: turns.iter().filter_map(|&turn| scene.transcript.turns.get(turn).cloned()).collect() }
}

/// The comparison forms of the words of a text.
pub(super) fn stems(text: &str) -> HashSet<String> {
    let written = Transcript { turns: vec![Turn { speaker: Speaker::Unknown, text: text.to_owned() }] };
    Scene::new(&written).turn(0).tokens.iter().map(|token| token.stem.clone()).collect()
}

/// Something a sentence names, from a token to before another.
struct Mention {
    start: usize,
    end: usize,
    /// The facts that may stand for it: of one of these, everything must agree.
    facts: Vec<usize>,
}

/// What supports the sentence; the first reason found if nothing does. Turns of the evidence are places in `cited`.
pub(super) fn support(text: &str, cited: &Scene<'_>, facts: &[ClinicalFact]) -> Result<Supported, Reason> {
    let written = Transcript { turns: vec![Turn { speaker: Speaker::Unknown, text: text.to_owned() }] };
    let sentence = Scene::new(&written);
    let turn = sentence.turn(0);
    if turn.sentences.iter().any(|sentence| sentence.question) {
        return Err(Reason::InventedFact);
    }
    let mentions = mentions(&sentence, facts);
    let mut used: Vec<usize> = Vec::new();
    let mut covered = vec![false; turn.tokens.len()];
    for mention in &mentions {
        // Of two readings of the same words one is enough.
        let readings =
            || mentions.iter().filter(|other| other.start < mention.end && mention.start < other.end);
        if readings().all(|reading| reading.facts.is_empty()) {
            return Err(refusal(turn, mention));
        }
        used.extend(&mention.facts);
        covered[mention.start..mention.end].fill(true);
    }
    used.sort_unstable();
    used.dedup();
    if used.is_empty() {
        return Err(Reason::InventedFact);
    }
    let facts: Vec<ClinicalFact> = used.into_iter().map(|idx| facts[idx].clone()).collect();
    let mut evidence: Vec<Evidence> = facts.iter().flat_map(|fact| fact.evidence.clone()).collect();
    let names: HashSet<String> = facts.iter().flat_map(|fact| stems(&fact.name)).collect();
    let mut details = Vec::new();
    for at in (0..turn.tokens.len()).filter(|at| !covered[*at]) {
        let token = &turn.tokens[at];
        // Numbers, with what they count, are the guard's.
        let amount = token.norm.starts_with(|c: char| c.is_ascii_digit());
        let stated = names.contains(&token.stem) || is_relative_of(&token.norm, &facts);
        if token.is_punct() || amount || stated || is_empty(&token.norm) {
            continue;
        }
        evidence.push(spoken(turn, at, cited)?);
        details.push(token.stem.clone());
    }
    evidence.sort_unstable();
    evidence.dedup();
    Ok(Supported { facts, evidence, details })
}

/// Whether a word names the relative one of the facts is about.
fn is_relative_of(word: &str, facts: &[ClinicalFact]) -> bool {
    let heard =
        |kin: &str| facts.iter().any(|fact| fact.relative().is_some_and(|heard| heard.starts_with(kin)));
    kinship(word).is_some_and(heard)
}

fn refusal(turn: &TurnDoc, mention: &Mention) -> Reason {
    match written(turn, mention.start, mention.end) {
        Said::No => Reason::NegationAdded,
        _ => Reason::InventedFact,
    }
}

/// Everything the sentence names, with the heard facts that say the same.
fn mentions(sentence: &Scene<'_>, facts: &[ClinicalFact]) -> Vec<Mention> {
    let turn = sentence.turn(0);
    let lex = sentence.lex;
    let mut mentions = Vec::new();
    let mut name = |start: usize, end: usize, name: &str| {
        let denied = written(turn, start, end) == Said::No;
        let kin = kin_of(turn, start);
        let same = |fact: &ClinicalFact| {
            same_name(&fact.name, name) && agrees(fact, denied) && of_the_same_person(fact, kin)
        };
        let facts = facts.iter().enumerate().filter(|(_, fact)| same(fact)).map(|(idx, _)| idx).collect();
        mentions.push(Mention { start, end, facts });
    };
    for symptom in &sentence.symptoms[0] {
        name(symptom.start, symptom.end, &symptom.name);
    }
    for hit in &sentence.diseases[0] {
        name(hit.start, hit.end, &lex.diseases.entries[hit.entry].name);
    }
    for drug in &sentence.drugs[0] {
        name(drug.start, drug.end, &drug.name);
    }
    for hit in &sentence.studies[0] {
        name(hit.start, hit.end, &lex.studies.entries[hit.entry].name);
    }
    for lexicon in [&lex.findings, &lex.surgeries, &lex.habits, &lex.obgyn] {
        for hit in lexicon.matcher.find(&turn.tokens) {
            name(hit.start, hit.end, &lexicon.entries[hit.entry].name);
        }
    }
    mentions
}

/// The same, or the same with more said about it: "dolor abdominal" and "dolor abdominal izquierdo".
fn same_name(heard: &str, written: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    begins(heard, written)
}

/// Whether a fact says yes where the sentence does.
fn agrees(fact: &ClinicalFact, denied: bool) -> bool {
    let a = &fact.attributes;
    let no = matches!(fact.kind, FactKind::DeniedSymptom | FactKind::DeniedHistory)
        || a.status == Some(Status::Absent)
        || a.certainty == Some(Certainty::RuledOut)
        || fact.polarity == crate::facts::Polarity::Denied;
    no == denied
}

fn of_the_same_person(fact: &ClinicalFact, kin: Option<&str>) -> bool {
    match (fact.relative(), kin) {
        (None, None) => true,
        (Some(heard), Some(written)) => {
            heard.starts_with(written.trim_end_matches('s')) || written == "familiar"
        }
        _ => false,
    }
}

/// Where a word that names nothing known was spoken with the same yes or no.
fn spoken(turn: &TurnDoc, at: usize, cited: &Scene<'_>) -> Result<Evidence, Reason> {
    let wanted = &turn.tokens[at].stem;
    let denied = written(turn, at, at + 1) == Said::No;
    let mut reason = Reason::InventedFact;
    for (idx, other) in cited.doc.turns.iter().enumerate() {
        for (place, token) in other.tokens.iter().enumerate() {
            if token.dead || token.stem != *wanted {
                continue;
            }
            match spoken_as(cited, idx, place) {
                Some(said) if (said == Said::No) == denied => {
                    return Ok(cited.doc.evidence(idx, place, place + 1));
                }
                Some(Said::No) => reason = Reason::NegationDropped,
                Some(_) => reason = Reason::NegationAdded,
                None => {}
            }
        }
    }
    Err(reason)
}

/// Yes or no of one spoken word; nothing for one in a question that has no plain answer.
fn spoken_as(cited: &Scene<'_>, idx: usize, place: usize) -> Option<Said> {
    let turn = cited.turn(idx);
    if !turn.sentence_of(place).question {
        return Some(said(turn, place, place + 1));
    }
    match cited.answers[idx].as_ref()?.reply? {
        Reply::Yes => Some(Said::Yes),
        Reply::No => Some(Said::No),
        Reply::NoLonger => Some(Said::Past),
    }
}
