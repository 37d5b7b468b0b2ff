//! Requests about one's own data, their steps, and the days the practice marked in its calendar.

use clinical::arco::{ArcoContent, ArcoRequest, ArcoStep, DatedStep};
use clinical::business_days::MarkedDay;
use clinical::ids::{ArcoId, PatientId, UserId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::{Result, StorageError};
use crate::private::admitted_of;
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, Value, values};

macro_rules! request_columns {
    () => {
        "SELECT r.id, r.number, r.patient_id, r.received_on, r.content, r.recorded_at, u.display_name AS by_name
           FROM arco_request r JOIN account u ON u.id = r.recorded_by "
    };
}

fn request(row: &Row) -> Result<ArcoRequest> {
    Ok(ArcoRequest {
        id: row.parsed("id")?,
        number: row.int("number")?,
        patient_id: row.maybe_parsed("patient_id")?,
        received_on: row.parsed("received_on")?,
        content: row.json("content")?,
        by_name: row.text("by_name")?,
        at: row.time("recorded_at")?,
    })
}

macro_rules! step_columns {
    () => {
        "SELECT s.id, s.request_id, s.on_day, s.content, s.recorded_at, u.display_name AS by_name
           FROM arco_step s JOIN account u ON u.id = s.recorded_by "
    };
}

fn step(row: &Row) -> Result<DatedStep> {
    Ok(DatedStep {
        on: row.parsed("on_day")?,
        step: row.json("content")?,
        by_name: row.text("by_name")?,
        at: row.time("recorded_at")?,
    })
}

/// A request about to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArcoRequest {
    /// Identifies it.
    pub id: ArcoId,
    /// The record it is about, if there is one.
    pub patient_id: Option<PatientId>,
    /// The day it was received.
    pub received_on: Date,
    /// What it says.
    pub content: ArcoContent,
    /// Who received it.
    pub by: UserId,
    /// When it is recorded.
    pub at: Timestamp,
}

/// Requests.
impl Tx {
    /// Keeps a request with the next folio; returns the folio.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_arco(&mut self, new: &NewArcoRequest) -> Result<i64> {
        let number = self.next_folio("arco").await?;
        let content =
            serde_json::to_string(&new.content).map_err(|error| StorageError::Database(error.into()))?;
        self.execute(
            "INSERT INTO arco_request (id, number, patient_id, received_on, content, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![new.id, number, new.patient_id, new.received_on, content, new.by, new.at],
        )
        .await?;
        Ok(number)
    }

    /// A request with its steps, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn arco(&mut self, id: ArcoId) -> Result<Option<(ArcoRequest, Vec<DatedStep>)>> {
        let sql =
            concat!(request_columns!(), "WHERE r.id = $1 AND ", admitted_of!("r.patient_id", "$2", "$3"));
        let values = &[Value::from(id), self.eyes().into(), self.moment().into()];
        let Some(found) = self.one("arco_request", sql, values, request).await? else { return Ok(None) };
        let sql = concat!(step_columns!(), "WHERE s.request_id = $1 ORDER BY s.place");
        Ok(Some((found, self.list("arco_step", sql, values![id], step).await?)))
    }

    /// Every request with its steps, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn all_arco(&mut self) -> Result<Vec<(ArcoRequest, Vec<DatedStep>)>> {
        let sql = concat!(
            request_columns!(),
            "WHERE ",
            admitted_of!("r.patient_id", "$1", "$2"),
            " ORDER BY r.number DESC"
        );
        let requests = self.list("arco_request", sql, values![self.eyes(), self.moment()], request).await?;
        let sql = concat!(step_columns!(), "ORDER BY s.place");
        self.with_steps(requests, sql, &[]).await
    }

    /// The requests about a record, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn arco_of(&mut self, patient: PatientId) -> Result<Vec<(ArcoRequest, Vec<DatedStep>)>> {
        let sql =
            concat!(request_columns!(), "WHERE ", of_record!("r.patient_id"), " ORDER BY r.number DESC");
        let requests = self.list("arco_request", sql, values![patient], request).await?;
        let sql = concat!(
            step_columns!(),
            "JOIN arco_request r ON r.id = s.request_id WHERE ",
            of_record!("r.patient_id"),
            " ORDER BY s.place"
        );
        self.with_steps(requests, sql, values![patient]).await
    }

    async fn with_steps(
        &mut self,
        requests: Vec<ArcoRequest>,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<(ArcoRequest, Vec<DatedStep>)>> {
        let read = |row: &Row| Ok((row.parsed::<ArcoId>("request_id")?, step(row)?));
        let steps = self.list("arco_step", sql, values, read).await?;
        let of = |id: ArcoId| {
            let own = steps.iter().filter(move |(request, _)| *request == id);
            own.map(|(_, step)| step.clone()).collect()
        };
        Ok(requests.into_iter().map(|request| (request.clone(), of(request.id))).collect())
    }

    /// Adds a step as the one at `place`, from 1.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] or [`StorageError::Immutable`] when somebody else wrote the step at this place;
    /// [`StorageError::Missing`] for an unknown request or user.
    pub async fn insert_arco_step(
        &mut self,
        request: ArcoId,
        place: usize,
        on: Date,
        step: &ArcoStep,
        by: UserId,
        at: Timestamp,
    ) -> Result<()> {
        let content = serde_json::to_string(step).map_err(|error| StorageError::Database(error.into()))?;
        let number = i64::try_from(place).unwrap_or(i64::MAX);
        self.execute(
            "INSERT INTO arco_step (id, request_id, place, on_day, content, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![format!("{request}-{place}"), request, number, on, content, by, at],
        )
        .await
        .map(drop)
    }
}

/// The calendar.
impl Tx {
    /// The days the practice marked, in their order.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn marked_days(&mut self) -> Result<Vec<MarkedDay>> {
        self.list("marked_day", "SELECT day, works, name FROM marked_day ORDER BY day", &[], |row| {
            Ok(MarkedDay { day: row.parsed("day")?, works: row.flag("works")?, name: row.text("name")? })
        })
        .await
    }

    /// Marks a day, in the place of what was marked before.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn mark_day(&mut self, marked: &MarkedDay) -> Result<()> {
        self.execute(
            "INSERT INTO marked_day (day, works, name) VALUES ($1, $2, $3)
             ON CONFLICT (day) DO UPDATE SET works = excluded.works, name = excluded.name",
            values![marked.day, marked.works, &marked.name],
        )
        .await
        .map(drop)
    }

    /// Takes the mark off a day.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn unmark_day(&mut self, day: Date) -> Result<()> {
        self.execute("DELETE FROM marked_day WHERE day = $1", values![day]).await.map(drop)
    }
}
