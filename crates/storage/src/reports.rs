//! The reports of the practice that were made, and where each of them goes. Several servers may work on it: a report of the plan
//! is kept once, and a delivery is taken by one.

use clinical::ids::{BlobId, EntryId, UserId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Row, values};

/// A report that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    /// Identifies it.
    pub id: EntryId,
    /// Stored word of how often its kind is made.
    pub cadence: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// Made by the plan, and not because somebody asked.
    pub planned: bool,
    /// The file.
    pub pdf: BlobId,
    /// Who asked for it.
    pub made_by: Option<UserId>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// How far a report is on one of its ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is tried, now or later.
    Waiting,
    /// Somebody is sending it.
    Sending,
    /// It went.
    Sent,
    /// It is not tried any more.
    Failed,
}

impl DeliveryState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Sending, Self::Sent, Self::Failed];

    fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// One way of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDelivery {
    /// Which report.
    pub report: EntryId,
    /// The address; empty for the folder of the server.
    pub address: String,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried: what an earlier try says later counts for nothing.
    pub attempts: i64,
    /// When it is tried next.
    pub not_before: Timestamp,
    /// Since when it is tried.
    pub asked_at: Timestamp,
    /// When something last happened.
    pub changed_at: Timestamp,
    /// Why it has not gone, in words.
    pub problem: Option<String>,
}

fn report(row: &Row) -> Result<StoredReport> {
    Ok(StoredReport {
        id: row.parsed("id")?,
        cadence: row.text("cadence")?,
        from: row.parsed("from_day")?,
        until: row.parsed("until_day")?,
        planned: row.flag("planned")?,
        pdf: row.parsed("pdf")?,
        made_by: row.maybe_parsed("made_by")?,
        made_at: row.time("made_at")?,
    })
}

fn delivery(row: &Row) -> Result<ReportDelivery> {
    Ok(ReportDelivery {
        report: row.parsed("report_id")?,
        address: row.text("address")?,
        state: row.coded("state", DeliveryState::from_code)?,
        attempts: row.int("attempts")?,
        not_before: row.time("not_before")?,
        asked_at: row.time("asked_at")?,
        changed_at: row.time("changed_at")?,
        problem: row.maybe_text("problem")?,
    })
}

/// What is read of a report, and of a delivery.
macro_rules! report_columns {
    () => {
        "id, cadence, from_day, until_day, planned, pdf, made_by, made_at"
    };
}
macro_rules! delivery_columns {
    () => {
        "report_id, address, state, attempts, not_before, asked_at, changed_at, problem"
    };
}

impl Tx {
    /// Keeps a report with the ways it goes; its file is kept before.
    ///
    /// # Errors
    /// [`crate::StorageError::NotUnique`] where the plan's report of these days is there already, or one of this id.
    pub async fn insert_report(&mut self, made: &StoredReport, addresses: &[String]) -> Result<()> {
        self.execute(
            concat!("INSERT INTO report (", report_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
            values![
                made.id,
                &made.cadence,
                made.from.to_string(),
                made.until.to_string(),
                made.planned,
                made.pdf,
                made.made_by,
                made.made_at,
            ],
        )
        .await?;
        for address in addresses {
            self.execute(
                "INSERT INTO report_delivery (report_id, address, state, attempts, not_before, asked_at, changed_at)
                 VALUES ($1, $2, $3, 0, $4, $4, $4)",
                values![made.id, address, DeliveryState::Waiting.code(), made.made_at],
            )
            .await?;
        }
        Ok(())
    }

    /// The last reports, latest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn reports(&mut self, most: u32) -> Result<Vec<StoredReport>> {
        let sql =
            concat!("SELECT ", report_columns!(), " FROM report ORDER BY made_at DESC, id DESC LIMIT $1");
        self.list("report", sql, values![i64::from(most)], report).await
    }

    /// One report.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn report(&mut self, id: EntryId) -> Result<Option<StoredReport>> {
        let sql = concat!("SELECT ", report_columns!(), " FROM report WHERE id = $1");
        self.one("report", sql, values![id], report).await
    }

    /// Whether the plan's report of the days that begin with `from` is there.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn has_planned_report(&mut self, cadence: &str, from: Date) -> Result<bool> {
        let sql = "SELECT COUNT(*) AS n FROM report WHERE cadence = $1 AND from_day = $2 AND planned = 1";
        Ok(self.number(sql, values![cadence, from.to_string()]).await? > 0)
    }

    /// The ways of a report, the folder first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn report_deliveries(&mut self, id: EntryId) -> Result<Vec<ReportDelivery>> {
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM report_delivery WHERE report_id = $1 ORDER BY address"
        );
        self.list("report_delivery", sql, values![id], delivery).await
    }

    /// Takes a delivery that is due, or one whose worker has not been heard of, until an instant. Two who ask at once never
    /// get the same; one of them may get none and asks again.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn take_report_delivery(
        &mut self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<ReportDelivery>> {
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM report_delivery WHERE state IN ('waiting', 'sending') AND not_before <= $1
              ORDER BY not_before, report_id, address LIMIT 1"
        );
        let Some(found) = self.one("report_delivery", sql, values![now], delivery).await? else {
            return Ok(None);
        };
        let taken = ReportDelivery {
            state: DeliveryState::Sending,
            attempts: found.attempts + 1,
            not_before: until,
            changed_at: now,
            ..found.clone()
        };
        Ok(self.step_report_delivery(&found, &taken).await?.then_some(taken))
    }

    /// Brings a delivery from one state to another; `false` when it is not as it was.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn step_report_delivery(
        &mut self,
        before: &ReportDelivery,
        after: &ReportDelivery,
    ) -> Result<bool> {
        let changed = self
            .execute(
                "UPDATE report_delivery
                    SET state = $5, attempts = $6, not_before = $7, asked_at = $8, changed_at = $9, problem = $10
                  WHERE report_id = $1 AND address = $2 AND state = $3 AND attempts = $4",
                values![
                    before.report,
                    &before.address,
                    before.state.code(),
                    before.attempts,
                    after.state.code(),
                    after.attempts,
                    after.not_before,
                    after.asked_at,
                    after.changed_at,
                    after.problem.as_deref(),
                ],
            )
            .await?;
        Ok(changed > 0)
    }
}
