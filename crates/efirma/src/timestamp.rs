//! Timestamps of an authority (RFC 3161): the bytes to ask with, and whether the answer is one to this question, by an
//! authority that is believed. A timestamp is what proves when something was signed.

use der::asn1::{Any, AnyRef, OctetStringRef, UintRef};
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, Sequence, Tag};
use jiff::{SignedDuration, Timestamp};
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::asn1::{generalized_time, oid};
use crate::cms::{CmsError, Signature};
use crate::hash::Hash;
use crate::trust::{Chain, ChainError, Purpose, TrustStore};

/// How far an authority's clock and ours may differ for a fresh answer.
const MAX_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// Why a timestamp is not believed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TimestampError {
    /// No answer as RFC 3161 has it.
    #[error("la autoridad de sellado de tiempo respondió algo que no es un sello de tiempo")]
    Unreadable(#[from] der::Error),
    /// The authority says no.
    #[error("la autoridad de sellado de tiempo rechazó la solicitud (estado {status})")]
    Rejected {
        /// Its PKIStatus: 2 rejection, 3 waiting, 4 and 5 warnings about revocation.
        status: u8,
    },
    /// A timestamp of something else.
    #[error("el sello de tiempo es de otro contenido")]
    OtherContent,
    /// The answer to another question.
    #[error("el sello de tiempo responde a otra solicitud")]
    OtherNonce,
    /// Its time is not about now, although it was asked for now.
    #[error("la hora del sello de tiempo ({time}) está lejos de la de este equipo; revise el reloj")]
    FarFromClock {
        /// What it says.
        time: Timestamp,
    },
    /// Its signature does not hold.
    #[error("la firma del sello de tiempo no es válida: {0}")]
    Signature(#[from] CmsError),
    /// Who signed it is no timestamp authority that is believed.
    #[error("no se confía en la autoridad de sellado de tiempo: {0}")]
    Authority(#[from] ChainError),
}

#[derive(Sequence)]
struct MessageImprint<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    digest: &'a OctetStringRef,
}

#[derive(Sequence)]
struct TimeStampReq<'a> {
    version: u8,
    imprint: MessageImprint<'a>,
    nonce: UintRef<'a>,
    wants_certificate: bool,
}

#[derive(Sequence)]
struct TimeStampResp<'a> {
    status: StatusInfo<'a>,
    token: Option<AnyRef<'a>>,
}

#[derive(Sequence)]
struct StatusInfo<'a> {
    status: u8,
    text: Option<Vec<Any>>,
    failure: Option<der::asn1::BitStringRef<'a>>,
}

#[derive(Sequence)]
struct TstInfo<'a> {
    version: u8,
    policy: ObjectIdentifier,
    imprint: MessageImprint<'a>,
    serial: AnyRef<'a>,
    time: AnyRef<'a>,
    accuracy: Option<Vec<Any>>,
    ordering: Option<bool>,
    nonce: Option<UintRef<'a>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    authority: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<Vec<Any>>,
}

/// A question to an authority: when were these bytes there?
#[derive(Debug, Clone)]
pub struct Query {
    der: Vec<u8>,
    value: Vec<u8>,
    nonce: [u8; 8],
}

/// A timestamp that is believed.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// When, by the authority's clock.
    pub time: Timestamp,
    /// The authority's certificate and those above it.
    pub chain: Chain,
    /// The token, to be kept with the signature.
    pub token: Vec<u8>,
}

impl Stamp {
    /// How the authority is called.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.chain.links().first().map_or("", crate::Certificate::name)
    }
}

impl Query {
    /// Asks for a timestamp over `value` (of a signature: its value). `nonce` is 8 random bytes, never used before.
    ///
    /// # Errors
    /// [`TimestampError::Unreadable`] does not occur for values that fit in memory.
    pub fn new(value: &[u8], nonce: [u8; 8]) -> Result<Self, TimestampError> {
        let digest = Hash::Sha256.of(&[value]);
        let algorithm =
            AlgorithmIdentifierRef { oid: Hash::Sha256.digest_oid(), parameters: Some(AnyRef::NULL) };
        let request = TimeStampReq {
            version: 1,
            imprint: MessageImprint { algorithm, digest: OctetStringRef::new(&digest)? },
            nonce: UintRef::new(&nonce)?,
            wants_certificate: true,
        };
        Ok(Self { der: request.to_der()?, value: value.to_vec(), nonce })
    }

    /// The body to send, as `application/timestamp-query`.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether `answer` (the body of an `application/timestamp-reply`) is a timestamp for this question, given `now` by an
    /// authority of `trust`.
    ///
    /// # Errors
    /// [`TimestampError`].
    pub fn check(&self, answer: &[u8], trust: &TrustStore, now: Timestamp) -> Result<Stamp, TimestampError> {
        if answer.len() > crate::cms::MAX_BYTES {
            return Err(CmsError::TooLarge { bytes: answer.len() }.into());
        }
        let answer = TimeStampResp::from_der(answer)?;
        let token = match (answer.status.status, answer.token) {
            (0 | 1, Some(token)) => token.to_der()?,
            (0 | 1, None) => return Err(der::Error::from(Tag::Sequence.value_error()).into()),
            (status, _) => return Err(TimestampError::Rejected { status }),
        };
        let (stamp, nonce) = read(&token, &self.value, trust)?;
        if nonce.as_deref() != Some(UintRef::new(&self.nonce)?.as_bytes()) {
            return Err(TimestampError::OtherNonce);
        }
        if stamp.time.duration_since(now).abs() > MAX_DIFFERENCE {
            return Err(TimestampError::FarFromClock { time: stamp.time });
        }
        Ok(stamp)
    }
}

/// Whether `token`, as kept with a signature, is a timestamp over `value` by an authority of `trust`, judged at its own time.
///
/// # Errors
/// [`TimestampError`].
pub fn check_token(token: &[u8], value: &[u8], trust: &TrustStore) -> Result<Stamp, TimestampError> {
    Ok(read(token, value, trust)?.0)
}

fn read(token: &[u8], value: &[u8], trust: &TrustStore) -> Result<(Stamp, Option<Vec<u8>>), TimestampError> {
    let signature = Signature::read(token)?;
    let content = signature.verified_content(oid::TST_INFO)?;
    if !signature.is_cades() {
        return Err(CmsError::Malformed { what: "no nombra el certificado de la autoridad" }.into());
    }
    let info = TstInfo::from_der(content)?;
    let algorithm = info.imprint.algorithm.oid;
    let hash = Hash::from_digest(algorithm)
        .filter(|hash| *hash != Hash::Sha1)
        .ok_or_else(|| CmsError::algorithm(algorithm))?;
    if hash.of(&[value]) != info.imprint.digest.as_bytes() {
        return Err(TimestampError::OtherContent);
    }
    let time = generalized_time(info.time)?;
    let chain = trust.chain(signature.signer(), signature.certificates(), time, Purpose::Timestamp)?;
    let nonce = info.nonce.map(|nonce| nonce.as_bytes().to_vec());
    Ok((Stamp { time, chain, token: token.to_vec() }, nonce))
}
