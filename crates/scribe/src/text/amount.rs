//! Amounts of medicine with their unit, as they are said.

use super::numbers::number_at;
use super::token::Token;

fn word(tokens: &[Token], idx: usize) -> &str {
    tokens.get(idx).filter(|token| !token.dead).map_or("", |token| token.norm.as_str())
}

/// An amount of medicine: "quinientos miligramos", "media tableta", "diez unidades".
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// How much.
    pub value: f64,
    /// Unit as in the wire format: "mg", "g", "mcg", "ml", "unidades", "tableta", "gotas"...
    pub unit: &'static str,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
}

/// The unit of an amount of medicine by its spoken word.
#[must_use]
pub fn dose_unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "mg" | "miligramo" | "miligramos" | "miligramitos" => "mg",
        "g" | "gr" | "gramo" | "gramos" => "g",
        "mcg" | "microgramo" | "microgramos" | "ug" | "micro" | "micros" => "mcg",
        "ml" | "mililitro" | "mililitros" | "cc" => "ml",
        "ui" | "unidad" | "unidades" => "unidades",
        "tableta" | "tabletas" | "tabletita" | "tabletitas" | "pastilla" | "pastillas" | "pastillita"
        | "pastillitas" | "comprimido" | "comprimidos" | "tab" | "pildora" | "pildoras" => "tableta",
        "capsula" | "capsulas" | "perla" | "perlas" => "cápsula",
        "gragea" | "grageas" => "gragea",
        "gota" | "gotas" | "gotitas" | "gotita" => "gotas",
        "disparo" | "disparos" | "puff" | "puffs" | "disparito" | "disparitos" => "disparos",
        "inhalacion" | "inhalaciones" => "inhalaciones",
        "atomizacion" | "atomizaciones" | "atomizador" | "spray" | "sprays" => "atomizaciones",
        "sobre" | "sobres" | "sobrecito" | "sobrecitos" => "sobre",
        "ampolleta" | "ampolletas" | "ampula" | "ampulas" | "inyeccion" | "inyecciones" => "ampolleta",
        "ovulo" | "ovulos" => "óvulo",
        "supositorio" | "supositorios" => "supositorio",
        "parche" | "parches" => "parche",
        "cucharada" | "cucharadas" => "cucharada",
        "cucharadita" | "cucharaditas" => "cucharadita",
        "nebulizacion" | "nebulizaciones" => "nebulización",
        "aplicacion" | "aplicaciones" => "aplicación",
        "aplicador" | "aplicadores" => "aplicador",
        "frasco" | "frascos" => "frasco",
        "cartucho" | "cartuchos" => "cartucho",
        "litro" | "litros" => "litros",
        "vaso" | "vasos" | "vasito" | "vasitos" => "vaso",
        "miliequivalentes" | "meq" => "mEq",
        _ => return None,
    })
}

/// Whether the unit counts pieces (tablets, capsules...) whose strength may be said apart.
#[must_use]
pub fn counts_pieces(unit: &str) -> bool {
    matches!(
        unit,
        "tableta" | "cápsula" | "gragea" | "sobre" | "ampolleta" | "óvulo" | "supositorio" | "parche"
    )
}

/// A part of a piece that begins at a token, and where its words end: "media", "la mitad", "un cuartito", "tres cuartas partes",
/// "un tercio".
#[must_use]
pub fn portion_at(tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let part = |idx: usize| match word(tokens, idx) {
        "cuarto" | "cuartito" | "cuartos" => Some((0.25, idx + 1)),
        "tercio" | "tercios" => Some((1.0 / 3.0, idx + 1)),
        "cuarta" | "cuartas" if word(tokens, idx + 1).starts_with("parte") => Some((0.25, idx + 2)),
        "tercera" | "terceras" if word(tokens, idx + 1).starts_with("parte") => Some((1.0 / 3.0, idx + 2)),
        _ => None,
    };
    match word(tokens, at) {
        // "a la mitad: cincuenta" tells of a change, not of how many.
        "mitad" if matches!(word(tokens, at.wrapping_sub(2)), "a" | "por") => None,
        "media" | "medio" | "mediecita" | "mitad" => Some((0.5, at + 1)),
        "un" | "una" | "la" => part(at + 1),
        "dos" => part(at + 1).map(|(one, end)| (2.0 * one, end)),
        "tres" => part(at + 1).map(|(one, end)| (3.0 * one, end)),
        "cuarto" | "cuartito" | "tercio" => part(at),
        _ => None,
    }
}

/// The amount with a unit that begins at a token: "media tableta", "cuarto de tableta", "tableta y media", "dos disparos".
#[must_use]
pub fn amount_at(tokens: &[Token], at: usize) -> Option<Amount> {
    let (value, mut idx) = match word(tokens, at) {
        "otro" | "otra" => (1.0, at + 1),
        // "paracetamol de a gramo", "oxígeno, litro y medio"
        "gramo" | "litro" if matches!(word(tokens, at.wrapping_sub(1)), "a" | "" | ",") => (1.0, at),
        // "tableta y media": the one goes without saying.
        unit if dose_unit(unit).is_some()
            && word(tokens, at + 1) == "y"
            && matches!(word(tokens, at + 2), "media" | "medio")
            && at.checked_sub(1).is_none_or(|before| !ends_number(tokens, before)) =>
        {
            (1.0, at)
        }
        _ => match portion_at(tokens, at) {
            Some(portion) => portion,
            None => {
                let number = number_at(tokens, at)?;
                (number.value, number.end)
            }
        },
    };
    if word(tokens, idx) == "de" && value < 1.0 {
        idx += 1;
        if matches!(word(tokens, idx), "la" | "una" | "su" | "tu" | "un") {
            idx += 1;
        }
    }
    if matches!(word(tokens, idx), "o" | "a")
        && let Some(second) =
            number_at(tokens, idx + 1).filter(|second| dose_unit(word(tokens, second.end)).is_some())
    {
        idx = second.end;
    }
    let unit = dose_unit(word(tokens, idx))?;
    let mut value = value;
    let mut end = idx + 1;
    if word(tokens, end) == "y" && matches!(word(tokens, end + 1), "media" | "medio") {
        value += 0.5;
        end += 2;
    }
    Some(Amount { value, unit, start: at, end })
}

/// Whether a number ends at a token.
fn ends_number(tokens: &[Token], at: usize) -> bool {
    (at.saturating_sub(4)..=at).any(|from| number_at(tokens, from).is_some_and(|number| number.end == at + 1))
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::amount_at;
    use crate::text::TurnDoc;

    fn turn(text: &str) -> TurnDoc {
        TurnDoc::new(Speaker::Doctor, text)
    }

    #[test]
    fn amounts_keep_their_unit() {
        for (text, value, unit) in [
            ("media tableta", 0.5, "tableta"),
            ("quinientos miligramos", 500.0, "mg"),
            ("diez unidades", 10.0, "unidades"),
            ("una tableta y media", 1.5, "tableta"),
            ("cuarto de tableta", 0.25, "tableta"),
            ("la cuarta parte de una tableta", 0.25, "tableta"),
            ("mitad de la tableta", 0.5, "tableta"),
            ("tres cuartos de tableta", 0.75, "tableta"),
            ("tableta y media", 1.5, "tableta"),
            ("cucharada y media", 1.5, "cucharada"),
        ] {
            let turn = turn(text);
            let found = amount_at(&turn.tokens, 0).map(|a| (a.value, a.unit));
            assert_eq!(found, Some((value, unit)), "{text}");
        }
    }
}
