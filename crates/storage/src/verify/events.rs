//! The events of the bitácora, many in one row: a row each would cost more than everything that is done with them.

use clinical::digest::Digest;

use super::walk::{Link, Walk};
use crate::audit::AuditLink;
use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Row, stored_digest, values};

/// Events read at a time.
const EVENTS: i64 = 2000;

impl Link for AuditLink {
    fn digest_at(&self, sequence: i64, previous: Digest) -> Digest {
        self.digest(sequence, previous)
    }
}

/// An event at its place; what could be read of it with the digests before and of itself.
pub(super) struct Event {
    pub(super) sequence: i64,
    read: Option<(AuditLink, Digest, Digest)>,
}

impl Event {
    /// The next ones from a place on; none at the end.
    pub(super) async fn some(tx: &mut Tx, place: i64) -> Result<Vec<Self>> {
        match tx.joined_events(place, EVENTS).await?.as_deref().map(from_json) {
            Some(Some(events)) => Ok(events),
            // Somebody put in what the program does not write: only rows tell which one it is.
            Some(None) => Self::rows(tx, place).await,
            None => Ok(Vec::new()),
        }
    }

    async fn rows(tx: &mut Tx, place: i64) -> Result<Vec<Self>> {
        let sql = "SELECT sequence, at, actor, action, entity, entity_id, patient_id, origin, reason, previous, digest
                     FROM audit_event WHERE sequence >= $1 ORDER BY sequence LIMIT $2";
        let read = |row: &Row| {
            let whole = || {
                Ok::<_, crate::StorageError>((
                    AuditLink::read(row)?,
                    row.digest("previous")?,
                    row.digest("digest")?,
                ))
            };
            Ok(Self { sequence: row.int("sequence")?, read: whole().ok() })
        };
        tx.list("audit_event", sql, values![place, EVENTS], read).await
    }

    pub(super) fn walk(self, walk: &mut Walk<AuditLink>) {
        match self.read {
            Some((link, previous, digest)) => walk.link(self.sequence, link, previous, digest),
            None => walk.unreadable(self.sequence),
        }
    }
}

/// `None` when a value is of another type than the program writes.
fn from_json(joined: &str) -> Option<Vec<Event>> {
    let lines: Vec<(i64, AuditLink, String, String)> = serde_json::from_str(joined).ok()?;
    let event = |(sequence, link, previous, digest): (i64, AuditLink, String, String)| {
        let read = stored_digest(&previous).zip(stored_digest(&digest));
        Event { sequence, read: read.map(|(previous, digest)| (link, previous, digest)) }
    };
    Some(lines.into_iter().map(event).collect())
}
