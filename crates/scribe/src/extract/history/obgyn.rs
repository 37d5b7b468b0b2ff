//! Gynaecological and obstetric antecedents: counts of pregnancies, menstruation, contraception.

mod counts;

use clinical::calendar::MONTHS;

use super::*;
use crate::lexicon::Lexicon;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;
use crate::text::quantity::{WEEKDAYS, first_duration};

/// Reads them from a turn of the patient's side.
pub(super) fn stated_obgyn(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(question) = scene.question_before(idx) else { return };
    let turn = scene.turn(idx);
    let parent = turn.speaker == clinical::transcript::Speaker::Companion
        && scene.household.companion_is_parent.is_some();
    if scene.family[idx] || parent {
        return;
    }
    let counted = counts::counted(scene, idx, question, book);
    let seen = named(scene, idx, question, counted, book);
    if question + 1 == idx {
        by_question(scene, idx, question, book);
        only_asked(scene, idx, question, &seen, counted, book);
    }
    told_unasked(scene, idx, book);
}

/// Names that need no question: they say what they are by themselves.
fn specific(name: &str) -> bool {
    matches!(
        name,
        "fecha de última menstruación" | "menarca" | "menopausia" | "ligadura de trompas" | "parto vaginal"
    )
}

fn contraceptive(name: &str) -> bool {
    matches!(
        name,
        "dispositivo intrauterino"
            | "DIU de cobre"
            | "DIU hormonal"
            | "implante anticonceptivo"
            | "anticonceptivos orales"
            | "anticonceptivo inyectable"
            | "parche anticonceptivo"
            | "uso de condón"
            | "uso de anticonceptivo"
    )
}

/// What is named in the turn itself; gives the entries found.
fn named(scene: &Scene<'_>, idx: usize, question: usize, counted: bool, book: &mut Book) -> Vec<usize> {
    let lexicon: &Lexicon = &scene.lex.obgyn;
    let turn = scene.turn(idx);
    let about = lexicon.matcher.find(&scene.turn(question).tokens);
    let mut seen = Vec::new();
    for hit in lexicon.matcher.find(&turn.tokens) {
        let name = lexicon.entries[hit.entry].name.as_str();
        let asked = about.iter().any(|a| a.entry == hit.entry);
        let used = contraceptive(name) && (uses(turn, hit) || asks_with(scene, question, METHOD));
        if turn.sentence_of(hit.start).question
            || counts::is_count(name) && (counted || !asked)
            || !(specific(name) || asked || used)
            || scene.household.who(turn, hit.start, hit.end, false) != Who::Patient
        {
            continue;
        }
        seen.push(hit.entry);
        let said = match said(turn, hit.start, hit.end) {
            Said::Yes if used && left(turn, hit) => Said::Past,
            said => said,
        };
        book.add(fact(scene, idx, hit, name, Section::ObGyn, said));
    }
    seen
}

/// Questions for contraception.
const METHOD: &[&str] = &[
    "metodo",
    "cuida",
    "cuidan",
    "planific",
    "anticoncep",
    "protege",
    "embarazada",
    "posibilidad de embarazo",
];

/// "traigo el dispositivo", "me pusieron el implante", "con condón".
fn uses(turn: &TurnDoc, hit: Hit) -> bool {
    let first = turn.sentence_of(hit.start).start;
    (first..hit.start).rev().take(7).any(|at| {
        matches!(
            turn.word(at),
            "traigo"
                | "tengo"
                | "uso"
                | "usamos"
                | "usaba"
                | "pusieron"
                | "puse"
                | "tomo"
                | "tomaba"
                | "llevo"
                | "inyecto"
                | "usando"
        )
    })
}

/// "el parche me lo quité", "antes usaba".
fn left(turn: &TurnDoc, hit: Hit) -> bool {
    let near = turn.joined(hit.start.saturating_sub(4), hit.end + 5);
    ["quite", "deje", "antes", "usaba", "tomaba", "retiraron", "sacaron"]
        .iter()
        .any(|cue| near.split(' ').any(|word| word == *cue))
}

/// What the question gives its meaning: a date after "¿última regla?", an age after "¿a qué edad le bajó?".
fn by_question(scene: &Scene<'_>, idx: usize, question: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let asks = |cues: &[&str]| asks_with(scene, question, cues);
    let menstruation =
        asks(&["regla", "menstrua", "periodo", "le bajo", "te bajo", "le baja", "te baja", " fum "]);
    let number = (0..turn.tokens.len().min(8)).find_map(|at| number_at(&turn.tokens, at));
    let mut add = |name: &str, said: Said| {
        let whole = Hit { entry: 0, start: 0, end: turn.tokens.len().min(12) };
        let mut fact = fact(scene, idx, whole, name, Section::ObGyn, said);
        fact.cite(scene.doc.whole(question));
        fact.confidence = 0.8;
        book.add(fact);
    };
    let first_time = asks(&["que edad", "cuantos anos", "primera vez", "menarca"]);
    if menstruation && first_time {
        if number.is_some_and(|number| (8.0..19.0).contains(&number.value)) {
            add("menarca", Said::Yes);
        }
        return;
    }
    if menstruation {
        let said_all = format!(" {} ", turn.joined(0, turn.tokens.len()));
        let gone =
            [" se me fue", " se me quito", " se me retiro", " yano me baja", " yano reglo", " dejo de bajar"]
                .iter()
                .any(|cue| said_all.contains(cue));
        match cycles(turn) {
            _ if gone => add("menopausia", Said::Yes),
            Some(name) => add(name, Said::Yes),
            None => {}
        }
        let when = asks(&[
            "ultim", "cuando", "fecha", " fum ", "la regla", "su regla", "tu regla", "le bajo", "te bajo",
        ]);
        if when && !gone && dated(turn) {
            add("fecha de última menstruación", Said::Yes);
        }
    }
    for (cues, name) in [(&["papanic", "citolog"][..], "papanicolaou"), (&["mastograf"][..], "mastografía")]
    {
        let told = first_duration(&turn.tokens, 0, turn.tokens.len()).is_some()
            || turn.joined(0, 8).contains("ano pasado")
            || turn.joined(0, 8).contains("este ano");
        if asks(cues) && told && crate::context::answer::reply(turn) != Some(Reply::No) {
            add(name, Said::Yes);
        }
    }
    let weeks = asks(&["cuantas semanas", "semanas de embarazo", "cuantas semanas tiene"]);
    if let Some(number) = number.filter(|number| weeks && (4.0..43.0).contains(&number.value)) {
        let spoken = scene.spoken(idx, number.start, number.end).to_lowercase();
        add(&format!("embarazo de {spoken} semanas"), Said::Yes);
    }
}

/// "cada veintiocho días", "muy puntual", "se me adelanta".
fn cycles(turn: &TurnDoc) -> Option<&'static str> {
    let said_all = format!(" {} ", turn.joined(0, turn.tokens.len()));
    if [
        " irregular",
        " se me atrasa",
        " se me adelanta",
        " cada dos meses",
        " a veces no me baja",
        " no me baja",
    ]
    .iter()
    .any(|cue| said_all.contains(cue))
    {
        return Some("ciclos irregulares");
    }
    let monthly = (0..turn.tokens.len()).any(|at| {
        turn.word(at) == "cada"
            && (turn.word(at + 1) == "mes"
                || number_at(&turn.tokens, at + 1).is_some_and(|number| (21.0..36.0).contains(&number.value)))
    });
    (monthly || [" regular", " puntual", " normal"].iter().any(|cue| said_all.contains(cue)))
        .then_some("ciclos menstruales regulares")
}

/// A date or how long ago.
fn dated(turn: &TurnDoc) -> bool {
    let words = (0..turn.tokens.len()).any(|at| {
        let word = turn.word(at);
        MONTHS.contains(&word)
            || WEEKDAYS.contains(&word)
            || matches!(word, "ayer" | "antier" | "antes de ayer")
            || matches!((word, turn.word(at + 1)), ("semana" | "mes", "pasada" | "pasado"))
            || matches!(word, "el" | "dia" | "como")
                && number_at(&turn.tokens, at + 1).is_some_and(|n| n.value <= 31.0)
            || word == "hace" && number_at(&turn.tokens, at + 1).is_some()
    });
    words && !turn.joined(0, turn.tokens.len()).contains("cada")
        || turn.tokens.iter().any(|token| MONTHS.contains(&token.norm.as_str()))
        || turn.joined(0, turn.tokens.len()).contains("el dia")
}

/// "me bajó la semana pasada", "a los once me bajó la primera vez", "hace tres meses que no me baja": told without being asked.
fn told_unasked(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    for at in 0..turn.tokens.len() {
        let came = matches!(turn.word(at), "bajo" | "regle")
            && matches!(turn.word(at.wrapping_sub(1)), "me" | "la" | "yo");
        let sentence = turn.sentence_of(at);
        if !came || sentence.question || turn.word(at + 1) == "de" || said(turn, at, at + 1) == Said::No {
            continue;
        }
        let before = (at.saturating_sub(6).max(sentence.start)..at)
            .find_map(|k| number_at(&turn.tokens, k).filter(|_| turn.word(k.wrapping_sub(1)) == "los"));
        let age = before.is_some_and(|number| (8.0..19.0).contains(&number.value));
        let after = turn.joined(at + 1, at + 5);
        let date = ["el ", "la semana", "hace", "ayer", "antier", "este mes", "en "]
            .iter()
            .any(|cue| after.starts_with(cue))
            && !after.starts_with("el azucar")
            && !after.starts_with("la presion");
        let name = if age {
            "menarca"
        } else if date {
            "fecha de última menstruación"
        } else {
            continue;
        };
        book.add(fact(scene, idx, Hit { entry: 0, start: at, end: at + 1 }, name, Section::ObGyn, Said::Yes));
    }
}

/// What was asked by name and the answer does not name: denied, counted, or affirmed.
fn only_asked(
    scene: &Scene<'_>,
    idx: usize,
    question: usize,
    seen: &[usize],
    counted: bool,
    book: &mut Book,
) {
    let lexicon: &Lexicon = &scene.lex.obgyn;
    let (turn, asked) = (scene.turn(idx), scene.turn(question));
    let reply = crate::context::answer::reply(turn);
    let answers = (0..turn.tokens.len()).any(|at| number_at(&turn.tokens, at).is_some());
    for hit in lexicon.matcher.find(&asked.tokens).into_iter().filter(|hit| !seen.contains(&hit.entry)) {
        let name = lexicon.entries[hit.entry].name.as_str();
        let in_question = asked
            .sentences
            .iter()
            .enumerate()
            .any(|(n, s)| asks(asked, n) && hit.start >= s.start && hit.end <= s.end);
        let countable = matches!(name, "parejas sexuales" | "inicio de vida sexual") && answers;
        let affirmed = matches!(name, "lactancia materna" | "embarazo actual" | "parejas sexuales")
            && reply == Some(Reply::Yes);
        let denied = reply == Some(Reply::No);
        // "¿Hay posibilidad de embarazo?" - "No, me hice una prueba hace una semana."
        if !in_question
            || counts::is_count(name) && (counted || answers)
            || !(countable || affirmed || denied)
        {
            continue;
        }
        let said = if denied && !countable { Said::No } else { Said::Yes };
        let mut fact = fact(scene, question, hit, name, Section::ObGyn, said);
        fact.cite(scene.doc.whole(idx));
        fact.confidence = 0.8;
        book.add(fact);
    }
}
