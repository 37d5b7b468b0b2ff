//! Giving up one draft of a consultation, and taking it up again on the same day.

use clinical::audit::AuditAction;
use clinical::document::DocumentKind;
use clinical::encounter::{Encounter, EncounterState};
use clinical::ids::{EncounterId, EntryId, PatientId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::{CancelledDraft, StorageError, Tx};
use uuid::Uuid;

use crate::consultation::refuse_signed_kind;
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, because};

/// The drafts of a record given up today, which can be taken up again.
pub(crate) async fn of_today(
    tx: &mut Tx,
    patient: PatientId,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<CancelledDraft>, CareError> {
    let start = now.to_zoned_datetime(zone.clone()).start_of_day().map_err(CareError::internal)?;
    Ok(tx.cancelled_drafts(patient, start.timestamp()).await?)
}

fn check_author(actor: &Actor, encounter: &Encounter) -> Result<(), CareError> {
    if actor.practitioner_id == Some(encounter.practitioner_id) {
        return Ok(());
    }
    let message = "Este borrador es de otra persona: solo quien lo escribe puede cancelarlo o recuperarlo.";
    Err(CareError::Denied { message: message.to_owned() })
}

impl Care {
    /// Gives up the draft at `version`. Other drafts of the consultation stay. An act of which nothing is left is
    /// closed, except a consultation, which is written anew.
    ///
    /// # Errors
    /// [`CareError::Denied`] unless it is this person's; [`CareError::Invalid`] without a reason;
    /// [`CareError::Conflict`] when the draft changed meanwhile; [`CareError::Finished`] once it is signed.
    pub async fn cancel_draft(
        &self,
        actor: &Actor,
        id: EncounterId,
        kind: DocumentKind,
        version: i64,
        reason: &str,
    ) -> Result<PatientId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let reason = check.text("motivo", reason, "Escriba por qué se cancela el borrador");
        let reason = check.finish(Some(reason))?;
        let mut tx = self.begin(actor).await?;
        let encounter = tx.hold_encounter(id).await?.ok_or(CareError::NotFound { what: "la consulta" })?;
        check_author(actor, &encounter)?;
        refuse_signed_kind(&mut tx, &encounter, kind).await?;
        let new = CancelledDraft {
            id: EntryId(Uuid::now_v7()),
            encounter_id: id,
            kind,
            reason,
            by: actor.user_id,
            at: self.now(),
        };
        match tx.cancel_draft(&new, version).await {
            Err(StorageError::Conflict { .. }) => {
                return Err(CareError::Conflict {
                    message: "El borrador cambió mientras lo veía. Revíselo antes de cancelarlo".to_owned(),
                });
            }
            other => other?,
        }
        self.note_cancelled(&mut tx, actor, &encounter, "borrador cancelado").await?;
        if encounter.state == EncounterState::InProgress && tx.drafts(id).await?.is_empty() {
            if !tx.documents_of_encounter(id).await?.is_empty() {
                self.finish(&mut tx, actor, &encounter).await?;
            } else if encounter.document != DocumentKind::PROGRESS_NOTE {
                tx.set_encounter_state(id, encounter.state, EncounterState::Cancelled).await?;
            }
        }
        tx.commit().await?;
        Ok(encounter.patient_id)
    }

    /// Takes a draft up again that was given up today.
    ///
    /// # Errors
    /// [`CareError::Denied`] unless it is this person's; [`CareError::Finished`] after the day it was given up on, or
    /// when the document is signed; [`CareError::Conflict`] when another draft of it was begun.
    pub async fn restore_draft(
        &self,
        actor: &Actor,
        id: EntryId,
    ) -> Result<(EncounterId, DocumentKind), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let missing = || CareError::NotFound { what: "ese borrador: quizá ya se recuperó" };
        let mut tx = self.begin(actor).await?;
        let draft = tx.cancelled_draft(id).await?.ok_or_else(missing)?;
        let encounter = tx.hold_encounter(draft.encounter_id).await?.ok_or_else(missing)?;
        check_author(actor, &encounter)?;
        let zone = Self::time_zone(&mut tx).await?;
        let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
        if day(draft.at) != day(self.now()) {
            return Err(CareError::Finished {
                message: "Un borrador cancelado se puede recuperar solo el mismo día.".to_owned(),
            });
        }
        if tx.documents_of_encounter(encounter.id).await?.iter().any(|head| head.kind == draft.kind) {
            return Err(CareError::Finished { message: "Ese documento ya está firmado.".to_owned() });
        }
        match tx.restore_draft(id).await {
            Err(StorageError::Conflict { .. }) => {
                return Err(CareError::Conflict {
                    message: "Ya empezó otro borrador de ese documento. Cancélelo para recuperar este"
                        .to_owned(),
                });
            }
            other => other?,
        }
        if encounter.state != EncounterState::InProgress {
            tx.set_encounter_state(encounter.id, encounter.state, EncounterState::InProgress).await?;
            self.visit_goes_on(&mut tx, actor, &encounter).await?;
        }
        self.note_cancelled(&mut tx, actor, &encounter, "borrador recuperado").await?;
        tx.commit().await?;
        Ok((encounter.id, draft.kind))
    }

    async fn note_cancelled(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        encounter: &Encounter,
        what: &str,
    ) -> Result<(), CareError> {
        let patient = Some(encounter.patient_id);
        let event = self.event(actor, AuditAction::Update, "draft", encounter.id, patient);
        tx.append_audit(because(event, what)).await?;
        Ok(())
    }
}
