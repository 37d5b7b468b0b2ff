//! The events of the bitácora, many in one row: a row each would cost more than everything that is done with them.

use clinical::digest::Digest;

use super::walk::{Link, Walk};
use crate::audit::AuditLink;
use crate::chain::Chain;
use crate::error::{Result, StorageError};
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
struct Event {
    sequence: i64,
    read: Option<(AuditLink, Digest, Digest)>,
}

/// Walks the whole bitácora: digests are computed while the next events are read.
///
/// # Errors
/// What the engine says.
pub(super) async fn walk_events(tx: &mut Tx, head: Option<(i64, Digest)>) -> Result<Walk<AuditLink>> {
    match walk_joined(tx, head).await? {
        Some(walk) => Ok(walk),
        // Somebody put in what the program does not write: only rows tell which one it is.
        None => walk_rows(tx, head).await,
    }
}

/// `None` when events stand there that the program does not write.
async fn walk_joined(tx: &mut Tx, head: Option<(i64, Digest)>) -> Result<Option<Walk<AuditLink>>> {
    let (give, mut take) = tokio::sync::mpsc::channel::<String>(2);
    let walking = tokio::task::spawn_blocking(move || {
        let mut walk = Walk::new(Chain::Audit, head);
        while let Some(joined) = take.blocking_recv() {
            from_json(&joined)?.into_iter().for_each(|event| event.walk(&mut walk));
        }
        Some(walk)
    });
    let mut from = Some(i64::MIN);
    while let Some(place) = from {
        let Some((joined, last)) = tx.joined_events(place, EVENTS).await? else { break };
        from = last.checked_add(1);
        // Nobody takes any more once one could not be read.
        if give.send(joined).await.is_err() {
            break;
        }
    }
    drop(give);
    walking.await.map_err(|error| StorageError::Unavailable(error.into()))
}

async fn walk_rows(tx: &mut Tx, head: Option<(i64, Digest)>) -> Result<Walk<AuditLink>> {
    let mut walk = Walk::new(Chain::Audit, head);
    let mut from = Some(i64::MIN);
    while let Some(place) = from {
        let events = Event::rows(tx, place).await?;
        let Some(last) = events.last() else { break };
        from = last.sequence.checked_add(1);
        events.into_iter().for_each(|event| event.walk(&mut walk));
    }
    Ok(walk)
}

impl Event {
    async fn rows(tx: &mut Tx, place: i64) -> Result<Vec<Self>> {
        let sql = "SELECT sequence, at, actor, action, entity, entity_id, patient_id, origin, reason, previous, digest
                     FROM audit_event WHERE sequence >= $1 ORDER BY sequence LIMIT $2";
        let read = |row: &Row| {
            let whole = || {
                Ok::<_, StorageError>((AuditLink::read(row)?, row.digest("previous")?, row.digest("digest")?))
            };
            Ok(Self { sequence: row.int("sequence")?, read: whole().ok() })
        };
        tx.list("audit_event", sql, values![place, EVENTS], read).await
    }

    fn walk(self, walk: &mut Walk<AuditLink>) {
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
