//! Diagnoses the clinician names, and how sure of them.

use terminology::icd::IcdIndex;

use crate::context::Said;
use crate::context::answer::asks;
use crate::context::polarity::said;
use crate::facts::{Certainty, ClinicalFact, FactKind, Polarity};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::Sentence;

use super::Book;

/// Reads the diagnoses.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        if !turn.is_doctor() {
            continue;
        }
        for (number, sentence) in turn.sentences.iter().enumerate() {
            if !asks(turn, number) {
                sentence_diagnoses(scene, idx, *sentence, book);
            }
        }
    }
}

const PROBABLE: &[&str] = &[
    "parece",
    "creo que",
    "yo creo",
    "probable",
    "probablemente",
    "sospech",
    "podria ser",
    "puede ser",
    "podemos pensar",
    "suena a",
    "pienso",
    "alomejor",
    "talvez",
    "quiza",
    "quizas",
    "impresion",
    "compatible",
    "sugiere",
    "sugestiv",
    "posible",
    "posiblemente",
    "huele a",
    "ha de ser",
    "debe ser",
    "apunta",
    "me hace pensar",
    "pensando en",
    "hay que descartar",
    "hay que confirmar",
    "tiene pinta",
];
const EXCLUDED: &[&str] = &[
    "no parece",
    "no creo",
    "no es ",
    "no son ",
    "no tiene",
    "no tienes",
    "no hay",
    "descart",
    "no me parece",
    "no pienso",
    "no suena",
    "tampoco",
    "no traes",
    "no trae",
    "no seria",
    "no veo datos",
];
/// Words before a disease that make it a risk, a purpose or somebody else's.
const ASIDE: &[&str] = &[
    "riesgo de",
    "riesgo",
    "prevenir",
    "evitar",
    "para la",
    "para el",
    "para que no",
    "puede dar",
    "puede causar",
    "puede provocar",
    "vacuna",
    "su mama",
    "su papa",
    "su herman",
    "tu mama",
    "tu papa",
    "tu tia",
    "su tia",
    "antecedente",
    "prueba de",
    "le puede",
    "si le da",
    "si tiene",
    "por si",
    "protege",
    "control de",
    "clinica de",
    "se llama asi",
    "programa de",
    "medicina de",
    "la pastilla de",
    "lo de la",
    "antes de",
    "complicacion",
    "anos con",
    "tiempo con",
];

fn sentence_diagnoses(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
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
    let assessing = stated_as_diagnosis(&words);
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
            None if assessing => hits.push((name, hit)),
            None => {}
        }
    }
    for (name, hit) in hits {
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
    [
        "tiene",
        "tienes",
        "trae ",
        "traes",
        "es una",
        "es un ",
        "se trata",
        "lo que ",
        "se llama",
        "diagnostico",
        "tenemos",
        "esto es",
        "parece",
        "creo que",
        "sospech",
        "probable",
        "corresponde",
        "presenta",
        "cursa con",
        "impresion",
        "ademas",
        "con datos de",
        "ya con",
        "y una",
        "compatible",
        "confirma",
        "no es ",
        "descart",
        "le resumo",
        "en resumen",
        "diagnosticos",
        "le explico",
        "que es ",
        "hay depresion",
        "es mas por",
        "queda como",
        "se queda como",
    ]
    .iter()
    .any(|cue| words.contains(&format!(" {cue}")))
}

/// Diagnoses of the ICD index named in the sentence, by their words as spoken.
pub(super) fn coded(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> Vec<(String, Hit)> {
    let turn = scene.turn(idx);
    let text = scene.spoken(idx, sentence.start, sentence.end);
    let Some(first) = turn.tokens.get(sentence.start) else { return Vec::new() };
    let base = first.start;
    IcdIndex::core()
        .mentions(text)
        .into_iter()
        .filter(|mention| mention.score >= 0.8)
        .filter_map(|mention| {
            let (from, to) = (base + mention.range.start, base + mention.range.end);
            let start = (sentence.start..sentence.end).find(|&at| turn.tokens[at].end > from)?;
            let end = (start..sentence.end).find(|&at| turn.tokens[at].start >= to).unwrap_or(sentence.end);
            if mention.code.as_str().starts_with('M') || VAGUE.contains(&turn.word(start)) && end == start + 1
            {
                return None;
            }
            let is_symptom =
                scene.symptoms[idx].iter().any(|symptom| symptom.start <= start && symptom.end >= end);
            (!is_symptom).then(|| (text[mention.range.clone()].to_lowercase(), Hit { entry: 0, start, end }))
        })
        .collect()
}

/// Words of the index that name no diagnosis by themselves.
const VAGUE: &[&str] = &[
    "infeccion",
    "infecciones",
    "dolor",
    "miedo",
    "alergia",
    "alergias",
    "gota",
    "parasito",
    "virus",
    "inflamacion",
    "herida",
    "golpe",
    "tumor",
    "bola",
    "hongos",
    "cancer",
];

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
    if ASIDE.iter().any(|cue| near.contains(&format!(" {cue}"))) || scene.exam[idx] && !assessing {
        return None;
    }
    let denied = said(turn, hit.start, hit.end) == Said::No;
    if denied
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
    let last_plan = idx * 3 >= scene.doc.turns.len();
    (assessing && last_plan).then_some(Certainty::Confirmed)
}
