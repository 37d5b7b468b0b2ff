//! The establishment and its professionals.

use clinical::identifiers::{Phone, ProfessionalLicense};
use clinical::ids::PractitionerId;
use clinical::practitioner::{Establishment, Practitioner, Specialty, SpecialtyCertificate, Trainee};

use crate::error::{Result, StorageError};
use crate::person;
use crate::tx::Tx;
use crate::value::{Row, values};

macro_rules! practitioner_columns {
    () => {
        "id, title, given, first_surname, second_surname, license, degree_institution, specialty_name, \
         specialty_license, trainee, certificate, certificate_council, certificate_until"
    };
}

fn practitioner(row: &Row) -> Result<Practitioner> {
    let license = |column| row.coded(column, |text| ProfessionalLicense::parse(text).ok());
    let certificate = match row.maybe_text("certificate")? {
        Some(number) => Some(SpecialtyCertificate {
            number,
            council: row.text("certificate_council")?,
            valid_until: row.parsed("certificate_until")?,
        }),
        None => None,
    };
    let specialty = match row.maybe_text("specialty_name")? {
        Some(name) => Some(Specialty { name, license: license("specialty_license")?, certificate }),
        None => None,
    };
    let trainee = match row.maybe_text("trainee")? {
        Some(code) => Some(Trainee::from_code(&code).ok_or_else(|| row.corrupt("trainee"))?),
        None => None,
    };
    let without_license = trainee.is_some() && row.text("license")?.is_empty();
    Ok(Practitioner {
        id: row.parsed("id")?,
        title: row.text("title")?,
        name: person::name(row, "given", "first_surname", "second_surname")?,
        license: if without_license { ProfessionalLicense::none() } else { license("license")? },
        degree_institution: row.text("degree_institution")?,
        specialty,
        trainee,
    })
}

impl Tx {
    /// Writes the data of the establishment, in place of what was there.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn save_establishment(&mut self, establishment: &Establishment) -> Result<()> {
        self.execute(
            "INSERT INTO establishment (id, kind, name, address, institution, owner, phone, clues, time_zone)
             VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE
               SET kind = excluded.kind, name = excluded.name, address = excluded.address,
                   institution = excluded.institution, owner = excluded.owner, phone = excluded.phone,
                   clues = excluded.clues, time_zone = excluded.time_zone",
            values![
                &establishment.kind,
                &establishment.name,
                &establishment.address,
                establishment.institution.as_deref(),
                &establishment.owner,
                establishment.phone.as_ref().map(Phone::as_str),
                establishment.clues.as_deref(),
                &establishment.time_zone,
            ],
        )
        .await
        .map(drop)
    }

    /// The establishment; `None` before the first set-up.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn establishment(&mut self) -> Result<Option<Establishment>> {
        self.one(
            "establishment",
            "SELECT id, kind, name, address, institution, owner, phone, clues, time_zone FROM establishment",
            &[],
            |row| {
                Ok(Establishment {
                    kind: row.text("kind")?,
                    name: row.text("name")?,
                    address: row.text("address")?,
                    institution: row.maybe_text("institution")?,
                    owner: row.text("owner")?,
                    phone: person::phone(row, "phone")?,
                    clues: row.maybe_text("clues")?,
                    time_zone: row.text("time_zone")?,
                })
            },
        )
        .await
    }

    /// Adds a professional.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when the id exists.
    pub async fn insert_practitioner(&mut self, practitioner: &Practitioner) -> Result<()> {
        self.write_practitioner(
            concat!(
                "INSERT INTO practitioner (",
                practitioner_columns!(),
                ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            ),
            practitioner,
        )
        .await
        .map(drop)
    }

    /// Changes a professional. Signed documents keep what they froze.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is none with this id.
    pub async fn update_practitioner(&mut self, practitioner: &Practitioner) -> Result<()> {
        let changed = self
            .write_practitioner(
                "UPDATE practitioner
                    SET title = $2, given = $3, first_surname = $4, second_surname = $5, license = $6,
                        degree_institution = $7, specialty_name = $8, specialty_license = $9, trainee = $10,
                        certificate = $11, certificate_council = $12, certificate_until = $13
                  WHERE id = $1",
                practitioner,
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    async fn write_practitioner(&mut self, sql: &'static str, practitioner: &Practitioner) -> Result<u64> {
        let specialty = practitioner.specialty.as_ref();
        let certificate = specialty.and_then(|specialty| specialty.certificate.as_ref());
        let until = certificate.map(|certificate| certificate.valid_until.to_string());
        self.execute(
            sql,
            values![
                practitioner.id,
                &practitioner.title,
                practitioner.name.given(),
                practitioner.name.first_surname(),
                practitioner.name.second_surname(),
                practitioner.license.as_str(),
                &practitioner.degree_institution,
                specialty.map(|specialty| specialty.name.as_str()),
                specialty.map(|specialty| specialty.license.as_str()),
                practitioner.trainee.map(Trainee::code),
                certificate.map(|certificate| certificate.number.as_str()),
                certificate.map(|certificate| certificate.council.as_str()),
                until.as_deref(),
            ],
        )
        .await
    }

    /// A professional.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn practitioner(&mut self, id: PractitionerId) -> Result<Option<Practitioner>> {
        self.one(
            "practitioner",
            concat!("SELECT ", practitioner_columns!(), " FROM practitioner WHERE id = $1"),
            values![id],
            practitioner,
        )
        .await
    }

    /// All professionals by surname.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn practitioners(&mut self) -> Result<Vec<Practitioner>> {
        self.list(
            "practitioner",
            concat!(
                "SELECT ",
                practitioner_columns!(),
                " FROM practitioner ORDER BY first_surname, second_surname, given, id"
            ),
            &[],
            practitioner,
        )
        .await
    }
}
