//! Opens a `.key` with its password, for one certificate: PKCS#8 enciphered with PBES2 (triple DES as SAT makes it, AES as
//! other programs do), in DER or PEM.
//!
//! What was opened lives in memory that is wiped when it is dropped, and goes nowhere else.

use der::asn1::AnyRef;
use der::{Decode, Tagged};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use rsa::pkcs8::DecodePrivateKey;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::asn1::pem_blocks;
use crate::certificate::Certificate;

/// Most bytes of a file with a key. SAT's have 1,300.
pub const MAX_BYTES: usize = 32 * 1024;

/// Most rounds a file may ask of PBKDF2: SAT asks for 2,048, other programs for up to a million. More would only keep the
/// machine busy.
const MAX_ROUNDS: u32 = 2_000_000;

/// Most memory and work a file may ask of scrypt (`N`, `r`, `p`; other programs take 16384, 8, 1).
const MAX_SCRYPT: (u64, u16, u16) = (1 << 17, 8, 4);

/// Why a key was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// More than [`MAX_BYTES`].
    #[error("el archivo de la llave es demasiado grande; elija el archivo .key que le dio el SAT")]
    TooLarge,
    /// No PKCS#8 at all.
    #[error(
        "el archivo no es una llave de e.firma o está incompleto; elija el archivo .key que le dio el SAT"
    )]
    NotAKey,
    /// A `.cer` where the key should be: people swap them.
    #[error("este archivo es un certificado (.cer), no una llave; elija el archivo .key")]
    IsCertificate,
    /// A file that holds certificate and key (`.pfx`, `.p12`).
    #[error("el archivo es un .pfx o .p12; elija los archivos .cer y .key que le dio el SAT")]
    IsContainer,
    /// A key anybody could use who has the file.
    #[error("la llave no está protegida con contraseña; elija el archivo .key que le dio el SAT")]
    Unprotected,
    /// Enciphered in a way that is not supported (PBES1 and others), or one that asks for absurd work.
    #[error(
        "la llave está cifrada de una forma que este programa no abre; elija el archivo .key que le dio el SAT"
    )]
    Unsupported,
    /// Wrong password, or the right one of another certificate's key: nobody who tries learns which.
    #[error("contraseña incorrecta, o la llave no corresponde al certificado")]
    DoesNotOpen,
    /// RSA refused to sign, as with a key that is too short.
    #[error("no fue posible firmar con esta llave")]
    CannotSign,
}

/// The private key of a certificate, opened. Wiped when dropped.
pub struct PrivateKey {
    key: rsa::PrivateKey,
}

impl PrivateKey {
    /// Opens the key of `certificate`.
    ///
    /// # Errors
    /// [`KeyError`]; [`KeyError::DoesNotOpen`] for a wrong password as for a key of another certificate.
    pub fn open(file: &[u8], password: &[u8], certificate: &Certificate) -> Result<Self, KeyError> {
        let der = encrypted_der(file)?;
        let info = EncryptedPrivateKeyInfoRef::from_der(&der).map_err(|_| KeyError::Unsupported)?;
        if !is_reasonable(&info.encryption_algorithm) {
            return Err(KeyError::Unsupported);
        }
        let opened = info.decrypt(password).map_err(|_| KeyError::DoesNotOpen)?;
        // One wrong password in 256 gives a padding that looks right: only a key that parses and belongs here counts.
        let key = rsa::PrivateKey::from_pkcs8_der(opened.as_bytes()).map_err(|_| KeyError::DoesNotOpen)?;
        match certificate.key() {
            Some(public) if public == key.as_public_key() => Ok(Self { key }),
            _ => Err(KeyError::DoesNotOpen),
        }
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over `message`, as SAT's keys sign.
    ///
    /// # Errors
    /// [`KeyError::CannotSign`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.key.pkcs1v15_sign::<Sha256>(message).map_err(|_| KeyError::CannotSign)
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey")
    }
}

/// The EncryptedPrivateKeyInfo of a file.
fn encrypted_der(file: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if file.len() > MAX_BYTES {
        return Err(KeyError::TooLarge);
    }
    if let Some(block) = pem_blocks(file, "ENCRYPTED PRIVATE KEY").into_iter().next() {
        return Ok(block);
    }
    let unprotected = ["PRIVATE KEY", "RSA PRIVATE KEY"];
    if unprotected.iter().any(|label| !pem_blocks(file, label).is_empty()) {
        return Err(KeyError::Unprotected);
    }
    if Certificate::from_der(file).is_ok() || !pem_blocks(file, "CERTIFICATE").is_empty() {
        return Err(KeyError::IsCertificate);
    }
    match shape(file) {
        Some(Shape::Encrypted) => Ok(Zeroizing::new(file.to_vec())),
        Some(Shape::Plain) => Err(KeyError::Unprotected),
        Some(Shape::Container) => Err(KeyError::IsContainer),
        None => Err(KeyError::NotAKey),
    }
}

/// Whether a file is a private key of whatever kind, for who was given one instead of a certificate.
pub(crate) fn looks_like_key(file: &[u8]) -> bool {
    let labels = ["ENCRYPTED PRIVATE KEY", "PRIVATE KEY", "RSA PRIVATE KEY"];
    labels.iter().any(|label| !pem_blocks(file, label).is_empty()) || shape(file).is_some()
}

enum Shape {
    /// EncryptedPrivateKeyInfo ::= SEQUENCE { SEQUENCE, OCTET STRING }.
    Encrypted,
    /// PrivateKeyInfo ::= SEQUENCE { INTEGER, SEQUENCE, OCTET STRING }, or PKCS#1.
    Plain,
    /// PFX ::= SEQUENCE { INTEGER 3, SEQUENCE, … } (RFC 7292).
    Container,
}

fn shape(file: &[u8]) -> Option<Shape> {
    use der::Tag::{Integer, OctetString, Sequence};
    let fields = AnyRef::from_der(file).ok()?.sequence(|reader| {
        use der::Reader;
        let mut fields = Vec::new();
        while !reader.is_finished() {
            fields.push(AnyRef::decode(reader)?);
        }
        Ok::<_, der::Error>(fields)
    });
    let fields = fields.ok()?;
    let tags: Vec<_> = fields.iter().map(Tagged::tag).collect();
    match tags[..] {
        [Sequence, OctetString] => Some(Shape::Encrypted),
        [Integer, Sequence, ..] if fields[0].value() == [3] => Some(Shape::Container),
        [Integer, Sequence, OctetString, ..] | [Integer, Integer, Integer, ..] => Some(Shape::Plain),
        _ => None,
    }
}

/// Whether opening costs what a person can wait for, on any machine.
fn is_reasonable(scheme: &EncryptionScheme) -> bool {
    match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(kdf)) => (1..=MAX_ROUNDS).contains(&kdf.iteration_count),
        Some(Kdf::Scrypt(kdf)) => {
            let (cost, block, parallel) = MAX_SCRYPT;
            (2..=cost).contains(&kdf.cost_parameter)
                && kdf.cost_parameter.is_power_of_two()
                && (1..=block).contains(&kdf.block_size)
                && (1..=parallel).contains(&kdf.parallelization)
        }
        _ => false,
    }
}
