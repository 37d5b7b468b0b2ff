//! The waiting list and the times it was offered.

use clinical::encounter::AppointmentState;
use clinical::ids::{AppointmentId, PractitionerId, WaitingId};
use clinical::patient::Patient;
use clinical::schedule::waiting::{DayPart, WaitingEntry};
use jiff::{SignedDuration, Timestamp};

use crate::error::{Result, StorageError};
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::tx::Tx;
use crate::value::{Row, values};

/// How long after the last instant of undoing somebody is told: who undoes then, and on another machine, is through by then.
const UNDO_ENDS: SignedDuration = SignedDuration::from_secs(10);

/// A freed time that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The visit that holds it.
    pub appointment_id: AppointmentId,
    /// Whom of the list it was offered to.
    pub waiting_id: WaitingId,
    /// Until when it is kept.
    pub kept_until: Timestamp,
    /// Which visit let go of it, and until when that one can have it back; `None` where it was let go for good.
    pub undo: Option<(AppointmentId, Timestamp)>,
}

impl Offer {
    /// Whether the visit that let go of the time can have it back at `now`: nobody was told of the offer yet.
    #[must_use]
    pub fn can_go_back_to(&self, visit: AppointmentId, now: Timestamp) -> bool {
        self.undo.is_some_and(|(by, until)| by == visit && now < until)
    }

    /// Whether somebody can be told of it at `now`.
    #[must_use]
    pub fn can_be_told(&self, now: Timestamp) -> bool {
        self.undo.is_none_or(|(_, until)| now >= until + UNDO_ENDS)
    }
}

fn offer(row: &Row) -> Result<Offer> {
    Ok(Offer {
        appointment_id: row.parsed("appointment_id")?,
        waiting_id: row.parsed("waiting_id")?,
        kept_until: row.time("kept_until")?,
        undo: row.maybe_parsed("freed_by")?.zip(row.maybe_time("undo_until")?),
    })
}

impl Tx {
    /// Puts somebody on the list.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient, professional or service.
    pub async fn insert_waiting(&mut self, entry: &WaitingEntry) -> Result<()> {
        self.execute(
            "INSERT INTO waiting_entry (id, patient_id, practitioner_id, service_id, from_day, until_day, part,
                                        joined_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                entry.id,
                entry.patient_id,
                entry.practitioner_id,
                entry.service_id,
                entry.from,
                entry.until,
                entry.part.code(),
                entry.joined_at,
            ],
        )
        .await
        .map(drop)
    }

    /// Who waits, who has waited longest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn waiting(&mut self) -> Result<Vec<(WaitingEntry, Patient)>> {
        let sql = concat!(
            "SELECT w.id, w.practitioner_id, w.service_id, w.from_day, w.until_day, w.part, w.joined_at, ",
            patient_columns!(),
            " FROM waiting_entry w
               JOIN patient own ON own.id = w.patient_id
               JOIN patient p ON p.id = own.root
              WHERE w.ended_at IS NULL AND ",
            visible!("p.root", "$1", "$2"),
            " ORDER BY w.joined_at, w.id"
        );
        self.list("waiting_entry", sql, values![self.eyes(), self.moment()], |row| {
            let patient = patient(row)?;
            let entry = WaitingEntry {
                id: row.parsed("id")?,
                patient_id: patient.id,
                practitioner_id: row.maybe_parsed("practitioner_id")?,
                service_id: row.parsed("service_id")?,
                from: row.parsed("from_day")?,
                until: row.parsed("until_day")?,
                part: row.coded("part", DayPart::from_code)?,
                joined_at: row.time("joined_at")?,
            };
            Ok((entry, patient))
        })
        .await
    }

    /// Takes somebody off the list.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when they are not on it.
    pub async fn end_waiting(&mut self, id: WaitingId, at: Timestamp) -> Result<()> {
        let sql = "UPDATE waiting_entry SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
        match self.execute(sql, values![id, at]).await? {
            0 => Err(StorageError::Conflict { current: None }),
            _ => Ok(()),
        }
    }

    /// Notes to whom the time of a visit was offered.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown visit or entry.
    pub async fn insert_offer(&mut self, offer: &Offer) -> Result<()> {
        self.execute(
            "INSERT INTO waiting_offer (appointment_id, waiting_id, kept_until, freed_by, undo_until)
             VALUES ($1, $2, $3, $4, $5)",
            values![
                offer.appointment_id,
                offer.waiting_id,
                offer.kept_until,
                offer.undo.map(|(by, _)| by),
                offer.undo.map(|(_, until)| until),
            ],
        )
        .await
        .map(drop)
    }

    /// The offer behind a visit, if it came from the list.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn offer_of(&mut self, visit: AppointmentId) -> Result<Option<Offer>> {
        let sql = "SELECT appointment_id, waiting_id, kept_until, freed_by, undo_until FROM waiting_offer
                    WHERE appointment_id = $1";
        self.one("waiting_offer", sql, values![visit], offer).await
    }

    /// The offers that nobody has answered, the most pressing first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn open_offers(&mut self) -> Result<Vec<Offer>> {
        let sql = "SELECT o.appointment_id, o.waiting_id, o.kept_until, o.freed_by, o.undo_until
                     FROM waiting_entry w
                     JOIN waiting_offer o ON o.waiting_id = w.id
                     JOIN appointment a ON a.id = o.appointment_id
                    WHERE w.ended_at IS NULL AND a.state = $1 ORDER BY o.kept_until, o.appointment_id";
        self.list("waiting_offer", sql, values![AppointmentState::Booked.code()], offer).await
    }

    /// An offer that is none any more: nobody was told of it, or its visit is at another time now.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn forget_offer(&mut self, visit: AppointmentId) -> Result<()> {
        self.execute("DELETE FROM waiting_offer WHERE appointment_id = $1", values![visit]).await.map(drop)
    }

    /// Those of the list who were offered this time before, or wait for another one now.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn already_offered(
        &mut self,
        practitioner: PractitionerId,
        starts_at: Timestamp,
    ) -> Result<Vec<WaitingId>> {
        let sql =
            "SELECT o.waiting_id AS id FROM waiting_offer o JOIN appointment a ON a.id = o.appointment_id
                     JOIN waiting_entry w ON w.id = o.waiting_id
                    WHERE w.ended_at IS NULL
                      AND ((a.practitioner_id = $1 AND a.starts_at = $2) OR a.state = $3)";
        let values = values![practitioner, starts_at, AppointmentState::Booked.code()];
        self.list("waiting_offer", sql, values, |row| row.parsed("id")).await
    }
}
