//! The styles of a note, made of the complete one: what belongs together said in one sentence, and the plan told problem
//! by problem.
//!
//! A sentence made of others cites what they cite and passes the guard by itself. Where it does not, or where a document
//! keeps its parts in different sections, the parts stay.

use clinical::condition::Certainty;
use clinical::draft::ItemContent;
use clinical::medication::RequestAction;
use clinical::transcript::Evidence;
use nom004::Topic;

use super::sentences::{capital, lower};
use super::{Sentence, problems};
use crate::guard::Guard;
use crate::scene::Scene;

/// A sentence that says what several say.
#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) sentence: Sentence,
    /// Those it stands for, by their place.
    pub(super) of: Vec<usize>,
}

/// What can be said in fewer sentences; of two that stand for the same the first is taken.
pub(super) fn joins(sentences: &[Sentence], guard: &mut Guard<'_>) -> Vec<Join> {
    let mut out = examination(sentences, guard);
    series(sentences, guard, &mut out);
    complaint(sentences, &mut out);
    out
}

/// One sentence in the words given, on the evidence of all; `None` where the guard does not support it.
fn joined(
    sentences: &[Sentence],
    of: &[usize],
    text: &str,
    heading: Option<&'static str>,
    guard: &mut Guard<'_>,
) -> Option<Join> {
    let all = || of.iter().map(|at| &sentences[*at]);
    let mut evidence: Vec<Evidence> = all().flat_map(|sentence| sentence.evidence.iter().copied()).collect();
    evidence.sort_unstable();
    evidence.dedup();
    let topic = if heading.is_none() && all().any(|s| s.heading.is_some()) {
        Topic::Examination
    } else {
        all().next()?.topic
    };
    let content = ItemContent::Statement { text: text.to_owned() };
    let sentence = Sentence { heading, evidence, ..Sentence::new(topic, content) };
    sentence.is_supported(guard).then(|| Join { sentence, of: of.to_vec() })
}

/// What has the same opening: "Niega fiebre." and "Niega tos." as "Niega fiebre y tos."
fn series(sentences: &[Sentence], guard: &mut Guard<'_>, out: &mut Vec<Join>) {
    let mut taken = vec![false; sentences.len()];
    for first in 0..sentences.len() {
        let Some(mut said) = sentences[first].series.clone().filter(|_| !taken[first]) else { continue };
        let mut join: Option<Join> = None;
        for next in first + 1..sentences.len() {
            let other = &sentences[next];
            if taken[next] || other.topic != sentences[first].topic {
                continue;
            }
            let Some(both) = other.series.as_ref().and_then(|other| said.with(other)) else { continue };
            let mut of = join.as_ref().map_or_else(|| vec![first], |join| join.of.clone());
            of.push(next);
            if let Some(longer) = joined(sentences, &of, &both.text(), None, guard) {
                (join, said) = (Some(longer), both);
                taken[next] = true;
            }
        }
        out.extend(join);
    }
}

/// Why the patient came is left out where what they have is told from the same words.
fn complaint(sentences: &[Sentence], out: &mut Vec<Join>) {
    let Some(at) = sentences.iter().position(|sentence| sentence.topic == Topic::Complaint) else { return };
    let told = |sentence: &Sentence| {
        let cites = |e: &Evidence| sentences[at].evidence.iter().any(|other| other.turn == e.turn);
        sentence.topic == Topic::Symptoms && sentence.evidence.iter().any(cites)
    };
    let at_once = out.iter_mut().find(|join| told(&join.sentence));
    let join = match (at_once, sentences.iter().position(told)) {
        (Some(join), _) => join,
        (None, Some(symptoms)) => {
            out.push(Join { sentence: sentences[symptoms].clone(), of: vec![symptoms] });
            let Some(join) = out.last_mut() else { return };
            join
        }
        (None, None) => return,
    };
    join.of.insert(0, at);
    join.sentence.evidence.extend(&sentences[at].evidence);
    join.sentence.evidence.sort_unstable();
    join.sentence.evidence.dedup();
}

/// The regions of an examination: those where nothing stands out in one sentence; each by itself in one.
fn examination(sentences: &[Sentence], guard: &mut Guard<'_>) -> Vec<Join> {
    let signs = |sentence: &Sentence| {
        let of_it =
            sentence.topic == Topic::Examination || sentence.topic.wider() == Some(Topic::Examination);
        of_it && matches!(sentence.content, ItemContent::Statement { .. })
    };
    let places: Vec<usize> = (0..sentences.len()).filter(|at| signs(&sentences[*at])).collect();
    let regions: Vec<&[usize]> =
        places.chunk_by(|a, b| sentences[*a].heading == sentences[*b].heading).collect();
    let inner = |region: &[usize]| {
        let texts: Vec<String> = region.iter().map(|at| sentences[*at].content.text()).collect();
        let texts: Vec<String> = texts.iter().map(|text| lower(text.trim_end_matches('.'))).collect();
        texts.join(", ")
    };
    let mut out = Vec::new();
    let plain: Vec<&&[usize]> =
        regions.iter().filter(|region| region.iter().all(|at| sentences[*at].unremarkable)).collect();
    let of: Vec<usize> = plain.iter().flat_map(|region| region.iter().copied()).collect();
    if plain.len() > 1 {
        let said = |with_heading: bool| {
            let pieces = plain.iter().map(|region| {
                let said = inner(region);
                match sentences[region[0]].heading.map(lower).filter(|heading| !said.starts_with(heading)) {
                    Some(heading) if with_heading => format!("{heading}: {said}"),
                    _ => said,
                }
            });
            format!("{}.", capital(&pieces.collect::<Vec<_>>().join("; ")))
        };
        // A heading orders and claims nothing.
        if let Some(mut join) = joined(sentences, &of, &said(false), None, guard) {
            join.sentence.content = ItemContent::Statement { text: said(true) };
            out.push(join);
        }
    }
    for region in regions.iter().filter(|region| region.len() > 1) {
        let text = format!("{}.", capital(&inner(region)));
        out.extend(joined(sentences, region, &text, sentences[region[0]].heading, guard));
    }
    out
}

/// The sentences with those of the plan in the order of the diagnoses, and behind each diagnosis what was said to be done
/// about it. Nothing is done with a single diagnosis: all is about it.
pub(super) fn by_problem(
    scene: &Scene<'_>,
    sentences: Vec<Sentence>,
    guard: &mut Guard<'_>,
) -> Vec<Sentence> {
    let is_problem = |sentence: &&Sentence| matches!(&sentence.content, ItemContent::Condition(entry) if entry.certainty != Certainty::RuledOut);
    if sentences.iter().filter(is_problem).count() < 2 {
        return sentences;
    }
    let links = problems::links(scene, &sentences);
    let mut plan: Vec<usize> = (0..sentences.len()).filter(|at| in_plan(&sentences[*at])).collect();
    let slots = plan.clone();
    plan.sort_by_key(|at| links[*at].map_or(usize::MAX, |link| link.problem));
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    for (slot, at) in slots.into_iter().zip(&plan) {
        order[slot] = *at;
    }
    let mut out = Vec::with_capacity(sentences.len());
    for at in order {
        out.push(sentences[at].clone());
        out.extend(done_about(&sentences, &links, at).filter(|sentence| sentence.is_supported(guard)));
    }
    out
}

/// Whether a sentence says what is to be done.
pub(super) fn in_plan(sentence: &Sentence) -> bool {
    let topics = [Topic::Treatment, Topic::Orders, Topic::Referrals, Topic::Advice, Topic::FollowUp];
    topics.contains(&sentence.topic)
}

/// "Hipertensión arterial: continuar losartán; solicitar creatinina."
fn done_about(sentences: &[Sentence], links: &[Option<problems::Link>], problem: usize) -> Option<Sentence> {
    let mut evidence = sentences[problem].evidence.clone();
    let mut done = Vec::new();
    for (sentence, link) in sentences.iter().zip(links) {
        let Some(link) = link.filter(|link| link.problem == problem) else { continue };
        let Some(words) = to_do(sentence) else { continue };
        done.push(words);
        evidence.push(link.said);
        evidence.extend(&sentence.evidence);
    }
    evidence.sort_unstable();
    evidence.dedup();
    let name = sentences[problem].content.text();
    let text = format!("{}: {}.", name.trim_end_matches('.'), done.join("; "));
    let content = ItemContent::Statement { text };
    (!done.is_empty()).then(|| Sentence { evidence, ..Sentence::new(Topic::Diagnoses, content) })
}

/// What a sentence of the plan says to do, without doses; advice is read where it stands.
fn to_do(sentence: &Sentence) -> Option<String> {
    let verb = match (&sentence.content, sentence.topic) {
        (ItemContent::MedicationRequest(request), _) => {
            let verb = match request.action {
                RequestAction::Start => "iniciar",
                RequestAction::Continue => "continuar",
                RequestAction::Change => "ajustar",
                RequestAction::Stop => "suspender",
            };
            return Some(format!("{verb} {}", lower(&request.medicine)));
        }
        (_, Topic::Orders) => "solicitar ",
        (_, Topic::Referrals) => "enviar a ",
        (_, Topic::FollowUp) => "",
        _ => return None,
    };
    let text = sentence.content.text();
    let text = text.trim_end_matches('.');
    let told = text.strip_prefix("Se solicita ").or_else(|| text.strip_prefix("Se envía a ")).unwrap_or(text);
    Some(format!("{verb}{}", lower(told)))
}
