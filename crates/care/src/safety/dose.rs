//! Milligrams a day of a line of treatment: from the dose itself, or counted forms and the strength of the presentation.
//! Nothing is assumed: without a strength that can be read there is no amount.

use clinical::medication::{DoseUnit, Frequency, MedicationRequest};

/// What a line tells about the amount of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DailyDose {
    /// Milligrams.
    Milligrams(f64),
    /// Counted forms or millilitres of a medicine with a limit, without a strength.
    StrengthMissing,
    /// It says no dose that amounts to milligrams.
    Unknown,
}

/// How much of a medicine is in what.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Strength {
    /// In one tablet, capsule, sachet...
    PerPiece(f64),
    /// In one millilitre.
    PerMillilitre(f64),
}

/// The amount of a day; `weight_kg` for doses by weight.
pub(super) fn daily(request: &MedicationRequest, weight_kg: Option<f64>) -> DailyDose {
    let Some((dose, times)) = request.dose.zip(request.frequency.as_ref().and_then(times_a_day)) else {
        return DailyDose::Unknown;
    };
    let amount = dose.amount.as_f64() * times;
    let strength = || request.presentation.as_deref().and_then(strength);
    let per_piece = |pieces: f64| match strength() {
        Some(Strength::PerPiece(milligrams)) => Some(pieces * milligrams),
        _ => None,
    };
    let per_millilitre = |volume: f64| match strength() {
        Some(Strength::PerMillilitre(milligrams)) => Some(volume * milligrams),
        _ => None,
    };
    let counted = match dose.unit {
        DoseUnit::Milligram => return DailyDose::Milligrams(amount),
        DoseUnit::Gram => return DailyDose::Milligrams(amount * 1_000.0),
        DoseUnit::Microgram => return DailyDose::Milligrams(amount / 1_000.0),
        DoseUnit::MilligramPerKilogram => {
            return weight_kg.map_or(DailyDose::Unknown, |weight| DailyDose::Milligrams(amount * weight));
        }
        DoseUnit::Tablet
        | DoseUnit::Capsule
        | DoseUnit::Sachet
        | DoseUnit::Suppository
        | DoseUnit::Ampoule => per_piece(amount),
        DoseUnit::Milliliter => per_millilitre(amount),
        DoseUnit::Teaspoon => per_millilitre(amount * 5.0),
        DoseUnit::Tablespoon => per_millilitre(amount * 15.0),
        _ => return DailyDose::Unknown,
    };
    match (counted, request.ingredients.as_slice()) {
        (Some(milligrams), _) => DailyDose::Milligrams(milligrams),
        (None, [inn]) if drug_safety::has_limit(inn) => DailyDose::StrengthMissing,
        (None, _) => DailyDose::Unknown,
    }
}

fn times_a_day(frequency: &Frequency) -> Option<f64> {
    match frequency {
        Frequency::EveryHours(hours) if *hours > 0 => Some(24.0 / f64::from(*hours)),
        Frequency::Once => Some(1.0),
        _ => None,
    }
}

/// The strength a presentation says: "tabletas de 500 mg, caja con 20", "jarabe 160 mg/5 mL". `None` when it says none or
/// several.
fn strength(presentation: &str) -> Option<Strength> {
    let lower = presentation.to_lowercase().replace('µ', "mc").replace(" por ", "/");
    let mut found: Option<Strength> = None;
    let mut rest = lower.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (number, after) = number(&rest[at..])?;
        let (unit, after_unit) = word(after);
        rest = after;
        let milligrams = match unit {
            "mg" | "miligramos" => number,
            "g" | "gramos" => number * 1_000.0,
            "mcg" | "microgramos" => number / 1_000.0,
            _ => continue,
        };
        let this = per_volume(after_unit)
            .map_or(Strength::PerPiece(milligrams), |volume| Strength::PerMillilitre(milligrams / volume));
        // "500 mg/50 mg" is a combination: which amount is whose is not said.
        if found.is_some_and(|known| known != this) {
            return None;
        }
        found = Some(this);
    }
    found
}

/// A number as it is written at the beginning of a text, and what follows: a comma before three digits is of thousands.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(text.len());
    let written = text[..end].trim_end_matches(['.', ',']);
    let thousands = written.rsplit_once(',').is_some_and(|(_, last)| last.len() == 3);
    let plain = if thousands { written.replace(',', "") } else { written.replace(',', ".") };
    Some((plain.parse().ok()?, &text[written.len()..]))
}

/// The word a text begins with, after spaces, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    text.split_at(end)
}

/// The millilitres of "/5 ml" or "/ml".
fn per_volume(text: &str) -> Option<f64> {
    let text = text.trim_start().strip_prefix('/')?.trim_start();
    let (volume, unit) = match text.starts_with(|c: char| c.is_ascii_digit()) {
        true => number(text)?,
        false => (1.0, text),
    };
    (word(unit).0 == "ml" && volume > 0.0).then_some(volume)
}

#[cfg(test)]
mod tests {
    use clinical::medication::{Dose, RequestAction};

    use super::*;

    #[test]
    fn a_strength_is_read_as_packs_print_it_and_never_guessed() {
        for (presentation, expected) in [
            ("tabletas de 500 mg, caja con 20", Some(Strength::PerPiece(500.0))),
            ("Tableta 1 g", Some(Strength::PerPiece(1_000.0))),
            ("cápsulas 0.25 mcg", Some(Strength::PerPiece(0.000_25))),
            ("tabletas de 100 µg", Some(Strength::PerPiece(0.1))),
            ("suspensión 160 mg/5 mL, frasco de 120 mL", Some(Strength::PerMillilitre(32.0))),
            ("jarabe 250 mg por 5 mL", Some(Strength::PerMillilitre(50.0))),
            ("solución 30 mg/mL", Some(Strength::PerMillilitre(30.0))),
            ("tabletas 1,000 mg", Some(Strength::PerPiece(1_000.0))),
            ("tabletas 2,5 mg", Some(Strength::PerPiece(2.5))),
            ("tabletas 875 mg/125 mg", None),
            ("caja con 20 tabletas", None),
            ("", None),
        ] {
            assert_eq!(strength(presentation), expected, "{presentation}");
        }
    }

    #[test]
    fn tablets_amount_to_milligrams_when_the_presentation_says_the_strength() {
        let mut request = MedicationRequest::named("paracetamol", RequestAction::Start);
        request.ingredients = vec!["paracetamol".to_owned()];
        request.dose = Dose::new("2".parse().unwrap(), DoseUnit::Tablet).ok();
        request.frequency = Some(Frequency::EveryHours(6));
        assert_eq!(daily(&request, None), DailyDose::StrengthMissing);
        request.presentation = Some("tabletas de 500 mg".to_owned());
        assert_eq!(daily(&request, None), DailyDose::Milligrams(4_000.0));
        request.dose = Dose::new("15".parse().unwrap(), DoseUnit::MilligramPerKilogram).ok();
        assert_eq!(daily(&request, Some(10.0)), DailyDose::Milligrams(600.0));
        assert_eq!(daily(&request, None), DailyDose::Unknown);
    }

    proptest::proptest! {
        #[test]
        fn no_presentation_makes_the_reader_fail(text in "\\PC{0,60}") {
            let _ = strength(&text);
        }
    }
}
