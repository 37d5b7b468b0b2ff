//! What was read of laboratory results: each version once, in the unit of its analyte, so that values of many patients are
//! compared in one query. Corrections and withdrawals count at once: a fact whose version was replaced is passed over.

use clinical::ids::{LabResultId, PatientId};
use clinical::laboratory::{LabResult, TakenAt};
use clinical::observation::Amount;

use crate::error::Result;
use crate::tx::Tx;
use crate::value::values;

/// A result nobody has read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadResult {
    /// This version.
    pub id: LabResultId,
    /// Whose.
    pub patient_id: PatientId,
    /// When the sample was taken.
    pub taken: TakenAt,
    /// What it says.
    pub result: LabResult,
}

impl Tx {
    /// Results that wait to be read, at most so many.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn unread_results(&mut self, most: u32) -> Result<Vec<UnreadResult>> {
        let sql = "SELECT r.id, p.patient_id, p.taken, r.content
                     FROM (SELECT result_id FROM lab_unread ORDER BY result_id LIMIT $1) u
                     JOIN lab_result r ON r.id = u.result_id JOIN lab_report p ON p.id = r.report_id";
        self.list("lab_result", sql, values![i64::from(most)], |row| {
            Ok(UnreadResult {
                id: row.parsed("id")?,
                patient_id: row.parsed("patient_id")?,
                taken: row.parsed("taken")?,
                result: row.json("content")?,
            })
        })
        .await
    }

    /// Keeps what a result says: LOINC code and how much in the unit of the analyte; nothing of one that cannot be compared.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] for a result that was read already.
    pub async fn keep_lab_fact(&mut self, read: &UnreadResult, says: Option<(&str, Amount)>) -> Result<()> {
        self.execute("DELETE FROM lab_unread WHERE result_id = $1", values![read.id]).await?;
        let Some((loinc, value)) = says else { return Ok(()) };
        let sql =
            "INSERT INTO lab_fact (result_id, patient_id, loinc, value, taken) VALUES ($1, $2, $3, $4, $5)";
        let values = values![read.id, read.patient_id, loinc, value.to_string(), read.taken.to_string()];
        self.execute(sql, values).await.map(drop)
    }
}
