//! Allergies told by what happens: "la penicilina me saca ronchas", "con la sulfa me salieron ampollas"; and what is badly
//! borne without being an allergy: "el naproxeno me cae pesado".

use super::*;
use crate::context::person::Who;
use crate::facts::Section;

/// What an allergy looks like on the skin, the face or the throat.
const SIGNS: &[&str] = &[
    "roncha",
    "hinch",
    "urticaria",
    "ampolla",
    "grano",
    "comezon",
    "rash",
    "sarpullido",
    "salpullido",
    "anafila",
    "ahog",
    "puntito",
    "pica",
    "colorad",
    "cierra",
    "cerro",
    "asma",
];

/// What is a burden, and no allergy.
const BURDENS: &[&str] = &[
    "mal",
    "pesad",
    "asco",
    "nausea",
    "vomit",
    "gastritis",
    "diarrea",
    "chorro",
    "sueno",
    "mare",
    "estomago",
    "agruras",
    "fatal",
    "estrine",
    "estrin",
    "duele",
    "dolia",
    "dolian",
    "dolor",
    "inflama",
    "cansa",
    "irrita",
    "sube",
    "baja",
];

/// An allergen with its reaction.
pub(super) struct Told {
    pub(super) name: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the reaction is told.
    pub(super) sign: usize,
}

/// The allergens of a turn told by their reaction. Foods and things count only where allergies are spoken of.
pub(super) fn by_reaction(scene: &Scene<'_>, idx: usize, asked: bool) -> Vec<Told> {
    let turn = scene.turn(idx);
    let mut out: Vec<Told> = Vec::new();
    for at in 0..turn.tokens.len() {
        if !matches!(turn.word(at), "me" | "le" | "se" | "nos") || turn.sentence_of(at).question {
            continue;
        }
        let sentence = turn.sentence_of(at);
        let Some(sign) = (at + 1..(at + 6).min(sentence.end))
            .take_while(|&k| !turn.tokens[k].is_punct())
            .find(|&k| SIGNS.iter().any(|stem| turn.word(k).starts_with(stem)))
        else {
            continue;
        };
        if at > 0 && matches!(turn.word(at - 1), "no" | "nunca" | "ni") {
            continue;
        }
        let Some((name, start, end)) = subject(scene, idx, sentence.start, at, asked) else { continue };
        let known = out.iter().any(|told| told.start < end && start < told.end);
        if !known && scene.household.who(turn, start, end, false) == Who::Patient {
            out.push(Told { name, start, end, sign });
        }
    }
    out
}

/// What stands before the reaction: a medicine, or with an article a thing.
fn subject(
    scene: &Scene<'_>,
    idx: usize,
    first: usize,
    at: usize,
    asked: bool,
) -> Option<(String, usize, usize)> {
    let turn = scene.turn(idx);
    let drug = scene.drugs[idx].iter().rev().find(|drug| {
        drug.start >= first
            && drug.end <= at
            && at - drug.end <= 5
            && !(drug.end..at).any(|k| matches!(turn.word(k), "no" | "tome" | "pero"))
    });
    if let Some(drug) = drug {
        let led = drug.start == first
            || matches!(
                turn.word(drug.start - 1),
                "el" | "la" | "los" | "las" | "con" | "que" | "," | "una" | "de" | "al" | "a"
            );
        return led.then(|| (drug.name.clone(), drug.start, drug.end));
    }
    if !asked {
        return None;
    }
    let mut end = at;
    while end > first
        && (matches!(turn.word(end - 1), "sí" | "si" | "ese" | "esa" | "se" | "tambien" | "siempre" | "y")
            || turn.tokens[end - 1].is_punct())
    {
        end -= 1;
    }
    let article =
        (first..end).rev().take(4).find(|&k| matches!(turn.word(k), "el" | "la" | "los" | "las" | "al"))?;
    if matches!(turn.word(article.wrapping_sub(1)), "en" | "de" | "por" | "cierra" | "hincha" | "hinchan") {
        return None;
    }
    // "Ni me la mencione": a pronoun before a verb, no article.
    if matches!(turn.word(article.wrapping_sub(1)), "me" | "te" | "se" | "nos") {
        return None;
    }
    let start = article + 1;
    let noun = start < end && end - start <= 3 && allergen_like(turn, start);
    let body = [
        "ojo", "labio", "boca", "cara", "piel", "mano", "cuerpo", "garganta", "lengua", "panza", "noche",
        "vez", "pecho", "doctor", "escuela",
    ]
    .iter()
    .any(|stem| turn.word(start).starts_with(stem));
    (noun && !body).then(|| (scene.spoken(idx, start, end).to_lowercase(), start, end))
}

/// "El metronidazol me cae pesado", "el ibuprofeno me sube la presión": an intolerance, kept among the antecedents.
pub(super) fn badly_borne(scene: &Scene<'_>, idx: usize, asked: bool, book: &mut Book) {
    let turn = scene.turn(idx);
    for drug in &scene.drugs[idx] {
        let sentence = turn.sentence_of(drug.start);
        let limit = sentence.end.min(drug.end + 8);
        let verb = (drug.end..limit).find(|&at| {
            matches!(turn.word(at), "me" | "le")
                && (["cae", "caen", "cayo"].contains(&turn.word(at + 1))
                    || asked
                        && BURDENS
                            .iter()
                            .any(|stem| (at + 1..at + 4).any(|k| turn.word(k).starts_with(stem))))
        });
        let Some(at) = verb else { continue };
        let well = (at..limit).any(|k| matches!(turn.word(k), "bien" | "nada"));
        let signs = (at..limit)
            .any(|k| SIGNS.iter().any(|stem| turn.word(k).starts_with(stem)) && turn.word(k) != "hincho");
        if drug.class_only || sentence.question || well || signs || turn.word(at.wrapping_sub(1)) == "no" {
            continue;
        }
        intolerance(scene, idx, &drug.name, (drug.start, limit), book);
    }
}

/// Adds an intolerance.
pub(super) fn intolerance(
    scene: &Scene<'_>,
    idx: usize,
    drug: &str,
    (start, end): (usize, usize),
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    if scene.household.who(turn, start, start + 1, false) != Who::Patient {
        return;
    }
    let mut fact = ClinicalFact::new(
        FactKind::History,
        format!("intolerancia a {drug}"),
        turn.speaker,
        scene.doc.evidence(idx, start, end),
    );
    fact.attributes.section = Some(Section::Pathological);
    fact.confidence = 0.8;
    book.add(fact);
}

/// Whether the words say that it was borne well, is borne by now or was disproved.
pub(super) fn overcome(turn: &TurnDoc, from: usize) -> bool {
    let after = turn.joined(from, from + 16);
    [
        "ya lo come",
        "ya la come",
        "ya los come",
        "ya lo tolera",
        "ya la tolera",
        "salio que no",
        "ya se le quito",
        "no me hizo nada",
        "no le hizo nada",
        "no me paso nada",
        "no le paso nada",
        "y nada",
        "sí la he tomado",
        "sí lo he tomado",
        "se la han dado",
    ]
    .iter()
    .any(|cue| after.contains(cue))
}
