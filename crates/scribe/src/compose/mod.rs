//! From facts to the items of a nota de evolución in the order of NOM-004 6.2, each with the words it rests on.
//!
//! Every sentence passes the guard; what does not becomes a doubt. What nobody said is not written.

mod evolution;
mod sentences;
mod treatment;

use clinical::condition::{Certainty as ConditionCertainty, ConditionEntry};
use clinical::document::DocumentKind;
use clinical::draft::{Doubt, DraftItem, DraftNote, ItemContent, Origin, Review, SectionId};
use clinical::ids::ItemId;
use clinical::observation::{Amount, VitalKind, VitalSign};
use clinical::transcript::{Evidence, Transcript};

use crate::facts::{Certainty, ClinicalFact, FactKind};
use crate::guard::{Guard, Verdict};
use crate::scene::Scene;

/// What the scribe proposes for a consultation.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The items in the order of the note, all pending review.
    pub items: Vec<DraftItem>,
    /// What was heard and could not be supported.
    pub doubts: Vec<Doubt>,
    /// The facts the items were composed from.
    pub facts: Vec<ClinicalFact>,
}

impl Draft {
    /// The draft of a nota de evolución to be reviewed.
    #[must_use]
    pub fn into_note(self) -> DraftNote {
        let mut note = DraftNote::new(DocumentKind::PROGRESS_NOTE);
        note.items = self.items;
        note.doubts = self.doubts;
        note
    }
}

/// A composed entry before the guard has seen it.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    section: SectionId,
    content: ItemContent,
    evidence: Vec<Evidence>,
    /// What to propose instead when the guard does not support the whole.
    parts: Vec<Proposal>,
}

impl Proposal {
    fn statement(section: SectionId, text: String, evidence: Vec<Evidence>) -> Self {
        Self { section, content: ItemContent::Statement { text }, evidence, parts: Vec::new() }
    }
}

/// Composes the draft of the facts of a consultation.
#[must_use]
pub fn draft(scene: &Scene<'_>, facts: Vec<ClinicalFact>) -> Draft {
    let transcript: &Transcript = scene.transcript;
    let mut proposals = evolution::compose(transcript, &facts);
    proposals.extend(vital_signs(&facts));
    proposals.extend(sentences::objective(&facts));
    proposals.extend(diagnoses(&facts));
    proposals.extend(sentences::prognosis(transcript));
    proposals.extend(treatment::compose(&facts));
    let mut guard = Guard::new(scene);
    let mut items = Vec::new();
    let mut doubts = Vec::new();
    let mut pending: std::collections::VecDeque<Proposal> = proposals.into();
    while let Some(mut proposal) = pending.pop_front() {
        let verdict = verify(&mut guard, &proposal);
        let parts = std::mem::take(&mut proposal.parts);
        if !verdict.supported && !parts.is_empty() {
            for part in parts.into_iter().rev() {
                pending.push_front(part);
            }
        } else if verdict.supported && !proposal.evidence.is_empty() {
            items.push(item(proposal, items.len()));
        } else {
            doubts.push(doubt(proposal, &verdict));
        }
    }
    Draft { items, doubts, facts }
}

fn verify(guard: &mut Guard<'_>, proposal: &Proposal) -> Verdict {
    let mut turns: Vec<usize> = proposal.evidence.iter().map(|evidence| evidence.turn).collect();
    turns.sort_unstable();
    turns.dedup();
    guard.check(&proposal.content.text(), &turns)
}

fn item(proposal: Proposal, position: usize) -> DraftItem {
    let id = item_id(&proposal, position);
    DraftItem {
        id,
        section: proposal.section,
        content: proposal.content,
        evidence: proposal.evidence,
        source: None,
        origin: Origin::Proposed,
        review: Review::Pending,
    }
}

/// An identifier made of the content, so that the same transcript gives the same draft (FNV-1a, 128 bits).
fn item_id(proposal: &Proposal, position: usize) -> ItemId {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
        }
    };
    feed(proposal.section.0.as_bytes());
    feed(proposal.content.text().as_bytes());
    feed(&position.to_le_bytes());
    for evidence in &proposal.evidence {
        feed(&evidence.turn.to_le_bytes());
        feed(&evidence.start.to_le_bytes());
    }
    ItemId(
        uuid::Builder::from_u128(hash)
            .with_version(uuid::Version::Custom)
            .with_variant(uuid::Variant::RFC4122)
            .into_uuid(),
    )
}

fn doubt(proposal: Proposal, verdict: &Verdict) -> Doubt {
    let reason = verdict.reasons.first().map_or("no se oyó en esas palabras", |reason| reason.message());
    Doubt {
        text: proposal.content.text(),
        reason: reason.to_owned(),
        section: proposal.section,
        evidence: proposal.evidence,
    }
}

fn vital_signs(facts: &[ClinicalFact]) -> Vec<Proposal> {
    facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Vital)
        .filter_map(|fact| {
            let kind = VitalKind::from_code(&fact.name)?;
            let value = Amount::from_f64(fact.attributes.value?)?;
            let sign = VitalSign::new(kind, value).ok()?;
            Some(Proposal {
                section: SectionId::VITAL_SIGNS,
                content: ItemContent::VitalSign(sign),
                evidence: fact.evidence.clone(),
                parts: Vec::new(),
            })
        })
        .collect()
}

fn diagnoses(facts: &[ClinicalFact]) -> Vec<Proposal> {
    facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Diagnosis)
        .map(|fact| {
            let certainty = match fact.attributes.certainty {
                Some(Certainty::Suspected) => ConditionCertainty::Suspected,
                Some(Certainty::RuledOut) => ConditionCertainty::RuledOut,
                _ => ConditionCertainty::Confirmed,
            };
            let entry = ConditionEntry { text: sentences::capital(&fact.name), certainty, code: None };
            Proposal {
                section: SectionId::DIAGNOSES,
                content: ItemContent::Condition(entry),
                evidence: fact.evidence.clone(),
                parts: Vec::new(),
            }
        })
        .collect()
}
