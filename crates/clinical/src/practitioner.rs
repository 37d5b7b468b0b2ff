//! The professional who attends and signs, and the establishment where it happens.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::identifiers::{Phone, ProfessionalLicense};
use crate::ids::PractitionerId;
use crate::person::PersonName;

/// A specialty with its own cédula (LGS 81, 83).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specialty {
    /// Name of the specialty.
    pub name: String,
    /// Cédula de especialidad.
    pub license: ProfessionalLicense,
    /// Its certificate, where they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<SpecialtyCertificate>,
}

/// Certificado de especialidad, which a consejo issues for some years and LGS 83 wants on what a specialist prints while it is
/// in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialtyCertificate {
    /// Its number.
    pub number: String,
    /// The consejo that issued it.
    pub council: String,
    /// The last day it is in force.
    pub valid_until: Date,
}

/// Somebody who learns the profession and writes under the supervision of a physician.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trainee {
    /// Pasante en servicio social.
    SocialService,
    /// Médico interno de pregrado.
    Intern,
    /// Médico residente.
    Resident,
}

impl Trainee {
    /// All kinds in the order of the form.
    pub const ALL: [Self; 3] = [Self::SocialService, Self::Intern, Self::Resident];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SocialService => "social_service",
            Self::Intern => "intern",
            Self::Resident => "resident",
        }
    }

    /// Reads [`Trainee::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trainee| trainee.code() == code)
    }

    /// The words on screens and paper.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::SocialService => "Pasante en servicio social",
            Self::Intern => "Interno de pregrado",
            Self::Resident => "Residente",
        }
    }
}

/// A health professional with the data LGS 83 wants on documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practitioner {
    /// Identifies the professional.
    pub id: PractitionerId,
    /// "Dr.", "Dra." or nothing.
    pub title: String,
    /// Full name.
    pub name: PersonName,
    /// Cédula profesional; a trainee may not have one yet.
    pub license: ProfessionalLicense,
    /// Institution that issued the degree; of a trainee, where they study.
    pub degree_institution: String,
    /// Specialty, if any.
    pub specialty: Option<Specialty>,
    /// What they learn, for who writes under supervision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trainee: Option<Trainee>,
}

impl Practitioner {
    /// The professional as documents of a day name them: a certificate that is over by then is no "certificado vigente".
    #[must_use]
    pub fn on(mut self, day: Date) -> Self {
        if let Some(specialty) = &mut self.specialty {
            specialty.certificate.take_if(|certificate| certificate.valid_until < day);
        }
        self
    }

    /// Title and name as signed: "Dra. Inés Prueba Ceiba".
    #[must_use]
    pub fn full_name(&self) -> String {
        if self.title.is_empty() { self.name.to_string() } else { format!("{} {}", self.title, self.name) }
    }
}

/// The establishment, inherited by every document (NOM-004 5.2.1, 5.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Establishment {
    /// Tipo: consultorio, clínica, hospital.
    pub kind: String,
    /// Nombre.
    pub name: String,
    /// Domicilio completo.
    pub address: String,
    /// Institución a la que pertenece, if any.
    pub institution: Option<String>,
    /// Razón o denominación social del propietario.
    pub owner: String,
    /// Telephone, printed on recetas.
    pub phone: Option<Phone>,
    /// CLUES; a private consulting room may have none.
    pub clues: Option<String>,
    /// IANA name of the time zone all times are shown in.
    pub time_zone: String,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_professional_signs_with_title_and_name_and_only_with_a_certificate_in_force() {
        let specialty = Specialty {
            name: "Medicina interna".to_owned(),
            license: ProfessionalLicense::parse("7654321").unwrap(),
            certificate: Some(SpecialtyCertificate {
                number: "1".to_owned(),
                council: "Consejo Ficticio".to_owned(),
                valid_until: date(2026, 3, 10),
            }),
        };
        let professional = |title: &str| Practitioner {
            id: PractitionerId(Uuid::nil()),
            title: title.to_owned(),
            name: PersonName::parse("Inés", "Prueba", "Ceiba").unwrap(),
            license: ProfessionalLicense::parse("1234567").unwrap(),
            degree_institution: "UNAM".to_owned(),
            specialty: Some(specialty.clone()),
            trainee: None,
        };
        assert_eq!(professional("Dra.").full_name(), "Dra. Inés Prueba Ceiba");
        assert_eq!(professional("").full_name(), "Inés Prueba Ceiba");
        let certified = |day| professional("").on(day).specialty.unwrap().certificate.is_some();
        assert!(certified(date(2026, 3, 10)), "its last day");
        assert!(!certified(date(2026, 3, 11)));
    }
}
