//! The patient: identity, contact, and the patient nobody could identify.

use serde::{Deserialize, Serialize};

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
    /// Nobody could say who it is: care never waits for a name (NOM-004 reference 4.1).
    Unknown {
        /// What tells this person apart for now ("hombre de unos 40 años, cicatriz en la ceja").
        label: String,
    },
}

/// What a form gives to open a record.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

impl Patient {
    /// The name as documents print it; the conventional words for an unknown patient.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.data.identity {
            Identity::Identified { name, .. } => name.to_string(),
            Identity::Unknown { .. } => PersonName::unknown().to_string(),
        }
    }

    /// Date of birth, when known.
    #[must_use]
    pub fn birth_date(&self) -> Option<BirthDate> {
        match &self.data.identity {
            Identity::Identified { birth_date, .. } => Some(*birth_date),
            Identity::Unknown { .. } => None,
        }
    }

    /// CURP, when it is at hand.
    #[must_use]
    pub fn curp(&self) -> Option<&Curp> {
        match &self.data.identity {
            Identity::Identified { curp, .. } => curp.as_ref(),
            Identity::Unknown { .. } => None,
        }
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
}

impl CurpMismatch {
    /// The warning in Spanish.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::BirthDate => "La fecha de nacimiento no coincide con la CURP",
            Self::Sex => "El sexo no coincide con la CURP",
        }
    }
}

impl NewPatient {
    /// What the CURP says otherwise than the form.
    #[must_use]
    pub fn curp_mismatches(&self) -> Vec<CurpMismatch> {
        let Identity::Identified { birth_date, curp: Some(curp), .. } = &self.identity else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if curp.birth_date() != birth_date.date() {
            found.push(CurpMismatch::BirthDate);
        }
        if curp.sex().is_some_and(|sex| sex != self.sex) {
            found.push(CurpMismatch::Sex);
        }
        found
    }
}
