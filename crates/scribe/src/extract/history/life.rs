//! How the patient lives: work, who is ill around them.

use super::*;
use crate::context::person::kinship;
use crate::text::TurnDoc;

/// Reads work and contacts from an answer of the patient's side.
pub(super) fn way_of_life(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    occupation(scene, idx, book);
    contact_with_the_ill(scene, idx, book);
    lives_alone(scene, idx, book);
}

/// Questions for the work.
const WORK: &[&str] = &[
    "a que se dedica",
    "a que te dedicas",
    "en que trabaja",
    "en que trabajas",
    "de que trabaja",
    "de que trabajas",
    "cual es su trabajo",
    "que hace usted",
    "su ocupacion",
    "tu ocupacion",
    "su trabajo",
    "vive , que hace",
];

/// Words that lead to the work: how many tokens, and how the work is named.
const LEADS: &[(&[&str], &str)] = &[
    (&["trabajo", "en"], "trabaja en"),
    (&["trabajo", "de"], "trabajo de"),
    (&["trabajo", "como"], "trabajo de"),
    (&["trabajaba", "en"], "trabajó en"),
    (&["trabaje", "en"], "trabajó en"),
    (&["soy"], "ocupación:"),
    (&["manejo"], "maneja"),
    (&["me", "dedico", "a"], "ocupación:"),
    (&["a"], "ocupación:"),
    (&["al"], "ocupación:"),
    (&["hago"], "hace"),
    (&["vendo"], "vende"),
    (&["en"], "trabaja en"),
    (&["de"], "trabajo de"),
];

/// Trades told without being asked for ("es que soy bordadora").
fn is_trade(word: &str) -> bool {
    const TRADES: &[&str] = &[
        "albanil",
        "chofer",
        "campesino",
        "campesina",
        "maestro",
        "maestra",
        "profesor",
        "profesora",
        "ingeniero",
        "ingeniera",
        "contador",
        "contadora",
        "abogado",
        "abogada",
        "comerciante",
        "estudiante",
        "policia",
        "militar",
        "secretaria",
        "cajera",
        "cajero",
        "mecanico",
        "electricista",
        "plomero",
        "soldador",
        "pescador",
        "agricultor",
        "bordadora",
        "bordador",
        "tortillera",
        "taxista",
        "trailero",
        "obrero",
        "obrera",
        "peluquera",
        "estilista",
        "enfermera",
        "enfermero",
        "cocinero",
        "cocinera",
        "mesero",
        "mesera",
        "guardia",
        "velador",
        "jardinero",
        "panadero",
        "panadera",
        "carnicero",
        "taquero",
        "minero",
        "pintor",
        "zapatero",
        "sastre",
        "arquitecto",
        "arquitecta",
        "programador",
        "programadora",
        "vendedor",
        "vendedora",
        "repartidor",
        "jubilado",
        "jubilada",
        "pensionado",
        "pensionada",
        "musico",
        "diseñadora",
        "veterinario",
        "veterinaria",
        "dentista",
        "empacadora",
        "costurera",
        "operador",
        "operadora",
        "gerente",
        "deportista",
        "artesano",
        "artesana",
        "alfarero",
        "herrero",
        "ganadero",
        "jornalero",
        "jornalera",
        "afanador",
        "afanadora",
        "intendente",
        "barbero",
        "manicurista",
    ];
    TRADES.contains(&word)
}

fn occupation(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let asked = scene
        .question_before(idx)
        .is_some_and(|question| question + 1 == idx && asks_with(scene, question, WORK));
    for at in 0..turn.tokens.len() {
        let Some((lead, name)) = LEADS
            .iter()
            .find(|(lead, _)| lead.iter().enumerate().all(|(k, word)| turn.word(at + k) == *word))
        else {
            continue;
        };
        let clear = match lead {
            ["soy"] => is_trade(turn.word(at + 1)) || asked && at < 4,
            ["trabajo" | "trabaje" | "trabajaba", ..] => true,
            ["a" | "al" | "en" | "de" | "hago" | "vendo" | "manejo"] => {
                asked && (at < 4 || lead[0].len() > 3)
            }
            _ => asked,
        };
        let from = at + lead.len();
        let sentence = turn.sentence_of(at);
        if !clear || sentence.question || said(turn, at, from) == Said::No {
            continue;
        }
        if scene.household.who(turn, at, from, false) != Who::Patient {
            continue;
        }
        let Some((start, end)) = noun_phrase(turn, from, sentence.end) else { continue };
        let spoken = scene.spoken(idx, start, end).to_lowercase();
        let hit = Hit { entry: 0, start: at, end };
        book.add(fact(scene, idx, hit, &format!("{name} {spoken}"), Section::Habits, Said::Yes));
        return;
    }
}

/// The first noun after a lead, with what "de" adds to it.
fn noun_phrase(turn: &TurnDoc, from: usize, limit: usize) -> Option<(usize, usize)> {
    let mut start = from;
    while start < limit
        && matches!(turn.word(start), "la" | "el" | "los" | "las" | "un" | "una" | "lo" | "unas" | "unos")
    {
        start += 1;
    }
    let plain = |at: usize| {
        at < limit
            && turn.tokens[at].norm.len() > 3
            && turn.tokens[at].norm.chars().all(char::is_alphabetic)
            && !matches!(
                turn.word(at),
                "nada" | "todo" | "casa" | "donde" | "alla" | "aqui" | "noche" | "dia" | "lunes" | "veces"
            )
    };
    if !plain(start) {
        return None;
    }
    let mut end = start + 1;
    if matches!(turn.word(end), "de" | "del") && plain(end + 1) {
        end += 2;
    }
    Some((start, end))
}

/// Questions for the ill around the patient.
const AROUND: &[&str] = &[
    "alguien enferm",
    "alguien mas enferm",
    "alguien asi",
    "alguien mas con",
    "alguien con lo mismo",
    "alguien cerca",
    "alguien igual",
    "alguien mas en",
    "alguien en su casa",
    "alguien en tu casa",
    "alguien en la casa",
    "alguien en casa",
    "alguien de la casa",
    "contacto con",
    "convivio con",
    "enfermos en casa",
    "alguien mas trae",
    "alguien tiene tos",
];

/// "¿Alguien enfermo en casa?" - "Mi otra niña trajo gripa del kínder.", "No, nadie."
fn contact_with_the_ill(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(question) = scene.question_before(idx).filter(|&question| question + 1 == idx) else { return };
    let asked = scene.turn(question);
    if !asks_with(scene, question, AROUND)
        || asks_with(
            scene,
            question,
            &[
                "familia",
                "fuma",
                "vive",
                "quito la vida",
                "asma",
                "diabet",
                "presion",
                "cancer",
                "alergi",
                "tiroid",
                "migra",
                "corazon",
            ],
        )
    {
        return;
    }
    let turn = scene.turn(idx);
    let sole = asked.sentences.iter().filter(|sentence| sentence.question).count() == 1
        && !asked.tokens.iter().any(|token| token.norm == ",");
    let reply = crate::context::answer::reply(turn);
    let nobody = turn.tokens.iter().any(|token| token.norm == "nadie");
    let somebody = turn.tokens.iter().enumerate().any(|(at, token)| {
        kinship(&token.norm).is_some() && !matches!(turn.word(at.wrapping_sub(1)), "," | "" | "no")
            || [
                "companer",
                "roomie",
                "espos",
                "novi",
                "vecin",
                "amig",
                "generacion",
                "companiero",
                "primit",
                "alumn",
            ]
            .iter()
            .any(|stem| token.norm.starts_with(stem))
    });
    let verdict = match reply {
        Some(Reply::No) if nobody || sole => Said::No,
        _ if nobody => Said::No,
        Some(Reply::Yes) if sole => Said::Yes,
        None | Some(Reply::Yes) if somebody => Said::Yes,
        _ => return,
    };
    let hit = Hit { entry: 0, start: 0, end: turn.tokens.len().min(12) };
    // Who denies it speaks for the household.
    let section = if verdict == Said::No { Section::Family } else { Section::Pathological };
    let mut fact = fact(scene, idx, hit, "contacto con enfermos", section, verdict);
    fact.cite(scene.doc.whole(question));
    fact.confidence = 0.8;
    book.add(fact);
}

/// "¿Con quién vive?" - "Sola, con el perico."
fn lives_alone(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(question) = scene.question_before(idx).filter(|&question| question + 1 == idx) else { return };
    let alone = (0..turn.tokens.len().min(4))
        .find(|&at| matches!(turn.word(at), "sola" | "solo" | "solito" | "solita"));
    let Some(at) = alone.filter(|_| asks_with(scene, question, &["con quien vive", "vive sol", "vives sol"]))
    else {
        return;
    };
    if said(turn, at, at + 1) != Said::No {
        let name = if turn.word(at).ends_with('a') { "vive sola" } else { "vive solo" };
        book.add(fact(
            scene,
            idx,
            Hit { entry: 0, start: at, end: at + 1 },
            name,
            Section::Habits,
            Said::Yes,
        ));
    }
}
