//! What the words around a medicine amount to: left, taken back, only company of another, only if something happens.

use super::wish_words::KEEP;
use super::*;

/// "Deje el naproxeno", "se quitan hoy: ...": the words that lead to the medicine tell to leave it.
pub(super) fn told_to_leave(before: &str) -> bool {
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
pub(super) fn all_kept(turn: &TurnDoc, first: usize, drug: usize) -> bool {
    let lead = format!(" {} ", turn.joined(turn.sentence_of(first).start, first));
    let all = [
        " todas ",
        " todos ",
        " todo ",
        " lo demas ",
        " las demas ",
        " los demas ",
        " las otras ",
        " los otros ",
    ]
    .iter()
    .any(|cue| lead.contains(cue));
    let one_list = (first..drug).all(|at| !matches!(turn.word(at), "." | "?" | "!"));
    all && one_list && KEEP.iter().chain(&["siguen"]).any(|cue| lead.contains(&format!(" {cue}")))
}

/// To be stopped only later, or only if something happens.
pub(super) fn is_later(before: &str, after: &str) -> bool {
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
pub(super) fn without_the_next(after: &str) -> String {
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
pub(super) fn left_for_something(after: &str) -> bool {
    let words: Vec<&str> = after.split_whitespace().collect();
    words.windows(2).any(|pair| {
        pair[0].starts_with("dej")
            && matches!(pair[1], "solo" | "solamente" | "nomas" | "para" | "como" | "igual" | "en")
    })
}

/// "Si le da tos con el enalapril, lo suspende": only if it happens.
pub(super) fn depends_on_an_event(turn: &TurnDoc, sentence: usize, drug: usize) -> bool {
    (sentence..drug).any(|at| {
        turn.word(at) == "si"
            && matches!(turn.word(at.wrapping_sub(1)), "" | "," | "." | "y" | "pero" | ";" | ":")
    })
}

pub(super) fn number_follows(turn: &TurnDoc, from: usize, to: usize) -> bool {
    (from..to).any(|at| crate::text::numbers::number_at(&turn.tokens, at).is_some())
}

/// "Para el cólico, paracetamol."
pub(super) fn for_a_complaint(before: &str, after: &str) -> bool {
    let lead = before.trim();
    let purpose = ["para el ", "para la ", "para los ", "para las ", "y para el ", "y para la "]
        .iter()
        .any(|cue| lead.starts_with(cue));
    purpose && lead.ends_with(',') && lead.split_whitespace().count() <= 7 && !after.contains(" no ")
}

/// "quítela, le dejo pantoprazol": what gives the next medicine begins after the comma.
pub(super) fn own_clause(before: &str) -> String {
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
    const INSTEAD: &[&str] = &[
        " entra ",
        " entran ",
        " en su lugar ",
        " en lugar de eso ",
        " en lugar de ese ",
        " en vez de ese ",
        " cambio por ",
    ];
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
pub(super) fn forbidden(after: &str) -> bool {
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
pub(super) fn taken_back(turn: &TurnDoc, drug: &DrugMention, end: usize) -> bool {
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
pub(super) fn corrected(turn: &TurnDoc, no: usize) -> bool {
    let amount_before = (no.saturating_sub(6)..no).any(|at| {
        crate::text::quantity::amount_at(&turn.tokens, at).is_some()
            || crate::text::numbers::number_at(&turn.tokens, at).is_some()
    });
    amount_before
        && (no + 1..no + 16).any(|at| {
            crate::text::quantity::amount_at(&turn.tokens, at)
                .is_some_and(|amount| amount.end <= turn.tokens.len())
        })
}

/// "Ese no con el litio", "no la tome junto con el omeprazol", "algodón con vaselina": the medicine is only what another one
/// goes with.
pub(super) fn company_only(before: &str, after: &str) -> bool {
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
pub(super) fn is_ingredient(before: &str) -> bool {
    let lead = before.trim_end();
    ["trae", "traen", "lleva", "contiene", "tiene", "trae un", "como trae"]
        .iter()
        .any(|verb| lead.ends_with(&format!(" {verb}")))
}

/// "no me la suspenda por nada", "nunca lo vaya a dejar": told to go on with it.
pub(super) fn told_not_to_leave(after: &str) -> bool {
    const LEAVING: &[&str] = &["suspend", "quit", "deje", "deja", "interrump", "pare"];
    let words: Vec<&str> = after.split_whitespace().collect();
    (0..words.len()).filter(|&at| matches!(words[at], "no" | "nunca")).any(|at| {
        let verb = words[at + 1..].iter().take(5).find(|word| {
            !matches!(
                **word,
                "me" | "se" | "te" | "le" | "lo" | "la" | "los" | "las" | "vaya" | "vayas" | "a" | "nunca"
            )
        });
        let clitic = words.get(at + 1).is_some_and(|word| {
            matches!(*word, "me" | "se" | "te" | "lo" | "la" | "los" | "las" | "vaya" | "vayas")
        });
        // "no lo dejen solo" is said to those around the patient.
        let others = |verb: &str| verb.ends_with("en") || verb.ends_with("an");
        clitic && verb.is_some_and(|verb| !others(verb) && LEAVING.iter().any(|stem| verb.starts_with(stem)))
    })
}
