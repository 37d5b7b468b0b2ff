//! The way of a trainee's document to the supervising physician: sent, revised, returned. Steps are only added.

use clinical::document::DocumentKind;
use clinical::encounter::Encounter;
use clinical::ids::{EncounterId, EndorsementId, PractitionerId, UserId};
use clinical::patient::Patient;
use jiff::Timestamp;

use crate::error::Result;
use crate::patients::{patient, patient_columns};
use crate::private::visible;
use crate::tx::Tx;
use crate::value::{Row, values};
use crate::visits::{encounter, encounter_columns};

/// What happened to a document that waits for the signature of a supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndorsementStep {
    /// The author sent it; the draft as it was then, JSON as the caller gave it.
    Sent {
        /// The draft.
        draft: String,
    },
    /// The supervisor changed it.
    Revised,
    /// The supervisor gave it back.
    Returned {
        /// What to correct.
        comment: String,
    },
}

impl EndorsementStep {
    fn code(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Revised => "revised",
            Self::Returned { .. } => "returned",
        }
    }

    fn read(row: &Row) -> Result<Self> {
        match (row.text("step")?.as_str(), row.maybe_text("draft")?, row.maybe_text("comment")?) {
            ("sent", Some(draft), None) => Ok(Self::Sent { draft }),
            ("revised", None, None) => Ok(Self::Revised),
            ("returned", None, Some(comment)) => Ok(Self::Returned { comment }),
            _ => Err(row.corrupt("step")),
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement {
    /// Identifies it; in the order of writing.
    pub id: EndorsementId,
    /// Of which consultation.
    pub encounter_id: EncounterId,
    /// Of which document.
    pub kind: DocumentKind,
    /// What happened.
    pub step: EndorsementStep,
    /// The version of the draft it happened to.
    pub version: i64,
    /// Who supervises.
    pub supervisor: PractitionerId,
    /// Who took the step.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A document that waits for the signature of its supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsing {
    /// The consultation.
    pub encounter: Encounter,
    /// Whose.
    pub patient: Patient,
    /// Which document of it.
    pub kind: DocumentKind,
    /// When its newest step was taken.
    pub since: Timestamp,
}

fn endorsement(row: &Row) -> Result<Endorsement> {
    Ok(Endorsement {
        id: row.parsed("id")?,
        encounter_id: row.parsed("encounter_id")?,
        kind: row.coded("kind", DocumentKind::from_code)?,
        step: EndorsementStep::read(row)?,
        version: row.int("version")?,
        supervisor: row.parsed("supervisor")?,
        by: row.parsed("recorded_by")?,
        at: row.time("recorded_at")?,
    })
}

impl Tx {
    /// Adds a step.
    ///
    /// # Errors
    /// [`crate::StorageError::Missing`] for an unknown consultation, professional or user.
    pub async fn insert_endorsement(&mut self, new: &Endorsement) -> Result<()> {
        let (draft, comment) = match &new.step {
            EndorsementStep::Sent { draft } => (Some(draft.as_str()), None),
            EndorsementStep::Revised => (None, None),
            EndorsementStep::Returned { comment } => (None, Some(comment.as_str())),
        };
        self.execute(
            "INSERT INTO endorsement (id, encounter_id, kind, step, version, supervisor, comment, draft, recorded_by,
                                      recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                new.id,
                new.encounter_id,
                new.kind.code(),
                new.step.code(),
                new.version,
                new.supervisor,
                comment,
                draft,
                new.by,
                new.at,
            ],
        )
        .await
        .map(drop)
    }

    /// The steps of a document, oldest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn endorsements(
        &mut self,
        encounter: EncounterId,
        kind: DocumentKind,
    ) -> Result<Vec<Endorsement>> {
        self.list(
            "endorsement",
            "SELECT id, encounter_id, kind, step, version, supervisor, comment, draft, recorded_by, recorded_at
               FROM endorsement WHERE encounter_id = $1 AND kind = $2 ORDER BY id",
            values![encounter, kind.code()],
            endorsement,
        )
        .await
    }

    /// The documents that wait for a supervisor as they were sent to them or as they revised them, oldest first. What
    /// was changed by somebody else since, or returned, does not wait.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn endorsing(&mut self, supervisor: PractitionerId) -> Result<Vec<Endorsing>> {
        let sql = concat!(
            "SELECT x.kind AS x_kind, x.recorded_at AS x_recorded_at, ",
            encounter_columns!(),
            ", ",
            patient_columns!(),
            " FROM endorsement x
               JOIN draft d ON d.encounter_id = x.encounter_id AND d.kind = x.kind AND d.version = x.version
               JOIN encounter e ON e.id = x.encounter_id
               JOIN patient own ON own.id = e.patient_id
               JOIN patient p ON p.id = own.root
              WHERE x.supervisor = $1 AND x.step IN ('sent', 'revised')
                AND NOT EXISTS (SELECT 1 FROM endorsement y
                                 WHERE y.encounter_id = x.encounter_id AND y.kind = x.kind AND y.id > x.id)
                AND ",
            visible!("p.root", "$2", "$3"),
            " ORDER BY x.id"
        );
        self.list("endorsement", sql, values![supervisor, self.eyes(), self.moment()], |row| {
            Ok(Endorsing {
                encounter: encounter(row)?,
                patient: patient(row)?,
                kind: row.coded("x_kind", DocumentKind::from_code)?,
                since: row.time("x_recorded_at")?,
            })
        })
        .await
    }
}
