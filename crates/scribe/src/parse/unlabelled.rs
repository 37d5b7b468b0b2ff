//! Pasted text without labels: cut into utterances; who speaks is guessed from form, or left unknown.

use clinical::transcript::{Speaker, Transcript, Turn};
use terminology::fold::fold;

/// Every line is an utterance; a line with a question and its answer is cut after the question mark.
pub(super) fn read(text: &str) -> Transcript {
    let mut turns: Vec<Turn> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        for piece in utterances(line) {
            let speaker = guess(piece, turns.last());
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

const DOCTOR: &[&str] = &[
    "le voy a",
    "te voy a",
    "vamos a",
    "tome ",
    "tomese",
    "tome una",
    "nos vemos",
    "lo veo en",
    "la veo en",
    "a ver ",
    "acuestese",
    "respire",
    "abra la boca",
    "cada ocho horas",
    "cada doce horas",
    "le pido",
    "le receto",
    "su presion",
    "en que le puedo",
    "pasele",
    "sientese",
    "cuenteme",
    "presion ",
    "pulso ",
    "abdomen ",
    "suspenda",
    "usted tiene",
];
const PATIENT: &[&str] = &[
    "doctor",
    "doctora",
    "me duele",
    "me siento",
    "tengo ",
    "traigo ",
    "me da ",
    "no tengo",
    "si doctor",
    "no doctor",
    "tomo ",
    "soy ",
    "mi mama",
    "mi papa",
    "me dio",
    "me arde",
    "no fumo",
    "gracias",
    "me salio",
    "empece",
    "me cai",
    "me pica",
    "desde hace",
];

fn guess(piece: &str, last: Option<&Turn>) -> Speaker {
    let said = format!("{} ", fold(piece));
    let asked =
        last.is_some_and(|turn| turn.speaker == Speaker::Doctor && turn.text.trim_end().ends_with('?'));
    if piece.ends_with('?') && !said.contains("doctor") {
        return Speaker::Doctor;
    }
    let score = |cues: &[&str]| {
        cues.iter().filter(|cue| said.starts_with(*cue) || said.contains(&format!(" {cue}"))).count()
    };
    let (doctor, patient) = (score(DOCTOR), score(PATIENT) + usize::from(asked) * 2);
    match doctor.cmp(&patient) {
        std::cmp::Ordering::Greater => Speaker::Doctor,
        std::cmp::Ordering::Less => Speaker::Patient,
        std::cmp::Ordering::Equal => {
            let greets = ["buenos dias", "buenas tardes", "buenas noches", "adelante"]
                .iter()
                .any(|cue| said.starts_with(cue))
                && last.is_none();
            if greets { Speaker::Doctor } else { Speaker::Unknown }
        }
    }
}
