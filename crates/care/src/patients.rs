//! Opening records, correcting who the patient is, and finding them. Before a second record of one person is made, the
//! likely doubles are shown.

use clinical::audit::AuditAction;
use clinical::ids::PatientId;
use clinical::likeness::{Likeness, compare};
use clinical::patient::{CurpMismatch, NewPatient, Patient};
use storage::{StorageError, Tx};
use uuid::Uuid;

use crate::error::CareError;
pub use crate::patient_form::PatientForm;
use crate::permission::{Actor, Permission};
use crate::{Care, because, page_of};

/// Patients on one page of a list.
pub const PAGE: u32 = 50;
/// Most likely doubles that are shown at once.
const MOST_ALIKE: usize = 5;

/// A record that may be of the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The record.
    pub patient: Patient,
    /// How alike, and why.
    pub likeness: Likeness,
}

/// Records that may be of the person in the form; nothing was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The likeliest first.
    pub candidates: Vec<Candidate>,
    /// One of them has the CURP of the form, so that there can be no second record with it.
    pub curp_taken: bool,
    /// There is one among them that this person may not see; nothing more is told of it.
    pub private: bool,
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
    /// [`CareError::Invalid`] with every field to correct; [`CareError::Alike`] when records that the person has not
    /// seen yet ([`PatientForm::seen`]) may be of the same patient, or one has the CURP.
    pub async fn register_patient(
        &self,
        actor: &Actor,
        form: &PatientForm,
    ) -> Result<SavedPatient, CareError> {
        self.require(actor, Permission::EditIdentity).await?;
        let mut tx = self.begin(actor).await?;
        let data = self.read_form(&mut tx, form).await?;
        let id = PatientId(Uuid::now_v7());
        // First the insert: of two who register one person at once, the second waits for the first here and sees it.
        let taken = match tx.insert_patient(id, &data, self.now()).await {
            Ok(_) => None,
            Err(error @ StorageError::CurpInUse { .. }) => Some(error),
            Err(error) => return Err(error.into()),
        };
        let like = alike(&mut tx, &data, taken.is_none().then_some(id)).await?;
        let mut tx = self.past_doubles(tx, actor, form, like, taken).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "patient", id, Some(id))).await?;
        tx.commit().await?;
        Ok(SavedPatient { id, mismatches: data.curp_mismatches() })
    }

    /// Corrects who the patient is. What the record said before is kept.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when someone else saved since `version` was read or joined the record to another;
    /// [`CareError::Alike`] as in [`Care::register_patient`].
    pub async fn correct_patient(
        &self,
        actor: &Actor,
        id: PatientId,
        version: i64,
        form: &PatientForm,
    ) -> Result<SavedPatient, CareError> {
        self.require(actor, Permission::EditIdentity).await?;
        let mut tx = self.begin(actor).await?;
        let data = self.read_form(&mut tx, form).await?;
        let former = tx.patient(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        if former.is_merged() {
            let message =
                "Otra persona unió este expediente con otro. Ábralo de nuevo y corrija ahí".to_owned();
            return Err(CareError::Conflict { message });
        }
        let taken = match tx.update_patient(id, version, &data, self.now()).await {
            Ok(_) => None,
            Err(error @ StorageError::CurpInUse { .. }) => Some(error),
            Err(StorageError::Conflict { .. }) => {
                return Err(CareError::Conflict {
                    message:
                        "Otra persona cambió estos datos. Revise los que están guardados y vuelva a intentar"
                            .to_owned(),
                });
            }
            Err(error) => return Err(error.into()),
        };
        if former.data.identity != data.identity {
            let like = alike(&mut tx, &data, Some(id)).await?;
            tx = self.past_doubles(tx, actor, form, like, taken).await?;
        }
        if former.data != data {
            tx.keep_former_identity(&former, actor.user_id, self.now()).await?;
        }
        tx.append_audit(self.event(actor, AuditAction::Update, "patient", id, Some(id))).await?;
        tx.commit().await?;
        Ok(SavedPatient { id, mismatches: data.curp_mismatches() })
    }

    /// Reads the form; a newborn of a mother with a record takes her name from there.
    async fn read_form(&self, tx: &mut Tx, form: &PatientForm) -> Result<NewPatient, CareError> {
        let zone = Self::time_zone(tx).await?;
        let now = self.now().to_zoned_datetime(zone).datetime();
        let Ok(mother) = form.mother.parse() else { return form.read(now) };
        let missing = || CareError::invalid("nombre_madre", "No se encontró el expediente de la madre");
        let mother = tx.record(mother).await?.ok_or_else(missing)?;
        let mut form = PatientForm { mother: mother.id.to_string(), ..form.clone() };
        if form.mother_name.trim().is_empty() {
            form.mother_name = mother.full_name();
        }
        form.read(now)
    }

    /// Goes on when the person has seen every likely double and none has the CURP; else gives the transaction up and
    /// shows them. That their data were shown is in the bitácora.
    async fn past_doubles(
        &self,
        tx: Tx,
        actor: &Actor,
        form: &PatientForm,
        (candidates, private): (Vec<Candidate>, bool),
        curp_taken: Option<StorageError>,
    ) -> Result<Tx, CareError> {
        let seen = candidates.iter().all(|candidate| form.seen.contains(&candidate.patient.id));
        match curp_taken {
            None if seen && (!private || form.seen_private) => return Ok(tx),
            // In a record that was joined to this one.
            Some(error) if candidates.is_empty() && !private => return Err(error.into()),
            _ => tx.rollback().await?,
        }
        let mut tx = self.begin(actor).await?;
        for candidate in &candidates {
            let id = candidate.patient.id;
            let event = self.event(actor, AuditAction::Search, "patient", id, Some(id));
            tx.append_audit(because(event, "posible expediente de la misma persona")).await?;
        }
        tx.commit().await?;
        Err(CareError::Alike(Alike { candidates, curp_taken: curp_taken.is_some(), private }))
    }

    /// Who a patient is, without clinical text. A record that was joined to another answers with that one.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn patient(&self, actor: &Actor, id: PatientId) -> Result<Patient, CareError> {
        self.require(actor, Permission::SeeIdentity).await?;
        let mut tx = self.begin(actor).await?;
        let patient = tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        tx.append_audit(self.event(actor, AuditAction::Read, "patient", patient.id, Some(patient.id)))
            .await?;
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
        let mut tx = self.begin(actor).await?;
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

/// The records that may be of this person, without those of `own` record; and whether there are others that may not be
/// seen.
pub(crate) async fn alike(
    tx: &mut Tx,
    data: &NewPatient,
    own: Option<PatientId>,
) -> Result<(Vec<Candidate>, bool), StorageError> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut private = false;
    for patient in tx.records_like(&data.identity, own).await? {
        let Some(likeness) = compare(data, &patient.data) else { continue };
        if let Some(known) = found.iter_mut().find(|known| known.patient.id == patient.root) {
            if likeness.score > known.likeness.score {
                known.likeness = likeness;
            }
        } else {
            match tx.record(patient.id).await? {
                Some(patient) => found.push(Candidate { patient, likeness }),
                None => private = true,
            }
        }
    }
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.likeness.score));
    found.truncate(MOST_ALIKE);
    Ok((found, private))
}
