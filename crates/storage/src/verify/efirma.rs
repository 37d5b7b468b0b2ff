//! Files signed with an e.firma: against the digests they were kept with, and those against what the bitácora tells.

use clinical::digest::Digest;
use clinical::ids::BlobId;

use super::report::{Finding, FindingKind};
use super::{BATCH, PDF, flag_blob};
use crate::blobs::BlobStore;
use crate::chain::sha256;
use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// Checks them all, in the order of their documents.
pub(super) async fn check(tx: &mut Tx, blobs: &BlobStore, findings: &mut Vec<Finding>) -> Result<()> {
    let mut after = String::new();
    loop {
        let sql = "SELECT document_id, pdf, pdf_digest FROM document_efirma
                    WHERE document_id > $1 ORDER BY document_id LIMIT $2";
        let rows = tx.rows("document_efirma", sql, values![&after, BATCH]).await?;
        let Some(last) = rows.last() else { break };
        after = last.text("document_id")?;
        for row in &rows {
            if let Some(kind) = fault(tx, blobs, row).await? {
                findings.push(Finding::efirma(kind, &row.text("document_id")?));
            }
        }
    }
    compare_with_events(tx, findings).await
}

async fn fault(tx: &mut Tx, blobs: &BlobStore, row: &Row) -> Result<Option<FindingKind>> {
    let (Ok(pdf), Ok(digest)) = (row.parsed::<BlobId>("pdf"), row.parsed::<Digest>("pdf_digest")) else {
        return Ok(Some(FindingKind::Edited));
    };
    flag_blob(blobs.get_with_info(tx, pdf).await.and_then(|(info, bytes)| {
        let same = sha256(&bytes) == digest && info.media_type == PDF;
        if same { Ok(()) } else { Err(StorageError::BlobAltered { id: pdf.to_string() }) }
    }))
}

/// The bitácora tells of every signature, with the digest of its file; and there is none it does not tell of.
async fn compare_with_events(tx: &mut Tx, findings: &mut Vec<Finding>) -> Result<()> {
    let told = "SELECT e.entity_id, x.document_id
                  FROM audit_event e LEFT JOIN document_efirma x ON x.document_id = e.entity_id
                 WHERE e.entity = 'document_efirma' AND e.action = 'sign'
                   AND (x.document_id IS NULL OR e.reason IS NULL OR e.reason NOT LIKE $1 || x.pdf_digest || '%')
                 ORDER BY e.sequence";
    let read = |row: &Row| Ok((row.text("entity_id")?, row.maybe_text("document_id")?));
    for (id, kept) in tx.list("audit_event", told, values![super::files::TRACE], read).await? {
        let kind = if kept.is_none() { FindingKind::Removed } else { FindingKind::Edited };
        findings.push(Finding::efirma(kind, &id));
    }
    let untold = "SELECT x.document_id FROM document_efirma x
                   WHERE NOT EXISTS (SELECT 1 FROM audit_event e
                                      WHERE e.entity = 'document_efirma' AND e.action = 'sign'
                                        AND e.entity_id = x.document_id)
                   ORDER BY x.document_id";
    for id in tx.list("document_efirma", untold, &[], |row| row.text("document_id")).await? {
        findings.push(Finding::efirma(FindingKind::Inserted, &id));
    }
    Ok(())
}
