//! How long records are kept: the clock from the last medical act (NOM-004 5.4), legal holds, the archive, and the refusal
//! to delete. Nothing is deleted by itself, and nothing here deletes.

use clinical::audit::AuditAction;
use clinical::ids::{EntryId, HoldId, PatientId};
use clinical::patient::Patient;
use clinical::retention::{ArchiveMove, Block, Hold, RetentionYears};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::{Act, StorageError, Tx};
use uuid::Uuid;

use crate::chart::PAGE;
use crate::error::CareError;
use crate::letters::day;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, because, once, page_of};

const SETTING: &str = "retention_years";

/// Where the clock of a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionClock {
    /// Day of the last medical act; `None` while nothing is signed.
    pub last_act: Option<Date>,
    /// The years of the practice.
    pub years: RetentionYears,
    /// Today.
    pub today: Date,
}

impl RetentionClock {
    /// The last day on which the record must be kept.
    #[must_use]
    pub fn keeps_until(&self) -> Option<Date> {
        self.last_act.map(|act| self.years.keeps_until(act))
    }

    /// Whether the date has passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.keeps_until().is_some_and(|until| until < self.today)
    }
}

/// What is known of the keeping of a record. No clinical text.
#[derive(Debug, Clone)]
pub struct RetentionFile {
    /// Whose.
    pub patient: Patient,
    /// The clock.
    pub clock: RetentionClock,
    /// Holds, newest first, lifted ones among them.
    pub holds: Vec<Hold>,
    /// Moves into the archive and back, newest first.
    pub moves: Vec<ArchiveMove>,
    /// Blocks, newest first, lifted ones among them.
    pub blocks: Vec<Block>,
    /// Whether it is out of the daily lists.
    pub archived: bool,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// A record that has passed its date, or is on hold.
#[derive(Debug, Clone)]
pub struct RetentionLine {
    /// Whose.
    pub patient: Patient,
    /// Day of the last medical act.
    pub last_act: Date,
    /// The last day it had to be kept.
    pub kept_until: Date,
    /// Whether it is out of the daily lists.
    pub archived: bool,
}

/// The keeping of the practice.
#[derive(Debug, Clone)]
pub struct PracticeRetention {
    /// The years it keeps records.
    pub years: RetentionYears,
    /// Records whose date has passed and that are not on hold, the longest past first.
    pub past: Vec<RetentionLine>,
    /// How many there are.
    pub total: i64,
    /// This page, from 0.
    pub page: u32,
    /// Holds that are live, newest first, with their record.
    pub holds: Vec<(Hold, Patient)>,
    /// Records that are blocked, the latest first.
    pub blocked: Vec<(Block, Patient)>,
    /// The zone times are shown in.
    pub zone: TimeZone,
    /// Today.
    pub today: Date,
}

impl Care {
    /// The years the practice keeps its records.
    pub(crate) async fn retention_years(tx: &mut Tx) -> Result<RetentionYears, CareError> {
        let stored = tx.setting(SETTING).await?.and_then(|text| text.parse().ok());
        Ok(stored.and_then(|years| RetentionYears::new(years).ok()).unwrap_or_default())
    }

    /// Where the clock of a record stands.
    pub(crate) async fn clock_of(
        &self,
        tx: &mut Tx,
        record: PatientId,
        zone: &TimeZone,
    ) -> Result<RetentionClock, CareError> {
        let last_act = tx.last_act(record).await?;
        Ok(RetentionClock {
            last_act: last_act.map(|at| at.to_zoned_datetime(zone.clone()).date()),
            years: Self::retention_years(tx).await?,
            today: self.now().to_zoned_datetime(zone.clone()).date(),
        })
    }

    /// The keeping of a record.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn retention(&self, actor: &Actor, id: PatientId) -> Result<RetentionFile, CareError> {
        self.require(actor, Permission::KeepRecords).await?;
        let mut tx = self.begin(actor).await?;
        let patient = record(&mut tx, id).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let file = RetentionFile {
            clock: self.clock_of(&mut tx, patient.id, &zone).await?,
            holds: tx.holds(patient.id).await?,
            moves: tx.archive_moves(patient.id).await?,
            blocks: tx.blocks(patient.id).await?,
            archived: tx.is_archived(patient.id).await?,
            zone,
            patient,
        };
        let event = self.event(actor, AuditAction::Read, "retention", "", Some(file.patient.id));
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(file)
    }

    /// What passed its date in the practice, and what is on hold.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn practice_retention(&self, actor: &Actor, page: u32) -> Result<PracticeRetention, CareError> {
        self.require(actor, Permission::KeepRecords).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let years = Self::retention_years(&mut tx).await?;
        let today = self.now().to_zoned_datetime(zone.clone()).date();
        let before = years.first_kept(today).to_zoned_datetime(zone.clone()).map_err(CareError::internal)?;
        let found = tx.records_past(before.timestamp(), today, page_of(page, PAGE)).await?;
        let mut holds = Vec::new();
        for hold in tx.live_holds(today).await? {
            let patient = record(&mut tx, hold.patient_id).await?;
            holds.push((hold, patient));
        }
        let blocked = tx.blocked_records().await?;
        tx.append_audit(self.event(actor, AuditAction::Read, "retention", "", None)).await?;
        tx.commit().await?;
        let past = found.items.into_iter().map(|past| {
            let last_act = past.last_act.to_zoned_datetime(zone.clone()).date();
            let kept_until = years.keeps_until(last_act);
            RetentionLine { patient: past.patient, last_act, kept_until, archived: past.archived }
        });
        let (past, total) = (past.collect(), found.total);
        Ok(PracticeRetention { years, past, total, page, holds, blocked, zone, today })
    }

    /// Sets the years the practice keeps its records.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with the numeral for fewer than the norm wants.
    pub async fn set_retention_years(&self, actor: &Actor, written: &str) -> Result<(), CareError> {
        self.require(actor, Permission::Administer).await?;
        let years = written.trim().parse::<i16>().ok().unwrap_or_default();
        let years = RetentionYears::new(years).map_err(|error| CareError::invalid("anios", error))?;
        let mut tx = self.begin(actor).await?;
        tx.set_setting(SETTING, &years.years().to_string()).await?;
        let event = self.event(actor, AuditAction::Update, "retention", "", None);
        let event = because(event, &format!("{} años", years.years()));
        tx.append_audit(event).await?;
        Ok(tx.commit().await?)
    }

    /// Puts a record on legal hold.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason, or with a last day that has passed.
    pub async fn hold_record(
        &self,
        actor: &Actor,
        id: PatientId,
        reason: &str,
        until: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::KeepRecords).await?;
        let mut tx = self.begin(actor).await?;
        let patient = record(&mut tx, id).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let today = self.now().to_zoned_datetime(zone).date();
        let mut check = Check::new();
        let reason = check.text("motivo_retencion", reason, "Escriba por qué se retiene, sin datos clínicos");
        let until = match until.trim() {
            "" => None,
            written => check.take("hasta", clinical::person::parse_date(written)),
        };
        if until.is_some_and(|until| until < today) {
            check.fail("hasta", "La fecha ya pasó: escriba una futura o deje el espacio vacío");
        }
        check.finish(Some(()))?;
        let hold = HoldId(Uuid::now_v7());
        let act = Act { by: actor.user_id, at: self.now(), reason: &reason };
        tx.insert_hold(hold, patient.id, until, act).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "hold", hold, Some(patient.id))).await?;
        Ok(tx.commit().await?)
    }

    /// Lifts a hold; it stays readable with who lifted it and why.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::Finished`] when it was lifted before.
    pub async fn lift_hold(&self, actor: &Actor, id: HoldId, reason: &str) -> Result<PatientId, CareError> {
        self.require(actor, Permission::KeepRecords).await?;
        let mut check = Check::new();
        let reason = check.text("motivo", reason, "Escriba por qué se levanta la retención");
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        let hold = tx.hold(id).await?.ok_or(CareError::NotFound { what: "la retención" })?;
        let act = Act { by: actor.user_id, at: self.now(), reason: &reason };
        let lifted = match hold.lifted {
            Some(_) => Err(StorageError::Immutable),
            None => tx.lift_hold(id, act).await,
        };
        once(lifted, || CareError::Finished { message: "La retención ya se había levantado".to_owned() })?;
        tx.append_audit(self.event(actor, AuditAction::Update, "hold", id, Some(hold.patient_id))).await?;
        tx.commit().await?;
        Ok(hold.patient_id)
    }

    /// Takes a record out of the daily lists; it is found by searching and comes back by itself with a new visit.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::Conflict`] when it is archived already.
    pub async fn archive_record(&self, actor: &Actor, id: PatientId, reason: &str) -> Result<(), CareError> {
        self.move_record(actor, id, true, reason).await
    }

    /// Brings a record back into the daily lists.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::Conflict`] when it is there already.
    pub async fn bring_back_record(
        &self,
        actor: &Actor,
        id: PatientId,
        reason: &str,
    ) -> Result<(), CareError> {
        self.move_record(actor, id, false, reason).await
    }

    async fn move_record(
        &self,
        actor: &Actor,
        id: PatientId,
        archived: bool,
        reason: &str,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::KeepRecords).await?;
        let mut check = Check::new();
        let reason = check.text("motivo_archivo", reason, "Escriba el motivo");
        check.finish(Some(()))?;
        let mut tx = self.begin(actor).await?;
        let patient = record(&mut tx, id).await?;
        if tx.is_archived(patient.id).await? == archived {
            let message = if archived {
                "El expediente ya estaba archivado"
            } else {
                "El expediente no está archivado"
            };
            return Err(CareError::Conflict { message: message.to_owned() });
        }
        self.write_move(&mut tx, actor, patient.id, archived, &reason).await?;
        Ok(tx.commit().await?)
    }

    async fn write_move(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        record: PatientId,
        archived: bool,
        reason: &str,
    ) -> Result<(), CareError> {
        let act = Act { by: actor.user_id, at: self.now(), reason };
        tx.move_to_archive(EntryId(Uuid::now_v7()), record, archived, act).await?;
        let event = self.event(actor, AuditAction::Update, "archive", "", Some(record));
        let event = because(event, if archived { "archivo" } else { "regreso" });
        tx.append_audit(event).await?;
        Ok(())
    }

    /// A visit brings an archived record back.
    pub(crate) async fn bring_back_for_visit(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        record: PatientId,
    ) -> Result<(), CareError> {
        if tx.is_archived(record).await? {
            self.write_move(tx, actor, record, false, "Nueva visita").await?;
        }
        Ok(())
    }

    /// What is answered to who wants a record deleted, which is never done here: before its date, the numeral and the
    /// day from which it could be looked at; a hold refuses it too. The asking stays in the bitácora.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn ask_deletion(&self, actor: &Actor, id: PatientId) -> Result<String, CareError> {
        self.require(actor, Permission::KeepRecords).await?;
        let mut tx = self.begin(actor).await?;
        let patient = record(&mut tx, id).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let clock = self.clock_of(&mut tx, patient.id, &zone).await?;
        let held = tx.holds(patient.id).await?.into_iter().any(|hold| hold.holds_on(clock.today));
        let event = self.event(actor, AuditAction::Denied, "deletion", "", Some(patient.id));
        let event = because(event, "petición de supresión");
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(refusal(&clock, held))
    }
}

pub(crate) async fn record(tx: &mut Tx, id: PatientId) -> Result<Patient, CareError> {
    tx.record(id).await?.ok_or(CareError::NotFound { what: "el expediente" })
}

/// Why a record is not deleted.
fn refusal(clock: &RetentionClock, held: bool) -> String {
    let norm = "NOM-004-SSA3-2012, numeral 5.4";
    if held {
        return "El expediente tiene una retención legal: no puede suprimirse mientras no se levante"
            .to_owned();
    }
    let (Some(act), Some(until)) = (clock.last_act, clock.keeps_until()) else {
        return format!(
            "El expediente no tiene un acto médico firmado desde el cual contar el plazo ({norm}): se conserva"
        );
    };
    let (act, years) = (day(act), clock.years.years());
    if clock.has_passed() {
        return format!(
            "El plazo de conservación terminó el {}. Medicus no suprime expedientes: puede archivarlo o bloquearlo, y la supresión la decide el responsable con su asesoría legal",
            day(until)
        );
    }
    let from = until.tomorrow().map_or_else(|_| day(until), day);
    format!(
        "No se puede suprimir: el expediente se conserva al menos {years} años desde el último acto médico, que fue el {act} ({norm}). Podrá revisarse a partir del {from}"
    )
}

/// When the record of a cancellation could be looked at, for the answer: `None` when it could be now.
pub(crate) fn kept_until(clock: &RetentionClock) -> Option<Date> {
    clock.keeps_until().filter(|until| *until >= clock.today)
}
