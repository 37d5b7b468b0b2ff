//! What of a consultation belongs in which section of a document.
//!
//! A section says in its file what it `hears`; who understands a consultation speaks of topics, never of sections, so that
//! one understanding fills every document.

use clinical::draft::SectionId;
use clinical::observation::VitalKind;
use serde::Deserialize;

use crate::definitions::{DocumentDefinition, FilledBy};

/// What a sentence about a consultation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Why the patient came.
    Complaint,
    /// Symptoms of the present problem.
    Symptoms,
    /// Symptoms that were denied.
    DeniedSymptoms,
    /// Antecedentes heredofamiliares.
    Family,
    /// Antecedentes personales patológicos, with operations.
    Pathological,
    /// Antecedentes ginecoobstétricos.
    ObGyn,
    /// Allergies.
    Allergies,
    /// Tobacco, alcohol and other psychoactive substances.
    Substances,
    /// Other habits: activity, diet, household.
    Habits,
    /// Medicines taken before the visit.
    Medicines,
    /// The examination as a whole, and signs of no region of their own.
    Examination,
    /// Signs of head, eyes, ears, nose, mouth and throat.
    Head,
    /// Signs of the neck.
    Neck,
    /// Signs of thorax, lungs, heart and breasts.
    Chest,
    /// Signs of the abdomen.
    Abdomen,
    /// Signs of arms and legs.
    Limbs,
    /// Signs of the genitals.
    Genitals,
    /// Results of studies.
    Results,
    /// Diagnoses.
    Diagnoses,
    /// Prognosis.
    Prognosis,
    /// Medicines that are indicated or stopped.
    Treatment,
    /// Studies and procedures that are ordered.
    Orders,
    /// Other services the patient is sent to.
    Referrals,
    /// Advice, and when to come at once.
    Advice,
    /// The next visit.
    FollowUp,
}

impl Topic {
    /// What it is part of, where a document has no section of its own for it.
    #[must_use]
    pub fn wider(self) -> Option<Self> {
        match self {
            Self::Head | Self::Neck | Self::Chest | Self::Abdomen | Self::Limbs | Self::Genitals => {
                Some(Self::Examination)
            }
            _ => None,
        }
    }
}

impl DocumentDefinition {
    /// The section a sentence about `topic` belongs in: of those that hear it, the one that hears the fewest others; none
    /// where the document does not speak of it.
    #[must_use]
    pub fn hears(&self, topic: Topic) -> Option<SectionId> {
        let hearing = self.sections.iter().filter(|section| section.hears.contains(&topic));
        match hearing.min_by_key(|section| section.hears.len()) {
            Some(section) => Some(SectionId::new(&section.id)),
            None => topic.wider().and_then(|wider| self.hears(wider)),
        }
    }

    /// Whether it is written from what was said in a visit: it asks and decides.
    #[must_use]
    pub fn is_of_a_conversation(&self) -> bool {
        self.hears(Topic::Symptoms).is_some() && self.hears(Topic::Treatment).is_some()
    }

    /// The section a measurement of this kind belongs in.
    #[must_use]
    pub fn measures(&self, kind: VitalKind) -> Option<SectionId> {
        let named = |section: &&crate::SectionDefinition| matches!(&section.filled_by, FilledBy::Measurements(kinds) if kinds.contains(&kind));
        let any = |section: &&crate::SectionDefinition| matches!(&section.filled_by, FilledBy::Measurements(kinds) if kinds.is_empty());
        let section = self.sections.iter().find(named).or_else(|| self.sections.iter().find(any));
        section.map(|section| SectionId::new(&section.id))
    }
}

#[cfg(test)]
mod tests {
    use clinical::document::DocumentKind;

    use super::*;

    fn section(kind: DocumentKind, topic: Topic) -> Option<String> {
        crate::definition(kind).hears(topic).map(|id| id.to_string())
    }

    #[test]
    fn what_was_said_finds_its_section_in_every_document_that_speaks_of_it() {
        let history = DocumentKind::CLINICAL_HISTORY;
        assert_eq!(section(DocumentKind::PROGRESS_NOTE, Topic::Abdomen).as_deref(), Some("ev.exploracion"));
        assert_eq!(section(history, Topic::Abdomen).as_deref(), Some("hc.ef_abdomen"));
        assert_eq!(section(history, Topic::Examination).as_deref(), Some("hc.habitus"));
        assert_eq!(section(history, Topic::Substances).as_deref(), Some("hc.app_sustancias"));
        assert_eq!(section(DocumentKind::from_code("REF").unwrap(), Topic::DeniedSymptoms), None);
    }

    #[test]
    fn a_measurement_goes_where_its_kind_is_asked_for() {
        let place =
            |code| crate::definition(DocumentKind::from_code(code).unwrap()).measures(VitalKind::Weight);
        assert_eq!(place("HC").map(|id| id.to_string()).as_deref(), Some("hc.peso"));
        assert_eq!(place("NEV").map(|id| id.to_string()).as_deref(), Some("ev.signos"));
        assert_eq!(place("REF"), None);
    }
}
