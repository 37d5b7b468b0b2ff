//! Documents of other establishments: content, PDF and transcript against the digests they came with, and those against
//! what the bitácora tells of their coming.

use clinical::digest::Digest;

use super::report::{Finding, FindingKind};
use super::{BATCH, PDF, flag_blob};
use crate::blobs::BlobStore;
use crate::chain::sha256;
use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// What the event of a document that came says of it, so that the chain of the bitácora binds it.
#[must_use]
pub fn trace_of_document(content: Digest, pdf: Digest) -> String {
    format!("{} {pdf}", super::trace(content))
}

/// Checks them all, in the order of their ids.
pub(super) async fn check(tx: &mut Tx, blobs: &BlobStore, findings: &mut Vec<Finding>) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows = tx
            .rows(
                "external_document",
                "SELECT id, pdf, pdf_digest, content_digest, content, transcript
                   FROM external_document WHERE id > $1 ORDER BY id LIMIT $2",
                values![&after, BATCH],
            )
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.text("id")?;
        for row in &rows {
            let id = row.text("id")?;
            for kind in faults(tx, blobs, row).await? {
                findings.push(Finding::external(kind, &id));
            }
        }
    }
    compare_with_events(tx, findings).await
}

async fn faults(tx: &mut Tx, blobs: &BlobStore, row: &Row) -> Result<Vec<FindingKind>> {
    let digest = |column| row.parsed::<Digest>(column);
    let read = (row.text("content"), digest("content_digest"), row.parsed("pdf"), digest("pdf_digest"));
    let (Ok(content), Ok(content_digest), Ok(pdf), Ok(pdf_digest)) = read else {
        return Ok(vec![FindingKind::Edited]);
    };
    let mut found = Vec::new();
    if sha256(content.as_bytes()) != content_digest {
        found.push(FindingKind::ContentAltered);
    }
    let same = blobs.get_with_info(tx, pdf).await.and_then(|(info, bytes)| {
        let same = sha256(&bytes) == pdf_digest && info.media_type == PDF;
        if same { Ok(()) } else { Err(StorageError::BlobAltered { id: pdf.to_string() }) }
    });
    found.extend(flag_blob(same)?);
    let named: serde_json::Value = serde_json::from_str(&content).unwrap_or_default();
    let named = named.get("transcript").and_then(serde_json::Value::as_str);
    // It may not have come along; when it did, it is the one the document names.
    if let Some(transcript) = row.maybe_text("transcript")?
        && named != Some(sha256(transcript.as_bytes()).to_string().as_str())
    {
        found.push(FindingKind::TranscriptAltered);
    }
    Ok(found)
}

/// The bitácora tells of every document that came, with its digests.
async fn compare_with_events(tx: &mut Tx, findings: &mut Vec<Finding>) -> Result<()> {
    let sql = "SELECT e.entity_id, d.id
                 FROM audit_event e LEFT JOIN external_document d ON d.id = e.entity_id
                WHERE e.entity = 'external_document' AND e.action = 'create'
                  AND (d.id IS NULL OR e.reason IS NULL
                       OR e.reason <> $1 || d.content_digest || ' ' || d.pdf_digest)
                ORDER BY e.sequence";
    let read = |row: &Row| Ok((row.text("entity_id")?, row.maybe_text("id")?));
    for (told, kept) in tx.list("audit_event", sql, values![super::files::TRACE], read).await? {
        let kind = if kept.is_none() { FindingKind::Removed } else { FindingKind::Edited };
        findings.push(Finding::external(kind, &told));
    }
    Ok(())
}
