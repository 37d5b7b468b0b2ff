//! Content enciphered with a key and bound to what it belongs to: files of the blob store, secrets of second factors.
//!
//! A nonce of 24 random bytes, then XChaCha20-Poly1305 of the content with the owner as associated data: what is put in
//! another's place is refused.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::error::{Result, StorageError};
use crate::keys::{SecretBytes, random};

const NONCE_BYTES: usize = 24;

/// Enciphers content for its owner.
pub(crate) fn seal(key: &SecretBytes, owner: &[u8], content: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE_BYTES] = random()?;
    let payload = Payload { msg: content, aad: owner };
    let cipher = XChaCha20Poly1305::new_from_slice(&**key).map_err(|_| StorageError::Crypto)?;
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| StorageError::Crypto)?;
    Ok([&nonce[..], &sealed].concat())
}

/// `None` when any bit differs from what was sealed, or it is of another owner.
pub(crate) fn open(key: &SecretBytes, owner: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: sealed, aad: owner };
    XChaCha20Poly1305::new_from_slice(&**key).ok()?.decrypt(&XNonce::from(*nonce), payload).ok()
}
