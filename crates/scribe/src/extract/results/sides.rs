//! Values of two sides: "presión intraocular: derecho veintitrés, izquierdo diecinueve".

use super::*;

/// The side named between a study and its value, as it ends the name of the result.
pub(super) fn named(turn: &TurnDoc, from: usize, to: usize) -> &'static str {
    (from..to)
        .find_map(|at| match turn.word(at) {
            "derecho" => Some(" derecho"),
            "derecha" => Some(" derecha"),
            "izquierdo" => Some(" izquierdo"),
            "izquierda" => Some(" izquierda"),
            _ => None,
        })
        .unwrap_or_default()
}

/// The value of the other side, told right after the first.
pub(super) fn other_side(
    scene: &Scene<'_>,
    idx: usize,
    hit: Hit,
    next: usize,
    fact: &ClinicalFact,
) -> Option<ClinicalFact> {
    let turn = scene.turn(idx);
    let (name, first) = fact.name.rsplit_once(' ')?;
    let other = match first {
        "derecho" => "izquierdo",
        "derecha" => "izquierda",
        "izquierdo" => "derecho",
        "izquierda" => "derecha",
        _ => return None,
    };
    fact.attributes.value?;
    let at = (hit.end..next.min(hit.end + 20)).find(|&at| turn.word(at) == other)?;
    let from = if matches!(turn.word(at + 1), "en" | "," | "esta") { at + 2 } else { at + 1 };
    let before =
        (hit.end..at).rev().find_map(|k| number_at(&turn.tokens, k).filter(|number| number.end <= at));
    // "cincuenta el derecho y sesenta el izquierdo": there the number stands before its side.
    let leads =
        turn.word(at.wrapping_sub(1)) == "el" && before.as_ref().is_some_and(|number| number.end == at - 1);
    let number = if leads { before } else { number_at(&turn.tokens, from) }?;
    let mut result = ClinicalFact::new(
        FactKind::Result,
        format!("{name} {other}"),
        turn.speaker,
        scene.doc.evidence(idx, hit.start, number.end.max(at + 1)),
    );
    result.attributes.value = Some(number.value);
    result.attributes.unit.clone_from(&fact.attributes.unit);
    Some(result)
}
