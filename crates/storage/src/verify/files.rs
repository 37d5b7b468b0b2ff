//! The files of records against what was kept of them: their content, that none is gone, and that none was exchanged.

use clinical::digest::Digest;
use clinical::ids::BlobId;

use super::report::{Finding, FindingKind};
use super::{BATCH, flag_blob};
use crate::blobs::BlobStore;
use crate::error::Result;
use crate::tx::Tx;
use crate::value::values;

/// Before the digest in the bitácora.
pub(super) const TRACE: &str = "huella SHA-256 ";

/// What the event of a new file says of its content, so that the chain of the bitácora binds it.
#[must_use]
pub fn trace(content: Digest) -> String {
    format!("{TRACE}{content}")
}

/// Reads every file of every record; returns how many there are.
pub(super) async fn check_files(tx: &mut Tx, blobs: &BlobStore, findings: &mut Vec<Finding>) -> Result<i64> {
    let mut count = 0;
    let mut after = String::new();
    loop {
        let sql = "SELECT id FROM attachment WHERE id > $1 ORDER BY id LIMIT $2";
        let ids = tx.list("attachment", sql, values![&after, BATCH], |row| row.text("id")).await?;
        let Some(last) = ids.last() else { break };
        after.clone_from(last);
        for id in ids {
            count += 1;
            let fault = match id.parse::<BlobId>() {
                Ok(blob) => flag_blob(blobs.get(tx, blob).await.map(drop))?,
                Err(_) => Some(FindingKind::FileAltered),
            };
            if let Some(fault) = fault {
                let kind = match fault {
                    FindingKind::BlobMissing => FindingKind::FileMissing,
                    _ => FindingKind::FileAltered,
                };
                findings.push(Finding::file(kind, &id));
            }
        }
    }
    compare_with_events(tx, findings).await?;
    Ok(count)
}

/// The bitácora tells of every file that came, most of them with their digest.
async fn compare_with_events(tx: &mut Tx, findings: &mut Vec<Finding>) -> Result<()> {
    let sql = "SELECT e.entity_id, a.id
                 FROM audit_event e LEFT JOIN attachment a ON a.id = e.entity_id LEFT JOIN blob b ON b.id = a.id
                WHERE e.entity = 'attachment' AND e.action = 'create'
                  AND (a.id IS NULL OR (e.reason IS NOT NULL AND e.reason <> $1 || b.digest))
                ORDER BY e.sequence";
    let read = |row: &crate::value::Row| Ok((row.text("entity_id")?, row.maybe_text("id")?));
    for (told, kept) in tx.list("audit_event", sql, values![TRACE], read).await? {
        let kind = if kept.is_none() { FindingKind::FileMissing } else { FindingKind::FileAltered };
        let finding = Finding::file(kind, &told);
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    Ok(())
}
