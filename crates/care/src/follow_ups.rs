//! What was decided about alerts when a document was signed: kept by record, and what was promised with it, until it is done.

use clinical::audit::AuditAction;
use clinical::draft::AlertDecision;
use clinical::ids::{DocumentId, EntryId, PatientId};
use drug_safety::OverrideReason;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use storage::{AlertOverride, FollowUp, Tx};
use uuid::Uuid;

use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, because, once};

/// How many days before its day a promise is shown to who made it.
pub const AHEAD_DAYS: i64 = 3;

/// The promises of a person that are due up to [`AHEAD_DAYS`] from now, with whose they are.
pub(crate) async fn due(
    tx: &mut Tx,
    actor: &Actor,
    today: Date,
) -> Result<Vec<(FollowUp, clinical::patient::Patient)>, CareError> {
    let until = today.checked_add(SignedDuration::from_hours(24 * AHEAD_DAYS)).unwrap_or(today);
    Ok(tx.follow_ups_due(actor.user_id, until).await?)
}

impl Care {
    /// Keeps the decisions a document was signed with, one event of the bitácora for each: its tier, its coded reason and
    /// the editions of the facts. The words are in the document.
    pub(crate) async fn keep_decisions(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        document: DocumentId,
        patient: PatientId,
        decisions: &[AlertDecision],
        at: Timestamp,
    ) -> Result<(), CareError> {
        for decision in decisions {
            let version = decision.data_version.clone().unwrap_or_default();
            let reason = OverrideReason::from_code(&decision.reason_code);
            let why = format!(
                "alerta {}: {} ({version})",
                decision.severity,
                reason.map_or(decision.reason_code.as_str(), |reason| reason.label())
            );
            let new = AlertOverride {
                id: EntryId(Uuid::now_v7()),
                document_id: document,
                alert_key: decision.alert_key.clone(),
                patient_id: patient,
                severity: decision.severity.clone(),
                reason_code: decision.reason_code.clone(),
                data_version: version,
                by: actor.user_id,
                at,
            };
            tx.insert_alert_override(&new).await?;
            let event = self.event(actor, AuditAction::Create, "alert_override", document, Some(patient));
            tx.append_audit(because(event, &why)).await?;
            if let Some(due) = decision.follow_up {
                let what = match decision.reason_text.as_str() {
                    "" => decision.message.clone(),
                    text => format!("{} {text}", decision.message),
                };
                let id = EntryId(Uuid::now_v7());
                let new = FollowUp {
                    id,
                    patient_id: patient,
                    document_id: document,
                    what,
                    due,
                    by: actor.user_id,
                    at,
                };
                tx.insert_follow_up(&new).await?;
                let event = self.event(actor, AuditAction::Create, "follow_up", id, Some(patient));
                tx.append_audit(event).await?;
            }
        }
        Ok(())
    }

    /// Notes that what was promised was looked at, and what was found.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without what was found; [`CareError::NotFound`] when there is no such open promise;
    /// [`CareError::Conflict`] when somebody else noted it first.
    pub async fn end_follow_up(
        &self,
        actor: &Actor,
        patient: PatientId,
        id: EntryId,
        outcome: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let outcome =
            check.text("resultado", outcome, "Escriba qué se encontró, por ejemplo: INR 2.4, sin sangrado");
        let outcome = check.finish(Some(outcome))?;
        let mut tx = self.begin(actor).await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?.id;
        let open = tx.open_follow_up(patient, id).await?;
        open.ok_or(CareError::NotFound { what: "esa vigilancia: quizá ya se anotó" })?;
        once(tx.end_follow_up(id, &outcome, actor.user_id, self.now()).await, || CareError::Conflict {
            message: "Otra persona anotó esta vigilancia antes. Vea lo guardado".to_owned(),
        })?;
        tx.append_audit(self.event(actor, AuditAction::Update, "follow_up", id, Some(patient))).await?;
        Ok(tx.commit().await?)
    }
}
