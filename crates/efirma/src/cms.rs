//! Signatures as CMS (RFC 5652) with the attributes of CAdES (ETSI EN 319 122-1): what is written into a PDF, and what a
//! timestamp is made of.
//!
//! Signed attributes are content-type, message-digest and signing-certificate-v2. There is no signing-time: in a PDF the
//! claimed time stands in `/M`, a proven one in the timestamp.

mod build;
mod read;

pub use build::{Signed, ToSign};
pub use read::{MAX_BYTES, Signature};

use der::Sequence;
use der::asn1::{AnyRef, OctetStringRef};
use der::oid::ObjectIdentifier;
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::asn1::RawSet;

/// Why a signature was not made, or does not hold.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CmsError {
    /// More than [`MAX_BYTES`].
    #[error("la firma mide {bytes} bytes, más de lo que se lee")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// No CMS in DER, or not all of it.
    #[error("la firma está dañada o no es una firma CMS")]
    Unreadable(#[from] der::Error),
    /// Something the standard forbids, or that would leave a choice to who reads.
    #[error("la firma no cumple el estándar: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// A digest or signature algorithm that is not RSA with SHA-2.
    #[error("la firma usa un algoritmo que no se acepta ({oid})")]
    Algorithm {
        /// Which.
        oid: String,
    },
    /// The certificate of who signed is not in it.
    #[error("la firma no trae el certificado de quien firmó")]
    NoCertificate,
    /// What was signed is not what is there.
    #[error("el contenido cambió después de la firma")]
    ContentChanged,
    /// The signature was not made with the certificate's key.
    #[error("la firma no fue hecha con la llave del certificado")]
    WrongSignature,
}

impl CmsError {
    pub(crate) fn algorithm(oid: ObjectIdentifier) -> Self {
        Self::Algorithm { oid: oid.to_string() }
    }
}

#[derive(Sequence)]
struct ContentInfo<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: AnyRef<'a>,
}

/// SignedData, with sets as the bytes they came in.
#[derive(Sequence)]
struct SignedData<'a> {
    version: u8,
    digest_algorithms: RawSet<'a>,
    content: EncapsulatedContent<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    certificates: Option<RawSet<'a>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    revocations: Option<RawSet<'a>>,
    signers: RawSet<'a>,
}

#[derive(Sequence)]
struct EncapsulatedContent<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    content: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
struct SignerInfo<'a> {
    version: u8,
    /// CHOICE of issuer and serial number (SEQUENCE) or key identifier (`[0]`).
    signer: AnyRef<'a>,
    digest_algorithm: AlgorithmIdentifierRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    signed: Option<RawSet<'a>>,
    signature_algorithm: AlgorithmIdentifierRef<'a>,
    signature: &'a OctetStringRef,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    unsigned: Option<RawSet<'a>>,
}

#[derive(Sequence)]
struct IssuerAndSerial<'a> {
    issuer: AnyRef<'a>,
    serial: AnyRef<'a>,
}

/// SigningCertificateV2, and version 1, whose ids have no algorithm because it is SHA-1 (RFC 5035).
#[derive(Sequence)]
struct SigningCertificate<'a> {
    ids: AnyRef<'a>,
    policies: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
struct CertificateId<'a> {
    hash_algorithm: Option<AlgorithmIdentifierRef<'a>>,
    hash: &'a OctetStringRef,
    issuer_and_serial: Option<AnyRef<'a>>,
}
