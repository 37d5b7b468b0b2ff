//! Reads a certificate (`.cer`, DER as SAT hands it out, or PEM) and keeps its bytes as they came.

use std::ops::Range;

use der::asn1::AnyRef;
use der::oid::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use jiff::Timestamp;
use rsa::PublicKey;
use rsa::pkcs1::{DecodeRsaPublicKey, RsaPublicKeyRef};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::time::Time;

use crate::asn1::{oid, pem_blocks};
use crate::hash::Hash;
use crate::subject::{self, Kind, Powers};

/// Most bytes of a file with a certificate. SAT's have 1,500; a bundle of all authorities has 40,000 in PEM.
pub const MAX_BYTES: usize = 128 * 1024;

/// Most certificates read from one file.
const MAX_IN_FILE: usize = 64;

/// Why a file is no certificate we can read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CertificateError {
    /// More than [`MAX_BYTES`].
    #[error(
        "el archivo mide {bytes} bytes, demasiado para un certificado; elija el archivo .cer que le dio el SAT"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not a certificate, or not all of it.
    #[error("el archivo no es un certificado o está incompleto; elija el archivo .cer que le dio el SAT")]
    Unreadable(#[source] der::Error),
    /// A `.key` where the certificate should be: people swap them.
    #[error("este archivo es una llave (.key), no un certificado; elija el archivo .cer")]
    IsKey,
}

impl From<der::Error> for CertificateError {
    fn from(error: der::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// A certificate: what it says, not whether it may be believed ([`crate::trust`]) or may sign ([`crate::refusal`]).
#[derive(Debug, Clone)]
pub struct Certificate {
    der: Vec<u8>,
    signed_part: Range<usize>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    public_key: Vec<u8>,
    key: Option<PublicKey>,
    key_bits: Option<usize>,
    signature_algorithm: ObjectIdentifier,
    signature: Vec<u8>,
    from: Timestamp,
    until: Timestamp,
    name: String,
    issuer_name: String,
    kind: Kind,
    limits: Limits,
}

/// What the extensions allow.
#[derive(Debug, Clone, Default)]
struct Limits {
    /// It is an authority; how many more may stand below it, if that is limited.
    authority: Option<Option<u8>>,
    key_usage: Option<KeyUsage>,
    extended: Option<(bool, Vec<ObjectIdentifier>)>,
    /// It demands something we do not know.
    unknown_demand: bool,
}

/// Extensions whose demands are met here, or concern nobody here. Anything else marked critical is refused (RFC 5280, 4.2).
const KNOWN: [&str; 6] = ["2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.32", "2.5.29.37"];

impl Certificate {
    /// Reads the certificate of a file, the first one if it holds several in PEM.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn read(file: &[u8]) -> Result<Self, CertificateError> {
        let mut all = Self::read_all(file)?;
        Ok(all.swap_remove(0))
    }

    /// Reads all certificates of a file, at least one.
    ///
    /// # Errors
    /// [`CertificateError`], of the first one that cannot be read.
    pub fn read_all(file: &[u8]) -> Result<Vec<Self>, CertificateError> {
        if file.len() > MAX_BYTES {
            return Err(CertificateError::TooLarge { bytes: file.len() });
        }
        let blocks = pem_blocks(file, "CERTIFICATE");
        if !blocks.is_empty() {
            return blocks.iter().take(MAX_IN_FILE).map(|block| Self::from_der(block)).collect();
        }
        match Self::from_der(file) {
            Err(_) if crate::key::looks_like_key(file) => Err(CertificateError::IsKey),
            read => Ok(vec![read?]),
        }
    }

    /// Reads a certificate in DER and nothing after it.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > MAX_BYTES {
            return Err(CertificateError::TooLarge { bytes: bytes.len() });
        }
        let parsed = x509_cert::Certificate::from_der(bytes)?;
        let raw = raw_parts(bytes)?;
        let tbs = parsed.tbs_certificate();
        let key_info = tbs.subject_public_key_info();
        let public_key = key_info.subject_public_key.raw_bytes().to_vec();
        let is_rsa = key_info.algorithm.oid == oid::RSA;
        let modulus = RsaPublicKeyRef::from_der(&public_key)
            .ok()
            .filter(|_| is_rsa)
            .map(|key| bits(key.modulus.as_bytes()));
        if tbs.signature() != parsed.signature_algorithm() {
            return Err(der::Error::from(Tag::Sequence.value_error()).into());
        }
        let limits = limits(tbs)?;
        let powers = Powers {
            authority: limits.authority.is_some(),
            enciphers: limits
                .key_usage
                .is_some_and(|usage| usage.data_encipherment() && usage.key_agreement()),
            protects_mail: limits.allows(oid::EMAIL_PROTECTION),
        };
        Ok(Self {
            kind: subject::kind(tbs.subject(), powers),
            name: subject::display_name(tbs.subject()),
            issuer_name: subject::display_name(tbs.issuer()),
            from: timestamp(tbs.validity().not_before)?,
            until: timestamp(tbs.validity().not_after)?,
            key: PublicKey::from_pkcs1_der(&public_key).ok().filter(|_| is_rsa),
            key_bits: modulus,
            public_key,
            signature_algorithm: parsed.signature_algorithm().oid,
            signature: parsed.signature().raw_bytes().to_vec(),
            limits,
            signed_part: raw.signed_part,
            serial: raw.serial.to_vec(),
            issuer: raw.issuer.to_vec(),
            subject: raw.subject.to_vec(),
            der: bytes.to_vec(),
        })
    }

    /// The certificate as it came, in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What it is, and of whom.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// How its owner is called: common name, else organization. No identity.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its issuer is called.
    #[must_use]
    pub fn issuer_name(&self) -> &str {
        &self.issuer_name
    }

    /// The serial number as SAT prints it: its bytes are digits in ASCII. Others are shown in hexadecimal.
    #[must_use]
    pub fn serial_text(&self) -> String {
        if !self.serial.is_empty() && self.serial.iter().all(u8::is_ascii_digit) {
            return self.serial.iter().map(|byte| char::from(*byte)).collect();
        }
        hex(&self.serial)
    }

    /// Whether SAT issued it for tests: such serial numbers begin with 3000, real ones with 0000.
    #[must_use]
    pub fn is_for_tests(&self) -> bool {
        self.serial.len() == 20 && self.serial.starts_with(b"3000")
    }

    /// From when it is valid, inclusive.
    #[must_use]
    pub const fn valid_from(&self) -> Timestamp {
        self.from
    }

    /// Until when it is valid, inclusive.
    #[must_use]
    pub const fn valid_until(&self) -> Timestamp {
        self.until
    }

    /// Bits of the RSA modulus; `None` if the key is of another kind.
    #[must_use]
    pub const fn key_bits(&self) -> Option<usize> {
        self.key_bits
    }

    /// SHA-256 of the whole certificate.
    #[must_use]
    pub fn fingerprint(&self) -> Vec<u8> {
        Hash::Sha256.of(&[&self.der])
    }

    /// Which digest its issuer signed it with; `None` if that is MD5 or nothing we know.
    #[must_use]
    pub fn signature_hash(&self) -> Option<Hash> {
        Hash::from_signature(self.signature_algorithm)
    }

    /// Whether somebody signed as its own issuer: a root, if it is an authority.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    pub(crate) const fn key(&self) -> Option<&PublicKey> {
        self.key.as_ref()
    }

    /// The bits of the public key, without what says which kind of key it is: what RFC 6960 takes the digest of.
    pub(crate) fn public_key_bits(&self) -> &[u8] {
        &self.public_key
    }

    /// The issuer's name, as its bytes. SAT writes the same name in different ways: only bytes are compared.
    pub(crate) fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    pub(crate) fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The content of the serial number's INTEGER.
    pub(crate) fn serial(&self) -> &[u8] {
        &self.serial
    }

    pub(crate) fn is_valid_at(&self, at: Timestamp) -> bool {
        self.from <= at && at <= self.until
    }

    /// Whether `issuer` made the signature under this certificate, whatever digest it took but MD5.
    pub(crate) fn is_signed_by(&self, issuer: &Self) -> bool {
        let (Some(hash), Some(key)) = (self.signature_hash(), issuer.key()) else {
            return false;
        };
        self.issuer == issuer.subject
            && hash.verify(key, &self.der[self.signed_part.clone()], &self.signature)
    }

    /// Whether it may sign certificates, with `below` authorities between it and the last one.
    pub(crate) fn may_issue(&self, below: usize) -> bool {
        let may_sign = self.limits.key_usage.is_none_or(|usage| usage.key_cert_sign());
        let deep_enough = |limit: Option<u8>| limit.is_none_or(|limit| below <= usize::from(limit));
        may_sign && self.limits.authority.is_some_and(deep_enough)
    }

    /// Whether it may publish what it revoked.
    pub(crate) fn may_list(&self) -> bool {
        self.limits.key_usage.is_none_or(|usage| usage.crl_sign())
    }

    /// Whether it may sign other things than certificates.
    pub(crate) fn may_sign(&self) -> bool {
        self.limits.key_usage.is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
    }

    /// Whether extendedKeyUsage is there and names `purpose`.
    pub(crate) fn is_for(&self, purpose: ObjectIdentifier) -> bool {
        self.limits.allows(purpose)
    }

    /// Whether extendedKeyUsage is critical and names nothing but `purpose`, as RFC 3161, 2.3 asks of a timestamp authority.
    pub(crate) fn is_only_for(&self, purpose: ObjectIdentifier) -> bool {
        self.limits.extended.as_ref().is_some_and(|(critical, uses)| *critical && uses[..] == [purpose])
    }

    /// Whether an extension marked critical is one we do not know.
    pub(crate) const fn demands_the_unknown(&self) -> bool {
        self.limits.unknown_demand
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl Limits {
    fn allows(&self, purpose: ObjectIdentifier) -> bool {
        self.extended.as_ref().is_some_and(|(_, uses)| uses.contains(&purpose))
    }
}

fn limits(tbs: &x509_cert::TbsCertificate) -> der::Result<Limits> {
    let constraints = tbs.get_extension::<BasicConstraints>()?;
    let known = |id: &ObjectIdentifier| KNOWN.iter().any(|known| ObjectIdentifier::new_unwrap(known) == *id);
    Ok(Limits {
        authority: constraints.filter(|(_, basic)| basic.ca).map(|(_, basic)| basic.path_len_constraint),
        key_usage: tbs.get_extension::<KeyUsage>()?.map(|(_, usage)| usage),
        extended: tbs.get_extension::<ExtendedKeyUsage>()?.map(|(critical, uses)| (critical, uses.0)),
        unknown_demand: tbs
            .extensions()
            .is_some_and(|all| all.iter().any(|extension| extension.critical && !known(&extension.extn_id))),
    })
}

/// Where the signed part lies, and serial number, issuer and subject as they came: written again they might differ.
struct RawParts<'a> {
    signed_part: Range<usize>,
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
}

fn raw_parts(bytes: &[u8]) -> der::Result<RawParts<'_>> {
    let outer = AnyRef::from_der(bytes)?.value();
    let tbs = SliceReader::new(outer)?.tlv_bytes()?;
    let start = bytes.len() - outer.len();
    let mut fields = SliceReader::new(AnyRef::from_der(tbs)?.value())?;
    let mut first = AnyRef::from_der(fields.tlv_bytes()?)?;
    if first.tag().is_context_specific() {
        first = AnyRef::from_der(fields.tlv_bytes()?)?;
    }
    let _algorithm = fields.tlv_bytes()?;
    let issuer = fields.tlv_bytes()?;
    let _validity = fields.tlv_bytes()?;
    let subject = fields.tlv_bytes()?;
    Ok(RawParts { signed_part: start..start + tbs.len(), serial: first.value(), issuer, subject })
}

pub(crate) fn timestamp(time: Time) -> der::Result<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_err(|_| Tag::GeneralizedTime.value_error().into())
}

fn bits(modulus: &[u8]) -> usize {
    modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize)
}

/// Bytes in hexadecimal, lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
