//! `medicus audit verify`: walks both chains and says what was removed, edited, reordered or inserted, and where.
//!
//! It trusts nothing that the database alone could have been made to say: digests are computed again from the stored
//! words, the heads are checked with the key of the installation, PDFs, transcripts and files are read and compared, and the
//! triggers must be exactly those that the program made.

mod anchor;
mod efirma;
mod events;
mod external;
mod files;
mod report;
mod walk;

use clinical::digest::Digest;

use self::anchor::check_anchor;
pub use self::anchor::{Anchor, AnchorPoint, anchor};
use self::events::walk_events;
pub use self::external::trace_of_document;
use self::files::check_files;
pub use self::files::trace;
pub use self::report::{Finding, FindingKind, VerifyReport};
use self::walk::{Link, Walk};
use crate::blobs::BlobStore;
use crate::chain::{Chain, Head, sha256};
use crate::database::Database;
use crate::documents::DocumentLink;
use crate::engine::guards::{Fault, GUARDS};
use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{Row, values};

/// Rows read at a time.
const BATCH: i64 = 200;

/// What a signed file is.
const PDF: &str = "application/pdf";

impl Link for DocumentLink {
    fn digest_at(&self, sequence: i64, previous: Digest) -> Digest {
        self.digest(sequence, previous)
    }
}

/// Checks everything that is bound by digests. It reads one consistent state and stops nobody from writing.
///
/// # Errors
/// Only when the check itself could not be made; what it finds is in the report.
pub async fn verify(database: &Database, blobs: &BlobStore) -> Result<VerifyReport> {
    check(database, Some(blobs), None).await
}

/// Checks the bitácora and the triggers alone, without reading a document or file: quick enough for every day.
///
/// # Errors
/// As [`verify`].
pub async fn verify_events(database: &Database) -> Result<VerifyReport> {
    check(database, None, None).await
}

/// Checks everything (or, without files, the bitácora and the triggers), and that the chains still go through the points
/// of an anchor that was kept outside: it shows an old backup put back and a chain written anew.
///
/// # Errors
/// As [`verify`].
pub async fn verify_from(
    database: &Database,
    blobs: Option<&BlobStore>,
    anchor: &Anchor,
) -> Result<VerifyReport> {
    check(database, blobs, Some(anchor)).await
}

async fn check(
    database: &Database,
    blobs: Option<&BlobStore>,
    anchor: Option<&Anchor>,
) -> Result<VerifyReport> {
    let mut tx = database.begin_read().await?;
    let mut report = VerifyReport::default();
    let tables: Vec<&str> = GUARDS.iter().map(|guard| guard.table).chain(["chain_head"]).collect();
    let missing = tx.missing_tables(&tables).await?;
    if !missing.is_empty() {
        report.findings.extend(missing.iter().map(|table| Finding::table_missing(table)));
        return Ok(report);
    }
    check_triggers(&mut tx, &mut report).await?;
    if let Some(blobs) = blobs {
        report.documents = walk_documents(&mut tx, blobs, &mut report.findings).await?;
        report.files = check_files(&mut tx, blobs, &mut report.findings).await?;
        external::check(&mut tx, blobs, &mut report.findings).await?;
        efirma::check(&mut tx, blobs, &mut report.findings).await?;
    }
    report.audit_events = walk_audit(&mut tx, &mut report.findings).await?;
    if let Some(anchor) = anchor {
        check_anchor(&mut tx, anchor, &mut report.findings).await?;
    }
    tx.rollback().await?;
    Ok(report)
}

async fn check_triggers(tx: &mut Tx, report: &mut VerifyReport) -> Result<()> {
    for fault in tx.trigger_faults().await? {
        let kind = match fault.fault {
            Fault::Missing => FindingKind::TriggerMissing,
            Fault::Disabled => FindingKind::TriggerDisabled,
            Fault::Altered => FindingKind::TriggerAltered,
            Fault::Unknown => FindingKind::TriggerUnknown,
        };
        report.findings.push(Finding::trigger(kind, &fault.table, &fault.name));
    }
    Ok(())
}

async fn walk_audit(tx: &mut Tx, findings: &mut Vec<Finding>) -> Result<i64> {
    let head = sealed_head(tx, Chain::Audit).await?;
    let walk = walk_events(tx, head).await?;
    Ok(finish(walk, findings))
}

async fn walk_documents(tx: &mut Tx, blobs: &BlobStore, findings: &mut Vec<Finding>) -> Result<i64> {
    let head = sealed_head(tx, Chain::Documents).await?;
    let mut walk = Walk::new(Chain::Documents, head);
    let mut from = Some(i64::MIN);
    while let Some(place) = from {
        let rows = tx
            .rows(
                "signed_document",
                "SELECT sequence, id, kind, patient_id, encounter_id, amends, signed_by, signed_at, act_at,
                        content_digest, pdf, pdf_digest, previous, digest, content
                   FROM signed_document WHERE sequence >= $1 ORDER BY sequence LIMIT $2",
                values![place, BATCH],
            )
            .await?;
        let Some(last) = rows.last() else { break };
        from = last.int("sequence")?.checked_add(1);
        for row in &rows {
            step(&mut walk, row, DocumentLink::read)?;
            check_document(tx, blobs, row, findings).await?;
        }
    }
    Ok(finish(walk, findings))
}

fn step<L: Link>(walk: &mut Walk<L>, row: &Row, read: impl Fn(&Row) -> Result<L>) -> Result<()> {
    let sequence = row.int("sequence")?;
    let link = read(row).and_then(|link| Ok((link, row.digest("previous")?, row.digest("digest")?)));
    match link {
        Ok((link, previous, digest)) => walk.link(sequence, link, previous, digest),
        Err(_) => walk.unreadable(sequence),
    }
    Ok(())
}

fn finish<L: Link>(walk: Walk<L>, findings: &mut Vec<Finding>) -> i64 {
    let (count, mut found) = walk.finish();
    findings.append(&mut found);
    count
}

/// Where a chain ends, if the program itself wrote so.
async fn sealed_head(tx: &mut Tx, chain: Chain) -> Result<Option<(i64, Digest)>> {
    let head = tx
        .one(
            "chain_head",
            "SELECT sequence, digest, seal FROM chain_head WHERE name = $1",
            values![chain.name()],
            Head::read,
        )
        .await;
    match head {
        Ok(Some(head)) if tx.is_sealed(chain, head)? => Ok(Some((head.sequence, head.digest))),
        Ok(_) | Err(StorageError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Content, PDF and transcript of one document against their digests.
async fn check_document(
    tx: &mut Tx,
    blobs: &BlobStore,
    row: &Row,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let sequence = row.int("sequence")?;
    let mut found = |kind| findings.push(Finding::at(Chain::Documents, sequence, kind));
    let Ok(content) = row.text("content") else {
        // The link holds only its digest, so the walk does not read it.
        found(FindingKind::ContentAltered);
        return Ok(());
    };
    let (Ok(content_digest), Ok(pdf), Ok(pdf_digest)) =
        (row.parsed::<Digest>("content_digest"), row.parsed("pdf"), row.parsed::<Digest>("pdf_digest"))
    else {
        // The walk has told that they are not what was written.
        return Ok(());
    };
    if sha256(content.as_bytes()) != content_digest {
        found(FindingKind::ContentAltered);
    }
    let read = blobs.get_with_info(tx, pdf).await.and_then(|(info, bytes)| {
        let same = sha256(&bytes) == pdf_digest && info.media_type == PDF;
        if same { Ok(()) } else { Err(StorageError::BlobAltered { id: pdf.to_string() }) }
    });
    if let Some(kind) = flag_blob(read)? {
        found(kind);
    }
    if !transcript_is_sound(tx, row, &content).await? {
        found(FindingKind::TranscriptAltered);
    }
    Ok(())
}

/// What a failed reading of a blob says about it; an error when it says nothing.
fn flag_blob(read: Result<()>) -> Result<Option<FindingKind>> {
    match read {
        Ok(()) => Ok(None),
        Err(StorageError::BlobAltered { .. } | StorageError::Corrupt { .. }) => {
            Ok(Some(FindingKind::BlobAltered))
        }
        Err(StorageError::BlobMissing { .. } | StorageError::BlobDestroyed { .. }) => {
            Ok(Some(FindingKind::BlobMissing))
        }
        Err(error) => Err(error),
    }
}

/// A note that names a transcript needs exactly that one: its evidence points into it.
async fn transcript_is_sound(tx: &mut Tx, row: &Row, content: &str) -> Result<bool> {
    let content: serde_json::Value = serde_json::from_str(content).unwrap_or_default();
    let Some(named) = content.get("transcript").and_then(serde_json::Value::as_str) else { return Ok(true) };
    let Ok(Some(encounter)) = row.maybe_text("encounter_id") else { return Ok(false) };
    let stored = tx
        .one(
            "transcript",
            "SELECT digest, content FROM transcript WHERE encounter_id = $1",
            values![encounter],
            |row| Ok((row.text("digest")?, row.text("content")?)),
        )
        .await;
    match stored {
        Ok(stored) => Ok(stored.is_some_and(|(digest, content)| {
            digest == named && sha256(content.as_bytes()).to_string() == named
        })),
        Err(StorageError::Corrupt { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
