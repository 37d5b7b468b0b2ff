//! Words for relatives, and which relative a chain of them means.

use crate::text::TurnDoc;

/// The kinship a folded word names, in clinical Spanish.
#[must_use]
pub fn kinship(word: &str) -> Option<&'static str> {
    Some(match word {
        "mama" | "madre" | "mami" | "jefa" | "jefita" | "ama" => "madre",
        "papa" | "padre" | "papi" | "jefe" | "apa" => "padre",
        "papas" | "padres" => "padres",
        "hermano" | "hermanito" => "hermano",
        "hermana" | "hermanita" => "hermana",
        "hermanos" | "hermanas" => "hermanos",
        "abuelo" | "abuelito" => "abuelo",
        "abuela" | "abuelita" => "abuela",
        "abuelos" | "abuelitos" => "abuelos",
        "tio" => "tío",
        "tia" => "tía",
        "tios" | "tias" => "tíos",
        "primo" => "primo",
        "prima" => "prima",
        "primos" | "primas" => "primos",
        "sobrino" | "sobrina" => "sobrino",
        "hijo" | "hijito" | "nino" | "chamaco" => "hijo",
        "hija" | "hijita" | "nina" | "morrita" => "hija",
        "hijos" | "hijas" | "ninos" => "hijos",
        "bisabuelo" | "bisabuela" => "bisabuelos",
        "nieto" | "nieta" | "nietos" => "nietos",
        _ => return None,
    })
}

/// Words for people who are no blood relatives.
pub(super) fn is_unrelated(word: &str) -> bool {
    matches!(
        word,
        "esposo"
            | "esposa"
            | "marido"
            | "mujer"
            | "senora"
            | "suegra"
            | "suegro"
            | "cunado"
            | "cunada"
            | "vecino"
            | "vecina"
            | "compadre"
            | "comadre"
            | "amigo"
            | "amiga"
            | "companero"
            | "companera"
            | "novio"
            | "novia"
            | "pareja"
            | "viejo"
            | "vieja"
            | "patron"
            | "nuera"
            | "yerno"
            | "cuate"
            | "roomie"
            | "jefe"
            | "gente"
            | "companeros"
    )
}

/// "Roncar, él", "el que fuma es ella": a pronoun by itself names somebody else.
#[must_use]
pub fn points_elsewhere(turn: &TurnDoc, at: usize) -> bool {
    let at = at + usize::from(turn.word(at) == ",");
    matches!(turn.word(at), "el" | "ella" | "ellos" | "ellas")
        && turn.tokens.get(at + 1).is_none_or(crate::text::Token::is_punct)
}

/// "mi tía dice que es gastritis": the relative tells it, and does not have it.
pub(super) fn tells(turn: &TurnDoc, kin: usize) -> bool {
    (kin + 1..kin + 4).take_while(|&at| turn.tokens.get(at).is_some_and(|token| !token.is_punct())).any(
        |at| {
            matches!(turn.word(at), "dice" | "dijo" | "dicen" | "dijeron" | "cree" | "piensa" | "diagnostico")
        },
    ) || turn.word(kin.wrapping_sub(2)) == "segun"
}

/// "me parece", "me dijeron": the speaker tells how sure they are, not whose it is.
pub(super) fn aside(turn: &TurnDoc, at: usize) -> bool {
    turn.word(at) == "me"
        && ["parece", "acuerdo", "dij", "dice", "imagino", "entere", "cont", "supon"]
            .iter()
            .any(|stem| turn.word(at + 1).starts_with(stem))
}

/// "El papá de la niña", "una hermana de mi mamá", "dos tíos de parte de mi papá": the kin before "de" is the one meant;
/// gives its place and who it is to the patient.
pub(super) fn kin_of_kin(turn: &TurnDoc, idx: usize, kin: &'static str) -> Option<(usize, String)> {
    let mut at = idx;
    while at > 0 && matches!(turn.word(at - 1), "mi" | "la" | "el" | "su" | "mis" | "los" | "las") {
        at -= 1;
    }
    if !matches!(turn.word(at.wrapping_sub(1)), "de" | "del") {
        return None;
    }
    at -= 1;
    let mut side = false;
    if matches!(turn.word(at.wrapping_sub(1)), "parte" | "lado") {
        side = true;
        at = at.saturating_sub(2);
        // "de su parte, por el lado de mi mamá"
        if matches!(turn.word(at), "el" | "la") {
            at = at.saturating_sub(1);
        }
    }
    let head_at = at.checked_sub(1)?;
    let head = kinship(turn.word(head_at))?;
    let rama = match kin {
        "madre" => " por rama materna",
        "padre" => " por rama paterna",
        _ => "",
    };
    let who = match (head, kin) {
        (_, _) if side => format!("{head}{rama}"),
        ("hermana", "madre" | "padre") => format!("tía{rama}"),
        ("hermano", "madre" | "padre") => format!("tío{rama}"),
        ("hermanos", "madre" | "padre") => format!("tíos{rama}"),
        ("madre", "madre" | "padre") => format!("abuela{rama}"),
        ("padre", "madre" | "padre") => format!("abuelo{rama}"),
        ("hijo" | "hija" | "hijos", "hermano" | "hermana" | "hermanos") => "sobrino".to_owned(),
        _ => head.to_owned(),
    };
    Some((head_at, who))
}
