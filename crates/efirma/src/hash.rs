//! Digests, and the signatures RSA makes over them (RSASSA-PKCS1-v1_5, RFC 8017): the only ones SAT's keys make.

use der::oid::ObjectIdentifier;
use rsa::PublicKey;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A digest that signatures here may use. MD5 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// Only to name certificates in old structures and in certificates the owner of the trust folder chose; never
    /// accepted under a signature of a document.
    Sha1,
    /// SHA-256, what SAT and we use.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The digest of all parts, one after the other.
    #[must_use]
    pub fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            for part in parts {
                digest.update(part);
            }
            digest.finalize().to_vec()
        }
        match self {
            Self::Sha1 => run::<Sha1>(parts),
            Self::Sha256 => run::<Sha256>(parts),
            Self::Sha384 => run::<Sha384>(parts),
            Self::Sha512 => run::<Sha512>(parts),
        }
    }

    /// Which digest an identifier of a digest names.
    pub(crate) fn from_digest(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.digest_oid() == oid)
    }

    /// Which digest `sha…WithRSAEncryption` names.
    pub(crate) fn from_signature(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.signature_oid() == oid)
    }

    const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    pub(crate) const fn digest_oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        })
    }

    const fn signature_oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::Sha1 => "1.2.840.113549.1.1.5",
            Self::Sha256 => "1.2.840.113549.1.1.11",
            Self::Sha384 => "1.2.840.113549.1.1.12",
            Self::Sha512 => "1.2.840.113549.1.1.13",
        })
    }

    /// Whether `signature` is that of `message` under `key`.
    pub(crate) fn verify(self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Sha1 => key.pkcs1v15_verify::<Sha1>(message, signature),
            Self::Sha256 => key.pkcs1v15_verify::<Sha256>(message, signature),
            Self::Sha384 => key.pkcs1v15_verify::<Sha384>(message, signature),
            Self::Sha512 => key.pkcs1v15_verify::<Sha512>(message, signature),
        }
        .is_ok()
    }
}
