//! Symptoms, present and denied, from statements and from questions with their answers.

use crate::context::Said;
use crate::context::person::Who;
use crate::context::polarity::said;
use crate::facts::{ClinicalFact, FactKind, Polarity, Time};
use crate::mentions::SymptomMention;
use crate::scene::Scene;
use crate::text::quantity::{duration_at, first_duration};

mod asked;
mod body_words;
mod functions;
mod items;
mod measured;
mod own_words;
mod sites;

use super::Book;
use asked::asked;

/// Reads the symptoms of a consultation.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        measured::read(scene, idx, book);
        if scene.turn(idx).is_doctor() {
            asked(scene, idx, book);
            functions::asked(scene, idx, book);
            items::unlisted(scene, idx, book);
            sites::answered(scene, idx, book);
            sites::complained(scene, idx, book);
            asked::presupposed(scene, idx, book);
        } else {
            stated(scene, idx, book);
            own_words::told(scene, idx, book);
            sites::treated(scene, idx, book);
        }
    }
    chief_complaint(scene, book);
}

/// What the patient's side says in its own words.
fn stated(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if scene.family[idx] {
        return;
    }
    for mention in &scene.symptoms[idx] {
        let sentence = turn.sentence_of(mention.start);
        if sentence.question || is_hypothetical(scene, idx, mention) || about_medicine(scene, idx, mention) {
            continue;
        }
        if scene.household.who(turn, mention.start, mention.end, false) != Who::Patient {
            continue;
        }
        if only_provokes(turn, mention) {
            continue;
        }
        let likened = turn.word(mention.start.wrapping_sub(2)) == "como"
            && matches!(turn.word(mention.start.wrapping_sub(1)), "un" | "una" | "unos" | "unas");
        let unknown = crate::context::polarity::unknown(turn, mention.end);
        if likened || unknown || nearly(scene, idx, mention) || long_ago(scene, idx, mention) {
            continue;
        }
        let said = said(turn, mention.start, mention.end);
        book.add(symptom(scene, idx, mention, said, 0.9));
    }
}

/// "si brinco o toso me duele", "cuando estornudo": what brings a complaint on is no complaint itself.
fn only_provokes(turn: &crate::text::TurnDoc, mention: &SymptomMention) -> bool {
    let acts =
        matches!(mention.name.as_str(), "tos" | "estornudos" | "pujo" | "llanto" | "disnea de esfuerzo");
    let first = turn.sentence_of(mention.start).start;
    let infinitive = matches!(turn.word(mention.start), "toser" | "estornudar" | "pujar" | "reir");
    acts && (infinitive
        || (mention.start.saturating_sub(5).max(first)..mention.start)
            .rev()
            .take_while(|&at| !matches!(turn.word(at), "," | "y") || turn.word(at + 1) == "o")
            .any(|at| matches!(turn.word(at), "cuando" | "si" | "al")))
}

/// "casi me desmayo": it did not happen; "se le cayó la taza": something else fell.
fn nearly(scene: &Scene<'_>, idx: usize, mention: &SymptomMention) -> bool {
    let turn = scene.turn(idx);
    let near = mention.start.saturating_sub(2)..mention.end;
    // "Se me cae la cuchara", "la costra se cae": a thing falls.
    let thing = |at: usize| {
        turn.word(at) == "se" && turn.word(at + 1) == "me"
            || matches!(
                turn.word(at),
                "costra" | "costras" | "pelo" | "cabello" | "diente" | "dientes" | "cosas"
            )
    };
    if mention.name == "caída" && (mention.start.saturating_sub(3)..mention.end).any(thing) {
        return true;
    }
    if mention.name == "caída" && near.into_iter().any(|at| matches!(turn.word(at), "le" | "les")) {
        return true;
    }
    matches!(mention.name.as_str(), "síncope" | "caída")
        && (mention.start.saturating_sub(4)..mention.start).any(|at| turn.word(at) == "casi")
}

/// "hace cinco años tuve ... tenía dolor de pecho": part of an old story, told in the past tense in the same turn.
fn long_ago(scene: &Scene<'_>, idx: usize, mention: &SymptomMention) -> bool {
    let turn = scene.turn(idx);
    let years = (0..mention.start).any(|at| {
        turn.word(at) == "hace"
            && duration_at(&turn.tokens, if turn.word(at + 1) == "como" { at + 2 } else { at + 1 })
                .is_some_and(|d| d.days >= 360.0)
    });
    let sentence = turn.sentence_of(mention.start);
    let told = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let young = [
        " cuando tenia ",
        " de joven",
        " de nino ",
        " de nina ",
        " de chiquito",
        " de chiquita",
        " de chico ",
    ]
    .iter()
    .any(|cue| told.contains(cue));
    let once = [" de joven", " de nino ", " de nina ", " de chiquito", " de chiquita"]
        .iter()
        .any(|cue| told.contains(cue));
    if young && mention.name == "caída" || once && !told.contains(" desde ") {
        return true;
    }
    // "Hace un año vomitó sangre": what a sentence dates years back is an old story, unless it lasts since then.
    let dated = (sentence.start..mention.start).any(|at| {
        turn.word(at) == "hace"
            && !matches!(turn.word(at.wrapping_sub(1)), "desde" | "de")
            && duration_at(&turn.tokens, if turn.word(at + 1) == "como" { at + 2 } else { at + 1 })
                .is_some_and(|d| d.days >= 360.0 && d.end <= mention.start && turn.word(d.end) != "que")
    });
    let past = (mention.start..mention.end).any(|at| {
        let word = scene.spoken(idx, at, at + 1).to_lowercase();
        word.ends_with(['ó', 'é']) || word.ends_with("ieron") || word.ends_with("aron")
    });
    if dated && past {
        return true;
    }
    let before = turn.joined(mention.start.saturating_sub(4), mention.start);
    years
        && (turn.word(mention.start) == "vomite"
            || ["tenia", "tuve", "me dio", "me daba", "sentia", "me salio", "vomite", "me paso"]
                .iter()
                .any(|cue| before.contains(cue)))
}

fn symptom(
    scene: &Scene<'_>,
    idx: usize,
    mention: &SymptomMention,
    said: Said,
    confidence: f32,
) -> ClinicalFact {
    let kind = if said == Said::No { FactKind::DeniedSymptom } else { FactKind::Symptom };
    let evidence = scene.doc.evidence(idx, mention.start, mention.end);
    let mut fact = ClinicalFact::new(kind, mention.name.clone(), scene.turn(idx).speaker, evidence);
    fact.confidence = confidence;
    if let Some(about) = mention.about {
        fact.cite(scene.doc.whole(about));
    }
    match said {
        Said::No => fact.polarity = Polarity::Denied,
        Said::Past => fact.time = Time::Past,
        Said::Yes => {}
    }
    if said != Said::No {
        fact.attributes.onset = onset(scene, idx, mention);
    }
    fact
}

/// "desde hace tres días", "hace dos semanas", "desde ayer" in the sentence of the mention.
pub(crate) fn onset(scene: &Scene<'_>, idx: usize, mention: &SymptomMention) -> Option<String> {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(mention.start);
    // "Me duele desde hace tres días, y traigo calentura": the clause that follows has a date of its own, or none.
    let elsewhere = |at: usize| {
        (at + 1..mention.start).any(|k| {
            matches!(turn.word(k), "," | "y") && (is_clause_word(turn.word(k + 1)) || turn.word(k + 1) == "y")
        })
    };
    for at in (sentence.start..sentence.end).filter(|&at| !elsewhere(at)) {
        match turn.word(at) {
            "hace" | "llevo" | "lleva" | "tengo" | "tiene" | "de" => {
                let from = if matches!(turn.word(at + 1), "como" | "unos" | "unas" | "casi" | "mas") {
                    at + 2
                } else {
                    at + 1
                };
                if let Some(duration) = duration_at(&turn.tokens, from)
                    .filter(|d| turn.word(at) != "de" || turn.word(d.end) == "para")
                {
                    return Some(duration.text);
                }
            }
            "desde" => {
                if let Some(duration) = first_duration(&turn.tokens, at, sentence.end.min(at + 5)) {
                    return Some(duration.text);
                }
                let end = (at + 1..sentence.end.min(at + 5))
                    .find(|&k| {
                        turn.tokens[k].is_punct()
                            || matches!(turn.word(k), "y" | "que" | "con")
                            || k > at + 1 && is_clause_word(turn.word(k))
                    })
                    .unwrap_or(sentence.end.min(at + 4));
                if end > at + 1 {
                    return Some(scene.spoken(idx, at, end).to_lowercase());
                }
            }
            _ => {}
        }
    }
    None
}

/// A verb or pronoun that ends the words of a date: "desde antier trae dolor".
fn is_clause_word(word: &str) -> bool {
    matches!(
        word,
        "trae"
            | "traigo"
            | "tengo"
            | "tiene"
            | "me"
            | "le"
            | "se"
            | "no"
            | "esta"
            | "estoy"
            | "anda"
            | "ando"
            | "siento"
            | "siente"
            | "ha"
            | "he"
            | "yano"
            | "empezo"
            | "duele"
    )
}

/// "si camino mucho" is a symptom under a condition; "no vaya a ser", "me da miedo que" is none.
fn is_hypothetical(scene: &Scene<'_>, idx: usize, mention: &SymptomMention) -> bool {
    let turn = scene.turn(idx);
    let from = mention.start.saturating_sub(7).max(turn.sentence_of(mention.start).start);
    let before = turn.joined(from, mention.start);
    // "Naproxeno, para el dolor de espalda": what the medicine is taken for is felt.
    let pain =
        mention.name.starts_with("dolor") || mention.name.ends_with("algia") || mention.name == "cefalea";
    if pain && !scene.drugs[idx].is_empty() && before.ends_with("para el") {
        return false;
    }
    [
        "vaya a ser",
        "miedo que",
        "miedo de",
        "para que no",
        "no quiero que",
        "evitar",
        "pensaba que era",
        "va a dar",
        "por si",
        "para el",
        "para la",
        "para los",
        "es bueno para",
    ]
    .iter()
    .any(|cue| before.contains(cue))
        && !before.ends_with("para el bano")
}

/// "la pastilla para la tos", "alergia: me salen ronchas": words that belong to a medicine or an allergy.
fn about_medicine(scene: &Scene<'_>, idx: usize, mention: &SymptomMention) -> bool {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(mention.start);
    let near = turn.joined(sentence.start, sentence.end);
    let whole = turn.joined(0, turn.tokens.len());
    if near.contains("alergi") || whole.contains("alergi") && !scene.drugs[idx].is_empty() {
        return true;
    }
    let asked_allergy = scene.question_before(idx).is_some_and(|q| {
        let asked = scene.turn(q);
        asked.joined(0, asked.tokens.len()).contains("alergi")
    });
    asked_allergy && !scene.symptoms[idx].is_empty()
}

/// Whether a question of the clinician accompanies touching ("¿le duele aquí?").
pub(super) fn touches(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> bool {
    let words = scene.turn(idx).joined(start, end);
    scene.exam[idx]
        && [
            "aqui",
            "aprieto",
            "aprieta",
            "toco",
            "pego",
            "presiono",
            "palpo",
            "ahi",
            "muevo",
            "levanto",
            "doblo",
            "siente el",
            "siente cuando",
            "este lado",
        ]
        .iter()
        .any(|cue| words.split(' ').any(|word| word == *cue) || cue.contains(' ') && words.contains(cue))
}

/// The first thing the patient's side complains of.
fn chief_complaint(scene: &Scene<'_>, book: &mut Book) {
    let first = book
        .of(FactKind::Symptom)
        .filter(|fact| fact.confidence >= 0.9)
        .min_by_key(|fact| fact.evidence.first().copied())
        .cloned();
    if let Some(mut fact) = first {
        fact.kind = FactKind::ChiefComplaint;
        let evidence = fact.evidence.first().copied();
        fact.evidence.retain(|e| Some(*e) == evidence);
        if evidence.is_some_and(|e| e.turn < scene.doc.turns.len()) {
            book.add(fact);
        }
    }
}
