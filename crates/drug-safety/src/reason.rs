//! The coded reasons for going on in spite of an alert (reference, section 1, rule 7).

use serde::{Deserialize, Serialize};

/// Why the physician goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OverrideReason {
    /// The benefit is greater than the risk.
    #[serde(rename = "beneficio_supera_riesgo")]
    BenefitOutweighsRisk,
    /// The patient has already taken it without harm.
    #[serde(rename = "ya_tolerado")]
    AlreadyTolerated,
    /// The dose was adjusted.
    #[serde(rename = "dosis_ajustada")]
    DoseAdjusted,
    /// It will be watched; asks for a date.
    #[serde(rename = "se_vigilara")]
    WillMonitor,
    /// There is no alternative.
    #[serde(rename = "alternativa_no_disponible")]
    NoAlternative,
    /// The allergy or the list of medicines is wrong; opens its correction.
    #[serde(rename = "dato_incorrecto")]
    WrongData,
}

impl OverrideReason {
    /// All reasons in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::BenefitOutweighsRisk,
        Self::AlreadyTolerated,
        Self::DoseAdjusted,
        Self::WillMonitor,
        Self::NoAlternative,
        Self::WrongData,
    ];

    /// Stored and posted word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BenefitOutweighsRisk => "beneficio_supera_riesgo",
            Self::AlreadyTolerated => "ya_tolerado",
            Self::DoseAdjusted => "dosis_ajustada",
            Self::WillMonitor => "se_vigilara",
            Self::NoAlternative => "alternativa_no_disponible",
            Self::WrongData => "dato_incorrecto",
        }
    }

    /// Reads [`OverrideReason::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::BenefitOutweighsRisk => "El beneficio supera el riesgo",
            Self::AlreadyTolerated => "El paciente ya lo ha tolerado",
            Self::DoseAdjusted => "Se ajustó la dosis",
            Self::WillMonitor => "Se vigilará",
            Self::NoAlternative => "No hay otra alternativa disponible",
            Self::WrongData => "El dato registrado es incorrecto",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OverrideReason;

    #[test]
    fn every_reason_is_read_back_from_its_code() {
        for reason in OverrideReason::ALL {
            assert_eq!(OverrideReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(OverrideReason::from_code("porque sí"), None);
    }
}
