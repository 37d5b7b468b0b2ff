//! Other words for the same: wordings that can stand for each other without changing a fact.

use super::Chance;

/// Either may be put for the other.
const EITHER_WAY: [(&str, &str); 33] = [
    ("calentura", "fiebre"),
    ("dolor de cabeza", "dolor en la cabeza"),
    ("me duele", "me está doliendo"),
    ("le duele", "le está doliendo"),
    ("comezón", "picazón"),
    ("ganas de vomitar", "náusea"),
    ("diarrea", "evacuaciones líquidas"),
    ("presión alta", "hipertensión"),
    ("azúcar alta", "glucosa alta"),
    ("¿desde cuándo", "¿cuánto tiempo lleva"),
    ("¿toma", "¿está tomando"),
    ("mi mamá", "mi madre"),
    ("mi papá", "mi padre"),
    ("mi esposo", "mi marido"),
    ("le voy a dar", "le voy a recetar"),
    ("le voy a pedir", "le voy a solicitar"),
    ("cada ocho horas", "tres veces al día"),
    ("cada doce horas", "dos veces al día"),
    ("cada seis horas", "cuatro veces al día"),
    ("cada veinticuatro horas", "una vez al día"),
    ("por cinco días", "durante cinco días"),
    ("por siete días", "durante una semana"),
    ("por diez días", "durante diez días"),
    ("pastilla", "tableta"),
    ("pastillas", "tabletas"),
    ("medicina", "medicamento"),
    ("nos vemos en", "regresa en"),
    ("la veo en", "la espero en"),
    ("lo veo en", "lo espero en"),
    ("ultrasonido", "ecografía"),
    ("mucho", "bastante"),
    ("en la noche", "por la noche"),
    ("en la mañana", "por la mañana"),
];

/// The second may be put for the first; the first does not fit everywhere the second does.
const ONE_WAY: [(&str, &str); 26] = [
    ("tengo", "traigo"),
    ("desde hace", "de hace"),
    ("hace tres días", "desde hace tres días"),
    ("hace dos días", "hará unos dos días"),
    ("he vomitado", "he devuelto el estómago"),
    ("me da", "me viene"),
    ("se me quita", "se me pasa"),
    ("no he tenido", "no me ha dado"),
    ("he tenido", "me ha dado"),
    ("¿ha tenido", "¿le ha dado"),
    ("¿tiene", "¿presenta"),
    ("tomo", "estoy tomando"),
    ("me tomo", "tomo"),
    ("me operaron", "tuve cirugía"),
    ("fumo", "fumo cigarro"),
    ("le voy a mandar", "le voy a dejar"),
    ("se toma", "tómese"),
    ("tome", "va a tomar"),
    ("suspenda", "deje de tomar"),
    ("ya no tome", "deje"),
    ("doctor", "doc"),
    ("doctora", "doctorcita"),
    ("un poco", "tantito"),
    ("poquito", "poco"),
    ("ahorita", "ahora"),
    ("nada más", "solamente"),
];

/// Each place where a pair fits changes in three of five cases.
pub(super) fn paraphrased(text: &str, chance: &mut Chance) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let fits = if out.is_empty() || out.ends_with(|c: char| !c.is_alphanumeric()) {
            fitting(rest)
        } else {
            None
        };
        match fits {
            Some((from, to)) if chance.percent(60) => {
                out.push_str(&like(&rest[..from.len()], to));
                rest = &rest[from.len()..];
            }
            Some((from, _)) => {
                out.push_str(&rest[..from.len()]);
                rest = &rest[from.len()..];
            }
            None => {
                let step = rest.chars().next().map_or(0, char::len_utf8);
                out.push_str(&rest[..step]);
                rest = &rest[step..];
            }
        }
    }
    out
}

/// The longest wording that stands at the beginning as whole words, and what is put for it.
fn fitting(text: &str) -> Option<(&'static str, &'static str)> {
    let stands = |wording: &str| {
        text.get(..wording.len()).is_some_and(|head| head.to_lowercase() == wording)
            && !text[wording.len()..].starts_with(char::is_alphanumeric)
    };
    let either = EITHER_WAY.iter().flat_map(|&(one, two)| [(one, two), (two, one)]);
    either.chain(ONE_WAY).filter(|(from, _)| stands(from)).max_by_key(|(from, _)| from.len())
}

/// With a capital where the original had one.
fn like(original: &str, wording: &str) -> String {
    let mut letters = wording.chars();
    match (original.chars().next(), letters.next()) {
        (Some(was), Some(first)) if was.is_uppercase() => first.to_uppercase().chain(letters).collect(),
        _ => wording.to_owned(),
    }
}
