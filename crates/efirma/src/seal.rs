//! The square code of a printed receta: what was prescribed, signed with the e.firma, so small that paper carries it with the
//! certificate and anybody can check it without a network, against SAT's roots alone.
//!
//! What is signed is a `cadena original` as SAT does it: the fields in a fixed order, `||v1|v2|…||` in UTF-8, no `|` inside,
//! white space squeezed, signed raw with RSASSA-PKCS1-v1_5 and SHA-256. It names the patient by their number in the record
//! and not by name, because paper is lost. It cannot name the digest of the PDF it is printed in; it names that of the
//! content. The time in it is the physician's claim.
//!
//! The text of the code is [`PREFIX`] and then in Base45 (RFC 9285), deflated (RFC 1951), one after the other: length of the
//! cadena in two bytes (big-endian), the cadena, length of the signature in two bytes, the signature, the certificate in DER.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use crate::base45;
use crate::certificate::{Certificate, CertificateError, hex};
use crate::hash::Hash;
use crate::refusal::{self, Refusal};
use crate::subject::Person;
use crate::trust::{Chain, TrustStore};

/// What the text of such a code begins with; the number is that of its layout.
pub const PREFIX: &str = "MEDICUS1:";

/// Most characters a square code holds in its alphanumeric mode (ISO/IEC 18004, version 40-L).
pub const MAX_TEXT: usize = 4_296;

/// Most bytes the text of a code may unfold to.
const MAX_UNFOLDED: u64 = 16 * 1024;

/// First field of a cadena: what it is of, and the version of its fields.
const KIND: &str = "RECETA-1";

/// Where the last day would stand.
const NO_LAST_DAY: &str = "sin plazo";

/// Fields before the lines.
const HEAD: usize = 10;

/// Why a code is not made, or not believed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealError {
    /// A field that must be there is empty, or one holds `|`, which separates fields.
    #[error("el código de la receta no puede llevar «{field}»: está vacío o contiene el signo |")]
    Field {
        /// Which.
        field: &'static str,
    },
    /// More medicines than a code holds.
    #[error("la receta es demasiado larga para un código ({characters} caracteres)")]
    TooLong {
        /// How long its text would be.
        characters: usize,
    },
    /// Not the text of such a code, or not all of it.
    #[error("esto no es el código de una receta de Medicus, o está incompleto")]
    Unreadable,
    /// The certificate in it cannot be read.
    #[error("el certificado que trae el código no se puede leer")]
    Certificate(#[from] CertificateError),
    /// The signature is not that of these fields by this certificate.
    #[error("el código fue alterado: la firma no corresponde a lo que dice")]
    WrongSignature,
    /// Signed by somebody else than the physician it names, or by nobody who may sign.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Identifier of the document.
    pub document: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its content.
    pub content: [u8; 32],
    /// The patient's number in the record. Never a name.
    pub patient: String,
    /// When it was issued, by the physician's clock.
    pub issued: Timestamp,
    /// The offset from UTC where it was issued.
    pub offset: Offset,
    /// RFC of the physician, as in the certificate.
    pub rfc: String,
    /// CURP of the physician, as in the certificate.
    pub curp: String,
    /// Cédula profesional of the physician.
    pub license: String,
    /// Last day on which it may be dispensed, where the law sets one for all of it.
    pub valid_until: Option<Date>,
    /// What was prescribed, one text a medicine: name, dose, quantity.
    pub lines: Vec<String>,
}

impl Facts {
    /// What the key signs.
    ///
    /// # Errors
    /// [`SealError::Field`].
    pub fn cadena(&self) -> Result<String, SealError> {
        let version = self.version.to_string();
        let content = hex(&self.content);
        let issued = self.issued.display_with_offset(self.offset).to_string();
        let valid_until = self.valid_until.map_or_else(|| NO_LAST_DAY.to_owned(), |day| day.to_string());
        let head: [(&'static str, &str); HEAD] = [
            ("tipo", KIND),
            ("documento", &self.document),
            ("versión", &version),
            ("contenido", &content),
            ("paciente", &self.patient),
            ("fecha", &issued),
            ("RFC", &self.rfc),
            ("CURP", &self.curp),
            ("cédula profesional", &self.license),
            ("vigencia", &valid_until),
        ];
        let lines = self.lines.iter().map(|line| ("medicamento", line.as_str()));
        if self.lines.is_empty() {
            return Err(SealError::Field { field: "medicamento" });
        }
        let mut cadena = "|".to_owned();
        for (field, value) in head.into_iter().chain(lines) {
            let squeezed = value.split_whitespace().collect::<Vec<_>>().join(" ");
            if squeezed.is_empty() || squeezed.contains('|') {
                return Err(SealError::Field { field });
            }
            cadena.push('|');
            cadena.push_str(&squeezed);
        }
        cadena.push_str("||");
        Ok(cadena)
    }

    fn from_cadena(cadena: &str) -> Option<Self> {
        let fields: Vec<&str> = cadena.strip_prefix("||")?.strip_suffix("||")?.split('|').collect();
        let (head, lines) = fields.split_at_checked(HEAD)?;
        let [kind, document, version, content, patient, issued, rfc, curp, license, valid_until] = *head
        else {
            return None;
        };
        let read = Self {
            document: document.to_owned(),
            version: version.parse().ok()?,
            content: from_hex(content)?,
            patient: patient.to_owned(),
            issued: issued.parse().ok()?,
            offset: Pieces::parse(issued).ok()?.to_numeric_offset()?,
            rfc: rfc.to_owned(),
            curp: curp.to_owned(),
            license: license.to_owned(),
            valid_until: match valid_until {
                NO_LAST_DAY => None,
                day => Some(day.parse().ok()?),
            },
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        // One way to write it: what is shown is exactly what was signed.
        (kind == KIND && read.cadena().is_ok_and(|again| again == cadena)).then_some(read)
    }
}

/// A code that was read. What it says is to be believed once [`Self::verify`] holds.
#[derive(Debug, Clone)]
pub struct Seal {
    facts: Facts,
    cadena: String,
    signature: Vec<u8>,
    certificate: Certificate,
}

impl Seal {
    /// Joins what was to be signed with the key's answer over [`Facts::cadena`].
    ///
    /// # Errors
    /// [`SealError::WrongSignature`] if the answer is not that of this certificate's key.
    pub fn new(facts: Facts, answer: Vec<u8>, certificate: Certificate) -> Result<Self, SealError> {
        let seal = Self { cadena: facts.cadena()?, facts, signature: answer, certificate };
        seal.check_signature()?;
        Ok(seal)
    }

    /// The text of the code.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn text(&self) -> Result<String, SealError> {
        let too_long = |characters| SealError::TooLong { characters };
        let mut packed = Vec::new();
        for part in [self.cadena.as_bytes(), &self.signature] {
            let length = u16::try_from(part.len()).map_err(|_| too_long(part.len()))?;
            packed.extend(length.to_be_bytes());
            packed.extend(part);
        }
        packed.extend(self.certificate.der());
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
        let folded = deflate.write_all(&packed).and_then(|()| deflate.finish());
        let folded = folded.map_err(|_| too_long(packed.len()))?;
        let text = format!("{PREFIX}{}", base45::encode(&folded));
        if text.len() > MAX_TEXT {
            return Err(too_long(text.len()));
        }
        Ok(text)
    }

    /// Reads the text of a code.
    ///
    /// # Errors
    /// [`SealError::Unreadable`], [`SealError::Certificate`].
    pub fn read(text: &str) -> Result<Self, SealError> {
        if text.len() > MAX_TEXT {
            return Err(SealError::Unreadable);
        }
        let folded = text.strip_prefix(PREFIX).and_then(base45::decode).ok_or(SealError::Unreadable)?;
        let mut unfolded = Vec::new();
        let mut inflate = DeflateDecoder::new(&folded[..]).take(MAX_UNFOLDED);
        inflate.read_to_end(&mut unfolded).map_err(|_| SealError::Unreadable)?;
        let (cadena, rest) = with_length(&unfolded).ok_or(SealError::Unreadable)?;
        let (signature, certificate) = with_length(rest).ok_or(SealError::Unreadable)?;
        let cadena = std::str::from_utf8(cadena).map_err(|_| SealError::Unreadable)?;
        Ok(Self {
            facts: Facts::from_cadena(cadena).ok_or(SealError::Unreadable)?,
            cadena: cadena.to_owned(),
            signature: signature.to_vec(),
            certificate: Certificate::from_der(certificate)?,
        })
    }

    /// What it says.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The certificate it came with.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Who signed it: the physician it names, with an e.firma that was good when they say they signed, under an authority of
    /// `trust`.
    ///
    /// # Errors
    /// [`SealError::WrongSignature`], [`SealError::Refused`].
    pub fn verify(&self, trust: &TrustStore) -> Result<(&Person, Chain), SealError> {
        self.check_signature()?;
        let (person, chain) = refusal::trusted_signer(&self.certificate, &[], trust, self.facts.issued)?;
        refusal::belongs_to(person, Some(&self.facts.rfc), Some(&self.facts.curp))?;
        Ok((person, chain))
    }

    fn check_signature(&self) -> Result<(), SealError> {
        let key = self.certificate.key().ok_or(SealError::WrongSignature)?;
        if Hash::Sha256.verify(key, self.cadena.as_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(SealError::WrongSignature)
        }
    }
}

/// What a length of two bytes announces, and the rest.
fn with_length(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
