//! The verb that decides about a medicine, by its grammar: "el losartán lo paramos", "me la deja desde hoy", "se va a la
//! basura", "no se lo quite", "fuera la aspirina".

use crate::text::TurnDoc;
use crate::text::numbers::number_at;
use crate::text::quantity::amount_at;

/// How many words after the name the verb may stand.
const REACH: usize = 9;

/// What the verb does to the medicine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Stop,
    /// Not to be taken: a stop of what is taken, nothing otherwise.
    Refuse,
    Keep,
}

/// A verb of which the medicine is the object or the subject, before any amount: in the words after the name.
pub(super) fn after(turn: &TurnDoc, from: usize, to: usize) -> Option<Told> {
    let to = to.min(from + REACH).min(turn.tokens.len());
    let with = (from.saturating_sub(3)..from).any(|at| turn.word(at) == "con");
    if from + 1 < to && !with && for_good(turn, from) {
        return Some(Told::Refuse);
    }
    for at in from..to {
        let word = turn.word(at);
        if matches!(
            word,
            "." | "?"
                | "!"
                | ";"
                | ":"
                | "si"
                | "cuando"
                | "luego"
                | "despues"
                | "hasta"
                | "cada"
                | "para"
                | "antes"
                | "..."
                | "mientras"
                | "como"
        ) || number_at(&turn.tokens, at).is_some_and(|number| number.value > 2.0)
            || amount_at(&turn.tokens, at).is_some()
        {
            return None;
        }
        if let Some(told) = verb(turn, from, at) {
            return Some(told);
        }
    }
    None
}

/// "La aspirina, ni una más", "el jarabe jamás", "nunca más": refused for good, right behind the name.
fn for_good(turn: &TurnDoc, from: usize) -> bool {
    let at = from + usize::from(turn.word(from) == ",");
    match turn.word(at) {
        "nunca" | "jamas" => true,
        "ni" => {
            matches!(turn.word(at + 1), "una" | "un" | "uno")
                && matches!(turn.word(at + 2), "mas" | "vez" | "gota" | "solo" | "sola")
                || turn.word(at + 1) == "por" && turn.word(at + 2) == "equivocacion"
                || turn.word(at + 1) == "de" && matches!(turn.word(at + 2), "chiste" | "broma")
        }
        _ => false,
    }
}

/// Whether a verb at a place decides.
fn verb(turn: &TurnDoc, from: usize, at: usize) -> Option<Told> {
    let word = turn.word(at);
    let before = if at > from { turn.word(at - 1) } else { "" };
    let before2 = if at > from + 1 { turn.word(at - 2) } else { "" };
    let object = matches!(before, "lo" | "la" | "los" | "las");
    let denied = |at: usize| {
        (at.saturating_sub(4).max(from)..at).any(|k| {
            matches!(turn.word(k), "no" | "nunca" | "tampoco" | "ni")
                && (k + 1..at).all(|j| {
                    is_pronoun(turn.word(j))
                        || matches!(
                            turn.word(j),
                            "vaya"
                                | "vayas"
                                | "a"
                                | "hay"
                                | "que"
                                | "tiene"
                                | "tienes"
                                | "debe"
                                | "puede"
                                | "vamos"
                                | "voy"
                                | "va"
                                | "quiero"
                        )
                })
        })
    };
    let told = |at: usize| Some(if denied(at) { Told::Keep } else { Told::Stop });
    if word == "yano" {
        return no_more(turn, at);
    }
    if matches!(
        word,
        "fuera"
            | "prohibido"
            | "prohibida"
            | "prohibidos"
            | "suspendido"
            | "suspendida"
            | "suspendidos"
            | "suspendidas"
    ) {
        let bare = (from..at).all(|k| {
            matches!(turn.word(k), "," | "tambien" | "queda" | "quedan" | "va" | "pa" | "y" | "por" | "esta")
        });
        return (bare || word.starts_with("suspendid")).then_some(Told::Stop);
    }
    if word == "basura" && before == "la" && before2 == "a" || word == "sobra" || word == "sobran" {
        return Some(Told::Stop);
    }
    if matches!(word, "cero" | "nimodo") && at == from + 1 && turn.word(from) == "," {
        return (word == "cero").then_some(Told::Stop);
    }
    // "no la necesita", "no se lo vuelve a tomar": not to be taken, said of the medicine.
    let dropped = word.starts_with("necesit")
        || matches!(word, "vuelve" | "vuelvas" | "vuelva" | "vuelves") && turn.word(at + 1) == "a";
    if dropped && object && denied(at) {
        return Some(Told::Refuse);
    }
    if word.starts_with("ahorr") {
        return Some(Told::Stop);
    }
    let next = turn.word(at + 1);
    let leaving = matches!(word, "va" | "van" | "fue") && before == "se" && before2 != "," && !denied(at - 1);
    if leaving {
        let away = turn.tokens.get(at + 1).is_none_or(crate::text::Token::is_punct)
            || matches!(next, "hoy" | "ya" | "desde" | "fuera" | "tambien" | "por")
            || next == "a" && turn.word(at + 2) == "la" && turn.word(at + 3).starts_with("basura");
        return away.then_some(Told::Stop);
    }
    if matches!(word, "acabo" | "acaban" | "acabaron" | "termina" | "acaba") && before == "se" {
        let today =
            turn.tokens.get(at + 1).is_none_or(crate::text::Token::is_punct) || matches!(next, "hoy" | "ya");
        return today.then_some(Told::Stop);
    }
    if is_moved(word) && (object || matches!(before, "me" | "se" | "le")) && denied(at) {
        return Some(Told::Keep);
    }
    let passive = before == "se" && at > from;
    let helped = matches!(before, "a" | "que")
        && matches!(before2, "vamos" | "voy" | "va" | "vas" | "hay" | "tiene" | "tienes" | "van")
        || matches!(before, "quiero" | "puede" | "puedes" | "debe" | "debes");
    if is_removal(word) && !(word.starts_with("guard") && matches!(next, "para" | "por" | "solo" | "nomas")) {
        let enclitic = ["lo", "la", "los", "las"].iter().any(|end| word.ends_with(end) && word.len() > 5);
        let first = matches!(
            word,
            "suspendo" | "suspendemos" | "suspenda" | "suspende" | "suspendes" | "retiro" | "retiramos"
        );
        return (object || enclitic || passive && !word.ends_with('o') || helped || first)
            .then(|| told(at))
            .flatten();
    }
    if is_leaving(word) && !left_as(turn, at) {
        let enclitic = word.len() > 5 && ["lo", "la", "los", "las"].iter().any(|end| word.ends_with(end));
        let object = object
            || word == "dejar"
                && helped
                && matches!(turn.word(at.wrapping_sub(3)), "lo" | "la" | "los" | "las");
        let mine = matches!(word, "dejo" | "dejamos" | "deje") && matches!(before2, "se" | "le" | "te");
        return ((object && !mine) || enclitic).then(|| told(at)).flatten();
    }
    None
}

/// "ya no", "ya no lo tome", "ya no hace falta"; not "ya no le está haciendo efecto", which tells no order.
fn no_more(turn: &TurnDoc, at: usize) -> Option<Told> {
    let next = turn.tokens.get(at + 1);
    let bare = next.is_none_or(crate::text::Token::is_punct);
    let takes = |word: &str| {
        ["tom", "us", "ponga", "pongas", "pongan", "inyect", "apli", "unte", "den", "compr", "vuelv", "lleve"]
            .iter()
            .any(|stem| word.starts_with(stem))
            || matches!(
                word,
                "de" | "des"
                    | "hace"
                    | "sirve"
                    | "conviene"
                    | "ocupa"
                    | "necesita"
                    | "con"
                    | "por"
                    | "porque"
                    | "y"
                    | "va"
            )
    };
    let after: Vec<&str> = (at + 1..at + 5).map(|k| turn.word(k)).collect();
    let verb = after.iter().find(|word| !is_pronoun(word)).copied().unwrap_or("");
    (bare || takes(verb) && !matches!(verb, "tomaba" | "tomo" | "usaba")).then_some(Told::Stop)
}

fn is_pronoun(word: &str) -> bool {
    matches!(word, "me" | "te" | "se" | "le" | "les" | "lo" | "la" | "los" | "las" | "nos")
}

/// "quite", "suspendemos", "parar", "retiro", "descansamos", "tírela".
fn is_removal(word: &str) -> bool {
    let stems = [
        "suspend",
        "quit",
        "retir",
        "descontinu",
        "elimin",
        "interrump",
        "detien",
        "deten",
        "detuv",
        "descans",
        "paus",
        "guardel",
        "guardal",
        "guardas",
    ];
    let whole = [
        "paro", "para", "paran", "pare", "paren", "paramos", "paras", "pares", "parar", "parelo", "parela",
        "paralo", "parala", "parelos", "parelas",
    ];
    let thrown = ["tire", "tira", "tirelo", "tirela", "tirala", "tiralo", "tirelos", "tirelas"];
    let cut = ["corto", "cortamos", "corte", "cortelo", "cortela"];
    let past = matches!(word, "quitaron" | "quitado" | "quitaba" | "suspendieron" | "retiraron");
    !past
        && (stems.iter().any(|stem| word.starts_with(stem))
            || whole.contains(&word)
            || thrown.contains(&word)
            || cut.contains(&word))
}

fn is_leaving(word: &str) -> bool {
    ["deja", "deje", "dejes", "dejas", "dejan", "dejen", "dejamos", "dejemos", "dejar", "dejo"]
        .contains(&word)
        || [
            "dejelo", "dejela", "dejelos", "dejelas", "dejalo", "dejala", "dejalos", "dejalas", "dejarlo",
            "dejarla", "dejarlos", "dejarlas", "dejemelo", "dejemela", "dejenlo", "dejenla",
        ]
        .contains(&word)
}

fn is_moved(word: &str) -> bool {
    ["muev", "mov", "toque", "toc", "cambi"].iter().any(|stem| word.starts_with(stem))
}

/// "la dejamos en cinco", "déjelo igual", "lo deja para el dolor": left as it is, or for something.
fn left_as(turn: &TurnDoc, at: usize) -> bool {
    let next = turn.word(at + 1);
    matches!(
        next,
        "en" | "igual"
            | "asi"
            | "como"
            | "para"
            | "solo"
            | "nomas"
            | "tal"
            | "a"
            | "de"
            | "igualito"
            | "igualita"
            | "actuar"
            | "cinco"
            | "anotado"
            | "pendiente"
    ) || next == "," && matches!(turn.word(at + 2), "no" | "igual" | "solo" | "una" | "ese" | "esa")
        || matches!(turn.word(at), "dejo" | "dejamos") && matches!(next, "con" | "un" | "una")
        || number_at(&turn.tokens, at + 1).is_some()
}

/// A verb of stopping that leads to the name: "suspenda el", "vamos a quitar la", "fuera el", "no suspenda la".
pub(super) fn before(turn: &TurnDoc, from: usize, drug: usize) -> Option<Told> {
    let mut at = drug;
    let small = |word: &str| {
        matches!(
            word,
            "el" | "la"
                | "los"
                | "las"
                | "su"
                | "tu"
                | "sus"
                | "tus"
                | "ese"
                | "esa"
                | "esos"
                | "esas"
                | "ya"
                | "hoy"
                | "tambien"
                | "porfavor"
                | "con"
                | "a"
                | "tomar"
                | "de"
                | "usar"
                | "mejor"
                | "desde"
                | "ahorita"
        )
    };
    while at > from && small(turn.word(at - 1)) {
        at -= 1;
    }
    let at = at.checked_sub(1).filter(|&at| at >= from)?;
    let word = turn.word(at);
    let denied = (at.saturating_sub(3).max(from)..at).any(|k| {
        matches!(turn.word(k), "no" | "nunca" | "ni")
            && (k + 1..at).all(|j| is_pronoun(turn.word(j)) || matches!(turn.word(j), "vaya" | "vayas" | "a"))
    });
    let led = turn.word(at.wrapping_sub(1));
    let ordered = [
        "suspenda",
        "suspende",
        "suspendo",
        "suspendemos",
        "suspendan",
        "suspendes",
        "suspendale",
        "suspendele",
        "quite",
        "quitele",
        "quitale",
        "quitamos",
        "quito",
        "quita",
        "quitan",
        "quitarle",
        "retire",
        "retiramos",
        "retiro",
        "retirele",
        "elimine",
        "descontinue",
        "interrumpa",
        "pare",
        "parele",
        "detenga",
        "detengo",
    ]
    .contains(&word)
        || matches!(word, "quitar" | "suspender" | "retirar" | "dejar" | "parar" | "quitarle" | "quitarte")
            && matches!(led, "a" | "que" | "quiero" | "toca")
            && matches!(
                turn.word(at.wrapping_sub(2)),
                "vamos" | "voy" | "hay" | "tiene" | "tienes" | "va" | "vas" | "que" | "" | "," | "."
            )
            // "le voy a dejar naproxeno" gives it, "va a dejar el naproxeno" takes it away.
            && !(word == "dejar" && matches!(turn.word(at.wrapping_sub(2)), "voy" | "vamos"))
        || matches!(word, "fuera" | "adios")
            && matches!(led, "" | "," | "." | "y" | ":" | "pues" | "dos" | "uno" | "entonces" | "tres")
        || matches!(word, "deje" | "dejen" | "deja" | "dejas")
            && !matches!(led, "le" | "te" | "lo" | "la" | "se" | "no" | "les" | "los" | "las")
            && turn.word(at + 1) != "para";
    // "se le quita el", "si quita la": of something else, or only if.
    let other = matches!(word, "quita" | "quito" | "quitan" | "quitamos")
        && !matches!(led, "" | "le" | "te" | "," | "." | "y" | "se" | "ya")
        || matches!(led, "le" | "te") && turn.word(at.wrapping_sub(2)) == "se"
        || led == "si"
        || turn.word(at.wrapping_sub(2)) == "si";
    (ordered && !other).then_some(if denied { Told::Keep } else { Told::Stop })
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::{Told, after, before};
    use crate::text::TurnDoc;

    fn turn(text: &str) -> TurnDoc {
        TurnDoc::new(Speaker::Doctor, text)
    }

    #[test]
    fn a_verb_behind_the_name_tells_to_leave_it_or_to_go_on() {
        for (text, told) in [
            ("glimepirida la paramos hoy", Some(Told::Stop)),
            ("candesartán se va, por la tos", Some(Told::Stop)),
            ("piroxicam me lo deja desde hoy", Some(Told::Stop)),
            ("etoricoxib párelo", Some(Told::Stop)),
            ("cinarizina ya no hace falta", Some(Told::Stop)),
            ("pioglitazona, fuera", Some(Told::Stop)),
            ("nebivolol no me lo mueve nadie", Some(Told::Keep)),
            ("telmisartán no se lo quite", Some(Told::Keep)),
            ("glicazida la dejamos en sesenta", None),
            ("nebivolol lo deja igual", None),
            ("deflazacort seis en la mañana y luego se quita", None),
        ] {
            let turn = turn(text);
            assert_eq!(after(&turn, 1, turn.tokens.len()), told, "{text}");
        }
    }

    #[test]
    fn a_verb_before_the_name_tells_to_leave_it_or_to_go_on() {
        for (text, told) in [
            ("vamos a quitar el", Some(Told::Stop)),
            ("y suspenda ya la", Some(Told::Stop)),
            ("no suspenda la", Some(Told::Keep)),
            ("con eso se le quita la", None),
            ("le dejo el", None),
            ("le voy a dejar", None),
            ("va a dejar el", Some(Told::Stop)),
        ] {
            let turn = turn(text);
            assert_eq!(before(&turn, 0, turn.tokens.len()), told, "{text}");
        }
    }
}
