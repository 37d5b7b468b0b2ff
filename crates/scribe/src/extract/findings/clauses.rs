//! Signs no lexicon lists, in the examiner's own words: what is read aloud in an examination is kept, clause by clause.

use super::*;
use crate::text::numbers::number_at;

/// Words an examiner begins a clause with before the sign itself.
const LEADS: &[&str] = &[
    "a",
    "ver",
    "mire",
    "mira",
    "bueno",
    "ok",
    "y",
    "pero",
    "aqui",
    "ahi",
    "ahorita",
    "tambien",
    "solo",
    "nomas",
    "esta",
    "estan",
    "tiene",
    "tienes",
    "trae",
    "traes",
    "hay",
    "veo",
    "le",
    "te",
    "se",
    "ve",
    "ven",
    "palpo",
    "palpa",
    "palpan",
    "siente",
    "siento",
    "toco",
    "escucho",
    "escucha",
    "oigo",
    "oye",
    "encuentro",
    "noto",
    "nota",
    "observo",
    "observa",
    "aprecia",
    "presenta",
    "con",
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
    "algo",
    "datos",
    "de",
    "es",
    "son",
    "mucho",
    "mucha",
    "ya",
    "todavia",
    "bien",
    "muy",
    "este",
    "eso",
    "pues",
    "entonces",
    "o",
    "osea",
    "sea",
    "que",
    "ni",
    "sin",
    "no",
    "nada",
    "del",
    "al",
    "en",
];

/// What makes a clause the description of a sign: a verb of finding, "sin", "con".
const OPENERS: &[&str] = &[
    "hay",
    "tiene",
    "tienes",
    "trae",
    "traes",
    "veo",
    "ve",
    "ven",
    "palpo",
    "palpa",
    "palpan",
    "encuentro",
    "escucho",
    "escucha",
    "oigo",
    "observo",
    "observa",
    "aprecia",
    "presenta",
    "noto",
    "con",
    "sin",
];

/// Clauses with one of these are talk and no finding.
const TALK: &[&str] = &[
    "me",
    "usted",
    "doctor",
    "doctora",
    "respire",
    "respira",
    "abra",
    "abre",
    "acuestese",
    "recuestese",
    "sientese",
    "parese",
    "levante",
    "voy",
    "vamos",
    "quiero",
    "quiere",
    "puede",
    "puedo",
    "diga",
    "digame",
    "dice",
    "dijo",
    "gracias",
    "favor",
    "tranquilo",
    "tranquila",
    "listo",
    "lista",
    "perfecto",
    "vistase",
    "vez",
    "cuenta",
    "problema",
    "cuidado",
    "duda",
    "embargo",
    "pena",
    "miedo",
    "prisa",
    "razon",
    "ganas",
    "creo",
    "pienso",
    "parece",
    "sabe",
    "sabes",
    "hacer",
    "hace",
    "hago",
    "dar",
    "doy",
    "tomar",
    "tome",
    "toma",
    "nos",
    "si",
    "porque",
    "cuando",
    "donde",
    "quien",
    "ayer",
    "manana",
    "semana",
    "semanas",
    "dias",
    "anos",
    "meses",
    "mes",
    "pasa",
    "paso",
    "seguro",
    "segura",
    "caso",
    "falta",
    "deme",
    "dame",
    "preste",
    "presteme",
    "saque",
    "saca",
    "siga",
    "sigue",
    "aguante",
    "afloje",
    "relaje",
    "fiebre",
    "familia",
    "tratamiento",
    "medicamento",
    "medicina",
    "pastilla",
    "pastillas",
    "miligramos",
    "gotas",
    "nombre",
    "casa",
    "trabajo",
    "permiso",
    "calma",
    "sentada",
    "sentado",
    "acostada",
    "acostado",
    "parada",
    "parado",
    "pulso",
    "presion",
    "glucosa",
    "peso",
    "pesa",
    "talla",
    "mide",
    "temperatura",
    "respiratoria",
    "respiraciones",
    "cardiaca",
    "frecuencia",
    "saturacion",
    "rapido",
    "parte",
    "checo",
    "ahora",
    "saliva",
    "guante",
    "doppler",
    "estudios",
    "hemoglobina",
    "creatinina",
    "papa",
    "hijo",
    "hija",
    "joven",
    "senora",
    "senor",
    "don",
    "dona",
    "verdad",
    "gusto",
    "eh",
    "ay",
    "uy",
    "hola",
    "adios",
];

/// Whether a word belongs to talk and not to a description.
pub(in crate::extract) fn is_talk(word: &str) -> bool {
    TALK.contains(&word)
}

/// Organ or site a clause is about, as its last words said.
type Topic = Option<String>;

/// Reads the clauses of a sentence that no lexicon covers. An organ named in it holds until its end and no further: the
/// next sentence may be about another one.
pub(super) fn clauses(
    scene: &Scene<'_>,
    idx: usize,
    sentence: Sentence,
    covered: &[(usize, usize)],
    book: &mut Book,
) {
    let turn = scene.turn(idx);
    let mut topic: Topic = None;
    let organs = scene.lex.organs.matcher.find(&turn.tokens);
    let sites = scene.lex.sites.matcher.find(&turn.tokens);
    let mut start = sentence.start;
    while start < sentence.end {
        let end = (start..sentence.end).find(|&at| ends_clause(turn, at)).unwrap_or(sentence.end);
        let named = organs
            .iter()
            .filter(|hit| hit.start >= start && hit.end <= end)
            .map(|hit| (hit.start, hit.end, scene.lex.organs.entries[hit.entry].name.clone()))
            .chain(
                sites
                    .iter()
                    .filter(|hit| hit.start >= start && hit.end <= end)
                    .map(|hit| (hit.start, hit.end, scene.lex.sites.entries[hit.entry].name.clone())),
            )
            .min_by_key(|(at, ..)| *at);
        // "La mama izquierda con una cicatriz": what comes after the organ is said of it.
        let told = named.as_ref().filter(|(from, ..)| *from <= start + 2).and_then(|(_, to, _)| {
            (*to..end).find(|&at| matches!(turn.word(at), "con" | "sin" | "tiene" | "hay" | "se"))
        });
        let about = match &named {
            Some((from, to, organ)) => Some(format!("{organ}{}", side(turn, *from, *to))),
            None => topic.clone(),
        };
        let from = told.unwrap_or(start);
        let taken = covered.iter().any(|&(first, last)| first < end && from < last)
            || scene.drugs[idx].iter().any(|drug| drug.start < end && from < drug.end)
            || scene.studies[idx].iter().any(|study| study.start < end && from < study.end);
        if !taken {
            let place = if named.is_some() && told.is_none() { None } else { about.clone() };
            clause(scene, idx, (from, end), place, book);
        }
        topic = about;
        start = end + 1;
    }
}

fn ends_clause(turn: &TurnDoc, at: usize) -> bool {
    let word = turn.word(at);
    turn.tokens[at].is_punct() && word != "¿" && word != "-" && word != "%"
        || word == "y"
            && matches!(
                turn.word(at + 1),
                "sin" | "no" | "el" | "la" | "los" | "las" | "con" | "hay" | "tiene" | "un" | "una"
            )
        || matches!(word, "pero" | "ni")
}

/// One clause, if it describes something.
fn clause(scene: &Scene<'_>, idx: usize, (start, end): (usize, usize), topic: Topic, book: &mut Book) {
    let turn = scene.turn(idx);
    let words: Vec<&str> = (start..end).map(|at| turn.word(at)).collect();
    let Some(from) = (start..end).find(|&at| !LEADS.contains(&turn.word(at))) else { return };
    let opened =
        (start..from).any(|at| OPENERS.contains(&turn.word(at))) || turn.word(start.wrapping_sub(1)) == "ni";
    let measured = words
        .iter()
        .any(|word| word.starts_with("centimetro") || word.starts_with("milimetro") || *word == "cruces");
    let described = words.len() <= 7 && (from..end).any(|at| describes(turn.word(at)));
    let content = (from..end)
        .filter(|&at| turn.word(at).len() > 3 && turn.word(at).chars().all(char::is_alphabetic))
        .count();
    let talk = words.iter().any(|word| TALK.contains(word))
        || turn.tokens[start..end].iter().any(|token| token.dead);
    let ought = (start..end).any(|at| turn.word(at) == "hay" && turn.word(at + 1) == "que");
    let lone = content == 1 && topic.is_none() && !measured;
    if talk
        || ought
        || lone
        || content == 0
        || !(opened || measured || described && (content >= 2 || topic.is_some()))
    {
        return;
    }
    if number_at(&turn.tokens, from).is_some() && !measured {
        return;
    }
    let to = end.min(from + 9);
    let negated = (start..from).any(|at| matches!(turn.word(at), "sin" | "no"))
        || turn.word(start.wrapping_sub(1)) == "ni"
        || matches!(
            turn.word(end.wrapping_sub(1)),
            "no" | "negativo" | "negativa" | "negativos" | "negativas" | "ausente" | "ausentes"
        );
    let normal = (from..end).any(|at| organs::NORMAL.contains(&turn.word(at)));
    let status = if negated {
        Status::Absent
    } else if normal {
        Status::Normal
    } else {
        Status::Present
    };
    let spoken = scene.spoken(idx, from, to).to_lowercase();
    let name = match topic {
        // "Próstata crecida, lisa": an adjective by itself is said of the organ.
        Some(topic) if to - from == 1 && described => format!("{topic} {spoken}"),
        Some(topic) => format!("{spoken} en {topic}"),
        None => spoken,
    };
    let mut fact =
        ClinicalFact::new(FactKind::Finding, name, turn.speaker, scene.doc.evidence(idx, start, to));
    fact.attributes.status = Some(status);
    fact.polarity = if negated { Polarity::Denied } else { Polarity::Affirmed };
    fact.confidence = 0.6;
    book.add(fact);
}

/// Where the adjectives, the grade or the size said right after a sign end.
pub(super) fn modified(turn: &TurnDoc, from: usize, limit: usize) -> usize {
    let mut end = from;
    let mut at = from;
    while at < limit && at < from + 7 && !turn.tokens[at].is_punct() && !turn.tokens[at].dead {
        let word = turn.word(at);
        let measure = matches!(
            word,
            "grado" | "cruces" | "cruz" | "centimetro" | "centimetros" | "milimetro" | "milimetros"
        );
        let outcome = word.starts_with("positiv") || word.starts_with("negativ");
        if describes(word) && !outcome || measure || is_degree(word) {
            end = at + 1;
        } else if word == "grado" || number_at(&turn.tokens, at).is_some() {
            if turn.word(at.wrapping_sub(1)) == "grado" {
                end = at + 1;
            }
        } else if !matches!(word, "muy" | "un" | "poco" | "poquito" | "de" | "mas" | "bien" | "algo" | "como")
        {
            break;
        }
        at += 1;
    }
    end
}

fn is_degree(word: &str) -> bool {
    matches!(
        word,
        "leve"
            | "leves"
            | "moderado"
            | "moderada"
            | "severo"
            | "severa"
            | "intenso"
            | "intensa"
            | "fino"
            | "fina"
            | "finos"
            | "finas"
            | "grueso"
            | "gruesa"
            | "grande"
            | "grandes"
            | "chico"
            | "chica"
            | "chiquito"
            | "chiquita"
            | "escaso"
            | "escasa"
            | "escasos"
            | "escasas"
            | "bilateral"
            | "bilaterales"
            | "horizontal"
            | "vertical"
            | "distal"
            | "proximal"
            | "lateral"
            | "medial"
            | "anterior"
            | "posterior"
            | "blanca"
            | "blanco"
            | "verde"
            | "amarilla"
            | "amarillo"
            | "purulenta"
            | "purulento"
            | "marcada"
            | "marcado"
            | "evidente"
            | "generalizado"
    )
}

/// Adjectives and participles of descriptions, by their endings.
pub(in crate::extract) fn describes(word: &str) -> bool {
    word.len() > 5
        && [
            "ado", "ada", "ados", "adas", "ido", "ida", "idos", "idas", "oso", "osa", "osos", "osas", "ico",
            "ica", "icos", "icas", "able", "ible", "ante", "ente", "ular", "eral", "eo", "ea", "ivo", "iva",
            "lento", "lenta", "rojo", "roja",
        ]
        .iter()
        .any(|ending| word.ends_with(ending))
        || matches!(
            word,
            "roja"
                | "rojo"
                | "liso"
                | "lisa"
                | "duro"
                | "dura"
                | "movil"
                | "fijo"
                | "fija"
                | "lento"
                | "lenta"
                | "chueco"
                | "blanco"
                | "blanca"
                | "gris"
                | "lisas"
                | "rojas"
        )
}
