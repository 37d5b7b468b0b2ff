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
    operated_part(scene, idx, book);
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

/// "¿Lo han operado?" - "De la rodilla, hace dos años.": an operation the lexicon has no name for.
fn operated_part(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let asked = scene.question_before(idx).is_some_and(|q| asks_with(scene, q, SURGERY_CUES));
    let own = turn.tokens.iter().position(|token| {
        matches!(token.norm.as_str(), "operaron" | "opere" | "operada" | "operado" | "operamos")
    });
    let from = match (own, asked) {
        (Some(at), _) => at + 1,
        (None, true) => 0,
        _ => return,
    };
    if !surgeries_in(scene, idx).is_empty() {
        return;
    }
    let Some(of) =
        (from..(from + 4).min(turn.tokens.len())).find(|&at| matches!(turn.word(at), "de" | "del"))
    else {
        return;
    };
    let mut start = of + 1;
    while matches!(turn.word(start), "la" | "el" | "las" | "los" | "un" | "una" | "mi" | "su") {
        start += 1;
    }
    let plain = turn.tokens.get(start).is_some_and(|token| token.norm.len() > 3 && !token.is_punct())
        && !matches!(
            turn.word(start),
            "nada"
                | "chiquita"
                | "chiquito"
                | "joven"
                | "nino"
                | "emergencia"
                | "eso"
                | "hecho"
                | "nina"
                | "chico"
        );
    if !plain || said(turn, start, start + 1) == Said::No {
        return;
    }
    let hit = Hit { entry: 0, start, end: start + 1 };
    let name = format!("cirugía de {}", scene.spoken(idx, start, start + 1).to_lowercase());
    book.add(fact(scene, idx, hit, &name, Section::Surgical, Said::Yes));
}
