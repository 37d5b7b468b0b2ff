//! Telephone numbers as WhatsApp has them: one written form to keep, the forms Meta uses, and when two are one person's.
//!
//! Mexico is the special case: numbers have 10 digits since August 2019, but older accounts of WhatsApp keep the mobile
//! `1` behind 52, so that a webhook says `5215512345678` of somebody whose number is `+52 55 1234 5678`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Fewest and most digits of an international number (E.164 has 15; shorter than 8 no country has).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Why a text is no number a message can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "el teléfono debe tener 10 dígitos y no empezar con 0 ni 1; si es de otro país, escríbalo con + y su clave"
)]
pub struct NumberError;

/// A number in its international form, digits only: `525512345678`. Mexican ones never have the old mobile `1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(String);

impl Number {
    /// Reads a number as people write it, or as Meta does. Without `+` and with 10 digits it is Mexican.
    ///
    /// # Errors
    /// [`NumberError`] when no number remains.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let text = text.trim();
        let odd = |c: char| !(c.is_ascii_digit() || c == ' ' || c == '\u{a0}' || "()+-./".contains(c));
        if text.len() > 40 || text.chars().any(odd) || text.chars().skip(1).any(|c| c == '+') {
            return Err(NumberError);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if !text.starts_with('+') {
            for trunk in ["044", "045", "01", ""] {
                match digits.strip_prefix(trunk) {
                    Some(ten) if ten.len() == 10 => return Self::mexican(ten),
                    _ => {}
                }
            }
        }
        for prefix in ["521", "52"] {
            match digits.strip_prefix(prefix) {
                Some(ten) if ten.len() == 10 => return Self::mexican(ten),
                _ => {}
            }
        }
        // 52 with another length is no number of Mexico; others begin with a country, which never begins with 0.
        let foreign = DIGITS.contains(&digits.len()) && !digits.starts_with('0') && !digits.starts_with("52");
        let meant = text.starts_with('+') || digits.len() > 10;
        if foreign && meant { Ok(Self(digits)) } else { Err(NumberError) }
    }

    fn mexican(ten: &str) -> Result<Self, NumberError> {
        if ten.starts_with(['0', '1']) { Err(NumberError) } else { Ok(Self(format!("52{ten}"))) }
    }

    /// The digits a message is sent to.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The ten digits of a Mexican number.
    #[must_use]
    pub fn national(&self) -> Option<&str> {
        self.0.strip_prefix("52").filter(|ten| ten.len() == 10)
    }

    /// The other form WhatsApp may know a Mexican number by; tried once when the first cannot be reached (131026).
    #[must_use]
    pub fn other_form(&self) -> Option<String> {
        self.national().map(|ten| format!("521{ten}"))
    }
}

impl TryFrom<String> for Number {
    type Error = NumberError;

    fn try_from(text: String) -> Result<Self, NumberError> {
        Self::parse(&format!("+{}", text.trim_start_matches('+')))
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl fmt::Display for Number {
    /// "+525512345678".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let read = Number::parse(text).ok().map(|number| number.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_mexican_number_is_one_however_it_is_written() {
        for text in [
            "55 1234 5678",
            "044 55 1234 5678",
            "045 55 1234 5678",
            "+52 1 55 1234 5678",
            "5215512345678",
            "525512345678",
            "01 55 1234 5678",
            "(55) 1234-5678",
        ] {
            check(text, Some("+525512345678"));
        }
        check("+1 212 555 0100", Some("+12125550100"));
        check("5491123456789", Some("+5491123456789"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "12345",
            "0551234567",
            "1551234567",
            "+52 55 1234 567",
            "55 1234 5678 ext 3",
            "+",
            "++525512345678",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn the_old_form_of_a_mexican_number_has_a_one() {
        let mexican = Number::parse("55 1234 5678").ok();
        assert_eq!(mexican.and_then(|number| number.other_form()).as_deref(), Some("5215512345678"));
        let abroad = Number::parse("+1 212 555 0100").ok();
        assert_eq!(abroad.and_then(|number| number.other_form()), None);
    }

    proptest! {
        #[test]
        fn reading_never_fails_otherwise_and_what_was_read_reads_the_same(text in ".{0,50}") {
            if let Ok(number) = Number::parse(&text) {
                prop_assert_eq!(Number::parse(&number.to_string()), Ok(number));
            }
        }

        #[test]
        fn every_writing_of_ten_digits_is_the_same_person(ten in "[2-9][0-9]{9}") {
            let plain = Number::parse(&ten);
            prop_assert!(plain.is_ok());
            for prefix in ["044", "045", "01", "52", "521", "+52 ", "+52 1 "] {
                prop_assert_eq!(Number::parse(&format!("{prefix}{ten}")), plain.clone(), "{}", prefix);
            }
        }
    }
}
