//! Allergens in the words of an answer ("El huevo, de bebé.", "Ketorolaco. Polen.") and allergies denied in passing.

use super::*;
use crate::text::Token;

/// Things that are not medicines to which people are allergic, by their first word; folded.
const THINGS: &[&str] = &[
    "huevo",
    "huevos",
    "leche",
    "lacteos",
    "mariscos",
    "marisco",
    "camaron",
    "camarones",
    "pescado",
    "cacahuate",
    "cacahuates",
    "nuez",
    "nueces",
    "almendras",
    "fresa",
    "fresas",
    "kiwi",
    "platano",
    "pina",
    "durazno",
    "melon",
    "sandia",
    "mango",
    "aguacate",
    "jitomate",
    "chocolate",
    "trigo",
    "gluten",
    "soya",
    "ajonjoli",
    "polvo",
    "acaros",
    "polen",
    "pasto",
    "gato",
    "gatos",
    "perro",
    "perros",
    "humedad",
    "moho",
    "cucarachas",
    "plumas",
    "latex",
    "niquel",
    "bisuteria",
    "micropore",
    "curitas",
    "tinte",
    "yodo",
    "contraste",
    "abeja",
    "abejas",
    "avispa",
    "avispas",
    "hormigas",
    "lana",
    "detergente",
    "cloro",
    "perfume",
    "perfumes",
    "jabon",
    "formol",
    "ambrosia",
    "colorantes",
];

/// Whether a word names a thing people are allergic to.
pub(super) fn is_thing(word: &str) -> bool {
    THINGS.contains(&word)
}

/// The allergens a short answer names one after the other, each in a sentence or after a comma of its own: a medicine or a
/// known thing, with at most an article before it.
pub(super) fn named(scene: &Scene<'_>, idx: usize, question: usize, book: &mut Book) -> bool {
    let turn = scene.turn(idx);
    let mut found = false;
    let whole = turn.joined(0, turn.tokens.len());
    if ["no es alergia", "ni alergia es", "no alergia", "no era alergia", "no fue alergia"]
        .iter()
        .any(|cue| whole.contains(cue))
    {
        return false;
    }
    for sentence in turn.sentences.iter().filter(|sentence| !sentence.question) {
        let told = turn.joined(sentence.start, sentence.end);
        let other = [
            "tomo",
            "toma",
            "uso ",
            "cada ",
            "diari",
            "operar",
            "me cae bien",
            "sin bronca",
            "no me",
            "no le",
        ]
        .iter()
        .any(|cue| told.contains(cue));
        let dosed = (sentence.start..sentence.end).any(|at| {
            crate::text::numbers::number_at(&turn.tokens, at).is_some_and(|number| number.value > 4.0)
                || turn.word(at) == "al" && turn.word(at + 1) == "dia"
        });
        if other || dosed {
            continue;
        }
        let mut at = sentence.start;
        while at < sentence.end {
            let from = opening(turn, at);
            let ends = |end: usize| {
                turn.tokens.get(end).is_none_or(|next| {
                    next.is_punct() || matches!(next.norm.as_str(), "y" | "me" | "le" | "se" | "de" | "desde")
                })
            };
            let drug =
                scene.drugs[idx].iter().find(|drug| drug.start == from && ends(drug.end) && !drug.class_only);
            let thing = is_thing(turn.word(from)) && ends(from + 1);
            let (name, end) = match drug {
                Some(drug) => (drug.name.clone(), drug.end),
                None if thing => (scene.spoken(idx, from, from + 1).to_lowercase(), from + 1),
                None => {
                    at = next_item(turn, at, sentence.end);
                    continue;
                }
            };
            at = next_item(turn, end, sentence.end);
            let own = scene.household.who(turn, from, end, false) == Who::Patient;
            let kept = !reactions::overcome(turn, end)
                && crate::context::polarity::said(turn, from, end) != crate::context::Said::No
                && turn.word(end) != "no";
            if own && kept {
                let mut fact = ClinicalFact::new(
                    FactKind::Allergy,
                    name,
                    turn.speaker,
                    scene.doc.evidence(idx, from, end),
                );
                fact.attributes.reaction = reaction(scene, idx, end, sentence.end);
                fact.cite(scene.doc.whole(question));
                book.add(fact);
                found = true;
            }
        }
    }
    found
}

/// Past the "y", the "a" and the article that may open an item.
fn opening(turn: &TurnDoc, at: usize) -> usize {
    let mut from = at;
    while matches!(
        turn.word(from),
        "y" | "a" | "al" | "el" | "la" | "los" | "las" | "tambien" | "ah" | "pues" | "sí" | ","
    ) && from < at + 5
    {
        from += 1;
    }
    from
}

/// Where the next item of a list begins: behind the next comma or "y".
fn next_item(turn: &TurnDoc, at: usize, end: usize) -> usize {
    (at..end)
        .find(|&k| turn.tokens.get(k).is_some_and(Token::is_punct) || turn.word(k) == "y")
        .map_or(end, |k| k + 1)
        .max(at + 1)
}

/// "Alergias no tengo", "sin alergias", "alergias, ninguna", "alergias conocidas tampoco": denied in passing.
pub(super) fn denied(turn: &TurnDoc) -> Option<(usize, usize)> {
    (0..turn.tokens.len()).find_map(|at| {
        if !matches!(turn.word(at), "alergia" | "alergias") || turn.sentence_of(at).question {
            return None;
        }
        let before = (turn.word(at.wrapping_sub(2)), turn.word(at.wrapping_sub(1)));
        if matches!(before, (_, "sin" | "niega") | ("no", "tengo" | "tiene" | "padezco" | "padece" | "hay")) {
            return Some((at.saturating_sub(2), at + 1));
        }
        let small = |word: &str| {
            matches!(
                word,
                "conocidas"
                    | "a"
                    | "medicamentos"
                    | "medicinas"
                    | ","
                    | "que"
                    | "yo"
                    | "sepa"
                    | "sepamos"
                    | "pues"
                    | "ya"
                    | "de"
                    | "ningun"
                    | "tipo"
            )
        };
        let word = (at + 1..turn.tokens.len().min(at + 6)).find(|&k| !small(turn.word(k)))?;
        let no = match turn.word(word) {
            "ninguna" | "ningunas" | "negadas" | "nada" | "tampoco" => true,
            "no" => {
                let next = turn.tokens.get(word + 1);
                next.is_none_or(|next| {
                    next.is_punct()
                        || matches!(next.norm.as_str(), "tengo" | "tiene" | "hay" | "que" | "conocidas")
                })
            }
            _ => false,
        };
        no.then_some((at, word + 1))
    })
}
