//! Turns in another language: nothing of them is understood, so nothing of them is used.

use terminology::fold::fold;

use super::{Heard, turns_in_words};

/// Small words no Spanish talk does without.
const SPANISH: &[&str] = &[
    "de", "la", "el", "que", "y", "no", "en", "a", "los", "las", "un", "una", "por", "con", "me", "se", "le",
    "lo", "es", "su", "para", "como", "esta", "mas", "pero", "ya", "si", "del", "al", "muy", "mi", "tengo",
    "tiene", "ha", "he", "hay", "cada", "desde", "hace", "o", "te", "doctor", "doctora", "dos", "tres",
    "dias", "eso", "todo", "nada", "bien", "pues",
];
/// Small words of English, Portuguese, French, German and Italian that Spanish does not have.
const FOREIGN: &[&str] = &[
    "the", "and", "of", "to", "is", "you", "i", "it", "that", "for", "have", "are", "was", "with", "do",
    "your", "my", "any", "will", "this", "been", "what", "how", "not", "be", "um", "uma", "nao", "com",
    "voce", "estou", "eu", "tem", "foi", "os", "muito", "le", "et", "est", "les", "je", "vous", "des", "pas",
    "avec", "pour", "der", "die", "und", "ich", "das", "ist", "nicht", "mit", "sie", "il", "che", "di",
    "sono", "ho", "non", "per", "della", "has", "at", "every", "there", "but",
];
/// Shorter turns are not judged by themselves.
const WORDS: usize = 6;

/// How many of the words are Spanish small words, how many foreign ones, and how many there are.
fn counted(text: &str) -> (usize, usize, usize) {
    let folded = fold(text);
    let words = || folded.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let of = |list: &[&str]| words().filter(|word| list.contains(word)).count();
    (of(SPANISH), of(FOREIGN), words().count())
}

/// Leaves out turns in another language; all of them when hardly any is in Spanish.
pub(super) fn leave_out(heard: &mut Heard) {
    let counts: Vec<(usize, usize, usize)> =
        heard.transcript.turns.iter().map(|turn| counted(&turn.text)).collect();
    let (spanish, words) = counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.2));
    let foreign = |&(spanish, foreign, words): &(usize, usize, usize)| {
        words >= WORDS && foreign * 5 >= words && foreign >= 2 * spanish
    };
    let turns: Vec<usize> = (0..counts.len()).filter(|&turn| foreign(&counts[turn])).collect();
    let in_them: usize = turns.iter().map(|&turn| counts[turn].2).sum();
    // Talk in Spanish has small words in three of ten words or more.
    if words >= 20 && (spanish * 10 < words || in_them * 2 > words) {
        for turn in 0..counts.len() {
            heard.blank_turn(turn);
        }
        heard.tell("La conversación no está en español: no se usó.".to_owned(), Vec::new());
    } else if !turns.is_empty() {
        for &turn in &turns {
            heard.blank_turn(turn);
        }
        let text = format!("En {} se habla otro idioma: no se usó.", turns_in_words(&turns));
        heard.tell(text, Vec::new());
    }
}
