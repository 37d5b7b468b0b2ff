//! Records that are blocked after their time: kept, read by nobody but for a legal request, and not suppressed
//! (LFPDPPP, articles 10 and 24; decision 0009). Administration blocks and lifts the block; a physician opens one for a request
//! of an authority, and audit reviews it as it does every opening.

use clinical::arco::ArcoRight;
use clinical::audit::AuditAction;
use clinical::ids::{BlockId, OpeningId, PatientId};
use clinical::patient::Patient;
use jiff::SignedDuration;
use storage::{Act, NewOpening, Tx};
use uuid::Uuid;

use crate::error::CareError;
use crate::letters::day;
use crate::permission::{Actor, Permission};
use crate::private::{OPEN_FOR, OpeningReason};
use crate::retention::{RetentionClock, record};
use crate::setup::Check;
use crate::{Care, because, once};

/// An appointment that nobody ended is no work that is open after this.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A record that may be blocked, and what was written for it.
#[derive(Debug, Clone)]
pub struct BlockPlan {
    /// Whose.
    pub patient: Patient,
    /// The clock of it, which has passed.
    pub clock: RetentionClock,
    /// Why, in the words of the person.
    pub reason: String,
}

impl Care {
    /// Says what a block would do; nothing is written.
    ///
    /// # Errors
    /// [`CareError::Invalid`] at `motivo_bloqueo` without a reason, before the date, on hold, while something is open in
    /// the record, or when it is blocked already.
    pub async fn plan_block(
        &self,
        actor: &Actor,
        id: PatientId,
        reason: &str,
    ) -> Result<BlockPlan, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin_read(actor).await?;
        self.plan_of_block(&mut tx, id, reason).await
    }

    /// Blocks a record: from here on it is in no list, found by no search and opened by nobody until the block is lifted.
    ///
    /// # Errors
    /// As [`Care::plan_block`].
    pub async fn block_record(&self, actor: &Actor, id: PatientId, reason: &str) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut tx = self.begin(actor).await?;
        // What others are writing just now is seen below, and what they write after finds the block.
        tx.hold_whole_record(id).await?;
        let plan = self.plan_of_block(&mut tx, id, reason).await?;
        let block = BlockId(Uuid::now_v7());
        let act = Act { by: actor.user_id, at: self.now(), reason: &plan.reason };
        tx.insert_block(block, plan.patient.id, act).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "block", block, Some(plan.patient.id)))
            .await?;
        Ok(tx.commit().await?)
    }

    async fn plan_of_block(&self, tx: &mut Tx, id: PatientId, reason: &str) -> Result<BlockPlan, CareError> {
        let patient = record(tx, id).await?;
        let zone = Self::time_zone(tx).await?;
        let clock = self.clock_of(tx, patient.id, &zone).await?;
        let mut check = Check::new();
        let reason = check.text("motivo_bloqueo", reason, "Escriba por qué se bloquea, sin datos clínicos");
        check.finish(Some(()))?;
        let refused = |message: String| Err(CareError::invalid("motivo_bloqueo", message));
        if tx.is_blocked(patient.id).await? {
            return refused("El expediente ya está bloqueado".to_owned());
        }
        if !clock.has_passed() {
            let until = clock.keeps_until().map_or_else(
                || "no tiene un acto médico firmado desde el cual contar su plazo".to_owned(),
                |until| format!("se conserva y se consulta al menos hasta el {}", day(until)),
            );
            return refused(format!(
                "No se puede bloquear: el expediente {until} (NOM-004-SSA3-2012, numeral 5.4)"
            ));
        }
        if tx.holds(patient.id).await?.iter().any(|hold| hold.holds_on(clock.today)) {
            return refused(
                "El expediente tiene una retención legal: levántela antes de bloquearlo".to_owned(),
            );
        }
        if tx.open_work(patient.id, self.now() - DAY).await? > 0 {
            return refused(
                "El expediente tiene una cita por venir o una consulta abierta: ciérrela antes de bloquearlo"
                    .to_owned(),
            );
        }
        // A block may be what a cancellation asks for; what else is asked needs the record.
        let asked = Self::open_arco_of(tx, patient.id).await?;
        if asked.iter().any(|request| request.content.right != ArcoRight::Cancellation) {
            return refused(
                "El paciente tiene una solicitud de derechos ARCO sin terminar: atiéndala antes de bloquearlo"
                    .to_owned(),
            );
        }
        Ok(BlockPlan { patient, clock, reason })
    }

    /// Lifts a block: the record is there again, as it was.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::NotFound`] when there is no such block, or it was lifted
    /// before.
    pub async fn lift_block(&self, actor: &Actor, id: BlockId, reason: &str) -> Result<PatientId, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        let reason = check.text("motivo", reason, "Escriba por qué se desbloquea");
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        let patient = blocked(&mut tx, id).await?;
        let act = Act { by: actor.user_id, at: self.now(), reason: &reason };
        once(tx.lift_block(id, act).await, missing)?;
        tx.append_audit(self.event(actor, AuditAction::Update, "block", id, Some(patient.id))).await?;
        tx.commit().await?;
        Ok(patient.id)
    }

    /// Opens a blocked record for a legal request, for [`OPEN_FOR`] and for this person only. Nothing new is written into
    /// it meanwhile.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not read records or keep them; [`CareError::Invalid`] without the request.
    pub async fn open_blocked(
        &self,
        actor: &Actor,
        id: BlockId,
        request: &str,
    ) -> Result<PatientId, CareError> {
        self.require(actor, Permission::KeepRecords).await?;
        self.require(actor, Permission::ReadRecord).await?;
        let mut check = Check::new();
        let detail =
            check.text("requerimiento", request, "Escriba qué autoridad lo pide, con qué oficio y para qué");
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        let patient = blocked(&mut tx, id).await?;
        let now = self.now();
        let opening = NewOpening {
            id: OpeningId(Uuid::now_v7()),
            patient_id: patient.id,
            user_id: actor.user_id,
            reason: OpeningReason::LegalRequest.code().to_owned(),
            detail,
            opened_at: now,
            until: now + OPEN_FOR,
        };
        tx.insert_opening(&opening).await?;
        let event = self.event(actor, AuditAction::BreakGlass, "opening", opening.id, Some(patient.id));
        tx.append_audit(because(event, "requerimiento legal de un expediente bloqueado")).await?;
        tx.commit().await?;
        Ok(patient.id)
    }
}

/// The record a live block is of.
async fn blocked(tx: &mut Tx, id: BlockId) -> Result<Patient, CareError> {
    let found = tx.blocked_records().await?.into_iter().find(|(block, _)| block.id == id);
    found.map(|(_, patient)| patient).ok_or_else(missing)
}

fn missing() -> CareError {
    CareError::NotFound { what: "ese bloqueo; puede que ya se haya levantado" }
}
