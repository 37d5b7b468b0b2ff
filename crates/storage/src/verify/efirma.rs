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

/// One sort of such files: where its rows are, and the event that tells of each.
struct Files {
    table: &'static str,
    /// A page of rows, by the file.
    page: &'static str,
    /// Events without a row that has the digest they tell of.
    told: &'static str,
    /// Rows that no event tells of.
    untold: &'static str,
}

macro_rules! files {
    ($table:literal, $action:literal) => {
        Files {
            table: $table,
            page: concat!(
                "SELECT document_id, pdf, pdf_digest FROM ",
                $table,
                " WHERE pdf > $1 ORDER BY pdf LIMIT $2"
            ),
            told: concat!(
                "SELECT e.entity_id, (SELECT COUNT(*) FROM ",
                $table,
                " y WHERE y.document_id = e.entity_id) AS kept
                   FROM audit_event e
                  WHERE e.entity = '",
                $table,
                "' AND e.action = '",
                $action,
                "' AND NOT EXISTS (SELECT 1 FROM ",
                $table,
                " x WHERE x.document_id = e.entity_id AND e.reason LIKE $1 || x.pdf_digest || '%')
                  ORDER BY e.sequence"
            ),
            untold: concat!(
                "SELECT x.document_id FROM ",
                $table,
                " x WHERE NOT EXISTS (SELECT 1 FROM audit_event e
                                       WHERE e.entity = '",
                $table,
                "' AND e.action = '",
                $action,
                "' AND e.entity_id = x.document_id)
                  ORDER BY x.document_id"
            ),
        }
    };
}

/// Of documents signed here, with what was proven later, and of those that came.
const ALL: [Files; 3] = [
    files!("document_efirma", "sign"),
    files!("efirma_proof", "update"),
    files!("external_efirma", "create"),
];

/// Checks them all.
pub(super) async fn check(tx: &mut Tx, blobs: &BlobStore, findings: &mut Vec<Finding>) -> Result<()> {
    for files in &ALL {
        let mut after = String::new();
        loop {
            let rows = tx.rows(files.table, files.page, values![&after, BATCH]).await?;
            let Some(last) = rows.last() else { break };
            after = last.text("pdf")?;
            for row in &rows {
                if let Some(kind) = fault(tx, blobs, row).await? {
                    findings.push(Finding::efirma(kind, &row.text("document_id")?));
                }
            }
        }
        compare_with_events(tx, files, findings).await?;
    }
    Ok(())
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

/// The bitácora tells of every file, with its digest; and there is none it does not tell of.
async fn compare_with_events(tx: &mut Tx, files: &Files, findings: &mut Vec<Finding>) -> Result<()> {
    let read = |row: &Row| Ok((row.text("entity_id")?, row.int("kept")?));
    for (id, kept) in tx.list("audit_event", files.told, values![super::files::TRACE], read).await? {
        let kind = if kept == 0 { FindingKind::Removed } else { FindingKind::Edited };
        findings.push(Finding::efirma(kind, &id));
    }
    for id in tx.list(files.table, files.untold, &[], |row| row.text("document_id")).await? {
        findings.push(Finding::efirma(FindingKind::Inserted, &id));
    }
    Ok(())
}
