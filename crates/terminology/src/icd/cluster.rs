//! Clusters (postcoordination): a stem code with extension codes after `&`, further stem codes after `/`, checked against
//! the release in use.
//!
//! What is checked is what WHO's files say: every code is in the release, what stands first and after `/` is a stem code,
//! what stands after `&` is an extension code (chapter X), nothing stands twice, and of one axis (`axes.rs`) there is one
//! value. Which extension a stem code may take is not in WHO's files and is left to the physician.
//! Source: ICD-11 Reference Guide, sections 2.7 to 2.10.

use std::borrow::Cow;

use super::axes::{axis_of, company};
use super::catalog::IcdEntry;
use super::code::{Icd10Code, Icd11Code, InvalidIcdCode};
use super::index::IcdIndex;

/// A code, alone or with others, that the release has.
#[derive(Debug)]
pub struct Cluster<'a> {
    code: Icd11Code,
    members: Vec<Member<'a>>,
}

/// A stem code with what is said of it.
#[derive(Debug)]
struct Member<'a> {
    stem: &'a IcdEntry,
    /// Titles of its extension codes.
    extensions: Vec<&'a str>,
}

/// Why codes do not stand together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// One has no form of a code.
    #[error(transparent)]
    Shape(#[from] InvalidIcdCode),
    /// One is not in the release: it never was, or it was retired.
    #[error("el código {0} no existe en la edición en uso")]
    Unknown(String),
    /// An extension code without a disease.
    #[error("{0} solo precisa a otro código: escríbalo después de «&», detrás del código de la enfermedad")]
    ExtensionAlone(String),
    /// A stem code where an extension code has to be.
    #[error("{0} es el código de otra afección: únalo con «/» y no con «&»")]
    StemAsExtension(String),
    /// The same code twice.
    #[error("{0} está dos veces")]
    Twice(String),
    /// Two values of which one excludes the other.
    #[error("de «{axis}» se elige uno: {first} y {second} no van juntos")]
    SameAxis {
        /// The label of the axis.
        axis: &'static str,
        /// One value.
        first: String,
        /// The other.
        second: String,
    },
}

/// Whether a text is meant as a code with others: letters and digits of codes, joined.
fn is_joined(text: &str) -> bool {
    let in_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '&' | '/' | ' ');
    let text = text.trim();
    text.contains(['&', '/']) && text.len() <= 200 && text.chars().all(in_code) && {
        // "HTA/DM2" are two abbreviations and no codes: those have a digit and four characters.
        let part = |part: &str| part.len() >= 4 && part.bytes().any(|b| b.is_ascii_digit());
        let mut parts = text.split(['&', '/']).map(str::trim).filter(|one| !one.is_empty()).peekable();
        parts.peek().is_some() && parts.all(part)
    }
}

impl<'a> Cluster<'a> {
    /// The code as it is stored.
    #[must_use]
    pub fn code(&self) -> &Icd11Code {
        &self.code
    }

    /// The first stem code.
    #[must_use]
    pub fn stem(&self) -> Option<&'a IcdEntry> {
        self.members.first().map(|member| member.stem)
    }

    /// All its stem codes, in order.
    pub fn stems(&self) -> impl Iterator<Item = &'a IcdEntry> {
        self.members.iter().map(|member| member.stem)
    }

    /// WHO's titles of its codes, unaltered: those of extension codes in brackets, as WHO's mapping tables write them.
    #[must_use]
    pub fn title(&self) -> Cow<'a, str> {
        if let [Member { stem, extensions }] = self.members.as_slice()
            && extensions.is_empty()
        {
            return Cow::Borrowed(&stem.title);
        }
        let member = |member: &Member<'_>| {
            let extensions: String = member.extensions.iter().map(|title| format!(" [{title}]")).collect();
            format!("{}{extensions}", member.stem.title)
        };
        Cow::Owned(self.members.iter().map(member).collect::<Vec<_>>().join(" / "))
    }

    /// The CIE-10 codes that may stand beside it: that of the company, then those of its stem codes in order.
    #[must_use]
    pub fn icd10(&self) -> Vec<Icd10Code> {
        let Some(first) = self.stem() else { return Vec::new() };
        let together = company(first.code.as_str())
            .filter(|one| self.stems().skip(1).any(|stem| stem.code.as_str() == one.code))
            .filter_map(|one| Icd10Code::parse(one.icd10?).ok());
        let mut codes: Vec<Icd10Code> = Vec::new();
        for code in together.chain(self.stems().flat_map(|stem| stem.icd10.iter().copied())) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }
}

impl IcdIndex {
    /// Reads a code or a cluster and checks it against the release.
    ///
    /// ```
    /// use terminology::icd::IcdIndex;
    /// let cluster = IcdIndex::core().compose("fa01.z & xk9k").expect("a knee has a side");
    /// assert_eq!(cluster.code().as_str(), "FA01.Z&XK9K");
    /// assert_eq!(cluster.title(), "Osteoartritis de la rodilla, sin especificación [Derecho]");
    /// assert!(IcdIndex::core().compose("XK9K").is_err());
    /// ```
    ///
    /// # Errors
    /// [`ClusterError`] with the first thing that is wrong.
    pub fn compose(&self, text: &str) -> Result<Cluster<'_>, ClusterError> {
        let typed: String =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let mut members: Vec<Member<'_>> = Vec::new();
        for part in typed.split('/') {
            let mut codes = part.split('&');
            let first = codes.next().unwrap_or_default();
            if self.extension(first).is_some() {
                return Err(ClusterError::ExtensionAlone(first.to_owned()));
            }
            let stem = self.lookup(first).ok_or_else(|| self.missing(first))?;
            if members.iter().any(|member| member.stem.code == stem.code) {
                return Err(ClusterError::Twice(first.to_owned()));
            }
            members.push(Member { stem, extensions: self.extensions(codes)? });
        }
        Ok(Cluster { code: Icd11Code::parse(&typed)?, members })
    }

    /// Whether a text is meant as a cluster, right or wrong.
    #[must_use]
    pub fn is_cluster(text: &str) -> bool {
        is_joined(text)
    }

    /// The title of an extension code, if the release has it.
    #[must_use]
    pub fn extension(&self, code: &str) -> Option<&str> {
        self.extensions.get(code).map(|title| &**title)
    }

    /// The titles of the extension codes of one stem code.
    fn extensions<'t>(&self, codes: impl Iterator<Item = &'t str>) -> Result<Vec<&str>, ClusterError> {
        let (mut seen, mut titles): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for code in codes {
            if self.lookup(code).is_some() {
                return Err(ClusterError::StemAsExtension(code.to_owned()));
            }
            let title = self.extension(code).ok_or_else(|| self.missing(code))?;
            if seen.contains(&code) {
                return Err(ClusterError::Twice(code.to_owned()));
            }
            if let Some(axis) = axis_of(code)
                && let Some(other) = seen.iter().find(|other| axis.has(other))
            {
                let other = self.extension(other).unwrap_or_default();
                return Err(ClusterError::SameAxis {
                    axis: axis.label,
                    first: format!("«{other}»"),
                    second: format!("«{title}»"),
                });
            }
            seen.push(code);
            titles.push(title);
        }
        Ok(titles)
    }

    /// What is wrong with a code that is not there.
    fn missing(&self, code: &str) -> ClusterError {
        let alone = Icd11Code::parse(code).map(drop);
        let behind = || Icd11Code::parse(&format!("1A00&{code}")).map(drop);
        match alone.or_else(|error| behind().map_err(|_| error)) {
            Ok(()) => ClusterError::Unknown(code.to_owned()),
            Err(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClusterError, IcdIndex};
    use proptest::prelude::*;

    fn check(text: &str, code: &str, title: &str, icd10: &str) {
        let cluster = IcdIndex::core().compose(text).unwrap();
        assert_eq!((cluster.code().as_str(), &*cluster.title()), (code, title));
        assert_eq!(cluster.icd10()[0].as_str(), icd10, "{text}");
    }

    fn refused(text: &str, words: &str) {
        let error = IcdIndex::core().compose(text).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }

    #[test]
    fn a_cluster_is_read_with_the_titles_of_its_codes_unaltered() {
        check("5a11", "5A11", "Diabetes mellitus tipo 2", "E11.9");
        check(
            "5a11 / 9b71.0z & xk9k",
            "5A11/9B71.0Z&XK9K",
            "Diabetes mellitus tipo 2 / Retinopatía diabética, sin especificación [Derecho]",
            "E11.3",
        );
        check(
            "CA40.Z&XB22&XS25",
            "CA40.Z&XB22&XS25",
            "Neumonía, organismo sin especificación [Adquirida en la comunidad] [Grave]",
            "J18.9",
        );
    }

    #[test]
    fn what_does_not_stand_together_is_refused_with_the_reason() {
        refused("XK9K", "solo precisa a otro código");
        refused("5A11/XK9K", "solo precisa a otro código");
        refused("5A11&9B71.0Z", "únalo con «/»");
        refused("5A11/5A11", "5A11 está dos veces");
        refused("FA01.Z&XK9K&XK9K", "XK9K está dos veces");
        refused("FA01.Z&XK9K&XK8G", "de «Lado» se elige uno: «Derecho» y «Izquierdo»");
        refused("5A99", "el código 5A99 no existe");
        refused("5A11/ZZ99", "el código ZZ99 no existe");
        refused("FA01.Z&XK0Z", "el código XK0Z no existe");
        refused("5A11&", "no tiene la forma");
        refused("BlockL1-5A1/5A11", "no tiene la forma");
        refused("", "no tiene la forma");
        assert!(matches!(IcdIndex::core().compose("a/b"), Err(ClusterError::Shape(_))));
    }

    #[test]
    fn words_with_a_stroke_are_no_cluster() {
        for (text, expected) in [
            ("5A11/9B71.0Z", true),
            ("fa01.z & xk9k", true),
            ("5A11&", true),
            ("HTA/DM2", false),
            ("vih/sida", false),
            ("5A11", false),
            ("&", false),
            ("", false),
        ] {
            assert_eq!(IcdIndex::is_cluster(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_composed_or_refused(text in "[0-9A-Za-z&/. ]{0,40}") {
            if let Ok(cluster) = IcdIndex::core().compose(&text) {
                let again = IcdIndex::core().compose(cluster.code().as_str());
                prop_assert_eq!(again.map(|one| one.title().into_owned()), Ok(cluster.title().into_owned()));
            }
        }
    }
}
