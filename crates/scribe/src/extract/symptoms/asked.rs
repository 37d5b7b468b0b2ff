//! What the clinician asks about symptoms and what the answer says to each.

use super::{Book, Said, symptom, touches};
use crate::context::answer::{Answer, Reply, asks, takes_for_granted};
use crate::context::person::points_elsewhere;
use crate::context::polarity::{said, unknown};
use crate::mentions::SymptomMention;
use crate::scene::Scene;

/// What the clinician asks and the answer to it.
pub(super) fn asked(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    if scene.family[idx] {
        return;
    }
    let mut open: Vec<(&SymptomMention, usize)> = Vec::new();
    for (number, sentence) in turn.sentences.iter().enumerate() {
        if !asks(turn, number)
            || takes_for_granted(turn, *sentence)
            || touches(scene, idx, sentence.start, sentence.end)
        {
            continue;
        }
        let said = turn.joined(sentence.start, sentence.end);
        if ["alergi", "operad", "medicin", "familia"].iter().any(|topic| said.contains(topic)) {
            continue;
        }
        for mention in
            scene.symptoms[idx].iter().filter(|m| m.start >= sentence.start && m.end <= sentence.end)
        {
            let before = scene.symptoms[idx]
                .iter()
                .filter(|m| m.start >= sentence.start && m.end <= mention.start)
                .count();
            let example = before == 1 && describes(turn, sentence.start, mention.start)
                || number > 0 && turn.word(sentence.start + 1) == "que" && !open.is_empty();
            if example {
                continue;
            }
            open.push((mention, number));
        }
    }
    open.retain(|(mention, _)| {
        !answer.turns.iter().any(|&t| {
            scene.symptoms[t]
                .iter()
                .any(|other| other.name == mention.name && unknown(scene.turn(t), other.end))
        })
    });
    let last_question = open.last().map(|(_, number)| *number);
    let mut explicit_yes = false;
    let mut unsettled = Vec::new();
    for &(mention, number) in &open {
        match explicit(scene, idx, mention) {
            Some((answering, said)) => {
                explicit_yes |= said != Said::No;
                let mut fact = symptom(scene, answering, &in_turn(scene, answering, mention), said, 0.9);
                fact.evidence =
                    vec![scene.doc.evidence(idx, mention.start, mention.end), scene.doc.whole(answering)];
                book.add(fact);
            }
            None => unsettled.push((mention, number)),
        }
    }
    explicit_yes |= answer
        .turns
        .iter()
        .any(|&t| scene.symptoms[t].iter().any(|m| said(scene.turn(t), m.start, m.end) != Said::No));
    for (mention, number) in &unsettled {
        let verdict = match answer.reply {
            _ if nearly_or_elsewhere(scene, answer, mention) => None,
            Some(Reply::Yes) if told_of_long_ago(scene.turn(answer.turns[0])) => None,
            _ if mention.name == "fiebre" && tells_degrees(scene, answer.turns[0]) => Some(Said::Yes),
            _ if answer.rest_denied => Some(Said::No),
            Some(Reply::No) => Some(Said::No),
            Some(Reply::NoLonger) => Some(Said::Past),
            Some(Reply::Yes) if answer.all_affirmed => Some(Said::Yes),
            Some(Reply::Yes)
                if open.len() == 1
                    || (unsettled.len() == 1 && !explicit_yes && Some(*number) == last_question) =>
            {
                Some(Said::Yes)
            }
            None if open.len() == 1 && !explicit_yes && starts_with_detail(scene, answer.turns[0]) => {
                Some(Said::Yes)
            }
            _ => None,
        };
        let Some(said) = verdict else { continue };
        let kind_turn = answer.turns[0];
        let mut fact = symptom(scene, idx, mention, said, 0.8);
        fact.said_by = scene.turn(kind_turn).speaker;
        fact.cite(scene.doc.whole(kind_turn));
        book.add(fact);
    }
}

/// "¿Cuántas veces vomitó?" "Tres.": what a question takes for granted is so when the answer tells how often or since when.
pub(super) fn presupposed(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = scene.answers[idx].as_ref().filter(|_| !scene.family[idx] && !scene.exam[idx]) else {
        return;
    };
    let first = answer.turns[0];
    let told = scene.turn(first);
    let counted =
        (0..told.tokens.len().min(4)).any(|at| crate::text::numbers::number_at(&told.tokens, at).is_some());
    let dated = starts_with_detail(scene, first);
    if !(counted || dated) || matches!(answer.reply, Some(Reply::No | Reply::NoLonger)) {
        return;
    }
    for (_, sentence) in turn
        .sentences
        .iter()
        .enumerate()
        .filter(|(number, sentence)| asks(turn, *number) && takes_for_granted(turn, **sentence))
    {
        let inside =
            |mention: &&SymptomMention| mention.start >= sentence.start && mention.end <= sentence.end;
        for mention in scene.symptoms[idx].iter().filter(inside) {
            let mut fact = symptom(scene, idx, mention, said(turn, mention.start, mention.end), 0.7);
            fact.said_by = told.speaker;
            fact.cite(scene.doc.whole(first));
            book.add(fact);
        }
    }
}

/// "¿Se ha caído?" "Casi." did not happen; "¿Le duelen las articulaciones?" "Las rodillas. Lo demás no." is no denial.
fn nearly_or_elsewhere(scene: &Scene<'_>, answer: &Answer, mention: &SymptomMention) -> bool {
    let first = scene.turn(answer.turns[0]);
    let casi =
        matches!(mention.name.as_str(), "caída" | "síncope") && (0..3).any(|at| first.word(at) == "casi");
    let aches = mention.name.starts_with("dolor") || mention.name.ends_with("algias");
    let sited = scene.lex.sites.matcher.find(&first.tokens).iter().any(|site| site.start < 4);
    casi || answer.rest_denied && aches && sited && answer.reply != Some(Reply::No)
}

/// "Una vez, en los setenta", "de chiquito": it was so once, and is no part of the present problem.
fn told_of_long_ago(turn: &crate::text::TurnDoc) -> bool {
    let end = turn.sentences.first().map_or(0, |first| first.end);
    let words = format!(" {} ", turn.joined(0, end));
    let once =
        ["una vez", "solo una", "nomas una", "alguna vez", "en aquel"].iter().any(|cue| words.contains(cue));
    let then = [
        " de chiquit",
        " de nin",
        " de chic",
        " de joven",
        " cuando era ",
        " en los setenta",
        " en los ochenta",
        " en los noventa",
        " en los sesenta",
        " hace anos",
        " hace muchos anos",
        " cuando estaba en ",
        " de soltera",
        " de estudiante",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    let years = (0..end).any(|at| {
        turn.word(at) == "hace"
            && !matches!(turn.word(at.wrapping_sub(1)), "desde" | "de")
            && crate::text::quantity::duration_at(
                &turn.tokens,
                at + 1 + usize::from(turn.word(at + 1) == "como"),
            )
            .is_some_and(|d| d.days >= 700.0 && turn.word(d.end) != "que")
    });
    then || once && years
}

/// "Anoche treinta y ocho": a number that can only be a fever.
fn tells_degrees(scene: &Scene<'_>, turn: usize) -> bool {
    let turn = scene.turn(turn);
    (0..turn.tokens.len()).any(|at| {
        crate::text::numbers::spoken_measure(&turn.tokens, at)
            .is_some_and(|n| (37.8..42.0).contains(&n.value))
    })
}

/// "bajones de azúcar, que le dé temblor, sudor frío": what follows describes the one thing asked.
fn describes(turn: &crate::text::TurnDoc, from: usize, to: usize) -> bool {
    (from + 1..to).any(|at| {
        turn.word(at) == "que"
            && turn.word(at - 1) == ","
            && matches!(turn.word(at + 1), "le" | "se" | "te" | "sude" | "vea")
    })
}

fn in_turn(scene: &Scene<'_>, turn: usize, mention: &SymptomMention) -> SymptomMention {
    SymptomMention {
        name: mention.name.clone(),
        start: 0,
        end: scene.turn(turn).tokens.len(),
        about: mention.about,
    }
}

/// "desde el lunes", "como tres veces": an answer that only makes sense if it is so.
fn starts_with_detail(scene: &Scene<'_>, turn: usize) -> bool {
    let turn = scene.turn(turn);
    let opening = turn.joined(0, 4);
    [
        "desde",
        "hace",
        "como",
        "en la noche",
        "en las noches",
        "cuando",
        "todos los dias",
        "todo el dia",
        "cada",
        "de vez",
        "unas",
        "unos",
        "aqui",
        "de este lado",
        "del lado",
        "nomas cuando",
        "nada mas cuando",
        "solo cuando",
        "ya muy leve",
    ]
    .iter()
    .any(|cue| opening.starts_with(cue) || opening.contains(&format!(", {cue}")))
        || turn.word(0) == "en"
            && scene.lex.sites.matcher.find(&turn.tokens).iter().any(|site| site.start <= 2)
        || crate::text::numbers::number_at(&turn.tokens, 0).is_some()
}

const EMPTY: &[&str] = &[
    "dolor",
    "duele",
    "tenido",
    "tiene",
    "siente",
    "sentido",
    "alguna",
    "algun",
    "mucho",
    "mucha",
    "esta",
    "como",
    "cuando",
    "algo",
    "todo",
    "veces",
    "noche",
    "dificultad",
    "falta",
    "parte",
    "lado",
    "arde",
    "molesta",
    "hacer",
    "bien",
    "poco",
    "dado",
    "hay",
    "para",
    "pasa",
    "visto",
    "hinchado",
    "hinchan",
    "hincha",
    "pierna",
    "brazo",
    "cabeza",
    "espalda",
    "pies",
    "manos",
    "garganta",
    "pecho",
    "panza",
    "boca",
    "cara",
    "perdida",
    "perdido",
    "sale",
    "salido",
    "orinar",
    "trabajo",
];

/// The answer takes up a word of what was asked ("Sangre no", "morado no", "no he vomitado") or names the same symptom.
fn explicit(scene: &Scene<'_>, asked: usize, mention: &SymptomMention) -> Option<(usize, Said)> {
    let answer = scene.answers[asked].as_ref()?;
    let question = scene.turn(asked);
    let mut verdict = None;
    for &turn_idx in &answer.turns {
        let turn = scene.turn(turn_idx);
        if let Some(same) = scene.symptoms[turn_idx].iter().find(|other| other.name == mention.name) {
            let elsewhere = points_elsewhere(turn, same.end);
            let heard = if elsewhere { Said::No } else { said(turn, same.start, same.end) };
            verdict = Some((turn_idx, heard));
            continue;
        }
        if verdict.is_some() {
            continue;
        }
        let words: Vec<&str> = (mention.start..mention.end)
            .map(|at| question.tokens[at].stem.as_str())
            .zip((mention.start..mention.end).map(|at| question.word(at)))
            .filter(|(stem, word)| stem.len() >= 4 && !EMPTY.contains(word))
            .map(|(stem, _)| stem)
            .collect();
        let root = |word: &str| word.chars().take(6).collect::<String>();
        let taken_up = turn.tokens.iter().position(|token| {
            words.iter().any(|word| token.stem == *word || word.len() >= 5 && root(word) == root(&token.stem))
        });
        if let Some(at) = taken_up {
            let fine = (at + 1..at + 5).any(|k| matches!(turn.word(k), "bien" | "normal"));
            let elsewhere = points_elsewhere(turn, at + 1);
            let heard = if fine || elsewhere { Said::No } else { said(turn, at, at + 1) };
            // "No, la pierna la siento bien": a word taken up does not undo a plain no.
            let plain_no = answer.reply == Some(Reply::No) && heard == Said::Yes;
            verdict = Some((turn_idx, if plain_no { Said::No } else { heard }));
        } else if let Some(heard) = answered_in_short(scene, asked, mention, turn) {
            verdict = Some((turn_idx, heard));
        }
    }
    verdict
}

/// "De cabeza sí. Los oídos no.", "Hinchados no": a word of only this symptom, with yes or no right behind it.
fn answered_in_short(
    scene: &Scene<'_>,
    asked: usize,
    mention: &SymptomMention,
    turn: &crate::text::TurnDoc,
) -> Option<Said> {
    let question = scene.turn(asked);
    let root = |word: &str| word.chars().take(5).collect::<String>();
    let roots = |of: &SymptomMention| -> Vec<String> {
        (of.start..of.end).map(|at| question.word(at)).filter(|word| word.len() >= 4).map(root).collect()
    };
    let mine: Vec<String> = roots(mention)
        .into_iter()
        .filter(|word| {
            scene.symptoms[asked]
                .iter()
                .all(|other| other.start == mention.start || !roots(other).contains(word))
        })
        .collect();
    let pain = |mention: &SymptomMention| {
        mention.name.starts_with("dolor") || mention.name.ends_with("algia") || mention.name == "odinofagia"
    };
    // "¿Se marea, le duele el pecho?" "Dolor tampoco.": the only pain that was asked about.
    let only_pain = pain(mention) && scene.symptoms[asked].iter().filter(|other| pain(other)).count() == 1;
    for at in 0..turn.tokens.len() {
        let bare_pain = only_pain && matches!(turn.word(at), "dolor" | "doler" | "dolerme");
        if !bare_pain && (turn.word(at).len() < 4 || !mine.contains(&root(turn.word(at)))) {
            continue;
        }
        // "¿Le arde, le da comezón?" "Arde. Comezón no.": the word by itself says yes.
        let bare = at == turn.sentence_of(at).start
            && turn.tokens.get(at + 1).is_none_or(crate::text::Token::is_punct);
        if bare && turn.word(at + 1) != "," {
            return Some(Said::Yes);
        }
        let mut next = at + 1;
        while matches!(
            turn.word(next),
            "," | "eso" | "la" | "verdad" | "pues" | "que" | "digamos" | "casi" | "ahi" | "todavia" | "me"
        ) {
            next += 1;
        }
        let closes = turn
            .tokens
            .get(next + 1)
            .is_none_or(|token| token.is_punct() || matches!(token.norm.as_str(), "pero" | "y"));
        match turn.word(next) {
            "sí" | "tambien" | "si" if closes => return Some(Said::Yes),
            "no" | "tampoco" | "nada" | "nunca" if closes => return Some(Said::No),
            "yano" if closes => return Some(Said::Past),
            "bien" | "normal" | "normales" if closes => return Some(Said::No),
            _ => {}
        }
    }
    None
}
