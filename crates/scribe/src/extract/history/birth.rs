//! How a child was born: weeks, way, first days.

use super::*;
use crate::context::answer::Answer;
use crate::text::TurnDoc;

/// Questions for the birth.
const BIRTH: &[&str] = &[
    "nacio",
    "naciste",
    "nacimiento",
    "nacer",
    "prematur",
    "a termino",
    "de termino",
    "embarazo y el parto",
    "fue parto",
    "parto o cesarea",
    "cuando salio de cunero",
];

/// Reads the birth from a question of the clinician and its answer, and from what is told of it unasked.
pub(super) fn born(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if turn.is_doctor() {
        let Some(answer) = &scene.answers[idx] else { return };
        if asks_with(scene, idx, BIRTH) {
            for &t in answer.turns.iter().take(2) {
                told(scene, t, Some(idx), book);
            }
        }
        screening(scene, idx, answer, book);
    } else if turn
        .tokens
        .iter()
        .any(|token| matches!(token.norm.as_str(), "nacio" | "naci" | "sietemesino" | "sietemesina"))
    {
        told(scene, idx, None, book);
    }
}

/// Whether a turn of the patient's side tells of a birth, so that an operation in it is the mother's.
pub(super) fn tells_of_birth(scene: &Scene<'_>, idx: usize) -> bool {
    let turn = scene.turn(idx);
    let asked = scene.question_before(idx).is_some_and(|question| asks_with(scene, question, BIRTH));
    about_patient(scene, turn, asked) && (asked || turn.tokens.iter().any(|token| token.norm == "nacio"))
}

/// Whether the words are about the birth of the patient: a companion speaks of the child, or the patient of themselves.
fn about_patient(scene: &Scene<'_>, turn: &TurnDoc, asked: bool) -> bool {
    let companion = turn.speaker == clinical::transcript::Speaker::Companion;
    let own = turn.tokens.iter().any(|token| token.norm == "naci");
    own || companion && (asked || scene.household.companion_is_parent.is_some())
}

fn told(scene: &Scene<'_>, idx: usize, question: Option<usize>, book: &mut Book) {
    let turn = scene.turn(idx);
    if !about_patient(scene, turn, question.is_some()) {
        return;
    }
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for at in 0..turn.tokens.len() {
        if let Some((end, weeks)) = weeks_at(turn, at) {
            found.push((at, end, if weeks < 37.0 { "prematurez" } else { "nacido de término" }));
        }
        found.extend(named_at(turn, at).map(|name| (at, at + 1, name)));
    }
    found.retain(|&(start, end, _)| !turn.sentence_of(start).question && said(turn, start, end) != Said::No);
    let when = found
        .iter()
        .find(|(_, _, name)| matches!(*name, "prematurez" | "nacido de término"))
        .map(|found| found.2);
    for &(start, end, name) in &found {
        // When and how are one antecedent: "nacido de término por cesárea".
        let by = found.iter().find_map(|(_, _, name)| name.strip_prefix("nacimiento "));
        let name = match (name, when, by) {
            ("nacido de término", _, Some(by)) => format!("nacido de término {by}"),
            (way, Some(_), _) if way.starts_with("nacimiento") => continue,
            _ => name.to_owned(),
        };
        let mut fact =
            fact(scene, idx, Hit { entry: 0, start, end }, &name, Section::Pathological, Said::Yes);
        if let Some(question) = question {
            fact.cite(scene.doc.whole(question));
        }
        book.add(fact);
    }
}

/// What a word tells of a birth.
fn named_at(turn: &TurnDoc, at: usize) -> Option<&'static str> {
    let next = turn.word(at + 1);
    let before = turn.word(at.wrapping_sub(1));
    Some(match turn.word(at) {
        "cesarea" => "nacimiento por cesárea",
        "parto" if matches!(next, "normal" | "natural" | "vaginal") || before == "por" => {
            "nacimiento por parto"
        }
        "sietemesino" | "sietemesina" | "ochomesino" | "prematuro" | "prematura" => "prematurez",
        "antes" if next == "de" && turn.word(at + 2) == "tiempo" => "prematurez",
        "a" | "de" if next == "termino" => "nacido de término",
        "a" if next == "tiempo" => "nacido de término",
        "incubadora" => "estancia en incubadora",
        "fototerapia" => "fototerapia",
        "amarillo" | "amarilla" | "amarillito" | "amarillita" => "ictericia neonatal",
        "llorar" if (at.saturating_sub(3)..at).any(|k| turn.word(k).starts_with("tard")) => {
            "retraso en el llanto al nacer"
        }
        _ => return None,
    })
}

/// "treinta y cinco semanas", "treinta y cinco con cuatro": weeks of pregnancy at birth.
fn weeks_at(turn: &TurnDoc, at: usize) -> Option<(usize, f64)> {
    let number = crate::text::numbers::number_at(&turn.tokens, at)?;
    let lead = turn.word(at.wrapping_sub(1));
    let end = number.end;
    let weeks = (end..end + 4).any(|k| turn.word(k) == "semanas");
    ((24.0..43.0).contains(&number.value) && weeks && !matches!(lead, "hace" | "y" | "tiene"))
        .then_some((end + 1, number.value))
}

/// "¿Le hicieron el tamiz?" - "Sí, salió bien."
fn screening(scene: &Scene<'_>, idx: usize, answer: &Answer, book: &mut Book) {
    if !asks_with(scene, idx, &["tamiz"]) {
        return;
    }
    let first = scene.turn(answer.turns[0]);
    let said_all = first.joined(0, first.tokens.len());
    let well = [" bien", "normal", "negativo"].iter().any(|cue| said_all.contains(cue));
    let (name, verdict) = match answer.reply {
        Some(Reply::No) => ("tamiz neonatal", Said::No),
        _ if well => ("tamiz neonatal normal", Said::Yes),
        Some(Reply::Yes) => ("tamiz neonatal", Said::Yes),
        _ => return,
    };
    let whole = Hit { entry: 0, start: 0, end: scene.turn(idx).tokens.len() };
    let mut fact = fact(scene, idx, whole, name, Section::Pathological, verdict);
    fact.cite(scene.doc.whole(answer.turns[0]));
    fact.confidence = 0.8;
    book.add(fact);
}
