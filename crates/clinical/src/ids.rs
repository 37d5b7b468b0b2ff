//! Identifiers as types, so that a patient's id cannot be used where an encounter's is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an identifier of this system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("el identificador no es válido")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

id!(/// A patient's record.
    PatientId);
id!(/// A health professional.
    PractitionerId);
id!(/// An account that can sign in.
    UserId);
id!(/// A consultation.
    EncounterId);
id!(/// A planned visit.
    AppointmentId);
id!(/// What is booked: "Primera vez", with its length.
    ServiceId);
id!(/// A consulting room, or a video room.
    RoomId);
id!(/// Hours in which a professional sees patients.
    ShiftId);
id!(/// A time in which a professional is not there.
    ClosureId);
id!(/// Somebody on the waiting list.
    WaitingId);
id!(/// A document, the same as draft and once signed.
    DocumentId);
id!(/// One sentence or structured entry of a draft.
    ItemId);
id!(/// A file in the blob store.
    BlobId);
id!(/// An allergy, problem, medicine or measurement kept in the patient's summary.
    EntryId);
id!(/// A step of a trainee's document on its way to the supervising physician.
    EndorsementId);
id!(/// A consent given or refused.
    ConsentId);
id!(/// A recording of a consultation.
    RecordingId);
id!(/// Two records joined into one.
    MergeId);
id!(/// A file of a record, and its content in the blob store.
    AttachmentId);
id!(/// A group of patients whose records only its members see.
    GroupId);
id!(/// A second factor of an account.
    FactorId);
id!(/// A private record opened by somebody who is no member of its group.
    OpeningId);
id!(/// A laboratory report: results of one sample.
    LabReportId);
id!(/// A package with a record of another installation.
    ImportId);
id!(/// One result of a laboratory report, one version of it.
    LabResultId);
id!(/// Information of a record given to somebody.
    DeliveryId);
id!(/// A legal hold on a record.
    HoldId);
id!(/// A block of a record after its time.
    BlockId);
id!(/// A way of writing that a physician prefers.
    PreferenceId);
id!(/// A template of a document that a physician made.
    TemplateId);
id!(/// Lines of treatment a physician keeps under a name.
    KeptLinesId);
id!(/// A question to all records that somebody keeps under a name.
    QuestionId);
id!(/// A request about one's own personal data.
    ArcoId);
id!(/// A message to a patient.
    MessageId);
id!(/// Somebody who is written to, or who wrote.
    CorrespondentId);
