//! Lists of what an authority revoked (CRL, RFC 5280, 5). SAT answers about its physicians (OCSP); about SAT's own authority only
//! the list of the root speaks, so a file that is to be judged without asking anybody carries it, too.
//!
//! Only whole lists of the authority itself are read: one of another issuer, of a part, or of changes says nothing here.

use std::ops::Range;

use der::asn1::{AnyRef, BitStringRef};
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, Sequence};
use jiff::{SignedDuration, Timestamp};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifierRef;
use x509_cert::time::Time;

use crate::asn1::{first_element, pem_blocks};
use crate::certificate::{self, Certificate};
use crate::hash::Hash;
use crate::ocsp::Status;
use crate::trust::Chain;

/// Most bytes of a list. That of a root has 1,000; it has to fit into a PDF.
pub const MAX_BYTES: usize = 256 * 1024;

/// How long a list speaks that does not say until when.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// Why a file is no list.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ListError {
    /// More than [`MAX_BYTES`].
    #[error("la lista de revocación mide {bytes} bytes, más de lo que se lee")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// No list as RFC 5280 has it.
    #[error("el archivo no es una lista de revocación (.crl) o está incompleto")]
    Unreadable(#[from] der::Error),
}

#[derive(Sequence)]
struct CertificateList<'a> {
    signed: AnyRef<'a>,
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: BitStringRef<'a>,
}

#[derive(Sequence)]
struct Signed<'a> {
    version: Option<u8>,
    algorithm: AlgorithmIdentifierRef<'a>,
    issuer: AnyRef<'a>,
    this_update: Time,
    next_update: Option<Time>,
    revoked: Option<Vec<Revoked<'a>>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct Revoked<'a> {
    serial: AnyRef<'a>,
    at: Time,
    extensions: Option<AnyRef<'a>>,
}

/// A list, as it came; whose word it is, [`RevocationList::is_of`] says.
#[derive(Debug, Clone)]
pub struct RevocationList {
    der: Vec<u8>,
    signed: Range<usize>,
    issuer: Vec<u8>,
    algorithm: ObjectIdentifier,
    signature: Vec<u8>,
    this_update: Timestamp,
    until: Timestamp,
    revoked: Vec<(Vec<u8>, Timestamp)>,
    /// It is only of a part, or demands something we do not know.
    partial: bool,
}

impl RevocationList {
    /// Reads a list in DER, or the first one of a text (PEM).
    ///
    /// # Errors
    /// [`ListError`].
    pub fn read(file: &[u8]) -> Result<Self, ListError> {
        if file.len() > MAX_BYTES {
            return Err(ListError::TooLarge { bytes: file.len() });
        }
        match pem_blocks(file, "X509 CRL").first() {
            Some(block) => Self::from_der(block),
            None => Self::from_der(file),
        }
    }

    fn from_der(bytes: &[u8]) -> Result<Self, ListError> {
        let outer = CertificateList::from_der(bytes)?;
        let whole = AnyRef::from_der(bytes)?.value();
        let (signed, _) = first_element(whole)?;
        let start = bytes.len() - whole.len();
        let list = Signed::from_der(signed)?;
        let this_update = certificate::timestamp(list.this_update)?;
        let until = match list.next_update {
            Some(time) => certificate::timestamp(time)?,
            None => this_update.checked_add(MAX_AGE).unwrap_or(Timestamp::MAX),
        };
        let mut revoked = Vec::new();
        for one in list.revoked.unwrap_or_default() {
            revoked.push((one.serial.value().to_vec(), certificate::timestamp(one.at)?));
        }
        Ok(Self {
            signed: start..start + signed.len(),
            issuer: list.issuer.to_der()?,
            algorithm: outer.algorithm.oid,
            signature: outer.signature.raw_bytes().to_vec(),
            partial: list.extensions.unwrap_or_default().iter().any(|one| one.critical)
                || outer.algorithm != list.algorithm,
            this_update,
            until,
            revoked,
            der: bytes.to_vec(),
        })
    }

    /// The list as it came, in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Since when it is known to be so.
    #[must_use]
    pub const fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// Whether it speaks for a moment: it is of later, or another one was not due yet.
    #[must_use]
    pub fn covers(&self, when: Timestamp) -> bool {
        when <= self.until
    }

    /// Whether it is the word of this authority, about all that it issued.
    #[must_use]
    pub fn is_of(&self, authority: &Certificate) -> bool {
        let hash = Hash::from_signature(self.algorithm).filter(|hash| *hash != Hash::Sha1);
        let (Some(hash), Some(key)) = (hash, authority.key()) else { return false };
        !self.partial
            && authority.may_list()
            && self.issuer == authority.subject_der()
            && self
                .der
                .get(self.signed.clone())
                .is_some_and(|signed| hash.verify(key, signed, &self.signature))
    }

    /// What it says of a certificate of its authority.
    fn status(&self, certificate: &Certificate) -> Status {
        // Told twice, the earlier time is the one that ends more.
        let own = self.revoked.iter().filter(|(serial, _)| serial == certificate.serial());
        own.map(|(_, at)| *at).min().map_or(Status::Good, |at| Status::Revoked { at })
    }
}

/// What lists say of a certificate of `issuer` as of `when`: revoked if any list ever says so, good if one speaks for that
/// moment. `None` where none of them does.
#[must_use]
pub fn status(
    lists: &[RevocationList],
    certificate: &Certificate,
    issuer: &Certificate,
    when: Timestamp,
) -> Option<Status> {
    let own: Vec<_> = lists.iter().filter(|list| list.is_of(issuer)).collect();
    let revoked = own.iter().map(|list| list.status(certificate)).find(|said| *said != Status::Good);
    revoked.or_else(|| own.iter().any(|list| list.covers(when)).then_some(Status::Good))
}

/// The lists of the authorities of a chain, to be kept with a signature.
pub fn of_chain<'a>(lists: &'a [RevocationList], chain: &Chain) -> impl Iterator<Item = &'a RevocationList> {
    let authorities = chain.links().get(1..).unwrap_or_default();
    lists.iter().filter(move |list| authorities.iter().any(|authority| list.is_of(authority)))
}
