//! What the patient's side tells of the body in its own words, where no lexicon has a name for it: "se me va la quijada",
//! "la planta la traigo partida", "no puedo cerrar el puño".

use super::body_words::{ANEW, BODY, DEGREE, FINE, HAPPENS, HOLDS, SMALL};
use super::{Book, Said, about_medicine, is_hypothetical, long_ago, symptom};
use crate::context::person::Who;
use crate::context::polarity::said;
use crate::mentions::SymptomMention;
use crate::scene::Scene;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;

/// Reads the clauses of a turn that only a symptom can fill.
pub(super) fn told(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    if scene.family[idx] || other_matters(scene, idx) {
        return;
    }
    let turn = scene.turn(idx);
    for sentence in turn.sentences.iter().filter(|sentence| !sentence.question) {
        let mut start = sentence.start;
        while start < sentence.end {
            let end = (start..sentence.end).find(|&at| ends_clause(turn, at)).unwrap_or(sentence.end);
            clause(scene, idx, (start, end), book);
            start = end + 1;
        }
    }
}

/// The clinician just asked for medicines, operations, relatives or habits.
fn other_matters(scene: &Scene<'_>, idx: usize) -> bool {
    scene.question_before(idx).is_some_and(|asked| {
        let turn = scene.turn(asked);
        let last = turn.sentences.iter().rev().find(|sentence| sentence.question);
        last.is_some_and(|sentence| super::items::other_topic(turn, *sentence))
    })
}

fn ends_clause(turn: &TurnDoc, at: usize) -> bool {
    turn.tokens[at].is_punct()
        || matches!(
            turn.word(at),
            "pero"
                | "porque"
                | "cuando"
                | "aunque"
                | "desde"
                | "hace"
                | "entonces"
                | "osea"
                | "si"
                | "para"
                | "por"
        )
        || turn.word(at) == "y" && starts_anew(turn.word(at + 1))
        || turn.word(at) == "que" && !matches!(turn.word(at.wrapping_sub(1)), "como" | "siento" | "siente")
}

fn starts_anew(word: &str) -> bool {
    ANEW.contains(&word)
}

/// One clause: its frame, the words that fill it, and whether they tell of the body.
fn clause(scene: &Scene<'_>, idx: usize, (start, end): (usize, usize), book: &mut Book) {
    let turn = scene.turn(idx);
    let Some((from, to)) = framed(scene, idx, start, end) else { return };
    let overlaps = |a: usize, b: usize| a < to && from < b;
    let taken = scene.symptoms[idx].iter().any(|m| overlaps(m.start, m.end))
        || scene.diseases[idx].iter().any(|hit| overlaps(hit.start, hit.end))
        || scene.studies[idx].iter().any(|hit| overlaps(hit.start, hit.end))
        || scene.drugs[idx].iter().any(|drug| drug.start < end && start < drug.end)
        || turn.tokens[start..end].iter().any(|token| token.dead)
        || (start..end).any(|at| {
            number_at(&turn.tokens, at).is_some() && turn.word(at) != "un" && turn.word(at) != "una"
        });
    if taken {
        return;
    }
    let unable = cannot(turn, from, end);
    let spoken = |from: usize| scene.spoken(idx, from, to).to_lowercase();
    let mention = SymptomMention {
        name: unable.map_or_else(|| spoken(from), |verb| hindered(scene, idx, (verb, to), &spoken(verb))),
        start: from,
        end: to,
        about: None,
    };
    if scene.household.who(turn, from, to, false) != Who::Patient
        || is_hypothetical(scene, idx, &mention)
        || about_medicine(scene, idx, &mention)
        || long_ago(scene, idx, &mention)
    {
        return;
    }
    let said = if unable.is_some() { Said::Yes } else { said(turn, from, to) };
    // What is denied without having been asked is told of something else too often.
    if said == Said::No {
        return;
    }
    book.add(symptom(scene, idx, &mention, said, 0.6));
}

/// "La muñeca, no la puedo ni mover": what is hard, with the place named before it when the verb stands alone.
fn hindered(scene: &Scene<'_>, idx: usize, (verb, to): (usize, usize), spoken: &str) -> String {
    let turn = scene.turn(idx);
    let first = turn.sentence_of(verb).start;
    let place = (to == verb + 1)
        .then(|| {
            scene
                .lex
                .sites
                .matcher
                .find(&turn.tokens)
                .into_iter()
                .rev()
                .find(|s| s.start >= first && s.end <= verb)
        })
        .flatten();
    match place {
        Some(site) => format!("dificultad para {spoken} {}", scene.lex.sites.entries[site.entry].name),
        None => format!("dificultad para {spoken}"),
    }
}

/// The words of a clause that tell of the body, by its frame.
fn framed(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> Option<(usize, usize)> {
    let turn = scene.turn(idx);
    for at in start..end {
        if let Some(verb) = cannot(turn, at, end) {
            return names_body(scene, idx, verb, end).then_some((at, short(turn, at, end)));
        }
        if let Some(verb) = befalls(turn, at, end) {
            let about = turn.word(verb + 1) == "lo" && turn.word(verb + 2) == "de";
            let told = names_body(scene, idx, start, end) && end - verb <= 7 && !about;
            let from =
                if names_body(scene, idx, verb, end) { at } else { site_before(scene, idx, start, at) };
            return told.then_some((from, short(turn, from, end)));
        }
        if let Some(quality) = holds(turn, at, end) {
            let from = site_before(scene, idx, start, at);
            return (from < at).then_some((from, short(turn, from, quality + 1)));
        }
    }
    None
}

/// "no puedo cerrar el puño", "me cuesta abrocharme": where the verb of what is hard begins.
fn cannot(turn: &TurnDoc, at: usize, end: usize) -> Option<usize> {
    let able = |k: usize| matches!(turn.word(k), "puedo" | "puede" | "podia" | "pude" | "pudo");
    let unable = (turn.word(at) == "no").then(|| (at + 1..end.min(at + 4)).find(|&k| able(k))).flatten();
    let batalls = matches!(turn.word(at), "batallo" | "batalla").then_some(at);
    let costs = (matches!(turn.word(at), "me" | "le") && matches!(turn.word(at + 1), "cuesta" | "costaba"))
        .then_some(at + 1);
    let after = unable.or(batalls).or(costs)? + 1;
    (after..end.min(after + 3)).find(|&k| infinitive(turn.word(k)))
}

fn infinitive(word: &str) -> bool {
    let bare = ["me", "se", "le", "lo", "la", "los", "las"]
        .iter()
        .find_map(|clitic| word.strip_suffix(clitic))
        .unwrap_or(word);
    [bare, word]
        .iter()
        .any(|word| word.len() > 3 && ["ar", "er", "ir"].iter().any(|ending| word.ends_with(ending)))
}

/// "se me va", "me truena", "se le cierra": what happens by itself.
fn befalls(turn: &TurnDoc, at: usize, end: usize) -> Option<usize> {
    let verb = match (turn.word(at), turn.word(at + 1)) {
        ("se", "me" | "le") => at + 2,
        ("me" | "le", next) if next.len() > 3 => at + 1,
        _ => return None,
    };
    let word = turn.word(verb);

    (verb < end && HAPPENS.contains(&word)).then_some(verb)
}

/// "la traigo partida", "está hinchado", "me salió turbia", "se ve morada": a thing and how it is.
fn holds(turn: &TurnDoc, at: usize, end: usize) -> Option<usize> {
    let holds = HOLDS.contains(&turn.word(at));
    if !holds {
        return None;
    }
    let quality = (at + 1..end.min(at + 5)).find(|&k| !DEGREE.contains(&turn.word(k)))?;
    let word = turn.word(quality);
    let told = word.len() > 4
        && [
            "ada", "ado", "adas", "ados", "ida", "ido", "idas", "idos", "osa", "oso", "osas", "osos", "iza",
            "izo",
        ]
        .iter()
        .any(|ending| word.ends_with(ending))
        || is_quality(word);
    (told && !is_fine(word)).then_some(quality)
}

fn is_fine(word: &str) -> bool {
    FINE.contains(&word)
}

/// Where the place named in the words before the verb begins; the verb itself when none is.
fn site_before(scene: &Scene<'_>, idx: usize, start: usize, at: usize) -> usize {
    let tokens = &scene.turn(idx).tokens;
    let sites = scene.lex.sites.matcher.find(tokens);
    let organs = scene.lex.organs.matcher.find(tokens);
    let named = sites
        .iter()
        .chain(&organs)
        .filter(|hit| hit.start >= start && hit.end <= at)
        .map(|hit| hit.start)
        .min();
    let function = (start..at).find(|&k| is_function(scene.turn(idx).word(k)));
    named.into_iter().chain(function).min().unwrap_or(at)
}

/// The words name a part of the body, what it gives off or what it does.
fn names_body(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> bool {
    let turn = scene.turn(idx);
    let within =
        |hits: Vec<crate::lexicon::pattern::Hit>| hits.iter().any(|hit| hit.start >= start && hit.end <= end);
    within(scene.lex.sites.matcher.find(&turn.tokens))
        || within(scene.lex.organs.matcher.find(&turn.tokens))
        || (start..end).any(|at| is_function(turn.word(at)))
}

/// What the body does or gives off.
fn is_function(word: &str) -> bool {
    BODY.contains(&word)
}

/// At most eight words, without the small ones at the end.
fn short(turn: &TurnDoc, from: usize, end: usize) -> usize {
    let mut to = end.min(from + 8);
    while to > from + 1 && SMALL.contains(&turn.word(to - 1)) {
        to -= 1;
    }
    to
}

/// Adjectives of what is not well that no ending gives away.
fn is_quality(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "rojo",
        "roja",
        "rojos",
        "rojas",
        "seca",
        "seco",
        "secas",
        "secos",
        "reseca",
        "dura",
        "duro",
        "duras",
        "duros",
        "floja",
        "flojo",
        "turbia",
        "turbio",
        "chueca",
        "chueco",
        "tiesa",
        "tieso",
        "tiesas",
        "tiesos",
        "gorda",
        "gordo",
        "fria",
        "frias",
        "frio",
        "verde",
        "negra",
        "negro",
        "blanca",
        "blanco",
        "amarilla",
        "amarillo",
        "amarillos",
        "debil",
        "palida",
        "palido",
        "grande",
        "enorme",
        "caliente",
        "gruesa",
        "oscura",
        "oscuro",
        "rara",
        "raro",
        "sonso",
        "sonsa",
        "guango",
        "guanga",
        "lento",
        "lenta",
        "ronca",
        "ronco",
    ];
    STEMS.contains(&word)
}
