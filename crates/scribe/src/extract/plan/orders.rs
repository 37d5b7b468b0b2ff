//! Studies, procedures and vaccines that are ordered.

use super::listed::{kept_in, late, listed, unlisted};
use super::*;

const ORDER: &[&str] = &[
    "pido",
    "pedir",
    "pedimos",
    "pedirle",
    "pedirte",
    "solicit",
    "mando a hacer",
    "mandar a hacer",
    "mandamos",
    "le mando",
    "te mando",
    "le voy a mandar",
    "hagase",
    "hagan",
    "haga",
    "hazte",
    "hacerle",
    "hacerte",
    "hacer",
    "hacemos",
    "hago",
    "necesito",
    "ocupo",
    "ocupamos",
    "quiero",
    "queremos",
    "traiga",
    "traigame",
    "me trae",
    "me traes",
    "traeme",
    "repet",
    "repite",
    "tomar",
    "tomarle",
    "tomamos",
    "falta",
    "ponerle",
    "poner",
    "pongan",
    "aplic",
    "ponemos",
    "checar",
    "checamos",
    "programa",
    "deja la muestra",
    "sacar",
    "sacamos",
    "le tomo",
    "te tomo",
    "doy",
    "pase",
    "le toca",
    "le tocan",
    "te toca",
    "tocan",
    "agend",
    "realizar",
    "practicar",
    "manda",
    "hay que",
    "con otra",
    "otra vez",
    "otra",
    "nuevo",
    "nueva",
    "traer",
    "vamos a",
    "indico",
    "requiere",
    "ordeno",
    "orden de",
    "orden para",
    "le ponemos",
    "te ponemos",
    "le pongo",
    "quitarle",
    "retirar",
    "le pedimos",
    "van a ser",
    "seria bueno",
    "sugiero",
    "recomiendo",
    "mandarle",
    "mandel",
    "mandal",
    "mandenl",
    "saca",
    "saque",
    "extiendo",
    "entrego",
];

/// Studies ordered: a study without a value in a sentence (or after one) that orders.
pub(super) fn orders(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let mut ordering = false;
    for (number, sentence) in turn.sentences.iter().enumerate() {
        let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
        let due = due(scene, idx, *sentence).is_some();
        let cue = due
            || ORDER.iter().any(|cue| words.contains(&format!(" {cue}")))
            || words.trim_start().starts_with("vacuna")
            || words.trim_start().starts_with("laboratorio");
        // What follows a condition depends on it; what was ordered before it does not.
        let end = condition_at(turn, *sentence).unwrap_or(sentence.end);
        if sentence.question || refused(&words) || end <= sentence.start + 1 || asks_if_given(turn, number) {
            ordering = false;
            continue;
        }
        let own = Sentence { end, ..*sentence };
        let studies = scene.studies[idx].iter().any(|hit| hit.start >= own.start && hit.end <= own.end);
        ordering = cue
            || ordering && studies && late(scene, idx)
            || listed(scene, idx, own, book)
            || named_in_the_plan(scene, idx, own, book);
        kept_in(scene, idx, own, book);
        if !ordering {
            continue;
        }
        for hit in scene.studies[idx].iter().filter(|hit| hit.start >= own.start && hit.end <= own.end) {
            order(scene, idx, own, *hit, book);
        }
        by_what_they_look_for(scene, idx, own, &words, book);
        unlisted(scene, idx, own, book);
    }
}

/// Where a condition for an order begins in a sentence: "..., y si el sangrado sigue, entonces sí una colonoscopia".
fn condition_at(turn: &TurnDoc, sentence: Sentence) -> Option<usize> {
    (sentence.start..sentence.end).find(|&at| {
        let before = turn.word(at.wrapping_sub(1));
        let rest = format!(" {} ", turn.joined(at, sentence.end));
        let asks =
            matches!(before, "ver" | "saber" | "por" | "como" | "preguntar" | "vea" | "checar" | "sea");
        match turn.word(at) {
            "si" => {
                let clause = turn.tokens.get(at.wrapping_sub(1)).is_none_or(crate::text::Token::is_punct)
                    || matches!(before, "y" | "pero" | "o");
                let polite = matches!(
                    turn.word(at + 1),
                    "quiere" | "gusta" | "puede" | "quieres" | "puedes" | "," | "le" | "te"
                );
                !asks && (conditional(&rest) || clause && !polite)
            }
            "dependiendo" | "segun" | "tendriamos" | "podriamos" => true,
            "mas" => turn.word(at + 1) == "adelante",
            "despues" => turn.word(at + 1) == "vemos",
            _ => false,
        }
    })
}

/// A study named anywhere in a statement of the plan that tells no result: "Y la clínica de tabaco, la placa y los análisis".
fn named_in_the_plan(scene: &Scene<'_>, idx: usize, sentence: Sentence, book: &Book) -> bool {
    let turn = scene.turn(idx);
    if idx * 5 < scene.doc.turns.len() * 3 || scene.exam[idx] {
        return false;
    }
    let named: Vec<(&Hit, &str)> = scene.studies[idx]
        .iter()
        .filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
        .map(|hit| (hit, scene.lex.studies.entries[hit.entry].info.as_str()))
        .collect();
    // A single analyte is talked about ("cuide el potasio"); several in a row are asked for.
    let analytes = named.iter().filter(|(_, kind)| *kind == "lab").count();
    let first = named
        .iter()
        .find(|(_, kind)| matches!(*kind, "image" | "vaccine") || *kind == "lab" && analytes >= 3);
    let Some((first, _)) = first else { return false };
    let (from, to) = (turn.tokens[sentence.start].start, turn.tokens[sentence.end - 1].end);
    let results = book
        .of(FactKind::Result)
        .any(|fact| fact.evidence.iter().any(|e| e.turn == idx && e.start < to && from < e.end));
    let told = (sentence.start..sentence.end)
        .filter(|&at| !scene.studies[idx].iter().any(|hit| hit.start <= at && at < hit.end))
        .any(|at| {
            super::listed::tells(turn.word(at))
                || matches!(turn.word(at), "porque" | "sirve" | "veces" | "mide" | "altera")
        });
    let led = matches!(
        turn.word(first.start.wrapping_sub(1)),
        "un" | "una" | "," | "y" | ":" | "otra" | "otro" | "dos" | "su" | "el" | "la"
    );
    led && !results && !told && sentence.end - sentence.start <= 30
}

/// "Vacunas: hepatitis y BCG, ¿se las pusieron?": what was named is only asked about.
fn asks_if_given(turn: &TurnDoc, number: usize) -> bool {
    turn.sentences.get(number + 1).is_some_and(|next| {
        let words = turn.joined(next.start, next.end);
        next.question && ["pusier", "puest", "hicier", "hecho"].iter().any(|verb| words.contains(verb))
    })
}

fn refused(words: &str) -> bool {
    [
        " no le pido",
        " no pido",
        " no te pido",
        " no hace falta",
        " no es necesario",
        " no necesita",
        " no ocupa",
        " no le voy a pedir",
        " todavia no",
        " no se requiere",
        " no amerita",
    ]
    .iter()
    .any(|no| words.contains(no))
}

/// "Si no mejora, le hacemos...": not ordered yet.
pub(super) fn conditional(words: &str) -> bool {
    let depends = [
        " si no ",
        " si sigue",
        " si sale",
        " si persiste",
        " si empeora",
        " si en ",
        " si continua",
        " si regresa",
        " solo si ",
        " dependiendo",
        " tendriamos que",
        " podriamos",
        " mas adelante",
        " despues vemos",
        " y si ",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    depends && ![" para ver si", " a ver si"].iter().any(|cue| words.contains(cue))
}

pub(super) fn order(scene: &Scene<'_>, idx: usize, sentence: Sentence, hit: Hit, book: &mut Book) {
    let turn = scene.turn(idx);
    let entry = &scene.lex.studies.entries[hit.entry];
    let is_result = book
        .of(FactKind::Result)
        .any(|result| result.name.starts_with(&entry.name) && result.evidence.iter().any(|e| e.turn == idx));
    let is_vital = book.of(FactKind::Vital).any(|vital| {
        vital.evidence.iter().any(|e| {
            e.turn == idx && e.start <= turn.tokens[hit.start].start && turn.tokens[hit.start].start < e.end
        })
    });
    let drug =
        scene.drugs[idx].iter().any(|drug| !drug.ambiguous && drug.start < hit.end && hit.start < drug.end);
    let near = format!(" {} ", turn.joined(hit.start.saturating_sub(6).max(sentence.start), hit.start));
    let past = [
        " salio",
        " salieron",
        " ya le hicieron",
        " ya vi",
        " trae ",
        " trajo",
        " lo que tiene",
        " en su ",
        " su ultima",
        " que trae",
        " segun",
        " con esa",
        " con ese",
        " mejor que",
        " que en ",
        " altera",
        " apuntad",
        " sus ",
    ]
    .iter()
    .any(|cue| near.contains(cue));
    let general = entry.name == "laboratorios"
        && scene.studies[idx]
            .iter()
            .any(|other| other.start > hit.start && scene.lex.studies.entries[other.entry].info == "lab");
    let compared =
        turn.word(hit.start.wrapping_sub(1)) == "en" && turn.word(hit.start.wrapping_sub(2)) == "que";
    if is_result
        || is_vital
        || drug
        || past
        || general
        || compared
        || crate::context::polarity::said(turn, hit.start, hit.end) == crate::context::Said::No
    {
        return;
    }
    let mut fact = ClinicalFact::new(
        FactKind::Order,
        entry.name.clone(),
        turn.speaker,
        scene.doc.evidence(idx, hit.start, hit.end),
    );
    fact.time = Time::Planned;
    book.add(fact);
}

/// What a vaccine protects from, when a sentence speaks of vaccines: "Vacunas: hepatitis B y neumococo".
const VACCINES: &[(&str, &str)] = &[
    ("influenza", "vacuna de influenza"),
    ("neumococo", "vacuna de neumococo"),
    ("tetanos", "vacuna de tétanos"),
    ("toxoide", "toxoide tetánico"),
    ("hepatitis", "vacuna de hepatitis B"),
    ("covid", "vacuna de covid"),
    ("papiloma", "vacuna contra VPH"),
    ("vph", "vacuna contra VPH"),
    ("hexavalente", "vacuna hexavalente"),
    ("rotavirus", "vacuna de rotavirus"),
    ("sarampion", "vacuna triple viral"),
    ("rabia", "vacuna antirrábica"),
    ("antirrabica", "vacuna antirrábica"),
    ("varicela", "vacuna de varicela"),
    ("zoster", "vacuna de herpes zóster"),
    ("tdpa", "vacuna Tdpa"),
];

/// What a blood test looks for, when a sentence speaks of taking blood, of a test or of a sample.
const TESTS: &[(&str, &str)] = &[
    ("sifilis", "VDRL (prueba de sífilis)"),
    ("vih", "VIH"),
    ("hepatitis", "serología de hepatitis B y C"),
    ("gonorrea", "prueba de clamidia y gonorrea"),
    ("clamidia", "prueba de clamidia y gonorrea"),
    ("toxoplasma", "serología de toxoplasma"),
    ("toxoplasmosis", "serología de toxoplasma"),
    ("rubeola", "serología de rubéola"),
    ("dengue", "prueba para dengue"),
    ("embarazo", "prueba de embarazo"),
    ("helicobacter", "prueba de Helicobacter pylori"),
    ("tuberculosis", "prueba de tuberculosis"),
    ("brucela", "serología para Brucella"),
    ("influenza", "prueba rápida de influenza"),
    ("covid", "prueba de covid"),
];

/// Vaccines and tests named by what they are against or look for.
fn by_what_they_look_for(scene: &Scene<'_>, idx: usize, sentence: Sentence, words: &str, book: &mut Book) {
    vaccines(scene, idx, sentence, words, book);
    let tests = [" de sangre", " prueba", " muestra", " pcr", " serolog", " tamiz", " vih ", " vdrl"]
        .iter()
        .any(|cue| words.contains(cue));
    if !tests || words.contains(" vacun") {
        return;
    }
    let turn = scene.turn(idx);
    for at in sentence.start..sentence.end {
        let Some((_, name)) = TESTS.iter().find(|(word, _)| turn.word(at) == *word) else { continue };
        let known = scene.studies[idx].iter().any(|hit| hit.start <= at && at < hit.end);
        if !known && crate::context::polarity::said(turn, at, at + 1) != crate::context::Said::No {
            super::listed::plan(scene, idx, ((*name).to_owned(), FactKind::Order), (at, at + 1), book);
        }
    }
}

fn vaccines(scene: &Scene<'_>, idx: usize, sentence: Sentence, words: &str, book: &mut Book) {
    if ![" vacun", " refuerzo", " dosis de", " toxoide", " segunda de", " tercera de", " primera de"]
        .iter()
        .any(|cue| words.contains(cue))
    {
        return;
    }
    let turn = scene.turn(idx);
    for at in sentence.start..sentence.end {
        let Some((_, name)) = VACCINES.iter().find(|(word, _)| turn.word(at) == *word) else { continue };
        if crate::context::polarity::said(turn, at, at + 1) == crate::context::Said::No {
            continue;
        }
        let mut fact =
            ClinicalFact::new(FactKind::Order, *name, turn.speaker, scene.doc.evidence(idx, at, at + 1));
        fact.time = Time::Planned;
        book.add(fact);
    }
}
