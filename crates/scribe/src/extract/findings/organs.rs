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

/// Organ + adjective where no finding of the lexicon covers the words: "los oídos bien", "la mollera, blandita, plana".
pub(super) fn organs(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &mut Vec<(usize, usize)>,
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
                covered.push((site.start, at + 1));
                break;
            }
            if let Some((_, template)) = ABNORMAL.iter().find(|(adjective, _)| *adjective == word) {
                let name = format!("{}{}", template.replace("{o}", organ), side(turn, site.start, site.end));
                add(scene, idx, &name, Status::Present, site.start, at + 1, book);
                covered.push((site.start, at + 1));
                break;
            }
        }
    }
}
