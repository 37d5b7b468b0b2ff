//! What patients should have next, kept by control so that a list of the practice is read from an index. All of it is made
//! again from the records: whatever is written into one says so at the commit, and each has a day to be looked at again.

use std::collections::BTreeSet;

use clinical::ids::PatientId;
use clinical::patient::Patient;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::unseen;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, values};

/// What a patient should have next of one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareGap {
    /// Code of the control.
    pub control: String,
    /// From this day on it is lacking.
    pub due_on: Date,
    /// When it was last done, as far as the record shows.
    pub last_on: Option<Date>,
    /// What exactly.
    pub what: String,
}

/// A patient in a list of what is lacking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareGapLine {
    /// Who.
    pub patient: Patient,
    /// What.
    pub gap: CareGap,
    /// Their next visit that is booked.
    pub next_visit: Option<Timestamp>,
}

fn gap(row: &Row) -> Result<CareGap> {
    Ok(CareGap {
        control: row.text("control")?,
        due_on: row.parsed("due_on")?,
        last_on: row.maybe_parsed("last_on")?,
        what: row.text("what")?,
    })
}

impl Tx {
    /// Notes that these records changed.
    pub(crate) async fn look_again(&mut self, records: BTreeSet<PatientId>) -> Result<()> {
        let sql = "INSERT INTO care_check (patient_id, recheck_on) SELECT root, '' FROM patient WHERE id = $1
                   ON CONFLICT (patient_id) DO UPDATE SET recheck_on = ''";
        for record in records {
            self.execute(sql, values![record]).await?;
        }
        Ok(())
    }

    /// Forgets what a record lacked that is part of another one now.
    pub(crate) async fn forget_gaps(&mut self, record: PatientId) -> Result<()> {
        self.execute("DELETE FROM care_gap WHERE patient_id = $1", values![record]).await?;
        self.execute("DELETE FROM care_check WHERE patient_id = $1", values![record]).await.map(drop)
    }

    /// Records that changed or whose day has come, at most so many, and how many there are.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn records_to_check(&mut self, today: Date, limit: u32) -> Result<Page<PatientId>> {
        let count = "SELECT COUNT(*) AS n FROM care_check WHERE recheck_on <= $1";
        let total = self.number(count, values![today]).await?;
        let sql = "SELECT patient_id FROM care_check WHERE recheck_on <= $1 ORDER BY recheck_on, patient_id LIMIT $2";
        let items = self
            .list("care_check", sql, values![today, i64::from(limit)], |row| row.parsed("patient_id"))
            .await?;
        Ok(Page { items, total })
    }

    /// Keeps others from the check of a record until this transaction ends.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_check(&mut self, record: PatientId) -> Result<()> {
        let sql = "SELECT patient_id FROM care_check WHERE patient_id = $1";
        self.locked("care_check", sql, values![record], |_| Ok(())).await.map(drop)
    }

    /// Replaces what a record should have next, to be looked at again on a day.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown patient.
    pub async fn keep_gaps(&mut self, record: PatientId, gaps: &[CareGap], again: Date) -> Result<()> {
        self.execute("DELETE FROM care_gap WHERE patient_id = $1", values![record]).await?;
        for gap in gaps {
            let sql = "INSERT INTO care_gap (patient_id, control, due_on, last_on, what) VALUES ($1, $2, $3, $4, $5)";
            let values = values![record, &gap.control, gap.due_on, gap.last_on, &gap.what];
            self.execute(sql, values).await?;
        }
        let sql = "INSERT INTO care_check (patient_id, recheck_on) VALUES ($1, $2)
                   ON CONFLICT (patient_id) DO UPDATE SET recheck_on = excluded.recheck_on";
        self.execute(sql, values![record, again]).await.map(drop)
    }

    /// For each control, how many patients lack it on a day and to how many it applies; those this account may not see are
    /// not counted.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn gap_counts(&mut self, today: Date) -> Result<Vec<(String, i64, i64)>> {
        let sql = concat!(
            "SELECT control, COUNT(CASE WHEN due_on <= $1 THEN 1 END) AS due, COUNT(*) AS n
               FROM care_gap WHERE patient_id NOT IN (",
            unseen!("$2", "$3"),
            ") GROUP BY control"
        );
        self.list("care_gap", sql, values![today, self.eyes(), self.moment()], |row| {
            Ok((row.text("control")?, row.int("due")?, row.int("n")?))
        })
        .await
    }

    /// The patients who lack a control on a day, the longest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn gap_list(
        &mut self,
        control: &str,
        today: Date,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<CareGapLine>> {
        let sql = concat!(
            "SELECT COUNT(*) AS n FROM care_gap WHERE control = $1 AND due_on <= $2 AND patient_id NOT IN (",
            unseen!("$3", "$4"),
            ")"
        );
        let total = self.number(sql, values![control, today, self.eyes(), self.moment()]).await?;
        let sql = concat!(
            "SELECT ",
            patient_columns!(),
            ", g.control, g.due_on, g.last_on, g.what,
               (SELECT MIN(a.starts_at) FROM appointment a
                 WHERE a.patient_id = p.id AND a.starts_at >= $7 AND a.state IN ('booked', 'confirmed')) AS next_visit
               FROM care_gap g JOIN patient p ON p.id = g.patient_id
              WHERE g.control = $1 AND g.due_on <= $2 AND g.patient_id NOT IN (",
            unseen!("$3", "$4"),
            ") ORDER BY g.due_on, g.patient_id LIMIT $5 OFFSET $6"
        );
        let values = values![control, today, self.eyes(), self.moment(), page.limit(), page.offset(), now];
        let items = self
            .list("care_gap", sql, values, |row| {
                let next_visit = row.maybe_time("next_visit")?;
                Ok(CareGapLine { patient: patient(row)?, gap: gap(row)?, next_visit })
            })
            .await?;
        Ok(Page { items, total })
    }
}
