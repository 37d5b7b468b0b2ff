//! Tokens of the model put together into words.

use whisper::protocol::Heard;

/// A piece of a word, or of a letter.
pub(crate) struct Token {
    /// Its text; a letter may be spread over two tokens.
    pub(crate) bytes: Vec<u8>,
    /// When it begins, in hundredths of a second of the portion; negative if it is not known.
    pub(crate) start: i64,
    /// When it ends.
    pub(crate) end: i64,
    /// How likely it is, from 0 to 1.
    pub(crate) likelihood: f32,
}

/// The words of a segment, none beginning before the one before it, none ending after `last_ms`.
pub(crate) fn words(tokens: &[Token], last_ms: u32) -> Vec<Heard> {
    let mut groups: Vec<&[Token]> = Vec::new();
    let mut from = 0;
    for (at, token) in tokens.iter().enumerate() {
        // A word begins with a space.
        if at > from && token.bytes.first() == Some(&b' ') {
            groups.push(&tokens[from..at]);
            from = at;
        }
    }
    groups.push(&tokens[from..]);
    let mut words = Vec::new();
    let mut earliest = 0;
    for group in groups {
        let bytes: Vec<u8> = group.iter().flat_map(|token| &token.bytes).copied().collect();
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        if text.is_empty() {
            continue;
        }
        let ms = |hundredths: i64| u32::try_from(hundredths.max(0) * 10).unwrap_or(u32::MAX).min(last_ms);
        let start_ms = ms(first.start).max(earliest);
        let end_ms = ms(last.end).max(start_ms);
        earliest = end_ms;
        let confidence = group.iter().map(|token| token.likelihood).fold(1.0, f32::min);
        words.push(Heard { text, start_ms, end_ms, confidence });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &[u8], start: i64, end: i64, likelihood: f32) -> Token {
        Token { bytes: text.to_vec(), start, end, likelihood }
    }

    #[test]
    fn pieces_of_words_and_of_letters_become_words_with_the_doubt_of_their_worst_piece() {
        let tokens = [
            token(b" Tome", 0, 30, 0.9),
            token(b" met", 30, 50, 0.8),
            token(b"formina", 50, 90, 0.4),
            token(b",", 90, 95, 0.9),
            token(b" ma\xc3", 100, 120, 0.7),
            token(b"\xb1ana", 120, 9_000, 0.9),
            token(b" ", -1, -1, 0.9),
        ];
        let words = words(&tokens, 2_000);
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["Tome", "metformina,", "mañana"]);
        assert_eq!((words[1].start_ms, words[1].end_ms, words[1].confidence), (300, 950, 0.4));
        assert_eq!(words[2].end_ms, 2_000, "nothing is heard after the sound");
        assert!(super::words(&[], 10).is_empty());
    }
}
