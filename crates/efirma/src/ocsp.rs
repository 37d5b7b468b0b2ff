//! Whether a certificate was revoked, by its issuer's word (OCSP, RFC 6960): the bytes to ask with, and whether the answer is
//! the issuer's and about this certificate.
//!
//! No answer is no refusal: SAT's responder is often out of reach. Who calls records that it is not known and asks again.

use der::asn1::{AnyRef, BitStringRef, OctetString, OctetStringRef};
use der::oid::ObjectIdentifier;
use der::{Class, Decode, Encode, Sequence, Tag, Tagged};
use jiff::{SignedDuration, Timestamp};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::asn1::{elements, generalized_time, oid};
use crate::certificate::Certificate;
use crate::hash::Hash;

/// Most bytes of an answer. With the responder's certificate one has 2,500.
pub const MAX_BYTES: usize = 64 * 1024;

/// How far the responder's clock and ours may differ; SAT's answers are good for one minute.
const MAX_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// How old an answer without an end may be.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// Most certificates of an answer that are tried.
const MAX_CERTIFICATES: usize = 8;

/// Why an answer says nothing about a certificate.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OcspError {
    /// More than [`MAX_BYTES`].
    #[error("la respuesta de revocación mide {bytes} bytes, más de lo que se lee")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// No answer as RFC 6960 has it.
    #[error("el servicio de revocación respondió algo que no se puede leer")]
    Unreadable(#[from] der::Error),
    /// The responder does not answer this: 1 malformed, 2 internal error, 3 try later (also: another authority's
    /// certificate), 5 signature required, 6 unauthorized.
    #[error("el servicio de revocación no contestó (estado {status})")]
    Declined {
        /// Its OCSPResponseStatus.
        status: u8,
    },
    /// About other certificates.
    #[error("la respuesta de revocación es de otro certificado")]
    OtherCertificate,
    /// To another question.
    #[error("la respuesta de revocación contesta otra solicitud")]
    OtherNonce,
    /// Neither the issuer nor anybody it delegated signed it.
    #[error("la respuesta de revocación no está firmada por la autoridad que emitió el certificado")]
    NotTheIssuer,
    /// Of another time than the one it should speak of.
    #[error(
        "la respuesta de revocación no es de este momento (es de {this_update}); revise el reloj del equipo"
    )]
    OtherTime {
        /// Of when it is.
        this_update: Timestamp,
    },
}

#[derive(Sequence)]
struct CertId<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    issuer_name: &'a OctetStringRef,
    issuer_key: &'a OctetStringRef,
    serial: AnyRef<'a>,
}

#[derive(Sequence)]
struct OcspRequest<'a> {
    request: TbsRequest<'a>,
}

#[derive(Sequence)]
struct TbsRequest<'a> {
    requests: Vec<OneRequest<'a>>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct OneRequest<'a> {
    id: CertId<'a>,
}

#[derive(Sequence)]
struct OcspResponse<'a> {
    status: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    bytes: Option<ResponseBytes<'a>>,
}

#[derive(Sequence)]
struct ResponseBytes<'a> {
    kind: ObjectIdentifier,
    response: &'a OctetStringRef,
}

#[derive(Sequence)]
struct BasicResponse<'a> {
    data: AnyRef<'a>,
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: BitStringRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    certificates: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
struct ResponseData<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    version: Option<AnyRef<'a>>,
    /// CHOICE of name (`[1]`) or key (`[2]`). Who it is follows from the signature.
    responder: AnyRef<'a>,
    produced_at: AnyRef<'a>,
    responses: AnyRef<'a>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<Vec<Extension>>,
}

#[derive(Sequence)]
struct SingleResponse<'a> {
    id: CertId<'a>,
    status: AnyRef<'a>,
    this_update: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    next_update: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    extensions: Option<AnyRef<'a>>,
}

/// What the issuer says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked: signatures before `at` hold, later ones do not.
    Revoked {
        /// From when.
        at: Timestamp,
    },
    /// The responder does not know it.
    Unknown,
}

/// An answer that is the issuer's.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What it says.
    pub status: Status,
    /// Since when that is known to be so.
    pub this_update: Timestamp,
    /// When the answer was signed.
    pub produced_at: Timestamp,
    /// Who signed it: the issuer, or somebody it delegated.
    pub responder: Certificate,
    /// The answer, to be kept with the signature.
    pub der: Vec<u8>,
}

/// A question about one certificate.
#[derive(Debug, Clone)]
pub struct Query {
    der: Vec<u8>,
    certificate: Certificate,
    issuer: Certificate,
    nonce: [u8; 16],
}

impl Query {
    /// Asks about `certificate`, which `issuer` signed. `nonce` is random; responders may leave it out of the answer.
    ///
    /// # Errors
    /// [`OcspError::Unreadable`] does not occur for certificates that were read.
    pub fn new(certificate: &Certificate, issuer: &Certificate, nonce: [u8; 16]) -> Result<Self, OcspError> {
        // SHA-1 only names the issuer here; it is what every responder knows, SAT's among them.
        let name = Hash::Sha1.of(&[issuer.subject_der()]);
        let key = Hash::Sha1.of(&[issuer.public_key_bits()]);
        let id = CertId {
            algorithm: AlgorithmIdentifierRef {
                oid: Hash::Sha1.digest_oid(),
                parameters: Some(AnyRef::NULL),
            },
            issuer_name: OctetStringRef::new(&name)?,
            issuer_key: OctetStringRef::new(&key)?,
            serial: AnyRef::new(Tag::Integer, certificate.serial())?,
        };
        let nonce_extension = Extension {
            extn_id: oid::OCSP_NONCE,
            critical: false,
            extn_value: OctetString::new(OctetStringRef::new(&nonce)?.to_der()?)?,
        };
        let request =
            TbsRequest { requests: vec![OneRequest { id }], extensions: Some(vec![nonce_extension]) };
        let der = OcspRequest { request }.to_der()?;
        Ok(Self { der, certificate: certificate.clone(), issuer: issuer.clone(), nonce })
    }

    /// The body to send, as `application/ocsp-request`.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What `answer` (the body of an `application/ocsp-response`) says, asked and got `now`. `known` are certificates that
    /// may have signed it and are not in it.
    ///
    /// # Errors
    /// [`OcspError`].
    pub fn check(&self, answer: &[u8], known: &[Certificate], now: Timestamp) -> Result<Answer, OcspError> {
        let read = read(answer, &self.certificate, &self.issuer, known)?;
        if read.nonce.is_some_and(|nonce| nonce != self.nonce) {
            return Err(OcspError::OtherNonce);
        }
        let until = read.next_update.unwrap_or_else(|| later(read.answer.this_update, MAX_AGE));
        let this_update = read.answer.this_update;
        if this_update > later(now, MAX_DIFFERENCE) || later(until, MAX_DIFFERENCE) < now {
            return Err(OcspError::OtherTime { this_update });
        }
        Ok(read.answer)
    }
}

/// What an answer that was kept with a signature says; of when it is, [`Answer::this_update`] says.
///
/// # Errors
/// [`OcspError`].
pub fn check_kept(
    answer: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    known: &[Certificate],
) -> Result<Answer, OcspError> {
    Ok(read(answer, certificate, issuer, known)?.answer)
}

struct Read {
    answer: Answer,
    next_update: Option<Timestamp>,
    nonce: Option<Vec<u8>>,
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn read(
    bytes: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    known: &[Certificate],
) -> Result<Read, OcspError> {
    if bytes.len() > MAX_BYTES {
        return Err(OcspError::TooLarge { bytes: bytes.len() });
    }
    let outer = OcspResponse::from_der(bytes)?;
    let status = outer.status.value().first().copied().unwrap_or(u8::MAX);
    let body = match outer.bytes {
        Some(body) if status == 0 && body.kind == oid::OCSP_BASIC => body.response.as_bytes(),
        _ => return Err(OcspError::Declined { status }),
    };
    let basic = BasicResponse::from_der(body)?;
    let signed = basic.data.to_der()?;
    let data = ResponseData::from_der(&signed)?;
    let produced_at = generalized_time(data.produced_at)?;
    let responder = responder(&basic, &signed, issuer, known, produced_at)?;
    let responses: Vec<SingleResponse<'_>> = elements(data.responses.value())?;
    let single = responses
        .into_iter()
        .find(|single| is_about(&single.id, certificate, issuer))
        .ok_or(OcspError::OtherCertificate)?;
    let nonce = data.extensions.unwrap_or_default().into_iter().find(|one| one.extn_id == oid::OCSP_NONCE);
    let nonce = nonce.map(|one| {
        // The standard wraps the nonce twice; some responders do not.
        let value = one.extn_value.as_bytes();
        <&OctetStringRef>::from_der(value).map_or(value, OctetStringRef::as_bytes).to_vec()
    });
    let answer = Answer {
        status: status_of(single.status)?,
        this_update: generalized_time(single.this_update)?,
        produced_at,
        responder,
        der: bytes.to_vec(),
    };
    Ok(Read { answer, next_update: single.next_update.map(generalized_time).transpose()?, nonce })
}

/// Who signed the answer: the issuer itself, or one the issuer gave a certificate for just that.
fn responder(
    basic: &BasicResponse<'_>,
    signed: &[u8],
    issuer: &Certificate,
    known: &[Certificate],
    at: Timestamp,
) -> Result<Certificate, OcspError> {
    let hash = Hash::from_signature(basic.algorithm.oid)
        .filter(|hash| *hash != Hash::Sha1)
        .ok_or(OcspError::NotTheIssuer)?;
    let brought: Vec<AnyRef<'_>> = match basic.certificates {
        Some(list) => elements(list.value())?,
        None => Vec::new(),
    };
    let mut candidates = vec![issuer.clone()];
    for one in brought.iter().take(MAX_CERTIFICATES) {
        candidates.extend(Certificate::from_der(&one.to_der()?));
    }
    candidates.extend(known.iter().filter(|one| one.is_for(oid::OCSP_SIGNING)).cloned());
    let may_answer = |candidate: &Certificate| {
        candidate.is_valid_at(at)
            && (candidate == issuer
                || (candidate.is_for(oid::OCSP_SIGNING)
                    && !candidate.demands_the_unknown()
                    && candidate.signature_hash() != Some(Hash::Sha1)
                    && candidate.is_signed_by(issuer)))
    };
    candidates
        .into_iter()
        .filter(may_answer)
        .find(|candidate| {
            candidate.key().is_some_and(|key| hash.verify(key, signed, basic.signature.raw_bytes()))
        })
        .ok_or(OcspError::NotTheIssuer)
}

fn is_about(id: &CertId<'_>, certificate: &Certificate, issuer: &Certificate) -> bool {
    let Some(hash) = Hash::from_digest(id.algorithm.oid) else { return false };
    id.issuer_name.as_bytes() == hash.of(&[issuer.subject_der()])
        && id.issuer_key.as_bytes() == hash.of(&[issuer.public_key_bits()])
        && id.serial.value() == certificate.serial()
}

/// `CertStatus ::= CHOICE { good [0] NULL, revoked [1] SEQUENCE { when, reason }, unknown [2] NULL }`.
fn status_of(status: AnyRef<'_>) -> der::Result<Status> {
    let tag = status.tag();
    if tag.class() != Class::ContextSpecific {
        return Err(tag.value_error().into());
    }
    match tag.number().value() {
        0 => Ok(Status::Good),
        1 => {
            let fields: Vec<AnyRef<'_>> = elements(status.value())?;
            let when = fields.first().copied().ok_or_else(|| der::Error::from(tag.value_error()))?;
            Ok(Status::Revoked { at: generalized_time(when)? })
        }
        2 => Ok(Status::Unknown),
        _ => Err(tag.value_error().into()),
    }
}
