//! The key file: made at first start with mode 0600, wrapped by a passphrase when there is one.
//!
//! JSON so that it can be looked at; a checksum over its other fields tells a damaged file from a wrong passphrase.

use std::fs;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::inputs::{KeyInputs, Passphrase};
use super::{MasterKey, random};
use crate::backup::BackupError;
use crate::error::StorageError;
use crate::hex;
use crate::once::write_once;

const FORMAT: &str = "medicus-key-1";

/// Why the key could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The passphrase is not the one that wrapped the key.
    #[error("la frase de acceso no es la correcta")]
    WrongPassphrase,
    /// The key file is wrapped and no passphrase was handed over.
    #[error(
        "el archivo de clave {path} pide una frase de acceso: defina MEDICUS_PASSPHRASE o la credencial medicus.passphrase"
    )]
    PassphraseNeeded {
        /// The key file.
        path: PathBuf,
    },
    /// The key file was changed or cut.
    #[error("el archivo de clave {path} está dañado; restaure su copia de seguridad")]
    Damaged {
        /// The key file.
        path: PathBuf,
    },
    /// Others than its owner can read the key file.
    #[error(
        "el archivo de clave {path} lo pueden leer otras personas (permisos {mode:o}); corríjalo con: chmod 600 {path}"
    )]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is a database but no key file: a new key could never open it.
    #[error(
        "falta el archivo de clave {path} y ya hay una base de datos; no se crea otra clave porque no la abriría"
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A key was handed over that is not 64 hexadecimal digits or 32 bytes.
    #[error("la clave entregada no es válida: deben ser 64 dígitos hexadecimales")]
    BadRawKey,
    /// The passphrase is not text.
    #[error("la frase de acceso entregada no es texto")]
    BadPassphraseText,
    /// The file cannot be read or written.
    #[error("no se pudo leer o escribir {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Randomness or the derivation failed.
    #[error("este equipo no pudo generar o usar una clave")]
    Crypto,
}

/// Work of the passphrase derivation (Argon2id). Kept in the file, so that it may grow later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl KdfCost {
    /// 64 MiB and 3 passes: the second recommended option of RFC 9106, section 4.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3 };
}

/// How the key lies in its file; `doctor` tells the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProtection {
    /// Handed over by systemd or the environment; there is no file.
    HandedOver,
    /// Wrapped by a passphrase.
    Passphrase,
    /// In clear: whoever can read the disk as this user or as root can read the records.
    Clear,
}

/// A key file at its place.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
    cost: KdfCost,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: String,
    body: Body,
    checksum: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "protection", rename_all = "snake_case")]
enum Body {
    Clear { key: Zeroizing<String> },
    Passphrase { cost: KdfCost, salt: String, nonce: String, wrapped: String },
}

impl KeyFile {
    /// The key file at `path`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), cost: KdfCost::STANDARD }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another cost for a file that is made from now on (tests, very small machines).
    #[must_use]
    pub fn with_cost(mut self, cost: KdfCost) -> Self {
        self.cost = cost;
        self
    }

    /// The key: handed over, or from the file, or new at the very first start.
    ///
    /// `database_exists` is whether there already is a database this key must open: then no new key is made.
    ///
    /// # Errors
    /// A [`KeyError`] that says what to do.
    pub fn open(
        &self,
        inputs: &KeyInputs,
        database_exists: bool,
    ) -> Result<(MasterKey, KeyProtection), KeyError> {
        if let Some(key) = &inputs.raw_key {
            return Ok((key.clone(), KeyProtection::HandedOver));
        }
        match fs::read(&self.path) {
            Ok(bytes) => self.unlock(&Zeroizing::new(bytes), inputs.passphrase.as_ref()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if database_exists {
                    return Err(KeyError::Missing { path: self.path.clone() });
                }
                let key = MasterKey::generate().map_err(crypto)?;
                match self.create(&key, inputs.passphrase.as_ref())? {
                    Some(protection) => Ok((key, protection)),
                    // Another machine of the practice was first: its key is the one.
                    None => self.open(inputs, true),
                }
            }
            Err(source) => Err(self.io(source)),
        }
    }

    /// Keeps the key of a back-up in a new file, protected as the inputs ask. A key that is handed over, or a file that is
    /// there, has to be that one.
    ///
    /// # Errors
    /// [`BackupError::OtherKey`], or what the disk says.
    pub(crate) fn adopt(&self, key: &MasterKey, inputs: &KeyInputs) -> Result<(), BackupError> {
        if inputs.raw_key.is_none() && self.create(key, inputs.passphrase.as_ref())?.is_some() {
            return Ok(());
        }
        let (found, _) = self.open(inputs, true)?;
        if found.bytes() == key.bytes() { Ok(()) } else { Err(BackupError::OtherKey) }
    }

    fn unlock(
        &self,
        bytes: &[u8],
        passphrase: Option<&Passphrase>,
    ) -> Result<(MasterKey, KeyProtection), KeyError> {
        self.refuse_exposed()?;
        let damaged = || KeyError::Damaged { path: self.path.clone() };
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| damaged())?;
        if stored.format != FORMAT || checksum(&stored.body) != Some(stored.checksum) {
            return Err(damaged());
        }
        match stored.body {
            Body::Clear { key } => {
                MasterKey::from_hex(&key).map(|key| (key, KeyProtection::Clear)).ok_or_else(damaged)
            }
            Body::Passphrase { cost, salt, nonce, wrapped } => {
                let passphrase =
                    passphrase.ok_or_else(|| KeyError::PassphraseNeeded { path: self.path.clone() })?;
                let salt = hex::decode(&salt).ok_or_else(damaged)?;
                let nonce = hex::decode_array::<24>(&nonce).ok_or_else(damaged)?;
                let wrapped = hex::decode(&wrapped).ok_or_else(damaged)?;
                let payload = Payload { msg: &wrapped, aad: FORMAT.as_bytes() };
                let plain = cipher(passphrase, &salt, cost)?
                    .decrypt(&XNonce::from(nonce), payload)
                    .map(Zeroizing::new)
                    .map_err(|_| KeyError::WrongPassphrase)?;
                let bytes = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| damaged())?;
                Ok((MasterKey::from_bytes(bytes), KeyProtection::Passphrase))
            }
        }
    }

    /// Makes the file; nothing when there is one.
    fn create(
        &self,
        key: &MasterKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<Option<KeyProtection>, KeyError> {
        let (text, protection) = self.text(key, passphrase)?;
        let made = write_once(&self.path, &text).map_err(|source| self.io(source))?;
        Ok(made.then_some(protection))
    }

    /// What the file says of a key.
    pub(super) fn text(
        &self,
        key: &MasterKey,
        passphrase: Option<&Passphrase>,
    ) -> Result<(Zeroizing<Vec<u8>>, KeyProtection), KeyError> {
        let (body, protection) = match passphrase {
            None => (Body::Clear { key: Zeroizing::new(hex::encode(key.bytes())) }, KeyProtection::Clear),
            Some(passphrase) => (self.wrap(key, passphrase)?, KeyProtection::Passphrase),
        };
        let checksum = checksum(&body).ok_or(KeyError::Crypto)?;
        let stored = Stored { format: FORMAT.to_owned(), body, checksum };
        let text = serde_json::to_vec_pretty(&stored).map(Zeroizing::new).map_err(|_| KeyError::Crypto)?;
        Ok((text, protection))
    }

    /// The same where a link leads to another place.
    pub(super) fn resolved(&self) -> Self {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        Self { path, cost: self.cost }
    }

    /// A key file beside this one, whose name goes on with `suffix`.
    pub(super) fn beside(&self, suffix: &str) -> Self {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        Self { path: path.into(), cost: self.cost }
    }

    fn wrap(&self, key: &MasterKey, passphrase: &Passphrase) -> Result<Body, KeyError> {
        let salt: [u8; 16] = random().map_err(crypto)?;
        let nonce: [u8; 24] = random().map_err(crypto)?;
        let payload = Payload { msg: key.bytes(), aad: FORMAT.as_bytes() };
        let wrapped = cipher(passphrase, &salt, self.cost)?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| KeyError::Crypto)?;
        let [salt, nonce, wrapped] = [&salt[..], &nonce[..], &wrapped[..]].map(hex::encode);
        Ok(Body::Passphrase { cost: self.cost, salt, nonce, wrapped })
    }

    #[cfg(unix)]
    fn refuse_exposed(&self) -> Result<(), KeyError> {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&self.path).map_err(|source| self.io(source))?.permissions().mode() & 0o777;
        if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Exposed { path: self.path.clone(), mode }) }
    }

    #[cfg(not(unix))]
    fn refuse_exposed(&self) -> Result<(), KeyError> {
        Ok(())
    }

    pub(super) fn io(&self, source: std::io::Error) -> KeyError {
        KeyError::Io { path: self.path.clone(), source }
    }
}

fn crypto(_: StorageError) -> KeyError {
    KeyError::Crypto
}

fn checksum(body: &Body) -> Option<String> {
    let text = serde_json::to_vec(body).map(Zeroizing::new).ok()?;
    Some(hex::encode(&Sha256::digest(&*text)))
}

fn cipher(passphrase: &Passphrase, salt: &[u8], cost: KdfCost) -> Result<XChaCha20Poly1305, KeyError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| KeyError::Crypto)?;
    let mut wrapping = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.bytes(), salt, &mut *wrapping)
        .map_err(|_| KeyError::Crypto)?;
    XChaCha20Poly1305::new_from_slice(&*wrapping).map_err(|_| KeyError::Crypto)
}

#[cfg(test)]
mod tests;
