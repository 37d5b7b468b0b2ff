//! Whether a medicine is taken only if it is needed.

use super::*;

const PRN: &[&str] = &[
    "si tiene",
    "si le duele",
    "si te duele",
    "si hay",
    "si la hay",
    "si lo hay",
    "si siente",
    "si trae",
    "si le da",
    "si te da",
    "cuando tenga",
    "cuando le duela",
    "cuando te duela",
    "cuando duela",
    "cuando le de",
    "cuando te de",
    "solo si",
    "nomas si",
    "nomas cuando",
    "solo cuando",
    "solamente si",
    "en caso de",
    "por razon necesaria",
    "si lo necesita",
    "si la necesita",
    "si lo ocupa",
    "si hace falta",
    "si es necesario",
    "si amerita",
    "si duele",
    "si acaso",
    "si se siente",
    "si presenta",
    "si aparece",
    "en caso necesario",
    "si no aguanta",
    "si sigue con dolor",
    "si tienes",
    "si le vuelve",
    "mientras tenga",
    "mientras tengas",
    "al inicio del dolor",
    "cuando empiece",
    "si batalla",
    "si siente",
    "si sangra",
    "cuando haya",
    "si le molesta",
    "si le arde",
    "si trae dolor",
    "cuando le arda",
    "cuando le pique",
    "cuando sienta",
    "cuando traiga",
    "cuando tengas",
    "si no puede dormir",
    "de rescate",
    "si lo pides",
    "si lo pide",
    "si no alcanza",
    "en cuanto haya",
    "encuanto haya",
    "en cuanto tenga",
    "encuanto tenga",
    "si va a",
    "si vas a",
    "si vomita",
    "si vomitas",
    "si pasa de",
    "si pasan",
    "si amanece",
    "si despierta",
    "si persiste",
    "cuando le falte",
    "si le falta",
    "si te falta",
    "si se ahoga",
    "si se pone",
    "si hubiera",
    "si hubiese",
    "nomas cuando",
    "cuando lo necesite",
    "cuando haga falta",
    "cuando lo ocupe",
    "si quieres",
    "si gusta",
    "solo para la calentura",
    "solo para la fiebre",
    "solo para calentura",
    "solo para fiebre",
    "solo para el dolor",
    "solo para dolor",
    "nada mas para",
    "para dolor fuerte",
    "para el dolor fuerte",
    "mientras sangre",
    "mientras duela",
    "mientras le duela",
    "mientras haya",
    "cuando de el dolor",
    "cuando le de el dolor",
    "al empezar el dolor",
    "al primer sintoma",
    "durante los brotes",
    "cuando se agite",
    "cuando batalle",
    "cuando no pueda",
    "si no duerme",
    "si se tapa",
    "si esta inquiet",
    "si hay molestia",
    "si tiene tos",
    "si amanece con",
    "si empieza",
    "si persisten",
    "por si hay",
    "por si le da",
    "por si te da",
    "por si tiene",
    "si lleva",
    "si llega a tener",
    "segun necesite",
    "nada mas si",
    "nada mas cuando",
    "nada mas con mas de",
    "nada mas esos dias",
    "nada mas esas veces",
    "nomas esos dias",
    "nomas esas veces",
    "solo esos dias",
    "solo esas veces",
    "unicamente si",
    "unicamente cuando",
    "solo con mas de",
    "nomas con mas de",
    "las que quiera",
    "las veces que quiera",
    "las que necesite",
    "las veces que necesite",
    "hasta cada",
];

/// Whether the words after a medicine say that it is taken only if needed.
pub(super) fn is_prn(turn: &TurnDoc, start: usize, end: usize) -> bool {
    let said = turn.joined(start, end);
    let cued = PRN.iter().any(|cue| {
        said.contains(cue)
            && !changes_before(&said, cue)
            && !said.contains(&format!("{cue} dudas"))
            && !said.contains(&format!("no {cue}"))
            && !said.contains(&format!("no solo {cue}"))
    });
    cued || (start..end)
        .any(|at| conditioned_after(turn, at, end) || at_the_onset(turn, at) || beyond_a_limit(turn, at, end))
}

/// "al empezar la migraña", "al inicio del cólico": taken when the complaint begins.
fn at_the_onset(turn: &TurnDoc, at: usize) -> bool {
    turn.word(at) == "al"
        && matches!(turn.word(at + 1), "empezar" | "inicio" | "iniciar" | "comenzar" | "sentir" | "notar")
        && (at + 2..at + 6).any(|k| COMPLAINTS.iter().any(|stem| turn.word(k).starts_with(stem)))
}

/// "si el azúcar pasa de doscientos cincuenta": a measure beyond its limit is the condition.
fn beyond_a_limit(turn: &TurnDoc, at: usize, end: usize) -> bool {
    const MEASURED: &[&str] = &["azucar", "glucosa", "presion", "temperatura", "saturacion", "oxigeno"];
    turn.word(at) == "si"
        && (at + 1..end.min(at + 6)).any(|k| MEASURED.contains(&turn.word(k)))
        && (at + 1..end.min(at + 9)).any(|k| {
            matches!(turn.word(k), "pasa" | "rebasa" | "arriba" | "mas" | "mayor" | "anda" | "esta")
                && (k + 1..k + 5).any(|n| number_at(&turn.tokens, n).is_some())
        })
}

/// "cada tres días sube dos si amanece alta": the condition of a change, not of taking it.
fn changes_before(said: &str, cue: &str) -> bool {
    let Some((lead, _)) = said.split_once(cue) else { return false };
    lead.split_whitespace().rev().take(6).any(|word| {
        ["sube", "suba", "suben", "subi", "subo", "baje", "bajo", "aument", "agreg"]
            .iter()
            .any(|stem| word.starts_with(stem))
    })
}

/// "si de repente le arde", "cuando traiga mucha comezón", "los días que le duela": a complaint is the condition; what is to be
/// done if things go otherwise ("si le sale roncha, lo suspende") is none.
fn conditioned_after(turn: &TurnDoc, at: usize, end: usize) -> bool {
    let days = turn.word(at) == "dias" && turn.word(at + 1) == "que";
    if turn.tokens[at].dead
        || turn.word(at.wrapping_sub(1)) == "no"
        || !(days || matches!(turn.word(at), "si" | "cuando"))
    {
        return false;
    }
    let clause: Vec<&str> = (at + 1..end.min(at + 10))
        .map(|k| turn.word(k))
        .take_while(|word| !matches!(*word, "." | "," | ";" | "?"))
        .collect();
    let starts = |word: &str, stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    let complains = clause.iter().take(7).any(|word| starts(word, COMPLAINTS));
    let rest = (at..end.min(at + 16)).map(|k| turn.word(k));
    // "si la tos no lo deja dormir" is no plan of leaving it.
    let sleepless = clause.windows(2).any(|pair| {
        pair[0].starts_with("dej")
            && matches!(pair[1], "dormir" | "descansar" | "respirar" | "hacer" | "comer")
    });
    let other =
        rest.into_iter().any(|word| starts(word, OTHERWISE) && !(sleepless && word.starts_with("dej")));
    complains && !other && clause.first() != Some(&"no")
}

/// Complaints a medicine is kept for.
const COMPLAINTS: &[&str] = &[
    "chill",
    "alcanz",
    "piquete",
    "retortij",
    "enchil",
    "zumb",
    "punz",
    "inflam",
    "hinch",
    "tiembl",
    "palpit",
    "duel",
    "dolor",
    "fiebr",
    "calentur",
    "vomit",
    "molest",
    "arde",
    "ardor",
    "pica",
    "pique",
    "comezon",
    "nause",
    "asco",
    "tos",
    "ahog",
    "diarr",
    "sangr",
    "mare",
    "ansi",
    "nervi",
    "colic",
    "crisis",
    "ataque",
    "roncha",
    "congest",
    "acid",
    "agrur",
    "reflujo",
    "espasm",
    "silb",
    "migran",
    "insomn",
    "inquiet",
    "agit",
    "estren",
    "despiert",
    "resequ",
    "reseca",
    "arenill",
    "obrar",
    "evacuar",
    "migrana",
    "jaqueca",
    "contractur",
];

/// What makes of a condition another plan than taking the medicine.
const OTHERWISE: &[&str] = &[
    "suspend", "quit", "deja", "deje", "avis", "habl", "llam", "urgenc", "regres", "veng", "vien", "sub",
    "baj", "dobl", "aument", "mejor",
];

/// Stems of what a medicine is kept for: a condition that names one of them makes it "only if needed".
const NEEDS: &[&str] = &[
    "duel",
    "dol",
    "fiebr",
    "calent",
    "temperatur",
    "alcanz",
    "cort",
    "aguant",
    "pasa",
    "empie",
    "vuelv",
    "vomit",
    "molest",
    "arde",
    "ardor",
    "pic",
    "comezon",
    "nause",
    "asco",
    "tos",
    "ahog",
    "aire",
    "dorm",
    "evac",
    "obra",
    "estren",
    "diarr",
    "sangr",
    "mare",
    "ansi",
    "nervi",
    "colic",
    "despiert",
    "silb",
    "migran",
    "insomn",
    "inquiet",
    "agit",
    "crisis",
    "ataque",
    "roncha",
    "inflam",
    "hinch",
    "congest",
    "tapa",
    "acid",
    "agrur",
    "reflujo",
    "gas",
    "espasm",
    "alerg",
    "sube",
    "baja",
    "amanec",
    "necesit",
    "hace",
    "siente",
    "trae",
    "tiene",
];

/// "Si duele, paracetamol", "y si no alcanza, paracetamol", "cuando empiece el dolor, naproxeno": the condition leads to the
/// medicine. Only the conditions of the present complaint: "si no mejora en tres días, antibiótico" is another plan.
///
/// Gives the words of the condition, as a range of tokens.
pub(in crate::extract) fn conditioned_before(
    turn: &TurnDoc,
    from: usize,
    to: usize,
) -> Option<(usize, usize)> {
    let at = (from..to).rev().find(|&at| opens_condition(turn, at, from))?;
    let words: Vec<&str> = (at + 1..to).map(|k| turn.word(k)).collect();
    let another_plan = words.iter().any(|word| {
        ["mejor", "funcion", "toler", "sale", "positiv", "embaraz"].iter().any(|stem| word.starts_with(stem))
    });
    let numbered_days =
        words.iter().any(|word| matches!(*word, "semana" | "semanas" | "mes" | "meses" | "anos"));
    let close = words.len() <= 14;
    let conditioned = close
        && !another_plan
        && !numbered_days
        && (words.iter().any(|word| NEEDS.iter().any(|stem| word.starts_with(stem)))
            || does_not_go(turn, at, to))
        && !words.iter().any(|word| matches!(*word, "." | "?"));
    let end = (at..to).find(|&k| turn.word(k) == "," && k > at + 1).unwrap_or(to);
    conditioned.then_some((at, end))
}

/// "si al tercer día no, un supositorio": the bowel is meant.
fn does_not_go(turn: &TurnDoc, at: usize, to: usize) -> bool {
    let day = (at..to).any(|k| matches!(turn.word(k), "dia" | "dias"));
    day && (at..to)
        .any(|k| matches!((turn.word(k), turn.word(k + 1)), ("no", "," | "va" | "hace") | ("sin", "ir")))
}

fn opens_condition(turn: &TurnDoc, at: usize, from: usize) -> bool {
    let before = turn.word(at.wrapping_sub(1));
    let opens = at == from
        || turn.tokens.get(at.wrapping_sub(1)).is_some_and(crate::text::Token::is_punct)
        || matches!(before, "y" | "o" | "pero" | "solo" | "nomas" | "mas" | "solamente" | "unicamente");
    let word = turn.word(at);
    opens
        && (word == "si"
            || word == "cuando"
            || word == "encuanto"
            || word == "en" && turn.word(at + 1) == "caso")
}
