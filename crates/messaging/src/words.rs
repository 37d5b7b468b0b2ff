//! The few free words a message may have: the name of the practice, a place, a surname, a first name. Each is short, stands on
//! one line and tells nothing of why somebody is attended.

use serde::{Deserialize, Serialize};
use terminology::fold::fold;

/// Most letters of a label.
const LABEL_MAX: usize = 60;
/// Most letters of a first name.
const NAME_MAX: usize = 30;

/// How words begin that tell of an illness, an organ or a specialty, without accents. A message must not say where
/// somebody is treated for what (reference of the field: "specialty that tells").
const TELLING: [&str; 62] = [
    "adiccion",
    "alcoholi",
    "alerg",
    "algolog",
    "anestesi",
    "autis",
    "bariatr",
    "cancer",
    "cardi",
    "cirug",
    "clinica de dolor",
    "colposcop",
    "demencia",
    "depresi",
    "dermat",
    "diabet",
    "dialisis",
    "embaraz",
    "endocrin",
    "endoscop",
    "epileps",
    "esteril",
    "fertil",
    "gastro",
    "genetic",
    "geriatr",
    "ginec",
    "hemat",
    "hemodial",
    "hepat",
    "infecto",
    "inmun",
    "mama",
    "mastograf",
    "matern",
    "nefro",
    "neumo",
    "neuro",
    "nutri",
    "obesid",
    "obstet",
    "oftalm",
    "onco",
    "ortoped",
    "otorrin",
    "paliativ",
    "parto",
    "pediatr",
    "perinat",
    "proctolog",
    "psico",
    "psiquiatr",
    "quimioterap",
    "radioterap",
    "reproduc",
    "reumat",
    "salud mental",
    "sexual",
    "sida",
    "tumor",
    "urolog",
    "vih",
];

/// Why some words may not stand in a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Nothing, more than one line, or too long.
    #[error("escriba entre 1 y {0} letras, en una sola línea")]
    Length(usize),
    /// What Meta or a telephone would read as something else.
    #[error("escriba solo letras, números y puntuación, sin enlaces ni llaves")]
    Letters,
    /// A word that tells of what somebody is attended for.
    #[error(
        "la palabra que empieza con «{0}» deja ver de qué se atiende la persona; escriba un nombre sin ella"
    )]
    Telling(&'static str),
}

/// The beginning of a word in `text` that tells of what somebody is attended for.
#[must_use]
pub fn telling(text: &str) -> Option<&'static str> {
    let folded = format!(" {}", fold(text));
    TELLING.into_iter().find(|word| {
        folded.match_indices(word).any(|(at, _)| folded.get(..at).is_some_and(|before| before.ends_with(' ')))
    })
}

fn one_line(text: &str, most: usize) -> Result<String, WordsError> {
    let text = text.trim();
    let letters = text.chars().count();
    if letters == 0 || letters > most || text.chars().any(char::is_control) {
        return Err(WordsError::Length(most));
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A name of a practice, a place or a surname.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// Reads a label of at most 60 letters.
    ///
    /// # Errors
    /// [`WordsError`], which says what to write instead.
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        let text = one_line(text, LABEL_MAX)?;
        let allowed = |c: char| c.is_alphanumeric() || " .,:;#'’\"()&/-°º".contains(c);
        let link = ["http", "www.", ".com", ".mx"].into_iter().any(|part| text.to_lowercase().contains(part));
        if !text.chars().all(allowed) || link || !text.chars().any(char::is_alphabetic) {
            return Err(WordsError::Letters);
        }
        match telling(&text) {
            Some(word) => Err(WordsError::Telling(word)),
            None => Ok(Self(text)),
        }
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = WordsError;

    fn try_from(text: String) -> Result<Self, WordsError> {
        Self::parse(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

/// The first of somebody's names: never the whole name, which would say who is a patient here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FirstName(String);

impl FirstName {
    /// The first name of given names as they are in the record: "María del Carmen" gives "María".
    ///
    /// # Errors
    /// [`WordsError`] where there is none of up to 30 letters.
    pub fn of(given_names: &str) -> Result<Self, WordsError> {
        let first = given_names.split_whitespace().next().unwrap_or_default();
        let first = one_line(first, NAME_MAX)?;
        if first.chars().all(|c| c.is_alphabetic() || "-'’".contains(c)) {
            Ok(Self(first))
        } else {
            Err(WordsError::Letters)
        }
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FirstName {
    type Error = WordsError;

    fn try_from(text: String) -> Result<Self, WordsError> {
        Self::of(&text)
    }
}

impl From<FirstName> for String {
    fn from(name: FirstName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_tells_nothing_of_an_illness_and_has_no_link() {
        for good in
            ["Consultorio Ceiba", "Av. Juárez 10, piso 2", "Dra. Prueba", "Consultorio 4-B", "Torre Médica"]
        {
            assert!(Label::parse(good).is_ok(), "{good}");
        }
        for telling in
            ["Clínica de Oncología", "Unidad VIH", "Psiquiatría Sur", "Ginecología", "Centro de Salud Mental"]
        {
            assert!(matches!(Label::parse(telling), Err(WordsError::Telling(_))), "{telling}");
        }
        for odd in ["https://x.mx", "Hola {{1}}", "*Negritas*", "12", "dos\nlíneas", "", &"a".repeat(61)] {
            assert!(Label::parse(odd).is_err(), "{odd}");
        }
        assert!(Label::parse("Consultorio Tavihno").is_ok(), "only beginnings of words tell");
    }

    #[test]
    fn only_the_first_name_is_said() {
        assert_eq!(FirstName::of("María del Carmen").map(String::from), Ok("María".to_owned()));
        assert!(FirstName::of("").is_err());
        assert!(FirstName::of("R2D2").is_err());
    }
}
