//! Findings made of an organ and an adjective, and signs in the examiner's own words.

use super::*;

/// Organs and what is said of them; together they make a finding.
pub(super) const NORMAL: &[&str] = &[
    "normal",
    "normales",
    "bien",
    "limpio",
    "limpia",
    "limpios",
    "limpias",
    "sano",
    "sana",
    "sanos",
    "sanas",
    "integro",
    "integra",
    "integros",
    "conservado",
    "conservada",
    "conservados",
    "conservadas",
    "simetrico",
    "simetrica",
    "simetricos",
    "libre",
    "libres",
    "rosado",
    "rosada",
    "rosadas",
    "rosas",
    "plana",
    "plano",
    "normotensa",
    "reactivas",
    "reactiva",
    "isocoricas",
    "permeable",
    "permeables",
    "humedas",
    "humeda",
    "hidratadas",
    "hidratada",
    "centrado",
    "ritmico",
    "ventilados",
    "cerrado",
    "abren",
    "igual",
    "iguales",
    "suave",
    "buena",
    "buenos",
    "buenas",
    "depresible",
    "transparente",
    "limpios",
    "presente",
    "presentes",
    "estable",
    "estables",
    "blando",
    "blandito",
    "completo",
];
/// Adjectives that name a sign of their own; all others are kept as they were said.
const SIGNS: &[(&str, &str)] = &[
    ("inflamad", "inflamación de {o}"),
    ("hinchad", "edema de {o}"),
    ("doloros", "dolor en {o}"),
    ("calient", "aumento de temperatura de {o}"),
    ("deform", "deformidad de {o}"),
    ("sensibl", "dolor en {o}"),
];
/// Adjectives of what is not as it should be that no ending gives away.
const ABNORMAL: &[&str] = &[
    "roj",
    "sec",
    "resec",
    "palid",
    "amarill",
    "crecid",
    "grand",
    "dur",
    "distendid",
    "abombad",
    "retraid",
    "tapad",
    "opac",
    "morad",
    "rapid",
    "debil",
    "floj",
    "lent",
    "gord",
    "empedrad",
    "chuec",
    "fri",
    "pastos",
    "globos",
];

/// What an adjective makes of an organ.
enum Quality {
    Normal,
    Sign(&'static str),
    Abnormal,
}

fn quality(turn: &TurnDoc, at: usize) -> Option<Quality> {
    let (word, stem) = (turn.word(at), turn.tokens[at].stem.as_str());
    let normal =
        |normal: &&str| *normal == word || normal.len() > 5 && crate::text::stem::stem(normal) == stem;
    // "bien ventilados" is read with its adjective.
    if word == "bien" && turn.tokens.get(at + 1).is_some_and(|next| describes(&next.norm)) {
        return None;
    }
    if NORMAL.iter().any(normal) {
        return Some(Quality::Normal);
    }
    if let Some((_, template)) = SIGNS.iter().find(|(adjective, _)| *adjective == stem) {
        return Some(Quality::Sign(template));
    }
    // An adjective known only by its ending stands right behind its organ: "cámara amplia", not "pulso, dorzolamida".
    let described =
        word.len() > 6 && describes(word) && !is_talk(word) && turn.word(at.wrapping_sub(1)) != ",";
    let other = [
        "seguid",
        "reciente",
        "pariente",
        "paciente",
        "controlad",
        "avanzad",
        "cortante",
        "diferid",
        "intramuscular",
        "adelante",
        "delante",
        "bastante",
        "durante",
        "siguiente",
        "solamente",
    ]
    .iter()
    .any(|stem| word.starts_with(stem));
    (ABNORMAL.contains(&stem) || described && !other).then_some(Quality::Abnormal)
}

/// Words between an organ and what is said of it.
fn between(word: &str) -> bool {
    matches!(
        word,
        "," | "y"
            | "un"
            | "poco"
            | "poquito"
            | "muy"
            | "bien"
            | "algo"
            | "esta"
            | "estan"
            | "tantito"
            | "medio"
            | "bastante"
            | "mas"
            | "los"
            | "las"
            | "dos"
            | "se"
            | "ve"
            | "ven"
            | "veo"
            | "ligeramente"
            | "levemente"
            | "derecho"
            | "derecha"
            | "izquierdo"
            | "izquierda"
            | "derechos"
            | "izquierdos"
            | ":"
            | "todavia"
            | "tiene"
            | "le"
            | "te"
            | "siente"
            | "es"
            | "son"
            | "la"
            | "lo"
            | "ya"
            | "tambien"
    )
}

/// Organ + adjective where no finding of the lexicon covers the words: "los oídos bien", "amígdalas grandes, rojas".
pub(super) fn organs(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    let organs: Vec<Hit> = scene
        .lex
        .organs
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .map(|hit| Hit { end: classified(turn, hit.end), ..hit })
        .collect();
    for (number, &organ) in organs.iter().enumerate() {
        let end = organs.get(number + 1).map_or(sentence.end, |next| next.start);
        painless(scene, idx, organ, end, covered, book);
        together(scene, idx, &organs[..=number], end.min(organ.end + 5), covered, book);
        qualities(scene, idx, organ, end.min(organ.end + 9), covered, book);
    }
    other_side(scene, idx, sentence, covered, book);
}

/// "Fuerza y reflejos normales", "piel y pezón, bien": the outcome of the last organ of a list is that of all.
fn together(
    scene: &Scene<'_>,
    idx: usize,
    organs: &[Hit],
    limit: usize,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    let Some((last, before)) = organs.split_last() else { return };
    let joins = |from: usize, to: usize| {
        from < to
            && (from..to).all(|at| matches!(turn.word(at), "y" | "e" | "," | "el" | "la" | "los" | "las"))
            && (from..to).any(|at| matches!(turn.word(at), "y" | "e" | ","))
    };
    let outcome = (last.end..limit).take_while(|&at| between(turn.word(at)) || quality(turn, at).is_some());
    let Some(at) = outcome.into_iter().find(|&at| quality(turn, at).is_some()) else { return };
    if !matches!(quality(turn, at), Some(Quality::Normal)) || denied_before(turn, last.start) {
        return;
    }
    let mut next = *last;
    for organ in before.iter().rev() {
        if !joins(organ.end, next.start)
            || covered.iter().any(|&(start, end)| start <= organ.start && organ.end <= end)
        {
            break;
        }
        let spoken = scene.spoken(idx, organ.start, organ.end).to_lowercase();
        let plural = spoken.ends_with('s') && !spoken.ends_with("is");
        let how = match turn.word(at) {
            "bien" | "normal" | "normales" => if plural { "normales" } else { "normal" }.to_owned(),
            _ => scene.spoken(idx, at, at + 1).to_lowercase(),
        };
        add(scene, idx, &format!("{spoken} {how}"), Status::Normal, organ.start, at + 1, book);
        covered.push((organ.start, organ.end));
        next = *organ;
    }
}

/// "reflejos aquíleos", "pulsos pedios", "glúteo medio": where the name of what is examined ends.
fn classified(turn: &TurnDoc, end: usize) -> usize {
    const CLASSES: [&str; 20] = [
        "aquile",
        "rotulian",
        "patelar",
        "osteotendinos",
        "pedi",
        "radial",
        "tibial",
        "femoral",
        "plantar",
        "corneal",
        "superior",
        "inferior",
        "anterior",
        "posterior",
        "medi",
        "mayor",
        "frontal",
        "maxilar",
        "nasal",
        "popliteo",
    ];
    let word = turn.word(end);
    let class = word.len() >= 5
        && CLASSES.iter().any(|stem| word.strip_prefix(stem).is_some_and(|rest| rest.len() <= 2));
    end + usize::from(class)
}

const PAINLESS: [&str; 8] = [
    "no le duele",
    "no duele",
    "no hay dolor",
    "sin dolor",
    "no tiene dolor",
    "no le dolio",
    "no doloroso",
    "no dolorosa",
];

/// "El codo sin dolor", "la cadera no duele".
fn painless(
    scene: &Scene<'_>,
    idx: usize,
    organ: Hit,
    end: usize,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    let words = turn.joined(organ.end, end);
    let told = book.of(FactKind::Finding).any(|fact| {
        let (from, to) = (turn.tokens[organ.start].start, turn.tokens[end - 1].end);
        fact.name.starts_with("dolor")
            && fact.evidence.iter().any(|e| e.turn == idx && e.start < to && from < e.end)
    });
    if !told && PAINLESS.iter().any(|cue| words.contains(cue)) {
        let name = format!("dolor a la palpación de {}", scene.lex.organs.entries[organ.entry].name);
        add(scene, idx, &name, Status::Absent, organ.start, end.min(organ.end + 9), book);
        covered.push((organ.start, organ.end));
    }
}

/// Reads the adjectives after an organ, one after the other: "abdomen globoso, blando".
fn qualities(
    scene: &Scene<'_>,
    idx: usize,
    organ: Hit,
    limit: usize,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    let known =
        covered.iter().find(|(start, end)| *start <= organ.start && organ.start < *end).map(|(_, end)| *end);
    let (mut told, mut well, mut clear, mut negated) =
        (known.is_some(), known.is_some(), true, denied_before(turn, organ.start));
    for at in known.unwrap_or(organ.end)..limit {
        let word = turn.word(at);
        let stop = matches!(word, "." | ";" | "pero" | "sin" | "cuando" | "ni" | "con")
            || matches!(word, "el" | "la") && is_side(turn.word(at + 1))
            || covered.iter().any(|&(start, end)| at >= start && at < end);
        if stop {
            break;
        }
        let named = match quality(turn, at) {
            Some(Quality::Normal) if told && well || negated => None,
            Some(Quality::Normal) => {
                well = true;
                let start = if told { at } else { organ.start };
                normal_of(scene, idx, organ, (start, at)).map(|name| (name, Status::Normal))
            }
            Some(sign) if clear => {
                well = false;
                let status = if negated { Status::Absent } else { Status::Present };
                Some((abnormal_of(scene, idx, organ, (&sign, at)), status))
            }
            _ if word == "," => {
                negated = false;
                None
            }
            _ if word == "no" => {
                negated = true;
                None
            }
            _ if between(word) => None,
            _ if told => break,
            _ => {
                clear = false;
                None
            }
        };
        if let Some((name, status)) = named {
            add(scene, idx, &name, status, organ.start, at + 1, book);
            covered.push((if told { at } else { organ.start }, at + 1));
            told = true;
        }
    }
}

/// "No palpo el hígado crecido": a "no" in the same clause, right before the organ.
fn denied_before(turn: &TurnDoc, start: usize) -> bool {
    (start.saturating_sub(4)..start)
        .rev()
        .take_while(|&at| !turn.tokens[at].is_punct() && !matches!(turn.word(at), "y" | "pero"))
        .any(|at| matches!(turn.word(at), "no" | "sin" | "ni"))
}

fn normal_of(scene: &Scene<'_>, idx: usize, organ: Hit, (start, at): (usize, usize)) -> Option<String> {
    if start == organ.start {
        return normal_name(scene, idx, start, at + 1);
    }
    let spoken = |from: usize, to: usize| scene.spoken(idx, from, to).to_lowercase();
    Some(format!("{} {}", spoken(organ.start, organ.end), spoken(at, at + 1)))
}

fn abnormal_of(scene: &Scene<'_>, idx: usize, organ: Hit, (sign, at): (&Quality, usize)) -> String {
    let side = side(scene.turn(idx), organ.start, organ.end);
    if let Quality::Sign(template) = sign {
        return format!("{}{side}", template.replace("{o}", &scene.lex.organs.entries[organ.entry].name));
    }
    let spoken = |from: usize, to: usize| scene.spoken(idx, from, to).to_lowercase();
    format!("{}{side} {}", spoken(organ.start, organ.end), spoken(at, at + 1))
}

fn is_side(word: &str) -> bool {
    matches!(word, "derecho" | "derecha" | "izquierdo" | "izquierda")
}

/// "Pulsos pedios, el izquierdo débil, el derecho bien": what is said of one of two, as of the organ named before.
fn other_side(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &mut Vec<(usize, usize)>,
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    for at in sentence.start + 1..sentence.end {
        let side = turn.word(at);
        let one = is_side(side)
            && matches!(turn.word(at - 1), "el" | "la")
            && !covered.iter().any(|&(start, end)| at >= start && at < end);
        let next =
            if matches!(turn.word(at + 1), "esta" | "," | "muy" | "un" | "se") { at + 2 } else { at + 1 };
        if !one || next >= sentence.end {
            continue;
        }
        let (Some(quality), Some(organ)) = (quality(turn, next), organ_before(scene, idx, at)) else {
            continue;
        };
        let said = match turn.word(next) {
            "bien" => "normal".to_owned(),
            _ => scene.spoken(idx, next, next + 1).to_lowercase(),
        };
        let status = if matches!(quality, Quality::Normal) { Status::Normal } else { Status::Present };
        add(scene, idx, &format!("{organ} {side} {said}"), status, at, next + 1, book);
        covered.push((at, next + 1));
    }
}

/// Organs of which there are two.
const PAIRED: [&str; 24] = [
    "oído",
    "membrana timpánica",
    "conducto auditivo",
    "ojos",
    "conjuntivas",
    "córnea",
    "pupilas",
    "párpados",
    "campos pulmonares",
    "murmullo vesicular",
    "mamas",
    "pulsos",
    "reflejos",
    "hombro",
    "codo",
    "muñeca",
    "mano",
    "rodilla",
    "pierna",
    "tobillo",
    "pie",
    "cristalino",
    "papila",
    "testículos",
];

/// The organ named last before a token, one of the two.
fn organ_before(scene: &Scene<'_>, idx: usize, at: usize) -> Option<String> {
    let turn = scene.turn(idx);
    let organs = scene.lex.organs.matcher.find(&turn.tokens);
    let organ = organs.iter().rev().find(|organ| {
        organ.end <= at
            && at - organ.end < 30
            && PAIRED.contains(&scene.lex.organs.entries[organ.entry].name.as_str())
    })?;
    if matches!(
        scene.lex.organs.entries[organ.entry].name.as_str(),
        "campos pulmonares" | "murmullo vesicular"
    ) {
        return Some("pulmón".to_owned());
    }
    let spoken = scene.spoken(idx, organ.start, classified(turn, organ.end)).to_lowercase();
    Some(spoken.split(' ').map(|word| word.strip_suffix('s').unwrap_or(word)).collect::<Vec<_>>().join(" "))
}
