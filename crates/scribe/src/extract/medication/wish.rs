//! What the clinician wants done with a medicine, from the words around it.

use super::clauses::*;
use super::told::{self, Told};
use super::wish_words::{CHANGE, GIVE, KEEP, NOT, REFUSE, STOP, STOP_UNDOSED};
use super::*;

/// What the clinician wants done with a medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Stop,
    /// Not to be taken: a stop when it is being taken, nothing otherwise.
    Refuse,
    Not,
    Take(Action),
    Unclear,
}

/// What the verb of the medicine says, where its grammar leaves no doubt. Of a medicine dosed after a verb before it ("deje
/// la de cien") the amounts decide.
fn by_its_verb(
    turn: &TurnDoc,
    (lead, name): (usize, usize),
    (from, to): (usize, usize),
    posology: &Attributes,
) -> Option<Wish> {
    let dosed = posology.dose_value.is_some() || posology.frequency_hours.is_some();
    let said = format!(" {} ", turn.joined(from, to + 14));
    let slowly = [" degolpe", " poco a poco", " un jalon", " despacito"].iter().any(|cue| said.contains(cue));
    let told = told::after(turn, from, to)
        .filter(|told| *told != Told::Keep || !dosed)
        .or_else(|| told::before(turn, lead, name).filter(|_| !dosed))?;
    let sentence = turn.sentence_of(name);
    let only_if = (sentence.start..name).any(|at| {
        turn.word(at) == "si" && !matches!(turn.word(at.wrapping_sub(1)), "por" | "como" | "ver" | "pues")
    });
    Some(match told {
        Told::Stop if only_if => Wish::Not,
        Told::Stop if dosed && slowly => Wish::Take(Action::Change),
        Told::Stop => Wish::Stop,
        Told::Refuse => Wish::Refuse,
        Told::Keep => Wish::Take(Action::Continue),
    })
}

/// What is said about a medicine: the clause before it from the last sentence, and after it to its reach.
pub(super) fn wish(scene: &Scene<'_>, idx: usize, number: usize, posology: &Attributes) -> Wish {
    let turn = scene.turn(idx);
    let drug = &scene.drugs[idx][number];
    let sentence = turn.sentence_of(drug.start);
    let previous_end = number
        .checked_sub(1)
        .map_or(sentence.start, |before| scene.drugs[idx][before].end.max(sentence.start));
    let before = own_clause(&format!(" {} ", turn.joined(previous_end, drug.start)));
    let end = reach(scene, idx, number);
    let after_end = end.min(sentence.end.max(drug.end));
    let after = without_the_next(&format!(" {} ", turn.joined(drug.end, after_end)));
    let has = |cues: &[&str], text: &str| cues.iter().any(|cue| text.contains(&format!(" {cue}")));
    // "sígala, pero si vuelve la diarrea la suspende": what is done if something happens is not done now.
    let now = after.split(" si ").next().map_or_else(String::new, |now| format!("{now} "));
    let next_sentence = turn.joined(after_end, end.min(after_end + 7));
    let pronoun_stop = [
        "suspend",
        "dejela",
        "dejelo",
        "quitela",
        "quitelo",
        "deja la",
        "ese se quita",
        "esa se quita",
        "esa yano",
        "ese yano",
        "esos yano",
        "esas yano",
        "ese no sirve",
        "ese lo quit",
        "esa la quit",
        "se suspende",
        "ese lo vas a dejar",
        "esa la vas a dejar",
        "ese lo va a dejar",
        "esa la va a dejar",
        "esas las dej",
        "esos los dej",
        "ese dej",
        "esa dej",
        "ya no se l",
        "tirela",
        "tirelo",
        "ese me lo deja",
        "esa me la deja",
    ]
    .iter()
    .any(|cue| next_sentence.starts_with(cue))
        || [
            " yano lo ",
            " yano la ",
            " yano me l",
            " yano se l",
            " me lo deja",
            " me la deja",
            " ese yano",
            " esa yano",
        ]
        .iter()
        .any(|cue| format!(" {next_sentence} ").contains(cue));
    if depends_on_an_event(turn, sentence.start, drug.start) && has(STOP, &after) {
        return Wish::Not;
    }
    if let Some(wish) = by_its_verb(turn, (previous_end, drug.start), (drug.end, after_end), posology) {
        return wish;
    }
    if told_not_to_leave(&after) {
        let dosed = posology.dose_value.is_some() || posology.frequency_hours.is_some();
        return Wish::Take(if dosed { Action::Start } else { Action::Continue });
    }
    // "El metoprolol tampoco lo deje": it goes on.
    if ["lo dej", "la dej", "lo suspend", "la suspend", "lo quit", "la quit"]
        .iter()
        .any(|verb| after.contains(&format!(" tampoco {verb}")))
    {
        return Wish::Take(Action::Continue);
    }
    if taken_back(turn, drug, end)
        || is_ingredient(&before) && posology.dose_value.is_none()
        || before.starts_with(" como ")
            && posology.dose_value.is_none()
            && !has(&["igual", "siga", "sigue"], &after)
        || has(&["cuando le di", "cuando te di", "para que ajust", "que le ajust"], &before)
    {
        return Wish::Not;
    }
    if depends_on_an_event(turn, sentence.start, drug.start) && has(STOP, &before) {
        return Wish::Not;
    }
    let if_it_happens = (drug.start.saturating_sub(12).max(sentence.start)..drug.start)
        .any(|at| turn.word(at) == "si" && !matches!(turn.word(at.wrapping_sub(1)), "por" | "como" | "ver"));
    if if_it_happens && has(STOP, &after) && posology.dose_value.is_none()
        || company_only(&before, &after)
        || has(&["yano uso"], &after)
    {
        return Wish::Not;
    }
    if forbidden(&now)
        && posology.dose_value.is_none()
        && !is_later(&before, &after)
        && !left_for_something(&after)
    {
        return Wish::Stop;
    }
    // "La loratadina la cambio por cetirizina", "se la cambio".
    let changed = [
        " lo cambi",
        " la cambi",
        " los cambi",
        " las cambi",
        " lo vamos a cambi",
        " la vamos a cambi",
        " lo voy a cambi",
        " la voy a cambi",
        " cambielo",
        " cambiela",
    ]
    .iter()
    .any(|cue| after.contains(cue));
    let moved = ["cambio a ", "cambiamos a ", "cambio de ", "cambiamos de ", "cambiar de ", "cambiar a "];
    if changed && !has(&moved, &after) && posology.dose_value.is_none() {
        return Wish::Stop;
    }
    // "Le cambio la pravastatina por atorvastatina."
    if has(&["cambi", "sustitu", "reemplaz"], &before)
        && after.starts_with(" por ")
        && posology.dose_value.is_none()
    {
        return Wish::Stop;
    }
    let opens = drug.start <= sentence.start + 1 && posology.dose_value.is_none();
    let refused = (before.trim_end().ends_with(" ese") || opens) && after.starts_with(" no ,")
        || after.starts_with(" , mejor no ")
        || after.starts_with(" mejor no ")
        || after.trim() == "no ."
        || after.trim() == "no";
    let near = format!(" {} ", turn.joined(drug.start.saturating_sub(6).max(previous_end), drug.start));
    if has(REFUSE, &near) && !near.contains(" , ") || refused {
        return Wish::Refuse;
    }
    if told_to_leave(&before) && !is_later(&before, &after) && !has(KEEP, &after) {
        return Wish::Stop;
    }
    // "veinte en ayunas, dos semanas más y se quita": the end of a scheme is no stop.
    let dosed =
        posology.dose_value.is_some() || posology.frequency_hours.is_some() || posology.schedule.is_some();
    let lowered = has(&["lo bajamos", "la bajamos", "lo vamos bajando", "la vamos bajando", "reduc"], &after);
    let scheme = (dosed && posology.duration_days.is_some() || lowered) && !has(STOP, &before);
    if lowered && number_follows(turn, drug.end, end) {
        return Wish::Take(Action::Change);
    }
    let went_away = [
        " se le quito",
        " se me quito",
        " se quito",
        " se te quito",
        " en el ultimo",
        " la vez pasada",
        " el mes pasado",
    ]
    .iter()
    .any(|cue| after.contains(cue));
    let stops = !is_later(&before, &after) && !scheme && !left_for_something(&after) && !went_away;
    let undosed = posology.dose_value.is_none() && posology.duration_days.is_none();
    if stops && undosed && (has(STOP_UNDOSED, &now) || has(STOP_UNDOSED, &before)) && !before.contains(" no ")
    {
        return Wish::Stop;
    }
    if stops && has(STOP, &before) && !before.contains(" no ") || stops && has(STOP, &now) || pronoun_stop {
        let dosed_after = posology.dose_value.is_some() && (has(KEEP, &after) || has(CHANGE, &after));
        if !dosed_after {
            return Wish::Stop;
        }
    }
    if (after.contains(" tampoco")
        || before.trim_end().ends_with(" tampoco el")
        || before.trim_end().ends_with(" tampoco la"))
        && posology.dose_value.is_none()
    {
        return Wish::Refuse;
    }
    if has(NOT, &before)
        || after.starts_with(" no ")
        || [" no hace falta", " todavia no", " por ahora no", " no le ", " no te ", " tampoco"]
            .iter()
            .any(|cue| after.contains(cue))
            && posology.dose_value.is_none()
    {
        return Wish::Not;
    }
    if before.contains(" si ") && posology.dose_value.is_none() {
        return Wish::Unclear;
    }
    let starts = [" agreg", " le voy a dar", " te voy a dar", " inici", " empez", " le receto", " anado"]
        .iter()
        .any(|cue| before.contains(cue));
    if !starts && number > 0 && all_kept(turn, scene.drugs[idx][0].start, drug.start) {
        return Wish::Take(Action::Continue);
    }
    if starts && dosed && !has(KEEP, &after) {
        return Wish::Take(Action::Start);
    }
    if (has(CHANGE, &before) || has(CHANGE, &after)) && dosed {
        return Wish::Take(Action::Change);
    }
    if has(KEEP, &before) || has(KEEP, &after) {
        return Wish::Take(Action::Continue);
    }
    if dosed
        && (has(GIVE, &before)
            || number > 0
            || before.trim().is_empty()
            || before.split_whitespace().count() <= 4
            || posology.dose_value.is_some() && posology.frequency_hours.is_some())
    {
        return Wish::Take(Action::Start);
    }
    let explicit = [
        " le voy a dar",
        " te voy a dar",
        " le doy",
        " te doy",
        " le dejo",
        " te dejo",
        " voy a dejar",
        " vamos a dejar",
        " voy a recetar",
        " voy a mandar",
        " voy a indicar",
        " receto",
        " agrego",
        " iniciamos",
        " pongase",
        " aplique",
        " compre",
        " tome ",
        " use ",
        " vamos a poner",
        " vamos a dar",
        " vamos a iniciar",
        " puede tomar",
        " dele",
        " le mando",
        " te mando",
        " vas a tomar",
        " va a tomar",
        " va a usar",
        " con oxigeno",
    ];
    if explicit.iter().any(|cue| before.contains(cue)) || for_a_complaint(&before, &after) {
        return Wish::Take(Action::Start);
    }
    Wish::Unclear
}
