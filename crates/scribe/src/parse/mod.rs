//! Reading a transcript: consultation JSON, labelled text, or pasted text without labels.
//!
//! In: bytes of a file or a form. Out: a [`Transcript`] with at least one turn that says something.

mod json;
pub(crate) mod labelled;
mod unlabelled;

use clinical::transcript::Transcript;

/// Largest input, in bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// Why a transcript cannot be read. The messages are shown to the user.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// Nothing but white space.
    #[error("La transcripción está vacía. Elija otro archivo o pegue el texto de la consulta.")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("La transcripción pesa más de 10 MB. Divídala por consulta y cárguela de nuevo.")]
    TooLarge,
    /// Not text.
    #[error("El archivo no es de texto. Cargue un archivo .txt o .json con codificación UTF-8.")]
    NotText(#[source] Option<std::str::Utf8Error>),
    /// JSON that cannot be parsed.
    #[error("El archivo JSON está dañado en la línea {line}, columna {column}.")]
    BrokenJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the JSON reader said.
        #[source]
        source: serde_json::Error,
    },
    /// JSON of another shape.
    #[error("El archivo JSON no tiene la forma esperada: falta o no es válido el campo «{field}».")]
    WrongSchema {
        /// Path of the field, for example `turns[3].text`.
        field: String,
    },
    /// Turns, but no words in any of them.
    #[error("Ningún turno de la transcripción contiene palabras.")]
    NoSpeech,
}

/// Reads a transcript in any of the accepted forms.
///
/// # Errors
/// See [`TranscriptError`]; the message tells the user what to correct.
///
/// ```
/// let transcript = scribe::parse::transcript("D: ¿Fiebre?\nP: No.".as_bytes()).unwrap();
/// assert_eq!(transcript.turns.len(), 2);
/// ```
pub fn transcript(bytes: &[u8]) -> Result<Transcript, TranscriptError> {
    if bytes.len() > MAX_BYTES {
        return Err(TranscriptError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| TranscriptError::NotText(Some(error)))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(TranscriptError::Empty);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}'))
    {
        return Err(TranscriptError::NotText(None));
    }
    let transcript = if text.starts_with('{') || text.starts_with('[') {
        json::read(text)?
    } else {
        labelled::read(text).unwrap_or_else(|| unlabelled::read(text))
    };
    let speaks = transcript.turns.iter().any(|turn| turn.text.chars().any(char::is_alphabetic));
    if speaks { Ok(transcript) } else { Err(TranscriptError::NoSpeech) }
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker::{Companion, Doctor, Patient, Unknown};
    use proptest::prelude::*;

    use super::{MAX_BYTES, transcript};

    #[track_caller]
    fn check(text: &str, expected: &[(clinical::transcript::Speaker, &str)]) {
        let read = transcript(text.as_bytes()).unwrap();
        let turns: Vec<_> = read.turns.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect();
        assert_eq!(turns, expected);
    }

    #[track_caller]
    fn refused(bytes: &[u8], message: &str) {
        let error = transcript(bytes).unwrap_err().to_string();
        assert!(error.contains(message), "{error:?} should say {message:?}");
    }

    #[test]
    fn consultation_json_is_read_and_unknown_fields_are_ignored() {
        check(
            r#"{"id":"X","turns":[{"speaker":"doctor","text":"¿Tos?","start":1.5},{"speaker":"patient","text":"No."},{"speaker":"companion","text":"Sí tose."},{"speaker":"hablante1","text":"Hola."}]}"#,
            &[(Doctor, "¿Tos?"), (Patient, "No."), (Companion, "Sí tose."), (Unknown, "Hola.")],
        );
    }

    #[test]
    fn labelled_text_is_read_with_its_usual_labels() {
        check(
            "Dra.: Pásele.\nPaciente: Gracias.\ncon permiso.\nMamá: Yo vengo con él.\nD: ¿Qué pasó?",
            &[
                (Doctor, "Pásele."),
                (Patient, "Gracias. con permiso."),
                (Companion, "Yo vengo con él."),
                (Doctor, "¿Qué pasó?"),
            ],
        );
    }

    #[test]
    fn unlabelled_text_keeps_every_word_and_guesses_the_speaker_only_from_form() {
        let read = transcript(
            "Buenas tardes. ¿Ha tenido fiebre?\nNo, doctor, nada más me duele la cabeza.".as_bytes(),
        )
        .unwrap();
        assert_eq!(read.turns[0].speaker, Doctor);
        assert_eq!(read.turns.last().unwrap().speaker, Patient);
        assert!(read.turns.iter().any(|turn| turn.text.contains("me duele la cabeza")));
    }

    #[test]
    fn what_cannot_be_read_says_what_to_correct() {
        refused(b"", "vac");
        refused(b"  \n \t", "vac");
        refused(&vec![b'a'; MAX_BYTES + 1], "10 MB");
        refused(&[0xff, 0xfe, 0x00], "UTF-8");
        refused(b"abc\x00\x01", "no es de texto");
        refused(br#"{"turns": [{"speaker": "doctor"}]}"#, "turns[0].text");
        refused(br#"{"turnos": []}"#, "turns");
        refused(br#"{"turns": [{"text": 4, "speaker": "doctor"}]}"#, "turns[0].text");
        refused(br#"{"turns": "#, "dañado");
        refused(br#"{"turns": [{"speaker":"doctor","text":"..."}]}"#, "palabras");
        refused(br#"{"turns": []}"#, "palabras");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = transcript(&bytes);
        }

        #[test]
        fn no_text_makes_it_panic_and_words_survive(text in "(D: |P: |¿|\\? |\\. |\n|[a-zñáéíóú ]{1,12}){1,40}") {
            if let Ok(read) = transcript(text.as_bytes()) {
                prop_assert!(read.word_count() <= text.split_whitespace().count() + 1);
            }
        }
    }
}
