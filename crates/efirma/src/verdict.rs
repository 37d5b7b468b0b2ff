//! Judges the signatures of a PDF: who signed, when, what is proven of it, and whether the file is still what was signed.
//! Works offline, from the file and the authorities somebody chose to believe.

use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::{Serialize, Serializer};

use crate::certificate::Certificate;
use crate::cms::{CmsError, Signature};
use crate::crl::{self, RevocationList};
use crate::ocsp::{self, Status};
use crate::pdf::{self, Evidence, Fault, Found, Since, SubFilter};
use crate::refusal::{self, Refusal};
use crate::subject::Kind;
use crate::timestamp::{self, TimestampError};
use crate::trust::{Chain, TrustStore};

/// How old an answer of revocation may be when something is signed, to speak for that moment.
const ANSWER_AGE: SignedDuration = SignedDuration::from_hours(24);

/// What is proven (ETSI EN 319 142-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Level {
    /// A CMS signature that is no PAdES: its certificate is not bound, as in older programs.
    #[serde(rename = "CMS")]
    Plain,
    /// Who signed what.
    #[serde(rename = "B-B")]
    Basic,
    /// And that it was signed before a moment.
    #[serde(rename = "B-T")]
    Timestamp,
    /// And the file carries what says that the signer's certificate was not revoked.
    #[serde(rename = "B-LT")]
    LongTerm,
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain => "CMS",
            Self::Basic => "PAdES B-B",
            Self::Timestamp => "PAdES B-T",
            Self::LongTerm => "PAdES B-LT",
        })
    }
}

/// What the file knows about a revocation of the signer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// Nothing.
    Unknown,
    /// It was not revoked.
    Good,
    /// It was revoked, before or after the signature.
    Revoked,
}

/// Whether the file is what was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// The signature covers the whole file.
    Intact,
    /// Something was added that changes nothing of what is seen.
    Extended,
    /// What was signed is not what is seen, or cannot be told.
    Altered,
}

/// Why a signature is not valid.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Reason {
    /// It covers no whole state of the file.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It is no signature over this content by its own certificate.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// Who signed may not sign clinical documents, or leads to no authority that is believed.
    #[error("{}", told(.0))]
    Signer(#[source] Refusal),
    /// It is a timestamp over the file, and not one that is believed.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// What was signed was changed afterwards.
    #[error("{0}")]
    Altered(Since),
    /// A kind of signature that is not judged.
    #[error("es una firma de un tipo que este programa no revisa ({0})")]
    Kind(String),
}

/// What keeps somebody from signing, said to somebody who did not sign.
fn told(refusal: &Refusal) -> String {
    let day = |at: &Timestamp| at.strftime("%d/%m/%Y").to_string();
    match refusal {
        Refusal::Seal => {
            "se firmó con un certificado de sello digital (CSD), que solo sirve para facturar".to_owned()
        }
        Refusal::Company { rfc } => {
            format!("firmó una persona moral ({rfc}); un documento clínico lo firma una persona física")
        }
        Refusal::NotEfirma => "el certificado con que se firmó no es una e.firma del SAT".to_owned(),
        Refusal::Expired { until } => {
            format!("el certificado venció el {}, y nada prueba que se haya firmado antes", day(until))
        }
        Refusal::NotYetValid { from } => {
            format!("el certificado empezó a valer el {}, después de la firma", day(from))
        }
        Refusal::WeakKey | Refusal::WeakSignature => {
            "el certificado usa una llave o un algoritmo que ya no es seguro".to_owned()
        }
        other => other.to_string(),
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Who signed, by the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// Name; for a timestamp that of the authority.
    pub name: String,
    /// RFC, of an e.firma.
    pub rfc: Option<String>,
    /// CURP, of the e.firma of a natural person.
    pub curp: Option<String>,
    /// Serial number of the certificate as SAT prints it.
    pub serial: String,
    /// Who issued the certificate.
    pub issuer: String,
    /// Whether it is a certificate for tests, without legal effect.
    pub test: bool,
}

/// What is said of one signature. Serialized it is the contract of `medicus verify --json`.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// Name of its field in the file.
    pub field: String,
    /// Whether there is no reason against it.
    pub valid: bool,
    /// Whether it is a timestamp over the file, and nobody's signature.
    pub is_timestamp: bool,
    /// Who signed; `None` where that cannot be read.
    pub signer: Option<Signer>,
    /// When the signer says to have signed.
    #[serde(serialize_with = "with_offset")]
    pub claimed_at: Option<ZonedDateTime>,
    /// When it was there for certain, by a timestamp.
    pub proven_at: Option<Timestamp>,
    /// Who gave the timestamp.
    pub timestamp_authority: Option<String>,
    /// What is proven.
    pub level: Option<Level>,
    /// Whether the file is what was signed.
    pub integrity: Integrity,
    /// The same in words, with what came after the signature.
    pub integrity_text: String,
    /// What the file knows about a revocation.
    pub revocation: Revocation,
    /// Everything that speaks against it.
    pub refusals: Vec<Reason>,
    /// What should be known and does not speak against it.
    pub remarks: Vec<String>,
}

fn with_offset<S: Serializer>(at: &Option<ZonedDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(&at.strftime("%Y-%m-%dT%H:%M:%S%:z")),
        None => serializer.serialize_none(),
    }
}

/// Judges every signature of a file, the earliest first, as of `at`: a signature with a timestamp that is believed is judged
/// at the moment of the timestamp. A file without signatures gives none.
///
/// # Errors
/// [`pdf::Error`] for a file that cannot be read.
pub fn verify(pdf: &[u8], trust: &TrustStore, at: Timestamp) -> Result<Vec<Verdict>, pdf::Error> {
    let found = pdf::signatures(pdf)?;
    // A broken store proves nothing, and takes nothing away from the signatures.
    let (evidence, lost) = match pdf::evidence(pdf) {
        Ok(evidence) => (evidence, None),
        Err(error) => (Evidence::default(), Some(format!("no se leyeron las pruebas de validez: {error}"))),
    };
    let brought = evidence.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    let mut lists: Vec<RevocationList> =
        evidence.lists.iter().filter_map(|der| RevocationList::read(der).ok()).collect();
    let kept = lists.len();
    lists.extend(trust.lists().iter().cloned());
    let judge = Judge { pdf, trust, at, brought, answers: evidence.answers, lists, kept };
    let mut verdicts: Vec<Verdict> = found
        .into_iter()
        .map(|signature| match signature {
            Ok(found) => judge.judge(&found),
            Err(refused) => Verdict::refused(refused.field, refused.fault),
        })
        .collect();
    for verdict in &mut verdicts {
        verdict.remarks.extend(lost.clone());
        verdict.valid = verdict.refusals.is_empty();
    }
    Ok(verdicts)
}

impl Verdict {
    fn refused(field: String, fault: Fault) -> Self {
        Self {
            field,
            valid: false,
            is_timestamp: false,
            signer: None,
            claimed_at: None,
            proven_at: None,
            timestamp_authority: None,
            level: None,
            integrity: Integrity::Altered,
            integrity_text: "no se puede saber si el documento es el que se firmó".to_owned(),
            revocation: Revocation::Unknown,
            refusals: vec![fault.into()],
            remarks: Vec::new(),
        }
    }

    fn about(found: &Found) -> Self {
        let integrity = match &found.since {
            Since::Nothing => Integrity::Intact,
            Since::Added(_) => Integrity::Extended,
            Since::Altered(_) => Integrity::Altered,
        };
        Self {
            field: found.field.clone(),
            valid: false,
            is_timestamp: found.sub_filter == SubFilter::Timestamp,
            signer: None,
            claimed_at: found.claimed_at.clone(),
            proven_at: None,
            timestamp_authority: None,
            level: None,
            integrity,
            integrity_text: found.since.to_string(),
            revocation: Revocation::Unknown,
            refusals: match integrity {
                Integrity::Altered => vec![Reason::Altered(found.since.clone())],
                _ => Vec::new(),
            },
            remarks: Vec::new(),
        }
    }
}

struct Judge<'a> {
    pdf: &'a [u8],
    trust: &'a TrustStore,
    at: Timestamp,
    /// Certificates the file carries beside its signatures.
    brought: Vec<Certificate>,
    /// Answers of revocation the file carries.
    answers: Vec<Vec<u8>>,
    /// Lists of revocation, those the file carries and those who judges has.
    lists: Vec<RevocationList>,
    /// How many of them the file carries.
    kept: usize,
}

impl Judge<'_> {
    fn judge(&self, found: &Found) -> Verdict {
        let mut verdict = Verdict::about(found);
        match &found.sub_filter {
            SubFilter::Cades | SubFilter::Pkcs7 => {
                if let Err(reason) = self.signature(found, &mut verdict) {
                    verdict.refusals.insert(0, reason);
                }
            }
            SubFilter::Timestamp => {
                let content = found.signed(self.pdf).concat();
                match timestamp::check_token(&found.cms, &content, self.trust) {
                    Ok(stamp) => {
                        verdict.proven_at = Some(stamp.time);
                        verdict.timestamp_authority = Some(stamp.authority().to_owned());
                        verdict.signer = stamp.chain.links().first().map(Signer::of);
                    }
                    Err(error) => verdict.refusals.insert(0, error.into()),
                }
            }
            SubFilter::Other(kind) => verdict.refusals.insert(0, Reason::Kind(kind.clone())),
        }
        verdict
    }

    /// # Errors
    /// What makes everything else about the signature worthless.
    fn signature(&self, found: &Found, verdict: &mut Verdict) -> Result<(), Reason> {
        let signature = Signature::read(&found.cms)?;
        verdict.signer = Some(Signer::of(signature.signer()));
        let [before, behind] = found.signed(self.pdf);
        if let Err(error) = signature.verify(&[before, behind]) {
            verdict.integrity = Integrity::Altered;
            verdict.integrity_text = error.to_string();
            return Err(error.into());
        }
        verdict.level = Some(if signature.is_cades() { Level::Basic } else { Level::Plain });
        if let Some(token) = signature.timestamp() {
            match timestamp::check_token(token, signature.value(), self.trust) {
                Ok(stamp) => {
                    verdict.proven_at = Some(stamp.time);
                    verdict.timestamp_authority = Some(stamp.authority().to_owned());
                    verdict.level = verdict.level.map(|level| level.proven(Level::Timestamp));
                }
                Err(error) => {
                    verdict.remarks.push(format!("el sello de tiempo no prueba la fecha: {error}"));
                }
            }
        }
        self.signer(&signature, verdict);
        if signature.signer().is_for_tests() {
            verdict.remarks.push("es un certificado de prueba del SAT, sin efectos legales".to_owned());
        }
        Ok(())
    }

    /// Whether the signer may sign, and was not revoked, when it was signed.
    fn signer(&self, signature: &Signature, verdict: &mut Verdict) {
        let when = verdict.proven_at.unwrap_or(self.at);
        let certificate = signature.signer();
        let brought: Vec<Certificate> =
            signature.certificates().iter().chain(&self.brought).cloned().collect();
        // What an authority that is not believed says of a revocation is worth nothing.
        let chain = match refusal::trusted_signer(certificate, &brought, self.trust, when) {
            Ok((_, chain)) => chain,
            Err(refusal) => return verdict.refusals.push(Reason::Signer(refusal)),
        };
        let Some(issuer) = chain.issuer() else { return };
        if let Err(revoked) = chain.check_authorities(&self.lists, when) {
            return verdict.refusals.push(Reason::Signer(revoked.into()));
        }
        let answers = self.answers.iter().filter_map(|answer| {
            let answer = ocsp::check_kept(answer, certificate, issuer, &brought).ok()?;
            let speaks = answer.status != Status::Good || spoken_for(when, answer.this_update);
            speaks.then_some(answer.status)
        });
        // Anybody's list may say that it was revoked; that it was not has to stand in the file.
        let listed = crl::status(self.kept(), certificate, issuer, when);
        let revoked =
            crl::status(&self.lists, certificate, issuer, when).filter(|said| *said != Status::Good);
        for status in answers.chain(listed).chain(revoked) {
            match status {
                Status::Good => {
                    if verdict.revocation == Revocation::Unknown {
                        verdict.revocation = Revocation::Good;
                    }
                }
                Status::Revoked { at } => {
                    verdict.revocation = Revocation::Revoked;
                    if at <= when {
                        verdict.refusals.push(Reason::Signer(Refusal::Revoked { at }));
                    } else {
                        verdict.remarks.push("el certificado se revocó después de la firma".to_owned());
                    }
                }
                Status::Unknown => {}
            }
        }
        if verdict.revocation == Revocation::Good && verdict.proven_at.is_some() {
            verdict.level = verdict.level.map(|level| level.proven(Level::LongTerm));
            verdict.remarks.extend(self.unlisted(&chain, when));
        }
    }

    /// The authorities about whom the file carries no list: SAT's certificates name nobody to ask about them.
    fn unlisted(&self, chain: &Chain, when: Timestamp) -> Vec<String> {
        let told = |authority, issuer| crl::status(self.kept(), authority, issuer, when).is_some();
        let open = chain.below_root().filter(|(authority, issuer)| !told(authority, issuer));
        let remarks = open.map(|(authority, _)| {
            format!(
                "el archivo no trae la lista de revocación de la autoridad intermedia ({}), que algunos validadores piden",
                authority.name()
            )
        });
        remarks.collect()
    }

    /// The lists the file carries.
    fn kept(&self) -> &[RevocationList] {
        self.lists.get(..self.kept).unwrap_or_default()
    }
}

/// Whether an answer of that time speaks for a moment: it is not older than a day before it.
fn spoken_for(when: Timestamp, this_update: Timestamp) -> bool {
    this_update.checked_add(ANSWER_AGE).unwrap_or(Timestamp::MAX) >= when
}

impl Level {
    /// More is proven; not of what is no PAdES.
    const fn proven(self, more: Self) -> Self {
        match self {
            Self::Plain => Self::Plain,
            _ => more,
        }
    }
}

impl Signer {
    fn of(certificate: &Certificate) -> Self {
        let (rfc, curp) = match certificate.kind() {
            Kind::Person(person) => (Some(person.rfc.clone()), Some(person.curp.clone())),
            Kind::Company(company) => (Some(company.rfc.clone()), None),
            Kind::Seal { rfc } => (Some(rfc.clone()), None),
            Kind::Authority | Kind::Other => (None, None),
        };
        Self {
            name: certificate.name().to_owned(),
            rfc,
            curp,
            serial: certificate.serial_text(),
            issuer: certificate.issuer_name().to_owned(),
            test: certificate.is_for_tests(),
        }
    }
}
