//! Names and telephones in rows, and the folding that lets "Núñez" be found as "nunez".

use clinical::identifiers::Phone;
use clinical::person::PersonName;

use crate::error::Result;
use crate::value::Row;

/// Reads a name from its three columns.
pub(crate) fn name(row: &Row, given: &str, first_surname: &str, second_surname: &str) -> Result<PersonName> {
    let second = row.maybe_text(second_surname)?.unwrap_or_default();
    PersonName::parse(&row.text(given)?, &row.text(first_surname)?, &second).map_err(|_| row.corrupt(given))
}

/// Reads a telephone that may be absent.
pub(crate) fn phone(row: &Row, column: &str) -> Result<Option<Phone>> {
    row.maybe_text(column)?.map(|text| Phone::parse(&text).map_err(|_| row.corrupt(column))).transpose()
}

/// The words of a text in small letters without accents. Only letters and digits remain, so that a word is safe
/// inside a LIKE pattern.
pub(crate) fn folded_words(text: &str) -> Vec<String> {
    let folded: String = text.chars().flat_map(char::to_lowercase).filter_map(fold).collect();
    folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Every word after one space: a pattern `% word%` finds words by how they begin.
pub(crate) fn search_text(text: &str) -> String {
    folded_words(text).iter().fold(String::new(), |out, word| out + " " + word)
}

fn fold(c: char) -> Option<char> {
    Some(match c {
        // Combining marks, as some keyboards write accents.
        '\u{0300}'..='\u{036f}' => return None,
        // "D'Ávila" and "DAvila" are found by the same word.
        '\'' | '’' | '.' => return None,
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        'ý' | 'ÿ' => 'y',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    })
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
