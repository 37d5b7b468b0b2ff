//! Opening records, correcting who the patient is, and finding them.

use clinical::audit::AuditAction;
use clinical::identifiers::{Curp, Phone};
use clinical::ids::PatientId;
use clinical::patient::{CurpMismatch, Identity, NewPatient, Patient};
use clinical::person::{BirthDate, PersonName, Sex};
use storage::StorageError;
use uuid::Uuid;

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::{Check, optional};
use crate::{Care, page_of};

/// Patients on one page of a list.
pub const PAGE: u32 = 50;

/// The form that opens or corrects a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatientForm {
    /// Nobody can say who it is.
    pub unknown: bool,
    /// What tells an unknown patient apart.
    pub label: String,
    /// Nombre.
    pub given: String,
    /// Primer apellido.
    pub first_surname: String,
    /// Segundo apellido, optional.
    pub second_surname: String,
    /// Fecha de nacimiento as written.
    pub birth_date: String,
    /// [`Sex::code`].
    pub sex: String,
    /// CURP, optional.
    pub curp: String,
    /// Teléfono, optional.
    pub phone: String,
    /// Domicilio.
    pub address: String,
    /// Ocupación, optional.
    pub occupation: String,
}

impl PatientForm {
    /// The form as it looks for a record that exists.
    #[must_use]
    pub fn of(patient: &Patient) -> Self {
        let data = &patient.data;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut form = Self {
            sex: data.sex.code().to_owned(),
            phone: data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            address: text(&data.address),
            occupation: text(&data.occupation),
            ..Self::default()
        };
        match &data.identity {
            Identity::Unknown { label } => {
                form.unknown = true;
                form.label.clone_from(label);
            }
            Identity::Identified { name, birth_date, curp } => {
                form.given = name.given().to_owned();
                form.first_surname = name.first_surname().to_owned();
                form.second_surname = name.second_surname().unwrap_or_default().to_owned();
                form.birth_date = birth_date.date().strftime("%d/%m/%Y").to_string();
                form.curp = curp.as_ref().map(ToString::to_string).unwrap_or_default();
            }
        }
        form
    }

    fn read(&self, today: jiff::civil::Date) -> Result<NewPatient, CareError> {
        let mut check = Check::new();
        let identity = if self.unknown {
            let label =
                check.text("etiqueta", &self.label, "Escriba qué distingue a este paciente por ahora");
            Some(Identity::Unknown { label })
        } else {
            self.identified(&mut check, today)
        };
        let sex = Sex::from_code(&self.sex);
        if sex.is_none() {
            check.fail("sexo", "Elija el sexo");
        }
        let phone = match self.phone.trim() {
            "" => Some(None),
            phone => check.take("telefono", Phone::parse(phone)).map(Some),
        };
        let read = identity.zip(sex).zip(phone);
        let ((identity, sex), phone) = check.finish(read)?;
        let (address, occupation) = (optional(&self.address), optional(&self.occupation));
        Ok(NewPatient { identity, sex, phone, address, occupation })
    }

    fn identified(&self, check: &mut Check, today: jiff::civil::Date) -> Option<Identity> {
        let name = PersonName::parse(&self.given, &self.first_surname, &self.second_surname);
        let field = match &name {
            Err(clinical::person::PersonError::MissingSurname) => "primer_apellido",
            _ => "nombre",
        };
        let name = check.take(field, name);
        let birth_date = check.take("fecha_nacimiento", BirthDate::parse(&self.birth_date, today));
        let curp = match self.curp.trim() {
            "" => Some(None),
            curp => check.take("curp", Curp::parse(curp)).map(Some),
        };
        Some(Identity::Identified { name: name?, birth_date: birth_date?, curp: curp? })
    }
}

/// A saved record, with what the CURP says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPatient {
    /// The record.
    pub id: PatientId,
    /// Warnings to show once; they do not keep anyone from saving.
    pub mismatches: Vec<CurpMismatch>,
}

/// One page of a list of patients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientPage {
    /// The patients.
    pub patients: Vec<Patient>,
    /// How many there are in all.
    pub total: i64,
    /// This page, from 0.
    pub page: u32,
}

impl Care {
    /// Opens a record.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with every field to correct, among them a CURP another record has.
    pub async fn register_patient(
        &self,
        actor: &Actor,
        form: &PatientForm,
    ) -> Result<SavedPatient, CareError> {
        self.require(actor, Permission::EditIdentity).await?;
        let mut tx = self.database.begin().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let data = form.read(self.now().to_zoned_datetime(zone).date())?;
        let mismatches = data.curp_mismatches();
        let id = PatientId(Uuid::now_v7());
        tx.insert_patient(id, &data, self.now()).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "patient", id, Some(id))).await?;
        tx.commit().await?;
        Ok(SavedPatient { id, mismatches })
    }

    /// Corrects who the patient is.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when someone else saved since `version` was read.
    pub async fn correct_patient(
        &self,
        actor: &Actor,
        id: PatientId,
        version: i64,
        form: &PatientForm,
    ) -> Result<SavedPatient, CareError> {
        self.require(actor, Permission::EditIdentity).await?;
        let mut tx = self.database.begin().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let data = form.read(self.now().to_zoned_datetime(zone).date())?;
        match tx.update_patient(id, version, &data, self.now()).await {
            Ok(_) => {}
            Err(StorageError::Conflict { .. }) => {
                return Err(CareError::Conflict {
                    message:
                        "Otra persona cambió estos datos. Revise los que están guardados y vuelva a intentar"
                            .to_owned(),
                });
            }
            Err(error) => return Err(error.into()),
        }
        tx.append_audit(self.event(actor, AuditAction::Update, "patient", id, Some(id))).await?;
        tx.commit().await?;
        Ok(SavedPatient { id, mismatches: data.curp_mismatches() })
    }

    /// Who a patient is, without clinical text.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn patient(&self, actor: &Actor, id: PatientId) -> Result<Patient, CareError> {
        self.require(actor, Permission::SeeIdentity).await?;
        let mut tx = self.database.begin().await?;
        let patient = tx.patient(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        tx.append_audit(self.event(actor, AuditAction::Read, "patient", id, Some(id))).await?;
        tx.commit().await?;
        Ok(patient)
    }

    /// Finds patients by parts of the name without accents, record number, CURP or telephone; the latest without words.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn search_patients(
        &self,
        actor: &Actor,
        query: &str,
        page: u32,
    ) -> Result<PatientPage, CareError> {
        self.require(actor, Permission::SeeIdentity).await?;
        let query: String = query.chars().take(100).collect();
        let mut tx = self.database.begin().await?;
        let wanted = page_of(page, PAGE);
        let found = if query.trim().is_empty() {
            tx.recent_patients(wanted).await?
        } else {
            tx.find_patients(&query, wanted).await?
        };
        tx.append_audit(self.event(actor, AuditAction::Search, "patient", "", None)).await?;
        tx.commit().await?;
        Ok(PatientPage { patients: found.items, total: found.total, page })
    }
}
