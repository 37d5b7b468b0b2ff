//! Planned visits and consultations.

use clinical::document::DocumentKind;
use clinical::encounter::{Appointment, AppointmentState, Encounter, EncounterState};
use clinical::ids::{AppointmentId, EncounterId, PatientId, PractitionerId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::{Result, StorageError};
use crate::patients::{patient, patient_columns};
use crate::private::{visible, visible_of};
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, values};

/// A line of the agenda: the visit, whose it is, and the consultation it became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaEntry {
    /// The planned visit.
    pub appointment: Appointment,
    /// Whose.
    pub patient: Patient,
    /// The consultation that was begun for it, if any; not one that was closed as a mistake.
    pub encounter_id: Option<EncounterId>,
    /// Since when its patient is here and waits, if they do.
    pub waiting_since: Option<Timestamp>,
}

/// A consultation waiting to be written or signed, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEncounter {
    /// The consultation.
    pub encounter: Encounter,
    /// Whose.
    pub patient: Patient,
    /// Whether there is a transcript.
    pub has_transcript: bool,
    /// Whether a draft was begun.
    pub has_draft: bool,
}

macro_rules! appointment_columns {
    () => {
        "a.id AS a_id, a.patient_id AS a_patient_id, a.practitioner_id AS a_practitioner_id, \
         a.starts_at AS a_starts_at, a.minutes AS a_minutes, a.service AS a_service, a.state AS a_state, \
         a.buffer AS a_buffer, a.lane AS a_lane, a.room_id AS a_room_id"
    };
}
pub(crate) use appointment_columns;

macro_rules! encounter_columns {
    () => {
        "e.id, e.patient_id, e.practitioner_id, e.appointment_id, e.started_at, e.reason, e.state, e.document"
    };
}
pub(crate) use encounter_columns;

/// One planned visit, if the record of its patient may be seen.
const APPOINTMENT: &str = concat!(
    "SELECT ",
    appointment_columns!(),
    " FROM appointment a WHERE a.id = $1 AND ",
    visible_of!("a.patient_id", "$2", "$3")
);

/// One consultation, if its record may be seen.
const ENCOUNTER: &str = concat!(
    "SELECT ",
    encounter_columns!(),
    " FROM encounter e WHERE e.id = $1 AND ",
    visible_of!("e.patient_id", "$2", "$3")
);

pub(crate) fn appointment(row: &Row) -> Result<Appointment> {
    Ok(Appointment {
        id: row.parsed("a_id")?,
        patient_id: row.parsed("a_patient_id")?,
        practitioner_id: row.parsed("a_practitioner_id")?,
        starts_at: row.time("a_starts_at")?,
        minutes: u16::try_from(row.int("a_minutes")?).map_err(|_| row.corrupt("a_minutes"))?,
        buffer: u16::try_from(row.int("a_buffer")?).map_err(|_| row.corrupt("a_buffer"))?,
        lane: (row.maybe_int("a_lane")?)
            .map(|lane| u8::try_from(lane).map_err(|_| row.corrupt("a_lane")))
            .transpose()?,
        room_id: row.maybe_parsed("a_room_id")?,
        service: row.text("a_service")?,
        state: row.coded("a_state", AppointmentState::from_code)?,
    })
}

pub(crate) fn encounter(row: &Row) -> Result<Encounter> {
    Ok(Encounter {
        id: row.parsed("id")?,
        patient_id: row.parsed("patient_id")?,
        practitioner_id: row.parsed("practitioner_id")?,
        appointment_id: row.maybe_parsed("appointment_id")?,
        started_at: row.time("started_at")?,
        reason: row.text("reason")?,
        state: row.coded("state", EncounterState::from_code)?,
        document: row.coded("document", DocumentKind::from_code)?,
    })
}

/// Planned visits.
impl Tx {
    /// Books a visit; it holds its time from then on.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or professional, [`StorageError::NotUnique`] when a piece of the
    /// time is held by another visit.
    pub async fn insert_appointment(&mut self, appointment: &Appointment) -> Result<()> {
        self.execute(
            "INSERT INTO appointment (id, patient_id, practitioner_id, starts_at, minutes, service, state, buffer,
                                      lane, room_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                appointment.id,
                appointment.patient_id,
                appointment.practitioner_id,
                appointment.starts_at,
                i64::from(appointment.minutes),
                &appointment.service,
                appointment.state.code(),
                i64::from(appointment.buffer),
                appointment.lane.map(i64::from),
                appointment.room_id,
            ],
        )
        .await?;
        self.mark_figures(appointment.starts_at).await?;
        self.hold_time(appointment).await
    }

    /// A planned visit.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn appointment(&mut self, id: AppointmentId) -> Result<Option<Appointment>> {
        self.one("appointment", APPOINTMENT, values![id, self.eyes(), self.moment()], appointment).await
    }

    /// A planned visit, held against other writers until the end of the transaction. What opens a consultation for it
    /// begins with it, so that two at once open one.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_appointment(&mut self, id: AppointmentId) -> Result<Option<Appointment>> {
        let values = values![id, self.eyes(), self.moment()];
        Ok(self.locked("appointment", APPOINTMENT, values, appointment).await?.pop())
    }

    /// The visits that begin in `from..until`, of one professional or of all, in order.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn agenda(
        &mut self,
        from: Timestamp,
        until: Timestamp,
        practitioner: Option<PractitionerId>,
    ) -> Result<Vec<AgendaEntry>> {
        let sql = concat!(
            "SELECT ",
            appointment_columns!(),
            ", ",
            patient_columns!(),
            ", (SELECT MAX(e.id) FROM encounter e WHERE e.appointment_id = a.id
                   AND e.state NOT IN ('cancelled', 'arrived')) AS encounter_id,
                (SELECT MAX(e.started_at) FROM encounter e WHERE e.appointment_id = a.id
                   AND e.state = 'arrived') AS waiting_since
               FROM appointment a
               JOIN patient own ON own.id = a.patient_id
               JOIN patient p ON p.id = own.root
              WHERE a.starts_at >= $1 AND a.starts_at < $2 AND ($3 IS NULL OR a.practitioner_id = $3)
                AND ",
            visible!("p.root", "$4", "$5"),
            " ORDER BY a.starts_at, a.id"
        );
        let values = values![from, until, practitioner, self.eyes(), self.moment()];
        self.list("appointment", sql, values, |row| {
            Ok(AgendaEntry {
                appointment: appointment(row)?,
                patient: patient(row)?,
                encounter_id: row.maybe_parsed("encounter_id")?,
                waiting_since: row.maybe_time("waiting_since")?,
            })
        })
        .await
    }

    /// The visits of a patient, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn appointments_of_patient(
        &mut self,
        patient: PatientId,
        page: PageRequest,
    ) -> Result<Vec<Appointment>> {
        let sql = concat!(
            "SELECT ",
            appointment_columns!(),
            " FROM appointment a WHERE ",
            of_record!("a.patient_id"),
            " ORDER BY a.starts_at DESC, a.id DESC LIMIT $2 OFFSET $3"
        );
        self.list("appointment", sql, values![patient, page.limit(), page.offset()], appointment).await
    }

    /// Moves a visit from the state it is expected to be in to another.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it is in another state or does not exist.
    pub async fn set_appointment_state(
        &mut self,
        id: AppointmentId,
        expected: AppointmentState,
        state: AppointmentState,
    ) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE appointment SET state = $3 WHERE id = $1 AND state = $2",
                values![id, expected.code(), state.code()],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { self.mark_visit(id).await }
    }
}

/// Consultations.
impl Tx {
    /// Opens a consultation.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient, professional or visit.
    pub async fn insert_encounter(&mut self, encounter: &Encounter) -> Result<()> {
        self.execute(
            "INSERT INTO encounter (id, patient_id, practitioner_id, appointment_id, started_at, reason, state,
                                    document)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                encounter.id,
                encounter.patient_id,
                encounter.practitioner_id,
                encounter.appointment_id,
                encounter.started_at,
                &encounter.reason,
                encounter.state.code(),
                encounter.document.code(),
            ],
        )
        .await?;
        self.mark_encounter(encounter.id).await?;
        self.note_activity(encounter.patient_id, encounter.started_at).await
    }

    /// A consultation.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn encounter(&mut self, id: EncounterId) -> Result<Option<Encounter>> {
        let values = values![id, self.eyes(), self.moment()];
        self.one("encounter", ENCOUNTER, values, encounter).await
    }

    /// A consultation, held against other writers until the end of the transaction. Signing begins with it.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn hold_encounter(&mut self, id: EncounterId) -> Result<Option<Encounter>> {
        let values = values![id, self.eyes(), self.moment()];
        Ok(self.locked("encounter", ENCOUNTER, values, encounter).await?.pop())
    }

    /// The consultation that a check-in opened for a visit and nobody has begun.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn waiting_encounter(&mut self, visit: AppointmentId) -> Result<Option<EncounterId>> {
        let sql = "SELECT id FROM encounter WHERE appointment_id = $1 AND state = $2";
        let values = values![visit, EncounterState::Arrived.code()];
        self.one("encounter", sql, values, |row| row.parsed("id")).await
    }

    /// Begins a consultation that a check-in opened, as it is from now on: whose record it is in, who attends, since when.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when nobody waits in it any more.
    pub async fn begin_encounter(&mut self, encounter: &Encounter) -> Result<()> {
        let begun = self
            .execute(
                "UPDATE encounter SET patient_id = $3, practitioner_id = $4, started_at = $5, reason = $6, state = $7,
                                      document = $8
                  WHERE id = $1 AND state = $2",
                values![
                    encounter.id,
                    EncounterState::Arrived.code(),
                    encounter.patient_id,
                    encounter.practitioner_id,
                    encounter.started_at,
                    &encounter.reason,
                    encounter.state.code(),
                    encounter.document.code(),
                ],
            )
            .await?;
        if begun == 0 {
            return Err(StorageError::Conflict { current: None });
        }
        self.mark_encounter(encounter.id).await?;
        self.note_activity(encounter.patient_id, encounter.started_at).await
    }

    /// Moves a consultation from the state it is expected to be in to another.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when it is in another state or does not exist.
    pub async fn set_encounter_state(
        &mut self,
        id: EncounterId,
        expected: EncounterState,
        state: EncounterState,
    ) -> Result<()> {
        let changed = self
            .execute(
                "UPDATE encounter SET state = $3 WHERE id = $1 AND state = $2",
                values![id, expected.code(), state.code()],
            )
            .await?;
        if changed == 0 {
            Err(StorageError::Conflict { current: None })
        } else {
            self.mark_encounter(id).await
        }
    }

    /// The consultations of a patient, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn encounters_of_patient(
        &mut self,
        patient: PatientId,
        page: PageRequest,
    ) -> Result<Page<Encounter>> {
        let total = self
            .number(
                concat!("SELECT COUNT(*) AS n FROM encounter WHERE ", of_record!("patient_id")),
                values![patient],
            )
            .await?;
        let sql = concat!(
            "SELECT ",
            encounter_columns!(),
            " FROM encounter e WHERE ",
            of_record!("e.patient_id"),
            " ORDER BY e.started_at DESC, e.id DESC LIMIT $2 OFFSET $3"
        );
        let items =
            self.list("encounter", sql, values![patient, page.limit(), page.offset()], encounter).await?;
        Ok(Page { items, total })
    }

    /// The consultations in progress of one professional or of all, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn open_encounters(
        &mut self,
        practitioner: Option<PractitionerId>,
    ) -> Result<Vec<OpenEncounter>> {
        let sql = concat!(
            "SELECT ",
            encounter_columns!(),
            ", ",
            patient_columns!(),
            ", (SELECT COUNT(*) FROM transcript t WHERE t.encounter_id = e.id) AS transcripts,
                (SELECT COUNT(*) FROM draft d WHERE d.encounter_id = e.id) AS drafts
               FROM encounter e
               JOIN patient own ON own.id = e.patient_id
               JOIN patient p ON p.id = own.root
              WHERE e.state = $1 AND ($2 IS NULL OR e.practitioner_id = $2)
                AND ",
            visible!("p.root", "$3", "$4"),
            " ORDER BY e.started_at, e.id"
        );
        let in_progress = EncounterState::InProgress.code();
        let values = values![in_progress, practitioner, self.eyes(), self.moment()];
        self.list("encounter", sql, values, |row| {
            Ok(OpenEncounter {
                encounter: encounter(row)?,
                patient: patient(row)?,
                has_transcript: row.int("transcripts")? > 0,
                has_draft: row.int("drafts")? > 0,
            })
        })
        .await
    }
}
