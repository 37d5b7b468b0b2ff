//! The steps of a scheme: where one ends, which words still speak of the medicine, the words of the whole.

use super::*;

/// A step of a scheme.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) from: usize,
    pub(super) to: usize,
    /// It comes after another ("luego una diaria"), rather than in a sentence of its own.
    pub(super) then: bool,
    /// It begins a sentence of its own.
    pub(super) sentence: bool,
}

/// The range cut at sentences and at "luego", "después": the steps of a scheme, first step first.
pub(super) fn steps(turn: &TurnDoc, start: usize, end: usize) -> Vec<Step> {
    let mut out = Vec::new();
    let (mut from, mut then, mut sentence) = (start, false, false);
    for at in start..end {
        let strong = matches!(turn.word(at), "." | ";" | "!" | "?") && !turn.tokens[at].dead;
        let step = (matches!(turn.word(at), "luego" | "despues")
            || turn.word(at) == "ahi" && at > start && turn.word(at - 1) == "de")
            && (!matches!(turn.word(at + 1), "de" | "del" | "luego") || then_of(turn, at + 1))
            && at > start + 2
            || at > start + 2 && next_stage(turn, at);
        if strong || step {
            // "; y luego": the conjunction is no step of its own.
            if at > from && !(at == from + 1 && turn.word(from) == "y") {
                out.push(Step { from, to: at, then, sentence });
            }
            (from, then, sentence) = (at + 1, step, turn.word(at) != ";");
        }
    }
    if end > from {
        out.push(Step { from, to: end, then, sentence });
    }
    out
}

/// "y luego de trescientos diario": of another strength, not after something.
fn then_of(turn: &TurnDoc, de: usize) -> bool {
    turn.word(de) == "de"
        && number_at(&turn.tokens, de + 1).is_some_and(|number| number.value >= 5.0)
        && duration_at(&turn.tokens, de + 1).is_none()
}

/// "y a la semana cincuenta", "a los tres días media", "la segunda semana": a further stage of a scheme, with its amount.
fn next_stage(turn: &TurnDoc, at: usize) -> bool {
    let after = |from: usize| {
        (from..from + 4).any(|k| {
            number_at(&turn.tokens, k).is_some()
                || matches!(
                    turn.word(k),
                    "media" | "una" | "otra" | "entera" | "completa" | "manana" | "tambien"
                )
        })
    };
    match turn.word(at) {
        "a" if matches!(turn.word(at - 1), "y" | "," | ".") => match turn.word(at + 1) {
            "la" => turn.word(at + 2) == "semana" && after(at + 3),
            "los" | "las" => duration_at(&turn.tokens, at + 2)
                .is_some_and(|duration| duration.days >= 1.0 && after(duration.end)),
            _ => false,
        },
        "la" => {
            matches!(turn.word(at + 1), "segunda" | "siguiente" | "tercera") && turn.word(at + 2) == "semana"
                || turn.word(at + 1) == "que" && turn.word(at + 2) == "sigue" && after(at + 3)
        }
        _ => false,
    }
}

/// The words of a scheme in steps, from the first amount to the last step, as a range of tokens; `None` where there is one step.
pub(in crate::extract) fn scheme(turn: &TurnDoc, start: usize, end: usize) -> Option<(usize, usize)> {
    let end = end.min(turn.tokens.len());
    let steps = steps(turn, start, end);
    let amounts = |step: &Step| {
        (step.from..step.to).any(|at| number_at(&turn.tokens, at).is_some() || turn.word(at) == "media")
    };
    let later = steps[..steps.len().min(6)].iter().rfind(|step| step.then && amounts(step))?;
    let first = steps.first().filter(|step| amounts(step))?;
    let skipped = (first.from..first.to).find(|&at| !turn.tokens[at].is_punct())?;
    (later.to - skipped <= 60).then_some((skipped, later.to))
}

/// The steps that still speak of the medicine: a sentence of its own that begins otherwise ends what is said of it.
pub(super) fn linked<'a>(turn: &TurnDoc, steps: &'a [Step]) -> &'a [Step] {
    let speaks = |step: &Step| {
        step.then
            || !step.sentence
            || continues(turn, step.from)
            || matches!(turn.word(step.from), "le" | "te" | "les")
                && matches!(
                    turn.word(step.from + 1),
                    "va" | "vas" | "da" | "das" | "doy" | "voy" | "dan" | "pone" | "pones"
                )
            || TAKES.iter().any(|verb| turn.word(step.from).starts_with(verb))
            || matches!(
                turn.word(step.from),
                "sí" | "va"
                    | "es"
                    | "ese"
                    | "esa"
                    | "esos"
                    | "una"
                    | "primero"
                    | "hoy"
                    | "esta"
                    | "ahorita"
                    | "empezamos"
                    | "por"
                    | "aqui"
            )
    };
    let end = steps.iter().skip(1).position(|step| !speaks(step)).map_or(steps.len(), |at| at + 1);
    &steps[..end]
}

/// Verbs of taking at the head of a sentence.
pub(super) const TAKES: &[&str] = &[
    "tom", "dele", "dale", "den", "apli", "pong", "pon", "us", "empie", "empez", "inici", "baj", "sub",
    "unt", "inyec", "aspir", "tabl", "gotas", "un",
];

/// Whether a sentence after that of the medicine still speaks of how it is taken: "Siete días.", "Con comida, por un mes."
pub(super) fn continues(turn: &TurnDoc, from: usize) -> bool {
    // "La acemetacina de noventa" is another one, "la toma con agua" and "la de cien" are this one.
    let pointed = matches!(turn.word(from), "la" | "lo" | "las" | "los")
        && (matches!(
            turn.word(from + 1),
            "de" | "primera"
                | "primeras"
                | "primeros"
                | "segunda"
                | "misma"
                | "va"
                | "vas"
                | "van"
                | "puede"
                | "puedes"
                | "vamos"
                | "voy"
                | "dos"
                | "tres"
                | "repite"
                | "repites"
                | "mitad"
                | "otra"
                | "sigue"
        ) || TAKES.iter().any(|verb| turn.word(from + 1).starts_with(verb)));
    pointed
        || number_at(&turn.tokens, from).is_some()
        || matches!(
            turn.word(from),
            "por"
                | "durante"
                | "todo"
                | "todos"
                | "son"
                | "unos"
                | "unas"
                | "y"
                | "cada"
                | "con"
                | "en"
                | "a"
                | "al"
                | "diario"
                | "maximo"
                | "tomada"
                | "tomado"
                | "antes"
                | "hasta"
                | "solo"
                | "tambien"
                | "igual"
                | "media"
                | "se"
                | "me"
                | "te"
        )
}
