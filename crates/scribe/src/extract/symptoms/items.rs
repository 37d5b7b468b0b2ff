//! Things asked about that no lexicon lists: each item of a question is a symptom when only a symptom can stand there.

use super::{Book, Said, symptom};
use crate::context::answer::{Answer, Reply, asks, takes_for_granted};
use crate::context::person::points_elsewhere;
use crate::context::polarity::said;
use crate::mentions::SymptomMention;
use crate::scene::Scene;
use crate::text::{Sentence, TurnDoc};

/// One thing asked about, without the words that only ask.
struct Item {
    start: usize,
    end: usize,
    frame: Frame,
    /// The verb it is seen, heard or felt by.
    verb: Option<String>,
}

/// What makes an item a symptom.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Something happens to the patient: "se le va la fuerza", "le truena la mandíbula".
    Befalls,
    /// Something is felt, seen or heard: "siente que la persiguen".
    Perceives,
    /// A thing one may have: only beside symptoms, or when it names a part of the body.
    Thing,
}

/// Reads the unlisted items of a clinician's questions with their answers.
pub(super) fn unlisted(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = scene.answers[idx].as_ref().filter(|_| !scene.family[idx] && !scene.exam[idx]) else {
        return;
    };
    let mut items = Vec::new();
    let mut known = 0;
    for (number, sentence) in turn.sentences.iter().enumerate() {
        if !asks(turn, number) || takes_for_granted(turn, *sentence) || other_topic(turn, *sentence) {
            continue;
        }
        known += scene.symptoms[idx]
            .iter()
            .filter(|mention| mention.start >= sentence.start && mention.end <= sentence.end)
            .count();
        items.extend(items_of(scene, idx, *sentence));
    }
    let clinical = |item: &Item| match item.frame {
        Frame::Befalls => known > 0 || names_body(scene, idx, item),
        Frame::Perceives => known > 0 || item.end - item.start > 1 && names_body(scene, idx, item),
        Frame::Thing if item.verb.is_some() => known > 0,
        Frame::Thing => {
            item.end - item.start > 1 && names_body(scene, idx, item) || known > 0 && is_complaint(turn, item)
        }
    };
    items.retain(clinical);
    let alone = items.len() == 1 && known == 0;
    let few = items.len() <= 2 && known == 0;
    for item in &items {
        let Some((verdict, at)) = verdict(scene, (idx, answer), item, (alone, few)) else { continue };
        let spoken = scene.spoken(idx, item.start, item.end).to_lowercase();
        let name = match item.verb.as_deref() {
            Some(verb @ ("ve" | "ves" | "oye" | "oyes")) => {
                format!("{} {spoken}", verb.trim_end_matches('s'))
            }
            _ => spoken,
        };
        let mention = SymptomMention { name, start: item.start, end: item.end, about: None };
        let mut fact = symptom(scene, idx, &mention, verdict, 0.7);
        fact.said_by = scene.turn(at).speaker;
        fact.cite(scene.doc.whole(at));
        book.add(fact);
    }
}

/// What a question is about when it is not about how the patient feels.
const TOPICS: &[&str] = &[
    "alergi",
    "operad",
    "operar",
    "operaron",
    "medicin",
    "medicament",
    "pastill",
    "familia",
    "vacun",
    "fuma",
    "cigarr",
    "alcohol",
    "toma ",
    "tomas ",
    "tomado",
    "tomando",
    "trabaj",
    "dedica",
    "vive ",
    "hijos",
    "embaraz",
    "estudios",
    "analisis",
    "mama ",
    "papa ",
    "padres",
    "hermanos",
    "enfermedad",
    "diabetes",
    "azucar",
    "hipertens",
    "antes de ahora",
    "duda",
    "pregunta",
    "de acuerdo",
    "entendio",
    "le parece",
    "puedo ",
    "quiere ",
    "seguro",
    "cita",
    "receta",
    "desayun",
    "operacion",
    "cirugia",
    "hospital",
    "internad",
    "tratamiento",
    "droga",
    "mascota",
    "perro",
    "gato",
    "viaj",
    "casa",
    "relaciones sexuales",
    "pareja",
    "novio",
    "condon",
    "regla",
    "menstrua",
    "lentes",
    "peso al nacer",
    "nacio",
    "cartilla",
];

/// Questions about something else than how the patient feels.
pub(super) fn other_topic(turn: &TurnDoc, sentence: Sentence) -> bool {
    let said = format!("{} ", turn.joined(sentence.start, sentence.end));
    TOPICS.iter().any(|topic| said.contains(topic))
}

/// Words that open an item and only ask.
const LEADS: &[&str] = &[
    "¿",
    "y",
    "o",
    "ni",
    "a",
    "ver",
    "entonces",
    "bueno",
    "oiga",
    "tambien",
    "alguna",
    "algun",
    "algunas",
    "algunos",
    "vez",
    "ha",
    "has",
    "han",
    "he",
    "tenido",
    "tiene",
    "tienes",
    "tuvo",
    "tuviste",
    "trae",
    "traes",
    "habido",
    "hay",
    "presenta",
    "presentado",
    "algo",
    "de",
    "mucho",
    "mucha",
    "un",
    "una",
    "unos",
    "unas",
    "el",
    "la",
    "los",
    "las",
    "su",
    "sus",
    "tu",
    "tus",
    "como",
    "mas",
    "todavia",
    "ahorita",
    "padece",
    "padecido",
    "nota",
    "notado",
    "notas",
    "ok",
    "pues",
    "usted",
    "no",
    "nada",
    "dado",
    "da",
    "dan",
    "dio",
    "hasta",
    "del",
    "al",
    "en",
    "con",
    "sin",
    "esta",
    "estado",
    "ya",
];

fn leads(word: &str) -> bool {
    LEADS.contains(&word)
}

fn items_of(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> Vec<Item> {
    let turn = scene.turn(idx);
    let mut out = Vec::new();
    let mut start = sentence.start;
    let mut senses = None;
    while start < sentence.end {
        let end = (start..sentence.end).find(|&at| parts(turn, at)).unwrap_or(sentence.end);
        let verb = (start..end).find(|&at| perceives(turn.word(at))).map(|at| turn.word(at).to_owned());
        if let Some(mut item) = item(scene, idx, start, end) {
            // "¿Ve halos, luces, manchas?": the verb of the first holds for the others.
            if item.frame == Frame::Thing && verb.is_none() && senses.is_some() {
                item.verb.clone_from(&senses);
            }
            item.verb = item.verb.or(verb.clone());
            out.push(item);
        }
        let heads = (start..end).any(|at| clitic_verb(turn, at));
        senses = verb.or(senses.filter(|_| !heads));
        start = end + 1;
    }
    out
}

fn perceives(word: &str) -> bool {
    matches!(word, "siente" | "sientes" | "sentido" | "oye" | "oyes" | "ve" | "ves" | "visto" | "oido")
}

fn parts(turn: &TurnDoc, at: usize) -> bool {
    turn.tokens[at].is_punct() && turn.word(at) != "¿" || matches!(turn.word(at), "o" | "ni")
}

fn item(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> Option<Item> {
    let turn = scene.turn(idx);
    let mut from = (start..end).find(|&at| !leads(turn.word(at)) || clitic_verb(turn, at))?;
    let frame = if clitic_verb(turn, from) {
        Frame::Befalls
    } else if turn.word(from) == "que"
        && clitic_verb(turn, from + 1)
        && turn.word(from.wrapping_sub(1)) == ","
    {
        // "pesadillas, que se ponga triste": what befalls is asked for in the subjunctive.
        from += 1;
        Frame::Befalls
    } else if perceives(turn.word(from)) {
        from += 1;
        while from < end && leads(turn.word(from)) {
            from += 1;
        }
        Frame::Perceives
    } else {
        Frame::Thing
    };
    let overlaps = |a: usize, b: usize| a < end && from < b;
    let taken = scene.symptoms[idx].iter().any(|m| overlaps(m.start, m.end))
        || scene.diseases[idx].iter().any(|hit| overlaps(hit.start, hit.end))
        || scene.studies[idx].iter().any(|hit| overlaps(hit.start, hit.end))
        || scene.drugs[idx].iter().any(|drug| overlaps(drug.start, drug.end));
    let end = (from..end).rev().find(|&at| !trails(turn.word(at)))? + 1;
    let content = (from..end).filter(|&at| turn.word(at).len() > 3 && !is_site(scene, idx, at)).count();
    let bare = matches!(
        turn.word(from),
        "que" | "por" | "para" | "antes" | "aquel" | "debajo" | "mitad" | "lo" | "casi"
    );
    let aching = frame == Frame::Befalls && (from..end).any(|at| turn.word(at).starts_with("duel"));
    if bare || aching {
        return None;
    }
    let everyday = (from..end).any(|at| everyday(turn.word(at)));
    let dead = turn.tokens[from..end].iter().any(|token| token.dead);
    (!taken && !everyday && !dead && content >= 1 && end - from <= 7).then_some(Item {
        start: from,
        end,
        frame,
        verb: None,
    })
}

/// Words at the end of an item that say how much or when.
fn trails(word: &str) -> bool {
    matches!(
        word,
        "tantito"
            | "ahorita"
            | "tambien"
            | "tampoco"
            | "mucho"
            | "poco"
            | "poquito"
            | "eso"
            | "asi"
            | "algo"
            | "hoy"
            | "antes"
            | "ahi"
            | "aqui"
            | "hace"
            | "fuerte"
            | "distinto"
    )
}

/// Only the place of something asked before: "¿sangrado? ¿de las encías?".
fn is_site(scene: &Scene<'_>, idx: usize, at: usize) -> bool {
    let tokens = &scene.turn(idx).tokens;
    scene.lex.sites.matcher.find(tokens).iter().any(|hit| hit.start <= at && at < hit.end)
        || ["brazo", "costill", "orina", "base", "hueso", "mitad", "derech", "izquierd"]
            .iter()
            .any(|stem| tokens[at].norm.starts_with(stem))
}

/// "se le va", "le truena", "te arde": a pronoun and what happens to its person.
fn clitic_verb(turn: &TurnDoc, at: usize) -> bool {
    let verb = match (turn.word(at), turn.word(at + 1)) {
        ("se", "le" | "te" | "les") => at + 2,
        ("se" | "le" | "te", next) if next.len() > 3 => at + 1,
        _ => return false,
    };
    let word = turn.word(verb);
    let third =
        word.ends_with(['a', 'e', 'o']) || word.ends_with("an") || word.ends_with("en") || word == "va";
    third && !ACTS.iter().any(|stem| word.starts_with(stem))
}

/// Verbs of what a person does or is done to, and not of what befalls the body.
const ACTS: &[&str] = &[
    "toma", "tome", "llam", "dedic", "acuerd", "cuid", "mid", "chec", "pus", "aplic", "inyect", "vacun",
    "hizo", "hace", "oper", "dier", "dije", "hicier", "pusier", "manda", "gust", "parec", "dio", "dan", "da",
    "ayud", "sirv", "qued", "lleva", "trat", "haya", "digo", "dice", "explic", "receta", "recet", "indic",
    "alimen", "bana", "vist", "puede", "puedo", "falt", "toc", "preocup", "interes", "acomod", "coment",
    "pregunt", "moles", "enoj", "protej", "fue", "deja", "sabe", "siente", "siento", "platic", "pas", "marc",
];

/// Nouns and verbs of everyday talk: no symptom is made of them.
fn everyday(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "hij", "seguro", "cita", "estudi", "recet", "medic", "tratam", "dieta", "ejercic", "cafe", "vacun",
        "mascot", "perr", "gat", "animal", "famil", "espos", "novi", "casa", "escuel", "diner", "tiemp",
        "dud", "pregunt", "papel", "operac", "cirug", "enfermed", "hospital", "intern", "embaraz",
        "relacion", "metod", "lente", "aparat", "permis", "nombre", "edad", "telefon", "anos", "kilo",
        "doctor", "ayuno", "insulin", "libret", "muestr", "firm", "regla", "papa", "mama", "trabaj", "comid",
        "desayun", "cena", "verdad", "cierto", "bien", "mejor", "peor", "igual", "diari", "seguid", "todo",
        "dias", "semana", "noche", "sentad", "parad", "acostad", "caminand", "peor", "dolor", "problem",
        "infecc", "hubo", "ruidit", "pint", "quimic", "manana", "tarde", "lado", "donde", "cuant", "cuand",
        "quien", "porque", "algun", "nadie", "resto", "demas", "cosa", "otra", "otro", "ella", "don", "dona",
        "senor", "joven", "caso", "ejempl", "aqui",
    ];
    STEMS.iter().any(|stem| word.starts_with(stem))
}

/// The endings of nouns for what is felt or seen on the body: "hervores", "secreción", "escurrimiento", "punzadas".
fn is_complaint(turn: &TurnDoc, item: &Item) -> bool {
    const ENDINGS: &[&str] = &[
        "ores", "cion", "ciones", "miento", "mientos", "azon", "azones", "edad", "ncia", "ncias", "adas",
        "illas", "itas", "itos", "ones", "azo", "azos", "ujo", "ura", "uras", "idez", "eo", "eos", "ido",
        "idos", "emia", "uria", "algia", "itis", "osis", "patia",
    ];
    let word = turn.word(item.start);
    word.len() > 4 && ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// The item names a part of the body or a clinical thing.
fn names_body(scene: &Scene<'_>, idx: usize, item: &Item) -> bool {
    let turn = scene.turn(idx);
    let within = |hits: Vec<crate::lexicon::pattern::Hit>| {
        hits.iter().any(|hit| hit.start >= item.start && hit.end <= item.end)
    };
    within(scene.lex.sites.matcher.find(&turn.tokens))
        || within(scene.lex.organs.matcher.find(&turn.tokens))
        || within(scene.lex.sensations.matcher.find(&turn.tokens))
        || within(scene.lex.findings.matcher.find(&turn.tokens))
}

/// What the answer says to an item, and the turn that says it.
fn verdict(
    scene: &Scene<'_>,
    (idx, answer): (usize, &Answer),
    item: &Item,
    (alone, few): (bool, bool),
) -> Option<(Said, usize)> {
    let question = scene.turn(idx);
    let roots: Vec<String> = (item.start..item.end)
        .map(|at| question.word(at))
        .filter(|word| word.len() > 3)
        .map(|word| word.chars().take(5).collect())
        .collect();
    for &answering in &answer.turns {
        let turn = scene.turn(answering);
        let echo = (0..turn.tokens.len()).find(|&at| {
            turn.word(at).len() > 3 && roots.iter().any(|root| turn.word(at).starts_with(root.as_str()))
        });
        if let Some(at) = echo {
            let elsewhere = points_elsewhere(turn, at + 1)
                || (at + 1..at + 4)
                    .any(|k| matches!(turn.word(k), "bien" | "normal" | "normales" | "perfecto"));
            let heard = if elsewhere { Said::No } else { said(turn, at, at + 1) };
            let plain_no = answer.reply == Some(Reply::No) && heard == Said::Yes;
            let heard = if plain_no { Said::No } else { heard };
            // Of a thing only its denial is sure: "¿ceniza?" "ceniza de cigarro" tells of something else.
            return (heard == Said::No || item.frame != Frame::Thing).then_some((heard, answering));
        }
    }
    let first = *answer.turns.first()?;
    match answer.reply {
        _ if answer.rest_denied => Some((Said::No, first)),
        Some(Reply::No) => Some((Said::No, first)),
        Some(Reply::NoLonger) if alone => Some((Said::Past, first)),
        Some(Reply::Yes) if few && item.frame == Frame::Befalls => Some((Said::Yes, first)),
        Some(Reply::Yes) if alone && item.frame != Frame::Thing || answer.all_affirmed => {
            Some((Said::Yes, first))
        }
        _ => None,
    }
}
