//! What `medicus efirma inspect` and the page of the account show of a certificate and its key.

use jiff::Timestamp;
use serde::Serialize;

use crate::certificate::{Certificate, hex};
use crate::refusal::{self, Refusal};
use crate::subject::Kind;
use crate::trust::{Purpose, TrustStore};

/// What a file is and whether a clinical document can be signed with it. A stable output: other programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// `efirma_fisica`, `efirma_moral`, `csd`, `autoridad` or `otro`.
    pub kind: &'static str,
    /// Common name.
    pub name: String,
    /// Serial number as SAT prints it.
    pub serial: String,
    /// RFC of its owner.
    pub rfc: Option<String>,
    /// CURP of its owner.
    pub curp: Option<String>,
    /// RFC of who acts for a company.
    pub representative_rfc: Option<String>,
    /// CURP of who acts for a company.
    pub representative_curp: Option<String>,
    /// First instant of its validity.
    pub valid_from: Timestamp,
    /// Last instant of its validity.
    pub valid_until: Timestamp,
    /// `vigente`, `vencido` or `aun_no_vigente`, when it was inspected.
    pub validity: &'static str,
    /// Name of who issued it.
    pub issuer: String,
    /// Bits of its RSA key.
    pub key_bits: Option<usize>,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
    /// Whether SAT issued it for tests, without legal effect.
    pub test: bool,
    /// Whether an authority of the trust folder stands behind it; `null` without a folder.
    pub trusted: Option<bool>,
    /// `true` if a key was given, which opened and belongs to it; `null` if none was given.
    pub key_matches: Option<bool>,
    /// Whether a clinical document can be signed with it, as far as was looked at.
    pub can_sign: bool,
    /// Why not.
    pub refusal: Option<String>,
    /// What is odd and keeps nobody from signing.
    pub warnings: Vec<String>,
}

impl Inspection {
    /// Looks at a certificate as of `at`, with the authorities in `trust` if there are any. `with_key` is for who has opened
    /// its key.
    #[must_use]
    pub fn of(certificate: &Certificate, trust: Option<&TrustStore>, with_key: bool, at: Timestamp) -> Self {
        let refused = match trust {
            Some(trust) => refusal::trusted_signer(certificate, &[], trust, at).err(),
            None => refusal::signer(certificate, at).err(),
        };
        let owner = Owner::of(certificate.kind());
        Self {
            kind: owner.kind,
            name: certificate.name().to_owned(),
            serial: certificate.serial_text(),
            rfc: owner.rfc,
            curp: owner.curp,
            representative_rfc: owner.representative_rfc,
            representative_curp: owner.representative_curp,
            valid_from: certificate.valid_from(),
            valid_until: certificate.valid_until(),
            validity: validity(certificate, at),
            issuer: certificate.issuer_name().to_owned(),
            key_bits: certificate.key_bits(),
            sha256: hex(&certificate.fingerprint()),
            test: certificate.is_for_tests(),
            trusted: trust.map(|trust| trust.chain(certificate, &[], at, Purpose::Signature).is_ok()),
            key_matches: with_key.then_some(true),
            can_sign: refused.is_none(),
            refusal: refused.as_ref().map(Refusal::to_string),
            warnings: warnings(certificate),
        }
    }
}

struct Owner {
    kind: &'static str,
    rfc: Option<String>,
    curp: Option<String>,
    representative_rfc: Option<String>,
    representative_curp: Option<String>,
}

impl Owner {
    fn of(kind: &Kind) -> Self {
        let nobody =
            |kind| Self { kind, rfc: None, curp: None, representative_rfc: None, representative_curp: None };
        match kind {
            Kind::Person(person) => Self {
                rfc: Some(person.rfc.clone()),
                curp: Some(person.curp.clone()),
                ..nobody("efirma_fisica")
            },
            Kind::Company(company) => Self {
                rfc: Some(company.rfc.clone()),
                representative_rfc: company.representative_rfc.clone(),
                representative_curp: company.representative_curp.clone(),
                ..nobody("efirma_moral")
            },
            Kind::Seal { rfc } => Self { rfc: Some(rfc.clone()), ..nobody("csd") },
            Kind::Authority => nobody("autoridad"),
            Kind::Other => nobody("otro"),
        }
    }
}

fn validity(certificate: &Certificate, at: Timestamp) -> &'static str {
    if at < certificate.valid_from() {
        "aun_no_vigente"
    } else if at > certificate.valid_until() {
        "vencido"
    } else {
        "vigente"
    }
}

fn warnings(certificate: &Certificate) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Kind::Person(person) = certificate.kind()
        && person.curp_is_odd()
    {
        warnings.push(
            "el dígito verificador de la CURP no es el que corresponde; así la emitió el SAT".to_owned(),
        );
    }
    if certificate.is_for_tests() {
        warnings.push("es un certificado de prueba del SAT, sin efectos legales".to_owned());
    }
    warnings
}
