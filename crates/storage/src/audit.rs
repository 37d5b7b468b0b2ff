//! The bitácora: events are added to the end of their chain in the transaction of what they tell, and read.

use clinical::audit::{AuditAction, AuditEvent, NewAuditEvent};
use clinical::digest::Digest;
use clinical::ids::{PatientId, UserId};
use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::blocks::writes_into_record;
use crate::chain::{Chain, LinkHasher};
use crate::error::{Result, StorageError};
use crate::records::of_record;
use crate::tx::Tx;
use crate::value::{Page, PageRequest, Row, Value, values};

/// Which events are wanted; what is absent does not restrict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Who did it.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: Option<AuditAction>,
    /// To what kind of thing.
    pub entity: Option<String>,
    /// In whose record, with those that were joined to it.
    pub patient_id: Option<PatientId>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

impl AuditFilter {
    /// The condition, with its values.
    fn condition(&self) -> (String, Vec<Value>) {
        let mut conditions = vec!["1 = 1".to_owned()];
        let mut values = Vec::new();
        // First, since the condition names `$1`.
        if let Some(patient) = self.patient_id {
            values.push(Value::from(patient));
            conditions.push(of_record!("patient_id").to_owned());
        }
        let mut restrict = |column: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                conditions.push(format!("{column} ${}", values.len()));
            }
        };
        restrict("actor =", self.actor.map(Value::from));
        restrict("action =", self.action.map(|action| action.code().into()));
        restrict("entity =", self.entity.as_ref().map(Value::from));
        restrict("at >=", self.from.map(Value::from));
        restrict("at <", self.until.map(Value::from));
        (conditions.join(" AND "), values)
    }
}

const COLUMNS: &str =
    "sequence, at, actor, action, entity, entity_id, patient_id, origin, reason, previous, digest";

fn event(row: &Row) -> Result<AuditEvent> {
    Ok(AuditEvent {
        sequence: row.int("sequence")?,
        at: row.time("at")?,
        actor: row.maybe_parsed("actor")?,
        action: row.coded("action", AuditAction::from_code)?,
        entity: row.text("entity")?,
        entity_id: row.text("entity_id")?,
        patient_id: row.maybe_parsed("patient_id")?,
        origin: row.text("origin")?,
        reason: row.maybe_text("reason")?,
        previous: row.parsed("previous")?,
        digest: row.parsed("digest")?,
    })
}

/// The columns of a link as they are stored, in the order of [`Tx::joined_events`]; see `documents::DocumentLink`.
#[derive(serde::Deserialize)]
pub(crate) struct AuditLink {
    at: i64,
    actor: Option<String>,
    action: String,
    entity: String,
    entity_id: String,
    patient_id: Option<String>,
    origin: String,
    reason: Option<String>,
}

impl AuditLink {
    fn of(new: &NewAuditEvent) -> Self {
        Self {
            at: new.at.as_millisecond(),
            actor: new.actor.map(|id| id.to_string()),
            action: new.action.code().to_owned(),
            entity: new.entity.to_owned(),
            entity_id: new.entity_id.clone(),
            patient_id: new.patient_id.map(|id| id.to_string()),
            origin: new.origin.clone(),
            reason: new.reason.clone(),
        }
    }

    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            at: row.int("at")?,
            actor: row.maybe_text("actor")?,
            action: row.text("action")?,
            entity: row.text("entity")?,
            entity_id: row.text("entity_id")?,
            patient_id: row.maybe_text("patient_id")?,
            origin: row.text("origin")?,
            reason: row.maybe_text("reason")?,
        })
    }

    pub(crate) fn digest(&self, sequence: i64, previous: Digest) -> Digest {
        LinkHasher::new(Chain::Audit, previous)
            .number(sequence)
            .number(self.at)
            .maybe(self.actor.as_deref())
            .text(&self.action)
            .text(&self.entity)
            .text(&self.entity_id)
            .maybe(self.patient_id.as_deref())
            .text(&self.origin)
            .maybe(self.reason.as_deref())
            .finish()
    }
}

impl Tx {
    /// Adds an event to the end of the bitácora. It is written by [`Tx::commit`], as the last thing, so that nobody waits
    /// for the chain longer than that; if it cannot be written, nothing of the transaction is kept. Since everything written
    /// into a record leaves an event, this is also where a blocked one refuses.
    ///
    /// # Errors
    /// [`StorageError::Aborted`] when the transaction has failed already; [`StorageError::Blocked`] for something written
    /// into a blocked record, of which nothing is kept.
    pub async fn append_audit(&mut self, new: NewAuditEvent) -> Result<()> {
        if self.failed {
            return Err(StorageError::Aborted);
        }
        if let Some(record) = writes_into_record(&new)
            && self.is_blocked(record).await?
        {
            self.failed = true;
            return Err(StorageError::Blocked);
        }
        self.events.push(new);
        Ok(())
    }

    /// Writes the events of this transaction in the order they were added.
    pub(crate) async fn write_events(&mut self) -> Result<()> {
        if self.events.is_empty() {
            if self.used_key {
                // Refused when the key was changed meanwhile; who changes it waits here for this transaction.
                self.hold_head(Chain::Audit).await?;
            }
            return Ok(());
        }
        let head = self.hold_head(Chain::Audit).await?;
        let (mut sequence, mut previous) = (head.sequence, head.digest);
        for new in std::mem::take(&mut self.events) {
            sequence += 1;
            previous = self.write_event(&AuditLink::of(&new), sequence, previous).await?;
        }
        self.move_head(Chain::Audit, sequence, previous).await
    }

    async fn write_event(&mut self, link: &AuditLink, sequence: i64, previous: Digest) -> Result<Digest> {
        let digest = link.digest(sequence, previous);
        self.execute(
            "INSERT INTO audit_event (sequence, at, actor, action, entity, entity_id, patient_id, origin, reason,
                                      previous, digest)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                sequence,
                link.at,
                link.actor.as_deref(),
                &link.action,
                &link.entity,
                &link.entity_id,
                link.patient_id.as_deref(),
                &link.origin,
                link.reason.as_deref(),
                previous,
                digest,
            ],
        )
        .await?;
        Ok(digest)
    }

    /// Events, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn audit_events(
        &mut self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEvent>> {
        let (condition, mut values) = filter.condition();
        let total = format!("SELECT COUNT(*) AS n FROM audit_event WHERE {condition}");
        let total = self.number(AssertSqlSafe(total), &values).await?;
        let (limit, offset) = (values.len() + 1, values.len() + 2);
        values.extend([page.limit().into(), page.offset().into()]);
        let sql = format!(
            "SELECT {COLUMNS} FROM audit_event WHERE {condition}
              ORDER BY sequence DESC LIMIT ${limit} OFFSET ${offset}"
        );
        let items = self.list("audit_event", AssertSqlSafe(sql), &values, event).await?;
        Ok(Page { items, total })
    }

    /// Events after a place in the chain, oldest first, for who goes through all of them.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn audit_events_after(
        &mut self,
        filter: &AuditFilter,
        sequence: i64,
        limit: u32,
    ) -> Result<Vec<AuditEvent>> {
        let (condition, mut values) = filter.condition();
        let (after, most) = (values.len() + 1, values.len() + 2);
        values.extend([sequence.into(), i64::from(limit).into()]);
        let sql = format!(
            "SELECT {COLUMNS} FROM audit_event WHERE {condition} AND sequence > ${after}
              ORDER BY sequence LIMIT ${most}"
        );
        self.list("audit_event", AssertSqlSafe(sql), &values, event).await
    }
}
