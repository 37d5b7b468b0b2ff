//! The consultation and the planned visit, with their states.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::ids::{AppointmentId, EncounterId, PatientId, PractitionerId};

/// Where a consultation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncounterState {
    /// Waiting to be written or being written.
    InProgress,
    /// Its note is signed.
    Finished,
    /// Opened by mistake, closed without a note.
    Cancelled,
}

impl EncounterState {
    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads [`EncounterState::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::InProgress, Self::Finished, Self::Cancelled].into_iter().find(|state| state.code() == code)
    }
}

/// A consultation: one patient, one physician, one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encounter {
    /// Identifies the consultation.
    pub id: EncounterId,
    /// Whose.
    pub patient_id: PatientId,
    /// Who attends.
    pub practitioner_id: PractitionerId,
    /// The planned visit it came from, if any.
    pub appointment_id: Option<AppointmentId>,
    /// When care happened (fecha y hora del acto).
    pub started_at: Timestamp,
    /// Motivo de consulta as known beforehand.
    pub reason: String,
    /// Where it stands.
    pub state: EncounterState,
    /// The document it is written as first: the nota de evolución of a consultation, or another of the record.
    pub document: DocumentKind,
}

/// Where a planned visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentState {
    /// Booked.
    Booked,
    /// The patient is here.
    Arrived,
    /// In the consulting room.
    InConsultation,
    /// Done.
    Finished,
    /// Did not come.
    NoShow,
    /// Cancelled.
    Cancelled,
}

impl AppointmentState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Booked, Self::Arrived, Self::InConsultation, Self::Finished, Self::NoShow, Self::Cancelled];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::InConsultation => "in_consultation",
            Self::Finished => "finished",
            Self::NoShow => "no_show",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads [`AppointmentState::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A planned visit. It carries no clinical text: reception sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Identifies the visit.
    pub id: AppointmentId,
    /// Whose.
    pub patient_id: PatientId,
    /// With whom.
    pub practitioner_id: PractitionerId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Length in minutes.
    pub minutes: u16,
    /// "Primera vez", "Subsecuente", "Control": the service, never the diagnosis.
    pub service: String,
    /// Where it stands.
    pub state: AppointmentState,
}
