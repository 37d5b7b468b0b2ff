//! Who holds which time, the steps of each visit and how often visits are missed.
//!
//! A visit holds pieces of five minutes in `held_time`; the key of that table is what makes double booking impossible.

use clinical::encounter::{Appointment, AppointmentState};
use clinical::ids::{AppointmentId, PatientId, PractitionerId, UserId};
use clinical::schedule::attendance::Attendance;
use clinical::schedule::slots::{Taken, grains};
use clinical::schedule::{GRAIN_MINUTES, LONGEST, Span};
use jiff::{SignedDuration, Timestamp};

use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// How many past visits the share of missed ones is counted from.
const RECENT: i64 = 5_000;

/// A step in the life of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitStep {
    /// Where it stood after it.
    pub state: AppointmentState,
    /// When.
    pub at: Timestamp,
    /// The account; `None` when the patient did it, or the program.
    pub by: Option<UserId>,
    /// Who, as it is shown.
    pub author: String,
    /// Why, where it matters.
    pub reason: Option<String>,
}

/// The time a visit takes from the diary; `None` when it holds none.
fn block(visit: &Appointment) -> Option<(u8, Span)> {
    visit.lane.zip(visit.span())
}

/// Times.
impl Tx {
    /// What is booked with one professional and touches a period.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn taken(&mut self, practitioner: PractitionerId, period: Span) -> Result<Vec<Taken>> {
        let from = period.start() - SignedDuration::from_mins(2 * i64::from(LONGEST));
        // One row for all: thousands of rows would cost more than everything that is done with them.
        let sql =
            "SELECT COALESCE(string_agg(CAST(starts_at AS TEXT) || ' ' || CAST(minutes + buffer AS TEXT)
                                    || ' ' || CAST(lane AS TEXT), ','), '') AS taken
                     FROM appointment
                    WHERE practitioner_id = $1 AND starts_at >= $2 AND starts_at < $3
                      AND lane IS NOT NULL AND state NOT IN ('no_show', 'cancelled')";
        let read = |row: &Row| {
            let text = row.text("taken")?;
            let parts = text.split(',').filter(|part| !part.is_empty());
            parts.map(|part| taken(part).ok_or_else(|| row.corrupt("taken"))).collect::<Result<Vec<_>>>()
        };
        let all = self.one("appointment", sql, values![practitioner, from, period.end()], read).await?;
        Ok(all.unwrap_or_default().into_iter().filter(|taken| taken.span.overlaps(period)).collect())
    }

    /// Holds the time of a visit; nothing for who came without an appointment.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when a piece of it is held by another.
    pub async fn hold_time(&mut self, visit: &Appointment) -> Result<()> {
        let Some((lane, span)) = block(visit) else { return Ok(()) };
        let (first, last) = grains(span);
        self.execute(
            "INSERT INTO held_time (practitioner_id, lane, grain, appointment_id)
             WITH RECURSIVE piece (n) AS (
               SELECT CAST($3 AS BIGINT) UNION ALL SELECT n + 1 FROM piece WHERE n < CAST($4 AS BIGINT))
             SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), n, CAST($5 AS TEXT) FROM piece",
            values![visit.practitioner_id, i64::from(lane), first, last, visit.id],
        )
        .await
        .map(drop)
    }

    /// Lets go of the time of a visit.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn free_time(&mut self, id: AppointmentId) -> Result<()> {
        self.execute("DELETE FROM held_time WHERE appointment_id = $1", values![id]).await.map(drop)
    }

    /// Lets go of the time of visits that began before an instant: nobody books it any more. Answers how many pieces those
    /// were.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn free_past_time(&mut self, before: Timestamp) -> Result<u64> {
        let grain = before.as_millisecond().div_euclid(GRAIN_MINUTES * 60_000);
        self.execute("DELETE FROM held_time WHERE grain < $1", values![grain]).await
    }

    /// Puts a visit that is still ahead somewhere else: time, professional, room and line.
    ///
    /// # Errors
    /// [`StorageError::NotUnique`] when the time is held by another, [`StorageError::Conflict`] when the visit is no
    /// longer where it was.
    pub async fn move_appointment(&mut self, was: &Appointment, to: &Appointment) -> Result<()> {
        self.free_time(was.id).await?;
        let changed = self
            .execute(
                "UPDATE appointment SET practitioner_id = $2, starts_at = $3, lane = $4, room_id = $5
                  WHERE id = $1 AND starts_at = $6 AND state = $7",
                values![
                    was.id,
                    to.practitioner_id,
                    to.starts_at,
                    to.lane.map(i64::from),
                    to.room_id,
                    was.starts_at,
                    was.state.code(),
                ],
            )
            .await?;
        if changed == 0 {
            return Err(StorageError::Conflict { current: None });
        }
        self.mark_figures(was.starts_at).await?;
        self.mark_visit(was.id).await?;
        self.hold_time(to).await
    }
}

fn taken(part: &str) -> Option<Taken> {
    let mut numbers = part.split(' ').map(|number| number.parse::<i64>().ok());
    let start = Timestamp::from_millisecond(numbers.next()??).ok()?;
    let span = Span::new(start, start.checked_add(SignedDuration::from_mins(numbers.next()??)).ok()?)?;
    Some(Taken { span, lane: u8::try_from(numbers.next()??).ok()? })
}

/// Steps.
impl Tx {
    /// Notes a step of a visit.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown visit or account.
    pub async fn note_step(&mut self, visit: AppointmentId, step: &VisitStep) -> Result<()> {
        self.execute(
            "INSERT INTO appointment_step (appointment_id, place, state, at, by_user, author, reason)
             SELECT CAST($1 AS TEXT), COUNT(*) + 1, CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT),
                    CAST($5 AS TEXT), CAST($6 AS TEXT)
               FROM appointment_step WHERE appointment_id = $1",
            values![visit, step.state.code(), step.at, step.by, &step.author, step.reason.as_deref()],
        )
        .await?;
        self.mark_visit(visit).await
    }

    /// The steps of a visit, in order.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn steps_of_visit(&mut self, visit: AppointmentId) -> Result<Vec<VisitStep>> {
        let sql = "SELECT state, at, by_user, author, reason FROM appointment_step
                    WHERE appointment_id = $1 ORDER BY place";
        self.list("appointment_step", sql, values![visit], step).await
    }

    /// The last step of each visit that begins in `from..until`.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn last_steps(
        &mut self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(AppointmentId, VisitStep)>> {
        let sql = "SELECT s.appointment_id AS id, s.state, s.at, s.by_user, s.author, s.reason
                     FROM appointment a JOIN appointment_step s ON s.appointment_id = a.id
                    WHERE a.starts_at >= $1 AND a.starts_at < $2
                      AND s.place = (SELECT MAX(o.place) FROM appointment_step o WHERE o.appointment_id = a.id)";
        self.list("appointment_step", sql, values![from, until], |row| Ok((row.parsed("id")?, step(row)?)))
            .await
    }
}

fn step(row: &Row) -> Result<VisitStep> {
    Ok(VisitStep {
        state: row.coded("state", AppointmentState::from_code)?,
        at: row.time("at")?,
        by: row.maybe_parsed("by_user")?,
        author: row.text("author")?,
        reason: row.maybe_text("reason")?,
    })
}

fn attendance(row: &Row) -> Result<Attendance> {
    let count = |column| u32::try_from(row.int(column)?).map_err(|_| row.corrupt(column));
    Ok(Attendance { came: count("came")?, missed: count("missed")? })
}

/// Missed visits.
impl Tx {
    /// How the last visits of the practice before an instant went.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn attendance(&mut self, before: Timestamp) -> Result<Attendance> {
        let sql = "SELECT COALESCE(SUM(CASE WHEN v.state = 'finished' THEN 1 ELSE 0 END), 0) AS came,
                          COALESCE(SUM(CASE WHEN v.state = 'no_show' THEN 1 ELSE 0 END), 0) AS missed
                     FROM (SELECT state FROM appointment WHERE starts_at < $1 ORDER BY starts_at DESC LIMIT $2) v";
        let all = self.one("appointment", sql, values![before, RECENT], attendance).await?;
        Ok(all.unwrap_or_default())
    }

    /// How the visits before went of each record that has one in `from..until`, by the id of the record.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn attendance_of_visitors(
        &mut self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(PatientId, Attendance)>> {
        let sql = "SELECT own.root AS id, SUM(CASE WHEN a.state = 'finished' THEN 1 ELSE 0 END) AS came,
                          SUM(CASE WHEN a.state = 'no_show' THEN 1 ELSE 0 END) AS missed
                     FROM patient own JOIN appointment a ON a.patient_id = own.id
                    WHERE a.starts_at < $1
                      AND own.root IN (SELECT o.root FROM appointment b JOIN patient o ON o.id = b.patient_id
                                        WHERE b.starts_at >= $1 AND b.starts_at < $2)
                    GROUP BY own.root";
        self.list("appointment", sql, values![from, until], |row| Ok((row.parsed("id")?, attendance(row)?)))
            .await
    }
}
