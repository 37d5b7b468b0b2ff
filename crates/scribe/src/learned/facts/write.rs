//! From a stretch of words with its class to a fact in the words that were said.

use crate::context::Said;
use crate::context::person::Who;
use crate::extract;
use crate::facts::{ClinicalFact, Experiencer, FactKind, Polarity, Section, Status, Time};
use crate::lexicon::Lexicon;
use crate::lexicon::pattern::Hit;
use crate::mentions::SymptomMention;
use crate::scene::Scene;

use super::class::{CLASSES, Class};
use super::spots::{Spot, is_small};

/// Adds the fact of a spot, unless one of its kind already has its name or it says nothing that stands by itself.
pub(super) fn add(scene: &Scene<'_>, spot: &Spot, class: usize, score: f32, facts: &mut Vec<ClinicalFact>) {
    let class = CLASSES[class];
    let name = name(scene, spot, class.kind);
    let key = key(&name);
    if key.is_empty() || facts.iter().any(|fact| fact.kind == class.kind && self::key(&fact.name) == key) {
        return;
    }
    let Some(mut fact) = fact(scene, spot, class, name) else { return };
    fact.confidence = score;
    cite_answer(scene, spot, &mut fact);
    facts.push(fact);
}

fn fact(scene: &Scene<'_>, spot: &Spot, class: Class, name: String) -> Option<ClinicalFact> {
    let evidence = scene.doc.evidence(spot.turn, spot.start, spot.end);
    let mut fact = ClinicalFact::new(class.kind, name, scene.turn(spot.turn).speaker, evidence);
    fact.attributes.section = class.section;
    fact.attributes.status = class.status;
    let denied = matches!(class.kind, FactKind::DeniedSymptom | FactKind::DeniedHistory);
    if denied || class.status == Some(Status::Absent) {
        fact.polarity = Polarity::Denied;
    } else if spot.said == Some(Said::Past) {
        fact.time = Time::Past;
    }
    match class.kind {
        FactKind::Symptom => {
            let mention =
                SymptomMention { name: fact.name.clone(), start: spot.start, end: spot.end, about: None };
            fact.attributes.onset = extract::onset(scene, spot.turn, &mention);
        }
        FactKind::History if class.section == Some(Section::Family) => {
            let Who::Relative(kinship) = &spot.who else { return None };
            fact.experiencer = Experiencer::Relative(kinship.clone());
        }
        FactKind::DeniedHistory => {
            fact.attributes.section =
                antecedent(scene, spot).map(|(_, section)| section).or(Some(Section::Pathological));
        }
        FactKind::Result => {
            let (value, text, unit) = extract::result_value(scene, spot.turn, spot.start, spot.end)?;
            fact.attributes.value = value;
            fact.attributes.text_value = text;
            fact.attributes.unit = unit;
        }
        FactKind::Diagnosis => {
            let hit = Hit { entry: 0, start: spot.start, end: spot.end };
            fact.attributes.certainty = Some(extract::certainty_of(scene, spot.turn, hit)?);
        }
        FactKind::Order => fact.time = Time::Planned,
        _ => {}
    }
    Some(fact)
}

/// What was asked rests on the answer too.
fn cite_answer(scene: &Scene<'_>, spot: &Spot, fact: &mut ClinicalFact) {
    let turn = scene.turn(spot.turn);
    if !turn.is_doctor() || !turn.sentence_of(spot.start).question {
        return;
    }
    if let Some(answer) = &scene.answers[spot.turn] {
        fact.said_by = scene.turn(answer.turns[0]).speaker;
        fact.cite(scene.doc.whole(answer.turns[0]));
    }
}

/// What the fact of a spot is called: as the lexicons call exactly these words, else the words as spoken, in lower case;
/// what befalls somebody keeps its "se".
#[must_use]
pub fn name(scene: &Scene<'_>, spot: &Spot, kind: FactKind) -> String {
    let turn = scene.turn(spot.turn);
    let exactly = |start: usize, end: usize| start == spot.start && end == spot.end;
    let of = |hits: &[Hit], lexicon: &Lexicon| {
        let hit = hits.iter().find(|hit| exactly(hit.start, hit.end))?;
        Some(lexicon.entries[hit.entry].name.clone())
    };
    let symptom = matches!(kind, FactKind::Symptom | FactKind::DeniedSymptom);
    let named = match kind {
        _ if symptom => scene.symptoms[spot.turn]
            .iter()
            .find(|mention| exactly(mention.start, mention.end))
            .map(|mention| mention.name.clone()),
        FactKind::Result | FactKind::Order => of(&scene.studies[spot.turn], &scene.lex.studies),
        FactKind::Finding => None,
        _ => of(&scene.diseases[spot.turn], &scene.lex.diseases)
            .or_else(|| antecedent(scene, spot).map(|(name, _)| name)),
    };
    if let Some(named) = named {
        return named;
    }
    let mut start = spot.start;
    while symptom && start > 0 && matches!(turn.word(start - 1), "se" | "le" | "me" | "te") {
        start -= 1;
    }
    scene.spoken(spot.turn, start, spot.end).to_lowercase()
}

/// What the words are called as an antecedent, where exactly they are known for one, and its section: "¿fuma?", "presión".
fn antecedent(scene: &Scene<'_>, spot: &Spot) -> Option<(String, Section)> {
    let tokens = &scene.turn(spot.turn).tokens[spot.start..spot.end];
    let lexicons = [
        (&scene.lex.habits, Section::Habits),
        (&scene.lex.surgeries, Section::Surgical),
        (&scene.lex.obgyn, Section::ObGyn),
        (&scene.lex.everyday, Section::Pathological),
    ];
    lexicons.into_iter().find_map(|(lexicon, section)| {
        let hits = lexicon.matcher.find(tokens);
        let hit = hits.iter().find(|hit| hit.start == 0 && hit.end == tokens.len())?;
        Some((lexicon.entries[hit.entry].name.clone(), section))
    })
}

/// Names that differ only in small words and endings are the same name.
fn key(name: &str) -> Vec<String> {
    let turn = crate::text::TurnDoc::new(clinical::transcript::Speaker::Unknown, name);
    let mut stems: Vec<String> = turn
        .tokens
        .into_iter()
        .filter(|token| !token.is_punct() && !is_small(&token.norm))
        .map(|token| token.stem)
        .collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}
