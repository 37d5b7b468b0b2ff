//! The physical examination as the clinician reads it aloud.

use crate::context::Said;
use crate::context::answer::{Reply, asks, reply};
use crate::context::polarity::said;
use crate::facts::{ClinicalFact, FactKind, Polarity, Status};
use crate::lexicon::pattern::Hit;
use crate::scene::Scene;
use crate::text::{Sentence, TurnDoc};

use super::Book;

/// Organs and what is said of them; together they make a finding.
const NORMAL: &[&str] = &[
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
const ABNORMAL: &[(&str, &str)] = &[
    ("rojo", "eritema de {o}"),
    ("roja", "eritema de {o}"),
    ("rojos", "eritema de {o}"),
    ("rojas", "eritema de {o}"),
    ("inflamado", "inflamación de {o}"),
    ("inflamada", "inflamación de {o}"),
    ("inflamados", "inflamación de {o}"),
    ("inflamadas", "inflamación de {o}"),
    ("hinchado", "edema de {o}"),
    ("hinchada", "edema de {o}"),
    ("hinchados", "edema de {o}"),
    ("hinchadas", "edema de {o}"),
    ("seco", "{o} seca"),
    ("seca", "{o} seca"),
    ("secos", "{o} seca"),
    ("secas", "{o} seca"),
    ("reseca", "{o} seca"),
    ("palido", "palidez de {o}"),
    ("palida", "palidez de {o}"),
    ("palidos", "palidez de {o}"),
    ("palidas", "palidez de {o}"),
    ("amarillo", "ictericia de {o}"),
    ("amarillos", "ictericia de {o}"),
    ("crecido", "{o} aumentado de tamaño"),
    ("crecida", "{o} aumentada de tamaño"),
    ("grande", "{o} aumentado de tamaño"),
    ("duro", "{o} duro"),
    ("dura", "{o} dura"),
    ("doloroso", "dolor en {o}"),
    ("dolorosa", "dolor en {o}"),
    ("distendido", "distensión de {o}"),
    ("abombado", "{o} abombado"),
    ("retraido", "{o} retraído"),
    ("tapado", "{o} tapado"),
    ("tapada", "{o} tapada"),
    ("opaco", "{o} opaco"),
    ("caliente", "aumento de temperatura de {o}"),
    ("deforme", "deformidad de {o}"),
    ("sensible", "dolor en {o}"),
    ("morado", "equimosis de {o}"),
];

/// Reads the findings.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        if !turn.is_doctor() || !scene.exam[idx] {
            continue;
        }
        for (number, sentence) in turn.sentences.iter().enumerate() {
            if asks(turn, number) {
                touched(scene, idx, *sentence, book);
            } else if !is_about_past_or_plan(turn, *sentence) {
                sentence_findings(scene, idx, *sentence, book);
            }
        }
    }
}

fn is_about_past_or_plan(turn: &TurnDoc, sentence: Sentence) -> bool {
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let conditional = words.contains(" si ")
        && [" me ", " venga", " urgencias", " regres", " avis", " hable", " llame", " traig"]
            .iter()
            .any(|cue| words.contains(cue));
    let plan = [
        " le voy a ",
        " te voy a ",
        " le pido",
        " cada ",
        " nos vemos",
        " tome ",
        " evite",
        " le doy",
        " para el ",
        " para la ",
        " para que ",
        " porque ",
        " significa",
        " quiere decir",
        " sirve",
        " puede dar",
        " puede ser ",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    let assesses = [
        " yo creo",
        " por lo que me cuenta",
        " esto es ",
        " es una ",
        " es un ",
        " parece",
        " lo que tiene",
        " probablemente",
        " alomejor",
        " impresion",
        " diagnostico",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    let warns = words.starts_with(" si ")
        || words.starts_with(" y si ")
        || words.contains(", si le ")
        || words.contains(" , si se ");
    let study = [
        "nitritos",
        "leucocitos",
        "cetonas",
        "cruces",
        "radiografia",
        "ultrasonido",
        "tomografia",
        "resonancia",
        "placa",
        "analisis",
        "laboratorio",
        "biopsia",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    conditional || plan || study || assesses || warns
}

fn add(scene: &Scene<'_>, idx: usize, name: &str, status: Status, start: usize, end: usize, book: &mut Book) {
    let mut fact = ClinicalFact::new(
        FactKind::Finding,
        name,
        scene.turn(idx).speaker,
        scene.doc.evidence(idx, start, end),
    );
    fact.attributes.status = Some(status);
    if status == Status::Absent {
        fact.polarity = Polarity::Denied;
    }
    book.add(fact);
}

/// Polarity in an examination: "no hay", "sin", "no palpo", "X no", "X negativo".
fn absent(turn: &TurnDoc, hit: Hit, sentence: Sentence) -> bool {
    let after: Vec<&str> = (hit.end..(hit.end + 4).min(sentence.end)).map(|at| turn.word(at)).collect();
    let negative = after.iter().take_while(|word| !matches!(**word, "," | "." | "y" | "pero")).any(|word| {
        matches!(
            *word,
            "negativo" | "negativa" | "negativos" | "negativas" | "ausente" | "ausentes" | "negado"
        )
    });
    negative
        || said(turn, hit.start, hit.end) == Said::No
        || after.first() == Some(&"no")
            && after.get(1).is_none_or(|word| {
                !word.starts_with(char::is_alphabetic)
                    || matches!(
                        *word,
                        "hay" | "tiene" | "se" | "le" | "veo" | "palpo" | "encuentro" | "escucho"
                    )
            })
}

fn sentence_findings(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let lexicon = &scene.lex.findings;
    let hits: Vec<Hit> = lexicon
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .collect();
    let sites: Vec<Hit> = scene
        .lex
        .sites
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .collect();
    let mut covered: Vec<(usize, usize)> = hits.iter().map(|hit| (hit.start, hit.end)).collect();
    for &hit in &hits {
        if scene.studies[idx].iter().any(|study| {
            study.start <= hit.start && study.end >= hit.end && study.end - study.start > hit.end - hit.start
        }) {
            continue;
        }
        let entry = &lexicon.entries[hit.entry];
        let default = if entry.info == "normal" { Status::Normal } else { Status::Present };
        let negated = absent(turn, hit, sentence);
        let status = match (default, negated) {
            (Status::Present, true) => Status::Absent,
            (default, _) => default,
        };
        let name = with_site(scene, turn, &entry.name, hit, &sites);
        if status == Status::Normal && negated {
            continue;
        }
        add(scene, idx, &name, status, hit.start, hit.end, book);
    }
    for mention in scene.symptoms[idx].iter().filter(|m| m.start >= sentence.start && m.end <= sentence.end) {
        if covered.iter().any(|&(start, end)| mention.start < end && start < mention.end)
            || !is_sign(&mention.name)
        {
            continue;
        }
        let hit = Hit { entry: 0, start: mention.start, end: mention.end };
        let status = if absent(turn, hit, sentence) { Status::Absent } else { Status::Present };
        let name = mention.name.replace("dolor abdominal", "dolor abdominal a la palpación");
        add(scene, idx, &name, status, mention.start, mention.end, book);
        covered.push((mention.start, mention.end));
    }
    let before = book.of(FactKind::Finding).count();
    organs(scene, idx, sentence, &covered, book);
    let organ_named = book.of(FactKind::Finding).count() > before;
    let named_here =
        book.of(FactKind::Finding).filter(|fact| fact.evidence.iter().any(|e| e.turn == idx)).count();
    if !organ_named && named_here >= 2 {
        unlisted(scene, idx, sentence, &covered, book);
    }
}

/// Signs no lexicon lists, in the examiner's own words: "sin dendritas", "hay un infiltrado blanco", "tiene un nódulo".
fn unlisted(scene: &Scene<'_>, idx: usize, sentence: Sentence, covered: &[(usize, usize)], book: &mut Book) {
    let turn = scene.turn(idx);
    let opens = |at: usize| match (turn.word(at), turn.word(at + 1)) {
        ("sin", _) => Some((Status::Absent, at + 1)),
        ("no", "hay" | "tiene" | "palpo" | "veo" | "encuentro" | "se") => Some((Status::Absent, at + 2)),
        ("ni", _) => Some((Status::Absent, at + 1)),
        ("hay", _) => Some((Status::Present, at + 1)),
        ("tiene" | "trae" | "presenta" | "encuentro" | "veo" | "palpo", _) => Some((Status::Present, at + 1)),
        ("se", "ve" | "palpa" | "siente" | "observa" | "escucha" | "aprecia") => {
            Some((Status::Present, at + 2))
        }
        _ => None,
    };
    let mut at = sentence.start;
    while at < sentence.end {
        let Some((status, mut from)) = opens(at) else {
            at += 1;
            continue;
        };
        while matches!(
            turn.word(from),
            "un" | "una"
                | "unos"
                | "unas"
                | "el"
                | "la"
                | "los"
                | "las"
                | "datos"
                | "de"
                | "como"
                | "su"
                | "palpa"
                | "ve"
                | "ven"
                | "le"
                | "mucho"
                | "mucha"
                | "nada"
        ) {
            from += 1;
        }
        let to = (from..sentence.end)
            .take(5)
            .take_while(|&k| {
                !turn.tokens[k].is_punct()
                    && !matches!(
                        turn.word(k),
                        "y" | "ni"
                            | "pero"
                            | "que"
                            | "con"
                            | "o"
                            | "porque"
                            | "cuando"
                            | "ahorita"
                            | "sin"
                            | "no"
                            | "para"
                    )
            })
            .last()
            .map_or(from, |k| k + 1);
        at = to.max(from);
        let plain = turn
            .tokens
            .get(from)
            .is_some_and(|token| token.norm.len() > 3 && token.norm.chars().all(char::is_alphabetic));
        let verb = ["ar", "er", "ir", "ando", "iendo"].iter().any(|ending| turn.word(from).ends_with(ending))
            || matches!(
                turn.word(from),
                "bien"
                    | "todo"
                    | "eso"
                    | "algo"
                    | "razon"
                    | "cuenta"
                    | "problema"
                    | "cuidado"
                    | "nadie"
                    | "esto"
                    | "usted"
                    | "anos"
                    | "duda"
                    | "embargo"
                    | "falta"
                    | "mareo"
                    | "fiebre"
                    | "muchas"
                    | "muchos"
                    | "igual"
                    | "pena"
                    | "miedo"
                    | "prisa"
            );
        let taken = covered.iter().any(|&(start, end)| from < end && start < to)
            || scene.drugs[idx].iter().any(|drug| from < drug.end && drug.start < to);
        if plain
            && !verb
            && !taken
            && to > from
            && crate::text::numbers::number_at(&turn.tokens, from).is_none()
        {
            let name = scene.spoken(idx, from, to).to_lowercase();
            let mut fact = ClinicalFact::new(
                FactKind::Finding,
                name,
                turn.speaker,
                scene.doc.evidence(idx, at.min(from).min(to), to),
            );
            fact.attributes.status = Some(status);
            fact.polarity = if status == Status::Absent { Polarity::Denied } else { Polarity::Affirmed };
            fact.confidence = 0.6;
            fact.evidence = vec![scene.doc.evidence(idx, from.saturating_sub(2).max(sentence.start), to)];
            book.add(fact);
        }
    }
}

/// Symptoms that an examiner sees or provokes, too.
fn is_sign(name: &str) -> bool {
    [
        "dolor",
        "edema",
        "eritema",
        "equimosis",
        "exantema",
        "temblor",
        "rigidez",
        "masa",
        "herida",
        "debilidad",
        "piel seca",
        "ictericia",
        "palidez",
        "cianosis",
        "sangrado",
        "manchas",
        "grietas",
        "cefalea",
        "odinofagia",
        "descamación",
        "vesículas",
        "ojo rojo",
        "secreción",
        "lumbalgia",
        "boca seca",
    ]
    .iter()
    .any(|sign| name.starts_with(sign))
        && !matches!(name, "cefalea" | "odinofagia")
}

/// "soplo" needs no site; "edema", "dolor a la palpación", "secreción" take the one named beside them.
fn with_site(scene: &Scene<'_>, turn: &TurnDoc, name: &str, hit: Hit, sites: &[Hit]) -> String {
    let takes_site = matches!(
        name,
        "edema"
            | "dolor a la palpación"
            | "eritema"
            | "equimosis"
            | "crepitación articular"
            | "derrame articular"
            | "deformidad"
            | "limitación del movimiento"
            | "heridas"
            | "úlceras"
            | "nódulos"
            | "secreción"
            | "aumento de temperatura local"
            | "costras"
            | "vesículas"
            | "exantema"
            | "lesiones en piel"
            | "callosidades"
            | "descamación"
            | "sinovitis"
            | "contractura muscular"
            | "sensibilidad disminuida"
            | "palidez"
            | "temblor"
    );
    if !takes_site {
        return name.to_owned();
    }
    let near = sites
        .iter()
        .filter(|site| {
            site.start >= hit.end && site.start - hit.end <= 6
                || site.end <= hit.start && hit.start - site.end <= 6
        })
        .min_by_key(
            |site| if site.start >= hit.end { site.start - hit.end } else { hit.start - site.end + 1 },
        );
    match near {
        Some(site) => {
            let place = &scene.lex.sites.entries[site.entry].name;
            let side = side(turn, site.start, site.end);
            let link =
                if matches!(name, "edema" | "equimosis" | "eritema" | "temblor" | "deformidad" | "palidez") {
                    "de"
                } else {
                    "en"
                };
            format!("{name} {link} {place}{side}")
                .replace("dolor a la palpación en", "dolor a la palpación en")
        }
        None => name.to_owned(),
    }
}

/// " derecho", " izquierda" beside a site.
fn side(turn: &TurnDoc, start: usize, end: usize) -> &'static str {
    for at in start.saturating_sub(2)..(end + 3).min(turn.tokens.len()) {
        match turn.word(at) {
            "derecho" => return " derecho",
            "derecha" => return " derecha",
            "izquierdo" => return " izquierdo",
            "izquierda" => return " izquierda",
            _ => {}
        }
    }
    ""
}

/// Organ + adjective where no finding of the lexicon covers the words: "los oídos bien", "la mollera, blandita, plana".
fn organs(scene: &Scene<'_>, idx: usize, sentence: Sentence, covered: &[(usize, usize)], book: &mut Book) {
    let turn = scene.turn(idx);
    let lexicon = &scene.lex.organs;
    let organs: Vec<Hit> = lexicon
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .collect();
    for (number, site) in organs.iter().enumerate() {
        let limit = organs.get(number + 1).map_or(sentence.end, |next| next.start).min(site.end + 9);
        let organ = &lexicon.entries[site.entry].name;
        let words = turn.joined(site.end, organs.get(number + 1).map_or(sentence.end, |next| next.start));
        if [
            "no le duele",
            "no duele",
            "no hay dolor",
            "sin dolor",
            "no tiene dolor",
            "no le dolio",
            "no doloroso",
            "no dolorosa",
        ]
        .iter()
        .any(|cue| words.contains(cue))
        {
            add(
                scene,
                idx,
                &format!("dolor a la palpación de {organ}"),
                Status::Absent,
                site.start,
                limit,
                book,
            );
        }
        if covered.iter().any(|&(start, end)| site.start < end && start < site.end) {
            continue;
        }
        for at in site.end..limit {
            let word = turn.word(at);
            if matches!(word, "." | ";" | "pero" | "sin" | "no" | "cuando" | "ni" | "con")
                || covered.iter().any(|&(start, end)| at >= start && at < end)
            {
                break;
            }
            let stem = turn.tokens[at].stem.as_str();
            if NORMAL
                .iter()
                .any(|normal| *normal == word || normal.len() > 5 && crate::text::stem::stem(normal) == stem)
            {
                add(scene, idx, &format!("{organ} normal"), Status::Normal, site.start, at + 1, book);
                break;
            }
            if let Some((_, template)) = ABNORMAL.iter().find(|(adjective, _)| *adjective == word) {
                let name = format!("{}{}", template.replace("{o}", organ), side(turn, site.start, site.end));
                add(scene, idx, &name, Status::Present, site.start, at + 1, book);
                break;
            }
        }
    }
}

/// "¿Le duele aquí en el vientre?" - "No.": tenderness asked while touching.
fn touched(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &mut Book) {
    let turn = scene.turn(idx);
    let pain = (sentence.start..sentence.end)
        .find(|&at| matches!(turn.word(at), "duele" | "dolor" | "molesta" | "doloroso"));
    let (Some(pain), true) = (pain, super::symptoms::touches(scene, idx, sentence.start, sentence.end))
    else {
        return;
    };
    let site = scene
        .lex
        .sites
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .find(|site| site.start >= sentence.start && site.end <= sentence.end);
    let (Some(site), Some(next)) = (site, scene.doc.turns.get(idx + 1).filter(|next| next.is_patient_side()))
    else {
        return;
    };
    let status = match reply(next) {
        Some(Reply::No) => Status::Absent,
        Some(Reply::Yes) => Status::Present,
        _ => match next.joined(0, 4) {
            words if words.contains("ahi no") => Status::Absent,
            words if words.contains("ahi sí") || words.contains("ay") => Status::Present,
            _ => return,
        },
    };
    let place = &scene.lex.sites.entries[site.entry].name;
    let mut fact = ClinicalFact::new(
        FactKind::Finding,
        format!("dolor a la palpación en {place}{}", side(turn, site.start, site.end)),
        turn.speaker,
        scene.doc.evidence(idx, pain.min(site.start), site.end.max(pain + 1)),
    );
    fact.attributes.status = Some(status);
    fact.polarity = if status == Status::Absent { Polarity::Denied } else { Polarity::Affirmed };
    fact.cite(scene.doc.whole(idx + 1));
    fact.confidence = 0.8;
    book.add(fact);
}
