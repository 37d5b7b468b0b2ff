//! Sentences that somebody else wrote, a language model for one: what of them may stand in a draft.
//!
//! The guard refuses what the cited words contradict. Of a writer nobody vouches for more is asked: everything a sentence
//! names must have been heard in the cited turns, of the same person and with the same yes or no, and every other word
//! must have been spoken there or be one that says nothing by itself. So such a writer can choose what to say again and
//! how, and can add nothing.
//!
//! Medicines, doses, measurements, diagnoses and allergies never enter a draft this way: they are kept as structure, which
//! the safety checks read, and only the rules and the physician write it.

mod heard;
mod words;

use std::collections::HashMap;

use clinical::transcript::Evidence;
use nom004::Topic;

use crate::compose::Draft;
use crate::facts::{ClinicalFact, FactKind, Section};
use crate::guard::{Guard, Reason};
use crate::scene::Scene;

/// More turns than these are no citation: among enough words everything was said.
const MOST_TURNS: usize = 8;

/// A sentence and the turns it is said to rest on, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The sentence.
    pub text: String,
    /// The turns.
    pub turns: Vec<usize>,
}

/// What became of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stands in the draft.
    Added,
    /// The draft says it already.
    Repeated,
    /// What was said supports it, but it is for the physician to write down: a doubt of the draft.
    Doubt,
    /// It is nowhere, for these reasons.
    Refused(Vec<Reason>),
}

/// A sentence that what was said supports.
#[derive(Debug, Clone, PartialEq)]
pub struct Supported {
    /// The facts it states, as they were heard.
    pub facts: Vec<ClinicalFact>,
    /// The words of the consultation it rests on.
    pub evidence: Vec<Evidence>,
    /// Stems of its words beyond the facts.
    details: Vec<String>,
}

/// Judges the sentences of one consultation.
#[derive(Debug)]
pub struct Judge<'a> {
    scene: &'a Scene<'a>,
    guard: Guard<'a>,
    heard: HashMap<Vec<usize>, Vec<ClinicalFact>>,
}

impl<'a> Judge<'a> {
    /// A judge of a consultation that has been read.
    #[must_use]
    pub fn new(scene: &'a Scene<'a>) -> Self {
        Self { scene, guard: Guard::new(scene), heard: HashMap::new() }
    }

    /// What of the consultation supports a sentence.
    ///
    /// # Errors
    /// Why nothing does.
    pub fn judge(&mut self, sentence: &Sentence) -> Result<Supported, Vec<Reason>> {
        let turns = self.with_answers(&sentence.turns);
        if turns.is_empty() || turns.len() > MOST_TURNS {
            return Err(vec![Reason::InventedFact]);
        }
        let verdict = self.guard.check(&sentence.text, &turns);
        if !verdict.supported {
            return Err(verdict.reasons);
        }
        let cited = heard::transcript(self.scene, &turns);
        let cited = self.scene.subset(&cited, &turns);
        let facts = self.heard.entry(turns.clone()).or_insert_with(|| crate::extract::from_scene(&cited));
        let mut supported = heard::support(&sentence.text, &cited, facts).map_err(|reason| vec![reason])?;
        for evidence in &mut supported.evidence {
            evidence.turn = turns[evidence.turn];
        }
        for evidence in supported.facts.iter_mut().flat_map(|fact| &mut fact.evidence) {
            evidence.turn = turns[evidence.turn];
        }
        Ok(supported)
    }

    /// The cited turns with the answers to what they ask and the questions they answer: neither says anything alone.
    fn with_answers(&self, cited: &[usize]) -> Vec<usize> {
        let count = self.scene.doc.turns.len();
        let mut turns: Vec<usize> = cited.iter().copied().filter(|turn| *turn < count).collect();
        for turn in turns.clone() {
            if self.scene.turn(turn).is_doctor() {
                turns.extend(self.scene.answers[turn].iter().flat_map(|answer| &answer.turns));
            } else {
                turns.extend(self.scene.question_before(turn));
            }
        }
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}

/// What a sentence about a fact is about; nothing for what is kept as structure.
fn topic(fact: &ClinicalFact) -> Option<Topic> {
    Some(match fact.kind {
        FactKind::ChiefComplaint | FactKind::Symptom => Topic::Symptoms,
        FactKind::DeniedSymptom => Topic::DeniedSymptoms,
        FactKind::History | FactKind::DeniedHistory => match fact.attributes.section {
            _ if fact.relative().is_some() => Topic::Family,
            Some(Section::Family) => Topic::Family,
            Some(Section::Habits) => Topic::Habits,
            Some(Section::ObGyn) => Topic::ObGyn,
            _ => Topic::Pathological,
        },
        FactKind::Finding => Topic::Examination,
        FactKind::Result => Topic::Results,
        FactKind::Order => Topic::Orders,
        FactKind::Referral => Topic::Referrals,
        FactKind::FollowUp => Topic::FollowUp,
        FactKind::Education => Topic::Advice,
        FactKind::Allergy
        | FactKind::CurrentMedication
        | FactKind::StoppedMedication
        | FactKind::Vital
        | FactKind::Diagnosis
        | FactKind::Prescription => return None,
    })
}

/// The one topic of a sentence; what is had and what is denied go together.
fn common(facts: &[ClinicalFact]) -> Option<Topic> {
    let mut common: Option<Topic> = None;
    for fact in facts {
        common = match (common, topic(fact)?) {
            (None, topic) => Some(topic),
            (Some(Topic::Symptoms | Topic::DeniedSymptoms), Topic::Symptoms) => Some(Topic::Symptoms),
            (Some(topic), Topic::DeniedSymptoms) if topic == Topic::Symptoms => Some(topic),
            (Some(topic), other) if topic == other => Some(topic),
            _ => return None,
        };
    }
    common
}

/// Adds to a draft what of the sentences is supported and new; what became of each, in their order.
pub fn add(scene: &Scene<'_>, draft: &mut Draft, sentences: &[Sentence]) -> Vec<Outcome> {
    let mut judge = Judge::new(scene);
    sentences
        .iter()
        .map(|sentence| match judge.judge(sentence) {
            Ok(supported) => place(draft, sentence, supported),
            Err(reasons) => Outcome::Refused(reasons),
        })
        .collect()
}

/// What becomes of sentences about talk that is no consultation.
pub(crate) fn refuse(sentences: &[Sentence]) -> Vec<Outcome> {
    sentences.iter().map(|_| Outcome::Refused(vec![Reason::InventedFact])).collect()
}

fn place(draft: &mut Draft, sentence: &Sentence, supported: Supported) -> Outcome {
    let known = |fact: &ClinicalFact| {
        draft.facts.iter().any(|other| (other.kind, &other.name) == (fact.kind, &fact.name))
    };
    let all_known = supported.facts.iter().all(known);
    match common(&supported.facts) {
        Some(_) if all_known && says_already(draft, &supported) => Outcome::Repeated,
        Some(topic) => {
            draft.add(topic, &sentence.text, supported.evidence);
            Outcome::Added
        }
        // Structure, alone or mixed with words.
        None if all_known => Outcome::Repeated,
        None => {
            let reason = "lo propuso el modelo de lenguaje; si es correcto, escríbalo usted en su lugar";
            draft.doubt(Topic::Symptoms, &sentence.text, supported.evidence, reason);
            Outcome::Doubt
        }
    }
}

/// Whether the details of the sentence stand in sentences that rest on the same turns.
fn says_already(draft: &Draft, supported: &Supported) -> bool {
    let turns = supported.evidence.iter().map(|evidence| evidence.turn).collect();
    let said = heard::stems(&draft.said_of(&turns));
    supported.details.iter().all(|word| said.contains(word))
}
