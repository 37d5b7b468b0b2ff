//! Allergies and their reaction, or that there are none.

mod reactions;
mod retracted;
mod told;

use crate::context::answer::{Answer, Reply, asks};
use crate::context::person::Who;
use crate::facts::{ClinicalFact, Experiencer, FactKind, Polarity, Section};
use crate::scene::Scene;
use crate::text::TurnDoc;

use super::Book;

/// Reads the allergies.
pub(super) fn read(scene: &Scene<'_>, book: &mut Book) {
    for idx in 0..scene.doc.turns.len() {
        let turn = scene.turn(idx);
        if turn.is_doctor() {
            asked(scene, idx, book);
            restated(scene, idx, book);
        } else if !scene.family[idx] && !answers_allergy(scene, idx) {
            volunteered(scene, idx, book);
        }
        if !turn.is_doctor() && !scene.family[idx] {
            let asked = answers_allergy(scene, idx);
            told_by_reaction(scene, idx, asked, book);
            reactions::badly_borne(scene, idx, asked, book);
        }
    }
    for idx in 0..scene.doc.turns.len() {
        denied_in_passing(scene, idx, book);
    }
    retracted::take_back(scene, book);
    // "Ninguna. Bueno, la tela adhesiva me saca ampollas."
    if book.of(FactKind::Allergy).any(|fact| fact.polarity != Polarity::Denied) {
        book.retain(|fact| fact.kind != FactKind::Allergy || fact.polarity != Polarity::Denied);
    }
}

/// "Alergias no tengo.", "sin alergias": denied by whoever says it, of nobody else.
fn denied_in_passing(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some((start, end)) = told::denied(turn).filter(|_| !scene.family[idx]) else { return };
    if scene.household.who(turn, start, end, false) != Who::Patient {
        return;
    }
    let mut fact =
        ClinicalFact::new(FactKind::Allergy, "negadas", turn.speaker, scene.doc.evidence(idx, start, end));
    fact.polarity = Polarity::Denied;
    book.add(fact);
}

/// Adds the allergies told by their reaction.
fn told_by_reaction(scene: &Scene<'_>, idx: usize, asked: bool, book: &mut Book) {
    let turn = scene.turn(idx);
    for told in reactions::by_reaction(scene, idx, asked) {
        if reactions::overcome(turn, told.end) {
            continue;
        }
        let mut fact = ClinicalFact::new(
            FactKind::Allergy,
            told.name,
            turn.speaker,
            scene.doc.evidence(idx, told.start, told.sign + 1),
        );
        fact.attributes.reaction = reaction(scene, idx, told.end, turn.sentence_of(told.sign).end);
        if let Some(question) = scene.question_before(idx).filter(|_| asked) {
            fact.cite(scene.doc.whole(question));
        }
        book.add(fact);
    }
}

fn names_allergy(turn: &TurnDoc) -> Option<usize> {
    turn.tokens.iter().position(|token| {
        token.norm.starts_with("alergi") && token.norm != "alergica"
            || token.norm == "alergica" && !token.norm.is_empty()
    })
}

/// "¿Alergias?", "Recuérdeme las alergias.", "Alergias, tengo aquí que ninguna."
fn asks_allergy(turn: &TurnDoc) -> bool {
    turn.sentences.iter().enumerate().any(|(n, s)| {
        let names = (s.start..s.end).any(|at| turn.word(at).starts_with("alergi"));
        let said = turn.joined(s.start, s.end);
        let told_to =
            ["recuerd", "digame", "dime", "tengo aqui", "quedamos"].iter().any(|cue| said.contains(cue));
        let harms = [
            "haga dano",
            "hace dano",
            "cae mal",
            "caiga mal",
            "caido mal",
            "no le pueda dar",
            "no te pueda dar",
            "no pueda tomar",
            "no tolere",
        ]
        .iter()
        .any(|cue| said.contains(cue))
            && ["medic", "comida", "alimento", "pastilla"].iter().any(|cue| said.contains(cue));
        // "¿Le dio alergia al parche?": of one thing, then.
        let once = said.contains("dio alergi") || said.contains("fue alergi");
        if harms && asks(turn, n) {
            return true;
        }
        names && !once && (asks(turn, n) || s.end - s.start <= 3 || told_to && s.end - s.start <= 12)
    })
}

fn answers_allergy(scene: &Scene<'_>, idx: usize) -> bool {
    scene.question_before(idx).is_some_and(|question| asks_allergy(scene.turn(question)))
}

fn asked(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if !asks_allergy(turn) || scene.family[idx] {
        return;
    }
    let Some(answer) = &scene.answers[idx] else { return };
    let said = |at: usize| format!(" {} ", scene.turn(at).joined(0, scene.turn(at).tokens.len()));
    let says = |cues: &[&str]| {
        answer.turns.iter().any(|&at| cues.iter().any(|cue| said(at).contains(&format!(" {cue} "))))
    };
    let none_at_all = says(NONE_AT_ALL);
    let mut found = false;
    for &at in answer.turns.iter().filter(|_| !none_at_all) {
        found |= told::named(scene, at, idx, book);
        found |= allergens(scene, at, true, Some(idx), book);
    }
    if !found && !none_at_all && answer.reply == Some(Reply::Yes) {
        found = told_on_asking_which(scene, answer, book) || confirmed(scene, idx, answer, book);
    }
    let sole = turn.sentences.iter().filter(|s| s.question).count() <= 1;
    let by_reply = (answer.reply == Some(Reply::No) || answer.rest_denied) && (sole || !found);
    if none_at_all || says(NONE) || by_reply && !found {
        let mut fact = ClinicalFact::new(
            FactKind::Allergy,
            "negadas",
            scene.turn(answer.turns[0]).speaker,
            scene.doc.whole(idx),
        );
        fact.polarity = Polarity::Denied;
        for &at in &answer.turns {
            fact.cite(scene.doc.whole(at));
        }
        book.add(fact);
    }
}

/// "¿Es alérgica a algo?" "Sí." "¿A qué?" "A la penicilina."
fn told_on_asking_which(scene: &Scene<'_>, answer: &Answer, book: &mut Book) -> bool {
    let Some(next) = answer.turns.last().map(|last| last + 1).filter(|&at| at < scene.doc.turns.len()) else {
        return false;
    };
    let which = scene.turn(next);
    let words = which.joined(0, which.tokens.len());
    let short = which.is_doctor() && which.tokens.len() <= 8;
    if !short || !["a cual", "a que", "cual "].iter().any(|cue| words.contains(cue)) {
        return false;
    }
    let Some(named) = &scene.answers[next] else { return false };
    let mut found = false;
    for &at in &named.turns {
        found |= told::named(scene, at, next, book) || allergens(scene, at, true, Some(next), book);
    }
    found
}

/// "¿Es alérgica a la penicilina?" "Sí.": the one medicine or known thing the question names. Of several it is not known
/// which.
fn confirmed(scene: &Scene<'_>, idx: usize, answer: &Answer, book: &mut Book) -> bool {
    let turn = scene.turn(idx);
    let Some(sentence) = names_allergy(turn).map(|at| turn.sentence_of(at)).filter(|s| s.question) else {
        return false;
    };
    let drugs =
        scene.drugs[idx].iter().filter(|drug| drug.start >= sentence.start && drug.end <= sentence.end);
    let things = (sentence.start..sentence.end).filter(|&at| told::is_thing(turn.word(at)));
    let mut named = drugs
        .map(|drug| (drug.name.clone(), drug.start, drug.end))
        .chain(things.map(|at| (scene.spoken(idx, at, at + 1).to_lowercase(), at, at + 1)));
    let (Some((name, from, end)), None) = (named.next(), named.next()) else { return false };
    let Some(&first) = answer.turns.first() else { return false };
    let mut fact = ClinicalFact::new(
        FactKind::Allergy,
        name,
        scene.turn(first).speaker,
        scene.doc.evidence(idx, from, end),
    );
    fact.attributes.reaction = reaction(scene, first, 0, scene.turn(first).tokens.len());
    for &at in &answer.turns {
        fact.cite(scene.doc.whole(at));
    }
    book.add(fact);
    true
}

/// The clinician reminds the patient of an allergy ("usted es alérgica a la penicilina, ¿sigue igual?"): a fact unless
/// the answer is no. A condition ("si es alérgica a…") or a relative's allergy is none.
fn restated(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(at) = names_allergy(turn) else { return };
    let sentence = turn.sentence_of(at);
    let said = turn.joined(sentence.start, sentence.end);
    let states = ["usted es alergi", "tu eres alergi", "que es alergi", "que eres alergi", "tiene alergia a"];
    let not_so = [" si ", "no es alergi", "no eres alergi", "su mama", "su papa", "su herman", "su hij"];
    let denied = scene.answers[idx].as_ref().is_some_and(|answer| answer.reply == Some(Reply::No));
    let says = |cues: &[&str]| cues.iter().any(|cue| said.contains(cue));
    if !says(&states) || says(&not_so) || denied || scene.family[idx] || turn.word(sentence.start) == "si" {
        return;
    }
    allergens(scene, idx, false, None, book);
}

/// No allergy whatever.
const NONE_AT_ALL: &[&str] = &[
    "alergico no es a nada",
    "alergica no es a nada",
    "no es alergico",
    "no es alergica",
    "alergico no soy a nada",
    "alergica no soy a nada",
    "a nada",
    "no soy alergico",
    "no soy alergica",
    "a ninguno , gracias",
    "a ninguna , gracias",
];

/// None to medicines, or none known.
const NONE: &[&str] = &[
    "a ninguno",
    "a ninguna",
    "alergias no",
    "alergias , no",
    "alergia no",
    "alergico no",
    "alergica no",
    "alergias ninguna",
    "alergias , ninguna",
    "a medicinas no",
    "a medicinas , ninguna",
    "medicinas , ninguna",
    "que sepa no",
    "que sepamos , no",
    "que sepamos no",
    "ni alergias",
];

fn volunteered(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(at) = names_allergy(turn) else { return };
    let sentence = turn.sentence_of(at);
    let said = turn.joined(sentence.start, sentence.end);
    let own = ["soy alergi", "es alergi", "alergica a", "alergico a", "alergia a", "alergias a"]
        .iter()
        .any(|cue| said.contains(cue));
    if sentence.question
        || !own
        || [
            "mi mama",
            "mi papa",
            "su papa",
            "su mama",
            "su herman",
            "mi esposo",
            "mi herman",
            "mi hij",
            "yo no",
        ]
        .iter()
        .any(|cue| said.contains(cue))
    {
        return;
    }
    if ["no soy alergi", "no es alergi", "alergico a nada", "alergica a nada", "alergias no"]
        .iter()
        .any(|cue| said.contains(cue))
    {
        let mut fact = ClinicalFact::new(
            FactKind::Allergy,
            "negadas",
            turn.speaker,
            scene.doc.evidence(idx, sentence.start, sentence.end),
        );
        fact.polarity = Polarity::Denied;
        book.add(fact);
        return;
    }
    allergens(scene, idx, false, None, book);
}

/// The allergens a turn names; true when there are any.
fn allergens(
    scene: &Scene<'_>,
    idx: usize,
    answering: bool,
    question: Option<usize>,
    book: &mut Book,
) -> bool {
    let turn = scene.turn(idx);
    let mut found = false;
    let whole = turn.joined(0, turn.tokens.len());
    if ["no es alergia", "ni alergia es", "eso no es alergia", "no alergia"]
        .iter()
        .any(|cue| whole.contains(cue))
    {
        return false;
    }
    let start = if answering { 0 } else { names_allergy(turn).unwrap_or(0) };
    let sentence_end = if answering { turn.tokens.len() } else { turn.sentence_of(start).end };
    let mut at = start;
    while at < sentence_end {
        let introduced = turn.word(at) == "a" || turn.word(at) == "al";
        let preposition = introduced
            && !matches!(
                turn.word(at + 1),
                "nada" | "ninguno" | "ninguna" | "ver" | "mi" | "veces" | "los" | "cada"
            ) | (turn.word(at + 1) == "los" && introduced);
        let sentence = turn.sentence_of(at);
        let opens = at <= sentence.start + 2
            && sentence.start == 0
            && !whole.contains("tomo")
            && !whole.contains(" uso ");
        let about = turn.joined(sentence.start, sentence.end).contains("alergi");
        // "Sí, a la... ¿cómo se llama? La ciprofloxacina.": named after a pause.
        let named_late = answering
            && crate::context::answer::reply(turn) == Some(Reply::Yes)
            && sentence.end - sentence.start <= 5
            && !sentence.question;
        let opens = opens || named_late;
        let drug = scene.drugs[idx].iter().find(|drug| drug.start == at && (opens || about));
        let (name, from, end) = if let Some(drug) = drug {
            (drug.name.clone(), at, drug.end)
        } else if preposition {
            let mut from = at + 1;
            while matches!(turn.word(from), "la" | "las" | "los" | "el" | "un" | "una" | "ese" | "esa") {
                from += 1;
            }
            if let Some(drug) = scene.drugs[idx].iter().find(|drug| drug.start == from) {
                (drug.name.clone(), from, drug.end)
            } else {
                let end = (from..sentence_end)
                    .take(3)
                    .take_while(|&k| {
                        !turn.tokens[k].is_punct()
                            && !matches!(
                                turn.word(k),
                                "y" | "me"
                                    | "que"
                                    | "le"
                                    | "porque"
                                    | "se"
                                    | "no"
                                    | "desde"
                                    | "pero"
                                    | "cuando"
                                    | "por"
                                    | "o"
                                    | "en"
                                    | "yo"
                                    | "nose"
                                    | "sí"
                                    | "sale"
                                    | "da"
                                    | "pues"
                            )
                    })
                    .last()
                    .map_or(from, |k| k + 1);
                let begins = at <= turn.sentence_of(at).start + 3;
                let surely = told::is_thing(turn.word(from)) || begins || found || about;
                if end == from || !allergen_like(turn, from) || !surely {
                    at += 1;
                    continue;
                }
                (scene.spoken(idx, from, end).to_lowercase(), from, end)
            }
        } else {
            at += 1;
            continue;
        };
        at = end;
        let next_of_no = turn.tokens.get(end + 1);
        let denied = turn.word(end) == "no"
            && next_of_no.is_none_or(|next| {
                next.is_punct() || matches!(next.norm.as_str(), "a" | "al" | "pero" | "solo" | "nomas")
            })
            || turn.word(end) == "nose"
            || reactions::overcome(turn, end)
            || crate::context::polarity::said(turn, from, end) == crate::context::Said::No;
        if denied || of_another(scene, idx, (from, end), &name, book) {
            continue;
        }
        let mut fact =
            ClinicalFact::new(FactKind::Allergy, name, turn.speaker, scene.doc.evidence(idx, from, end));
        fact.attributes.reaction = reaction(scene, idx, end, sentence_end);
        if let Some(question) = question {
            fact.cite(scene.doc.whole(question));
        }
        book.add(fact);
        found = true;
    }
    found
}

/// "Al camarón yo, pero ella no", "mi esposa es la alérgica, a la penicilina": somebody else's, kept when it is the family's.
fn of_another(
    scene: &Scene<'_>,
    idx: usize,
    (start, end): (usize, usize),
    name: &str,
    book: &mut Book,
) -> bool {
    let turn = scene.turn(idx);
    let parent = scene
        .household
        .companion_is_parent
        .filter(|_| turn.speaker == clinical::transcript::Speaker::Companion);
    let mine = parent.filter(|_| turn.word(end) == "yo");
    let who = match mine {
        Some(parent) => Who::Relative(parent.to_owned()),
        None => scene.household.who(turn, start, end, false),
    };
    match who {
        Who::Patient => false,
        Who::Other => true,
        Who::Relative(kin) => {
            let mut fact = ClinicalFact::new(
                FactKind::History,
                format!("alergia a {name}"),
                turn.speaker,
                scene.doc.evidence(idx, start, end),
            );
            fact.attributes.section = Some(Section::Family);
            fact.experiencer = Experiencer::Relative(kin);
            book.add(fact);
            true
        }
    }
}

/// Nouns that name no allergen: people, times, places, verbs in the infinitive.
fn allergen_like(turn: &TurnDoc, at: usize) -> bool {
    let word = turn.word(at);
    word.len() >= 3
        && word.chars().all(char::is_alphabetic)
        && !(word.ends_with("ar")
            || word.ends_with("er")
            || word.ends_with("ir")
            || word.ends_with("arme")
            || word.ends_with("me")
            || word.ends_with("se"))
        && !matches!(
            word,
            "veces"
                | "algo"
                | "suegras"
                | "todo"
                | "todos"
                | "chiquito"
                | "dios"
                | "trabajo"
                | "estomago"
                | "suegra"
                | "urgencias"
                | "medicinas"
                | "medicina"
                | "medicamentos"
                | "medicamento"
                | "dos"
                | "tres"
                | "nada"
                | "hospital"
                | "comida"
                | "rato"
                | "doctora"
                | "doctor"
                | "lo"
                | "que"
                | "casa"
                | "unas"
                | "ese"
                | "esos"
                | "dias"
                | "general"
                | "semana"
                | "cuatro"
                | "cinco"
                | "alguna"
                | "algun"
                | "cual"
                | "ella"
                | "usted"
                | "nino"
                | "escuela"
                | "mas"
                | "dia"
                | "mes"
        )
        && crate::text::numbers::number_at(&turn.tokens, at).is_none()
}

const REACTION: &[&str] = &[
    "ronchas",
    "roncha",
    "hinch",
    "sale",
    "salen",
    "salio",
    "salieron",
    "comezon",
    "urticaria",
    "ampollas",
    "tos",
    "ahog",
    "vomit",
    "irrita",
    "anafila",
    "mal",
];

fn reaction(scene: &Scene<'_>, idx: usize, from: usize, to: usize) -> Option<String> {
    let turn = scene.turn(idx);
    let start = (from..to).find(|&k| REACTION.iter().any(|cue| turn.word(k).starts_with(cue)))?;
    let begin =
        if matches!(turn.word(start.wrapping_sub(1)), "me" | "le" | "se" | "da" | "dan") && start > from {
            start - 1
        } else {
            start
        };
    let end = (start..to).find(|&k| turn.tokens[k].is_punct()).unwrap_or(to);
    Some(scene.spoken(idx, begin, end).to_lowercase())
}
