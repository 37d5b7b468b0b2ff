//! Habits: smoking, drinking, drugs, exercise, food and what else is asked of the way of life.

use super::*;
use crate::context::answer::Answer;
use crate::text::TurnDoc;

/// What is told without having been asked; the rest counts only as an answer.
const STRONG: &[&str] = &[
    "tabaquismo",
    "consumo de alcohol",
    "exposición a humo de leña",
    "cigarro electrónico",
    "vapeo",
    "lactancia materna",
    "vive solo",
];

/// Groups that are asked together: who asks for one lets the patient speak of all.
const TOXIC: &[&str] = &["tabaquismo", "alcohol", "drogas", "cigarro electrónico", "vapeo"];

/// Words of giving something up.
const GIVEN_UP: &[&str] =
    &["deje", "dejo", "dejado", "dejamos", "quite", "fumaba", "tomaba", "bebia", "consumia", "probe", "yano"];

/// Habits told by the patient's side.
pub(super) fn stated_habits(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if scene.family[idx] {
        return;
    }
    let question = scene.question_before(idx);
    let drinking = question.map(|question| bare_drinking(scene, idx, question)).unwrap_or_default();
    for hit in scene.lex.habits.matcher.find(&turn.tokens).into_iter().chain(drinking) {
        let entry = &scene.lex.habits.entries[hit.entry];
        if turn.sentence_of(hit.start).question || applied(turn, hit) {
            continue;
        }
        let smokes = entry.name == "tabaquismo";
        match scene.household.who(turn, hit.start, hit.end, false) {
            Who::Patient => {}
            _ if smokes => {
                second_hand(scene, idx, hit, book);
                continue;
            }
            _ => continue,
        }
        let asked = question.is_some_and(|question| asks_about(scene, question, &entry.name));
        if !asked && !STRONG.contains(&entry.name.as_str()) {
            continue;
        }
        let mut verdict = said(turn, hit.start, hit.end);
        let again = question.is_some_and(|question| asks_with(scene, question, &["volvio a", "volviste a"]));
        let imperfect = turn.word(hit.start).ends_with("aba") && given_up(turn, hit);
        if verdict != Said::No && given_up(turn, hit) || verdict == Said::No && (again || imperfect) {
            verdict = Said::Past;
        }
        add(scene, idx, hit, &entry.name, verdict, 0.9, book);
    }
}

/// "Tomar no.", "tomo los fines": drinking, where drinking was asked for.
fn bare_drinking(scene: &Scene<'_>, idx: usize, question: usize) -> Vec<Hit> {
    let turn = scene.turn(idx);
    let Some(entry) =
        drinking(scene).filter(|entry| asked(scene, question).iter().any(|asked| asked.entry == *entry))
    else {
        return Vec::new();
    };
    let known = scene.lex.habits.matcher.find(&turn.tokens);
    (0..turn.tokens.len())
        .filter(|&at| {
            let alone = turn.tokens.get(at + 1).is_none_or(|next| {
                next.is_punct() && next.norm != ","
                    || matches!(
                        next.norm.as_str(),
                        "no" | "nunca" | "casi" | "poco" | "poquito" | "sí" | "cuando" | "cada"
                    )
            });
            matches!(turn.word(at), "tomar" | "tomo" | "bebo" | "beber") && alone
        })
        .filter(|&at| known.iter().all(|hit| at < hit.start || at >= hit.end))
        .map(|at| Hit { entry, start: at, end: at + 1 })
        .collect()
}

fn drinking(scene: &Scene<'_>) -> Option<usize> {
    scene.lex.habits.entries.iter().position(|entry| entry.name == "consumo de alcohol")
}

/// Whether a clinician's turn asks about a habit, or about food and drink in general.
fn asks_about(scene: &Scene<'_>, question: usize, name: &str) -> bool {
    const FOOD: &[&str] = &[
        "refresco",
        "café",
        "agua",
        "carne",
        "leche",
        "jugos",
        "dieta",
        "sal",
        "comida rápida",
        "lactancia materna",
        "fórmula",
    ];
    let group = |entry: usize| scene.lex.habits.entries[entry].info.as_str();
    let own =
        scene.lex.habits.entries.iter().find(|entry| entry.name == name).map(|entry| entry.info.as_str());
    let Some(own) = own else { return false };
    let asked: Vec<&str> = asked(scene, question).iter().map(|asked| group(asked.entry)).collect();
    let named = scene.lex.habits.matcher.find(&scene.turn(question).tokens);
    let together = |all: &[&str]| all.contains(&own) && asked.iter().any(|other| all.contains(other));
    let eating =
        ["que come", "que comes", "que desayuna", "alimentacion", "come bien", "cuanta agua", "comiendo"];
    named.iter().any(|hit| group(hit.entry) == own)
        || asked.contains(&own)
        || together(FOOD)
        || together(TOXIC)
        || FOOD.contains(&own) && asks_with(scene, question, &eating)
}

/// "le echamos alcohol", "ceniza de cigarro", "tose con el ejercicio": no habit.
fn applied(turn: &TurnDoc, hit: Hit) -> bool {
    let before = turn.joined(hit.start.saturating_sub(4), hit.start);
    ["echa", "echo", "pus", "pon", "limpi", "ceniza", "con el", "frot", "unta"]
        .iter()
        .any(|cue| before.split(' ').any(|word| word.starts_with(cue)) || before.ends_with(cue))
        && !before.contains("pongo a")
}

/// "antes fumaba", "el cigarro ya lo dejé", "cristal probé hace ocho años".
fn given_up(turn: &TurnDoc, hit: Hit) -> bool {
    let sentence = turn.sentence_of(hit.start);
    let next = turn.sentence_of(sentence.end);
    // "Delicados. Dejé hace quince años."
    let goes_on = sentence.end < turn.tokens.len()
        && GIVEN_UP.contains(&turn.word(next.start))
        && next.end > sentence.end;
    let end = if goes_on { next.start + 1 } else { (hit.end + 5).min(sentence.end) };
    (hit.start.saturating_sub(4).max(sentence.start)..end).any(|at| GIVEN_UP.contains(&turn.word(at)))
        || turn.word(hit.start.wrapping_sub(1)) == "antes"
}

/// "Mi papá fuma en la casa", "mi cuñado fuma, pero afuera": smoke of others.
fn second_hand(scene: &Scene<'_>, idx: usize, hit: Hit, book: &mut Book) {
    let turn = scene.turn(idx);
    let sentence = turn.sentence_of(hit.start);
    let around = format!(" {} ", turn.joined(sentence.start, (hit.end + 8).min(turn.tokens.len())));
    let near = [" casa ", " adentro ", " afuera ", " patio ", " cuarto ", " carro ", " junto ", " conmigo "]
        .iter()
        .any(|cue| around.contains(cue));
    let asked = scene.question_before(idx).is_some_and(asks_second_hand(scene));
    if said(turn, hit.start, hit.end) != Said::No && (near || asked) {
        add(scene, idx, hit, "tabaquismo pasivo", Said::Yes, 0.8, book);
    }
}

fn asks_second_hand<'a>(scene: &'a Scene<'_>) -> impl Fn(usize) -> bool + 'a {
    move |question| {
        let turn = scene.turn(question);
        turn.sentences.iter().enumerate().any(|(number, sentence)| {
            let said = turn.joined(sentence.start, sentence.end);
            asks(turn, number)
                && [
                    "alguien fuma",
                    "quien fuma",
                    "fuman en",
                    "fuma en casa",
                    "fuma en la casa",
                    "humo de cigarro",
                ]
                .iter()
                .any(|cue| said.contains(cue))
        })
    }
}

fn add(scene: &Scene<'_>, idx: usize, hit: Hit, name: &str, verdict: Said, confidence: f32, book: &mut Book) {
    let mut fact = fact(scene, idx, hit, name, Section::Habits, verdict);
    fact.confidence = confidence;
    book.add(fact);
}

/// A habit a clinician's turn asks about.
struct Asked {
    /// Index of the entry.
    entry: usize,
    /// Where it stands.
    hit: Hit,
}

/// What the clinician asks of habits: by name, and "¿fuma, toma?", "¿y toma?" for drinking.
fn asked(scene: &Scene<'_>, idx: usize) -> Vec<Asked> {
    let turn = scene.turn(idx);
    let in_question = |hit: &Hit| {
        turn.sentences
            .iter()
            .enumerate()
            .any(|(n, s)| asks(turn, n) && hit.start >= s.start && hit.end <= s.end)
    };
    let hits = scene.lex.habits.matcher.find(&turn.tokens);
    let mut found: Vec<Asked> = hits
        .into_iter()
        .filter(|hit| in_question(hit) && !applied(turn, *hit))
        .map(|hit| Asked { entry: hit.entry, hit })
        .collect();
    let smoking = |word: &str| word.starts_with("fum") || word.starts_with("cigarr");
    let recent = (idx.saturating_sub(4)..=idx).any(|at| {
        scene.turn(at).is_doctor() && scene.turn(at).tokens.iter().any(|token| smoking(&token.norm))
    });
    let Some(entry) = drinking(scene).filter(|_| recent) else { return found };
    let drugs = scene.lex.habits.entries.iter().position(|entry| entry.name == "consumo de drogas");
    for (at, token) in turn.tokens.iter().enumerate() {
        let verb = matches!(
            token.norm.as_str(),
            "toma" | "tomas" | "bebe" | "bebes" | "tomaba" | "bebio" | "bebidas"
        );
        let bare = turn.tokens.get(at + 1).is_none_or(|next| {
            next.is_punct()
                || matches!(next.norm.as_str(), "usted" | "y" | "o" | "bebidas" | "alcohol")
                || smoking(&next.norm)
        });
        let hit = Hit { entry, start: at, end: at + 1 };
        let known = found.iter().any(|other| other.entry == entry);
        if verb && bare && !known && in_question(&hit) {
            found.push(Asked { entry, hit });
        }
        let uses = matches!(token.norm.as_str(), "usa" | "usas")
            && turn.word(at + 1) == "algo"
            && turn.tokens.get(at + 2).is_none_or(crate::text::Token::is_punct);
        if let Some(entry) = drugs.filter(|_| uses && in_question(&hit)) {
            found.push(Asked { entry, hit: Hit { entry, ..hit } });
        }
    }
    found
}

/// Habits asked by the clinician and what the answer says of each.
pub(super) fn asked_habits(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    if asks_second_hand(scene)(idx) {
        asked_second_hand(scene, idx, answer, book);
        return;
    }
    let asked = asked(scene, idx);
    for Asked { entry, hit } in &asked {
        let entry = &scene.lex.habits.entries[*entry];
        if told(scene, answer, &entry.info) {
            continue;
        }
        let sentence = turn.sentence_of(hit.start);
        let question = turn.joined(sentence.start, sentence.end);
        let first = scene.turn(answer.turns[0]);
        let past = (0..first.tokens.len().min(9)).any(|at| GIVEN_UP.contains(&first.word(at)));
        let again = question.contains("volvio a")
            || question.contains("volviste a")
            || question.contains("sigue sin")
            || question.contains("sigues sin");
        let verdict = match answer.reply {
            Some(Reply::No) if again && question.contains("volv") => Said::Past,
            Some(Reply::Yes) if again && question.contains("sigue") => Said::Past,
            // The answer to a question that is itself negative says nothing by itself.
            _ if said(turn, hit.start, hit.end) == Said::No && !question.contains(" o no") => continue,
            _ if answer.rest_denied => Said::No,
            Some(Reply::NoLonger) => Said::Past,
            Some(Reply::No) => Said::No,
            _ if past && asked.len() == 1 => Said::Past,
            Some(Reply::Yes) if asked.len() == 1 => Said::Yes,
            None if asked.len() == 1 && tells_amount(first) => Said::Yes,
            _ => continue,
        };
        // How much water one drinks is asked of everybody; only little of it is worth a line.
        if entry.name == "bajo consumo de agua" && !little(first) {
            continue;
        }
        let mut fact = fact(scene, idx, *hit, &entry.name, Section::Habits, verdict);
        fact.cite(scene.doc.whole(answer.turns[0]));
        fact.confidence = 0.8;
        book.add(fact);
    }
}

fn little(turn: &TurnDoc) -> bool {
    (0..turn.tokens.len().min(8))
        .any(|at| matches!(turn.word(at), "poca" | "poquita" | "casi" | "nada" | "no"))
}

/// Whether the answer names the habit itself as the patient's, so that its own words decide.
fn told(scene: &Scene<'_>, answer: &Answer, group: &str) -> bool {
    answer.turns.iter().any(|&t| {
        let turn = scene.turn(t);
        scene.lex.habits.matcher.find(&turn.tokens).iter().any(|other| {
            scene.lex.habits.entries[other.entry].info == group
                && scene.household.who(turn, other.start, other.end, false) == Who::Patient
        })
    })
}

/// "¿Alguien fuma en casa?" - "Yo, pero en el patio.", "Nadie."
fn asked_second_hand(scene: &Scene<'_>, idx: usize, answer: &Answer, book: &mut Book) {
    let first = scene.turn(answer.turns[0]);
    let somebody = (0..first.tokens.len().min(5)).any(|at| {
        crate::context::person::kinship(first.word(at)).is_some() || matches!(first.word(at), "yo" | "esposo")
    });
    let verdict = match answer.reply {
        Some(Reply::No) => Said::No,
        Some(Reply::Yes) => Said::Yes,
        _ if somebody => Said::Yes,
        _ => return,
    };
    let whole = Hit { entry: 0, start: 0, end: scene.turn(idx).tokens.len() };
    let mut fact = fact(scene, idx, whole, "tabaquismo pasivo", Section::Habits, verdict);
    fact.cite(scene.doc.whole(answer.turns[0]));
    fact.confidence = 0.8;
    book.add(fact);
}

/// "Seis tazas.", "Una cajetilla diaria", "Uy, ahí sí": how much says that it is so.
fn tells_amount(turn: &TurnDoc) -> bool {
    let number =
        (0..turn.tokens.len().min(6)).any(|at| crate::text::numbers::number_at(&turn.tokens, at).is_some());
    let measure = (0..turn.tokens.len().min(9)).any(|at| {
        matches!(
            turn.word(at),
            "tazas"
                | "taza"
                | "vasos"
                | "vaso"
                | "vasito"
                | "litros"
                | "litro"
                | "cajetilla"
                | "cajetillas"
                | "cigarros"
                | "copas"
                | "cervezas"
                | "veces"
                | "diario"
                | "diarios"
                | "diarias"
                | "horas"
                | "puro"
                | "refresco"
                | "coca"
                | "semana"
                | "fin"
                | "fines"
                | "dia"
        )
    });
    number && measure
        || matches!(turn.word(0), "diario" | "puro" | "pura" | "seguido")
        || turn.joined(0, 4).contains("ahi sí")
}
