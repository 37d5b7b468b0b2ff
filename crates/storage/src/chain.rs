//! The two hash chains, of signed documents and of the bitácora, and the sealed record of where each ends.
//!
//! A link's digest is SHA-256 over: the name of the chain's format, the digest of the link before (32 bytes, zeros for
//! the first), then every field in the order given below. A text field is its length in bytes as 4 bytes big-endian,
//! then the UTF-8 bytes; an absent field is the length `ff ff ff ff` alone; a number is 8 bytes big-endian, two's
//! complement. Instants are milliseconds since 1970.
//!
//! `medicus-document-1`: sequence, id, kind, patient_id, encounter_id, amends, signed_by, signed_at, act_at,
//! content_digest, pdf, pdf_digest. `medicus-audit-1`: sequence, at, actor, action, entity, entity_id, patient_id,
//! origin, reason. Ids and digests enter as the text that is stored.
//!
//! The head (sequence and digest of the last link) carries a seal made with a key derived from the master key, so that
//! whoever can write to the database but does not hold the key cannot shorten or rewrite a chain unnoticed.

use clinical::digest::Digest;
use hkdf::Hkdf;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::error::{Result, StorageError};
use crate::keys::SecretBytes;
use crate::tx::Tx;
use crate::value::{Row, values};

/// The digest of bytes, as documents, PDFs and transcripts are bound by.
///
/// ```
/// assert!(storage::sha256(b"").to_string().starts_with("e3b0c442"));
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Which of the two chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Chain {
    /// The signed documents.
    Documents,
    /// The bitácora.
    Audit,
}

impl Chain {
    /// Both chains.
    pub const ALL: [Self; 2] = [Self::Documents, Self::Audit];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Documents => "document",
            Self::Audit => "audit",
        }
    }

    pub(crate) fn format(self) -> &'static str {
        match self {
            Self::Documents => "medicus-document-1",
            Self::Audit => "medicus-audit-1",
        }
    }

    /// The name on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Documents => "documentos firmados",
            Self::Audit => "bitácora",
        }
    }
}

/// Builds a link's digest field by field.
pub(crate) struct LinkHasher(Sha256);

impl LinkHasher {
    pub(crate) fn new(chain: Chain, previous: Digest) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(chain.format());
        hasher.update(previous.0);
        Self(hasher)
    }

    pub(crate) fn number(mut self, number: i64) -> Self {
        self.0.update(number.to_be_bytes());
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        // A length of 4 GiB or more cannot come out of a text column of either engine.
        self.0.update(u32::try_from(text.len()).unwrap_or(u32::MAX - 1).to_be_bytes());
        self.0.update(text);
        self
    }

    pub(crate) fn maybe(mut self, text: Option<&str>) -> Self {
        if let Some(text) = text {
            return self.text(text);
        }
        self.0.update(u32::MAX.to_be_bytes());
        self
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// Name of the format of anchors (`verify::anchor`).
pub(crate) const ANCHOR_FORMAT: &str = "medicus-anchor-1";

/// Seals the heads of the chains and the anchors.
pub(crate) struct Sealer(SecretBytes);

impl Sealer {
    pub(crate) fn new(key: SecretBytes) -> Self {
        Self(key)
    }

    /// The seal of a head.
    pub(crate) fn seal(&self, chain: Chain, sequence: i64, digest: Digest) -> Result<Digest> {
        self.keyed(&[chain.format().as_bytes(), &sequence.to_be_bytes(), &digest.0])
    }

    /// The seal of an anchor: its moment and its points, documents first.
    pub(crate) fn seal_anchor(&self, at: Timestamp, points: [(i64, Digest); 2]) -> Result<Digest> {
        let [(documents, last_document), (events, last_event)] = points;
        self.keyed(&[
            ANCHOR_FORMAT.as_bytes(),
            &at.as_millisecond().to_be_bytes(),
            &documents.to_be_bytes(),
            &last_document.0,
            &events.to_be_bytes(),
            &last_event.0,
        ])
    }

    /// A keyed digest (HKDF-Expand, RFC 5869).
    fn keyed(&self, info: &[&[u8]]) -> Result<Digest> {
        let mut seal = [0; 32];
        Hkdf::<Sha256>::from_prk(&*self.0)
            .map_err(|_| StorageError::Crypto)?
            .expand_multi_info(info, &mut seal)
            .map_err(|_| StorageError::Crypto)?;
        Ok(Digest(seal))
    }
}

/// Where a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) sequence: i64,
    pub(crate) digest: Digest,
    pub(crate) seal: Digest,
}

impl Head {
    pub(crate) fn read(row: &Row) -> Result<Self> {
        Ok(Self { sequence: row.int("sequence")?, digest: row.digest("digest")?, seal: row.digest("seal")? })
    }
}

impl Tx {
    /// The head of a chain, held against other writers until the end of the transaction. Documents come first and
    /// events at the commit, so that two transactions never wait for each other's head.
    ///
    /// # Errors
    /// [`StorageError::WrongKey`] when the key of the installation was changed since this program opened the database.
    pub(crate) async fn hold_head(&mut self, chain: Chain) -> Result<Head> {
        let sql = "SELECT sequence, digest, seal FROM chain_head WHERE name = $1";
        let held = self.locked("chain_head", sql, values![chain.name()], Head::read).await?;
        let missing = || StorageError::Missing { what: "chain_head".to_owned() };
        let head = held.first().copied().ok_or_else(missing)?;
        // What a stranger sealed, `verify` tells. But nothing is written with a key that is no longer the one.
        if !self.is_sealed(chain, head)? && self.key_fingerprint().await? != Some(self.keys.fingerprint) {
            self.failed = true;
            return Err(StorageError::WrongKey);
        }
        Ok(head)
    }

    /// Whether this key sealed the end of a chain.
    pub(crate) fn is_sealed(&self, chain: Chain, head: Head) -> Result<bool> {
        Ok(self.keys.sealer.seal(chain, head.sequence, head.digest)? == head.seal)
    }

    pub(crate) async fn move_head(&mut self, chain: Chain, sequence: i64, digest: Digest) -> Result<()> {
        let seal = self.keys.sealer.seal(chain, sequence, digest)?;
        self.execute(
            "UPDATE chain_head SET sequence = $2, digest = $3, seal = $4 WHERE name = $1",
            values![chain.name(), sequence, digest, seal],
        )
        .await
        .map(drop)
    }

    pub(crate) async fn insert_heads(&mut self) -> Result<()> {
        for chain in Chain::ALL {
            let seal = self.keys.sealer.seal(chain, 0, Digest::ORIGIN)?;
            self.execute(
                "INSERT INTO chain_head (name, sequence, digest, seal) VALUES ($1, 0, $2, $3)",
                values![chain.name(), Digest::ORIGIN, seal],
            )
            .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_cannot_be_moved_across_their_borders() {
        let link = |fields: &[Option<&str>]| {
            fields
                .iter()
                .fold(LinkHasher::new(Chain::Audit, Digest::ORIGIN), |hasher, field| hasher.maybe(*field))
                .finish()
        };
        let digests = [
            link(&[Some("ab"), Some("c")]),
            link(&[Some("a"), Some("bc")]),
            link(&[Some("abc"), None]),
            link(&[Some("abc"), Some("")]),
            link(&[None, Some("abc")]),
        ];
        for (i, one) in digests.iter().enumerate() {
            assert!(digests.iter().skip(i + 1).all(|other| other != one));
        }
    }

    #[test]
    fn a_seal_needs_its_key_and_its_chain() {
        let sealer = |byte| Sealer::new(zeroize::Zeroizing::new([byte; 32]));
        let seal = |byte, chain, sequence| sealer(byte).seal(chain, sequence, Digest::ORIGIN).unwrap();
        assert_eq!(seal(1, Chain::Audit, 4), seal(1, Chain::Audit, 4));
        assert_ne!(seal(1, Chain::Audit, 4), seal(2, Chain::Audit, 4));
        assert_ne!(seal(1, Chain::Audit, 4), seal(1, Chain::Documents, 4));
        assert_ne!(seal(1, Chain::Audit, 4), seal(1, Chain::Audit, 5));
    }
}
