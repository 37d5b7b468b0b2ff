//! Negation inside a turn, as people speak: "no tengo fiebre ni tos", "vómito no", "morado tampoco", "ya no me duele".

use super::clause_words::{BREAKS, PERSIST, VERBS};
use crate::text::TurnDoc;

/// What the speaker says about something mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It was so and no longer is.
    Past,
}

/// Whether a folded word denies what stands near it.
#[must_use]
pub fn negates(word: &str) -> bool {
    matches!(
        word,
        "no" | "ni"
            | "sin"
            | "nunca"
            | "jamas"
            | "tampoco"
            | "niega"
            | "niego"
            | "ningun"
            | "ninguna"
            | "ninguno"
            | "descarta"
            | "noesque"
    )
}

/// What is said about the words of a token range, inside its own turn.
#[must_use]
pub fn said(turn: &TurnDoc, start: usize, end: usize) -> Said {
    // "¿Tos? No, tos no.": the question said back is answered behind it.
    if let Some(reply) = super::answer::echoed(turn, start) {
        return match reply {
            super::answer::Reply::Yes => Said::Yes,
            super::answer::Reply::No => Said::No,
            super::answer::Reply::NoLonger => Said::Past,
        };
    }
    let own_negation = matches!(turn.word(start), "no" | "sin" | "casi" | "nada");
    let inside =
        !own_negation && (start + 1..end).any(|at| matches!(turn.word(at), "no" | "tampoco" | "nunca"));
    let said = match after(turn, end).filter(|_| !own_negation) {
        Some(said) => said,
        None if inside => Said::No,
        // "Sin mis gotas no duermo": the condition does not deny what has its own "no".
        None if own_negation && turn.word(start) == "no" && without_it(turn, start) => Said::Yes,
        None => before(turn, start),
    };
    match said {
        Said::No if taken_back_later(turn, end) => Said::Yes,
        Said::Yes if denied_again(turn, start, end) => Said::No,
        said => said,
    }
}

fn without_it(turn: &TurnDoc, start: usize) -> bool {
    let first = turn.sentence_of(start).start;
    (first..start).rev().take(5).any(|at| turn.word(at) == "sin")
}

/// "Trato de no fumar, pero de vez en cuando sí": the second half holds.
fn taken_back_later(turn: &TurnDoc, end: usize) -> bool {
    let limit = turn.sentence_of(end.saturating_sub(1)).end.min(end + 9);
    let Some(but) = (end..limit).find(|&at| turn.word(at) == "pero") else { return false };
    (but + 1..limit)
        .take_while(|&at| {
            turn.tokens[at].is_punct()
                || matches!(
                    turn.word(at),
                    "devezencuando"
                        | "aveces"
                        | "derepente"
                        | "luego"
                        | "poquito"
                        | "un"
                        | "ahorita"
                        | "antes"
                        | "la"
                        | "verdad"
                        | "sí"
                )
        })
        .any(|at| {
            // "pero a veces sí la veo oscura" tells of something else.
            turn.word(at) == "sí" && turn.tokens.get(at + 1).is_none_or(super::super::text::Token::is_punct)
        })
}

/// "La calentura no sé, no me la tomé": neither yes nor no.
#[must_use]
pub fn unknown(turn: &TurnDoc, end: usize) -> bool {
    let limit = turn.sentence_of(end.saturating_sub(1)).end.min(end + 3);
    (end..limit).any(|at| turn.word(at) == "nose")
}

/// "la última me ligaron... ah, no, no me ligué": what was said is taken back with the same word.
fn denied_again(turn: &TurnDoc, start: usize, end: usize) -> bool {
    let root = |word: &str| word.chars().take(3).collect::<String>();
    let Some(word) = (start..end).rev().map(|at| turn.word(at)).find(|word| word.len() >= 5) else {
        return false;
    };
    (end..turn.tokens.len().min(end + 14)).any(|at| {
        turn.word(at) == "no"
            && matches!(turn.word(at + 1), "me" | "le" | "lo" | "la" | "se" | "te")
            && turn.word(at + 2).len() >= 4
            && root(turn.word(at + 2)) == root(word)
    })
}

/// "fiebre no", "vómito tampoco", "sangre sí", "tos ya no".
fn after(turn: &TurnDoc, end: usize) -> Option<Said> {
    let limit = turn.sentence_of(end.saturating_sub(1)).end;
    let mut idx = end;
    let mut comma = false;
    let mut reach = end + 8;
    while idx < limit && idx < reach {
        let word = turn.word(idx);
        let at_end = idx + 1 >= limit || turn.tokens[idx + 1].is_punct();
        match word {
            "," if aside(turn, idx, limit).is_some() => {
                // "Fiebre, que yo haya sentido, no."
                idx = aside(turn, idx, limit).unwrap_or(idx);
                reach = idx + 3;
                comma = true;
            }
            "," | "..." => comma = true,
            "todavia" | "hasta" | "ahorita" | "aun"
                if (idx + 1..limit.min(idx + 3)).any(|at| turn.word(at) == "no") => {}
            // "náusea y vómito no", "triste triste no".
            "y" if idx == end && coordinated_no(turn, idx, limit) => return Some(Said::No),
            _ if idx <= end + 1 && turn.tokens[idx].stem == turn.tokens[end - 1].stem => {}
            "sí" if !comma || at_end => return Some(Said::Yes),
            "yano" if !comma || at_end => return Some(Said::Past),
            "tampoco" if !comma || at_end => return Some(Said::No),
            "imposible" => return Some(Said::No),
            "no" | "nunca" | "nada" | "ninguna" | "ninguno" | "jamas" => {
                if word != "no" && !at_end && comma {
                    return None;
                }
                let next = turn.word(idx + 1);
                let verb = matches!(
                    next,
                    "he" | "ha"
                        | "has"
                        | "hay"
                        | "tengo"
                        | "tiene"
                        | "tuve"
                        | "tuvo"
                        | "trae"
                        | "traigo"
                        | "creo"
                        | "hubo"
                        | "le"
                        | "me"
                        | "se"
                        | "hemos"
                        | "veo"
                        | "siento"
                        | "noto"
                        | "fumo"
                        | "tomo"
                        | "uso"
                        | "padezco"
                        | "mucha"
                        | "mucho"
                        | "tanto"
                        | "tanta"
                );
                // "los ojos para arriba, como que no me podía": a clause of its own.
                let parted = (end..idx).any(|at| matches!(turn.word(at), "que" | "como" | "para"));
                let verb = verb && !(parted && matches!(next, "me" | "le" | "se"));
                let verb =
                    verb || VERBS.contains(&next) && (idx + 2 >= limit || turn.tokens[idx + 2].is_punct());
                let persists = (idx + 1..(idx + 5).min(limit)).any(|k| PERSIST.contains(&turn.word(k)));
                if word == "no" && idx == end && answered_in_a_row(turn, idx, limit) {
                    return Some(Said::No);
                }
                // "fumar no nunca", "de eso no para nada".
                let twice = matches!(next, "nunca" | "nada" | "jamas" | "tampoco");
                if at_end || (verb && !comma && !persists) || next == "creo" || twice && !comma {
                    return Some(Said::No);
                }
                return None;
            }
            "dice" | "dicen" if reported_no(turn, idx, limit) => return Some(Said::No),
            "fijese" | "fijate" | "creo" | "yo" | "eso" | "la" | "verdad" | "de" | "plano" | "asi"
            | "que" | "digamos" | "para" | "como" | "tal" | "pues" | "casi" | "doctora" | "doctor" | "le"
            | "me" | "dolor" | "sangre" | "roja" => {}
            _ => return None,
        }
        idx += 1;
    }
    None
}

/// "…, que yo haya sentido, …", "…, lo que se dice calentura, …": the comma that ends a remark between a word and its yes or no.
fn aside(turn: &TurnDoc, comma: usize, limit: usize) -> Option<usize> {
    let opens = matches!(
        (turn.word(comma + 1), turn.word(comma + 2)),
        ("que", "yo" | "digamos" | "recuerde" | "sepa") | ("lo", "que") | ("asi", "que")
    );
    let close = (comma + 2..limit.min(comma + 9)).find(|&at| turn.word(at) == ",")?;
    let answers = matches!(turn.word(close + 1), "no" | "sí" | "nunca" | "yano");
    (opens && answers).then_some(close)
}

/// "Los ojos, dice mi marido que no."
fn reported_no(turn: &TurnDoc, says: usize, limit: usize) -> bool {
    (says + 1..limit.min(says + 5)).any(|at| {
        turn.word(at) == "que"
            && turn.word(at + 1) == "no"
            && (at + 2 >= limit || turn.tokens[at + 2].is_punct())
    })
}

/// "dolor no sangrado sí", written without a pause: one short answer after the other, each with its own yes or no.
fn answered_in_a_row(turn: &TurnDoc, no: usize, limit: usize) -> bool {
    !(no..limit).any(|at| turn.tokens[at].is_punct())
        && (no + 2..(no + 4).min(limit)).any(|at| matches!(turn.word(at), "sí" | "no" | "tampoco"))
        && !VERBS.contains(&turn.word(no + 1))
}

/// "... y vómito no." closes a short list that is denied as a whole.
fn coordinated_no(turn: &TurnDoc, and: usize, limit: usize) -> bool {
    let no = and + 2;
    no < limit
        && matches!(turn.word(no), "no" | "tampoco")
        && !turn.tokens[and + 1].is_punct()
        && !VERBS.contains(&turn.word(and + 1))
        && (no + 1 >= limit || turn.tokens[no + 1].is_punct())
}

fn before(turn: &TurnDoc, start: usize) -> Said {
    let first = turn.sentence_of(start).start;
    let mut segment_has_verb = starts_clause(turn, start);
    let mut crossed = false;
    let mut idx = start;
    while idx > first && start - idx < 18 {
        idx -= 1;
        let token = &turn.tokens[idx];
        if token.dead {
            continue;
        }
        let word = token.norm.as_str();
        if word == ","
            && matches!(turn.word(idx + 1), "el" | "la" | "los" | "las")
            && listed_by_sin(turn, idx, first)
        {
            return Said::Yes;
        }
        if word == "," || word == ":" {
            if segment_has_verb {
                return Said::Yes;
            }
            crossed = true;
            continue;
        }
        if word == "y" {
            if segment_has_verb {
                return Said::Yes;
            }
            continue;
        }
        // "No fumo, y tomar, una copita": the infinitive before a comma names a new topic.
        let topic = matches!(word, "tomar" | "fumar" | "beber") && turn.word(idx + 1) == ",";
        if topic && matches!(turn.word(idx.wrapping_sub(1)), "y" | "," | "") {
            return Said::Yes;
        }
        if token.is_punct() {
            if matches!(word, "..." | "¿") {
                return Said::Yes;
            }
            continue;
        }
        if word == "yano" {
            return Said::Past;
        }
        if word == "nada" && turn.word(idx + 1) == "de" {
            return Said::No;
        }
        if word == "que" && idx > first && matches!(turn.word(idx - 1), "sepa" | "recuerde" | "creo") {
            continue;
        }
        if negates(word) {
            return negator_says(turn, idx, start, crossed && segment_has_verb);
        }
        if BREAKS.contains(&word) && !(word == "que" && neg_before_que(turn, idx, first)) {
            return Said::Yes;
        }
        if VERBS.contains(&word)
            && !negates(turn.word(idx.wrapping_sub(1)))
            && !(idx > first && clitic_negated(turn, idx, first))
        {
            segment_has_verb = true;
        }
    }
    Said::Yes
}

/// "sin heridas, la piel seca": what "sin" denies has no article; a noun with one begins something else.
fn listed_by_sin(turn: &TurnDoc, comma: usize, first: usize) -> bool {
    (first..comma)
        .rev()
        .take(8)
        .find(|&at| negates(turn.word(at)))
        .is_some_and(|at| turn.word(at) == "sin" && !matches!(turn.word(at + 1), "el" | "la" | "los" | "las"))
}

/// "no creo que", "no es que", "no hay que": the negation passes over "que".
fn neg_before_que(turn: &TurnDoc, que: usize, first: usize) -> bool {
    let verb = turn.word(que.wrapping_sub(1));
    que >= first + 2
        && matches!(
            verb,
            "creo" | "parece" | "digo" | "siento" | "noto" | "notado" | "sentido" | "visto" | "veo"
        )
        && turn.word(que - 2) == "no"
}

/// "no me ha dado": the verb "ha" belongs to the negation before it.
fn clitic_negated(turn: &TurnDoc, verb: usize, first: usize) -> bool {
    let mut idx = verb;
    while idx > first && verb - idx < 4 {
        idx -= 1;
        let word = turn.word(idx);
        if negates(word) {
            return true;
        }
        if !matches!(
            word,
            "me" | "le"
                | "se"
                | "te"
                | "nos"
                | "les"
                | "lo"
                | "la"
                | "los"
                | "las"
                | "he"
                | "ha"
                | "has"
                | "hemos"
                | "han"
                | "esta"
                | "estoy"
                | "eso"
        ) {
            return false;
        }
    }
    false
}

fn starts_clause(turn: &TurnDoc, start: usize) -> bool {
    VERBS.contains(&turn.word(start)) && turn.word(start) != "como"
}

fn negator_says(turn: &TurnDoc, negator: usize, start: usize, other_clause: bool) -> Said {
    let next = turn.word(negator + 1);
    let particle = turn.tokens.get(negator + 1).is_some_and(super::super::text::Token::is_punct);
    if other_clause && turn.word(negator) != "ni" {
        return Said::Yes;
    }
    if particle {
        return Said::Yes;
    }
    if turn.word(negator) == "no" {
        let persists = (negator + 1..start).take(4).any(|k| PERSIST.contains(&turn.word(k)));
        let unfinished = matches!(next, "se" | "me" | "le") && persists;
        // "no he dejado de toser", "no hay día que no me duela"
        let goes_on = (negator + 1..start + 1)
            .any(|k| turn.word(k).starts_with("dejad") || turn.word(k) == "deja" || turn.word(k) == "dejo")
            && (negator + 1..start + 2).any(|k| turn.word(k) == "de");
        let twice = turn.word(negator.wrapping_sub(1)) == "que"
            && (negator.saturating_sub(6)..negator)
                .any(|k| turn.word(k) == "no" && turn.word(k + 1) == "hay");
        if unfinished || goes_on || twice || PERSIST.contains(&next) {
            return Said::Yes;
        }
    }
    if turn.word(negator) == "sin" && matches!(next, "parar" | "dejar" | "querer" | "poder") {
        return Said::Yes;
    }
    Said::No
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::{Said, said};
    use crate::text::TurnDoc;

    #[track_caller]
    fn check(text: &str, word: &str, expected: Said) {
        let turn = TurnDoc::new(Speaker::Patient, text);
        let at = turn.tokens.iter().position(|token| token.norm == word).unwrap_or_default();
        assert_eq!(said(&turn, at, at + 1), expected, "{word} in {text:?}");
    }

    #[test]
    fn negation_reaches_what_it_denies_and_no_further() {
        check("No tengo fiebre ni tos.", "fiebre", Said::No);
        check("No tengo fiebre ni tos.", "tos", Said::No);
        check("No tengo fiebre, pero traigo tos.", "tos", Said::Yes);
        check("No tengo fiebre, me duele la cabeza.", "cabeza", Said::Yes);
        check("No he tenido fiebre, tos, vómito.", "vomito", Said::No);
        check("Náusea sí, pero no he vomitado. Y fiebre no, ni escalofríos.", "nausea", Said::Yes);
        check("Náusea sí, pero no he vomitado. Y fiebre no, ni escalofríos.", "vomitado", Said::No);
        check("Náusea sí, pero no he vomitado. Y fiebre no, ni escalofríos.", "fiebre", Said::No);
        check("Náusea sí, pero no he vomitado. Y fiebre no, ni escalofríos.", "escalofrios", Said::No);
        check("Calentura, no.", "calentura", Said::No);
        check("No, nomás tos.", "tos", Said::Yes);
        check("Ya no tengo fiebre.", "fiebre", Said::Past);
        check("No se me quita la tos.", "tos", Said::Yes);
        check("Sin fiebre y con tos.", "fiebre", Said::No);
        check("Palpitaciones no. Temblor tampoco.", "temblor", Said::No);
        check("Tengo tos, no me deja dormir.", "tos", Said::Yes);
        check("No me ha dado calentura.", "calentura", Said::No);
        check("Vómito no he tenido.", "vomito", Said::No);
        check("No es que me dé vueltas el cuarto.", "vueltas", Said::No);
        check("Los pies sin heridas, la piel un poco seca.", "seca", Said::Yes);
        check("Sin soplos, frote.", "frote", Said::No);
        check("El ruido sí. Náusea y vómito no. Luz no.", "nausea", Said::No);
        check("Triste triste no.", "triste", Said::No);
        check("Doble no veo.", "doble", Said::No);
        check("Tengo náusea y vómito no he tenido.", "nausea", Said::Yes);
        check("Trato de no fumar, pero de vez en cuando sí.", "fumar", Said::Yes);
        check("Triste, triste, no.", "triste", Said::No);
        check("Pegado no amanece.", "pegado", Said::No);
        check("dolor no sangrado sí doctora", "dolor", Said::No);
        check("dolor no sangrado sí doctora", "sangrado", Said::Yes);
        check("Náusea, vómito todavía no.", "vomito", Said::No);
        check("Fiebre, que yo haya sentido, no.", "fiebre", Said::No);
        check("No he dejado de toser.", "toser", Said::Yes);
        check("No hay día que no me duela la cabeza.", "duela", Said::Yes);
        check("¿Tos? No, tos no.", "tos", Said::No);
        check("Sangre sangre, así como roja, no creo.", "sangre", Said::No);
    }
}
