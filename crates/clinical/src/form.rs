//! The form a medicine comes in (forma farmacéutica): where it goes, and in which units a dose of it is counted.
//!
//! Read from the words of a presentation. What the words do not say has no form: nothing is taken for a tablet because it is
//! nothing else.

use crate::medication::{DoseUnit, Route};
use crate::posology::plain;
use crate::presentation::{tokens, unit_word};

/// A form, as far as it decides how the medicine is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A piece that is counted: tablet, capsule, sachet, suppository, óvulo, patch.
    Piece(DoseUnit),
    /// A tablet that is left under the tongue.
    Sublingual,
    /// Swallowed by volume or drop: suspension, solution, syrup, elixir, drops.
    Liquid,
    /// Powder or granules that are swallowed.
    Powder,
    /// Given with a needle.
    Injection,
    /// For the eye.
    Eye,
    /// For the ear.
    Ear,
    /// For the nose.
    Nose,
    /// Breathed in by the puff.
    Inhaler,
    /// Breathed in as a mist.
    Nebulized,
    /// For the vagina, not by the óvulo.
    Vaginal,
    /// Put on the skin.
    Skin,
}

impl Form {
    /// The form that the words of a presentation name; `None` when they name none.
    #[must_use]
    pub fn read(presentation: &str) -> Option<Self> {
        let words: Vec<String> = tokens(presentation).into_iter().map(|(_, word)| plain(word)).collect();
        if let Some(place) = words.iter().find_map(|word| place(word)) {
            let drunk = place == Self::Injection && words.iter().any(|word| word.starts_with("bebible"));
            return Some(if drunk { Self::Liquid } else { place });
        }
        let mut named = words.iter().filter_map(|word| noun(word)).peekable();
        let first = named.peek().copied();
        // "Polvo para suspensión oral" is given as what it becomes.
        named.find(|form| *form != Self::Powder).or(first)
    }

    /// Where it goes; `None` for an injection, which goes in several ways.
    #[must_use]
    pub fn route(self) -> Option<Route> {
        Some(match self {
            Self::Piece(DoseUnit::Suppository) => Route::Rectal,
            Self::Piece(DoseUnit::Ovule) => Route::Vaginal,
            Self::Piece(DoseUnit::Patch) => Route::Transdermal,
            Self::Piece(_) | Self::Liquid | Self::Powder => Route::Oral,
            Self::Sublingual => Route::Sublingual,
            Self::Injection => return None,
            Self::Eye => Route::Ophthalmic,
            Self::Ear => Route::Otic,
            Self::Nose => Route::Nasal,
            Self::Inhaler | Self::Nebulized => Route::Inhaled,
            Self::Vaginal => Route::Vaginal,
            Self::Skin => Route::Topical,
        })
    }

    /// Whether it can be given by a route.
    #[must_use]
    pub fn goes(self, by: Route) -> bool {
        use Route::{Intraarticular, Intradermal, Intramuscular, Intravenous, Subcutaneous};
        match self.route() {
            Some(own) => own == by,
            None => {
                matches!(by, Intravenous | Intramuscular | Subcutaneous | Intradermal | Intraarticular)
            }
        }
    }

    /// Whether a dose of it is counted in a unit; of what measures the ingredient the presentation decides, not the form.
    #[must_use]
    pub fn counts(self, unit: DoseUnit) -> bool {
        use DoseUnit::{
            Ampoule, Application, Drop, Milliliter, Nebulization, Puff, Spray, Tablespoon, Tablet, Teaspoon,
            Vial,
        };
        match self {
            Self::Piece(piece) => piece == unit,
            Self::Sublingual => unit == Tablet,
            Self::Liquid => matches!(unit, Milliliter | Teaspoon | Tablespoon | Drop),
            Self::Powder => matches!(unit, Teaspoon | Tablespoon),
            Self::Injection => matches!(unit, Ampoule | Vial | Milliliter),
            Self::Eye => matches!(unit, Drop | Application),
            Self::Ear => unit == Drop,
            Self::Nose => matches!(unit, Drop | Spray | Puff | Milliliter),
            Self::Inhaler => matches!(unit, Puff | Spray),
            Self::Nebulized => matches!(unit, Nebulization | Milliliter | Drop),
            Self::Vaginal => matches!(unit, Tablet | Application),
            Self::Skin => unit == Application,
        }
    }

    /// Whether it is taken by the piece.
    #[must_use]
    pub fn is_solid(self) -> bool {
        matches!(self, Self::Piece(_) | Self::Sublingual)
    }
}

/// Words that say where it goes, whatever it is: "solución oftálmica", "tableta sublingual".
fn place(word: &str) -> Option<Form> {
    let forms = [
        ("inyectable", Form::Injection),
        ("ampolleta", Form::Injection),
        ("ampula", Form::Injection),
        ("oftalmic", Form::Eye),
        ("colirio", Form::Eye),
        ("otic", Form::Ear),
        ("nasal", Form::Nose),
        ("vaginal", Form::Vaginal),
        ("nebuliz", Form::Nebulized),
        ("inhala", Form::Inhaler),
        ("sublingual", Form::Sublingual),
    ];
    forms.into_iter().find(|(start, _)| word.starts_with(start)).map(|(_, form)| form)
}

/// What a word says it is.
fn noun(word: &str) -> Option<Form> {
    Some(match word {
        "crema" | "unguento" | "pomada" | "gel" | "locion" | "shampoo" | "champu" => Form::Skin,
        "suspension" | "solucion" | "jarabe" | "elixir" | "emulsion" | "gotas" => Form::Liquid,
        "polvo" | "granulado" => Form::Powder,
        "aerosol" => Form::Inhaler,
        other => match unit_word(other)? {
            piece @ (DoseUnit::Tablet
            | DoseUnit::Capsule
            | DoseUnit::Sachet
            | DoseUnit::Suppository
            | DoseUnit::Ovule
            | DoseUnit::Patch) => Form::Piece(piece),
            _ => return None,
        },
    })
}

/// How many words, the first of them here, name a form: "suspensión oral", "crema al 1 %", "solución para nebulizar"; none
/// where the first names none. Of pieces only what follows their name is counted ("de liberación prolongada").
#[must_use]
pub fn words_of_form(words: &[&str]) -> Option<usize> {
    let word = |at: usize| words.get(at).map(|word| plain(word)).unwrap_or_default();
    let first = word(0);
    // A spray goes where the words after it say.
    let sprayed = matches!(first.as_str(), "espray" | "spray" | "atomizador");
    (sprayed || noun(&first).or_else(|| place(&first)).is_some()).then_some(())?;
    let mut count = 1;
    loop {
        let (one, two, three) = (word(count), word(count + 1), word(count + 2));
        count += match (one.as_str(), two.as_str(), three.as_str()) {
            ("al", number, "%") if number.starts_with(|c: char| c.is_ascii_digit()) => 3,
            (number, "%", _) if number.starts_with(|c: char| c.is_ascii_digit()) => 2,
            ("de", "liberacion", "prolongada" | "retardada") => 3,
            ("para", "nebulizar" | "inhalar" | "inhalacion", _) => 2,
            ("para", "solucion" | "suspension", _) => 2,
            (
                "oral" | "topica" | "topico" | "masticable" | "efervescente" | "dispersable" | "bebible",
                ..,
            ) => 1,
            (other, ..) if place(other).is_some() => 1,
            _ => return Some(count),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(presentation: &str, form: Option<Form>, route: Option<Route>) {
        let read = Form::read(presentation);
        assert_eq!((read, read.and_then(Form::route)), (form, route), "{presentation}");
    }

    #[test]
    fn a_form_tells_where_the_medicine_goes() {
        check("tableta de 500 mg, caja con 20", Some(Form::Piece(DoseUnit::Tablet)), Some(Route::Oral));
        check("caja con 28 comprimidos", Some(Form::Piece(DoseUnit::Tablet)), Some(Route::Oral));
        check("perla masticable de 100 mg", Some(Form::Piece(DoseUnit::Capsule)), Some(Route::Oral));
        check("tableta sublingual de 5 mg", Some(Form::Sublingual), Some(Route::Sublingual));
        check("suspensión oral de 250 mg/5 mL", Some(Form::Liquid), Some(Route::Oral));
        check("polvo para suspensión oral", Some(Form::Liquid), Some(Route::Oral));
        check("polvo para solución inyectable de 1 g", Some(Form::Injection), None);
        check("ampolleta bebible de 5 ml", Some(Form::Liquid), Some(Route::Oral));
        check("solución oftálmica al 0.5 %", Some(Form::Eye), Some(Route::Ophthalmic));
        check("ÓVULO de 500 mg", Some(Form::Piece(DoseUnit::Ovule)), Some(Route::Vaginal));
        check("crema vaginal al 2 %", Some(Form::Vaginal), Some(Route::Vaginal));
        check("aerosol nasal", Some(Form::Nose), Some(Route::Nasal));
        check("aerosol, 200 dosis", Some(Form::Inhaler), Some(Route::Inhaled));
        check("solución para nebulizar", Some(Form::Nebulized), Some(Route::Inhaled));
        check("gel al 1 %, tubo con 60 g", Some(Form::Skin), Some(Route::Topical));
        check("la de siempre", None, None);
    }

    #[test]
    fn an_injection_goes_in_several_ways_and_nothing_else_does() {
        assert!(Form::Injection.goes(Route::Intramuscular) && Form::Injection.goes(Route::Subcutaneous));
        assert!(!Form::Injection.goes(Route::Oral));
        assert!(Form::Liquid.goes(Route::Oral) && !Form::Liquid.goes(Route::Nasal));
    }

    #[test]
    fn a_dose_is_counted_as_its_form_allows() {
        assert!(Form::Piece(DoseUnit::Tablet).counts(DoseUnit::Tablet));
        assert!(!Form::Piece(DoseUnit::Tablet).counts(DoseUnit::Drop));
        assert!(Form::Liquid.counts(DoseUnit::Drop) && !Form::Liquid.counts(DoseUnit::Puff));
        assert!(Form::Skin.counts(DoseUnit::Application) && !Form::Skin.counts(DoseUnit::Milliliter));
    }

    #[test]
    fn the_words_of_a_form_end_where_something_else_begins() {
        let count = |text: &str| {
            let words: Vec<&str> = tokens(text).into_iter().map(|(_, word)| word).collect();
            words_of_form(&words)
        };
        assert_eq!(count("crema al 1 %, tubo con 30 g"), Some(4));
        assert_eq!(count("tableta de liberación prolongada de 500 mg"), Some(4));
        assert_eq!(count("suspensión oral 250 mg/5 ml"), Some(2));
        assert_eq!(count("solución para nebulizar"), Some(3));
        assert_eq!(count("gotas oftálmicas"), Some(2));
        assert_eq!(count("espray nasal, frasco con 120 dosis"), Some(2));
        assert_eq!(count("en ayunas"), None);
    }
}
