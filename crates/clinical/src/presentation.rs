//! What a presentación says in its words: the form, how much each piece or millilitre has, and how much the package holds.
//!
//! "tableta de 500 mg, caja con 20" is a tablet, 500 mg each, 20 in a box. What the words do not say stays absent.

use std::ops::Range;

use crate::medication::DoseUnit;
use crate::observation::Amount;
use crate::posology::plain;

/// A presentation, as far as its words tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Presentation {
    /// The piece it comes in, for forms that are counted.
    pub piece: Option<DoseUnit>,
    /// How much there is of the ingredient; of the first where it has several.
    pub strength: Option<Strength>,
    /// How much there is of the other ingredients of a combination, in the same piece or volume ("875 mg/125 mg").
    pub with: Vec<Strength>,
    /// The package.
    pub pack: Option<Pack>,
}

/// How much of the ingredient, of a piece or in a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strength {
    /// How much.
    pub amount: Amount,
    /// mg, g, mcg, UI or mEq.
    pub unit: DoseUnit,
    /// In how many millilitres; absent for a piece.
    pub per_ml: Option<Amount>,
}

/// A package and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// "caja", "frasco", "tubo": for one and for several.
    pub noun: (&'static str, &'static str),
    /// How much it holds.
    pub holds: Amount,
    /// Of what; absent where the words leave it to the form ("caja con 20").
    pub unit: Option<ContentUnit>,
}

/// What the content of a package is counted or measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentUnit {
    /// Pieces of a counted form.
    Pieces(DoseUnit),
    /// Millilitres.
    Milliliters,
    /// Grams of a cream or powder.
    Grams,
}

/// Packages, for one and for several; a package that is also a dose ("sobre") is none.
const PACKS: &[(&str, &str)] = &[
    ("caja", "cajas"),
    ("frasco", "frascos"),
    ("tubo", "tubos"),
    ("envase", "envases"),
    ("gotero", "goteros"),
    ("frasco gotero", "frascos gotero"),
    ("inhalador", "inhaladores"),
    ("pluma", "plumas"),
    ("cartucho", "cartuchos"),
    ("jeringa", "jeringas"),
    ("bolsa", "bolsas"),
    ("bote", "botes"),
    ("tarro", "tarros"),
];

/// The package a word names.
#[must_use]
pub fn pack_noun(word: &str) -> Option<(&'static str, &'static str)> {
    let word = plain(word);
    PACKS.iter().find(|(one, many)| *one == word || *many == word).copied()
}

/// The dose unit that words of a form or a unit name: "tabs", "cápsulas", "mg", "UI", "gts".
#[must_use]
pub fn unit_word(word: &str) -> Option<DoseUnit> {
    let word = plain(word);
    Some(match word.trim_end_matches('.') {
        "mg" | "mgs" | "miligramo" | "miligramos" => DoseUnit::Milligram,
        "g" | "gr" | "grs" | "gramo" | "gramos" => DoseUnit::Gram,
        "mcg" | "ug" | "µg" | "microgramo" | "microgramos" => DoseUnit::Microgram,
        "ml" | "mililitro" | "mililitros" | "cc" => DoseUnit::Milliliter,
        "ui" | "u" | "unidad" | "unidades" => DoseUnit::InternationalUnit,
        "meq" => DoseUnit::Milliequivalent,
        "tab" | "tabs" | "tableta" | "tabletas" | "comprimido" | "comprimidos" | "pastilla" | "pastillas"
        | "gragea" | "grageas" | "tbs" => DoseUnit::Tablet,
        "cap" | "caps" | "capsula" | "capsulas" | "perla" | "perlas" => DoseUnit::Capsule,
        "gota" | "gotas" | "gts" | "gt" | "got" => DoseUnit::Drop,
        "cucharadita" | "cucharaditas" => DoseUnit::Teaspoon,
        "cucharada" | "cucharadas" => DoseUnit::Tablespoon,
        "inhalacion" | "inhalaciones" | "inh" | "puff" | "puffs" => DoseUnit::Puff,
        "disparo" | "disparos" | "atomizacion" | "atomizaciones" | "spray" => DoseUnit::Spray,
        "aplicacion" | "aplicaciones" => DoseUnit::Application,
        "parche" | "parches" => DoseUnit::Patch,
        "ampolleta" | "ampolletas" | "ampula" | "ampulas" | "amp" => DoseUnit::Ampoule,
        "sobre" | "sobres" => DoseUnit::Sachet,
        "supositorio" | "supositorios" | "sup" => DoseUnit::Suppository,
        "ovulo" | "ovulos" => DoseUnit::Ovule,
        "dosis" => DoseUnit::Dose,
        "nebulizacion" | "nebulizaciones" => DoseUnit::Nebulization,
        _ => return None,
    })
}

/// Whether a unit measures the ingredient, rather than counting what is taken.
#[must_use]
pub fn measures_ingredient(unit: DoseUnit) -> bool {
    use DoseUnit::{Gram, InternationalUnit, Microgram, Milliequivalent, Milligram};
    matches!(unit, Milligram | Gram | Microgram | InternationalUnit | Milliequivalent)
}

/// Words with their place in the text, figures and letters apart ("500mg" is two); commas and brackets are none.
#[must_use]
pub fn tokens(text: &str) -> Vec<(Range<usize>, &str)> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let is = |at: usize, wanted: fn(char) -> bool| letters.get(at).is_some_and(|(_, c)| wanted(*c));
    let digit = |c: char| c.is_ascii_digit();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some((start, c)) = letters.get(at).copied() {
        let begin = at;
        if digit(c) {
            // A point, comma or stroke between two figures belongs to the number: 2.5, 1/2.
            while is(at, |c| c.is_ascii_digit())
                || is(at, |c| matches!(c, '.' | ',' | '/')) && is(at + 1, |c| c.is_ascii_digit())
            {
                at += 1;
            }
        } else if c.is_alphabetic() {
            while is(at, char::is_alphabetic)
                || is(at, |c| matches!(c, '.' | '-')) && is(at + 1, char::is_alphabetic)
            {
                at += 1;
            }
        } else {
            at += 1;
        }
        let end = letters.get(at).map_or(text.len(), |(place, _)| *place);
        if at > begin + 1 || c.is_alphanumeric() || matches!(c, '/' | '%' | '+' | '#') {
            out.extend(text.get(start..end).map(|word| (start..end, word)));
        }
    }
    out
}

/// The words alone.
fn words(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|(_, word)| word.to_owned()).collect()
}

fn amount(word: Option<&String>) -> Option<Amount> {
    word?.parse().ok().filter(|amount: &Amount| amount.is_positive())
}

impl Presentation {
    /// What the words of a presentation tell; everything absent when they tell nothing.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let words = words(text);
        let mut found = Self::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if let Some((pack, next)) = pack_at(&words, at) {
                found.pack = found.pack.or(Some(pack));
                at = next;
                continue;
            }
            if let Some((strength, with, next)) = strength_at(&words, at) {
                if found.strength.is_none() {
                    (found.strength, found.with) = (Some(strength), with);
                }
                at = next;
                continue;
            }
            let form =
                unit_word(word).filter(|unit| !measures_ingredient(*unit) && *unit != DoseUnit::Milliliter);
            found.piece = found.piece.or(form);
            at += 1;
        }
        found
    }

    /// What one package holds of this piece, when its words tell.
    pub(crate) fn pieces_in_pack(&self, piece: DoseUnit) -> Option<(&Pack, Amount)> {
        let pack = self.pack.as_ref()?;
        // The "dosis" of an inhaler or a spray is one of what it gives.
        let given = |unit| matches!(unit, DoseUnit::Puff | DoseUnit::Spray | DoseUnit::Dose);
        let both = |one, other| given(one) && given(other);
        let same = match pack.unit {
            Some(ContentUnit::Pieces(unit)) => unit == piece || both(unit, piece),
            None => self.piece.is_none_or(|own| own == piece),
            Some(ContentUnit::Milliliters | ContentUnit::Grams) => false,
        };
        same.then_some((pack, pack.holds))
    }

    /// How many millilitres one package holds, when its words tell.
    pub(crate) fn millilitres_in_pack(&self) -> Option<(&Pack, Amount)> {
        let pack = self.pack.as_ref()?;
        (pack.unit == Some(ContentUnit::Milliliters)).then_some((pack, pack.holds))
    }
}

/// "caja con 20 tabletas", "frasco de 120 ml", "tubo con 40 g".
fn pack_at(words: &[String], at: usize) -> Option<(Pack, usize)> {
    let noun = pack_noun(words.get(at)?)?;
    let with = matches!(words.get(at + 1).map(|w| plain(w)).as_deref(), Some("con" | "de" | "x"));
    let number = at + 1 + usize::from(with);
    let holds = amount(words.get(number))?;
    let unit = match words.get(number + 1).and_then(|word| unit_word(word)) {
        Some(DoseUnit::Milliliter) => Some(ContentUnit::Milliliters),
        Some(DoseUnit::Gram) => Some(ContentUnit::Grams),
        // "frasco de 500 mg" says the strength, not what it holds.
        Some(unit) if measures_ingredient(unit) => return None,
        Some(unit) => Some(ContentUnit::Pieces(unit)),
        None => None,
    };
    Some((Pack { noun, holds, unit }, number + 1 + usize::from(unit.is_some())))
}

/// "500 mg", "160 mg/5 ml", "100 UI/ml", "250 mg en 5 ml", "875 mg/125 mg", "400 mg/57 mg/5 ml": the first, what goes with it,
/// and where it ends.
fn strength_at(words: &[String], at: usize) -> Option<(Strength, Vec<Strength>, usize)> {
    let measured = |at: usize| {
        let unit = unit_word(words.get(at + 1)?).filter(|unit| measures_ingredient(*unit))?;
        Some((amount(words.get(at))?, unit))
    };
    let says =
        |at: usize, wanted: &[&str]| words.get(at).is_some_and(|word| wanted.contains(&plain(word).as_str()));
    let mut parts = vec![measured(at)?];
    let mut next = at + 2;
    while says(next, &["/", "+", "con"])
        && let Some(part) = measured(next + 1)
    {
        parts.push(part);
        next += 3;
    }
    let mut per_ml = None;
    if says(next, &["/", "en", "por", "cada"]) {
        let (volume, unit_at) = match amount(words.get(next + 1)) {
            Some(volume) => (volume, next + 2),
            None => (Amount::whole(1), next + 1),
        };
        if words.get(unit_at).and_then(|word| unit_word(word)) == Some(DoseUnit::Milliliter) {
            per_ml = Some(volume);
            next = unit_at + 1;
        }
    }
    let mut strengths = parts.into_iter().map(|(amount, unit)| Strength { amount, unit, per_ml });
    Some((strengths.next()?, strengths.collect(), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presentation_tells_form_strength_and_content() {
        let read = Presentation::read("tableta de 500 mg, caja con 20");
        assert_eq!(read.piece, Some(DoseUnit::Tablet));
        let strength = read.strength.unwrap();
        assert_eq!(
            (strength.amount, strength.unit, strength.per_ml),
            (Amount::whole(500), DoseUnit::Milligram, None)
        );
        let pack = read.pack.unwrap();
        assert_eq!((pack.noun.0, pack.holds, pack.unit), ("caja", Amount::whole(20), None));
    }

    #[test]
    fn a_liquid_tells_its_concentration_and_its_bottle() {
        let read = Presentation::read("suspensión 160 mg/5 mL, frasco con 120 mL");
        let strength = read.strength.unwrap();
        assert_eq!((strength.amount, strength.per_ml), (Amount::whole(160), Some(Amount::whole(5))));
        assert_eq!(read.pack.unwrap().unit, Some(ContentUnit::Milliliters));
        let insulin = Presentation::read("100 UI/ml, frasco de 10 ml").strength.unwrap();
        assert_eq!((insulin.unit, insulin.per_ml), (DoseUnit::InternationalUnit, Some(Amount::whole(1))));
    }

    #[test]
    fn a_combination_tells_how_much_it_has_of_each() {
        let both = |text: &str| {
            let read = Presentation::read(text);
            let first = read.strength.unwrap();
            let with: Vec<String> = read.with.iter().map(|one| one.amount.to_string()).collect();
            (first.amount.to_string(), with, first.per_ml.map(|ml| ml.to_string()))
        };
        assert_eq!(both("tableta de 875 mg/125 mg"), ("875".to_owned(), vec!["125".to_owned()], None));
        assert_eq!(
            both("suspensión de 400 mg/57 mg/5 mL"),
            ("400".to_owned(), vec!["57".to_owned()], Some("5".to_owned()))
        );
    }

    #[test]
    fn what_is_not_said_stays_absent() {
        assert_eq!(Presentation::read("la de siempre"), Presentation::default());
        assert_eq!(Presentation::read("frasco de 500 mg").pack, None);
        assert_eq!(Presentation::read("tubo con 40 g").pack.unwrap().unit, Some(ContentUnit::Grams));
    }

    #[test]
    fn figures_and_letters_are_told_apart() {
        assert_eq!(
            words("500mg c/8h, 1/2 tab. x5d 2.5ml"),
            ["500", "mg", "c", "/", "8", "h", "1/2", "tab", "x", "5", "d", "2.5", "ml"]
        );
        assert_eq!(words("160 mg/5 mL"), ["160", "mg", "/", "5", "mL"]);
    }
}
