//! Why somebody may not sign a clinical document with a certificate, each reason in words for who stands before the screen.

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::hash::Hash;
use crate::subject::{Kind, Person};
use crate::trust::{Chain, ChainError, MIN_KEY_BITS, Purpose, TrustStore};

/// Why a certificate may not sign here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A CSD.
    #[error(
        "este es un certificado de sello digital (CSD), que solo sirve para facturar; use los archivos .cer y .key de su e.firma"
    )]
    Seal,
    /// The e.firma of a company.
    #[error(
        "esta e.firma es de una persona moral ({rfc}); un documento clínico lo firma una persona física con su propia e.firma"
    )]
    Company {
        /// Its RFC.
        rfc: String,
    },
    /// Not of SAT's e.firma at all.
    #[error("este certificado no es una e.firma del SAT; use el archivo .cer de su e.firma")]
    NotEfirma,
    /// Its time has not come.
    #[error("este certificado será válido a partir del {at}", at = minute(*from))]
    NotYetValid {
        /// From when it is valid.
        from: Timestamp,
    },
    /// Its time is over.
    #[error("este certificado venció el {at}; renueve su e.firma en el SAT", at = minute(*until))]
    Expired {
        /// Until when it was valid.
        until: Timestamp,
    },
    /// A key of another kind, or under 2048 bits.
    #[error(
        "la llave de este certificado no es RSA de {MIN_KEY_BITS} bits o más; renueve su e.firma en el SAT"
    )]
    WeakKey,
    /// Its issuer signed it with MD5, SHA-1 or something unknown.
    #[error(
        "la autoridad firmó este certificado con un algoritmo que ya no es seguro; renueve su e.firma en el SAT"
    )]
    WeakSignature,
    /// It leads to no authority that is believed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The issuer says it was revoked.
    #[error("este certificado fue revocado el {at}", at = minute(*at))]
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// Of somebody else, by RFC.
    #[error(
        "el RFC del certificado ({certificate}) no es el de su cuenta ({account}); use su propia e.firma"
    )]
    OtherRfc {
        /// What the certificate says.
        certificate: String,
        /// What the account says.
        account: String,
    },
    /// Of somebody else, by CURP.
    #[error(
        "la CURP del certificado ({certificate}) no es la de su cuenta ({account}); use su propia e.firma"
    )]
    OtherCurp {
        /// What the certificate says.
        certificate: String,
        /// What the account says.
        account: String,
    },
}

fn minute(at: Timestamp) -> String {
    at.strftime("%d/%m/%Y a las %H:%M UTC").to_string()
}

/// The person who may sign with `certificate` at `at`, as far as the certificate itself says.
///
/// # Errors
/// [`Refusal`], what matters most to the person first: that it is the wrong file, then that its time is over.
pub fn signer(certificate: &Certificate, at: Timestamp) -> Result<&Person, Refusal> {
    let person = match certificate.kind() {
        Kind::Person(person) => person,
        Kind::Seal { .. } => return Err(Refusal::Seal),
        Kind::Company(company) => return Err(Refusal::Company { rfc: company.rfc.clone() }),
        Kind::Authority | Kind::Other => return Err(Refusal::NotEfirma),
    };
    if certificate.key_bits().is_none_or(|bits| bits < MIN_KEY_BITS) || certificate.key().is_none() {
        return Err(Refusal::WeakKey);
    }
    if matches!(certificate.signature_hash(), None | Some(Hash::Sha1)) {
        return Err(Refusal::WeakSignature);
    }
    if at < certificate.valid_from() {
        return Err(Refusal::NotYetValid { from: certificate.valid_from() });
    }
    if at > certificate.valid_until() {
        return Err(Refusal::Expired { until: certificate.valid_until() });
    }
    Ok(person)
}

/// The person who may sign at `at`, with the chain that says so.
///
/// # Errors
/// [`Refusal`].
pub fn trusted_signer<'a>(
    certificate: &'a Certificate,
    brought: &[Certificate],
    trust: &TrustStore,
    at: Timestamp,
) -> Result<(&'a Person, Chain), Refusal> {
    let person = signer(certificate, at)?;
    Ok((person, trust.chain(certificate, brought, at, Purpose::Signature)?))
}

/// Whether a certificate is of the person of an account: RFC and CURP, in capitals. One is never derived from the other; what
/// the account does not say is not compared.
///
/// # Errors
/// [`Refusal::OtherRfc`] or [`Refusal::OtherCurp`].
pub fn belongs_to(person: &Person, rfc: Option<&str>, curp: Option<&str>) -> Result<(), Refusal> {
    let same = |certificate: &str, account: &str| certificate == account.trim().to_uppercase();
    if let Some(account) = rfc.filter(|account| !same(&person.rfc, account)) {
        return Err(Refusal::OtherRfc { certificate: person.rfc.clone(), account: account.to_owned() });
    }
    if let Some(account) = curp.filter(|account| !same(&person.curp, account)) {
        return Err(Refusal::OtherCurp { certificate: person.curp.clone(), account: account.to_owned() });
    }
    Ok(())
}
