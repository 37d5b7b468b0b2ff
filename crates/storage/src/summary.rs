//! What is known about a patient at a glance: allergies, problems, medicines taken, measurements.
//!
//! An entry is closed with a date (resolved, stopped, refuted), never deleted.

use clinical::allergy::{AllergyIntolerance, AllergyStatus};
use clinical::care_act::CareAct;
use clinical::condition::ConditionEntry;
use clinical::ids::{EncounterId, EntryId, PatientId, UserId};
use clinical::medication::MedicationStatement;
use clinical::observation::{VitalKind, VitalSign};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, StorageError};
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Row, values};

/// Who recorded something, when and in which consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// In which consultation, if in one.
    pub encounter_id: Option<EncounterId>,
}

/// When an entry stopped being true and who said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// From which day on.
    pub on: Date,
    /// Who said so.
    pub by: UserId,
}

/// An entry of the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryEntry<T> {
    /// Identifies the entry.
    pub id: EntryId,
    /// What it says.
    pub value: T,
    /// Where it came from.
    pub recorded: Recorded,
    /// Absent while it is true.
    pub closed: Option<Closed>,
}

/// A measurement with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// Identifies the measurement.
    pub id: EntryId,
    /// What and how much.
    pub sign: VitalSign,
    /// When it was measured.
    pub taken_at: Timestamp,
    /// Where it came from.
    pub recorded: Recorded,
}

/// The whole summary of a patient, read in two statements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Open and closed allergies, oldest first.
    pub allergies: Vec<SummaryEntry<AllergyIntolerance>>,
    /// The last time allergies were denied, while it stands.
    pub allergies_denied: Option<Recorded>,
    /// Open and closed problems, oldest first.
    pub conditions: Vec<SummaryEntry<ConditionEntry>>,
    /// Medicines taken now and before, oldest first.
    pub medications: Vec<SummaryEntry<MedicationStatement>>,
    /// What somebody noted as done, oldest first, also what was taken back.
    pub acts: Vec<SummaryEntry<CareAct>>,
    /// The newest measurement of each kind, in the order of [`VitalKind::ALL`].
    pub latest_observations: Vec<Observation>,
}

impl Summary {
    /// What is known about allergies now.
    #[must_use]
    pub fn allergy_status(&self) -> AllergyStatus {
        let open: Vec<_> = open(&self.allergies).cloned().collect();
        match (open.is_empty(), self.allergies_denied) {
            (false, _) => AllergyStatus::Known(open),
            (true, Some(_)) => AllergyStatus::Denied,
            (true, None) => AllergyStatus::NotAsked,
        }
    }

    /// The problems that are open.
    pub fn open_conditions(&self) -> impl Iterator<Item = &ConditionEntry> {
        open(&self.conditions)
    }

    /// The medicines taken now.
    pub fn open_medications(&self) -> impl Iterator<Item = &MedicationStatement> {
        open(&self.medications)
    }
}

fn open<T>(entries: &[SummaryEntry<T>]) -> impl Iterator<Item = &T> {
    entries.iter().filter(|entry| entry.closed.is_none()).map(|entry| &entry.value)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Allergy,
    AllergiesDenied,
    Condition,
    Medication,
    CareAct,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Allergy => "allergy",
            Self::AllergiesDenied => "allergies_denied",
            Self::Condition => "condition",
            Self::Medication => "medication",
            Self::CareAct => "care_act",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Allergy, Self::AllergiesDenied, Self::Condition, Self::Medication, Self::CareAct]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

fn recorded(row: &Row) -> Result<Recorded> {
    Ok(Recorded {
        by: row.parsed("recorded_by")?,
        at: row.time("recorded_at")?,
        encounter_id: row.maybe_parsed("encounter_id")?,
    })
}

fn closed(row: &Row) -> Result<Option<Closed>> {
    match (row.maybe_parsed("closed_on")?, row.maybe_parsed("closed_by")?) {
        (Some(on), Some(by)) => Ok(Some(Closed { on, by })),
        (None, None) => Ok(None),
        _ => Err(row.corrupt("closed_on")),
    }
}

fn entry<T: DeserializeOwned>(row: &Row) -> Result<SummaryEntry<T>> {
    Ok(SummaryEntry {
        id: row.parsed("id")?,
        value: row.json("content")?,
        recorded: recorded(row)?,
        closed: closed(row)?,
    })
}

fn observation(row: &Row) -> Result<Observation> {
    Ok(Observation {
        id: row.parsed("id")?,
        sign: VitalSign { kind: row.coded("kind", VitalKind::from_code)?, value: row.parsed("value")? },
        taken_at: row.time("taken_at")?,
        recorded: recorded(row)?,
    })
}

impl Tx {
    /// Adds an allergy or intolerance. A denial that stood until then no longer stands.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_allergy(
        &mut self,
        id: EntryId,
        patient: PatientId,
        allergy: &AllergyIntolerance,
        recorded: Recorded,
    ) -> Result<()> {
        self.close_denials(patient, recorded).await?;
        self.insert_entry(id, patient, Kind::Allergy, allergy, (None, None), recorded).await
    }

    /// Notes that allergies were asked for and denied.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_allergy_denial(
        &mut self,
        id: EntryId,
        patient: PatientId,
        recorded: Recorded,
    ) -> Result<()> {
        self.close_denials(patient, recorded).await?;
        self.insert_entry(id, patient, Kind::AllergiesDenied, &(), (None, None), recorded).await
    }

    /// Adds a problem.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_condition(
        &mut self,
        id: EntryId,
        patient: PatientId,
        condition: &ConditionEntry,
        recorded: Recorded,
    ) -> Result<()> {
        let code = condition.code.as_ref().map(|code| code.icd11.as_str());
        self.insert_entry(id, patient, Kind::Condition, condition, (code, None), recorded).await
    }

    /// Adds a medicine that is taken.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_medication(
        &mut self,
        id: EntryId,
        patient: PatientId,
        medication: &MedicationStatement,
        recorded: Recorded,
    ) -> Result<()> {
        let found_by = (None, Some(medication.medicine.as_str()));
        self.insert_entry(id, patient, Kind::Medication, medication, found_by, recorded).await
    }

    /// Adds something that was done for the patient.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_care_act(
        &mut self,
        id: EntryId,
        patient: PatientId,
        act: &CareAct,
        recorded: Recorded,
    ) -> Result<()> {
        self.insert_entry(id, patient, Kind::CareAct, act, (None, None), recorded).await
    }

    /// `found_by` are the code of a problem and the name of a medicine.
    async fn insert_entry(
        &mut self,
        id: EntryId,
        patient: PatientId,
        kind: Kind,
        content: &impl Serialize,
        found_by: (Option<&str>, Option<&str>),
        recorded: Recorded,
    ) -> Result<()> {
        let content = serde_json::to_string(content).map_err(|error| StorageError::Database(error.into()))?;
        self.execute(
            "INSERT INTO summary_entry (id, patient_id, kind, content, code, encounter_id, recorded_by, recorded_at,
                                        medicine)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                id,
                patient,
                kind.code(),
                content,
                found_by.0,
                recorded.encounter_id,
                recorded.by,
                recorded.at,
                found_by.1
            ],
        )
        .await
        .map(drop)
    }

    async fn close_denials(&mut self, patient: PatientId, recorded: Recorded) -> Result<()> {
        let day = jiff::tz::Offset::UTC.to_datetime(recorded.at).date();
        self.execute(
            concat!(
                "UPDATE summary_entry SET closed_on = $3, closed_by = $4 WHERE ",
                of_record!("patient_id"),
                " AND kind = $2 AND closed_on IS NULL"
            ),
            values![patient, Kind::AllergiesDenied.code(), day, recorded.by],
        )
        .await
        .map(drop)
    }

    /// Closes an open entry of this patient: an allergy refuted, a problem resolved, a medicine stopped.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] when there is no such open entry.
    pub async fn close_entry(&mut self, id: EntryId, patient: PatientId, closed: Closed) -> Result<()> {
        let changed = self
            .execute(
                concat!(
                    "UPDATE summary_entry SET closed_on = $3, closed_by = $4 WHERE id = $2 AND ",
                    of_record!("patient_id"),
                    " AND closed_on IS NULL"
                ),
                values![patient, id, closed.on, closed.by],
            )
            .await?;
        if changed == 0 { Err(StorageError::Conflict { current: None }) } else { Ok(()) }
    }

    /// The summary of a patient. Empty for a patient that does not exist.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn summary(&mut self, patient: PatientId) -> Result<Summary> {
        let rows = self
            .rows(
                "summary_entry",
                concat!(
                    "SELECT id, kind, content, encounter_id, recorded_by, recorded_at, closed_on, closed_by
                       FROM summary_entry WHERE ",
                    of_record!("patient_id"),
                    " ORDER BY recorded_at, id"
                ),
                values![patient],
            )
            .await?;
        let mut summary = Summary::default();
        for row in &rows {
            match row.coded("kind", Kind::from_code)? {
                Kind::Allergy => summary.allergies.push(entry(row)?),
                Kind::Condition => summary.conditions.push(entry(row)?),
                Kind::Medication => summary.medications.push(entry(row)?),
                Kind::CareAct => summary.acts.push(entry(row)?),
                Kind::AllergiesDenied if closed(row)?.is_none() => {
                    summary.allergies_denied = Some(recorded(row)?);
                }
                Kind::AllergiesDenied => {}
            }
        }
        summary.latest_observations = self.latest_observations(patient).await?;
        Ok(summary)
    }

    /// Adds a measurement.
    ///
    /// # Errors
    /// [`StorageError::Missing`] for an unknown patient or user.
    pub async fn insert_observation(&mut self, patient: PatientId, observation: &Observation) -> Result<()> {
        let Observation { id, sign, taken_at, recorded } = *observation;
        self.execute(
            "INSERT INTO observation (id, patient_id, kind, value, taken_at, encounter_id, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                id,
                patient,
                sign.kind.code(),
                sign.value.to_string(),
                taken_at,
                recorded.encounter_id,
                recorded.by,
                recorded.at
            ],
        )
        .await
        .map(drop)
    }

    /// Measurements of a patient from an instant on, oldest first, for charts.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn observations(&mut self, patient: PatientId, from: Timestamp) -> Result<Vec<Observation>> {
        self.list(
            "observation",
            concat!(
                "SELECT id, kind, value, taken_at, encounter_id, recorded_by, recorded_at FROM observation WHERE ",
                of_record!("patient_id"),
                " AND taken_at >= $2 ORDER BY taken_at, id"
            ),
            values![patient, from],
            observation,
        )
        .await
    }

    async fn latest_observations(&mut self, patient: PatientId) -> Result<Vec<Observation>> {
        let mut found = self
            .list(
                "observation",
                concat!(
                    "SELECT id, kind, value, taken_at, encounter_id, recorded_by, recorded_at
                       FROM (SELECT o.*, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY taken_at DESC, id DESC) AS place
                               FROM observation o WHERE ",
                    of_record!("patient_id"),
                    ") newest WHERE place = 1"
                ),
                values![patient],
                observation,
            )
            .await?;
        found.sort_by_key(|observation| observation.sign.kind);
        Ok(found)
    }
}
