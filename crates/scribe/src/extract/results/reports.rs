//! Reports read aloud: what an image or an endoscopy shows, clause by clause, and values of studies no lexicon lists.

use super::{is_drug_here, is_ordered, unit};
use crate::extract::Book;
use crate::extract::findings::{describes, is_talk};
use crate::facts::{ClinicalFact, FactKind};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;

/// Tests whose report is told in words, beside all images.
const TOLD: &[&str] = &[
    "endoscopia",
    "colonoscopia",
    "biopsia",
    "electrocardiograma",
    "ecocardiograma",
    "papanicolaou",
    "colposcopia",
    "espirometría",
    "electroencefalograma",
    "Holter",
    "prueba de esfuerzo",
    "fondo de ojo",
    "campo visual",
    "histeroscopia",
];

/// What begins a report: "la tomografía dice", "el ultrasonido:".
fn opens_report(word: &str) -> bool {
    word == ":"
        || [
            "dice", "decia", "dijo", "report", "muestr", "mostr", "vio", "ve", "ven", "encontr", "salio",
            "sale", "trae", "describ",
        ]
        .iter()
        .any(|stem| if stem.len() < 4 { word == *stem } else { word.starts_with(stem) })
}

/// The clauses of the report of an image or an endoscopy, each a result of its own.
pub(super) fn shown(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if !turn.is_doctor() {
        return;
    }
    for &hit in &scene.studies[idx] {
        let entry = &scene.lex.studies.entries[hit.entry];
        let told = entry.info == "image" || TOLD.contains(&entry.name.as_str());
        let sentence = turn.sentence_of(hit.start);
        let before = turn.joined(hit.start.saturating_sub(7).max(sentence.start), hit.start);
        if !told || sentence.question || is_ordered(&before) {
            continue;
        }
        let limit = sentence.end.min(hit.end + 7);
        let Some(cue) = (hit.end..limit).find(|&at| opens_report(turn.word(at))) else { continue };
        let mut start = cue + 1;
        while start < sentence.end {
            let end = (start..sentence.end).find(|&at| ends_clause(turn, at)).unwrap_or(sentence.end);
            clause(scene, idx, hit, (start, end), book);
            start = end + 1;
        }
    }
}

fn ends_clause(turn: &TurnDoc, at: usize) -> bool {
    let word = turn.word(at);
    turn.tokens[at].is_punct()
        || matches!(word, "pero" | "ni")
        || word == "y"
            && matches!(
                turn.word(at + 1),
                "sin" | "no" | "el" | "la" | "los" | "las" | "un" | "una" | "otro" | "hay"
            )
}

fn clause(scene: &Scene<'_>, idx: usize, study: Hit, (start, end): (usize, usize), book: &mut Book) {
    let turn = scene.turn(idx);
    let filler = |word: &str| {
        matches!(
            word,
            "que"
                | "un"
                | "una"
                | "el"
                | "la"
                | "los"
                | "las"
                | "hay"
                | "se"
                | "ve"
                | "con"
                | "y"
                | "tiene"
                | "como"
                | "de"
        )
    };
    let Some(from) = (start..end).find(|&at| !filler(turn.word(at))) else { return };
    let to = end.min(from + 9);
    let words: Vec<&str> = (from..to).map(|at| turn.word(at)).collect();
    let told = words.iter().any(|word| {
        describes(word)
            || matches!(*word, "sin" | "centimetros" | "milimetros" | "normal" | "normales" | "bien")
    }) || words.starts_with(&["no"]);
    let other = scene.studies[idx].iter().any(|hit| hit.start < to && from < hit.end && *hit != study);
    let content = words.iter().filter(|word| word.len() > 3 && word.chars().all(char::is_alphabetic)).count();
    if !told
        || other
        || content == 0
        || content == 1 && words.len() == 1 && matches!(words[0], "normal" | "bien")
        || words.iter().any(|word| is_talk(word))
    {
        return;
    }
    let name = format!(
        "{}: {}",
        scene.lex.studies.entries[study.entry].name,
        scene.spoken(idx, from, to).to_lowercase()
    );
    let mut fact =
        ClinicalFact::new(FactKind::Result, name, turn.speaker, scene.doc.evidence(idx, study.start, to));
    fact.confidence = 0.6;
    book.add(fact);
}

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
            word.len() >= 3 && word.chars().all(char::is_alphabetic) && !is_talk(word) && !is_function(word)
        });
    let other = scene.studies[idx].iter().any(|hit| hit.start < value && first < hit.end)
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
            | "lunes"
            | "martes"
            | "miercoles"
            | "jueves"
            | "viernes"
            | "sabado"
            | "domingo"
            | "enero"
            | "febrero"
            | "marzo"
            | "abril"
            | "mayo"
            | "junio"
            | "julio"
            | "agosto"
            | "septiembre"
            | "octubre"
            | "noviembre"
            | "diciembre"
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
