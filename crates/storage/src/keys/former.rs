//! What is kept of the keys an installation had before: anchors they sealed and recovery codes they digested still count.

use clinical::digest::Digest;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{Keys, MasterKey, SecretBytes};
use crate::chain::Sealer;
use crate::error::{Result, StorageError};
use crate::factors::FactorKey;
use crate::tx::Tx;
use crate::value::{Row, values};
use crate::{hex, sealed};

/// A key the installation had, as far as it is kept; it opens neither the database nor a file.
pub(crate) struct FormerKey {
    pub(crate) sealer: Sealer,
    pub(crate) factor: FactorKey,
    /// From then on it was not the key any more.
    pub(crate) replaced_at: Timestamp,
}

/// The row of a former key: its fingerprint, the two keys one after the other, and until when it was the key.
struct Kept {
    fingerprint: Digest,
    keys: Zeroizing<Vec<u8>>,
    replaced_at: Timestamp,
}

fn kept(row: &Row, opens: &SecretBytes) -> Result<Kept> {
    let fingerprint: Digest = row.parsed("fingerprint")?;
    let sealed = hex::decode(&row.text("sealed")?);
    let keys = sealed.and_then(|sealed| sealed::open(opens, &fingerprint.0, &sealed));
    Ok(Kept {
        fingerprint,
        keys: keys.map(Zeroizing::new).ok_or_else(|| row.corrupt("sealed"))?,
        replaced_at: row.time("replaced_at")?,
    })
}

impl Tx {
    /// The keys before the present one, oldest first.
    pub(crate) async fn former_keys(&mut self) -> Result<Vec<FormerKey>> {
        let halves = |kept: Kept| {
            let (seal, factor) = kept.keys.split_first_chunk::<32>()?;
            Some(FormerKey {
                sealer: Sealer::new(Zeroizing::new(*seal)),
                factor: FactorKey(Zeroizing::new(factor.try_into().ok()?)),
                replaced_at: kept.replaced_at,
            })
        };
        let all = self.kept_keys().await?.into_iter();
        all.map(|kept| halves(kept).ok_or(StorageError::Crypto)).collect()
    }

    async fn kept_keys(&mut self) -> Result<Vec<Kept>> {
        let keys = std::sync::Arc::clone(&self.keys);
        let sql = "SELECT fingerprint, sealed, replaced_at FROM former_key ORDER BY replaced_at, fingerprint";
        self.list("former_key", sql, &[], |row| kept(row, &keys.former)).await
    }

    /// Keeps what is needed of the key that is replaced, and of those before it, for the new one.
    pub(crate) async fn keep_former_keys(
        &mut self,
        replaced: &MasterKey,
        new: &Keys,
        now: Timestamp,
    ) -> Result<()> {
        let mut all = self.kept_keys().await?;
        // A key that is handed over may come back, and go again.
        all.retain(|kept| kept.fingerprint != self.keys.fingerprint);
        all.push(Kept {
            fingerprint: self.keys.fingerprint,
            keys: Zeroizing::new([&replaced.seal_key()?[..], &replaced.factor_key()?[..]].concat()),
            replaced_at: now,
        });
        self.execute("DELETE FROM former_key", &[]).await?;
        for Kept { fingerprint, keys, replaced_at } in all {
            let sealed = hex::encode(&sealed::seal(&new.former, &fingerprint.0, &keys)?);
            self.execute(
                "INSERT INTO former_key (fingerprint, sealed, replaced_at) VALUES ($1, $2, $3)",
                values![fingerprint, sealed, replaced_at],
            )
            .await?;
        }
        Ok(())
    }

    /// The fingerprint of the key that the database belongs to.
    pub(crate) async fn key_fingerprint(&mut self) -> Result<Option<Digest>> {
        let sql = "SELECT key_fingerprint FROM installation";
        self.one("installation", sql, &[], |row| row.parsed("key_fingerprint")).await
    }
}
