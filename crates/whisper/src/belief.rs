//! Whether what the model wrote was said. Whisper repeats itself, fills silence with what it read under films or was told to
//! expect, and goes on faster than anybody speaks; none of that is a word of the consultation.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::protocol::Segment;

/// Below this mean logarithm of a likelihood the model was guessing (the threshold of OpenAI's own program,
/// `whisper/transcribe.py`).
const GUESSED: f32 = -1.0;
/// A text that packs smaller than this repeats itself (the same source).
const PACKED: f32 = 2.4;
/// The longest run of words that is looked for again right behind itself.
const LONGEST_RUN: usize = 8;
/// How often people say one word, or several, in a row.
const WORD_IN_A_ROW: usize = 5;
const RUN_IN_A_ROW: usize = 4;
/// Nobody says more words in a second.
const WORDS_A_SECOND: usize = 9;

/// So many words that stand in the hint like that are the hint: nobody lists medicines without a word between them.
const ECHO: usize = 3;

/// What Whisper says where there is no speech: it learned from subtitles. In small letters without accents.
const PHANTOMS: [&str; 12] = [
    "amara org",
    "subtitulos por",
    "subtitulos realizados",
    "subtitulos creados",
    "subtitulos en espanol",
    "subtitulado por",
    "gracias por ver el video",
    "gracias por ver este video",
    "suscribete",
    "suscribirte al canal",
    "dale like",
    "mas informacion www",
];

/// What can be made of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belief {
    /// Its words were said.
    Said,
    /// It has no words: music, a laugh, dots.
    Nothing,
    /// Something was said, not this. Another cut of the same sound may bring it out.
    Looped,
    /// Something may have been said, not this: a guess, or what the model says where it hears nothing.
    Phantom,
}

/// Judges a segment; `prompt` is what the model was told to expect.
pub(crate) fn belief(segment: &Segment, prompt: &str) -> Belief {
    let text: Vec<&str> = segment.words.iter().map(|word| word.text.as_str()).collect();
    let text = text.join(" ");
    if is_no_speech(&text) {
        return Belief::Nothing;
    }
    let plain = plain(&text);
    let words: Vec<&str> = plain.split_whitespace().collect();
    if PHANTOMS.iter().any(|phantom| plain.contains(phantom)) || echoes(&words, prompt) {
        Belief::Phantom
    } else if repeats(&words) || packed(&text) > PACKED || too_fast(segment, words.len()) {
        Belief::Looped
    } else if segment.mean_log < GUESSED {
        Belief::Phantom
    } else {
        Belief::Said
    }
}

/// Without a letter or a digit, or all of it in brackets, which is how subtitles name what is no speech.
fn is_no_speech(text: &str) -> bool {
    let bracketed = [('[', ']'), ('(', ')'), ('*', '*'), ('♪', '♪')]
        .iter()
        .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close));
    bracketed || !text.contains(char::is_alphanumeric)
}

/// Whether all of it stands in the hint.
fn echoes(words: &[&str], prompt: &str) -> bool {
    let prompt = plain(prompt);
    let hint: Vec<&str> = prompt.split_whitespace().collect();
    words.len() >= ECHO && hint.windows(words.len()).any(|some| some == words)
}

/// Words in small letters without accents, one space between them.
fn plain(text: &str) -> String {
    let letter = |c: char| match c.to_lowercase().next().unwrap_or(c) {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        c if c.is_alphanumeric() => c,
        _ => ' ',
    };
    let letters: String = text.chars().map(letter).collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether words come again and again right behind themselves.
fn repeats(words: &[&str]) -> bool {
    (1..=LONGEST_RUN).any(|length| {
        let most = if length == 1 { WORD_IN_A_ROW } else { RUN_IN_A_ROW };
        let mut same = 0;
        // Each word that is the same as the one a run before; a run of runs is that many in a row.
        words.iter().zip(words.iter().skip(length)).any(|(before, word)| {
            same = if before == word { same + 1 } else { 0 };
            same >= length * (most - 1)
        })
    })
}

/// How many times smaller a text becomes.
fn packed(text: &str) -> f32 {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    packed.map_or(0.0, |packed| text.len() as f32 / packed.len() as f32)
}

fn too_fast(segment: &Segment, words: usize) -> bool {
    let start = segment.words.first().map_or(0, |word| word.start_ms);
    let end = segment.words.last().map_or(0, |word| word.end_ms);
    let seconds = end.saturating_sub(start).div_ceil(1000).max(1) as usize;
    words > WORDS_A_SECOND * seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Heard;

    const HINT: &str =
        "Consulta de medicina familiar. Medicamentos: metformina, losartán, ácido acetilsalicílico.";

    /// What is believed of words said at the pace of two and a half a second.
    fn check(text: &str, expected: Belief) {
        let heard = |(at, text): (usize, &str)| Heard {
            text: text.to_owned(),
            start_ms: at as u32 * 400,
            end_ms: at as u32 * 400 + 400,
            confidence: 0.9,
        };
        let words: Vec<Heard> = text.split_whitespace().enumerate().map(heard).collect();
        let segment = Segment { words, mean_log: -0.3 };
        assert_eq!(belief(&segment, HINT), expected, "{text}");
    }

    #[test]
    fn what_people_say_in_a_consultation_is_believed_also_when_they_repeat_themselves() {
        check("Me duele la cabeza desde ayer.", Belief::Said);
        check("No, no, no, no, fiebre no he tenido.", Belief::Said);
        check("Sí. Sí.", Belief::Said);
        check("Metformina de 850, una en la mañana, una en la tarde y una en la noche.", Belief::Said);
        check("Gracias, doctora.", Belief::Said);
        check("Aquí, aquí y aquí, y luego aquí, y a veces aquí atrás.", Belief::Said);
    }

    #[test]
    fn a_model_that_goes_round_in_circles_is_not() {
        check("y y y y y y y y", Belief::Looped);
        check(&"me duele aquí ".repeat(5), Belief::Looped);
        check(&"la verdad es que no sé qué decirle, ".repeat(4), Belief::Looped);
        check(
            "Tome el paracetamol. Tome el paracetamol. Tome el paracetamol. Tome el paracetamol.",
            Belief::Looped,
        );
    }

    #[test]
    fn what_stands_under_films_was_not_said() {
        check("Subtítulos realizados por la comunidad de Amara.org", Belief::Phantom);
        check("¡Gracias por ver el vídeo!", Belief::Phantom);
        check("¡Suscríbete!", Belief::Phantom);
        check("Más información www.alimmenta.com", Belief::Phantom);
        check("[Música]", Belief::Nothing);
        check("(risas)", Belief::Nothing);
        check("...", Belief::Nothing);
        check("", Belief::Nothing);
    }

    #[test]
    fn what_the_model_was_told_to_expect_is_no_word_of_anybody() {
        check("Medicamentos: metformina, losartán.", Belief::Phantom);
        check("Losartán, ácido acetilsalicílico", Belief::Phantom);
        check("Metformina, losartán y ácido acetilsalicílico.", Belief::Said);
        check("Ácido acetilsalicílico.", Belief::Said);
    }

    #[test]
    fn a_guess_and_words_faster_than_speech_are_not_believed() {
        let word =
            |text: &str, at| Heard { text: text.into(), start_ms: at, end_ms: at + 20, confidence: 0.2 };
        let guessed = Segment { words: vec![word("Gracias.", 0)], mean_log: -1.4 };
        assert_eq!(belief(&guessed, ""), Belief::Phantom);
        let sure = Segment { mean_log: -0.2, ..guessed };
        assert_eq!(belief(&sure, ""), Belief::Said);
        let many = ["uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"];
        let fast = Segment { words: many.iter().map(|text| word(text, 100)).collect(), ..sure };
        assert_eq!(belief(&fast, ""), Belief::Looped);
    }
}
