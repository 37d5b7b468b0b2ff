//! "¿Le había pasado antes?": earlier episodes of the present problem.

use super::*;

/// Questions for earlier episodes.
const BEFORE: &[&str] = &[
    "habia pasado",
    "habia dado",
    "habia tenido",
    "habias tenido",
    "ha pasado antes",
    "pasado antes",
    "dado antes",
    "tenido antes",
    "es la primera vez",
    "primera vez que",
    "torcido antes",
    "ya le habia",
    "ya te habia",
    "ya habia tenido",
    "antes de esto",
    "alguna vez antes",
    "otras veces",
    "fracturado antes",
];

/// An earlier episode, when the answer tells of one: named as the question names it.
pub(super) fn earlier_episode(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let Some(answer) = &scene.answers[idx] else { return };
    if !asks_with(scene, idx, BEFORE) || scene.family[idx] || idx > scene.doc.turns.len() * 3 / 4 {
        return;
    }
    let first = scene.turn(answer.turns[0]);
    let opening = format!(" {} ", first.joined(0, 14));
    let first_time = asks_with(scene, idx, &["primera vez"]);
    let never = [" nunca", " primera", " jamas", " es la primera"].iter().any(|cue| opening.contains(cue));
    let counted =
        [" veces", " la segunda", " la tercera", " ya van", " una vez", " tres con esta", " otra vez"]
            .iter()
            .any(|cue| opening.contains(cue));
    let dated = [
        " hace ",
        " el ano pasado",
        " en enero",
        " de nino",
        " de nina",
        " de chico",
        " de chica",
        " de chamac",
    ]
    .iter()
    .any(|cue| opening.contains(cue));
    let told = !never
        && (counted || dated)
        && (answer.reply != Some(Reply::No) || first_time || opening.contains(" ya van"))
        || !never && !first_time && answer.reply == Some(Reply::Yes)
        || first_time && !never && answer.reply == Some(Reply::No) && counted;
    if !told {
        return;
    }
    let named = scene.diseases[idx]
        .iter()
        .map(|hit| Topic::named(scene, *hit).name)
        .chain(scene.symptoms[idx].iter().map(|mention| mention.name.clone()))
        .next();
    let Some(name) = named else { return };
    let whole = Hit { entry: 0, start: 0, end: turn.tokens.len() };
    let name = format!("episodio previo de {name}");
    let mut fact = fact(scene, idx, whole, &name, Section::Pathological, Said::Past);
    fact.cite(scene.doc.whole(answer.turns[0]));
    fact.confidence = 0.7;
    book.add(fact);
}
