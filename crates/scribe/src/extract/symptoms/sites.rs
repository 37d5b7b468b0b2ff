//! A place named in answer to a question about a sensation: "¿Se le hincha algo?" "De los pies no, la cara poquito."

use super::{Book, Said, symptom};
use crate::context::answer::{Reply, asks};
use crate::context::polarity::said;
use crate::lexicon::pattern::Hit;
use crate::mentions::{SymptomMention, spread_name};
use crate::scene::Scene;
use crate::text::TurnDoc;

/// Reads the places an answer names, with the sensation that was asked about.
pub(super) fn answered(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = scene.answers[idx].as_ref().filter(|_| !scene.family[idx] && !scene.exam[idx]) else {
        return;
    };
    let spread = asked_spread(scene, idx);
    let sensation = asked_sensation(scene, turn).filter(|_| !spread);
    if !spread && sensation.is_none() {
        return;
    }
    let first = answer.turns[0];
    let said_by = scene.turn(first);
    for site in scene.lex.sites.matcher.find(&said_by.tokens) {
        let sentence = said_by.sentence_of(site.start);
        let own = scene.symptoms[first]
            .iter()
            .any(|mention| mention.start < sentence.end && sentence.start < mention.end);
        let far = said_by.sentences.iter().take(2).all(|early| early.start != sentence.start);
        if own || far || sentence.question || !bare(said_by, site) {
            continue;
        }
        let heard = said(said_by, site.start, site.end);
        if heard == Said::Yes && answer.reply == Some(Reply::No) {
            continue;
        }
        let name = match sensation {
            Some(sensation) => scene.lex.sensation_at(sensation.entry, site.entry),
            None => Some(spread_name(scene.lex, site)),
        };
        let Some(name) = name else { continue };
        let mention = SymptomMention { name, start: site.start, end: site.end, about: Some(idx) };
        book.add(symptom(scene, first, &mention, heard, 0.8));
    }
}

/// "¿Qué le pasa?" "Las rodillas, doctor.": a place alone, told as the complaint, is where it hurts.
pub(super) fn complained(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = scene.answers[idx].as_ref().filter(|_| !scene.family[idx] && !scene.exam[idx]) else {
        return;
    };
    let asked =
        format!(" {} ", turn.joined(turn.sentences.last().map_or(0, |last| last.start), turn.tokens.len()));
    if !OPENING.iter().any(|cue| asked.contains(cue)) {
        return;
    }
    let first = answer.turns[0];
    let told = scene.turn(first);
    let Some(sentence) = told.sentences.first() else { return };
    for site in scene.lex.sites.matcher.find(&told.tokens) {
        let own = scene.symptoms[first]
            .iter()
            .any(|mention| mention.start < sentence.end && sentence.start < mention.end);
        if site.end > sentence.end || own || !bare(told, site) {
            continue;
        }
        let name = scene.lex.sites.entries[site.entry].info.clone();
        let heard = said(told, site.start, site.end);
        let mention = SymptomMention { name, start: site.start, end: site.end, about: Some(idx) };
        book.add(symptom(scene, first, &mention, heard, 0.8));
    }
}

/// "Tomo naproxeno, para la espalda": where it hurts is what the medicine is taken for.
pub(super) fn treated(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    const ACHING: &[&str] = &[
        "cabeza",
        "espalda",
        "región lumbar",
        "rodilla",
        "hombro",
        "cuello",
        "cadera",
        "pierna",
        "dientes",
        "muela",
        "articulaciones",
        "tobillo",
        "muñeca",
        "codo",
        "talón",
    ];
    let turn = scene.turn(idx);
    if scene.drugs[idx].is_empty() || scene.family[idx] {
        return;
    }
    for site in scene.lex.sites.matcher.find(&turn.tokens) {
        let entry = &scene.lex.sites.entries[site.entry];
        let purpose = matches!(turn.word(site.start.wrapping_sub(1)), "la" | "el" | "las" | "los" | "mi")
            && turn.word(site.start.wrapping_sub(2)) == "para";
        if !purpose || !ACHING.contains(&entry.name.as_str()) || turn.sentence_of(site.start).question {
            continue;
        }
        let mention =
            SymptomMention { name: entry.info.clone(), start: site.start, end: site.end, about: None };
        book.add(symptom(scene, idx, &mention, Said::Yes, 0.7));
    }
}

/// Questions for the complaint.
const OPENING: &[&str] = &[
    " que le pasa ",
    " que te pasa ",
    " que tiene ",
    " que tienes ",
    " que le molesta ",
    " que te molesta ",
    " mas le molesta ",
    " que le duele ",
    " que te duele ",
    " que lo trae ",
    " que la trae ",
    " que te trae ",
    " que le aqueja ",
    " que lo aqueja ",
    " en que le puedo ",
    " en que la puedo ",
    " en que lo puedo ",
    " en que te puedo ",
    " en que puedo ",
    " cuenteme ",
    " cuentame ",
    " digame ",
    " dime ",
    " que siente ",
    " que sientes ",
    " que le paso ",
    " que te paso ",
    " que paso ",
    " que le anda pasando ",
    " que molestias ",
    " a que viene ",
    " por que viene ",
    " que la tiene ",
    " que lo tiene ",
    " que hubo ",
    " que sucedio ",
    " que se siente ",
    " donde le duele ",
    " donde te duele ",
    " donde es el dolor ",
];

/// "¿Se le corre a algún lado, al brazo?": whether the last question is where a pain goes to.
fn asked_spread(scene: &Scene<'_>, idx: usize) -> bool {
    const GOES: &[&str] = &[" corre ", " va ", " baja ", " sube ", " recorre ", " pasa ", " irradia "];
    const SOMEWHERE: &[&str] = &[" algun lado ", " otro lado ", " alguna parte ", " otra parte "];
    let turn = scene.turn(idx);
    let last = turn.sentences.iter().enumerate().rev().find(|(number, _)| asks(turn, *number));
    let Some((_, last)) = last else { return false };
    let said = format!(" {} ", turn.joined(last.start, last.end));
    let says = |cues: &[&str]| cues.iter().any(|cue| said.contains(cue));
    let named = scene.symptoms[idx].iter().any(|mention| {
        mention.start >= last.start && mention.end <= last.end && mention.name.starts_with("irradiación")
    });
    named || said.contains(" se ") && says(GOES) && says(SOMEWHERE)
}

/// The sensation of the clinician's last question, when it names one.
fn asked_sensation(scene: &Scene<'_>, turn: &TurnDoc) -> Option<Hit> {
    let (number, last) = turn.sentences.iter().enumerate().rev().find(|(number, _)| asks(turn, *number))?;
    let said = format!(" {} ", turn.joined(turn.sentences[number].start, last.end));
    if [" aqui ", " ahi ", " toco", " aprieto", " cuando "].iter().any(|cue| said.contains(cue)) {
        return None;
    }
    scene
        .lex
        .sensations
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .rev()
        .find(|hit| hit.start >= last.start && hit.end <= last.end)
        .filter(|hit| {
            let head = scene.lex.sensations.entries[hit.entry].name.as_str();
            matches!(
                head,
                "dolor" | "edema" | "prurito" | "parestesias" | "calambres" | "debilidad" | "ardor"
            )
        })
}

/// A place by itself: "en la cintura", "las rodillas, pero desde que engordé", "los pies no". A place with a verb of its own
/// ("la cabeza la sostiene") tells of something else.
fn bare(turn: &TurnDoc, site: Hit) -> bool {
    let sentence = turn.sentence_of(site.start);
    let before = (sentence.start..site.start).all(|at| {
        turn.tokens[at].is_punct()
            || matches!(
                turn.word(at),
                "en" | "de"
                    | "del"
                    | "la"
                    | "el"
                    | "las"
                    | "los"
                    | "aqui"
                    | "aca"
                    | "ahi"
                    | "pues"
                    | "sí"
                    | "mi"
                    | "mis"
                    | "nomas"
                    | "toda"
                    | "todo"
                    | "y"
                    | "a"
                    | "al"
                    | "es"
                    | "este"
                    | "esta"
                    | "abajo"
                    | "arriba"
                    | "lado"
                    | "como"
                    | "un"
                    | "poco"
                    | "solo"
                    | "atras"
                    | "por"
                    | "hasta"
                    | "no"
                    | "bueno"
                    | "doctor"
                    | "doctora"
            )
    });
    let next = turn.word(site.end);
    let side = matches!(next, "derecho" | "derecha" | "izquierdo" | "izquierda" | "de");
    before
        && (side
            || next.is_empty()
            || turn.tokens[site.end].is_punct()
            || matches!(
                next,
                "no" | "sí" | "tampoco" | "tambien" | "y" | "en" | "pero" | "poquito" | "cuando"
            ))
}
