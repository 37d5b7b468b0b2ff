//! What stands behind a patient's identity: who represents them, what the record said before, which records were joined.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::identifiers::Phone;
use clinical::ids::{EntryId, MergeId, PatientId};
use clinical::likeness::{Likeness, compare};
use clinical::patient::Patient;
use clinical::person::{PersonError, PersonName, parse_date};
use clinical::representative::{Capacity, Representative};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::{Act, Closed, FormerIdentity, Merge, Recorded, StorageError, StoredRepresentative, Tx};
use uuid::Uuid;

use crate::error::CareError;
use crate::patient_form::brief;
use crate::permission::{Actor, Permission};
use crate::setup::{Check, optional};
use crate::{Care, because};

/// Everything behind the identity of one record.
#[derive(Debug, Clone)]
pub struct IdentityFile {
    /// Who it is.
    pub patient: Patient,
    /// Who may decide for the patient, closed entries too.
    pub representatives: Vec<StoredRepresentative>,
    /// A minor without anybody who may decide.
    pub needs_representative: bool,
    /// What the record said before, newest first.
    pub former: Vec<FormerIdentity>,
    /// Joins it had part in, newest first.
    pub merges: Vec<Merge>,
    /// The mother's record, of a patient registered as newborn.
    pub mother: Option<Patient>,
    /// Children who were registered as newborns of this patient.
    pub newborns: Vec<Patient>,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// Two records side by side, before they are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergePlan {
    /// The record that stays.
    pub kept: Patient,
    /// The record that is joined to it.
    pub merged: Patient,
    /// What they have in common; `None` when nothing suggests that they are of one person.
    pub likeness: Option<Likeness>,
}

/// A representative as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepresentativeForm {
    /// Nombre.
    pub given: String,
    /// Primer apellido.
    pub first_surname: String,
    /// Segundo apellido, optional.
    pub second_surname: String,
    /// [`Capacity::code`].
    pub capacity: String,
    /// Identity document with its number.
    pub identity_document: String,
    /// Document that proves the capacity; required for those that need one.
    pub proof: String,
    /// Last day on which it holds, optional.
    pub valid_until: String,
    /// What it covers, optional.
    pub scope: String,
    /// Teléfono, optional.
    pub phone: String,
}

impl RepresentativeForm {
    fn read(&self) -> Result<Representative, CareError> {
        let mut check = Check::new();
        let name = PersonName::parse(&self.given, &self.first_surname, &self.second_surname);
        let field = match &name {
            Err(PersonError::MissingSurname) => "rep_primer_apellido",
            _ => "rep_nombre",
        };
        let name = check.take(field, name);
        let capacity = Capacity::from_code(&self.capacity);
        if capacity.is_none() {
            check.fail("rep_calidad", "Elija en qué calidad representa al paciente");
        }
        let identity_document = check.text(
            "rep_identificacion",
            &self.identity_document,
            "Escriba con qué documento se identificó, con su número",
        );
        let proof = brief(&mut check, "rep_prueba", &self.proof, 300);
        if proof.is_none() && capacity.is_some_and(Capacity::needs_proof) {
            check.fail(
                "rep_prueba",
                "Escriba el documento que lo acredita, por ejemplo la sentencia o el poder",
            );
        }
        let valid_until = match self.valid_until.trim() {
            "" => Some(None),
            text => check.take("rep_vigencia", parse_date(text)).map(Some),
        };
        let scope = brief(&mut check, "rep_alcance", &self.scope, 300);
        let phone = match self.phone.trim() {
            "" => Some(None),
            text => check.take("rep_telefono", Phone::parse(text)).map(Some),
        };
        let read = name.zip(capacity).zip(valid_until).zip(phone);
        let (((name, capacity), valid_until), phone) = check.finish(read)?;
        Ok(Representative { name, capacity, identity_document, proof, valid_until, scope, phone })
    }
}

/// Whether a patient is a minor and nobody who may decide is recorded.
pub(crate) async fn lacks_representative(
    tx: &mut Tx,
    patient: &Patient,
    today: Date,
) -> Result<bool, StorageError> {
    if !patient.is_minor_on(today) {
        return Ok(false);
    }
    let all = tx.representatives(patient.id).await?;
    Ok(!all.iter().any(|one| !one.is_closed() && one.value.holds_on(today)))
}

const RECORD: CareError = CareError::NotFound { what: "el expediente" };

impl Care {
    /// What stands behind a patient's identity.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn identity(&self, actor: &Actor, id: PatientId) -> Result<IdentityFile, CareError> {
        self.require(actor, Permission::SeeIdentity).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let patient = tx.record(id).await?.ok_or(RECORD)?;
        let id = patient.id;
        let mother = match patient.data.details.mother {
            Some(mother) => tx.record(mother).await?,
            None => None,
        };
        let file = IdentityFile {
            representatives: tx.representatives(id).await?,
            needs_representative: lacks_representative(&mut tx, &patient, today).await?,
            former: tx.former_identities(id).await?,
            merges: tx.merges(id).await?,
            newborns: tx.newborns_of(id).await?,
            mother,
            patient,
            now: self.now(),
            zone,
        };
        tx.append_audit(self.event(actor, AuditAction::Read, "identity", id, Some(id))).await?;
        tx.commit().await?;
        Ok(file)
    }

    /// Records somebody who may decide for the patient.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with every field to correct.
    pub async fn add_representative(
        &self,
        actor: &Actor,
        id: PatientId,
        form: &RepresentativeForm,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::EditIdentity).await?;
        let value = form.read()?;
        let mut tx = self.begin(actor).await?;
        let id = tx.record(id).await?.ok_or(RECORD)?.id;
        let entry = EntryId(Uuid::now_v7());
        let recorded = Recorded { by: actor.user_id, at: self.now(), encounter_id: None };
        tx.insert_representative(entry, id, &value, recorded).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "representative", entry, Some(id))).await?;
        Ok(tx.commit().await?)
    }

    /// Ends a representation: replaced, revoked, or recorded by mistake. It stays in the record.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when it was ended already.
    pub async fn close_representative(
        &self,
        actor: &Actor,
        id: PatientId,
        entry: EntryId,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::EditIdentity).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let id = tx.record(id).await?.ok_or(RECORD)?.id;
        let closed = Closed { on: self.now().to_zoned_datetime(zone).date(), by: actor.user_id };
        match tx.close_representative(entry, id, closed).await {
            Err(StorageError::Conflict { .. }) => {
                return Err(CareError::NotFound { what: "ese representante: quizá ya se había quitado" });
            }
            other => other?,
        }
        tx.append_audit(self.event(actor, AuditAction::Update, "representative", entry, Some(id))).await?;
        Ok(tx.commit().await?)
    }

    /// Two records side by side: the one that stays, and the one with a number.
    ///
    /// # Errors
    /// [`CareError::Invalid`] when the number is of no other record.
    pub async fn plan_merge(
        &self,
        actor: &Actor,
        kept: PatientId,
        number: &str,
    ) -> Result<MergePlan, CareError> {
        self.require(actor, Permission::MergeRecords).await?;
        let mut tx = self.begin(actor).await?;
        let kept = tx.record(kept).await?.ok_or(RECORD)?;
        let number = number.trim();
        let no_record = || CareError::invalid("numero", "No hay un expediente con ese número");
        let merged = tx.record_by_number(&format!("{number:0>6}")).await?.ok_or_else(no_record)?;
        if merged.id == kept.id {
            let message = "Ese número es de este mismo expediente: escriba el del otro";
            return Err(CareError::invalid("numero", message));
        }
        for id in [kept.id, merged.id] {
            tx.append_audit(self.event(actor, AuditAction::Read, "patient", id, Some(id))).await?;
        }
        tx.commit().await?;
        let likeness = compare(&kept.data, &merged.data);
        Ok(MergePlan { kept, merged, likeness })
    }

    /// Joins one record to another. Nothing that was written in either is changed.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when somebody joined one of them first; [`CareError::Invalid`] without a reason.
    pub async fn merge_records(
        &self,
        actor: &Actor,
        kept: PatientId,
        merged: PatientId,
        reason: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::MergeRecords).await?;
        let reason = reason_of(reason, "Escriba por qué son de la misma persona")?;
        let id = MergeId(Uuid::now_v7());
        let mut tx = self.begin(actor).await?;
        let act = Act { by: actor.user_id, at: self.now(), reason: &reason };
        match tx.merge_records(id, kept, merged, act).await {
            Err(StorageError::NotMergeable) => return Err(already_joined(&mut tx, kept, merged).await?),
            Err(StorageError::Missing { .. }) => return Err(RECORD),
            other => other?,
        }
        for patient in [kept, merged] {
            tx.append_audit(self.merge_event(actor, id, patient, &reason)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Takes two records apart again; returns the record that had been joined.
    ///
    /// # Errors
    /// [`CareError::Conflict`] when somebody undid it first.
    pub async fn undo_merge(&self, actor: &Actor, id: MergeId, reason: &str) -> Result<PatientId, CareError> {
        self.require(actor, Permission::MergeRecords).await?;
        let reason = reason_of(reason, "Escriba por qué se separan")?;
        let mut tx = self.begin(actor).await?;
        let act = Act { by: actor.user_id, at: self.now(), reason: &reason };
        let (kept, merged) = match tx.undo_merge(id, act).await {
            Err(StorageError::Conflict { .. }) => {
                let message = "Otra persona ya separó estos expedientes".to_owned();
                return Err(CareError::Conflict { message });
            }
            Err(StorageError::CurpInUse { record_number, .. }) => {
                let message = format!(
                    "La CURP de este expediente está ahora en el expediente {record_number}. Quítela de ahí, o deshaga primero la unión más reciente"
                );
                return Err(CareError::Conflict { message });
            }
            other => other?,
        };
        for patient in [kept, merged] {
            tx.append_audit(self.merge_event(actor, id, patient, &reason)).await?;
        }
        tx.commit().await?;
        Ok(merged)
    }

    fn merge_event(&self, actor: &Actor, id: MergeId, patient: PatientId, reason: &str) -> NewAuditEvent {
        let event = self.event(actor, AuditAction::Update, "merge", id, Some(patient));
        because(event, reason)
    }
}

fn reason_of(text: &str, when_empty: &str) -> Result<String, CareError> {
    let mut check = Check::new();
    let reason = check.text("motivo", text, when_empty);
    check.finish(optional(&reason))
}

/// Says which of the two belongs to whom by now.
async fn already_joined(tx: &mut Tx, kept: PatientId, merged: PatientId) -> Result<CareError, CareError> {
    if kept == merged {
        let message = "Ese número es de este mismo expediente: escriba el del otro";
        return Ok(CareError::invalid("numero", message));
    }
    for id in [merged, kept] {
        let own = tx.patient(id).await?.ok_or(RECORD)?;
        if let Some(into) = tx.record(id).await?.filter(|into| into.id != own.id) {
            let message = format!(
                "Otra persona ya unió el expediente {} al {}. No se cambió nada más",
                own.record_number, into.record_number
            );
            return Ok(CareError::Conflict { message });
        }
    }
    Ok(StorageError::NotMergeable.into())
}
