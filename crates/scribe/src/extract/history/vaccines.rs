//! Vaccines: which have been given, which have not, and whether the scheme is complete.

use super::*;
use crate::context::answer::Answer;
use crate::text::TurnDoc;

/// Vaccines asked by the clinician and what the answer says of each.
pub(super) fn asked_vaccines(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    let speaks = turn.tokens.iter().any(|token| token.norm.starts_with("vacun") || token.norm == "cartilla");
    if speaks && turn.sentences.iter().any(|sentence| sentence.question) {
        scheme(scene, idx, answer, book);
    }
    let asks_given = asks_with(
        scene,
        idx,
        &[
            "vacun",
            "se las han puesto",
            "se la han puesto",
            "se las pusieron",
            "se la pusieron",
            "le pusieron la",
            "te pusieron la",
        ],
    );
    if !asks_given {
        return;
    }
    let vaccines: Vec<Hit> = vaccines_in(scene, idx, turn);
    for hit in &vaccines {
        let name = scene.lex.studies.entries[hit.entry].name.clone();
        let verdict = match by_name(scene, answer, hit.entry) {
            Some(verdict) => verdict,
            None if vaccines.len() == 1 => match answer.reply {
                Some(Reply::Yes) => Said::Yes,
                Some(Reply::No) => Said::No,
                None if tells_when(scene.turn(answer.turns[0])) => Said::Yes,
                _ => continue,
            },
            None if vaccines.len() == 2 && other_denied(scene, answer) => Said::No,
            None if answer.reply == Some(Reply::No) || answer.rest_denied => Said::No,
            None if answer.all_affirmed => Said::Yes,
            None => continue,
        };
        let mut fact = fact(scene, idx, *hit, &name, Section::Pathological, verdict);
        fact.cite(scene.doc.whole(answer.turns[0]));
        fact.confidence = 0.8;
        book.add(fact);
    }
}

fn vaccines_in(scene: &Scene<'_>, idx: usize, turn: &TurnDoc) -> Vec<Hit> {
    let asked: Vec<Hit> = scene.studies[idx]
        .iter()
        .copied()
        .filter(|hit| scene.lex.studies.entries[hit.entry].info == "vaccine")
        .filter(|hit| {
            let sentence = turn.sentence_of(hit.start);
            sentence.question
                || turn.sentences.iter().any(|other| other.start == sentence.end && other.question)
        })
        .collect();
    asked
}

/// "La de influenza sí, en octubre.", "la BCG no": what the answer says of a vaccine it names.
fn by_name(scene: &Scene<'_>, answer: &Answer, entry: usize) -> Option<Said> {
    let name = terminology::fold::fold(&scene.lex.studies.entries[entry].name);
    let key = name.split(' ').rfind(|word| word.len() >= 3)?;
    let root: String = key.chars().take(5).collect();
    answer.turns.iter().find_map(|&t| {
        let turn = scene.turn(t);
        let at = (0..turn.tokens.len()).find(|&at| turn.word(at).starts_with(&root))?;
        Some(said(turn, at, at + 1))
    })
}

/// "La otra no.": of two, the one not named.
fn other_denied(scene: &Scene<'_>, answer: &Answer) -> bool {
    answer.turns.iter().any(|&t| {
        let said = scene.turn(t).joined(0, scene.turn(t).tokens.len());
        said.contains("la otra no") || said.contains("esa no")
    })
}

/// "El año pasado", "hace tres meses", "una", "las dos dosis".
fn tells_when(turn: &TurnDoc) -> bool {
    crate::text::quantity::first_duration(&turn.tokens, 0, 8).is_some()
        || (0..turn.tokens.len().min(5))
            .any(|at| matches!(turn.word(at), "una" | "dosis" | "ano" | "octubre" | "noviembre" | "primaria"))
}

/// "¿Vacunas?" - "Completas.", "Le faltan las de los seis meses.", "Completas, menos la de influenza."
fn scheme(scene: &Scene<'_>, idx: usize, answer: &Answer, book: &mut Book) {
    for &t in &answer.turns {
        let turn = scene.turn(t);
        let said_all = format!(" {} ", turn.joined(0, turn.tokens.len()));
        let has = |cues: &[&str]| cues.iter().any(|cue| said_all.contains(cue));
        let lacks = has(&[
            " le falta",
            " le faltan",
            " me falta",
            " incomplet",
            " no completas",
            " nos falta",
            " no tiene completas",
            " atrasad",
        ]);
        let all = has(&[
            " completas",
            " completo",
            " al corriente",
            " todas",
            " al dia ",
            " las que le tocan",
            " tiene todas",
        ]) || has(&[" sí ", " ya "]) && has(&[" cartilla"]);
        let name = if lacks {
            "esquema de vacunación incompleto"
        } else if all {
            "vacunación completa"
        } else {
            continue;
        };
        let whole = Hit { entry: 0, start: 0, end: turn.tokens.len().min(10) };
        let mut fact = fact(scene, t, whole, name, Section::Pathological, Said::Yes);
        fact.cite(scene.doc.whole(idx));
        book.add(fact);
        missing_one(scene, t, book);
        return;
    }
}

/// "Completas, menos la de influenza."
fn missing_one(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(but) = (0..turn.tokens.len()).find(|&at| matches!(turn.word(at), "menos" | "excepto")) else {
        return;
    };
    for hit in scene.studies[idx].iter().filter(|hit| hit.start > but && hit.start < but + 5) {
        let entry = &scene.lex.studies.entries[hit.entry];
        if entry.info == "vaccine" {
            book.add(fact(scene, idx, *hit, &entry.name, Section::Pathological, Said::No));
            return;
        }
    }
    let named = (but + 1..but + 5).find_map(|at| match turn.word(at) {
        "influenza" => Some((at, "vacuna de influenza")),
        "covid" => Some((at, "vacuna de covid")),
        "neumococo" => Some((at, "vacuna de neumococo")),
        "rotavirus" => Some((at, "vacuna de rotavirus")),
        "papiloma" => Some((at, "vacuna de papiloma")),
        _ => None,
    });
    if let Some((at, name)) = named {
        book.add(fact(
            scene,
            idx,
            Hit { entry: 0, start: at, end: at + 1 },
            name,
            Section::Pathological,
            Said::No,
        ));
    }
}
