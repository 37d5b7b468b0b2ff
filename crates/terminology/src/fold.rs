//! Folding of Spanish text for look-up: case, accents, punctuation and plural do not matter to a search.

/// Lower case without accents; `ñ` becomes `n`, anything that is not a letter or digit becomes one space.
///
/// Used for index keys and queries, never for what is shown.
///
/// ```
/// assert_eq!(terminology::fold::fold("Hipertensión  arterial, ÑANDÚ"), "hipertension arterial nandu");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match base_letter(c) {
            Some(letter) => out.push(letter),
            None if is_combining_mark(c) => {}
            None => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// The letter or digit without its accent, or `None` for punctuation, spaces and marks.
#[must_use]
pub fn base_letter(c: char) -> Option<char> {
    Some(match c {
        'á' | 'à' | 'ä' | 'â' | 'ã' | 'Á' => 'a',
        'é' | 'è' | 'ë' | 'ê' | 'É' => 'e',
        'í' | 'ì' | 'ï' | 'î' | 'Í' => 'i',
        'ó' | 'ò' | 'ö' | 'ô' | 'õ' | 'Ó' => 'o',
        'ú' | 'ù' | 'ü' | 'û' | 'Ú' | 'Ü' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' => 'c',
        c if c.is_alphanumeric() => c,
        _ => return None,
    })
}

/// Whether the character is a combining accent (text in decomposed form).
fn is_combining_mark(c: char) -> bool {
    ('\u{0300}'..='\u{036f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_case_and_punctuation_do_not_matter() {
        assert_eq!(fold("CIGÜEÑA-2"), "ciguena 2");
        assert_eq!(fold("  ¿Náusea?  "), "nausea");
        assert_eq!(fold("a\u{0301}rbol"), "arbol");
        assert_eq!(fold("¡¿!?"), "");
    }
}
