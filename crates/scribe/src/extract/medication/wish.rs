//! What the clinician wants done with a medicine, from the words around it.

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

/// "Deje el naproxeno", "se quitan hoy: ...": the words that lead to the medicine tell to leave it.
fn told_to_leave(before: &str) -> bool {
    const LEAVE: &[&str] = &[
        "deje el",
        "deje la",
        "deja el",
        "deja la",
        "dejen el",
        "dejen la",
        "deja hoy el",
        "deja hoy la",
        "deje hoy el",
        "quite el",
        "quite la",
        "quita el",
        "quita la",
        "quitan hoy",
        "se quitan",
        "se quita",
        "suspende ese",
        "suspenda ese",
        "suspende el",
        "suspende la",
        "suspenda el",
        "suspenda la",
        "quitas el",
        "quitas la",
        "paras el",
        "paras la",
        "deje esas",
        "deje esos",
        "dejar el",
        "dejar la",
        "dejas el",
        "dejas la",
    ];
    if ["por dejar", "por suspender", "al dejar", "por quitar", "desde que"]
        .iter()
        .any(|cue| before.contains(cue))
    {
        return false;
    }
    let lead = before.trim_end().trim_end_matches(':').trim_end();
    LEAVE.iter().any(|cue| lead.ends_with(cue)) && !lead.contains(" no ")
}

/// "Todas siguen igual: la warfarina, cinco; el losartán, cincuenta": said once of the list that follows.
fn all_kept(turn: &TurnDoc, first: usize, drug: usize) -> bool {
    let lead = format!(" {} ", turn.joined(turn.sentence_of(first).start, first));
    let all =
        [" todas ", " todos ", " todo ", " lo demas ", " las demas ", " los demas ", " las otras ", " los otros "]
            .iter()
            .any(|cue| lead.contains(cue));
    let one_list = (first..drug).all(|at| !matches!(turn.word(at), "." | "?" | "!"));
    all && one_list && KEEP.iter().chain(&["siguen"]).any(|cue| lead.contains(&format!(" {cue}")))
}

/// To be stopped only later, or only if something happens.
fn is_later(before: &str, after: &str) -> bool {
    [
        " luego lo suspend",
        " luego la suspend",
        " despues lo suspend",
        " despues la suspend",
        " ya luego",
        " no se puede quitar",
        " no se quita",
        " no de golpe",
        " no lo suspend",
        " no la suspend",
        " no lo deje",
        " no la deje",
        " no se la quite",
        " no se lo quite",
        " no hay que quit",
        " no hay que suspend",
        " no hay que dej",
        " fuera de eso",
        " fuera de ahi",
    ]
    .iter()
    .any(|cue| after.contains(cue))
        || before.contains(" fuera de eso ")
        || before.contains(" si ") && (before.contains(" se para") || before.contains(" suspend"))
}

/// "prednisona, para poder quitar el Afrin": the verb at the end is about the medicine that comes next.
fn without_the_next(after: &str) -> String {
    let trimmed = after.trim_end();
    let about_next =
        [" quitar", " dejar", " suspender", " quite", " suspenda", " deje", " suspende", " quita"]
            .iter()
            .find_map(|verb| trimmed.strip_suffix(verb));
    match about_next {
        Some(own) if own.contains(' ') => format!("{own} "),
        _ => after.to_owned(),
    }
}

/// "lo dejas solo para la calentura", "la dejamos igual": left as it is, or for a purpose.
fn left_for_something(after: &str) -> bool {
    let words: Vec<&str> = after.split_whitespace().collect();
    words.windows(2).any(|pair| {
        pair[0].starts_with("dej")
            && matches!(pair[1], "solo" | "solamente" | "nomas" | "para" | "como" | "igual" | "en")
    })
}

/// "Si le da tos con el enalapril, lo suspende": only if it happens.
fn depends_on_an_event(turn: &TurnDoc, sentence: usize, drug: usize) -> bool {
    (sentence..drug).any(|at| {
        turn.word(at) == "si" && matches!(turn.word(at.wrapping_sub(1)), "" | "," | "." | "y" | "pero" | ";")
    })
}

fn number_follows(turn: &TurnDoc, from: usize, to: usize) -> bool {
    (from..to).any(|at| crate::text::numbers::number_at(&turn.tokens, at).is_some())
}

/// "Para el cólico, paracetamol."
fn for_a_complaint(before: &str, after: &str) -> bool {
    let lead = before.trim();
    let purpose = ["para el ", "para la ", "para los ", "para las ", "y para el ", "y para la "]
        .iter()
        .any(|cue| lead.starts_with(cue));
    purpose && lead.ends_with(',') && lead.split_whitespace().count() <= 7 && !after.contains(" no ")
}

/// "quítela, le dejo pantoprazol": what gives the next medicine begins after the comma.
fn own_clause(before: &str) -> String {
    const LEADS: &[&str] = &[
        " le dejo",
        " te dejo",
        " le doy",
        " te doy",
        " le voy a",
        " te voy a",
        " le mando",
        " le receto",
        " mejor",
        " en su lugar",
    ];
    const INSTEAD: &[&str] = &[" entra ", " entran ", " en su lugar ", " en lugar de eso ", " en lugar de ese ", " en vez de ese ", " cambio por "];
    let instead = INSTEAD.iter().filter_map(|lead| before.rfind(lead)).max();
    if let Some(at) = instead {
        return before[at..].to_owned();
    }
    match before.rsplit_once(',') {
        Some((_, last)) if LEADS.iter().any(|lead| last.starts_with(lead)) => last.to_owned(),
        _ => before.to_owned(),
    }
}

/// Told outright not to take it: stronger than a moment or a number of days in the same breath.
fn forbidden(after: &str) -> bool {
    [
        " no se lo tome",
        " no se la tome",
        " no lo tome",
        " no la tome",
        " no lo tomes",
        " no la tomes",
        " no te lo tomes",
        " no te la tomes",
        " no se lo ponga",
        " no se la ponga",
        " no se los ponga",
        " no se las ponga",
        " no se lo de ",
        " no se la de ",
        " no se lo vuelva",
        " no se la vuelva",
        " no se las vuelva",
        " no se los vuelva",
        " no lo use",
        " no la use",
        " quitela",
        " quitelo",
        " quitala",
        " quitalo",
        " quitenlo",
        " quitenla",
        " me la deja desde",
        " me lo deja desde",
        " las deja ",
        " los deja ",
        " las dejas ",
        " los dejas ",
        " lo va a dejar",
        " la va a dejar",
        " lo vas a dejar",
        " la vas a dejar",
        " dejala ,",
        " dejalo ,",
        " tirelo",
        " tirela",
        " prohibid",
        " por nada ",
    ]
    .iter()
    .any(|cue| after.contains(cue))
}

/// "Celecoxib de doscientos... mmm, no, mejor no": taken back in the same breath.
fn taken_back(turn: &TurnDoc, drug: &DrugMention, end: usize) -> bool {
    let limit = end.min(drug.end + 9);
    (drug.end..limit).any(|at| {
        turn.word(at) == "..."
            && (at + 1..(at + 5).min(limit + 2)).any(|k| {
                turn.word(k) == "no"
                    && turn.tokens.get(k + 1).is_none_or(|next| next.is_punct() || next.norm == "mejor")
                    && !turn.joined(k, k + 6).contains("perdon")
                    && !corrected(turn, k)
            })
    }) && !(drug.end..limit).any(|at| turn.tokens[at].dead)
}

/// "diez miligramos... no, a ver, son veinte", "dos punto cinco... no, vamos a empezar con media": the amount is taken back, the
/// medicine is not.
fn corrected(turn: &TurnDoc, no: usize) -> bool {
    let amount_before = (no.saturating_sub(6)..no).any(|at| {
        crate::text::quantity::amount_at(&turn.tokens, at).is_some()
            || crate::text::numbers::number_at(&turn.tokens, at).is_some()
    });
    amount_before
        && (no + 1..no + 16).any(|at| {
            crate::text::quantity::amount_at(&turn.tokens, at).is_some_and(|amount| amount.end <= turn.tokens.len())
        })
}

/// "Ese no con el litio", "no la tome junto con el omeprazol", "algodón con vaselina": the medicine is only what another one
/// goes with.
fn company_only(before: &str, after: &str) -> bool {
    let lead = before.trim_end();
    if before.contains(" junto con ") && before.contains(" no ") {
        return true;
    }
    let with =
        [" con el", " con la", " con"].iter().any(|cue| lead.ends_with(cue)) || lead.contains(" junto con ");
    let refused = [" no ", " nunca ", " yano "].iter().any(|cue| before.contains(cue));
    with && refused && !after.starts_with(" yano") && !after.contains(" fuera")
}

/// "Ésa trae cortisona", "lleva cafeína": what something is made of.
fn is_ingredient(before: &str) -> bool {
    let lead = before.trim_end();
    ["trae", "traen", "lleva", "contiene", "tiene", "trae un", "como trae"]
        .iter()
        .any(|verb| lead.ends_with(&format!(" {verb}")))
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
        .filter(|told| *told == Told::Stop || !dosed)
        .or_else(|| told::before(turn, lead, name).filter(|_| !dosed))?;
    let sentence = turn.sentence_of(name);
    let only_if = (sentence.start..name).any(|at| {
        turn.word(at) == "si" && !matches!(turn.word(at.wrapping_sub(1)), "por" | "como" | "ver" | "pues")
    });
    Some(match told {
        Told::Stop if only_if => Wish::Not,
        Told::Stop if dosed && slowly => Wish::Take(Action::Change),
        Told::Stop => Wish::Stop,
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
    if forbidden(&after)
        && posology.dose_value.is_none()
        && !is_later(&before, &after)
        && !left_for_something(&after)
    {
        return Wish::Stop;
    }
    // "La loratadina la cambio por cetirizina", "se la cambio".
    let changed =
        [" lo cambi", " la cambi", " los cambi", " las cambi"].iter().any(|cue| after.contains(cue));
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
    if stops
        && undosed
        && (has(STOP_UNDOSED, &after) || has(STOP_UNDOSED, &before))
        && !before.contains(" no ")
    {
        return Wish::Stop;
    }
    if stops && has(STOP, &before) && !before.contains(" no ") || stops && has(STOP, &after) || pronoun_stop {
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
