//! How a function of the body goes, as it is asked: "¿Duerme bien?", "¿Y el apetito?".

use super::{Book, Said, symptom};
use crate::context::answer::{Reply, asks, takes_for_granted};
use crate::mentions::SymptomMention;
use crate::scene::Scene;

/// What a function is asked by, what it means when it goes badly, and whether the question must say "bien" or "puede".
const FUNCTIONS: &[(&[&str], &str, bool)] = &[
    (&["duerme", "duermes", "dormido", "dormir", "sueno"], "insomnio", false),
    (&["come", "comes", "comiendo", "comio", "comido", "apetito", "hambre"], "hiporexia", false),
    (&["memoria"], "problemas de memoria", false),
    (&["voz"], "disfonía", false),
    (&["concentracion"], "dificultad para concentrarse", false),
    (&["vista"], "alteración de la visión", false),
    (&["ve", "ves"], "disminución de la agudeza visual", true),
    (&["evacua", "evacuas", "obra", "obras", "bano", "popo"], "estreñimiento", false),
    (&["respira", "respiras", "respirar"], "disnea", true),
    (&["tragas", "traga", "tragar", "saliva"], "disfagia", true),
    (&["oye", "oyes", "escucha", "escuchas"], "hipoacusia", true),
    (&["camina", "caminas", "caminar"], "dificultad para caminar", true),
    (&["orina", "orinas", "orinando", "orinar"], "dificultad para orinar", true),
    (&["orina", "orinas", "orinando"], OLIGURIA, false),
];

/// Only of how much there is, not of how it goes.
const OLIGURIA: &str = "oliguria";
const LITTLE: &[&str] = &[" poco ", " poquito ", " poquita ", " casi nada ", " muy poco ", " gotitas "];

/// "¿Duerme?" - "A ratos.", "¿Come bien?" - "Sí.": how a function goes.
pub(super) fn asked(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(answer) = &scene.answers[idx] else { return };
    let first = answer.turns[0];
    let reply_turn = scene.turn(first);
    let topics = functions_asked(scene, idx);
    let known = |name: &str| {
        scene.symptoms[first].iter().chain(&scene.symptoms[idx]).any(|mention| mention.name == name)
    };
    let opening = format!(" {} ", reply_turn.joined(0, 8));
    let (badly, well) = (says(&opening, BADLY), says(&opening, WELL));
    let alone = topics.len() == 1;
    let said = match answer.reply {
        _ if badly && alone => Said::Yes,
        Some(Reply::No) if !well && alone => Said::Yes,
        Some(Reply::Yes) | None if well => Said::No,
        Some(Reply::Yes) if topics.iter().all(|(.., how)| *how) => Said::No,
        _ => return,
    };
    for (name, at_word, _) in topics.into_iter().filter(|(name, ..)| !known(name)) {
        if name == OLIGURIA && !(said == Said::Yes && says(&opening, LITTLE)) {
            continue;
        }
        if name == "estreñimiento" && (said == Said::No || answer.reply == Some(Reply::No)) {
            continue;
        }
        let mention = SymptomMention { name: name.to_owned(), start: at_word, end: at_word + 1, about: None };
        let mut fact = symptom(scene, idx, &mention, said, 0.8);
        fact.said_by = reply_turn.speaker;
        fact.cite(scene.doc.whole(first));
        book.add(fact);
    }
}

/// The functions a turn asks for, each with its word and whether it was asked how it goes.
fn functions_asked(scene: &Scene<'_>, idx: usize) -> Vec<(&'static str, usize, bool)> {
    let turn = scene.turn(idx);
    let mut topics = Vec::<(&'static str, usize, bool)>::new();
    for (number, sentence) in turn.sentences.iter().enumerate().filter(|(number, _)| asks(turn, *number)) {
        if sentence.end - sentence.start > 9 || takes_for_granted(turn, turn.sentences[number]) {
            continue;
        }
        let how = (sentence.start..sentence.end)
            .any(|at| matches!(turn.word(at), "bien" | "puede" | "puedes" | "normal" | "problema"));
        for at in sentence.start..sentence.end {
            let function =
                FUNCTIONS.iter().find(|(words, _, needs)| words.contains(&turn.word(at)) && (how || !needs));
            if let Some((_, name, needs)) = function
                && !topics.iter().any(|(known, ..)| known == name)
            {
                topics.push((*name, at, *needs));
            }
        }
    }
    topics
}

fn says(opening: &str, cues: &[&str]) -> bool {
    cues.iter().any(|cue| opening.contains(cue))
}

const BADLY: &[&str] = &[
    " mal ",
    " poco ",
    " poquito ",
    " batallo ",
    " ratos ",
    " pesimo ",
    " fatal ",
    " casi nada ",
    " medias ",
    " menos ",
    " duro ",
    " cucharadas ",
    " cuesta ",
    " durisimo ",
    " cada dos dias ",
    " cada tres dias ",
    " cada cuatro dias ",
    " cada cinco dias ",
    " cada tercer dia ",
    " no mucho ",
    " nada ",
];
const WELL: &[&str] = &[
    " bien ",
    " normal ",
    " igual ",
    " diario ",
    " de todo ",
    " como siempre ",
    " perfecto ",
    " sin problema ",
];
