//! What authorities add to a signature: when it was there (RFC 3161) and that its certificate was not revoked (RFC 6960).
//! Both are asked only where the owner configured an address, and a signature is given without them when they do not
//! answer: what it then proves is kept and shown.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use clinical::efirma::{RevocationCheck, SignatureLevel};
use efirma::cms::{Signature, Signed};
use efirma::ocsp::{self, Status};
use efirma::pdf::{self, Evidence};
use efirma::timestamp::{self, Stamp};
use efirma::trust::Chain;
use efirma::verdict::{Level, Verdict};
use efirma::{Certificate, Refusal, RevocationList, Signing, TrustStore, refusal};
use jiff::{SignedDuration, Timestamp};

use crate::content::capital;
use crate::error::CareError;

/// Somebody who answers questions of another machine.
pub trait Service: std::fmt::Debug + Send + Sync {
    /// Sends a question and waits for its answer, not for ever. It is asked on a thread that may wait.
    ///
    /// # Errors
    /// Whatever kept the answer from coming.
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>;
}

/// Whom signatures are judged by. Nobody unless configured.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    /// The authorities that are believed, of a folder of the owner.
    pub trust: Option<Arc<TrustStore>>,
    /// Gives timestamps.
    pub timestamps: Option<Arc<dyn Service>>,
    /// Answers what was revoked.
    pub revocations: Option<Arc<dyn Service>>,
    /// Lists of what authorities revoked, as they publish them.
    pub lists: Arc<[PublishedList]>,
}

/// How long nobody is asked again for a list that did not come.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// A list of what an authority revoked, brought from where it is published and kept until it ends.
#[derive(Debug)]
pub struct PublishedList {
    source: Box<dyn Service>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    list: Option<RevocationList>,
    asked: Option<Timestamp>,
}

impl PublishedList {
    /// The list of a source, which answers it to any question.
    pub fn new(source: impl Service + 'static) -> Self {
        Self { source: Box::new(source), kept: Mutex::default() }
    }

    /// The list as of `now`; only that of an authority that is believed.
    fn current(&self, trust: &TrustStore, now: Timestamp) -> Option<RevocationList> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = kept.list.as_ref().is_none_or(|list| !list.covers(now));
        if ended && kept.asked.is_none_or(|at| at + PAUSE <= now) {
            kept.asked = Some(now);
            let read = |bytes: Vec<u8>| RevocationList::read(&bytes).map_err(Into::into);
            kept.list = match self.source.ask(&[]).and_then(read) {
                Ok(list) => {
                    let known = trust.certificates().any(|authority| list.is_of(authority));
                    if !known {
                        tracing::warn!("a list of revocations is of no authority that is believed");
                    }
                    Some(list).filter(|_| known)
                }
                Err(error) => {
                    tracing::warn!(%error, "a list of revocations could not be had");
                    None
                }
            };
        }
        kept.list.clone().filter(|list| list.covers(now))
    }
}

/// A signed file with an answer that came later.
pub(crate) struct LaterProof {
    pub(crate) pdf: Vec<u8>,
    pub(crate) level: SignatureLevel,
    pub(crate) revocation: RevocationCheck,
}

/// A signed file with what is proven of it.
pub(crate) struct Proven {
    pub(crate) pdf: Vec<u8>,
    pub(crate) serial: String,
    pub(crate) level: SignatureLevel,
    pub(crate) revocation: RevocationCheck,
    pub(crate) proven_at: Option<Timestamp>,
}

impl Authorities {
    /// The authorities that are believed.
    ///
    /// # Errors
    /// [`CareError::Invalid`] when there are none.
    pub(crate) fn trust(&self) -> Result<&TrustStore, CareError> {
        let none = "Este consultorio no tiene cargados los certificados de las autoridades del SAT. Pida a administración que los agregue (efirma.trust)";
        self.trust.as_deref().ok_or_else(|| CareError::invalid("cer", none))
    }

    /// Finishes a signature with what the authorities say, and judges the file as a stranger would before it is kept.
    pub(crate) fn prove(
        &self,
        signing: Signing,
        signed: Signed,
        certificate: &Certificate,
        chain: &Chain,
        now: Timestamp,
    ) -> Result<Proven, CareError> {
        let trust = self.trust()?;
        let answer = self.ask_revocation(certificate, chain, now)?;
        let revocation = match (&self.revocations, &answer) {
            (None, _) => RevocationCheck::NotAsked,
            (Some(_), None) => RevocationCheck::NoAnswer,
            (Some(_), Some(_)) => RevocationCheck::Good,
        };
        let stamp = self.ask_time(&signed, trust, now);
        let signed = match &stamp {
            Some(stamp) => signed.with_timestamp(&stamp.token).map_err(CareError::internal)?,
            None => signed,
        };
        let mut pdf = signing.finish(&signed).map_err(CareError::internal)?;
        if let Some(answer) = &answer {
            let stamped = stamp.as_ref().map(|stamp| &stamp.chain);
            let evidence = Evidence::of(chain, stamped, answer, &self.current_lists(trust, now));
            pdf = pdf::add_evidence(&pdf, &evidence).map_err(CareError::internal)?;
        }
        let level = judged(&pdf, trust, now)?;
        Ok(Proven {
            pdf,
            serial: certificate.serial_text(),
            level,
            revocation,
            proven_at: stamp.map(|stamp| stamp.time),
        })
    }

    /// The answer that the certificate was not revoked, if there is one.
    ///
    /// # Errors
    /// [`CareError::Invalid`] when it was revoked.
    fn ask_revocation(
        &self,
        certificate: &Certificate,
        chain: &Chain,
        now: Timestamp,
    ) -> Result<Option<ocsp::Answer>, CareError> {
        let Some(answer) = self.answer(certificate, chain, now)? else { return Ok(None) };
        match answer.status {
            Status::Good => Ok(Some(answer)),
            Status::Revoked { at } => {
                let refusal = Refusal::Revoked { at };
                Err(CareError::invalid("cer", capital(&refusal.to_string())))
            }
            Status::Unknown => Ok(None),
        }
    }

    /// What the revocation service says, if it answers in a way that can be believed.
    fn answer(
        &self,
        certificate: &Certificate,
        chain: &Chain,
        now: Timestamp,
    ) -> Result<Option<ocsp::Answer>, CareError> {
        let (Some(service), Some(issuer)) = (&self.revocations, chain.issuer()) else { return Ok(None) };
        let query = ocsp::Query::new(certificate, issuer, random()?).map_err(CareError::internal)?;
        let answer = match service.ask(query.der()) {
            Ok(answer) => query.check(&answer, &[], now),
            Err(error) => {
                tracing::warn!(%error, "the revocation service did not answer");
                return Ok(None);
            }
        };
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => {
                tracing::warn!(%error, "the answer of the revocation service is not believed");
                Ok(None)
            }
        }
    }

    /// Asks again about the certificate of a signed file, and puts the answer behind its end; `known` are the answers of
    /// this round, by certificate. `None` when nothing new is known.
    pub(crate) fn prove_later(
        &self,
        file: &[u8],
        known: &mut HashMap<Vec<u8>, Option<ocsp::Answer>>,
        now: Timestamp,
    ) -> Result<Option<LaterProof>, CareError> {
        let trust = self.trust()?;
        let found = pdf::signatures(file).map_err(CareError::internal)?.pop();
        let Some(Ok(found)) = found else { return Ok(None) };
        let signature = Signature::read(&found.cms).map_err(CareError::internal)?;
        let token = signature.timestamp();
        let stamp = token.and_then(|token| timestamp::check_token(token, signature.value(), trust).ok());
        let when = stamp.as_ref().map_or(now, |stamp| stamp.time);
        let certificate = signature.signer();
        // Of who is not believed (any more) nobody is asked.
        let signer = refusal::trusted_signer(certificate, signature.certificates(), trust, when);
        let Ok((_, chain)) = signer else { return Ok(None) };
        if !known.contains_key(certificate.der()) {
            known.insert(certificate.der().to_vec(), self.answer(certificate, &chain, now)?);
        }
        let Some(Some(answer)) = known.get(certificate.der()) else { return Ok(None) };
        let revocation = match answer.status {
            Status::Good => RevocationCheck::Good,
            Status::Revoked { .. } => RevocationCheck::Revoked,
            Status::Unknown => return Ok(None),
        };
        let stamped = stamp.as_ref().map(|stamp| &stamp.chain);
        let evidence = Evidence::of(&chain, stamped, answer, &self.current_lists(trust, now));
        let pdf = pdf::add_evidence(file, &evidence).map_err(CareError::internal)?;
        let verdicts = efirma::verify(&pdf, trust, now).map_err(CareError::internal)?;
        let level = level_of(verdicts.last());
        let level = level.ok_or_else(|| CareError::Internal("the signed file does not verify".into()))?;
        Ok(Some(LaterProof { pdf, level, revocation }))
    }

    /// The lists the owner has, and those that are published.
    fn current_lists(&self, trust: &TrustStore, now: Timestamp) -> Vec<RevocationList> {
        let published = self.lists.iter().filter_map(|list| list.current(trust, now));
        trust.lists().iter().cloned().chain(published).collect()
    }

    fn ask_time(&self, signed: &Signed, trust: &TrustStore, now: Timestamp) -> Option<Stamp> {
        let service = self.timestamps.as_ref()?;
        let asked = random().ok().and_then(|nonce| timestamp::Query::new(signed.value(), nonce).ok())?;
        let answer = match service.ask(asked.der()) {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(%error, "the timestamp authority did not answer");
                return None;
            }
        };
        match asked.check(&answer, trust, now) {
            Ok(stamp) => Some(stamp),
            Err(error) => {
                tracing::warn!(%error, "the answer of the timestamp authority is not believed");
                None
            }
        }
    }
}

/// What the last signature of a file proves.
///
/// # Errors
/// [`CareError::Internal`] when it does not hold: such a file is not kept.
fn judged(pdf: &[u8], trust: &TrustStore, now: Timestamp) -> Result<SignatureLevel, CareError> {
    let verdicts = efirma::verify(pdf, trust, now).map_err(CareError::internal)?;
    let level = level_of(verdicts.last().filter(|verdict| verdict.valid));
    level.ok_or_else(|| CareError::Internal("the signed file does not verify".into()))
}

/// What a signature of ours proves; of one that is no PAdES nothing is kept.
fn level_of(verdict: Option<&Verdict>) -> Option<SignatureLevel> {
    match verdict?.level? {
        Level::Basic => Some(SignatureLevel::Basic),
        Level::Timestamp => Some(SignatureLevel::Timestamp),
        Level::LongTerm => Some(SignatureLevel::LongTerm),
        Level::Plain => None,
    }
}

fn random<const N: usize>() -> Result<[u8; N], CareError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| CareError::Internal(error.to_string().into()))?;
    Ok(bytes)
}
