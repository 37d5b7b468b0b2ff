//! The master key of an installation and what is derived from it. Secrets here never print and are wiped when dropped.

mod change;
mod file;
mod former;
mod inputs;
mod rewrap;

use std::fmt;

use clinical::digest::Digest;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use self::change::{KeyChange, KeyChangeError, KeyChanged, Settled, settle};
pub use self::file::{KdfCost, KeyError, KeyFile, KeyProtection};
pub use self::inputs::{KeyInputs, Passphrase};
use crate::chain::Sealer;
use crate::error::{Result, StorageError};
use crate::factors::FactorKey;

/// 32 secret bytes.
pub(crate) type SecretBytes = Zeroizing<[u8; 32]>;

/// The one key of an installation; all others are derived from it. `Debug` prints nothing of it.
#[derive(Clone)]
pub struct MasterKey(SecretBytes);

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`StorageError::Crypto`] when the machine has no randomness to give.
    pub fn generate() -> Result<Self> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// Takes key bytes from elsewhere.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        text.trim().parse::<Digest>().ok().map(|digest| Self::from_bytes(digest.0))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Key of the embedded database.
    pub(crate) fn database_key(&self) -> Result<SecretBytes> {
        self.derive(b"medicus database 1")
    }

    /// Key that wraps the keys of blobs.
    pub(crate) fn blob_key(&self) -> Result<SecretBytes> {
        self.derive(b"medicus blobs 1")
    }

    /// Key that seals the heads of the chains.
    pub(crate) fn seal_key(&self) -> Result<SecretBytes> {
        self.derive(b"medicus chain heads 1")
    }

    /// Key that enciphers the secrets of second factors and digests recovery codes.
    pub(crate) fn factor_key(&self) -> Result<SecretBytes> {
        self.derive(b"medicus second factors 1")
    }

    /// Key that enciphers what is kept of the keys before this one.
    pub(crate) fn former_key(&self) -> Result<SecretBytes> {
        self.derive(b"medicus former keys 1")
    }

    /// A value stored in the database to tell whether a key belongs to it; it reveals nothing about the key.
    pub(crate) fn fingerprint(&self) -> Result<Digest> {
        self.derive(b"medicus key fingerprint 1").map(|bytes| Digest(*bytes))
    }

    /// HKDF-SHA-256 (RFC 5869) with the purpose as info.
    fn derive(&self, purpose: &[u8]) -> Result<SecretBytes> {
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &*self.0).expand(purpose, &mut *out).map_err(|_| StorageError::Crypto)?;
        Ok(out)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// What transactions seal and encipher with.
pub(crate) struct Keys {
    pub(crate) sealer: Sealer,
    pub(crate) factor: FactorKey,
    pub(crate) former: SecretBytes,
    pub(crate) fingerprint: Digest,
}

impl Keys {
    pub(crate) fn of(key: &MasterKey) -> Result<Self> {
        Ok(Self {
            sealer: Sealer::new(key.seal_key()?),
            factor: FactorKey(key.factor_key()?),
            former: key.former_key()?,
            fingerprint: key.fingerprint()?,
        })
    }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StorageError::Crypto)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_nothing_and_its_derived_keys_differ() {
        let key = MasterKey::from_bytes([7; 32]);
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
        let derived =
            [key.database_key(), key.blob_key(), key.seal_key(), key.factor_key(), key.former_key()]
                .map(|derived| *derived.unwrap());
        assert!(derived.iter().all(|one| *one != key.fingerprint().unwrap().0));
        for (i, one) in derived.iter().enumerate() {
            assert!(derived.iter().skip(i + 1).all(|other| other != one));
            assert_ne!(one, key.bytes());
        }
    }
}
