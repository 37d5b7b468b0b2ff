//! Names and telephones in rows, and the folding that lets "Núñez" be found as "nunez".

use clinical::identifiers::Phone;
use clinical::likeness::folded_words;
use clinical::person::PersonName;

use crate::error::Result;
use crate::value::Row;

/// Reads a name from its three columns.
pub(crate) fn name(row: &Row, given: &str, first_surname: &str, second_surname: &str) -> Result<PersonName> {
    let second = row.maybe_text(second_surname)?.unwrap_or_default();
    let (own, first) = (row.text(given)?, row.text(first_surname)?);
    let name =
        if first.is_empty() { PersonName::single(&own) } else { PersonName::parse(&own, &first, &second) };
    name.map_err(|_| row.corrupt(given))
}

/// Reads a telephone that may be absent.
pub(crate) fn phone(row: &Row, column: &str) -> Result<Option<Phone>> {
    row.maybe_text(column)?.map(|text| Phone::parse(&text).map_err(|_| row.corrupt(column))).transpose()
}

/// Every word after one space: a pattern `% word%` finds words by how they begin.
pub(crate) fn search_text(text: &str) -> String {
    folded_words(text).iter().fold(String::new(), |out, word| out + " " + word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_into_plain_words() {
        let check = |text: &str, folded: &str| assert_eq!(search_text(text), folded);
        check("María  Núñez-Ávila", " maria nunez avila");
        check("Nu\u{0301}n\u{0303}ez", " nunez");
        check("D'Ávila Güemes", " davila guemes");
        check("100%_x", " 100 x");
        check("  ", "");
    }
}
