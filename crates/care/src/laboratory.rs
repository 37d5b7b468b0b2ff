//! Laboratory results of a record: typed, corrected, withdrawn, and brought in from a file after a preview.

use clinical::allergy::AllergyStatus;
use clinical::audit::AuditAction;
use clinical::ids::{LabReportId, LabResultId, PatientId};
use clinical::laboratory::{
    LabResult, LabValue, ReferenceRange, ResultSource, ResultState, TakenAt, parse_time,
};
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use results::catalog;
use storage::{LabReport, LabReportEntry, LabResultEntry, NewLabResult, Tx};
use uuid::Uuid;

use crate::error::{CareError, FieldError};
use crate::permission::{Actor, Permission};
use crate::setup::{Check, optional};
use crate::{Care, once, page_of};

/// Reports on one page.
pub const PAGE: u32 = 4;

/// The rows of the form, by the names their fields and errors carry.
pub const ROWS: [&str; 12] = [
    "renglon_1",
    "renglon_2",
    "renglon_3",
    "renglon_4",
    "renglon_5",
    "renglon_6",
    "renglon_7",
    "renglon_8",
    "renglon_9",
    "renglon_10",
    "renglon_11",
    "renglon_12",
];

/// One row of the form as posted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowForm {
    /// What was measured.
    pub analyte: String,
    /// Number or words.
    pub value: String,
    /// Unit as printed.
    pub unit: String,
    /// Reference range as printed.
    pub range: String,
}

impl RowForm {
    /// The row as it looks for a result that exists.
    #[must_use]
    pub fn of(result: &LabResult) -> Self {
        Self {
            analyte: result.analyte.clone(),
            value: result.value.to_string(),
            unit: result.unit.clone().unwrap_or_default(),
            range: result.range.as_ref().map(|range| range.printed.clone()).unwrap_or_default(),
        }
    }

    fn is_empty(&self) -> bool {
        [&self.analyte, &self.value, &self.unit, &self.range].iter().all(|cell| cell.trim().is_empty())
    }

    fn read(&self, check: &mut Check, field: &'static str, prefix: &str) -> Option<LabResult> {
        let errors = check.0.len();
        if self.analyte.trim().is_empty() {
            check.fail(field, &format!("{prefix}escriba qué se midió"));
        }
        let value = match LabValue::read(&self.value) {
            _ if self.value.trim().is_empty() => {
                check.fail(field, &format!("{prefix}escriba el resultado"));
                None
            }
            Err(ambiguous) => {
                check.fail(field, &format!("{prefix}{ambiguous}"));
                None
            }
            Ok(value) => Some(value),
        };
        let cells = [&self.analyte, &self.value, &self.unit, &self.range];
        if cells.iter().any(|cell| cell.chars().count() > 300) {
            check.fail(field, &format!("{prefix}escriba 300 letras o menos en cada campo"));
        }
        let value = value.filter(|_| check.0.len() == errors)?;
        Some(catalog::completed(LabResult {
            analyte: optional(&self.analyte)?,
            loinc: None,
            value,
            unit: optional(&self.unit),
            ucum: None,
            range: optional(&self.range).map(|range| ReferenceRange::read(&range)),
            flag: None,
            comment: None,
        }))
    }
}

/// A report as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportForm {
    /// Day of the sample as written.
    pub day: String,
    /// Hour of the sample; may be empty.
    pub time: String,
    /// The laboratory; may be empty.
    pub laboratory: String,
    /// "Química sanguínea"; may be empty.
    pub panel: String,
    /// The rows; empty ones are skipped.
    pub rows: Vec<RowForm>,
}

/// The reports of a record, one page.
#[derive(Debug, Clone)]
pub struct LabReports {
    /// Whose.
    pub patient: Patient,
    /// The reports, latest sample first.
    pub entries: Vec<LabReportEntry>,
    /// How many there are in all.
    pub total: i64,
    /// This page, from 0.
    pub page: u32,
    /// What is known of allergies, for the bar.
    pub allergies: AllergyStatus,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

/// One result with whose it is, to correct or withdraw it.
#[derive(Debug, Clone)]
pub struct LabResultView {
    /// Whose.
    pub patient: Patient,
    /// The report it stands in.
    pub report: LabReport,
    /// The version that is shown.
    pub entry: LabResultEntry,
    /// What is known of allergies, for the bar.
    pub allergies: AllergyStatus,
    /// The present moment.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Care {
    /// The laboratory reports of a record.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is no such record.
    pub async fn lab_reports(
        &self,
        actor: &Actor,
        patient: PatientId,
        page: u32,
    ) -> Result<LabReports, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let who = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let found = tx.lab_reports_of_patient(patient, page_of(page, PAGE)).await?;
        let allergies = tx.summary(patient).await?.allergy_status();
        tx.append_audit(self.event(actor, AuditAction::Read, "lab_reports", "", Some(patient))).await?;
        tx.commit().await?;
        let (entries, total, now) = (found.items, found.total, self.now());
        Ok(LabReports { patient: who, entries, total, page, allergies, now, zone })
    }

    /// Saves a report that was typed.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with every row and field to correct; then nothing was saved.
    pub async fn add_lab_report(
        &self,
        actor: &Actor,
        patient: PatientId,
        form: &ReportForm,
    ) -> Result<LabReportId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?.id;
        let today = self.today_in(&mut tx).await?;
        let (taken, rows) = read_report(form, today)?;
        let report = LabReport {
            id: LabReportId(Uuid::now_v7()),
            patient_id: patient,
            panel: optional(&form.panel),
            laboratory: optional(&form.laboratory),
            taken,
            source: ResultSource::Typed,
            recorded_by: actor.user_id,
            recorded_at: self.now(),
        };
        tx.insert_lab_report(&report).await?;
        for (result, place) in rows.into_iter().zip(1..) {
            tx.insert_lab_result(report.id, &first_version(place, result), actor.user_id, self.now()).await?;
        }
        Self::index_lab_report(&mut tx, report.id).await?;
        let event = self.event(actor, AuditAction::Create, "lab_report", report.id, Some(patient));
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(report.id)
    }

    /// One result, to correct or withdraw it.
    ///
    /// # Errors
    /// [`CareError::NotFound`] when there is none.
    pub async fn lab_result(&self, actor: &Actor, id: LabResultId) -> Result<LabResultView, CareError> {
        self.require(actor, Permission::ReadRecord).await?;
        let mut tx = self.begin(actor).await?;
        let zone = Self::time_zone(&mut tx).await?;
        let (report, entry, _) = found(&mut tx, id).await?;
        let of = report.report.patient_id;
        let patient = tx.record(of).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let allergies = tx.summary(of).await?.allergy_status();
        tx.append_audit(self.event(actor, AuditAction::Read, "lab_result", id, Some(of))).await?;
        tx.commit().await?;
        Ok(LabResultView { patient, report: report.report, entry, allergies, now: self.now(), zone })
    }

    /// Puts a corrected version in the place of a result; the old one stays and is shown.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with what to correct; [`CareError::Conflict`] when someone else did it first.
    pub async fn correct_lab_result(
        &self,
        actor: &Actor,
        id: LabResultId,
        form: &RowForm,
        reason: &str,
    ) -> Result<PatientId, CareError> {
        let mut check = Check::new();
        let result = form.read(&mut check, "resultado", "");
        let reason = check.text("motivo", reason, "Escriba por qué se corrige");
        let result = match check.finish(result) {
            Ok(result) => Some(result),
            Err(error) => {
                self.require(actor, Permission::WriteRecord).await?;
                return Err(error);
            }
        };
        self.replace(actor, id, result, ResultState::Corrected, reason).await
    }

    /// Notes that a result does not count: of another person, entered by mistake. It stays and is shown, struck out.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a reason; [`CareError::Conflict`] when someone else changed it first.
    pub async fn withdraw_lab_result(
        &self,
        actor: &Actor,
        id: LabResultId,
        reason: &str,
    ) -> Result<PatientId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut check = Check::new();
        let reason = check.text("motivo_retiro", reason, "Escriba por qué se retira");
        check.finish(Some(()))?;
        self.replace(actor, id, None, ResultState::Withdrawn, reason).await
    }

    async fn replace(
        &self,
        actor: &Actor,
        id: LabResultId,
        result: Option<LabResult>,
        state: ResultState,
        reason: String,
    ) -> Result<PatientId, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin(actor).await?;
        let (report, old, place) = found(&mut tx, id).await?;
        let patient = report.report.patient_id;
        if !old.counts() {
            return Err(changed_meanwhile());
        }
        let new = NewLabResult {
            id: LabResultId(Uuid::now_v7()),
            place,
            state,
            supersedes: Some(id),
            reason: Some(reason),
            result: result.unwrap_or(old.result),
        };
        let written = tx.insert_lab_result(report.report.id, &new, actor.user_id, self.now()).await;
        once(written, changed_meanwhile)?;
        Self::index_lab_report(&mut tx, report.report.id).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "lab_result", new.id, Some(patient))).await?;
        tx.commit().await?;
        Ok(patient)
    }

    /// The day it is where the practice is.
    pub(crate) async fn today_in(&self, tx: &mut Tx) -> Result<Date, CareError> {
        let zone = Self::time_zone(tx).await?;
        Ok(self.now().to_zoned_datetime(zone).date())
    }
}

fn changed_meanwhile() -> CareError {
    let message = "Alguien corrigió o retiró este resultado antes. Vea lo guardado y vuelva a intentar";
    CareError::Conflict { message: message.to_owned() }
}

pub(crate) fn first_version(place: i64, result: LabResult) -> NewLabResult {
    NewLabResult {
        id: LabResultId(Uuid::now_v7()),
        place,
        state: ResultState::Final,
        supersedes: None,
        reason: None,
        result,
    }
}

async fn found(tx: &mut Tx, id: LabResultId) -> Result<(LabReportEntry, LabResultEntry, i64), CareError> {
    tx.lab_result(id).await?.ok_or(CareError::NotFound { what: "el resultado" })
}

fn read_report(form: &ReportForm, today: Date) -> Result<(TakenAt, Vec<LabResult>), CareError> {
    let mut check = Check::new();
    let day = match form.day.trim() {
        "" => {
            check.fail("fecha", "Escriba el día de la toma, por ejemplo 09/03/2026");
            None
        }
        written => check.past_day("fecha", written, today),
    };
    let time = match form.time.trim() {
        "" => Some(None),
        written => check.take("hora", parse_time(written)).map(Some),
    };
    for (field, value) in [("laboratorio", &form.laboratory), ("grupo", &form.panel)] {
        if value.chars().count() > 300 {
            check.fail(field, "Escriba 300 letras o menos");
        }
    }
    let mut rows = Vec::new();
    for ((row, field), number) in form.rows.iter().zip(ROWS).zip(1..) {
        if !row.is_empty() {
            rows.extend(row.read(&mut check, field, &format!("Renglón {number}: ")));
        }
    }
    if rows.is_empty() && check.0.iter().all(|error| !error.field.starts_with("renglon")) {
        check.0.push(FieldError::new(ROWS[0], "Escriba al menos un resultado"));
    }
    let taken = day.zip(time).map(|(day, time)| TakenAt { day, time });
    Ok((check.finish(taken)?, rows))
}
