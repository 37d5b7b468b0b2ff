//! Bytes to text: UTF-8, or ISO-8859-1 as older laboratory systems write it.

use crate::Fault;

/// The text of a file. Bytes that are valid UTF-8 are UTF-8: Spanish in ISO-8859-1 is practically never.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, Fault> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::new("Archivo", "está vacío; elija otro"));
    }
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if wide || bytes.contains(&0) {
        return Err(Fault::new("Archivo", "no es de texto en UTF-8 o ISO-8859-1; guárdelo como texto UTF-8"));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // ISO-8859-1: each byte is the character of its number.
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Spaces tidied; `None` when nothing is left.
pub(crate) fn tidy(text: &str) -> Option<String> {
    let tidy = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!tidy.is_empty()).then_some(tidy)
}

/// Lines tidied one by one, for remarks of several lines.
pub(crate) fn tidy_lines(text: &str) -> Option<String> {
    let lines: Vec<String> = text.lines().filter_map(tidy).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_usual_encodings_give_the_same_words() {
        let latin: Vec<u8> =
            "Ácido úrico, señal".chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(decode(&latin).unwrap(), "Ácido úrico, señal");
        assert_eq!(decode("\u{feff}Ácido úrico, señal".as_bytes()).unwrap(), "Ácido úrico, señal");
    }

    #[test]
    fn what_is_no_text_is_told() {
        for bytes in [&b""[..], b" \r\n", b"\xff\xfeM\0S\0H\0", b"a\0b"] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
