//! Reads a signature somebody else may have made, and checks it against what it should be of.

use der::asn1::AnyRef;
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, Tag, Tagged};

use super::{
    CertificateId, CmsError, ContentInfo, IssuerAndSerial, SignedData, SignerInfo, SigningCertificate,
};
use crate::asn1::{Attribute, elements, first_element, oid, single, wrap};
use crate::certificate::Certificate;
use crate::hash::Hash;

/// Most bytes of a signature. With chain and timestamp one has 10,000.
pub const MAX_BYTES: usize = 512 * 1024;

/// Most certificates read from one signature; what comes after them is not looked at.
const MAX_CERTIFICATES: usize = 32;

/// A signature of one signer.
#[derive(Debug, Clone)]
pub struct Signature {
    content_kind: ObjectIdentifier,
    content: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    signer: usize,
    hash: Hash,
    /// The signed attributes as they were signed.
    attributes: Vec<u8>,
    message_digest: Vec<u8>,
    value: Vec<u8>,
    names_certificate: bool,
    has_signing_time: bool,
    timestamp: Option<Vec<u8>>,
}

impl Signature {
    /// Reads a CMS message. Zeros after it are passed over: the place for it in a PDF is larger than it.
    ///
    /// # Errors
    /// [`CmsError`].
    pub fn read(bytes: &[u8]) -> Result<Self, CmsError> {
        if bytes.len() > MAX_BYTES {
            return Err(CmsError::TooLarge { bytes: bytes.len() });
        }
        let (message, padding) = first_element(bytes)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(CmsError::Malformed { what: "hay datos después de la firma" });
        }
        let outer = ContentInfo::from_der(message)?;
        if outer.kind != oid::SIGNED_DATA {
            return Err(CmsError::Malformed { what: "no es un mensaje firmado" });
        }
        let inner = outer.content.to_der()?;
        let data = SignedData::from_der(&inner)?;
        let infos: Vec<SignerInfo<'_>> = elements(data.signers.0)?;
        let [info] = &infos[..] else {
            return Err(CmsError::Malformed { what: "debe tener exactamente un firmante" });
        };
        let certificates = certificates(&data)?;
        Self::from_parts(&data, info, certificates)
    }

    fn from_parts(
        data: &SignedData<'_>,
        info: &SignerInfo<'_>,
        certificates: Vec<Certificate>,
    ) -> Result<Self, CmsError> {
        let hash = Hash::from_digest(info.digest_algorithm.oid)
            .filter(|hash| *hash != Hash::Sha1)
            .ok_or_else(|| CmsError::algorithm(info.digest_algorithm.oid))?;
        let named = info.signature_algorithm.oid;
        if named != oid::RSA && Hash::from_signature(named) != Some(hash) {
            return Err(CmsError::algorithm(named));
        }
        let content = data.content.content.map(octets).transpose()?;
        let signed = info.signed.ok_or(CmsError::Malformed { what: "faltan los atributos firmados" })?;
        let attributes: Vec<Attribute<'_>> = elements(signed.0)?;
        let kind: ObjectIdentifier = single(&attributes, oid::CONTENT_TYPE)
            .ok_or(CmsError::Malformed { what: "no dice qué tipo de contenido firma" })?
            .decode_as()?;
        if kind != data.content.kind {
            return Err(CmsError::Malformed { what: "firma otro tipo de contenido que el que trae" });
        }
        let message_digest = single(&attributes, oid::MESSAGE_DIGEST)
            .ok_or(CmsError::Malformed { what: "no dice el resumen de lo que firma" })?;
        let signer = certificates
            .iter()
            .position(|certificate| names(info.signer, certificate))
            .ok_or(CmsError::NoCertificate)?;
        let names_certificate = match certificates.get(signer) {
            Some(certificate) => names_by_digest(&attributes, certificate)?,
            None => false,
        };
        let unsigned: Vec<Attribute<'_>> =
            info.unsigned.map(|set| elements(set.0)).transpose()?.unwrap_or_default();
        let timestamp =
            single(&unsigned, oid::SIGNATURE_TIME_STAMP).map(|token| token.to_der()).transpose()?;
        if timestamp.is_none() && unsigned.iter().any(|one| one.kind == oid::SIGNATURE_TIME_STAMP) {
            return Err(CmsError::Malformed { what: "trae más de un sello de tiempo" });
        }
        Ok(Self {
            content_kind: kind,
            content,
            signer,
            hash,
            attributes: wrap(Tag::Set, signed.0)?,
            message_digest: octets(message_digest)?,
            value: info.signature.as_bytes().to_vec(),
            names_certificate,
            has_signing_time: attributes.iter().any(|one| one.kind == oid::SIGNING_TIME),
            timestamp,
            certificates,
        })
    }

    /// The certificate it says it was made with. To be believed once [`Self::verify`] holds.
    #[must_use]
    pub fn signer(&self) -> &Certificate {
        &self.certificates[self.signer]
    }

    /// All certificates that came with it.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The digest it was made with.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The bytes the key made: a timestamp is over these.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Whether it binds its signer's certificate with a signing-certificate attribute, as CAdES asks. Without, it is an
    /// ordinary signature, whose certificate could be exchanged for another one of the same key.
    #[must_use]
    pub const fn is_cades(&self) -> bool {
        self.names_certificate
    }

    /// Whether it claims a signing time inside, which PAdES does not allow.
    #[must_use]
    pub const fn has_signing_time(&self) -> bool {
        self.has_signing_time
    }

    /// The token of a timestamp authority over [`Self::value`], not yet checked ([`crate::timestamp`]).
    #[must_use]
    pub fn timestamp(&self) -> Option<&[u8]> {
        self.timestamp.as_deref()
    }

    /// Whether it is the signature of `content`, given in pieces, by its signer's key. Content of its own must not be there.
    ///
    /// # Errors
    /// [`CmsError::ContentChanged`], [`CmsError::WrongSignature`], [`CmsError::Malformed`].
    pub fn verify(&self, content: &[&[u8]]) -> Result<(), CmsError> {
        if self.content.is_some() || self.content_kind != oid::DATA {
            return Err(CmsError::Malformed { what: "firma un contenido propio y no el documento" });
        }
        self.check(content)
    }

    /// What it holds and signs, if that is of this kind.
    pub(crate) fn verified_content(&self, kind: ObjectIdentifier) -> Result<&[u8], CmsError> {
        let content = self.content.as_deref().filter(|_| self.content_kind == kind);
        let content = content.ok_or(CmsError::Malformed { what: "no trae el contenido que debería" })?;
        self.check(&[content])?;
        Ok(content)
    }

    fn check(&self, content: &[&[u8]]) -> Result<(), CmsError> {
        if self.hash.of(content) != self.message_digest {
            return Err(CmsError::ContentChanged);
        }
        let key = self.signer().key().ok_or(CmsError::NoCertificate)?;
        if !self.hash.verify(key, &self.attributes, &self.value) {
            return Err(CmsError::WrongSignature);
        }
        Ok(())
    }
}

/// The certificates that can be read. One that cannot is not the signer's, and others may do without it.
fn certificates(data: &SignedData<'_>) -> Result<Vec<Certificate>, CmsError> {
    let Some(set) = data.certificates else { return Ok(Vec::new()) };
    let all: Vec<AnyRef<'_>> = elements(set.0)?;
    let mut read: Vec<Certificate> = Vec::new();
    for one in all.iter().take(MAX_CERTIFICATES).filter(|one| one.tag() == Tag::Sequence) {
        if let Ok(certificate) = Certificate::from_der(&one.to_der()?) {
            read.push(certificate);
        }
    }
    Ok(read)
}

/// Whether a SignerIdentifier means this certificate. Key identifiers are not used: SAT's certificates have none.
fn names(signer: AnyRef<'_>, certificate: &Certificate) -> bool {
    let Ok(id) = signer.decode_as::<IssuerAndSerial<'_>>() else { return false };
    let issuer = id.issuer.to_der().is_ok_and(|issuer| issuer == certificate.issuer_der());
    issuer && id.serial.tag() == Tag::Integer && id.serial.value() == certificate.serial()
}

/// Whether a signing-certificate attribute names this certificate; `false` if there is none.
///
/// # Errors
/// [`CmsError::WrongSignature`] if it names another one.
fn names_by_digest(attributes: &[Attribute<'_>], certificate: &Certificate) -> Result<bool, CmsError> {
    let versions = [(oid::SIGNING_CERTIFICATE_V2, Hash::Sha256), (oid::SIGNING_CERTIFICATE, Hash::Sha1)];
    let mut named = false;
    for (kind, default) in versions {
        if !attributes.iter().any(|attribute| attribute.kind == kind) {
            continue;
        }
        let malformed = CmsError::Malformed { what: "nombra mal el certificado de quien firmó" };
        let value: SigningCertificate<'_> = single(attributes, kind).ok_or(malformed.clone())?.decode_as()?;
        let ids: Vec<CertificateId<'_>> = elements(value.ids.value())?;
        let id = ids.first().ok_or(malformed)?;
        let hash = match id.hash_algorithm {
            Some(algorithm) => {
                Hash::from_digest(algorithm.oid).ok_or_else(|| CmsError::algorithm(algorithm.oid))?
            }
            None => default,
        };
        if hash.of(&[certificate.der()]) != id.hash.as_bytes() {
            return Err(CmsError::WrongSignature);
        }
        named = true;
    }
    Ok(named)
}

fn octets(any: AnyRef<'_>) -> Result<Vec<u8>, CmsError> {
    if any.tag() == Tag::OctetString {
        Ok(any.value().to_vec())
    } else {
        Err(CmsError::Malformed { what: "un contenido no está escrito como debe" })
    }
}
