//! When a medicine is taken where no interval is said: "antes de cada alimento", "una hora antes", "en cada cambio de pañal".

use super::*;

/// How many words of a moment are kept.
const LONGEST: usize = 11;

/// The words that tell the moments of taking, at most three of them: token ranges of the turn.
pub(in crate::extract) fn moments(turn: &TurnDoc, start: usize, end: usize) -> Vec<(usize, usize)> {
    let end = end.min(turn.tokens.len());
    let steps = steps(turn, start, end);
    // The sentence after it counts where it still speaks of the medicine.
    let second = steps
        .get(1)
        .filter(|step| !step.sentence || step.then || continues(turn, step.from) || begins(turn, step.from));
    let limit = second.or(steps.first()).map_or(end, |step| step.to);
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut at = start;
    while at < limit && found.len() < 3 {
        if !begins(turn, at) || turn.tokens[at].dead {
            at += 1;
            continue;
        }
        let stop = (at + 1..limit.min(at + LONGEST))
            .find(|&k| turn.tokens[k].is_punct() && !turn.tokens[k].dead)
            .unwrap_or(limit.min(at + LONGEST));
        if stop > at + 1 {
            found.push((at, stop));
        }
        at = stop + 1;
    }
    found
}

/// Whether a moment begins at a token.
fn begins(turn: &TurnDoc, at: usize) -> bool {
    let next = turn.word(at + 1);
    match turn.word(at) {
        "antes" | "despues" => matches!(next, "de" | "del"),
        "en" | "con" | "por" | "a"
            if matches!(
                turn.word(at + 2),
                "lado" | "ojo" | "oido" | "fosa" | "hoyo" | "hoyito" | "narina" | "pie" | "mano"
            ) =>
        {
            false
        }
        "en" | "con" | "por" | "a" => next == "cada" || turn.word(at) == "por" && next == "bolsa",
        "cada" => number_at(&turn.tokens, at + 1).is_none(),
        "al" => {
            matches!(next, "inicio" | "comienzo" | "primer" | "momento")
                || next.len() > 4
                    && ["ar", "er", "ir", "arse", "erse", "irse", "arte", "erte"]
                        .iter()
                        .any(|ending| next.ends_with(ending))
        }
        "cuando" | "mientras" | "entre" | "durante" => number_at(&turn.tokens, at + 1).is_none(),
        "junto" => next == "con",
        "alternando" | "alternado" | "alternar" | "intercalado" => true,
        "si" => !matches!(next, "dudas" | "no") && !changes_the_plan(turn, at),
        "las" => {
            matches!(next, "que" | "veces")
                && (at + 1..at + 4).any(|k| matches!(turn.word(k), "quiera" | "quieras" | "necesite"))
        }
        "hoy" | "ahorita" => repeats(turn, at),
        "del" | "desde" => {
            matches!(next, "dia" | "quinto" | "tercer") || next == "el" && turn.word(at + 2) == "dia"
        }
        _ => number_at(&turn.tokens, at).is_some_and(|number| {
            matches!(turn.word(number.end), "hora" | "horas" | "minutos" | "dias")
                && matches!(turn.word(number.end + 1), "antes" | "despues")
        }),
    }
}

/// "si sube de cinco, lo bajamos", "vemos si lo quitamos": when the medicine is changed, not when it is taken.
fn changes_the_plan(turn: &TurnDoc, at: usize) -> bool {
    const CHANGES: &[&str] =
        &["quit", "suspend", "bajamos", "bajo", "subimos", "subo", "cambi", "llam", "habl", "avis", "vemos"];
    let end = turn.sentence_of(at).end.min(at + 16);
    (at + 1..end).any(|k| CHANGES.iter().any(|stem| turn.word(k).starts_with(stem)))
}

/// "uno hoy y otro a las setenta y dos horas", "dos hoy y repite en una semana".
fn repeats(turn: &TurnDoc, at: usize) -> bool {
    (at + 1..at + 5).any(|k| {
        matches!(turn.word(k), "otro" | "otra" | "otras" | "otros")
            || turn.word(k).starts_with("repit")
            || turn.word(k) == "repetir"
    })
}

/// "Le pongo", "pásenle", "le vamos a infiltrar": what leads to the medicine says that it is given here and now.
pub(super) fn given_here(turn: &TurnDoc, drug: &DrugMention) -> bool {
    let from = turn.sentence_of(drug.start).start.max(drug.start.saturating_sub(14));
    let lead = format!(" {} ", turn.joined(from, drug.start));
    [
        " le pongo ",
        " te pongo ",
        " le ponemos ",
        " te ponemos ",
        " le voy a poner ",
        " te voy a poner ",
        " voy a poner ",
        " le vamos a poner ",
        " te vamos a poner ",
        " vamos a ponerle ",
        " le aplico ",
        " te aplico ",
        " le aplicamos ",
        " le vamos a aplicar ",
        " le infiltro ",
        " te infiltro ",
        " le vamos a pasar ",
        " pasenle ",
        " ponganle ",
        " pongale ",
        " apliquenle ",
        " una sola ",
        " una dosis de ",
    ]
    .iter()
    .any(|cue| lead.contains(cue))
}
