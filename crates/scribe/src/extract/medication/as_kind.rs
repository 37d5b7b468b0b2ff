//! A medicine as a fact of a kind that was decided elsewhere, with what is said of it.

use super::*;

/// The fact of a mention: taken, stopped or prescribed; `None` for another kind.
pub(crate) fn as_kind(scene: &Scene<'_>, idx: usize, number: usize, kind: FactKind) -> Option<ClinicalFact> {
    let drug = &scene.drugs[idx][number];
    let turn = scene.turn(idx);
    let end = reach(scene, idx, number);
    match kind {
        FactKind::CurrentMedication => Some(as_taken(scene, idx, drug, end)),
        FactKind::StoppedMedication => {
            let sentence = turn.sentence_of(drug.start);
            let evidence = scene.doc.evidence(idx, sentence.start, sentence.end);
            Some(ClinicalFact::new(kind, drug.name.clone(), turn.speaker, evidence))
        }
        FactKind::Prescription => {
            let evidence = scene.doc.evidence(idx, drug.start, end);
            let mut fact = ClinicalFact::new(kind, drug.name.clone(), turn.speaker, evidence);
            fact.attributes = dosed(scene, idx, drug.end, end, drug);
            fact.attributes.prn |=
                posology::conditioned_before(turn, turn.sentence_of(drug.start).start, drug.start).is_some();
            Some(fact)
        }
        _ => None,
    }
}
