//! What of a transcript can be used, and what has to be told to the physician because it cannot.
//!
//! In: a transcript as it came. Out: one with the same turns and the same places of every word, in which what cannot be used
//! is blank, with who speaks put right, and a notice for everything left out. Nothing is made up for what is missing.

mod dictated;
mod foreign;
mod impossible;
mod insults;
mod loops;
mod nobody;
mod second;

use clinical::draft::Notice;
use clinical::transcript::{Evidence, Speaker, Transcript};

use crate::learned::speakers;

pub(crate) use impossible::{doses_taken_out, readings};
pub(crate) use nobody::{Talk, is_no_consultation};

/// A transcript as far as it can be used, and what the physician is told.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The words that can be used, each where it was.
    pub transcript: Transcript,
    /// What was left out.
    pub notices: Vec<Notice>,
}

impl Heard {
    /// Looks through a transcript.
    #[must_use]
    pub fn new(transcript: &Transcript) -> Self {
        let mut heard = Self { transcript: transcript.clone(), notices: Vec::new() };
        loops::read_once(&mut heard);
        dictated::read_as_marks(&mut heard);
        foreign::leave_out(&mut heard);
        heard.put_speakers_right();
        second::leave_out(&mut heard);
        insults::leave_out(&mut heard);
        heard
    }

    fn tell(&mut self, text: String, evidence: Vec<Evidence>) {
        self.notices.push(Notice { text, evidence });
    }

    /// Makes a part of a turn blank: as many bytes of spaces, so that everything else stays where it was.
    fn blank(&mut self, turn: usize, range: std::ops::Range<usize>) {
        if let Some(turn) = self.transcript.turns.get_mut(turn)
            && turn.text.get(range.clone()).is_some()
        {
            turn.text.replace_range(range.clone(), &" ".repeat(range.len()));
        }
    }

    fn blank_turn(&mut self, turn: usize) {
        let length = self.transcript.turns.get(turn).map_or(0, |turn| turn.text.len());
        self.blank(turn, 0..length);
    }

    fn put_speakers_right(&mut self) {
        let recovered = speakers::recovered(&self.transcript);
        let side = |speaker: Speaker| speaker == Speaker::Doctor;
        let labelled = |speaker: Speaker| speaker != Speaker::Unknown;
        let pairs = || self.transcript.turns.iter().zip(&recovered.turns);
        let wrong =
            pairs().filter(|(was, is)| labelled(was.speaker) && side(was.speaker) != side(is.speaker));
        let (wrong, missing) = (wrong.count(), pairs().filter(|(was, _)| !labelled(was.speaker)).count());
        let all = recovered.turns.iter().filter(|turn| !turn.text.trim().is_empty()).count();
        let found = recovered.turns.iter().any(|turn| labelled(turn.speaker));
        self.transcript = recovered;
        // One turn given to the wrong person is nothing to be told of.
        if wrong * 8 > all {
            let text = format!(
                "En {wrong} de {all} turnos lo que se dice no corresponde a quien se indica: quién habla se tomó de las \
                 palabras. Revise de quién es cada cosa."
            );
            self.tell(text, Vec::new());
        } else if missing * 2 > all && found {
            self.tell(
                "La transcripción no dice quién habla: se tomó de las palabras. Revise de quién es cada cosa."
                    .to_owned(),
                Vec::new(),
            );
        }
    }
}

/// "el turno 4", "los turnos 4, 9 y 12", "12 turnos".
fn turns_in_words(turns: &[usize]) -> String {
    match turns {
        [one] => format!("el turno {}", one + 1),
        [some @ .., last] if turns.len() <= 5 => {
            let some: Vec<String> = some.iter().map(|turn| (turn + 1).to_string()).collect();
            format!("los turnos {} y {}", some.join(", "), last + 1)
        }
        many => format!("{} turnos", many.len()),
    }
}
