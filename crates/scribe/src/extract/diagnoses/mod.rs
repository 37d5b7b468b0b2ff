//! Diagnoses the clinician names, and how sure of them.

use crate::context::Said;
use crate::context::answer::asks;
use crate::context::polarity::said;
use crate::facts::{Certainty, ClinicalFact, FactKind, Polarity};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::Sentence;

mod listed;
mod words;

use super::Book;
use words::{ASIDE, DISMISSES, EXCLUDED, NO_DIAGNOSES, PROBABLE, STATES};

/// Reads the diagnoses.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        if !turn.is_doctor() {
            continue;
        }
        let mut summing_up = false;
        for (number, sentence) in turn.sentences.iter().enumerate() {
            if asks(turn, number) {
                summing_up = false;
                continue;
            }
            summing_up |= sums_up(&format!(" {} ", turn.joined(sentence.start, sentence.end)));
            sentence_diagnoses(scene, idx, *sentence, summing_up, book);
            listed::unlisted(scene, idx, *sentence, book);
            listed::caused(scene, idx, *sentence, book);
        }
    }
}

/// "Le resumo:", "Diagnósticos:", "Entonces: ...": what follows in the turn is the assessment.
fn sums_up(words: &str) -> bool {
    [
        " le resumo",
        " te resumo",
        " en resumen",
        " diagnostico",
        " entonces :",
        " mi impresion",
        " conclusion",
        " le dicto",
    ]
    .iter()
    .any(|cue| words.contains(cue))
}

fn sentence_diagnoses(scene: &Scene<'_>, idx: usize, sentence: Sentence, summing_up: bool, book: &mut Book) {
    let turn = scene.turn(idx);
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let warns = words.contains(" si ")
        && ["urgencias", "venga", "regres", "avis", "llame", "hable", "marque"]
            .iter()
            .any(|cue| words.contains(cue));
    if warns {
        return;
    }
    let mut hits: Vec<(String, Hit)> = scene.diseases[idx]
        .iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .map(|hit| (scene.lex.diseases.entries[hit.entry].name.clone(), *hit))
        .collect();
    let assessing = summing_up || stated_as_diagnosis(&words);
    for (name, hit) in coded(scene, idx, sentence) {
        let overlap = hits.iter_mut().find(|(_, known)| known.start < hit.end && hit.start < known.end);
        match overlap {
            Some((known_name, known))
                if hit.end - hit.start > known.end - known.start
                    && !name.starts_with("datos")
                    && !name.contains(" y ") =>
            {
                *known_name = name;
                *known = hit;
            }
            Some(_) => {}
            None if assessing || copular(turn, hit.start) || listed::as_problem(turn, sentence, hit) => {
                hits.push((name, hit));
            }
            None => {}
        }
    }
    for (name, hit) in in_clinical_words(scene, idx, sentence, summing_up) {
        if hits.iter().all(|(_, known)| hit.end <= known.start || known.end <= hit.start) {
            hits.push((name, hit));
        }
    }
    for (name, hit) in hits.into_iter().filter(|(name, _)| !NO_DIAGNOSES.contains(&name.as_str())) {
        if is_no_disease(turn.word(hit.start)) {
            continue;
        }
        let name = as_spoken(scene, idx, name, hit);
        let assessing = assessing || copular(turn, hit.start) || listed::as_problem(turn, sentence, hit);
        if let Some(certainty) = certainty(scene, idx, sentence, hit, assessing) {
            let mut fact = ClinicalFact::new(
                FactKind::Diagnosis,
                name,
                turn.speaker,
                scene.doc.evidence(idx, hit.start, hit.end),
            );
            fact.attributes.certainty = Some(certainty);
            if certainty == Certainty::RuledOut {
                fact.polarity = Polarity::Denied;
            }
            add(fact, book);
        }
    }
}

/// Devices and verbs that only tell of a disease.
fn is_no_disease(word: &str) -> bool {
    matches!(word, "stent" | "stents" | "marcapasos" | "sangra" | "sangro" | "sangras" | "parasitos")
}

/// "Insuficiencia mitral" stays as it was said where the lexicon has only a wider name for it ("valvulopatía").
fn as_spoken(scene: &Scene<'_>, idx: usize, name: String, hit: Hit) -> String {
    let turn = scene.turn(idx);
    if !is_clinical(turn.word(hit.start)) {
        return name;
    }
    let known = terminology::fold::fold(&name);
    let root = |word: &str| word.chars().take(5).collect::<String>();
    let shared =
        (hit.start..hit.end).any(|at| turn.word(at).len() > 4 && known.contains(&root(turn.word(at))));
    if shared { name } else { scene.spoken(idx, hit.start, hit.end).to_lowercase() }
}

/// Later statements of the same diagnosis refine the certainty.
fn add(fact: ClinicalFact, book: &mut Book) {
    let known = book.of_mut(FactKind::Diagnosis).find(|known| known.name == fact.name);
    match known {
        Some(known) => {
            if known.attributes.certainty == Some(Certainty::Suspected) {
                known.attributes.certainty = fact.attributes.certainty;
            }
            for evidence in fact.evidence {
                known.cite(evidence);
            }
        }
        None => book.add(fact),
    }
}

fn stated_as_diagnosis(words: &str) -> bool {
    STATES.iter().any(|cue| words.contains(&format!(" {cue}")))
}

/// Diagnoses of the ICD index named in the sentence, by their words as spoken.
fn coded(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> Vec<(String, Hit)> {
    let signs = scene.lex.findings.matcher.find(&scene.turn(idx).tokens);
    let is_symptom = |start: usize, end: usize| {
        scene.symptoms[idx].iter().any(|symptom| symptom.start <= start && symptom.end >= end)
            || signs.iter().chain(&scene.studies[idx]).any(|sign| sign.start <= start && sign.end >= end)
    };
    scene.indexed[idx]
        .iter()
        .filter(|disease| disease.start >= sentence.start && disease.end <= sentence.end)
        .filter(|disease| !is_symptom(disease.start, disease.end))
        .map(|disease| (disease.name.clone(), Hit { entry: 0, start: disease.start, end: disease.end }))
        .collect()
}

/// "es", "fue", "se llama", "tiene" right before a disease: it is called by its name.
fn copular(turn: &crate::text::TurnDoc, start: usize) -> bool {
    let mut at = start;
    while at > 0
        && matches!(
            turn.word(at - 1),
            "un" | "una" | "su" | "ya" | "como" | "leve" | "probable" | "nomas" | "puro"
        )
    {
        at -= 1;
    }
    at > 0
        && matches!(
            turn.word(at - 1),
            "es" | "son" | "fue" | "llama" | "llamamos" | "tiene" | "tienes" | "trae" | "traes"
        )
}

/// Endings and heads of clinical nouns.
fn is_clinical(word: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "itis", "osis", "patia", "emia", "uria", "algia", "penia", "plejia", "megalia", "rragia", "ectasia",
        "trofia", "citosis", "lisis", "cele", "oma", "esia", "ismo", "tasia", "plasia",
    ];
    const HEADS: &[&str] = &[
        "sindrome",
        "trastorno",
        "enfermedad",
        "insuficiencia",
        "deficiencia",
        "fractura",
        "esguince",
        "desgarro",
        "ruptura",
        "compresion",
        "infeccion",
        "absceso",
        "quiste",
        "retencion",
        "lesion",
        "contractura",
        "intoxicacion",
        "reaccion",
        "trombosis",
        "luxacion",
        "neuritis",
        "hernia",
        "ulcera",
        "crisis",
        "sobrecarga",
    ];
    const NOT: &[&str] = &[
        "sintoma",
        "problema",
        "idioma",
        "aroma",
        "mismo",
        "dosis",
        "diagnosis",
        "analisis",
        "bautismo",
        "toma",
        "broma",
        "asma",
        "organismo",
        "mecanismo",
        "automatismo",
        "protagonismo",
        "biopsia",
        "anestesia",
        "turismo",
        "optimismo",
        "hipnosis",
        "simpatia",
        "academia",
        "goma",
        "forma",
        "firma",
    ];
    word.len() > 5
        && !NOT.contains(&word)
        && (HEADS.contains(&word) || ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

/// A clinical noun the lexicon and the index do not know, called by its name: "es síndrome femoropatelar, por sobrecarga".
fn in_clinical_words(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    summing_up: bool,
) -> Vec<(String, Hit)> {
    let turn = scene.turn(idx);
    let mut found = Vec::new();
    for at in sentence.start..sentence.end {
        let opens = summing_up && matches!(turn.word(at.wrapping_sub(1)), ":" | "," | "." | "y")
            || copular(turn, at)
            || matches!(turn.word(at.wrapping_sub(1)), "sospecho" | "descartar");
        if !opens || !is_clinical(turn.word(at)) {
            continue;
        }
        let end = (at + 1..sentence.end.min(at + 6))
            .find(|&end| {
                turn.tokens[end].is_punct()
                    || matches!(
                        turn.word(end),
                        "que" | "por" | "y" | "pero" | "con" | "porque" | "en" | "no" | "se" | "a"
                    )
            })
            .unwrap_or(sentence.end.min(at + 6));
        let end = if matches!(turn.word(end - 1), "de" | "del" | "la" | "el") { end - 1 } else { end };
        let said_of_it =
            matches!(turn.word(at + 1), "real" | "normal" | "comun" | "muy" | "grave" | "seria" | "serio");
        let covered =
            said_of_it || scene.symptoms[idx].iter().any(|symptom| symptom.start <= at && symptom.end > at);
        if end > at && !covered {
            found.push((scene.spoken(idx, at, end).to_lowercase(), Hit { entry: 0, start: at, end }));
        }
    }
    found
}

/// "Y lupus, por ahora no tiene datos", "la tiroiditis, que es otra causa, la descarto": a clause behind the disease
/// dismisses it, before another disease is named.
fn dismissed(scene: &Scene<'_>, idx: usize, hit: Hit, sentence: Sentence) -> bool {
    let turn = scene.turn(idx);
    let limit = scene.diseases[idx]
        .iter()
        .find(|other| other.start >= hit.end)
        .map_or(sentence.end, |other| other.start)
        .min(sentence.end)
        .min(hit.end + 12);
    let after = format!(" {} ", turn.joined(hit.end, limit));
    DISMISSES.iter().any(|cue| after.contains(cue))
}

/// How sure the clinician is of a disease named at a place of the plan; `None` where it is only an aside, or excluded.
pub(crate) fn certainty_of(scene: &Scene<'_>, idx: usize, hit: Hit) -> Option<Certainty> {
    let sentence = scene.turn(idx).sentence_of(hit.start);
    certainty(scene, idx, sentence, hit, true).filter(|certainty| *certainty != Certainty::RuledOut)
}

fn certainty(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    hit: Hit,
    assessing: bool,
) -> Option<Certainty> {
    let turn = scene.turn(idx);
    let from = hit.start.saturating_sub(12).max(sentence.start);
    let before = format!(" {}", turn.joined(from, hit.start));
    let near = format!(" {} ", turn.joined(hit.start.saturating_sub(5).max(sentence.start), hit.start));
    let after = format!(" {} ", turn.joined(hit.end, (hit.end + 5).min(sentence.end)));
    let treated = listed::treated(scene, idx, sentence, hit);
    if ASIDE.iter().any(|cue| near.contains(&format!(" {cue}"))) && !treated || scene.exam[idx] && !assessing
    {
        return None;
    }
    let wide = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let given = ["dosis", "refuerzo", "vacuna"].iter().any(|cue| wide.contains(cue));
    let depends = [" si trae", " si tiene", " si hay", " si sale", " si es ", " si fuera"]
        .iter()
        .any(|cue| near.contains(cue));
    if given && !copular(turn, hit.start) || depends {
        return None;
    }
    if [" para descartar ", " hay que descartar ", " queremos descartar ", " quiero descartar "]
        .iter()
        .any(|cue| near.contains(cue))
    {
        return Some(Certainty::Suspected);
    }
    let denied = said(turn, hit.start, hit.end) == Said::No;
    // "No le digo que es diabético": it is not said of the patient at all.
    if [" nolodigo que ", " no digo que ", " no estoy diciendo "].iter().any(|cue| before.contains(cue)) {
        return None;
    }
    if denied
        || dismissed(scene, idx, hit, sentence)
        || EXCLUDED.iter().any(|cue| near.contains(&format!(" {cue}")))
        || [" no es ", " no ,", " no .", " no creo", " no parece", " no tiene", " no tienes", " descartad"]
            .iter()
            .any(|cue| after.starts_with(cue))
    {
        return Some(Certainty::RuledOut);
    }
    if PROBABLE.iter().any(|cue| before.contains(&format!(" {cue}"))) {
        return Some(Certainty::Suspected);
    }
    let last_plan = scene.cited || idx * 3 >= scene.doc.turns.len();
    ((assessing || treated) && last_plan).then_some(Certainty::Confirmed)
}
