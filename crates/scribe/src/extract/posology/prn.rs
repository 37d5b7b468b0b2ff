//! Whether a medicine is taken only if it is needed.

use super::*;

const PRN: &[&str] = &[
    "si tiene",
    "si le duele",
    "si te duele",
    "si hay",
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
];

/// Whether the words after a medicine say that it is taken only if needed.
pub(super) fn is_prn(turn: &TurnDoc, start: usize, end: usize) -> bool {
    let said = turn.joined(start, end);
    PRN.iter().any(|cue| said.contains(cue) && !said.contains(&format!("{cue} dudas")))
}

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
pub(in crate::extract) fn conditioned_before(turn: &TurnDoc, from: usize, to: usize) -> bool {
    let Some(at) = (from..to).rev().find(|&at| opens_condition(turn, at, from)) else { return false };
    let words: Vec<&str> = (at + 1..to).map(|k| turn.word(k)).collect();
    let another_plan = words.iter().any(|word| {
        ["mejor", "funcion", "toler", "sale", "positiv", "embaraz"].iter().any(|stem| word.starts_with(stem))
    });
    let numbered_days =
        words.iter().any(|word| matches!(*word, "semana" | "semanas" | "mes" | "meses" | "anos"));
    let close = words.len() <= 14;
    close
        && !another_plan
        && !numbered_days
        && words.iter().any(|word| NEEDS.iter().any(|stem| word.starts_with(stem)))
        && !words.iter().any(|word| matches!(*word, "." | "?"))
}

fn opens_condition(turn: &TurnDoc, at: usize, from: usize) -> bool {
    let before = turn.word(at.wrapping_sub(1));
    let opens = at == from
        || turn.tokens.get(at.wrapping_sub(1)).is_some_and(crate::text::Token::is_punct)
        || matches!(before, "y" | "o" | "pero" | "solo" | "nomas" | "mas");
    let word = turn.word(at);
    opens
        && (word == "si"
            || word == "cuando"
            || word == "encuanto"
            || word == "en" && turn.word(at + 1) == "caso")
}
