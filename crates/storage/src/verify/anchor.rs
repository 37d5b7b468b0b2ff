//! Anchors: where both chains stood at a moment, sealed, small enough to print, to be kept outside of the installation.
//!
//! The seal of a head shows that the program wrote it, not that it is the newest: an old backup put back, or an old head
//! with the rows after it removed, is sound in itself. Only something that was kept elsewhere can show that more was
//! written since.

use clinical::digest::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::{Finding, FindingKind};
use super::sealed_head;
use crate::chain::{ANCHOR_FORMAT, Chain};
use crate::database::Database;
use crate::error::{Result, StorageError};
use crate::tx::Tx;
use crate::value::{to_stored_precision, values};

/// A place in a chain: how many links it had, and the digest of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorPoint {
    /// Place of the last link; 0 for an empty chain.
    pub sequence: i64,
    /// Its digest.
    pub digest: Digest,
}

/// Where both chains stood at a moment, with the seal of the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Name and version of this format.
    pub format: String,
    /// When it was made.
    pub at: Timestamp,
    /// The chain of signed documents.
    pub documents: AnchorPoint,
    /// The bitácora.
    pub audit: AnchorPoint,
    /// Made with a key derived from the master key.
    pub seal: Digest,
}

impl Anchor {
    fn points(&self) -> [AnchorPoint; 2] {
        [self.documents, self.audit]
    }
}

/// Makes an anchor of where the chains stand now.
///
/// # Errors
/// [`StorageError::Corrupt`] when the end of a chain is not as the program wrote it: verify first.
pub async fn anchor(database: &Database, now: Timestamp) -> Result<Anchor> {
    let mut tx = database.begin_read().await?;
    let documents = point(&mut tx, Chain::Documents).await?;
    let audit = point(&mut tx, Chain::Audit).await?;
    let at = to_stored_precision(now);
    let seal =
        tx.keys.sealer.seal_anchor(at, [documents, audit].map(|point| (point.sequence, point.digest)))?;
    tx.rollback().await?;
    Ok(Anchor { format: ANCHOR_FORMAT.to_owned(), at, documents, audit, seal })
}

async fn point(tx: &mut Tx, chain: Chain) -> Result<AnchorPoint> {
    let corrupt = || StorageError::Corrupt {
        table: "chain_head",
        column: "seal".to_owned(),
        id: chain.name().to_owned(),
    };
    let (sequence, digest) = sealed_head(tx, chain).await?.ok_or_else(corrupt)?;
    Ok(AnchorPoint { sequence, digest })
}

/// Whether the chains, sound in themselves, still go through the points of an anchor.
pub(super) async fn check_anchor(tx: &mut Tx, anchor: &Anchor, findings: &mut Vec<Finding>) -> Result<()> {
    let points = anchor.points();
    if anchor.format != ANCHOR_FORMAT || !is_sealed(tx, anchor).await? {
        findings.push(Finding::foreign_anchor());
        return Ok(());
    }
    for (chain, point) in Chain::ALL.into_iter().zip(points) {
        if point.sequence > 0 && stored_digest(tx, chain, point.sequence).await? != Some(point.digest) {
            findings.push(Finding::at(chain, point.sequence, FindingKind::AnchorLost));
        }
    }
    Ok(())
}

/// Whether this installation sealed an anchor: with its key, or before it was changed with the one of then.
async fn is_sealed(tx: &mut Tx, anchor: &Anchor) -> Result<bool> {
    let points = anchor.points().map(|point| (point.sequence, point.digest));
    if tx.keys.sealer.seal_anchor(anchor.at, points)? == anchor.seal {
        return Ok(true);
    }
    let former_keys = match tx.former_keys().await {
        Err(StorageError::Corrupt { .. }) => return Ok(false),
        other => other?,
    };
    for former in former_keys {
        // Nothing it seals of later times counts. Of earlier ones it may seal what it likes, and who keeps anchors outside has them.
        if anchor.at <= former.replaced_at && former.sealer.seal_anchor(anchor.at, points)? == anchor.seal {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn stored_digest(tx: &mut Tx, chain: Chain, sequence: i64) -> Result<Option<Digest>> {
    let sql = match chain {
        Chain::Documents => "SELECT digest FROM signed_document WHERE sequence = $1",
        Chain::Audit => "SELECT digest FROM audit_event WHERE sequence = $1",
    };
    match tx.one("chain", sql, values![sequence], |row| row.digest("digest")).await {
        Err(StorageError::Corrupt { .. }) => Ok(None),
        other => other,
    }
}
