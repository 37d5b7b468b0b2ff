//! What a speech recogniser writes when it gets stuck, or when nobody speaks: the same words over and over, and the thanks
//! of videos it was trained on.

use terminology::fold::fold;

use super::{Heard, turns_in_words};

/// So many times in a row nobody says the same.
const STUCK: usize = 4;
/// Longest stretch of words that is looked for.
const LONGEST: usize = 30;
/// What recognisers write into silence.
const INTO_SILENCE: [&str; 7] = [
    "gracias por ver el video",
    "gracias por ver",
    "suscribete al canal",
    "suscribete",
    "subtitulos realizados por la comunidad de amara org",
    "subtitulos por la comunidad de amara org",
    "subtitulado por la comunidad de amara org",
];

/// Keeps the first of what is repeated.
pub(super) fn read_once(heard: &mut Heard) {
    let mut stuck = repeated_turns(heard);
    for turn in 0..heard.transcript.turns.len() {
        let cuts = repeated_words(&heard.transcript.turns[turn].text);
        if !cuts.is_empty() {
            stuck.push(turn);
        }
        for cut in cuts {
            heard.blank(turn, cut);
        }
        let said = words(&heard.transcript.turns[turn].text);
        let said: Vec<&str> = said.iter().map(|(word, _)| word.as_str()).collect();
        if INTO_SILENCE.contains(&said.join(" ").as_str()) {
            heard.blank_turn(turn);
            stuck.push(turn);
        }
    }
    stuck.sort_unstable();
    stuck.dedup();
    if !stuck.is_empty() {
        let place = turns_in_words(&stuck);
        heard.tell(
            format!(
                "En {place} se repiten las mismas palabras, como cuando un reconocedor de voz se atora: se leyeron una \
                 sola vez. Puede faltar lo que se dijo en ese momento."
            ),
            Vec::new(),
        );
    }
}

/// Turns with the same words, one after another; the first stays.
fn repeated_turns(heard: &mut Heard) -> Vec<usize> {
    let said: Vec<String> = heard.transcript.turns.iter().map(|turn| fold(&turn.text)).collect();
    let mut blank = Vec::new();
    let mut from = 0;
    while from < said.len() {
        // Two turns may alternate: "Sí." "¿Sí?" "Sí." "¿Sí?".
        let run = |step: usize| {
            (from + step..said.len()).take_while(|&at| said[at] == said[at - step]).count() / step
        };
        let (step, times) = if run(1) > 0 { (1, run(1)) } else { (2, run(2)) };
        if times + 1 >= STUCK && !said[from].trim().is_empty() {
            blank.extend(from + step..from + step * (times + 1));
            from += step * (times + 1);
        } else {
            from += 1;
        }
    }
    for &turn in &blank {
        heard.blank_turn(turn);
    }
    blank
}

/// The words of a text, folded, with their bytes.
fn words(text: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut begin = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (letter.is_alphanumeric(), begin) {
            (true, None) => begin = Some(at),
            (false, Some(from)) => {
                found.push((fold(&text[from..at]), from..at));
                begin = None;
            }
            _ => {}
        }
    }
    found
}

/// The bytes of every repetition but the first, of stretches said four times or more without a break.
fn repeated_words(text: &str) -> Vec<std::ops::Range<usize>> {
    let words = words(text);
    let mut cuts = Vec::new();
    let mut from = 0;
    while from < words.len() {
        let found = (1..=LONGEST.min((words.len() - from) / STUCK)).find_map(|length| {
            let run =
                (from + length..words.len()).take_while(|&at| words[at].0 == words[at - length].0).count();
            // "No, no, no, no, no" is a way of speaking.
            let times = run / length + 1;
            (times >= STUCK && (length >= 2 || times >= 3 * STUCK))
                .then_some(length * times)
                .map(|all| (length, all))
        });
        match found {
            Some((length, all)) => {
                cuts.push(words[from + length].1.start..words[from + all - 1].1.end);
                from += all;
            }
            None => from += 1,
        }
    }
    cuts
}
