//! Base45 (RFC 9285): bytes in the 45 characters a square code stores most tightly and any scanner can type.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Two bytes become three characters, a last single one two.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 2 * 3 + 2);
    for pair in bytes.chunks(2) {
        let (mut value, characters) = match *pair {
            [high, low] => (usize::from(high) << 8 | usize::from(low), 3),
            [single] => (usize::from(single), 2),
            _ => continue,
        };
        for _ in 0..characters {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    }
    text
}

/// `None` for other characters, a rest of one, or a value that is no byte or pair of bytes.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for characters in text.as_bytes().chunks(3) {
        let mut value = 0_usize;
        for character in characters.iter().rev() {
            value = value * 45 + ALPHABET.iter().position(|known| known == character)?;
        }
        match characters.len() {
            3 => bytes.extend(u16::try_from(value).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(value).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_written_and_read() {
        let check = |bytes: &[u8], text: &str| {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
        };
        check(b"AB", "BB8");
        check(b"Hello!!", "%69 VD92EX0");
        check(b"base-45", "UJCLQE7W581");
        check(b"ietf!", "QED8WEX0");
        check(b"", "");
        for wrong in ["GGW", ":::", "A", "ab8", "ÑÑ", "::"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
