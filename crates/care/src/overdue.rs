//! Notes that are due during a stay and were not written in time (nota vencida).

use std::collections::BTreeMap;

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::ids::{EntryId, PatientId};
use clinical::patient::Patient;
use jiff::{SignedDuration, Timestamp};
use nom004::{Due, Interval};
use storage::{StayEnd, Tx};
use uuid::Uuid;

use crate::Care;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;

/// How far back stays are looked for.
pub const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 60);

/// A note that is late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Whose.
    pub patient: Patient,
    /// Which note, since which act, and until when it was due.
    pub interval: Interval,
}

impl Overdue {
    /// The rule it is late by.
    #[must_use]
    pub fn rule(&self) -> Option<&'static Due> {
        nom004::definition(self.interval.kind).due.as_ref()
    }
}

/// All intervals of a record since a time.
pub(crate) async fn intervals(
    tx: &mut Tx,
    patient: PatientId,
    since: Timestamp,
) -> Result<Vec<Interval>, CareError> {
    let acts = tx.acts_of_patient(patient, since).await?;
    Ok(nom004::intervals(&acts, &tx.stay_ends(patient).await?))
}

/// The late notes of one record.
pub(crate) async fn of_record(
    tx: &mut Tx,
    patient: &Patient,
    now: Timestamp,
) -> Result<Vec<Overdue>, CareError> {
    let late = intervals(tx, patient.id, now - LOOK_BACK).await?.into_iter();
    let late = late.filter(|interval| interval.is_overdue(now));
    Ok(late.map(|interval| Overdue { patient: patient.clone(), interval }).collect())
}

/// The late notes of the practice, the oldest first.
pub(crate) async fn of_practice(tx: &mut Tx, now: Timestamp) -> Result<Vec<Overdue>, CareError> {
    let rules = nom004::definitions().iter().filter_map(|definition| definition.due.as_ref());
    let kinds: std::collections::BTreeSet<DocumentKind> = rules.flat_map(|due| due.since.clone()).collect();
    let mut patients = BTreeMap::new();
    for kind in kinds {
        for patient in tx.patients_with(kind, now - LOOK_BACK).await? {
            patients.insert(patient.id, patient);
        }
    }
    let mut late = Vec::new();
    for patient in patients.values() {
        late.extend(of_record(tx, patient, now).await?);
    }
    late.sort_by_key(|one| one.interval.due);
    Ok(late)
}

impl Care {
    /// Notes that a patient is no longer in the stay in which a note is due.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::NotFound`] for a note that is never due, or when there is
    /// no such record.
    pub async fn end_stay(
        &self,
        actor: &Actor,
        patient: PatientId,
        kind: DocumentKind,
        reason: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        if nom004::known(kind).is_none_or(|definition| definition.due.is_none()) {
            return Err(CareError::NotFound { what: "esa nota" });
        }
        let mut check = Check::new();
        let reason =
            check.text("motivo", reason, "Escriba cómo se sabe, por ejemplo: se fue a su casa a las 14:00");
        let reason = check.finish(Some(reason))?;
        let mut tx = self.begin(actor).await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?.id;
        let id = EntryId(Uuid::now_v7());
        let end = StayEnd { id, patient_id: patient, kind, reason, by: actor.user_id, at: self.now() };
        tx.insert_stay_end(&end).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "stay_end", id, Some(patient))).await?;
        Ok(tx.commit().await?)
    }
}
