//! Who speaks for a patient who cannot decide alone: a minor, or somebody with a representative (legal reference 7.3).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::demographics::coded;
use crate::identifiers::Phone;
use crate::person::PersonName;

/// Age from which a person decides alone (civil codes).
pub const ADULT_YEARS: i16 = 18;

coded!(
    /// In which capacity somebody represents a patient.
    Capacity {
        /// Madre, with parental authority.
        Mother = "mother", "Madre";
        /// Padre, with parental authority.
        Father = "father", "Padre";
        /// Grandparents who hold parental authority.
        Grandparent = "grandparent", "Abuela o abuelo con patria potestad";
        /// Tutor named by a judge or a will.
        Guardian = "guardian", "Tutora o tutor";
        /// Apoderado.
        Attorney = "attorney", "Apoderada o apoderado";
        /// Albacea, of the estate of a deceased patient.
        Executor = "executor", "Albacea";
        /// An institution that has the patient in its care.
        Institution = "institution", "Institución que lo tiene a su cargo";
        /// The closest relative present (NOM-004 10.1.1.8).
        Relative = "relative", "Familiar más cercano";
    }
);

impl Capacity {
    /// Whether the capacity has to be proven by a paper of its own; a relative is who is there.
    #[must_use]
    pub fn needs_proof(self) -> bool {
        matches!(self, Self::Guardian | Self::Attorney | Self::Executor | Self::Institution)
    }
}

/// Somebody who may decide for the patient, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// Full name.
    pub name: PersonName,
    /// In which capacity.
    pub capacity: Capacity,
    /// Identity document that was shown, with its number ("INE 1234567890123").
    pub identity_document: String,
    /// Document that proves the capacity ("acta de nacimiento 123", "sentencia 45/2026").
    pub proof: Option<String>,
    /// Last day on which it holds; `None` for no end.
    pub valid_until: Option<Date>,
    /// What it covers or excludes ("todo", "solo para recibir informes").
    pub scope: Option<String>,
    /// Telephone.
    pub phone: Option<Phone>,
}

impl Representative {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_until.is_none_or(|last| day <= last)
    }
}
