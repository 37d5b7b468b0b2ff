//! The patient: identity, contact, and the patient nobody could identify.

use serde::{Deserialize, Serialize};

use crate::demographics::Demographics;
use crate::identifiers::{Curp, Phone};
use crate::ids::PatientId;
use crate::person::{BirthDate, PersonName, Sex};

/// Who the patient is, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "snake_case")]
pub enum Identity {
    /// Named by the patient or a document.
    Identified {
        /// Full name.
        name: PersonName,
        /// Date of birth.
        birth_date: BirthDate,
        /// CURP, when it is at hand; never made up.
        curp: Option<Curp>,
    },
    /// Born and not named or registered yet: known by the mother, no name made up.
    Newborn {
        /// The mother's name as it was at the birth.
        mother_name: String,
        /// Date of birth.
        birth_date: BirthDate,
    },
    /// Nobody could say who it is: care never waits for a name (NOM-004 reference 4.1).
    Unknown {
        /// What tells this person apart for now ("hombre de unos 40 años, cicatriz en la ceja").
        label: String,
    },
}

/// What a form gives to open a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPatient {
    /// Who it is.
    pub identity: Identity,
    /// Biological sex.
    pub sex: Sex,
    /// Telephone.
    pub phone: Option<Phone>,
    /// Home address in one line (NOM-004 5.2.3).
    pub address: Option<String>,
    /// Occupation, for the ficha de identificación.
    pub occupation: Option<String>,
    /// The rest of the minimum data set, as far as it is known.
    pub details: Demographics,
}

/// A patient with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// Identifies the record.
    pub id: PatientId,
    /// Number of the expediente, printed on documents (NOM-004 5.9).
    pub record_number: String,
    /// What the form gave.
    pub data: NewPatient,
    /// Counts changes; a form that saves over another's change is told.
    pub version: i64,
    /// The record this one belongs to: itself, or the one it was joined to.
    pub root: PatientId,
}

impl Identity {
    /// The name as documents print it; the conventional words for an unknown patient.
    #[must_use]
    pub fn full_name(&self) -> String {
        match self {
            Self::Identified { name, .. } => name.to_string(),
            Self::Newborn { mother_name, .. } => format!("Recién nacido de {mother_name}"),
            Self::Unknown { .. } => PersonName::unknown().to_string(),
        }
    }

    /// Date of birth, when known.
    #[must_use]
    pub fn birth_date(&self) -> Option<BirthDate> {
        match self {
            Self::Identified { birth_date, .. } | Self::Newborn { birth_date, .. } => Some(*birth_date),
            Self::Unknown { .. } => None,
        }
    }

    /// CURP, when it is at hand.
    #[must_use]
    pub fn curp(&self) -> Option<&Curp> {
        match self {
            Self::Identified { curp, .. } => curp.as_ref(),
            Self::Newborn { .. } | Self::Unknown { .. } => None,
        }
    }
}

impl Patient {
    /// The name as documents print it; the conventional words for an unknown patient.
    #[must_use]
    pub fn full_name(&self) -> String {
        self.data.identity.full_name()
    }

    /// Date of birth, when known.
    #[must_use]
    pub fn birth_date(&self) -> Option<BirthDate> {
        self.data.identity.birth_date()
    }

    /// CURP, when it is at hand.
    #[must_use]
    pub fn curp(&self) -> Option<&Curp> {
        self.data.identity.curp()
    }

    /// Whether another record took this one in.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.root != self.id
    }

    /// Whether the patient is under [`crate::representative::ADULT_YEARS`] on a day; no for an unknown age.
    #[must_use]
    pub fn is_minor_on(&self, day: jiff::civil::Date) -> bool {
        self.birth_date().is_some_and(|birth| birth.age_on(day).years < crate::representative::ADULT_YEARS)
    }

    /// Age on a day in words; "no se sabe" for an unknown patient.
    #[must_use]
    pub fn age_text(&self, day: jiff::civil::Date) -> String {
        self.birth_date().map_or_else(|| "no se sabe".to_owned(), |birth| birth.age_on(day).to_string())
    }
}

/// Where a CURP and the form disagree. A warning, never a refusal (legal reference 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurpMismatch {
    /// Another date of birth.
    BirthDate,
    /// Another sex.
    Sex,
    /// Another entity of birth.
    Entity,
}

impl CurpMismatch {
    /// All, in the order they are told.
    pub const ALL: [Self; 3] = [Self::BirthDate, Self::Sex, Self::Entity];

    /// What does not fit, with its article.
    #[must_use]
    pub fn subject(self) -> &'static str {
        match self {
            Self::BirthDate => "la fecha de nacimiento",
            Self::Sex => "el sexo",
            Self::Entity => "la entidad de nacimiento",
        }
    }
}

impl NewPatient {
    /// What the CURP says otherwise than the form. The sex of the registry counts where it was given; else the
    /// biological one.
    #[must_use]
    pub fn curp_mismatches(&self) -> Vec<CurpMismatch> {
        let Identity::Identified { birth_date, curp: Some(curp), .. } = &self.identity else {
            return Vec::new();
        };
        let sex = match self.details.registered_sex {
            Some(sex) => curp.registered_sex() != Some(sex),
            None => curp.sex().is_some_and(|sex| sex != self.sex),
        };
        let entity = self.details.birth_entity.is_some_and(|entity| curp.birth_entity() != Some(entity));
        let differs = |mismatch: &CurpMismatch| match mismatch {
            CurpMismatch::BirthDate => curp.birth_date() != birth_date.date(),
            CurpMismatch::Sex => sex,
            CurpMismatch::Entity => entity,
        };
        CurpMismatch::ALL.into_iter().filter(differs).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::demographics::{Entity, RegisteredSex};
    use crate::person::Sex;

    #[test]
    fn what_the_curp_says_otherwise_is_named() {
        let check = |born, sex, registered, entity: &str, expected: &[CurpMismatch]| {
            let data = NewPatient {
                identity: Identity::Identified {
                    name: PersonName::parse("Gloria", "Hernández", "").unwrap(),
                    birth_date: BirthDate::from_stored(born),
                    curp: Some(Curp::parse("HEGG560427MVZRRL04").unwrap()),
                },
                sex,
                phone: None,
                address: None,
                occupation: None,
                details: Demographics {
                    registered_sex: registered,
                    birth_entity: Entity::from_code(entity),
                    ..Demographics::default()
                },
            };
            assert_eq!(data.curp_mismatches(), expected, "{born} {sex:?} {registered:?} {entity}");
        };
        let day = date(1956, 4, 27);
        check(day, Sex::Female, None, "", &[]);
        check(day, Sex::Female, None, "30", &[]);
        check(date(1956, 4, 28), Sex::Male, None, "21", &CurpMismatch::ALL);
        // The registry and the body may differ: then only the registry is compared with the CURP.
        check(day, Sex::Male, Some(RegisteredSex::Woman), "30", &[]);
        check(day, Sex::Female, Some(RegisteredSex::NonBinary), "", &[CurpMismatch::Sex]);
    }

    #[test]
    fn a_newborn_is_named_by_the_mother_and_an_unknown_patient_by_convention() {
        let newborn = Identity::Newborn {
            mother_name: "María López Luna".to_owned(),
            birth_date: BirthDate::from_stored(date(2026, 11, 25)),
        };
        assert_eq!(newborn.full_name(), "Recién nacido de María López Luna");
        assert_eq!(newborn.curp(), None);
        let unknown = Identity::Unknown { label: "hombre".to_owned() };
        assert_eq!(unknown.full_name(), "DESCONOCIDO DESCONOCIDO DESCONOCIDO");
    }
}
