//! Reports read aloud: what an image or an endoscopy shows, clause by clause.

use super::is_ordered;
use crate::extract::Book;
use crate::extract::findings::{describes, is_talk};
use crate::facts::{ClinicalFact, FactKind};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::{Sentence, TurnDoc};

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

/// The clauses of the report of an image or an endoscopy, each a result of its own. A report goes on in the sentences that
/// follow while they only describe.
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
        let bedside = entry.name == "fondo de ojo" && scene.exam[idx];
        if !told || bedside || sentence.question || is_ordered(&before) {
            continue;
        }
        let limit = sentence.end.min(hit.end + 7);
        let cue = (hit.end..limit).find(|&at| opens_report(turn.word(at))).map(|at| at + 1);
        let Some(start) = cue.or_else(|| described(scene, idx, hit, sentence)) else { continue };
        clauses(scene, idx, hit, (start, sentence.end), book);
        for next in turn.sentences.iter().filter(|next| next.start >= sentence.end) {
            if !goes_on(scene, idx, *next) {
                break;
            }
            clauses(scene, idx, hit, (next.start, next.end), book);
        }
    }
}

fn clauses(scene: &Scene<'_>, idx: usize, study: Hit, (mut start, limit): (usize, usize), book: &mut Book) {
    let turn = scene.turn(idx);
    while start < limit {
        let end = (start..limit).find(|&at| ends_clause(turn, at)).unwrap_or(limit);
        clause(scene, idx, study, (start, end), book);
        start = end + 1;
    }
}

/// "La placa de tórax con datos de bronquitis", "el electro, ritmo sinusal": a report without a verb, where nothing is ordered.
fn described(scene: &Scene<'_>, idx: usize, hit: Hit, sentence: Sentence) -> Option<usize> {
    let turn = scene.turn(idx);
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let planned = [
        " pid", " hacer", " hag", " mand", " toca", " cada ", " traiga", " semanas", " meses ", " necesit",
        " quiero ",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    let first = format!(" {} ", turn.joined(sentence.start, hit.start));
    let named =
        [" el ", " la ", " las ", " los ", " su ", " tu "].iter().any(|article| first.ends_with(article));
    if planned || !named {
        return None;
    }
    let end = sentence.end.min(hit.end + 6);
    let at = (hit.end..end).find(|&at| matches!(turn.word(at), "con" | "sin" | "," | "es" | "fue"))?;
    Some(if turn.word(at) == "sin" { at } else { at + 1 })
}

/// A sentence that only describes, and begins nothing else.
fn goes_on(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> bool {
    let turn = scene.turn(idx);
    let within = |start: usize, end: usize| start >= sentence.start && end <= sentence.end;
    let other = scene.studies[idx].iter().any(|hit| within(hit.start, hit.end))
        || scene.drugs[idx].iter().any(|drug| within(drug.start, drug.end));
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let talks = [
        " usted",
        " eso ",
        " esto ",
        " vamos",
        " entonces",
        " le ",
        " te ",
        " me ",
        " que ",
        " presion ",
        " pulso ",
        " por ",
        " ya ",
        " va ",
        " ahora ",
        " bien ",
        " bueno ",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    !other && !talks && !sentence.question && sentence.end - sentence.start <= 16
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
    let named = turn.word(start.wrapping_sub(1)) == "con" || turn.word(start) == "con";
    let told = named
        || words.iter().any(|word| {
            describes(word)
                || matches!(*word, "sin" | "centimetros" | "milimetros" | "normal" | "normales" | "bien")
        })
        || words.starts_with(&["no"]);
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
