//! Makes a detached signature: what is to be signed first, so that the key may be elsewhere, then the whole from the answer.

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef, SetOfVec};
use der::{Decode, Encode, Tag};
use x509_cert::spki::AlgorithmIdentifierRef;

use super::{
    CertificateId, CmsError, ContentInfo, EncapsulatedContent, IssuerAndSerial, SignedData, SignerInfo,
};
use crate::asn1::{Attribute, RawSet, elements, oid, set_content, wrap};
use crate::certificate::Certificate;
use crate::hash::Hash;
use crate::key::{KeyError, PrivateKey};

const SHA256: AlgorithmIdentifierRef<'static> =
    AlgorithmIdentifierRef { oid: Hash::Sha256.digest_oid(), parameters: None };
const RSA: AlgorithmIdentifierRef<'static> =
    AlgorithmIdentifierRef { oid: oid::RSA, parameters: Some(AnyRef::NULL) };

/// A signature that only lacks the answer of the key. It follows from document and certificates alone, so it can be made
/// again when the answer comes.
#[derive(Debug, Clone)]
pub struct ToSign {
    /// Content of the SET of signed attributes.
    attributes: Vec<u8>,
    signer: Certificate,
    authorities: Vec<Certificate>,
}

impl ToSign {
    /// For a document with this SHA-256, signed by the owner of `signer`, whose issuers below the root are `authorities`.
    ///
    /// # Errors
    /// [`CmsError::Unreadable`] if something is too long for DER.
    pub fn new(
        document: &[u8; 32],
        signer: &Certificate,
        authorities: &[Certificate],
    ) -> Result<Self, CmsError> {
        let fingerprint = signer.fingerprint();
        let id = CertificateId {
            hash_algorithm: None, // SHA-256 is the default, and a default is left out in DER
            hash: OctetStringRef::new(&fingerprint)?,
            issuer_and_serial: None, // EN 319 122-1, 5.2.2.3: should not be there
        };
        let ids = wrap(Tag::Sequence, &id.to_der()?)?;
        let signing_certificate = wrap(Tag::Sequence, &ids)?;
        let attributes = vec![
            attribute(oid::CONTENT_TYPE, &oid::DATA.to_der()?)?,
            attribute(oid::MESSAGE_DIGEST, &wrap(Tag::OctetString, document)?)?,
            attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate)?,
        ];
        Ok(Self {
            attributes: set_content(attributes),
            signer: signer.clone(),
            authorities: authorities
                .iter()
                .filter(|authority| !authority.is_self_issued())
                .cloned()
                .collect(),
        })
    }

    /// What the key signs: RSASSA-PKCS1-v1_5 with SHA-256 over these bytes (a browser's WebCrypto takes the digest itself).
    ///
    /// # Errors
    /// [`CmsError::Unreadable`] if it is too long for DER.
    pub fn message(&self) -> Result<Vec<u8>, CmsError> {
        Ok(wrap(Tag::Set, &self.attributes)?)
    }

    /// SHA-256 of [`Self::message`], for a key that is asked for a digest.
    ///
    /// # Errors
    /// [`CmsError::Unreadable`] if it is too long for DER.
    pub fn digest(&self) -> Result<Vec<u8>, CmsError> {
        Ok(Hash::Sha256.of(&[&self.message()?]))
    }

    /// The whole signature, from what the key answered.
    ///
    /// # Errors
    /// [`CmsError::WrongSignature`] if the answer is not the signature of this document by this certificate.
    pub fn finish(&self, answer: &[u8]) -> Result<Signed, CmsError> {
        let key = self.signer.key().ok_or(CmsError::NoCertificate)?;
        if !Hash::Sha256.verify(key, &self.message()?, answer) {
            return Err(CmsError::WrongSignature);
        }
        let serial = wrap(Tag::Integer, self.signer.serial())?;
        let signer = IssuerAndSerial {
            issuer: AnyRef::from_der(self.signer.issuer_der())?,
            serial: AnyRef::from_der(&serial)?,
        }
        .to_der()?;
        let info = SignerInfo {
            version: 1,
            signer: AnyRef::from_der(&signer)?,
            digest_algorithm: SHA256,
            signed: Some(RawSet(&self.attributes)),
            signature_algorithm: RSA,
            signature: OctetStringRef::new(answer)?,
            unsigned: None,
        };
        let certificates = std::iter::once(&self.signer).chain(&self.authorities);
        let certificates = set_content(certificates.map(|certificate| certificate.der().to_vec()).collect());
        let algorithm = SHA256.to_der()?;
        let info = info.to_der()?;
        let data = SignedData {
            version: 1,
            digest_algorithms: RawSet(&algorithm),
            content: EncapsulatedContent { kind: oid::DATA, content: None },
            certificates: Some(RawSet(&certificates)),
            revocations: None,
            signers: RawSet(&info),
        };
        Ok(Signed { der: content_info(&data)?, value: answer.to_vec() })
    }

    /// The whole signature, with a key that is here.
    ///
    /// # Errors
    /// [`KeyError`] as the cause if the key cannot sign, [`CmsError::WrongSignature`] if it is another certificate's.
    pub fn sign(&self, key: &PrivateKey) -> Result<Signed, SignError> {
        Ok(self.finish(&key.sign(&self.message()?)?)?)
    }
}

/// Why signing with a key that is here failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signature.
    #[error(transparent)]
    Cms(#[from] CmsError),
}

/// A finished signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    der: Vec<u8>,
    value: Vec<u8>,
}

impl Signed {
    /// The CMS message, in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What the key made of it: a timestamp is asked for over these bytes.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The same signature with the token of a timestamp authority over [`Self::value`], which was checked before.
    ///
    /// # Errors
    /// [`CmsError::Unreadable`] if the token is no DER, or all of it too long.
    pub fn with_timestamp(&self, token: &[u8]) -> Result<Self, CmsError> {
        let outer = ContentInfo::from_der(&self.der)?;
        let inner = outer.content.to_der()?;
        let mut data = SignedData::from_der(&inner)?;
        let mut infos: Vec<SignerInfo<'_>> = elements(data.signers.0)?;
        let info = infos.first_mut().ok_or(CmsError::Malformed { what: "no tiene firmante" })?;
        let stamp = attribute(oid::SIGNATURE_TIME_STAMP, token)?;
        info.unsigned = Some(RawSet(&stamp));
        let info = info.to_der()?;
        data.signers = RawSet(&info);
        Ok(Self { der: content_info(&data)?, value: self.value.clone() })
    }
}

fn attribute(kind: ObjectIdentifier, value: &[u8]) -> der::Result<Vec<u8>> {
    let values = SetOfVec::try_from(vec![AnyRef::from_der(value)?])?;
    Attribute { kind, values }.to_der()
}

fn content_info(data: &SignedData<'_>) -> der::Result<Vec<u8>> {
    let data = data.to_der()?;
    ContentInfo { kind: oid::SIGNED_DATA, content: AnyRef::from_der(&data)? }.to_der()
}
