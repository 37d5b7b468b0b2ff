//! Findings made of an organ and an adjective, and signs in the examiner's own words.

use super::*;

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

/// Signs no lexicon lists, in the examiner's own words: "sin dendritas", "hay un infiltrado blanco", "tiene un nódulo".
pub(super) fn unlisted(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &[(usize, usize)],
    book: &mut Book,
) {
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

/// Organ + adjective where no finding of the lexicon covers the words: "los oídos bien", "la mollera, blandita, plana".
pub(super) fn organs(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &[(usize, usize)],
    book: &mut Book,
) {
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
                add(
                    scene,
                    idx,
                    &format!("{organ} {}", if organ.ends_with('s') { "normales" } else { "normal" }),
                    Status::Normal,
                    site.start,
                    at + 1,
                    book,
                );
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
