//! Keeping: patients, consultations, drafts, signed documents, the bitácora and files, in one transaction at a time.
//!
//! In: values of `clinical`. Out: the same values, or an error by meaning. One repository layer runs on two engines,
//! an encrypted SQLite file (SQLCipher) and PostgreSQL; what differs lies in `engine`. Only this crate writes SQL.
//! It knows no roles, no pages, no rules about what a note must contain, and it never asks for the time: the caller
//! hands it in.
//!
//! Everything is a method on [`Tx`], one file per thing. A call that reads or writes a record puts its
//! [`Tx::append_audit`] into the same transaction:
//!
//! ```no_run
//! # use clinical::{audit::{AuditAction, NewAuditEvent}, ids::{PatientId, UserId}};
//! # async fn open_chart(database: &storage::Database, id: PatientId, user: UserId, now: jiff::Timestamp)
//! # -> storage::Result<()> {
//! let mut tx = database.begin().await?;
//! let patient = tx.patient(id).await?;
//! let summary = tx.summary(id).await?;
//! tx.append_audit(NewAuditEvent {
//!     at: now,
//!     actor: Some(user),
//!     action: AuditAction::Read,
//!     entity: "patient",
//!     entity_id: id.to_string(),
//!     patient_id: Some(id),
//!     origin: "192.168.1.20".to_owned(),
//!     reason: None,
//! })
//! .await?;
//! tx.commit().await
//! # }
//! ```
//!
//! What is signed stays: triggers refuse every change (`engine::guards`), hash chains show what was done behind their
//! back ([`verify`]).

mod alert_overrides;
mod arco;
mod attachments;
mod audit;
pub mod backup;
mod blobs;
mod blocks;
mod brought;
mod calendars;
mod cancelled;
mod chain;
mod consents;
mod correspondence;
mod database;
mod deliveries;
mod diary;
mod documents;
mod drafts;
mod drug_labels;
mod efirma;
mod endorsements;
mod engine;
mod error;
mod establishment;
mod external;
mod factors;
mod figures;
mod gaps;
mod hex;
mod icd;
mod identity;
pub mod keys;
mod laboratory;
mod listening;
mod location;
mod messages;
mod migrations;
mod note_templates;
mod once;
mod patients;
mod person;
mod phones;
mod preferences;
mod prescriptions;
mod prints;
mod private;
mod questions;
mod recordings;
mod records;
mod replies;
mod reports;
mod representatives;
mod retention;
mod saved_questions;
mod schedule;
mod sealed;
mod search;
mod settings;
mod sound;
mod stays;
mod summary;
mod tx;
mod unsaved;
mod users;
mod value;
pub mod verify;
mod visits;
mod voices;
mod waiting;

pub use self::alert_overrides::{AlertOverride, FollowUp};
pub use self::arco::NewArcoRequest;
pub use self::attachments::{AttachmentEntry, Withdrawal};
pub use self::audit::AuditFilter;
pub use self::blobs::{BlobInfo, BlobStore, MAX_BLOB_BYTES, Orphans, StagedBlob};
pub use self::brought::{BroughtFile, BroughtReader, BroughtSound, MAX_BROUGHT_BYTES, SoundWriter};
pub use self::calendars::CalendarFeed;
pub use self::cancelled::CancelledDraft;
pub use self::chain::{Chain, sha256};
pub use self::correspondence::{Correspondent, MessageAlarm, Notification};
pub use self::database::Database;
pub use self::diary::VisitStep;
pub use self::documents::{DocumentSummary, NewSignedDocument, SignedElements};
pub use self::drafts::{StoredDraft, StoredTranscript};
pub use self::drug_labels::{LabelFile, LabelsLoaded, StoredLabel};
pub use self::efirma::{EfirmaWaiting, WaitsFor};
pub use self::endorsements::{Endorsement, EndorsementStep, Endorsing};
pub use self::error::{Cause, Result, StorageError};
pub use self::external::{ExternalDocument, ExternalEfirma, ExternalSummary, RecordImport};
pub use self::factors::{Factor, SignInStep};
pub use self::figures::{
    CodedDiagnosis, Counted, CountedBy, CountedRow, DocumentFactRow, EpidemicNotice, FigureRow,
    LATEST_STATED, Oddity, SurveilledDiagnosis, UnreadResult,
};
pub use self::gaps::{CareGap, CareGapLine};
pub use self::icd::{CodeHabit, IcdPart, IcdRelease};
pub use self::identity::FormerIdentity;
pub use self::keys::MasterKey;
pub use self::laboratory::{DatedResult, LabReport, LabReportEntry, LabResultEntry, NewLabResult};
pub use self::listening::{Listening, ListeningJob};
pub use self::location::DatabaseUrl;
pub use self::messages::{MessageState, OutMessage, Untold, VisitToTell};
pub use self::once::write_once;
pub use self::phones::LentPhone;
pub use self::private::{NewOpening, Opening, OpeningReview, PatientGroup};
pub use self::questions::{Holds, Sought, SoughtValue, SoughtVisits};
pub use self::recordings::{Recording, RecordingPermit};
pub use self::records::{Act, Merge};
pub use self::reports::{DeliveryState, ReportDelivery, StoredReport};
pub use self::representatives::StoredRepresentative;
pub use self::retention::PastRecord;
pub use self::saved_questions::SavedQuestion;
pub use self::search::{SearchEntry, SearchHit, SearchQuery};
pub use self::sound::{MAX_PIECE_BYTES, MAX_PIECES, Piece, SoundStore};
pub use self::stays::StayEnd;
pub use self::summary::{Closed, Observation, Recorded, Summary, SummaryEntry};
pub use self::tx::Tx;
pub use self::unsaved::UnsavedText;
pub use self::users::{PasswordHash, Session, User};
pub use self::value::{Page, PageRequest, to_stored_precision};
pub use self::visits::{AgendaEntry, OpenEncounter};
pub use self::voices::StoredVoice;
pub use self::waiting::Offer;
