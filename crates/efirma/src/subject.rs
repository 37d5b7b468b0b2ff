//! Whose certificate it is: the names SAT writes into a subject, and what kind of certificate follows from them.
//!
//! SAT writes the RFC into x500UniqueIdentifier (2.5.4.45) and the CURP into serialNumber (2.5.4.5), as text whatever X.520
//! says, and names with Ñ as T61String in Latin-1. Legal persons have `RFC / RFC of the representative` in both.

use clinical::identifiers::{Curp, IdentifierError};
use der::Tagged;
use der::asn1::Any;
use der::oid::ObjectIdentifier;
use x509_cert::name::Name;

use crate::asn1::oid;

/// What a certificate is, by its names and by what its key may do (an e.firma may encipher, agree keys and protect mail, a
/// seal may not and names a branch).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The e.firma of a natural person: the only one that signs clinical documents.
    Person(Person),
    /// The e.firma of a company or institution.
    Company(Company),
    /// A certificado de sello digital (CSD), for invoices.
    Seal {
        /// RFC it invoices for.
        rfc: String,
    },
    /// Signs certificates.
    Authority,
    /// None of them.
    Other,
}

/// A natural person as SAT names them. Name alone is no identity: RFC, CURP and serial number are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Full name, given names first.
    pub name: String,
    /// RFC, 13 characters; may hold Ñ and &.
    pub rfc: String,
    /// CURP, 18 characters, not checked further: SAT has issued some with a wrong check digit.
    pub curp: String,
}

impl Person {
    /// Whether the CURP's check digit is not the one RENAPO's rule gives. Worth a warning, never a refusal.
    #[must_use]
    pub fn curp_is_odd(&self) -> bool {
        matches!(Curp::parse(&self.curp), Err(IdentifierError::CurpCheckDigit))
    }
}

/// A legal person and who acts for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its RFC, 12 characters.
    pub rfc: String,
    /// RFC of the representative.
    pub representative_rfc: Option<String>,
    /// CURP of the representative.
    pub representative_curp: Option<String>,
}

/// What a key may do, as far as it tells kinds apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Powers {
    pub(crate) authority: bool,
    /// keyUsage has dataEncipherment and keyAgreement.
    pub(crate) enciphers: bool,
    /// extendedKeyUsage has emailProtection.
    pub(crate) protects_mail: bool,
}

pub(crate) fn kind(subject: &Name, powers: Powers) -> Kind {
    if powers.authority {
        return Kind::Authority;
    }
    let (Some(rfcs), curps) = (one(subject, oid::UNIQUE_IDENTIFIER), one(subject, oid::SERIAL_NUMBER)) else {
        return Kind::Other;
    };
    let (rfc, representative_rfc) = sides(&rfcs);
    let (curp, representative_curp) = sides(curps.as_deref().unwrap_or_default());
    let Some(rfc) = rfc.filter(|text| is_rfc(text)) else {
        return Kind::Other;
    };
    let has_branch = values(subject, oid::ORGANIZATIONAL_UNIT).next().is_some();
    if has_branch || !powers.enciphers {
        return Kind::Seal { rfc };
    }
    if !powers.protects_mail {
        return Kind::Other;
    }
    let name = one(subject, oid::COMMON_NAME).unwrap_or_default();
    match (rfc.chars().count(), curp) {
        (13, Some(curp)) if is_curp(&curp) => Kind::Person(Person { name, rfc, curp }),
        (12, None) => Kind::Company(Company { name, rfc, representative_rfc, representative_curp }),
        _ => Kind::Other,
    }
}

/// How a certificate is called in sentences: common name, else organization.
pub(crate) fn display_name(name: &Name) -> String {
    one(name, oid::COMMON_NAME)
        .or_else(|| one(name, oid::ORGANIZATION))
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| "sin nombre".to_owned())
}

/// The value of an attribute that occurs once. Two of them would leave the choice to who reads.
fn one(name: &Name, kind: ObjectIdentifier) -> Option<String> {
    let mut found = values(name, kind);
    let value = found.next()?;
    if found.next().is_some() { None } else { Some(text(value)) }
}

fn values(name: &Name, kind: ObjectIdentifier) -> impl Iterator<Item = &Any> {
    name.iter().filter(move |attribute| attribute.oid == kind).map(|attribute| &attribute.value)
}

/// Text by its tag. What is no text at all is read as Latin-1, so that something is shown.
fn text(value: &Any) -> String {
    use der::Tag;
    let bytes = value.value();
    let read: String = match value.tag() {
        Tag::Utf8String => String::from_utf8_lossy(bytes).into_owned(),
        Tag::BmpString => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    read.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect::<String>().trim().to_owned()
}

/// Characters that show nothing or turn the direction of what follows: a name could look like another one.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Left and right of the slash, trimmed, empty ones absent.
fn sides(text: &str) -> (Option<String>, Option<String>) {
    let (left, right) = text.split_once('/').unwrap_or((text, ""));
    let side = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    (side(left), side(right))
}

/// Letters (Ñ and & among them), six digits of a date, three of a homoclave: Código Fiscal de la Federación, art. 27.
fn is_rfc(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let Some(letters) = chars.len().checked_sub(9).filter(|letters| (3..=4).contains(letters)) else {
        return false;
    };
    let letter = |c: &char| c.is_ascii_uppercase() || matches!(c, 'Ñ' | '&');
    chars[..letters].iter().all(letter)
        && chars[letters..letters + 6].iter().all(char::is_ascii_digit)
        && chars[letters + 6..].iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn is_curp(text: &str) -> bool {
    text.len() == 18 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
