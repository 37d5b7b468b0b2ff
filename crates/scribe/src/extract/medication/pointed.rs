//! What the clinician says of medicines that only the patient's side named: "¿Y la fluticasona?" - "Ésa se reinicia."

use super::directed::{as_before, is_taken, taken_as};
use super::*;

const POINTERS: &[&str] = &[
    "ese",
    "esa",
    "esos",
    "esas",
    "eso",
    "este",
    "esta",
    "los",
    "las",
    "lo",
    "la",
    "todas",
    "todos",
    "ambos",
    "ambas",
    "suspendalo",
    "suspendala",
    "dejalos",
    "dejelos",
    "dejela",
    "dejelo",
    "siga",
    "sigalo",
    "sigala",
    "si",
    "sí",
    "no",
    "yano",
    "ninguno",
    "ninguna",
    "tampoco",
    "deje",
    "deja",
    "dejemelas",
    "dejemelos",
    "dejemela",
    "dejemelo",
];

/// The medicines meant by a clinician's turn that names none: those of the turns of the patient's side just before
/// ("¿Y la fluticasona?" - "Esa se reinicia: dos disparos cada doce horas.").
pub(super) fn answered(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    // "Híjole. Ése no.": an interjection before it says nothing.
    let says = |sentence: &crate::text::Sentence| sentence.end - sentence.start > 2;
    let first = turn.sentences.iter().copied().find(says).or_else(|| turn.sentences.first().copied());
    let Some(first) = first.filter(|sentence| !sentence.question) else { return };
    if !scene.drugs[idx].is_empty() && scene.drugs[idx].iter().any(|drug| drug.start < first.end) {
        return;
    }
    let points = (0..first.end.min(first.start + 5)).any(|at| POINTERS.contains(&turn.word(at)));
    let before = idx - 1;
    if !points || scene.turn(before).is_doctor() || scene.drugs[before].is_empty() {
        return;
    }
    let limit = scene.drugs[idx].first().map_or(turn.tokens.len(), |drug| turn.sentence_of(drug.start).start);
    let near = turn.sentences.get(1).map_or(first.end, |second| second.end).min(limit);
    let words = format!(" {} ", turn.joined(0, near));
    let agrees = words.starts_with(" sí , igual")
        || words.starts_with(" igual")
        || words.starts_with(" sí , siga")
        || words.starts_with(" sí , ese");
    let tells_what_it_is = matches!(
        (turn.word(first.start), turn.word(first.start + 1)),
        ("ese" | "esa" | "esos" | "esas", "es" | "son" | "era")
    );
    let not_so = tells_what_it_is
        || [
            " no se quit",
            " no se la quit",
            " no se lo quit",
            " no se las quit",
            " no se los quit",
            " no se suspend",
            " no lo quit",
            " no la quit",
            " no lo suspend",
            " no la suspend",
            " no lo dej",
            " no la dej",
        ]
        .iter()
        .any(|cue| words.contains(cue));
    let stops = !agrees
        && !not_so
        && ([
            "suspend",
            "dejel",
            "dejal",
            "dejen",
            "se deja",
            "yano",
            "no se lo",
            "no se la",
            "quit",
            "no sirve",
            "dejarl",
            "fuera",
            "no lo tome",
            "no la tome",
            "no se los",
            "no se las",
            "nunca mas",
            "dejemel",
            "la vas a dejar",
            "lo vas a dejar",
            "la va a dejar",
            "lo va a dejar",
            "me la deja",
            "me lo deja",
            "la tira",
            "lo tira",
            "tirel",
            "quitel",
            "quital",
            "deje esas",
            "deje esos",
            "deje ese",
            "deje esa",
            "deja esas",
            "no se la",
        ]
        .iter()
        .any(|cue| words.contains(&format!(" {cue}")))
            || words.starts_with(" no , ese") && words.contains(" no "));
    let several = [
        "los dos", "las dos", "las tres", "los tres", "todas", "todos", "esas", "esos", "ambos", "ambas",
        "dejalos", "dejelos",
    ]
    .iter()
    .any(|cue| words.contains(&format!(" {cue} ")));
    let unmarked = asks_without_marks(scene, before);
    let is_asked = |drug: &DrugMention| scene.turn(before).sentence_of(drug.start).question || unmarked;
    let asked: Vec<&DrugMention> = scene.drugs[before]
        .iter()
        .filter(|drug| !drug.class_only && !is_allergy_talk(scene, before, drug))
        .filter(|drug| {
            let denied = said(scene.turn(before), drug.start, drug.end) == Said::No;
            is_asked(drug) || !denied && !is_past(scene, before, drug)
        })
        .collect();
    let meant: Vec<&DrugMention> = if several { asked } else { asked.into_iter().rev().take(1).collect() };
    for drug in meant {
        let mut attributes = dosed(scene, idx, 0, limit, drug);
        let dosed = attributes.dose_value.is_some() && attributes.frequency_hours.is_some();
        let question = is_asked(drug);
        // "¿No le va a dar aciclovir?" - "No sirve.": nothing that is taken.
        let proposed = question
            && !is_taken(scene, idx, drug, book)
            && [" dar ", " doy ", " puedo ", " tomo ", " toma "].iter().any(|cue| {
                format!(" {} ", scene.turn(before).joined(0, scene.turn(before).tokens.len())).contains(cue)
            });
        if stops && !dosed && proposed {
            continue;
        }
        if stops && !dosed {
            let mut fact = ClinicalFact::new(
                FactKind::StoppedMedication,
                drug.name.clone(),
                turn.speaker,
                scene.doc.evidence(idx, 0, limit),
            );
            fact.cite(scene.doc.evidence(before, drug.start, drug.end));
            book.add(fact);
            continue;
        }
        let points_at = matches!(turn.word(first.start), "ese" | "esa" | "esos" | "esas" | "este" | "esta");
        let keeps = (question || several || points_at && scene.drugs[before].len() == 1)
            && [
                "dejamos igual",
                "dejo igual",
                "siguele",
                "siguelo",
                "siguela",
                "sigale",
                "sigalo",
                "no se muev",
                "no se toca",
                "no la toc",
                "no lo toc",
                "ese sí",
                "esa sí",
                "tal cual",
                "siga",
                "sigue",
                "sigal",
                "igual",
                "puede seguir",
                "lo puede",
                "la puede",
                "continu",
                "se queda",
                "se reinicia",
                "reinici",
            ]
            .iter()
            .any(|cue| words.contains(&format!(" {cue}")));
        if (dosed && question || keeps)
            && !book.of(FactKind::Prescription).any(|known| known.name == drug.name)
        {
            let taken = taken_as(book.of(FactKind::CurrentMedication), &drug.name);
            let told = if dosed { Vec::new() } else { as_before(taken, &mut attributes) };
            attributes.action = Some(if dosed { Action::Change } else { Action::Continue });
            let mut fact = ClinicalFact::new(
                FactKind::Prescription,
                drug.name.clone(),
                turn.speaker,
                scene.doc.evidence(idx, 0, limit),
            );
            fact.cite(scene.doc.evidence(before, drug.start, drug.end));
            for evidence in told {
                fact.cite(evidence);
            }
            fact.attributes = attributes;
            book.add(fact);
        }
    }
}

/// "Ahí está. Ése me lo deja, que le daña el riñón.": a later sentence about what the patient's side just named.
pub(super) fn pointed(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(before) = idx.checked_sub(1).filter(|&before| scene.turn(before).is_patient_side()) else {
        return;
    };
    let limit = scene.drugs[idx]
        .iter()
        .filter(|drug| !made_of(turn, drug))
        .map(|drug| drug.start)
        .min()
        .unwrap_or(turn.tokens.len());
    for sentence in turn.sentences.iter().filter(|sentence| !sentence.question && sentence.end <= limit) {
        let at = if matches!(turn.word(sentence.start), "y" | "pero") {
            sentence.start + 1
        } else {
            sentence.start
        };
        let (one, many) = (
            matches!(turn.word(at), "ese" | "esa"),
            matches!(turn.word(at), "esos" | "esas" | "todas" | "todos"),
        );
        if !(one || many) || told::after(turn, at + 1, sentence.end) != Some(told::Told::Stop) {
            continue;
        }
        let named: Vec<&DrugMention> = scene.drugs[before]
            .iter()
            .filter(|drug| {
                !drug.class_only && book.of(FactKind::CurrentMedication).any(|known| known.name == drug.name)
            })
            .collect();
        let meant = if many { named } else { named.into_iter().rev().take(1).collect() };
        for drug in meant {
            let mut fact = ClinicalFact::new(
                FactKind::StoppedMedication,
                drug.name.clone(),
                turn.speaker,
                scene.doc.evidence(idx, sentence.start, sentence.end),
            );
            fact.cite(scene.doc.evidence(before, drug.start, drug.end));
            book.add(fact);
        }
    }
}

/// "Ése trae diclofenaco": what something is made of.
fn made_of(turn: &TurnDoc, drug: &DrugMention) -> bool {
    (drug.start.saturating_sub(3)..drug.start)
        .any(|at| matches!(turn.word(at), "trae" | "traen" | "lleva" | "llevan" | "contiene" | "tiene"))
}
