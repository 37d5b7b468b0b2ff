//! Laboratory reports and their results, version after version: what was written stays, a correction names what it replaces.

use clinical::ids::{LabReportId, LabResultId, PatientId, UserId};
use clinical::laboratory::{LabResult, ResultSource, ResultState, TakenAt};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::{Result, StorageError};
use crate::private::visible_of;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, values};

/// The results of one sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabReport {
    /// Identifies it.
    pub id: LabReportId,
    /// Whose.
    pub patient_id: PatientId,
    /// "Química sanguínea".
    pub panel: Option<String>,
    /// Who measured.
    pub laboratory: Option<String>,
    /// When the sample was taken.
    pub taken: TakenAt,
    /// How it came in.
    pub source: ResultSource,
    /// Who brought it in.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
}

/// One version of one result, to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLabResult {
    /// Identifies this version.
    pub id: LabResultId,
    /// The place in its report.
    pub place: i64,
    /// First version, correction or withdrawal.
    pub state: ResultState,
    /// The version it takes the place of.
    pub supersedes: Option<LabResultId>,
    /// Why.
    pub reason: Option<String>,
    /// What it says.
    pub result: LabResult,
}

/// A stored version of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabResultEntry {
    /// Identifies this version.
    pub id: LabResultId,
    /// Its report.
    pub report_id: LabReportId,
    /// The place in its report.
    pub place: i64,
    /// First version, correction or withdrawal.
    pub state: ResultState,
    /// The version it took the place of.
    pub supersedes: Option<LabResultId>,
    /// The version that took its place; absent while it counts.
    pub superseded_by: Option<LabResultId>,
    /// Why it was corrected or withdrawn.
    pub reason: Option<String>,
    /// What it says.
    pub result: LabResult,
    /// Name on screens of who wrote this version.
    pub recorded_by_name: String,
    /// When.
    pub recorded_at: Timestamp,
}

impl LabResultEntry {
    /// Whether this version counts today.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.superseded_by.is_none() && self.state != ResultState::Withdrawn
    }
}

/// A report with every version of its results, in their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabReportEntry {
    /// The report.
    pub report: LabReport,
    /// Name on screens of who brought it in.
    pub recorded_by_name: String,
    /// Every version; those of one place follow each other, oldest first.
    pub results: Vec<LabResultEntry>,
}

/// A result that counts, with when its sample was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedResult {
    /// This version.
    pub id: LabResultId,
    /// When the sample was taken.
    pub taken: TakenAt,
    /// What it says.
    pub result: LabResult,
}

macro_rules! report_columns {
    () => {
        "SELECT p.id, p.patient_id, p.panel, p.laboratory, p.taken, p.source, p.recorded_by, p.recorded_at,
                u.display_name AS recorded_by_name
           FROM lab_report p JOIN account u ON u.id = p.recorded_by "
    };
}

macro_rules! result_columns {
    () => {
        "SELECT r.id, r.report_id, r.place, r.state, r.supersedes, n.id AS superseded_by, r.reason, r.content,
                r.recorded_at, u.display_name AS recorded_by_name
           FROM lab_result r
           JOIN account u ON u.id = r.recorded_by
           LEFT JOIN lab_result n ON n.supersedes = r.id "
    };
}

fn report(row: &Row) -> Result<LabReportEntry> {
    Ok(LabReportEntry {
        report: LabReport {
            id: row.parsed("id")?,
            patient_id: row.parsed("patient_id")?,
            panel: row.maybe_text("panel")?,
            laboratory: row.maybe_text("laboratory")?,
            taken: row.parsed("taken")?,
            source: row.coded("source", ResultSource::from_code)?,
            recorded_by: row.parsed("recorded_by")?,
            recorded_at: row.time("recorded_at")?,
        },
        recorded_by_name: row.text("recorded_by_name")?,
        results: Vec::new(),
    })
}

fn result(row: &Row) -> Result<LabResultEntry> {
    Ok(LabResultEntry {
        id: row.parsed("id")?,
        report_id: row.parsed("report_id")?,
        place: row.int("place")?,
        state: row.coded("state", ResultState::from_code)?,
        supersedes: row.maybe_parsed("supersedes")?,
        superseded_by: row.maybe_parsed("superseded_by")?,
        reason: row.maybe_text("reason")?,
        result: row.json("content")?,
        recorded_by_name: row.text("recorded_by_name")?,
        recorded_at: row.time("recorded_at")?,
    })
}

impl Tx {
    /// Adds a report without results.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_lab_report(&mut self, report: &LabReport) -> Result<()> {
        self.execute(
            "INSERT INTO lab_report (id, patient_id, panel, laboratory, taken, source, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                report.id,
                report.patient_id,
                report.panel.as_deref(),
                report.laboratory.as_deref(),
                report.taken.to_string(),
                report.source.code(),
                report.recorded_by,
                report.recorded_at,
            ],
        )
        .await
        .map(drop)
    }

    /// Adds a version of a result to a report.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown report or version; [`StorageError::NotUnique`] or
    /// [`StorageError::Immutable`] when another version took the place first.
    pub async fn insert_lab_result(
        &mut self,
        report: LabReportId,
        new: &NewLabResult,
        by: UserId,
        at: Timestamp,
    ) -> Result<()> {
        let content =
            serde_json::to_string(&new.result).map_err(|error| StorageError::Database(error.into()))?;
        self.execute(
            "INSERT INTO lab_result (id, report_id, place, state, supersedes, reason, recorded_by, recorded_at, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                new.id,
                report,
                new.place,
                new.state.code(),
                new.supersedes,
                new.reason.as_deref(),
                by,
                at,
                content,
            ],
        )
        .await?;
        if new.state == ResultState::Withdrawn {
            return Ok(());
        }
        self.execute("INSERT INTO lab_unread (result_id) VALUES ($1)", values![new.id]).await.map(drop)
    }

    /// The reports of a patient, latest sample first, with every version of their results.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn lab_reports_of_patient(
        &mut self,
        patient: PatientId,
        page: PageRequest,
    ) -> Result<Page<LabReportEntry>> {
        let count = concat!("SELECT COUNT(*) AS n FROM lab_report WHERE ", of_record!("patient_id"));
        let total = self.number(count, values![patient]).await?;
        let wanted = values![patient, page.limit(), page.offset()];
        let sql = concat!(
            report_columns!(),
            "WHERE ",
            of_record!("p.patient_id"),
            " ORDER BY p.taken DESC, p.id DESC LIMIT $2 OFFSET $3"
        );
        let mut items = self.list("lab_report", sql, wanted, report).await?;
        let sql = concat!(
            result_columns!(),
            "WHERE r.report_id IN (SELECT id FROM lab_report WHERE ",
            of_record!("patient_id"),
            " ORDER BY taken DESC, id DESC LIMIT $2 OFFSET $3)
              ORDER BY r.report_id, r.place, r.id"
        );
        for entry in self.list("lab_result", sql, wanted, result).await? {
            if let Some(own) = items.iter_mut().find(|own| own.report.id == entry.report_id) {
                own.results.push(entry);
            }
        }
        Ok(Page { items, total })
    }

    /// A report with every version of its results.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn lab_report(&mut self, id: LabReportId) -> Result<Option<LabReportEntry>> {
        let sql = concat!(report_columns!(), "WHERE p.id = $1 AND ", visible_of!("p.patient_id", "$2", "$3"));
        let values = values![id, self.eyes(), self.moment()];
        let Some(mut own) = self.one("lab_report", sql, values, report).await? else { return Ok(None) };
        let sql = concat!(result_columns!(), "WHERE r.report_id = $1 ORDER BY r.place, r.id");
        own.results = self.list("lab_result", sql, values![id], result).await?;
        Ok(Some(own))
    }

    /// Ids after one of them, in their order, for who goes through all reports; from the first with an empty one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn lab_reports_after(&mut self, id: &str, limit: u32) -> Result<Vec<LabReportId>> {
        let sql = "SELECT id FROM lab_report WHERE id > $1 ORDER BY id LIMIT $2";
        self.list("lab_report", sql, values![id, i64::from(limit)], |row| row.parsed("id")).await
    }

    /// One version of a result, with its report (without the other results) and its place.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn lab_result(
        &mut self,
        id: LabResultId,
    ) -> Result<Option<(LabReportEntry, LabResultEntry, i64)>> {
        let sql = concat!(result_columns!(), "WHERE r.id = $1");
        let Some(entry) = self.one("lab_result", sql, values![id], result).await? else { return Ok(None) };
        let sql = concat!(report_columns!(), "WHERE p.id = $1 AND ", visible_of!("p.patient_id", "$2", "$3"));
        let values = values![entry.report_id, self.eyes(), self.moment()];
        let Some(own) = self.one("lab_report", sql, values, report).await? else {
            return Ok(None);
        };
        let place = self.number("SELECT place AS n FROM lab_result WHERE id = $1", values![id]).await?;
        Ok(Some((own, entry, place)))
    }

    /// The results of a patient that count, oldest sample first, for charts and to find what a correction replaces.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn lab_results_that_count(&mut self, patient: PatientId) -> Result<Vec<DatedResult>> {
        self.lab_results_since(patient, Date::ZERO).await
    }

    /// The same, of samples taken from a day on.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn lab_results_since(&mut self, patient: PatientId, day: Date) -> Result<Vec<DatedResult>> {
        self.list(
            "lab_result",
            concat!(
                "SELECT r.id, p.taken, r.content
                   FROM lab_report p JOIN lab_result r ON r.report_id = p.id
                  WHERE ",
                of_record!("p.patient_id"),
                "   AND p.taken >= $2
                    AND r.state <> 'withdrawn'
                    AND NOT EXISTS (SELECT 1 FROM lab_result n WHERE n.supersedes = r.id)
                  ORDER BY p.taken, p.id, r.place"
            ),
            values![patient, day.to_string()],
            |row| {
                Ok(DatedResult {
                    id: row.parsed("id")?,
                    taken: row.parsed("taken")?,
                    result: row.json("content")?,
                })
            },
        )
        .await
    }
}
