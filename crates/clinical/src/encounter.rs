//! The consultation and the planned visit, with their states.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::ids::{AppointmentId, EncounterId, PatientId, PractitionerId, RoomId};
use crate::schedule::Span;

/// Where a consultation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncounterState {
    /// The patient is here and waits: their check-in opened it. Nothing is written in it until it begins.
    Arrived,
    /// Waiting to be written or being written.
    InProgress,
    /// Its note is signed.
    Finished,
    /// Opened by mistake, closed without a note; or the patient was not seen after their check-in.
    Cancelled,
}

impl EncounterState {
    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::InProgress => "in_progress",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads [`EncounterState::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::Arrived, Self::InProgress, Self::Finished, Self::Cancelled];
        all.into_iter().find(|state| state.code() == code)
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
    /// When care happened (fecha y hora del acto); until it begins, when the patient arrived.
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
    /// Asked for or booked, not yet confirmed (pedida).
    Booked,
    /// The patient said they will come.
    Confirmed,
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
    pub const ALL: [Self; 7] = [
        Self::Booked,
        Self::Confirmed,
        Self::Arrived,
        Self::InConsultation,
        Self::Finished,
        Self::NoShow,
        Self::Cancelled,
    ];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Confirmed => "confirmed",
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

impl AppointmentState {
    /// Where the visit stands after a step; `None` when it cannot be taken from here.
    ///
    /// ```
    /// use clinical::encounter::{AppointmentState, AppointmentStep};
    /// assert_eq!(AppointmentState::Booked.after(AppointmentStep::Confirm), Some(AppointmentState::Confirmed));
    /// assert_eq!(AppointmentState::Finished.after(AppointmentStep::Cancel), None);
    /// ```
    #[must_use]
    pub fn after(self, step: AppointmentStep) -> Option<Self> {
        use AppointmentStep as Step;
        match (step, self) {
            (Step::Confirm, Self::Booked) => Some(Self::Confirmed),
            // Who was taken for absent may come late.
            (Step::Arrive, Self::Booked | Self::Confirmed | Self::NoShow) => Some(Self::Arrived),
            (Step::Finish, Self::Arrived | Self::InConsultation) => Some(Self::Finished),
            (Step::Miss, Self::Booked | Self::Confirmed) => Some(Self::NoShow),
            (Step::Cancel, Self::Booked | Self::Confirmed | Self::Arrived) => Some(Self::Cancelled),
            (Step::Undo, Self::Cancelled | Self::NoShow | Self::Arrived) => Some(Self::Booked),
            _ => None,
        }
    }

    /// Whether the visit still holds its time in the diary.
    #[must_use]
    pub fn holds_time(self) -> bool {
        !matches!(self, Self::NoShow | Self::Cancelled)
    }

    /// Whether it can still be moved to another time.
    #[must_use]
    pub fn is_ahead(self) -> bool {
        matches!(self, Self::Booked | Self::Confirmed)
    }
}

/// What reception or the patient does with a planned visit. The consultation itself (in the room, finished) follows
/// from opening and signing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppointmentStep {
    /// The patient says they will come.
    Confirm,
    /// The patient is here.
    Arrive,
    /// The patient was seen and has left. Signing the note of a visit says the same.
    Finish,
    /// The patient did not come.
    Miss,
    /// The visit will not take place.
    Cancel,
    /// The last step was a mistake.
    Undo,
}

impl AppointmentStep {
    /// All steps.
    pub const ALL: [Self; 6] =
        [Self::Confirm, Self::Arrive, Self::Finish, Self::Miss, Self::Cancel, Self::Undo];

    /// Word in forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Arrive => "arrive",
            Self::Finish => "finish",
            Self::Miss => "miss",
            Self::Cancel => "cancel",
            Self::Undo => "undo",
        }
    }

    /// Reads [`AppointmentStep::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }
}

/// Why a visit was cancelled: a closed list, so that nothing clinical is written where reception reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CancelReason {
    /// The patient said so.
    PatientAsked,
    /// The professional will not be there: the time is offered to nobody.
    ProfessionalAway,
    /// It should not have been booked.
    Mistake,
    /// It was offered from the waiting list and nobody answered in time.
    OfferExpired,
    /// It was offered from the waiting list, and who had freed it took it back before anybody was told.
    OfferTakenBack,
}

impl CancelReason {
    /// Those a person can choose.
    pub const CHOICES: [Self; 3] = [Self::PatientAsked, Self::ProfessionalAway, Self::Mistake];
    /// Those of the waiting list, which nobody chooses.
    const OF_OFFERS: [Self; 2] = [Self::OfferExpired, Self::OfferTakenBack];

    /// Word in forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PatientAsked => "patient_asked",
            Self::ProfessionalAway => "professional_away",
            Self::Mistake => "mistake",
            Self::OfferExpired => "offer_expired",
            Self::OfferTakenBack => "offer_taken_back",
        }
    }

    /// Reads [`CancelReason::code`] of a choice.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::CHOICES.into_iter().find(|reason| reason.code() == code)
    }

    /// Reads [`CancelReason::label`], as the steps of a visit keep it.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        let all = Self::CHOICES.into_iter().chain(Self::OF_OFFERS);
        all.into_iter().find(|reason| reason.label() == label)
    }

    /// The words on screens and in the steps of the visit.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::PatientAsked => "El paciente avisó que no viene",
            Self::ProfessionalAway => "El médico no estará",
            Self::Mistake => "Se agendó por error",
            Self::OfferExpired => "No respondió al ofrecimiento a tiempo",
            Self::OfferTakenBack => "Se retiró el ofrecimiento antes de avisarle",
        }
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
    /// Minutes kept free after it.
    pub buffer: u16,
    /// Which of the lines of the diary it holds its time in: 0 the regular one, others by overbooking. `None` for who
    /// came without an appointment: they hold no time and wait in the queue.
    pub lane: Option<u8>,
    /// Where.
    pub room_id: Option<RoomId>,
    /// "Primera vez", "Subsecuente", "Control": the service, never the diagnosis.
    pub service: String,
    /// Where it stands.
    pub state: AppointmentState,
}

impl Appointment {
    /// The time of the professional that it takes, with what is kept free after it; `None` for a visit of no length.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        let minutes = i64::from(self.minutes) + i64::from(self.buffer);
        let end = self.starts_at.checked_add(SignedDuration::from_mins(minutes)).ok()?;
        Span::new(self.starts_at, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_of_a_visit_is_read_back_as_it_was() {
        for state in AppointmentState::ALL {
            assert_eq!(AppointmentState::from_code(state.code()), Some(state));
        }
        for step in AppointmentStep::ALL {
            assert_eq!(AppointmentStep::from_code(step.code()), Some(step));
        }
        for reason in CancelReason::CHOICES.into_iter().chain(CancelReason::OF_OFFERS) {
            assert_eq!(CancelReason::from_label(reason.label()), Some(reason));
            let chosen = Some(reason).filter(|reason| CancelReason::CHOICES.contains(reason));
            assert_eq!(
                CancelReason::from_code(reason.code()),
                chosen,
                "only a person's choice is read of a form"
            );
        }
        assert_eq!(AppointmentState::from_code("otra"), None);
        assert_eq!(CancelReason::from_label("otra"), None);
    }
}
