//! Values of studies no lexicon lists, read among others: "osmolaridad doscientos noventa", "nuez, cero".

use clinical::calendar::MONTHS;

use super::{is_drug_here, unit};
use crate::extract::Book;
use crate::extract::findings::is_talk;
use crate::facts::{ClinicalFact, FactKind};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::numbers::number_at;
use crate::text::quantity::WEEKDAYS;

/// "Litio cero punto cuarenta y dos" among the values of a report: a study the lexicon does not know.
pub(super) fn unlisted(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let read: Vec<(usize, usize)> = book
        .of(FactKind::Result)
        .filter(|fact| fact.attributes.value.is_some())
        .flat_map(|fact| fact.evidence.clone())
        .filter(|evidence| evidence.turn == idx)
        .map(|evidence| (evidence.start, evidence.end))
        .collect();
    if !turn.is_doctor() || read.len() < 2 {
        return;
    }
    let mut at = 0;
    while at < turn.tokens.len() {
        let counted = number_at(&turn.tokens, at).filter(|_| !matches!(turn.word(at), "un" | "una"));
        let Some(number) = counted else {
            at += 1;
            continue;
        };
        let (from, to) = (turn.tokens[at].start, turn.tokens[number.end - 1].end);
        let known = read.iter().any(|&(start, end)| start < to && from < end);
        if let Some(first) =
            named_before(scene, idx, at).filter(|_| !known && !counts_something(turn.word(number.end)))
        {
            let name = scene.spoken(idx, first, at).trim_end_matches([' ', ',']).to_lowercase();
            let mut fact = ClinicalFact::new(
                FactKind::Result,
                name,
                turn.speaker,
                scene.doc.evidence(idx, first, number.end),
            );
            fact.attributes.value = Some(number.value);
            fact.attributes.unit = unit(turn, number.end);
            fact.confidence = 0.6;
            book.add(fact);
        }
        at = number.end;
    }
}

/// Where the name before a value begins: one to three words after a point, a comma or "y".
fn named_before(scene: &Scene<'_>, idx: usize, value: usize) -> Option<usize> {
    let turn = scene.turn(idx);
    // "Cacahuate, once milímetros.": a pause may stand before the value, when the name opens its sentence.
    let pause = matches!(turn.word(value.wrapping_sub(1)), "," | ":");
    let value = if pause { value - 1 } else { value };
    let opens = turn.sentence_of(value).start;
    if pause && value - opens > 3 {
        return None;
    }
    let mut first = value;
    while first > 0 && value - first < 4 {
        let word = turn.word(first - 1);
        if turn.tokens[first - 1].is_punct()
            || matches!(word, "y" | "el" | "la" | "su" | "tu" | "los" | "las" | "con")
        {
            break;
        }
        first -= 1;
    }
    let words: Vec<&str> = (first..value).map(|at| turn.word(at)).collect();
    let plain = !words.is_empty()
        && words.len() <= 3
        && words.iter().all(|word| {
            word.len() >= 3
                && word.chars().all(char::is_alphabetic)
                && !is_talk(word)
                && !is_function(word)
                && !WEEKDAYS.contains(word)
                && !MONTHS.contains(word)
        });
    let examined =
        scene.lex.organs.matcher.find(&turn.tokens).iter().any(|hit| hit.start >= first && hit.end <= value);
    let other = examined
        || scene.studies[idx].iter().any(|hit| hit.start < value && first < hit.end)
        || is_drug_here(scene, idx, Hit { entry: 0, start: first, end: value });
    (plain && !other).then_some(first)
}

fn is_function(word: &str) -> bool {
    matches!(
        word,
        "cada"
            | "hace"
            | "para"
            | "por"
            | "desde"
            | "hasta"
            | "entre"
            | "como"
            | "unos"
            | "unas"
            | "casi"
            | "mas"
            | "menos"
            | "estaba"
            | "esta"
            | "era"
            | "son"
            | "tenia"
            | "tiene"
            | "salio"
            | "subio"
            | "bajo"
            | "baja"
            | "dosis"
            | "tableta"
            | "tomas"
            | "tome"
            | "tipo"
            | "grado"
            | "clase"
            | "etapa"
            | "estadio"
            | "normal"
            | "limite"
            | "meta"
            | "tope"
            | "que"
            | "uno"
            | "una"
            | "dos"
            | "tres"
            | "presion"
            | "pulso"
            | "peso"
            | "talla"
            | "temperatura"
            | "otra"
            | "ojo"
            | "previa"
            | "previas"
            | "previo"
            | "abduccion"
            | "flexion"
            | "extension"
            | "rotacion"
            | "otro"
            | "anterior"
            | "antes"
            | "los"
            | "las"
            | "del"
            | "pasada"
            | "sobre"
    )
}

/// "tres semanas", "dos veces": a number of something else.
fn counts_something(word: &str) -> bool {
    [
        "semana",
        "dia",
        "mes",
        "ano",
        "hora",
        "minuto",
        "vez",
        "vece",
        "tableta",
        "pastilla",
        "gota",
        "miligramo",
        "dosis",
        "punto de",
        "sobre",
        "cm",
        "piez",
    ]
    .iter()
    .any(|stem| word.starts_with(stem))
}
