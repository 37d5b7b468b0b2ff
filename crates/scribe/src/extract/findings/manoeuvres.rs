//! What hurts when it is touched, pressed or moved, and what is felt under the hand: signs made of a verb and a place.

use super::*;

/// Organs whose being felt or grown is a sign with a name of its own.
const FELT: &[(&str, &str)] = &[
    ("hígado", "hepatomegalia"),
    ("bazo", "esplenomegalia"),
    ("vejiga", "globo vesical"),
    ("tiroides", "bocio"),
];

/// "Hígado y bazo no los palpo", "la vejiga no se palpa", "sin hígado ni bazo crecidos", "el bazo lo toco".
pub(super) fn palpated(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    let organs = scene.lex.organs.matcher.find(&turn.tokens);
    for at in sentence.start..sentence.end {
        let Some(grown) = felt(turn.word(at)) else { continue };
        let (from, to) = clause_around(turn, sentence, at);
        let named: Vec<(Hit, &str)> = organs
            .iter()
            .filter(|organ| organ.start >= from && organ.end <= to)
            .filter_map(|organ| {
                let name = scene.lex.organs.entries[organ.entry].name.as_str();
                let sign = FELT.iter().find(|(organ, _)| *organ == name)?.1;
                (grown || sign != "bocio").then_some((*organ, sign))
            })
            .collect();
        let Some((first, _)) = named.first() else { continue };
        let begins = first.start.min(at);
        let negated =
            (from..first.start.max(at)).any(|k| matches!(turn.word(k), "no" | "sin" | "ni" | "tampoco"));
        for (organ, sign) in &named {
            let known = book
                .of(FactKind::Finding)
                .any(|fact| fact.name == *sign && fact.evidence.iter().any(|e| e.turn == idx));
            if known {
                continue;
            }
            let status = if negated { Status::Absent } else { Status::Present };
            add(scene, idx, sign, status, begins.min(organ.start), organ.end.max(at + 1), book);
            covered.push((organ.start, organ.end));
        }
        covered.push((at, at + 1));
    }
}

/// A word for feeling an organ under the hand; whether it says that it has grown.
fn felt(word: &str) -> Option<bool> {
    match word {
        "palpo" | "palpa" | "palpan" | "toco" | "tocan" | "toca" | "palpable" | "palpables" => Some(false),
        _ if word.starts_with("crecid") || word.starts_with("aumentad") => Some(true),
        _ => None,
    }
}

fn clause_around(turn: &TurnDoc, sentence: Sentence, at: usize) -> (usize, usize) {
    let cut = |k: usize| matches!(turn.word(k), "," | ":" | ";" | "." | "pero");
    let from = (sentence.start..at).rev().find(|&k| cut(k)).map_or(sentence.start, |k| k + 1);
    let to = (at..sentence.end).find(|&k| cut(k)).unwrap_or(sentence.end);
    (from.max(at.saturating_sub(9)), to.min(at + 7))
}

/// "Lasègue positivo del derecho. El izquierdo, negativo.", "Tinel positivo derecho, negativo izquierdo": the same sign on
/// the other side.
pub(super) fn other_side(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    let outcome = |word: &str| {
        let negative = word.starts_with("negativ");
        (negative || word.starts_with("positiv")).then_some(negative)
    };
    let is_side = |word: &str| matches!(word, "derecho" | "derecha" | "izquierdo" | "izquierda");
    let signs = scene.lex.findings.matcher.find(&turn.tokens);
    for at in (sentence.start..sentence.end).filter(|&at| is_side(turn.word(at))) {
        let behind = at + 1 + usize::from(turn.word(at + 1) == ",");
        let led = matches!(turn.word(at.wrapping_sub(1)), "el" | "la" | "lado");
        let parted = turn.word(at.wrapping_sub(2)) == ",";
        let negative = (led.then(|| outcome(turn.word(behind))).flatten())
            .or_else(|| parted.then(|| outcome(turn.word(at - 1))).flatten());
        let sign = signs.iter().rev().find(|hit| {
            hit.end < at && at - hit.end < 14 && scene.lex.findings.entries[hit.entry].info == "present"
        });
        let (Some(negative), Some(sign)) = (negative, sign) else { continue };
        let name = format!("{} {}", scene.lex.findings.entries[sign.entry].name, turn.word(at));
        let status = if negative { Status::Absent } else { Status::Present };
        let (from, to) = (at.saturating_sub(1), (behind + 1).min(sentence.end).max(at + 1));
        add(scene, idx, &name, status, from, to, book);
        covered.push((from, to));
    }
}

/// What the examiner does when it hurts, and how the sign is called.
const MANOEUVRES: &[(&[&str], &str)] = &[
    (&["percutir", "percusion", "golpear", "puno", "pego"], "dolor a la percusión"),
    (
        &["mover", "movilizar", "movilizacion", "movimiento", "moverlo", "moverla", "muevo"],
        "dolor a la movilización",
    ),
    (&["doblar", "flexionar", "flexion", "doblarla", "doblarlo", "doblo"], "dolor a la flexión"),
    (&["extender", "extension", "estirar", "estirarla"], "dolor a la extensión"),
    (&["rotar", "rotacion", "girar"], "dolor a la rotación"),
    (&["jalar", "traccion", "jalo"], "dolor a la tracción"),
    (&["elevar", "levantar", "abduccion"], "dolor a la elevación"),
    (
        &[
            "palpar",
            "palpacion",
            "apretar",
            "presionar",
            "presion",
            "tocar",
            "tocarlo",
            "tocarla",
            "tacto",
            "aprieto",
            "toco",
            "palparla",
            "palparlo",
        ],
        "dolor a la palpación",
    ),
];

/// "Le duele en el epigastrio al apretar", "duele a la percusión", "el túnel no duele", "dolor en el extremo del radio".
pub(super) fn pain(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    for at in sentence.start..sentence.end {
        let hurts = matches!(
            turn.word(at),
            "duele" | "duelen" | "dolor" | "doloroso" | "dolorosa" | "dolorosos" | "dolorosas" | "dolio"
        );
        let own = matches!(turn.word(at.wrapping_sub(1)), "me");
        if !hurts || own || covered.iter().any(|&(start, end)| start <= at && at < end) {
            continue;
        }
        let negated = (at.saturating_sub(3).max(sentence.start)..at)
            .rev()
            .take_while(|&k| !turn.tokens[k].is_punct() && turn.word(k) != "y")
            .any(|k| matches!(turn.word(k), "no" | "sin" | "ni" | "tampoco"));
        let limit = (at + 1..sentence.end.min(at + 10))
            .find(|&k| {
                turn.tokens[k].is_punct() || matches!(turn.word(k), "y" | "pero" | "que" | "no" | "sin")
            })
            .unwrap_or(sentence.end.min(at + 10));
        let manoeuvre = (at + 1..limit).find_map(|k| {
            let (_, name) = MANOEUVRES.iter().find(|(words, _)| words.contains(&turn.word(k)))?;
            matches!(turn.word(k - 1), "al" | "la" | "cuando" | "con" | "le" | "lo" | "a")
                .then_some((k, *name))
        });
        let Some((place, end)) =
            place(scene, idx, sentence, (at, manoeuvre.map_or(limit, |(k, _)| k.max(at + 1)), limit))
        else {
            continue;
        };
        let sign = manoeuvre.map_or("dolor a la palpación", |(_, name)| name);
        let name = if place.is_empty() { sign.to_owned() } else { format!("{sign} en {place}") };
        if place.is_empty() && manoeuvre.is_none() {
            continue;
        }
        let status = if negated { Status::Absent } else { Status::Present };
        let end = end.max(manoeuvre.map_or(at + 1, |(k, _)| k + 1));
        add(scene, idx, &name, status, at, end, book);
        covered.push((at, end));
    }
}

/// Where it hurts: named behind the verb ("en la línea de adentro", "el ligamento"), or the organ spoken of.
fn place(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    (at, to, limit): (usize, usize, usize),
) -> Option<(String, usize)> {
    let turn = scene.turn(idx);
    let opens = (at + 1..limit).find(|&k| {
        matches!(turn.word(k), "en" | "sobre" | "atras" | "abajo" | "arriba" | "del" | "de")
            || matches!(turn.word(k), "el" | "la" | "los" | "las") && k == at + 1
    });
    if let Some(open) = opens {
        let mut from = open;
        while matches!(turn.word(from), "en" | "sobre" | "el" | "la" | "los" | "las" | "del" | "de") {
            from += 1;
        }
        let end = if to > from {
            (from..to).find(|&k| matches!(turn.word(k), "al" | "a" | "cuando")).unwrap_or(to)
        } else {
            limit
        };
        let told = end > from
            && end - from <= 6
            && !MANOEUVRES.iter().any(|(words, _)| words.contains(&turn.word(from)));
        if told && turn.word(from).len() > 2 {
            return Some((scene.spoken(idx, from, end).to_lowercase(), end));
        }
    }
    let organs = scene.lex.organs.matcher.find(&turn.tokens);
    let sites = scene.lex.sites.matcher.find(&turn.tokens);
    let begins = turn.sentences.iter().rev().find(|before| before.end <= sentence.start).map_or(
        sentence.start,
        |before| {
            // "Próstata lisa. No duele.": a sentence of its own says it of what was just named.
            if at <= sentence.start + 2 { before.start } else { sentence.start }
        },
    );
    let near = organs
        .iter()
        .map(|hit| (hit, scene.lex.organs.entries[hit.entry].name.clone()))
        .chain(sites.iter().map(|hit| (hit, scene.lex.sites.entries[hit.entry].name.clone())))
        .filter(|(hit, _)| hit.start >= begins && hit.end <= at)
        .max_by_key(|(hit, _)| hit.end);
    Some(match near {
        Some((hit, name)) => (format!("{name}{}", side(turn, hit.start, hit.end)), at + 1),
        None => (String::new(), at + 1),
    })
}
