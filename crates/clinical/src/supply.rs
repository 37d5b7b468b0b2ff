//! Cantidad a surtir: dose times frequency times duration, in packages where their content is known, else in pieces.
//!
//! Computed only from what a line says. Where a part is missing, or an amount depends on the hand or the dropper, there is
//! no quantity and the reason is told: nothing is guessed.

use std::fmt;

use crate::medication::{DoseUnit, Frequency, MedicationRequest};
use crate::observation::Amount;
use crate::presentation::{Pack, Presentation, Strength, measures_ingredient};

/// How much is dispensed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Supply {
    /// Whole packages: "2 cajas con 20 tabletas".
    Packs {
        /// How many.
        count: u32,
        /// The package.
        pack: Pack,
        /// What it holds, as it is counted.
        of: Measure,
    },
    /// Pieces or millilitres: "15 tabletas", "150 ml".
    Loose {
        /// How many, whole.
        count: u32,
        /// Of what.
        of: Measure,
    },
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Pieces of a form.
    Pieces(DoseUnit),
    /// Millilitres.
    Milliliters,
}

impl Measure {
    fn word(self, count: u32) -> &'static str {
        match self {
            Self::Milliliters => "ml",
            Self::Pieces(unit) if count == 1 => unit.label(),
            Self::Pieces(unit) => unit.plural(),
        }
    }
}

impl fmt::Display for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loose { count, of } => write!(f, "{count} {}", of.word(*count)),
            Self::Packs { count, pack, of } => {
                let noun = if *count == 1 { pack.noun.0 } else { pack.noun.1 };
                let word = of.word(if pack.holds == Amount::whole(1) { 1 } else { 2 });
                write!(f, "{count} {noun} con {} {word}", pack.holds)
            }
        }
    }
}

impl Supply {
    /// What is dispensed each time when a receta is filled so often: whole packages or pieces, rounded up (LGS 252 has the
    /// prescriber say how many presentations there are each time).
    #[must_use]
    pub fn each_time(self, times: u8) -> Self {
        let part = |count: u32| count.div_ceil(u32::from(times.max(1)));
        match self {
            Self::Packs { count, pack, of } => Self::Packs { count: part(count), pack, of },
            Self::Loose { count, of } => Self::Loose { count: part(count), of },
        }
    }

    /// How many packages, when it is in packages.
    #[must_use]
    pub fn packs(&self) -> Option<u32> {
        match self {
            Self::Packs { count, .. } => Some(*count),
            Self::Loose { .. } => None,
        }
    }
}

/// Why there is no computed quantity, in Spanish, for the physician.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSupply {
    /// Dose, periodicity or duration is absent.
    #[error("Se calcula con la dosis, la periodicidad y la duración")]
    Incomplete,
    /// A scheme in words: "una en la mañana y dos en la noche", a dose that is reduced step by step.
    #[error("Un esquema escrito en palabras no se puede multiplicar: escriba la cantidad")]
    Scheme,
    /// A dose in milligrams, and the presentation does not say how much a piece has.
    #[error("La presentación no dice cuánto tiene cada pieza: escriba la cantidad")]
    UnknownStrength,
    /// 500 mg of tablets of 300 mg.
    #[error(
        "La dosis no se forma con piezas enteras, medias o cuartos de esa presentación: revise o escriba la cantidad"
    )]
    OddPieces,
    /// Drops, applications, a dose per kilogram: it depends on the dropper, the hand or the weight.
    #[error(
        "En gotas, aplicaciones o por kilogramo no se calcula: escriba la cantidad, por ejemplo 1 frasco"
    )]
    NotCountable,
    /// More than a pharmacy could mean.
    #[error("La cantidad calculada es desmedida: revise la dosis, la periodicidad y la duración")]
    TooMuch,
}

/// Most pieces or millilitres a line is computed to.
const MOST: i128 = 5_000;

/// The quantity a line needs from its dose, frequency, duration and presentation. Of a line "only if needed" it is the most
/// that can be taken.
///
/// # Errors
/// [`NoSupply`] with the reason, when a part is missing or cannot be multiplied.
pub fn supply(request: &MedicationRequest) -> Result<Supply, NoSupply> {
    let dose = request.dose.ok_or(match request.frequency {
        Some(Frequency::Schedule(_)) => NoSupply::Scheme,
        _ => NoSupply::Incomplete,
    })?;
    let times = times(request)?;
    let presentation = Presentation::read(request.presentation.as_deref().unwrap_or_default());
    let (each, of) = per_dose(dose.amount, dose.unit, &presentation)?;
    let total = each.checked_mul(times).ok_or(NoSupply::TooMuch)?;
    if total > MOST * SCALE {
        return Err(NoSupply::TooMuch);
    }
    let known = match of {
        Measure::Pieces(unit) => presentation.pieces_in_pack(unit),
        Measure::Milliliters => presentation.millilitres_in_pack(),
    };
    let whole = |part: i128, of: i128| u32::try_from((part + of - 1) / of).map_err(|_| NoSupply::TooMuch);
    match known {
        Some((pack, holds)) => {
            let count = whole(total, i128::from(holds.ten_thousandths()))?;
            Ok(Supply::Packs { count, pack: pack.clone(), of })
        }
        None if matches!(of, Measure::Pieces(DoseUnit::Puff | DoseUnit::Spray | DoseUnit::Dose)) => {
            Err(NoSupply::UnknownStrength)
        }
        None => Ok(Supply::Loose { count: whole(total, SCALE)?, of }),
    }
}

const SCALE: i128 = 10_000;

/// How many times it is taken.
fn times(request: &MedicationRequest) -> Result<i128, NoSupply> {
    match (&request.frequency, request.duration_days) {
        (Some(Frequency::Once), _) => Ok(1),
        (Some(Frequency::Schedule(_)), _) => Err(NoSupply::Scheme),
        (Some(Frequency::EveryHours(hours)), Some(days)) if *hours > 0 && days > 0 => {
            let (hours, all) = (i128::from(*hours), i128::from(days) * 24);
            Ok((all + hours - 1) / hours)
        }
        _ => Err(NoSupply::Incomplete),
    }
}

/// How much one dose is, in ten thousandths of pieces or millilitres.
fn per_dose(
    amount: Amount,
    unit: DoseUnit,
    presentation: &Presentation,
) -> Result<(i128, Measure), NoSupply> {
    let own = i128::from(amount.ten_thousandths());
    match unit {
        DoseUnit::Milliliter => Ok((own, Measure::Milliliters)),
        // The measures of a household spoon (5 and 15 ml) are those the cups of medicines carry.
        DoseUnit::Teaspoon => Ok((own * 5, Measure::Milliliters)),
        DoseUnit::Tablespoon => Ok((own * 15, Measure::Milliliters)),
        DoseUnit::Drop
        | DoseUnit::Application
        | DoseUnit::Percent
        | DoseUnit::MilligramPerKilogram
        | DoseUnit::UnitPerKilogram
        | DoseUnit::Glass
        | DoseUnit::Nebulization => Err(NoSupply::NotCountable),
        unit if measures_ingredient(unit) => {
            let strength = presentation.strength.ok_or(NoSupply::UnknownStrength)?;
            if !presentation.with.is_empty() {
                return of_a_combination((own, unit), presentation);
            }
            let (wanted, has) = in_one_unit((own, unit), (strength.amount, strength.unit))?;
            if let Some(volume) = strength.per_ml {
                // Rounded up to a hundredth of a millilitre.
                let millilitres = wanted * i128::from(volume.ten_thousandths());
                return Ok(((millilitres + has - 1) / has, Measure::Milliliters));
            }
            let piece = presentation.piece.ok_or(NoSupply::UnknownStrength)?;
            let quarters = wanted * 4;
            if quarters % has != 0 {
                return Err(NoSupply::OddPieces);
            }
            Ok((quarters / has * (SCALE / 4), Measure::Pieces(piece)))
        }
        piece => Ok((own, Measure::Pieces(piece))),
    }
}

/// One piece or one measure of a combination, for a dose that says how much one of its ingredients has; of any other dose it
/// is not certain of which ingredient it speaks.
fn of_a_combination(
    dose: (i128, DoseUnit),
    presentation: &Presentation,
) -> Result<(i128, Measure), NoSupply> {
    let mut all = presentation.strength.iter().chain(&presentation.with);
    let same =
        |has: &&Strength| in_one_unit(dose, (has.amount, has.unit)).is_ok_and(|(wanted, has)| wanted == has);
    let strength = all.find(same).ok_or(NoSupply::OddPieces)?;
    match strength.per_ml {
        Some(volume) => Ok((i128::from(volume.ten_thousandths()), Measure::Milliliters)),
        None => Ok((SCALE, Measure::Pieces(presentation.piece.ok_or(NoSupply::UnknownStrength)?))),
    }
}

/// Both amounts in the smaller of their units; units of another kind cannot be compared.
fn in_one_unit(wanted: (i128, DoseUnit), has: (Amount, DoseUnit)) -> Result<(i128, i128), NoSupply> {
    let micrograms = |unit| match unit {
        DoseUnit::Microgram => Some(1),
        DoseUnit::Milligram => Some(1_000),
        DoseUnit::Gram => Some(1_000_000),
        _ => None,
    };
    let own = i128::from(has.0.ten_thousandths());
    if wanted.1 == has.1 {
        return Ok((wanted.0, own));
    }
    let (one, other) = micrograms(wanted.1).zip(micrograms(has.1)).ok_or(NoSupply::UnknownStrength)?;
    Ok((wanted.0 * one, own * other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::medication::{Dose, RequestAction};
    use proptest::prelude::*;

    fn line(dose: (&str, DoseUnit), hours: u16, days: u16, presentation: &str) -> MedicationRequest {
        let mut request = MedicationRequest::named("paracetamol", RequestAction::Start);
        request.dose = Some(Dose::new(dose.0.parse().unwrap(), dose.1).unwrap());
        request.frequency = Some(Frequency::EveryHours(hours));
        request.duration_days = Some(days);
        request.presentation = (!presentation.is_empty()).then(|| presentation.to_owned());
        request
    }

    fn check(request: &MedicationRequest, expected: Result<&str, NoSupply>) {
        let found = supply(request).map(|supply| supply.to_string());
        assert_eq!(found, expected.map(str::to_owned), "{request}");
    }

    #[test]
    fn a_receta_that_is_filled_several_times_says_what_each_time_brings() {
        let mut request = line(("1", DoseUnit::Tablet), 24, 90, "tableta de 50 mg, caja con 28");
        let each = |request: &MedicationRequest| request.to_dispense().map(|quantity| quantity.text);
        assert_eq!(each(&request).as_deref(), Some("4 cajas con 28 tabletas"));
        request.dispensing.fills = Some(3);
        assert_eq!(each(&request).as_deref(), Some("2 cajas con 28 tabletas"));
        request.quantity = Some("1 caja".to_owned());
        assert_eq!(each(&request).as_deref(), Some("1 caja"), "what was written is that of each time");
    }

    #[test]
    fn packages_are_counted_only_when_their_content_is_known() {
        let tablets = ("1", DoseUnit::Tablet);
        check(&line(tablets, 8, 5, ""), Ok("15 tabletas"));
        check(&line(tablets, 8, 5, "tableta de 500 mg"), Ok("15 tabletas"));
        check(&line(tablets, 8, 5, "tableta de 500 mg, caja con 20"), Ok("1 caja con 20 tabletas"));
        check(
            &line(tablets, 8, 10, "tableta de 500 mg, caja con 10 tabletas"),
            Ok("3 cajas con 10 tabletas"),
        );
        check(&line(("0.5", DoseUnit::Tablet), 24, 25, "tableta de 5 mg"), Ok("13 tabletas"));
    }

    #[test]
    fn what_no_pharmacy_could_mean_is_not_computed() {
        let five = ("5", DoseUnit::Tablet);
        check(&line(five, 24, 1000, ""), Ok("5000 tabletas"));
        check(&line(five, 24, 1001, ""), Err(NoSupply::TooMuch));
    }

    #[test]
    fn a_dose_in_milligrams_is_counted_in_the_pieces_of_the_presentation() {
        check(
            &line(("1", DoseUnit::Gram), 8, 5, "tableta de 500 mg, caja con 20"),
            Ok("2 cajas con 20 tabletas"),
        );
        check(&line(("250", DoseUnit::Milligram), 12, 3, "tableta de 500 mg"), Ok("3 tabletas"));
        check(&line(("500", DoseUnit::Milligram), 8, 5, ""), Err(NoSupply::UnknownStrength));
        check(&line(("500", DoseUnit::Milligram), 8, 5, "tableta de 300 mg"), Err(NoSupply::OddPieces));
    }

    #[test]
    fn of_a_combination_a_dose_is_counted_only_where_it_is_what_one_piece_has_of_an_ingredient() {
        let tablet = "tableta de 80 mg/400 mg, caja con 20";
        check(&line(("400", DoseUnit::Milligram), 12, 10, tablet), Ok("1 caja con 20 tabletas"));
        check(&line(("800", DoseUnit::Milligram), 12, 10, tablet), Err(NoSupply::OddPieces));
        let syrup = "suspensión de 400 mg/57 mg/5 ml";
        check(&line(("400", DoseUnit::Milligram), 12, 10, syrup), Ok("100 ml"));
    }

    #[test]
    fn liquids_are_counted_in_millilitres_or_bottles() {
        check(&line(("7.5", DoseUnit::Milliliter), 8, 7, ""), Ok("158 ml"));
        check(&line(("1", DoseUnit::Teaspoon), 8, 7, "jarabe, frasco con 120 ml"), Ok("1 frasco con 120 ml"));
        let syrup = "suspensión 250 mg/5 ml, frasco con 60 ml";
        check(&line(("250", DoseUnit::Milligram), 8, 7, syrup), Ok("2 frascos con 60 ml"));
        let insulin = "100 UI/ml, frasco con 10 ml";
        check(&line(("20", DoseUnit::InternationalUnit), 24, 30, insulin), Ok("1 frasco con 10 ml"));
    }

    #[test]
    fn what_depends_on_the_hand_the_dropper_or_the_weight_is_not_computed() {
        for unit in [DoseUnit::Drop, DoseUnit::Application, DoseUnit::MilligramPerKilogram] {
            check(&line(("5", unit), 8, 5, "frasco con 15 ml"), Err(NoSupply::NotCountable));
        }
        check(&line(("2", DoseUnit::Puff), 6, 30, ""), Err(NoSupply::UnknownStrength));
        check(
            &line(("2", DoseUnit::Puff), 6, 30, "inhalador con 200 dosis"),
            Ok("2 inhaladores con 200 inhalaciones"),
        );
    }

    #[test]
    fn a_scheme_that_tapers_is_not_multiplied() {
        let mut taper = line(("1", DoseUnit::Tablet), 24, 10, "");
        taper.frequency = Some(Frequency::Schedule("dos por 5 días y una por 5 días".to_owned()));
        check(&taper, Err(NoSupply::Scheme));
        taper.dose = None;
        check(&taper, Err(NoSupply::Scheme));
    }

    #[test]
    fn nothing_is_invented_when_a_part_is_missing() {
        let whole = line(("1", DoseUnit::Tablet), 8, 5, "");
        for missing in [
            MedicationRequest { dose: None, ..whole.clone() },
            MedicationRequest { frequency: None, ..whole.clone() },
            MedicationRequest { duration_days: None, ..whole.clone() },
            MedicationRequest { frequency: Some(Frequency::EveryHours(0)), ..whole.clone() },
            MedicationRequest { duration_days: Some(0), ..whole },
        ] {
            check(&missing, Err(NoSupply::Incomplete));
        }
    }

    #[test]
    fn a_single_dose_is_one_and_a_long_interval_gives_at_least_one() {
        let mut once = line(("1", DoseUnit::Ampoule), 24, 1, "");
        once.frequency = Some(Frequency::Once);
        once.duration_days = None;
        check(&once, Ok("1 ampolleta"));
        check(&line(("1", DoseUnit::Capsule), 168, 3, ""), Ok("1 cápsula"));
    }

    proptest! {
        /// What is dispensed is enough, and one package less would not be.
        #[test]
        fn packages_are_enough_and_not_one_too_many(amount in 1_i32..5, hours in 4_u16..49, days in 1_u16..60, holds in 1_i32..60) {
            let text = format!("tableta de 5 mg, caja con {holds}");
            let request = line((&amount.to_string(), DoseUnit::Tablet), hours, days, &text);
            let times = (i64::from(days) * 24 + i64::from(hours) - 1) / i64::from(hours);
            let needed = i64::from(amount) * times;
            let packs = i64::from(supply(&request).unwrap().packs().unwrap());
            prop_assert!(packs * i64::from(holds) >= needed);
            prop_assert!((packs - 1) * i64::from(holds) < needed);
        }

        /// Longer, or more often, is never less.
        #[test]
        fn more_treatment_is_never_fewer_pieces(amount in 1_i32..4, hours in 1_u16..49, days in 1_u16..60, more in 0_u16..20) {
            let pieces = |hours, days| match supply(&line((&amount.to_string(), DoseUnit::Tablet), hours, days, "")) {
                Ok(Supply::Loose { count, .. }) => count,
                _ => u32::MAX,
            };
            prop_assert!(pieces(hours, days + more) >= pieces(hours, days));
            prop_assert!(pieces(hours, days) >= pieces(hours + more, days));
        }

        /// Whatever the words of a presentation, nothing fails and nothing is zero.
        #[test]
        fn any_presentation_is_read_without_failing(text in "\\PC{0,60}") {
            let request = line(("2", DoseUnit::Tablet), 8, 7, &text);
            if let Ok(Supply::Packs { count, .. } | Supply::Loose { count, .. }) = supply(&request) {
                prop_assert!(count > 0);
            }
        }
    }
}
