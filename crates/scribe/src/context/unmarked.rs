//! Turns a recogniser wrote without a single mark, cut where their sentences end.

use crate::lexicon::Lexicons;
use crate::text::{Doc, Sentence, Token, TurnDoc};

/// Answers written without a single mark, one after the other ("vómito no diarrea tantita"), are cut behind the yes or no of
/// each word that was asked about.
pub(crate) fn answered_in_a_row(doc: &mut Doc) {
    let root = |word: &str| word.chars().take(5).collect::<String>();
    let mut asked: Vec<String> = Vec::new();
    for turn in &mut doc.turns {
        if turn.is_doctor() {
            asked = turn
                .tokens
                .iter()
                .filter(|token| token.norm.len() > 3)
                .map(|token| root(&token.norm))
                .collect();
            continue;
        }
        if turn.tokens.iter().any(Token::is_punct) || turn.tokens.len() < 3 {
            continue;
        }
        let cuts = (1..turn.tokens.len().saturating_sub(1)).filter(|&at| {
            matches!(turn.word(at), "no" | "sí" | "tampoco" | "nunca")
                && turn.word(at - 1).len() > 3
                && asked.contains(&root(turn.word(at - 1)))
                && !matches!(
                    turn.word(at + 1),
                    "creo" | "nada" | "nunca" | "tampoco" | "mucho" | "mucha" | "tanto" | "tanta"
                )
        });
        let mut starts: Vec<usize> = std::iter::once(0).chain(cuts.map(|at| at + 1)).collect();
        starts.dedup();
        if starts.len() == 1 || turn.sentences.len() > 1 {
            continue;
        }
        let ends = starts.iter().copied().skip(1).chain(std::iter::once(turn.tokens.len()));
        turn.sentences =
            starts.iter().zip(ends).map(|(&start, end)| Sentence { start, end, question: false }).collect();
    }
}

/// An examination written without a single mark is cut where the next organ or measure is named, unless a sign or a small
/// word leads to it: "abdomen blando | corazón rítmico", but "soplo en el corazón".
pub(crate) fn read_aloud(turn: &mut TurnDoc, lex: &Lexicons) {
    let marked = turn.tokens.iter().any(Token::is_punct);
    let asked = turn.sentences.iter().any(|sentence| sentence.question);
    if marked || asked || turn.tokens.len() < 12 {
        return;
    }
    let organs = lex.organs.matcher.find(&turn.tokens);
    let signs = lex.findings.matcher.find(&turn.tokens);
    if organs.len() + signs.len() < 4 {
        return;
    }
    let measures = (0..turn.tokens.len()).filter(|&at| {
        matches!(
            turn.word(at),
            "presion" | "pulso" | "temperatura" | "frecuencia" | "peso" | "talla" | "saturacion"
        )
    });
    let mut cuts: Vec<usize> = organs.iter().map(|organ| organ.start).chain(measures).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let begins = cuts.into_iter().filter_map(|at| {
        let mut from = at;
        while from > 0
            && matches!(turn.word(from - 1), "el" | "la" | "los" | "las" | "su" | "sus" | "tu" | "tus")
        {
            from -= 1;
        }
        let led = from == 0
            || matches!(
                turn.word(from - 1),
                "en" | "de"
                    | "del"
                    | "al"
                    | "a"
                    | "con"
                    | "por"
                    | "y"
                    | "ni"
                    | "o"
                    | "sin"
                    | "no"
                    | "palpo"
                    | "sobre"
                    | "cada"
                    | "duele"
            )
            || signs.iter().any(|sign| sign.start < at && at < sign.end);
        (!led).then_some(from)
    });
    let mut starts: Vec<usize> = std::iter::once(0).chain(begins).collect();
    starts.dedup();
    let ends = starts.iter().copied().skip(1).chain(std::iter::once(turn.tokens.len()));
    turn.sentences =
        starts.iter().zip(ends).map(|(&start, end)| Sentence { start, end, question: false }).collect();
}

/// An order taken for a question because it came without marks ("losartán de cincuenta uno diario"): it names a medicine and
/// how it is taken, or that it goes on.
pub(crate) fn orders_ask_nothing(turn: &mut TurnDoc, drugs: &[usize]) {
    let marked = turn.tokens.iter().any(|token| matches!(token.norm.as_str(), "?" | "¿"));
    if marked || !turn.sentences.iter().any(|sentence| sentence.question) {
        return;
    }
    let asks = matches!(
        turn.word(0),
        "toma"
            | "tomas"
            | "usa"
            | "usas"
            | "ha"
            | "has"
            | "sigue"
            | "cuanto"
            | "cuanta"
            | "que"
            | "como"
            | "desde"
            | "cuando"
            | "le"
            | "te"
            | "se"
    ) && !matches!(
        (turn.word(0), turn.word(1)),
        ("le" | "te", "voy" | "doy" | "dejo" | "mando" | "agrego" | "receto" | "pongo" | "cambio")
    );
    let tells = drugs.iter().any(|&drug| {
        let from = drug.saturating_sub(5);
        (from..turn.tokens.len().min(drug + 14)).any(|at| {
            crate::text::numbers::number_at(&turn.tokens, at).is_some_and(|number| {
                number.end > number.start && turn.word(at) != "un" && turn.word(at) != "una"
            }) || matches!(
                turn.word(at),
                "cada"
                    | "diario"
                    | "diaria"
                    | "siga"
                    | "sigalo"
                    | "sigala"
                    | "siguele"
                    | "igual"
                    | "suspenda"
                    | "quite"
                    | "parelo"
                    | "dejelo"
                    | "dejela"
                    | "yano"
                    | "media"
                    | "lleva"
                    | "voy"
                    | "cambio"
                    | "suspendo"
                    | "acaba"
                    | "deje"
                    | "fuera"
                    | "sirve"
            )
        })
    });
    if tells && !asks {
        for sentence in &mut turn.sentences {
            sentence.question = false;
        }
    }
}
