//! Measured values: an exact decimal, always with its unit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An exact decimal with up to four places, so that 0.0625 mg and 36.6 °C are what was written, never 36.60000001.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(i64);

/// Why a number was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Escriba un número, por ejemplo 36.5")]
pub struct InvalidAmount;

impl Amount {
    const SCALE: i64 = 10_000;

    /// A whole number.
    #[must_use]
    pub const fn whole(n: i32) -> Self {
        Self(n as i64 * Self::SCALE)
    }

    /// The nearest four-place decimal; `None` when not finite or beyond a million millions.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        let scaled = (value * 10_000.0).round();
        #[expect(clippy::cast_possible_truncation, reason = "bounded on the line above")]
        (scaled.is_finite() && scaled.abs() < 1e16).then_some(Self(scaled as i64))
    }

    /// For charts and comparisons, not for storing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "clinical values are far below 2^53")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 10_000.0
    }

    /// Whether the value is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The value in ten thousandths: what exact sums and quotients are made of.
    pub(crate) const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// The value of so many ten thousandths.
    pub(crate) const fn of_ten_thousandths(scaled: i64) -> Self {
        Self(scaled)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 10_000, self.0.unsigned_abs() % 10_000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let places = format!("{rest:04}");
        write!(f, "{sign}{whole}.{}", places.trim_end_matches('0'))
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;
    /// Reads `36.5`, `36,5`, `7` or `-1.25`.
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let text = text.trim().replace(',', ".");
        let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 11 || places.len() > 4 || !plain(whole) || !plain(places) {
            return Err(InvalidAmount);
        }
        let whole: i64 = whole.parse().map_err(|_| InvalidAmount)?;
        let rest: i64 = format!("{places:0<4}").parse().map_err(|_| InvalidAmount)?;
        let scaled = whole * Self::SCALE + rest;
        Ok(Self(if negative { -scaled } else { scaled }))
    }
}

impl TryFrom<String> for Amount {
    type Error = InvalidAmount;
    fn try_from(text: String) -> Result<Self, InvalidAmount> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

/// What is measured in a visit. The unit belongs to the kind, so a value cannot lose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VitalKind {
    /// Tensión arterial sistólica, mmHg.
    BpSystolic,
    /// Tensión arterial diastólica, mmHg.
    BpDiastolic,
    /// Frecuencia cardiaca, per minute.
    HeartRate,
    /// Frecuencia respiratoria, per minute.
    RespiratoryRate,
    /// Temperatura, °C.
    Temperature,
    /// Saturación de oxígeno, %.
    OxygenSaturation,
    /// Peso, kg.
    Weight,
    /// Talla, m.
    Height,
    /// Glucosa capilar, mg/dL.
    CapillaryGlucose,
    /// Altura del fondo uterino, cm.
    FundalHeight,
}

impl VitalKind {
    /// All kinds in the order a note lists them.
    pub const ALL: [Self; 10] = [
        Self::BpSystolic,
        Self::BpDiastolic,
        Self::HeartRate,
        Self::RespiratoryRate,
        Self::Temperature,
        Self::OxygenSaturation,
        Self::Weight,
        Self::Height,
        Self::CapillaryGlucose,
        Self::FundalHeight,
    ];

    /// Stored and posted word; the names of the scoring schema.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BpSystolic => "bp_systolic",
            Self::BpDiastolic => "bp_diastolic",
            Self::HeartRate => "hr",
            Self::RespiratoryRate => "rr",
            Self::Temperature => "temp_c",
            Self::OxygenSaturation => "spo2",
            Self::Weight => "weight_kg",
            Self::Height => "height_m",
            Self::CapillaryGlucose => "glucose_mg_dl",
            Self::FundalHeight => "fundal_height_cm",
        }
    }

    /// Reads [`VitalKind::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The name on screens and documents.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::BpSystolic => "Tensión arterial sistólica",
            Self::BpDiastolic => "Tensión arterial diastólica",
            Self::HeartRate => "Frecuencia cardiaca",
            Self::RespiratoryRate => "Frecuencia respiratoria",
            Self::Temperature => "Temperatura",
            Self::OxygenSaturation => "Saturación de oxígeno",
            Self::Weight => "Peso",
            Self::Height => "Talla",
            Self::CapillaryGlucose => "Glucosa capilar",
            Self::FundalHeight => "Fondo uterino",
        }
    }

    /// The unit on screens and documents.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::BpSystolic | Self::BpDiastolic => "mmHg",
            Self::HeartRate | Self::RespiratoryRate => "por minuto",
            Self::Temperature => "°C",
            Self::OxygenSaturation => "%",
            Self::Weight => "kg",
            Self::Height => "m",
            Self::CapillaryGlucose => "mg/dL",
            Self::FundalHeight => "cm",
        }
    }

    /// The UCUM unit for exchange.
    #[must_use]
    pub fn ucum(self) -> &'static str {
        match self {
            Self::BpSystolic | Self::BpDiastolic => "mm[Hg]",
            Self::HeartRate | Self::RespiratoryRate => "/min",
            Self::Temperature => "Cel",
            Self::OxygenSaturation => "%",
            Self::Weight => "kg",
            Self::Height => "m",
            Self::CapillaryGlucose => "mg/dL",
            Self::FundalHeight => "cm",
        }
    }

    /// Values outside are refused as typing errors: wider than any living patient (design decision).
    #[must_use]
    pub fn possible_range(self) -> (Amount, Amount) {
        let (low, high) = match self {
            Self::BpSystolic => (30, 320),
            Self::BpDiastolic => (10, 220),
            Self::HeartRate => (15, 350),
            Self::RespiratoryRate => (3, 150),
            Self::Temperature => (20, 46),
            Self::OxygenSaturation => (20, 100),
            Self::Weight => (0, 500),
            Self::Height => (0, 3),
            Self::CapillaryGlucose => (5, 2000),
            Self::FundalHeight => (1, 60),
        };
        (Amount::whole(low), Amount::whole(high))
    }
}

/// Why a measurement was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{label}: {value} está fuera de lo posible (de {low} a {high} {unit})")]
pub struct ImpossibleValue {
    label: &'static str,
    value: Amount,
    low: Amount,
    high: Amount,
    unit: &'static str,
}

/// A measurement: what, how much; the unit follows from the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VitalSign {
    /// What was measured.
    pub kind: VitalKind,
    /// How much, in [`VitalKind::unit`].
    pub value: Amount,
}

impl VitalSign {
    /// A measurement within what is possible.
    ///
    /// # Errors
    /// [`ImpossibleValue`] outside [`VitalKind::possible_range`].
    pub fn new(kind: VitalKind, value: Amount) -> Result<Self, ImpossibleValue> {
        let (low, high) = kind.possible_range();
        if value.is_positive() && value >= low && value <= high {
            Ok(Self { kind, value })
        } else {
            Err(ImpossibleValue { label: kind.label(), value, low, high, unit: kind.unit() })
        }
    }
}

impl fmt::Display for VitalSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.kind.label(), self.value, self.kind.unit())
    }
}

/// The measurements joined for reading: the two pressures become "Tensión arterial 132/80 mmHg".
#[must_use]
pub fn reading_order(signs: &[VitalSign]) -> Vec<(String, String)> {
    let value = |kind| signs.iter().rev().find(|sign| sign.kind == kind).map(|sign| sign.value);
    let mut rows = Vec::new();
    for kind in VitalKind::ALL {
        let Some(own) = value(kind) else { continue };
        match (kind, value(VitalKind::BpSystolic), value(VitalKind::BpDiastolic)) {
            (VitalKind::BpSystolic, Some(high), Some(low)) => {
                rows.push(("Tensión arterial".to_owned(), format!("{high}/{low} mmHg")));
            }
            (VitalKind::BpDiastolic, Some(_), Some(_)) => {}
            _ => rows.push((kind.label().to_owned(), format!("{own} {}", kind.unit()))),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, shown) in
            [("36.5", "36.5"), ("0.0625", "0.0625"), ("7", "7"), ("-1,25", "-1.25"), ("10.0", "10")]
        {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), shown);
        }
        for text in ["", ".", "1e3", "1.23456", "12 3", "٣", "--1", "999999999999"] {
            assert_eq!(text.parse::<Amount>(), Err(InvalidAmount), "{text}");
        }
        assert_eq!(Amount::from_f64(1.62).unwrap().to_string(), "1.62");
        assert_eq!(Amount::from_f64(f64::NAN), None);
    }

    #[test]
    fn impossible_measurements_are_refused_with_their_range() {
        let refused = VitalSign::new(VitalKind::Temperature, Amount::whole(380)).unwrap_err();
        assert_eq!(refused.to_string(), "Temperatura: 380 está fuera de lo posible (de 20 a 46 °C)");
        assert!(VitalSign::new(VitalKind::Weight, Amount::whole(0)).is_err());
        assert!(VitalSign::new(VitalKind::Weight, "0.6".parse().unwrap()).is_ok());
    }

    #[test]
    fn the_two_pressures_are_read_as_one() {
        let signs = [
            VitalSign { kind: VitalKind::HeartRate, value: Amount::whole(76) },
            VitalSign { kind: VitalKind::BpDiastolic, value: Amount::whole(80) },
            VitalSign { kind: VitalKind::BpSystolic, value: Amount::whole(132) },
        ];
        let rows = reading_order(&signs);
        assert_eq!(rows[0], ("Tensión arterial".to_owned(), "132/80 mmHg".to_owned()));
        assert_eq!(rows.len(), 2);
    }

    proptest! {
        #[test]
        fn any_amount_is_read_back_as_written(scaled in -1_000_000_000_000_i64..1_000_000_000_000) {
            let amount = Amount(scaled);
            prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
        }
    }
}
