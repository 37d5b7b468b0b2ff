//! Questions and their answers across turns.

use crate::text::{Doc, Sentence, TurnDoc};

/// What an answer says as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// "sí", "un poco", "a veces".
    Yes,
    /// "no", "nada", "tampoco".
    No,
    /// "ya no".
    NoLonger,
}

/// The answer to what a clinician's turn asks.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The turns of the patient's side that follow, up to the clinician's next one.
    pub turns: Vec<usize>,
    /// What it says as a whole, if it does.
    pub reply: Option<Reply>,
    /// "lo demás no": what was asked and not mentioned is denied.
    pub rest_denied: bool,
    /// "las dos cosas", "todo eso": what was asked is affirmed together.
    pub all_affirmed: bool,
}

const FILLERS: &[&str] = &[
    "pues",
    "mmm",
    "mm",
    "ay",
    "uy",
    "uh",
    "bueno",
    "doctor",
    "doctora",
    "doc",
    "la",
    "verdad",
    "este",
    "fijese",
    "fijate",
    "mire",
    "mira",
    "ah",
    "eh",
    "hijole",
    "gracias",
    "dios",
    "que",
    "yo",
    "sepa",
    "recuerde",
    "creo",
    "a",
    "oiga",
    "ahorita",
    "hoy",
    "por",
    "ahora",
    "senorita",
    "doctorcita",
    "doctorita",
    "licenciada",
    "hasta",
    "eso",
    "ese",
    "esa",
    "esas",
    "esos",
    "y",
    "todavia",
    "afortunadamente",
    "jefe",
    "huy",
    "porfavor",
    "senor",
];
const YES: &[&str] = &[
    "sí",
    "si",
    "completas",
    "completos",
    "completo",
    "completa",
    "todas",
    "todos",
    "muchisimo",
    "muchisima",
    "poquitas",
    "poquitos",
    "horrible",
    "bastantito",
    "aja",
    "ey",
    "simon",
    "claro",
    "exacto",
    "exactamente",
    "andele",
    "andale",
    "correcto",
    "bastante",
    "mucho",
    "mucha",
    "poquito",
    "poquita",
    "poco",
    "algo",
    "aveces",
    "derepente",
    "siempre",
    "tambien",
    "ambos",
    "ambas",
    "efectivamente",
    "tantito",
    "mas",
    "comono",
    "sip",
    "obvio",
    "afirmativo",
    "asi",
    "casi",
    "diario",
    "devezencuando",
    "sipi",
    "ocasionalmente",
    "seguido",
    "demasiado",
    "sigue",
    "todo",
];
const NO: [&str; 13] = [
    "no", "nada", "ninguna", "ninguno", "nunca", "jamas", "tampoco", "negativo", "nel", "nop", "nadie", "ni",
    "cero",
];

/// The answer to the clinician's turn `asked`; `None` when the patient's side does not speak next.
#[must_use]
pub fn answer(doc: &Doc, asked: usize) -> Option<Answer> {
    let turns: Vec<usize> =
        (asked + 1..doc.turns.len()).take_while(|&idx| doc.turns[idx].is_patient_side()).take(4).collect();
    let first = *turns.first()?;
    let mut reply = reply(&doc.turns[first]);
    if asks_whether_gone(&doc.turns[asked]) {
        reply = match reply {
            Some(Reply::No) => Some(Reply::Yes),
            Some(Reply::Yes) => Some(Reply::NoLonger),
            other => other,
        };
    }
    for &later in &turns[1..] {
        let turn = &doc.turns[later];
        let opening = turn.joined(0, 6);
        let contradicts =
            ["como que no", "no es cierto", "como no", "no le crea"].iter().any(|cue| opening.contains(cue))
                || reply == Some(Reply::No)
                    && turn.speaker != doc.turns[first].speaker
                    && (turn.word(0) == "sí"
                        || [
                            "una vez",
                            "dos veces",
                            "el otro dia",
                            "bueno , sí",
                            "bueno sí",
                            "bueno , una vez",
                            "bueno , aveces",
                            "aveces",
                        ]
                        .iter()
                        .any(|cue| opening.starts_with(cue)));
        if contradicts {
            reply = Some(Reply::Yes);
        }
    }
    let said: String = turns
        .iter()
        .map(|&idx| doc.turns[idx].joined(0, doc.turns[idx].tokens.len()))
        .collect::<Vec<_>>()
        .join(" ");
    let rest_denied = [
        "demas no",
        "lo demas , no",
        "los demas no",
        "otro no",
        "otras no",
        "otros no",
        "lo otro no",
        "resto no",
        "de ahi en fuera no",
        "nada mas de eso",
        "nomas eso",
        "lo demas nada",
        "todo lo demas bien",
        "fuera de eso no",
        "ninguna de esas",
        "nada de eso",
        "ninguno de esos",
        "ni una ni otra",
        "ni uno ni otro",
        "ninguna de las dos",
        "ninguno de los dos",
        "nada de nada",
    ]
    .iter()
    .any(|cue| format!(" {said} ").contains(&format!(" {cue} ")));
    let all_affirmed = [
        "las dos cosas",
        "las dos",
        "los dos",
        "todo eso",
        "ambas",
        "ambos",
        "todas",
        "de todo",
        "todo .",
        "las tres",
        "los tres",
    ]
    .iter()
    .any(|cue| said.starts_with(cue) || said.contains(&format!("sí , {cue}")));
    Some(Answer { turns, reply, rest_denied, all_affirmed })
}

/// "Ni me la mencione", "ni le cuento", "ni se imagina": a yes beyond words, after its "ni".
fn beyond_words(turn: &TurnDoc, from: usize) -> bool {
    const VERBS: &[&str] = &["mencion", "nombr", "recuerd", "dig", "habl", "imagin", "cuent", "platic"];
    let verb = if matches!(turn.word(from + 1), "la" | "lo" | "las" | "los") { from + 2 } else { from + 1 };
    matches!(turn.word(from), "me" | "le" | "se")
        && VERBS.iter().any(|stem| turn.word(verb).starts_with(stem))
}

/// What a turn says to a yes-or-no question, from its first words.
#[must_use]
pub fn reply(turn: &TurnDoc) -> Option<Reply> {
    let all = turn.joined(0, turn.tokens.len().min(14));
    if [
        "no se ",
        "nose",
        "no me fije",
        "quien sabe",
        "no me he fijado",
        "no se ,",
        "no sabria",
        "no le se decir",
        "no entiendo",
        "no me la he",
        "no lo he medido",
        "no me he tomado",
        "no le he tomado",
        "no la he tomado",
        "no se la he tomado",
        "no me he medido",
        "no le he medido",
        "no me he checado",
    ]
    .iter()
    .any(|cue| all.starts_with(cue) || all.contains(&format!(", {cue}")))
    {
        return None;
    }
    let from = after_echo(turn).unwrap_or(0);
    let mut idx = from;
    while idx < turn.tokens.len().min(from + 10) {
        let token = &turn.tokens[idx];
        let word = token.norm.as_str();
        if word == "yano" {
            return Some(Reply::NoLonger);
        }
        if word == "casi" && matches!(turn.word(idx + 1), "no" | "nada" | "nunca") {
            return None;
        }
        if word == "ni" && beyond_words(turn, idx + 1) {
            return Some(Reply::Yes);
        }
        if NO.contains(&word) {
            // "No... bueno, sí me duele": the second word holds.
            let takes_back = (idx + 1..(idx + 5).min(turn.tokens.len())).any(|at| {
                turn.word(at) == "sí" && !matches!(turn.word(at + 1), "tuve" | "tenia" | "tuvo" | "hubo")
            });
            let corrected = takes_back || on_second_thought(turn, idx + 1);
            return Some(if corrected && word == "no" { Reply::Yes } else { Reply::No });
        }
        if word == "ojala"
            || word == "al" && turn.word(idx + 1) == "contrario"
            || word == "que" && turn.word(idx + 1) == "va"
        {
            return Some(Reply::No);
        }
        if word == "para" && turn.word(idx + 1) == "nada" {
            return Some(Reply::No);
        }
        if word == "como" && turn.word(idx + 1) == "no" {
            return Some(Reply::Yes);
        }
        if matches!(word, "un" | "una")
            && matches!(turn.word(idx + 1), "poco" | "poquito" | "tantito" | "poquitito" | "vez")
        {
            return Some(Reply::Yes);
        }
        if word == "si" && !turn.tokens.get(idx + 1).is_none_or(super::super::text::Token::is_punct) {
            return None;
        }
        // "Sí... no, miento, fue mi hijo"
        let lied = (idx + 1..(idx + 5).min(turn.tokens.len())).any(|at| {
            turn.word(at) == "no"
                && (at + 1..at + 3).any(|k| matches!(turn.word(k), "miento" | "perdon" | "digo"))
        });
        if YES.contains(&word) && lied {
            return Some(Reply::No);
        }
        if YES.contains(&word) {
            return Some(Reply::Yes);
        }
        if !token.is_punct() && !FILLERS.contains(&word) {
            return closing_reply(turn, idx);
        }
        idx += 1;
    }
    None
}

/// "¿Tos? No, tos no.": where the answer begins behind a short question said back.
fn after_echo(turn: &TurnDoc) -> Option<usize> {
    let first = turn.sentences.first()?;
    let echo = turn.is_patient_side() && first.question && first.end <= 8 && turn.sentences.len() > 1;
    echo.then_some(first.end)
}

/// What is answered to a question said back that holds a token; `None` when the token stands elsewhere.
#[must_use]
pub(super) fn echoed(turn: &TurnDoc, token: usize) -> Option<Reply> {
    let answer = after_echo(turn)?;
    if token < answer { reply(turn) } else { None }
}

/// "¿Ya se le quitó la tos?", "¿ya cedió el dolor?": asked whether it is gone, a "no" says that it goes on.
fn asks_whether_gone(turn: &TurnDoc) -> bool {
    turn.sentences.iter().enumerate().any(|(number, sentence)| {
        let said = format!(" {} ", turn.joined(sentence.start, sentence.end));
        asks(turn, number)
            && [
                " se le quit",
                " se te quit",
                " se le paso ",
                " se te paso ",
                " ya cedio",
                " se le ha quitado",
                " ya se fue ",
            ]
            .iter()
            .any(|cue| said.contains(" ya ") && said.contains(cue))
    })
}

/// "No, bueno, un poco en la noche": what follows takes the "no" back.
fn on_second_thought(turn: &TurnDoc, from: usize) -> bool {
    let mut words = (from..turn.tokens.len().min(from + 7))
        .filter(|&at| !turn.tokens[at].is_punct())
        .map(|at| turn.word(at));
    words.next() == Some("bueno")
        && words.next().is_some_and(|word| {
            matches!(
                word,
                "un" | "una"
                    | "unos"
                    | "unas"
                    | "poco"
                    | "poquito"
                    | "poquita"
                    | "tantito"
                    | "tantita"
                    | "aveces"
                    | "derepente"
                    | "sí"
                    | "ayer"
                    | "antier"
                    | "anoche"
            )
        })
}

/// "que yo me acuerde, no", "fíjese que sí": yes or no at the end of a short first sentence.
fn closing_reply(turn: &TurnDoc, from: usize) -> Option<Reply> {
    let end = turn.sentences.first().map_or(turn.tokens.len(), |sentence| sentence.end);
    let last = (from..end).rev().find(|&idx| !turn.tokens[idx].is_punct())?;
    let opens = (from..last).any(|idx| {
        matches!(
            turn.word(idx),
            "que"
                | "verdad"
                | "eso"
                | "esas"
                | "esos"
                | "recuerde"
                | "acuerde"
                | "sepa"
                | "creo"
                | "mi"
                | "ella"
                | "el"
        )
    });
    if last > from + 6 || !opens {
        return None;
    }
    match turn.word(last) {
        "no" | "nada" | "nunca" | "tampoco" => Some(Reply::No),
        "sí" => Some(Reply::Yes),
        "yano" => Some(Reply::NoLonger),
        _ => None,
    }
}

const WH: &[&str] = &[
    "cuando", "como", "cuanto", "cuanta", "cuantos", "cuantas", "donde", "cual", "cuales", "quien", "porque",
    "que", "desde", "hace", "hasta", "cada", "en", "a", "de", "por",
];

/// Verbs of a question for a date.
const BEGAN: &[&str] = &[
    "empez", "comenz", "inici", "fue", "dio", "paso", "salio", "aparec", "ultim", "vino", "nacio", "operar",
    "opero", "not",
];

/// Whether a question asks for details of something taken as given ("¿desde cuándo le duele?"), not whether it is so.
#[must_use]
pub fn takes_for_granted(turn: &TurnDoc, sentence: Sentence) -> bool {
    let mut words = (sentence.start..sentence.end)
        .map(|idx| turn.word(idx))
        .filter(|word| word.chars().all(char::is_alphabetic));
    let mut first = words.next().unwrap_or_default();
    while matches!(
        first,
        "y" | "a"
            | "ver"
            | "entonces"
            | "pero"
            | "bueno"
            | "oiga"
            | "digame"
            | "ok"
            | "el"
            | "la"
            | "ese"
            | "eso"
            | "como"
            | "dolor"
            | "doctor"
    ) {
        let next = words.next().unwrap_or_default();
        if first == "como" && !matches!(next, "que" | "si") {
            return true;
        }
        if first == "a" && !matches!(next, "ver") {
            return WH.contains(&next) && next != "a";
        }
        first = next;
    }
    if !WH.contains(&first) {
        return false;
    }
    match first {
        // "¿Cuando camina le duele?" asks whether; "¿cuándo le empezó?" asks for the day.
        "cuando" => {
            let rest: Vec<&str> = words.collect();
            let began = rest.iter().take(3).any(|word| BEGAN.iter().any(|stem| word.starts_with(stem)));
            began || rest.len() < 4
        }
        "que" => {
            let second = words.next().unwrap_or_default();
            !matches!(second, "le" | "se" | "te" | "sienta" | "tenga" | "sude" | "vea" | "haya")
        }
        "desde" | "hace" | "hasta" | "cada" | "en" | "de" | "por" => {
            let second = words.next().unwrap_or_default();
            WH.contains(&second) || matches!(second, "cuanto" | "lado" | "parte")
        }
        _ => true,
    }
}

/// Whether a sentence asks: by its marks, or because a tag question follows it ("¿verdad?").
#[must_use]
pub fn asks(turn: &TurnDoc, idx: usize) -> bool {
    let sentence = turn.sentences[idx];
    if sentence.question {
        return true;
    }
    turn.sentences.get(idx + 1).is_some_and(|next| {
        let words: Vec<&str> = (next.start..next.end)
            .map(|at| turn.word(at))
            .filter(|word| word.chars().all(char::is_alphabetic))
            .collect();
        next.question
            && words.len() <= 2
            && matches!(words.first(), Some(&("verdad" | "cierto" | "no" | "si" | "sí" | "correcto" | "eh")))
    })
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::{Reply, reply};
    use crate::text::TurnDoc;

    #[test]
    fn the_first_words_of_an_answer_say_yes_or_no() {
        for (text, expected) in [
            ("No, nada de eso.", Some(Reply::No)),
            ("Pues la verdad no.", Some(Reply::No)),
            ("Sí, poquita.", Some(Reply::Yes)),
            ("Un poco, en la noche.", Some(Reply::Yes)),
            ("Ya no. Dejé el cigarro.", Some(Reply::NoLonger)),
            ("Desde el lunes.", None),
            ("No me acuerdo.", None),
            ("Que yo me acuerde, no.", Some(Reply::No)),
            ("Para nada.", Some(Reply::No)),
            ("Uy, sí, eso sí.", Some(Reply::Yes)),
            ("¿Que si me arde? No.", Some(Reply::No)),
            ("¿Al orinar? Sí, bastante.", Some(Reply::Yes)),
            ("Sí... no, miento, fue mi hijo.", Some(Reply::No)),
            ("No me he tomado la temperatura.", None),
        ] {
            assert_eq!(reply(&TurnDoc::new(Speaker::Patient, text)), expected, "{text}");
        }
    }
}
