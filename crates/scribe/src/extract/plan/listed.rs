//! Orders without a verb: studies listed one after the other, what a patient asks for and gets, studies no lexicon lists.

use super::*;
use crate::context::answer::{Reply, reply};
use crate::text::numbers::number_at;

/// Words that may stand before the first study of a list.
fn leads(word: &str) -> bool {
    matches!(
        word,
        "y" | "tambien"
            | "ademas"
            | "luego"
            | "primero"
            | "segundo"
            | "tercero"
            | "despues"
            | "ah"
            | "bueno"
            | "entonces"
            | "ok"
            | "hoy"
            | "manana"
            | "ahorita"
            | "antes"
            | "de"
            | "eso"
            | "aparte"
            | "otro"
            | "otra"
            | "otros"
            | "otras"
            | "un"
            | "una"
            | "unos"
            | "unas"
            | "uno"
            | "dos"
            | "tres"
            | "cuatro"
            | "cinco"
            | "seis"
            | "estudios"
            | "analisis"
            | "pendientes"
            | "mas"
            | "pues"
            | "muy"
            | "bien"
            | "con"
            | "nueva"
            | "nuevo"
    )
}

/// Words of a sentence that tells what a study showed, and orders none.
pub(super) fn tells(word: &str) -> bool {
    const STEMS: [&str; 21] = [
        "salio", "salier", "sale", "trae", "traia", "decia", "dice", "estaba", "hicier", "tomaro", "normal",
        "negativ", "positiv", "elevad", "muestr", "report", "tenia", "pusier", "confirm", "aplicar", "quedo",
    ];
    STEMS.iter().any(|stem| word.starts_with(stem))
        || matches!(
            word,
            "esta"
                | "estan"
                | "tiene"
                | "fue"
                | "es"
                | "son"
                | "era"
                | "hizo"
                | "puso"
                | "vi"
                | "vio"
                | "dio"
                | "alto"
                | "alta"
                | "bajo"
                | "baja"
                | "bien"
                | "ya"
                | "vamos"
                | "sigue"
                | "decido"
                | "sube"
                | "bajo,"
        )
}

/// Whether the consultation has come to its plan.
pub(super) fn late(scene: &Scene<'_>, idx: usize) -> bool {
    idx * 5 >= scene.doc.turns.len() * 2
}

/// "Biometría cada semana.", "Estudios: ferritina y TSH.", "La glucosilada, en tres meses": a list that begins with a study,
/// tells no result and stands in the plan.
pub(super) fn listed(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &Book) -> bool {
    let turn = scene.turn(idx);
    let studies: Vec<&Hit> = scene.studies[idx]
        .iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .collect();
    let Some(first) = studies.first().filter(|_| late(scene, idx)) else { return false };
    let (from, to) = (turn.tokens[sentence.start].start, turn.tokens[sentence.end - 1].end);
    let results = book
        .of(FactKind::Result)
        .any(|fact| fact.evidence.iter().any(|e| e.turn == idx && e.start < to && from < e.end));
    let short = sentence.end - sentence.start <= 40;
    let drug = scene.drugs[idx]
        .iter()
        .any(|drug| drug.start >= sentence.start && drug.end <= sentence.end && !drug.ambiguous);
    let valued = (first.end..sentence.end).any(|at| {
        number_at(&turn.tokens, at)
            .is_some_and(|number| !counts(turn.word(number.end)) && !matches!(turn.word(at), "un" | "una"))
            && !studies.iter().any(|hit| hit.start <= at && at < hit.end)
    });
    let told = (sentence.start..sentence.end)
        .filter(|&at| !studies.iter().any(|hit| hit.start <= at && at < hit.end))
        .filter(|&at| at >= first.start)
        .any(|at| tells(turn.word(at)));
    let planned = due(scene, idx, sentence).is_some();
    let begins = (sentence.start..first.start).all(|at| {
        let word = turn.word(at);
        turn.tokens[at].is_punct()
            || leads(word)
            || planned && matches!(word, "el" | "la" | "los" | "las" | "su" | "tu")
    });
    begins && short && !results && !told && !drug && !valued
}

/// "tres meses", "dos veces", "doce horas": a number that is no value.
fn counts(word: &str) -> bool {
    [
        "dia", "semana", "mes", "ano", "hora", "vece", "vez", "sesion", "muestra", "posicion", "elemento",
        "noche",
    ]
    .iter()
    .any(|stem| word.starts_with(stem))
        || matches!(word, "de" | "del" | "," | "." | "y")
}

/// "Se queda internado", "lo dejamos en observación": the patient is kept.
pub(super) fn kept_in(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let stays = [
        " queda",
        " dejamos ",
        " dejo ",
        " vas a quedar",
        " va a quedar",
        " internamos",
        " interno ",
        " dejar ",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    if !stays || sentence.question || words.contains(" si ") {
        return;
    }
    for at in sentence.start..sentence.end {
        let name = match turn.word(at) {
            "observacion" => "observación",
            "internado" | "internada" | "hospitalizado" | "hospitalizada" | "internamos" => "hospitalización",
            "estancia" if turn.word(at + 1) == "corta" => "estancia corta",
            _ => continue,
        };
        if crate::context::polarity::said(turn, at, at + 1) != crate::context::Said::No {
            plan(scene, idx, (name.to_owned(), FactKind::Order), (at, at + 1), book);
        }
    }
}

/// Endings that only studies and procedures have.
const ENDINGS: &[&str] = &[
    "grafia", "grafias", "scopia", "scopias", "metria", "metrias", "cultivo", "cultivos", "grama", "gramas",
    "tomia", "ectomia", "plastia", "centesis", "gamma",
];

/// "Espermatobioscopía a los tres meses": a study no lexicon lists, known by its ending.
pub(super) fn unlisted(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    for at in sentence.start..sentence.end {
        let word = turn.word(at);
        let study = word.len() > 7 && ENDINGS.iter().any(|ending| word.ends_with(ending));
        let known = scene.studies[idx].iter().any(|hit| hit.start <= at && at < hit.end);
        if study && !known && crate::context::polarity::said(turn, at, at + 1) != crate::context::Said::No {
            let name = scene.spoken(idx, at, at + 1).to_lowercase();
            plan(scene, idx, (name, FactKind::Order), (at, at + 1), book);
        }
    }
}

/// "¿Me hace un justificante?" - "Se lo hago.": what the patient's side asks for and is promised.
pub(super) fn promised(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let (Some(before), turn) = (idx.checked_sub(1), scene.turn(idx)) else { return };
    let asked = scene.turn(before);
    if !asked.is_patient_side() {
        return;
    }
    let opening = format!(" {} ", turn.joined(0, 8));
    let promises = [
        " se lo hago ",
        " se la hago ",
        " te lo hago ",
        " te la hago ",
        " se lo doy ",
        " se la doy ",
        " te lo doy ",
        " te la doy ",
        " se lo dejo ",
        " se lo extiendo ",
        " se la extiendo ",
        " te la pido ",
        " se la pido ",
        " se lo pido ",
        " ahorita se ",
        " le hago ",
        " le doy ",
        " te doy ",
        " te hago ",
    ]
    .iter()
    .any(|cue| opening.contains(cue));
    if !promises && reply(turn) != Some(Reply::Yes) {
        return;
    }
    for hit in &scene.studies[before] {
        let sentence = asked.sentence_of(hit.start);
        let wish = format!(" {} ", asked.joined(sentence.start, hit.start));
        let wants = sentence.question
            && [
                " me hace",
                " me da",
                " me va",
                " le saca",
                " le hace",
                " le va",
                " me puede",
                " me pid",
                " necesit",
                " nos da",
            ]
            .iter()
            .any(|cue| wish.contains(cue))
            && ![" hicieron", " salio", " ya "].iter().any(|cue| wish.contains(cue));
        if wants {
            let name = scene.lex.studies.entries[hit.entry].name.clone();
            plan(scene, before, (name, FactKind::Order), (hit.start, hit.end), book);
        }
    }
}

/// Adds what is to be done.
pub(super) fn plan(
    scene: &Scene<'_>,
    idx: usize,
    (name, kind): (String, FactKind),
    (start, end): (usize, usize),
    book: &mut Book,
) {
    let mut fact =
        ClinicalFact::new(kind, name, scene.turn(idx).speaker, scene.doc.evidence(idx, start, end));
    fact.time = Time::Planned;
    book.add(fact);
}
