//! Mexican identifiers as parsed types: CURP, cédula profesional, telephone; and the address of an e-mail.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::demographics::{Entity, RegisteredSex};
use crate::person::Sex;

/// Why an identifier was refused. The text is for the form field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Not 18 letters and digits in the right places.
    #[error("Escriba los 18 caracteres de la CURP")]
    CurpForm,
    /// The date inside the CURP does not exist.
    #[error("La fecha dentro de la CURP no existe: revise los caracteres 5 a 10")]
    CurpDate,
    /// The check digit does not fit: a typing error in some position.
    #[error("La CURP tiene un error de captura: el último dígito no corresponde")]
    CurpCheckDigit,
    /// Not 5 to 8 digits.
    #[error("Escriba la cédula profesional con números (de 5 a 8)")]
    License,
    /// Not a Mexican telephone of 10 digits.
    #[error("Escriba el teléfono a 10 dígitos")]
    Phone,
    /// No address of an e-mail.
    #[error("Escriba el correo electrónico como nombre@ejemplo.mx, sin acentos ni espacios")]
    Email,
}

/// Clave Única de Registro de Población: parsed and checked, never generated (NOM-024 6.5.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Curp(String);

impl Curp {
    /// Reads a CURP; case and spaces do not matter.
    ///
    /// # Errors
    /// [`IdentifierError::CurpForm`], [`IdentifierError::CurpDate`] or [`IdentifierError::CurpCheckDigit`].
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let curp: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        let bytes = curp.as_bytes();
        if !has_curp_form(bytes) {
            return Err(IdentifierError::CurpForm);
        }
        let parsed = Self(curp);
        if parsed.birth().is_none() {
            return Err(IdentifierError::CurpDate);
        }
        if check_digit(&parsed.0) != parsed.0.chars().last() {
            return Err(IdentifierError::CurpCheckDigit);
        }
        Ok(parsed)
    }

    /// The CURP in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Date of birth; the century follows from position 17 (digit up to 1999, letter from 2000).
    #[must_use]
    pub fn birth_date(&self) -> Date {
        self.birth().unwrap_or(Date::ZERO)
    }

    fn birth(&self) -> Option<Date> {
        let part = |range: std::ops::Range<usize>| self.0.get(range)?.parse::<i8>().ok();
        let century = if self.0.as_bytes().get(16)?.is_ascii_digit() { 1900 } else { 2000 };
        Date::new(century + i16::from(part(4..6)?), part(6..8)?, part(8..10)?).ok()
    }

    /// Sex in the civil registry: position 11.
    #[must_use]
    pub fn registered_sex(&self) -> Option<RegisteredSex> {
        RegisteredSex::from_code(self.0.get(10..11)?)
    }

    /// Entity of birth: positions 12 and 13.
    #[must_use]
    pub fn birth_entity(&self) -> Option<Entity> {
        Entity::from_curp(self.0.get(11..13)?)
    }

    /// The clinical sex that usually goes with H and M; X has no counterpart.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        match self.registered_sex()? {
            RegisteredSex::Man => Some(Sex::Male),
            RegisteredSex::Woman => Some(Sex::Female),
            RegisteredSex::NonBinary => None,
        }
    }
}

fn has_curp_form(curp: &[u8]) -> bool {
    let consonant = |b: u8| b.is_ascii_uppercase() && !b"AEIOU".contains(&b);
    curp.len() == 18
        && curp[0].is_ascii_uppercase()
        && b"AEIOUX".contains(&curp[1])
        && curp[2..4].iter().all(u8::is_ascii_uppercase)
        && curp[4..10].iter().all(u8::is_ascii_digit)
        && b"HMX".contains(&curp[10])
        && std::str::from_utf8(&curp[11..13]).is_ok_and(|letters| Entity::from_curp(letters).is_some())
        && curp[13..16].iter().all(|&b| consonant(b))
        && (curp[16].is_ascii_uppercase() || curp[16].is_ascii_digit())
        && curp[17].is_ascii_digit()
}

/// Check digit by the published algorithm: weights 18 down to 2 over the alphabet with Ñ.
fn check_digit(curp: &str) -> Option<char> {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
    let mut sum = 0;
    for (i, c) in curp.chars().take(17).enumerate() {
        sum += ALPHABET.chars().position(|letter| letter == c)? * (18 - i);
    }
    char::from_digit(u32::try_from((10 - sum % 10) % 10).ok()?, 10)
}

impl fmt::Display for Curp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Curp {
    type Error = IdentifierError;
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        Self::parse(&text)
    }
}

impl From<Curp> for String {
    fn from(curp: Curp) -> Self {
        curp.0
    }
}

/// Cédula profesional (LGS 83): 5 to 8 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfessionalLicense(String);

impl ProfessionalLicense {
    /// Reads a cédula; spaces and dots are dropped.
    ///
    /// # Errors
    /// [`IdentifierError::License`] unless 5 to 8 digits remain.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
        if (5..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(IdentifierError::License)
        }
    }

    /// No cédula: for drafts that have no author, and for a trainee, whose documents a physician signs. Nobody signs
    /// with it.
    #[must_use]
    pub fn none() -> Self {
        Self(String::new())
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfessionalLicense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A Mexican telephone number of ten digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads ten digits in any usual writing, with or without +52 or +52 1.
    ///
    /// # Errors
    /// [`IdentifierError::Phone`] when ten digits do not remain.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if text.chars().any(|c| !(c.is_ascii_digit() || c.is_whitespace() || "()+-.".contains(c))) {
            return Err(IdentifierError::Phone);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let local = match digits.len() {
            10 => Some(digits.as_str()),
            12 => digits.strip_prefix("52"),
            13 => digits.strip_prefix("521"),
            _ => None,
        };
        local.map(|ten| Self(ten.to_owned())).ok_or(IdentifierError::Phone)
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    /// "55 1234 5678".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.get(..2), self.0.get(2..6), self.0.get(6..)) {
            (Some(area), Some(middle), Some(end)) => write!(f, "{area} {middle} {end}"),
            _ => f.write_str(&self.0),
        }
    }
}

/// Where an e-mail is sent: the plain form of RFC 5321 that everyday servers take, with its domain in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Most letters of an address, and of what stands before its @ (RFC 5321 4.5.3.1).
    const LONGEST: usize = 254;
    const LONGEST_NAME: usize = 64;

    /// Reads an address; spaces around it do not matter.
    ///
    /// # Errors
    /// [`IdentifierError::Email`] for what is none, or has quotes, accents or an address in numbers.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = text.trim();
        let (name, domain) = text.rsplit_once('@').ok_or(IdentifierError::Email)?;
        let sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
        let named = name.len() <= Self::LONGEST_NAME
            && name.split('.').all(|part| !part.is_empty() && part.chars().all(sign));
        let label = |part: &str| {
            let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            plain && (1..=63).contains(&part.len()) && !part.starts_with('-') && !part.ends_with('-')
        };
        let top = domain.rsplit('.').next().unwrap_or_default();
        let placed =
            domain.contains('.') && domain.split('.').all(label) && !top.bytes().all(|b| b.is_ascii_digit());
        if text.len() > Self::LONGEST || !named || !placed {
            return Err(IdentifierError::Email);
        }
        Ok(Self(format!("{name}@{}", domain.to_ascii_lowercase())))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = IdentifierError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_curp_is_checked_to_its_last_digit() {
        let curp = Curp::parse(" boxw310820hnerxn09 ").unwrap();
        assert_eq!(curp.as_str(), "BOXW310820HNERXN09");
        assert_eq!(curp.birth_date(), date(1931, 8, 20));
        assert_eq!(curp.sex(), Some(Sex::Male));
        assert!(Curp::parse("HEGG560427MVZRRL04").is_ok());
        assert_eq!(Curp::parse("BADD110313HCMLNS09"), Err(IdentifierError::CurpCheckDigit));
        assert_eq!(Curp::parse("BOXW310832HNERXN09"), Err(IdentifierError::CurpDate));
        assert_eq!(Curp::parse("BOXW310820HZZRXN09"), Err(IdentifierError::CurpForm));
        assert_eq!(Curp::parse("BOXW310820"), Err(IdentifierError::CurpForm));
    }

    #[test]
    fn an_address_of_an_e_mail_is_one_a_server_takes() {
        for (text, expected) in [
            (" lucia.olmo+citas@Ejemplo.MX ", "lucia.olmo+citas@ejemplo.mx"),
            ("a@b.co", "a@b.co"),
            ("Ana_1@correo.unam.mx", "Ana_1@correo.unam.mx"),
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), expected);
        }
        let long = format!("{}@ejemplo.mx", "a".repeat(65));
        for wrong in [
            "",
            "@",
            "lucia",
            "lucia@",
            "@ejemplo.mx",
            "lucia@ejemplo",
            "lucía@ejemplo.mx",
            "lucia olmo@ejemplo.mx",
            "lucia@ejemplo..mx",
            ".lucia@ejemplo.mx",
            "lucia.@ejemplo.mx",
            "lucia@-ejemplo.mx",
            "lucia@10.0.0.1",
            "lucia@ejemplo.mx\r\nBcc: otra@ejemplo.mx",
            "a@b.mx,c@d.mx",
            "<a@b.mx>",
            long.as_str(),
        ] {
            assert_eq!(Email::parse(wrong), Err(IdentifierError::Email), "{wrong}");
        }
        assert!(serde_json::from_str::<Email>("\"nada\"").is_err(), "what is kept was checked");
    }

    #[test]
    fn a_telephone_is_read_in_any_usual_writing() {
        for text in ["5512345678", "+52 55 1234 5678", "+52 1 (55) 1234-5678"] {
            assert_eq!(Phone::parse(text).unwrap().to_string(), "55 1234 5678");
        }
        for text in ["12345", "55123456789", "cinco"] {
            assert_eq!(Phone::parse(text), Err(IdentifierError::Phone), "{text}");
        }
    }

    #[test]
    fn a_license_has_five_to_eight_digits() {
        assert_eq!(ProfessionalLicense::parse("12 345 678").unwrap().as_str(), "12345678");
        assert_eq!(ProfessionalLicense::parse("1234"), Err(IdentifierError::License));
        assert_eq!(ProfessionalLicense::parse("12A45678"), Err(IdentifierError::License));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parsers_panic(text in "\\PC{0,40}") {
            let _ = Curp::parse(&text);
            let _ = Phone::parse(&text);
            let _ = ProfessionalLicense::parse(&text);
        }

        #[test]
        fn one_wrong_character_in_the_date_or_digit_is_noticed(position in 4_usize..10, digit in 0_u8..10) {
            let mut curp = "HEGG560427MVZRRL04".to_owned().into_bytes();
            if curp[position] != b'0' + digit {
                curp[position] = b'0' + digit;
                // A weight of 10 hides a change in position 9 (18 - 8); the date check may still notice it.
                if position != 8 {
                    let weight_hides = ((18 - position) * usize::from(digit.abs_diff(b"560427"[position - 4] - b'0'))) % 10 == 0;
                    prop_assert!(weight_hides || Curp::parse(&String::from_utf8(curp).unwrap()).is_err());
                }
            }
        }
    }
}
