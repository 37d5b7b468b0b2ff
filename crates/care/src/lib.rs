//! The services of the practice: who may do what, in which order, in one transaction.
//!
//! In: an [`Actor`] and what they want to do. Out: what the page shows, or a [`CareError`] a person understands.
//! Every function checks permission first, reads and writes in one transaction, and leaves its audit event in it.
//! It knows nothing of HTTP, of SQL or of how a page looks.

pub mod accounts;
pub mod agenda;
pub mod agenda_days;
pub mod agenda_setup;
pub mod arco;
mod arco_form;
mod arco_letters;
pub mod attachments;
pub mod audit;
mod audit_lines;
pub mod blocks;
pub mod booking;
pub mod brought;
pub mod calendars;
pub mod cancelled;
pub mod catalogue;
pub mod chart;
pub mod checking;
pub mod clock;
pub mod coding;
pub mod completing;
pub mod compliance;
pub mod consents;
pub mod consultation;
pub mod content;
mod conversation;
pub mod conversation_sound;
pub mod cosign;
pub mod course;
pub mod deliveries;
pub mod documents;
pub mod drug_labels;
pub mod efirma;
mod efirma_code;
pub mod efirma_later;
pub mod efirma_proof;
pub mod error;
pub mod establishment;
mod excerpts;
pub mod factors;
pub mod figures;
pub mod follow_ups;
pub mod gaps;
pub mod groups;
pub mod icd_releases;
pub mod identity;
pub mod laboratory;
mod letters;
pub mod listening;
pub mod live;
pub mod medicine_bars;
pub mod messages;
pub mod model;
pub mod overdue;
pub mod passkey;
pub mod password;
mod patient_form;
pub mod patients;
pub mod permission;
pub mod phone;
pub mod policy;
pub mod precise;
pub mod preferences;
pub mod prescribing;
pub mod prescriptions;
pub mod private;
pub mod recordings;
pub mod replies;
pub mod reports;
pub mod results_file;
pub mod retention;
pub mod review;
pub mod safety;
pub mod search;
pub mod session;
pub mod setup;
pub mod sign_in;
pub mod signing;
pub mod templates;
mod totp;
pub mod transfer;
pub mod trends;
pub mod unsaved;
pub mod upkeep;
pub mod visits;
pub mod voice;
pub mod waiting_list;
mod who_speaks;

use std::sync::Arc;

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::ids::PatientId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::{BlobStore, Database, PageRequest, StorageError, Tx};

pub use clock::{Clock, SystemClock};
pub use error::CareError;
pub use permission::{Actor, Opened, Permission, Role};

/// The handle every way in holds: cheap to clone, safe to share.
#[derive(Clone)]
pub struct Care {
    /// The database as the program itself reads it, private records too: for sessions, settings, the bitácora and the
    /// search index. A service that acts for somebody begins with [`Care::begin`].
    unseen: Database,
    blobs: BlobStore,
    renderer: Arc<::documents::Renderer>,
    clock: Arc<dyn Clock>,
    model: model::LanguageModel,
    listener: Option<Arc<dyn listening::Listener>>,
    authorities: efirma_proof::Authorities,
    channels: messages::Channels,
    report_folder: Option<Arc<dyn reports::ReportFolder>>,
    /// The codes that are searched, as they were last read.
    catalogue: Arc<tokio::sync::Mutex<Arc<catalogue::Catalogue>>>,
    /// Labels of medicines used lately.
    labels: Arc<tokio::sync::Mutex<drug_labels::LabelCache>>,
}

impl Care {
    /// Joins storage, the PDF renderer and a clock.
    #[must_use]
    pub fn new(
        database: Database,
        blobs: BlobStore,
        renderer: Arc<::documents::Renderer>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let catalogue = Arc::new(tokio::sync::Mutex::new(Arc::new(catalogue::Catalogue::core())));
        let model = model::LanguageModel::default();
        let labels = Arc::default();
        let authorities = efirma_proof::Authorities::default();
        let channels = messages::Channels::default();
        Self {
            unseen: database,
            blobs,
            renderer,
            clock,
            model,
            listener: None,
            authorities,
            channels,
            report_folder: None,
            catalogue,
            labels,
        }
    }

    /// The same practice, where physicians can sign with their e.firma under these authorities.
    #[must_use]
    pub fn with_authorities(self, authorities: efirma_proof::Authorities) -> Self {
        Self { authorities, ..self }
    }

    /// The same practice with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The present moment, to the millisecond: what both engines store exactly.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.clock.now().as_millisecond()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The database, for the program's own chores (`doctor`, `audit verify`).
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.unseen
    }

    /// Begins a transaction that reads and writes as a person: private records of groups they are no member of are not
    /// there. This is the one place where it is decided what of the practice a service sees.
    pub(crate) async fn begin(&self, actor: &Actor) -> Result<Tx, CareError> {
        Ok(self.unseen.begin().await?.seen_by(actor.user_id, self.now()))
    }

    /// The same, only to read.
    pub(crate) async fn begin_read(&self, actor: &Actor) -> Result<Tx, CareError> {
        Ok(self.unseen.begin_read().await?.seen_by(actor.user_id, self.now()))
    }

    /// The blob store, for the program's own chores.
    #[must_use]
    pub fn blobs(&self) -> &BlobStore {
        &self.blobs
    }

    /// Whether the database answers; the start page of a browser asks before it shows anything.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when it does not.
    pub async fn ready(&self) -> Result<(), CareError> {
        let mut tx = self.unseen.begin_read().await?;
        tx.establishment().await?;
        Ok(())
    }

    /// The time zone times are written and shown in.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who may not write in records.
    pub async fn zone(&self, actor: &Actor) -> Result<TimeZone, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.unseen.begin_read().await?;
        Self::time_zone(&mut tx).await
    }

    /// The time zone all times are shown in: that of the establishment.
    pub(crate) async fn time_zone(tx: &mut Tx) -> Result<TimeZone, CareError> {
        let name = tx.establishment().await?.map(|establishment| establishment.time_zone);
        Ok(zone(name.as_deref().unwrap_or(DEFAULT_ZONE)))
    }

    pub(crate) fn event(
        &self,
        actor: &Actor,
        action: AuditAction,
        entity: &'static str,
        entity_id: impl ToString,
        patient_id: Option<PatientId>,
    ) -> NewAuditEvent {
        NewAuditEvent {
            at: self.now(),
            actor: Some(actor.user_id),
            action,
            entity,
            entity_id: entity_id.to_string(),
            patient_id,
            origin: actor.origin.clone(),
            reason: patient_id.and_then(|id| actor.opened(id)).map(Opened::trace),
        }
    }

    /// Asks for a permission before a page that shows nothing kept, like an empty form.
    ///
    /// # Errors
    /// [`CareError::Denied`] without it.
    pub async fn allow(&self, actor: &Actor, permission: Permission) -> Result<(), CareError> {
        self.require(actor, permission).await
    }

    /// Refuses and records the refusal, or lets through.
    pub(crate) async fn require(&self, actor: &Actor, permission: Permission) -> Result<(), CareError> {
        if actor.may(permission) {
            return Ok(());
        }
        let mut tx = self.unseen.begin().await?;
        tx.append_audit(self.event(actor, AuditAction::Denied, "permission", permission.code(), None))
            .await?;
        tx.commit().await?;
        Err(CareError::Denied { message: actor.refusal(permission) })
    }
}

/// Adds why to an event, before what it may already say.
pub(crate) fn because(event: NewAuditEvent, why: &str) -> NewAuditEvent {
    let reason = match &event.reason {
        Some(more) => format!("{why}; {more}"),
        None => why.to_owned(),
    };
    NewAuditEvent { reason: Some(reason), ..event }
}

/// What is written once and stays; of a second time the person is told.
pub(crate) fn once<T>(
    written: Result<T, StorageError>,
    told: impl FnOnce() -> CareError,
) -> Result<T, CareError> {
    match written {
        Err(StorageError::Immutable | StorageError::NotUnique { .. }) => Err(told()),
        other => Ok(other?),
    }
}

/// One page of a list: `page` counts from 0.
pub(crate) fn page_of(page: u32, size: u32) -> PageRequest {
    PageRequest { limit: size, offset: page.saturating_mul(size) }
}

/// Central Mexico, where no establishment says otherwise.
pub const DEFAULT_ZONE: &str = "America/Mexico_City";

/// The named time zone, or central Mexico when the name is unknown.
#[must_use]
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).or_else(|_| TimeZone::get(DEFAULT_ZONE)).unwrap_or(TimeZone::UTC)
}
