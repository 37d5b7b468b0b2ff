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
        | "pastillitas" | "comprimido" | "comprimidos" | "tab" => "tableta",
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

/// The amount with a unit that begins at a token: "media tableta", "cuarto de tableta", "dos disparos", "mil unidades".
#[must_use]
pub fn amount_at(tokens: &[Token], at: usize) -> Option<Amount> {
    let (value, mut idx) = match word(tokens, at) {
        "media" | "medio" => (0.5, at + 1),
        "cuarto" => (0.25, at + 1),
        "un" | "una" if word(tokens, at + 1) == "cuarto" => (0.25, at + 2),
        "otro" | "otra" => (1.0, at + 1),
        // "paracetamol de a gramo", "oxígeno, litro y medio"
        "gramo" | "litro" if matches!(word(tokens, at.wrapping_sub(1)), "a" | "" | ",") => (1.0, at),
        "tres" if word(tokens, at + 1) == "cuartos" => (0.75, at + 2),
        _ => {
            let number = number_at(tokens, at)?;
            (number.value, number.end)
        }
    };
    if word(tokens, idx) == "de" && value < 1.0 {
        idx += 1;
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
        ] {
            let turn = turn(text);
            let found = amount_at(&turn.tokens, 0).map(|a| (a.value, a.unit));
            assert_eq!(found, Some((value, unit)), "{text}");
        }
    }
}
