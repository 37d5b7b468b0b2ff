//! Lines that begin with who speaks: "D:", "Paciente:", "Dra. López:", "Mamá:".

use clinical::transcript::{Speaker, Transcript, Turn};
use terminology::fold::fold;

/// The speaker a label names; `None` when it names none.
pub(crate) fn speaker(label: &str) -> Option<Speaker> {
    let label = fold(label);
    let first = label.split(' ').next().unwrap_or_default();
    match first {
        "d" | "dr" | "dra" | "doctor" | "doctora" | "medico" | "medica" | "m" | "enfermera" | "enfermero"
        | "physician" | "enf" => Some(Speaker::Doctor),
        "p" | "pac" | "paciente" | "px" | "patient" | "pte" => Some(Speaker::Patient),
        "a" | "c" | "f" | "acompanante" | "familiar" | "companion" | "mama" | "papa" | "madre" | "padre"
        | "esposa" | "esposo" | "hija" | "hijo" | "abuela" | "abuelo" | "hermana" | "hermano" | "tia"
        | "tio" | "cuidadora" | "cuidador" | "tutor" | "nieta" | "nieto" | "nuera" => {
            Some(Speaker::Companion)
        }
        "desconocido" | "unknown" | "hablante" | "voz" | "speaker" | "persona" => Some(Speaker::Unknown),
        _ => None,
    }
}

/// Reads labelled text; `None` when fewer than half of its lines begin a turn or there is only one label.
pub(super) fn read(text: &str) -> Option<Transcript> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut lines = 0_usize;
    let mut labels = 0_usize;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines += 1;
        match split_label(line) {
            Some((speaker, said)) => {
                labels += 1;
                turns.push(Turn { speaker, text: said.to_owned() });
            }
            None => match turns.last_mut() {
                Some(turn) => {
                    if !turn.text.is_empty() {
                        turn.text.push(' ');
                    }
                    turn.text.push_str(line);
                }
                None => turns.push(Turn { speaker: Speaker::Unknown, text: line.to_owned() }),
            },
        }
    }
    (labels >= 1 && labels * 3 >= lines).then_some(Transcript { turns })
}

fn split_label(line: &str) -> Option<(Speaker, &str)> {
    let line = line.trim_start_matches(['-', '*', '•', '[', '(']).trim_start();
    // A time stamp may precede the label: "00:12 D: ...".
    let line = strip_time(line);
    let (label, said) = line.split_once(':')?;
    if label.len() > 40 || label.split_whitespace().count() > 4 {
        return None;
    }
    Some((speaker(label.trim_matches(['*', ']', ')', ' ']))?, said.trim_start_matches('*').trim()))
}

fn strip_time(line: &str) -> &str {
    let end = line.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ']' | ' '))).unwrap_or(0);
    if line[..end].contains(':') { &line[end..] } else { line }
}
