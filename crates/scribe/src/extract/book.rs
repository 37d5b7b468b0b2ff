//! Collects facts: the same thing said twice is one fact with two places; a contradiction is settled once.

use crate::facts::{Action, ClinicalFact, FactKind, Time};
use crate::scene::Scene;

/// The facts found so far.
#[derive(Debug, Default)]
pub struct Book {
    facts: Vec<ClinicalFact>,
}

/// Whether two facts say the same thing and may be merged.
fn same(a: &ClinicalFact, b: &ClinicalFact) -> bool {
    a.kind == b.kind
        && a.name == b.name
        && a.experiencer == b.experiencer
        && a.attributes.status == b.attributes.status
        && match a.kind {
            FactKind::Result => {
                a.attributes.value == b.attributes.value && a.attributes.text_value == b.attributes.text_value
            }
            FactKind::Vital | FactKind::Prescription => false,
            _ => true,
        }
}

impl Book {
    /// Adds a fact, or its words to the fact that already says it.
    pub fn add(&mut self, fact: ClinicalFact) {
        match self.facts.iter_mut().find(|known| same(known, &fact)) {
            Some(known) => {
                for evidence in &fact.evidence {
                    known.cite(*evidence);
                }
                let (mine, theirs) = (&mut known.attributes, fact.attributes);
                mine.onset = mine.onset.take().or(theirs.onset);
                mine.severity = mine.severity.take().or(theirs.severity);
                mine.schedule = mine.schedule.take().or(theirs.schedule);
                mine.dose_value = mine.dose_value.or(theirs.dose_value);
                mine.dose_unit = mine.dose_unit.take().or(theirs.dose_unit);
                mine.frequency_hours = mine.frequency_hours.or(theirs.frequency_hours);
                mine.reaction = mine.reaction.take().or(theirs.reaction);
                if fact.time == Time::Present && known.kind == FactKind::Symptom {
                    known.time = Time::Present;
                }
                known.confidence = known.confidence.max(fact.confidence);
            }
            None => self.facts.push(fact),
        }
    }

    /// The facts of a kind.
    pub fn of(&self, kind: FactKind) -> impl Iterator<Item = &ClinicalFact> {
        self.facts.iter().filter(move |fact| fact.kind == kind)
    }

    /// The facts of a kind, to change.
    pub fn of_mut(&mut self, kind: FactKind) -> impl Iterator<Item = &mut ClinicalFact> {
        self.facts.iter_mut().filter(move |fact| fact.kind == kind)
    }

    /// Removes the facts a rule rejects.
    pub fn retain(&mut self, keep: impl Fn(&ClinicalFact) -> bool) {
        self.facts.retain(keep);
    }

    /// Settles contradictions and gives the facts in order.
    #[must_use]
    pub fn finish(mut self, _scene: &Scene<'_>) -> Vec<ClinicalFact> {
        self.settle(FactKind::Symptom, FactKind::DeniedSymptom);
        self.settle(FactKind::History, FactKind::DeniedHistory);
        self.drop_diagnosed_history();
        self.drop_general_denials();
        self.drop_stopped();
        self.facts.sort_by_key(|fact| (fact.kind, fact.evidence.first().copied()));
        self.facts
    }

    /// What was affirmed outright is not also denied; the surer statement stays, then the affirmed one.
    fn settle(&mut self, affirmed: FactKind, denied: FactKind) {
        // What a relative has says nothing of what the patient denies.
        let own = |fact: &&ClinicalFact| fact.relative().is_none();
        let said = |kind: FactKind| -> Vec<(String, f32)> {
            self.of(kind).filter(own).map(|fact| (fact.name.clone(), fact.confidence)).collect()
        };
        let (pairs, denials) = (said(affirmed), said(denied));
        self.facts.retain(|fact| {
            if fact.kind == denied && fact.relative().is_none() {
                return !pairs
                    .iter()
                    .any(|(name, confidence)| *name == fact.name && *confidence >= fact.confidence);
            }
            if fact.kind == affirmed && fact.relative().is_none() {
                return !denials
                    .iter()
                    .any(|(name, confidence)| *name == fact.name && *confidence > fact.confidence);
            }
            true
        });
    }

    /// A medicine that is stopped is not prescribed as well, unless it is said how much and how often after it was stopped,
    /// or that it is lowered step by step.
    fn drop_stopped(&mut self) {
        let last = |fact: &ClinicalFact| fact.evidence.iter().map(|evidence| evidence.turn).max();
        let stops: Vec<(String, Option<usize>)> =
            self.of(FactKind::StoppedMedication).map(|fact| (fact.name.clone(), last(fact))).collect();
        self.facts.retain(|fact| {
            let a = &fact.attributes;
            let told = a.dose_value.is_some() && (a.frequency_hours.is_some() || a.schedule.is_some());
            let lowered = a.action == Some(Action::Change) || a.duration_days.is_some();
            let stop = stops.iter().find(|(name, _)| *name == fact.name);
            let Some((_, turn)) = stop.filter(|_| fact.kind == FactKind::Prescription) else { return true };
            lowered && a.dose_value.is_some() || told && last(fact) > *turn
        });
    }

    /// "Niega cirugías" does not stand beside an operation, nor "niega medicamentos" beside a medicine.
    fn drop_general_denials(&mut self) {
        use crate::facts::Section;
        let has = |facts: &[ClinicalFact], section: Section| {
            facts
                .iter()
                .any(|fact| fact.kind == FactKind::History && fact.attributes.section == Some(section))
        };
        let operated = has(&self.facts, Section::Surgical);
        let takes = self.facts.iter().any(|fact| fact.kind == FactKind::CurrentMedication);
        self.facts.retain(|fact| {
            let section = (fact.kind == FactKind::DeniedHistory).then_some(fact.attributes.section).flatten();
            !(section == Some(Section::Surgical) && operated && fact.name == "cirugías"
                || section == Some(Section::Medication) && takes && fact.name == "medicamentos")
        });
    }

    /// A present diagnosis heard from the patient for the first time ("tengo bronquitis") stays one fact of each kind:
    /// nothing to drop yet; symptoms that are also history keep the symptom.
    fn drop_diagnosed_history(&mut self) {
        let symptoms: Vec<String> = self.of(FactKind::Symptom).map(|fact| fact.name.clone()).collect();
        self.facts.retain(|fact| {
            fact.kind != FactKind::History || fact.relative().is_some() || !symptoms.contains(&fact.name)
        });
    }
}
