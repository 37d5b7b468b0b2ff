//! Pasted text without labels: cut into utterances; who speaks is told by the words, or left unknown.

use clinical::transcript::{Speaker, Transcript, Turn};

use crate::learned::speakers;

/// Every line is an utterance; a line with a question and its answer is cut after the question mark.
pub(super) fn read(text: &str) -> Transcript {
    let pieces: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(utterances).collect();
    let speakers = speakers::of_sentences(&pieces);
    let mut turns: Vec<Turn> = Vec::new();
    for (piece, speaker) in pieces.into_iter().zip(speakers) {
        match turns.last_mut().filter(|last| {
            last.speaker == speaker && speaker != Speaker::Unknown && !last.text.ends_with('?')
        }) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(piece);
            }
            None => turns.push(Turn { speaker, text: piece.to_owned() }),
        }
    }
    Transcript { turns }
}

fn utterances(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in line.char_indices() {
        let end = at + c.len_utf8();
        let closes = matches!(c, '.' | '?' | '!') && line[end..].starts_with(char::is_whitespace);
        if closes {
            let piece = line[start..end].trim();
            if !piece.is_empty() {
                pieces.push(piece);
            }
            start = end;
        }
    }
    let rest = line[start..].trim();
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}
