//! Operations, by their name or by what was operated.

use super::*;

pub(super) const SURGERY_CUES: &[&str] =
    &["operad", "operacion", "cirugia", "operaron", "quirurgic", "operado", "operan", "intervenid"];

pub(super) fn surgeries_in(scene: &Scene<'_>, idx: usize) -> Vec<Hit> {
    let turn = scene.turn(idx);
    let said = turn.joined(0, turn.tokens.len());
    let asked = scene.question_before(idx).is_some_and(|q| asks_with(scene, q, SURGERY_CUES));
    let spoken = SURGERY_CUES.iter().any(|cue| said.contains(cue))
        || said.contains("quitaron")
        || said.contains("sacaron")
        || said.contains("ligaron")
        || said.contains("cesarea")
        || said.contains("ligad");
    if !asked && !spoken {
        return Vec::new();
    }
    scene.lex.surgeries.matcher.find(&turn.tokens)
}

pub(super) fn stated_surgeries(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if scene.family[idx] {
        return;
    }
    parts::operated_parts(scene, idx, book);
    for hit in surgeries_in(scene, idx) {
        let sentence = turn.sentence_of(hit.start);
        let said = said(turn, hit.start, hit.end);
        if sentence.question
            || said == Said::No
            || super::birth::tells_of_birth(scene, idx)
            || scene.household.who(turn, hit.start, hit.end, false) != Who::Patient
        {
            continue;
        }
        book.add(fact(
            scene,
            idx,
            hit,
            &scene.lex.surgeries.entries[hit.entry].name,
            Section::Surgical,
            Said::Yes,
        ));
    }
}
