//! The syntax of ICD-11 and CIE-10 codes: once you hold one it is well formed, though it may not exist in a release.

use std::fmt;

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIcdCode {
    /// The text does not have the shape of an ICD-11 code or cluster.
    #[error("«{0}» no tiene la forma de un código CIE-11")]
    Icd11(String),
    /// The text does not have the shape of a CIE-10 code.
    #[error("«{0}» no tiene la forma de un código CIE-10")]
    Icd10(String),
}

/// A well-formed ICD-11 code, in capitals: a stem code, or a cluster joined with `&` and `/`.
///
/// A stem is four characters with up to three more after a dot (`BA00`, `NC32.5Z`); an extension code begins with `X`
/// and only follows an `&`. The letters I and O are never used after the first character.
/// Source: ICD-11 Reference Guide, code structure and cluster coding.
///
/// ```
/// use terminology::icd::Icd11Code;
/// let cluster = Icd11Code::parse("nc52.0z & xk8g").expect("a stem and an extension");
/// assert_eq!(cluster.as_str(), "NC52.0Z&XK8G");
/// assert_eq!(cluster.category(), "NC52");
/// assert!(Icd11Code::parse("hola").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Icd11Code(Box<str>);

impl Icd11Code {
    /// Reads a code or cluster; lower case and spaces around the joints are accepted.
    ///
    /// # Errors
    /// [`InvalidIcdCode::Icd11`] when the text has another shape.
    pub fn parse(text: &str) -> Result<Self, InvalidIcdCode> {
        let code: String =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let well_formed = code.len() <= 120 && code.split('/').all(is_cluster_member);
        if well_formed { Ok(Self(code.into())) } else { Err(InvalidIcdCode::Icd11(shown(text))) }
    }

    /// The whole code or cluster.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first stem code, without extensions.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.0.split(['&', '/']).next().unwrap_or_default()
    }

    /// All stem codes of the cluster, in order.
    pub fn stems(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter_map(|member| member.split('&').next())
    }

    /// The four-character category of the first stem.
    #[must_use]
    pub fn category(&self) -> &str {
        self.stem().split('.').next().unwrap_or_default()
    }

    /// Whether it is more than one stem code.
    #[must_use]
    pub fn is_cluster(&self) -> bool {
        self.0.contains(['&', '/'])
    }
}

impl fmt::Display for Icd11Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stem with its extensions: `STEM&XEXT&XEXT`; a further stem may also stand after an `&`.
fn is_cluster_member(text: &str) -> bool {
    let mut parts = text.split('&');
    parts.next().is_some_and(is_stem) && parts.all(|part| is_extension(part) || is_stem(part))
}

/// A letter or digit that ICD-11 codes use: never I or O.
fn is_code_char(b: u8) -> bool {
    b.is_ascii_digit() || (b.is_ascii_uppercase() && b != b'I' && b != b'O')
}

fn is_stem(text: &str) -> bool {
    let b = text.as_bytes();
    let head = b.len() >= 4
        && b[0] != b'X'
        && b[0] != b'0'
        && is_code_char(b[0])
        && b[1].is_ascii_uppercase()
        && is_code_char(b[1])
        && b[2].is_ascii_digit()
        && is_code_char(b[3]);
    let tail = match b.get(4) {
        None => true,
        Some(b'.') => (6..=8).contains(&b.len()) && b[5..].iter().all(|&c| is_code_char(c)),
        Some(_) => false,
    };
    head && tail
}

fn is_extension(text: &str) -> bool {
    let b = text.as_bytes();
    (4..=8).contains(&b.len())
        && b[0] == b'X'
        && b[1].is_ascii_uppercase()
        && b[2..].iter().all(|&c| is_code_char(c) || c == b'.')
}

/// A well-formed CIE-10 code, in capitals with its dot: `E11`, `E11.9`, `S52.50`.
///
/// ```
/// use terminology::icd::Icd10Code;
/// let code = Icd10Code::parse("e119").expect("a code without its dot");
/// assert_eq!(code.as_str(), "E11.9");
/// assert_eq!(code.category(), "E11");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Icd10Code {
    bytes: [u8; 8],
    len: u8,
}

impl Icd10Code {
    /// Reads a code with or without its dot; the filler X of Mexican forms (`I10X`) is dropped.
    ///
    /// # Errors
    /// [`InvalidIcdCode::Icd10`] when the text has another shape.
    pub fn parse(text: &str) -> Result<Self, InvalidIcdCode> {
        let invalid = || InvalidIcdCode::Icd10(shown(text));
        let mut compact = [0u8; 7];
        let mut n = 0;
        for b in text.bytes().filter(|b| *b != b'.' && !b.is_ascii_whitespace()) {
            *compact.get_mut(n).ok_or_else(invalid)? = b.to_ascii_uppercase();
            n += 1;
        }
        if n == 4 && compact[3] == b'X' {
            n = 3;
        }
        let body = &compact[..n];
        let well_formed = n >= 3
            && body[0].is_ascii_uppercase()
            && body[1].is_ascii_digit()
            && body[2..].iter().all(u8::is_ascii_alphanumeric);
        if !well_formed {
            return Err(invalid());
        }
        let mut bytes = [0u8; 8];
        bytes[..3].copy_from_slice(&body[..3]);
        if n > 3 {
            bytes[3] = b'.';
            bytes[4..=n].copy_from_slice(&body[3..]);
        }
        let len = if n > 3 { n + 1 } else { n };
        Ok(Self { bytes, len: u8::try_from(len).unwrap_or(8) })
    }

    /// The code with its dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// The three-character category.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.as_str()[..3]
    }

    /// The three-character category, to compare.
    pub(crate) fn category_bytes(self) -> [u8; 3] {
        [self.bytes[0], self.bytes[1], self.bytes[2]]
    }
}

impl fmt::Display for Icd10Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Icd10Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Icd10Code({})", self.as_str())
    }
}

/// At most forty characters of a refused text, for the message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::{Icd10Code, Icd11Code};
    use proptest::prelude::*;

    fn check(input: &str, expected: Option<&str>) {
        assert_eq!(
            Icd11Code::parse(input).ok().map(|c| c.as_str().to_owned()).as_deref(),
            expected,
            "{input}"
        );
    }

    #[test]
    fn icd11_codes_and_clusters_are_told_from_other_text() {
        check("ba00.z", Some("BA00.Z"));
        check("5A11", Some("5A11"));
        check("NC32.5Z/ND56.1", Some("NC32.5Z/ND56.1"));
        check("2C6Z & XH74S1 & XK8G", Some("2C6Z&XH74S1&XK8G"));
        check("E11.9", None);
        check("5A11.", None);
        check("5A11&", None);
        check("XK8G", None);
        check("BAO0", None);
        check("", None);
    }

    #[test]
    fn cie10_codes_are_normalised_to_capitals_and_a_dot() {
        for (input, expected) in [("i10x", "I10"), ("E11.9", "E11.9"), ("s5250", "S52.50"), ("A09", "A09")] {
            assert_eq!(Icd10Code::parse(input).map(|c| c.to_string()), Ok(expected.to_owned()));
        }
        for input in ["", "E1", "5A11", "E11.99999", "año"] {
            assert!(Icd10Code::parse(input).is_err(), "{input}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_code_or_refused(text in "\\PC*") {
            if let Ok(code) = Icd11Code::parse(&text) {
                prop_assert_eq!(Icd11Code::parse(code.as_str()), Ok(code.clone()));
            }
            if let Ok(code) = Icd10Code::parse(&text) {
                prop_assert_eq!(Icd10Code::parse(code.as_str()), Ok(code));
            }
        }
    }
}
