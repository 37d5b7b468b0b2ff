//! The bitácora: read by page, exported, and the list of who saw a record for its patient.

use std::collections::BTreeMap;

use clinical::audit::{AuditAction, AuditEvent, NewAuditEvent};
use clinical::ids::{PatientId, UserId};
use clinical::patient::Patient;
use clinical::person::parse_date;
use clinical::practitioner::Establishment;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
pub use storage::AuditFilter;
use storage::{Database, PageRequest, Tx};

use crate::audit_lines::LineWriter;
pub use crate::audit_lines::{AuditFormat, entity_label};
use crate::error::CareError;
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, page_of};

/// Events on one page.
pub const PAGE: u32 = 50;
/// Most events of one printed list.
pub const PRINTED: u32 = 5_000;
/// Events read at a time while they are exported.
const BATCH: u32 = 500;

/// The filters as the form posts them; what is empty does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditForm {
    /// Account of who did it.
    pub person: String,
    /// [`AuditAction::code`].
    pub action: String,
    /// Number of the expediente.
    pub record: String,
    /// Desde: local day.
    pub from: String,
    /// Hasta: local day, that day included.
    pub until: String,
}

/// One page of the bitácora, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The events, each with the name of who did it.
    pub events: Vec<(AuditEvent, String)>,
    /// How many there are in all.
    pub total: i64,
    /// This page, from 0.
    pub page: u32,
    /// The numbers of the expedientes that the events are about.
    pub records: BTreeMap<PatientId, String>,
    /// Who may have done it, for the filter.
    pub people: Vec<(UserId, String)>,
    /// Openings of private records that nobody has reviewed.
    pub to_review: i64,
}

/// Who saw a record, for its patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessList {
    /// Whose record.
    pub patient: Patient,
    /// The establishment, for the head of the sheet.
    pub establishment: Option<Establishment>,
    /// The events, newest first, each with the name of who did it.
    pub events: Vec<(AuditEvent, String)>,
    /// How many there are in all; more than the list has when there are very many.
    pub total: i64,
    /// When the list was made.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: TimeZone,
}

impl Care {
    /// Reads the filters of the form.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] for a date that is none or an expediente that does not exist.
    pub async fn audit_filter(&self, actor: &Actor, form: &AuditForm) -> Result<AuditFilter, CareError> {
        self.require(actor, Permission::ReadAudit).await?;
        let mut tx = self.unseen.begin_read().await?;
        let zone = Self::time_zone(&mut tx).await?;
        let mut check = Check::new();
        let mut date = |field, text: &str| match text.trim() {
            "" => None,
            text => check.take(field, parse_date(text)),
        };
        let (from, until) = (date("desde", &form.from), date("hasta", &form.until));
        if from.zip(until).is_some_and(|(from, until)| from > until) {
            check.fail("hasta", "Escriba una fecha igual o posterior a «desde»");
        }
        let number = form.record.trim();
        let mut patient_id = None;
        if !number.is_empty() {
            patient_id = tx.record_by_number(&format!("{number:0>6}")).await?.map(|patient| patient.id);
            if patient_id.is_none() {
                check.fail("expediente", "No hay un expediente con ese número");
            }
        }
        let midnight = |date: Date| date.to_zoned_datetime(zone.clone()).ok().map(|at| at.timestamp());
        check.finish(Some(AuditFilter {
            actor: form.person.parse().ok(),
            action: AuditAction::from_code(&form.action),
            entity: None,
            patient_id,
            from: from.and_then(midnight),
            until: until.and_then(|day| day.tomorrow().ok()).and_then(midnight),
        }))
    }

    /// A page of the bitácora. Reading it leaves an event too.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission.
    pub async fn audit_events(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        page: u32,
    ) -> Result<AuditPage, CareError> {
        self.require(actor, Permission::ReadAudit).await?;
        let mut tx = self.unseen.begin().await?;
        let found = tx.audit_events(filter, page_of(page, PAGE)).await?;
        let people = people(&mut tx).await?;
        let to_review = tx.openings_to_review().await?;
        let mut records = BTreeMap::new();
        for id in found.items.iter().filter_map(|event| event.patient_id) {
            if !records.contains_key(&id)
                && let Some(patient) = tx.record(id).await?
            {
                records.insert(id, patient.record_number);
            }
        }
        tx.append_audit(self.event(actor, AuditAction::Read, "audit", "", filter.patient_id)).await?;
        tx.commit().await?;
        let events = named(found.items, &people);
        Ok(AuditPage { events, total: found.total, page, records, people, to_review })
    }

    /// Who saw a record, when and why, to be printed for its patient. Leaves an event.
    ///
    /// # Errors
    /// [`CareError::Denied`], [`CareError::NotFound`].
    pub async fn access_list(
        &self,
        actor: &Actor,
        patient: PatientId,
        filter: &AuditFilter,
    ) -> Result<AccessList, CareError> {
        self.require(actor, Permission::ReadAudit).await?;
        let mut tx = self.unseen.begin().await?;
        let patient = tx.record(patient).await?.ok_or(CareError::NotFound { what: "el expediente" })?;
        let filter = AuditFilter { patient_id: Some(patient.id), ..filter.clone() };
        let found = tx.audit_events(&filter, PageRequest::first(PRINTED)).await?;
        let people = people(&mut tx).await?;
        let establishment = tx.establishment().await?;
        let zone = Self::time_zone(&mut tx).await?;
        tx.append_audit(self.event(actor, AuditAction::Print, "audit", "", Some(patient.id))).await?;
        tx.commit().await?;
        let events = named(found.items, &people);
        Ok(AccessList { patient, establishment, events, total: found.total, now: self.now(), zone })
    }

    /// Begins an export of the bitácora, after the password was given again; its own event is the last one in it.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::WrongPassword`], [`CareError::LockedOut`].
    pub async fn export_audit(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        format: AuditFormat,
        password: String,
    ) -> Result<AuditExport, CareError> {
        self.require(actor, Permission::ReadAudit).await?;
        self.confirm_password(actor, password).await?;
        let event = self.event(actor, AuditAction::Print, "audit", "", filter.patient_id);
        AuditExport::begin(&self.unseen, filter.clone(), format, event).await
    }
}

pub(crate) async fn people(tx: &mut Tx) -> Result<Vec<(UserId, String)>, CareError> {
    Ok(tx.users().await?.into_iter().map(|user| (user.id, user.display_name)).collect())
}

pub(crate) fn named(events: Vec<AuditEvent>, people: &[(UserId, String)]) -> Vec<(AuditEvent, String)> {
    let name = |event: &AuditEvent| match event.actor {
        None => "El programa".to_owned(),
        Some(actor) => {
            people.iter().find(|(id, _)| *id == actor).map(|(_, name)| name.clone()).unwrap_or_default()
        }
    };
    events.into_iter().map(|event| (name(&event), event)).map(|(name, event)| (event, name)).collect()
}

/// The bitácora on its way out, a piece at a time: it may have millions of events.
pub struct AuditExport {
    database: Database,
    filter: AuditFilter,
    writer: LineWriter,
    /// The last event written; `None` before the header.
    after: Option<i64>,
    done: bool,
}

impl AuditExport {
    /// Begins one, which `event` tells of.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn begin(
        database: &Database,
        filter: AuditFilter,
        format: AuditFormat,
        event: NewAuditEvent,
    ) -> Result<Self, CareError> {
        let mut tx = database.begin().await?;
        let zone = Care::time_zone(&mut tx).await?;
        let writer = LineWriter::new(format, tx.users().await?, zone);
        tx.append_audit(event).await?;
        tx.commit().await?;
        Ok(Self { database: database.clone(), filter, writer, after: None, done: false })
    }

    /// The next piece of text; `None` at the end.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn next(&mut self) -> Result<Option<String>, CareError> {
        if self.done {
            return Ok(None);
        }
        let mut text = if self.after.is_none() { self.writer.header() } else { String::new() };
        let mut tx = self.database.begin_read().await?;
        let events = tx.audit_events_after(&self.filter, self.after.unwrap_or_default(), BATCH).await?;
        self.done = events.len() < BATCH as usize;
        for event in &events {
            text.push_str(&self.writer.line(event));
        }
        self.after = Some(events.last().map_or(i64::MAX, |event| event.sequence));
        Ok(Some(text))
    }
}
